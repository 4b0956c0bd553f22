//! What the lane makes of what the browser tells it: answers, long messages, pages that go silent, files.

use super::lane::outcome;
use super::rig::{Rig, told};
use super::zoo::{Pages, Zoo};
use gengfu::walk::{ExchangeKind, WalkRecord};
use std::path::{Path, PathBuf};
use std::time::Duration;

const PAGES: Pages = &[
    ("/plain", "<button onclick=done()>下一步</button>"),
    (
        "/across",
        "<button onclick=\"fetch('http://'+location.hash.slice(1),{method:'POST',headers:{'x-a':'1'},body:'1'}).then(()=>done('答了'))\">提交</button>",
    ),
    ("/big", "<button onclick=\"fetch('/_/big').then(()=>done('答了'))\">查询</button>"),
    ("/loud", "<button onclick=\"console.log('x'.repeat(36e6));done()\">下一步</button>"),
    ("/silent-later", "<button onclick=\"done();fetch('/_/hang');setTimeout(()=>{for(;;);},1200)\">下一步</button>"),
    (
        "/reloads-itself",
        "<p id=n></p><script>const k=localStorage;q('#n').textContent='第'+(k.n=(+k.n||0)+1)+'次';onload=()=>setTimeout(()=>location.reload(),500)</script>",
    ),
    (
        "/refreshes-twice",
        "<p id=n></p><script>const k=localStorage;q('#n').textContent='第'+(k.n=(+k.n||0)+1)+'次';if(k.n<3)onload=()=>setTimeout(()=>location.reload(),50)</script>",
    ),
    ("/links", "<a href=/coming>去看</a>"),
    ("/coming", "<p>还在来</p><a href=/framing>再看</a><script src=/_/hang></script>"),
    ("/framing", "<p>到了</p><iframe src=/plain name=box></iframe>"),
    ("/says", "<p>在</p><script>console.warn('净值过期');setTimeout(()=>{throw new Error('坏了')})</script>"),
    (
        "/pushes",
        "<p>在</p><a href=/_/file.pdf>月结单</a><script>const a=document.createElement('a');a.href=URL.createObjectURL(new Blob(['x'.repeat(1000)]));a.download='x.bin';a.click()</script>",
    ),
];

const TAP: &str = "  - tap: {role: button, name: 下一步}\n    see: {text: 已完成}";

fn check(record: &WalkRecord, expected: &str) {
    assert!(outcome(record).starts_with(expected), "expected {expected}: {}\n{:?}", told(record), record.losses);
}

async fn rig(zoo: &Zoo) -> Rig {
    let mut rig = Rig::at(&zoo.base).await;
    rig.step_within = Duration::from_secs(15);
    rig
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preflight_is_not_the_answer_that_is_waited_for() {
    let (zoo, api) = (Zoo::open(PAGES).await, Zoo::open(PAGES).await);
    let mut rig = rig(&zoo).await;
    let address = api.base.trim_start_matches("http://").to_owned();
    rig.hosts.push(address.clone());
    let steps = |status: u16, within: &str| {
        format!(
            "  - open: \"/across#{address}/_/cors?{status}\"\n  - tap: {{role: button, name: 提交}}\n    response: {{path: /_/cors, status: 2xx}}\n    within: {within}"
        )
    };
    check(&rig.walk(&steps(500, "4s")).await, "wrong-response");
    check(&rig.walk(&steps(200, "15s")).await, "passed");
    assert_eq!((api.count("OPTIONS", "/_/cors"), api.count("POST", "/_/cors")), (2, 2));
    rig.browsers.shutdown().await;
}

/// Of a page that a link leads to while the one before it is still coming, the driver says that it is for a frame: its
/// errors would be nobody's.
#[tokio::test(flavor = "multi_thread")]
async fn pages_are_told_from_frames_however_they_are_come_to() {
    let zoo = Zoo::open(PAGES).await;
    let rig = rig(&zoo).await;
    let record = rig
        .walk("  - open: /links\n  - tap: {role: link, name: 去看}\n    see: {text: 还在来}\n  - tap: {role: link, name: 再看}\n    see: {text: 到了}\n  - see: {role: button, name: 下一步, frame: {name: box}}")
        .await;
    check(&record, "passed");
    let exchanges = record.steps.iter().flat_map(|s| &s.seen.exchanges).filter(|e| !e.url.contains("/_/"));
    let kinds: Vec<(&str, ExchangeKind)> =
        exchanges.map(|e| (e.url.strip_prefix(zoo.base.as_str()).unwrap_or(&e.url), e.kind)).collect();
    let (page, frame) = (ExchangeKind::Document, ExchangeKind::Frame);
    assert_eq!(kinds, [("/links", page), ("/coming", page), ("/framing", page), ("/plain", frame)]);
    rig.browsers.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_too_long_for_the_robot_is_no_fault_of_the_app() {
    let zoo = Zoo::open(PAGES).await;
    let rig = rig(&zoo).await;
    let steps = |rule: &str| {
        format!(
            "  - open: /big\n  - tap: {{role: button, name: 查询}}\n    response: {{path: /_/big, {rule}}}\n    within: 5s"
        )
    };
    check(&rig.walk(&steps("json: {\"$.code\": \"0000\"}")).await, "defect");
    check(&rig.walk(&steps("status: 2xx")).await, "passed");
    rig.browsers.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_endless_console_line_costs_nobody_the_browser() {
    let zoo = Zoo::open(PAGES).await;
    let rig = rig(&zoo).await;
    let waits = format!("  - open: /plain\n  - wait: 3s\n{TAP}");
    let loud = format!("  - open: /loud\n{TAP}\n  - wait: 3s");
    let (loud, neighbour) = tokio::join!(rig.walk(&loud), rig.walk(&waits));
    // The browser has its hands full with the line; nobody loses it.
    for record in [&loud, &neighbour] {
        let found = outcome(record);
        let right = ["passed", "unresponsive", "overloaded"].iter().any(|right| found.starts_with(right));
        assert!(right, "{}\n{:?}", told(record), record.losses);
    }
    let told_of = loud.losses.iter().any(|l| l.contains("MiB was not read"));
    assert!(told_of || outcome(&loud) != "passed", "{:?}", loud.losses);
    rig.browsers.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_goes_silent_after_the_last_step_is_told() {
    let zoo = Zoo::open(PAGES).await;
    let rig = rig(&zoo).await;
    let record = rig.walk(&format!("  - open: /silent-later\n{TAP}")).await;
    check(&record, "passed");
    assert!(record.losses.iter().any(|l| l.contains("answered nothing any more")), "{:?}", record.losses);
    assert!(record.steps.last().unwrap().seen.page.is_some(), "the look taken at the step's end is kept");
    rig.browsers.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_reloads_itself_is_watched_until_that_is_sure() {
    let zoo = Zoo::open(PAGES).await;
    let rig = rig(&zoo).await;
    // The walk is at its end as soon as the page has loaded itself anew: it alone would not tell one from the other.
    for (page, load, expected) in [("/reloads-itself", 2, true), ("/refreshes-twice", 3, false)] {
        let record = rig.walk(&format!("  - open: {page}\n  - see: {{text: 第{load}次}}")).await;
        check(&record, "passed");
        let judged = gengfu::detector::judge(&record);
        let seen = &record.steps[0].seen.navigations;
        assert_eq!(judged.findings.iter().any(|f| f.detector == "redirect-loop"), expected, "{page}: {seen:?}");
    }
    rig.browsers.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_is_kept_as_evidence() {
    use gengfu::evidence::Vault as _;
    let zoo = Zoo::open(PAGES).await;
    let mut rig = rig(&zoo).await;
    rig.network = true;
    let record = rig.walk("  - open: /says\n  - see: {text: 在}\n  - wait: 300ms").await;
    check(&record, "passed");
    let gengfu::walk::Kept::At(key) = &record.console else { panic!("{:?}", record.console) };
    let kept = String::from_utf8(rig.vault.get(key).await.unwrap()).unwrap();
    let lines: Vec<serde_json::Value> = kept.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let has = |level: &str, text: &str| {
        lines.iter().any(|l| l["level"] == level && l["text"].as_str().unwrap().contains(text))
    };
    assert!(has("warn", "净值过期") && has("exception", "坏了"), "{kept}");
    rig.browsers.shutdown().await;
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path());
    entries.flat_map(|path| if path.is_dir() { files_in(&path) } else { vec![path] }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_taken_only_where_a_step_waits_for_one_and_none_stays() {
    let zoo = Zoo::open(PAGES).await;
    let rig = rig(&zoo).await;
    check(&rig.walk("  - open: /pushes\n  - wait: 1s\n  - see: {text: 在}").await, "passed");
    let take = |kind: &str| {
        format!("  - open: /pushes\n  - download: {{role: link, name: 月结单, kind: {kind}}}\n  - see: {{text: 在}}")
    };
    check(&rig.walk(&take("pdf")).await, "passed");
    check(&rig.walk(&take("zip")).await, "download-wrong");
    let left: Vec<PathBuf> = files_in(rig.dir.path())
        .into_iter()
        .filter(|path| path.components().any(|part| part.as_os_str() == "downloads"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    rig.browsers.shutdown().await;
}
