//! A ledger with a million walks: a few rows that the store itself wrote, multiplied by SQL, each copy with its own name and
//! time. Walks of a hundred journeys every five minutes, incidents that point at their walks, notices, moves and sightings.

use super::record::{Told, walk_v1};
use super::world::{NOW, Way, World, incident};
use gengfu::console::Rostered;
use gengfu::finding::Severity;
use gengfu::incident::{Stage, Standing, State};
use gengfu::measure::Week;
use gengfu::moment::Moment;
use gengfu::store::Store;
use gengfu::walk::Verdict;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Journeys, and milliseconds between two walks of one.
const JOURNEYS: i64 = 100;
const EVERY_MS: i64 = 300_000;
/// Entries of the audit log for each incident: its moves, and who looked at it.
const ENTRIES: u64 = 5;

/// How much is stored.
pub struct Size {
    pub walks: u64,
    pub incidents: u64,
}

/// A ledger on disk, and names of what is in it.
pub struct Ledger {
    pub file: PathBuf,
    pub incident: String,
    pub walk: String,
    pub journey: String,
    /// A place in the midst of the closed incidents.
    pub midst: String,
    /// The week before the last.
    pub week: Week,
}

impl Ledger {
    /// The ledger of this size, made if it is not there.
    pub async fn at(size: &Size, anew: bool) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench-console");
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("ledger-{}-{}-{}.db", size.walks, size.incidents, size.incidents * ENTRIES));
        if anew || !file.exists() {
            make(&file, size).await;
        }
        // Brings the schema up to date, where the file is of an older gengfu.
        Store::open(&file).await.unwrap().close().await;
        let mut look = open(&file).await;
        let text = async |look: &mut AnyConnection, question: &'static str| -> String {
            sqlx::query(question).fetch_one(look).await.unwrap().get(0)
        };
        let incident = text(
            &mut look,
            "SELECT id FROM incidents WHERE standing = 'confirmed' AND parent IS NULL ORDER BY last_seen DESC LIMIT 1",
        )
        .await;
        let walk = text(&mut look, "SELECT id FROM walks WHERE verdict = 'failed' ORDER BY started DESC LIMIT 1").await;
        let midst = text(
            &mut look,
            "SELECT '~' || last_seen || '~' || id FROM incidents WHERE standing = 'closed' AND parent IS NULL \
             ORDER BY last_seen LIMIT 1 OFFSET 1000",
        )
        .await;
        look.close().await.unwrap();
        let week = Week::holding(Moment::from_millis(NOW), &jiff::tz::TimeZone::UTC).previous().previous();
        Self { file, incident, walk, journey: way(0).id.to_string(), midst, week }
    }

    /// The world of this ledger, at the time at which it was made.
    pub async fn world(&self) -> World {
        World::over(Arc::new(Store::open(&self.file).await.unwrap()))
    }
}

fn way(n: i64) -> Way {
    Way::new(&format!("journey-{n}"), &format!("旅程 {n}：申购到确认页"), &format!("app-{}", n % 8), "h5-iphone")
}

/// The journeys on the watch.
pub fn roster() -> Vec<Rostered> {
    let rostered = |way: Way| Rostered {
        journey: way.id,
        title: way.title,
        app: way.app,
        owner: None,
        schedule: None,
        since: Moment::from_millis(NOW),
    };
    (0..JOURNEYS).map(way).map(rostered).collect()
}

async fn open(file: &Path) -> AnyConnection {
    sqlx::any::install_default_drivers();
    AnyConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap()
}

/// What the store writes of each kind of row there is to be.
async fn models(world: &World) {
    // Short records: what is large is read for the walks shown alone, and a million of them would fill the disk.
    let told: Vec<Told> = (0..2)
        .map(|n| Told {
            id: ["open", "confirm"][n],
            title: format!("第 {n} 步"),
            verb: "tap",
            picture: None,
            snapshot: None,
        })
        .collect();
    let ago = |n: i64| Moment::from_millis(NOW - 40 * 86_400_000 + n * 1_000);
    let mut n = 0;
    for journey in 0..JOURNEYS {
        for verdict in [Verdict::Passed, Verdict::Degraded, Verdict::Failed, Verdict::Inconclusive] {
            let way = way(journey);
            let json = walk_v1(&way, ago(n), verdict, &told, 1, "系统繁忙，请稍后再试");
            world.patrolled(world.row(&way, ago(n), verdict, json)).await;
            n += 1;
        }
    }
    let stages = [
        (Stage::New, State::Suspected),
        (Stage::New, State::Open),
        (Stage::Assigned, State::Open),
        (Stage::Acknowledged, State::Open),
        (Stage::Fixing, State::Open),
        (Stage::FixClaimed, State::Open),
        (Stage::New, State::Recovered),
        (Stage::FalseAlarm, State::Open),
        (Stage::WontFix, State::Open),
        (Stage::Duplicate, State::Open),
    ];
    for severity in [Severity::P1, Severity::P2, Severity::P3] {
        for (stage, state) in stages {
            for closed in [false, true].into_iter().take(if state == State::Recovered { 2 } else { 1 }) {
                let walk = world.row(&way(n % JOURNEYS), ago(n), Verdict::Failed, "{}".into());
                let mut made = incident(
                    &walk,
                    "amount",
                    "填金额",
                    "客户填完金额点“下一步”后走不下去：页面提示系统繁忙，请稍后再试",
                    "A customer cannot go on after the amount: the page says that the system is busy",
                );
                made.cause = Some("POST /api/orders/prepare 200 E2001 系统繁忙".into());
                made.severity = severity;
                made.state = state;
                made.handling.stage = stage;
                made.handling.assignee = (n % 3 == 0).then(|| "li.lei".to_owned());
                made.recovered = (state == State::Recovered).then_some(walk.started);
                made.handling.closed = closed.then_some(walk.started);
                world.opened(made, walk).await;
                n += 1;
            }
        }
    }
}

/// The name that a thing of this time and number has.
fn uuid(ms: &str, number: &str) -> String {
    format!(
        "substr(printf('%012x', {ms}), 1, 8) || '-' || substr(printf('%012x', {ms}), 9, 4) || '-7000-8000-' || printf('%012x', {number})"
    )
}

async fn make(file: &Path, size: &Size) {
    let began = Instant::now();
    for old in ["", "-wal", "-shm"] {
        let _absent = std::fs::remove_file(format!("{}{old}", file.display()));
    }
    let part = file.with_extension("part");
    for old in ["", "-wal", "-shm"] {
        let _absent = std::fs::remove_file(format!("{}{old}", part.display()));
    }
    let store = Arc::new(Store::open(&part).await.unwrap());
    models(&World::over(store.clone())).await;
    Arc::into_inner(store).unwrap().close().await;
    let mut book = open(&part).await;
    let per = i64::try_from(size.walks).unwrap() / JOURNEYS;
    let begin = NOW - per * EVERY_MS;
    let apart = EVERY_MS / JOURNEYS;
    let ms = format!("({begin} + (n.i / {JOURNEYS}) * {EVERY_MS} + (n.i % {JOURNEYS}) * {apart})");
    let numbers =
        |count: u64| format!("WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})");
    // Which walk an incident was met by.
    let met = format!("((n.i * 9973) % {})", size.walks);
    let met_ms = format!("({begin} + ({met} / {JOURNEYS}) * {EVERY_MS} + ({met} % {JOURNEYS}) * {apart})");
    let (walk, seen, own) = (uuid(&ms, "n.i"), uuid(&met_ms, &met), uuid(&met_ms, "n.i"));
    let columns = "fingerprint, kind, app, journey, title, step, step_title, route, devices, detector, class, severity, \
        attribution, headline_zh, headline_en, cause, state, suspicion, first_seen, last_seen, opened, recovered, sightings, \
        unconfirmed, reopened, good_walk, failing_walk, picture, owner, tags, previous, judged_at, judged_walk, revision, \
        flaps, flapping, digest, kin, looks, parent, past, in_a_row, score, looks_counted, looks_met, intermittent, standing, \
        assignee, handling";
    let open_share = Standing::OPEN.len();
    let entries = size.incidents * ENTRIES;
    let steps = [
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; PRAGMA foreign_keys = OFF".to_owned(),
        format!(
            "CREATE TEMP TABLE way AS SELECT *, CAST(substr(journey, 9) AS INTEGER) AS j FROM walks WHERE purpose = 'patrol';
             CREATE INDEX temp.way_of ON way (j, verdict);
             CREATE TEMP TABLE trouble AS SELECT *, ROW_NUMBER() OVER (ORDER BY id) - 1 AS t FROM incidents;
             CREATE TEMP TABLE chosen (pick INTEGER PRIMARY KEY, t INTEGER);
             INSERT INTO chosen {} SELECT n.i, (SELECT t FROM trouble WHERE standing = CASE
                WHEN n.i % 100 < 70 THEN 'closed' WHEN n.i % 100 < 80 THEN 'confirmed' WHEN n.i % 100 < 86 THEN 'acknowledged'
                WHEN n.i % 100 < 90 THEN 'fixing' WHEN n.i % 100 < 92 THEN 'fix-claimed' WHEN n.i % 100 < 94 THEN 'assigned'
                WHEN n.i % 100 < 95 THEN 'suspected' WHEN n.i % 100 < 96 THEN 'verifying' WHEN n.i % 100 < 98 THEN 'false-alarm'
                WHEN n.i % 100 < 99 THEN 'wont-fix' ELSE 'duplicate' END AND severity = 'P' || (1 + n.i / 100 % 3)) FROM n",
            numbers(10_000)
        ),
        format!(
            "{} INSERT INTO walks (id, journey, title, app, device, purpose, slot, confirms, epoch, started, elapsed_ms, verdict,
             class, attribution, record, verifies, steps, steps_walked)
             SELECT {walk}, way.journey, way.title, way.app, way.device, 'patrol', {ms}, NULL, 1, {ms}, 6000 + (n.i * 7919) % 4000,
             way.verdict, way.class, way.attribution, way.record, NULL, way.steps, way.steps_walked FROM n CROSS JOIN way INDEXED BY way_of
             ON way.j = n.i % {JOURNEYS} AND way.verdict = CASE WHEN (n.i * 7919) % 1000 < 950 THEN 'passed'
             WHEN (n.i * 7919) % 1000 < 970 THEN 'degraded' WHEN (n.i * 7919) % 1000 < 990 THEN 'failed' ELSE 'inconclusive' END",
            numbers(size.walks)
        ),
        "INSERT OR IGNORE INTO slots (journey, due, epoch, holder, leased_until, walk, missed)
             SELECT journey, slot, 1, 'walker-1', slot, CASE WHEN rowid % 500 = 0 THEN NULL ELSE id END,
             CASE WHEN rowid % 500 = 0 THEN 'busy' END FROM walks".to_owned(),
        "DELETE FROM tallies;
         INSERT INTO tallies (width, cell, journey, mark, tally, walk)
            SELECT v.width, s.due / v.width, s.journey, COALESCE(w.verdict, s.missed), COUNT(*), MAX(w.id)
            FROM slots s LEFT JOIN walks w ON w.id = s.walk CROSS JOIN tally_widths AS v GROUP BY 1, 2, 3, 4".to_owned(),
        format!(
            "{} INSERT INTO incidents (id, words, {columns})
             SELECT {own}, replace(words, lower(id), {own}), printf('%064x', n.i), kind, 'app-' || (({met} % {JOURNEYS}) % 8),
             'journey-' || ({met} % {JOURNEYS}), title, step, step_title, route, devices, detector, class, severity, attribution,
             headline_zh || '（第 ' || n.i || ' 起）', headline_en || ', no. ' || n.i, cause, state, suspicion, {met_ms},
             {met_ms} + (n.i % 50) * 60000, {met_ms}, CASE WHEN recovered IS NOT NULL THEN {met_ms} + 3600000 END, sightings,
             unconfirmed, reopened, NULL, {seen}, picture, owner, tags, NULL, {met_ms}, {seen}, 3, flaps, flapping, digest, kin,
             looks, CASE WHEN n.i % 5 = 4 THEN (SELECT id FROM trouble LIMIT 1) END, past, in_a_row, score, looks_counted,
             looks_met, intermittent, standing, assignee, handling
             FROM n JOIN chosen ON chosen.pick = n.i % 10000 JOIN trouble ON trouble.t = chosen.t",
            numbers(size.incidents)
        ),
        "INSERT OR IGNORE INTO sightings (incident, walk, at, role, device, cause, evidence)
            SELECT id, failing_walk, last_seen, 'confirmation', 'h5-iphone', cause, '[]' FROM incidents;
         INSERT OR IGNORE INTO moves (incident, revision, what, at, walk, actor)
            SELECT id, k.n, CASE k.n WHEN 1 THEN 'suspected' WHEN 2 THEN 'opened' ELSE 'recovered' END, first_seen + k.n, failing_walk, 'robot'
            FROM incidents CROSS JOIN (SELECT 1 AS n UNION SELECT 2 UNION SELECT 3) AS k".to_owned(),
        format!(
            "INSERT OR IGNORE INTO notices (id, incident, channel, recipient, reason, state, queued, due, tries, token, leased_until, said, body)
             SELECT {}, id, CASE k.n WHEN 0 THEN 'mail' ELSE 'dingtalk' END, CASE k.n WHEN 0 THEN 'team@bank.example' END, 'opened',
             CASE WHEN incidents.rowid % 1000 = 7 THEN 'undeliverable' WHEN incidents.rowid % 200 = 8 THEN 'waiting'
                WHEN incidents.rowid % 5 = 1 THEN 'gathered' ELSE 'delivered' END,
             first_seen, first_seen + 1000, CASE WHEN incidents.rowid % 200 = 8 THEN 5 ELSE 1 END, 1, 0, '250 2.0.0 Ok: queued', '{{}}'
             FROM incidents CROSS JOIN (SELECT 0 AS n UNION SELECT 1) AS k",
            uuid("first_seen", &format!("incidents.rowid * 2 + k.n + {open_share}"))
        ),
        // Hashes of their own length that are none: the page says so of each, which costs it no more than saying nothing.
        format!(
            "CREATE TEMP TABLE upon AS SELECT ROW_NUMBER() OVER (ORDER BY id) - 1 AS i, id FROM incidents;
             CREATE INDEX temp.upon_by ON upon (i);
             CREATE TEMP TABLE newest AS SELECT MAX(seq) AS seq, MAX(at) AS at FROM audit;
             {} INSERT INTO audit (seq, at, actor, action, object, detail, prev, hash)
             SELECT newest.seq + n.i + 1, {begin} + n.i * ({NOW} - {begin}) / {entries},
             CASE WHEN n.i % 4 > 0 THEN 'robot' WHEN n.i % 3 = 0 THEN 'person:li.lei' ELSE 'person:reader-' || (n.i % 40) END,
             CASE WHEN n.i % 1000 = 1 THEN 'watch-begun' WHEN n.i % 4 > 0 THEN 'incident-moved' WHEN n.i % 40 = 0 THEN 'signed-in'
                WHEN n.i % 28 = 0 THEN 'walk-asked' ELSE 'evidence-seen' END,
             CASE WHEN n.i % 1000 = 1 OR n.i % 28 = 0 THEN 'watch' ELSE 'incident/' || upon.id END,
             '{{\"state\":\"open\",\"walk\":\"' || upon.id || '\",\"what\":\"sighted\"}}', printf('%064x', n.i), printf('%064x', n.i + 1)
             FROM n CROSS JOIN newest JOIN upon ON upon.i = n.i / {ENTRIES}",
            numbers(entries)
        ),
    ];
    for (number, step) in steps.iter().enumerate() {
        sqlx::raw_sql(AssertSqlSafe(step.clone())).execute(&mut book).await.unwrap();
        println!(
            "made {} of {} parts of the ledger after {:.0} s",
            number + 1,
            steps.len(),
            began.elapsed().as_secs_f64()
        );
    }
    book.close().await.unwrap();
    std::fs::rename(&part, file).unwrap();
}
