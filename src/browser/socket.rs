//! A socket to a browser: commands with deadlines, events in order, and a death that everybody learns of.
//! It speaks BiDi to the driver, and the browser's own protocol (CDP) past it: their envelopes differ in little.
//!
//! thirtyfour's own transport waits without a deadline, can queue a command after the socket died and
//! then wait for ever, and drops events silently when a subscriber lags (read in 0.38.1). Here a command
//! ends by its deadline or with the socket, and every event reaches the one router before the answer behind it
//! reaches its caller.

use super::process::Death;
use super::skim::Skim;
pub(crate) use super::skim::UNREAD;
use futures_util::future::BoxFuture;
use futures_util::stream::SplitStream;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Message, protocol::WebSocketConfig};

/// How long a broken socket waits for its driver's death: told as soon as that is known, and if the driver lives, after this.
const DEATH_SETTLES: Duration = Duration::from_secs(1);
/// The largest message read: a full-page picture is a few MiB. What is longer is passed over.
const MESSAGE_BYTES_MAX: usize = 64 << 20;
/// The largest event read: what a page writes into its console must not keep the router from its other lanes.
const EVENT_BYTES_MAX: usize = 8 << 20;
/// Bytes of a message that are looked at to tell what it is.
const HEAD_BYTES: usize = 4 << 10;

/// Why a command brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CommandError {
    /// The browser refused it.
    #[error("{code}: {message}")]
    Refused {
        /// The BiDi error code.
        code: String,
        /// The browser's words.
        message: String,
    },
    /// No answer by the deadline.
    #[error("no answer to `{method}` within {waited_ms} ms")]
    Late {
        /// The command.
        method: String,
        /// The deadline in milliseconds.
        waited_ms: u64,
    },
    /// The browser answers, but so slowly that nothing can be said of the page.
    #[error("the machine is overloaded: the browser took {took_ms} ms to say that it is there")]
    Overloaded {
        /// What it took, in milliseconds.
        took_ms: u64,
    },
    /// The socket is closed.
    #[error("the browser is gone: {0}")]
    Dead(String),
}

/// An event as the browser sent it.
#[derive(Debug)]
pub(crate) struct RawEvent {
    pub method: String,
    pub params: Value,
}

/// Who is told of events.
pub(crate) trait Listener: Send + 'static {
    /// What came, in order. An answer is handed over when everything that came before it has been told.
    fn told(&self, event: RawEvent);
    /// The socket is dead, and everybody who waited for an answer knows.
    fn ended(&self);
}

type Reply = Result<Value, CommandError>;

struct Shared {
    next: AtomicU64,
    pending: Mutex<HashMap<u64, oneshot::Sender<Reply>>>,
    outgoing: mpsc::UnboundedSender<Message>,
    dead: watch::Receiver<Option<String>>,
    spent: Mutex<BTreeMap<String, Spent>>,
}

/// What the commands of one name cost so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// How many were sent.
    pub count: u64,
    /// From sending to answer, all together.
    pub time: Duration,
}

/// A handle on the socket; cheap to clone.
#[derive(Clone)]
pub(crate) struct Socket {
    shared: Arc<Shared>,
    /// The CDP session that commands go to.
    session: Option<Arc<str>>,
}

impl Socket {
    /// Connects to a session's `webSocketUrl`, or to a browser's. Nothing is read before somebody listens. `driver_died` resolves
    /// when the other end's process is known to be dead, so that a broken socket is told after its cause.
    pub(crate) async fn connect(
        url: &str,
        within: Duration,
        driver_died: impl Future<Output = Death> + Send + 'static,
    ) -> Result<(Self, Incoming), CommandError> {
        let stream = tokio::time::timeout(within, dial(url)).await.map_err(|_| late("connect", within))??;
        let (mut sink, source) = stream.split();
        let (outgoing, mut to_send) = mpsc::unbounded_channel::<Message>();
        let (dead_in, dead) = watch::channel(None);
        let shared = Arc::new(Shared {
            next: AtomicU64::new(1),
            pending: Mutex::default(),
            outgoing,
            dead,
            spent: Mutex::default(),
        });
        tokio::spawn(async move {
            while let Some(message) = to_send.recv().await {
                if sink.send(message).await.is_err() {
                    break;
                }
            }
            let _ = sink.close().await;
        });
        let incoming = Incoming { source, dead: dead_in, shared: shared.clone(), driver_died: Box::pin(driver_died) };
        Ok((Self { shared, session: None }, incoming))
    }

    /// The same socket, for commands to one of the browser's targets.
    pub(crate) fn in_session(&self, session: &str) -> Self {
        Self { shared: self.shared.clone(), session: Some(session.into()) }
    }

    /// Sends a command and waits for its answer, at most `within`.
    pub(crate) async fn send(&self, method: &str, params: Value, within: Duration) -> Reply {
        let id = self.shared.next.fetch_add(1, Ordering::Relaxed);
        let (tx, rx) = oneshot::channel();
        self.shared.pending().insert(id, tx);
        // After the insert: a death between the two is seen here, a later one empties `pending`.
        if let Some(why) = self.shared.dead.borrow().clone() {
            self.shared.pending().remove(&id);
            return Err(CommandError::Dead(why));
        }
        let sent = Instant::now();
        // What is handed on to the browser goes by its own name.
        let name = params["method"].as_str().unwrap_or(method).to_owned();
        let mut command = json!({"id": id, "method": method, "params": params});
        if let Some(session) = &self.session {
            command["sessionId"] = Value::from(&**session);
        }
        if self.shared.outgoing.send(Message::text(command.to_string())).is_err() {
            self.shared.pending().remove(&id);
            return Err(CommandError::Dead("the socket was closed".into()));
        }
        let forget = Forget { shared: &self.shared, id };
        let reply = tokio::time::timeout(within, rx).await;
        drop(forget);
        self.shared.note(&name, sent.elapsed());
        match reply {
            Ok(Ok(reply)) => reply,
            Ok(Err(_)) => Err(CommandError::Dead("the socket was closed".into())),
            Err(_) => Err(late(method, within)),
        }
    }

    /// Why the socket is dead, if it is.
    pub(crate) fn dead(&self) -> Option<String> {
        self.shared.dead.borrow().clone()
    }

    /// What commands cost so far, by name.
    pub(crate) fn spent(&self) -> BTreeMap<String, Spent> {
        self.shared.spent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Who listens to nothing.
pub(crate) struct Deaf;

impl Listener for Deaf {
    fn told(&self, _: RawEvent) {}

    fn ended(&self) {}
}

/// What the browser sends, not yet read.
pub(crate) struct Incoming {
    source: SplitStream<WebSocketStream<Skim<TcpStream>>>,
    dead: watch::Sender<Option<String>>,
    shared: Arc<Shared>,
    driver_died: BoxFuture<'static, Death>,
}

impl Incoming {
    /// Reads from now on until the socket dies. An event is told before the next message is read; what is not read
    /// yet stays with the driver.
    pub(crate) fn read_by(mut self, listener: impl Listener) {
        tokio::spawn(async move {
            let why = loop {
                match self.source.next().await {
                    Some(Ok(Message::Text(text))) => {
                        let taking = std::panic::AssertUnwindSafe(|| self.shared.take(&text, &listener));
                        if std::panic::catch_unwind(taking).is_err() {
                            // Whoever waits must not wait for what nobody reads any more.
                            break "the robot failed over what the browser sent".to_owned();
                        }
                    }
                    Some(Ok(Message::Close(_))) | None => break "the socket was closed".to_owned(),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => break error.to_string(),
                }
            };
            let _driver_lives = tokio::time::timeout(DEATH_SETTLES, self.driver_died).await;
            let _ = self.dead.send(Some(why.clone()));
            self.shared.fail_all(&why);
            listener.ended();
        });
    }
}

/// Takes a command off the list when its caller goes away, so that cancelled walks leak nothing.
struct Forget<'a> {
    shared: &'a Shared,
    id: u64,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.shared.pending().remove(&self.id);
    }
}

impl Shared {
    fn pending(&self) -> std::sync::MutexGuard<'_, HashMap<u64, oneshot::Sender<Reply>>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, method: &str, took: Duration) {
        let mut all = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let spent = match all.get_mut(method) {
            Some(spent) => spent,
            None => all.entry(method.to_owned()).or_default(),
        };
        spent.count += 1;
        spent.time += took;
    }

    fn take(&self, text: &str, listener: &impl Listener) {
        if text.len() > EVENT_BYTES_MAX {
            let head = super::book::start_of(text, HEAD_BYTES);
            if answered_id(head).is_none() {
                let params = json!({"bytes": text.len(), "head": head});
                listener.told(RawEvent { method: UNREAD.to_owned(), params });
                return;
            }
        }
        let Ok(mut message) = serde_json::from_str::<Value>(text) else { return };
        if let Some(id) = message["id"].as_u64() {
            let reply = refusal(&message).map_or_else(|| Ok(message["result"].take()), Err);
            if let Some(waiting) = self.pending().remove(&id) {
                let _ = waiting.send(reply);
            }
        } else if let Some(method) = message["method"].as_str() {
            let method = method.to_owned();
            // An answer that was passed over: its command must not wait for it.
            let id = answered_id(message["params"]["head"].as_str().unwrap_or_default()).filter(|_| method == UNREAD);
            if let Some(waiting) = id.and_then(|id| self.pending().remove(&id)) {
                let message = format!("the answer has {} bytes", message["params"]["bytes"]);
                let _ = waiting.send(Err(CommandError::Refused { code: "too long".into(), message }));
                return;
            }
            listener.told(RawEvent { method, params: message["params"].take() });
        }
    }

    fn fail_all(&self, why: &str) {
        for (_, waiting) in self.pending().drain() {
            let _ = waiting.send(Err(CommandError::Dead(why.to_owned())));
        }
    }
}

/// Connects, and passes over what is too long to be read.
async fn dial(url: &str) -> Result<WebSocketStream<Skim<TcpStream>>, CommandError> {
    let dead = |why: String| CommandError::Dead(why);
    let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
    let parsed = url::Url::parse(url).map_err(|e| dead(format!("`{url}`: {e}")))?;
    let (host, port) = (parsed.host_str().unwrap_or_default(), parsed.port_or_known_default().unwrap_or(80));
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await.map_err(|e| dead(e.to_string()))?;
    stream.set_nodelay(true).map_err(|e| dead(e.to_string()))?;
    let stream = Skim::new(stream, MESSAGE_BYTES_MAX as u64);
    let dialled = tokio_tungstenite::client_async_with_config(url, stream, Some(config)).await;
    dialled.map(|(stream, _)| stream).map_err(|e| dead(e.to_string()))
}

/// What an answer refuses with: BiDi names the error beside its message, CDP within it.
fn refusal(answer: &Value) -> Option<CommandError> {
    let error = answer.get("error")?;
    let code = error.as_str().map_or_else(|| error["code"].to_string(), str::to_owned);
    let message = answer["message"].as_str().or_else(|| error["message"].as_str()).unwrap_or_default();
    Some(CommandError::Refused { code, message: message.chars().take(500).collect() })
}

/// The command that a message answers, by its first bytes: an event says its method there.
fn answered_id(head: &str) -> Option<u64> {
    let is_event = head.contains("\"type\":\"event\"") || head.contains("\"method\":\"");
    let (_, rest) = head.split_once("\"id\":").filter(|_| !is_event)?;
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}

fn late(method: &str, within: Duration) -> CommandError {
    CommandError::Late { method: method.to_owned(), waited_ms: u64::try_from(within.as_millis()).unwrap_or(u64::MAX) }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use tokio::net::TcpListener;

    const WITHIN: Duration = Duration::from_secs(20);

    impl Listener for mpsc::UnboundedSender<RawEvent> {
        fn told(&self, event: RawEvent) {
            let _ = self.send(event);
        }

        fn ended(&self) {}
    }

    /// A browser that says each of `messages` after the first command, then answers the second.
    pub(in crate::browser) async fn browser(messages: Vec<String>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/session", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
            socket.next().await.unwrap().unwrap();
            for message in messages {
                socket.send(Message::text(message)).await.unwrap();
            }
            socket.next().await.unwrap().unwrap();
            socket.send(Message::text(r#"{"type":"success","id":2,"result":{"fine":true}}"#)).await.unwrap();
            socket.next().await;
        });
        url
    }

    #[tokio::test]
    async fn a_message_that_is_too_long_ends_nothing() {
        let event = |chars: usize| {
            let text = "x".repeat(chars);
            format!(
                r#"{{"type":"event","method":"log.entryAdded","params":{{"source":{{"context":"AB"}},"text":"{text}"}}}}"#
            )
        };
        let answer = format!(r#"{{"type":"success","id":1,"result":"{}"}}"#, "x".repeat(MESSAGE_BYTES_MAX));
        let messages = vec![event(MESSAGE_BYTES_MAX), event(EVENT_BYTES_MAX), event(10), answer];
        let url = browser(messages).await;
        let (socket, incoming) = Socket::connect(&url, WITHIN, std::future::ready(Death::LetGo)).await.unwrap();
        let (listener, mut events) = mpsc::unbounded_channel();
        incoming.read_by(listener);
        let first = socket.send("first", json!({}), WITHIN).await;
        assert!(matches!(&first, Err(CommandError::Refused { code, .. }) if code == "too long"), "{first:?}");
        assert_eq!(socket.send("second", json!({}), WITHIN).await.unwrap()["fine"], true);
        for expected in [UNREAD, UNREAD, "log.entryAdded"] {
            let event = events.try_recv().expect("it came before the answer");
            assert_eq!(event.method, expected);
            assert!(event.method != UNREAD || event.params["head"].as_str().unwrap().contains(r#""context":"AB""#));
        }
        assert_eq!(socket.dead(), None);
    }
}
