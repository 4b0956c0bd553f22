//! How much slower everything goes at a time: the robot's own machine, or the way to the app. That is no news of the app.

use super::Subject;
use crate::moment::Moment;
use std::collections::BTreeMap;
use std::time::Duration;

/// How much slower than usual everything goes, as a logarithm: 0 is as usual, 0.69 twice as slow.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Drag(pub(super) f64);

/// Steps that can tell whether all of a walk is slow.
const STEPS_MIN: usize = 3;
/// For how long a walk speaks for its time.
const SPEAKS_FOR: Duration = Duration::from_secs(10 * 60);
/// Subjects whose newest walk is remembered.
const SUBJECTS_MAX: usize = 1_000;
/// From here on a walk's times are no usual ones: a quarter longer.
const HEAVY: f64 = 0.22;

impl Drag {
    /// How slow a walk was as a whole: what three of four steps were slower by. `excesses` are logarithms.
    pub(super) fn of_steps(mut excesses: Vec<f64>) -> Option<Self> {
        if excesses.len() < STEPS_MIN {
            return None;
        }
        excesses.sort_by(f64::total_cmp);
        excesses.get(excesses.len() / 4).map(|quarter| Self(quarter.max(0.0)))
    }

    /// Whether nothing should be learnt from times like these.
    pub(super) fn is_heavy(self) -> bool {
        self.0 > HEAVY
    }
}

/// How slow the newest walks were as a whole.
#[derive(Debug, Clone, Default)]
pub struct Drags(BTreeMap<Subject, (Moment, Drag)>);

impl Drags {
    /// A walk that began at `at` was so slow as a whole.
    pub fn note(&mut self, subject: Subject, at: Moment, drag: Drag) {
        self.0.insert(subject, (at, drag));
        while self.0.len() > SUBJECTS_MAX {
            let Some(oldest) = self.0.iter().min_by_key(|(_, (at, _))| *at).map(|(s, _)| s.clone()) else { break };
            self.0.remove(&oldest);
        }
    }

    /// How slow the walks of others were at about the time; `None` when there were none.
    pub fn of_others(&self, subject: &Subject, at: Moment) -> Option<Drag> {
        let near = |then: &Moment| at.since(*then).max(then.since(at)) <= SPEAKS_FOR;
        let others = self.0.iter().filter(|(other, (then, _))| *other != subject && near(then));
        let mut drags: Vec<f64> = others.map(|(_, (_, drag))| drag.0).collect();
        drags.sort_by(f64::total_cmp);
        drags.get(drags.len() / 2).copied().map(Drag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_is_slow_as_a_whole_when_nearly_all_of_it_is() {
        let check = |excesses: &[f64], expected: Option<f64>| {
            assert_eq!(Drag::of_steps(excesses.to_vec()).map(|drag| drag.0), expected, "{excesses:?}");
        };
        check(&[0.7, 0.7], None);
        check(&[0.7, 0.6, 0.8], Some(0.6));
        check(&[0.0, -0.1, 2.0, 0.1], Some(0.0));
        check(&[0.7, 0.1, 0.8, 0.7, 0.6], Some(0.6));
        check(&[0.0, 0.0, 0.0, 0.9, 0.9, 0.9], Some(0.0));
    }

    #[test]
    fn others_speak_for_the_time_they_walked_at() {
        let of = |journey: &str| Subject {
            journey: journey.parse().unwrap(),
            device: "h5-iphone".into(),
            base: "https://app.test".into(),
        };
        let minute = |n: i64| Moment::from_millis(n * 60_000);
        let mut drags = Drags::default();
        for (journey, at, drag) in [("login", 0, 0.9), ("fund", 50, 0.7), ("loan", 55, 0.6), ("home", 58, 0.0)] {
            drags.note(of(journey), minute(at), Drag(drag));
        }
        let check = |journey: &str, at: i64, expected: Option<f64>| {
            assert_eq!(drags.of_others(&of(journey), minute(at)).map(|drag| drag.0), expected, "{journey} {at}");
        };
        check("home", 60, Some(0.7));
        check("login", 57, Some(0.6));
        check("login", 3, None);
        check("home", 3, Some(0.9));
    }
}
