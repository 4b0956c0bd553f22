//! What somebody asks for when they declare a window, and why they do not get it.

use super::{Covers, Declared, Window, WindowError};
use crate::actor::{Actor, misleads};
use crate::id::WindowId;
use crate::moment::Moment;
use std::time::Duration;

/// The longest name, in characters.
pub const NAME_CHARS_MAX: usize = 80;
/// The longest reason, in characters.
pub const WHY_CHARS_MAX: usize = 500;
/// The longest window: what lasts longer is no maintenance.
pub const LASTS_MAX: Duration = Duration::from_secs(7 * 24 * 3600);
/// How far ahead a window may be declared.
pub const AHEAD_MAX: Duration = Duration::from_secs(90 * 24 * 3600);
/// Declared windows that are not over, at most.
pub const OPEN_MAX: usize = 200;
/// Who names the present minute means now: whole minutes are what people write.
const NOW_WITHIN: Duration = Duration::from_secs(120);

/// A window that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What it is called.
    pub name: String,
    /// Why.
    pub why: String,
    /// What it is of.
    pub covers: Covers,
    /// When it begins; at once where it is not said.
    pub from: Option<Moment>,
    /// When it ends.
    pub until: Moment,
}

/// What is wrong with what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// It has no name, or one that is none.
    #[error("a window needs a name of one line, of at most {NAME_CHARS_MAX} characters")]
    Name,
    /// It has no reason, or one that is too long.
    #[error("a window needs a reason of one line, of at most {WHY_CHARS_MAX} characters")]
    Why,
    /// It begins in the past: what nobody was told of was not planned.
    #[error("a window cannot begin in the past: what is over by now was not planned")]
    Past,
    /// It begins too far ahead.
    #[error("a window begins within 90 days")]
    Ahead,
    /// It ends before it begins.
    #[error("a window ends after it begins")]
    Order,
    /// It lasts too long, by itself or with those that it touches.
    #[error("a window lasts at most 7 days, together with those that it touches")]
    Long,
}

/// Why a window was not declared, or not ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotDeclared {
    /// What was asked is wrong.
    #[error(transparent)]
    Wrong(#[from] Wrong),
    /// There are too many.
    #[error("{OPEN_MAX} windows are not over yet: end those that nobody needs")]
    TooMany,
    /// There is none of this name.
    #[error("there is no such window")]
    Absent,
    /// It is over already.
    #[error("this window is over")]
    Over,
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] WindowError),
}

impl Asked {
    /// The window, declared by `by` at `now`.
    ///
    /// # Errors
    /// When something is wrong with it.
    pub fn declared(self, by: Actor, now: Moment) -> Result<Window, Wrong> {
        let Self { name, why, covers, from, until } = self;
        let (name, why) = (name.trim().to_owned(), why.trim().to_owned());
        if !reads_as_line(&name, NAME_CHARS_MAX) {
            return Err(Wrong::Name);
        }
        if !reads_as_line(&why, WHY_CHARS_MAX) {
            return Err(Wrong::Why);
        }
        let from = match from {
            Some(from) if now.since(from) > NOW_WITHIN => return Err(Wrong::Past),
            from => from.unwrap_or(now).max(now),
        };
        if from.since(now) > AHEAD_MAX {
            return Err(Wrong::Ahead);
        }
        if until <= from {
            return Err(Wrong::Order);
        }
        if until.since(from) > LASTS_MAX {
            return Err(Wrong::Long);
        }
        let declared = Some(Declared { id: WindowId::fresh(), at: now, ended: None });
        Ok(Window { name, why, by, covers, from, until, declared })
    }
}

/// Whether `text` says something in one line of at most `chars_max` characters, and nothing that is not seen.
pub fn reads_as_line(text: &str, chars_max: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= chars_max && !text.chars().any(misleads)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::from_millis(1_000_000_000);
    const HOUR: i64 = 3_600;

    fn after(seconds: i64) -> Moment {
        Moment::from_millis(NOW.as_millis() + seconds * 1000)
    }

    fn asked() -> Asked {
        let (name, why) = ("核心系统升级".to_owned(), "切换数据库".to_owned());
        Asked { name, why, covers: Covers::default(), from: None, until: after(HOUR) }
    }

    #[test]
    fn a_window_has_an_end_a_reason_and_an_author() {
        let check = |asked: Asked, expected: Result<(i64, i64), Wrong>| {
            let told = asked.clone().declared(Actor::Robot, NOW);
            let told = told.map(|w| (w.from, w.until));
            assert_eq!(told, expected.map(|(from, until)| (after(from), after(until))), "{asked:?}");
        };
        let with = |change: &dyn Fn(&mut Asked)| {
            let mut asked = asked();
            change(&mut asked);
            asked
        };
        check(asked(), Ok((0, HOUR)));
        check(with(&|a| a.from = Some(after(60))), Ok((60, HOUR)));
        // The minute that has begun.
        check(with(&|a| a.from = Some(after(-59))), Ok((0, HOUR)));
        check(with(&|a| a.from = Some(after(-121))), Err(Wrong::Past));
        check(with(&|a| a.from = Some(after(90 * 24 * HOUR + 1))), Err(Wrong::Ahead));
        check(with(&|a| a.until = after(0)), Err(Wrong::Order));
        check(with(&|a| a.until = after(-HOUR)), Err(Wrong::Order));
        check(with(&|a| a.until = after(7 * 24 * HOUR)), Ok((0, 7 * 24 * HOUR)));
        check(with(&|a| a.until = after(7 * 24 * HOUR + 1)), Err(Wrong::Long));
        for wrong in ["", "  ", "a\nb", "a\u{202e}b", &"长".repeat(NAME_CHARS_MAX + 1)] {
            check(with(&|a| a.name = wrong.to_owned()), Err(Wrong::Name));
        }
        for wrong in ["", "\t", "a\rb", &"长".repeat(WHY_CHARS_MAX + 1)] {
            check(with(&|a| a.why = wrong.to_owned()), Err(Wrong::Why));
        }
    }
}
