//! By when an incident is to be taken up and mended, and whether it was. Pure.

mod hours;
mod rota;

pub use hours::{Hours, OpenDays};
pub use rota::Rota;

use super::{Change, Incident, State, What};
use crate::actor::Actor;
use crate::finding::Severity;
use crate::maintenance::Standstill;
use crate::moment::Moment;
use std::time::Duration;

/// How long people may take, from when who answers for it was to be told that it opened; time in which work is planned is
/// not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// Until somebody says that they know of it.
    pub acknowledge: Duration,
    /// Until a walk gets past it.
    pub fix: Duration,
}

/// Deadlines by severity, and the hours that they wait for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadlines {
    /// Of P1.
    pub p1: Deadline,
    /// Of P2.
    pub p2: Deadline,
    /// Of P3.
    pub p3: Deadline,
    /// When those who answer for incidents want to be told of them.
    pub rota: Rota,
}

/// By when people are to do something about what opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// From when it is counted: when who answers for it was to be told.
    pub from: Moment,
    /// By when somebody is to say that they know of it.
    pub acknowledge: Moment,
    /// By when a walk is to get past it.
    pub fix: Moment,
}

impl Default for Deadlines {
    fn default() -> Self {
        let (minute, day) = (Duration::from_secs(60), Duration::from_secs(24 * 3600));
        Self {
            p1: Deadline { acknowledge: minute * 30, fix: day },
            p2: Deadline { acknowledge: day, fix: day * 7 },
            p3: Deadline { acknowledge: day * 7, fix: day * 30 },
            rota: Rota::default(),
        }
    }
}

impl Deadlines {
    /// By when something is to be done about what opened at `opened`, where `hours` are those in which who answers for it
    /// wants to be told: nobody is late with what they have not heard of. From then on every hour counts, theirs or not.
    pub fn due(&self, severity: Severity, opened: Moment, hours: Option<&Hours>, still: &Standstill) -> Due {
        // What opened while work was planned is told behind it.
        let news = still.until(opened).unwrap_or(opened);
        self.counted(severity, hours.map_or(news, |hours| hours.told_at(severity, news)), still)
    }

    fn counted(&self, severity: Severity, from: Moment, still: &Standstill) -> Due {
        let Deadline { acknowledge, fix } = self.of(severity);
        Due { from, acknowledge: still.after(from, acknowledge), fix: still.after(from, fix) }
    }

    fn of(&self, severity: Severity) -> Deadline {
        match severity {
            Severity::P1 => self.p1,
            Severity::P2 => self.p2,
            Severity::P3 => self.p3,
        }
    }
}

/// What was not done in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Overdue {
    /// Nobody has said that they know of it.
    Acknowledge,
    /// Customers still meet it.
    Fix,
}

impl Overdue {
    /// The word in files and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Overdue::Acknowledge => "acknowledge",
            Overdue::Fix => "fix",
        }
    }

    /// How far an incident has been escalated when it was told: see [`super::Handling::escalated`].
    pub fn level(self) -> u32 {
        match self {
            Overdue::Acknowledge => 1,
            Overdue::Fix => 2,
        }
    }
}

impl Incident {
    /// When it is to be acknowledged and mended by; `None` when nobody waits for it: it is over, set aside, part of
    /// another, or not confirmed.
    pub fn due(&self, deadlines: &Deadlines, still: &Standstill) -> Option<Due> {
        let waits = self.state == State::Open && !self.handling.stage.is_set_aside() && self.parent.is_none();
        let opened = self.opened.filter(|_| waits)?;
        Some(match self.handling.told {
            Some(told) => deadlines.counted(self.severity, told.max(opened), still),
            None => deadlines.due(self.severity, opened, deadlines.rota.of(self), still),
        })
    }

    /// What was not done in time, the worst of it.
    pub fn overdue(&self, now: Moment, deadlines: &Deadlines, still: &Standstill) -> Option<Overdue> {
        let Due { acknowledge, fix, .. } = self.due(deadlines, still)?;
        let unknown = self.handling.acknowledged.is_none();
        match () {
            () if now >= fix => Some(Overdue::Fix),
            () if unknown && now >= acknowledge => Some(Overdue::Acknowledge),
            () => None,
        }
    }
}

/// `before`, told to those who answer for it not being done in time.
pub fn escalated(before: &Incident, overdue: Overdue, at: Moment) -> Change {
    let mut after = before.clone();
    after.handling.escalated = overdue.level();
    after.revision += 1;
    let (walk, before, by) = (after.failing_walk, Some(before.clone()), Actor::Robot);
    let (what, why) = (What::Escalated, overdue.word().to_owned());
    Change { what, before, after, sighting: None, whole: None, walk, at, by, why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::Weekday;
    use jiff::tz::TimeZone;

    /// Of November 2026 in Shanghai; the 20th is a Friday.
    fn at(text: &str) -> Moment {
        let local: jiff::Zoned = format!("2026-11-{text}+08:00[Asia/Shanghai]").parse().unwrap();
        Moment::from_millis(local.timestamp().as_millisecond())
    }

    /// Monday to Friday, 9 to 18.
    fn office() -> Hours {
        let days = Weekday::Monday.cycle_forward().take(5).collect::<Vec<_>>().into();
        Hours { days, from: 9 * 60, to: 18 * 60, zone: TimeZone::get("Asia/Shanghai").unwrap() }
    }

    #[test]
    fn nobody_is_late_with_what_they_were_not_to_be_told_yet() {
        let check =
            |opened: &str, severity: Severity, hours: Option<&Hours>, work: &[(&str, &str)], expected: [&str; 3]| {
                let still = Standstill::of(work.iter().map(|(from, to)| (at(from), at(to))));
                let due = Deadlines::default().due(severity, at(opened), hours, &still);
                let [from, acknowledge, fix] = expected.map(at);
                assert_eq!(due, Due { from, acknowledge, fix }, "{severity:?} opened {opened}, work {work:?}");
            };
        use Severity::{P1, P2, P3};
        let (office, always, idle) = (office(), None, &[][..]);
        let office = Some(&office);
        // To be acknowledged within 30 minutes, a day, a week; mended within a day, a week.
        check("20T20:00", P1, office, idle, ["20T20:00", "20T20:30", "21T20:00"]);
        check("20T20:00", P2, office, idle, ["23T09:00", "24T09:00", "30T09:00"]);
        check("20T20:00", P2, always, idle, ["20T20:00", "21T20:00", "27T20:00"]);
        let weekly = Deadline { acknowledge: Duration::from_secs(7 * 86_400), fix: Duration::from_secs(8 * 86_400) };
        let p3 = Deadlines { p3: weekly, ..Deadlines::default() };
        let due = p3.due(P3, at("14T12:00"), office, &Standstill::default());
        assert_eq!((due.acknowledge, due.fix), (at("23T09:00"), at("24T09:00")));
        // Told within their hours, it is late by the clock: through the night, and the weekend.
        check("19T17:59", P2, office, idle, ["19T17:59", "20T17:59", "26T17:59"]);
        check("20T17:59", P2, office, idle, ["20T17:59", "21T17:59", "27T17:59"]);
        check("19T18:00", P2, office, idle, ["20T09:00", "21T09:00", "27T09:00"]);

        // Work that is over before they are told takes nothing; what lasts into the count stops it.
        check("20T20:00", P2, office, &[("21T10:00", "21T12:00")], ["23T09:00", "24T09:00", "30T09:00"]);
        check("20T20:00", P2, office, &[("20T19:00", "20T22:00")], ["23T09:00", "24T09:00", "30T09:00"]);
        check("20T20:00", P2, office, &[("23T08:00", "23T12:00")], ["23T09:00", "24T12:00", "30T12:00"]);
        check("20T20:00", P2, office, &[("23T22:00", "24T02:00")], ["23T09:00", "24T13:00", "30T13:00"]);
        // What opened amid work is told behind it, and then at their hours.
        let upgrade = &[("23T10:00", "23T20:00")][..];
        check("23T12:00", P1, office, upgrade, ["23T20:00", "23T20:30", "24T20:00"]);
        check("23T12:00", P2, always, upgrade, ["23T20:00", "24T20:00", "30T20:00"]);
        check("15T12:00", P2, office, &[("15T10:00", "16T20:00")], ["17T09:00", "18T09:00", "24T09:00"]);
    }
}
