//! What was seen while a step was walked. All texts are masked and cut before they get here.

use super::{Promise, Promises};
use crate::evidence::EvidenceKey;
use crate::id::StepId;
use crate::journey::Value;
use crate::moment::Moment;
use crate::oracle::{Alike, Breach};
use crate::picture::{Scene, Told};
use std::time::Duration;

/// Everything seen from a step's start to the next step's.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Observation {
    /// HTTP exchanges that ended, failed or were stopped in the step, oldest first.
    pub exchanges: Vec<Exchange>,
    /// Console lines.
    pub console: Vec<ConsoleLine>,
    /// Uncaught exceptions and unhandled rejections.
    pub script_errors: Vec<ScriptError>,
    /// Dialogs that opened.
    pub dialogs: Vec<DialogSeen>,
    /// Navigations of the page itself, client-side route changes included.
    pub navigations: Vec<Navigation>,
    /// Requests the guard stopped: `POST https://host/path (rule)`.
    pub guarded: Vec<String>,
    /// The tap, where the step made one.
    pub tap: Option<TapTrace>,
    /// The page at the step's end; `None` when it could not be looked at.
    pub page: Option<PageLook>,
    /// What answers promised in clean walks and did not in this one; known once the walk is compared with its baseline.
    pub broken_promises: Vec<BrokenPromise>,
    /// How long the step took beside what it usually takes; known once the walk is compared with its baseline.
    pub slowness: Option<Slowness>,
    /// What the page showed that cannot be true, as the journey's oracles say; what an earlier step showed is not repeated.
    pub breaches: Vec<BreachSeen>,
    /// What it showed of figures that all devices must show alike; what an earlier step read the same is not repeated.
    pub alike: Vec<AlikeSeen>,
    /// Of these, what another device shows otherwise; known once the walk is compared with those of others.
    pub apart: Vec<Apart>,
    /// The page as it was pictured to be compared.
    pub portrait: Option<Portrait>,
    /// How it differs from the approved picture; known once the walk is compared with its baseline.
    pub likeness: Option<Likeness>,
}

/// A figure that all devices must show alike, and the step that led to the page.
#[derive(Debug, Clone, PartialEq)]
pub struct AlikeSeen {
    /// What was read.
    pub figure: Alike,
    /// The step that led there.
    pub led_by: StepId,
}

/// A figure that another device shows otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct Apart {
    /// What this walk read.
    pub seen: AlikeSeen,
    /// When.
    pub at: Moment,
    /// The other device, as `Device::name` has it.
    pub device: String,
    /// What was read there last.
    pub value: Value,
    /// When.
    pub there_at: Moment,
    /// How long both are known to have shown it at once.
    pub together: Duration,
}

/// A page that was pictured to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portrait {
    /// What its author calls it.
    pub name: String,
    /// The picture.
    pub picture: EvidenceKey,
    /// What stands where in it.
    pub scene: Scene,
}

/// How a page differs from its approved picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likeness {
    /// The picture it was compared with.
    pub approved: EvidenceKey,
    /// Whether enough clean walks have shown what varies by itself.
    pub sure: bool,
    /// Whether a person has said of just this change that it is wrong.
    pub rejected: bool,
    /// What differs.
    pub told: Told,
}

/// What the page showed that cannot be true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreachSeen {
    /// What it is.
    pub breach: Breach,
    /// The step that led to it: the last one that did something. Which of the looks after it saw it first is chance.
    pub led_by: StepId,
}

/// A protection of the customer that was always there and is not any more.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BrokenPromise {
    /// The route whose answer broke it.
    pub route: String,
    /// What it promised.
    pub promise: Promise,
    /// How many clean walks in a row had seen it held.
    pub held_in_walks: u32,
}

/// How long a step took beside what it takes in clean walks at this time of the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slowness {
    /// What it usually takes.
    pub usual: Duration,
    /// What this look adds to the suspicion that it has become slower, in thousandths; below nothing it speaks against it.
    pub weight: i32,
    /// Whether enough looks in a row were slow, this one too.
    pub sounds: bool,
    /// Whether nearly everything was slow at the time.
    pub dragged: bool,
}

/// One HTTP exchange.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Exchange {
    /// The method.
    pub method: String,
    /// The URL, secrets masked.
    pub url: String,
    /// What asked for it.
    pub kind: ExchangeKind,
    /// The status; `None` when there was no answer.
    pub status: Option<u16>,
    /// The browser's error (`net::ERR_…`), when there was no answer.
    pub error: Option<String>,
    /// The answer's content type.
    pub content_type: Option<String>,
    /// Bytes of the answer's body.
    pub bytes: u64,
    /// From the walk's start.
    pub offset: Duration,
    /// From request to last byte.
    pub elapsed: Duration,
    /// Whether it went to the app's own hosts.
    pub own: bool,
    /// How many redirects led here.
    pub redirects: u32,
    /// The value of the app's business-code field in a JSON answer, such as `0000` or `E1001`.
    pub business_code: Option<String>,
    /// Whether the app's configuration counts the code among those that mean success; `None` when there is no
    /// code, or nothing is configured.
    pub business_right: Option<bool>,
    /// The message beside the business code.
    pub business_message: Option<String>,
    /// What an answer of the app's own that succeeded promises for the customer's safety.
    pub promises: Option<Promises>,
}

/// What asked for an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExchangeKind {
    /// The page itself.
    Document,
    /// A frame in the page.
    Frame,
    /// A stylesheet.
    Style,
    /// A script.
    Script,
    /// An image.
    Image,
    /// A font.
    Font,
    /// `fetch` or XMLHttpRequest.
    Api,
    /// Anything else.
    #[default]
    Other,
}

/// A line of the page's console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleLine {
    /// Its level.
    pub level: ConsoleLevel,
    /// Its text, masked, cut to 2,000 characters.
    pub text: String,
    /// From the walk's start.
    pub offset: Duration,
}

/// The level of a console line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConsoleLevel {
    /// `console.debug`
    Debug,
    /// `console.log`, `console.info`
    Info,
    /// `console.warn`
    Warn,
    /// `console.error`
    Error,
}

/// An uncaught exception or unhandled rejection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptError {
    /// Its text, masked, cut to 2,000 characters.
    pub text: String,
    /// The first frame in the app's own files: `app.js:120 renderTotal`; without line numbers it would not survive a build.
    pub frame: Option<String>,
    /// Whether that frame, or the page itself, is on the app's own hosts.
    pub own: bool,
    /// From the walk's start.
    pub offset: Duration,
}

/// A dialog that opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialogSeen {
    /// `alert`, `confirm`, `prompt`, `beforeunload`.
    pub kind: String,
    /// Its text, masked.
    pub text: String,
    /// Whether it was accepted.
    pub accepted: bool,
}

/// A navigation of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Navigation {
    /// Where to, secrets masked.
    pub url: String,
    /// Whether the document stayed (History API, fragment).
    pub same_document: bool,
    /// Why it failed, if it did.
    pub error: Option<String>,
    /// From the walk's start.
    pub offset: Duration,
}

/// A tap and what came of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TapTrace {
    /// How many taps were made.
    pub taps: u32,
    /// Round trips to the browser, the look for its effect included.
    pub round_trips: u32,
    /// Whether the page, its URL, focus or network moved.
    pub effect: bool,
    /// The request that it sent and that was still under way when the control was seen open to another tap.
    pub left_open: Option<String>,
}

/// The page at the end of a step, as one look from inside it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PageLook {
    /// Its URL, secrets masked.
    pub url: String,
    /// Its title, masked.
    pub title: String,
    /// `document.readyState`.
    pub ready_state: String,
    /// Its visible text, masked, cut to 64 KiB.
    pub text: String,
    /// Characters of visible text before cutting.
    pub text_chars: u32,
    /// Characters of visible text in the main region: `main`, `[role=main]`, or the body less header, nav and footer.
    pub main_chars: u32,
    /// Elements in the main region that a customer can see or use: text, images, controls.
    pub main_elements: u32,
    /// Whether a main region was marked as such.
    pub main_marked: bool,
    /// Of a 9 × 9 grid of points, how many hit nothing but containers (html, body, an unmarked root).
    pub grid_empty: u32,
    /// Points of the grid that were looked at.
    pub grid_points: u32,
    /// Images that did not come.
    pub broken_images: Vec<BrokenImage>,
    /// Stylesheets that did not come.
    pub lost_sheets: Vec<SheetLost>,
    /// Rules of stylesheets that apply.
    pub style_rules: u32,
    /// Signs of loading that a customer sees: `aria-busy`, progress bars, spinners, skeletons, 加载中.
    pub loading: Vec<LoadingMark>,
    /// `scrollWidth - clientWidth` of the page, in CSS pixels.
    pub overflow_x: i32,
    /// What an eye stumbles over.
    pub flaws: Vec<Flaw>,
    /// The longest time the page's script kept everything else waiting.
    pub frozen: Duration,
    /// `document.characterSet`.
    pub charset: String,
    /// Whether the page was visible when it was looked at.
    pub visible: bool,
}

/// Something that an eye stumbles over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// What it is.
    pub kind: FlawKind,
    /// Which element: `<p class="figure">`.
    pub locus: String,
    /// The text it is about, masked.
    pub words: String,
}

/// The kinds of flaws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlawKind {
    /// A figure of which a part is cut off.
    ClippedFigure,
    /// A text in the colour of its background.
    InvisibleText,
    /// Two texts lie over each other.
    OverlappingText,
    /// A chart on which nothing is drawn.
    BlankCanvas,
    /// A link to another site that nobody is meant to see.
    HiddenLink,
    /// A figure of which a part stands on another line.
    SplitFigure,
    /// A film or recording that cannot be played.
    DeadMedia,
    /// A keypad of the page's own on which nothing is drawn.
    BlankKeypad,
    /// A block with its heading that stands there twice.
    DoubledBlock,
    /// A rise in the colour of falls, or a fall in that of rises.
    ContraryColour,
    /// A consent that was ticked before the customer did anything.
    TickedConsent,
    /// A character that shows as a box.
    MissingGlyph,
}

impl FlawKind {
    /// The kind the page's look calls by this word.
    pub fn read(word: &str) -> Option<Self> {
        Some(match word {
            "clipped-figure" => Self::ClippedFigure,
            "invisible-text" => Self::InvisibleText,
            "overlapping-text" => Self::OverlappingText,
            "blank-canvas" => Self::BlankCanvas,
            "hidden-link" => Self::HiddenLink,
            "split-figure" => Self::SplitFigure,
            "dead-media" => Self::DeadMedia,
            "blank-keypad" => Self::BlankKeypad,
            "doubled-block" => Self::DoubledBlock,
            "contrary-colour" => Self::ContraryColour,
            "ticked-consent" => Self::TickedConsent,
            "missing-glyph" => Self::MissingGlyph,
            _ => return None,
        })
    }
}

/// An image that did not come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenImage {
    /// Its URL, secrets masked.
    pub src: String,
    /// Its alternative text.
    pub alt: String,
    /// Rendered width in CSS pixels.
    pub width: u32,
    /// Rendered height in CSS pixels.
    pub height: u32,
}

/// A stylesheet that did not come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetLost {
    /// Its URL, secrets masked.
    pub href: String,
}

/// A sign of loading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadingMark {
    /// Which element: `div#list.skeleton`.
    pub locus: String,
    /// How long it has been there as it is, as far as the page knows.
    pub age: Duration,
}
