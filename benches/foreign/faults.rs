//! The file that describes an app and what can be broken in it. `ci/bench.d/foreign` says how it is written.

use gengfu::journey::glob::covers;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// An app that somebody brings, and its faults.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// Its name, as its journeys have it.
    pub app: String,
    /// The folder of its journeys, from this file.
    pub journeys: PathBuf,
    /// Journeys walked when nothing is broken and a fault names none of them, too.
    #[serde(default)]
    pub clean: Vec<String>,
    /// Further hosts it needs, such as `cdn.bank.example`.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Requests that no walk may make, such as `POST /api/orders`.
    #[serde(default)]
    pub never: Vec<String>,
    /// Who walks, where journeys name a pool.
    #[serde(default)]
    pub customer: Option<Customer>,
    /// How a 200 says that a call failed.
    #[serde(default)]
    pub business: Option<Business>,
    pub faults: Vec<Fault>,
}

/// A test customer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// What journeys read as `account.NAME`.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// The same for secrets: the environment variable that holds each.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
}

/// The business code of JSON answers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Business {
    pub code: String,
    pub message: String,
    pub right: Vec<String>,
}

/// One fault.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    pub id: String,
    /// What a customer suffers.
    pub title: String,
    /// The group of the catalogue, `A` to `G`.
    pub group: char,
    pub class: Class,
    /// The journeys on which it shows, by file name without `.yaml`.
    pub journeys: Vec<String>,
    /// Ids or titles of the steps at which it shows.
    pub steps: Vec<String>,
    /// What the cause should name, such as `/api/balance_sheet`; nothing where it names no request.
    #[serde(default)]
    pub cause: Option<String>,
    pub change: Vec<Change>,
}

/// How a customer suffers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    Blocked,
    Broken,
    Abnormal,
    Slow,
}

impl Class {
    pub fn word(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Broken => "broken",
            Self::Abnormal => "abnormal",
            Self::Slow => "slow",
        }
    }
}

/// What is done to the answers of one address.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Change {
    /// `*` stands for one segment, a last `**` for the rest.
    pub path: String,
    /// Any when left out.
    pub method: Option<String>,
    /// Milliseconds the answer is held back.
    pub delay_ms: Option<u64>,
    /// The connection is closed without an answer.
    pub abort: bool,
    pub status: Option<u16>,
    /// Set to a value, or taken away with `null`.
    pub headers: BTreeMap<String, Option<String>>,
    /// The whole body.
    pub body: Option<String>,
    /// Values of a JSON body, by JSON pointer: `/data/0/rate`. `null` takes it away.
    pub json: BTreeMap<String, serde_json::Value>,
    /// Texts of a body, by what stands there now.
    pub replace: BTreeMap<String, String>,
    /// Put in where a page's document starts. A page with a content security policy needs that header changed, too.
    pub script: Option<String>,
    pub style: Option<String>,
}

impl Change {
    /// Whether the answer's body has to be read whole.
    pub fn reads_body(&self) -> bool {
        let put_in = self.script.is_some() || self.style.is_some();
        put_in || self.body.is_some() || !self.json.is_empty() || !self.replace.is_empty()
    }

    /// Whether it is about this request.
    pub fn concerns(&self, method: &str, path: &str) -> bool {
        self.method.as_ref().is_none_or(|own| own.eq_ignore_ascii_case(method)) && covers(&self.path, path)
    }

    fn does_something(&self) -> bool {
        let answered = self.status.is_some() || !self.headers.is_empty() || self.reads_body();
        answered || self.abort || self.delay_ms.is_some()
    }
}

/// Reads the file; journeys must lie where it says. Every mistake, as a person can mend it.
pub fn read(file: &Path) -> Result<App, Vec<String>> {
    let told = |why: String| vec![format!("{}: {why}", file.display())];
    let text = std::fs::read_to_string(file).map_err(|e| told(format!("cannot be read: {e}")))?;
    let mut app = parse(&text).map_err(|all| all.into_iter().flat_map(told).collect::<Vec<_>>())?;
    app.journeys = file.parent().unwrap_or(Path::new("")).join(&app.journeys);
    let lost: BTreeSet<&String> = app.walked().into_iter().filter(|name| !app.file_of(name).is_file()).collect();
    if lost.is_empty() {
        return Ok(app);
    }
    let lost = lost
        .into_iter()
        .flat_map(|name| told(format!("no journey `{name}`: {} is no file", app.file_of(name).display())));
    Err(lost.collect())
}

/// The same from its text, without a look at the disk.
pub fn parse(text: &str) -> Result<App, Vec<String>> {
    let app: App = serde_saphyr::from_str(text).map_err(|e| vec![e.to_string()])?;
    let mut wrong = Vec::new();
    if app.faults.is_empty() {
        wrong.push("`faults` is empty: there is nothing to find".to_owned());
    }
    let mut known = BTreeSet::new();
    for fault in &app.faults {
        if !known.insert(&fault.id) {
            wrong.push(format!("fault `{}` stands twice", fault.id));
        }
        wrong.extend(mistakes(fault).into_iter().map(|why| format!("fault `{}`: {why}", fault.id)));
    }
    let rule = |never: &&String| !never.split_once(' ').is_some_and(|(_, path)| path.starts_with('/'));
    wrong.extend(app.never.iter().filter(rule).map(|n| format!("never `{n}`: expected such as `POST /api/orders`")));
    if wrong.is_empty() { Ok(app) } else { Err(wrong) }
}

fn mistakes(fault: &Fault) -> Vec<String> {
    let mut wrong = Vec::new();
    for (what, empty) in [
        ("journeys", fault.journeys.is_empty()),
        ("steps", fault.steps.is_empty()),
        ("change", fault.change.is_empty()),
    ] {
        if empty {
            wrong.push(format!("`{what}` is empty"));
        }
    }
    if !('A'..='G').contains(&fault.group) {
        wrong.push(format!("group `{}`: expected `A` to `G`, as in the catalogue", fault.group));
    }
    for change in &fault.change {
        let at = &change.path;
        if !at.starts_with('/') {
            wrong.push(format!("path `{at}`: expected a path that begins with `/`, such as `/api/*/rates`"));
        }
        if !change.does_something() {
            wrong.push(format!("path `{at}`: nothing is changed there; say status, headers, body, json, replace, script, style, delay_ms or abort"));
        }
        if change.status.is_some_and(|status| !(200..600).contains(&status)) {
            wrong.push(format!("path `{at}`: status {}: expected 200 to 599", change.status.unwrap_or_default()));
        }
        let pointers = change.json.keys().filter(|pointer| !pointer.starts_with('/'));
        wrong.extend(
            pointers.map(|p| format!("path `{at}`: json `{p}`: expected a JSON pointer, such as `/data/0/rate`")),
        );
    }
    wrong
}

impl App {
    /// The journeys that are walked.
    pub fn walked(&self) -> BTreeSet<&String> {
        self.faults.iter().flat_map(|fault| &fault.journeys).chain(&self.clean).collect()
    }

    pub fn file_of(&self, journey: &str) -> PathBuf {
        self.journeys.join(format!("{journey}.yaml"))
    }
}

impl Fault {
    /// Whether it shows at the step with this id and title.
    pub fn shows_at(&self, id: &str, title: &str) -> bool {
        self.steps.iter().any(|step| step == id || step == title)
    }
}
