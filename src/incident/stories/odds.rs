//! What is seen by some walks and not by others.

use super::Shows::{Fail, Pass};
use super::*;

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

/// A source of chances that is the same each time: splitmix64 (Steele, Lea, Flood 2014).
struct Chances(u64);

impl Chances {
    fn one_in(&mut self, share: f64) -> bool {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / ((1_u64 << 53) as f64) < share
    }
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
    let mut story = Story::new();
    let mut all = vec![];
    while !is_open(&story) {
        all.push(patrol(&mut story, &mut chances([true, false])));
    }
    assert_eq!(all.len(), 4, "{all:?}");
    let all: Vec<String> = (0..9).map(|_| patrol(&mut story, &mut || true)).collect();
    assert_eq!(all.iter().filter(|said| *said == "worsened list").count(), 1, "{all:?}");
    assert!(!story.known.incidents[0].odds.intermittent);
    assert_eq!(patrol(&mut story, &mut || false), "recovered list");
}

/// These, then passes.
fn chances<const N: usize>(meets: [bool; N]) -> impl FnMut() -> bool {
    let mut meets = meets.into_iter();
    move || meets.next().unwrap_or(false)
}

/// Patrols until it is open, in each of `series` series of a trouble that a `share` of walks meets; sorted.
fn patrols_until_open(share: f64, series: u64) -> Vec<u32> {
    let mut all: Vec<u32> = (0..series)
        .map(|seed| {
            let (mut story, mut chances) = (Story::new(), Chances(seed));
            (1..).find(|_| {
                patrol(&mut story, &mut || chances.one_in(share));
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
    let (mut story, mut chances, mut opened) = (Story::new(), Chances(20_261_122), 0);
    for _ in 0..100_000 {
        let was = is_open(&story);
        patrol(&mut story, &mut || chances.one_in(0.015));
        opened += u32::from(is_open(&story) && !was);
    }
    assert!(opened <= 5, "{opened} false incidents in 100,000 patrols");
}
