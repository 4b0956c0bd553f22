//! What a step can do, and what it can expect.
#![expect(missing_docs, reason = "the fields of a verb are named after its YAML keys")]

use super::{Expression, Locator, Step, Text};
use crate::money::FigureKind;
use std::time::Duration;

/// What a step does. Control flow ends with `When`, `FirstOf` and `Repeat`: a journey is not a program.
#[derive(Debug, Clone, PartialEq)]
pub enum Verb {
    /// Loads a URL, relative to the app's base.
    Open(Text),
    /// Taps (clicks) one element, verified.
    Tap { target: Locator, kind: TapKind },
    /// Replaces the content of a field.
    Fill { target: Locator, value: FillValue },
    /// Types with real keys into the target or what has the focus.
    Type { target: Option<Locator>, text: Text },
    /// Presses one key or a chord such as `Control+A`.
    Press { target: Option<Locator>, keys: String },
    /// Chooses an option of a select by its label.
    Choose { target: Locator, option: Text },
    /// Sets a checkbox, radio or switch.
    Check { target: Locator, checked: bool },
    /// Gives files to a file field; paths are relative to the journey file.
    Upload { target: Locator, files: Vec<String> },
    /// Moves the pointer over an element.
    Hover { target: Locator },
    /// Drags one element onto another, or by a number of CSS pixels.
    Drag { from: Locator, to: Option<Locator>, by: Option<(i32, i32)> },
    /// Swipes over the target or the page.
    Swipe { target: Option<Locator>, direction: Direction },
    /// Scrolls until the target is in view, or by CSS pixels when there is no target.
    Scroll { target: Option<Locator>, by: (i32, i32) },
    /// Lets time pass, for the few places where a customer must.
    Wait(Duration),
    /// Only looks: `see`, `not_see`, `expect-url` as a step of its own.
    Look,
    /// Reads values into names.
    Capture(Vec<Capture>),
    /// Holds when the expression is true; `reads` are read first.
    Assert { expression: Expression, reads: Vec<Capture>, message: Option<String> },
    /// Walks `steps` only if the condition holds now.
    When { condition: Condition, steps: Vec<Step> },
    /// Waits for whichever branch shows first and walks it.
    FirstOf(Vec<Branch>),
    /// Walks `steps` while the condition holds, at most `times_max` times.
    Repeat { condition: Option<Condition>, times_max: u32, steps: Vec<Step> },
    /// The browser's back button.
    Back,
    /// The browser's reload.
    Reload,
    /// Goes on in another page of the same lane.
    Switch(SwitchTarget),
    /// How the dialogs of the following steps are answered.
    Dialog(DialogAnswer),
    /// Taps the target and takes the file that arrives.
    Download(Download),
    /// Keeps a named picture of the page or of one element.
    Screenshot { name: String, target: Option<Locator> },
    /// Keeps a named picture of the page and compares it with the approved one, but for what `without` names.
    Compare { name: String, without: Vec<Locator> },
    /// An HTTP call with the lane's cookies.
    Call(Call),
    /// Evaluates script in the page, where the configuration allows it; true holds.
    Script(String),
}

impl Verb {
    /// The verb's YAML key.
    pub fn word(&self) -> &'static str {
        match self {
            Verb::Open(_) => "open",
            Verb::Tap { .. } => "tap",
            Verb::Fill { .. } => "fill",
            Verb::Type { .. } => "type",
            Verb::Press { .. } => "press",
            Verb::Choose { .. } => "choose",
            Verb::Check { .. } => "check",
            Verb::Upload { .. } => "upload",
            Verb::Hover { .. } => "hover",
            Verb::Drag { .. } => "drag",
            Verb::Swipe { .. } => "swipe",
            Verb::Scroll { .. } => "scroll",
            Verb::Wait(_) => "wait",
            Verb::Look => "see",
            Verb::Capture(_) => "capture",
            Verb::Assert { .. } => "assert",
            Verb::When { .. } => "when",
            Verb::FirstOf(_) => "first_of",
            Verb::Repeat { .. } => "repeat",
            Verb::Back => "back",
            Verb::Reload => "reload",
            Verb::Switch(_) => "switch",
            Verb::Dialog(_) => "dialog",
            Verb::Download(_) => "download",
            Verb::Screenshot { .. } | Verb::Compare { .. } => "screenshot",
            Verb::Call(_) => "call",
            Verb::Script(_) => "script",
        }
    }
}

/// How an element is tapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TapKind {
    /// Once.
    Single,
    /// Twice, as a double click.
    Double,
    /// Held for 800 ms.
    Long,
}

/// What `fill` puts into a field.
#[derive(Debug, Clone, PartialEq)]
pub enum FillValue {
    /// A text.
    Text(Text),
    /// A secret by reference: `env:NAME`, `file:PATH`, `exec:COMMAND` or `account.FIELD`.
    Secret(String),
    /// A six-digit code from the TOTP secret the reference names.
    Totp(String),
}

/// Which way content is swiped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The finger moves up.
    Up,
    /// The finger moves down.
    Down,
    /// The finger moves left.
    Left,
    /// The finger moves right.
    Right,
}

/// Something a customer must meet after a step.
#[derive(Debug, Clone, PartialEq)]
pub enum Expectation {
    /// The element is visible; with `count`, that many are.
    See { target: Locator, count: Option<u32> },
    /// No such element is visible.
    NotSee(Locator),
    /// The page's URL.
    Url(UrlRule),
    /// An answer of the app to a request that the step caused.
    Response(ResponseRule),
}

/// What a URL must look like.
#[derive(Debug, Clone, PartialEq)]
pub enum UrlRule {
    /// A path glob (`/funds/*`), compared with path only.
    Path(Text),
    /// A regular expression over the whole URL.
    Matches(String),
}

/// What an answer must look like.
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseRule {
    /// The method, any when `None`.
    pub method: Option<String>,
    /// A path glob.
    pub path: Text,
    /// The status.
    pub status: Option<StatusRule>,
    /// Rules on the JSON body.
    pub json: Vec<JsonRule>,
}

/// Which statuses are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusRule {
    /// Exactly this.
    Exactly(u16),
    /// A class: 2 for 2xx.
    Class(u8),
}

/// One value of a JSON body.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonRule {
    /// A path such as `$.data.items[0].code`.
    pub path: String,
    /// What the value must be.
    pub matcher: Matcher,
}

/// What a value must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Matcher {
    /// Equal as text (numbers by their exact decimal).
    Equals(Text),
    /// Contains this text.
    Contains(Text),
    /// Matches this regular expression.
    Matches(String),
    /// Is there (or is not).
    Exists(bool),
}

/// A name for a value that is read from the page or the network.
#[derive(Debug, Clone, PartialEq)]
pub struct Capture {
    /// The name expressions use.
    pub name: String,
    /// What is read.
    pub reading: Reading,
}

/// Where a value is read and as what.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Where.
    pub source: ReadingSource,
    /// As what.
    pub kind: ReadingKind,
    /// The first group of this regular expression, or the whole match, instead of the whole text.
    pub pattern: Option<String>,
}

/// Where a value is read.
#[derive(Debug, Clone, PartialEq)]
pub enum ReadingSource {
    /// The visible text (or the value of a field) of an element; `attribute` reads that instead.
    Element { target: Locator, attribute: Option<String> },
    /// How many elements match.
    Count(Locator),
    /// The page's URL.
    Url,
    /// The page's title.
    Title,
    /// A value of the newest JSON answer whose path matches the glob.
    Response { path: Text, json: String },
}

/// What a value is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadingKind {
    /// As it stands, white space folded.
    Text,
    /// As an exact figure.
    Figure(FigureKind),
}

/// Whether something holds now.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// The element is visible now.
    See(Locator),
    /// It is not.
    NotSee(Locator),
    /// The URL is like this now.
    Url(UrlRule),
    /// The expression over parameters and captures is true.
    Expression(Expression),
}

/// One way a page may go on.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// What shows.
    pub see: Locator,
    /// A branch can be a failure by itself: the class it is filed under (`blocked`, `broken`, `abnormal`).
    pub verdict: Option<String>,
    /// What is walked then.
    pub steps: Vec<Step>,
}

/// Another page of the same lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SwitchTarget {
    /// The page that the last steps opened.
    Popup,
    /// The page the walk began in.
    Main,
}

/// How dialogs (alert, confirm, prompt, beforeunload) are answered.
#[derive(Debug, Clone, PartialEq)]
pub struct DialogAnswer {
    /// OK or Cancel.
    pub accept: bool,
    /// What a prompt is given.
    pub text: Option<Text>,
}

/// A file a tap should bring.
#[derive(Debug, Clone, PartialEq)]
pub struct Download {
    /// What to tap.
    pub target: Locator,
    /// A glob over the suggested file name.
    pub name: Option<Text>,
    /// What the first bytes must say: `pdf`, `zip`, `csv`, `png`, …
    pub kind: Option<String>,
    /// The fewest bytes it may have.
    pub bytes_min: Option<u64>,
}

/// An HTTP call with the lane's cookies.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The method.
    pub method: String,
    /// The URL, relative to the app's base.
    pub url: Text,
    /// A JSON body.
    pub body: Option<Text>,
    /// The status that is right.
    pub status: Option<StatusRule>,
    /// Rules on the JSON answer.
    pub json: Vec<JsonRule>,
    /// Values to keep.
    pub captures: Vec<(String, String)>,
}
