//! The script of a walk: what its author wrote, read into types that cannot hold nonsense.
//!
//! A `Journey` is shared and never changes; facts about one walk live in `walk::record`.

mod locator;
mod script;
mod text;
mod verb;

pub use locator::{By, Frame, Locator};
pub use script::{Device, Journey, Safety, Section, Step};
pub use text::{Text, TextPart, UnknownName};
pub use verb::{
    Branch, Call, Capture, Condition, DialogAnswer, Direction, Download, Expectation, FillValue, JsonRule, Matcher,
    Reading, ReadingKind, ReadingSource, ResponseRule, StatusRule, SwitchTarget, TapKind, UrlRule, Verb,
};
