//! From the config's channels and owners to ways of telling people, and whom.

mod opening;

pub use opening::ChannelError;
pub(super) use opening::{Keyring, open, open_one};

use super::watch::config_file;
use crate::alert::{FALLBACK, Hours, Language, OpenDays, Place, Reach, Route, Routes, Voice};
use crate::config::{self, Channel, Config, Tongue};
use crate::id::JourneyId;
use crate::incident::Deadlines;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

/// The owner that answers for the robot itself.
const OPERATOR: &str = "operator";

/// What nobody will be told, or somebody else than was meant: in words for the operator.
pub(super) fn silence(config: &Config, journeys: &[(JourneyId, Option<String>)]) -> Vec<String> {
    if config.channels.is_empty() {
        return vec!["there are no `channels:` in the config: incidents are filed and nobody is told".to_owned()];
    }
    let known = |owner: &String| config.owners.keys().any(|name| name.as_str() == owner);
    let strangers =
        journeys.iter().filter_map(|(journey, owner)| Some((journey, owner.as_ref().filter(|o| !known(o))?)));
    strangers
        .filter(|_| !config.owners.is_empty())
        .map(|(journey, owner)| {
            format!(
                "the journey `{journey}` is of `{owner}`, whom `owners:` does not name: `{FALLBACK}` is told instead"
            )
        })
        .collect()
}

/// How notices speak.
pub(super) fn voice(config: &Config) -> Voice {
    let language = match config.alerts.language {
        Tongue::Zh => Language::Zh,
        Tongue::En => Language::En,
    };
    Voice { language, zone: config.alerts.timezone.0.clone() }
}

/// Where people find what notices speak of, with a console that listens at `console`.
pub(super) fn place(config: &Config, console: SocketAddr) -> Place {
    let public = config.console.public_url.as_ref().map(|url| url.0.as_str().trim_end_matches('/').to_owned());
    Place { console: Some(public.unwrap_or_else(|| format!("http://{console}"))), config: config_file(config) }
}

/// Whom alerts reach. Without owners, every channel hears everything.
pub(super) fn routes(config: &Config) -> Routes {
    let of = |names: &[config::value::Slug]| -> Vec<Route> {
        names.iter().flat_map(|name| routes_of(config, name)).collect()
    };
    let reach = |owner: &config::Owner| Reach {
        at_once: of(&owner.channels),
        otherwise: owner.otherwise.iter().map(|name| of(std::slice::from_ref(name))).collect(),
        after: owner.after.0,
        hours: owner.hours.as_ref().map(|hours| hours_of(config, hours)),
        lead: owner.lead.as_ref().map(ToString::to_string),
    };
    let owners: BTreeMap<String, Reach> =
        config.owners.iter().map(|(name, owner)| (name.to_string(), reach(owner))).collect();
    let everybody = || config.channels.keys().flat_map(|name| routes_of(config, name)).collect::<Vec<_>>().into();
    Routes {
        fallback: owners.get(FALLBACK).cloned().unwrap_or_else(everybody),
        operator: owners.get(OPERATOR).cloned().unwrap_or_default(),
        owners,
    }
}

/// By when people are to do what they are to do, counted from when alerts reach them.
pub(super) fn deadlines(config: &Config) -> Deadlines {
    config.queue.deadlines(routes(config).rota())
}

/// The channels that hold an alert open until they hear otherwise.
pub(super) fn holding(config: &Config) -> BTreeSet<String> {
    let holds = |channel: &Channel| matches!(channel, Channel::PagerDuty(_) | Channel::Alertmanager(_));
    config.channels.iter().filter(|(_, channel)| holds(channel)).map(|(name, _)| name.to_string()).collect()
}

fn hours_of(config: &Config, hours: &config::OwnerHours) -> Hours {
    let zone = hours.timezone.as_ref().unwrap_or(&config.alerts.timezone);
    let calendar = hours.calendar.as_ref().and_then(|name| config.calendars.get(name));
    let days = match calendar {
        Some(calendar) => OpenDays::Work(calendar.workdays()),
        None => OpenDays::Week(hours.days.clone().unwrap_or_default().0),
    };
    Hours { days, from: hours.from.0, to: hours.to.0, zone: zone.0.clone() }
}

/// Whom a channel reaches, each by a notice of their own.
pub(super) fn routes_of(config: &Config, name: &config::value::Slug) -> Vec<Route> {
    let channel = name.to_string();
    match config.channels.get(name) {
        Some(Channel::Email(email)) => {
            email.to.iter().map(|to| Route { channel: channel.clone(), to: Some(to.clone()) }).collect()
        }
        Some(_) => vec![Route { channel, to: None }],
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;
    use crate::moment::Moment;

    #[test]
    fn who_is_told_nothing_is_said_at_the_start() {
        let check = |text: &str, owner: Option<&str>, expected: &[&str]| {
            let config = config::parse(Source { name: "c.yaml".into(), text: text.into() }).unwrap();
            let said = silence(&config, &[("login".parse().unwrap(), owner.map(str::to_owned))]);
            assert_eq!(said.len(), expected.len(), "{said:?}");
            assert!(said.iter().zip(expected).all(|(said, part)| said.contains(part)), "{said:?}");
        };
        let hook = "channels: {hook: {webhook: {url: https://a.test/, secret: env:A}}}\n";
        let owned = format!("{hook}owners: {{default: {{channels: [hook]}}, wealth: {{channels: [hook]}}}}\n");
        check("{}", Some("wealth"), &["nobody is told"]);
        check(hook, Some("wealth"), &[]);
        check(&owned, Some("wealth"), &[]);
        check(&owned, None, &[]);
        check(&owned, Some("welth"), &["is of `welth`"]);
    }

    #[test]
    fn owners_are_reached_in_their_order_and_at_their_hours() {
        let hook = |name: &str| format!("  {name}: {{webhook: {{url: https://a.test/, secret: env:A}}}}\n");
        let mail = "  mail: {email: {host: localhost, port: 25, from: a@b.test, to: [c@b.test, d@b.test]}}\n";
        let owner = "{channels: [duty], otherwise: [mail, last], hours: {from: \"08:00\", to: \"20:00\"}}";
        let channels = format!("channels:\n{}{}{mail}", hook("duty"), hook("last"));
        let text = format!("{channels}owners: {{default: {owner}}}\nalerts: {{timezone: Europe/Berlin}}\n");
        let config = config::parse(Source { name: "c.yaml".into(), text: text.into() }).unwrap();
        let reach = routes(&config).fallback;
        let names = |routes: &[Route]| routes.iter().map(|r| (r.channel.clone(), r.to.clone())).collect::<Vec<_>>();
        let mail = |to: &str| ("mail".to_owned(), Some(to.to_owned()));
        assert_eq!(names(&reach.at_once), [("duty".to_owned(), None)]);
        assert_eq!(names(&reach.otherwise[0]), [mail("c@b.test"), mail("d@b.test")]);
        assert_eq!(names(&reach.otherwise[1]), [("last".to_owned(), None)]);
        let hours = reach.hours.unwrap();
        let OpenDays::Week(days) = &hours.days else { panic!("{hours:?}") };
        assert_eq!((days.len(), hours.zone.iana_name()), (7, Some("Europe/Berlin")));
    }

    #[test]
    fn an_owners_hours_follow_the_calendar_they_name() {
        let text = "channels: {hook: {webhook: {url: https://a.test/, secret: env:A}}}
calendars: {china: {closed: [2026-10-01/2026-10-07], open: [2026-10-10]}}
owners: {default: {channels: [hook], hours: {calendar: china, from: \"09:00\", to: \"18:00\"}}}
";
        let config = config::parse(Source { name: "c.yaml".into(), text: text.into() }).unwrap();
        let hours = routes(&config).fallback.hours.unwrap();
        assert_eq!(deadlines(&config).rota.of_owner(None), Some(&hours), "what can wait is due later, too");
        let at = |text: &str| Moment::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
        let check = |now: &str, expected: &str| assert_eq!(hours.next(at(now)), at(expected), "{now}");
        check("2026-09-30T20:00:00+08:00", "2026-10-08T09:00:00+08:00");
        check("2026-10-10T10:00:00+08:00", "2026-10-10T10:00:00+08:00");
    }
}
