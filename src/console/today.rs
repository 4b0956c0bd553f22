//! `GET /`: Today, the page on the wall.

use super::calendar::{When, tick, when};
use super::lang::{Lang, Viewer};
use super::maintenance::WindowView;
use super::serve::Console;
use super::strip::{CELLS, Cell, Face, Span};
use super::watch::{Standing, Trouble, Watch, Watched};
use super::{refusal, render};
use crate::alert::{NoticeState, OutboxRow};
use crate::incident::Incident;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::tz::TimeZone;
use minijinja::HtmlEscape;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Open incidents, and notices not delivered, that are named; the rest is a number.
const NAMED: u32 = 6;
/// Labels on the time axis, the present left out.
const TICKS: usize = 4;

#[derive(Deserialize, schemars::JsonSchema)]
pub(super) struct Asked {
    /// How far back the strips reach; `24h` where none is asked for.
    #[schemars(schema_with = "super::shape::range")]
    pub range: Option<String>,
}

#[derive(Serialize)]
struct TodayPage {
    /// `well`, `rough`, `unclear`, `trouble`, `new`.
    mood: &'static str,
    sentence: String,
    spans: Vec<(&'static str, bool)>,
    ticks: Vec<String>,
    journeys: Vec<Row>,
    walks: u32,
    gaps: u32,
    got_through: Option<String>,
    open: Vec<OpenIncident>,
    open_count: u64,
    undelivered: Vec<Undelivered>,
    undelivered_count: u64,
    /// Maintenance windows in force, and those of the next day.
    maintenance: Vec<WindowView>,
    coming: Vec<WindowView>,
}

/// One journey's line.
#[derive(Serialize)]
pub(super) struct Row {
    journey: String,
    title: String,
    app: String,
    device: String,
    standing: Standing,
    face: Face,
    word: &'static str,
    last: Option<When>,
    walk: Option<String>,
    /// Its cells, written already: a page has thousands.
    strip: String,
    incidents: u64,
    /// Until when maintenance keeps it quiet.
    planned: Option<When>,
}

#[derive(Serialize)]
struct Undelivered {
    incident: String,
    channel: String,
    to: Option<String>,
    given_up: bool,
    said: String,
    ago: String,
}

#[derive(Serialize)]
struct OpenIncident {
    id: String,
    severity: &'static str,
    headline: String,
    title: String,
    ago: String,
}

/// The page.
pub(super) async fn page(State(console): State<Arc<Console>>, viewer: Viewer, Query(asked): Query<Asked>) -> Response {
    let span = Span::read(asked.range.as_deref());
    match tokio::join!(Watch::read(&console, span), Trouble::read(&console, NAMED, NAMED)) {
        (Ok(watch), Ok(trouble)) => {
            let windows = WindowView::soon(&console, viewer.lang);
            let page = today(&watch, &trouble, windows, span, (&console.zone, viewer.lang));
            render::page(&console, &viewer, "today.html", page)
        }
        (Err(error), _) | (_, Err(error)) => refusal::ledger(&console, &viewer, &error),
    }
}

fn today(
    watch: &Watch,
    trouble: &Trouble,
    (maintenance, coming): (Vec<WindowView>, Vec<WindowView>),
    span: Span,
    (zone, lang): (&TimeZone, Lang),
) -> TodayPage {
    let counts = watch.counts();
    let (mood, sentence) = sentence(watch, trouble.open_count, lang);
    let said = counts.passed + counts.degraded + counts.failed;
    let ticks = (0..TICKS).map(|i| {
        let at = watch.from.after(watch.to.since(watch.from) * u32::try_from(i).unwrap_or(0) / 4);
        tick(at, zone, span == Span::Week)
    });
    let scene = Scene::of(watch, span, zone, lang);
    TodayPage {
        mood,
        sentence,
        spans: Span::ALL.into_iter().map(|s| (s.word(), s == span)).collect(),
        ticks: ticks.collect(),
        journeys: watch.journeys.iter().map(|j| scene.row(j)).collect(),
        walks: counts.walks(),
        gaps: counts.missed,
        got_through: (said > 0).then(|| share(counts.passed + counts.degraded, said)),
        open: trouble.open.incidents.iter().map(|i| open_incident(i, watch, lang)).collect(),
        open_count: trouble.open_count,
        undelivered: trouble.undelivered.iter().map(|row| undelivered(row, watch, lang)).collect(),
        undelivered_count: trouble.undelivered_count,
        maintenance,
        coming,
    }
}

/// The one sentence that is read from two metres.
fn sentence(watch: &Watch, open: u64, lang: Lang) -> (&'static str, String) {
    let failing = watch.standing(&[Standing::Failed]);
    let unclear = watch.standing(&[Standing::Inconclusive, Standing::Overdue]);
    let rough = watch.standing(&[Standing::Degraded]);
    let never = watch.standing(&[Standing::Never]);
    if failing > 0 {
        ("trouble", lang.journeys_in_trouble(failing))
    } else if open > 0 {
        ("trouble", lang.incidents_open(open))
    } else if unclear > 0 {
        ("unclear", lang.cannot_say(unclear))
    } else if never == watch.journeys.len() {
        ("new", lang.texts().nothing_walked.into())
    } else if rough > 0 {
        ("rough", lang.not_smooth(rough))
    } else {
        ("well", lang.texts().all_well.into())
    }
}

/// A share in percent, rounded down, so that one failure in ten thousand never reads as 100 %.
pub(super) fn share(part: u32, whole: u32) -> String {
    let permille = u64::from(part) * 1000 / u64::from(whole.max(1));
    if permille == 1000 { "100%".into() } else { format!("{}.{}%", permille / 10, permille % 10) }
}

fn open_incident(incident: &Incident, watch: &Watch, lang: Lang) -> OpenIncident {
    OpenIncident {
        id: incident.id.to_string(),
        severity: incident.severity.word(),
        headline: lang.of(&incident.headline),
        title: incident.title.clone(),
        ago: lang.ago(watch.now, incident.opened.unwrap_or(incident.first_seen)),
    }
}

fn undelivered(row: &OutboxRow, watch: &Watch, lang: Lang) -> Undelivered {
    Undelivered {
        incident: row.incident.to_string(),
        channel: row.channel.clone(),
        to: row.to.clone(),
        given_up: row.state == NoticeState::Undeliverable,
        said: row.said.clone().unwrap_or_default(),
        ago: lang.ago(watch.now, row.queued),
    }
}

pub(super) struct Scene<'a> {
    watch: &'a Watch,
    zone: &'a TimeZone,
    lang: Lang,
    /// From when to when each cell is, the same in all strips.
    times: Vec<String>,
}

impl<'a> Scene<'a> {
    pub fn of(watch: &'a Watch, span: Span, zone: &'a TimeZone, lang: Lang) -> Self {
        let time = |at| when(at, watch.now, zone, lang);
        let begins = |i: usize| watch.from.after(span.cell() * u32::try_from(i).unwrap_or(u32::MAX));
        let times = (0..CELLS).map(|i| format!("{} – {}", time(begins(i)).short, &time(begins(i + 1)).clock[..5]));
        Self { watch, zone, lang, times: times.collect() }
    }

    pub fn row(&self, watched: &Watched) -> Row {
        let t = self.lang.texts();
        let (face, word) = match watched.standing {
            Standing::Passed => (Face::Passed, t.passed),
            Standing::Degraded => (Face::Degraded, t.degraded),
            Standing::Never => (Face::Idle, t.never),
            Standing::Overdue => (Face::Gap, t.overdue),
            Standing::Inconclusive => (Face::Inconclusive, t.inconclusive),
            Standing::Failed => (Face::Failed, t.failed),
        };
        let last = watched.last.as_ref();
        Row {
            journey: watched.journey.to_string(),
            title: watched.title.clone(),
            app: watched.app.clone(),
            device: last.map(|w| w.device.clone()).unwrap_or_default(),
            standing: watched.standing,
            face,
            word,
            last: last.map(|w| when(w.started, self.watch.now, self.zone, self.lang)),
            walk: last.map(|w| w.walk.to_string()),
            strip: watched.cells.iter().zip(&self.times).map(|(cell, time)| self.cell(cell, time)).collect(),
            incidents: watched.incidents,
            planned: watched.planned.map(|until| when(until, self.watch.now, self.zone, self.lang)),
        }
    }

    /// A cell as it stands in the page, escaped here since the template takes it as it is.
    fn cell(&self, cell: &Cell, time: &str) -> String {
        let mut says = time.to_owned();
        let t = self.lang.texts();
        let counted = [
            (cell.counts.failed, t.failed),
            (cell.counts.inconclusive, t.inconclusive),
            (cell.counts.missed, t.gap_short),
            (cell.counts.degraded, t.degraded),
            (cell.counts.passed, t.passed),
        ];
        for (n, word) in counted.into_iter().filter(|(n, _)| *n > 0) {
            says.push_str(&format!(" · {word} {n}"));
        }
        let more = match (cell.face, cell.missed) {
            (Face::Idle, _) => t.idle,
            (Face::UnderWay, _) => t.under_way,
            (Face::Gap, Some(reason)) => t.missed_word(reason),
            _ => "",
        };
        if !more.is_empty() {
            says.push_str(&format!(" · {more}"));
        }
        let (face, says) = (cell.face.word(), HtmlEscape(&says));
        match cell.walk {
            Some(walk) => {
                format!("<li class=\"{face}\"><a href=\"/walks/{walk}\" tabindex=\"-1\" title=\"{says}\"></a></li>")
            }
            None => format!("<li class=\"{face}\" title=\"{says}\"></li>"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_never_rounded_up() {
        let check = |part: u32, whole: u32, expected: &str| assert_eq!(share(part, whole), expected);
        check(1, 1, "100%");
        check(9_999, 10_000, "99.9%");
        check(0, 7, "0.0%");
    }
}
