//! How often something may be tried: a few times freely, then after pauses that grow.

use crate::moment::Moment;
use std::collections::HashMap;
use std::time::Duration;

/// What is free and how long it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PauseLimits {
    /// Failures before the first pause.
    pub free: u32,
    /// The first pause; each further failure doubles it.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
    /// Failures are forgotten when none came for so long.
    pub forget_after: Duration,
    /// Names remembered at once; past it the ones that failed longest ago are forgotten.
    pub remembered_max: usize,
}

impl PauseLimits {
    /// For one name, from anywhere.
    pub const NAME: Self = Self {
        free: 5,
        first: Duration::from_secs(2),
        longest: Duration::from_secs(15 * 60),
        forget_after: Duration::from_secs(24 * 3600),
        remembered_max: 20_000,
    };
    /// For one address, with any name: many people may share one.
    pub const ADDRESS: Self = Self {
        free: 30,
        first: Duration::from_secs(2),
        longest: Duration::from_secs(5 * 60),
        forget_after: Duration::from_secs(3600),
        remembered_max: 20_000,
    };
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Moment,
}

/// Who failed how often. Kept in memory: it is forgotten when the console is started anew.
#[derive(Debug)]
pub struct Pauses {
    limits: PauseLimits,
    failures: HashMap<String, Failures>,
}

impl Pauses {
    /// Nobody has failed yet.
    pub fn new(limits: PauseLimits) -> Self {
        Self { limits, failures: HashMap::new() }
    }

    /// How long `who` must wait from `now`; nothing when another try is free.
    pub fn wait(&self, who: &str, now: Moment) -> Option<Duration> {
        let failures = self.failures.get(who)?;
        let pause = self.pause(failures.count)?;
        let waited = now.since(failures.last);
        (waited < pause).then(|| pause - waited)
    }

    /// Notes that `who` failed at `now`.
    pub fn failed(&mut self, who: &str, now: Moment) {
        if self.failures.len() >= self.limits.remembered_max && !self.failures.contains_key(who) {
            self.forget(now);
        }
        let failures = self.failures.entry(who.to_owned()).or_insert(Failures { count: 0, last: now });
        if now.since(failures.last) >= self.limits.forget_after {
            failures.count = 0;
        }
        *failures = Failures { count: failures.count.saturating_add(1), last: now };
    }

    /// Notes that `who` got in.
    pub fn passed(&mut self, who: &str) {
        self.failures.remove(who);
    }

    /// Notes that the last try of `who` was none of a guesser.
    pub fn taken_back(&mut self, who: &str) {
        if let Some(failures) = self.failures.get_mut(who) {
            failures.count = failures.count.saturating_sub(1);
        }
    }

    fn pause(&self, count: u32) -> Option<Duration> {
        let beyond = count.checked_sub(self.limits.free)?;
        let grown = self.limits.first.saturating_mul(2_u32.saturating_pow(beyond.min(20)));
        Some(grown.min(self.limits.longest))
    }

    /// Makes room: what is old first, then the half that failed longest ago.
    fn forget(&mut self, now: Moment) {
        let after = self.limits.forget_after;
        self.failures.retain(|_, failures| now.since(failures.last) < after);
        if self.failures.len() < self.limits.remembered_max {
            return;
        }
        let mut moments: Vec<Moment> = self.failures.values().map(|failures| failures.last).collect();
        moments.sort_unstable();
        let middle = moments[moments.len() / 2];
        self.failures.retain(|_, failures| failures.last > middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Moment {
        Moment::from_millis(seconds * 1000)
    }

    #[test]
    fn pauses_grow_and_end() {
        let mut pauses = Pauses::new(PauseLimits::NAME);
        let mut check = |failures_before: u32, wait_s: Option<u64>| {
            pauses.passed("a");
            (0..failures_before).for_each(|_| pauses.failed("a", at(0)));
            assert_eq!(pauses.wait("a", at(0)), wait_s.map(Duration::from_secs), "after {failures_before}");
        };
        check(0, None);
        check(4, None);
        check(5, Some(2));
        check(6, Some(4));
        check(10, Some(64));
        check(14, Some(900));
        check(u32::MAX >> 16, Some(900));
        assert_eq!(pauses.wait("a", at(899)), Some(Duration::from_secs(1)));
        assert_eq!((pauses.wait("a", at(900)), pauses.wait("b", at(0))), (None, None));
        pauses.failed("a", at(24 * 3600));
        assert_eq!(pauses.wait("a", at(24 * 3600)), None, "forgotten after a day");
    }

    /// An attacker who waits each pause out, for a day.
    #[test]
    fn a_day_of_guessing_is_short() {
        let (mut pauses, mut now, mut tries) = (Pauses::new(PauseLimits::NAME), at(0), 0);
        while now < at(24 * 3600) {
            now = now.after(pauses.wait("a", now).unwrap_or_default());
            pauses.failed("a", now);
            tries += 1;
        }
        assert!((100..=120).contains(&tries), "{tries} tries a day");
    }

    #[test]
    fn memory_is_bounded_and_keeps_the_newest() {
        let limits = PauseLimits { remembered_max: 100, free: 1, ..PauseLimits::ADDRESS };
        let mut pauses = Pauses::new(limits);
        (0..10_000).for_each(|i| pauses.failed(&format!("{i}"), at(i)));
        assert!(pauses.failures.len() <= 100, "{}", pauses.failures.len());
        assert!(pauses.wait("9999", at(9_999)).is_some());
    }
}
