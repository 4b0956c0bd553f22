//! Which steps are told as slower than usual, and which never: rows of walks, one after another, five minutes apart.

use crate::walks::{failed, step, walk};
use gengfu::baseline::{Baseline, Drags, Lesson, PACE_KNOWN_AFTER_LOOKS, Subject};
use gengfu::detector::judge;
use gengfu::moment::Moment;
use gengfu::walk::*;
use std::time::Duration;

/// What the steps of the sample walk usually take, in milliseconds; the third is over before a customer blinks.
const USUAL: [u64; 6] = [900, 400, 20, 700, 1_200, 600];

/// A walk whose steps are so many times as slow as usual.
fn slow(times: [f64; 6]) -> WalkRecord {
    let took = |(at, usual): (usize, &u64)| {
        let mut step = step(&format!("step-{at}"), "下一步", "/funds");
        step.elapsed = Duration::from_millis(*usual).mul_f64(times[at]);
        step
    };
    walk(USUAL.iter().enumerate().map(took).collect())
}

const CLEAN: [f64; 6] = [1.0; 6];
const FOURTH: [f64; 6] = [1.0, 1.0, 1.0, 3.0, 1.0, 1.0];
const ALL: [f64; 6] = [3.0; 6];

/// A baseline that walks teach one after another.
#[derive(Default)]
struct Patrol {
    baseline: Baseline,
    walks: i64,
}

impl Patrol {
    fn taught() -> Self {
        let mut patrol = Self::default();
        patrol.row(PACE_KNOWN_AFTER_LOOKS + 20, &slow(CLEAN));
        patrol
    }

    /// The steps that this walk told.
    fn walk(&mut self, record: &WalkRecord, others: &Drags) -> String {
        let mut record = record.clone();
        self.walks += 1;
        record.started = Moment::from_millis(record.started.as_millis() + self.walks * 300_000);
        let near = others.of_others(&Subject::of(&record), slow(CLEAN).started);
        self.baseline.compare_beside(&mut record, near);
        let judged = judge(&record);
        self.baseline.learn(&record, judged.verdict, &judged.findings, Lesson::Clean);
        let told = judged.findings.iter().filter(|f| f.detector == "slower-than-usual");
        told.map(|f| f.step.0.trim_start_matches("step-").to_owned()).collect()
    }

    fn row(&mut self, walks: usize, record: &WalkRecord) -> Vec<String> {
        (0..walks).map(|_| self.walk(record, &Drags::default())).collect()
    }
}

/// What eight walks more tell once the usual ones have taught.
fn check(record: &WalkRecord, expected: &str) {
    let told = Patrol::taught().row(8, record).join("|");
    assert_eq!(told, expected);
}

#[test]
fn one_step_that_takes_three_times_as_long_is_told() {
    check(&slow(FOURTH), "||3|3|3|3|3|3");
    check(&slow(CLEAN), "|||||||");
}

#[test]
fn what_a_customer_does_not_notice_is_not_told() {
    check(&slow([1.0, 1.0, 9.0, 1.0, 1.0, 1.0]), "|||||||");
    check(&slow([1.0, 1.6, 1.0, 1.0, 1.0, 1.0]), "|||||||");
}

#[test]
fn when_everything_is_slow_it_is_the_machine() {
    check(&slow(ALL), "|||||||");
    check(&slow([1.9, 2.2, 2.0, 2.4, 2.0, 2.1]), "|||||||");
}

#[test]
fn one_slow_look_is_never_told_and_the_end_of_it_is_seen_at_once() {
    let mut patrol = Patrol::taught();
    for _ in 0..6 {
        assert_eq!(patrol.row(1, &slow(FOURTH)), [""]);
        assert_eq!(patrol.row(4, &slow(CLEAN)).concat(), "");
    }
    assert_eq!(patrol.row(8, &slow(FOURTH)).concat(), "333333");
    assert_eq!(patrol.row(6, &slow(CLEAN)).concat(), "");
}

#[test]
fn walks_made_because_of_another_neither_tell_nor_count() {
    let confirm = WalkRecord { purpose: Purpose::Confirm { of: slow(CLEAN).walk }, ..slow(FOURTH) };
    check(&confirm, "|||||||");
}

#[test]
fn what_stays_slow_is_told_until_a_person_takes_it_as_it_is() {
    let mut patrol = Patrol::taught();
    let told = patrol.row(300, &slow(FOURTH));
    assert!(told.iter().skip(2).all(|steps| steps == "3"), "{told:?}");
    let vouched = slow(FOURTH);
    let judged = judge(&vouched);
    patrol.baseline.learn(&vouched, judged.verdict, &judged.findings, Lesson::Vouched);
    assert_eq!(patrol.row(60, &slow(FOURTH)).concat(), "");
    assert_eq!(patrol.row(8, &slow([1.0, 1.0, 1.0, 9.0, 1.0, 1.0])).concat(), "333333");
}

#[test]
fn a_short_walk_alone_cannot_tell_the_app_from_the_machine() {
    let short = |times: f64| {
        let mut record = slow([1.0, times, 1.0, 1.0, 1.0, 1.0]);
        record.steps.truncate(2);
        record
    };
    let mut patrol = Patrol::default();
    patrol.row(30, &short(1.0));
    assert_eq!(patrol.row(8, &short(4.0)).concat(), "");
    // Beside another journey that went as usual, it can; beside one that was as slow, it was the machine.
    let beside = |times: f64| {
        let other = Patrol::taught();
        let mut record = WalkRecord { journey: "loan-rate".parse().unwrap(), ..slow([times; 6]) };
        let drag = other.baseline.compare_beside(&mut record, None).unwrap();
        let mut drags = Drags::default();
        drags.note(Subject::of(&record), record.started, drag);
        drags
    };
    let mut told = |others: &Drags| (0..8).map(|_| patrol.walk(&short(4.0), others)).collect::<String>();
    assert_eq!(told(&beside(4.0)), "");
    assert_eq!(told(&beside(1.0)), "111111");
}

/// What stands before a step decides where its time begins.
#[test]
fn a_mended_journey_begins_anew() {
    let mut mended = slow(FOURTH);
    mended.steps[2].id = gengfu::id::StepId("another".into());
    check(&mended, "|||||||");
}

/// A pop-up that is closed now and then makes the step behind it no other one.
#[test]
fn steps_walked_now_and_then_forget_nothing() {
    let mut patrol = Patrol::default();
    let with_popup = |times: [f64; 6]| {
        let mut record = slow(times);
        record.steps.insert(3, step("close-popup", "以后再说", "/funds"));
        record
    };
    for _ in 0..10 {
        patrol.row(4, &slow(CLEAN));
        patrol.row(1, &with_popup(CLEAN));
    }
    assert!(patrol.row(8, &slow(FOURTH)).concat().contains('3'));
    assert_eq!(Baseline::parse(&patrol.baseline.to_json()).unwrap(), patrol.baseline);
}

#[test]
fn second_taps_and_failures_are_no_paces() {
    let mut second = slow(FOURTH);
    second.steps[3].outcome = Outcome::Degraded(vec![Degradation::SecondTap]);
    check(&second, "|||||||");
    let mut soft = slow(FOURTH);
    soft.steps[3] = StepRecord { soft: true, ..failed("step-3", "下一步", "/funds", FailureKind::Missing) };
    check(&soft, "|||||||");
}

/// A walk that fails of something else has met the slow step, too; what comes after its failure says nothing.
#[test]
fn walks_that_fail_later_count() {
    let broken = |at: usize| {
        let mut record = slow(FOURTH);
        let id = record.steps[at].id.0.clone();
        record.steps[at] = failed(&id, "下一步", "/funds", FailureKind::Missing);
        record.verdict = Verdict::Failed;
        record
    };
    let mut patrol = Patrol::taught();
    patrol.row(4, &broken(5));
    assert_eq!(patrol.row(1, &slow(FOURTH)), ["3"]);
    let mut patrol = Patrol::taught();
    patrol.row(4, &broken(0));
    assert_eq!(patrol.row(1, &slow(FOURTH)), [""]);
}

#[test]
fn one_slow_step_is_told_once() {
    let mut late = slow(FOURTH);
    late.steps[3].outcome = Outcome::Degraded(vec![Degradation::Slow { elapsed_ms: 2_100, within_ms: 1_000 }]);
    check(&late, "|||||||");
    let judged = judge(&late);
    assert_eq!(judged.findings.iter().map(|f| f.detector).collect::<Vec<_>>(), ["step-over-budget"]);
}

#[test]
fn paces_are_kept_and_read_back() {
    let mut patrol = Patrol::taught();
    patrol.row(4, &slow(FOURTH));
    let kept = patrol.baseline.to_json();
    assert_eq!(Baseline::parse(&kept).unwrap(), patrol.baseline);
    assert!(kept.len() < 8_000, "{} bytes", kept.len());
    let mut again = Patrol { baseline: Baseline::parse(&kept).unwrap(), walks: patrol.walks };
    assert_eq!(again.row(1, &slow(FOURTH)), ["3"]);
    let check = |from: &str, to: &str, expected: &str| {
        let said = Baseline::parse(&kept.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(said.contains(expected), "{said}");
    };
    check("\"looks\": \"", "\"looks\": \"x:1 ", "`x:1` is no time of a step");
    check("\"hours\": \"", "\"hours\": \"48:1:1 ", "`48:1:1` is no time of a step");
}

/// Names that change with every walk neither grow the file without end nor push out what is known.
#[test]
fn random_steps_push_nothing_out() {
    let mut patrol = Patrol::taught();
    for walk in 0..40 {
        let mut record = slow(CLEAN);
        let odd = |at: usize| step(&format!("odd-{walk}-{at}"), "下一步", "/funds");
        record.steps.extend((0..20).map(odd));
        patrol.walk(&record, &Drags::default());
    }
    assert_eq!(patrol.row(8, &slow(FOURTH)).concat(), "333333");
    assert!(patrol.baseline.to_json().len() < 60_000, "{}", patrol.baseline.to_json().len());
}

/// What an older gengfu kept is not lost.
#[test]
fn a_baseline_without_paces_is_read() {
    let old = r#"{"shape": "baseline.v1", "walks": 7, "routes": {"/": {"met": 7, "held": {"not-framed": 7}}},
        "usual": {"v1-abc": "旧"}}"#;
    let read = Baseline::parse(old).unwrap();
    assert_eq!((read.walks(), read.usual().len()), (7, 1));
    // Steps stood there by their own names alone.
    let taught = Patrol::taught().baseline;
    let own_name = regex::Regex::new(r#""(step-\d) ← step-\d": \{"#).unwrap();
    let older = own_name.replace_all(&taught.to_json(), "\"$1\": {").into_owned();
    assert!(!older.contains('←'));
    assert_eq!(Baseline::parse(&older).unwrap(), taught);
    let kept: serde_json::Value = serde_json::from_str(&read.to_json()).unwrap();
    assert_eq!((&kept["shape"], &kept["routes"]["/"]["held"]["not-framed"]), (&"baseline.v2".into(), &7.into()));
}
