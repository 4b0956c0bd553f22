//! Where a page changed: differing pixels that lie close together. The noise of two honest pictures is scattered, a change
//! is packed (`visual.md` 2.3: smoothed edges 7 of 100 pixels of a window, a missing block 94 and more).

use std::collections::{BTreeMap, BTreeSet};

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Rect {
    /// Of its left edge.
    pub x: u32,
    /// Of its upper edge.
    pub y: u32,
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

impl Rect {
    /// The first column to its right.
    pub fn right(self) -> u32 {
        self.x + self.width
    }

    /// The first row below it.
    pub fn bottom(self) -> u32 {
        self.y + self.height
    }

    /// Pixels in it.
    pub fn area(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// What lies in both, if anything does.
    pub fn shared(self, other: Self) -> Option<Self> {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let (right, bottom) = (self.right().min(other.right()), self.bottom().min(other.bottom()));
        (x < right && y < bottom).then(|| Self { x, y, width: right - x, height: bottom - y })
    }

    /// The smallest rectangle around both.
    #[must_use]
    pub fn around(self, other: Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let (right, bottom) = (self.right().max(other.right()), self.bottom().max(other.bottom()));
        Self { x, y, width: right - x, height: bottom - y }
    }
}

/// Cells a window is wide and high.
const WINDOW_CELLS: u32 = 4;
/// Of a hundred pixels of a window, so many must differ.
const DENSITY_PERCENT_MIN: u64 = 10;
/// Cells so far apart belong to one region: a gap between two words.
const APART_CELLS: u32 = 2;

/// Differing pixels, counted by square cells.
#[derive(Debug, Clone)]
pub(super) struct Field {
    cell: u32,
    /// By row and column, so that neighbours in a row follow each other.
    counts: BTreeMap<(u32, u32), u32>,
    pub(super) pixels: u64,
}

impl Field {
    /// `scale` is the picture's pixels in one of the page's: a window is 32 of the page's wide.
    pub(super) fn new(scale: f32) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
        let cell = (8.0 * scale.clamp(0.5, 8.0)).round() as u32;
        Self { cell, counts: BTreeMap::new(), pixels: 0 }
    }

    /// Rows of a cell.
    pub(super) fn cell_rows(&self) -> usize {
        self.cell as usize
    }

    /// The column of cells that a column of pixels is in.
    pub(super) fn cell_of(&self, x: u32) -> u32 {
        x / self.cell
    }

    /// The columns of cells of which more than half of the pixels are in `seen`, all of one row of cells.
    pub(super) fn crowded(&self, seen: &[(u32, u32)]) -> BTreeSet<u32> {
        let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
        for (x, _) in seen {
            *counts.entry(self.cell_of(*x)).or_default() += 1;
        }
        let half = self.cell * self.cell / 2;
        counts.into_iter().filter(|(_, count)| *count > half).map(|(column, _)| column).collect()
    }

    pub(super) fn add(&mut self, x: u32, y: u32) {
        self.pixels += 1;
        *self.counts.entry((y / self.cell, x / self.cell)).or_default() += 1;
    }

    /// Differing pixels in the cells that a place touches; those on its edge count as far as they lie in it.
    pub(super) fn pixels_in(&self, place: Rect) -> u64 {
        let (Some(((first, _), _)), Some(((last, _), _))) =
            (self.counts.first_key_value(), self.counts.last_key_value())
        else {
            return 0;
        };
        let (rows, columns) = (
            (place.y / self.cell).max(*first)..=(place.bottom() / self.cell).min(*last),
            place.x / self.cell..=place.right() / self.cell,
        );
        let cells = rows.flat_map(|row| self.counts.range((row, *columns.start())..=(row, *columns.end())));
        let inside = cells.map(|(cell, count)| {
            let whole = self.pixels_of(*cell, *cell);
            let part = whole.shared(place).map_or(0, Rect::area);
            u64::from(*count) * part / whole.area()
        });
        inside.sum()
    }

    /// What lies in windows that are dense enough, by regions from top to bottom.
    pub(super) fn regions(&self) -> Vec<Rect> {
        let mut dense: BTreeMap<(u32, u32), bool> = BTreeMap::new();
        for (row, column) in self.counts.keys() {
            // Windows whose upper left cell this is; those that begin in an empty cell hold no more than one of these.
            let cells = self.window(*row, *column);
            let differing: u64 = cells.iter().map(|(_, count)| u64::from(*count)).sum();
            let side = u64::from(self.cell * WINDOW_CELLS);
            if differing * 100 >= DENSITY_PERCENT_MIN * side * side {
                dense.extend(cells.into_iter().map(|(cell, _)| (cell, false)));
            }
        }
        let starts: Vec<_> = dense.keys().copied().collect();
        let grown = starts.into_iter().filter_map(|start| grow(&mut dense, start));
        grown.map(|(from, to)| self.pixels_of(from, to)).collect()
    }

    fn window(&self, row: u32, column: u32) -> Vec<((u32, u32), u32)> {
        let rows = row..row + WINDOW_CELLS;
        let cells = rows.flat_map(|row| self.counts.range((row, column)..(row, column + WINDOW_CELLS)));
        cells.map(|(cell, count)| (*cell, *count)).collect()
    }

    fn pixels_of(&self, (row, column): (u32, u32), (last_row, last_column): (u32, u32)) -> Rect {
        Rect {
            x: column * self.cell,
            y: row * self.cell,
            width: (last_column - column + 1) * self.cell,
            height: (last_row - row + 1) * self.cell,
        }
    }
}

/// The cells that hang together with `start`, as their first and last row and column; `None` when they were taken before.
fn grow(dense: &mut BTreeMap<(u32, u32), bool>, start: (u32, u32)) -> Option<((u32, u32), (u32, u32))> {
    let (mut from, mut to, mut open, mut any) = (start, start, vec![start], false);
    while let Some(cell) = open.pop() {
        let Some(taken) = dense.get_mut(&cell).filter(|taken| !**taken) else { continue };
        (*taken, any) = (true, true);
        from = (from.0.min(cell.0), from.1.min(cell.1));
        to = (to.0.max(cell.0), to.1.max(cell.1));
        for row in cell.0.saturating_sub(APART_CELLS)..=cell.0 + APART_CELLS {
            let columns = (row, cell.1.saturating_sub(APART_CELLS))..=(row, cell.1 + APART_CELLS);
            open.extend(dense.range(columns).filter(|(_, taken)| !**taken).map(|(near, _)| *near));
        }
    }
    any.then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pixels: impl Iterator<Item = (u32, u32)>, expected: &[(u32, u32, u32, u32)]) {
        let mut field = Field::new(2.0);
        pixels.for_each(|(x, y)| field.add(x, y));
        let regions: Vec<_> = field.regions().iter().map(|r| (r.x, r.y, r.width, r.height)).collect();
        assert_eq!(regions, expected);
    }

    fn block(x: u32, y: u32, width: u32, height: u32) -> impl Iterator<Item = (u32, u32)> {
        (y..y + height).flat_map(move |y| (x..x + width).map(move |x| (x, y)))
    }

    #[test]
    fn what_is_packed_is_a_region_and_what_is_scattered_is_none() {
        check(std::iter::empty(), &[]);
        check(block(160, 320, 64, 64), &[(160, 320, 64, 64)]);
        // One pixel of fourteen, everywhere.
        check(block(0, 0, 512, 512).filter(|(x, y)| (x + 3 * y) % 14 == 0), &[]);
        // Two blocks near each other are one, two far apart are two.
        check(block(0, 0, 48, 48).chain(block(64, 0, 48, 48)), &[(0, 0, 112, 48)]);
        check(block(0, 0, 48, 48).chain(block(400, 0, 48, 48)), &[(0, 0, 48, 48), (400, 0, 48, 48)]);
        // A digit.
        check(block(32, 32, 8, 20).filter(|(x, _)| x % 2 == 0), &[]);
    }
}
