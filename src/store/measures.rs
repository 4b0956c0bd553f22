//! What reports are made of, counted where it lies: each statement reads a stretch of an index, never a whole table.

use super::row::Read;
use super::{Store, audit, handling, trouble};
use crate::audit::{Action, Detail, Draft, Object};
use crate::finding::Bilingual;
use crate::id::{IncidentId, JourneyId};
use crate::incident::{Handling, Kind, LedgerError};
use crate::measure::{
    Case, CaseMove, Complaint, DayWalks, Gathered, Intake, JourneySlots, Met, NoticeCount, PUNCTUAL_WITHIN, REMEMBERED,
    Records, WalkCounts, Week, Window,
};
use crate::moment::Moment;
use crate::tags::{Facts, Reason, Rules, Tags};
use crate::walk::Verdict;
use sqlx::any::AnyRow;
use std::collections::{BTreeMap, BTreeSet};

/// Incidents of one page that are held beside its complaints.
const MET_MAX: i64 = 100;

pub(super) const WALKS: &str = "SELECT journey, verdict, COUNT(*) AS tally, MAX(steps_walked) AS walked, MAX(steps) AS steps \
    FROM walks WHERE started >= $1 AND started < $2 AND purpose <> 'confirm' GROUP BY journey, verdict";
pub(super) const SLOTS: &str =
    "SELECT journey, COUNT(*) AS due FROM slots WHERE due >= $1 AND due < $2 GROUP BY journey";
pub(super) const WALKED_SLOTS: &str = "SELECT journey, COUNT(*) AS walked, \
    SUM(CASE WHEN started <= slot + $3 THEN 1 ELSE 0 END) AS punctual FROM walks \
    WHERE slot >= $1 AND slot < $2 AND slot IS NOT NULL AND epoch IS NOT NULL GROUP BY journey";
const TITLE: &str = "SELECT title, app FROM walks WHERE journey = $1 ORDER BY started DESC LIMIT 1";
/// Incidents that were open in the window, or that something happened to in it. Of which kind they are is looked at later:
/// asked here, an index of the kind would be taken, which is half the table.
macro_rules! concerned {
    () => {
        "SELECT id FROM incidents WHERE recovered >= $1 AND first_seen < $2 \
        UNION SELECT id FROM incidents WHERE state = 'open' AND first_seen < $2 \
        UNION SELECT incident FROM moves WHERE at >= $1 AND at < $2"
    };
}
pub(super) const CASES: &str = concat!(
    "SELECT i.id, i.kind, i.parent, i.app, i.journey, i.headline_zh, i.headline_en, i.devices, i.detector, i.class, \
    i.severity, i.owner, i.tags, i.handling, i.first_seen, i.opened, \
    (SELECT g.started FROM walks AS g WHERE g.id = i.good_walk) AS good FROM incidents AS i WHERE i.id IN (",
    concerned!(),
    ")"
);
pub(super) const MOVES: &str = concat!(
    "SELECT m.incident, m.what, m.at FROM moves AS m WHERE m.at < $2 AND m.incident IN (",
    concerned!(),
    ") ORDER BY m.incident, m.revision"
);
/// The first incidents of a page that were not over for long when the window began.
pub(super) const MET: &str = "SELECT kind, app, journey, detector, class, devices, tags, handling, first_seen FROM incidents \
    WHERE route = $1 AND first_seen < $2 AND last_seen >= $3 AND opened IS NOT NULL ORDER BY first_seen LIMIT $4";
pub(super) const NOTICES: &str = "SELECT COUNT(*) AS queued, \
    COALESCE(SUM(CASE WHEN state IN ('waiting', 'undeliverable') THEN 1 ELSE 0 END), 0) AS undelivered \
    FROM notices WHERE queued >= $1 AND queued < $2";
const COMPLAINTS: &str = "SELECT week, page, reason, count FROM complaints WHERE week >= $1 AND week <= $2";
const FORGET_COMPLAINTS: &str = "DELETE FROM complaints WHERE week = $1";
const ADD_COMPLAINT: &str = "INSERT INTO complaints (week, page, reason, count) VALUES ($1, $2, $3, $4)";

#[async_trait::async_trait]
impl Records for Store {
    async fn gathered(&self, window: &Window, weeks: (Week, Week), rules: &Rules) -> Result<Gathered, LedgerError> {
        let mut walks = Vec::new();
        for (day, (from, to)) in window.days().enumerate() {
            walks.extend(self.walks_of(day, from, to).await?);
        }
        let slots = self.slots_of(window).await?;
        let journeys: BTreeSet<&JourneyId> =
            walks.iter().map(|walked| &walked.journey).chain(slots.iter().map(|slots| &slots.journey)).collect();
        let mut titles = Vec::new();
        for journey in journeys {
            let found = sqlx::query(TITLE).bind(journey.as_str()).fetch_optional(&self.readers).await;
            if let Some(row) = found.map_err(|e| trouble::of(&e))? {
                let row = Read(&row);
                titles.push((journey.clone(), row.text("title")?, row.text("app")?));
            }
        }
        let (cases, complaints) = (self.cases_of(window, rules).await?, self.complaints_of(weeks).await?);
        let met = self.met_on(&complaints, window, rules).await?;
        let notices = sqlx::query(NOTICES).bind(window.from().as_millis()).bind(window.to().as_millis());
        let notices = notices.fetch_one(&self.readers).await.map_err(|e| trouble::of(&e))?;
        let notices = NoticeCount { queued: many(&notices, "queued")?, undelivered: many(&notices, "undelivered")? };
        Ok(Gathered { walks, slots, titles, cases, notices, complaints, met })
    }

    async fn keep_complaints(&self, complaints: &[Complaint], intake: &Intake) -> Result<(), LedgerError> {
        let mut book = self.begin().await?;
        let weeks: BTreeSet<Week> = complaints.iter().map(|complaint| complaint.week).collect();
        for week in &weeks {
            let forget = sqlx::query(FORGET_COMPLAINTS).bind(week.to_string());
            forget.execute(&mut *book).await.map_err(|e| trouble::of(&e))?;
        }
        for complaint in complaints {
            let row = sqlx::query(ADD_COMPLAINT)
                .bind(complaint.week.to_string())
                .bind(complaint.page.as_str())
                .bind(complaint.reason.word())
                .bind(i64::from(complaint.count));
            row.execute(&mut *book).await.map_err(|e| trouble::of(&e))?;
        }
        audit::append(&mut book, &taken_in(complaints, &weeks, intake)).await?;
        book.commit().await.map_err(|e| trouble::of(&e))
    }
}

fn taken_in(complaints: &[Complaint], weeks: &BTreeSet<Week>, intake: &Intake) -> Draft {
    let count: i64 = complaints.iter().map(|complaint| i64::from(complaint.count)).sum();
    let detail = Detail::default()
        .with("file", intake.file.clone())
        .with("digest", intake.digest.clone())
        .with("rows", i64::try_from(complaints.len()).unwrap_or(i64::MAX))
        .with("complaints", count)
        .with("weeks", weeks.iter().map(ToString::to_string).collect::<Vec<_>>());
    let (action, object) = (Action::ComplaintsImported, Object::Complaints);
    Draft { at: intake.at, actor: intake.by.clone(), action, object, detail }
}

impl Store {
    async fn walks_of(&self, day: usize, from: Moment, to: Moment) -> Result<Vec<DayWalks>, LedgerError> {
        let found = sqlx::query(WALKS).bind(from.as_millis()).bind(to.as_millis()).fetch_all(&self.readers).await;
        let mut walks: BTreeMap<JourneyId, DayWalks> = BTreeMap::new();
        for row in found.map_err(|e| trouble::of(&e))? {
            let (tally, read) = (many(&row, "tally")?, Read(&row));
            let journey: JourneyId = read.id("journey")?;
            let blank = || DayWalks { day, journey: journey.clone(), counts: WalkCounts::default(), steps: (0, 0) };
            let line = walks.entry(journey.clone()).or_insert_with(blank);
            line.steps = line.steps.max((read.count("walked")?, read.count("steps")?));
            match read.word::<Verdict>("verdict")? {
                Verdict::Passed => line.counts.passed += tally,
                Verdict::Degraded => line.counts.degraded += tally,
                Verdict::Failed => line.counts.failed += tally,
                Verdict::Inconclusive => line.counts.inconclusive += tally,
            }
        }
        Ok(walks.into_values().collect())
    }

    async fn slots_of(&self, window: &Window) -> Result<Vec<JourneySlots>, LedgerError> {
        let (from, to) = (window.from().as_millis(), window.to().as_millis());
        let within = i64::try_from(PUNCTUAL_WITHIN.as_millis()).unwrap_or(i64::MAX);
        let found = sqlx::query(WALKED_SLOTS).bind(from).bind(to).bind(within).fetch_all(&self.readers).await;
        let mut walked: BTreeMap<JourneyId, (u64, u64)> = BTreeMap::new();
        for row in found.map_err(|e| trouble::of(&e))? {
            walked.insert(Read(&row).id("journey")?, (many(&row, "walked")?, many(&row, "punctual")?));
        }
        let found = sqlx::query(SLOTS).bind(from).bind(to).fetch_all(&self.readers).await;
        let read = |row: &AnyRow| {
            let (journey, due): (JourneyId, u64) = (Read(row).id("journey")?, many(row, "due")?);
            let (walked, punctual) = walked.get(&journey).copied().unwrap_or_default();
            Ok(JourneySlots { journey, due, walked: walked.min(due), punctual: punctual.min(due) })
        };
        found.map_err(|e| trouble::of(&e))?.iter().map(read).collect()
    }

    async fn cases_of(&self, window: &Window, rules: &Rules) -> Result<Vec<Case>, LedgerError> {
        let (from, to) = (window.from().as_millis(), window.to().as_millis());
        let moved = sqlx::query(MOVES).bind(from).bind(to).fetch_all(&self.readers).await;
        let mut moves: BTreeMap<IncidentId, Vec<CaseMove>> = BTreeMap::new();
        for row in moved.map_err(|e| trouble::of(&e))? {
            let row = Read(&row);
            let one = CaseMove { what: row.word("what")?, at: row.moment("at")? };
            moves.entry(row.id("incident")?).or_default().push(one);
        }
        let found = sqlx::query(CASES).bind(from).bind(to).fetch_all(&self.readers).await;
        let mut cases = Vec::new();
        for row in found.map_err(|e| trouble::of(&e))? {
            if Read(&row).word::<Kind>("kind")? == Kind::App {
                cases.push(case(&row, rules, &mut moves)?);
            }
        }
        Ok(cases)
    }

    /// What was met on each page that was complained of.
    async fn met_on(&self, complaints: &[Complaint], window: &Window, rules: &Rules) -> Result<Vec<Met>, LedgerError> {
        let pages: BTreeSet<&str> = complaints.iter().map(|complaint| complaint.page.as_str()).collect();
        let since = window.from().as_millis() - i64::try_from(REMEMBERED.as_millis()).unwrap_or(i64::MAX);
        let mut met = Vec::new();
        for page in pages {
            let found = sqlx::query(MET).bind(page).bind(window.to().as_millis()).bind(since).bind(MET_MAX);
            for row in found.fetch_all(&self.readers).await.map_err(|e| trouble::of(&e))? {
                let read = Read(&row);
                if read.word::<Kind>("kind")? == Kind::App {
                    let (page, reason) = (page.to_owned(), tags(&read, rules)?.reason);
                    met.push(Met { page, reason, first_seen: read.moment("first_seen")? });
                }
            }
        }
        Ok(met)
    }

    async fn complaints_of(&self, (first, last): (Week, Week)) -> Result<Vec<Complaint>, LedgerError> {
        let found = sqlx::query(COMPLAINTS).bind(first.to_string()).bind(last.to_string());
        let found = found.fetch_all(&self.readers).await.map_err(|e| trouble::of(&e))?;
        let read = |row: &AnyRow| {
            let row = Read(row);
            let reason = row.text("reason")?;
            let reason = Reason::parse(&reason).map_err(|_| trouble::unreadable("reason", &reason))?;
            Ok(Complaint { week: row.id("week")?, page: row.text("page")?, reason, count: row.count("count")? })
        };
        found.iter().map(read).collect()
    }
}

fn many(row: &AnyRow, column: &str) -> Result<u64, LedgerError> {
    let number = Read(row).number(column)?;
    u64::try_from(number).map_err(|_| trouble::unreadable(column, &number.to_string()))
}

/// What an incident is filed under.
fn tags(row: &Read<'_>, rules: &Rules) -> Result<Tags, LedgerError> {
    let (app, detector, journey) = (row.text("app")?, row.text("detector")?, row.text("journey")?);
    let Handling { corrected, .. } = handling::read(&row.text("handling")?)?;
    let (class, devices, own) = (row.maybe_word("class")?, row.json("devices")?, row.json("tags")?);
    let facts = Facts { app: &app, journey: &journey, detector: &detector, class, devices: &devices, own: &own };
    Ok(rules.of(&facts, &corrected))
}

fn case(row: &AnyRow, rules: &Rules, moves: &mut BTreeMap<IncidentId, Vec<CaseMove>>) -> Result<Case, LedgerError> {
    let row = Read(row);
    let id: IncidentId = row.id("id")?;
    Ok(Case {
        part: row.maybe_text("parent")?.is_some(),
        app: row.text("app")?,
        journey: row.id("journey")?,
        headline: Bilingual::new(row.text("headline_zh")?, row.text("headline_en")?),
        class: row.maybe_word("class")?,
        severity: row.word("severity")?,
        owner: row.maybe_text("owner")?,
        tags: tags(&row, rules)?,
        first_seen: row.moment("first_seen")?,
        opened: row.maybe_moment("opened")?,
        good: row.maybe_moment("good")?,
        moves: moves.remove(&id).unwrap_or_default(),
        id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::Row as _;

    /// How SQLite goes about each statement, one line a table.
    #[tokio::test]
    async fn no_statement_reads_a_whole_table() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("ledger.db")).await.unwrap();
        let check = async |statement: &str, covered: &[&str]| {
            let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
            let mut asked = sqlx::query(explain);
            for place in 1..=4 {
                if statement.contains(&format!("${place}")) {
                    asked = asked.bind(0_i64);
                }
            }
            let plan: Vec<String> = asked
                .fetch_all(&store.readers)
                .await
                .unwrap()
                .iter()
                .map(|row| row.get::<String, _>("detail"))
                .collect();
            let scans: Vec<&String> =
                plan.iter().filter(|line| line.starts_with("SCAN") && !line.contains("SUBQUERY")).collect();
            assert_eq!(scans, Vec::<&String>::new(), "{statement}\n{plan:#?}");
            assert!(!plan.iter().any(|line| line.contains("incidents_by_kind")), "half the table\n{plan:#?}");
            for index in covered {
                let found = plan.iter().any(|line| line.contains("COVERING INDEX") && line.contains(index));
                assert!(found, "{index} of {statement}\n{plan:#?}");
            }
        };
        check(WALKS, &["walks_by_start"]).await;
        check(SLOTS, &["slots_by_due"]).await;
        check(WALKED_SLOTS, &["walks_by_slot"]).await;
        check(NOTICES, &["notices_by_age"]).await;
        check(COMPLAINTS, &[]).await;
        check(CASES, &["moves_by_time"]).await;
        check(MOVES, &["moves_by_time"]).await;
        check(MET, &[]).await;
        store.close().await;
    }
}
