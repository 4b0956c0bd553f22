//! What must be true of an app wherever a walk comes by: its figures, how they stand to each other and to the list of
//! its products, and what its pages may and must say. Written once an app, beside the journeys, and held to by all of them.

use super::endpoint::Endpoint;
use super::json_path::JsonPath;
use super::{Expression, Locator, Stream};
use crate::money::{FigureKind, half_width, read_figure};
use jiff::civil::Date;
use regex::Regex;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// The folder of oracles inside the folder of journeys.
pub const ORACLES: &str = "oracles";

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
    /// Sockets that must be heard from.
    pub streams: Vec<Stream>,
    /// The customers that walks are made as.
    pub customers: Option<Customers>,
}

/// The customers that walks are made as, and what of each no other may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customers {
    /// The file, by its path inside the folder of journeys.
    pub file: String,
    /// What is theirs alone.
    pub private: Vec<Private>,
}

/// Something that is one customer's alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Private {
    /// Whose: the account's name in its pool, or what it signs in with.
    pub account: String,
    /// What people call it: 姓名.
    pub title: String,
    /// The text, as [`plain_text`] has it.
    pub text: String,
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
    pub tolerance: Tolerance,
    /// It moves all the time: only what is read at one moment is compared.
    pub ticks: bool,
    /// Texts that rightly stand where there is no figure.
    pub blank: Vec<String>,
    /// All devices must show the same of it.
    pub across: Option<Across>,
}

/// How walks on different devices are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Across {
    /// How long what a device showed may be compared.
    pub within: Duration,
    /// How long a change may take to reach all devices.
    pub settles: Duration,
}

/// By how much two places may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tolerance {
    /// By so much.
    Amount(Decimal),
    /// By so many percent of the larger.
    Percent(Decimal),
}

impl Tolerance {
    /// Whether two figures are the same within it.
    pub fn allows(self, a: Decimal, b: Decimal) -> bool {
        // What a page shows may be larger than any difference that can be held.
        let Some(apart) = a.checked_sub(b).map(|apart| apart.abs()) else { return false };
        match self {
            Tolerance::Amount(amount) => apart <= amount,
            Tolerance::Percent(percent) => {
                let most = a.abs().max(b.abs()).checked_mul(percent / Decimal::ONE_HUNDRED);
                most.is_some_and(|most| apart <= most)
            }
        }
    }
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
        read: Vec<(String, AnswerPart)>,
    },
}

/// What is read of an answer's row.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerPart {
    /// Where.
    pub path: JsonPath,
    /// What it is multiplied by, where the answer writes it in another unit: 100 for a share, 0.01 for 分.
    pub times: Decimal,
}

impl PlaceSource {
    /// The figures that are read there.
    pub fn names(&self) -> Vec<&str> {
        match self {
            PlaceSource::Page { read, .. } => read.iter().map(|(name, _)| name.as_str()).collect(),
            PlaceSource::Answer { read, .. } => read.iter().map(|(name, _)| name.as_str()).collect(),
        }
    }

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
    /// What people know it by: the file's path inside the folder of journeys, or the endpoint's address.
    pub name: String,
    /// Where its rows are fetched; they stand in the file when `None`.
    pub endpoint: Option<Endpoint>,
    /// Which rows a complete place shows; all when `None`.
    pub listed: Option<Expression>,
    /// Whether it is a ledger: each row is of one customer, and a walk is held to those of its own.
    pub ledger: bool,
    /// The rows; none of an endpoint's, which come with each walk: a journey is the same journey whatever they are.
    pub accounts: Arc<RegistryAccounts>,
    /// Where the rows are not what it says now, the keys of which nothing is known: what is found by such rows may be
    /// their fault.
    pub unsure: Option<Arc<BTreeSet<String>>>,
}

/// The rows of a table by the account they are of, which has no name where it is no ledger.
pub type RegistryAccounts = BTreeMap<String, RegistryRows>;

/// The most rows of a table.
pub(super) const REGISTRY_ROWS_MAX: usize = 20_000;

/// The rows of a table by key; columns without text are left out.
pub type RegistryRows = BTreeMap<String, BTreeMap<String, super::Value>>;

impl Registry {
    /// The rows that a walk made as somebody of these names is held to; `None` where a ledger knows none of them.
    pub fn rows(&self, names: &[String]) -> Option<&RegistryRows> {
        if self.ledger { names.iter().find_map(|name| self.accounts.get(name)) } else { self.accounts.get("") }
    }
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
    /// The text, as [`spoken`] has it.
    pub text: String,
    /// Wordings that contain it and are right, as [`spoken`] has them.
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
    let folded = plain_text(text);
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
        // Small numbers come as `1e-5`.
        FigureAs::Figure(_) => match Decimal::from_scientific(text) {
            Ok(figure) => Ok(super::Value::Figure(figure)),
            Err(_) => value_of(text, FigureAs::Figure(FigureKind::Decimal)).map_err(|_| said),
        },
        FigureAs::Date if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) => {
            value_of(&format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]), kind)
        }
        _ => Err(said),
    })
}

/// What stands in a cell of a table; `None` where its figure is rightly left blank.
pub(super) fn registry_value(column: &str, text: &str, figures: &[Figure]) -> Result<Option<super::Value>, String> {
    match figures.iter().find(|figure| figure.name == column) {
        None => Ok(Some(super::Value::Text(plain_text(text)))),
        Some(figure) if figure.blank.iter().any(|blank| blank == text) => Ok(None),
        Some(figure) => plain_value_of(text, figure.kind).map(Some),
    }
}

/// A text as it is compared: white space folded, wide letters and marks narrow, without what nobody sees.
pub fn plain_text(text: &str) -> String {
    let unseen = |c: &char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}');
    let plain: String = text.chars().filter(|c| !unseen(c)).map(half_width).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The most characters of a key.
const KEY_CHARS_MAX: usize = 80;

/// What tells a row from others: one plain line, not too long; `None` where there is none.
pub fn key_of(text: &str) -> Option<String> {
    let key: String = plain_text(text).chars().filter(|c| !c.is_control()).take(KEY_CHARS_MAX).collect();
    (!key.is_empty()).then_some(key)
}

/// A text as phrases are looked for in it: plain, in small letters, without white space, which means nothing between
/// Chinese characters.
pub fn spoken(text: &str) -> String {
    plain_text(text).to_lowercase().split_whitespace().collect()
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
    fn answers_are_read_as_machines_write_them() {
        let check = |text: &str, kind: FigureAs, expected: &str| {
            assert_eq!(plain_value_of(text, kind).map(|value| value.plain()).as_deref(), Ok(expected), "{text}");
        };
        check("3.85", FigureAs::Figure(FigureKind::Percent), "3.85");
        check("1e-5", FigureAs::Figure(FigureKind::Decimal), "0.00001");
        check("20261120", FigureAs::Date, "2026-11-20");
    }

    #[test]
    fn tolerances_allow_what_they_say() {
        let check = |tolerance: Tolerance, a: &str, b: &str, expected: bool| {
            let figure = |text: &str| Decimal::from_str_exact(text).unwrap();
            assert_eq!(tolerance.allows(figure(a), figure(b)), expected, "{tolerance:?} {a} {b}");
        };
        check(Tolerance::Amount(Decimal::new(1, 2)), "1.00", "1.01", true);
        check(Tolerance::Amount(Decimal::ZERO), "1.00", "1.01", false);
        check(
            Tolerance::Amount(Decimal::ONE),
            "79000000000000000000000000000",
            "-79000000000000000000000000000",
            false,
        );
        check(Tolerance::Percent(Decimal::ONE), "12000", "12034", true);
        check(Tolerance::Percent(Decimal::ONE), "12000", "12340", false);
    }

    #[test]
    fn values_are_read_as_their_figures_are() {
        let check = |text: &str, kind: FigureAs, expected: Result<&str, &str>| {
            let got = value_of(text, kind).map(|value| value.plain());
            assert_eq!(got.as_deref().map_err(String::as_str), expected, "{text}");
        };
        check(" 稳健\n 增长 ", FigureAs::Text, Ok("稳健 增长"));
        check("澜沧江Ａ（已清盘）\u{200b}", FigureAs::Text, Ok("澜沧江A(已清盘)"));
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
