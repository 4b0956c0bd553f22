//! What is seen by some walks and not by others.

use super::Shows::{Fail, Pass};
use super::*;
use proptest::test_runner::{RngAlgorithm, TestRng};

/// A first look, and the walks made because of what it saw. `meets` says of each walk whether it shows the trouble.
/// Returns what changed last.
fn patrol(story: &mut Story, meets: &mut dyn FnMut() -> bool) -> String {
    let shows = |met: bool| if met { Fail(1, "a?") } else { Pass };
    story.now += 300_000;
    let mut said = story.walk_for(Purpose::Manual, shows(meets()));
    for _ in 0..2 {
        if !said.starts_with("suspected") {
            break;
        }
        story.now += 10_000;
        said = story.walk_for(Purpose::Confirm { of: id::<WalkId>(1, 1) }, shows(meets()));
    }
    said
}

fn is_open(story: &Story) -> bool {
    story.known.incidents.iter().any(|i| i.state == State::Open)
}

#[test]
fn what_might_have_been_the_robots_wants_three_walks() {
    check(&[
        (Fail(1, "a?"), "suspected list"),
        (Fail(1, "a?"), "suspected list"),
        (Fail(1, "a?"), "opened list"),
        (Pass, "recovered list"),
        (Fail(1, "a?"), "suspected list"),
        (Pass, "unconfirmed list"),
        (Fail(1, "a?"), "suspected list"),
        (Fail(1, "a?"), "suspected list"),
        (Fail(1, "a?"), "reopened list"),
    ]);
}

#[test]
fn what_some_walks_meet_is_told_as_such_and_is_over_when_enough_in_a_row_do_not() {
    let mut story = Story::new();
    for _ in 0..3 {
        assert_eq!(patrol(&mut story, &mut chances([true, false])), "unconfirmed list");
        assert_eq!(patrol(&mut story, &mut || false), "");
    }
    assert_eq!(patrol(&mut story, &mut chances([true])), "opened list", "the fourth of seven first looks");
    let odds = story.known.incidents[0].odds;
    assert_eq!((odds.intermittent, odds.met, odds.looks), (true, 4, 7));
    for _ in 0..13 {
        assert_eq!(patrol(&mut story, &mut || false), "");
    }
    assert_eq!(patrol(&mut story, &mut || false), "recovered list");
}

#[test]
fn what_every_walk_meets_at_last_is_not_intermittent_any_more() {
    let mut story = met_by_some();
    let all: Vec<String> = (0..9).map(|_| patrol(&mut story, &mut || true)).collect();
    assert_eq!(all.iter().filter(|said| *said == "worsened list").count(), 1, "{all:?}");
    assert!(!story.known.incidents[0].odds.intermittent);
    assert_eq!(patrol(&mut story, &mut || false), "recovered list");
}

/// Open because some walks of `fund` meet it.
fn met_by_some() -> Story {
    let mut story = Story::new();
    while !is_open(&story) {
        patrol(&mut story, &mut chances([true, false]));
    }
    assert!(story.known.incidents[0].odds.intermittent);
    story
}

#[test]
fn what_all_meet_elsewhere_is_no_part_of_what_some_meet_here() {
    let mut story = met_by_some();
    story.journey = "loan";
    let all = [story.walk(Fail(0, "a?")), story.walk(Fail(0, "a?")), story.walk(Fail(0, "a?"))];
    assert_eq!(all, ["suspected open", "suspected open", "opened open"]);
    assert!(story.known.incidents.iter().all(|i| i.parent.is_none()), "its owner is told");
}

#[test]
fn a_mended_journey_recovers_at_once_what_some_met() {
    let mut story = met_by_some();
    (story.digest, story.steps) = ("two", vec!["open", "go-on"]);
    assert_eq!(story.walk(Pass), "recovered list");
}

/// These, then passes.
fn chances<const N: usize>(meets: [bool; N]) -> impl FnMut() -> bool {
    let mut meets = meets.into_iter();
    move || meets.next().unwrap_or(false)
}

/// The same chances each time.
fn seeded(seed: u64) -> TestRng {
    let seed = [seed.to_le_bytes(), [7; 8]].concat();
    TestRng::from_seed(RngAlgorithm::XorShift, &seed)
}

/// Patrols until it is open, in each of `series` series of a trouble that a `share` of walks meets; sorted.
fn patrols_until_open(share: f64, series: u64) -> Vec<u32> {
    let mut all: Vec<u32> = (0..series)
        .map(|seed| {
            let (mut story, mut chances) = (Story::new(), seeded(seed));
            (1..).find(|_| {
                patrol(&mut story, &mut || chances.random_bool(share));
                is_open(&story)
            })
        })
        .map(|patrols| patrols.expect("invariant: it opens at last"))
        .collect();
    all.sort_unstable();
    all
}

#[test]
fn alarms_are_early_and_seldom_false() {
    // Median and ninth decile of patrols until a trouble of this share is open.
    let check = |share: f64, median: u32, decile: u32| {
        let all = patrols_until_open(share, 200);
        assert!(all[100] <= median && all[180] <= decile, "{share}: {} and {}", all[100], all[180]);
    };
    check(0.9, 1, 2);
    check(0.3, 12, 24);
    // Robots that err in 1.5 of 100 walks.
    let (mut story, mut chances, mut opened) = (Story::new(), seeded(20_261_122), 0);
    for _ in 0..100_000 {
        let was = is_open(&story);
        patrol(&mut story, &mut || chances.random_bool(0.015));
        opened += u32::from(is_open(&story) && !was);
    }
    assert!(opened <= 5, "{opened} false incidents in 100,000 patrols");
}
