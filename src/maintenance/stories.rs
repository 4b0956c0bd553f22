//! Windows of the configuration over changes of the clock, and declared ones in an almanac.

use super::*;
use crate::actor::Actor;
use crate::id::{JourneyId, WindowId};
use crate::moment::Moment;
use crate::patrol::{Schedule, zone};
use futures_util::FutureExt as _;
use std::sync::Mutex;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

fn at(text: &str) -> Moment {
    Moment::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

fn journey(name: &str) -> JourneyId {
    name.parse().unwrap()
}

fn recurring(cron: &str, place: &str, lasting: Duration) -> Recurring {
    let schedule = Box::new(Schedule::cron(cron, zone(place).unwrap()).unwrap());
    let (name, why) = ("日终批量".to_owned(), "夜间清算".to_owned());
    let covers = Covers { apps: ["wealth".to_owned()].into(), ..Covers::default() };
    Recurring { name, why, by: Actor::person("运维部").unwrap(), covers, when: When::Each { schedule, lasting } }
}

#[test]
fn a_window_begins_by_the_clock_on_the_wall_and_lasts_by_the_one_that_never_jumps() {
    let check = |cron: &str, from: &str, to: &str, expected: &[(&str, &str)]| {
        let windows = recurring(cron, "Europe/Berlin", HOUR * 3).within(at(from), at(to));
        let told: Vec<_> = windows.iter().map(|w| (w.from, w.until)).collect();
        let expected: Vec<_> = expected.iter().map(|(from, until)| (at(from), at(until))).collect();
        assert_eq!(told, expected, "{cron}");
    };
    // In the night to 25 October 2026 clocks are put back: 01:00 is an hour later by UTC from then on.
    check(
        "0 1 * * *",
        "2026-10-24T00:00:00Z",
        "2026-10-26T12:00:00Z",
        &[
            ("2026-10-23T23:00:00Z", "2026-10-24T02:00:00Z"),
            ("2026-10-24T23:00:00Z", "2026-10-25T02:00:00Z"),
            ("2026-10-26T00:00:00Z", "2026-10-26T03:00:00Z"),
        ],
    );
    // On 29 March 2026 there is no 02:30: the window begins when the gap ends, and lasts as long as ever.
    check(
        "30 2 * * *",
        "2026-03-28T12:00:00Z",
        "2026-03-30T12:00:00Z",
        &[("2026-03-29T01:00:00Z", "2026-03-29T04:00:00Z"), ("2026-03-30T00:30:00Z", "2026-03-30T03:30:00Z")],
    );
    // One that began before is in force still; one that is over by then is not.
    check(
        "0 1 * * *",
        "2026-06-01T01:59:59Z",
        "2026-06-01T02:00:00Z",
        &[("2026-05-31T23:00:00Z", "2026-06-01T02:00:00Z")],
    );
    check("0 1 * * *", "2026-06-01T02:00:00Z", "2026-06-01T03:00:00Z", &[]);
}

#[test]
fn a_window_is_of_what_it_names() {
    let check = |apps: &[&str], journeys: &[&str], expected: &[(&str, &str)]| {
        let covers = Covers {
            apps: apps.iter().map(|app| (*app).to_owned()).collect(),
            journeys: journeys.iter().map(|name| journey(name)).collect(),
        };
        let all = [("wealth", "login"), ("wealth", "fund"), ("loan", "login-loan")];
        let held: Vec<_> = all.into_iter().filter(|(app, name)| covers.holds(app, &journey(name))).collect();
        assert_eq!(held, expected, "{apps:?} {journeys:?}");
    };
    check(&[], &[], &[("wealth", "login"), ("wealth", "fund"), ("loan", "login-loan")]);
    check(&["wealth"], &[], &[("wealth", "login"), ("wealth", "fund")]);
    check(&[], &["fund"], &[("wealth", "fund")]);
    check(&["loan"], &["fund"], &[("wealth", "fund"), ("loan", "login-loan")]);
}

/// A ledger in memory; it fails while it is told to.
#[derive(Default)]
struct Kept {
    windows: Mutex<Vec<Window>>,
    fails: Mutex<bool>,
}

impl Kept {
    fn answer(&self) -> Result<(), WindowError> {
        if *self.fails.lock().unwrap() { Err(WindowError("disk full".into())) } else { Ok(()) }
    }
}

#[async_trait::async_trait]
impl WindowLedger for Kept {
    async fn windows(&self, _limit: u32) -> Result<Vec<Window>, WindowError> {
        Ok(self.windows.lock().unwrap().clone())
    }

    async fn keep_window(&self, window: &Window) -> Result<(), WindowError> {
        self.answer()?;
        self.windows.lock().unwrap().push(window.clone());
        Ok(())
    }

    async fn kept_quiet(&self, _: &Window, _: &[(Moment, Moment)], _: Moment) -> Result<u64, WindowError> {
        Ok(0)
    }

    async fn began(&self) -> Result<Option<Moment>, WindowError> {
        Ok(None)
    }

    async fn end_window(&self, id: WindowId, at: Moment, by: &Actor) -> Result<bool, WindowError> {
        self.answer()?;
        for declared in self.windows.lock().unwrap().iter_mut().filter_map(|window| window.declared.as_mut()) {
            if declared.id == id && declared.ended.is_none() {
                declared.ended = Some(Ended { at, by: by.clone() });
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What a ledger in memory answers at once.
fn done<T>(answered: impl Future<Output = T>) -> T {
    answered.now_or_never().expect("nothing waits for anything")
}

fn asked(from: Option<Moment>, until: Moment) -> Asked {
    Asked { name: "升级".into(), why: "换库".into(), covers: Covers::default(), from, until }
}

fn names(windows: &[Window]) -> Vec<&str> {
    windows.iter().map(|window| window.name.as_str()).collect()
}

#[test]
fn what_is_declared_holds_at_once_after_a_restart_too_and_ends_when_somebody_says_so() {
    let (ledger, now) = (Kept::default(), at("2026-11-23T10:00:00Z"));
    let (him, her) = (Actor::person("李雷").unwrap(), Actor::person("韩梅梅").unwrap());
    let almanac = done(Almanac::open(vec![recurring("0 1 * * *", "UTC", HOUR)], &ledger)).unwrap();
    let in_force = |almanac: &Almanac, at: Moment| {
        let windows = almanac.around(at);
        windows.amid("loan", &journey("login"), at, at).map(|window| window.over())
    };
    assert_eq!(in_force(&almanac, now), None);
    *ledger.fails.lock().unwrap() = true;
    let refused = done(almanac.declare(&ledger, asked(None, now.after(HOUR * 4)), him.clone(), now));
    assert!(matches!(refused, Err(NotDeclared::Ledger(_))), "{refused:?}");
    assert_eq!(in_force(&almanac, now), None, "what is not kept does not hold");
    *ledger.fails.lock().unwrap() = false;
    let window = done(almanac.declare(&ledger, asked(None, now.after(HOUR * 4)), him.clone(), now)).unwrap();
    assert_eq!(in_force(&almanac, now), Some(now.after(HOUR * 4)));
    let again = done(Almanac::open(Vec::new(), &ledger)).unwrap();
    assert_eq!(in_force(&again, now.after(HOUR)), Some(now.after(HOUR * 4)), "after a restart");

    let id = window.declared.unwrap().id;
    let sooner = now.after(HOUR * 2);
    let ended = done(almanac.end(&ledger, id, her.clone(), sooner)).unwrap();
    assert_eq!((ended.over(), ended.ended().map(|e| e.by.clone())), (sooner, Some(her.clone())));
    assert_eq!((in_force(&almanac, sooner), in_force(&almanac, now)), (None, Some(sooner)));
    assert_eq!(done(almanac.end(&ledger, id, her.clone(), sooner)), Err(NotDeclared::Over));
    assert_eq!(done(almanac.end(&ledger, WindowId::fresh(), her, sooner)), Err(NotDeclared::Absent));

    // What is called off before it begins was never in force, and is still told of.
    let tomorrow = now.after(HOUR * 24);
    let off = done(almanac.declare(&ledger, asked(Some(tomorrow), tomorrow.after(HOUR)), him.clone(), now)).unwrap();
    done(almanac.end(&ledger, off.declared.unwrap().id, him, now.after(HOUR))).unwrap();
    assert_eq!(in_force(&almanac, tomorrow), None);
    let since = at("2026-11-21T12:00:00Z");
    let listed = almanac.listed(sooner, HOUR * 72, since, 10);
    assert_eq!(names(&listed.now), Vec::<&str>::new());
    assert_eq!(names(&listed.coming), ["日终批量"]);
    let past: Vec<_> = listed.past.iter().map(|past| (past.window.name.as_str(), past.times())).collect();
    assert_eq!(past, [("升级", 1), ("升级", 1), ("日终批量", 2)]);
}

#[test]
fn turns_of_one_window_are_told_once_and_none_from_before_there_was_a_watch() {
    let now = at("2026-11-23T10:30:00Z");
    let config = vec![
        recurring("0 */2 * * *", "UTC", HOUR),
        Recurring {
            // Another one, though it is called the same.
            covers: Covers::default(),
            ..recurring("0 1 * * *", "UTC", HOUR)
        },
    ];
    let twice = asked(None, now.after(HOUR)).declared(Actor::Robot, at("2026-11-23T08:10:00Z"));
    let declared = [twice.clone(), twice].into_iter().map(|window| {
        let mut window = window.unwrap();
        window.until = at("2026-11-23T08:50:00Z");
        window
    });
    let almanac = Almanac::of(config, declared.collect());
    let check = |since: &str, max: usize, expected: &[(&str, &str, usize)]| {
        let listed = almanac.listed(now, HOUR * 24, at(since), max);
        let told: Vec<_> = listed.past.iter().map(|p| (p.window.name.as_str(), p.window.from, p.times())).collect();
        let expected: Vec<_> = expected.iter().map(|(name, from, times)| (*name, at(from), *times)).collect();
        assert_eq!(told, expected, "{since}");
        assert_eq!((listed.now.len(), listed.coming.len()), (1, 2), "{since}");
        for past in &listed.past {
            assert!(past.earlier.is_sorted() && past.earlier.iter().all(|(_, over)| *over <= past.window.from));
        }
    };
    let (batch, work) = ("日终批量", "升级");
    check("2026-11-23T08:59:59Z", 9, &[(batch, "2026-11-23T08:00:00Z", 1)]);
    check("2026-11-23T09:00:00Z", 9, &[]);
    let day = [
        (batch, "2026-11-23T08:00:00Z", 17),
        (work, "2026-11-23T08:10:00Z", 1),
        (work, "2026-11-23T08:10:00Z", 1),
        (batch, "2026-11-23T01:00:00Z", 2),
    ];
    check("2026-11-22T00:00:00Z", 9, &day);
    check("2026-11-22T00:00:00Z", 3, &day[..3]);
}

#[test]
fn a_window_that_was_ended_behind_the_almanac_is_in_force_no_more_once_somebody_ends_it() {
    let (ledger, now) = (Kept::default(), at("2026-11-23T10:00:00Z"));
    let almanac = Almanac::default();
    let window = done(almanac.declare(&ledger, asked(None, now.after(HOUR * 4)), Actor::Robot, now)).unwrap();
    let (id, sooner) = (window.declared.unwrap().id, now.after(HOUR));
    // As where the answer to the ledger's change was lost.
    assert_eq!(done(ledger.end_window(id, sooner, &Actor::Robot)), Ok(true));
    let elsewhere = asked(None, now.after(HOUR * 5)).declared(Actor::Robot, now).unwrap();
    done(ledger.keep_window(&elsewhere)).unwrap();
    let ends = || almanac.around(sooner).all().iter().map(Window::over).collect::<Vec<_>>();
    assert_eq!(ends(), [now.after(HOUR * 4)]);
    assert_eq!(done(almanac.end(&ledger, id, Actor::Robot, now.after(HOUR * 2))), Err(NotDeclared::Over));
    assert_eq!(ends(), [sooner, now.after(HOUR * 5)], "the ledger's word holds");
}

#[test]
fn nobody_declares_windows_without_end() {
    let (ledger, now) = (Kept::default(), at("2026-11-23T10:00:00Z"));
    let almanac = Almanac::default();
    for _ in 0..OPEN_MAX {
        done(almanac.declare(&ledger, asked(None, now.after(HOUR)), Actor::Robot, now)).unwrap();
    }
    let refused = done(almanac.declare(&ledger, asked(None, now.after(HOUR)), Actor::Robot, now));
    assert_eq!(refused, Err(NotDeclared::TooMany));
    let later = now.after(HOUR);
    assert!(done(almanac.declare(&ledger, asked(None, later.after(HOUR)), Actor::Robot, later)).is_ok());
}

/// One after another they would last for ever.
#[test]
fn windows_that_touch_last_no_longer_than_one() {
    let check = |after_hours: u32, lasting_hours: u32, apps: &[&str], expected: bool| {
        let (ledger, now) = (Kept::default(), at("2026-11-23T10:00:00Z"));
        let almanac = Almanac::default();
        let of = |apps: &[&str], from: Moment, until: Moment| {
            let apps = apps.iter().map(|app| (*app).to_owned()).collect();
            Asked { covers: Covers { apps, ..Covers::default() }, ..asked(Some(from), until) }
        };
        let first = of(&["wealth"], now, now.after(HOUR * 100));
        done(almanac.declare(&ledger, first, Actor::Robot, now)).unwrap();
        let begins = now.after(HOUR * after_hours);
        let told =
            done(almanac.declare(&ledger, of(apps, begins, begins.after(HOUR * lasting_hours)), Actor::Robot, now));
        assert_eq!(told.is_ok(), expected, "{after_hours} {lasting_hours} {apps:?}: {told:?}");
        assert!(expected || told == Err(NotDeclared::Wrong(Wrong::Long)));
    };
    check(100, 68, &["wealth"], true);
    check(100, 69, &["wealth"], false);
    check(50, 119, &[], false);
    check(101, 69, &["wealth"], true);
    check(100, 69, &["loan"], true);
}
