//! `maintenance:` — when work on an app is planned: once, or again and again. Walks go on; nobody is called.

use super::App;
use super::mistakes::Mistakes;
use super::value::{Lasting, Slug, Zone};
use crate::actor::Actor;
use crate::id::JourneyId;
use crate::maintenance::{APART_MIN, Covers, LASTS_MAX, NAME_CHARS_MAX, Recurring, WHY_CHARS_MAX, When, reads_as_line};
use crate::moment::Moment;
use crate::patrol::Schedule;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_saphyr::{Location, Spanned};
use std::collections::BTreeMap;
use std::time::Duration;

/// So many beginnings are looked at to find two that are too close.
const LOOKED_AT: usize = 60;

/// A window as the file has it.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    name: Spanned<String>,
    why: Spanned<String>,
    by: Spanned<String>,
    timezone: Option<Zone>,
    cron: Option<Spanned<String>>,
    #[serde(rename = "for")]
    lasting: Option<Spanned<Lasting>>,
    from: Option<Spanned<String>>,
    until: Option<Spanned<String>>,
    #[serde(default)]
    everything: bool,
    #[serde(default)]
    apps: Vec<Spanned<Slug>>,
    #[serde(default)]
    journeys: Vec<Spanned<String>>,
}

/// The window, or `None` with what is wrong noted.
pub(super) fn lower(
    written: Spanned<Written>,
    apps: &BTreeMap<Slug, App>,
    mistakes: &mut Mistakes,
) -> Option<Recurring> {
    let place = written.referenced;
    let Written { name, why, by, timezone, cron, lasting, from, until, everything, apps: of, journeys } = written.value;
    line(&name, NAME_CHARS_MAX, "a name", mistakes);
    line(&why, WHY_CHARS_MAX, "a reason", mistakes);
    let author = Actor::person(&by.value);
    if let Err(error) = &author {
        mistakes.note_saying(by.referenced, "nobody answers for it", &error.to_string(), "write `by: 运维部`");
    }
    if timezone.is_none() {
        mistakes.note(place, "no time zone", "its times need one: add `timezone: Asia/Shanghai`");
    }
    let zone = timezone.map_or(TimeZone::UTC, |zone| zone.0);
    let covers = covers(place, everything, (of, journeys), apps, mistakes);
    let when = match (cron, lasting, from, until) {
        (Some(cron), Some(lasting), None, None) => each(cron, lasting, zone, mistakes),
        (None, None, Some(from), Some(until)) => once(&from, &until, &zone, mistakes),
        _ => {
            let help = "write `cron: \"30 1 * * *\"` with `for: 2h`, or `from: \"2026-12-05 22:00\"` with `until:`";
            mistakes.note(place, "a window without a beginning and an end", help);
            None
        }
    };
    Some(Recurring { name: name.value, why: why.value, by: author.ok()?, covers, when: when? })
}

fn line(text: &Spanned<String>, chars_max: usize, what: &str, mistakes: &mut Mistakes) {
    if !reads_as_line(&text.value, chars_max) {
        let help = format!("write one line of at most {chars_max} characters");
        mistakes.note(text.referenced, &format!("not {what}"), &help);
    }
}

fn covers(
    place: Location,
    everything: bool,
    (of, journeys): (Vec<Spanned<Slug>>, Vec<Spanned<String>>),
    apps: &BTreeMap<Slug, App>,
    mistakes: &mut Mistakes,
) -> Covers {
    let mut covers = Covers::default();
    if everything != (of.is_empty() && journeys.is_empty()) {
        let title = if everything { "a window of everything and of some of it" } else { "a window of nothing" };
        mistakes.note(place, title, "write `apps:` and `journeys:`, or `everything: true`");
    }
    for app in of {
        if !apps.contains_key(&app.value) {
            let known: Vec<&str> = apps.keys().map(Slug::as_str).collect();
            let help = format!("`apps:` has {}", if known.is_empty() { "none".into() } else { known.join(", ") });
            mistakes.note(app.referenced, &format!("no app is named `{}`", app.value), &help);
        }
        covers.apps.insert(app.value.to_string());
    }
    for journey in journeys {
        match journey.value.parse::<JourneyId>() {
            Ok(journey) => drop(covers.journeys.insert(journey)),
            Err(error) => mistakes.note_saying(
                journey.referenced,
                "not a journey",
                &error.to_string(),
                "write the name that the journey's file begins with, such as `fund-purchase`",
            ),
        }
    }
    covers
}

fn each(cron: Spanned<String>, lasting: Spanned<Lasting>, zone: TimeZone, mistakes: &mut Mistakes) -> Option<When> {
    if !bounded(lasting.referenced, lasting.value.0, mistakes) {
        return None;
    }
    let help = "see config/gengfu.example.yaml";
    let schedule = Schedule::cron(&cron.value, zone)
        .map_err(|error| mistakes.note_saying(cron.referenced, "not a cron pattern", &error.to_string(), help))
        .ok()?;
    let begins = std::iter::successors(schedule.next_for_all(Moment::from_millis(0)), |at| schedule.next_for_all(*at));
    let begins: Vec<Moment> = begins.take(LOOKED_AT).collect();
    if begins.windows(2).any(|pair| pair[1].since(pair[0]) < APART_MIN) {
        let help = "what is down more often than every hour is not maintained: write one window that holds all of it";
        mistakes.note(cron.referenced, "windows begin less than an hour apart", help);
        return None;
    }
    if begins.windows(2).any(|pair| pair[1].since(pair[0]) <= lasting.value.0) {
        let help = "nobody would ever be called: write a `for` that is shorter than the time between two beginnings";
        mistakes.note(lasting.referenced, "a window that lasts until the next begins", help);
        return None;
    }
    Some(When::Each { schedule: Box::new(schedule), lasting: lasting.value.0 })
}

fn once(from: &Spanned<String>, until: &Spanned<String>, zone: &TimeZone, mistakes: &mut Mistakes) -> Option<When> {
    let mut read = |text: &Spanned<String>| {
        let at = text.value.parse::<DateTime>().ok().and_then(|at| at.to_zoned(zone.clone()).ok());
        if at.is_none() {
            mistakes.note(text.referenced, "not a day and a time", "write `\"2026-12-05 22:00\"`; it is of `timezone`");
        }
        at.map(|at| Moment::from_millis(at.timestamp().as_millisecond()))
    };
    let (begins, ends) = (read(from), read(until));
    let (begins, ends) = (begins?, ends?);
    if ends <= begins {
        mistakes.note(until.referenced, "it ends before it begins", "write a later `until`");
        return None;
    }
    bounded(until.referenced, ends.since(begins), mistakes).then_some(When::Once { from: begins, until: ends })
}

fn bounded(at: Location, lasting: Duration, mistakes: &mut Mistakes) -> bool {
    let bounded = lasting <= LASTS_MAX;
    if !bounded {
        mistakes.note(at, "too long for a window", "write at most `7d`: what lasts longer is no maintenance");
    }
    bounded
}
