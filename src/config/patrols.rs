//! `patrols:` — what is walked when.

use super::mistakes::Mistakes;
use super::value::{Lasting, Refused, Zone};
use croner::parser::{CronParser, Seconds, Year};
use serde_saphyr::Spanned;
use std::time::Duration;

/// One line of the watch: journeys and their times.
#[derive(Debug, Clone)]
pub struct PatrolPlan {
    /// Journey files, each a path or a pattern such as `journeys/*.yaml`, relative to the config file.
    pub journeys: Vec<String>,
    /// When they fall due.
    pub cadence: Cadence,
    /// The zone `cron` and `hours` are read in.
    pub timezone: Zone,
    /// The hours of the day in which walks fall due; all when `None`.
    pub hours: Option<Hours>,
    /// Each journey falls due later by its own constant share of this.
    pub jitter: Duration,
}

/// When walks fall due.
#[derive(Debug, Clone, PartialEq)]
pub enum Cadence {
    /// Every so often.
    Every(Duration),
    /// By a cron pattern of five fields.
    Cron(String),
}

/// A part of the day in minutes since midnight; it goes over midnight when `from` is after `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Hours {
    /// The first minute.
    pub from_minute: u16,
    /// The minute after the last.
    pub until_minute: u16,
}

impl TryFrom<String> for Hours {
    type Error = Refused;
    fn try_from(text: String) -> Result<Self, Refused> {
        let minute = |clock: &str| -> Option<u16> {
            let (hours, minutes) = clock.trim().split_once(':')?;
            if hours.len() != 2 || minutes.len() != 2 {
                return None;
            }
            let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
            let at = hours * 60 + minutes;
            (minutes < 60 && at <= 24 * 60).then_some(at)
        };
        let read = |text: &str| {
            let (from, until) = text.split_once('-')?;
            let hours = Hours { from_minute: minute(from)?, until_minute: minute(until)? };
            (hours.from_minute != hours.until_minute && hours.from_minute < 24 * 60).then_some(hours)
        };
        read(&text).ok_or_else(|| Refused::new(&text, "a part of the day, such as `\"08:00-20:00\"`"))
    }
}

/// A patrol as the file has it.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    journeys: Spanned<Vec<String>>,
    every: Option<Spanned<Lasting>>,
    cron: Option<Spanned<String>>,
    timezone: Option<Zone>,
    hours: Option<Hours>,
    jitter: Option<Spanned<Lasting>>,
}

/// A journey is not walked more often than this: a walk takes seconds of a real customer path.
const EVERY_SHORTEST: Duration = Duration::from_secs(5);

/// The patrol, or `None` with what is wrong noted.
pub(super) fn lower(written: Spanned<Written>, mistakes: &mut Mistakes) -> Option<PatrolPlan> {
    let place = written.referenced;
    let written = written.value;
    if written.journeys.value.is_empty() {
        mistakes.note(
            written.journeys.referenced,
            "a patrol without journeys",
            "write at least one file or pattern, such as `[journeys/*.yaml]`",
        );
    }
    let zoned = written.cron.is_some() || written.hours.is_some();
    if zoned && written.timezone.is_none() {
        mistakes.note(place, "no time zone", "`cron` and `hours` need one: add `timezone: Asia/Shanghai`");
    }
    let cadence = match (written.every, written.cron) {
        (Some(every), None) if every.value.0 < EVERY_SHORTEST => {
            mistakes.note(every.referenced, "too often", "the shortest period is `5s`");
            return None;
        }
        (Some(every), None) => Cadence::Every(every.value.0),
        (None, Some(cron)) => {
            let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
            if let Err(wrong) = parser.parse(&cron.value) {
                let help = "write five fields, minute hour day month weekday, such as `*/10 8-20 * * 1-5`";
                mistakes.note_saying(cron.referenced, "not a cron pattern", &wrong.to_string(), help);
                return None;
            }
            Cadence::Cron(cron.value)
        }
        (None, None) => {
            mistakes.note(place, "a patrol without a time", "write `every: 5m` or `cron: \"*/10 8-20 * * 1-5\"`");
            return None;
        }
        (Some(_), Some(cron)) => {
            mistakes.note(cron.referenced, "both `every` and `cron`", "keep one of them");
            return None;
        }
    };
    let jitter = written.jitter.map_or(Duration::ZERO, |jitter| {
        if matches!(cadence, Cadence::Every(every) if jitter.value.0 >= every) {
            mistakes.note(jitter.referenced, "a jitter as long as the period", "make it shorter than `every`");
        }
        jitter.value.0
    });
    Some(PatrolPlan {
        journeys: written.journeys.value,
        cadence,
        timezone: written.timezone.unwrap_or_else(Zone::utc),
        hours: written.hours,
        jitter,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_the_day() {
        let check = |text: &str, expected: Option<(u16, u16)>| {
            let got = Hours::try_from(text.to_owned()).ok().map(|h| (h.from_minute, h.until_minute));
            assert_eq!(got, expected, "{text:?}");
        };
        check("08:00-20:00", Some((480, 1200)));
        check("22:00-06:00", Some((1320, 360)));
        check("00:00-24:00", Some((0, 1440)));
        for wrong in ["", "8-20", "08:00", "08:60-09:00", "25:00-26:00", "08:00-08:00", "24:00-08:00"] {
            check(wrong, None);
        }
    }
}
