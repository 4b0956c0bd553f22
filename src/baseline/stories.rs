//! How soon a slower step is told, and how seldom falsely: series of looks made by chance, each from its seed.
//!
//! As in `detection.md` 3.4: a look every five minutes, log-times normal with a spread of 0.25, one look in a hundred takes
//! three times as long, and the day swings by 15 % up and down. Nothing is known when a series begins.

use super::pace::Pace;
use super::season::Hour;
use crate::moment::Moment;
use std::time::Duration;

/// Monday, midnight in Shanghai.
const MONDAY: i64 = 1_792_339_200_000;
const CADENCE: i64 = 300_000;

/// Chance, as splitmix64 gives it.
struct Chance(u64);

impl Chance {
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let (one, other) = (self.share().max(1e-12), self.share());
        (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * other).cos()
    }
}

/// What a step is like.
#[derive(Debug, Clone, Copy)]
struct Step {
    spread: f64,
    swing: f64,
    outliers: f64,
}

const USUAL: Step = Step { spread: 0.25, swing: 0.15, outliers: 0.01 };

/// Looks at one step, one after another.
struct Series {
    chance: Chance,
    step: Step,
    pace: Pace,
    at: i64,
}

impl Series {
    fn new(seed: u64, step: Step) -> Self {
        // Series begin at all hours of the week.
        let at = MONDAY + i64::try_from(seed * 7_919 % 168).unwrap() * 3_600_000;
        Self { chance: Chance(seed), step, pace: Pace::default(), at }
    }

    /// A look at a step that has become `times` as slow: whether it is told.
    fn look(&mut self, times: f64) -> bool {
        let day = (self.at - MONDAY) as f64 / 86_400_000.0;
        let swing = 1.0 + self.step.swing * (std::f64::consts::TAU * day).sin();
        let outlier = if self.chance.share() < self.step.outliers { 3.0 } else { 1.0 };
        let took = 0.8 * times * swing * outlier * (self.step.spread * self.chance.normal()).exp();
        let (took, at) = (Duration::from_secs_f64(took), Moment::from_millis(self.at));
        let hour = Hour::of(at, "Asia/Shanghai");
        self.at += CADENCE;
        let weight = self.pace.usual(hour).map_or(0, |usual| usual.weight(took, 0.0));
        let told = self.pace.sounds_with(weight);
        self.pace.count(weight);
        self.pace.teach(took, hour, at);
        told
    }

    fn after(mut self, looks: usize) -> Self {
        (0..looks).for_each(|_| _ = self.look(1.0));
        self
    }
}

/// How many of `thousands` clean looks were told, and how often three in a row, which is what opens an incident.
fn told_of_clean(step: Step, thousands: u64) -> (usize, usize) {
    let (mut told, mut opened) = (0, 0);
    for seed in 1..=thousands {
        let mut series = Series::new(seed, step);
        let mut row = 0;
        for _ in 0..1_000 {
            row = if series.look(1.0) { row + 1 } else { 0 };
            told += usize::from(row > 0);
            opened += usize::from(row == 3);
        }
    }
    (told, opened)
}

/// So many thousand clean looks tell at most so much, and open nothing.
fn check_clean(step: Step, thousands: u64, told_max: usize) {
    let (told, opened) = told_of_clean(step, thousands);
    assert!(told <= told_max && opened == 0, "{told} told, {opened} opened: {step:?}");
}

/// After how many looks a step that has become `times` as slow is told and its incident is open, the median and the ninth
/// decile of 99 series that had `known` clean looks before.
fn check_slower(times: f64, known: usize, told: (usize, usize), opened: (usize, usize)) {
    let one = |seed| {
        let mut series = Series::new(seed, USUAL).after(known);
        let looks: Vec<bool> = (0..60).map(|_| series.look(times)).collect();
        let first = looks.iter().position(|told| *told).map_or(usize::MAX, |at| at + 1);
        (first, looks.windows(3).position(|row| row == [true; 3]).map_or(usize::MAX, |at| at + 3))
    };
    let (mut all_told, mut all_opened): (Vec<_>, Vec<_>) = (1..=99).map(one).unzip();
    all_told.sort_unstable();
    all_opened.sort_unstable();
    let found = [(all_told[49], all_told[89]), (all_opened[49], all_opened[89])];
    let holds = |found: (usize, usize), most: (usize, usize)| found.0 <= most.0 && found.1 <= most.1;
    assert!(holds(found[0], told) && holds(found[1], opened), "{times} {known}: {found:?}");
}

/// Of 100,000 clean looks one was told when this was written, and nothing opened.
#[test]
fn clean_looks_are_hardly_told_and_open_nothing() {
    check_clean(USUAL, 100, 1);
    // The day is told neither where it swings more, nor where a step is steadier or less steady.
    check_clean(Step { swing: 0.3, ..USUAL }, 10, 1);
    check_clean(Step { spread: 0.5, ..USUAL }, 10, 1);
    check_clean(Step { spread: 0.05, ..USUAL }, 10, 1);
}

#[test]
fn a_slower_step_is_told_within_a_handful_of_looks() {
    check_slower(2.0, 300, (6, 12), (9, 16));
    check_slower(3.0, 300, (4, 5), (6, 8));
    // On the first day of a journey it takes much to be told.
    check_slower(3.0, 20, (4, 6), (7, 10));
}
