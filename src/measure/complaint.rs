//! Complaints as the bank counts them, by week, page and reason; and whether the robot knew before the customers said so.

use super::{Met, Share, Spread, Week};
use crate::diagnostic::{Diagnostic, Source};
use crate::finding::route_of;
use crate::moment::Moment;
use crate::tags::{Codes, Dimension, Reason};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The largest file of complaints, in bytes.
pub const COMPLAINTS_BYTES_MAX: usize = 8 * 1024 * 1024;
/// The most rows of one.
pub const COMPLAINT_ROWS_MAX: usize = 100_000;
/// The longest page, in characters.
pub const PAGE_CHARS_MAX: usize = 300;
/// The most of one row.
const COUNT_MAX: u32 = 10_000_000;
/// Mistakes of one file that are told.
const TOLD_MAX: usize = 20;
/// How long an incident that is over may still be what customers complain of.
pub const REMEMBERED: Duration = Duration::from_secs(28 * 24 * 3600);
/// Weeks without a complaint after which the next one is a first one.
pub(super) const QUIET_WEEKS: usize = 4;

const COLUMNS: [[&str; 2]; 4] = [["week", "周"], ["page", "页面"], ["reason", "原因"], ["count", "件数"]];

/// So many complaints of one week, page and reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Complaint {
    /// When they came in.
    pub week: Week,
    /// The page's route, ids folded.
    pub page: String,
    /// What of.
    pub reason: Reason,
    /// How many.
    pub count: u32,
}

/// Reads a CSV with the head `week,page,reason,count`. A reason is named as the standard does, or by the customer's code.
/// Pages that are one route are counted together.
///
/// # Errors
/// Everything that is wrong with it, each with its line.
pub fn read_complaints(source: &Source, codes: &Codes) -> Result<Vec<Complaint>, Vec<Diagnostic>> {
    let wrong = |line: u64, title: String, help: &str| Diagnostic::of_line(source, line, title, help);
    let help = "write `week,page,reason,count`";
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(source.text.as_bytes());
    let head = reader.headers().cloned().map_err(|e| vec![wrong(1, e.to_string(), help)])?;
    let (mut at, mut found) = ([0; 4], Vec::new());
    for (place, names) in at.iter_mut().zip(COLUMNS) {
        let is = |head: &str| names.iter().any(|name| head.trim_start_matches('\u{feff}').eq_ignore_ascii_case(name));
        match head.iter().position(is) {
            Some(column) => *place = column,
            None => found.push(wrong(1, format!("the column `{}` is missing", names[0]), help)),
        }
    }
    if !found.is_empty() {
        return Err(found);
    }
    let (mut counted, mut rows) = (BTreeMap::<(Week, String, Reason), u32>::new(), BTreeSet::new());
    for (n, record) in reader.records().enumerate() {
        let line = record.as_ref().map_or_else(csv::Error::position, csv::StringRecord::position);
        let line = line.map_or(1, csv::Position::line);
        if n >= COMPLAINT_ROWS_MAX {
            found.push(wrong(line, "too many rows".into(), &format!("at most {COMPLAINT_ROWS_MAX} are read")));
            break;
        }
        let read = record.map_err(|_| ("not as many fields as the head".to_owned(), "quote commas".to_owned()));
        match read.and_then(|record| row(at.map(|at| record.get(at).unwrap_or_default().to_owned()), codes)) {
            Ok((raw, complaint)) => {
                if !rows.insert((complaint.week, raw, complaint.reason)) {
                    let title = "this week, page and reason stand here twice".to_owned();
                    found.push(wrong(line, title, "keep one row, with their sum"));
                }
                let count = counted.entry((complaint.week, complaint.page, complaint.reason)).or_default();
                *count = count.saturating_add(complaint.count);
            }
            Err((title, help)) => found.push(wrong(line, title, &help)),
        }
        if found.len() >= TOLD_MAX {
            break;
        }
    }
    if !found.is_empty() {
        return Err(found);
    }
    let all = counted.into_iter();
    Ok(all.map(|((week, page, reason), count)| Complaint { week, page, reason, count }).collect())
}

fn row([week, page, reason, count]: [String; 4], codes: &Codes) -> Result<(String, Complaint), (String, String)> {
    let week: Week =
        week.parse().map_err(|_| (format!("`{}` is no week", short(&week)), "write `2026-W47`".to_owned()))?;
    if page.is_empty() || page.chars().count() > PAGE_CHARS_MAX || page.chars().any(char::is_control) {
        return Err((
            "no page, or one that is too long".into(),
            "write its path or address, such as `/funds/000123`".into(),
        ));
    }
    let name = codes.named(Dimension::Reason, &reason).unwrap_or(&reason);
    let reason = Reason::parse(name)
        .map_err(|unknown| (format!("`{}` is no reason", unknown.text), format!("write one of {}", unknown.names)))?;
    let wrong = || (format!("`{}` is no number of complaints", short(&count)), format!("write 1 to {COUNT_MAX}"));
    let count = count.parse::<u32>().ok().filter(|count| (1..=COUNT_MAX).contains(count)).ok_or_else(wrong)?;
    let route = route_of(&page);
    Ok((page, Complaint { week, page: route, reason, count }))
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Whether the robot knew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreseen {
    /// So long before the week began, at the least.
    Before(Duration),
    /// Not before, but in that week: which came first is not known, since complaints are counted by week.
    Within,
    /// Not at all.
    Missed,
}

/// Complaints of a window beside what the robot saw.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Leads {
    /// Each with whether it was foreseen, and whether it was the first of its page and reason for four weeks.
    pub lines: Vec<(Complaint, Foreseen, bool)>,
    /// How long before the first complaint the robot knew, of first ones that it knew of before their week.
    pub lead: Option<Spread>,
    /// Complaints of what the robot had opened an incident of before their week began, of all.
    pub foreseen: Share,
}

impl Leads {
    /// Of the `complaints` that came in from `first` on; those before it say only what is not new.
    pub(super) fn of(complaints: &[Complaint], first: Week, met: &[Met], zone: &TimeZone) -> Self {
        let mut leads = Self::default();
        let mut times = Vec::new();
        let told: BTreeSet<(Week, &str, Reason)> =
            complaints.iter().map(|complaint| (complaint.week, complaint.page.as_str(), complaint.reason)).collect();
        let mut met_as: BTreeMap<(&str, Reason), Vec<Moment>> = BTreeMap::new();
        for one in met {
            if let Some(reason) = one.reason {
                met_as.entry((&one.page, reason)).or_default().push(one.opened);
            }
        }
        for complaint in complaints.iter().filter(|complaint| complaint.week >= first) {
            let window = complaint.week.window(zone);
            let about = met_as.get(&(complaint.page.as_str(), complaint.reason));
            let seen = about.into_iter().flatten().copied().filter(|seen| *seen < window.to());
            let foreseen = match seen.min() {
                Some(seen) if seen < window.from() => Foreseen::Before(window.from().since(seen)),
                Some(_) => Foreseen::Within,
                None => Foreseen::Missed,
            };
            let mut quiet = std::iter::successors(Some(complaint.week.previous()), |week| Some(week.previous()));
            let again = |week: Week| told.contains(&(week, complaint.page.as_str(), complaint.reason));
            let is_first = !quiet.by_ref().take(QUIET_WEEKS).any(again);
            if let (Foreseen::Before(lead), true) = (foreseen, is_first) {
                times.push(lead);
            }
            leads.foreseen.of += u64::from(complaint.count);
            let before = matches!(foreseen, Foreseen::Before(_));
            leads.foreseen.hit += if before { u64::from(complaint.count) } else { 0 };
            leads.lines.push((complaint.clone(), foreseen, is_first));
        }
        leads.lines.sort_by(|a, b| b.0.count.cmp(&a.0.count).then_with(|| a.0.cmp(&b.0)));
        leads.lead = Spread::of(times);
        leads
    }
}
