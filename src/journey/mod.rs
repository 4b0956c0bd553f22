//! The script of a walk: what its author wrote, read into types that cannot hold nonsense.
//!
//! A `Journey` is shared and never changes; facts about one walk live in `walk::record`.

mod endpoint;
mod expression;
mod expression_parser;
pub mod glob;
pub mod json_path;
mod limits;
mod locator;
mod node;
pub mod oracle;
pub mod pattern;
mod read;
mod schema;
mod script;
mod shape;
mod source;
mod stream;
mod text;
pub mod title;
mod verb;

pub use endpoint::{Endpoint, RegistryTable};
pub use expression::{Expression, Value};
pub use limits::{FileProblem, Files, Limits};
pub use locator::{By, Frame, Locator};
pub use oracle::{ORACLES, Oracle};
pub use read::{load, load_oracle};
pub use schema::schema;
pub use script::{Device, Journey, Safety, Section, Step};
pub use stream::{Stream, TradingHours};
pub use text::{Text, TextPart, UnknownName};
pub use verb::{
    Branch, Call, Capture, Condition, DialogAnswer, Direction, Download, Expectation, FillValue, JsonRule, Matcher,
    Reading, ReadingKind, ReadingSource, ResponseRule, StatusRule, SwitchTarget, TapKind, UrlRule, Verb,
};
