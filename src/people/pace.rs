//! How often somebody may do a thing: so many times within a while, whoever else does it meanwhile.

use crate::actor::Actor;
use crate::moment::Moment;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// People whose doing is remembered before those who have long done nothing are forgotten.
const PEOPLE_MAX: usize = 1_000;

/// So many times within so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// How many times.
    pub most: usize,
    /// Within how long.
    pub within: Duration,
}

/// Who did it how often lately. Kept in memory: it is forgotten when the console is started anew.
#[derive(Debug)]
pub struct Pace {
    allowances: &'static [Allowance],
    done: HashMap<Actor, VecDeque<Moment>>,
}

impl Pace {
    /// Nobody has done it yet; it must stay within all of these.
    pub fn new(allowances: &'static [Allowance]) -> Self {
        Self { allowances, done: HashMap::new() }
    }

    /// Counts one time more of `who`, unless there were too many: then nothing is counted.
    ///
    /// # Errors
    /// How long they must wait.
    pub fn take(&mut self, who: &Actor, now: Moment) -> Result<(), Duration> {
        let longest = self.allowances.iter().map(|allowance| allowance.within).max().unwrap_or_default();
        let fresh = |at: &Moment| now.since(*at) < longest;
        if self.done.len() >= PEOPLE_MAX {
            self.done.retain(|_, times| times.back().is_some_and(fresh));
        }
        let times = self.done.entry(who.clone()).or_default();
        times.retain(fresh);
        let wait = self.allowances.iter().filter_map(|allowance| {
            // The one that must be over before another is within the allowance.
            let nth = times.len().checked_sub(allowance.most)?;
            allowance.within.checked_sub(now.since(*times.get(nth)?)).filter(|wait| !wait.is_zero())
        });
        match wait.max() {
            Some(wait) => Err(wait),
            None => {
                times.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: &[Allowance] = &[
        Allowance { most: 3, within: Duration::from_secs(60) },
        Allowance { most: 5, within: Duration::from_secs(3600) },
    ];

    #[test]
    fn each_allowance_holds_for_everybody_by_themselves() {
        let mut pace = Pace::new(ALLOWED);
        let mut check = |who: &str, second: i64, expected: Result<(), u64>| {
            let actor = Actor::person(who).unwrap();
            let got = pace.take(&actor, Moment::from_millis(second * 1_000));
            assert_eq!(got, expected.map_err(Duration::from_secs), "{who} after {second} s");
        };
        for second in [0, 10, 20] {
            check("a", second, Ok(()));
        }
        check("a", 30, Err(30));
        check("b", 30, Ok(()));
        // What was refused is not counted: waiting is enough.
        check("a", 59, Err(1));
        check("a", 60, Ok(()));
        check("a", 65, Err(5));
        check("a", 70, Ok(()));
        // Five within the hour: the first of them must be an hour old.
        check("a", 200, Err(3_400));
        check("a", 3_599, Err(1));
        check("a", 3_600, Ok(()));
        check("a", 3_601, Err(9));
    }

    #[test]
    fn a_clock_that_was_set_back_allows_no_more_and_forgetting_costs_nobody_anything() {
        let mut pace = Pace::new(ALLOWED);
        let a = Actor::person("a").unwrap();
        for second in [100, 101, 102] {
            pace.take(&a, Moment::from_millis(second * 1_000)).unwrap();
        }
        assert_eq!(pace.take(&a, Moment::from_millis(0)), Err(Duration::from_secs(60)));
        for n in 0..PEOPLE_MAX * 2 {
            pace.take(&Actor::person(&format!("p{n}")).unwrap(), Moment::from_millis(103_000)).unwrap();
        }
        assert_eq!(pace.take(&a, Moment::from_millis(104_000)), Err(Duration::from_secs(56)));
    }
}
