//! `owners:` — whom a journey's alerts reach, in which order and at which hours.

use super::mistakes::Mistakes;
use super::value::{Days, Daytime, Lasting, Slug, Zone};
use super::{Alerts, Calendar, Channel};
use serde_saphyr::{Location, Spanned};
use std::collections::BTreeMap;

/// The owner that takes what no other does.
pub const DEFAULT_OWNER: &str = "default";

/// Someone who answers for an app or a part of it.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// The channels that reach them, all at once.
    pub channels: Vec<Slug>,
    /// Channels that are told one after another when none of those before accepted it …
    #[serde(default)]
    pub otherwise: Vec<Slug>,
    /// … within this.
    #[serde(default = "five_minutes")]
    pub after: Lasting,
    /// The owner who stands above them: told, too, when something is not taken up or mended in time, or keeps coming back.
    pub lead: Option<Slug>,
    /// When they want to be told what can wait; P1 is told at any hour.
    pub hours: Option<OwnerHours>,
}

/// The hours in which an owner wants to be told what can wait.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnerHours {
    /// The days: `[mon-fri]`, `[mon, wed, sat-sun]`; every day where none are named.
    pub days: Option<Days>,
    /// The calendar that says which days are worked, in place of `days`.
    pub calendar: Option<Slug>,
    /// When they begin: `"08:00"`.
    pub from: Daytime,
    /// When they end: `"20:00"`; in the next morning when that is earlier.
    pub to: Daytime,
    /// Where; `alerts.timezone` when it is not named.
    pub timezone: Option<Zone>,
}

fn five_minutes() -> Lasting {
    Lasting::seconds(300)
}

/// Notes what is wrong with the owner map: nobody may be left out of it without a word.
pub(super) fn check(
    owners: &BTreeMap<Slug, Spanned<Owner>>,
    channels: &BTreeMap<Slug, Spanned<Channel>>,
    calendars: &BTreeMap<Slug, Spanned<Calendar>>,
    alerts: &Alerts,
    mistakes: &mut Mistakes,
) {
    for (name, owner) in owners {
        let (at, owner) = (owner.referenced, &owner.value);
        check_reach(at, name, owner, channels, mistakes);
        check_lead(at, name, owners, mistakes);
        if !owner.otherwise.is_empty() && owner.after <= alerts.group_within {
            mistakes.note(
                at,
                &format!("`after` of the owner `{name}` is no longer than `alerts.group_within`"),
                "a message may wait that long for others without anything being wrong: write a longer `after`",
            );
        }
        if let Some(hours) = &owner.hours {
            check_hours(at, name, hours, calendars, mistakes);
        }
    }
    if !owners.is_empty() && !owners.contains_key(DEFAULT_OWNER) {
        let at = owners.values().next().map_or(Location::UNKNOWN, |owner| owner.referenced);
        mistakes.note(
            at,
            "no owner named `default`",
            "alerts of journeys without an owner would reach nobody: add `default: {channels: [..]}`",
        );
    }
}

fn check_hours(
    at: Location,
    name: &Slug,
    hours: &OwnerHours,
    calendars: &BTreeMap<Slug, Spanned<Calendar>>,
    mistakes: &mut Mistakes,
) {
    if hours.from == hours.to {
        mistakes.note(
            at,
            &format!("the hours of the owner `{name}` end when they begin"),
            "write the hours in which they want to be told, or leave `hours` out to tell them at any hour",
        );
    }
    let Some(calendar) = &hours.calendar else { return };
    if !calendars.contains_key(calendar) {
        let known: Vec<&str> = calendars.keys().map(Slug::as_str).collect();
        let help = format!("`calendars:` has {}", if known.is_empty() { "none".into() } else { known.join(", ") });
        mistakes.note(at, &format!("no calendar is named `{calendar}`"), &help);
    }
    if hours.days.is_some() {
        mistakes.note(
            at,
            &format!("the hours of the owner `{name}` have both `days` and a `calendar`"),
            "keep the one that says on which days: the calendar knows holidays, and weekends that are worked",
        );
    }
}

/// Whoever stands above an owner is one, and nobody stands above themselves.
fn check_lead(at: Location, name: &Slug, owners: &BTreeMap<Slug, Spanned<Owner>>, mistakes: &mut Mistakes) {
    let lead = |name: &Slug| owners.get(name).and_then(|owner| owner.value.lead.as_ref());
    let (mut above, mut steps) = (lead(name), 0);
    if let Some(stranger) = above.filter(|lead| !owners.contains_key(*lead)) {
        let help = "name another of `owners:`: it says how they are reached";
        mistakes.note(at, &format!("`{stranger}`, the lead of the owner `{name}`, is no owner"), help);
    }
    while let Some(one) = above.filter(|_| steps <= owners.len()) {
        if one == name {
            let help = "what nobody takes up would come back to who let it lie: leave `lead` out at the top";
            return mistakes.note(at, &format!("the owner `{name}` stands above itself"), help);
        }
        (above, steps) = (lead(one), steps + 1);
    }
}

fn check_reach(
    at: Location,
    name: &Slug,
    owner: &Owner,
    channels: &BTreeMap<Slug, Spanned<Channel>>,
    mistakes: &mut Mistakes,
) {
    if owner.channels.is_empty() {
        let all = if name.as_str() == DEFAULT_OWNER { ": alerts that nobody else takes would be lost" } else { "" };
        mistakes.note(
            at,
            &format!("nothing reaches the owner `{name}`{all}"),
            "name at least one of `channels:`; those of `otherwise` are told only when these fail",
        );
    }
    let mut seen: Vec<&Slug> = Vec::new();
    for channel in owner.channels.iter().chain(&owner.otherwise) {
        if !channels.contains_key(channel) {
            let known: Vec<&str> = channels.keys().map(Slug::as_str).collect();
            let help = format!("`channels:` has {}", if known.is_empty() { "none".into() } else { known.join(", ") });
            mistakes.note(at, &format!("no channel is named `{channel}`"), &help);
        } else if seen.contains(&channel) {
            let help = "keep it once: in `channels` it is told at once, in `otherwise` when those before it failed";
            mistakes.note(at, &format!("the owner `{name}` names the channel `{channel}` twice"), help);
        }
        seen.push(channel);
    }
}
