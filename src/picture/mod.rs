//! Comparing a page's picture with the one that was approved: what is equal is never decoded twice, what moved with
//! everything around it is not told as changed, and what differs is told by regions, not by pixels.
//!
//! ```text
//! PNG ─strips→ Print (tile and row hashes) ─equal?→ nothing
//!                   │ differs
//!                   ▼
//!            align (rows that moved) ─→ perceive (pixels) ─→ regions (density) ─→ change (elements)
//! ```
//!
//! No figure is judged here: a digit is a few pixels, less than the noise of two honest pictures (`detection.md` section 0).
//! Figures are left out of pictures and read by oracles.

mod align;
mod approved;
mod change;
mod compare;
mod contrast;
mod layout;
mod perceive;
mod print;
mod region;
mod shrink;
mod strip;

pub use approved::Approved;
pub use change::{Change, ChangeKind, Scene, Told, VEILED_MAX, changes};
pub use compare::{Comparison, Moved, Reading, Region, Veil, compare};
pub use contrast::{Contrast, Mark, MarkKind, contrast};
pub use layout::{ELEMENTS_MAX, Element};
pub use print::Print;
pub use region::Rect;
pub use shrink::{plate, shrunk};

/// Rows that are decoded, hashed and kept together; a tile is as wide.
const STRIP_ROWS: usize = 64;
/// A pixel: red, green, blue, alpha.
const PIXEL_BYTES: usize = 4;
/// What a picture may measure: 40,000 rows of a wide screen.
const PIXELS_MAX: usize = 100_000_000;

/// Why a picture cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// It is no PNG, or a broken one.
    #[error("it is no picture that can be read: {0}")]
    Unreadable(String),
    /// It is too large.
    #[error("it is {width} × {height} pixels; at most {PIXELS_MAX} pixels are compared")]
    TooLarge {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },
    /// What was kept of the approved picture is damaged.
    #[error("what is kept of the approved picture is damaged ({0}): walk once with `--learn`")]
    Damaged(&'static str),
}
