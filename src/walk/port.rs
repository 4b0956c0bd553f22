//! What the walk engine needs of the world: a lane to walk in, accounts, secrets, someone who watches.
#![expect(missing_docs, reason = "the fields of an act are named after the verb it comes from")]

use super::{
    ConsoleLine, DialogSeen, Environment, Exchange, Failure, Navigation, PageLook, ScriptError, TapTrace, Trouble,
};
use crate::evidence::EvidenceKey;
use crate::guard::{GuardRules, HostRule};
use crate::journey::{Device, DialogAnswer, Direction, JsonRule, StatusRule, SwitchTarget, TapKind};
use crate::oracle::SocketsSeen;
use crate::picture::Scene;
use crate::secret::Secret;
use async_trait::async_trait;
use futures_util::future::BoxFuture;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// What is read of each row of a page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RowsWanted {
    /// The rows; the page is one row when `None`.
    pub each: Option<Target>,
    /// What tells them apart.
    pub key: Option<PartWanted>,
    /// By name.
    pub read: Vec<(String, PartWanted)>,
}

/// A part of a row: the text of an element in it, or of the row itself, or an attribute instead.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PartWanted {
    pub target: Option<Target>,
    pub attribute: Option<String>,
}

/// What a page showed at one time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RowsRead {
    /// Its URL then.
    pub url: String,
    /// The rows of each that was wanted, masked, or why they could not be read.
    pub rows: Vec<Result<Vec<RowRead>, String>>,
}

/// One row; what is not in it is left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RowRead {
    pub key: Option<String>,
    pub read: BTreeMap<String, String>,
}

/// Why a lane could not do what was asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Mishap {
    /// A customer would not get through either.
    Failure(Failure),
    /// The robot cannot say.
    Trouble(Trouble),
}

/// What a lane is opened with.
#[derive(Debug, Clone)]
pub struct LaneSpec {
    /// The device to be.
    pub device: Device,
    /// BCP 47 language.
    pub locale: String,
    /// IANA time zone.
    pub timezone: Option<String>,
    /// The app's own hosts: what they answer is the app's doing.
    pub own_hosts: Vec<HostRule>,
    /// What may leave the lane.
    pub guard: Arc<GuardRules>,
    /// The JSON field that says how a call went, and the values that are right: `("code", ["0000"])`.
    pub business: Option<BusinessCode>,
    /// Whether JSON answers are read: for business codes, response expectations and readings.
    pub bodies: bool,
    /// Whether the network is kept as HAR.
    pub evidence: bool,
    /// Whether a picture follows each step: the call that sees a step's end covers the page for it, too.
    pub pictures: bool,
    /// Whether a tap without effect is made once more, as a customer would: not where two taps may be two orders.
    pub retap: bool,
}

/// How an app says in a 200 that a call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessCode {
    /// Path of the code in the JSON body: `$.code`.
    pub code: String,
    /// Path of the message beside it: `$.message`.
    pub message: String,
    /// The values that mean success.
    pub right: Vec<String>,
}

/// A page that stands still.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Posed {
    /// PNG.
    pub picture: Vec<u8>,
    /// What stands where in it.
    pub scene: Scene,
}

/// Where lanes come from.
#[async_trait]
pub trait Lanes: Send + Sync {
    /// Opens a fresh lane: its own cookies, storage, cache and window.
    async fn lend(&self, spec: &LaneSpec) -> Result<Box<dyn Lane>, Trouble>;
}

/// A locator with every name filled in.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
pub struct Target {
    /// `role`, `label`, `text`, `placeholder`, `alt`, `title`, `testid`, `css`, `xpath`.
    pub by: &'static str,
    /// The role, text or selector.
    pub value: String,
    /// The accessible name, for `role`.
    pub name: Option<String>,
    /// Whole and case-sensitive.
    pub exact: bool,
    /// Only elements that contain this text.
    pub has_text: Option<String>,
    /// The n-th match, from 1.
    pub nth: Option<u32>,
    /// Inside the one element this names.
    pub within: Option<Box<Target>>,
    /// The frame: `name` and its value, or `url` and a glob.
    pub frame: Option<(&'static str, String)>,
    /// As people read it: `button "下一步"`.
    pub words: String,
    /// As its author wrote it, names not filled in (`text "${account.name}"`): the same for every customer.
    #[serde(skip)]
    pub written: String,
}

/// One thing to do with the page.
#[derive(Debug, Clone)]
pub enum Act {
    /// A verified tap.
    Tap { target: Target, kind: TapKind },
    /// Replaces a field's content. A secret is never logged, and its field is masked in pictures.
    Fill { target: Target, value: FillText },
    /// Real keys.
    Type { target: Option<Target>, text: String },
    /// One key or chord.
    Press { target: Option<Target>, keys: String },
    /// An option of a select, by its label.
    Choose { target: Target, option: String },
    /// A checkbox, radio or switch.
    Check { target: Target, checked: bool },
    /// Files, by absolute path.
    Upload { target: Target, files: Vec<String> },
    /// The pointer rests on an element.
    Hover { target: Target },
    /// One element onto another, or by CSS pixels.
    Drag { from: Target, to: Option<Target>, by: Option<(i32, i32)> },
    /// A finger over the target or the page.
    Swipe { target: Option<Target>, direction: Direction },
    /// Until the target is in view, or by CSS pixels.
    Scroll { target: Option<Target>, by: (i32, i32) },
}

/// What a field is filled with.
#[derive(Debug, Clone)]
pub enum FillText {
    /// In the clear.
    Plain(String),
    /// Masked everywhere.
    Secret(Secret),
}

/// One thing that must show, or hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Sight {
    /// Visible; with a count, exactly that many.
    See { target: Target, count: Option<u32> },
    /// None visible.
    NotSee(Target),
    /// The URL's path matches the glob.
    Path(String),
    /// The whole URL matches the regular expression.
    UrlMatches(String),
    /// The app answered a request made since the step began.
    Response(ResponseSight),
}

/// An answer that must come.
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseSight {
    /// Any when `None`.
    pub method: Option<String>,
    /// A path glob.
    pub path: String,
    /// The status.
    pub status: Option<StatusRule>,
    /// Rules on the JSON body, names filled in.
    pub json: Vec<JsonRule>,
}

/// One value to read.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    /// The visible text, or the value of a field; the attribute when one is named.
    Element { target: Target, attribute: Option<String> },
    /// How many match.
    Count(Target),
    /// The URL.
    Url,
    /// The title.
    Title,
    /// The newest JSON answer whose path matches the glob, and the value at the JSON path.
    Response { path: String, json: String },
}

/// What came of an act.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Acted {
    /// The tap, where there was one.
    pub tap: Option<TapTrace>,
}

/// A file that arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrived {
    /// The suggested name.
    pub name: String,
    /// Where it came from, masked.
    pub url: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its first 16 bytes.
    pub head: Vec<u8>,
}

/// An answer to a call with the lane's cookies.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, cut to 1 MiB.
    pub body: String,
}

/// A request that the guard stopped. Shown as `POST https://host:443/path (reason)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// The method.
    pub method: String,
    /// The address without query; a host and port alone where the path was not to be seen.
    pub url: String,
    /// Whether a never rule stopped it: then the journey goes too far.
    pub never: bool,
    /// Why.
    pub reason: String,
}

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} ({})", self.method, self.url, self.reason)
    }
}

/// What was seen since the last look: everything but the page itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sightings {
    /// HTTP exchanges that ended.
    pub exchanges: Vec<Exchange>,
    /// Console lines.
    pub console: Vec<ConsoleLine>,
    /// Script errors.
    pub script_errors: Vec<ScriptError>,
    /// Dialogs.
    pub dialogs: Vec<DialogSeen>,
    /// Navigations.
    pub navigations: Vec<Navigation>,
    /// Requests the guard stopped.
    pub guarded: Vec<Stopped>,
    /// Things that could not be seen, each in a sentence.
    pub losses: Vec<String>,
}

/// What is left when a lane closes.
#[derive(Debug, Clone, Default)]
pub struct Leftovers {
    /// HAR 1.2, masked; `None` when it was not collected.
    pub har: Option<Vec<u8>>,
    /// What was seen after the last step.
    pub late: Sightings,
}

/// One isolated user context with one window. Every call ends by its deadline.
#[async_trait]
pub trait Lane: Send {
    /// What walks.
    fn environment(&self) -> Environment;
    /// Secrets that may show up anywhere from now on; everything the lane gives out is masked by them.
    fn hide(&mut self, secrets: &[Secret]);
    /// Waits until the step before is done with: its picture taken, its page in front. Gives how long that took: the
    /// robot's time and not the app's.
    async fn free(&mut self) -> Duration;
    /// The next act is a single tap of this: what must be known for it may be found out while `free` waits.
    fn tap_follows(&mut self, _target: &Target) {}
    /// Loads a URL and waits until its document can be used.
    async fn open(&mut self, url: &Url, within: Duration) -> Result<(), Mishap>;
    /// The browser's back button.
    async fn back(&mut self, within: Duration) -> Result<(), Mishap>;
    /// The browser's reload.
    async fn reload(&mut self, within: Duration) -> Result<(), Mishap>;
    /// Does one thing as a customer would, then waits until all of `then` holds.
    async fn act(&mut self, act: &Act, then: &[Sight], within: Duration) -> Result<Acted, Mishap>;
    /// Waits until all of `sights` holds.
    async fn look(&mut self, sights: &[Sight], within: Duration) -> Result<(), Mishap>;
    /// Whether each of `sights` holds now.
    async fn holds(&mut self, sights: &[Sight], within: Duration) -> Result<Vec<bool>, Mishap>;
    /// Reads values, waiting until each can be read.
    async fn read(&mut self, reads: &[Read], within: Duration) -> Result<Vec<String>, Mishap>;
    /// Reads rows of the page as it is now, all at one time.
    async fn rows(&mut self, wanted: &[RowsWanted], within: Duration) -> Result<RowsRead, Mishap>;
    /// The newest JSON answer of the app's own whose path the glob covers.
    fn answer(&self, path: &str) -> Option<serde_json::Value>;
    /// The web sockets of the page as they stand; nothing that came by them is kept.
    fn sockets(&mut self) -> SocketsSeen;
    /// Waits until one of them has opened, spoken for the first time or ended since `changes`, at most `within`.
    async fn listen(&mut self, changes: u64, within: Duration) -> Result<(), Mishap>;
    /// Goes on in another page of the lane.
    async fn switch(&mut self, target: SwitchTarget, within: Duration) -> Result<(), Mishap>;
    /// How dialogs are answered from now on.
    fn answer_dialogs(&mut self, answer: &DialogAnswer, text: Option<String>);
    /// Taps the target and waits for the file.
    async fn download(&mut self, target: &Target, within: Duration) -> Result<Arrived, Mishap>;
    /// An HTTP call from the page, with its cookies.
    async fn call(&mut self, method: &str, url: &Url, body: Option<&str>, within: Duration) -> Result<Answer, Mishap>;
    /// Evaluates script in the page; true holds.
    async fn evaluate(&mut self, script: &str, within: Duration) -> Result<bool, Mishap>;
    /// Lets time pass while the lane goes on seeing.
    async fn rest(&mut self, time: Duration) -> Result<(), Mishap>;
    /// What the act that ended last took of the robot's own time, and not of the app's.
    fn own_time(&mut self) -> Duration {
        Duration::ZERO
    }
    /// Waits until the app's own requests have ended, at most `within`: what comes late belongs to the page. A page that
    /// has begun to reload itself is watched for a few seconds more, as long as it goes on.
    async fn calm(&mut self, within: Duration);
    /// Starts taking a picture, masked. The next act waits until it is taken; storing it need not.
    fn picture(&mut self, of: Option<&Target>) -> BoxFuture<'static, Result<Vec<u8>, String>>;
    /// The page once it stands still, as PNG, masked, with what stands where in it; what `without` names and what never
    /// stands still is marked. Why not, if it cannot be had.
    async fn pose(&mut self, without: &[Target], within: Duration) -> Result<Posed, String>;
    /// The page's HTML, masked, cut to 2 MiB.
    async fn snapshot(&mut self) -> Result<String, String>;
    /// The page as the last call into it saw it, if that call looked.
    fn seen(&self) -> Option<PageLook>;
    /// The page as it is now.
    async fn page(&mut self) -> Option<PageLook>;
    /// What was seen since this was last asked. Offsets count from the lane's opening.
    fn sightings(&mut self) -> Sightings;
    /// Closes the lane. A picture under way is waited for, the page is not.
    async fn close(self: Box<Self>) -> Leftovers;
}

/// A leased test customer.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its name in the pool.
    pub name: String,
    /// Plain fields: `username`.
    pub fields: std::collections::BTreeMap<String, String>,
    /// Secret fields: `password`, `trade_pin`, `totp`.
    pub secrets: std::collections::BTreeMap<String, Secret>,
}

/// Where secret references lead.
pub trait Secrets: Send + Sync {
    /// The secret that `env:NAME`, `file:PATH` or `exec:COMMAND` names, or why there is none.
    fn resolve(&self, reference: &str) -> Result<Secret, String>;
}

/// Someone who watches a walk: the terminal, the console, a person stepping through.
#[async_trait]
pub trait Watcher: Send + Sync {
    /// A step begins. `replay` holds it here until the person goes on.
    async fn step_begins(&self, _number: usize, _title: &str) {}
    /// A step has ended; pictures may still be on their way.
    async fn step_ended(&self, _number: usize, _step: &super::StepRecord) {}
    /// The picture of a step has come and is kept.
    fn picture_kept(&self, _number: usize, _picture: &EvidenceKey) {}
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

#[async_trait]
impl Watcher for Unwatched {}
