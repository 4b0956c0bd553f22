//! A PNG, a strip of rows at a time: what is equal to what is known need not be kept.

use super::{PIXEL_BYTES, PIXELS_MAX, PictureError, STRIP_ROWS};
use png::{ColorType, Decoder, DecodingError, Limits, Reader, Transformations};
use std::io::Cursor;

/// Memory the decoder may take beside the strip.
const DECODER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A PNG that is read from top to bottom.
pub(super) struct Strips<'a> {
    reader: Reader<Cursor<&'a [u8]>>,
    color: ColorType,
    rows_left: usize,
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
}

impl<'a> Strips<'a> {
    /// # Errors
    /// When it is no PNG, is interlaced (no browser writes such), or too large.
    pub(super) fn open(png: &'a [u8]) -> Result<Self, PictureError> {
        let mut decoder = Decoder::new_with_limits(Cursor::new(png), Limits { bytes: DECODER_BYTES_MAX });
        // Sixteen bits to eight, palettes and greys of few bits to bytes.
        decoder.set_transformations(Transformations::normalize_to_color8());
        // Whoever keeps pictures verifies their digest.
        decoder.ignore_checksums(true);
        let reader = decoder.read_info().map_err(unreadable)?;
        let (width, height) = (reader.info().width, reader.info().height);
        let pixels = usize::try_from(u64::from(width) * u64::from(height)).unwrap_or(usize::MAX);
        if pixels > PIXELS_MAX {
            return Err(PictureError::TooLarge { width, height });
        }
        if reader.info().interlaced {
            return Err(PictureError::Unreadable("it is interlaced".to_owned()));
        }
        let (color, _) = reader.output_color_type();
        let (width, height) = (width as usize, height as usize);
        Ok(Self { reader, color, rows_left: height, width, height })
    }

    /// The next strip as RGBA rows without gaps, in `buffer`; the last may have fewer rows. `None` after the last.
    ///
    /// # Errors
    /// When the picture is cut off or damaged.
    pub(super) fn next(&mut self, mut buffer: Vec<u8>) -> Result<Option<Vec<u8>>, PictureError> {
        let rows = self.rows_left.min(STRIP_ROWS);
        if rows == 0 {
            return Ok(None);
        }
        let row_bytes = self.width * PIXEL_BYTES;
        buffer.resize(rows * row_bytes, 0);
        for into in buffer.chunks_exact_mut(row_bytes) {
            let row = self.reader.next_row().map_err(unreadable)?;
            let row = row.ok_or_else(|| PictureError::Unreadable("it ends in the middle".to_owned()))?;
            widen(row.data(), self.color, into);
        }
        self.rows_left -= rows;
        Ok(Some(buffer))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn unreadable(e: DecodingError) -> PictureError {
    PictureError::Unreadable(e.to_string())
}

/// A decoded row as RGBA.
fn widen(from: &[u8], color: ColorType, into: &mut [u8]) {
    let pixels = into.chunks_exact_mut(PIXEL_BYTES);
    match color {
        ColorType::Rgba => into.copy_from_slice(from),
        ColorType::Rgb => {
            for (pixel, rgb) in pixels.zip(from.chunks_exact(3)) {
                pixel.copy_from_slice(&[rgb[0], rgb[1], rgb[2], u8::MAX]);
            }
        }
        ColorType::GrayscaleAlpha => {
            for (pixel, grey) in pixels.zip(from.chunks_exact(2)) {
                pixel.copy_from_slice(&[grey[0], grey[0], grey[0], grey[1]]);
            }
        }
        // A palette is expanded by the decoder.
        ColorType::Grayscale | ColorType::Indexed => {
            for (pixel, grey) in pixels.zip(from) {
                pixel.copy_from_slice(&[*grey, *grey, *grey, u8::MAX]);
            }
        }
    }
}
