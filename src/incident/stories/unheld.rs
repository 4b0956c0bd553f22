//! Stories of walks that could not judge: a registry could not be had, or not as it is now, or there was nothing to listen to.

use super::Shows::{Fail, Mar, Pass};
use super::{Shows, Story, confirmation_wanted};
use crate::walk::{OraclesHeld, WalkRecord};

/// Walks a story of `(what the walk shows, what it was not held to, what changed)`, all told by one detector.
fn check(detector: &'static str, story: &[(Shows, &str, &str)]) {
    let mut told = Story::new();
    for (at, (shows, unheld, expected)) in story.iter().enumerate() {
        told.now += 300_000;
        let (record, verdict, mut findings) = told.record(*shows);
        findings.iter_mut().for_each(|finding| finding.detector = detector);
        let unheld = unheld.split_whitespace().map(str::to_owned).collect();
        let held = match detector {
            "devices-disagree" => OraclesHeld { uncompared: unheld, ..OraclesHeld::default() },
            _ => OraclesHeld { unheld, ..OraclesHeld::default() },
        };
        let record = WalkRecord { oracles: Some(held), ..record };
        let changes = told.file(&record, verdict, &findings);
        let said: Vec<String> =
            changes.iter().map(|c| format!("{} {}", c.what.word(), super::place(&c.after))).collect();
        assert_eq!(said.join(", "), *expected, "walk {at}: {shows:?}, not held to {unheld:?}", unheld = record.oracles);
    }
}

const LIST: Shows = Mar(1, "products/fund./funds");

#[test]
fn who_could_not_look_neither_recovers_nor_refutes() {
    let all = "products/fund./funds products/fund.nav";
    check(
        "product-unlisted",
        &[
            (LIST, "", "suspected list"),
            (Pass, all, ""),
            (LIST, "", "opened list"),
            (Pass, all, ""),
            (Pass, "products/fund.nav", "recovered list"),
        ],
    );
    check("product-missing", &[(LIST, "", "suspected list"), (Pass, all, ""), (Pass, "", "unconfirmed list")]);
    // What needs no registry is seen without one.
    let nav = Mar(1, "products/fund.nav");
    check("figure-implausible", &[(nav, "", "suspected list"), (Pass, all, "unconfirmed list")]);
}

#[test]
fn what_old_rows_show_opens_nothing_however_often() {
    let at = "products/fund./funds";
    check(
        "product-unlisted",
        &[
            (LIST, at, "suspected list"),
            (LIST, at, "suspected list"),
            (LIST, at, "suspected list"),
            (LIST, "", "suspected list"),
            (LIST, "", "opened list"),
            (LIST, at, "sighted list"),
        ],
    );
    let nav = Mar(1, "products/fund.nav");
    check("figure-implausible", &[(nav, "products/fund.nav", "suspected list"), (nav, at, "opened list")]);
}

#[test]
fn nobody_walks_again_at_once_for_what_old_rows_show() {
    let wanted = |unheld: &str| {
        let mut told = Story::new();
        let (record, verdict, mut findings) = told.record(Fail(1, "products/fund./funds"));
        findings.iter_mut().for_each(|finding| finding.detector = "product-unlisted");
        let unheld = vec![unheld.to_owned()];
        let record = WalkRecord { oracles: Some(OraclesHeld { unheld, ..OraclesHeld::default() }), ..record };
        let changes = told.file(&record, verdict, &findings);
        (changes.len(), confirmation_wanted(&record, &findings, &changes))
    };
    assert_eq!(wanted("products/fund.nav"), (1, true));
    assert_eq!(wanted("products/fund./funds"), (1, false));
}

/// The market is closed for lunch, the page is left too soon, or there are too many sockets.
#[test]
fn who_could_not_listen_neither_recovers_nor_refutes() {
    let (silent, lunch) = (Mar(1, "products/feed/*"), "products/feed/*");
    check(
        "silent-stream",
        &[
            (silent, "", "suspected list"),
            (Pass, lunch, ""),
            (silent, "", "opened list"),
            (Pass, lunch, ""),
            (Pass, lunch, ""),
            (silent, "", "sighted list"),
            (Pass, "products/fund.nav", "recovered list"),
        ],
    );
}

/// The other device's journey fails, or both show tonight's value since a moment ago.
#[test]
fn who_could_not_compare_neither_recovers_nor_refutes() {
    let (apart, nav) = (Mar(1, "products/fund.nav"), "products/fund.nav");
    check(
        "devices-disagree",
        &[
            (apart, "", "suspected list"),
            (Pass, nav, ""),
            (apart, "", "opened list"),
            (Pass, nav, ""),
            (Pass, "products/fund.fee", "recovered list"),
        ],
    );
}
