//! For whom each fault is on. A visitor is affected through a whole visit or not at all: the draw is on the visitor.

use super::{FAULTS, Fault};
use crate::demo::chance::falls_within;
use std::sync::atomic::{AtomicU8, Ordering};

/// How many visitors meet a fault. The seed and the visitor's number decide which ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// Nobody.
    Off,
    /// Every visitor.
    Always,
    /// Thirty visitors of a hundred.
    ThirtyPercent,
    /// Ten visitors of a hundred.
    TenPercent,
}

impl Rate {
    /// Share in percent.
    pub fn percent(self) -> u8 {
        match self {
            Self::Off => 0,
            Self::Always => 100,
            Self::ThirtyPercent => 30,
            Self::TenPercent => 10,
        }
    }

    /// The rate as the control port writes it: `off`, `always`, `30%`, `10%`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Always => "always",
            Self::ThirtyPercent => "30%",
            Self::TenPercent => "10%",
        }
    }

    /// Reads what [`Rate::name`] writes.
    pub fn read(text: &str) -> Option<Self> {
        [Self::Off, Self::Always, Self::ThirtyPercent, Self::TenPercent].into_iter().find(|r| r.name() == text)
    }
}

/// The switches, one a fault.
pub(crate) struct Switchboard {
    seed: u64,
    percents: Vec<AtomicU8>,
}

impl Switchboard {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, percents: FAULTS.iter().map(|_| AtomicU8::new(0)).collect() }
    }

    /// Sets one switch; false when no fault has this id.
    pub(crate) fn switch(&self, id: &str, rate: Rate) -> bool {
        let Some(at) = FAULTS.iter().position(|f| f.id == id) else { return false };
        self.percents[at].store(rate.percent(), Ordering::Relaxed);
        true
    }

    /// Sets every switch off.
    pub(crate) fn mend_all(&self) {
        self.percents.iter().for_each(|p| p.store(0, Ordering::Relaxed));
    }

    /// The rate of each fault, in the table's order.
    pub(crate) fn rates(&self) -> impl Iterator<Item = (&'static Fault, Rate)> {
        FAULTS.iter().zip(&self.percents).map(|(fault, percent)| {
            let rate = match percent.load(Ordering::Relaxed) {
                0 => Rate::Off,
                10 => Rate::TenPercent,
                30 => Rate::ThirtyPercent,
                _ => Rate::Always,
            };
            (fault, rate)
        })
    }

    /// The faults this visitor meets.
    pub(crate) fn met_by(&self, visitor: u64) -> Vec<&'static Fault> {
        self.rates()
            .filter(|(fault, rate)| falls_within(self.seed.rotate_left(17) ^ visitor, fault.id, rate.percent()))
            .map(|(fault, _)| fault)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_is_met_wholly_or_not_at_all() {
        let check = |rate: Rate, least: usize, most: usize| {
            let board = Switchboard::new(7);
            assert!(board.switch("BF10", rate));
            let met = |visitor| !board.met_by(visitor).is_empty();
            let hits = (1..=1000).filter(|v| met(*v)).count();
            assert!((least..=most).contains(&hits), "{}: {hits} of 1000", rate.name());
            assert!((1..=1000).all(|v| met(v) == met(v)));
            assert_eq!(Rate::read(rate.name()), Some(rate));
        };
        check(Rate::Off, 0, 0);
        check(Rate::Always, 1000, 1000);
        check(Rate::ThirtyPercent, 250, 350);
        check(Rate::TenPercent, 70, 130);
        assert!(!Switchboard::new(7).switch("XX99", Rate::Always));
    }
}
