//! How long a step usually takes, and whether it has become slower.
//!
//! Times are compared as logarithms, without the hour's effect: a step that takes twice as long does so by day and by
//! night. Their level is the median of clean looks over about a week, their spread the median of what they are off it.
//! A one-sided CUSUM (Page 1954) adds up how far looks lie above; it sounds when several in a row did, and never for
//! one. What is not known yet (a new step, an hour not met before) is taken for slower than it will turn out to be.
//! How soon it tells and how seldom falsely is simulated in `stories`.

use super::season::{Hour, Season};
use crate::moment::Moment;
use std::collections::VecDeque;
use std::time::Duration;

/// Clean looks that must be known before a step is called slow.
pub const PACE_KNOWN_AFTER_LOOKS: usize = 10;
/// Clean looks that are remembered, and how long they reach back at least once there are so many.
const LOOKS_MAX: usize = 60;
const LOOKS_REACH_BACK: Duration = Duration::from_secs(7 * 24 * 3_600);
/// The spread a step is believed to have before it is known, and how many looks that weighs; none has less than the least.
const SPREAD: f64 = 0.3;
const SPREAD_WEIGHS: f64 = 10.0;
const SPREAD_LEAST: f64 = 0.1;
/// How often what is not known is counted against a step's being slow, in standard deviations.
const DOUBTS: f64 = 1.5;
/// The CUSUM: what each look is allowed, what it may say at most (both in spreads), where it sounds, and the most it
/// remembers, so that it soon falls silent (in thousandths).
const ALLOWED: f64 = 1.0;
const SAYS_MAX: f64 = 3.0;
const SOUNDS: u32 = 6_000;
const SCORE_MAX: u32 = 8_000;
/// Clean looks that wait until the suspicion they raised is gone; more of them are no jump.
const WAITING_MAX: usize = 24;
/// What a customer does not notice, however many times as long it is.
const UNNOTICED: Duration = Duration::from_millis(300);

/// What is known of the time one step takes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Pace {
    /// Of the walks that taught the baseline, the last that met it.
    pub(super) met: u32,
    /// Clean looks, the oldest first.
    pub(super) looks: VecDeque<Look>,
    /// When the newest of them was made.
    pub(super) newest: i64,
    /// Clean looks since the step is suspected: what may have become slower is not learnt as usual before that is settled.
    pub(super) waiting: VecDeque<Look>,
    /// What the hours add.
    pub(super) season: Season,
    /// The CUSUM, in thousandths.
    pub(super) score: u32,
}

/// One clean look: when in the day, and the logarithm of its milliseconds in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) hour: Hour,
    pub(super) took: i32,
}

/// What a step usually takes at an hour, as logarithms of milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usual {
    level: f64,
    spread: f64,
    /// How well the level is known: a standard deviation.
    doubt: f64,
}

impl Usual {
    pub(super) fn duration(self) -> Duration {
        Duration::from_secs_f64(self.level.exp() / 1e3)
    }

    /// How much longer it took, as a logarithm.
    pub(super) fn excess(self, took: Duration) -> f64 {
        logarithm(took) - self.level
    }

    /// What a look adds to the suspicion when everything else was slower by `drag`, in thousandths. Nobody knows exactly
    /// how much a slow machine slows one step.
    pub(super) fn weight(self, took: Duration, drag: f64) -> i32 {
        let above = self.excess(took) - drag - DOUBTS * self.doubt.hypot(drag / 2.0);
        let said = (above / self.spread).clamp(-SAYS_MAX, SAYS_MAX) - ALLOWED;
        let noticed = took.saturating_sub(self.duration()) >= UNNOTICED;
        thousandths(if noticed { said } else { said.min(0.0) })
    }
}

impl Pace {
    /// What it usually takes at an hour, once enough looks were made.
    pub(super) fn usual(&self, hour: Hour) -> Option<Usual> {
        if self.looks.len() < PACE_KNOWN_AFTER_LOOKS {
            return None;
        }
        let off_season: Vec<f64> =
            self.looks.iter().map(|look| f64::from(look.took) / 1e3 - self.season.effect(look.hour).off).collect();
        let level = median(off_season.clone());
        let off = median(off_season.iter().map(|took| (took - level).abs()).collect()) / 0.6745;
        let looks = off_season.len() as f64;
        let variance = (looks * off * off + SPREAD_WEIGHS * SPREAD * SPREAD) / (looks + SPREAD_WEIGHS);
        let effect = self.season.effect(hour);
        // A median of n is as sure as a mean of 0.64 n.
        let doubt = (effect.variance + variance / (0.64 * looks)).sqrt();
        Some(Usual { level: level + effect.off, spread: variance.sqrt().max(SPREAD_LEAST), doubt })
    }

    /// The score after a look that adds `weight`.
    fn score_with(&self, weight: i32) -> u32 {
        self.score.saturating_add_signed(weight).min(SCORE_MAX)
    }

    /// Whether a look that adds `weight` is one too many. One that was not slow itself never is.
    pub(super) fn sounds_with(&self, weight: i32) -> bool {
        weight > 0 && self.score_with(weight) >= SOUNDS
    }

    /// Whether it has become slower, as far as looks say up to now.
    pub(super) fn sounds(&self) -> bool {
        self.score >= SOUNDS
    }

    /// One look more was made, clean or not.
    pub(super) fn count(&mut self, weight: i32) {
        self.score = self.score_with(weight);
    }

    /// A clean look was made, and counted. What has become slower is not learnt as usual.
    pub(super) fn teach(&mut self, took: Duration, hour: Hour, at: Moment) {
        if self.sounds() {
            return self.waiting.clear();
        }
        self.waiting.push_back(Look { hour, took: thousandths(logarithm(took)) });
        if self.score > 0 && self.waiting.len() <= WAITING_MAX {
            return;
        }
        for look in std::mem::take(&mut self.waiting) {
            self.learn(look, at);
        }
    }

    fn learn(&mut self, look: Look, at: Moment) {
        if let Some(usual) = self.usual(look.hour) {
            let level = usual.level - self.season.effect(look.hour).off;
            self.season.teach(look.hour, look.took - thousandths(level));
        }
        // Once there are enough, only so many are taken that all of them reach back far.
        let pause = LOOKS_REACH_BACK / u32::try_from(LOOKS_MAX).unwrap_or(1);
        if self.looks.len() >= LOOKS_MAX && at.since(Moment::from_millis(self.newest)) < pause {
            return;
        }
        while self.looks.len() >= LOOKS_MAX {
            self.looks.pop_front();
        }
        self.looks.push_back(look);
        self.newest = at.as_millis();
    }

    /// Somebody takes it as it is now: its looks are made anew. What the hours add stays as it was.
    pub(super) fn forget(&mut self) {
        self.looks.clear();
        self.waiting.clear();
        self.score = 0;
    }
}

fn logarithm(took: Duration) -> f64 {
    (took.as_secs_f64() * 1e3).max(1.0).ln()
}

fn thousandths(value: f64) -> i32 {
    (value * 1e3).round() as i32
}

fn median(mut values: Vec<f64>) -> f64 {
    let middle = values.len() / 2;
    values.select_nth_unstable_by(middle, f64::total_cmp);
    values.get(middle).copied().unwrap_or_default()
}
