//! Where a walk may go and what stands in the way: servers that are down behind TLS, the guard, pages that go on by themselves.

use super::lane::outcome;
use super::rig::{Rig, told};
use super::zoo::{Pages, Zoo};
use gengfu::detector::judge;
use gengfu::walk::run::walk;
use gengfu::walk::{Attribution, Exchange, WalkRecord};
use std::net::TcpListener;

const PAGES: Pages = &[
    ("/plain", "<p>到了</p>"),
    (
        "/calls",
        "<button onclick=\"fetch('https://'+location.search.slice(1)+'/api').then(()=>done('好'),()=>done('不通'))\">查询</button>",
    ),
    ("/leads", "<a>去那里</a><script>q('a').href='https://'+location.search.slice(1)+'/there'</script>"),
    ("/overtaken", "<!doctype html><script>location.replace('/plain')</script><script src=/_/hang></script>"),
    (
        "/overtaken-late",
        "<!doctype html><script>setTimeout(()=>location.href='/plain',300)</script><script src=/_/hang></script>",
    ),
];

/// A port of the loopback where nobody listens.
fn closed_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Walks with one more host declared, which is the app's own.
async fn walk_with(rig: &Rig, host: &str, steps: &str) -> WalkRecord {
    let mut plan = rig.plan();
    plan.own_hosts.push(host.parse().unwrap());
    walk(rig.journey(steps), plan, rig.world(), rig.cancel.clone()).await
}

/// Whom the findings blame, by detector.
fn blamed(record: &WalkRecord) -> Vec<(&'static str, Attribution)> {
    judge(record).findings.iter().map(|f| (f.detector, f.attribution)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_is_down_behind_tls_is_the_apps_fault() {
    let zoo = Zoo::open(PAGES).await;
    let mut rig = Rig::at(&zoo.base).await;
    let down = format!("127.0.0.1:{}", closed_port());
    rig.hosts.push(down.clone());

    let record = walk_with(&rig, &down, &format!("  - open: https://{down}/\n  - see: {{text: 到了}}")).await;
    assert!(
        outcome(&record).starts_with("navigation-failed: ") && outcome(&record).contains("ERR_CONNECTION_REFUSED"),
        "{}",
        told(&record)
    );
    assert_eq!(blamed(&record), [("navigation-failed", Attribution::Product)]);

    let steps = format!(
        "  - open: /calls?{down}\n  - tap: {{role: button, name: 查询}}\n    see: {{text: 好, exact: true}}\n    within: 2s"
    );
    let record = walk_with(&rig, &down, &steps).await;
    let failed = |e: &&Exchange| e.url.ends_with("/api") && e.error.as_deref() == Some("net::ERR_CONNECTION_REFUSED");
    assert!(record.steps.iter().flat_map(|s| &s.seen.exchanges).any(|e| failed(&e)), "{record:#?}");
    assert_eq!(blamed(&record), [("api-error", Attribution::Product)], "{}", told(&record));

    let steps = format!("  - open: /leads?{down}\n  - tap: {{text: 去那里}}\n    see: {{text: 到了}}\n    within: 2s");
    let record = walk_with(&rig, &down, &steps).await;
    assert_eq!(blamed(&record), [("navigation-failed", Attribution::Product)], "{}", told(&record));
    rig.browsers.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_guard_does_not_let_it_go_the_walk_says_so() {
    let zoo = Zoo::open(PAGES).await;
    let rig = Rig::at(&zoo.base).await;
    let strange = format!("127.0.0.1:{}", closed_port());
    let check = async |steps: String, named: &str| {
        let record = rig.walk(&steps).await;
        let found = outcome(&record);
        assert!(found.starts_with("guarded: ") && found.contains(named), "{steps}\n{}", told(&record));
        assert!(blamed(&record).iter().all(|(_, by)| *by == Attribution::Robot), "{:?}", blamed(&record));
    };
    check(format!("  - open: https://{strange}/x\n  - see: {{text: 到了}}"), &strange).await;
    for place in ["file:///etc/passwd", "chrome://version/"] {
        // The reader refuses it where it stands in the file; a name may hold it, too.
        let head = format!("journey: test\ntitle: 测试\napp: test\nvars: {{where: \"{place}\"}}\nsteps:\n");
        check(format!("{head}  - open: \"${{where}}\"\n  - see: {{text: root}}"), place).await;
    }
    let leads =
        format!("  - open: /leads?{strange}\n  - tap: {{text: 去那里}}\n    see: {{text: 到了}}\n    within: 2s");
    check(leads, &strange).await;
    rig.browsers.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_goes_on_while_it_loads_has_loaded() {
    let zoo = Zoo::open(PAGES).await;
    let rig = Rig::at(&zoo.base).await;
    for page in ["/overtaken", "/overtaken-late"] {
        let record = rig.walk(&format!("  - open: {page}\n  - see: {{text: 到了}}")).await;
        assert_eq!(outcome(&record), "passed", "{}", told(&record));
    }
    let record = rig.walk("  - open: /_/file.pdf\n  - see: {text: 到了}").await;
    assert!(outcome(&record).starts_with("navigation-failed: "), "{}", told(&record));
    rig.browsers.shutdown().await;
}
