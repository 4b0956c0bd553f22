//! Web sockets of real pages: those that speak, those that do not, and more of both than any page needs.

use super::rig::{Rig, told};
use super::zoo::{Pages, Zoo};
use futures_util::{SinkExt as _, StreamExt as _};
use gengfu::detector::judge;
use gengfu::walk::{Verdict, WalkRecord};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};

macro_rules! page {
    ($script:literal, $more:literal) => {
        concat!(
            "<h1>行情</h1><p>这里列出本行代销的全部公募基金的实时估值，点开可以看到净值和费率，按代码或名称搜索</p>",
            $more,
            "<script>const feed=(path)=>new WebSocket('ws://127.0.0.1:'+location.search.slice(3)+path+'?token=geheim');",
            $script,
            "</script>"
        )
    };
}

/// Each opens sockets of the port that its query names.
const PAGES: Pages = &[
    ("/speaks", page!("feed('/feed/speaks')", "")),
    // Later than the page, within its time.
    ("/late", page!("feed('/feed/late')", "")),
    ("/mute", page!("feed('/feed/mute')", "<a href=/away>离开</a>")),
    ("/refused", page!("feed('/feed/refused')", "")),
    // Refused once, and opened again.
    ("/again", page!("feed('/feed/refused').onerror=()=>feed('/feed/speaks')", "")),
    ("/undeclared", page!("feed('/chat')", "")),
    (
        "/never",
        "<h1>行情</h1><p>这里列出本行代销的全部公募基金的实时估值，点开可以看到净值和费率，按代码或名称搜索</p>",
    ),
    ("/many", page!("for(let i=0;i<150;i++)feed('/feed/mute')", "")),
    (
        "/flood",
        page!(
            "let n=0;feed('/feed/flood').onmessage=()=>{if(++n%1000===0)q('#n').textContent=n}",
            "<button onclick=done()>下一步</button><p id=n></p>"
        ),
    ),
    ("/away", "<h1>别处</h1><p>这里列出本行代销的全部公募基金的实时估值，点开可以看到净值和费率，按代码或名称搜索</p>"),
];

const ORACLES: &[(&str, &str)] = &[(
    "oracles/feeds.yaml",
    "
oracle: feeds
app: test
streams:
  - {socket: /feed/*, title: 行情, within: 1500ms}
  - {socket: /must, title: 报价, within: 1500ms, on: /never}
",
)];

const FLOOD_A_SECOND: usize = 10_000;
const FLOOD_SECONDS: usize = 2;

/// Serves sockets on a free port of the loopback, each as its path says.
async fn sockets() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(speak(stream));
        }
    });
    port
}

async fn speak(stream: TcpStream) {
    let mut path = String::new();
    let accepted = accept_hdr_async(stream, |request: &Request, response: Response| {
        path = request.uri().path().to_owned();
        let refused = || ErrorResponse::new(None);
        if path == "/feed/refused" {
            let mut refused = refused();
            *refused.status_mut() = tokio_tungstenite::tungstenite::http::StatusCode::SERVICE_UNAVAILABLE;
            return Err(refused);
        }
        Ok(response)
    });
    let Ok(mut socket) = accepted.await else { return };
    let word = || Message::text(format!("{{\"price\":\"1.05\",\"more\":\"{}\"}}", "x".repeat(300)));
    match path.as_str() {
        "/feed/speaks" => drop(socket.send(word()).await),
        "/feed/late" => {
            // It listens first, to a browser that says nothing.
            let _ = tokio::time::timeout(Duration::from_millis(900), socket.next()).await;
            drop(socket.send(word()).await);
        }
        "/feed/flood" => {
            let mut tick = tokio::time::interval(Duration::from_millis(10));
            for _ in 0..FLOOD_SECONDS * 100 {
                tick.tick().await;
                for _ in 0..FLOOD_A_SECOND / 100 {
                    if socket.feed(word()).await.is_err() {
                        return;
                    }
                }
                let _ = socket.flush().await;
            }
        }
        _ => {}
    }
    while let Some(Ok(_)) = socket.next().await {}
}

/// Every finding as `detector @ step: headline`.
fn check(record: &WalkRecord, expected: &[&str]) {
    let judged = judge(record);
    let said = |f: &gengfu::finding::Finding| format!("{} @ {}: {}", f.detector, f.step, f.headline.zh);
    let found: Vec<String> = judged.findings.iter().map(said).collect();
    assert_eq!(found, expected, "{}", told(record));
    let verdict = if expected.is_empty() { Verdict::Passed } else { Verdict::Failed };
    assert_eq!(judged.verdict, verdict, "{}", told(record));
}

/// A rig whose pages may reach sockets, and their port.
async fn rig() -> (Zoo, Rig, u16) {
    let zoo = Zoo::open(PAGES).await;
    let mut rig = Rig::at(&zoo.base).await;
    let port = sockets().await;
    rig.hosts.push(format!("127.0.0.1:{port}"));
    rig.oracles = ORACLES;
    (zoo, rig, port)
}

/// SD13.
#[tokio::test(flavor = "multi_thread")]
async fn sockets_that_must_speak_are_listened_to() {
    let (_zoo, rig, port) = rig().await;
    let walked = async |page: &str, more: &str| {
        let steps = format!("  - open: /{page}?p={port}\n    see: {{role: heading}}\n    id: step\n{more}");
        rig.walk(&steps).await
    };
    let silent = |title: &str, why: &str| format!("silent-stream @ step: 「打开“{title}”」后实时推送没有数据：{why}");
    for page in ["speaks", "late", "again", "undeclared", "away"] {
        check(&walked(page, "").await, &[]);
    }
    let title = |page: &str| format!("/{page}?p={port}");
    // Told once a walk, at the step that led there.
    let mute = walked("mute", "  - see: {text: 行情}\n  - tap: {role: link, name: 离开}\n    see: {text: 别处}").await;
    check(&mute, &[&silent(&title("mute"), "行情（/feed/*）1.5 秒内没有数据：已连接，没有收到任何数据")]);
    // Nothing of what came by it, nor of its query, is kept.
    assert!(!format!("{mute:?}").contains("geheim"), "{mute:?}");
    let refused = walked("refused", "").await;
    assert_eq!(judge(&refused).findings.len(), 1, "{}", told(&refused));
    let headline = &judge(&refused).findings[0].headline.zh;
    assert!(headline.contains("连接被拒绝") && headline.contains("503"), "{headline}");
    check(&walked("never", "").await, &[&silent(&title("never"), "报价（/must）1.5 秒内没有数据：页面没有打开它")]);
    // More than are followed: nobody knows which of them spoke.
    check(&walked("many", "").await, &[]);
    // The document that is loaded anew has sockets of its own.
    for _ in 0..3 {
        check(&walked("speaks", "  - reload:\n    see: {text: 行情}\n  - reload:\n    see: {text: 行情}").await, &[]);
    }
    rig.browsers.shutdown().await;
}

/// SD13: what the guard keeps from the app is not the app's silence.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_of_a_socket_that_the_guard_stopped() {
    let (_zoo, mut rig, port) = rig().await;
    rig.hosts.pop();
    let record = rig.walk(&format!("  - open: /mute?p={port}\n    see: {{text: 行情}}")).await;
    let silent = judge(&record).findings.iter().any(|f| f.detector == "silent-stream");
    assert!(!silent, "{}", told(&record));
    rig.browsers.shutdown().await;
}

/// Ten thousand frames a second are a market's: no storm, and the walk goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_frames_is_no_storm() {
    let (_zoo, mut rig, port) = rig().await;
    rig.step_within = Duration::from_secs(20);
    let steps = format!(
        "  - open: /flood?p={port}\n    see: {{text: 行情}}\n  - tap: {{role: button, name: 下一步}}\n    see: {{text: 已完成}}\n  - see: {{text: \"{}\"}}",
        FLOOD_A_SECOND * FLOOD_SECONDS
    );
    let record = rig.walk(&steps).await;
    check(&record, &[]);
    assert!(record.losses.is_empty(), "{:?}", record.losses);
    assert!(record.steps.iter().all(|step| step.seen.console.is_empty() && step.seen.exchanges.len() < 10));
    rig.browsers.shutdown().await;
}
