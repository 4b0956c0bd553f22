//! The console over a real ledger: every route with its headers, hosts and methods refused, pages in both languages,
//! hostile page text kept inert, evidence that was altered never shown.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

#[path = "console/access.rs"]
mod access;
#[path = "console/audit.rs"]
mod audit;
#[path = "console/contrast.rs"]
mod contrast;
#[path = "console/due.rs"]
mod due;
#[path = "console/events.rs"]
mod events;
#[path = "console/fault.rs"]
pub mod fault;
#[path = "console/keeping.rs"]
pub mod keeping;
#[path = "console/maintenance.rs"]
mod maintenance;
#[path = "console/openapi.rs"]
mod openapi;
#[path = "console/peers.rs"]
mod peers;
#[path = "console/record.rs"]
mod record;
#[path = "console/reports.rs"]
mod reports;
#[path = "console/words.rs"]
mod words;
#[path = "console/world.rs"]
pub mod world;

use fault::{Names, fund, one_fault};
use gengfu::app::recall;
use gengfu::config::{self, Config};
use gengfu::console::Changed;
use gengfu::incident::{Archive, What};
use gengfu::patrol::Schedule;
use gengfu::walk::Verdict;
use gengfu::walk::v1::WalkV1;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use world::{Served, Way, World};

const DEADLINE: Duration = Duration::from_secs(10);

/// An answer as it came over the wire.
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

/// One request in raw bytes, so that a wrong host or method is really sent.
async fn send(address: SocketAddr, head: &str) -> Answer {
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(format!("{head}\r\nConnection: close\r\n\r\n").as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let text = tokio::time::timeout(DEADLINE, exchange).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let header = |line: &str| line.split_once(": ").map(|(k, v)| (k.to_ascii_lowercase(), v.to_owned()));
    Answer { status, headers: lines.filter_map(header).collect(), body: body.to_owned() }
}

async fn get(served: &Served, path: &str) -> Answer {
    send(served.address, &format!("GET {path} HTTP/1.1\r\nHost: localhost")).await
}

fn every_route(names: &Names) -> Vec<(String, u16)> {
    let absent = "0190f5e2-7c1d-7a3b-8c4d-5e6f70819203";
    [
        ("/".into(), 200),
        ("/?range=7d&lang=en&theme=dark".into(), 200),
        ("/?range=junk&lang=junk&theme=junk".into(), 200),
        ("/incidents".into(), 200),
        ("/incidents?state=all&app=wealth-h5&class=blocked&severity=P1&q=%E7%94%B3%E8%B4%AD".into(), 200),
        ("/incidents?state=%00&q=%3Cscript%3E".into(), 200),
        (format!("/incidents/{}", names.incident), 200),
        (format!("/incidents/{absent}"), 404),
        ("/incidents/..%2f..%2fetc".into(), 404),
        (format!("/walks/{}", names.failing), 200),
        (format!("/walks/{}?lang=en", names.good), 200),
        (format!("/walks/{absent}"), 404),
        ("/walks/1".into(), 404),
        ("/journeys".into(), 200),
        ("/journeys?app=wealth-h5&q=%E7%94%B3%E8%B4%AD&lang=en".into(), 200),
        ("/journeys?q=%3Cscript%3E".into(), 200),
        ("/journeys/fund-purchase?range=7d".into(), 200),
        ("/journeys/nobody-walks-this".into(), 404),
        ("/journeys/..%2f..%2fetc".into(), 404),
        ("/maintenance".into(), 200),
        ("/maintenance?lang=en".into(), 200),
        ("/api/v1/maintenance".into(), 200),
        ("/fleet".into(), 200),
        ("/fleet?lang=en".into(), 200),
        ("/notices".into(), 200),
        ("/notices?state=all&channel=mail&lang=en".into(), 200),
        (format!("/notices?incident={}&after=2~1~{}", names.incident, names.incident), 200),
        ("/notices?incident=%00&after=junk".into(), 200),
        ("/audit".into(), 200),
        ("/audit?actor=%3Cscript%3E&action=junk&object=%3Cscript%3E&from=junk&before=junk&lang=en".into(), 200),
        (format!("/evidence/{}", names.picture), 200),
        (format!("/evidence/{}", names.snapshot), 200),
        (format!("/evidence/{}.png", "a".repeat(64)), 404),
        ("/evidence/..%2f..%2fetc%2fpasswd".into(), 404),
        ("/reports".into(), 200),
        ("/reports?week=2026-W47&owner=%3Cscript%3E".into(), 404),
        ("/api/v1/reports?owner=nobody".into(), 404),
        ("/reports?week=junk".into(), 200),
        ("/reports/print?week=2026-W47".into(), 200),
        ("/reports/table.csv?week=2026-W47".into(), 200),
        ("/reports/table.xlsx?week=2026-W47".into(), 200),
        ("/healthz".into(), 200),
        ("/assets/console.css".into(), 200),
        ("/assets/console.js".into(), 200),
        ("/assets/report.css".into(), 200),
        ("/assets/nothing".into(), 404),
        ("/favicon.ico".into(), 200),
        ("/api/v1/today".into(), 200),
        ("/api/v1/incidents?state=all".into(), 200),
        (format!("/api/v1/incidents/{}", names.incident), 200),
        (format!("/api/v1/incidents/{absent}"), 404),
        (format!("/api/v1/walks/{}", names.failing), 200),
        (format!("/api/v1/walks/{absent}"), 404),
        ("/api/v1/events".into(), 200),
        ("/api/v1/events?after=x".into(), 400),
        ("/api/v1/events?after=-1".into(), 400),
        ("/api/v1/events?limit=0".into(), 400),
        ("/api/v1/events?limit=1001".into(), 400),
        ("/api/v1/events?after=9999999".into(), 409),
        ("/api/v1/reports?week=2026-W47".into(), 200),
        ("/api/v1/reports?week=47".into(), 400),
        ("/api/v1/journeys".into(), 200),
        ("/api/v1/journeys/fund-purchase".into(), 200),
        ("/api/v1/journeys/nobody-walks-this".into(), 404),
        ("/api/v1/journeys/fund-purchase/source".into(), 404),
        ("/api/v1/audit".into(), 200),
        ("/api/v1/audit?after=1&limit=1&object=watch&since=2026-11-21T08:00:00%2b08:00".into(), 200),
        ("/api/v1/audit?after=x".into(), 400),
        ("/api/v1/audit?limit=0".into(), 400),
        ("/api/v1/audit?since=yesterday".into(), 400),
        ("/api/v1/fleet".into(), 200),
        ("/api/v1/notices?state=all".into(), 200),
        ("/incidents?state=all&sort=longest&after=~1~junk".into(), 200),
        ("/metrics".into(), 200),
        ("/api/v1/nothing".into(), 404),
        ("/nothing".into(), 404),
    ]
    .into()
}

#[tokio::test]
async fn every_answer_carries_the_strict_headers() {
    let (world, names) = one_fault("x").await;
    let served = world.serve(&[]).await;
    for (path, status) in every_route(&names) {
        let answer = get(&served, &path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        let has = |name: &str, part: &str| {
            let value = answer.headers.get(name).map(String::as_str).unwrap_or_default();
            assert!(value.contains(part), "{path}: {name}: {value:?}, expected {part:?}");
        };
        has("content-security-policy", "default-src 'none'");
        has("content-security-policy", "frame-ancestors 'none'");
        has("x-content-type-options", "nosniff");
        has("referrer-policy", "same-origin");
        has("cross-origin-opener-policy", "same-origin");
        has("cross-origin-resource-policy", "same-origin");
        has("cache-control", if path.starts_with("/assets") || path == "/favicon.ico" { "" } else { "no-store" });
        let policy = &answer.headers["content-security-policy"];
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{path}: {policy}");
        if path.starts_with("/evidence") && status == 200 {
            has("content-security-policy", "sandbox");
        }
    }
}

#[tokio::test]
async fn pages_hold_no_inline_script_or_style() {
    let (world, names) = one_fault("x").await;
    let served = world.serve(&[]).await;
    for (path, _) in every_route(&names).into_iter().filter(|(p, s)| *s == 200 && !p.starts_with("/api")) {
        let body = get(&served, &path).await.body;
        for forbidden in [" style=", "<style", " onclick=", " onerror=", "javascript:", "<script>"] {
            let own_file = path.starts_with("/assets") || path.starts_with("/favicon");
            assert!(own_file || !body.contains(forbidden), "{path} has {forbidden:?}");
        }
    }
}

#[tokio::test]
async fn only_known_hosts_are_answered() {
    let (world, _) = one_fault("x").await;
    let served = world.serve(&["Console.Bank.test"]).await;
    let check = async |head: &str, status: u16| {
        let answer = send(served.address, head).await;
        assert_eq!(answer.status, status, "{head:?}");
        assert!(answer.headers.contains_key("content-security-policy"), "{head:?}");
    };
    check("GET / HTTP/1.1\r\nHost: localhost", 200).await;
    check("GET / HTTP/1.1\r\nHost: 127.0.0.1:9999", 200).await;
    check("GET / HTTP/1.1\r\nHost: [::1]:80", 200).await;
    check("GET / HTTP/1.1\r\nHost: console.bank.test", 200).await;
    check("GET / HTTP/1.1\r\nHost: evil.test", 421).await;
    check("GET /healthz HTTP/1.1\r\nHost: evil.test", 421).await;
    check("GET / HTTP/1.1\r\nHost: localhost.evil.test", 421).await;
    check("GET / HTTP/1.1\r\nHost: user@localhost", 421).await;
    check("GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.test", 421).await;
    check("GET http://evil.test/ HTTP/1.1\r\nHost: localhost", 421).await;
    check("GET / HTTP/1.0\r\nAccept: */*", 421).await;
}

/// Whether no form of a page, and no program, sends anything to the same path.
fn only_reads(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    !gengfu::console::routes().iter().any(|route| route.method == "POST" && route.path == path)
}

#[tokio::test]
async fn what_only_reads_takes_nothing_else() {
    let (world, names) = one_fault("x").await;
    let served = world.serve(&[]).await;
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
        for (path, _) in every_route(&names).into_iter().filter(|(path, _)| only_reads(path)) {
            let answer = send(served.address, &format!("{method} {path} HTTP/1.1\r\nHost: localhost")).await;
            // Where there is no route, nobody is told more than that they are not a page of ours.
            let nowhere = path.ends_with("/nothing") && !path.starts_with("/assets");
            assert_eq!(answer.status, if nowhere { 403 } else { 405 }, "{method} {path}");
            assert!(nowhere || answer.headers["allow"] == "GET,HEAD", "{method} {path}");
        }
    }
    assert_eq!(send(served.address, "HEAD / HTTP/1.1\r\nHost: localhost").await.status, 200);
}

#[tokio::test]
async fn pages_speak_the_language_that_is_asked_for() {
    let (world, _) = one_fault("x").await;
    let served = world.serve(&[]).await;
    let check = async |head: &str, shown: &str| {
        let answer = send(served.address, &format!("{head}\r\nHost: localhost")).await;
        assert!(answer.body.contains(shown), "{head:?} does not show {shown:?}");
        answer
    };
    check("GET / HTTP/1.1", "1 条旅程有故障").await;
    check("GET / HTTP/1.1\r\nAccept-Language: en-GB,en;q=0.9", "1 journey is in trouble").await;
    let chosen = check("GET /?lang=en HTTP/1.1", "1 journey is in trouble").await;
    let cookie = chosen.headers["set-cookie"].split(';').next().unwrap().to_owned();
    check(&format!("GET /incidents HTTP/1.1\r\nCookie: {cookie}"), "no Buy button").await;
    check(&format!("GET /?lang=zh HTTP/1.1\r\nCookie: {cookie}"), "1 条旅程有故障").await;
    check("GET /nothing?lang=en HTTP/1.1", "There is no such page").await;
}

#[tokio::test]
async fn an_empty_ledger_teaches() {
    let served_world = World::empty().await;
    let served = served_world.serve(&[]).await;
    assert!(get(&served, "/").await.body.contains("还没有走查"));
    let queue = get(&served, "/incidents?lang=en").await.body;
    assert!(queue.contains("No open incidents.") && queue.contains("gengfu demo"), "{queue}");
    let today: serde_json::Value = serde_json::from_str(&get(&served, "/api/v1/today").await.body).unwrap();
    assert_eq!(today["journeys"], serde_json::json!([]));
    let health: serde_json::Value = serde_json::from_str(&get(&served, "/healthz").await.body).unwrap();
    assert_eq!((&health["status"], &health["last_walk_at"]), (&"ok".into(), &serde_json::Value::Null));
}

#[tokio::test]
async fn a_watch_that_stands_still_is_not_healthy() {
    let (mut world, _) = one_fault("x").await;
    world.roster = vec![gengfu::console::Rostered {
        journey: "dead".parse().unwrap(),
        title: "dead".into(),
        app: "wealth-h5".into(),
        owner: None,
        schedule: Some(Schedule::every(Duration::from_secs(300)).unwrap()),
        since: world.ago(5),
    }];
    assert_eq!(get(&world.serve(&[]).await, "/healthz").await.status, 200);
    world.clock.advance(Duration::from_secs(3600));
    let answer = get(&world.serve(&[]).await, "/healthz").await;
    assert_eq!((answer.status, answer.body.contains("every-journey-overdue")), (503, true), "{}", answer.body);
}

#[tokio::test]
async fn today_shows_faults_and_gaps_and_never_a_silent_journey_as_well() {
    let (mut world, names) = one_fault("x").await;
    let since = world.ago(180);
    let quiet = |id: &str, schedule| gengfu::console::Rostered {
        journey: id.parse().unwrap(),
        title: id.into(),
        app: "wealth-h5".into(),
        owner: None,
        schedule,
        since,
    };
    let every = |minutes: u64| Schedule::every(Duration::from_secs(minutes * 60)).unwrap();
    let old = Way::new("old", "old", "wealth-h5", "desktop");
    world.patrolled(world.row(&old, world.ago(180), Verdict::Passed, "{}".into())).await;
    // 14:03 in Shanghai, Saturday: an hourly journey stands still, one of the working days does not.
    let office = every(5).within(None, "mon-fri".parse().unwrap(), jiff::tz::TimeZone::fixed(jiff::tz::offset(8)));
    world.roster = vec![
        quiet("never", None),
        quiet("old", Some(every(60))),
        quiet("new", Some(every(24 * 60))),
        quiet("office", Some(office)),
        quiet("dead", Some(every(60))),
    ];
    let served = world.serve(&[]).await;
    let today: serde_json::Value = serde_json::from_str(&get(&served, "/api/v1/today").await.body).unwrap();
    let standing: Vec<_> =
        today["journeys"].as_array().unwrap().iter().map(|j| (&j["journey"], &j["standing"])).collect();
    let expected = [
        ("fund-purchase", "failed"),
        ("dead", "overdue"),
        ("old", "overdue"),
        ("never", "never"),
        ("new", "never"),
        ("office", "never"),
    ]
    .map(|(j, s)| (j.into(), s.into()));
    assert_eq!(standing, expected.iter().map(|(j, s)| (j, s)).collect::<Vec<(&serde_json::Value, _)>>());
    let worst: Vec<_> = today["journeys"][0]["cells"].as_array().unwrap().iter().map(|c| &c["worst"]).collect();
    assert_eq!(worst, ["passed", "gap", "failed"]);
    assert_eq!(today["open_incidents"], serde_json::json!([names.incident]));
    let page = get(&served, "/").await.body;
    assert!(page.contains(&format!("/walks/{}", names.failing)) && page.contains("class=\"gap\""));
}

#[tokio::test]
async fn an_incident_stands_beside_its_last_good_walk_with_the_failing_step_marked() {
    let (world, names) = one_fault("x").await;
    let served = world.serve(&[]).await;
    let page = get(&served, &format!("/incidents/{}", names.incident)).await.body;
    assert!(page.contains(&format!("/walks/{}#step-3", names.failing)), "{page}");
    assert!(page.contains(&format!("/walks/{}#step-3", names.good)));
    let replay = format!("gengfu replay {} --config /etc/gengfu/gengfu.yaml", names.incident);
    assert!(page.replace("&#x2f;", "/").contains(&replay), "{page}");
    let file: serde_json::Value =
        serde_json::from_str(&get(&served, &format!("/api/v1/incidents/{}", names.incident)).await.body).unwrap();
    assert_eq!(file["replay"], replay);
    let config = Config { store: config::Store { file: world.ledger() }, ..Config::default() };
    let found = recall::walk(&config, names.incident.parse().unwrap()).await.unwrap();
    let failing = world.store.walk(names.failing.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(found, WalkV1::parse(&failing.row.json).unwrap(), "the printed command finds the failing walk");
    assert_eq!(page.matches("断在这里").count(), 1);
    let walk = get(&served, &format!("/walks/{}", names.failing)).await.body;
    assert!(walk.contains("data-first=\"3\"") && walk.contains("id=\"step-4\""));
    assert!(walk.contains("系统繁忙") && walk.contains(&format!("/incidents/{}", names.incident)));
}

#[tokio::test]
async fn filters_stand_in_the_address() {
    let (world, names) = one_fault("x").await;
    let served = world.serve(&[]).await;
    let check = async |query: &str, found: bool| {
        let answer = get(&served, &format!("/api/v1/incidents?{query}")).await;
        assert_eq!(answer.body.contains(&names.incident), found, "{query}");
        let page = get(&served, &format!("/incidents?{query}")).await;
        assert_eq!(page.body.contains(&names.incident), found, "{query}");
    };
    check("", true).await;
    check("state=open&app=wealth-h5&class=blocked&severity=P1", true).await;
    check("state=recovered", false).await;
    check("app=other", false).await;
    check("class=robot", false).await;
    check("severity=P2", false).await;
    check("q=BUY+button", true).await;
    check("q=nowhere", false).await;
    check("app=&class=&severity=&q=", true).await;
}

#[tokio::test]
async fn altered_and_lost_evidence_is_never_displayed() {
    let (world, names) = one_fault("<b>page</b>").await;
    let served = world.serve(&[]).await;
    let kept = get(&served, &format!("/evidence/{}", names.picture)).await;
    assert_eq!((kept.headers["content-type"].as_str(), kept.headers["x-evidence"].as_str()), ("image/png", "verified"));
    let snapshot = get(&served, &format!("/evidence/{}", names.snapshot)).await;
    assert!(snapshot.headers["content-type"].starts_with("text/plain"));
    assert!(snapshot.headers["content-disposition"].starts_with("attachment; filename="));

    world.vault.alter(&names.picture);
    world.vault.alter(&names.snapshot);
    for key in [&names.picture, &names.snapshot] {
        let altered = get(&served, &format!("/evidence/{key}")).await;
        assert_eq!((altered.status, altered.headers["x-evidence"].as_str()), (409, "altered"), "{key}");
        assert!(altered.body.contains("证据已被改动"), "{}", altered.body);
        assert!(!altered.body.contains("PNG") && !altered.body.contains("<b>page"), "{}", altered.body);
        assert!(altered.headers["content-security-policy"].contains("sandbox"));
    }
    world.vault.lose(&names.picture);
    let lost = get(&served, &format!("/evidence/{}", names.picture)).await;
    assert_eq!((lost.status, lost.headers["x-evidence"].as_str()), (404, "absent"));
}

#[tokio::test]
async fn a_record_that_cannot_be_read_says_so() {
    let world = World::empty().await;
    let row =
        world.patrolled(world.row(&fund(), world.ago(5), Verdict::Failed, "{\"shape\":\"walk.v9\"}".into())).await;
    let served = world.serve(&[]).await;
    let page = get(&served, &format!("/walks/{}?lang=en", row.walk)).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("cannot be read"), "{}", page.body);
}

#[tokio::test]
async fn open_pages_hear_of_changes_and_let_go_when_the_console_stops() {
    let (world, _) = one_fault("x").await;
    let served = world.serve(&[]).await;
    let listening = async {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(b"GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        let mut heard = String::new();
        let mut bytes = [0; 4096];
        let deadline = tokio::time::Instant::now() + DEADLINE;
        while !heard.contains("data: incident") {
            assert!(tokio::time::Instant::now() < deadline, "heard only {heard:?}");
            served.feed.tell(Changed::Incident);
            let more = tokio::time::timeout(Duration::from_millis(50), stream.read(&mut bytes)).await;
            heard.push_str(&String::from_utf8_lossy(&bytes[..more.map_or(0, Result::unwrap)]));
        }
        assert!(heard.contains("text/event-stream"), "{heard}");
        served.cancel.cancel();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await.unwrap();
    };
    tokio::time::timeout(DEADLINE, listening).await.unwrap();
}

/// A walk says what it met in English, and so it is kept; a Chinese page says it in Chinese.
#[tokio::test]
async fn a_cause_is_told_in_the_language_of_the_page() {
    let world = World::empty().await;
    let walk = world.row(&fund(), world.ago(2), Verdict::Failed, "{}".into());
    let mut met = world::incident(&walk, "amount", "填金额", "客户走不下去", "A customer cannot go on");
    met.cause = Some("button \"下一步\" did not show: waited 5.0 s on /funds".into());
    let id = met.id;
    world.opened(met, walk).await;
    let served = world.serve(&[]).await;
    let check = async |lang: &str, said: &str, not: &str| {
        let body = get(&served, &format!("/incidents/{id}?lang={lang}")).await.body;
        assert!(body.contains(said) && !body.contains(not), "{lang}: {body}");
    };
    check("zh", "没有出现按钮", "did not show").await;
    check("en", "did not show: waited 5.0 s on", "没有出现按钮").await;
}

#[tokio::test]
async fn hostile_text_is_escaped_wherever_it_is_shown() {
    let hostile = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}${7*7}</title></pre>";
    let (world, names) = one_fault(hostile).await;
    let later = world.row(&fund(), world.ago(1), Verdict::Passed, "{}".into());
    let found = world.store_incident(&names.incident).await;
    world.moved(&found, What::Recovered, later).await;
    let served = world.serve(&[]).await;
    for (path, _) in every_route(&names).into_iter().filter(|(_, s)| *s == 200) {
        // Tables are files to keep: nothing shows them as a page.
        let no_page = ["/api", "/evidence", "/assets", "/reports/table"];
        if no_page.iter().any(|start| path.starts_with(start)) {
            continue;
        }
        for query in ["", "state=all&q=%22%3E%3Cscript%3Ealert(3)%3C/script%3E"] {
            let joint = if path.contains('?') { '&' } else { '?' };
            let body = get(&served, &format!("{path}{joint}{query}")).await.body;
            for forbidden in ["<script>", "<img src=x", "</title></pre>", "&gt;49$"] {
                assert!(!body.contains(forbidden), "{path}{joint}{query} has {forbidden:?}");
            }
        }
    }
}
