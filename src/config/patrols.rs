//! `patrols:` — what is walked when.

use super::mistakes::Mistakes;
use super::value::{Lasting, Zone};
use crate::patrol::{Days, Hours, Schedule, ScheduleError};
use serde_saphyr::Spanned;

/// One line of the watch: journeys and their times.
#[derive(Debug, Clone)]
pub struct PatrolPlan {
    /// Journey files, each a path or a pattern such as `journeys/*.yaml`, relative to the config file.
    pub journeys: Vec<String>,
    /// When they fall due.
    pub schedule: Schedule,
}

/// A patrol as the file has it.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    journeys: Spanned<Vec<String>>,
    every: Option<Spanned<Lasting>>,
    cron: Option<Spanned<String>>,
    timezone: Option<Zone>,
    hours: Option<Spanned<String>>,
    days: Option<Spanned<String>>,
    jitter: Option<Spanned<Lasting>>,
}

/// The patrol, or `None` with what is wrong noted.
pub(super) fn lower(written: Spanned<Written>, mistakes: &mut Mistakes) -> Option<PatrolPlan> {
    let place = written.referenced;
    let written = written.value;
    if written.journeys.value.is_empty() {
        let help = "write at least one file or pattern, such as `[journeys/*.yaml]`";
        mistakes.note(written.journeys.referenced, "a patrol without journeys", help);
    }
    let zoned = written.cron.is_some() || written.hours.is_some() || written.days.is_some();
    if zoned && written.timezone.is_none() {
        let help = "`cron`, `hours` and `days` need one: add `timezone: Asia/Shanghai`";
        mistakes.note(place, "no time zone", help);
    }
    let zone = written.timezone.as_ref().map_or(jiff::tz::TimeZone::UTC, |zone| zone.0.clone());
    let beat = match (written.every, written.cron) {
        (Some(every), None) => refuse(mistakes, every.referenced, "not a period", Schedule::every(every.value.0)),
        (None, Some(cron)) => {
            refuse(mistakes, cron.referenced, "not a cron pattern", Schedule::cron(&cron.value, zone.clone()))
        }
        (None, None) => {
            mistakes.note(place, "a patrol without a time", "write `every: 5m` or `cron: \"*/10 8-20 * * 1-5\"`");
            None
        }
        (Some(_), Some(cron)) => {
            mistakes.note(cron.referenced, "both `every` and `cron`", "keep one of them");
            None
        }
    };
    let hours = written.hours.map(|h| refuse(mistakes, h.referenced, "not hours", h.value.parse::<Hours>()));
    let days = written.days.map(|d| refuse(mistakes, d.referenced, "not days", d.value.parse::<Days>()));
    let schedule = beat?.within(hours.flatten(), days.flatten().unwrap_or(Days::ALL), zone);
    let schedule = match written.jitter {
        Some(jitter) => refuse(mistakes, jitter.referenced, "not a jitter", schedule.spread(jitter.value.0))?,
        None => schedule,
    };
    Some(PatrolPlan { journeys: written.journeys.value, schedule })
}

/// What `read` gives, or nothing and its refusal noted.
fn refuse<T>(
    mistakes: &mut Mistakes,
    at: serde_saphyr::Location,
    title: &str,
    read: Result<T, ScheduleError>,
) -> Option<T> {
    read.map_err(|error| mistakes.note_saying(at, title, &error.to_string(), "see config/gengfu.example.yaml")).ok()
}
