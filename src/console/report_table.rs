//! A report as tables for other programs: JSON, CSV, a workbook. All of them say the same.

use super::lang::Lang;
use super::report_view::Teller;
use crate::incident::Deadlines;
use crate::measure::{Asked, Facet, Foreseen, Gathered, Outcome, Report, Roster, Share, Spread, Tally, Week};
use crate::moment::Moment;
use jiff::tz::TimeZone;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// What begins a formula in a spreadsheet, wherever the text came from.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
/// Excel's own limit of a sheet's name, in characters.
const SHEET_NAME_CHARS_MAX: usize = 31;

/// One table.
pub(super) struct Table {
    /// The word for programs.
    word: &'static str,
    /// What people call it.
    name: &'static str,
    columns: Vec<(&'static str, &'static str)>,
    rows: Vec<Vec<Cell>>,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Nothing,
    Text(String),
    Count(u64),
    /// A length of time, in minutes.
    Minutes(Duration),
    /// From 0 to 1.
    Share(Share),
}

fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

fn minutes(spread: Option<Spread>, of: fn(&Spread) -> Duration) -> Cell {
    spread.map_or(Cell::Nothing, |spread| Cell::Minutes(of(&spread)))
}

impl Cell {
    /// As a number with so many decimals; `None` of what is none. Rounded as figures are, since it is read, not added up.
    fn number(&self) -> Option<f64> {
        match self {
            Cell::Count(count) => Some(*count as f64),
            Cell::Minutes(time) => Some((time.as_secs_f64() / 6.0).round() / 10.0),
            Cell::Share(share) => share.permille().map(|permille| permille as f64 / 1000.0),
            Cell::Nothing | Cell::Text(_) => None,
        }
    }

    fn json(&self) -> Value {
        match self {
            Cell::Text(text) => json!(text),
            Cell::Count(count) => json!(count),
            other => json!(other.number()),
        }
    }

    /// For a spreadsheet that reads what looks like a formula as one.
    fn csv(&self) -> String {
        match self {
            Cell::Text(text) if text.starts_with(FORMULA) => format!("'{text}"),
            Cell::Text(text) => text.clone(),
            Cell::Count(count) => count.to_string(),
            other => other.number().map(|number| number.to_string()).unwrap_or_default(),
        }
    }
}

/// Every table of `report`.
pub(super) fn tables(report: &Report, lang: Lang, zone: &TimeZone) -> Vec<Table> {
    let teller = Teller { lang, zone };
    vec![
        overview(report, lang),
        days(report, &teller),
        journeys(report, lang),
        groups(report, &teller),
        openings(report, &teller),
        complaints(report, lang),
    ]
}

fn overview(report: &Report, lang: Lang) -> Table {
    let (r, tally, coverage) = (lang.report_texts(), &report.tally, &report.coverage);
    let mut rows = vec![
        vec![text(r.week), text(report.week.to_string()), Cell::Nothing],
        vec![text(r.owner), text(report.owner.as_deref().unwrap_or(r.all_owners)), Cell::Nothing],
    ];
    let mut plain = |name: &str, cell: Cell| rows.push(vec![text(name), cell, Cell::Nothing]);
    plain(r.blocked, Cell::Minutes(report.blocked));
    plain(r.planned, Cell::Minutes(report.planned));
    plain(r.opened, Cell::Count(tally.opened));
    plain(r.reopened, Cell::Count(tally.reopened));
    plain(r.fixed, Cell::Count(tally.fixed));
    plain(r.closed, Cell::Count(tally.closed));
    plain(r.still_open, Cell::Count(tally.open));
    plain(r.undelivered, Cell::Count(report.notices.undelivered));
    for (name, spread) in
        [(r.detect, tally.detect), (r.acknowledge, tally.acknowledge), (r.fix, tally.fix), (r.lead, report.leads.lead)]
    {
        plain(&format!("{name}: {}", r.median_minutes), minutes(spread, |s| s.median));
        plain(&format!("{name}: {}", r.p90_minutes), minutes(spread, |s| s.p90));
    }
    let shares = [
        (r.availability, report.outside.available()),
        (r.acknowledged_in_time, tally.acknowledged_in_time),
        (r.fixed_in_time, tally.fixed_in_time),
        (r.first_fix, tally.first_fix),
        (r.repeated, tally.repeated),
        (r.misreported, tally.misreported),
        (r.coverage, coverage.journeys),
        (r.steps_covered, coverage.steps),
        (r.walked, coverage.walked),
        (r.punctual, coverage.punctual),
        (r.foreseen, report.leads.foreseen),
    ];
    rows.extend(shares.map(|(name, share)| vec![text(name), Cell::Share(share), Cell::Count(share.of)]));
    let columns = vec![("figure", r.figure), ("value", r.value), ("of", r.of)];
    Table { word: "overview", name: r.overview, columns, rows }
}

fn days(report: &Report, teller: &Teller<'_>) -> Table {
    let r = teller.lang.report_texts();
    let columns = vec![
        ("day", r.day),
        ("opened", r.opened),
        ("fixed", r.fixed),
        ("passed", r.passed),
        ("degraded", r.degraded),
        ("failed", r.failed),
        ("inconclusive", r.inconclusive),
    ];
    let row = |day: &crate::measure::Day| {
        let walks = day.walks;
        let counts = [day.opened, day.fixed, walks.passed, walks.degraded, walks.failed, walks.inconclusive];
        std::iter::once(text(teller.time(day.from, "%Y-%m-%d"))).chain(counts.map(Cell::Count)).collect()
    };
    Table { word: "days", name: r.day, columns, rows: report.days.iter().map(row).collect() }
}

fn journeys(report: &Report, lang: Lang) -> Table {
    let r = lang.report_texts();
    let columns = vec![
        ("journey", r.journey),
        ("title", r.name),
        ("app", r.app),
        ("passed", r.passed),
        ("degraded", r.degraded),
        ("failed", r.failed),
        ("inconclusive", r.inconclusive),
        ("availability", r.availability),
        ("blocked_minutes", r.minutes_blocked),
        ("planned_minutes", r.minutes_planned),
        ("due", r.due),
        ("walked", r.walked_of),
        ("punctual", r.punctual_of),
        ("steps_walked", r.steps_walked),
        ("steps", r.steps_all),
    ];
    let row = |line: &crate::measure::JourneyLine| {
        let walks = line.walks;
        let mut row = vec![text(line.journey.as_str()), text(&line.title), text(&line.app)];
        row.extend([walks.passed, walks.degraded, walks.failed, walks.inconclusive].map(Cell::Count));
        let share = Cell::Share(line.outside.available());
        row.extend([share, Cell::Minutes(line.blocked), Cell::Minutes(line.planned)]);
        let (steps_walked, steps) = line.steps;
        let counts = [line.due, line.walked, line.punctual, u64::from(steps_walked), u64::from(steps)];
        row.extend(counts.map(Cell::Count));
        row
    };
    Table { word: "journeys", name: r.journeys, columns, rows: report.journeys.iter().map(row).collect() }
}

fn groups(report: &Report, teller: &Teller<'_>) -> Table {
    let r = teller.lang.report_texts();
    let columns = vec![
        ("dimension", r.dimension),
        ("key", r.figure),
        ("name", r.name),
        ("opened", r.opened),
        ("reopened", r.reopened),
        ("fixed", r.fixed),
        ("closed", r.closed),
        ("open", r.still_open),
        ("detect_median_minutes", r.detect),
        ("acknowledge_median_minutes", r.acknowledge),
        ("fix_median_minutes", r.fix),
        ("acknowledged_in_time", r.acknowledged_in_time),
        ("fixed_in_time", r.fixed_in_time),
        ("first_fix", r.first_fix),
        ("repeated", r.repeated),
        ("misreported", r.misreported),
    ];
    let name = |facet: Facet| match facet {
        Facet::Owner => r.owner,
        Facet::Channel => r.channel,
        Facet::Business => r.business,
        Facet::Reason => r.reason,
        Facet::Right => r.rights,
    };
    let mut rows = Vec::new();
    for (facet, groups) in &report.groups {
        for group in groups {
            let tally: &Tally = &group.tally;
            let mut row = vec![text(name(*facet)), text(&group.word), text(teller.group_name(group))];
            row.extend([tally.opened, tally.reopened, tally.fixed, tally.closed, tally.open].map(Cell::Count));
            row.extend([tally.detect, tally.acknowledge, tally.fix].map(|spread| minutes(spread, |s| s.median)));
            let shares =
                [tally.acknowledged_in_time, tally.fixed_in_time, tally.first_fix, tally.repeated, tally.misreported];
            row.extend(shares.map(Cell::Share));
            rows.push(row);
        }
    }
    Table { word: "groups", name: r.dimension, columns, rows }
}

fn openings(report: &Report, teller: &Teller<'_>) -> Table {
    let r = teller.lang.report_texts();
    let columns = vec![
        ("incident", r.figure),
        ("severity", r.severity),
        ("headline", r.what_met),
        ("owner", r.owner),
        ("opened", r.opened_at),
        ("reopened", r.came_back),
        ("outcome", r.ended),
        ("ended", r.fixed),
    ];
    let row = |opening: &crate::measure::Opening| {
        let ended = opening.ended.map_or(Cell::Nothing, |(_, at)| text(teller.time(at, "%Y-%m-%d %H:%M")));
        let how: Option<Outcome> = opening.ended.map(|(how, _)| how);
        vec![
            text(opening.id.to_string()),
            text(opening.severity.word()),
            text(teller.lang.of(&opening.headline)),
            text(&opening.owner),
            text(teller.time(opening.opened, "%Y-%m-%d %H:%M")),
            Cell::Count(u64::from(opening.again)),
            text(teller.outcome(how)),
            ended,
        ]
    };
    Table { word: "openings", name: r.openings, columns, rows: report.openings.iter().map(row).collect() }
}

fn complaints(report: &Report, lang: Lang) -> Table {
    let r = lang.report_texts();
    let columns = vec![
        ("page", r.page),
        ("reason", r.reason),
        ("count", r.count),
        ("first", r.first_time),
        ("foreseen", r.foreseen),
        ("lead_minutes", r.lead_minutes),
    ];
    let row = |(complaint, foreseen, first): &(crate::measure::Complaint, Foreseen, bool)| {
        let (said, lead) = match foreseen {
            Foreseen::Before(lead) => (r.foreseen_before, Cell::Minutes(*lead)),
            Foreseen::Within => (r.foreseen_within, Cell::Nothing),
            Foreseen::Missed => (r.foreseen_missed, Cell::Nothing),
        };
        let reason = lang.one_of(complaint.reason.zh(), complaint.reason.en());
        let count = Cell::Count(u64::from(complaint.count));
        vec![text(&complaint.page), text(reason), count, Cell::Count(u64::from(*first)), text(said), lead]
    };
    Table { word: "complaints", name: r.complaints, columns, rows: report.leads.lines.iter().map(row).collect() }
}

/// Each table's word with the words of its columns: those of a report of nothing.
pub(super) fn columns() -> Vec<(&'static str, Vec<&'static str>)> {
    let now = Moment::from_millis(0);
    let asked = Asked {
        week: Week::holding(now, &TimeZone::UTC),
        now,
        zone: TimeZone::UTC,
        owner: None,
        deadlines: Deadlines::default(),
        roster: Roster::default(),
        windows: Default::default(),
    };
    let nothing = Report::of(&Gathered::default(), &asked);
    let words = |table: Table| (table.word, table.columns.iter().map(|(word, _)| *word).collect());
    tables(&nothing, Lang::En, &TimeZone::UTC).into_iter().map(words).collect()
}

/// The tables by their words, each row by its columns' words.
pub(super) fn as_json(tables: &[Table]) -> Map<String, Value> {
    let row = |table: &Table, row: &Vec<Cell>| {
        let fields = table.columns.iter().zip(row).map(|((word, _), cell)| ((*word).to_owned(), cell.json()));
        Value::Object(fields.collect())
    };
    let told = tables.iter().map(|table| {
        let rows = table.rows.iter().map(|cells| row(table, cells)).collect();
        (table.word.to_owned(), Value::Array(rows))
    });
    told.collect()
}

/// The tables under one another, a blank line between; with the mark that tells spreadsheets that it is UTF-8. What they
/// would take for a formula is quoted.
///
/// # Errors
/// When they cannot be written, which memory does not refuse.
pub(super) fn as_csv(tables: &[Table]) -> Result<String, csv::Error> {
    let mut out = String::from("\u{feff}");
    for table in tables.iter().filter(|table| !table.rows.is_empty()) {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        writer.write_record(table.columns.iter().map(|(_, name)| text(*name).csv()))?;
        for row in &table.rows {
            writer.write_record(row.iter().map(Cell::csv))?;
        }
        let written = writer.into_inner().map_err(|e| csv::Error::from(e.into_error()))?;
        if out.len() > '\u{feff}'.len_utf8() {
            out.push_str("\r\n");
        }
        out.push_str(&String::from_utf8_lossy(&written));
    }
    Ok(out)
}

/// The tables as sheets of a workbook. Texts are written as texts: no formula comes of any.
///
/// # Errors
/// When a sheet takes no more.
pub(super) fn as_workbook(tables: &[Table]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let (head, share, minutes) =
        (Format::new().set_bold(), Format::new().set_num_format("0.0%"), Format::new().set_num_format("0.0"));
    for table in tables.iter().filter(|table| !table.rows.is_empty()) {
        let sheet = book.add_worksheet();
        let name: String = table.name.chars().filter(|c| !"[]:*?/\\".contains(*c)).take(SHEET_NAME_CHARS_MAX).collect();
        sheet.set_name(name)?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, (_, name)) in (0_u16..).zip(&table.columns) {
            sheet.write_string_with_format(0, column, *name, &head)?;
        }
        for (at, row) in (1_u32..).zip(&table.rows) {
            for (column, cell) in (0_u16..).zip(row) {
                match (cell, cell.number()) {
                    (Cell::Text(text), _) => {
                        sheet.write_string(at, column, text)?;
                    }
                    (Cell::Share(_), Some(number)) => {
                        sheet.write_number_with_format(at, column, number, &share)?;
                    }
                    (Cell::Minutes(_), Some(number)) => {
                        sheet.write_number_with_format(at, column, number, &minutes)?;
                    }
                    (_, Some(number)) => {
                        sheet.write_number(at, column, number)?;
                    }
                    (_, None) => {}
                }
            }
        }
        sheet.autofit();
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_written_is_a_formula() {
        let check = |said: &str, expected: &str| assert_eq!(text(said).csv(), expected);
        check("=1+1", "'=1+1");
        check("@SUM(A1)", "'@SUM(A1)");
        check("-2+3", "'-2+3");
        check("+86 10", "'+86 10");
        check("\t=1", "'\t=1");
        check("\r=1", "'\r=1");
        check("a=b", "a=b");
        check("", "");
        assert_eq!(Cell::Share(Share { hit: 1, of: 8 }).csv(), "0.125");
        assert_eq!(Cell::Share(Share::default()).csv(), "");
        assert_eq!(Cell::Minutes(Duration::from_secs(90)).csv(), "1.5");
        let table = Table {
            word: "t",
            name: "t",
            columns: vec![("a", "A"), ("b", "B")],
            rows: vec![vec![text("=HYPERLINK(\"http://x\",\"y\")"), Cell::Count(3)]],
        };
        let written = as_csv(std::slice::from_ref(&table)).unwrap();
        assert_eq!(written, "\u{feff}A,B\r\n\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",3\r\n");
        assert_eq!(as_workbook(&[table]).unwrap()[..2], *b"PK");
    }
}
