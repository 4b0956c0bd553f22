//! Whether the sockets that must speak have spoken.

use super::breach::{Breach, BreachKind};
use super::page::Page;
use super::witness::Witness;
use crate::calendar::is_trading_day;
use crate::journey::oracle::Oracle;
use crate::journey::{Stream, glob};
use jiff::civil::DateTime;
use std::collections::BTreeSet;
use std::time::Duration;

/// A web socket of a page, as far as the browser told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketSeen {
    /// The path it was asked for.
    pub path: String,
    /// How long ago.
    pub age: Duration,
    /// Whether anything came by it.
    pub spoke: bool,
    /// How it stands.
    pub state: SocketState,
}

/// How a socket stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketState {
    /// It was asked for.
    Asked,
    /// It is open.
    Open,
    /// It never opened: the browser's words.
    Refused(String),
    /// It was closed, by whom is not known.
    Closed,
    /// The robot's guard did not let it through.
    Stopped,
}

/// The sockets of a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SocketsSeen {
    /// The page's address.
    pub url: String,
    /// The sockets that its document has asked for, oldest first.
    pub sockets: Vec<SocketSeen>,
    /// Whether there were more than are followed: then nobody knows which of them spoke.
    pub overrun: bool,
    /// How often any of them has changed: from where to listen on.
    pub changes: u64,
}

/// What came of listening.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hearing {
    /// Sockets that have been silent for too long, and were not told before.
    pub silent: Vec<Breach>,
    /// How long the others have left, at most.
    pub left: Option<Duration>,
    /// Those that had to speak, and did, as findings have them: `products/feed/*`.
    pub spoke: BTreeSet<String>,
}

/// Of one socket.
enum Heard {
    /// It spoke.
    Spoke,
    /// Nobody knows.
    Unknown,
    /// It has so much time left.
    Left(Duration),
    /// It is silent, told in Chinese and English.
    Silent(String, String),
}

impl Witness {
    /// Whether anything must be heard from.
    pub fn listens(&self) -> bool {
        self.oracles.iter().any(|held| !held.streams.is_empty())
    }

    /// What of the declared sockets is silent at `now`, where the app is, on a page that has been listened to for so long.
    pub fn hear(&self, page: &Page, seen: &SocketsSeen, listened: Duration, now: DateTime) -> Hearing {
        let mut hearing = Hearing::default();
        // The page that was looked at has been left.
        if seen.overrun || Page::at(&seen.url).path != page.path {
            return hearing;
        }
        for held in &self.oracles {
            let trades = |day| is_trading_day(day, &held.holidays);
            for stream in held.streams.iter().filter(|stream| stream.had_to_speak(now, trades)) {
                let topic = topic(held, stream);
                if self.is_told(BreachKind::Unheard, &topic) {
                    continue;
                }
                let here = stream.on.iter().any(|on| page.is_on(on)).then_some(listened);
                match hear(stream, &seen.sockets, here) {
                    Heard::Spoke => {
                        hearing.spoke.insert(topic);
                    }
                    Heard::Unknown => {}
                    Heard::Left(left) => hearing.left = hearing.left.max(Some(left)),
                    Heard::Silent(zh, en) => {
                        let (kind, urgent) = (BreachKind::Unheard, stream.urgent);
                        hearing.silent.push(Breach { kind, topic, urgent, zh, en });
                    }
                }
            }
        }
        hearing
    }

    /// Sockets that had to speak at no look, or of which nobody knows whether they did: of those the walk's silence says
    /// nothing.
    pub fn unheard(&self) -> impl Iterator<Item = String> {
        let all = self.oracles.iter().flat_map(|held| held.streams.iter().map(|stream| topic(held, stream)));
        all.filter(|topic| !self.spoke.contains(topic) && !self.is_told(BreachKind::Unheard, topic))
    }
}

fn topic(held: &Oracle, stream: &Stream) -> String {
    format!("{}{}", held.id, stream.socket)
}

/// `here`: how long a page that must have opened it was listened to.
fn hear(stream: &Stream, sockets: &[SocketSeen], here: Option<Duration>) -> Heard {
    let mine: Vec<&SocketSeen> = sockets.iter().filter(|one| glob::covers(&stream.socket, &one.path)).collect();
    let speaks = |one: &&SocketSeen| one.spoke && one.state == SocketState::Open;
    if mine.iter().any(speaks) {
        return Heard::Spoke;
    }
    if mine.iter().any(|one| one.state == SocketState::Stopped) {
        return Heard::Unknown;
    }
    // What was tried since the last one that spoke was closed.
    let since = mine.iter().rposition(|one| one.spoke).map_or(0, |at| at + 1);
    let Some((first, last)) = mine[since..].first().zip(mine.last()) else {
        return match here.filter(|_| mine.is_empty()) {
            Some(listened) => overdue(stream, listened, ("页面没有打开它", "the page has not opened it")),
            None if mine.is_empty() => Heard::Unknown,
            None => Heard::Spoke,
        };
    };
    let (zh, en) = match &last.state {
        // A part of the page that is left closes it before it has said anything.
        SocketState::Closed if here.is_none() => return Heard::Unknown,
        SocketState::Closed => ("连接断开了，没有收到任何数据".to_owned(), "it closed without a word".to_owned()),
        SocketState::Refused(why) => (format!("连接被拒绝（{why}）"), format!("it was refused ({why})")),
        SocketState::Asked => ("一直没有连上".to_owned(), "it did not open".to_owned()),
        SocketState::Open | SocketState::Stopped => {
            ("已连接，没有收到任何数据".to_owned(), "it is open and nothing came".to_owned())
        }
    };
    overdue(stream, first.age, (&zh, &en))
}

fn overdue(stream: &Stream, age: Duration, (zh, en): (&str, &str)) -> Heard {
    let Stream { title, socket, within, .. } = stream;
    match within.checked_sub(age).filter(|left| !left.is_zero()) {
        Some(left) => Heard::Left(left),
        None => Heard::Silent(
            format!("{title}（{socket}）{} 秒内没有数据：{zh}", within.as_secs_f64()),
            format!("{title} ({socket}) said nothing within {} s: {en}", within.as_secs_f64()),
        ),
    }
}
