//! One incident's way through a window: each time it opened, and what became of it.

use super::Window;
use crate::finding::Severity;
use crate::id::{IncidentId, JourneyId};
use crate::incident::What;
use crate::maintenance::{Standstill, Windows};
use crate::moment::Moment;
use crate::tags::Tags;
use crate::walk::Class;

/// An incident of the app and its moves up to the window's end, oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The incident.
    pub id: IncidentId,
    /// Whether it is a part of another: it counts for its journey alone.
    pub part: bool,
    /// Whether planned work may be behind it.
    pub may_be_planned: bool,
    /// The app.
    pub app: String,
    /// The journey.
    pub journey: JourneyId,
    /// What people call it.
    pub headline: crate::finding::Bilingual,
    /// How a customer suffers.
    pub class: Option<Class>,
    /// How badly.
    pub severity: Severity,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What it is filed under.
    pub tags: Tags,
    /// When it was first seen.
    pub first_seen: Moment,
    /// When it was opened last, as it is now.
    pub opened: Option<Moment>,
    /// When the last walk before it that got through began, where that is still known.
    pub good: Option<Moment>,
    /// What happened to it.
    pub moves: Vec<CaseMove>,
}

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseMove {
    /// What.
    pub what: What,
    /// When.
    pub at: Moment,
    /// Whether it came back on another journey than its own.
    pub elsewhere: bool,
}

/// From an opening to the end of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Episode {
    /// When it opened.
    pub opened: Moment,
    /// Whether it had been over before.
    pub again: bool,
    /// When somebody first said that they know of it.
    pub acknowledged: Option<Moment>,
    /// Whether the first claim that it is mended led to its being closed, and when that was clear.
    pub first_claim: Option<(bool, Moment)>,
    /// What became of it, and when.
    pub ended: Option<(Outcome, Moment)>,
}

/// What became of an opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// A walk got past it.
    Fixed,
    /// Somebody said that nothing was wrong.
    False,
    /// Somebody set it aside: it stays, or is another's.
    Aside,
}

impl Episode {
    fn begun(opened: Moment, again: bool) -> Self {
        Self { opened, again, acknowledged: None, first_claim: None, ended: None }
    }

    /// Whether it was still open at `at`.
    pub fn open_at(&self, at: Moment) -> bool {
        self.opened < at && self.ended.is_none_or(|(_, ended)| ended >= at)
    }
}

impl Case {
    /// When clocks stand still for it.
    pub fn standstill(&self, windows: &Windows) -> Standstill {
        if self.may_be_planned { windows.standstill(&self.app, &self.journey) } else { Standstill::default() }
    }

    /// Every time it opened, by its moves before `to`.
    pub fn episodes(&self, to: Moment) -> Vec<Episode> {
        let mut told = Told::default();
        for one in self.moves.iter().filter(|m| m.at < to) {
            // Older moves of what is long over are forgotten: its opening is known from the incident itself.
            let before =
                matches!(one.what, What::Suspected | What::Unconfirmed | What::Opened | What::Reopened | What::TakenUp);
            if told.episodes.is_empty()
                && !before
                && let Some(opened) = self.opened.filter(|opened| *opened <= one.at)
            {
                told.episodes.push(Episode::begun(opened, false));
            }
            told.take(*one);
        }
        told.episodes
    }

    /// How often it was closed in `window`.
    pub fn closings(&self, window: &Window) -> u64 {
        let closings = self.moves.iter().filter(|m| m.what == What::Closed && window.holds(m.at));
        closings.count() as u64
    }

    /// When customers of its journey met it: from when it was first seen, or seen again, until a walk of that journey got past
    /// it. What people say of it changes nothing, but what was called false was not met.
    pub fn met(&self, to: Moment) -> Vec<(Moment, Moment)> {
        let mut met: Vec<(Moment, Moment)> = Vec::new();
        // What was called false is kept until it is clear that nobody takes it up again.
        let (mut since, mut doubted): (Option<Moment>, Option<Vec<(Moment, Moment)>>) = (None, None);
        for CaseMove { what, at, elsewhere } in self.moves.iter().copied().filter(|m| m.at < to) {
            match what {
                What::Opened => since = Some(self.first_seen.min(at)),
                What::Reopened if elsewhere => {}
                What::Reopened | What::Sighted => drop(since.get_or_insert(at)),
                What::CalledFalse if since.is_none() => doubted = Some(met.pop().into_iter().collect()),
                What::CalledFalse => doubted = Some(Vec::new()),
                What::TakenUp => met.extend(doubted.take().into_iter().flatten()),
                What::Recovered | What::Narrowed => match (since.take(), &mut doubted) {
                    (Some(since), None) => met.push((since, at)),
                    (Some(since), Some(doubted)) => doubted.push((since, at)),
                    (None, _) => {}
                },
                _ => {}
            }
        }
        met.extend(since.filter(|_| doubted.is_none()).map(|since| (since, to)));
        met
    }
}

/// The openings as they are told, move by move.
#[derive(Default)]
struct Told {
    episodes: Vec<Episode>,
    /// Whether somebody has claimed that the present one is mended.
    claimed: bool,
    /// What people set it aside as, while it is.
    aside: Option<Outcome>,
    /// Whether it came back since.
    returned: bool,
    /// When a walk got past it, while customers do not meet it.
    past: Option<Moment>,
}

impl Told {
    fn take(&mut self, CaseMove { what, at, .. }: CaseMove) {
        match what {
            What::Opened | What::Reopened => self.open(what == What::Reopened, at),
            What::Acknowledged | What::FixBegun => drop(self.lasting().map(|e| *e.acknowledged.get_or_insert(at))),
            What::FixClaimed => {
                if let Some(last) = self.lasting() {
                    last.acknowledged.get_or_insert(at);
                    self.claimed = true;
                }
            }
            What::ClaimRefused => self.claim_proved(false, at),
            What::Recovered => {
                self.past = Some(at);
                self.end(at);
            }
            What::Closed => {
                self.claim_proved(true, at);
                // That a walk got past it may be forgotten already.
                self.end(at);
            }
            What::CalledFalse => self.set_aside(Outcome::False, at),
            What::LeftAsItIs | What::CalledDuplicate => self.set_aside(Outcome::Aside, at),
            What::TakenUp => self.take_up(at),
            _ => {}
        }
    }

    fn lasting(&mut self) -> Option<&mut Episode> {
        self.episodes.last_mut().filter(|episode| episode.ended.is_none())
    }

    fn end(&mut self, at: Moment) {
        if let Some(last) = self.lasting() {
            last.ended = Some((Outcome::Fixed, at));
        }
    }

    /// What comes back while it is set aside stays set aside: nobody is to see to it.
    fn open(&mut self, again: bool, at: Moment) {
        self.past = None;
        self.claim_proved(false, at);
        match self.aside {
            None => self.episodes.push(Episode::begun(at, again)),
            Some(_) => self.returned = true,
        }
    }

    /// Once, whatever comes later.
    fn claim_proved(&mut self, held: bool, at: Moment) {
        if std::mem::take(&mut self.claimed)
            && let Some(last) = self.episodes.last_mut()
        {
            last.first_claim.get_or_insert((held, at));
        }
    }

    /// What is called false once a walk got past it was never mended: nothing had been wrong.
    fn set_aside(&mut self, how: Outcome, at: Moment) {
        (self.aside, self.returned, self.claimed) = (Some(how), false, false);
        if let Some(last) = self.episodes.last_mut()
            && (last.ended.is_none()
                || (how == Outcome::False && last.ended.is_some_and(|(how, _)| how == Outcome::Fixed)))
        {
            last.ended = Some((how, at));
        }
    }

    /// It goes on where it was; what came back meanwhile is open for people from now on.
    fn take_up(&mut self, at: Moment) {
        let Some(how) = self.aside.take() else { return };
        if std::mem::take(&mut self.returned) {
            if self.past.is_none() {
                self.episodes.push(Episode::begun(at, true));
            }
        } else if let Some(last) = self.episodes.last_mut().filter(|last| last.ended.is_some_and(|(was, _)| was == how))
        {
            last.ended = self.past.map(|past| (Outcome::Fixed, past));
        }
    }
}
