//! What an oracle makes of a page's web sockets: each case is how they stand, when, and what is said of them.

use gengfu::journey::{FileProblem, Files, Limits, load_oracle};
use gengfu::oracle::{Hearing, Page, SocketSeen, SocketState, SocketsSeen, Witness};
use jiff::civil::{DateTime, date};
use std::sync::Arc;
use std::time::Duration;

const ORACLE: &str = r#"
oracle: products
app: bank
holidays: [2026-11-19]
streams:
  - {socket: /feed/*, title: 行情推送, within: 3s, hours: ["09:30-11:30", "13:00-15:00"]}
  - {socket: /quotes, within: 3s, on: [/market, /funds/*], severity: P1}
"#;

struct Folder;

impl Files for Folder {
    fn read(&self, _path: &str, _bytes_max: usize) -> Result<Vec<u8>, FileProblem> {
        Ok(ORACLE.into())
    }
}

fn witness() -> Witness {
    Witness::new(vec![Arc::new(load_oracle("oracles/products.yaml", &Folder, &Limits::default()).unwrap())])
}

fn socket(path: &str, age_ms: u64, spoke: bool, state: SocketState) -> SocketSeen {
    SocketSeen { path: path.into(), age: Duration::from_millis(age_ms), spoke, state }
}

/// In the market's hours: a Friday, at ten.
fn market() -> DateTime {
    date(2026, 11, 20).at(10, 0, 0, 0)
}

/// The page at `path`, listened to for so long.
fn hear(path: &str, sockets: &[SocketSeen], listened_ms: u64, now: DateTime) -> Hearing {
    let url = format!("https://bank.test{path}");
    let seen = SocketsSeen { url: url.clone(), sockets: sockets.to_vec(), ..SocketsSeen::default() };
    witness().hear(&Page::at(&url), &seen, Duration::from_millis(listened_ms), now)
}

fn said(hearing: &Hearing) -> Vec<&str> {
    hearing.silent.iter().map(|breach| breach.zh.as_str()).collect()
}

/// SD13.
#[test]
fn a_feed_that_says_nothing_is_told() {
    let check = |state: SocketState, expected: &str| {
        let hearing = hear("/home", &[socket("/feed/1", 3_000, false, state)], 0, market());
        assert_eq!(said(&hearing), [format!("行情推送（/feed/*）3 秒内没有数据：{expected}")]);
        assert!(!hearing.silent[0].urgent && hearing.silent[0].topic == "products/feed/*");
    };
    check(SocketState::Open, "已连接，没有收到任何数据");
    check(SocketState::Asked, "一直没有连上");
    check(SocketState::Refused("Unexpected response code: 503".into()), "连接被拒绝（Unexpected response code: 503）");
    // One that spoke is closed, and those that came after it do not speak.
    let again = [
        socket("/feed/1", 60_000, true, SocketState::Closed),
        socket("/feed/1", 5_000, false, SocketState::Closed),
        socket("/feed/1", 2_000, false, SocketState::Open),
    ];
    assert_eq!(hear("/home", &again, 0, market()).silent.len(), 1);
}

/// SD13, where the oracle says which pages must open it.
#[test]
fn a_page_that_opens_no_socket_is_told() {
    let hearing = hear("/funds/1", &[], 3_000, market());
    assert_eq!(said(&hearing), ["/quotes（/quotes）3 秒内没有数据：页面没有打开它"]);
    assert!(hearing.silent[0].urgent);
    assert_eq!(hear("/funds/1", &[], 1_000, market()).left, Some(Duration::from_secs(2)));
    let closed = [socket("/quotes", 3_000, false, SocketState::Closed)];
    assert_eq!(
        said(&hear("/market", &closed, 0, market())),
        ["/quotes（/quotes）3 秒内没有数据：连接断开了，没有收到任何数据"]
    );
}

/// SD13: what is waited for is told once its time is up, and once a walk.
#[test]
fn what_may_still_speak_is_waited_for() {
    let young = [socket("/feed/1", 1_200, false, SocketState::Open)];
    let hearing = hear("/home", &young, 0, market());
    assert_eq!((said(&hearing).len(), hearing.left), (0, Some(Duration::from_millis(1_800))));
    let old = SocketsSeen {
        url: "/home".into(),
        sockets: vec![socket("/feed/1", 3_000, false, SocketState::Open)],
        ..SocketsSeen::default()
    };
    let (mut witness, home) = (witness(), Page::at("/home"));
    let first = witness.hear(&home, &old, Duration::ZERO, market());
    assert_eq!(first.silent.len(), 1);
    witness.tell(&first.silent);
    assert_eq!(witness.hear(&home, &old, Duration::ZERO, market()), Hearing::default());
    // Silence that is told is known, too.
    assert_eq!(witness.unheard().collect::<Vec<_>>(), ["products/quotes"]);
}

/// SD13's pitfalls.
#[test]
fn nothing_is_told_of_what_need_not_speak() {
    let check = |why: &str, path: &str, sockets: &[SocketSeen], now: DateTime| {
        let hearing = hear(path, sockets, 60_000, now);
        assert_eq!((said(&hearing).len(), hearing.left), (0, None), "{why}");
        // What spoke is known; of all else nobody knows.
        let mut witness = witness();
        witness.hold_spoken(&hearing.spoke);
        let known = witness.unheard().all(|topic| topic != "products/feed/*");
        assert_eq!(known, why.contains("spoke") || why.contains("speaks"), "{why}");
    };
    let mute = |path: &str| [socket(path, 60_000, false, SocketState::Open)];
    check("lunch", "/home", &mute("/feed/1"), date(2026, 11, 20).at(12, 0, 0, 0));
    check("the market has just opened", "/home", &mute("/feed/1"), date(2026, 11, 20).at(13, 0, 2, 0));
    check("the market has just closed", "/home", &mute("/feed/1"), date(2026, 11, 20).at(11, 30, 0, 0));
    check("a holiday", "/home", &mute("/feed/1"), date(2026, 11, 19).at(10, 0, 0, 0));
    check("a Saturday", "/home", &mute("/feed/1"), date(2026, 11, 21).at(10, 0, 0, 0));
    check("another socket", "/home", &mute("/chat"), market());
    check(
        "it spoke late, but within its time",
        "/home",
        &[socket("/feed/1", 2_900, true, SocketState::Open)],
        market(),
    );
    check("it spoke, and was closed", "/home", &[socket("/feed/1", 60_000, true, SocketState::Closed)], market());
    check("the page's part was left", "/home", &[socket("/feed/1", 60_000, false, SocketState::Closed)], market());
    check("the guard stopped it", "/home", &[socket("/feed/1", 60_000, false, SocketState::Stopped)], market());
    check(
        "one of two speaks",
        "/home",
        &[socket("/feed/1", 9_000, true, SocketState::Open), socket("/feed/2", 9_000, false, SocketState::Open)],
        market(),
    );
    let opened_again = [
        socket("/feed/1", 60_000, false, SocketState::Refused("503".into())),
        socket("/feed/1", 50_000, true, SocketState::Open),
    ];
    check("it was opened again and speaks", "/home", &opened_again, market());
    check("no page says that it opens it", "/home", &[], market());
}

/// SD13's pitfalls, where nobody knows.
#[test]
fn nothing_is_told_of_a_page_that_was_left_or_overrun() {
    let home = Page::at("https://bank.test/home");
    let check = |url: &str, overrun: bool| {
        let sockets = vec![socket("/feed/1", 60_000, false, SocketState::Open)];
        let seen = SocketsSeen { url: url.into(), sockets, overrun, changes: 1 };
        assert_eq!(witness().hear(&home, &seen, Duration::from_secs(9), market()), Hearing::default(), "{url}");
    };
    check("https://bank.test/funds", false);
    check("https://bank.test/home", true);
}
