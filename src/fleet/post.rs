//! One journey on the watch: which of its due times is walked now, and which were missed. Pure.

use super::walker::CONFIRMATIONS_MAX;
use crate::incident::{MissReason, Missed};
use crate::journey::{Journey, Safety};
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
    /// Whether that walk is one that a person asked for: due times wait for its end.
    pub lent: bool,
    /// Whether it was, and due times may have waited.
    waited: bool,
    /// Due times that a walk stood in the way of. They are told when it has ended and not before: the ledger's newest
    /// slot is where a robot takes up the watch after its death, and must not lie beyond one that still waits.
    pub passed_over: Vec<Missed>,
    /// The newest due time, when its walker died with it: nobody walked it yet.
    left_behind: Option<Moment>,
    /// The next due time after the one it was asked for last.
    next: Option<(Moment, Option<Moment>)>,
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
    /// A post taken up where the ledger left it.
    pub fn new(post: Post, last: Option<Moment>) -> Self {
        Self {
            post,
            last,
            busy: false,
            lent: false,
            waited: false,
            passed_over: Vec::new(),
            left_behind: None,
            next: None,
        }
    }

    /// The same, when `slot` died with its walker and is the last the ledger knows: it is walked again if it is fresh.
    pub fn resuming(mut self, slot: Option<Moment>) -> Self {
        self.left_behind = slot.filter(|slot| self.last == Some(*slot));
        self
    }

    /// Its walk has ended; gives the due times that it stood in the way of.
    pub fn free(&mut self) -> Vec<Missed> {
        self.busy = false;
        self.waited = std::mem::take(&mut self.lent);
        std::mem::take(&mut self.passed_over)
    }

    /// The next due time after what was dealt with.
    pub fn next(&mut self) -> Option<Moment> {
        let last = self.last?;
        let next = match self.next {
            Some((after, next)) if after == last => next,
            _ => self.post.schedule.next(&self.post.journey.id, last),
        };
        self.next = Some((last, next));
        next
    }

    /// Whether it can make a walk besides those of its schedule now, without standing in the way of the next. What may
    /// leave something behind in the app is walked when its schedule says, and for nobody's asking.
    pub fn spares(&mut self, now: Moment) -> bool {
        let ends = now.after(self.post.journey.budget * (1 + CONFIRMATIONS_MAX));
        let harmless = self.post.journey.safety == Safety::ReadOnly;
        harmless && !self.busy && self.next().is_none_or(|next| next > ends)
    }

    /// Everything due up to `now`, dealt with. The newest is walked, if it is fresh and the walk before has ended.
    pub fn take_due(&mut self, now: Moment, catch_up_within: Duration) -> Falls {
        let waits = self.last.is_some_and(|last| last <= now) && self.next().is_none_or(|next| next > now);
        if waits && self.left_behind.is_none() {
            return Falls { walk: None, missed: Vec::new() };
        }
        let mut due = self.post.schedule.due(&self.post.journey.id, self.last, now);
        // Nothing was to be walked before it was there: a new journey begins now, and not with a gap.
        if self.last.is_none() {
            due.missed.clear();
            due.slot = due.slot.map(|slot| if now.since(slot) > catch_up_within { now } else { slot });
        }
        // A newer due time takes the place of one that died with its walker.
        due.slot = due.slot.or(self.left_behind.take().filter(|slot| now.since(*slot) <= catch_up_within));
        let newest = due.slot.or(due.missed.last().copied());
        self.last = newest.or(self.last).or(Some(now));
        let stale = due.slot.is_some_and(|slot| now.since(slot) > catch_up_within);
        let due = if self.busy || stale { due.given_up() } else { due };
        let overtaken = self.busy || std::mem::take(&mut self.waited);
        let reason = if overtaken { MissReason::Overlap } else { MissReason::Away };
        let mut missed = due.missed.into_iter().map(|slot| Missed { slot, reason }).collect();
        if self.busy {
            self.passed_over.append(&mut missed);
        }
        Falls { walk: due.slot, missed }
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
        let mut standing = Standing { busy, ..Standing::new(post, Some(at(0))) };
        let missed: Vec<Missed> = missed.iter().map(|s| Missed { slot: at(*s), reason }).collect();
        let forgiven = Duration::from_secs(90);
        let (at_once, at_the_end) = if busy { (Vec::new(), missed) } else { (missed, Vec::new()) };
        assert_eq!(standing.take_due(at(now), forgiven), Falls { walk: walk.map(at), missed: at_once }, "at {now}");
        assert_eq!(standing.take_due(at(now), forgiven), Falls { walk: None, missed: Vec::new() }, "dealt with");
        assert_eq!(standing.free(), at_the_end, "at {now}");
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
        let mut standing = Standing::new(post, Some(at(0)));
        let falls = standing.take_due(at(1000), Duration::from_secs(90));
        assert_eq!(falls, Falls { walk: None, missed: vec![Missed { slot: at(600), reason: MissReason::Away }] });
        assert_eq!(standing.next(), Some(at(1200)));
    }

    #[test]
    fn a_due_time_that_died_with_its_walker_is_walked_again_while_it_is_fresh() {
        let check = |now: i64, walk: Option<i64>| {
            let schedule = Schedule::every(Duration::from_secs(600)).unwrap();
            let post = Post { journey: sample::journey("a"), schedule };
            let mut standing = Standing::new(post, Some(at(600))).resuming(Some(at(600)));
            let falls = standing.take_due(at(now), Duration::from_secs(90));
            assert_eq!(falls, Falls { walk: walk.map(at), missed: Vec::new() }, "at {now}");
            assert_eq!(standing.take_due(at(now), Duration::from_secs(90)).walk, None, "once");
        };
        check(630, Some(600));
        check(691, None);
        check(1200, Some(1200));
    }

    #[test]
    fn a_new_journey_is_walked_at_once_and_begins_without_a_gap() {
        let schedule = Schedule::every(Duration::from_secs(3600)).unwrap();
        let mut standing = Standing::new(Post { journey: sample::journey("a"), schedule }, None);
        let falls = standing.take_due(at(5_000), Duration::from_secs(90));
        assert_eq!(falls, Falls { walk: Some(at(5_000)), missed: Vec::new() });
        assert_eq!(standing.next(), Some(at(7_200)));
    }

    #[test]
    fn a_pattern_never_walked_before_falls_due_at_its_next_time() {
        let schedule = Schedule::cron("* * * * *", jiff::tz::TimeZone::UTC).unwrap();
        let mut standing = Standing::new(Post { journey: sample::journey("a"), schedule }, None);
        assert_eq!(standing.take_due(at(30), Duration::from_secs(90)).walk, None);
        assert_eq!(standing.take_due(at(61), Duration::from_secs(90)).walk, Some(at(60)));
    }
}
