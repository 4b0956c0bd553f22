//! `/maintenance`: windows in force, to come and over, and the form that declares one.

use super::calendar::{When, when};
use super::deeds::{later, whole};
use super::feed::Changed;
use super::lang::{Lang, Viewer};
use super::serve::Console;
use super::sign_in::go;
use super::visitor::Visitor;
use super::{refusal, render};
use crate::id::{JourneyId, WindowId};
use crate::incident::LedgerError;
use crate::maintenance::{
    Asked, Covers, LASTS_MAX, Listed, NAME_CHARS_MAX, NotDeclared, Past, WHY_CHARS_MAX, Window, WindowError, Windows,
    Wrong,
};
use crate::moment::Moment;
use crate::people::May;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// How far ahead windows of the configuration are listed; declared ones reach no further.
const AHEAD: Duration = Duration::from_secs(90 * 24 * 3600);
/// How far back what is over is listed.
const BACK: Duration = Duration::from_secs(30 * 24 * 3600);
/// Windows to come, and windows that are over, that are listed.
pub(super) const COMING_MAX: usize = 30;
pub(super) const PAST_MAX: usize = 20;

#[derive(Serialize)]
struct MaintenancePage {
    now: Vec<WindowView>,
    coming: Vec<WindowView>,
    past: Vec<WindowView>,
    /// Whether there is none of any kind.
    none: bool,
    may: bool,
    error: Option<String>,
    form: FormView,
}

/// The form, with what was written into it.
#[derive(Serialize)]
struct FormView {
    name: String,
    why: String,
    from: String,
    until: String,
    covers: String,
    /// Each with whether it was ticked.
    apps: Vec<(String, bool)>,
    /// By their names and what people call them.
    journeys: Vec<(String, String, bool)>,
    /// The zone that its times are in, and the present minute there.
    zone: String,
    least: String,
    name_max: usize,
    why_max: usize,
}

/// A window as pages show it.
#[derive(Serialize)]
pub(super) struct WindowView {
    id: Option<String>,
    name: String,
    why: String,
    by: String,
    /// Apps and journeys by what people call them; empty where it is of everything.
    covers: Vec<String>,
    from: When,
    over: When,
    /// How long until it begins, or is over.
    left: String,
    ended_by: Option<String>,
    called_off: bool,
    /// That it came again and again, and how often: these times are its last then.
    times: Option<String>,
    /// How many incidents it kept quiet so far; none where nobody counted.
    quiet: Option<u64>,
}

/// Windows as they are listed.
pub(super) struct Shown {
    pub listed: Listed,
    /// How many incidents those in force and those that are over kept quiet, in their order.
    pub quiet_now: Vec<u64>,
    pub quiet_past: Vec<u64>,
}

impl Shown {
    /// Reads them.
    pub async fn read(console: &Console) -> Result<Self, LedgerError> {
        let now = console.clock.now();
        let began = console.windows.began().await.map_err(|e| LedgerError::Failed(e.0))?;
        // Before there was a watch a window of the configuration kept nobody from anything.
        let since = began.unwrap_or(now).max(now.before(BACK));
        let mut listed = console.almanac.listed(now, AHEAD, since, PAST_MAX);
        listed.coming.truncate(COMING_MAX);
        let (mut quiet_now, mut quiet_past) = (Vec::new(), Vec::new());
        for window in &listed.now {
            quiet_now.push(kept_quiet(console, window, &[], now).await?);
        }
        for past in &listed.past {
            quiet_past.push(kept_quiet(console, &past.window, &past.earlier, now).await?);
        }
        Ok(Self { listed, quiet_now, quiet_past })
    }
}

async fn kept_quiet(
    console: &Console,
    window: &Window,
    earlier: &[(Moment, Moment)],
    now: Moment,
) -> Result<u64, LedgerError> {
    console.windows.kept_quiet(window, earlier, now).await.map_err(|e| LedgerError::Failed(e.0))
}

impl WindowView {
    /// `window` as it is at `now`.
    pub fn of(window: &Window, quiet: Option<u64>, console: &Console, lang: Lang) -> Self {
        let now = console.clock.now();
        let time = |at: Moment| when(at, now, &console.zone, lang);
        let journeys = window.covers.journeys.iter().map(|journey| titled(console, journey));
        let next = if now < window.from { window.from } else { window.over() };
        Self {
            id: window.declared.as_ref().map(|declared| declared.id.to_string()),
            name: window.name.clone(),
            why: window.why.clone(),
            by: window.by.name().to_owned(),
            covers: window.covers.apps.iter().cloned().chain(journeys).collect(),
            from: time(window.from),
            over: time(if window.is_ever() { window.over() } else { window.until }),
            left: lang.duration(next.since(now)),
            ended_by: window.ended().map(|ended| ended.by.name().to_owned()),
            called_off: !window.is_ever(),
            times: None,
            quiet,
        }
    }

    /// `past`, which kept so many incidents `quiet`.
    fn over(past: &Past, quiet: u64, console: &Console, lang: Lang) -> Self {
        let told = |times: usize| lang.maintenance_texts().times.replace("{}", &times.to_string());
        let times = Some(past.times()).filter(|times| *times > 1).map(told);
        Self { times, ..Self::of(&past.window, Some(quiet), console, lang) }
    }

    /// Those in force, and those that begin within a day.
    pub fn soon(console: &Console, lang: Lang) -> (Vec<Self>, Vec<Self>) {
        let listed = console.almanac.listed(console.clock.now(), DAY, console.clock.now(), 0);
        let shown = |windows: &[Window]| windows.iter().map(|w| Self::of(w, None, console, lang)).collect();
        (shown(&listed.now), shown(&listed.coming))
    }
}

fn titled(console: &Console, journey: &JourneyId) -> String {
    let rostered = console.roster.iter().find(|rostered| rostered.journey == *journey);
    rostered.map_or_else(|| journey.to_string(), |rostered| rostered.title.clone())
}

/// What is wrong with what was asked, before it is a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unread {
    /// It begins at no time.
    From,
    /// It ends at no time.
    Until,
    /// It is of nothing.
    Covers,
    /// It is of what is not patrolled.
    Unknown(String),
}

/// Why nothing was declared or ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotDone {
    Unread(Unread),
    /// This person did as much as one may for now.
    TooOften(Duration),
    Not(NotDeclared),
}

/// What a form or a program asks for, in its own words.
#[derive(Debug, Default)]
pub(super) struct Said<'a> {
    pub name: &'a str,
    pub why: &'a str,
    pub from: &'a str,
    pub until: &'a str,
    pub everything: bool,
    pub apps: Vec<&'a str>,
    pub journeys: Vec<&'a str>,
}

impl Said<'_> {
    fn read(&self, console: &Console) -> Result<Asked, Unread> {
        let time = |text: &str| moment(text.trim(), &console.zone);
        let from = match self.from.trim() {
            "" => None,
            text => Some(time(text).ok_or(Unread::From)?),
        };
        let until = time(self.until).ok_or(Unread::Until)?;
        let covers = self.covers(console)?;
        Ok(Asked { name: self.name.to_owned(), why: self.why.to_owned(), covers, from, until })
    }

    /// Everything has to be said: who forgets to name what it is of would silence all of it.
    fn covers(&self, console: &Console) -> Result<Covers, Unread> {
        let mut covers = Covers::default();
        if self.everything {
            return if self.apps.is_empty() && self.journeys.is_empty() { Ok(covers) } else { Err(Unread::Covers) };
        }
        for app in &self.apps {
            if !console.roster.iter().any(|rostered| rostered.app == *app) {
                return Err(Unread::Unknown(shortened(app)));
            }
            covers.apps.insert((*app).to_owned());
        }
        for name in &self.journeys {
            let known = console.roster.iter().find(|rostered| rostered.journey.as_str() == *name);
            covers.journeys.insert(known.ok_or_else(|| Unread::Unknown(shortened(name)))?.journey.clone());
        }
        if covers.is_all() { Err(Unread::Covers) } else { Ok(covers) }
    }
}

fn shortened(name: &str) -> String {
    name.chars().take(80).collect()
}

/// RFC 3339, or a day and a time of `zone`, as the field of a form has it.
fn moment(text: &str, zone: &TimeZone) -> Option<Moment> {
    let exact = text.parse::<jiff::Timestamp>().ok();
    let local = || text.parse::<jiff::civil::DateTime>().ok()?.to_zoned(zone.clone()).ok().map(|z| z.timestamp());
    exact.or_else(local).map(|at| Moment::from_millis(at.as_millisecond()))
}

/// Declares what is asked for.
pub(super) async fn declared(console: &Console, visitor: &Visitor, said: &Said<'_>) -> Result<Window, NotDone> {
    let asked = said.read(console).map_err(NotDone::Unread)?;
    let (by, now) = (visitor.actor(), console.clock.now());
    console.pace().take(&by, now).map_err(NotDone::TooOften)?;
    let (almanac, windows) = (console.almanac.clone(), console.windows.clone());
    to_its_end(console, async move { almanac.declare(windows.as_ref(), asked, by, now).await }).await
}

/// Ends the window of this name.
pub(super) async fn ended(console: &Console, visitor: &Visitor, id: &str) -> Result<Window, NotDone> {
    let id: WindowId = id.parse().map_err(|_| NotDone::Not(NotDeclared::Absent))?;
    let (by, now) = (visitor.actor(), console.clock.now());
    console.pace().take(&by, now).map_err(NotDone::TooOften)?;
    let (almanac, windows) = (console.almanac.clone(), console.windows.clone());
    to_its_end(console, async move { almanac.end(windows.as_ref(), id, by, now).await }).await
}

/// On a task of its own: whoever asked may go away meanwhile, and what the ledger has kept is in force all the same.
async fn to_its_end(
    console: &Console,
    change: impl Future<Output = Result<Window, NotDeclared>> + Send + 'static,
) -> Result<Window, NotDone> {
    let feed = console.feed.clone();
    let changed = tokio::spawn(async move {
        let window = change.await?;
        feed.tell(Changed::Incident);
        Ok(window)
    });
    let broke_off = |error: tokio::task::JoinError| Err(NotDeclared::Ledger(WindowError(error.to_string())));
    changed.await.unwrap_or_else(broke_off).map_err(NotDone::Not)
}

/// `GET /maintenance`
pub(super) async fn page(State(console): State<Arc<Console>>, viewer: Viewer, visitor: Visitor) -> Response {
    show(&console, &viewer, &visitor, StatusCode::OK, (None, &BTreeMap::new())).await
}

/// `POST /maintenance`, from the page's form. Apps and journeys are boxes of their own names.
pub(super) async fn declare(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Form(form): Form<BTreeMap<String, String>>,
) -> Response {
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    let ticked = |kind: &'static str| form.keys().filter_map(move |name| name.strip_prefix(kind)).collect::<Vec<_>>();
    let everything = field("covers") == "all";
    let said = Said {
        name: field("name"),
        why: field("why"),
        from: field("from"),
        until: field("until"),
        everything,
        // Boxes that were ticked before somebody chose all of it are not seen any more.
        apps: if everything { Vec::new() } else { ticked("app-") },
        journeys: if everything { Vec::new() } else { ticked("journey-") },
    };
    match declared(&console, &visitor, &said).await {
        Ok(_) => go("/maintenance", []),
        Err(not) => told(&console, &viewer, &visitor, &not, &form).await,
    }
}

/// `POST /maintenance/{id}/end`
pub(super) async fn end(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    match ended(&console, &visitor, &id).await {
        Ok(_) => go("/maintenance", []),
        Err(NotDone::Not(NotDeclared::Absent)) => refusal::absent(&console, &viewer),
        Err(not) => told(&console, &viewer, &visitor, &not, &BTreeMap::new()).await,
    }
}

async fn told(
    console: &Console,
    viewer: &Viewer,
    visitor: &Visitor,
    not: &NotDone,
    form: &BTreeMap<String, String>,
) -> Response {
    let status = match not {
        NotDone::Not(NotDeclared::Ledger(error)) => {
            return refusal::ledger(console, viewer, &LedgerError::Failed(error.0.clone()));
        }
        NotDone::TooOften(_) => StatusCode::TOO_MANY_REQUESTS,
        NotDone::Not(NotDeclared::TooMany | NotDeclared::Over) => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = show(console, viewer, visitor, status, (Some(viewer.lang.not_planned(not)), form)).await;
    match not {
        NotDone::TooOften(wait) => later(page, *wait),
        _ => page,
    }
}

async fn show(
    console: &Console,
    viewer: &Viewer,
    visitor: &Visitor,
    status: StatusCode,
    (error, said): (Option<String>, &BTreeMap<String, String>),
) -> Response {
    let Shown { listed, quiet_now, quiet_past } = match Shown::read(console).await {
        Ok(shown) => shown,
        Err(error) => return refusal::ledger(console, viewer, &error),
    };
    let view = |window: &Window, quiet: Option<u64>| WindowView::of(window, quiet, console, viewer.lang);
    let past = |(past, quiet): (&Past, &u64)| WindowView::over(past, *quiet, console, viewer.lang);
    let page = MaintenancePage {
        none: listed == Listed::default(),
        now: listed.now.iter().zip(&quiet_now).map(|(window, quiet)| view(window, Some(*quiet))).collect(),
        coming: listed.coming.iter().map(|window| view(window, None)).collect(),
        past: listed.past.iter().zip(&quiet_past).map(past).collect(),
        may: visitor.may(May::ActOnIncidents),
        error,
        form: form(console, said),
    };
    render::page_with(console, viewer, "maintenance.html", status, page)
}

fn form(console: &Console, said: &BTreeMap<String, String>) -> FormView {
    let mut apps: Vec<String> = console.roster.iter().map(|rostered| rostered.app.clone()).collect();
    apps.sort_unstable();
    apps.dedup();
    let field = |name: &str| said.get(name).cloned().unwrap_or_default();
    let ticked = |kind: &str, name: &str| said.contains_key(&format!("{kind}-{name}"));
    let journeys = console.roster.iter().map(|rostered| {
        let id = rostered.journey.as_str();
        (id.to_owned(), rostered.title.clone(), ticked("journey", id))
    });
    let local = console.clock.now().timestamp().to_zoned(console.zone.clone());
    let zone = console.zone.iana_name().map_or_else(|| local.strftime("UTC%:z").to_string(), str::to_owned);
    FormView {
        name: field("name"),
        why: field("why"),
        from: field("from"),
        until: field("until"),
        covers: field("covers"),
        apps: apps.into_iter().map(|app| (app.clone(), ticked("app", &app))).collect(),
        journeys: journeys.collect(),
        zone,
        least: local.strftime("%Y-%m-%dT%H:%M").to_string(),
        name_max: NAME_CHARS_MAX,
        why_max: WHY_CHARS_MAX,
    }
}

/// The end of the window of `windows` that is in force for `journey` through `app`.
pub(super) fn until(windows: &Windows, app: &str, journey: &JourneyId, now: Moment) -> Option<Moment> {
    windows.amid(app, journey, now, now).map(Window::over)
}

impl Lang {
    /// Why nothing was declared or ended.
    pub(super) fn not_planned(self, not: &NotDone) -> String {
        let m = self.maintenance_texts();
        match not {
            NotDone::Unread(Unread::From) => m.unread_from.into(),
            NotDone::Unread(Unread::Until) => m.unread_until.into(),
            NotDone::Unread(Unread::Covers) => m.unread_covers.into(),
            NotDone::Unread(Unread::Unknown(name)) => format!("{} {name}", m.unread_unknown),
            NotDone::TooOften(wait) => self.texts().refused_often.replace("{}", &self.duration(whole(*wait))),
            NotDone::Not(NotDeclared::Wrong(wrong)) => match wrong {
                Wrong::Name => m.wrong_name.into(),
                Wrong::Why => m.wrong_why.into(),
                Wrong::Past => m.wrong_past.into(),
                Wrong::Ahead => m.wrong_ahead.into(),
                Wrong::Order => m.wrong_order.into(),
                Wrong::Long => format!("{} {}", m.wrong_long, self.duration(LASTS_MAX)),
            },
            NotDone::Not(NotDeclared::TooMany) => m.too_many.into(),
            NotDone::Not(NotDeclared::Over) => m.over_already.into(),
            NotDone::Not(NotDeclared::Absent | NotDeclared::Ledger(_)) => m.absent.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_with_its_zone_or_in_the_consoles() {
        let zone = TimeZone::fixed(jiff::tz::offset(8));
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(moment(text, &zone).map(|at| at.to_string()).as_deref(), expected, "{text}");
        };
        check("2026-11-23T22:00", Some("2026-11-23T14:00:00Z"));
        check("2026-11-23 22:00", Some("2026-11-23T14:00:00Z"));
        check("2026-11-23T22:00:00Z", Some("2026-11-23T22:00:00Z"));
        check("2026-11-23T22:00:00+01:00", Some("2026-11-23T21:00:00Z"));
        for wrong in ["", "22:00", "tomorrow", "2026-11-31T22:00", "9999999999"] {
            check(wrong, None);
        }
    }
}
