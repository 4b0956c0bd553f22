//! Canaries: secrets filled into a page that shows, sends and says them everywhere, searched for in everything that
//! a walk leaves behind: evidence, record, reports, notices and log.

use super::canary::{Echo, SESSION, found};
use super::rig::{Rig, told};
use gengfu::alert::{AlertReason, Bulletin, Place};
use gengfu::cli::report::{Language, html, json, junit, step_line, summary};
use gengfu::detector::judge;
use gengfu::evidence::{EvidenceKey, EvidenceKind};
use gengfu::id::{IncidentId, NoticeId};
use gengfu::incident::{Known, Policy, Walked, fold};
use gengfu::journey::Journey;
use gengfu::secret::Secret;
use gengfu::walk::port::{Account, Secrets};
use gengfu::walk::run::{Pictures, World, walk};
use gengfu::walk::v1::WalkV1;
use gengfu::walk::{Kept, Outcome, WalkRecord};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

/// Two walkers' secrets. What stands at one place has one width: in pictures, nothing but its masks is to be seen.
#[derive(Clone, Copy)]
struct Canaries {
    password: &'static str,
    spoken: &'static str,
    card: &'static str,
}

const ONE: Canaries = Canaries { password: "Cañary-Kanarie#73", spoken: "金丝雀密码二〇", card: "739" };
const OTHER: Canaries = Canaries { password: "Wolüma-Mustert#94", spoken: "乌鸦鹦鹉鸽子燕", card: "518" };
const SEED: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

impl Secrets for Canaries {
    fn resolve(&self, reference: &str) -> Result<Secret, String> {
        match reference {
            "env:SPOKEN" => Ok(Secret::new(reference, self.spoken)),
            "env:CARD" => Ok(Secret::new(reference, self.card)),
            "env:SEED" => Ok(Secret::new(reference, SEED)),
            _ => Err(format!("`{reference}` leads nowhere in these tests")),
        }
    }
}

/// Everything that Gengfu logs, whatever the level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn log() -> Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    let started = || {
        use tracing_subscriber::layer::SubscriberExt as _;
        use tracing_subscriber::util::SubscriberInitExt as _;
        let (log, filter) = (Log::default(), tracing_subscriber::EnvFilter::new("gengfu=trace,info"));
        let writer = log.clone();
        let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || writer.clone());
        tracing_subscriber::registry().with(filter).with(lines).init();
        log
    };
    LOG.get_or_init(started).clone()
}

const FILL: &str = "
  - open: /page
  - fill: {label: 密码, secret: account.password}
  - fill: {label: 口令, secret: env:SPOKEN}
  - fill: {label: 动态码, totp: env:SEED}
  - fill: {label: 卡背, secret: env:CARD}
";
const TELL: &str = "
  - tap: {role: button, name: 提交}
    see: {text: 已回显}
    within: 30s
  - capture:
      shown: {css: '#up', nth: 1}
      spoken: {css: '#up', nth: 2}
";
/// Steps that fail with the page's words in their mouths, each in its own way; the last one ends the walk.
const FAIL: &str = "
  - assert: shown == 'x' or spoken == 'x'
    soft: true
  - see: {text: 已回显}
    expect-url: /elsewhere
    soft: true
    within: 300ms
  - see: {text: 永不出现}
    soft: true
    within: 300ms
  - tap: {role: button, name: 不存在的按钮}
    soft: true
    within: 300ms
  - fill: {css: p, text: x}
    soft: true
    within: 300ms
  - call: {method: POST, url: '/echo/${spoken}', body: '${shown}', json: {$.message: x}}
    soft: true
  - tap: {css: '#${shown}'}
    soft: true
    within: 300ms
  - tap: {role: button, name: 破坏}
    soft: true
  - tap: {role: button, name: 提交}
    within: 500ms
";

/// A walk and all that it left behind.
struct Left {
    record: WalkRecord,
    journey: Arc<Journey>,
    rig: Rig,
}

async fn walked(page: &'static str, steps: &str, canaries: Canaries) -> Left {
    let _heard = log();
    let echo = Echo::open(page).await;
    let mut rig = Rig::at(&echo.base).await;
    rig.pictures = Pictures::All;
    rig.network = true;
    rig.account = Some(Account {
        name: "retail".into(),
        fields: BTreeMap::new(),
        secrets: BTreeMap::from([("password".into(), Secret::new("account.password", canaries.password))]),
    });
    let journey =
        rig.journey(&format!("journey: birds\ntitle: 金丝雀\napp: test\naccount: retail\nbudget: 120s\nsteps:{steps}"));
    let world = World { secrets: Arc::new(canaries), ..rig.world() };
    let record = walk(journey.clone(), rig.plan(), world, rig.cancel.clone()).await;
    rig.browsers.shutdown().await;
    Left { record, journey, rig }
}

impl Left {
    /// Every text that a person or a machine is given of the walk, by name.
    fn texts(&self) -> Vec<(String, Vec<u8>)> {
        let (record, judged) = (&self.record, judge(&self.record));
        let kept = self.rig.vault.0.lock().unwrap();
        let pictured = |key: &EvidenceKey| matches!(key.kind(), EvidenceKind::Jpeg | EvidenceKind::Png);
        let mut texts: Vec<(String, Vec<u8>)> = kept
            .iter()
            .filter(|(key, _)| !pictured(key))
            .map(|(key, bytes)| (key.to_string(), bytes.clone()))
            .collect();
        let walks = [WalkV1::from((record, &judged))];
        let lines: Vec<String> = record.steps.iter().map(|step| step_line(step, Language::Zh, false)).collect();
        let walked = Walked { record, verdict: judged.verdict, findings: &judged.findings, trouble: None };
        let changes = fold(&Known::default(), &walked, &Policy::default(), &mut IncidentId::fresh);
        let bulletins: Vec<String> = changes
            .iter()
            .map(|c| Bulletin::of(NoticeId::fresh(), AlertReason::FirstSeen, c, &Place::default()).to_json())
            .collect();
        for (name, text) in [
            ("record", format!("{record:#?}")),
            ("findings", format!("{judged:#?}")),
            ("json", json(&walks)),
            ("html", html(&walks, &|_| None, Language::Zh)),
            ("junit", junit(&walks)),
            ("lines", lines.join("\n")),
            ("summary", summary(record, &judged, &self.journey, &|key| key.to_string(), Language::En, false)),
            ("incidents", format!("{changes:#?}")),
            ("bulletins", bulletins.join("\n")),
        ] {
            texts.push((name.to_owned(), text.into_bytes()));
        }
        texts.push(("log".into(), log().0.lock().unwrap().clone()));
        texts
    }

    fn check_silent(&self, canaries: Canaries) {
        let leaks: Vec<String> = self
            .texts()
            .iter()
            .flat_map(|(name, bytes)| {
                let of = |secret: &str| found(bytes, secret).map(|leak| format!("{name}: {leak}"));
                [canaries.password, canaries.spoken, SEED, SESSION].into_iter().filter_map(of).collect::<Vec<_>>()
            })
            .collect();
        assert!(leaks.is_empty(), "{}\n{}", leaks.join("\n"), told(&self.record));
    }

    /// The decoded picture of each step.
    fn pictures(&self) -> Vec<Result<image::RgbImage, String>> {
        let kept = self.rig.vault.0.lock().unwrap();
        let picture = |kept_as: &Kept| match kept_as {
            Kept::At(key) => Ok(image::load_from_memory(&kept[key]).unwrap().into_rgb8()),
            other => Err(format!("{other:?}")),
        };
        self.record.steps.iter().map(|step| picture(&step.picture)).collect()
    }
}

fn check_same_pictures(one: &Left, other: &Left, lost_max: usize) {
    let (pictures, others) = (one.pictures(), other.pictures());
    assert_eq!(pictures.len(), others.len());
    let (mut lost, mut shown) = (Vec::new(), Vec::new());
    for (number, pair) in pictures.iter().zip(&others).enumerate() {
        let (Ok(picture), Ok(other)) = pair else {
            lost.push(format!("step {number}: {:?} | {:?}", pair.0.as_ref().err(), pair.1.as_ref().err()));
            continue;
        };
        let differing: Vec<_> = picture.enumerate_pixels().filter(|(x, y, p)| other.get_pixel(*x, *y) != *p).collect();
        if let Some((x, y, _)) = differing.first() {
            let dir = std::env::temp_dir();
            let _ = (picture.save(dir.join("gengfu-canary-one.png")), other.save(dir.join("gengfu-canary-other.png")));
            shown.push(format!("step {number}: {} pixels differ, the first at {x}, {y}", differing.len()));
        }
    }
    assert!(shown.is_empty(), "a picture shows what is secret:\n{}", shown.join("\n"));
    assert!(lost.len() <= lost_max, "{} pictures were lost in one walk or the other:\n{}", lost.len(), lost.join("\n"));
}

const PAGE: &str = include_str!("canary.html");

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_that_passes_tells_no_secret() {
    let one = walked(PAGE, &format!("{FILL}{TELL}"), ONE).await;
    assert!(one.record.failed_step().is_none(), "{}", told(&one.record));
    one.check_silent(ONE);
    let other = walked(PAGE, &format!("{FILL}{TELL}"), OTHER).await;
    check_same_pictures(&one, &other, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_that_fails_tells_no_secret() {
    let left = walked(PAGE, &format!("{FILL}{TELL}{FAIL}"), ONE).await;
    let failed = left.record.failed_step().unwrap_or_else(|| panic!("{}", told(&left.record)));
    assert!(matches!(&failed.outcome, Outcome::Failed(f) if f.kind.word() == "covered"), "{}", told(&left.record));
    // A machine that is busy may lose the last one, of 2 MiB.
    let snapshots = left.record.steps.iter().filter(|step| matches!(step.snapshot, Kept::At(_))).count();
    assert!(snapshots > 2, "{:?}", failed.snapshot);
    left.check_silent(ONE);
}

/// Pages that want their secrets seen: they uncover a field, copy it where no walk looks, move it, and show it for a
/// moment. A picture shows none of it, or there is no picture.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_wants_a_secret_seen_gets_no_picture_of_it() {
    const TRICKS: &str = "
  - tap: {role: button, name: 变明文}
    see: {text: 第1}
  - tap: {role: button, name: 换元素}
    see: {text: 第2}
  - tap: {role: button, name: 去样式}
    see: {text: 第3}
  - tap: {role: button, name: 弹出层}
    see: {text: 第4}
  - tap: {role: button, name: 影子}
    see: {text: 第5}
  - tap: {role: button, name: 样式表}
    see: {text: 第6}
  - tap: {role: button, name: 移动}
    see: {text: 第7}
  - tap: {role: button, name: 闪现}
    see: {text: 第8}
";
    let one = walked(TRICKSTER, &format!("{FILL}{TRICKS}"), ONE).await;
    let other = walked(TRICKSTER, &format!("{FILL}{TRICKS}"), OTHER).await;
    assert_eq!(one.record.failed_step().map(|s| &s.title), None, "{}", told(&one.record));
    // Only the last three may cost their pictures: a style may show anywhere, and what moves cannot be covered.
    check_same_pictures(&one, &other, 3);
    one.check_silent(ONE);
}

const TRICKSTER: &str = "<!doctype html><html lang=zh><meta charset=utf-8><title>戏法</title><link rel=icon href=data:,>
<style>*{caret-color:transparent}body{margin:8px;font:14px/1.4 monospace}input,button{font:14px monospace;padding:4px}#show{height:60px}</style>
<label>密码 <input id=pw type=password></label> <label>口令 <input id=plain></label> <label>动态码 <input id=otp></label> <label>卡背 <input id=cvv></label>
<p><button onclick=\"act(() => { for (const e of fields()) e.type = 'text' })\">变明文</button>
<button onclick=\"act(() => { for (const e of fields()) { const n = document.createElement('input'); n.id = e.id; n.value = e.value; e.replaceWith(n) } })\">换元素</button>
<button onclick=\"act(() => { for (const e of fields()) e.removeAttribute('style') })\">去样式</button>
<button onclick=\"act(() => { const d = document.createElement('dialog'); d.textContent = secret(); d.style.cssText = 'margin:0;inset:auto;top:150px;left:9px'; document.body.append(d); d.popover = 'manual'; d.showPopover() })\">弹出层</button>
<button onclick=\"act(() => { const s = q('#host').attachShadow({mode: 'open'}); s.innerHTML = '<p>' + [...secret()].map((c) => '<i>' + c + '</i>').join('') })\">影子</button>
<button onclick=\"act(() => { const s = new CSSStyleSheet(); s.insertRule('#show::before{content:' + JSON.stringify(secret()) + '}'); document.adoptedStyleSheets = [s] })\">样式表</button>
<button onclick=\"act(() => { document.adoptedStyleSheets = []; q('#show').textContent = secret(); let x = 0; setInterval(() => { q('#show').style.transform = 'translateX(' + (x = (x + 37) % 300) + 'px)' }, 1) })\">移动</button>
<button onclick=\"act(() => { new MutationObserver(() => { for (const e of fields()) if (e.getAttribute('style')) { e.style.cssText = ''; e.type = 'text' } }).observe(document, {subtree: true, attributes: true, attributeFilter: ['style'], childList: true}) })\">闪现</button>
<div id=show></div><div id=host></div><p id=ok></p>
<script>let n = 0; const q = (s) => document.querySelector(s); const fields = () => ['#pw', '#plain', '#otp', '#cvv'].map(q); const secret = () => q('#pw').value + ' ' + q('#plain').value; const act = (f) => { f(); q('#ok').textContent = '第' + ++n }</script>";

/// Pages that show a secret only once the covers are laid: for as long as they lie, or for moments. No picture shows it.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_shows_once_it_is_covered_is_in_no_picture() {
    const TRICKS: &str = "
  - tap: {role: button, name: 影子根}
    see: {text: 第1}
  - tap: {role: button, name: 占位}
    see: {text: 第2}
  - tap: {role: button, name: 规则}
    see: {text: 第3}
  - tap: {role: button, name: 改写}
    see: {text: 第4}
  - tap: {role: button, name: 动画}
    see: {text: 第5}
  - tap: {role: button, name: 闪影}
    see: {text: 第6}
  - tap: {role: button, name: 闪字}
    see: {text: 第7}
  - tap: {role: button, name: 闪值}
    see: {text: 第8}
  - tap: {role: button, name: 闪样}
    see: {text: 第9}
  - tap: {role: button, name: 来框}
    see: {text: 第10}
  - tap: {role: button, name: 换页}
    see: {text: 第11}
";
    let one = walked(LATECOMER, &format!("{FILL}{TRICKS}"), ONE).await;
    let other = walked(LATECOMER, &format!("{FILL}{TRICKS}"), OTHER).await;
    assert_eq!(one.record.failed_step().map(|s| &s.title), None, "{}", told(&one.record));
    // What comes once and stays is covered at the next try; what comes and goes with the covers costs its picture.
    const LOST: usize = 7;
    check_same_pictures(&one, &other, LOST + 1);
    for pictures in [one.pictures(), other.pictures()] {
        let [.., framed, last] = &pictures[..] else { panic!("{} pictures", pictures.len()) };
        assert!(framed.is_err(), "a frame came under the covers, and nobody knows what it showed");
        assert!(last.is_ok(), "the page it went on to was not covered and taken");
    }
}

const LATECOMER: &str = "<!doctype html><html lang=zh><meta charset=utf-8><title>迟来</title><link rel=icon href=data:,>
<style>*{caret-color:transparent}body{margin:8px;font:14px/1.4 monospace}input,button{font:14px monospace;padding:4px}p,div{height:22px}</style>
<style id=sheet>#say::before{content:''} @keyframes away{from{transform:translateX(30px)}to{transform:translateX(300px)}} .away{animation:away .3s linear infinite}</style>
<label>密码 <input id=pw type=password></label> <label>口令 <input id=plain></label> <label>动态码 <input id=otp></label> <label>卡背 <input id=cvv></label>
<p><button onclick=\"act(() => { with_covers(() => q('#host').shadowRoot || (q('#host').attachShadow({mode: 'open'}).innerHTML = '<b>' + secret() + '</b>')) })\">影子根</button>
<button onclick=\"act(() => { with_covers(() => q('#hint').placeholder ||= secret()) })\">占位</button>
<button onclick=\"act(() => { with_covers(() => rules().insertRule('#say::after{content:' + JSON.stringify(secret()) + '}', 0), () => rules().deleteRule(0)) })\">规则</button>
<button onclick=\"act(() => { const say = (s) => rules().cssRules[0].style.content = JSON.stringify(s); with_covers(() => say(secret()), () => say('')) })\">改写</button>
<button onclick=\"act(() => { with_covers(() => q('#show').classList.add('away'), () => q('#show').classList.remove('away')) })\">动画</button>
<button onclick=\"act(() => { let e; flicker(() => { e = document.createElement('div'); q('#spot').append(e); e.attachShadow({mode: 'open'}).append(secret()) }, () => e.remove()) })\">闪影</button>
<button onclick=\"act(() => { flicker(() => q('#say').textContent = secret(), () => q('#say').textContent = '') })\">闪字</button>
<button onclick=\"act(() => { flicker(() => q('#hint2').value = secret(), () => q('#hint2').value = '') })\">闪值</button>
<button onclick=\"act(() => { flicker(() => rules().insertRule('#say::after{content:' + JSON.stringify(secret()) + '}', 0), () => rules().deleteRule(0)) })\">闪样</button>
<button onclick=\"act(() => with_covers(() => { const f = document.createElement('iframe'); f.src = window.URL.createObjectURL(new Blob(['<meta charset=utf-8>' + secret()], {type: 'text/html'})); f.style.cssText = 'width:200px;height:20px;border:0'; q('#spot').append(f); setTimeout(() => f.remove(), 45) }))\">来框</button>
<button onclick=\"act(() => with_covers(leave))\">换页</button>
<div id=show></div><div id=host></div><div id=say></div><div id=spot></div><input id=hint size=60><input id=hint2 size=60><p id=ok></p>
<script>let n = 0, came = null, went = null, timer = 0, shown = false; const q = (s) => document.querySelector(s); const secret = () => q('#pw').value + ' ' + q('#plain').value; const rules = () => q('#sheet').sheet;
const with_covers = (show, hide) => { came = show; went = hide };
const flicker = (show, hide) => { came = () => { timer = setInterval(() => { shown = !shown; shown ? show() : hide() }, 12) }; went = () => { clearInterval(timer); if (shown) { shown = false; hide() } } };
const cover = (n) => n.nodeType === 1 && n.hasAttribute('popover');
const leave = () => setTimeout(() => { came = null; const page = '<!doctype html><meta charset=utf-8><p>第11</p><style>*{font:14px monospace}</style><p>' + secret() + '</p>'; window.location.href = URL.createObjectURL(new Blob([page], {type: 'text/html'})); const t = Date.now(); while (Date.now() - t < 400); }, 0);
new MutationObserver((rs) => { for (const r of rs) { if ([...r.addedNodes].some(cover)) came?.(); if ([...r.removedNodes].some(cover)) went?.() } }).observe(document.documentElement, {childList: true});
const act = (f) => { came = went = null; q('#show').textContent = secret(); f(); q('#ok').textContent = '第' + ++n }</script>";
