//! The approved picture as it is kept: its print, and its pixels in strips that are unpacked one by one when they are asked
//! for.

use super::{PIXEL_BYTES, PIXELS_MAX, PictureError, Print, STRIP_ROWS, strip::Strips};
use std::sync::OnceLock;

/// What a kept picture begins with.
const MAGIC: &[u8; 8] = b"gengfup1";

/// An approved picture.
#[derive(Debug, Default)]
pub struct Approved {
    print: Print,
    packed: Vec<Vec<u8>>,
    /// Each strip that was asked for; `None` where it is damaged.
    unpacked: Vec<OnceLock<Option<Vec<u8>>>>,
}

impl Approved {
    /// From a PNG.
    ///
    /// # Errors
    /// When it cannot be read or is too large.
    pub fn of(png: &[u8]) -> Result<Self, PictureError> {
        let mut strips = Strips::open(png)?;
        let mut print = Print::new(strips.width, strips.height);
        let (mut packed, mut buffer) = (Vec::new(), Vec::new());
        while let Some(strip) = strips.next(buffer)? {
            print.add(&strip);
            packed.push(lz4_flex::compress(&strip));
            buffer = strip;
        }
        Ok(Self::from_parts(print, packed))
    }

    fn from_parts(print: Print, packed: Vec<Vec<u8>>) -> Self {
        let unpacked = packed.iter().map(|_| OnceLock::new()).collect();
        Self { print, packed, unpacked }
    }

    /// What it is known by.
    pub fn print(&self) -> &Print {
        &self.print
    }

    /// The RGBA bytes of a row.
    ///
    /// # Errors
    /// When what was kept is damaged.
    pub(super) fn row(&self, y: usize) -> Result<&[u8], PictureError> {
        let damaged = PictureError::Damaged("a strip cannot be unpacked");
        let (number, row_bytes) = (y / STRIP_ROWS, self.print.width * PIXEL_BYTES);
        let (Some(packed), Some(cell)) = (self.packed.get(number), self.unpacked.get(number)) else {
            return Err(damaged);
        };
        let bytes = self.print.height.saturating_sub(number * STRIP_ROWS).min(STRIP_ROWS) * row_bytes;
        let unpack = || lz4_flex::decompress(packed, bytes).ok().filter(|strip| strip.len() == bytes);
        let strip = cell.get_or_init(unpack).as_ref().ok_or(damaged)?;
        let from = (y % STRIP_ROWS) * row_bytes;
        Ok(&strip[from..from + row_bytes])
    }

    /// As people look at it.
    ///
    /// # Errors
    /// When what was kept is damaged.
    pub fn to_png(&self) -> Result<Vec<u8>, PictureError> {
        let size = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let mut png = Vec::new();
        let unwritten = |_| PictureError::Damaged("it cannot be written as a picture");
        let mut encoder = png::Encoder::new(&mut png, size(self.print.width), size(self.print.height));
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_compression(png::Compression::Fast);
        let mut writer = encoder.write_header().map_err(unwritten)?;
        let rows: Vec<&[u8]> = (0..self.print.height).map(|y| self.row(y)).collect::<Result<_, _>>()?;
        writer.write_image_data(&rows.concat()).map_err(unwritten)?;
        writer.finish().map_err(unwritten)?;
        Ok(png)
    }

    /// As it is kept: numbers little-endian, hashes of tiles and rows, then each strip with its length.
    pub fn to_bytes(&self) -> Vec<u8> {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
        let mut bytes = MAGIC.to_vec();
        bytes.extend(number(self.print.width));
        bytes.extend(number(self.print.height));
        bytes.extend(self.print.tiles.iter().chain(&self.print.rows).flat_map(|hash| hash.to_le_bytes()));
        for strip in &self.packed {
            bytes.extend(number(strip.len()));
            bytes.extend(strip);
        }
        bytes
    }

    /// From what is kept.
    ///
    /// # Errors
    /// When it is not what `to_bytes` gave.
    pub fn parse(bytes: &[u8]) -> Result<Self, PictureError> {
        let mut rest = Kept(bytes);
        if rest.take(MAGIC.len())? != MAGIC {
            return Err(PictureError::Damaged("it is no kept picture"));
        }
        let (width, height) = (rest.number()?, rest.number()?);
        if width == 0 || height == 0 || width.saturating_mul(height) > PIXELS_MAX {
            return Err(PictureError::Damaged("its size cannot be"));
        }
        let strips = height.div_ceil(STRIP_ROWS);
        let tiles = rest.hashes(strips * width.div_ceil(STRIP_ROWS))?;
        let print = Print { width, height, tiles, rows: rest.hashes(height)? };
        let mut packed = Vec::with_capacity(strips);
        for _ in 0..strips {
            let length = rest.number()?;
            packed.push(rest.take(length)?.to_vec());
        }
        if !rest.0.is_empty() {
            return Err(PictureError::Damaged("something follows its end"));
        }
        Ok(Self::from_parts(print, packed))
    }
}

/// Bytes that are left to be read.
struct Kept<'a>(&'a [u8]);

impl<'a> Kept<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], PictureError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(PictureError::Damaged("it is cut off"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<usize, PictureError> {
        let bytes = self.take(4)?.try_into().expect("invariant: four bytes were taken");
        Ok(u32::from_le_bytes(bytes) as usize)
    }

    fn hashes(&mut self, count: usize) -> Result<Vec<u64>, PictureError> {
        let bytes = self.take(count * 8)?.chunks_exact(8);
        Ok(bytes.map(|hash| u64::from_le_bytes(hash.try_into().expect("invariant: chunks of eight"))).collect())
    }
}
