//! Web sockets of a lane's pages: that they opened, spoke or ended. What came by them is dropped where it is read, and of
//! their addresses only origin and path are kept, as queries carry tokens.

use super::book::cut;
use crate::oracle::{SocketSeen, SocketState};
use serde_json::Value;
use std::time::Instant;
use url::Url;

/// Sockets followed in one lane at once.
const SOCKETS_MAX: usize = 100;
/// Bytes kept of an address, and of what the browser says of one that it could not open.
const URL_BYTES_MAX: usize = 500;
const WHY_BYTES_MAX: usize = 200;
/// What the browser says where the page itself calls a socket off that is not open yet.
const CALLED_OFF: &str = "closed before the connection is established";

/// The sockets of one lane.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    all: Vec<One>,
    /// Pages of which more sockets came than are followed.
    overrun: Vec<String>,
    /// How often anything changed.
    pub(crate) changes: u64,
}

#[derive(Debug)]
struct One {
    id: String,
    /// The page.
    context: String,
    /// Origin and path.
    url: String,
    asked: Instant,
    spoke: bool,
    state: SocketState,
}

impl Streams {
    /// What the browser said, by the end of the event's name; whether that is news.
    pub(crate) fn told(&mut self, context: &str, what: &str, params: &Value, mask: impl Fn(&str) -> String) -> bool {
        let id = params["requestId"].as_str().unwrap_or_default();
        if what == "Created" {
            self.created(context, id, &mask(&bare(params["url"].as_str().unwrap_or_default())));
        } else {
            let Some(one) = self.all.iter_mut().rev().find(|one| one.id == id && one.context == context) else {
                return false;
            };
            match what {
                "FrameReceived" if one.spoke => return false,
                "FrameReceived" => (one.spoke, one.state) = (true, SocketState::Open),
                "HandshakeResponseReceived" => one.state = SocketState::Open,
                "FrameError" if one.state == SocketState::Asked => {
                    let why = params["errorMessage"].as_str().unwrap_or_default();
                    let refused = || SocketState::Refused(cut(&mask(why), WHY_BYTES_MAX));
                    one.state = if why.contains(CALLED_OFF) { SocketState::Closed } else { refused() };
                }
                // What was refused is closed behind it.
                "Closed" if !matches!(one.state, SocketState::Refused(_)) => one.state = SocketState::Closed,
                _ => return false,
            }
        }
        self.changes += 1;
        true
    }

    /// Something came by the socket that was too long to be read; whether that is news. What comes before it in the browser's
    /// message names no page, and no two pages of a browser have sockets of one name.
    pub(crate) fn spoke(&mut self, id: &str) -> bool {
        let Some(one) = self.all.iter_mut().rev().find(|one| one.id == id && !one.spoke) else { return false };
        (one.spoke, one.state) = (true, SocketState::Open);
        self.changes += 1;
        true
    }

    fn created(&mut self, context: &str, id: &str, url: &str) {
        if self.all.len() == SOCKETS_MAX {
            // A page that tries again and again leaves many behind it; the first tells since when.
            let over = |one: &One| matches!(one.state, SocketState::Closed | SocketState::Refused(_));
            let behind = self.all.iter().skip(1).position(over).map(|at| at + 1);
            let Some(behind) = behind else {
                if self.overrun.len() < SOCKETS_MAX && !self.overrun.iter().any(|full| full == context) {
                    self.overrun.push(context.to_owned());
                }
                return;
            };
            self.all.remove(behind);
        }
        let (id, context) = (cut(id, URL_BYTES_MAX), context.to_owned());
        let url = cut(url, URL_BYTES_MAX);
        self.all.push(One { id, context, url, asked: Instant::now(), spoke: false, state: SocketState::Asked });
    }

    /// A page's document is replaced, and its sockets with it.
    pub(crate) fn leave(&mut self, context: &str) {
        let before = self.all.len();
        self.all.retain(|one| one.context != context);
        self.overrun.retain(|full| full != context);
        self.changes += u64::from(self.all.len() != before);
    }

    /// The sockets of a page, oldest first; `denied` says which addresses the guard let nobody reach.
    pub(crate) fn of(&self, context: &str, denied: impl Fn(&str) -> bool) -> Vec<SocketSeen> {
        let seen = |one: &One| SocketSeen {
            path: Url::parse(&one.url).map(|url| url.path().to_owned()).unwrap_or_default(),
            age: one.asked.elapsed(),
            spoke: one.spoke,
            state: match &one.state {
                SocketState::Refused(_) if denied(&one.url) => SocketState::Stopped,
                state => state.clone(),
            },
        };
        self.all.iter().filter(|one| one.context == context).map(seen).collect()
    }

    /// Whether not all sockets of a page could be followed.
    pub(crate) fn is_overrun(&self, context: &str) -> bool {
        self.overrun.iter().any(|full| full == context)
    }
}

/// The socket by which something came, by the first bytes of the browser's message. In a page's own text quotes are escaped.
pub(crate) fn socket_of_frame(head: &str) -> Option<&str> {
    let (_, rest) = head.split_once(r#""method":"goog:cdp.Network.webSocketFrameReceived""#)?;
    let (_, rest) = rest.split_once(r#""requestId":""#)?;
    rest.split_once('"').map(|(id, _)| id)
}

/// Origin and path.
fn bare(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let url = &url[..end];
    // `wss://name:word@host/`
    match url.split_once("://").map(|(scheme, rest)| (scheme, rest.split_once('@'))) {
        Some((scheme, Some((user, rest)))) if !user.contains('/') => format!("{scheme}://{rest}"),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tell(streams: &mut Streams, id: usize, what: &str) -> bool {
        let url = "wss://me:word@feed.bank.cn/quotes?token=1";
        let params = json!({"requestId": id.to_string(), "url": url, "errorMessage": "Unexpected response code: 503"});
        streams.told("page", what, &params, str::to_owned)
    }

    /// What is known of the last of the sockets that were told so, each event with its socket.
    #[test]
    fn sockets_stand_as_they_were_told() {
        let check = |told: &[&str], spoke: bool, state: SocketState| {
            let mut streams = Streams::default();
            for what in told {
                tell(&mut streams, 1, what);
            }
            let seen = streams.of("page", |_| false).pop().unwrap();
            assert_eq!((seen.path.as_str(), seen.spoke, seen.state), ("/quotes", spoke, state), "{told:?}");
            assert_eq!(streams.all[0].url, "wss://feed.bank.cn/quotes");
        };
        check(&["Created"], false, SocketState::Asked);
        check(&["Created", "HandshakeResponseReceived"], false, SocketState::Open);
        check(&["Created", "HandshakeResponseReceived", "FrameReceived"], true, SocketState::Open);
        check(&["Created", "HandshakeResponseReceived", "Closed"], false, SocketState::Closed);
        check(
            &["Created", "FrameError", "Closed"],
            false,
            SocketState::Refused("Unexpected response code: 503".into()),
        );
        // A frame that cannot be read is no refusal.
        check(&["Created", "HandshakeResponseReceived", "FrameError", "Closed"], false, SocketState::Closed);
    }

    #[test]
    fn a_flood_is_no_news_and_what_is_kept_is_bounded() {
        let mut streams = Streams::default();
        assert!(tell(&mut streams, 0, "Created") && tell(&mut streams, 0, "FrameReceived"));
        assert!((0..10_000).all(|_| !tell(&mut streams, 0, "FrameReceived")));
        assert_eq!(streams.changes, 2);
        // Those that are over make room.
        for id in 1..3 * SOCKETS_MAX {
            tell(&mut streams, id, "Created");
            tell(&mut streams, id, "FrameError");
        }
        assert!(streams.all.len() == SOCKETS_MAX && !streams.is_overrun("page"));
        for id in 1_000..1_000 + 2 * SOCKETS_MAX {
            tell(&mut streams, id, "Created");
        }
        assert!(streams.all.len() == SOCKETS_MAX && streams.is_overrun("page"));
        streams.leave("page");
        assert!(streams.all.is_empty() && !streams.is_overrun("page"));
    }

    #[test]
    fn a_frame_is_known_by_its_head() {
        let check = |head: &str, expected: Option<&str>| assert_eq!(socket_of_frame(head), expected, "{head}");
        let frame = r#""method":"goog:cdp.Network.webSocketFrameReceived","params":{"event":"e","params":{"requestId":"7.1","res"#;
        check(&format!(r#"{{"type":"event",{frame}"#), Some("7.1"));
        check(&format!("{{{frame}"), Some("7.1"));
        let quoted = json!({"method": "log.entryAdded", "params": {"text": format!("{{{frame}")}}).to_string();
        check(&quoted, None);
        check(r#"{"method":"network.responseCompleted","params":{"requestId":"7.1""#, None);
    }
}
