//! What the ledger keeps counted is what is counted one by one, whatever is done to the rows.

use super::{at, change, filing, fresh, fund, incident, notice, walk_row};
use gengfu::id::WalkId;
use gengfu::incident::{Filing, Incident, Ledger as _, MissReason, Missed, SlotClaim, SlotTaken, What};
use gengfu::measure::{Records as _, Week, Window};
use gengfu::moment::Moment;
use gengfu::store::Store;
use gengfu::tags::Rules;
use gengfu::walk::{Purpose, Verdict};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Row as _};
use std::path::Path;
use std::time::Duration;

/// What is kept, and how it is counted one by one.
const COUNTED: [(&str, &str); 4] = [
    (
        "SELECT channel, state, '', '', '', '', '', '', tally FROM notice_tallies WHERE tally <> 0",
        "SELECT channel, state, '', '', '', '', '', '', COUNT(*) FROM notices GROUP BY channel, state",
    ),
    (
        "SELECT part || '', kind, app, class, severity, assignee, standing, journey, tally FROM incident_tallies",
        "SELECT (parent IS NOT NULL) || '', kind, app, COALESCE(class, ''), severity, COALESCE(assignee, ''), standing, journey, \
         COUNT(*) FROM incidents GROUP BY 1, 2, 3, 4, 5, 6, 7, 8",
    ),
    (
        "SELECT journey, hour || '', passed || ' ' || degraded || ' ' || failed || ' ' || inconclusive, '', '', '', '', '', \
         due * 10000 + walked * 100 + punctual FROM journey_hours",
        "SELECT journey, hour || '', SUM(verdict = 'passed') || ' ' || SUM(verdict = 'degraded') || ' ' || SUM(verdict = 'failed') \
         || ' ' || SUM(verdict = 'inconclusive'), '', '', '', '', '', SUM(due) * 10000 + SUM(walked) * 100 + SUM(punctual) FROM (\
         SELECT journey, started / 3600000 AS hour, verdict, 0 AS due, 0 AS walked, 0 AS punctual FROM walks WHERE purpose NOT IN ('confirm', 'asked') \
         UNION ALL SELECT journey, due / 3600000, '', 1, 0, 0 FROM slots UNION ALL SELECT journey, slot / 3600000, '', 0, 1, \
         started - slot <= 60000 FROM walks WHERE slot IS NOT NULL AND epoch IS NOT NULL) GROUP BY journey, hour",
    ),
    (
        "SELECT journey, mark, '', '', '', '', '', '', tally FROM tallies WHERE width = 4611686018427387904 AND tally <> 0",
        "SELECT journey, mark, '', '', '', '', '', '', SUM(tally) FROM tallies WHERE width = 1800000 AND tally <> 0 GROUP BY journey, mark",
    ),
];

/// A ledger, and a connection beside it.
async fn beside(dir: &Path) -> AnyConnection {
    AnyConnection::connect(&format!("sqlite:{}", dir.join("ledger.db").display())).await.unwrap()
}

async fn check(book: &mut AnyConnection, after: &str) {
    for (kept, counted) in COUNTED {
        let mut told = Vec::new();
        for statement in [kept, counted] {
            let rows = sqlx::query(statement).fetch_all(&mut *book).await.unwrap();
            let texts = |row: &sqlx::any::AnyRow| (0..8).map(|n| row.get::<String, _>(n)).collect::<Vec<_>>();
            let mut rows: Vec<_> = rows.iter().map(|row| (texts(row), row.get::<i64, _>(8))).collect();
            rows.sort();
            told.push(rows);
        }
        assert_eq!(told[0], told[1], "after {after}: {kept}");
        assert!(!told[0].is_empty(), "{kept} says nothing");
    }
}

async fn patrolled(store: &Store, slot: Moment, late: u64, verdict: Verdict) {
    let lease = Duration::from_secs(60);
    let claim = SlotClaim { journey: fund(), slot, holder: "here".into(), now: slot, lease };
    let SlotTaken::Taken { epoch } = store.take_slot(&claim).await.unwrap() else { panic!("taken twice") };
    let walk = walk_row(slot.after(Duration::from_secs(late)), verdict, Purpose::Patrol { slot });
    store.file(&Filing { epoch: Some(epoch), ..filing(walk, vec![], vec![]) }).await.unwrap();
}

/// Walks over some hours: patrols in time and late, confirming walks, manual ones, due times that nobody walked.
async fn hours(store: &Store) {
    let verdicts = [Verdict::Passed, Verdict::Degraded, Verdict::Failed, Verdict::Inconclusive];
    for n in 0..40_i64 {
        let slot = at(n * 613);
        match n % 5 {
            0..3 => {
                let late = u64::try_from(n % 3).unwrap() * 45;
                patrolled(store, slot, late, verdicts[usize::try_from(n % 4).unwrap()]).await;
            }
            3 => {
                let missed = [Missed { slot, reason: MissReason::Away }];
                store.miss_slots(&fund(), &missed, slot).await.unwrap();
            }
            _ => {
                let purpose = match n % 2 {
                    0 => Purpose::Confirm { of: WalkId::fresh() },
                    _ => Purpose::Manual,
                };
                store.file(&filing(walk_row(slot, Verdict::Failed, purpose), vec![], vec![])).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn what_is_kept_is_what_is_counted_one_by_one() {
    let (dir, store) = fresh().await;
    hours(&store).await;
    for n in 0..6_i64 {
        let walk = walk_row(at(n), Verdict::Failed, Purpose::Manual);
        let made = Incident {
            class: (n % 2 == 0).then_some(gengfu::walk::Class::Slow),
            ..incident(&format!("print-{n}"), &walk)
        };
        let told = vec![notice(&made, at(n)), notice(&made, at(n + 1))];
        store.file(&filing(walk.clone(), vec![change(What::Opened, None, made, &walk)], told)).await.unwrap();
    }
    let mut book = beside(dir.path()).await;
    check(&mut book, "filing").await;
    // All that the store does to these rows, and what it does not do yet.
    for deed in [
        "UPDATE incidents SET standing = 'fixing', assignee = 'li.lei' WHERE fingerprint = 'print-1'",
        "UPDATE incidents SET parent = (SELECT id FROM incidents WHERE fingerprint = 'print-0') WHERE fingerprint >= 'print-3'",
        "UPDATE incidents SET severity = 'P3', class = NULL, app = 'loans', kind = 'robot' WHERE fingerprint = 'print-4'",
        "UPDATE incidents SET parent = NULL, assignee = NULL",
        "UPDATE incidents SET last_seen = last_seen + 1, standing = standing",
        "UPDATE notices SET state = 'delivered' WHERE incident IN (SELECT id FROM incidents WHERE fingerprint < 'print-2')",
        "UPDATE notices SET state = 'undeliverable' WHERE state = 'waiting' AND due < 1700000004000",
        "UPDATE notices SET channel = 'chat' WHERE state = 'delivered'",
        "DELETE FROM notices WHERE state = 'undeliverable'",
        "DELETE FROM sightings",
        "DELETE FROM moves",
        "DELETE FROM notices WHERE incident IN (SELECT id FROM incidents WHERE fingerprint = 'print-5')",
        "DELETE FROM incidents WHERE fingerprint = 'print-5'",
        "DELETE FROM walks WHERE started < 1700007200000",
        "DELETE FROM slots WHERE due < 1700003600000",
    ] {
        sqlx::query(AssertSqlSafe(deed)).execute(&mut book).await.unwrap();
        check(&mut book, deed).await;
    }
}

#[tokio::test]
async fn a_window_that_begins_and_ends_within_an_hour_is_counted_to_the_millisecond() {
    let (dir, store) = fresh().await;
    hours(&store).await;
    let mut book = beside(dir.path()).await;
    let week: Week = "2023-W46".parse().unwrap();
    let whole = 1_700_002_800_000_i64;
    let bounds = [
        (whole, whole + 7_200_000),
        (whole - 613_000, whole + 7_200_001),
        (whole - 1, whole + 1),
        (whole + 60_000, whole + 2_400_000),
        (whole, whole),
        (whole - 40 * 613_000, whole + 40 * 613_000),
    ];
    for (from, to) in bounds {
        let window = Window::between(Moment::from_millis(from), Moment::from_millis(to));
        let gathered = store.gathered(&window, (week, week), &Rules::default()).await.unwrap();
        let one = async |book: &mut AnyConnection, statement: &str| -> u64 {
            let counted = sqlx::query_scalar::<_, i64>(AssertSqlSafe(statement.to_owned())).bind(from).bind(to);
            u64::try_from(counted.fetch_one(book).await.unwrap()).unwrap()
        };
        let walks = "SELECT COUNT(*) FROM walks WHERE purpose <> 'confirm' AND started >= $1 AND started < $2";
        let told: u64 = gathered.walks.iter().map(|day| day.counts.all()).sum();
        assert_eq!(told, one(&mut book, walks).await, "{from} to {to}");
        let passed: u64 = gathered.walks.iter().map(|day| day.counts.passed).sum();
        assert_eq!(passed, one(&mut book, &format!("{walks} AND verdict = 'passed'")).await, "{from} to {to}");
        let due = "SELECT COUNT(*) FROM slots WHERE due >= $1 AND due < $2";
        let punctual = "SELECT COUNT(*) FROM walks WHERE slot >= $1 AND slot < $2 AND epoch IS NOT NULL AND started - slot <= 60000";
        let told = gathered.slots.first().map_or((0, 0), |slots| (slots.due, slots.punctual));
        assert_eq!(told, (one(&mut book, due).await, one(&mut book, punctual).await), "{from} to {to}");
    }
}
