//! A picture made small enough to be sent: some receivers take two megabytes and no more.

use super::strip::Strips;
use super::{PIXEL_BYTES, PictureError};
use png::{BitDepth, ColorType, Compression, Encoder};
use std::borrow::Cow;

/// A shrunk picture has at most so many pixels.
const SHRUNK_PIXELS_MAX: usize = 8_000_000;
/// A picture shrunk further than this shows nothing any more.
const FACTOR_MAX: usize = 8;
/// Red, green, blue.
const RGB_BYTES: usize = 3;

/// The picture as it is when it has at most `bytes_max` bytes; else at a half, a third, … of its width and height.
/// `None` when it is too large even then.
///
/// # Errors
/// When it must be shrunk and cannot be read.
pub fn shrunk(png: &[u8], bytes_max: usize) -> Result<Option<Cow<'_, [u8]>>, PictureError> {
    if png.len() <= bytes_max {
        return Ok(Some(Cow::Borrowed(png)));
    }
    for factor in 2..=FACTOR_MAX {
        let opened = Strips::open(png)?;
        if (opened.width / factor).saturating_mul(opened.height / factor) > SHRUNK_PIXELS_MAX {
            continue;
        }
        let Some(smaller) = at_a(factor, opened)? else { return Ok(None) };
        if smaller.len() <= bytes_max {
            return Ok(Some(Cow::Owned(smaller)));
        }
    }
    Ok(None)
}

/// A plate of one colour with a frame: it stands for a picture where nothing was walked.
pub fn plate(width: u32, height: u32) -> Vec<u8> {
    let (frame, inside) = ([0x57, 0x60, 0x6a], [0xdd, 0xf4, 0xff]);
    let at_edge = |at: u32, size: u32| at < 4 || at + 4 >= size;
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| at_edge(x, width) || at_edge(y, height)));
    let rgb: Vec<u8> = pixels.flat_map(|edge| if edge { frame } else { inside }).collect();
    encode(width as usize, height as usize, &rgb).expect("invariant: a picture in memory can be written")
}

/// Each pixel the mean of `factor` by `factor`, on white; `None` when nothing is left of it.
fn at_a(factor: usize, mut strips: Strips<'_>) -> Result<Option<Vec<u8>>, PictureError> {
    let (width, height, row_bytes) = (strips.width / factor, strips.height / factor, strips.width * PIXEL_BYTES);
    if width == 0 || height == 0 {
        return Ok(None);
    }
    let mut rgb = Vec::with_capacity(width * height * RGB_BYTES);
    let (mut sums, mut summed) = (vec![0_u32; width * RGB_BYTES], 0);
    let mut buffer = Vec::new();
    while let Some(strip) = strips.next(buffer)? {
        for row in strip.chunks_exact(row_bytes) {
            add(row, factor, &mut sums);
            summed += 1;
            if summed == factor {
                let count = u32::try_from(factor * factor).unwrap_or(u32::MAX);
                rgb.extend(sums.iter().map(|sum| u8::try_from(sum / count).unwrap_or(u8::MAX)));
                (summed, sums) = (0, vec![0; width * RGB_BYTES]);
            }
        }
        buffer = strip;
    }
    encode(width, height, &rgb).map(Some)
}

fn add(row: &[u8], factor: usize, sums: &mut [u32]) {
    for (pixels, sum) in row.chunks_exact(PIXEL_BYTES * factor).zip(sums.chunks_exact_mut(RGB_BYTES)) {
        for pixel in pixels.chunks_exact(PIXEL_BYTES) {
            let alpha = u32::from(pixel[3]);
            for (channel, sum) in pixel[..RGB_BYTES].iter().zip(sum.iter_mut()) {
                *sum += (u32::from(*channel) * alpha + 255 * (255 - alpha)) / 255;
            }
        }
    }
}

fn encode(width: usize, height: usize, rgb: &[u8]) -> Result<Vec<u8>, PictureError> {
    let unwritten = |e: png::EncodingError| PictureError::Unreadable(e.to_string());
    let size = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let mut png = Vec::new();
    let mut encoder = Encoder::new(&mut png, size(width), size(height));
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Balanced);
    let mut writer = encoder.write_header().map_err(unwritten)?;
    writer.write_image_data(rgb).map_err(unwritten)?;
    writer.finish().map_err(unwritten)?;
    Ok(png)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise: it does not compress.
    fn noise(width: usize, height: usize) -> Vec<u8> {
        let mut state = 1_u32;
        let mut byte = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        let rgb: Vec<u8> = (0..width * height * RGB_BYTES).map(|_| byte()).collect();
        encode(width, height, &rgb).unwrap()
    }

    #[test]
    fn a_picture_is_shrunk_until_it_fits() {
        let png = noise(300, 200);
        let check = |bytes_max: usize, expected: Option<(usize, usize)>| {
            let small = shrunk(&png, bytes_max).unwrap();
            assert!(small.as_ref().is_none_or(|small| small.len() <= bytes_max));
            let size = small.map(|small| Strips::open(&small).map(|strips| (strips.width, strips.height)).unwrap());
            assert_eq!(size, expected, "at most {bytes_max} bytes");
        };
        check(200_000, Some((300, 200)));
        check(100_000, Some((150, 100)));
        check(30_000, Some((100, 66)));
        check(100, None);
        assert!(shrunk(b"no picture", 5).is_err());
        assert_eq!(shrunk(b"no picture", 50).unwrap().as_deref(), Some(b"no picture".as_slice()));
    }

    #[test]
    fn means_are_taken_and_transparency_is_white() {
        let mut sums = vec![0; RGB_BYTES];
        add(&[0, 100, 200, 255, 0, 0, 0, 0], 2, &mut sums);
        assert_eq!(sums, [255, 355, 455]);
        assert_eq!(Strips::open(&plate(20, 10)).map(|strips| (strips.width, strips.height)).unwrap(), (20, 10));
    }
}
