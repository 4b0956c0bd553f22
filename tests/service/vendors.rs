//! Channels against a stand-in of each vendor: real HTTP on loopback, with the vendor's own rules, answers and errors.
//! One vendor, one file.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

#[path = "vendors/alertmanager.rs"]
pub mod alertmanager;
#[path = "vendors/dingtalk.rs"]
pub mod dingtalk;
#[path = "vendors/feishu.rs"]
pub mod feishu;
#[path = "vendors/notify.rs"]
mod notify;
#[path = "vendors/pagerduty.rs"]
pub mod pagerduty;
#[path = "vendors/slack.rs"]
pub mod slack;
#[path = "vendors/teams.rs"]
pub mod teams;
#[path = "vendors/telegram.rs"]
pub mod telegram;
#[path = "vendors/trouble.rs"]
mod trouble;
#[path = "vendors/wecom.rs"]
pub mod wecom;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use gengfu::alert::{
    AlertReason, Bulletin, BulletinEvidence, Channel, Draft, Language, Notice, Picture, Place, SendError, SendFailure,
    Telling, Voice, render,
};
use gengfu::evidence::{EvidenceKey, EvidenceKind};
use gengfu::moment::{HandClock, Moment};
use gengfu::picture::plate;
use gengfu::secret::Secret;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use url::Url;

pub const NOW: i64 = 1_700_000_000_000;
/// Part of every secret here: it must be in nothing that people see.
pub const CANARY: &str = "c4n4ry";
/// Any robot's token.
pub const TOKEN: &str = "c4n4ry-0123456789abcdef";
/// Any robot's signing secret.
pub const SIGNING: &str = "SECc4n4ry0123456789abcdef";

/// Everything at once that could be a mention, a link, a picture or the end of a markup somewhere.
pub const HOSTILE: &str = "<!channel> <!here|x> <@U0123> <@all> @all @13800138000 <at id=all></at> <at user_id=\"all\">x</at> \
    <at>王经理</at> [点我](https://evil.test/a) ![图](https://evil.test/b.png) <https://evil.test/c|安全> \
    <a href=\"https://evil.test/d\">e</a> https://evil.test/f www.evil.test </code></b><font color=\"info\"> `x` **粗** \
    &lt;@all&gt; &#60;at id=all&#62; \\";

/// One POST that came.
#[derive(Debug, Clone)]
pub struct Posted {
    pub method: String,
    pub path: String,
    pub query: BTreeMap<String, String>,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub at: Instant,
    /// What it was answered, where that had a body.
    pub answer: String,
}

impl Posted {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// What the stand-in answers.
#[derive(Debug, Clone)]
pub enum Says {
    /// A status and a body.
    This(u16, String),
    /// The same with `Retry-After`.
    Later(u16, String, u64),
    /// It sends on.
    Elsewhere,
    /// A body without an end.
    Endless(u16),
    /// Nothing at all.
    Nothing,
}

impl Says {
    pub fn this(status: u16, body: &str) -> Self {
        Says::This(status, body.to_owned())
    }
}

/// How a vendor judges a POST that comes after others.
type Rules = fn(&Posted, &[Posted]) -> Says;

/// A vendor's server.
#[derive(Clone)]
pub struct Vendor {
    posted: Arc<Mutex<Vec<Posted>>>,
    scripted: Arc<Mutex<VecDeque<Says>>>,
    rules: Rules,
    pub url: Url,
}

impl Vendor {
    /// A server that keeps to `rules`.
    pub async fn start(rules: Rules) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let vendor = Self { posted: Arc::default(), scripted: Arc::default(), rules, url };
        let app = axum::Router::new().fallback(take).with_state(vendor.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        vendor
    }

    /// The next answer, whatever comes.
    pub fn next(&self, says: Says) {
        self.scripted.lock().unwrap().push_back(says);
    }

    /// Somebody does something there by hand: for its rules as if it had come.
    pub fn by_hand(&self, path: &str, body: &serde_json::Value) {
        let (path, body) = (path.to_owned(), Bytes::from(body.to_string()));
        let (method, query, headers) = ("HAND".to_owned(), BTreeMap::new(), HeaderMap::new());
        self.posted.lock().unwrap().push(Posted {
            method,
            path,
            query,
            headers,
            body,
            at: Instant::now(),
            answer: String::new(),
        });
    }

    /// What came.
    pub fn posted(&self) -> Vec<Posted> {
        self.posted.lock().unwrap().clone()
    }
}

async fn take(State(vendor): State<Vendor>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 64 << 20).await.unwrap();
    let query = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
    let mut posted = Posted {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: query.into_owned().collect(),
        headers: parts.headers,
        body,
        at: Instant::now(),
        answer: String::new(),
    };
    let scripted = vendor.scripted.lock().unwrap().pop_front();
    let says = {
        let mut earlier = vendor.posted.lock().unwrap();
        let says = scripted.unwrap_or_else(|| (vendor.rules)(&posted, &earlier));
        if let Says::This(_, body) | Says::Later(_, body, _) = &says {
            posted.answer.clone_from(body);
        }
        earlier.push(posted);
        says
    };
    let status = |status: u16| StatusCode::from_u16(status).unwrap();
    match says {
        Says::This(code, body) => (status(code), body).into_response(),
        Says::Later(code, body, seconds) => {
            (status(code), [("retry-after", seconds.to_string())], body).into_response()
        }
        Says::Elsewhere => (StatusCode::FOUND, [("location", "/elsewhere")]).into_response(),
        Says::Endless(code) => {
            let chunks = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 65536])));
            (status(code), Body::from_stream(chunks)).into_response()
        }
        Says::Nothing => std::future::pending().await,
    }
}

/// How many of `earlier` came within `per` of now.
pub fn lately(earlier: &[Posted], per: Duration) -> usize {
    earlier.iter().filter(|posted| posted.at.elapsed() < per).count()
}

pub fn secret(name: &str, value: &str) -> Secret {
    Secret::new(name, value)
}

pub fn clock() -> Arc<HandClock> {
    Arc::new(HandClock::at(Moment::from_millis(NOW)))
}

/// A notice of an invented incident, shaped by `shape`, with a picture.
pub fn notice_of(language: Language, reason: &str, shape: impl Fn(&mut Bulletin)) -> Notice {
    let place =
        Place { console: Some("https://gengfu.bank.test".into()), config: Some("/etc/gengfu/gengfu.yaml".into()) };
    let id = |last: char| format!("0190f5e2-7c1d-7a3b-8c4d-5e6f7081920{last}");
    let (event, incident, walk) = (id('1').parse().unwrap(), id('2').parse().unwrap(), id('3').parse().unwrap());
    let mut bulletin = Bulletin::sample(reason, event, incident, walk, Moment::from_millis(NOW), &place);
    let bytes = plate(40, 20);
    let key = EvidenceKey::of(&bytes, EvidenceKind::Png);
    let (name, media_type, sha256) = (key.to_string(), "image/png".to_owned(), key.digest().to_owned());
    bulletin.evidence = vec![BulletinEvidence { key: name, media_type, sha256, masked: true }];
    shape(&mut bulletin);
    let voice = Voice { language, zone: jiff::tz::TimeZone::get("Asia/Shanghai").unwrap() };
    Notice {
        id: event,
        incident: Some(incident),
        reason: AlertReason::FirstSeen,
        to: None,
        queued: Moment::from_millis(NOW),
        words: render(&bulletin, &voice, Telling { over_already: false, pictured: true }),
        bulletin: bulletin.to_json(),
        picture: Some(Picture { key, bytes }),
    }
}

pub fn notice() -> Notice {
    notice_of(Language::Zh, "first-seen", |_| {})
}

pub fn recovered() -> Notice {
    notice_of(Language::Zh, "recovered", |bulletin| {
        (bulletin.state, bulletin.recovered) = ("recovered".into(), Some("2023-11-14T22:13:20Z".into()));
    })
}

/// A notice in which a page says whatever it wants, everywhere it can.
pub fn hostile() -> Notice {
    notice_of(Language::Zh, "first-seen", |bulletin| {
        (bulletin.headline.zh, bulletin.headline.en) = (HOSTILE.into(), HOSTILE.into());
        (bulletin.title, bulletin.step_title) = (HOSTILE.into(), HOSTILE.into());
        (bulletin.page_key, bulletin.cause) = (HOSTILE.into(), Some(HOSTILE.into()));
        bulletin.devices = [HOSTILE.to_owned()].into();
    })
}

/// A notice with more words than any vendor takes.
pub fn endless() -> Notice {
    let mut notice = notice();
    notice.words.brief.facts.clear();
    notice.words.text = "基金申购第三步：点击“下一步”后没有反应，客户无法继续办理。\n".repeat(2_000);
    notice
}

/// All texts within `value`.
pub fn texts(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::String(text) => vec![text.clone()],
        serde_json::Value::Array(values) => values.iter().flat_map(texts).collect(),
        serde_json::Value::Object(pairs) => pairs.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// None of `texts` holds any of what a vendor would make something of.
pub fn harmless(texts: &[String], forbidden: &[&str]) {
    assert!(!texts.is_empty());
    for text in texts {
        for part in forbidden {
            assert!(!text.contains(part), "{part:?} in {text}");
        }
    }
}

/// The one thing that `channel` would send, with nothing secret in it.
pub fn drafted(channel: &dyn Channel, notice: &Notice) -> String {
    let drafts: Vec<Draft> = channel.drafts(notice).unwrap();
    let shown = |draft: &Draft| format!("{}\n\n{}", draft.head.join("\n"), draft.body);
    let shown = drafts.iter().map(shown).collect::<Vec<_>>().join("\n\n");
    assert!(!shown.contains(CANARY), "{shown}");
    shown
}

/// What `channel` makes of `says`: accepted (`None`) or not, and in which words.
pub async fn answered(vendor: &Vendor, channel: &dyn Channel, says: Says, expected: Option<SendFailure>, part: &str) {
    vendor.next(says.clone());
    let outcome = channel.send(&notice()).await;
    let said = match &outcome {
        Ok(receipt) => receipt.0.clone(),
        Err(SendError { said, .. }) => said.clone(),
    };
    assert_eq!(outcome.err().map(|error| error.failure), expected, "{says:?}: {said}");
    assert!(said.contains(part), "{part:?} in {said}");
    assert!(!said.contains(CANARY) && said.chars().count() < 700, "{said}");
}

pub const REFUSED: Option<SendFailure> = Some(SendFailure::Refused);
pub const GONE: Option<SendFailure> = Some(SendFailure::Gone);

pub fn again(seconds: u64) -> Option<SendFailure> {
    let after = (seconds > 0).then(|| Duration::from_secs(seconds));
    Some(SendFailure::Temporary { after })
}

/// What only a person can mend.
pub fn ours() -> Option<SendFailure> {
    again(900)
}
