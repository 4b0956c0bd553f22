//! The comparison of a fresh picture with the approved one.

use super::align::{self, Stretch};
use super::perceive::{self, Rows};
use super::region::Field;
use super::strip::Strips;
use super::{Approved, PIXEL_BYTES, PictureError, Print, Rect};

/// What is not compared, in pixels of the picture it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Veil {
    /// In the approved picture: what varies, figures.
    pub old: Vec<Rect>,
    /// In the fresh one.
    pub new: Vec<Rect>,
}

/// A block of rows that only moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Its first row in the approved picture.
    pub old: u32,
    /// Its first row in the fresh one.
    pub new: u32,
    /// How many rows.
    pub rows: u32,
}

/// A part of the page that differs: where it was and where it is. What came has no `old`, what went no `new`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// In the approved picture.
    pub old: Option<Rect>,
    /// In the fresh one.
    pub new: Option<Rect>,
}

/// What differs between two pictures.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// Whether every tile is equal.
    pub equal: bool,
    /// Pixels that a person would see differ, edges and what is veiled left out.
    pub pixels: u64,
    /// Where they are packed, from top to bottom, and what came and went as whole rows.
    pub regions: Vec<Region>,
    /// What moved up or down.
    pub moved: Vec<Moved>,
    /// Both sizes, where pictures of different width cannot be compared.
    pub resized: Option<[(usize, usize); 2]>,
    fields: Vec<Field>,
}

/// So much of a place must lie in regions before it is said to differ, in hundredths.
const DENSE_PERCENT: u64 = 15;
/// So many pixels of a place must differ before what its page says of it is seen, in hundredths.
const DIFFERS_PERCENT: u64 = 2;

impl Comparison {
    /// Whether a place of the approved picture lies in what differs.
    pub fn is_dense_before(&self, place: Rect) -> bool {
        dense(place, self.regions.iter().filter_map(|region| region.old))
    }

    /// Whether a place of the fresh picture lies in what differs.
    pub fn is_dense_now(&self, place: Rect) -> bool {
        dense(place, self.regions.iter().filter_map(|region| region.new))
    }

    /// Whether some of a place of the fresh picture differs, if too little to be a region by itself.
    pub fn differs_in(&self, place: Rect) -> bool {
        let pixels: u64 = self.fields.iter().map(|field| field.pixels_in(place)).sum();
        pixels > 0 && pixels * 100 >= place.area() * DIFFERS_PERCENT
    }
}

fn dense(place: Rect, regions: impl Iterator<Item = Rect>) -> bool {
    let shared: u64 = regions.filter_map(|region| region.shared(place)).map(Rect::area).sum();
    shared > 0 && shared * 100 >= place.area() * DENSE_PERCENT
}

/// Compares a fresh PNG with the approved picture. `scale` is the picture's pixels in one of the page's.
///
/// # Errors
/// When the PNG cannot be read or is too large, or what was kept is damaged.
pub fn compare(approved: &Approved, png: &[u8], scale: f32, veil: &Veil) -> Result<Comparison, PictureError> {
    Reading::new(approved, png)?.compare(scale, veil)
}

/// A fresh picture that was read beside the approved one: which rows are which is known.
pub struct Reading<'a> {
    approved: &'a Approved,
    fresh: Fresh<'a>,
    stretches: Vec<Stretch>,
    gaps: Vec<align::Gap>,
}

impl<'a> Reading<'a> {
    /// # Errors
    /// When the PNG cannot be read or is too large.
    pub fn new(approved: &'a Approved, png: &[u8]) -> Result<Self, PictureError> {
        let fresh = Fresh::read(png, approved)?;
        let (was, is) = (approved.print(), &fresh.print);
        let alike = was.width == is.width && was != is;
        let stretches = if alike { align::stretches(&was.rows, &is.rows) } else { Vec::new() };
        let gaps = align::gaps(&stretches, was.height, is.height);
        Ok(Self { approved, fresh, stretches, gaps })
    }

    /// Width and height of both, the approved one's first.
    pub(super) fn sizes(&self) -> ((usize, usize), (usize, usize)) {
        let (was, is) = (self.approved.print(), &self.fresh.print);
        ((was.width, was.height), (is.width, is.height))
    }

    /// Where what was at `old` is now, if its rows are there as they were; in its place, if they are not but nothing moved
    /// around them. `None` where rows came or went.
    pub fn place(&self, old: Rect) -> Option<Rect> {
        if self.approved.print() == &self.fresh.print {
            return Some(old);
        }
        let middle = (old.y + old.height / 2) as usize;
        let stretch = self.stretches.iter().find(|stretch| (stretch.old..stretch.old + stretch.rows).contains(&middle));
        let (from, to) = match stretch {
            Some(stretch) => (stretch.old, stretch.new),
            None => {
                let gap = self.gaps.iter().find(|gap| gap.old.contains(&middle))?;
                (gap.old.len() == gap.new.len()).then_some((gap.old.start, gap.new.start))?
            }
        };
        let y = (i64::from(old.y) + i64::from(narrow(to)) - i64::from(narrow(from))).max(0);
        Some(Rect { y: u32::try_from(y).unwrap_or(u32::MAX), ..old })
    }

    /// What differs.
    ///
    /// # Errors
    /// When what was kept is damaged.
    pub fn compare(&self, scale: f32, veil: &Veil) -> Result<Comparison, PictureError> {
        let (was, is) = (self.approved.print(), &self.fresh.print);
        if was == is {
            return Ok(Comparison { equal: true, ..Comparison::default() });
        }
        if was.width != is.width {
            let sizes = [was, is].map(|print| (print.width, print.height));
            return Ok(Comparison { resized: Some(sizes), ..Comparison::default() });
        }
        let mut told = Comparison { moved: self.stretches.iter().filter_map(moved).collect(), ..Comparison::default() };
        for gap in &self.gaps {
            if gap.old.len() == gap.new.len() {
                self.compare_rows(gap, scale, veil, &mut told)?;
                continue;
            }
            let old = block(self.approved, &gap.old, was.width, &veil.old)?;
            let new = block(&self.fresh, &gap.new, was.width, &veil.new)?;
            if old.is_some() || new.is_some() {
                told.regions.push(Region { old, new });
            }
        }
        Ok(told)
    }

    /// As many rows as before stand between what did not change: each is compared with its own.
    fn compare_rows(
        &self,
        gap: &align::Gap,
        scale: f32,
        veil: &Veil,
        told: &mut Comparison,
    ) -> Result<(), PictureError> {
        let mut field = Field::new(scale);
        let rows = (gap.old.start, gap.new.start, gap.old.len());
        self.fresh.differences(self.approved, rows, veil, &mut field)?;
        told.pixels += field.pixels;
        let (first_old, first_new) = (narrow(gap.old.start), narrow(gap.new.start));
        let bounds = Rect { x: 0, y: first_new, width: narrow(self.fresh.print.width), height: narrow(gap.new.len()) };
        told.regions.extend(field.regions().into_iter().filter_map(|region| {
            let new = region.shared(bounds)?;
            let old = Rect { y: new.y - first_new + first_old, ..new };
            Some(Region { old: Some(old), new: Some(new) })
        }));
        told.fields.push(field);
        Ok(())
    }
}

fn moved(stretch: &Stretch) -> Option<Moved> {
    let rows = Moved { old: narrow(stretch.old), new: narrow(stretch.new), rows: narrow(stretch.rows) };
    (stretch.old != stretch.new).then_some(rows)
}

/// Pictures are far smaller than a `u32` counts: `PIXELS_MAX`.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The rows of a gap as a block, as wide and high as something is drawn in it; `None` when nothing is.
fn block(
    of: &dyn Rows,
    rows: &std::ops::Range<usize>,
    width: usize,
    veil: &[Rect],
) -> Result<Option<Rect>, PictureError> {
    let mut drawn: Option<Rect> = None;
    for y in rows.clone() {
        let row = of.row(y).ok_or(PictureError::Damaged("a row is missing"))?;
        let (ground, veiled) = (&row[..PIXEL_BYTES], spans(veil, narrow(y)));
        let ink = |(x, pixel): &(usize, &[u8])| *pixel != ground && !within(&veiled, narrow(*x));
        let mut inked = row.chunks_exact(PIXEL_BYTES).enumerate().filter(ink).map(|(x, _)| x);
        if let Some(first) = inked.next() {
            let last = inked.next_back().unwrap_or(first).min(width - 1);
            let line = Rect { x: narrow(first), y: narrow(y), width: narrow(last - first + 1), height: 1 };
            drawn = Some(drawn.map_or(line, |so_far| so_far.around(line)));
        }
    }
    Ok(drawn)
}

/// The parts of row `y` that are veiled.
fn spans(veil: &[Rect], y: u32) -> Vec<(u32, u32)> {
    veil.iter().filter(|rect| (rect.y..rect.bottom()).contains(&y)).map(|rect| (rect.x, rect.right())).collect()
}

fn within(spans: &[(u32, u32)], x: u32) -> bool {
    spans.iter().any(|(from, to)| (*from..*to).contains(&x))
}

/// A picture that was read against the approved one: strips that are equal to it were let go.
struct Fresh<'a> {
    print: Print,
    strips: Vec<Option<Vec<u8>>>,
    approved: &'a Approved,
}

impl<'a> Fresh<'a> {
    fn read(png: &[u8], approved: &'a Approved) -> Result<Self, PictureError> {
        let mut reading = Strips::open(png)?;
        let mut print = Print::new(reading.width, reading.height);
        let like = print.width == approved.print().width && print.height == approved.print().height;
        let (mut strips, mut buffer) = (Vec::new(), Vec::new());
        while let Some(strip) = reading.next(buffer)? {
            print.add(&strip);
            let number = strips.len();
            if like && print.strip(number) == approved.print().strip(number) {
                strips.push(None);
                buffer = strip;
            } else {
                strips.push(Some(strip));
                buffer = Vec::new();
            }
        }
        Ok(Self { print, strips, approved })
    }

    /// Counts the pixels that differ between rows that stand for each other: first old, first new, how many.
    fn differences(
        &self,
        approved: &Approved,
        (old, new, rows): (usize, usize, usize),
        veil: &Veil,
        field: &mut Field,
    ) -> Result<(), PictureError> {
        for first in (0..rows).step_by(field.cell_rows()) {
            let band = first..(first + field.cell_rows()).min(rows);
            let mut seen = Vec::new();
            for at in band {
                self.row_differences(approved, (old + at, new + at), veil, &mut seen)?;
            }
            let crowded = field.crowded(&seen);
            for (x, y) in seen {
                let rows = (y - narrow(new)) as usize;
                // Edges are thin: where most of a cell differs, it is not for how they are smoothed.
                let is_edge = || perceive::smoothed((approved, old + rows), (self, new + rows), x as usize);
                if crowded.contains(&field.cell_of(x)) || !is_edge() {
                    field.add(x, y);
                }
            }
        }
        Ok(())
    }

    /// The pixels of a row, by column and row of the fresh picture, that a person sees differ.
    fn row_differences(
        &self,
        approved: &Approved,
        (old_y, new_y): (usize, usize),
        veil: &Veil,
        seen: &mut Vec<(u32, u32)>,
    ) -> Result<(), PictureError> {
        let missing = PictureError::Damaged("a row is missing");
        let (Some(was), Some(is)) = (Rows::row(approved, old_y), self.row(new_y)) else { return Err(missing) };
        if was == is {
            return Ok(());
        }
        let veiled = [spans(&veil.old, narrow(old_y)), spans(&veil.new, narrow(new_y))].concat();
        let mut last = None;
        for (x, (a, b)) in was.as_chunks::<PIXEL_BYTES>().0.iter().zip(is.as_chunks::<PIXEL_BYTES>().0).enumerate() {
            if a == b || within(&veiled, narrow(x)) {
                continue;
            }
            // Neighbours often are of the same two colours.
            let differs = match last {
                Some((c, d, differs)) if c == a && d == b => differs,
                _ => perceive::differs(*a, *b),
            };
            last = Some((a, b, differs));
            if differs {
                seen.push((narrow(x), narrow(new_y)));
            }
        }
        Ok(())
    }
}

impl Rows for Fresh<'_> {
    fn row(&self, y: usize) -> Option<&[u8]> {
        let row_bytes = self.print.width * PIXEL_BYTES;
        match self.strips.get(y / super::STRIP_ROWS)? {
            Some(strip) => {
                let from = (y % super::STRIP_ROWS) * row_bytes;
                strip.get(from..from + row_bytes)
            }
            None => Rows::row(self.approved, y),
        }
    }
}

impl Rows for Approved {
    fn row(&self, y: usize) -> Option<&[u8]> {
        (y < self.print().height).then(|| Approved::row(self, y).ok()).flatten()
    }
}
