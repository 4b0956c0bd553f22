//! All windows there are, declared and of the configuration. One is shared by all that ask.

use super::asked::{Asked, LASTS_MAX, NotDeclared, OPEN_MAX, Wrong};
use super::{Ended, Recurring, Standstill, Window, WindowError, WindowLedger, Windows};
use crate::actor::Actor;
use crate::id::WindowId;
use crate::moment::Moment;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// Declared windows that are remembered, at most: those that were over last, and all that are not.
const REMEMBERED_MAX: u32 = 5_000;
/// How far back and ahead of the present windows are looked at: as far as the longest deadline that can be configured.
pub const REACH: Duration = Duration::from_secs(366 * 24 * 3600);
/// How long what was looked up holds, unless something is declared.
const HOLDS_FOR: Duration = Duration::from_secs(3600);

/// All windows there are.
#[derive(Debug, Default)]
pub struct Almanac {
    recurring: Vec<Recurring>,
    declared: RwLock<Vec<Window>>,
    drawn: RwLock<Option<Drawn>>,
}

#[derive(Debug)]
struct Drawn {
    at: Moment,
    windows: Arc<Windows>,
}

/// Windows for people to look at, each list in the order in which it matters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listed {
    /// In force, those that end first before.
    pub now: Vec<Window>,
    /// To come, the next first.
    pub coming: Vec<Window>,
    /// Over or called off, the newest first.
    pub past: Vec<Past>,
}

/// A window that is over; of one of the configuration that came again and again, its newest turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// The window.
    pub window: Window,
    /// From when to when it was in force before, the oldest first.
    pub earlier: Vec<(Moment, Moment)>,
}

impl Past {
    /// How often it was in force.
    pub fn times(&self) -> usize {
        self.earlier.len() + 1
    }

    fn once(window: Window) -> Self {
        Self { window, earlier: Vec::new() }
    }
}

impl Almanac {
    /// That of these windows of the configuration and what `ledger` keeps.
    ///
    /// # Errors
    /// When the ledger fails.
    pub async fn open(recurring: Vec<Recurring>, ledger: &dyn WindowLedger) -> Result<Self, WindowError> {
        let declared = RwLock::new(ledger.windows(REMEMBERED_MAX).await?);
        Ok(Self { recurring, declared, drawn: RwLock::default() })
    }

    /// That of these windows alone.
    pub fn of(recurring: Vec<Recurring>, declared: Vec<Window>) -> Self {
        Self { recurring, declared: RwLock::new(declared), drawn: RwLock::default() }
    }

    /// The windows around `now`.
    pub fn around(&self, now: Moment) -> Arc<Windows> {
        {
            let drawn = self.drawn.read().unwrap_or_else(PoisonError::into_inner);
            let holds = |drawn: &&Drawn| drawn.at <= now && now.since(drawn.at) < HOLDS_FOR;
            if let Some(drawn) = drawn.as_ref().filter(holds) {
                return drawn.windows.clone();
            }
        }
        // Held while it is drawn, so that nothing is declared in between and missed.
        let mut drawn = self.drawn.write().unwrap_or_else(PoisonError::into_inner);
        let windows = Arc::new(self.between(now.before(REACH), now.after(REACH)));
        *drawn = Some(Drawn { at: now, windows: windows.clone() });
        windows
    }

    /// The windows that are in force at some time from `from` up to, not including, `to`.
    pub fn between(&self, from: Moment, to: Moment) -> Windows {
        let declared = self.declared.read().unwrap_or_else(PoisonError::into_inner);
        let met = declared.iter().filter(|window| window.from < to && from < window.over()).cloned();
        Windows::of(met.chain(self.recurring.iter().flat_map(|recurring| recurring.within(from, to))))
    }

    /// The windows that a report of `from` to `to` asks for: those of deadlines that began before it, too.
    pub fn measured(&self, from: Moment, to: Moment) -> Windows {
        self.between(from.before(REACH), to)
    }

    /// Windows for people, as at `now`: those that come within `ahead`, and so many that were over after `since`.
    pub fn listed(&self, now: Moment, ahead: Duration, since: Moment, past_max: usize) -> Listed {
        let mut listed = Listed::default();
        let called_off = |window: &&Window| !window.is_ever() && window.until > since;
        let declared = self.declared.read().unwrap_or_else(PoisonError::into_inner);
        listed.past.extend(declared.iter().filter(called_off).cloned().map(Past::once));
        drop(declared);
        // Of what comes again and again, the next time says enough, and so does the last.
        let mut turns: Vec<Past> = Vec::new();
        for window in self.between(since, now.after(ahead)).all() {
            if window.holds(now) {
                listed.now.push(window.clone());
            } else if now < window.from {
                if !listed.coming.iter().any(|other| other.is_turn_with(window)) {
                    listed.coming.push(window.clone());
                }
            } else if let Some(past) = turns.iter_mut().find(|past| past.window.is_turn_with(window)) {
                past.earlier.push((past.window.from, past.window.over()));
                past.window = window.clone();
            } else if window.declared.is_none() {
                turns.push(Past::once(window.clone()));
            } else {
                listed.past.push(Past::once(window.clone()));
            }
        }
        listed.past.extend(turns);
        listed.now.sort_by_key(Window::over);
        listed.past.sort_by_key(|past| std::cmp::Reverse(past.window.over()));
        listed.past.truncate(past_max);
        listed
    }

    /// Declares a window and keeps it. To be driven to its end: dropped midway, it may leave a window in the ledger that is not in
    /// force.
    ///
    /// # Errors
    /// When something is wrong with it, there are too many, or the ledger fails.
    pub async fn declare(
        &self,
        ledger: &dyn WindowLedger,
        asked: Asked,
        by: Actor,
        now: Moment,
    ) -> Result<Window, NotDeclared> {
        let window = asked.declared(by, now)?;
        if self.not_over(now) >= OPEN_MAX {
            return Err(NotDeclared::TooMany);
        }
        if self.lasts_with(&window) > LASTS_MAX {
            return Err(Wrong::Long.into());
        }
        ledger.keep_window(&window).await?;
        self.change(|declared| adopt(declared, window.clone()));
        Ok(window)
    }

    /// Ends a declared window, or calls it off before it begins; what is over stays as it was. To be driven to its end, as
    /// `declare`.
    ///
    /// # Errors
    /// When there is none, it is over, or the ledger fails.
    pub async fn end(
        &self,
        ledger: &dyn WindowLedger,
        id: WindowId,
        by: Actor,
        now: Moment,
    ) -> Result<Window, NotDeclared> {
        let is_it = |window: &Window| window.declared.as_ref().is_some_and(|declared| declared.id == id);
        let found = {
            let declared = self.declared.read().unwrap_or_else(PoisonError::into_inner);
            declared.iter().find(|window| is_it(window)).cloned()
        };
        let mut window = found.ok_or(NotDeclared::Absent)?;
        if window.over() <= now || window.ended().is_some() {
            return Err(NotDeclared::Over);
        }
        if !ledger.end_window(id, now, &by).await? {
            // What the ledger says holds: a window that it has as ended is not to stay in force here.
            let kept = ledger.windows(REMEMBERED_MAX).await?;
            self.change(|declared| kept.into_iter().for_each(|window| adopt(declared, window)));
            return Err(NotDeclared::Over);
        }
        if let Some(declared) = &mut window.declared {
            declared.ended = Some(Ended { at: now, by });
        }
        self.change(|declared| declared.iter_mut().filter(|other| is_it(other)).for_each(|w| *w = window.clone()));
        Ok(window)
    }

    /// How long nobody is called in one stretch with `window`: one after another, they last as long as all of them.
    fn lasts_with(&self, window: &Window) -> Duration {
        let declared = self.declared.read().unwrap_or_else(PoisonError::into_inner);
        let met = declared.iter().filter(|other| other.is_ever() && other.covers.meets(&window.covers));
        let stretches = Standstill::of(met.chain([window]).map(|window| (window.from, window.over())));
        stretches.around(window.from).map(|(from, to)| to.since(from)).unwrap_or_default()
    }

    fn not_over(&self, now: Moment) -> usize {
        let declared = self.declared.read().unwrap_or_else(PoisonError::into_inner);
        declared.iter().filter(|window| now < window.over()).count()
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Window>)) {
        let mut drawn = self.drawn.write().unwrap_or_else(PoisonError::into_inner);
        change(&mut self.declared.write().unwrap_or_else(PoisonError::into_inner));
        *drawn = None;
    }
}

/// Takes `window` as the ledger has it. What is ended stays so: it may have been read before.
fn adopt(declared: &mut Vec<Window>, window: Window) {
    let id = |window: &Window| window.declared.as_ref().map(|declared| declared.id);
    match declared.iter_mut().find(|known| id(known) == id(&window)) {
        Some(known) if known.ended().is_some() => {}
        Some(known) => *known = window,
        None => declared.push(window),
    }
}
