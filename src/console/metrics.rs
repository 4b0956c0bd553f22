//! `GET /metrics`: figures in Prometheus' text format. Labels are journeys on the watch, channels of the config and words of
//! closed sets; nothing else ever becomes one.

use super::fleet::Fleet;
use super::serve::Console;
use crate::alert::NoticeState;
use crate::finding::Severity;
use crate::id::JourneyId;
use crate::incident::{LedgerError, MissReason, Standing};
use crate::moment::Moment;
use crate::walk::Verdict;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

/// What is no longer on the watch has one label together.
const GONE: &str = "(gone)";

/// The figures.
pub(super) async fn metrics(State(console): State<Arc<Console>>) -> Response {
    match read(&console).await {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the figures could not be read");
            (StatusCode::SERVICE_UNAVAILABLE, "503: ledger-unreadable\n").into_response()
        }
    }
}

async fn read(console: &Console) -> Result<String, LedgerError> {
    let now = console.clock.now();
    let mut told = Told::default();
    let on_watch: BTreeSet<&JourneyId> = console.roster.iter().map(|rostered| &rostered.journey).collect();
    let census = console.archive.census().await?;
    walks(&mut told, &census.marks, &on_watch);
    last_walks(&mut told, console, &on_watch).await?;
    maintenance(&mut told, console, now);
    told.family("gengfu_incidents", "gauge", "Whole incidents, by severity and by where they stand in the queue.");
    for severity in [Severity::P1, Severity::P2, Severity::P3] {
        for standing in Standing::ALL {
            let count = census.incidents.get(&(standing, severity)).copied().unwrap_or_default();
            told.line("gengfu_incidents", &[("severity", severity.word()), ("standing", standing.word())], count);
        }
    }
    notices(&mut told, console, now).await?;
    fleet(&mut told, console).await?;
    told.family("gengfu_build_info", "gauge", "The version that answers.");
    told.line("gengfu_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    Ok(told.0)
}

fn walks(told: &mut Told, marks: &BTreeMap<(JourneyId, String), u64>, on_watch: &BTreeSet<&JourneyId>) {
    let words: BTreeSet<&str> =
        [Verdict::Passed, Verdict::Degraded, Verdict::Failed, Verdict::Inconclusive].map(Verdict::word).into();
    let mut walked: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut missed: BTreeMap<&str, u64> = BTreeMap::new();
    for ((journey, mark), count) in marks {
        let journey = if on_watch.contains(journey) { journey.as_str() } else { GONE };
        if words.contains(mark.as_str()) {
            *walked.entry((journey, mark)).or_default() += count;
        } else {
            *missed.entry(mark).or_default() += count;
        }
    }
    told.family("gengfu_walks_total", "counter", "Walks made, by journey and verdict.");
    for ((journey, verdict), count) in walked {
        told.line("gengfu_walks_total", &[("journey", journey), ("verdict", verdict)], count);
    }
    told.family(
        "gengfu_slots_missed",
        "gauge",
        "Due times that nobody walked, by reason; one that is walked late after all is none.",
    );
    let reasons = [
        MissReason::Away,
        MissReason::Overlap,
        MissReason::Busy,
        MissReason::Lost,
        MissReason::Draining,
        MissReason::Ledger,
    ];
    for reason in reasons.map(MissReason::word) {
        let count = missed.get(reason).copied().unwrap_or_default();
        told.line("gengfu_slots_missed", &[("reason", reason)], count);
    }
}

async fn last_walks(told: &mut Told, console: &Console, on_watch: &BTreeSet<&JourneyId>) -> Result<(), LedgerError> {
    let journeys: Vec<JourneyId> = on_watch.iter().map(|journey| (*journey).clone()).collect();
    let last = console.archive.newest(&journeys).await?;
    told.family("gengfu_walk_last_duration_seconds", "gauge", "How long the last walk of a journey took.");
    for walk in &last {
        let seconds = walk.elapsed.as_secs_f64();
        told.line("gengfu_walk_last_duration_seconds", &[("journey", walk.journey.as_str())], seconds);
    }
    told.family("gengfu_walk_last_start_timestamp_seconds", "gauge", "When the last walk of a journey began.");
    for walk in &last {
        let seconds = walk.started.as_millis() / 1000;
        told.line("gengfu_walk_last_start_timestamp_seconds", &[("journey", walk.journey.as_str())], seconds);
    }
    Ok(())
}

fn maintenance(told: &mut Told, console: &Console, now: Moment) {
    let windows = console.almanac.around(now);
    told.family("gengfu_journey_in_maintenance", "gauge", "Whether a maintenance window keeps a journey quiet now.");
    for line in console.roster.iter() {
        let quiet = windows.amid(&line.app, &line.journey, now, now).is_some();
        told.line("gengfu_journey_in_maintenance", &[("journey", line.journey.as_str())], u8::from(quiet));
    }
}

async fn notices(told: &mut Told, console: &Console, now: Moment) -> Result<(), LedgerError> {
    let tally = console.notices.tally_by_channel().await?;
    let channels: BTreeSet<&str> = tally.keys().map(|(channel, _)| channel.as_str()).collect();
    told.family("gengfu_notices", "gauge", "Notices kept, by channel and state.");
    for channel in channels {
        for state in NoticeState::ALL {
            let count = tally.get(&(channel.to_owned(), state)).copied().unwrap_or_default();
            told.line("gengfu_notices", &[("channel", channel), ("state", state.word())], count);
        }
    }
    let undelivered = console.notices.count_undelivered().await?;
    told.alone("gengfu_notices_undelivered", "Notices that people should have had and have not.", undelivered);
    let oldest = console.notices.oldest_waiting().await?;
    let age = oldest.map_or(0.0, |oldest| now.since(oldest).as_secs_f64());
    told.alone("gengfu_outbox_oldest_seconds", "Since when the oldest notice waits to be sent.", age);
    Ok(())
}

async fn fleet(told: &mut Told, console: &Console) -> Result<(), LedgerError> {
    let fleet = Fleet::read(console).await?;
    let Some(look) = &fleet.look else { return Ok(()) };
    let browsers = look.browsers.as_deref().unwrap_or_default();
    let lanes: usize = browsers.iter().map(|browser| browser.lanes).sum();
    told.alone("gengfu_lanes_in_use", "Lanes lent now.", lanes);
    told.alone("gengfu_browsers", "Browsers there are now.", browsers.len());
    told.alone("gengfu_walks_under_way", "Walks that have a seat.", look.board.seated());
    told.alone("gengfu_walks_at_once", "Seats there are.", look.board.seats);
    told.alone("gengfu_walks_waiting", "Due walks that wait for a seat.", look.board.waiting());
    told.alone("gengfu_slots_late", "Journeys that are due and that nobody walks.", fleet.late().len());
    told.alone("gengfu_backlog_walks", "Finished walks that wait for the ledger to take them.", look.backlog);
    Ok(())
}

/// The text as it grows.
#[derive(Default)]
struct Told(String);

impl Told {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _infallible = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let labels: Vec<String> =
            labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _infallible = writeln!(self.0, "{name}{labels} {value}");
    }

    fn alone(&mut self, name: &str, help: &str, value: impl std::fmt::Display) {
        self.family(name, "gauge", help);
        self.line(name, &[], value);
    }
}

/// A label's value: backslash, quote and line feed have a backslash before them.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped_and_what_is_gone_is_together() {
        let mut told = Told::default();
        told.line("a", &[("b", "x\"y\\z\n")], 1);
        assert_eq!(told.0, "a{b=\"x\\\"y\\\\z\\n\"} 1\n");
        let id = |name: &str| name.parse::<JourneyId>().unwrap();
        let marks = BTreeMap::from([
            ((id("fund"), "passed".to_owned()), 3),
            ((id("old-1"), "passed".to_owned()), 4),
            ((id("old-2"), "passed".to_owned()), 5),
            ((id("fund"), "busy".to_owned()), 2),
        ]);
        let mut told = Told::default();
        walks(&mut told, &marks, &BTreeSet::from([&id("fund")]));
        for line in [
            "gengfu_walks_total{journey=\"fund\",verdict=\"passed\"} 3",
            "gengfu_walks_total{journey=\"(gone)\",verdict=\"passed\"} 9",
            "gengfu_slots_missed{reason=\"busy\"} 2",
        ] {
            assert!(told.0.lines().any(|told| told == line), "{line:?} is not in {}", told.0);
        }
    }
}
