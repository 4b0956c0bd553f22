//! The ledger on SQLite: what it promises, and that it keeps it when it is killed.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

#[path = "store/counts.rs"]
mod counts;
#[path = "store/feed.rs"]
mod feed;
#[path = "store/first_looks.rs"]
mod first_looks;
#[path = "store/forsaken.rs"]
mod forsaken;
#[path = "store/maintenance.rs"]
mod maintenance;
#[path = "store/outbox.rs"]
mod outbox;
#[path = "store/queue.rs"]
mod queue;
#[path = "store/retain.rs"]
mod retain;

use gengfu::actor::Actor;
use gengfu::alert::Outbox;
use gengfu::finding::{Bilingual, Fingerprint, Kin, Severity};
use gengfu::id::{IncidentId, JourneyId, NoticeId, StepId, WalkId};
use gengfu::incident::{
    Archive, Change, Filed, Filing, Incident, IncidentQuery, Kind, Ledger, LedgerError, MissReason, Missed, Odds,
    QueuedNotice, Sighting, SightingRole, SlotClaim, SlotTaken, State, StepCount, StripMark, WalkQuery, WalkRow, What,
};
use gengfu::moment::Moment;
use gengfu::store::{OpenError, Store};
use gengfu::walk::{Attribution, Class, Purpose, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;
use std::path::Path;
use std::time::Duration;

const T0: i64 = 1_700_000_000_000;

pub fn at(seconds: i64) -> Moment {
    Moment::from_millis(T0 + seconds * 1000)
}

fn fund() -> JourneyId {
    "fund".parse().unwrap()
}

pub fn walk_row(started: Moment, verdict: Verdict, purpose: Purpose) -> WalkRow {
    WalkRow {
        walk: WalkId::fresh(),
        journey: fund(),
        title: "基金申购".into(),
        app: "wealth-h5".into(),
        device: "h5-iphone".into(),
        purpose,
        started,
        elapsed: Duration::from_millis(2500),
        verdict,
        class: (verdict == Verdict::Failed).then_some(Class::Blocked),
        attribution: (verdict == Verdict::Failed).then_some(Attribution::Product),
        steps: StepCount { walked: 3, all: 4 },
        json: r#"{"walk":"v1"}"#.into(),
    }
}

pub fn incident(fingerprint: &str, walk: &WalkRow) -> Incident {
    Incident {
        id: IncidentId::fresh(),
        fingerprint: Fingerprint::stored(fingerprint),
        kind: Kind::App,
        kin: Some(Kin::of(&[fingerprint], &["white"])),
        parent: None,
        past: None,
        app: walk.app.clone(),
        journey: walk.journey.clone(),
        title: walk.title.clone(),
        step: Some(StepId("tap-buy".into())),
        step_title: "点“申购”".into(),
        route: "/funds/:id".into(),
        devices: BTreeSet::from(["h5-iphone".into(), "desktop".into()]),
        detector: "element-missing".into(),
        class: Some(Class::Blocked),
        severity: Severity::P1,
        attribution: Attribution::Product,
        headline: Bilingual::new("找不到“申购”按钮", "the buy button is gone"),
        cause: None,
        state: State::Open,
        suspicion: None,
        first_seen: walk.started,
        last_seen: walk.started,
        opened: Some(walk.started),
        recovered: None,
        sightings: 2,
        unconfirmed: 1,
        reopened: 0,
        flaps: 2,
        odds: Odds { in_a_row: 1, score: 5_650, looks: 9, met: 3, intermittent: false },
        flapping: true,
        good_walk: None,
        failing_walk: walk.walk,
        handling: Default::default(),
        digest: "4f".repeat(32),
        picture: None,
        owner: Some("wealth-team".into()),
        tags: BTreeMap::from([("channel".into(), "移动客户端".into())]),
        previous: None,
        judged: (walk.started, walk.walk),
        revision: 1,
    }
}

pub fn filing(walk: WalkRow, changes: Vec<Change>, notices: Vec<QueuedNotice>) -> Filing {
    Filing { now: walk.started.after(walk.elapsed), walk, epoch: None, changes, notices }
}

pub fn change(what: What, before: Option<Incident>, after: Incident, walk: &WalkRow) -> Change {
    let sighting = Sighting {
        incident: after.id,
        walk: walk.walk,
        at: walk.started,
        role: SightingRole::Confirmation,
        device: walk.device.clone(),
        cause: Some("GET /api/funds 500".into()),
        evidence: vec![],
    };
    Change {
        what,
        before,
        after,
        sighting: Some(sighting),
        by: Actor::Robot,
        why: String::new(),
        whole: None,
        walk: walk.walk,
        at: walk.started.after(walk.elapsed),
    }
}

fn notice(incident: &Incident, due: Moment) -> QueuedNotice {
    QueuedNotice {
        id: NoticeId::fresh(),
        incident: incident.id,
        channel: "mail".into(),
        to: Some("owner@bank.test".into()),
        reason: "first-seen".into(),
        due,
        instead_of: None,
        body: "{}".into(),
    }
}

/// A failed walk that opens one incident and queues one notice.
pub fn opening(fingerprint: &str, started: Moment) -> Filing {
    let walk = walk_row(started, Verdict::Failed, Purpose::Manual);
    let open = incident(fingerprint, &walk);
    let told = notice(&open, started);
    filing(walk.clone(), vec![change(What::Opened, None, open, &walk)], vec![told])
}

pub async fn fresh() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("ledger.db")).await.unwrap();
    (dir, store)
}

#[tokio::test]
async fn the_newest_walk_of_a_journey_is_found_whoever_asked_for_it() {
    let (_dir, store) = fresh().await;
    let by = Actor::person("chen").unwrap();
    for (number, purpose) in [Purpose::Manual, Purpose::Asked { by, of: None }].into_iter().enumerate() {
        let row = walk_row(at(number as i64), Verdict::Passed, purpose.clone());
        store.file(&filing(row.clone(), vec![], vec![])).await.unwrap();
        let newest = store.newest(&[fund()]).await.unwrap();
        assert_eq!(
            newest.iter().map(|seen| (seen.walk, seen.purpose.clone())).collect::<Vec<_>>(),
            [(row.walk, purpose)]
        );
    }
}

#[tokio::test]
async fn what_is_filed_is_read_back() {
    let (_dir, store) = fresh().await;
    let mut filed = opening("v1:aa", at(0));
    filed.changes[0].after.odds.intermittent = true;
    assert_eq!(store.file(&filed).await, Ok(Filed::Written));

    let open = &filed.changes[0].after;
    let known = store.known(&fund(), "wealth-h5", &[]).await.unwrap();
    assert_eq!(known.incidents, vec![open.clone()]);
    let file = store.incident(open.id).await.unwrap().unwrap();
    assert_eq!(file.incident, *open);
    assert_eq!(file.sightings, vec![filed.changes[0].sighting.clone().unwrap()]);
    assert_eq!((file.moves.len(), file.moves[0].what, file.moves[0].walk), (1, What::Opened, filed.walk.walk));
    let stored = store.walk(filed.walk.walk).await.unwrap().unwrap();
    assert_eq!((stored.row, stored.sightings.len()), (filed.walk.clone(), 1));

    let query = IncidentQuery { states: vec![State::Open], limit: 10, ..IncidentQuery::default() };
    assert_eq!(store.incidents(&query).await.unwrap().len(), 1);
    let query = IncidentQuery { states: vec![State::Recovered], limit: 10, ..IncidentQuery::default() };
    assert_eq!(store.incidents(&query).await.unwrap().len(), 0);
    assert_eq!(store.walk(WalkId::fresh()).await.unwrap(), None);
}

#[tokio::test]
async fn walks_are_listed_newest_first_and_the_last_good_one_is_found() {
    let (_dir, store) = fresh().await;
    let rows: Vec<WalkRow> = [(0, Verdict::Passed), (60, Verdict::Failed), (120, Verdict::Passed)]
        .map(|(s, verdict)| walk_row(at(s), verdict, Purpose::Manual))
        .to_vec();
    for row in &rows {
        store.file(&filing(row.clone(), vec![], vec![])).await.unwrap();
    }
    let listed = store.walks(&WalkQuery { limit: 2, ..WalkQuery::default() }).await.unwrap();
    assert_eq!(listed.iter().map(|w| w.walk).collect::<Vec<_>>(), vec![rows[2].walk, rows[1].walk]);
    let page = WalkQuery { before: Some(listed[1].started), limit: 2, ..WalkQuery::default() };
    assert_eq!(store.walks(&page).await.unwrap()[0].walk, rows[0].walk);
    assert_eq!(store.last_good(&fund(), at(120)).await.unwrap(), Some(rows[0].walk));
    assert_eq!(store.known(&fund(), "wealth-h5", &[]).await.unwrap().last_good, Some(rows[2].walk));
}

#[tokio::test]
async fn filing_twice_is_filing_once() {
    let (_dir, store) = fresh().await;
    let filed = opening("v1:aa", at(0));
    assert_eq!(store.file(&filed).await, Ok(Filed::Written));
    assert_eq!(store.file(&filed).await, Ok(Filed::AlreadyThere));
    assert_eq!(store.notices(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_filing_made_of_what_is_no_longer_true_writes_nothing() {
    let (_dir, store) = fresh().await;
    let first = opening("v1:aa", at(0));
    store.file(&first).await.unwrap();

    // Another walk opened the same trouble under another name.
    let rival = opening("v1:aa", at(1));
    assert_eq!(store.file(&rival).await, Ok(Filed::Conflict));
    assert_eq!(store.walk(rival.walk.walk).await.unwrap(), None);

    // An older revision of the incident.
    let walk = walk_row(at(2), Verdict::Failed, Purpose::Manual);
    let mut stale = first.changes[0].after.clone();
    stale.revision = 7;
    let after = Incident { revision: 8, ..stale.clone() };
    let late = filing(walk.clone(), vec![change(What::Sighted, Some(stale), after, &walk)], vec![]);
    assert_eq!(store.file(&late).await, Ok(Filed::Conflict));
    assert_eq!(store.walk(walk.walk).await.unwrap(), None);
}

#[tokio::test]
async fn a_slot_is_taken_once_and_a_stale_epoch_writes_nothing() {
    let (_dir, store) = fresh().await;
    let claim = |holder: &str, now| SlotClaim {
        journey: fund(),
        slot: at(0),
        holder: holder.into(),
        now,
        lease: Duration::from_secs(90),
    };
    let claims: Vec<SlotClaim> = (0..8).map(|n| claim(&format!("walker-{n}"), at(0))).collect();
    let taken = futures_util::future::join_all(claims.iter().map(|c| store.take_slot(c))).await;
    let winners = taken.iter().filter(|t| **t == Ok(SlotTaken::Taken { epoch: 1 })).count();
    assert_eq!(winners, 1, "{taken:?}");

    // Its holder dies; after the lease another takes it; the dead one's late walk is refused.
    assert_eq!(store.take_slot(&claim("walker-9", at(89))).await, Ok(SlotTaken::AlreadyTaken));
    assert_eq!(store.take_slot(&claim("walker-9", at(91))).await, Ok(SlotTaken::Taken { epoch: 2 }));
    let with_epoch = |epoch| {
        let walk = walk_row(at(1), Verdict::Passed, Purpose::Patrol { slot: at(0) });
        Filing { epoch: Some(epoch), ..filing(walk, vec![], vec![]) }
    };
    let late = with_epoch(1);
    let refused = LedgerError::StaleEpoch { journey: fund(), slot: at(0), epoch: 1 };
    assert_eq!(store.file(&late).await, Err(refused));
    assert_eq!(store.walk(late.walk.walk).await.unwrap(), None);
    assert_eq!(store.file(&with_epoch(2)).await, Ok(Filed::Written));
    assert_eq!(store.take_slot(&claim("walker-9", at(900))).await, Ok(SlotTaken::AlreadyTaken));
}

#[tokio::test]
async fn gaps_are_seen() {
    let (_dir, store) = fresh().await;
    let claim =
        |slot| SlotClaim { journey: fund(), slot, holder: "here".into(), now: at(0), lease: Duration::from_secs(60) };
    store.take_slot(&claim(at(0))).await.unwrap();
    store.take_slot(&claim(at(300))).await.unwrap();
    let walk = walk_row(at(1), Verdict::Degraded, Purpose::Patrol { slot: at(0) });
    store.file(&Filing { epoch: Some(1), ..filing(walk.clone(), vec![], vec![]) }).await.unwrap();
    let away = Missed { slot: at(600), reason: MissReason::Away };
    let taken_already = Missed { slot: at(0), reason: MissReason::Away };
    store.miss_slots(&fund(), &[away, taken_already], at(700)).await.unwrap();
    let by_hand = walk_row(at(650), Verdict::Passed, Purpose::Manual);
    store.file(&filing(by_hand.clone(), vec![], vec![])).await.unwrap();

    let marks = |cells: Vec<gengfu::incident::StripCell>| cells.into_iter().map(|c| (c.at, c.mark)).collect::<Vec<_>>();
    let walked = |walk: &WalkRow| StripMark::Walked { walk: walk.walk, verdict: walk.verdict, class: walk.class };
    assert_eq!(
        marks(store.strip(at(0), at(1000)).await.unwrap()),
        vec![
            (at(0), walked(&walk)),
            (at(300), StripMark::UnderWay),
            (at(600), StripMark::Missed(MissReason::Away)),
            (at(650), walked(&by_hand)),
        ]
    );
    assert_eq!(store.last_slot(&fund()).await.unwrap(), Some(at(600)));
    assert_eq!(store.sweep_slots(at(59)).await, Ok(0));
    assert_eq!(store.sweep_slots(at(60)).await, Ok(1));
    assert_eq!(store.strip(at(300), at(301)).await.unwrap()[0].mark, StripMark::Missed(MissReason::Lost));
}

#[tokio::test]
async fn what_a_dead_robot_had_taken_is_lost_as_soon_as_another_has_the_ledger() {
    let (dir, store) = fresh().await;
    let claim =
        |slot| SlotClaim { journey: fund(), slot, holder: "dead".into(), now: at(0), lease: Duration::from_secs(600) };
    store.take_slot(&claim(at(0))).await.unwrap();
    store.take_slot(&claim(at(60))).await.unwrap();
    let walk = walk_row(at(1), Verdict::Passed, Purpose::Patrol { slot: at(0) });
    store.file(&Filing { epoch: Some(1), ..filing(walk.clone(), vec![], vec![]) }).await.unwrap();
    store.close().await;
    let store = Store::open(&dir.path().join("ledger.db")).await.unwrap();
    let marks: Vec<StripMark> = store.strip(at(0), at(61)).await.unwrap().into_iter().map(|c| c.mark).collect();
    let walked = StripMark::Walked { walk: walk.walk, verdict: walk.verdict, class: walk.class };
    assert_eq!(marks, [walked, StripMark::Missed(MissReason::Lost)]);
    assert_eq!(store.lost_slot(&fund()).await, Ok(Some(at(60))));
    assert_eq!(store.take_slot(&claim(at(60))).await, Ok(SlotTaken::Taken { epoch: 2 }), "walked again");
    assert_eq!(store.lost_slot(&fund()).await, Ok(None));
    let mark = store.strip(at(60), at(61)).await.unwrap()[0].mark;
    assert_eq!(mark, StripMark::UnderWay);
    let late = walk_row(at(2), Verdict::Passed, Purpose::Patrol { slot: at(60) });
    let late = store.file(&Filing { epoch: Some(1), ..filing(late, vec![], vec![]) }).await;
    assert!(matches!(late, Err(LedgerError::StaleEpoch { .. })), "{late:?}");
}

#[tokio::test]
async fn a_strip_is_gathered_so_that_no_number_of_walks_is_too_many() {
    let (_dir, store) = fresh().await;
    let mut newest = None;
    for second in [1, 30, 59, 61] {
        let walk = walk_row(at(second), Verdict::Passed, Purpose::Manual);
        store.file(&filing(walk.clone(), vec![], vec![])).await.unwrap();
        if second == 59 {
            newest = Some(walk.walk);
        }
    }
    store.file(&filing(walk_row(at(2), Verdict::Failed, Purpose::Manual), vec![], vec![])).await.unwrap();
    store.miss_slots(&fund(), &[Missed { slot: at(3), reason: MissReason::Away }], at(3)).await.unwrap();
    let tallies = store.tallies(at(0), at(120), Duration::from_secs(60), None).await.unwrap();
    let count = |from: Moment, wanted: fn(&StripMark) -> bool| -> u32 {
        tallies.iter().filter(|t| t.from == from && wanted(&t.mark)).map(|t| t.count).sum()
    };
    let passed = |mark: &StripMark| matches!(mark, StripMark::Walked { verdict: Verdict::Passed, .. });
    assert_eq!((count(at(0), passed), count(at(60), passed), tallies.len()), (3, 1, 4), "{tallies:?}");
    assert_eq!(count(at(0), |mark| *mark == StripMark::Missed(MissReason::Away)), 1);
    let shown = tallies.iter().find(|t| t.from == at(0) && passed(&t.mark)).map(|t| t.mark);
    assert!(matches!(shown, Some(StripMark::Walked { walk, .. }) if Some(walk) == newest), "{tallies:?}");
}

#[tokio::test]
async fn a_second_process_is_refused_and_a_reader_is_not() {
    let (dir, store) = fresh().await;
    let path = dir.path().join("ledger.db");
    store.file(&opening("v1:aa", at(0))).await.unwrap();
    let refused = Store::open(&path).await.err().expect("the file is in use");
    assert!(matches!(refused, OpenError::InUse(_)), "{refused}");

    let reader = Store::open_read_only(&path).await.unwrap();
    assert_eq!(reader.notices(10).await.unwrap().len(), 1);
    assert!(reader.file(&opening("v1:bb", at(1))).await.is_err(), "a reader writes nothing");
    store.file(&opening("v1:cc", at(2))).await.unwrap();
    assert_eq!(reader.notices(10).await.unwrap().len(), 2);

    reader.close().await;
    store.close().await;
    Store::open(&path).await.expect("free again").verify().await.expect("sound");
}

#[tokio::test]
async fn a_newer_schema_and_a_damaged_file_are_refused() {
    let (dir, store) = fresh().await;
    let path = dir.path().join("ledger.db");
    store.file(&opening("v1:aa", at(0))).await.unwrap();
    store.close().await;
    let whole = std::fs::read(&path).unwrap();

    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    sqlx::query("INSERT INTO schema_versions (version) VALUES (99)").execute(&pool).await.unwrap();
    pool.close().await;
    let newer = Store::open(&path).await.err().expect("newer");
    assert!(matches!(newer, OpenError::Newer { found: 99, .. }), "{newer}");

    let mut spoiled = whole.clone();
    let half = spoiled.len() / 2;
    spoiled[half..half + 4096].fill(0x5a);
    for bytes in [spoiled, whole[..whole.len() / 2].to_vec(), b"not a database, but long enough to be one".repeat(40)] {
        std::fs::write(&path, &bytes).unwrap();
        let damaged = Store::open(&path).await.err().expect("damaged");
        assert!(matches!(damaged, OpenError::Damaged(_)), "{damaged}");
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "nothing was changed");
    }
    let absent = Store::open_read_only(&dir.path().join("nowhere.db")).await.err().expect("absent");
    assert!(matches!(absent, OpenError::Absent(_)), "{absent}");
}

/// Set in the process that is to be killed: where its ledger is.
const CRASH_AT: &str = "GENGFU_TEST_CRASH_LEDGER";

/// Files incidents for ever and says the name of each walk once it is filed. Only the crash story starts it.
#[tokio::test]
async fn crash_writer() {
    let Ok(path) = std::env::var(CRASH_AT) else { return };
    let store = Store::open(Path::new(&path)).await.unwrap();
    for n in 0.. {
        let filed = opening(&format!("v1:{}", WalkId::fresh()), at(n));
        store.file(&filed).await.unwrap();
        println!("\nfiled {}", filed.walk.walk);
    }
}

/// Starts this very program as a writer, kills it with SIGKILL after some filings, and opens what is left.
#[tokio::test]
async fn what_was_filed_survives_sigkill() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    let mut filed: Vec<WalkId> = Vec::new();
    for round in 0..12 {
        let mut writer = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::crash_writer", "--nocapture"])
            .env(CRASH_AT, &path)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let lines = std::io::BufReader::new(writer.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut said = lines.filter_map(|l| l.strip_prefix("filed ").map(|id| id.parse::<WalkId>().unwrap()));
        // Another number of filings each round, so that the kill meets another moment of a commit.
        filed.extend(said.by_ref().take(3 + round * 7));
        writer.kill().unwrap();
        filed.extend(said);
        writer.wait().unwrap();

        let store = Store::open(&path).await.expect("opens after a kill");
        store.verify().await.expect("sound after a kill");
        for walk in &filed {
            let stored = store.walk(*walk).await.unwrap().unwrap_or_else(|| panic!("{walk} was filed and is gone"));
            let seen = &stored.sightings[0];
            assert!(store.incident(seen.incident).await.unwrap().is_some(), "walk without its incident");
        }
        let walks = store.walks(&WalkQuery { limit: 1000, ..WalkQuery::default() }).await.unwrap().len();
        let notices = store.notices(1000).await.unwrap().len();
        let query = IncidentQuery { limit: 1000, ..IncidentQuery::default() };
        let incidents = store.incidents(&query).await.unwrap().len();
        assert_eq!((walks, walks), (incidents, notices), "a filing is whole or absent");
        assert!(walks >= filed.len() && walks <= filed.len() + round + 1, "{walks} kept, {} acknowledged", filed.len());
        store.close().await;
    }
}
