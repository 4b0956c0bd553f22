//! Pages that mean harm, and browsers that die: each walk ends in time and says what it met, and others walk on.

use super::lane::outcome;
use super::rig::{Rig, told};
use super::zoo::{Pages, Zoo};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// Page, steps, the outcomes that are right (`|` between them).
type Case = (&'static str, &'static str, &'static str);

/// What a walk may take over its budget.
const OVER_BUDGET_MAX: Duration = Duration::from_secs(5);
const BUDGET: Duration = Duration::from_secs(8);

/// Elements in elements, so many of them.
macro_rules! deep {
    ($levels:literal) => {
        concat!(
            "<button onclick=done()>下一步</button><script>let n=document.body;for(let i=0;i<",
            $levels,
            ";i++){const d=document.createElement('div');n.append(d);n=d}n.textContent='底'</script>"
        )
    };
}

const PAGES: Pages = &[
    ("/plain", "<button onclick=done()>下一步</button>"),
    ("/alerts", "<script>for(;;)alert('再来')</script>"),
    ("/alerts-on-tap", "<button onclick=\"for(;;)alert('再来')\">下一步</button>"),
    ("/confirms", "<button onclick=\"while(!confirm('去吗'));\">下一步</button>"),
    (
        "/stays",
        "<button onclick=done()>下一步</button><script>onbeforeunload=(e)=>{e.preventDefault();return e.returnValue='别走'}</script>",
    ),
    ("/loop", "<p>甲</p><script>for(;;);</script>"),
    ("/loop-on-tap", "<button onclick='for(;;);'>下一步</button>"),
    ("/reloads", "<p>在</p><script>setTimeout(()=>location.reload(),100)</script>"),
    (
        "/bomb",
        "<button onclick='bomb()'>下一步</button><script>function bomb(){for(let i=0;i<40;i++)window.open('/plain?'+i)}</script>",
    ),
    ("/js-loop", "<script>location.replace('/js-loop2')</script>"),
    ("/js-loop2", "<script>location.replace('/js-loop')</script>"),
    ("/hanging-image", "<button onclick=done()>下一步</button><img src=/_/hang width=50 height=50>"),
    (
        "/huge",
        "<button onclick=done()>下一步</button><div id=box></div><script>q('#box').innerHTML='<i>点</i>'.repeat(200000)</script>",
    ),
    ("/deep", deep!("2000")),
    ("/deeper", deep!("10000")),
    (
        "/liar",
        "<button onclick=done()>下一步</button><script>Array.prototype.map=Array.prototype.filter=Array.prototype.flatMap=()=>[];JSON.stringify=()=>'骗';JSON.parse=()=>{throw 1};document.elementsFromPoint=()=>[];Document.prototype.elementsFromPoint=()=>[];window.MutationObserver=function(){throw 2};window.setTimeout=()=>0;window.requestAnimationFrame=()=>0;Element.prototype.getBoundingClientRect=()=>({});Document.prototype.querySelectorAll=()=>[];globalThis.gengfu=()=>'骗'</script>",
    ),
    (
        "/clobbered",
        "<form><input name=children><input name=parentElement><input name=tagName><input name=matches><input name=closest><input name=getAttribute><input name=querySelectorAll><input name=querySelector><input name=childNodes><input name=textContent><input name=nodeType><input name=shadowRoot><input name=assignedSlot><input name=isConnected><input name=checkVisibility><input name=getAnimations><button type=button onclick=done()>下一步</button></form><img name=images src=data:,><img name=body><form name=title></form><img name=querySelectorAll><img name=activeElement><img name=createTreeWalker><img name=readyState><img name=elementsFromPoint><img name=createRange><img name=documentElement>",
    ),
    ("/gone", "<button>下一步</button><script>setTimeout(()=>document.documentElement.remove(),200)</script>"),
    ("/flood", "<button onclick=done()>下一步</button><script>for(let i=0;i<100000;i++)console.log('洪水'+i)</script>"),
    ("/fetches", "<button onclick=done()>下一步</button><script>for(let i=0;i<2000;i++)fetch('/_/api?'+i)</script>"),
    (
        "/long-words",
        "<button onclick=done()>下一步</button><p id=long></p><script>const t='长'.repeat(10<<20);document.title=t;q('#long').textContent=t</script>",
    ),
    ("/file-dialog", "<label>材料 <input type=file></label><button onclick=done()>下一步</button>"),
    ("/prints", "<button onclick='print();done()'>下一步</button>"),
    (
        "/permissions",
        "<button onclick=done()>下一步</button><script>navigator.geolocation.getCurrentPosition(()=>0);Notification.requestPermission();navigator.mediaDevices?.getUserMedia({video:true}).catch(()=>0)</script>",
    ),
    ("/to-file", "<meta http-equiv=refresh content='0;url=file:///etc/passwd'><p>还在</p>"),
    ("/to-data", "<meta http-equiv=refresh content='0;url=data:text/html,stolen'><p>还在</p>"),
    (
        "/streams",
        "<button onclick=done()>下一步</button><script>new EventSource('/_/events');fetch('/_/hang')</script>",
    ),
    ("/stale", "<p>新页面</p>"),
    (
        "/worker",
        "<p id=w>等</p><script>navigator.serviceWorker.register('/_/worker.js',{scope:'/'}).then(()=>navigator.serviceWorker.ready).then(()=>q('#w').textContent='就绪')</script>",
    ),
    ("/endless", "<a href=/_/endless-file>下载</a>"),
    ("/hidden", "<a href=/plain target=_blank>新窗口</a><button onclick=done()>下一步</button>"),
    ("/burning", "<p>热</p><script>setInterval(()=>{const t=Date.now();while(Date.now()-t<80);},100)</script>"),
];

const TAP: &str = "- tap: {role: button, name: 下一步}\n    see: {text: 已完成}";

const CASES: &[Case] = &[
    ("/alerts", TAP, "dialog-storm"),
    ("/alerts-on-tap", TAP, "dialog-storm"),
    ("/confirms", TAP, "dialog-storm"),
    (
        "/stays",
        "- tap: {role: button, name: 下一步}\n    see: {text: 已完成}\n  - open: /plain\n  - see: {role: button, name: 下一步}",
        "passed",
    ),
    ("/loop", TAP, "unresponsive"),
    ("/loop-on-tap", TAP, "unresponsive"),
    ("/reloads", "- see: {text: 在, exact: true}", "passed"),
    ("/reloads", "- see: {text: 永不}\n    within: 2s", "not-seen"),
    ("/bomb", TAP, "popup-storm"),
    ("/_/loop", TAP, "navigation-failed"),
    ("/js-loop", TAP, "missing|navigation-failed|unresponsive|not-seen"),
    ("/_/slow-body", TAP, "navigation-failed"),
    ("/_/hang", TAP, "navigation-failed"),
    ("/hanging-image", TAP, "passed"),
    ("/huge", TAP, "passed|unresponsive"),
    ("/deep", TAP, "passed"),
    // Chromium 156 dies of it, with or without the robot, and on a busy machine takes long to say so.
    ("/deeper", TAP, "passed|crashed|unresponsive"),
    ("/liar", TAP, "passed"),
    ("/clobbered", TAP, "passed"),
    ("/clobbered", "- see: {css: form}\n  - tap: {text: 下一步}\n    see: {text: 已完成}", "passed"),
    ("/gone", "- wait: 500ms\n  - tap: {role: button, name: 下一步}\n  - see: {text: 甲}", "missing|unresponsive"),
    ("/flood", TAP, "passed|unresponsive"),
    ("/fetches", TAP, "passed|unresponsive"),
    ("/long-words", TAP, "passed|unresponsive"),
    ("/_/basic", TAP, "navigation-failed|missing"),
    (
        "/file-dialog",
        "- tap: {label: 材料}\n    soft: true\n  - tap: {role: button, name: 下一步}\n    see: {text: 已完成}",
        "passed|no-effect",
    ),
    ("/prints", TAP, "passed"),
    ("/permissions", TAP, "passed"),
    ("/to-file", "- wait: 500ms\n  - see: {text: 还在}", "passed"),
    ("/to-data", "- wait: 500ms\n  - see: {text: 还在}", "passed"),
    ("/streams", TAP, "passed"),
    ("/worker", "- see: {text: 就绪}\n  - open: /stale\n  - see: {text: 旧页面}", "passed"),
    (
        "/endless",
        "- download: {role: link, name: 下载, kind: zip}\n    within: 2s\n  - see: {role: link, name: 下载}",
        "download-wrong",
    ),
    (
        "/hidden",
        "- tap: {role: link, name: 新窗口}\n  - tap: {role: button, name: 下一步}\n    see: {text: 已完成}",
        "passed",
    ),
];

/// Pages that cost any customer's machine seconds.
const HEAVY: &[&str] = &["/huge", "/flood", "/fetches", "/long-words", "/deep", "/deeper"];
const PATIENT: &str = "\n    within: 20s";

fn journey(page: &str, steps: &str) -> String {
    if HEAVY.contains(&page) { patient(page, &format!("{steps}{PATIENT}")) } else { written(BUDGET, page, steps) }
}

/// Gives the page time to load.
fn patient(page: &str, steps: &str) -> String {
    written(Duration::from_secs(30), &format!("{page}{PATIENT}"), steps)
}

fn written(budget: Duration, open: &str, steps: &str) -> String {
    let budget = budget.as_secs();
    format!("journey: hostile\ntitle: 恶意页面\napp: zoo\nbudget: {budget}s\nsteps:\n  - open: {open}\n  {steps}\n")
}

/// What is wrong with a case, if anything.
async fn misfit(rig: &Rig, (page, steps, expected): Case) -> Option<String> {
    let record = rig.walk(&journey(page, steps)).await;
    let took = record.elapsed;
    let found = outcome(&record);
    let word = found.split(':').next().unwrap_or_default();
    let late = took > record.budget + OVER_BUDGET_MAX;
    if expected.split('|').any(|right| right == word) && !late {
        return None;
    }
    Some(format!("{page}: expected {expected}, found {found} after {took:?}\n{}\n{:?}", told(&record), record.losses))
}

async fn hostile_rig(zoo: &Zoo) -> Rig {
    let mut rig = Rig::at(&zoo.base).await;
    rig.step_within = Duration::from_secs(4);
    rig
}

#[tokio::test(flavor = "multi_thread")]
async fn every_hostile_page_ends_in_time_and_by_its_name() {
    let zoo = Zoo::open(PAGES).await;
    let rig = &hostile_rig(&zoo).await;
    // One after the other: what keeps a browser busy makes its other lanes slow.
    let mut told = Vec::new();
    for case in CASES {
        told.extend(misfit(rig, *case).await);
    }
    let after = rig.walk(&journey("/plain", TAP)).await;
    rig.browsers.shutdown().await;
    assert!(told.is_empty(), "{} cases do not fit:\n\n{}", told.len(), told.join("\n\n"));
    assert_eq!(outcome(&after), "passed");
}

/// Processes of the browsers under `root`: their ids and command lines.
pub fn processes(root: &Path) -> Vec<(i32, String)> {
    let root = root.to_string_lossy().into_owned();
    let holds = |path: &str| fs::read(path).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(&root));
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else { continue };
        if pid == std::process::id() as i32 {
            continue;
        }
        let (line, environ) = (format!("/proc/{pid}/cmdline"), format!("/proc/{pid}/environ"));
        if holds(&line) || holds(&environ) {
            found.push((pid, String::from_utf8_lossy(&fs::read(line).unwrap_or_default()).replace('\0', " ")));
        }
    }
    found
}

fn cpu_ticks(pid: i32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    fields.get(11).and_then(|ticks| ticks.parse().ok()).unwrap_or(0)
}

/// Walks a page that waits, does `harm` to its processes in the middle, and gives the outcome and what it took.
async fn harmed(page: &str, harm: impl AsyncFnOnce(Vec<(i32, String)>)) -> (String, Duration, Rig, Zoo) {
    let zoo = Zoo::open(PAGES).await;
    let rig = hostile_rig(&zoo).await;
    let steps = "- see: {text: 永不}\n    within: 6s";
    let text = patient(page, steps);
    let walking = rig.walk(&text);
    let harming = async {
        let deadline = Instant::now() + Duration::from_secs(30);
        while zoo.count("GET", page) == 0 {
            assert!(Instant::now() < deadline, "nobody opened {page}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let found = processes(rig.dir.path());
        let done = Instant::now();
        harm(found).await;
        done
    };
    let (record, harmed_at) = tokio::join!(walking, harming);
    let took = harmed_at.elapsed();
    let found = outcome(&record);
    (found, took, rig, zoo)
}

/// After a death, the same `Browsers` must lend a lane of a new browser.
async fn walks_again(rig: Rig) {
    let after = rig.walk(&journey("/plain", TAP)).await;
    rig.browsers.shutdown().await;
    assert_eq!(outcome(&after), "passed", "{}", told(&after));
}

pub fn slay(pid: i32) {
    kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_dies_is_the_robots_trouble() {
    let (found, took, rig, _zoo) = harmed("/plain", async |all: Vec<(i32, String)>| {
        let main = all.iter().find(|(_, line)| {
            line.contains("--user-data-dir=") && line.contains("chromium") && !line.contains("--type=")
        });
        slay(main.unwrap_or_else(|| panic!("no browser among {all:#?}")).0);
    })
    .await;
    assert!(found.starts_with("browser-lost"), "{found}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    walks_again(rig).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_that_dies_is_the_robots_trouble() {
    let (found, took, rig, _zoo) = harmed("/plain", async |all: Vec<(i32, String)>| {
        let driver = all.iter().find(|(pid, _)| {
            fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|c| c.starts_with("chromedriver"))
        });
        slay(driver.unwrap_or_else(|| panic!("no driver among {all:#?}")).0);
    })
    .await;
    assert!(found.starts_with("driver-lost"), "{found}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    walks_again(rig).await;
}

/// The renderer that burns: the one of the page that does, and not the browser's own.
pub async fn hottest(all: &[(i32, String)]) -> i32 {
    let renderers: Vec<i32> =
        all.iter().filter(|(_, line)| line.contains("--type=renderer")).map(|(pid, _)| *pid).collect();
    let before: Vec<u64> = renderers.iter().map(|pid| cpu_ticks(*pid)).collect();
    let gained = |(pid, before): &(i32, u64)| cpu_ticks(*pid).saturating_sub(*before);
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let burnt = renderers.iter().copied().zip(before.iter().copied()).max_by_key(gained);
        if burnt.as_ref().is_none_or(|burnt| gained(burnt) > 25) || Instant::now() > deadline {
            return burnt.unwrap_or_else(|| panic!("no renderer among {all:#?}")).0;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Kills what the page runs in; that must be told `within`, long before the step's own time is over.
async fn check_crash(page: &str, within: Duration) {
    let (found, took, rig, _zoo) = harmed(page, async |all| slay(hottest(&all).await)).await;
    assert!(found.starts_with("crashed"), "{found}");
    assert!(took < within, "{took:?}");
    walks_again(rig).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_crashes_is_told_at_once() {
    check_crash("/burning", Duration::from_secs(4)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_crashes_while_it_loads_is_told_at_once() {
    check_crash("/loop", Duration::from_secs(10)).await;
}
