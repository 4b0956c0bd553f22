//! Reports on judged walks: pure functions from a walk to a text. Whoever calls them writes the file.

mod html;
mod json;
mod junit;
mod likeness;
mod terminal;

pub use html::html;
pub use json::json;
pub use junit::junit;
pub use terminal::{Pictures, step_line, summary};

/// The language a report begins in; the HTML page holds both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Language {
    /// BCP 47.
    pub fn tag(self) -> &'static str {
        match self {
            Language::Zh => "zh-CN",
            Language::En => "en",
        }
    }

    /// The text in this language.
    fn of<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Language::Zh => zh,
            Language::En => en,
        }
    }
}

/// A duration as people read it: `412 ms`, `6.2 s`, `2 min 05 s`.
fn lasting(millis: u64) -> String {
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        _ => format!("{} min {:02} s", millis / 60_000, millis % 60_000 / 1_000),
    }
}
