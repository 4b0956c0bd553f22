//! What walks teach and what they do not: rows of walks, each with the answers it saw.

use crate::walks::{api, step, walk};
use gengfu::baseline::{Baseline, HELD_AFTER_WALKS, Lesson};
use gengfu::detector::{judge, judge_beyond};
use gengfu::walk::*;

/// A walk in which the home page was answered with these headers.
fn seen(headers: &[(&str, &str)]) -> WalkRecord {
    let mut open = step("open", "打开首页", "/home");
    let mut page = api("GET", "/home", 200);
    page.kind = ExchangeKind::Document;
    page.promises = Promises::read(headers.iter().copied(), true);
    open.seen.exchanges.push(page);
    walk(vec![open])
}

/// The promises that each of these walks broke, one walk after another, all of them teaching by `lesson`.
fn taught(baseline: &mut Baseline, walks: &[WalkRecord], lesson: Lesson) -> Vec<Vec<String>> {
    let one = |record: &WalkRecord| {
        let mut record = record.clone();
        if lesson == Lesson::Clean {
            baseline.compare(&mut record);
        }
        let judged = judge_beyond(&record, baseline.usual());
        baseline.learn(&record, judged.verdict, &judged.findings, lesson);
        record.steps.iter().flat_map(|s| &s.seen.broken_promises).map(|b| b.promise.to_string()).collect()
    };
    walks.iter().map(one).collect()
}

/// `walks`: `+` saw the header, `-` did not, `?` could not say of the app. `expected`: `!` missed it.
fn check(walks: &str, expected: &str) {
    let record = |c: char| match c {
        '+' => seen(&[("X-Frame-Options", "DENY")]),
        '-' => seen(&[]),
        _ => WalkRecord { verdict: Verdict::Inconclusive, ..seen(&[]) },
    };
    let rows: Vec<WalkRecord> = walks.chars().map(record).collect();
    let told = taught(&mut Baseline::default(), &rows, Lesson::Clean);
    let told: String = told.iter().map(|broken| if broken.is_empty() { ' ' } else { '!' }).collect();
    assert_eq!(told.trim_end(), expected.trim_end(), "{walks}");
}

#[test]
fn what_was_always_there_is_missed() {
    check("+++++-", "     !");
    // It is no news until it is back, however long that takes.
    check("+++++---------+-", "     !!!!!!!!! !");
}

#[test]
fn what_was_not_there_long_enough_is_not() {
    check("++++-", "");
    check("------", "");
    check("++++-++++-+++++-", "               !");
}

#[test]
fn a_walk_that_says_nothing_teaches_nothing() {
    check("++++?+-", "      !");
    check("++++?-", "");
}

#[test]
fn the_same_protection_by_another_header_is_no_loss() {
    let mut baseline = Baseline::default();
    let rows: Vec<WalkRecord> = (0..HELD_AFTER_WALKS).map(|_| seen(&[("X-Frame-Options", "DENY")])).collect();
    taught(&mut baseline, &rows, Lesson::Clean);
    let moved = seen(&[("Content-Security-Policy", "frame-ancestors 'self'")]);
    assert_eq!(taught(&mut baseline, &[moved], Lesson::Clean), [Vec::<String>::new()]);
}

/// What stands in the page's place when a soft step fails promised nothing, and takes nothing back.
#[test]
fn a_step_that_failed_softly_neither_breaks_a_promise_nor_unlearns_it() {
    let mut baseline = Baseline::default();
    let rows: Vec<WalkRecord> = (0..HELD_AFTER_WALKS).map(|_| seen(&[("X-Frame-Options", "DENY")])).collect();
    taught(&mut baseline, &rows, Lesson::Clean);
    let mut soft = seen(&[]);
    soft.steps[0].soft = true;
    let missing = Failure { kind: FailureKind::Missing, said: "waited 5 s".into(), detail: None, locus: None };
    soft.steps[0].outcome = Outcome::Failed(missing);
    soft.verdict = Verdict::Degraded;
    let told = taught(&mut baseline, &[soft, seen(&[])], Lesson::Clean);
    assert_eq!(told, [vec![], vec!["not-framed".to_owned()]]);
}

/// Cookies of random names come and go; what the page's headers promise stays known.
#[test]
fn random_cookies_push_nothing_out() {
    let mut baseline = Baseline::default();
    for walk in 0..HELD_AFTER_WALKS {
        let letter = |n: u32| char::from(b'a' + u8::try_from(n % 26).unwrap());
        let lines: Vec<String> =
            (0..20).map(|n| format!("{}{}x=1; Secure; HttpOnly; SameSite=Lax", letter(walk), letter(n))).collect();
        let mut headers: Vec<(&str, &str)> = lines.iter().map(|line| ("Set-Cookie", line.as_str())).collect();
        headers.push(("X-Frame-Options", "DENY"));
        taught(&mut baseline, &[seen(&headers)], Lesson::Clean);
    }
    assert_eq!(taught(&mut baseline, &[seen(&[])], Lesson::Clean), [vec!["not-framed".to_owned()]]);
}

#[test]
fn what_a_person_vouches_for_is_no_news() {
    let mut baseline = Baseline::default();
    let thrown = |text: &str| {
        let mut record = seen(&[]);
        let error = ScriptError { text: text.into(), frame: None, own: true, offset: std::time::Duration::ZERO };
        record.steps[0].seen.script_errors.push(error);
        record
    };
    let old = thrown("TypeError: a is null");
    taught(&mut baseline, std::slice::from_ref(&old), Lesson::Vouched);
    assert_eq!(judge(&old).verdict, Verdict::Failed);
    let judged = judge_beyond(&old, baseline.usual());
    assert_eq!((judged.verdict, judged.findings.len(), judged.usual), (Verdict::Passed, 0, 1));
    let new = judge_beyond(&thrown("TypeError: b is null"), baseline.usual());
    assert_eq!((new.verdict, new.usual), (Verdict::Failed, 0));
}

#[test]
fn a_walk_that_did_not_get_through_vouches_for_nothing() {
    let mut baseline = Baseline::default();
    let failed = walk(vec![crate::walks::failed("next", "下一步", "/buy", FailureKind::Missing)]);
    taught(&mut baseline, &[failed], Lesson::Vouched);
    assert_eq!((baseline.walks(), baseline.usual().len()), (0, 0));
}

#[test]
fn what_is_kept_is_read_back() {
    let mut baseline = Baseline::default();
    let headers = [("X-Frame-Options", "DENY"), ("Set-Cookie", "sid=1; HttpOnly")];
    taught(&mut baseline, &[seen(&headers), seen(&headers)], Lesson::Vouched);
    assert_eq!(Baseline::parse(&baseline.to_json()).unwrap(), baseline);
    insta::assert_snapshot!(baseline.to_json());
}

#[test]
fn what_is_no_baseline_is_refused_in_words() {
    let check = |text: &str, expected: &str| {
        let said = Baseline::parse(text).unwrap_err().to_string();
        assert!(said.contains(expected), "{said}");
    };
    check("", "EOF while parsing");
    check("{}", "it has no `shape`");
    check(r#"{"shape": "baseline.v3"}"#, "its shape is `baseline.v3`");
    check(
        r#"{"shape": "baseline.v1", "walks": 1, "routes": {"/": {"met": 1, "held": {"x": 1}}}}"#,
        "`x` is no promise",
    );
}
