//! What a picture is known by: a hash of every tile, and one of every row.

use super::{PIXEL_BYTES, STRIP_ROWS};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// Hashes of a picture's tiles, 64 pixels square, and of its rows. XXH3: it tells apart what honest pages show; nothing
/// rests on its being hard to forge.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Print {
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    pub(super) tiles: Vec<u64>,
    pub(super) rows: Vec<u64>,
}

impl Print {
    pub(super) fn new(width: usize, height: usize) -> Self {
        let across = width.div_ceil(STRIP_ROWS);
        let tiles = Vec::with_capacity(across * height.div_ceil(STRIP_ROWS));
        Self { width, height, tiles, rows: Vec::with_capacity(height) }
    }

    /// Adds the next strip of RGBA rows: every byte is hashed once, for its tile and its row.
    pub(super) fn add(&mut self, strip: &[u8]) {
        let first = self.tiles.len();
        self.tiles.resize(first + self.across(), 0);
        let tiles = &mut self.tiles[first..];
        for row in strip.chunks_exact(self.width * PIXEL_BYTES) {
            let mut whole = 0;
            for (tile, piece) in tiles.iter_mut().zip(row.chunks(STRIP_ROWS * PIXEL_BYTES)) {
                let hash = xxh3_64(piece);
                *tile = joined(*tile, hash);
                whole = joined(whole, hash);
            }
            self.rows.push(whole);
        }
    }

    /// Tiles in a strip.
    pub(super) fn across(&self) -> usize {
        self.width.div_ceil(STRIP_ROWS)
    }

    /// The tiles of this strip.
    pub(super) fn strip(&self, number: usize) -> &[u64] {
        let across = self.across();
        self.tiles.get(number * across..(number + 1) * across).unwrap_or_default()
    }
}

/// The order of pieces matters: a row that went up one tile is another tile.
fn joined(so_far: u64, next: u64) -> u64 {
    xxh3_64_with_seed(&next.to_le_bytes(), so_far)
}
