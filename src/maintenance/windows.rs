//! Windows around a time, and what they say of a journey.

use super::{Standstill, Window};
use crate::id::JourneyId;
use crate::moment::Moment;

/// Windows, by their beginning; none that was called off.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Windows(Vec<Window>);

impl Windows {
    /// These, in any order.
    pub fn of(windows: impl IntoIterator<Item = Window>) -> Self {
        let mut all: Vec<Window> = windows.into_iter().filter(Window::is_ever).collect();
        all.sort_by(|a, b| (a.from, a.until, &a.name).cmp(&(b.from, b.until, &b.name)));
        Self(all)
    }

    /// All of them.
    pub fn all(&self) -> &[Window] {
        &self.0
    }

    /// Those of `journey` through `app`.
    pub fn over<'w, 'j>(
        &'w self,
        app: &'j str,
        journey: &'j JourneyId,
    ) -> impl Iterator<Item = &'w Window> + use<'w, 'j> {
        self.0.iter().filter(move |window| window.covers.holds(app, journey))
    }

    /// When clocks stand still for `journey` through `app`.
    pub fn standstill(&self, app: &str, journey: &JourneyId) -> Standstill {
        Standstill::of(self.over(app, journey).map(|window| (window.from, window.over())))
    }

    /// The window in force at some time from `from` to `to`, both included, that is over last.
    pub fn amid(&self, app: &str, journey: &JourneyId, from: Moment, to: Moment) -> Option<&Window> {
        let met = |window: &&Window| window.from <= to && from < window.over();
        self.over(app, journey).filter(met).max_by_key(|window| window.over())
    }

    /// The newest window that was over after `after` and no later than `upto`.
    pub fn over_since(&self, app: &str, journey: &JourneyId, after: Moment, upto: Moment) -> Option<&Window> {
        let ended = |window: &&Window| after < window.over() && window.over() <= upto;
        self.over(app, journey).filter(ended).max_by_key(|window| window.over())
    }
}
