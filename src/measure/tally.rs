//! What a number of incidents come to.

use super::{Case, Episode, Outcome, Share, Spread, Window};
use crate::incident::Deadlines;
use crate::maintenance::{Standstill, Windows};
use crate::moment::Moment;
use std::time::Duration;

/// Counts and times of incidents over a window. Parts of others are left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Openings in the window, returns among them.
    pub opened: u64,
    /// Those of them that came back.
    pub reopened: u64,
    /// Ends in the window: a walk got past it.
    pub fixed: u64,
    /// Closed in the window: enough walks had got past it, for long enough.
    pub closed: u64,
    /// Open when it ended.
    pub open: u64,
    /// From the last walk that still got through to the opening: the longest that it can have lasted unseen. Of first
    /// openings in the window.
    pub detect: Option<Spread>,
    /// From the opening until somebody said that they know of it, of what was acknowledged in the window. Planned work is
    /// not counted, here and in the time to mend.
    pub acknowledge: Option<Spread>,
    /// From the opening until a walk got past it, of what ended in the window.
    pub fix: Option<Spread>,
    /// Acknowledged by its deadline, which waits for its owner's hours, of what was acknowledged in the window or should have been.
    pub acknowledged_in_time: Share,
    /// Mended by its deadline, of what ended in the window or should have.
    pub fixed_in_time: Share,
    /// Whose first claim led to their being closed, of the openings for which that became clear in the window: a walk refused
    /// the claim, it came back, or enough walks got past it.
    pub first_fix: Share,
    /// Returns in the window to closings in it; there can be more of the former.
    pub repeated: Share,
    /// Called false in the window, of these and what opened in it otherwise.
    pub misreported: Share,
}

impl Tally {
    /// Of `cases`.
    pub fn of<'a>(
        cases: impl IntoIterator<Item = &'a Case>,
        window: &Window,
        deadlines: &Deadlines,
        windows: &Windows,
    ) -> Self {
        let mut tally = Self::default();
        let mut times = Times::default();
        for case in cases.into_iter().filter(|case| !case.part) {
            tally.closed += case.closings(window);
            let (hours, still) = (deadlines.rota.of_owner(case.owner.as_deref()), case.standstill(windows));
            for episode in case.episodes(window.to()) {
                tally.count(&episode, window);
                times.add(case, &episode, window, &still);
                let done = episode.ended.map(|(_, at)| at);
                let due = deadlines.due(case.severity, episode.opened, hours, &still);
                in_time(&mut tally.acknowledged_in_time, (episode.acknowledged, done), due.acknowledge, window);
                let fixed = episode.ended.filter(|(how, _)| *how == Outcome::Fixed).map(|(_, at)| at);
                in_time(&mut tally.fixed_in_time, (fixed, done), due.fix, window);
            }
        }
        tally.repeated = Share { hit: tally.reopened, of: tally.closed };
        (tally.detect, tally.acknowledge, tally.fix) =
            (Spread::of(times.detect), Spread::of(times.acknowledge), Spread::of(times.fix));
        tally
    }

    fn count(&mut self, episode: &Episode, window: &Window) {
        let opened = window.holds(episode.opened);
        self.opened += u64::from(opened);
        self.reopened += u64::from(opened && episode.again);
        self.open += u64::from(episode.open_at(window.to()));
        let ended = episode.ended.filter(|(_, at)| window.holds(*at)).map(|(how, _)| how);
        self.fixed += u64::from(ended == Some(Outcome::Fixed));
        if ended == Some(Outcome::False) {
            self.misreported.count(true);
        } else if opened {
            self.misreported.count(false);
        }
        if let Some((held, _)) = episode.first_claim.filter(|(_, at)| window.holds(*at)) {
            self.first_fix.count(held);
        }
    }
}

/// Counts it once, in the window in which it was done or its deadline passed, whichever came first. What ended before its
/// deadline without it owes nothing.
fn in_time(share: &mut Share, (done, ended): (Option<Moment>, Option<Moment>), by: Moment, window: &Window) {
    let told = done.map_or(by, |done| done.min(by));
    let owed = done.is_some() || ended.is_none_or(|ended| ended > by);
    if owed && window.holds(told) {
        share.count(done.is_some_and(|done| done <= by));
    }
}

#[derive(Default)]
struct Times {
    detect: Vec<Duration>,
    acknowledge: Vec<Duration>,
    fix: Vec<Duration>,
}

impl Times {
    fn add(&mut self, case: &Case, episode: &Episode, window: &Window, still: &Standstill) {
        let good = case.good.filter(|good| !episode.again && *good < episode.opened && window.holds(episode.opened));
        self.detect.extend(good.map(|good| episode.opened.since(good)));
        let known = episode.acknowledged.filter(|at| window.holds(*at));
        self.acknowledge.extend(known.map(|at| still.gone(episode.opened, at)));
        let fixed = episode.ended.filter(|(how, at)| *how == Outcome::Fixed && window.holds(*at));
        self.fix.extend(fixed.map(|(_, at)| still.gone(episode.opened, at)));
    }
}
