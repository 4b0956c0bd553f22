//! The fold told as stories: walks go in one after another, a word for each change comes out.

mod family;
mod lasting;
mod odds;
mod past;
mod queue;
mod tagged;
mod unheld;

use super::*;
use crate::finding::{Bilingual, Finding, Kin, Severity};
use crate::id::{IncidentId, JourneyId, StepId, WalkId};
use crate::journey::{Safety, Section};
use crate::moment::Moment;
use crate::walk::{
    Attribution, Class, Environment, Failure, FailureKind, Kept, Observation, Outcome, Purpose, StepRecord, Trouble,
    TroubleKind, Verdict, WalkRecord,
};
use proptest::prelude::*;
use std::time::Duration;

const STEPS: [&str; 3] = ["open", "list", "buy"];
const HOUR: i64 = 3_600_000;

/// What a walk shows.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shows {
    /// Nothing wrong.
    Pass,
    /// Got through; a finding that does not fail the walk at this step.
    Weak(usize),
    /// Got through; a finding at this step that is worth an incident when it lasts.
    Last(usize, &'static str),
    /// A failing finding at this step, of this cause; the steps after it are not reached.
    Fail(usize, &'static str),
    /// As `Fail`, and a customer's money is at stake.
    Worse(usize, &'static str),
    /// A failing finding at this step that a customer can get past: all steps are reached.
    Mar(usize, &'static str),
    /// Two such findings.
    Two((usize, &'static str), (usize, &'static str)),
    /// The robot cannot say.
    Trouble(TroubleKind),
    /// A fault of the journey itself.
    Script(usize),
}

struct Story {
    known: Known,
    walks: u32,
    now: i64,
    journey: &'static str,
    digest: &'static str,
    steps: Vec<&'static str>,
    shadowed: Option<(WalkRecord, Verdict, Vec<Finding>)>,
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(kind: u32, n: u32) -> T {
    format!("0190f5e2-{kind:04x}-7000-8000-{n:012x}").parse().unwrap()
}

impl Story {
    fn new() -> Self {
        Self {
            known: Known::default(),
            walks: 0,
            now: 0,
            journey: "fund",
            digest: "one",
            steps: STEPS.to_vec(),
            shadowed: None,
        }
    }

    fn record(&mut self, shows: Shows) -> (WalkRecord, Verdict, Vec<Finding>) {
        self.walks += 1;
        let (stop, failing) = match shows {
            Shows::Fail(step, _) | Shows::Worse(step, _) | Shows::Script(step) => (step, true),
            _ => (STEPS.len(), false),
        };
        let outcome = |at: usize| match shows {
            Shows::Trouble(kind) if at == 0 => Outcome::Inconclusive(Trouble { kind, said: "it is gone".into() }),
            Shows::Trouble(_) => Outcome::NotReached,
            _ if failing && at == stop => Outcome::Failed(Failure {
                kind: FailureKind::Missing,
                said: "waited 5 s".into(),
                detail: None,
                locus: None,
            }),
            _ if at > stop => Outcome::NotReached,
            _ => Outcome::Passed,
        };
        let record = WalkRecord {
            walk: id(1, self.walks),
            journey: self.journey.parse().unwrap(),
            title: "基金申购".into(),
            app: "wealth-h5".into(),
            owner: Some("wealth-team".into()),
            tags: Default::default(),
            digest: self.digest.into(),
            safety: Safety::ReadOnly,
            device: "h5-iphone".into(),
            customer: None,
            base: "http://app.test".into(),
            purpose: Purpose::Manual,
            started: Moment::from_millis(self.now),
            elapsed: Duration::from_secs(3),
            budget: Duration::from_secs(60),
            verdict: Verdict::Passed,
            steps: self.steps.iter().enumerate().map(|(at, name)| step(name, outcome(at))).collect(),
            network: crate::walk::Kept::NotAsked,
            console: crate::walk::Kept::NotAsked,
            oracles: None,
            environment: Environment::default(),
            losses: vec![],
        };
        let journey = record.journey.clone();
        let (verdict, findings) = match shows {
            Shows::Pass => (Verdict::Passed, vec![]),
            Shows::Weak(at) => (Verdict::Degraded, vec![finding(&journey, at, "slow", Severity::P3, false)]),
            Shows::Last(at, cause) => {
                let soft = finding(&journey, at, cause, Severity::P2, false);
                let class = if cause == "slow?" { Class::Slow } else { soft.class };
                (Verdict::Degraded, vec![Finding { lasting: true, class, ..soft }])
            }
            Shows::Fail(at, cause) | Shows::Mar(at, cause) => {
                (Verdict::Failed, vec![finding(&journey, at, cause, Severity::P2, true)])
            }
            Shows::Two(one, other) => {
                let found = [one, other].map(|(at, cause)| finding(&journey, at, cause, Severity::P2, true));
                (Verdict::Failed, found.to_vec())
            }
            Shows::Worse(at, cause) => (Verdict::Failed, vec![finding(&journey, at, cause, Severity::P1, true)]),
            Shows::Script(at) => {
                let of_journey = finding(&journey, at, "script", Severity::P2, true);
                (Verdict::Failed, vec![Finding { attribution: Attribution::Robot, ..of_journey }])
            }
            Shows::Trouble(_) => (Verdict::Inconclusive, vec![finding(&journey, 1, "ghost", Severity::P1, true)]),
        };
        (record, verdict, findings)
    }

    fn file(&mut self, record: &WalkRecord, verdict: Verdict, findings: &[Finding]) -> Vec<Change> {
        let mut named = self.known.incidents.len() as u32;
        let mut mint = || {
            named += 1;
            id::<IncidentId>(2, named)
        };
        let walked = Walked { record, verdict, findings, trouble: record.trouble() };
        let changes = fold(&self.known, &walked, &Policy::default(), &mut mint);
        for change in &changes {
            let known = self.known.incidents.iter().find(|i| i.id == change.after.id);
            assert_eq!(known, change.before.as_ref(), "a change is made of what is known");
            self.known.incidents.retain(|i| i.id != change.after.id);
            self.known.incidents.push(change.after.clone());
        }
        if verdict == Verdict::Passed {
            self.known.last_good = Some(record.walk);
        }
        if matches!(verdict, Verdict::Passed | Verdict::Degraded) && is_first(record) {
            self.known.first_looks.insert(0, record.started);
            self.known.first_looks.truncate(Odds::FIRST_LOOKS_MAX as usize);
        }
        changes
    }

    /// Walks five minutes after the last time, and says what changed; walks that get past what is over are left out.
    fn walk(&mut self, shows: Shows) -> String {
        self.now += 300_000;
        self.walk_for(Purpose::Manual, shows)
    }

    fn walk_for(&mut self, purpose: Purpose, shows: Shows) -> String {
        let (record, verdict, findings) = self.record(shows);
        let record = WalkRecord { purpose, ..record };
        let changes = self.file(&record, verdict, &findings);
        self.shadowed = Some((record, verdict, findings));
        let mut words: Vec<String> = changes
            .iter()
            .filter(|c| !matches!(c.what, What::Passed | What::Closed))
            .map(|c| format!("{} {}", c.what.word(), place(&c.after)))
            .collect();
        words.sort();
        words.join(", ")
    }
}

fn is_first(record: &WalkRecord) -> bool {
    !matches!(record.purpose, Purpose::Confirm { .. })
}

fn place(incident: &Incident) -> String {
    incident.step.as_ref().map_or_else(|| format!("robot:{}", incident.journey), |s| s.to_string())
}

fn step(name: &str, outcome: Outcome) -> StepRecord {
    StepRecord {
        id: StepId(name.into()),
        title: name.into(),
        verb: if name.starts_with("see") { "see" } else { "tap" }.into(),
        section: Section::Steps,
        soft: false,
        place: String::new(),
        outcome,
        attempts: vec![],
        offset: Duration::ZERO,
        elapsed: Duration::ZERO,
        within: Duration::ZERO,
        seen: Observation::default(),
        picture: Kept::NotAsked,
        snapshot: Kept::NotAsked,
    }
}

fn finding(journey: &JourneyId, at: usize, cause: &str, severity: Severity, failing: bool) -> Finding {
    Finding {
        detector: "element-missing",
        class: Class::Blocked,
        severity: if cause.ends_with('!') { Severity::P1 } else { severity },
        attribution: Attribution::Product,
        journey: journey.clone(),
        step: StepId(STEPS[at].into()),
        step_title: STEPS[at].into(),
        route: "/funds/:id".into(),
        headline: Bilingual::new("找不到按钮", "no button"),
        cause: Some(format!("{cause} at 10:00")),
        cause_key: cause.into(),
        // A cause with a `~` is known by its looks: what stands before it; one with a `?` might have been the robot's.
        kin: Kin::of(&[cause], &[cause.split('~').next().unwrap_or_default()]),
        deterministic: !cause.contains('?'),
        failing,
        lasting: false,
        evidence: vec![],
    }
}

/// Walks a story of `(what the walk shows, what changed)`.
fn check(story: &[(Shows, &str)]) -> Story {
    let mut told = Story::new();
    for (at, (shows, expected)) in story.iter().enumerate() {
        assert_eq!(told.walk(*shows), *expected, "walk {at}: {shows:?}");
    }
    told
}

use Shows::{Fail, Last, Mar, Pass, Script, Weak, Worse};

#[test]
fn a_continuing_fault_is_one_incident() {
    let story = check(&[
        (Pass, ""),
        (Fail(1, "a"), "suspected list"),
        (Fail(1, "a"), "opened list"),
        (Fail(1, "a"), "sighted list"),
        (Worse(1, "a"), "worsened list"),
        (Fail(1, "a"), "sighted list"),
        (Pass, "recovered list"),
        (Pass, ""),
    ]);
    let [incident] = &story.known.incidents[..] else { panic!("one incident") };
    assert_eq!((incident.sightings, incident.severity, incident.reopened), (5, Severity::P1, 0));
    assert_eq!((incident.good_walk, incident.failing_walk), (Some(id(1, 1)), id(1, 6)));
}

#[test]
fn what_comes_back_is_reopened_and_after_a_week_is_new() {
    let mut story = check(&[
        (Fail(1, "a"), "suspected list"),
        (Fail(1, "a"), "opened list"),
        (Pass, "recovered list"),
        (Fail(1, "a"), "suspected list"),
        (Fail(1, "a"), "reopened list"),
        (Pass, "recovered list"),
    ]);
    let first = story.known.incidents[0].clone();
    assert_eq!((first.reopened, story.known.incidents.len()), (1, 1));
    story.now += 8 * 24 * HOUR;
    assert_eq!(story.walk(Fail(1, "a")), "suspected list");
    assert_eq!(story.walk(Fail(1, "a")), "opened list");
    let second = story.known.incidents.iter().find(|i| i.id != first.id).expect("a new incident");
    assert_eq!((second.previous, second.reopened), (Some(first.id), 0));
}

#[test]
fn only_a_walk_that_got_past_the_step_recovers_it() {
    check(&[
        (Fail(2, "b"), "suspected buy"),
        (Fail(2, "b"), "opened buy"),
        // An earlier step fails: nothing is known of `buy`.
        (Fail(1, "a"), "suspected list"),
        (Fail(1, "a"), "opened list"),
        // `list` is well again, `buy` still is not.
        (Fail(2, "b"), "recovered list, sighted buy"),
        // `buy` looks different now: the same trouble or another, it is not well.
        (Fail(2, "c"), "suspected buy"),
        (Pass, "recovered buy, unconfirmed buy"),
    ]);
}

#[test]
fn a_page_that_is_marred_but_passable_does_not_vouch_for_what_follows() {
    check(&[
        (Fail(2, "b"), "suspected buy"),
        (Fail(2, "b"), "opened buy"),
        (Mar(0, "x"), "suspected open"),
        (Pass, "recovered buy, unconfirmed open"),
    ]);
}

#[test]
fn degraded_walks_open_nothing_and_recover() {
    check(&[
        (Weak(1), ""),
        (Weak(1), ""),
        (Fail(1, "a"), "suspected list"),
        (Fail(1, "a"), "opened list"),
        (Weak(2), "recovered list"),
    ]);
}

#[test]
fn the_robots_trouble_is_its_own_incident() {
    let lost = Shows::Trouble(TroubleKind::BrowserLost);
    let story = check(&[
        (Fail(1, "a"), "suspected list"),
        (lost, "opened robot:fund"),
        (Fail(1, "a"), "opened list, recovered robot:fund"),
        (lost, "reopened robot:fund"),
        (lost, "sighted robot:fund"),
        (Shows::Trouble(TroubleKind::Cancelled), ""),
        (Pass, "recovered list, recovered robot:fund"),
    ]);
    let robots: Vec<_> = story.known.incidents.iter().filter(|i| i.kind == Kind::Robot).collect();
    assert_eq!(robots.len(), 1);
    assert_eq!((robots[0].class, robots[0].attribution), (None, Attribution::Robot));
}

#[test]
fn a_journey_without_trouble_vouches_for_the_robot_only_after_a_while() {
    let mut story = check(&[(Shows::Trouble(TroubleKind::DriverLost), "opened robot:fund")]);
    story.journey = "loan";
    assert_eq!(story.walk(Pass), "");
    story.now += HOUR;
    assert_eq!(story.walk(Pass), "recovered robot:fund");
    assert_eq!(story.walk(Shows::Trouble(TroubleKind::DriverLost)), "reopened robot:loan");
}

#[test]
fn a_fault_of_the_journey_is_not_the_apps() {
    let story = check(&[(Script(1), "suspected list"), (Script(1), "opened list"), (Pass, "recovered list")]);
    assert_eq!(story.known.incidents[0].kind, Kind::Robot);
}

#[test]
fn a_late_report_of_an_old_walk_changes_nothing() {
    let mut story = Story::new();
    story.now = 10;
    let old = story.record(Pass);
    assert_eq!(story.walk(Fail(1, "a")), "suspected list");
    assert_eq!(story.walk(Fail(1, "a")), "opened list");
    assert_eq!(story.file(&old.0, old.1, &old.2), vec![]);
}

#[test]
fn only_a_first_look_asks_for_a_second() {
    let mut story = Story::new();
    let (mut record, verdict, findings) = story.record(Fail(1, "a"));
    let changes = story.file(&record, verdict, &findings);
    assert!(confirmation_wanted(&record, &findings, &changes));
    record.purpose = Purpose::Confirm { of: id::<WalkId>(1, 99) };
    assert!(!confirmation_wanted(&record, &findings, &changes));
}

/// The bank renamed a button, the journey was mended: the step that failed is no part of it any more.
#[test]
fn a_mended_journey_recovers_what_its_old_step_met() {
    let mut story = check(&[(Fail(2, "b"), "suspected buy"), (Fail(2, "b"), "opened buy")]);
    // The same script, and a branch that was not taken this time: nothing is known of its steps.
    story.steps = vec!["open", "list"];
    assert_eq!(story.walk(Pass), "");
    story.digest = "two";
    story.steps = vec!["open", "list", "go-on"];
    assert_eq!(story.walk(Fail(1, "a")), "suspected list");
    assert_eq!(story.walk(Pass), "recovered buy, unconfirmed list");
}

#[test]
fn what_comes_and_goes_is_told_once_and_again_when_it_has_calmed() {
    let told = |story: &mut Story, shows: Shows, hours: i64| {
        story.now += hours * HOUR;
        story.walk(shows);
        let all = |s: &Story| s.known.incidents[0].clone();
        (all(story).flaps, all(story).flapping)
    };
    let turn = |story: &mut Story, hours: i64| {
        told(story, Pass, hours);
        told(story, Fail(1, "a"), hours);
        told(story, Fail(1, "a"), 0)
    };
    let fresh = || check(&[(Fail(1, "a"), "suspected list"), (Fail(1, "a"), "opened list")]);

    // Returns that lie days apart are no flapping.
    let mut story = fresh();
    assert_eq!([turn(&mut story, 60), turn(&mut story, 60), turn(&mut story, 60)].map(|t| t.1), [false; 3]);
    assert_eq!(story.known.incidents[0].reopened, 3);

    let mut story = fresh();
    assert_eq!([turn(&mut story, 1), turn(&mut story, 1), turn(&mut story, 1)], [(1, false), (2, false), (3, true)]);
    // It stays open: the first sighting after that says so.
    assert_eq!(told(&mut story, Fail(1, "a"), 1), (3, true));
    assert_eq!(told(&mut story, Fail(1, "a"), 6), (0, false));

    let mut story = fresh();
    (0..3).for_each(|_| _ = turn(&mut story, 1));
    assert_eq!(told(&mut story, Pass, 1), (3, true));
    assert_eq!(told(&mut story, Pass, 1), (3, true));
    story.now += 6 * HOUR;
    assert_eq!(story.walk(Pass), "recovered list");
    assert_eq!(story.walk(Pass), "");
}

fn any_shows() -> impl Strategy<Value = Shows> {
    let cause = prop_oneof![Just("a"), Just("b"), Just("c?"), Just("white~a"), Just("white~b")];
    prop_oneof![
        4 => Just(Pass),
        1 => (0..3usize).prop_map(Weak),
        1 => (0..3usize, prop_oneof![Just("soft?"), Just("slow?")]).prop_map(|(s, c)| Last(s, c)),
        4 => (0..3usize, cause.clone()).prop_map(|(s, c)| Fail(s, c)),
        1 => (0..3usize, cause.clone()).prop_map(|(s, c)| Worse(s, c)),
        1 => (0..3usize, cause.clone()).prop_map(|(s, c)| Mar(s, c)),
        1 => ((0..3usize, cause.clone()), (0..3usize, cause)).prop_map(|(one, other)| Shows::Two(one, other)),
        1 => (0..3usize).prop_map(Script),
        1 => Just(Shows::Trouble(TroubleKind::Uplink)),
        1 => Just(Shows::Trouble(TroubleKind::BrowserLost)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_walked(walks in proptest::collection::vec((any_shows(), 0..3u8, 0..3usize), 1..60)) {
        let mut story = Story::new();
        for (shows, pause, journey) in walks {
            story.journey = ["fund", "wealth", "loan"][journey];
            story.now += [0, HOUR, 5 * 24 * HOUR][usize::from(pause)];
            let before = story.known.clone();
            story.walk(shows);
            let after = story.known.clone();

            // Folding the same walk once more changes nothing.
            let (record, verdict, findings) = story.shadowed.clone().unwrap();
            prop_assert_eq!(story.file(&record, verdict, &findings), vec![]);

            for incident in &after.incidents {
                let same = after.incidents.iter().filter(|i| i.fingerprint == incident.fingerprint);
                prop_assert!(same.filter(|i| i.state != State::Recovered).count() <= 1, "one live incident a fingerprint");
                let was = before.incidents.iter().find(|i| i.id == incident.id);
                let opened = incident.state == State::Open && was.is_none_or(|w| w.state != State::Open);
                if opened && incident.step.is_some() {
                    // The property's walks are all first looks: one that opened alone had met it before, and lately.
                    let some = incident.odds.intermittent && incident.odds.met >= 4;
                    let seen_before = was.is_some_and(|w| w.suspicion.is_some()) || some;
                    let through_a_part = incident.past.is_some();
                    prop_assert!(seen_before || through_a_part, "nothing opens on the app at first sight");
                }
                if let Some(was) = was {
                    prop_assert!(incident.last_seen >= was.last_seen && incident.sightings >= was.sightings);
                    // Its own change, and what a part of it brings about.
                    prop_assert!(incident.revision - was.revision <= 3);
                }
            }
            for whole in after.incidents.iter().filter(|i| i.past.is_some()) {
                prop_assert!(whole.state == State::Open && whole.parent.is_none(), "only an open whole is got past");
            }
            for part in after.incidents.iter().filter(|i| i.state == State::Open && i.parent.is_some()) {
                let whole = after.incidents.iter().find(|i| Some(i.id) == part.parent).unwrap();
                prop_assert!(whole.state == State::Open && whole.parent.is_none(), "an open part has an open whole");
            }
            if verdict == Verdict::Inconclusive {
                let of_app = |k: &Known| k.incidents.iter().filter(|i| i.kind == Kind::App).cloned().collect::<Vec<_>>();
                let (mut had, mut has) = (of_app(&before), of_app(&after));
                had.sort_by_key(|i| i.id);
                has.sort_by_key(|i| i.id);
                prop_assert_eq!(had, has, "an inconclusive walk says nothing of the app");
            }
        }
    }
}
