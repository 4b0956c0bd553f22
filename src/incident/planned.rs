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
}
