//! One journey on the watch: which of its due times is walked now, and which were missed. Pure.

use crate::incident::{MissReason, Missed};
use crate::journey::Journey;
use crate::moment::Moment;
use crate::patrol::Schedule;
use std::sync::Arc;
use std::time::Duration;

/// One journey and its times.
#[derive(Debug, Clone)]
pub struct Post {
    /// The journey.
    pub journey: Arc<Journey>,
    /// When it falls due.
    pub schedule: Schedule,
}

/// Where a post stands.
pub(super) struct Standing {
    pub post: Post,
    /// The last due time that was dealt with.
    pub last: Option<Moment>,
    /// Whether a walk of it is waiting or under way.
    pub busy: bool,
}

/// What falls due now.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Falls {
    /// The due time to walk now.
    pub walk: Option<Moment>,
    /// Due times that nobody will walk.
    pub missed: Vec<Missed>,
}

impl Standing {
    /// The next due time after what was dealt with.
    pub fn next(&self) -> Option<Moment> {
        self.post.schedule.next(&self.post.journey.id, self.last?)
    }

    /// Everything due up to `now`, dealt with. The newest is walked, if it is fresh and the walk before has ended.
    pub fn take_due(&mut self, now: Moment, catch_up_within: Duration) -> Falls {
        let due = self.post.schedule.due(&self.post.journey.id, self.last, now);
        let newest = due.slot.or(due.missed.last().copied());
        self.last = newest.or(self.last).or(Some(now));
        let stale = due.slot.is_some_and(|slot| now.since(slot) > catch_up_within);
        let due = if self.busy || stale { due.given_up() } else { due };
        let reason = if self.busy { MissReason::Overlap } else { MissReason::Away };
        Falls { walk: due.slot, missed: due.missed.into_iter().map(|slot| Missed { slot, reason }).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::sample;

    fn at(seconds: i64) -> Moment {
        Moment::from_millis(seconds * 1000)
    }

    /// Due at `now` seconds, by a schedule of every 60 s last dealt with at 0, on a machine that forgives 90 s.
    fn check(now: i64, busy: bool, walk: Option<i64>, missed: &[i64], reason: MissReason) {
        let post = Post { journey: sample::journey("a"), schedule: Schedule::every(Duration::from_secs(60)).unwrap() };
        let mut standing = Standing { post, last: Some(at(0)), busy };
        let missed = missed.iter().map(|s| Missed { slot: at(*s), reason }).collect();
        let forgiven = Duration::from_secs(90);
        assert_eq!(standing.take_due(at(now), forgiven), Falls { walk: walk.map(at), missed }, "at {now}");
        assert_eq!(standing.take_due(at(now), forgiven), Falls { walk: None, missed: Vec::new() }, "dealt with");
    }

    #[test]
    fn an_absence_is_caught_up_by_one_walk() {
        check(59, false, None, &[], MissReason::Away);
        check(60, false, Some(60), &[], MissReason::Away);
        check(200, false, Some(180), &[60, 120], MissReason::Away);
        check(60, true, None, &[60], MissReason::Overlap);
        check(130, true, None, &[60, 120], MissReason::Overlap);
    }

    #[test]
    fn what_is_too_old_is_not_walked() {
        let post = Post { journey: sample::journey("a"), schedule: Schedule::every(Duration::from_secs(600)).unwrap() };
        let mut standing = Standing { post, last: Some(at(0)), busy: false };
        let falls = standing.take_due(at(1000), Duration::from_secs(90));
        assert_eq!(falls, Falls { walk: None, missed: vec![Missed { slot: at(600), reason: MissReason::Away }] });
        assert_eq!(standing.next(), Some(at(1200)));
    }

    #[test]
    fn a_pattern_never_walked_before_falls_due_at_its_next_time() {
        let schedule = Schedule::cron("* * * * *", jiff::tz::TimeZone::UTC).unwrap();
        let mut standing = Standing { post: Post { journey: sample::journey("a"), schedule }, last: None, busy: false };
        assert_eq!(standing.take_due(at(30), Duration::from_secs(90)).walk, None);
        assert_eq!(standing.take_due(at(61), Duration::from_secs(90)).walk, Some(at(60)));
    }
}
