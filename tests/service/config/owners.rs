//! The owner map: in which order people are told, at which hours, and that nobody is left out without a word.

use super::{check, read};
use std::time::Duration;

const CHANNELS: &str = "channels:\n  m:\n    webhook: {url: \"https://a.example/\", secret: env:A}\n  n:\n    webhook: {url: \"https://b.example/\", secret: env:A}\n";

fn owner(rest: &str) -> String {
    format!("{CHANNELS}owners:\n  default: {rest}\n")
}

#[test]
fn an_owner_says_in_which_order_and_when() {
    let text = owner(
        "{channels: [m], otherwise: [n], after: 10m, hours: {days: [mon-fri, sun], from: \"22:00\", to: \"06:30\", timezone: Europe/Berlin}}",
    );
    let config = read(&text).unwrap_or_else(|e| panic!("{e:?}"));
    let (_, owner) = config.owners.first_key_value().unwrap();
    assert_eq!((owner.otherwise[0].as_str(), owner.after.0), ("n", Duration::from_secs(600)));
    let hours = owner.hours.as_ref().unwrap();
    assert_eq!((hours.days.as_ref().unwrap().0.len(), hours.from.0, hours.to.0), (6, 22 * 60, 6 * 60 + 30));
    assert_eq!(config.alerts.group_within.0, Duration::from_secs(60));
}

#[test]
fn an_owner_who_would_not_be_told_is_refused() {
    let place = (7, 12);
    let lost = "alerts that nobody else takes would be lost";
    check(&owner("{channels: []}"), place, lost, "name at least one of `channels:`");
    check(&owner("{channels: [], otherwise: [m]}"), place, lost, "told only when these fail");
    check(&owner("{channels: [m], otherwise: [k]}"), place, "no channel is named `k`", "`channels:` has m, n");
    check(&owner("{channels: [m], otherwise: [m]}"), place, "names the channel `m` twice", "keep it once");
    check(
        &owner("{channels: [m], otherwise: [n], after: 30s}"),
        place,
        "no longer than `alerts.group_within`",
        "longer",
    );
    let hours = |rest: &str| owner(&format!("{{channels: [m], hours: {{{rest}}}}}"));
    check(&hours("from: \"08:00\", to: \"08:00\""), place, "end when they begin", "leave `hours` out");
    check(&hours("from: \"8:00\", to: \"20:00\""), (7, 42), "wrong value", "a time of the day");
    check(
        &hours("days: [weekend], from: \"08:00\", to: \"20:00\""),
        (7, 42),
        "wrong value",
        "a day or a range of days",
    );
    check("alerts: {group_within: 2h}\n", (1, 24), "wrong value", "longer than an hour");
}

#[test]
fn who_stands_above_an_owner_is_another() {
    let owners = |rest: &str| format!("{CHANNELS}owners:\n  default: {{channels: [m], lead: top}}\n{rest}");
    let config = read(&owners("  top: {channels: [n]}\n")).unwrap_or_else(|e| panic!("{e:?}"));
    let lead = config.owners.values().find_map(|owner| owner.lead.as_ref()).unwrap();
    assert_eq!(lead.as_str(), "top");
    check(&owners(""), (7, 12), "`top`, the lead of the owner `default`, is no owner", "another of `owners:`");
    check(
        &owner("{channels: [m], lead: default}"),
        (7, 12),
        "the owner `default` stands above itself",
        "leave `lead` out",
    );
}

#[test]
fn owners_hours_name_a_calendar_that_is_there_and_says_one_thing() {
    let with = |calendar: &str, hours: &str| {
        let hours = format!("{{channels: [m], hours: {{{hours}, from: \"09:00\", to: \"18:00\"}}}}");
        format!("calendars:\n  china: {calendar}\n{}", owner(&hours))
    };
    let china = "{closed: [2026-10-01/2026-10-07], open: [2026-09-20, 2026-10-10]}";
    let config = read(&with(china, "calendar: china")).unwrap_or_else(|e| panic!("{e:?}"));
    let workdays = config.calendars.values().next().unwrap().workdays();
    assert_eq!((workdays.closed.len(), workdays.open.len()), (7, 2));
    check(&with(china, "calendar: japan"), (9, 12), "no calendar is named `japan`", "`calendars:` has china");
    check(&with(china, "calendar: china, days: [mon-fri]"), (9, 12), "both `days` and a `calendar`", "keep the one");
    let place = (2, 10);
    check(
        &with("{closed: [2026-10-10], open: [2026-10-10]}", "calendar: china"),
        place,
        "both `closed` and `open`",
        "keep it",
    );
    check(&with("{open: [2026-10-09]}", "calendar: china"), place, "2026-10-09 is no weekend", "Saturdays and Sundays");
    check(&with("{closed: [10-01]}", "calendar: china"), (2, 20), "wrong value", "write `2026-10-01`");
}
