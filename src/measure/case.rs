//! One incident's way through a window: each time it opened, and what became of it.

use super::Window;
use crate::finding::Severity;
use crate::id::{IncidentId, JourneyId};
use crate::incident::What;
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
    /// Whether the first claim that it is mended held, and when that was seen.
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
    /// Every time it opened, by its moves before `to`.
    pub fn episodes(&self, to: Moment) -> Vec<Episode> {
        let mut told: Vec<Episode> = Vec::new();
        let mut claimed = false;
        for CaseMove { what, at } in self.moves.iter().copied().filter(|m| m.at < to) {
            match what {
                What::Opened | What::Reopened => {
                    told.push(Episode::begun(at, what == What::Reopened));
                    claimed = false;
                    continue;
                }
                // What was set aside and is taken up again goes on where it was.
                What::TakenUp => {
                    if let Some(last) =
                        told.last_mut().filter(|e| e.ended.is_some_and(|(how, _)| how != Outcome::Fixed))
                    {
                        last.ended = None;
                    }
                    continue;
                }
                _ => {}
            }
            // Older moves of what is long over are forgotten: its opening is known from the incident itself.
            if told.is_empty()
                && let Some(opened) = self.opened.filter(|opened| *opened <= at)
            {
                told.push(Episode::begun(opened, false));
            }
            let Some(last) = told.last_mut().filter(|episode| episode.ended.is_none()) else { continue };
            match what {
                What::Acknowledged | What::FixBegun => drop(last.acknowledged.get_or_insert(at)),
                What::FixClaimed => {
                    last.acknowledged.get_or_insert(at);
                    claimed = true;
                }
                What::ClaimRefused => drop(last.first_claim.get_or_insert((false, at))),
                What::Recovered => {
                    if claimed {
                        last.first_claim.get_or_insert((true, at));
                    }
                    last.ended = Some((Outcome::Fixed, at));
                }
                What::CalledFalse => last.ended = Some((Outcome::False, at)),
                What::LeftAsItIs | What::CalledDuplicate => last.ended = Some((Outcome::Aside, at)),
                _ => {}
            }
        }
        told
    }

    /// How often it was closed in `window`.
    pub fn closings(&self, window: &Window) -> u64 {
        let closings = self.moves.iter().filter(|m| m.what == What::Closed && window.holds(m.at));
        closings.count() as u64
    }

    /// When customers of its journey met it: from when it was first seen, or seen again, until a walk got past it. What
    /// people say of it changes nothing, but what was called false was not met.
    pub fn met(&self, to: Moment) -> Vec<(Moment, Moment)> {
        let mut met: Vec<(Moment, Moment)> = Vec::new();
        let (mut since, mut called_false) = (None, false);
        for CaseMove { what, at } in self.moves.iter().copied().filter(|m| m.at < to) {
            match what {
                What::Opened => since = Some(self.first_seen.min(at)),
                What::Reopened => since = Some(at),
                What::CalledFalse => called_false = true,
                What::TakenUp => called_false = false,
                What::Recovered => met.extend(since.take().map(|since| (since, at))),
                _ => {}
            }
        }
        met.extend(since.map(|since| (since, to)));
        if called_false { Vec::new() } else { met }
    }
}
