//! What must be true of an app wherever a walk comes by: its figures, how they stand to each other and to the list of
//! its products, and what its pages may and must say. Written once an app, beside the journeys, and held to by all of them.

use super::json_path::JsonPath;
use super::{Expression, Locator};
use crate::money::{FigureKind, read_figure};
use jiff::civil::Date;
use regex::Regex;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The name that stands for the day of the walk in expressions.
pub const TODAY: &str = "today";

/// One file of what must be true of an app.
#[derive(Debug, Clone, PartialEq)]
pub struct Oracle {
    /// Stable name.
    pub id: String,
    /// The app whose journeys are held to it.
    pub app: String,
    /// What people call it.
    pub title: String,
    /// Days without trading, beside Saturdays and Sundays.
    pub holidays: BTreeSet<Date>,
    /// What the app shows figures of.
    pub subjects: Vec<Subject>,
    /// What pages may not say, and must.
    pub phrases: Vec<Phrase>,
}

/// What figures are of: each fund, each loan, a customer's assets.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// Stable name.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// How bad it is when one of its figures is wrong.
    pub urgent: bool,
    /// Its figures.
    pub figures: Vec<Figure>,
    /// Where they are shown.
    pub places: Vec<Place>,
    /// What there should be, and how.
    pub registry: Option<Registry>,
    /// How its figures stand to each other.
    pub claims: Vec<Claim>,
}

impl Subject {
    /// The figure of this name.
    pub fn figure(&self, name: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.name == name)
    }
}

/// A figure, and what it can be.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// The name expressions use.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What it is read as.
    pub kind: FigureAs,
    /// The least it can be.
    pub min: Option<Decimal>,
    /// The most it can be.
    pub max: Option<Decimal>,
    /// The only texts it can be; any when empty.
    pub among: Vec<String>,
    /// How many trading days a date may lie back.
    pub trading_days: Option<u32>,
    /// By how much two places may differ.
    pub tolerance: Decimal,
    /// Texts that rightly stand where there is no figure.
    pub blank: Vec<String>,
}

/// What a figure is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FigureAs {
    /// As it stands, white space folded.
    Text,
    /// As an exact figure.
    Figure(FigureKind),
    /// As a day: `2026-11-22`, `2026/11/22`, `2026年11月22日`.
    Date,
}

/// A place where a subject's figures are shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Whether all that the registry lists stands here.
    pub complete: bool,
    /// How they are read.
    pub source: PlaceSource,
}

/// How figures are read at a place.
#[derive(Debug, Clone, PartialEq)]
pub enum PlaceSource {
    /// Off a page.
    Page {
        /// The glob over the page's path.
        on: String,
        /// Each row of a list; the page is one row when `None`.
        each: Option<Box<Locator>>,
        /// What tells rows apart.
        key: Option<PartReading>,
        /// Figures by name.
        read: Vec<(String, PartReading)>,
    },
    /// Off the newest JSON answer.
    Answer {
        /// The glob over the answer's path.
        path: String,
        /// The list; the answer is one row when `None`.
        each: Option<JsonPath>,
        /// What tells rows apart.
        key: Option<JsonPath>,
        /// Figures by name.
        read: Vec<(String, JsonPath)>,
    },
}

impl PlaceSource {
    /// What people know the place by.
    pub fn shown(&self) -> &str {
        match self {
            PlaceSource::Page { on, .. } => on,
            PlaceSource::Answer { path, .. } => path,
        }
    }
}

/// What is read of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct PartReading {
    /// Where.
    pub source: PartSource,
    /// The first group of this regular expression, or the whole match, instead of the whole text.
    pub pattern: Option<String>,
}

/// Where a part of a row stands.
#[derive(Debug, Clone, PartialEq)]
pub enum PartSource {
    /// The visible text of an element within the row, or of the row itself when there is no locator; `attribute` reads
    /// that instead.
    Element {
        /// Which element.
        target: Option<Box<Locator>>,
        /// Which attribute.
        attribute: Option<String>,
    },
    /// The page's URL.
    Url,
}

/// What there should be: a table with a row a subject, its columns named as the figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Registry {
    /// The file, by its path inside the folder of journeys.
    pub file: String,
    /// Which rows a complete place shows; all when `None`.
    pub listed: Option<Expression>,
    /// The rows by key; columns without text are left out.
    pub rows: BTreeMap<String, BTreeMap<String, super::Value>>,
}

/// How figures stand to each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// What must hold.
    pub that: Expression,
    /// What people are told when it does not.
    pub message: Option<String>,
}

/// What pages may not say, or must.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// Whether it must be there; otherwise it must not.
    pub wanted: bool,
    /// The text, without white space.
    pub text: String,
    /// Wordings that contain it and are right, without white space.
    pub unless: Vec<String>,
    /// Globs over the paths of the pages it is about.
    pub on: Vec<String>,
    /// What people are told.
    pub message: Option<String>,
    /// How bad it is.
    pub urgent: bool,
}

/// A text read as what a figure is read as; the error says what was wanted.
pub fn value_of(text: &str, kind: FigureAs) -> Result<super::Value, String> {
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match kind {
        FigureAs::Text => Ok(super::Value::Text(folded)),
        FigureAs::Figure(kind) => read_figure(&folded, kind).map(super::Value::Figure).map_err(|e| e.to_string()),
        FigureAs::Date => match day_in(&folded) {
            Some(day) => Ok(super::Value::Text(day.to_string())),
            None => Err(format!("`{}` is not a date such as 2026-11-22", folded.chars().take(80).collect::<String>())),
        },
    }
}

/// The same where people do not read it: a table or an answer writes amounts and rates without their marks.
pub fn plain_value_of(text: &str, kind: FigureAs) -> Result<super::Value, String> {
    value_of(text, kind).or_else(|said| match kind {
        FigureAs::Figure(_) => value_of(text, FigureAs::Figure(FigureKind::Decimal)).map_err(|_| said),
        _ => Err(said),
    })
}

/// The one day that a text names.
fn day_in(text: &str) -> Option<Date> {
    static DAY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})").expect("invariant: the pattern is constant")
    });
    let mut days = DAY.captures_iter(text);
    let (day, more) = (days.next()?, days.next());
    let part = |n: usize| day[n].parse::<i16>().ok();
    let date = Date::new(part(1)?, i8::try_from(part(2)?).ok()?, i8::try_from(part(3)?).ok()?).ok()?;
    more.is_none().then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_their_figures_are() {
        let check = |text: &str, kind: FigureAs, expected: Result<&str, &str>| {
            let got = value_of(text, kind).map(|value| value.plain());
            assert_eq!(got.as_deref().map_err(String::as_str), expected, "{text}");
        };
        check(" 稳健\n 增长 ", FigureAs::Text, Ok("稳健 增长"));
        check("¥1,234.50", FigureAs::Figure(FigureKind::Money), Ok("1234.50"));
        check("净值日期 2026-11-20", FigureAs::Date, Ok("2026-11-20"));
        check("2026年1月2日", FigureAs::Date, Ok("2026-01-02"));
        check("2026/01/02 14:30", FigureAs::Date, Ok("2026-01-02"));
        check("2026-02-30", FigureAs::Date, Err("`2026-02-30` is not a date such as 2026-11-22"));
        check(
            "2026-01-01 至 2026-02-01",
            FigureAs::Date,
            Err("`2026-01-01 至 2026-02-01` is not a date such as 2026-11-22"),
        );
        check("--", FigureAs::Date, Err("`--` is not a date such as 2026-11-22"));
    }
}
