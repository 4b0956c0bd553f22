//! The due times of one journey.

use super::hours::{self, Days, Hours};
use crate::id::JourneyId;
use crate::moment::Moment;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;
use sha2::Digest;
use std::time::Duration;

/// No journey is walked more often than this.
pub const PERIOD_SHORTEST: Duration = Duration::from_secs(5);
/// Of more missed slots than this only the newest are listed; all are counted.
pub const MISSED_LISTED_MAX: usize = 1_000;
/// Slots further back than this are not looked for: a week's absence is told, not counted.
const LOOK_BACK: Duration = Duration::from_secs(7 * 24 * 3600);

/// No clock was ever set forward by more than a day.
const GAP_HOURS_MAX: u64 = 48;
/// How far a clock change moves an opening at most, by day.
const CHANGE_LONGEST: Duration = Duration::from_secs(2 * 3600);

/// Why a schedule is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// The period is too short or too long.
    #[error("`every` must be between 5 s and 366 days, got {0:?}")]
    Period(Duration),
    /// The jitter moves a slot beyond the next one.
    #[error("the jitter {jitter:?} must be shorter than the period {period:?}")]
    Jitter {
        /// As given.
        jitter: Duration,
        /// As given.
        period: Duration,
    },
    /// The pattern cannot be read.
    #[error(
        "`{pattern}` is not a cron pattern ({said}): write minute, hour, day, month, weekday, such as `*/10 8-20 * * 1-5`"
    )]
    Cron {
        /// As written.
        pattern: String,
        /// What is wrong with it.
        said: String,
    },
    /// The pattern never falls due.
    #[error("`{0}` never falls due: is there such a day?")]
    Never(String),
    /// The zone is not known, or several.
    #[error(
        "`{0}` is not a time zone: write its IANA name, such as `Asia/Shanghai` or `UTC`; abbreviations mean several zones"
    )]
    Zone(String),
    /// The part of the day cannot be read.
    #[error("`{0}` is not a part of the day: write `07:00-23:00`, or `22:00-06:00` for one over midnight")]
    Hours(String),
    /// The days cannot be read.
    #[error("`{0}` are not days of the week: write `mon-fri` or `mon,wed,sat-sun`")]
    Days(String),
}

/// The zone with this IANA name. `CST` and the like mean several zones and are refused.
pub fn zone(name: &str) -> Result<TimeZone, ScheduleError> {
    let told = || ScheduleError::Zone(name.to_owned());
    if name != "UTC" && !name.contains('/') {
        return Err(told());
    }
    TimeZone::get(name).map_err(|_| told())
}

/// When a journey falls due.
#[derive(Debug, Clone)]
pub struct Schedule {
    beat: Beat,
    zone: TimeZone,
    hours: Option<Hours>,
    days: Days,
    jitter: Duration,
    /// Further times of the same journey.
    also: Vec<Schedule>,
}

#[derive(Debug, Clone)]
enum Beat {
    Every(Duration),
    Cron(Box<Cron>),
}

/// What is due of a journey.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Due {
    /// The slot to walk now, if any: the newest. Older ones are not caught up one by one.
    pub slot: Option<Moment>,
    /// Slots that passed without a walk, oldest first: the newest `MISSED_LISTED_MAX` of them.
    pub missed: Vec<Moment>,
    /// How many passed without a walk, in the last week.
    pub missed_count: u64,
}

impl Due {
    /// Both together, each due time once.
    fn and(self, other: Due) -> Self {
        let slot = self.slot.max(other.slot);
        let mut missed: Vec<Moment> =
            self.missed.into_iter().chain(other.missed).chain([self.slot, other.slot].into_iter().flatten()).collect();
        missed.retain(|at| Some(*at) != slot);
        missed.sort_unstable();
        missed.dedup();
        let unlisted = (self.missed_count + other.missed_count).saturating_sub(2 * MISSED_LISTED_MAX as u64);
        let missed_count = missed.len() as u64 + unlisted;
        let excess = missed.len().saturating_sub(MISSED_LISTED_MAX);
        missed.drain(..excess);
        Self { slot, missed, missed_count }
    }

    /// Gives the slot up too: the walk before is still under way, or nobody is free.
    pub fn given_up(mut self) -> Self {
        if let Some(slot) = self.slot.take() {
            self.missed.push(slot);
            self.missed_count += 1;
        }
        self
    }
}

impl Schedule {
    /// Every `period`, on a grid that starts in 1970: the same slots after a restart and on every machine.
    pub fn every(period: Duration) -> Result<Self, ScheduleError> {
        let right = (PERIOD_SHORTEST..=Duration::from_secs(366 * 86_400)).contains(&period);
        if right { Ok(Self::of(Beat::Every(period), TimeZone::UTC)) } else { Err(ScheduleError::Period(period)) }
    }

    /// By a cron pattern of five fields, read in `zone`. A time that a clock change skips falls due when the
    /// gap ends; one that it repeats falls due once, unless the hour is a wildcard.
    pub fn cron(pattern: &str, zone: TimeZone) -> Result<Self, ScheduleError> {
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let said = |said: String| ScheduleError::Cron { pattern: pattern.to_owned(), said };
        let cron = parser.parse(pattern).map_err(|e| said(e.to_string()))?;
        // Asked once, where there are no gaps: a day no calendar has is looked for in every year there is.
        let start = Moment::from_millis(0).timestamp().to_zoned(TimeZone::UTC);
        match cron.find_next_occurrence(&start, false) {
            Ok(_) => Ok(Self::of(Beat::Cron(Box::new(cron)), zone)),
            Err(_) => Err(ScheduleError::Never(pattern.to_owned())),
        }
    }

    fn of(beat: Beat, zone: TimeZone) -> Self {
        Self { beat, zone, hours: None, days: Days::ALL, jitter: Duration::ZERO, also: Vec::new() }
    }

    /// Only in these hours of these days, read in `zone`.
    pub fn within(mut self, hours: Option<Hours>, days: Days, zone: TimeZone) -> Self {
        (self.hours, self.days) = (hours, days);
        if matches!(self.beat, Beat::Every(_)) {
            self.zone = zone;
        }
        self
    }

    /// Each journey falls due later by its own constant share of `jitter`, so that not all begin at once.
    pub fn spread(mut self, jitter: Duration) -> Result<Self, ScheduleError> {
        match self.beat {
            Beat::Every(period) if jitter >= period => Err(ScheduleError::Jitter { jitter, period }),
            _ => {
                self.jitter = jitter;
                Ok(self)
            }
        }
    }

    /// The due times of both, each once: a journey in two patrols is still one journey.
    pub fn joined(mut self, other: Schedule) -> Self {
        self.also.push(other);
        self
    }

    /// The first slot of `journey` after `after`; `None` when there is none that a calendar can name.
    pub fn next(&self, journey: &JourneyId, after: Moment) -> Option<Moment> {
        let others = self.also.iter().filter_map(|other| other.next(journey, after));
        self.next_own(journey, after).into_iter().chain(others).min()
    }

    /// The first time after `after` by the beat alone, for what is of no one journey.
    pub fn next_for_all(&self, after: Moment) -> Option<Moment> {
        self.nominal_after(after)
    }

    fn next_own(&self, journey: &JourneyId, after: Moment) -> Option<Moment> {
        let late = self.lateness(journey);
        let mut nominal = self.nominal_after(earlier(after, late))?;
        // A week holds every part of the day and of the week; a year the rarest pattern's neighbours.
        let end = nominal.after(Duration::from_secs(366 * 86_400));
        while !self.open_at(nominal) {
            nominal = self.nominal_after(self.shut_until(nominal)).filter(|n| *n < end)?;
        }
        Some(nominal.after(late))
    }

    /// What is due at `now` when `after` was the last slot dealt with; `None` for a journey never walked,
    /// which is then due at once if it is walked by period, and at its next time if by cron.
    pub fn due(&self, journey: &JourneyId, after: Option<Moment>, now: Moment) -> Due {
        let others = self.also.iter().map(|other| other.due(journey, after, now));
        others.fold(self.due_own(journey, after, now), Due::and)
    }

    fn due_own(&self, journey: &JourneyId, after: Option<Moment>, now: Moment) -> Due {
        let fresh = match self.beat {
            Beat::Every(period) => earlier(now, period),
            Beat::Cron(_) => now,
        };
        // A last slot in the future was dealt with by a clock that was wrong: begin anew rather than stand still.
        let after = after.filter(|after| *after <= now).unwrap_or(fresh).max(earlier(now, LOOK_BACK));
        let mut passed = std::collections::VecDeque::new();
        let mut count = 0;
        let mut slot = self.next_own(journey, after);
        while let Some(at) = slot.filter(|at| *at <= now) {
            count += 1;
            passed.push_back(at);
            if passed.len() > MISSED_LISTED_MAX + 1 {
                passed.pop_front();
            }
            slot = self.next_own(journey, at);
        }
        let newest = passed.pop_back();
        let due = Due { slot: newest, missed: passed.into(), missed_count: u64::max(count, 1) - 1 };
        // Caught up late, but not outside the hours: the app may be closed by now.
        if self.open_at(earlier(now, self.lateness(journey))) { due } else { due.given_up() }
    }

    /// The constant share of the jitter that `journey` falls due later by, in whole seconds.
    fn lateness(&self, journey: &JourneyId) -> Duration {
        let digest = sha2::Sha256::digest(journey.as_str().as_bytes());
        let number = digest.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        Duration::from_secs(number.checked_rem(self.jitter.as_secs()).unwrap_or(0))
    }

    fn open_at(&self, at: Moment) -> bool {
        let always = self.hours.is_none() && self.days == Days::ALL;
        always || hours::holds(self.hours, self.days, &at.timestamp().to_zoned(self.zone.clone()))
    }

    /// A time, `at` or later, up to which nothing is open: where the day shuts out a whole night or a weekend, nobody
    /// tries every minute of it. Well before the opening, because a clock change may move it.
    fn shut_until(&self, at: Moment) -> Moment {
        let opening = hours::opening_after(self.hours, self.days, &at.timestamp().to_zoned(self.zone.clone()));
        let opening = opening.map(|opening| Moment::from_millis(opening.timestamp().as_millisecond()));
        opening.map_or(at, |opening| earlier(opening, CHANGE_LONGEST).max(at))
    }

    /// The first time after `after` by the beat alone.
    fn nominal_after(&self, after: Moment) -> Option<Moment> {
        match &self.beat {
            Beat::Every(period) => {
                let period = i64::try_from(period.as_millis()).ok()?;
                let slots = after.as_millis().div_euclid(period).checked_add(1)?;
                slots.checked_mul(period).map(Moment::from_millis)
            }
            Beat::Cron(cron) => (0..=GAP_HOURS_MAX).find_map(|hours| {
                // The search gives up in a gap of more than two hours, as where the date line moved: go on behind it.
                let from = after.after(Duration::from_secs(hours * 3600));
                let next = cron.find_next_occurrence(&from.timestamp().to_zoned(self.zone.clone()), false).ok()?;
                Some(Moment::from_millis(next.timestamp().as_millisecond())).filter(|next| *next > after)
            }),
        }
    }
}

fn earlier(at: Moment, by: Duration) -> Moment {
    Moment::from_millis(at.as_millis().saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
}
