//! What a maintenance window means for an incident: whether planned work may be what customers meet.

use super::{Incident, Kind};
use crate::maintenance::{Standstill, Window, Windows};
use crate::moment::Moment;

/// Detectors of what no planned work excuses: that the robot all but did what it never may, that customers' data are shown or
/// one sees another's, that an order goes out twice, that somebody else's script runs in the page. It is told at once,
/// whatever is planned.
pub const NEVER_PLANNED: [&str; 5] =
    ["double-submit", "foreign-data", "foreign-script", "guard-stopped", "unmasked-pii"];

impl Incident {
    /// Whether planned work may be behind it. The watch's own trouble is no work on the app: during the window, too, somebody
    /// has to know that nobody looks.
    pub fn may_be_planned(&self) -> bool {
        self.kind == Kind::App && !NEVER_PLANNED.contains(&self.detector.as_str())
    }

    /// When the clocks that run against people stand still for it.
    pub fn standstill(&self, windows: &Windows) -> Standstill {
        if self.may_be_planned() { windows.standstill(&self.app, &self.journey) } else { Standstill::default() }
    }

    /// The window that keeps it quiet at `at`.
    pub fn kept_quiet_by<'w>(&self, windows: &'w Windows, at: Moment) -> Option<&'w Window> {
        self.kept_quiet_amid(windows, at, at)
    }

    /// The window that keeps quiet what somebody saw of it from `from` to `to`.
    pub fn kept_quiet_amid<'w>(&self, windows: &'w Windows, from: Moment, to: Moment) -> Option<&'w Window> {
        windows.amid(&self.app, &self.journey, from, to).filter(|_| self.may_be_planned())
    }

    /// The end of the stretch of windows in which it opened, where no walk has seen it since: nobody was told of it. In doubt,
    /// somebody was: whoever hears of an end too many is better off than whoever waits for one.
    pub fn untold(&self, windows: &Windows) -> Option<Moment> {
        self.unseen_since(windows, self.opened?)
    }

    /// Whether a walk found it worse in a window, and none has seen it behind that: nobody was told.
    pub fn is_worse_untold(&self, windows: &Windows) -> bool {
        self.handling.worsened.is_some_and(|worsened| self.unseen_since(windows, worsened).is_some())
    }

    /// The stretch of windows in which a walk saw it last.
    pub fn seen_amid(&self, windows: &Windows) -> Option<(Moment, Moment)> {
        self.standstill(windows).around(self.last_seen)
    }

    /// The end of the stretch of windows in which a walk ended at `then` or began, where none has seen it behind that.
    fn unseen_since(&self, windows: &Windows, then: Moment) -> Option<Moment> {
        // The walk that ended then began when it was seen last, where no other has seen it since.
        let still = self.standstill(windows);
        if self.last_seen <= then {
            return self.kept_quiet_amid(windows, self.last_seen, then).and_then(|window| still.until(window.from));
        }
        // Windows that touch are one; another night's is another.
        still.until(then).filter(|over| still.until(self.last_seen) == Some(*over))
    }

    /// Whether people were called for it since it opened last whatever was planned: it was let lie, or somebody was named.
    pub fn was_called_for(&self) -> bool {
        let handling = &self.handling;
        handling.escalated > 0 || (handling.assignee.is_some() && handling.since > self.opened)
    }
}
