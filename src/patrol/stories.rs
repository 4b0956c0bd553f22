//! Due times told as tables, over clock changes, absences and parts of the day.

use super::*;
use crate::id::JourneyId;
use crate::moment::Moment;
use proptest::prelude::*;
use std::time::Duration;

fn fund() -> JourneyId {
    "fund".parse().unwrap()
}

fn at(text: &str) -> Moment {
    Moment::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}

fn cron(pattern: &str, name: &str) -> Schedule {
    Schedule::cron(pattern, zone(name).unwrap()).unwrap()
}

/// The first slots after `after`, in UTC.
fn check(schedule: &Schedule, after: &str, expected: &[&str]) {
    let mut slots = Vec::new();
    let mut last = at(after);
    for _ in expected {
        last = schedule.next(&fund(), last).expect("a next slot");
        slots.push(last.to_string());
    }
    assert_eq!(slots, expected, "{schedule:?} after {after}");
}

#[test]
fn periods_stand_on_a_grid() {
    let schedule = Schedule::every(minutes(5)).unwrap();
    check(&schedule, "2026-11-21T10:01:00Z", &["2026-11-21T10:05:00Z", "2026-11-21T10:10:00Z"]);
    check(&schedule, "2026-11-21T10:05:00Z", &["2026-11-21T10:10:00Z"]);
    check(&schedule, "1969-12-31T23:59:00Z", &["1970-01-01T00:00:00Z"]);
    assert!(Schedule::every(Duration::from_secs(1)).is_err());
    assert!(Schedule::every(minutes(400 * 24 * 60)).is_err());
}

#[test]
fn cron_is_read_in_its_zone() {
    check(&cron("30 8 * * 1-5", "Asia/Shanghai"), "2026-11-20T12:00:00Z", &["2026-11-23T00:30:00Z"]);
    check(&cron("0 0 1 1 *", "UTC"), "2037-12-31T23:59:00Z", &["2038-01-01T00:00:00Z", "2039-01-01T00:00:00Z"]);
    check(&cron("0 12 29 2 *", "UTC"), "2026-01-01T00:00:00Z", &["2028-02-29T12:00:00Z"]);
}

#[test]
fn a_time_that_is_skipped_falls_due_when_the_gap_ends() {
    // Berlin: 02:00 to 03:00 on 29 March 2026 does not exist.
    let berlin = cron("30 2 * * *", "Europe/Berlin");
    check(&berlin, "2026-03-28T00:00:00Z", &["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]);
    // New York: 02:00 to 03:00 on 8 March 2026.
    let york = cron("15 2 * * *", "America/New_York");
    check(&york, "2026-03-07T12:00:00Z", &["2026-03-08T07:00:00Z", "2026-03-09T06:15:00Z"]);
    // Lord Howe moves by half an hour: 02:00 to 02:30 on 4 October 2026.
    let howe = cron("10 2 * * *", "Australia/Lord_Howe");
    check(&howe, "2026-10-03T00:00:00Z", &["2026-10-03T15:30:00Z", "2026-10-04T15:10:00Z"]);
}

#[test]
fn a_day_that_never_was_does_not_end_the_patrol() {
    // Samoa went over the date line: 30 December 2011 does not exist there.
    let apia = cron("30 2 * * *", "Pacific/Apia");
    check(&apia, "2011-11-20T12:30:00Z", &["2011-11-21T12:30:00Z"]);
    check(&apia, "2011-12-29T12:30:00Z", &["2011-12-30T12:30:00Z", "2011-12-31T12:30:00Z"]);
}

#[test]
fn a_time_that_is_repeated_falls_due_once_unless_every_hour_does() {
    // Berlin: 02:00 to 03:00 twice on 25 October 2026.
    let once = cron("30 2 * * *", "Europe/Berlin");
    check(&once, "2026-10-24T12:00:00Z", &["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
    let hourly = cron("30 * * * *", "Europe/Berlin");
    check(&hourly, "2026-10-24T23:45:00Z", &["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"]);
}

#[test]
fn hours_and_days_shut_the_rest_out() {
    let shanghai = || zone("Asia/Shanghai").unwrap();
    let every = |hours: &str, days: &str| {
        let (hours, days) = (Some(hours.parse().unwrap()), days.parse().unwrap());
        Schedule::every(minutes(30)).unwrap().within(hours, days, shanghai())
    };
    // Friday 22:45 in Shanghai: the next is Monday 07:00 there.
    check(&every("07:00-23:00", "mon-fri"), "2026-11-20T14:45:00Z", &["2026-11-22T23:00:00Z"]);
    check(&every("07:00-23:00", "sun-mon"), "2026-11-20T14:45:00Z", &["2026-11-21T23:00:00Z"]);
    // Over midnight: Saturday 01:00 belongs to Friday's night.
    let night = every("22:00-02:00", "fri");
    check(&night, "2026-11-20T17:00:00Z", &["2026-11-20T17:30:00Z", "2026-11-27T14:00:00Z", "2026-11-27T14:30:00Z"]);
}

#[test]
fn what_is_not_a_schedule_is_refused() {
    for wrong in ["", "* * * *", "* * * * * *", "60 * * * *", "*/0 * * * *", "0 24 * * *", "a b c d e", "@reboot"] {
        let said = Schedule::cron(wrong, zone("UTC").unwrap()).expect_err(wrong);
        assert!(matches!(said, ScheduleError::Cron { .. }), "{wrong}: {said}");
    }
    let never = Schedule::cron("0 0 31 2 *", zone("UTC").unwrap()).expect_err("31 February");
    assert_eq!(never, ScheduleError::Never("0 0 31 2 *".into()));
    for wrong in ["CST", "EST", "+08:00", "Asia/Nowhere", "", "../etc/passwd"] {
        assert!(zone(wrong).is_err(), "{wrong}");
    }
    for wrong in ["", "7-23", "07:00", "07:60-08:00", "25:00-26:00", "08:00-08:00", "24:00-08:00", "+7:00-08:00"] {
        assert!(wrong.parse::<Hours>().is_err(), "{wrong}");
    }
    for wrong in ["", "monday", "mon-", "mon;tue", "1-5"] {
        assert!(wrong.parse::<Days>().is_err(), "{wrong}");
    }
    let jitter = Schedule::every(minutes(5)).unwrap().spread(minutes(5)).expect_err("as long as the period");
    assert_eq!(jitter, ScheduleError::Jitter { jitter: minutes(5), period: minutes(5) });
}

#[test]
fn each_journey_has_its_own_constant_lateness() {
    let schedule = Schedule::every(minutes(5)).unwrap().spread(minutes(4)).unwrap();
    let start = at("2026-11-21T10:00:00Z");
    let mut offsets = std::collections::BTreeMap::<u64, u32>::new();
    for n in 0..600 {
        let journey: JourneyId = format!("journey-{n}").parse().unwrap();
        let slot = schedule.next(&journey, start).unwrap();
        assert_eq!(schedule.next(&journey, start), Some(slot));
        assert_eq!(schedule.next(&journey, slot), Some(slot.after(minutes(5))));
        *offsets.entry(slot.since(start).as_secs() / 30).or_default() += 1;
    }
    assert!(offsets.len() >= 8, "spread over the jitter: {offsets:?}");
    assert!(offsets.values().all(|n| *n < 150), "no heap: {offsets:?}");
}

#[test]
fn an_absence_is_caught_up_with_one_walk() {
    let schedule = Schedule::every(minutes(5)).unwrap();
    let due = |after: &str, now: &str| schedule.due(&fund(), Some(at(after)), at(now));
    assert_eq!(due("2026-11-21T10:00:00Z", "2026-11-21T10:04:59Z"), Due::default());
    let one = due("2026-11-21T10:00:00Z", "2026-11-21T10:05:00Z");
    assert_eq!((one.slot, one.missed_count), (Some(at("2026-11-21T10:05:00Z")), 0));
    // Eight hours asleep.
    let night = due("2026-11-21T00:00:00Z", "2026-11-21T08:00:01Z");
    assert_eq!((night.slot, night.missed_count), (Some(at("2026-11-21T08:00:00Z")), 95));
    assert_eq!(night.missed.first(), Some(&at("2026-11-21T00:05:00Z")));
    // A year away: neither stops the patrol nor lists without end.
    let year = due("2025-11-21T00:00:00Z", "2026-11-21T08:00:01Z");
    assert_eq!((year.slot, year.missed_count), (Some(at("2026-11-21T08:00:00Z")), 2015));
    assert_eq!(year.missed.len(), MISSED_LISTED_MAX);
    assert_eq!(year.missed.last(), Some(&at("2026-11-21T07:55:00Z")));
}

#[test]
fn a_walk_still_under_way_makes_the_slot_a_missed_one() {
    let schedule = Schedule::every(minutes(5)).unwrap();
    let due = schedule.due(&fund(), Some(at("2026-11-21T10:00:00Z")), at("2026-11-21T10:10:00Z")).given_up();
    let missed = vec![at("2026-11-21T10:05:00Z"), at("2026-11-21T10:10:00Z")];
    assert_eq!(due, Due { slot: None, missed, missed_count: 2 });
}

#[test]
fn nothing_is_caught_up_outside_the_hours() {
    let hours = Some("07:00-23:00".parse().unwrap());
    let schedule = Schedule::every(minutes(30)).unwrap().within(hours, Days::ALL, zone("UTC").unwrap());
    let due = schedule.due(&fund(), Some(at("2026-11-21T22:00:00Z")), at("2026-11-22T02:00:00Z"));
    assert_eq!((due.slot, due.missed), (None, vec![at("2026-11-21T22:30:00Z")]));
}

#[test]
fn a_journey_never_walked_begins_at_once_by_period_and_in_time_by_cron() {
    let now = at("2026-11-21T10:07:00Z");
    let every = Schedule::every(minutes(5)).unwrap().due(&fund(), None, now);
    assert_eq!((every.slot, every.missed_count), (Some(at("2026-11-21T10:05:00Z")), 0));
    assert_eq!(cron("0 * * * *", "UTC").due(&fund(), None, now), Due::default());
}

#[test]
fn a_clock_that_was_ahead_does_not_stop_the_patrol() {
    let schedule = Schedule::every(minutes(5)).unwrap();
    let due = schedule.due(&fund(), Some(at("2026-11-22T10:00:00Z")), at("2026-11-21T10:07:00Z"));
    assert_eq!(due.slot, Some(at("2026-11-21T10:05:00Z")));
}

#[test]
fn a_journey_in_two_patrols_falls_due_by_both_and_once_each() {
    let both = Schedule::every(minutes(30)).unwrap().joined(cron("0,20 * * * *", "UTC"));
    check(
        &both,
        "2026-11-21T10:01:00Z",
        &["2026-11-21T10:20:00Z", "2026-11-21T10:30:00Z", "2026-11-21T11:00:00Z", "2026-11-21T11:20:00Z"],
    );
    let due = both.due(&fund(), Some(at("2026-11-21T10:01:00Z")), at("2026-11-21T11:00:00Z"));
    let missed = vec![at("2026-11-21T10:20:00Z"), at("2026-11-21T10:30:00Z")];
    assert_eq!(due, Due { slot: Some(at("2026-11-21T11:00:00Z")), missed, missed_count: 2 });
}

#[test]
fn a_closed_weekend_is_leapt_over() {
    let office = Schedule::every(Duration::from_secs(5)).unwrap();
    let office = office.within(Some("08:00-20:00".parse().unwrap()), "mon-fri".parse().unwrap(), zone("UTC").unwrap());
    check(&office, "2026-11-20T20:00:00Z", &["2026-11-23T08:00:00Z", "2026-11-23T08:00:05Z"]);
    check(&office, "2026-11-23T19:59:55Z", &["2026-11-24T08:00:00Z"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn slots_go_on_and_on(
        start in -30_000_000_000_i64..2_500_000_000_000,
        beat in 0..5_usize,
        place in 0..6_usize,
    ) {
        let zones = ["UTC", "Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia"];
        let name = zones[place];
        let schedule = match beat {
            0 => Schedule::every(minutes(7)).unwrap(),
            1 => cron("*/20 * * * *", name),
            2 => cron("30 2 * * *", name),
            3 => cron("0 9 1 * *", name).spread(minutes(9)).unwrap(),
            _ => Schedule::every(minutes(60)).unwrap().within(
                Some("22:00-03:00".parse().unwrap()), "mon-fri".parse().unwrap(), zone(name).unwrap()),
        };
        let mut last = Moment::from_millis(start);
        for _ in 0..40 {
            let next = schedule.next(&fund(), last).expect("a next slot");
            prop_assert!(next > last, "{name} {schedule:?}: {next} after {last}");
            prop_assert!(next.since(last) <= Duration::from_secs(33 * 86_400));
            last = next;
        }
    }
}
