//! Single values as people write them, each refusing with an example of what is right.

mod address;
mod day_range;
mod daytime;
mod duration;
mod guarded;
mod handle;
mod reference;
mod slug;
mod zone;

pub use address::{BaseUrl, HttpUrl};
pub use day_range::DayRange;
pub use daytime::{Days, Daytime};
pub use duration::Lasting;
pub use guarded::{HostPattern, Method, PathGlob};
pub use handle::Handle;
pub use reference::{NotAReference, SecretReference};
pub use slug::Slug;
pub use zone::Zone;

/// Why a value is refused: what was found, what is right, by example.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not {wanted}")]
pub struct Refused {
    found: String,
    wanted: &'static str,
}

impl Refused {
    /// A refusal of `found`, cut to 80 characters; control characters never reach a terminal.
    pub(super) fn new(found: &str, wanted: &'static str) -> Self {
        let found = found.chars().take(80).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        Self { found, wanted }
    }
}
