//! Where two pictures of a page differ, for people to look at: boxes on both, the largest, and what became of each.
//!
//! Pictures of steps are JPEG: they are unpacked first, and compared as approved pictures are. What only moved is known as
//! such where its rows are equal to the pixel, which those of a JPEG are when they moved by whole blocks; else it is told as
//! changed.

use super::compare::{Reading, Veil};
use super::{Approved, PictureError, Rect};
use image::{ImageFormat, ImageReader, Limits};
use png::{BitDepth, ColorType, Compression, Encoder};
use std::borrow::Cow;
use std::io::Cursor;

/// Boxes that are told.
const MARKS_MAX: usize = 12;
/// What a picture that is put beside another may measure, in pixels.
const PIXELS_MAX: u64 = 24_000_000;
/// Memory that unpacking one may take.
const UNPACK_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// How wide the pages of phones are, more or less.
const PHONE_WIDTH: f32 = 390.0;
/// And those of desktops.
const DESKTOP_WIDTH: f32 = 1440.0;
/// What a PNG begins with.
const PNG_MAGIC: &[u8] = b"\x89PNG";

/// Two pictures, put beside each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contrast {
    /// Width and height of the one from before.
    pub before: (u32, u32),
    /// And of the one from now.
    pub now: (u32, u32),
    /// Where they differ, from top to bottom.
    pub marks: Vec<Mark>,
    /// Whether they are of different width, so that nothing can be put beside anything.
    pub resized: bool,
}

/// One part that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// What became of it.
    pub kind: MarkKind,
    /// Where it was.
    pub before: Option<Rect>,
    /// Where it is.
    pub now: Option<Rect>,
}

/// What became of a part of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkKind {
    /// It was there, and is not.
    Gone,
    /// It was not there.
    New,
    /// It looks different.
    Changed,
    /// It stands elsewhere.
    Moved,
}

impl Mark {
    fn area(&self) -> u64 {
        self.before.into_iter().chain(self.now).map(Rect::area).max().unwrap_or(0)
    }
}

/// Puts `now` beside `before`, each a PNG or a JPEG.
///
/// # Errors
/// When one of them cannot be read or is too large.
pub fn contrast(before: &[u8], now: &[u8]) -> Result<Contrast, PictureError> {
    let (before, now) = (as_png(before)?, as_png(now)?);
    let approved = Approved::of(&before)?;
    let reading = Reading::new(&approved, &now)?;
    let (was, is) = reading.sizes();
    let compared = reading.compare(scale(is), &Veil::default())?;
    let size = |(width, height): (usize, usize)| (narrow(width), narrow(height));
    let regions = compared.regions.iter().map(|region| Mark {
        kind: match (region.old, region.new) {
            (Some(_), None) => MarkKind::Gone,
            (None, Some(_)) => MarkKind::New,
            _ => MarkKind::Changed,
        },
        before: region.old,
        now: region.new,
    });
    let whole = |y: u32, rows: u32| Some(Rect { x: 0, y, width: narrow(is.0), height: rows });
    let moved = compared.moved.iter().map(|moved| Mark {
        kind: MarkKind::Moved,
        before: whole(moved.old, moved.rows),
        now: whole(moved.new, moved.rows),
    });
    // What moved is said of, but not in the place of what changed.
    let mut marks: Vec<Mark> = largest(regions.collect(), MARKS_MAX);
    marks.extend(largest(moved.collect(), MARKS_MAX.saturating_sub(marks.len())));
    marks.sort_by_key(|mark| mark.now.or(mark.before).map(|rect| (rect.y, rect.x)));
    Ok(Contrast { before: size(was), now: size(is), marks, resized: compared.resized.is_some() })
}

/// The picture's pixels in one of the page's, as far as its shape says: the page itself is not at hand.
fn scale((width, height): (usize, usize)) -> f32 {
    let page = if height > width { PHONE_WIDTH } else { DESKTOP_WIDTH };
    (f32::from(u16::try_from(width).unwrap_or(u16::MAX)) / page).clamp(1.0, 8.0)
}

fn largest(mut marks: Vec<Mark>, most: usize) -> Vec<Mark> {
    marks.sort_by_key(|mark| std::cmp::Reverse(mark.area()));
    marks.truncate(most);
    marks
}

/// The picture as a PNG.
fn as_png(bytes: &[u8]) -> Result<Cow<'_, [u8]>, PictureError> {
    if bytes.starts_with(PNG_MAGIC) {
        let unreadable = |e: png::DecodingError| PictureError::Unreadable(e.to_string());
        let (width, height) = png::Decoder::new(Cursor::new(bytes)).read_info().map_err(unreadable)?.info().size();
        if u64::from(width) * u64::from(height) > PIXELS_MAX {
            return Err(PictureError::TooLarge { width, height });
        }
        return Ok(Cow::Borrowed(bytes));
    }
    let unreadable = |e: image::ImageError| PictureError::Unreadable(e.to_string());
    let open = || ImageReader::with_format(Cursor::new(bytes), ImageFormat::Jpeg);
    let (width, height) = open().into_dimensions().map_err(unreadable)?;
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(PictureError::TooLarge { width, height });
    }
    let mut reader = open();
    let mut limits = Limits::default();
    limits.max_alloc = Some(UNPACK_BYTES_MAX);
    reader.limits(limits);
    let pixels = reader.decode().map_err(unreadable)?.into_rgb8();
    let unwritten = |e: png::EncodingError| PictureError::Unreadable(e.to_string());
    let mut png = Vec::new();
    let mut encoder = Encoder::new(&mut png, width, height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fastest);
    let mut writer = encoder.write_header().map_err(unwritten)?;
    writer.write_image_data(pixels.as_raw()).map_err(unwritten)?;
    writer.finish().map_err(unwritten)?;
    Ok(Cow::Owned(png))
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, Rgb, RgbImage};

    const SIZE: (u32, u32) = (390, 844);

    /// A page: a heading, and blocks at these places.
    fn page(blocks: &[(u32, u32, u32, u32)], format: ImageFormat) -> Vec<u8> {
        let mut drawn = RgbImage::from_pixel(SIZE.0, SIZE.1, Rgb([247, 244, 238]));
        for (x, y, width, height) in blocks {
            for (dx, dy) in (0..*width).flat_map(|dx| (0..*height).map(move |dy| (dx, dy))) {
                // No two rows of a block are alike.
                let shade = |of: u32| u8::try_from(of % 200).unwrap();
                drawn.put_pixel(x + dx, y + dy, Rgb([shade(dy), 30 + shade(*height) / 2, 90]));
            }
        }
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(drawn).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn check(before: &[(u32, u32, u32, u32)], now: &[(u32, u32, u32, u32)], format: ImageFormat) -> Contrast {
        contrast(&page(before, format), &page(now, format)).unwrap()
    }

    fn covers(rect: Rect, (x, y, width, height): (u32, u32, u32, u32)) -> bool {
        let place = Rect { x, y, width, height };
        let shared = rect.shared(place).map_or(0, Rect::area);
        shared * 100 >= place.area() * 90 && rect.area() <= place.area() * 2
    }

    #[test]
    fn what_differs_is_boxed_on_both_and_what_is_equal_is_not() {
        let (card, button) = ((20, 80, 350, 160), (20, 700, 350, 56));
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let same = check(&[card, button], &[card, button], format);
            assert_eq!((same.marks.len(), same.now), (0, SIZE), "{format:?}");
            let gone = check(&[card, button], &[card], format);
            let [mark] = gone.marks[..] else { panic!("{format:?}: {gone:?}") };
            assert!(covers(mark.now.unwrap(), button) && covers(mark.before.unwrap(), button), "{format:?}: {mark:?}");
        }
    }

    #[test]
    fn rows_that_moved_are_told_as_moved() {
        let (card, banner) = ((20, 80, 350, 160), (20, 0, 350, 40));
        let down = (20, 120, 350, 160);
        let told = check(&[card], &[banner, down], ImageFormat::Png);
        let moved = told.marks.iter().filter(|mark| mark.kind == MarkKind::Moved);
        assert!(moved.clone().any(|mark| mark.now.is_some_and(|rect| rect.y >= 40)), "{told:?}");
        assert!(told.marks.iter().any(|mark| mark.kind != MarkKind::Moved), "the banner is told, too: {told:?}");
    }

    #[test]
    fn there_are_never_more_than_a_person_looks_at() {
        let blocks: Vec<_> = (0..40).map(|n| (10 + (n % 4) * 95, 10 + (n / 4) * 84, 24, 24)).collect();
        assert_eq!(check(&[], &blocks, ImageFormat::Png).marks.len(), MARKS_MAX);
    }

    #[test]
    fn what_is_no_picture_is_an_error_and_another_width_is_said() {
        let good = page(&[], ImageFormat::Jpeg);
        for wrong in [&b""[..], b"GIF89a", &good[..20], b"\x89PNG\r\n"] {
            assert!(contrast(wrong, &good).is_err(), "{} bytes", wrong.len());
        }
        let mut narrow = Cursor::new(Vec::new());
        RgbImage::new(300, 844).write_to(&mut narrow, ImageFormat::Png).unwrap();
        let told = contrast(narrow.get_ref(), &good).unwrap();
        assert!(told.resized && told.marks.is_empty(), "{told:?}");
    }
}
