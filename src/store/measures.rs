//! What reports are made of, counted where it lies: each statement reads a stretch of an index, never a whole table.

use super::outbox::not_delivered;
use super::row::Read;
use super::word::parse;
use super::{Store, audit, handling, trouble};
use crate::audit::{Action, Detail, Draft, Object};
use crate::finding::Bilingual;
use crate::id::JourneyId;
use crate::incident::{Handling, Kind, LedgerError, NEVER_PLANNED};
use crate::measure::{
    Case, CaseMove, Complaint, DayWalks, Gathered, Intake, JourneySlots, Met, NoticeCount, REMEMBERED, Records,
    WalkCounts, Week, Window,
};
use crate::moment::Moment;
use crate::tags::{Facts, Reason, Rules, Tags};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use std::collections::{BTreeSet, HashMap};

/// Whole hours are counted already (`journey_hours`), from the one that begins at or after $1 up to, not including, the one
/// that $2 lies in; walks and due times of the hours at both ends are counted one by one, up to $3 and from $4 on.
macro_rules! walks_between {
    ($from:literal, $to:literal) => {
        concat!(
            "UNION ALL SELECT journey, CASE WHEN verdict = 'passed' THEN 1 ELSE 0 END, CASE WHEN verdict = 'degraded' THEN 1 ELSE 0 END, \
             CASE WHEN verdict = 'failed' THEN 1 ELSE 0 END, CASE WHEN verdict = 'inconclusive' THEN 1 ELSE 0 END, steps_walked, steps \
             FROM walks WHERE purpose NOT IN ('confirm', 'asked') AND started >= ", $from, " AND started < ", $to, " "
        )
    };
}
macro_rules! slots_between {
    ($from:literal, $to:literal) => {
        concat!(
            "UNION ALL SELECT journey, 1, 0, 0 FROM slots WHERE due >= ",
            $from,
            " AND due < ",
            $to,
            " UNION ALL SELECT journey, 0, 1, CASE WHEN started <= slot + 60000 THEN 1 ELSE 0 END FROM walks \
             WHERE slot IS NOT NULL AND epoch IS NOT NULL AND slot >= ",
            $from,
            " AND slot < ",
            $to,
            " "
        )
    };
}
pub(super) const WALKS: &str = concat!(
    "SELECT journey, SUM(passed) AS passed, SUM(degraded) AS degraded, SUM(failed) AS failed, SUM(inconclusive) AS inconclusive, \
     MAX(walked) AS walked, MAX(steps) AS steps FROM (\
     SELECT journey, passed, degraded, failed, inconclusive, steps_walked AS walked, steps FROM journey_hours \
     WHERE hour >= $3 / 3600000 AND hour < $4 / 3600000 ",
    walks_between!("$1", "$3"),
    walks_between!("$4", "$2"),
    ") AS counted GROUP BY journey"
);
pub(super) const SLOTS: &str = concat!(
    "SELECT journey, SUM(due) AS due, SUM(walked) AS walked, SUM(punctual) AS punctual FROM (\
     SELECT journey, due, walked, punctual FROM journey_hours WHERE hour >= $3 / 3600000 AND hour < $4 / 3600000 ",
    slots_between!("$1", "$3"),
    slots_between!("$4", "$2"),
    ") AS counted GROUP BY journey HAVING SUM(due) > 0"
);
/// What is counted already, in milliseconds.
const HOUR_MS: i64 = 3_600_000;
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
/// One row an incident, its moves in one text: `opened@1795300000000 narrowed@…`. Of a narrowed one, when its own journey met
/// it again; of one that came back, whether on another journey. What only an opening in the window tells is left out of others.
pub(super) const CASES: &str = concat!(
    "SELECT i.id, i.kind, i.parent, i.app, i.journey, i.detector, i.class, i.severity, i.owner, i.devices, i.tags, \
    COALESCE('{\"tags\":' || json_extract(i.handling, '$.tags') || '}', '{}') AS handling, i.first_seen, i.opened, \
    CASE WHEN i.opened >= $1 THEN i.headline_zh ELSE '' END AS headline_zh, \
    CASE WHEN i.opened >= $1 THEN i.headline_en ELSE '' END AS headline_en, \
    CASE WHEN i.opened >= $1 THEN (SELECT g.started FROM walks AS g WHERE g.id = i.good_walk) END AS good, \
    (SELECT group_concat(m.what || '@' || m.at || CASE m.what \
        WHEN 'narrowed' THEN COALESCE(' sighted@' || (SELECT MIN(s.at) FROM sightings AS s WHERE s.incident = i.id AND s.at > m.at), '') \
        WHEN 'reopened' THEN CASE WHEN (SELECT w.journey FROM walks AS w WHERE w.id = m.walk) <> i.journey THEN '@elsewhere' || \
        COALESCE(' sighted@' || (SELECT MIN(s.at) FROM sightings AS s JOIN walks AS sw ON sw.id = s.walk WHERE s.incident = i.id \
        AND s.at > m.at AND sw.journey = i.journey), '') ELSE '' END \
        ELSE '' END, ' ') FROM moves AS m WHERE m.incident = i.id AND m.at < $2) AS moves \
    FROM incidents AS i WHERE i.id IN (",
    concerned!(),
    ")"
);
/// The first incidents of each page that is complained of and reason: those that were not over for long when the window began,
/// by what their reason follows from. A false alarm foresaw nothing.
pub(super) const MET: &str = "SELECT route AS page, app, journey, detector, class, devices, tags, handling, MIN(opened) AS opened \
    FROM (SELECT i.route, i.app, i.journey, i.detector, i.class, i.devices, i.tags, \
    COALESCE('{\"tags\":' || json_extract(i.handling, '$.tags') || '}', '{}') AS handling, \
    CASE WHEN i.reopened = 0 THEN i.opened ELSE COALESCE((SELECT m.at FROM moves AS m WHERE m.incident = i.id AND m.what = 'opened' \
    ORDER BY m.revision LIMIT 1), i.first_seen) END AS opened \
    FROM (SELECT DISTINCT page FROM complaints WHERE week >= $1 AND week <= $2) AS told CROSS JOIN incidents AS i INDEXED BY incidents_by_route \
    WHERE i.route = told.page AND i.first_seen < $3 AND i.last_seen >= $4 AND i.opened IS NOT NULL AND i.kind = 'app' \
    AND i.standing <> 'false-alarm') AS met GROUP BY route, app, journey, detector, class, devices, tags, handling";
pub(super) const NOTICES: &str = concat!(
    "SELECT (SELECT COUNT(*) FROM notices WHERE queued >= $1 AND queued < $2) AS queued, \
     (SELECT COUNT(*) FROM notices INDEXED BY notices_not_accepted WHERE queued >= $1 AND queued < $2 AND ",
    not_delivered!(),
    ") AS undelivered"
);
const COMPLAINTS: &str = "SELECT week, page, reason, count FROM complaints WHERE week >= $1 AND week <= $2";
const OWNER: &str = "SELECT owner FROM incidents WHERE owner = $1 LIMIT 1";
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
        let met = self.met_on(weeks, window, rules).await?;
        let notices = sqlx::query(NOTICES).bind(window.from().as_millis()).bind(window.to().as_millis());
        let notices = notices.fetch_one(&self.readers).await.map_err(|e| trouble::of(&e))?;
        let notices = NoticeCount { queued: many(&notices, "queued")?, undelivered: many(&notices, "undelivered")? };
        Ok(Gathered { walks, amid: Vec::new(), slots, titles, cases, notices, complaints, met })
    }

    async fn walked(&self, window: &Window) -> Result<Vec<(JourneyId, WalkCounts)>, LedgerError> {
        let walks = self.walks_of(0, window.from(), window.to()).await?;
        Ok(walks.into_iter().map(|walks| (walks.journey, walks.counts)).collect())
    }

    async fn is_owner(&self, owner: &str) -> Result<bool, LedgerError> {
        let found = sqlx::query(OWNER).bind(owner).fetch_optional(&self.readers).await;
        Ok(found.map_err(|e| trouble::of(&e))?.is_some())
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
        let found = hourly(WALKS, from, to).fetch_all(&self.readers).await.map_err(|e| trouble::of(&e))?;
        let read = |row: &AnyRow| -> Result<DayWalks, LedgerError> {
            let counts = WalkCounts {
                passed: many(row, "passed")?,
                degraded: many(row, "degraded")?,
                failed: many(row, "failed")?,
                inconclusive: many(row, "inconclusive")?,
            };
            let row = Read(row);
            Ok(DayWalks {
                day,
                journey: row.id("journey")?,
                counts,
                steps: (row.count("walked")?, row.count("steps")?),
            })
        };
        // An hour of which everything was forgotten but due times has no walks.
        let walked = |walks: &Result<DayWalks, _>| walks.as_ref().map_or(true, |walks| walks.counts.all() > 0);
        found.iter().map(read).filter(walked).collect()
    }

    async fn slots_of(&self, window: &Window) -> Result<Vec<JourneySlots>, LedgerError> {
        let found = hourly(SLOTS, window.from(), window.to()).fetch_all(&self.readers).await;
        let read = |row: &AnyRow| {
            let due = many(row, "due")?;
            let (walked, punctual) = (many(row, "walked")?.min(due), many(row, "punctual")?.min(due));
            Ok(JourneySlots { journey: Read(row).id("journey")?, due, walked, punctual })
        };
        found.map_err(|e| trouble::of(&e))?.iter().map(read).collect()
    }

    async fn cases_of(&self, window: &Window, rules: &Rules) -> Result<Vec<Case>, LedgerError> {
        let found = sqlx::query(CASES).bind(window.from().as_millis()).bind(window.to().as_millis());
        let found = found.fetch_all(&self.readers).await.map_err(|e| trouble::of(&e))?;
        let (mut cases, mut filer) = (Vec::new(), Filer { rules, known: HashMap::new() });
        for row in found {
            if Read(&row).word::<Kind>("kind")? == Kind::App {
                cases.push(case(&row, &mut filer)?);
            }
        }
        Ok(cases)
    }

    /// What was met on the pages that were complained of.
    async fn met_on(
        &self,
        (first, last): (Week, Week),
        window: &Window,
        rules: &Rules,
    ) -> Result<Vec<Met>, LedgerError> {
        let since = window.from().as_millis() - i64::try_from(REMEMBERED.as_millis()).unwrap_or(i64::MAX);
        let found = sqlx::query(MET).bind(first.to_string()).bind(last.to_string());
        let found = found.bind(window.to().as_millis()).bind(since).fetch_all(&self.readers).await;
        let mut filer = Filer { rules, known: HashMap::new() };
        let mut read = |row: &AnyRow| {
            let row = Read(row);
            Ok(Met { page: row.text("page")?, reason: filer.tags(&row)?.reason, opened: row.moment("opened")? })
        };
        found.map_err(|e| trouble::of(&e))?.iter().map(&mut read).collect()
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

/// Binds where the whole hours within begin and end; where there is none, everything lies before their begin.
fn hourly<'q>(statement: &'static str, from: Moment, to: Moment) -> Query<'q, sqlx::Any, AnyArguments> {
    let (from, to) = (from.as_millis(), to.as_millis());
    let begin = from.div_euclid(HOUR_MS) * HOUR_MS;
    let begin = if begin < from { begin + HOUR_MS } else { begin };
    let end = to.div_euclid(HOUR_MS) * HOUR_MS;
    let (begin, end) = if begin <= end { (begin, end) } else { (to, to) };
    sqlx::query(statement).bind(from).bind(to).bind(begin).bind(end)
}

fn many(row: &AnyRow, column: &str) -> Result<u64, LedgerError> {
    let number = Read(row).number(column)?;
    u64::try_from(number).map_err(|_| trouble::unreadable(column, &number.to_string()))
}

/// Says what incidents are filed under; many are filed alike, and the rules are asked once for all of them.
struct Filer<'a> {
    rules: &'a Rules,
    known: HashMap<[Option<String>; 7], Tags>,
}

impl Filer<'_> {
    fn tags(&mut self, row: &Read<'_>) -> Result<Tags, LedgerError> {
        let mut key = [const { None }; 7];
        for (place, column) in
            ["app", "journey", "detector", "class", "devices", "tags", "handling"].into_iter().enumerate()
        {
            key[place] = row.maybe_text(column)?;
        }
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let (app, detector, journey) = (row.text("app")?, row.text("detector")?, row.text("journey")?);
        let Handling { corrected, .. } = handling::read(&row.text("handling")?)?;
        let (class, devices, own) = (row.maybe_word("class")?, row.json("devices")?, row.json("tags")?);
        let facts = Facts { app: &app, journey: &journey, detector: &detector, class, devices: &devices, own: &own };
        let tags = self.rules.of(&facts, &corrected);
        self.known.insert(key, tags.clone());
        Ok(tags)
    }
}

fn case(row: &AnyRow, filer: &mut Filer<'_>) -> Result<Case, LedgerError> {
    let row = Read(row);
    Ok(Case {
        id: row.id("id")?,
        part: row.maybe_text("parent")?.is_some(),
        may_be_planned: !NEVER_PLANNED.contains(&row.text("detector")?.as_str()),
        app: row.text("app")?,
        journey: row.id("journey")?,
        headline: Bilingual::new(row.text("headline_zh")?, row.text("headline_en")?),
        class: row.maybe_word("class")?,
        severity: row.word("severity")?,
        owner: row.maybe_text("owner")?,
        tags: filer.tags(&row)?,
        first_seen: row.moment("first_seen")?,
        opened: row.maybe_moment("opened")?,
        good: row.maybe_moment("good")?,
        moves: moves(&row.maybe_text("moves")?.unwrap_or_default())?,
    })
}

fn moves(told: &str) -> Result<Vec<CaseMove>, LedgerError> {
    let one = |text: &str| {
        let mut parts = text.split('@');
        let (what, at) = (parts.next().unwrap_or_default(), parts.next().and_then(|at| at.parse().ok()));
        let at = Moment::from_millis(at.ok_or_else(|| trouble::unreadable("moves", text))?);
        Ok(CaseMove { what: parse("what", what)?, at, elsewhere: parts.next().is_some() })
    };
    let mut moves = told.split_whitespace().map(one).collect::<Result<Vec<_>, LedgerError>>()?;
    moves.sort_by_key(|one| one.at);
    Ok(moves)
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
            // What a part of the statement found is read whole.
            let found = ["SCAN counted", "SCAN told", "SCAN met", "SCAN CONSTANT ROW"];
            let scans: Vec<&String> = plan
                .iter()
                .filter(|line| line.starts_with("SCAN") && !line.contains("SUBQUERY"))
                .filter(|line| !found.contains(&line.as_str()))
                .collect();
            assert_eq!(scans, Vec::<&String>::new(), "{statement}\n{plan:#?}");
            assert!(!plan.iter().any(|line| line.contains("incidents_by_kind")), "half the table\n{plan:#?}");
            for index in covered {
                let found = plan.iter().any(|line| line.contains("COVERING INDEX") && line.contains(index));
                assert!(found, "{index} of {statement}\n{plan:#?}");
            }
        };
        check(WALKS, &["walks_by_start"]).await;
        check(SLOTS, &["slots_by_due", "walks_by_slot"]).await;
        check(NOTICES, &["notices_by_age"]).await;
        check(COMPLAINTS, &[]).await;
        check(OWNER, &["incidents_by_owner"]).await;
        check(CASES, &["moves_by_time"]).await;
        check(MET, &[]).await;
        store.close().await;
    }
}
