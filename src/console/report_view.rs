//! A report as its page and its print show it: figures as words, charts as shapes.

use super::chart::{Chart, Series, columns, rows};
use super::lang::Lang;
use super::texts_reports::Texts;
use crate::measure::{Facet, Foreseen, Group, JourneyLine, Opening, Outcome, Report, Share, Spread, Tally, Window};
use crate::moment::Moment;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::time::Duration;

/// Journeys in the chart.
const CHARTED_MAX: usize = 8;
/// Complaints that are listed.
const COMPLAINTS_MAX: usize = 30;
/// Openings that a report lists at most.
const OPENINGS_MAX: usize = 30;

#[derive(Serialize)]
pub(super) struct ReportView {
    week: String,
    from: String,
    to: String,
    owner: Option<String>,
    empty: bool,
    figures: Vec<FigureView>,
    incidents: Chart,
    walks: Chart,
    blocked: Chart,
    journeys: Vec<JourneyView>,
    facets: Vec<FacetView>,
    openings: Vec<OpeningView>,
    openings_cut: bool,
    complaints: Vec<ComplaintView>,
}

#[derive(Serialize)]
struct FigureView {
    name: &'static str,
    value: String,
    says: String,
    /// `bad` where somebody should look.
    tone: &'static str,
}

#[derive(Serialize)]
struct JourneyView {
    title: String,
    app: String,
    walks: u64,
    availability: String,
    blocked: String,
    /// How long work was planned, where it was.
    planned: Option<String>,
    punctual: String,
    steps: String,
}

#[derive(Serialize)]
struct FacetView {
    name: &'static str,
    groups: Vec<GroupView>,
}

#[derive(Serialize)]
struct GroupView {
    name: String,
    opened: u64,
    fixed: u64,
    open: u64,
    detect: String,
    acknowledge: String,
    fix: String,
    in_time: String,
    first_fix: String,
    repeated: String,
    misreported: String,
}

#[derive(Serialize)]
struct OpeningView {
    id: String,
    severity: &'static str,
    headline: String,
    owner: String,
    opened: String,
    again: bool,
    ended: String,
    open: bool,
}

#[derive(Serialize)]
struct ComplaintView {
    page: String,
    reason: &'static str,
    count: u32,
    first: bool,
    foreseen: String,
    missed: bool,
}

/// In whose words, and where.
pub(super) struct Teller<'a> {
    pub lang: Lang,
    pub zone: &'a TimeZone,
}

impl Teller<'_> {
    pub fn view(&self, report: &Report) -> ReportView {
        let r = self.texts();
        let (from, to) = self.days(&report.window);
        let day = |at: Moment| self.time(at, "%m-%d");
        let (opened, fixed): (Vec<u64>, Vec<u64>) = report.days.iter().map(|d| (d.opened, d.fixed)).unzip();
        let labels: Vec<String> = report.days.iter().map(|d| day(d.from)).collect();
        let walks = |of: fn(&crate::measure::WalkCounts) -> u64| report.days.iter().map(|d| of(&d.walks)).collect();
        let stuck: Vec<&JourneyLine> =
            report.journeys.iter().filter(|j| !j.blocked.is_zero()).take(CHARTED_MAX).collect();
        ReportView {
            week: report.week.to_string(),
            from,
            to,
            owner: report.owner.clone(),
            empty: report.is_empty(),
            figures: self.figures(report),
            incidents: columns(
                r.incidents_by_day,
                &labels,
                &[Series::new("opened", r.opened, opened), Series::new("fixed", r.fixed, fixed)],
                false,
            ),
            walks: columns(
                r.walks_by_day,
                &labels,
                &[
                    Series::new("passed", r.passed, walks(|w| w.passed)),
                    Series::new("degraded", r.degraded, walks(|w| w.degraded)),
                    Series::new("failed", r.failed, walks(|w| w.failed)),
                    Series::new("inconclusive", r.inconclusive, walks(|w| w.inconclusive)),
                ],
                true,
            ),
            blocked: rows(
                r.blocked_by_journey,
                stuck.iter().map(|j| (j.title.clone(), j.blocked.as_secs(), self.lasting(j.blocked))),
            ),
            journeys: report.journeys.iter().map(|line| self.journey(line)).collect(),
            facets: Facet::ALL
                .into_iter()
                .map(|facet| self.facet(report, facet))
                .filter(|f| !f.groups.is_empty())
                .collect(),
            openings: report.openings.iter().map(|opening| self.opening(opening)).collect(),
            openings_cut: report.openings.len() >= OPENINGS_MAX && report.tally.opened > OPENINGS_MAX as u64,
            complaints: self.complaints(report),
        }
    }

    /// The first and the last day of `window`.
    pub fn days(&self, window: &Window) -> (String, String) {
        let last = Moment::from_millis(window.ends().as_millis() - 1);
        (self.time(window.from(), "%Y-%m-%d"), self.time(last, "%Y-%m-%d"))
    }

    fn texts(&self) -> &'static Texts {
        self.lang.report_texts()
    }

    fn figures(&self, report: &Report) -> Vec<FigureView> {
        let (r, tally, coverage) = (self.texts(), &report.tally, &report.coverage);
        let plain = |name, value: String, says: &str| FigureView { name, value, says: says.to_owned(), tone: "" };
        let share = |name, share: Share, says: &str| {
            let count = (share.of > 0).then(|| format!("{} / {}", share.hit, share.of));
            let of =
                count.into_iter().chain((!says.is_empty()).then(|| says.to_owned())).collect::<Vec<_>>().join(" · ");
            FigureView { name, value: self.share(share), says: of, tone: "" }
        };
        let bad = |is: bool, figure: FigureView| FigureView { tone: if is { "bad" } else { "" }, ..figure };
        let foreseen = report.leads.foreseen;
        let planned = (!report.planned.is_zero()).then(|| format!("{} {}", r.planned, self.lasting(report.planned)));
        let blocked_says = planned.into_iter().fold(r.blocked_says.to_owned(), |says, more| format!("{says} · {more}"));
        let mut figures = vec![
            share(r.availability, report.outside.available(), r.availability_says),
            bad(!report.blocked.is_zero(), plain(r.blocked, self.lasting(report.blocked), &blocked_says)),
            plain(r.opened, tally.opened.to_string(), r.opened_says),
            plain(r.fixed, tally.fixed.to_string(), r.fixed_says),
            bad(tally.open > 0, plain(r.still_open, tally.open.to_string(), "")),
            self.spread(r.detect, tally.detect, r.detect_says),
            self.spread(r.acknowledge, tally.acknowledge, ""),
            self.spread(r.fix, tally.fix, ""),
            share(r.acknowledged_in_time, tally.acknowledged_in_time, r.in_time_says),
            share(r.fixed_in_time, tally.fixed_in_time, r.in_time_says),
            share(r.first_fix, tally.first_fix, r.first_fix_says),
            share(r.repeated, tally.repeated, r.repeated_says),
            share(r.misreported, tally.misreported, r.misreported_says),
            share(r.coverage, coverage.journeys, r.coverage_says),
            share(r.steps_covered, coverage.steps, r.steps_says),
            share(r.walked, coverage.walked, ""),
            share(r.punctual, coverage.punctual, r.punctual_says),
            bad(
                report.notices.undelivered > 0,
                plain(r.undelivered, report.notices.undelivered.to_string(), r.undelivered_says),
            ),
        ];
        if foreseen.of > 0 {
            figures.push(share(r.foreseen, foreseen, r.foreseen_says));
            let lead = report.leads.lead.map_or_else(|| "–".to_owned(), |lead| self.lasting(lead.median));
            figures.push(plain(r.lead, lead, r.lead_says));
        }
        figures
    }

    fn spread(&self, name: &'static str, spread: Option<Spread>, says: &str) -> FigureView {
        let r = self.texts();
        let value = spread.map_or_else(|| "–".to_owned(), |s| self.lasting(s.median));
        let more = spread.map(|s| format!("{} {}", r.spread_says, self.lasting(s.p90)));
        let says: Vec<String> = more.into_iter().chain((!says.is_empty()).then(|| says.to_owned())).collect();
        FigureView { name, value, says: says.join(" · "), tone: "" }
    }

    fn journey(&self, line: &JourneyLine) -> JourneyView {
        let (walked, all) = line.steps;
        JourneyView {
            title: line.title.clone(),
            app: line.app.clone(),
            walks: line.walks.all(),
            availability: self.share(line.outside.available()),
            blocked: if line.blocked.is_zero() { "–".into() } else { self.lasting(line.blocked) },
            planned: (!line.planned.is_zero()).then(|| self.lasting(line.planned)),
            punctual: self.share(Share { hit: line.punctual, of: line.due }),
            steps: if all == 0 { "–".into() } else { format!("{walked} / {all}") },
        }
    }

    fn facet(&self, report: &Report, facet: Facet) -> FacetView {
        let r = self.texts();
        let name = match facet {
            Facet::Owner => r.by_owner,
            Facet::Channel => r.by_channel,
            Facet::Business => r.by_business,
            Facet::Reason => r.by_reason,
            Facet::Right => r.by_right,
        };
        let groups = report.groups.get(&facet).map_or(&[][..], |groups| groups.as_slice());
        FacetView { name, groups: groups.iter().map(|group| self.group(group)).collect() }
    }

    fn group(&self, group: &Group) -> GroupView {
        let tally: &Tally = &group.tally;
        let median = |spread: Option<Spread>| spread.map_or_else(|| "–".to_owned(), |s| self.lasting(s.median));
        GroupView {
            name: self.group_name(group),
            opened: tally.opened,
            fixed: tally.fixed,
            open: tally.open,
            detect: median(tally.detect),
            acknowledge: median(tally.acknowledge),
            fix: median(tally.fix),
            in_time: self.share(tally.fixed_in_time),
            first_fix: self.share(tally.first_fix),
            repeated: self.share(tally.repeated),
            misreported: self.share(tally.misreported),
        }
    }

    /// What a group is called.
    pub fn group_name(&self, group: &Group) -> String {
        if group.word.is_empty() {
            return self.texts().untagged.to_owned();
        }
        self.lang.pick(&group.zh, &group.en).to_owned()
    }

    fn opening(&self, opening: &Opening) -> OpeningView {
        let ended =
            opening.ended.map(|(how, at)| format!("{} {}", self.outcome(Some(how)), self.time(at, "%m-%d %H:%M")));
        OpeningView {
            id: opening.id.to_string(),
            severity: opening.severity.word(),
            headline: self.lang.of(&opening.headline),
            owner: opening.owner.clone(),
            opened: self.time(opening.opened, "%m-%d %H:%M"),
            again: opening.again,
            open: ended.is_none(),
            ended: ended.unwrap_or_else(|| self.outcome(None).to_owned()),
        }
    }

    /// What became of an opening.
    pub fn outcome(&self, outcome: Option<Outcome>) -> &'static str {
        let r = self.texts();
        match outcome {
            Some(Outcome::Fixed) => r.outcome_fixed,
            Some(Outcome::False) => r.outcome_false,
            Some(Outcome::Aside) => r.outcome_aside,
            None => r.outcome_open,
        }
    }

    fn complaints(&self, report: &Report) -> Vec<ComplaintView> {
        let r = self.texts();
        let view = |(complaint, foreseen, first): &(crate::measure::Complaint, Foreseen, bool)| ComplaintView {
            page: complaint.page.clone(),
            reason: self.lang.one_of(complaint.reason.zh(), complaint.reason.en()),
            count: complaint.count,
            first: *first,
            missed: *foreseen == Foreseen::Missed,
            foreseen: match foreseen {
                Foreseen::Before(lead) => format!("{} {}", r.foreseen_before, self.lasting(*lead)),
                Foreseen::Within => r.foreseen_within.to_owned(),
                Foreseen::Missed => r.foreseen_missed.to_owned(),
            },
        };
        report.leads.lines.iter().take(COMPLAINTS_MAX).map(view).collect()
    }

    /// A share as people read it.
    pub fn share(&self, share: Share) -> String {
        share.permille().map_or_else(|| "–".to_owned(), |permille| format!("{}.{}%", permille / 10, permille % 10))
    }

    /// A length of time in its two largest units.
    pub fn lasting(&self, time: Duration) -> String {
        let minutes = time.as_secs() / 60;
        let unit = |n: u64, zh: &str, en: &str| format!("{n} {}", self.lang.pick(zh, en));
        let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
        let pair = match (days, hours, rest) {
            (0, 0, 0) if time.as_secs() > 0 => return unit(time.as_secs(), "秒", "s"),
            (0, 0, rest) => return unit(rest, "分钟", "min"),
            (0, hours, rest) => (unit(hours, "小时", "h"), (rest > 0).then(|| unit(rest, "分", "min"))),
            (days, hours, _) => (unit(days, "天", "d"), (hours > 0).then(|| unit(hours, "小时", "h"))),
        };
        pair.1.map_or(pair.0.clone(), |rest| format!("{} {rest}", pair.0))
    }

    /// A moment in the zone.
    pub fn time(&self, at: Moment, format: &str) -> String {
        at.timestamp().to_zoned(self.zone.clone()).strftime(format).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_said_in_two_units() {
        let check = |seconds: u64, zh: &str, en: &str| {
            let tell = |lang| Teller { lang, zone: &TimeZone::UTC }.lasting(Duration::from_secs(seconds));
            assert_eq!((tell(Lang::Zh).as_str(), tell(Lang::En).as_str()), (zh, en));
        };
        check(0, "0 分钟", "0 min");
        check(42, "42 秒", "42 s");
        check(120, "2 分钟", "2 min");
        check(3600, "1 小时", "1 h");
        check(5400, "1 小时 30 分", "1 h 30 min");
        check(86_400, "1 天", "1 d");
        check(93_600 + 59, "1 天 2 小时", "1 d 2 h");
    }
}
