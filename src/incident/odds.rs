//! How sure it is that customers meet something.
//!
//! Robots err now and then: in 1.5 % of their walks they see trouble where there is none (as published of large test
//! suites). Against that noise, two questions.
//!
//! *Does nearly everybody meet it?* A sequential probability ratio test (Wald 1945) of 90 % against the noise: each walk in
//! a row that shows it weighs ln(0.9 / 0.015) = 4.09, and 9.2 are wanted, or 6.9 of what is read off the page or the wire
//! as it stands. One that gets past it ends the row.
//!
//! *Do some meet it?* A Bernoulli CUSUM (Page 1954) of 30 % against the noise, over first looks alone: a walk made because
//! something was suspected is no fair sample. It sounds at 9, and begins anew when the incident has recovered. How early and
//! how seldom falsely both do together is simulated in `stories::odds`.

/// What `ln(0.30 / 0.015)` is in thousandths: a first look that shows it.
const MET: u32 = 2_996;
/// What `-ln(0.70 / 0.985)` is in thousandths: a first look that does not.
const NOT_MET: u32 = 342;
/// From here on some customers meet it.
const SOUNDS: u32 = 9_000;
/// First looks in a row without it after which it is gone: 4.6 / 0.342, as sure as it is opened.
const CALM: u32 = 14;
/// Walks in a row that tell what all meet from what 30 % meet: 9.2 / ln(0.9 / 0.3), upwards.
const ALL_MEET_IT: u32 = 9;

/// Walks in a row that must show something before it is told.
pub(super) fn wanted(deterministic: bool) -> u32 {
    // 6.9 / 4.09 and 9.2 / 4.09, upwards.
    if deterministic { 2 } else { 3 }
}

/// What the walks of its journey said of one incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Odds {
    /// Walks in a row that showed it; of what customers get past, first looks alone.
    pub in_a_row: u32,
    /// The CUSUM over first looks, in thousandths.
    pub score: u32,
    /// First looks since the score left zero, up to the last that showed it.
    pub looks: u32,
    /// How many of them showed it.
    pub met: u32,
    /// Whether it is open because some walks meet it, not all.
    pub intermittent: bool,
}

impl Odds {
    /// The most first looks that are worth counting: after them nothing is left of any score.
    pub const FIRST_LOOKS_MAX: i64 = 32;

    /// A first look shows it, after `past` others since it was last seen that did not.
    pub(super) fn met_at_first_look(&mut self, past: u32) {
        let left = self.score.saturating_sub(NOT_MET.saturating_mul(past));
        if left == 0 {
            (self.looks, self.met) = (0, 0);
        } else {
            self.looks += past;
        }
        self.score = (left + MET).min(SOUNDS);
        self.looks += 1;
        self.met += 1;
    }

    /// Whether nearly every walk meets it.
    pub(super) fn is_steady(&self, deterministic: bool) -> bool {
        self.in_a_row >= wanted(deterministic)
    }

    /// Whether what was intermittent is met by all now.
    pub(super) fn is_met_by_all(&self) -> bool {
        self.intermittent && self.in_a_row >= ALL_MEET_IT
    }

    /// Whether some walks meet it.
    pub(super) fn sounds(&self) -> bool {
        self.score >= SOUNDS
    }

    /// Whether `past` first looks in a row without it are enough.
    pub(super) fn has_calmed(&self, past: u32) -> bool {
        !self.intermittent || past >= CALM
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_are_what_the_rates_make_them() {
        let check = |exact: f64, thousandths: u32| assert!((exact * 1_000.0 - f64::from(thousandths)).abs() < 1.0);
        check((0.30_f64 / 0.015).ln(), MET);
        check(-(0.70_f64 / 0.985).ln(), NOT_MET);
        let weight = (0.9_f64 / 0.015).ln();
        assert_eq!([6.9 / weight, 9.2 / weight].map(|walks| walks.ceil() as u32), [wanted(true), wanted(false)]);
        assert_eq!(f64::from(ALL_MEET_IT), (9.2 / 3.0_f64.ln()).ceil());
        assert_eq!(CALM, (4_600.0 / f64::from(NOT_MET)).ceil() as u32);
        assert!(Odds::FIRST_LOOKS_MAX as u32 * NOT_MET > SOUNDS);
    }
}
