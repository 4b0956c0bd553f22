//! The lane's network book: requests by id, until they are exchanges.

use super::{framing::refusal, kind::kind_of};
use crate::evidence::Masker;
use crate::walk::port::BusinessCode;
use crate::walk::{Exchange, ExchangeKind, Promises};
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// Requests followed at once; a page that opens more is recorded as a loss.
const REQUESTS_OPEN_MAX: usize = 2_000;
/// Exchanges kept of one step.
const EXCHANGES_STEP_MAX: usize = 1_000;
/// JSON bodies kept for expectations and readings.
const BODIES_MAX: usize = 60;
/// A refusal whose body did not come for so long is one that nobody reads.
const UNREAD_AFTER: Duration = Duration::from_secs(1);
/// Bytes of the JSON bodies kept, as texts; what is read from one is several times as large.
const BODIES_BYTES_MAX: usize = 8 << 20;
/// The largest JSON body asked for, as it came over the wire.
pub(crate) const BODY_BYTES_MAX: u64 = 2 << 20;
/// The largest JSON body read, once decoded: a small archive may unfold without end.
pub(crate) const BODY_DECODED_BYTES_MAX: usize = 4 << 20;
/// Bytes kept of a URL until it is masked, and after.
const URL_RAW_BYTES_MAX: usize = 8 << 10;
const URL_BYTES_MAX: usize = 2 << 10;
/// Headers of an answer that are read for promises.
const HEADERS_MAX: usize = 200;
/// Exchanges, and bytes of their texts, kept for the HAR.
const HAR_ENTRIES_MAX: usize = 5_000;
const HAR_BYTES_MAX: usize = 16 << 20;

/// A JSON answer, kept for expectations and readings.
#[derive(Debug, Clone)]
pub(crate) struct JsonAnswer {
    pub method: String,
    pub path: String,
    pub status: u16,
    pub body: Value,
    /// The book's count of requests when it was asked for: which step it belongs to.
    pub order: u64,
    bytes: usize,
}

/// An answer without JSON, or none at all.
#[derive(Debug, Clone)]
pub(crate) struct PlainAnswer {
    pub method: String,
    pub path: String,
    /// `None` when nothing came.
    pub status: Option<u16>,
    /// Why its JSON is not known, where it had some.
    pub unread: Option<Unread>,
    pub order: u64,
}

/// Why the robot did not read a body: its own limit, which says nothing of the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unread {
    /// `it is larger than 2 MiB`.
    pub why: String,
    /// Whether the machine had too much to do.
    pub busy: bool,
}

impl Unread {
    /// A limit of the robot's.
    pub(crate) fn limit(why: impl Into<String>) -> Self {
        Self { why: why.into(), busy: false }
    }
}

#[derive(Debug, Clone)]
struct Open {
    exchange: Exchange,
    started: Instant,
    context: Option<String>,
    order: u64,
    /// Its document has been left.
    left: bool,
    /// When it was refused, while the refusal is still unread.
    refused: Option<Instant>,
}

/// What is known of the lane's network.
#[derive(Debug, Default)]
pub(crate) struct Book {
    open: HashMap<String, Open>,
    waiting_body: HashMap<String, Open>,
    ended: Vec<Exchange>,
    answers: VecDeque<JsonAnswer>,
    plain: VecDeque<PlainAnswer>,
    /// Why the newest document of a page did not come, by page.
    document_errors: HashMap<String, String>,
    /// Requests sent so far.
    pub started: u64,
    /// Exchanges or bodies that were not kept.
    pub dropped: u64,
    /// Raw pairs for the HAR as JSON texts, when it is collected: as values they would take five times the memory.
    pub har: Option<Vec<Box<str>>>,
    har_bytes: usize,
    /// What the lane's proxy marks its own answers with.
    pub mark: Option<String>,
}

impl Book {
    /// A request goes out; `framed` says whether its page is a frame, where that is known.
    pub(crate) fn sent(
        &mut self,
        params: &Value,
        lane_opened: Instant,
        framed: Option<bool>,
        own: impl Fn(&str) -> bool,
    ) {
        let request = &params["request"];
        let Some(id) = request["request"].as_str() else { return };
        let url = request["url"].as_str().unwrap_or_default();
        // These never reach a network, and hold megabytes.
        if url.starts_with("data:") || url.starts_with("blob:") {
            return;
        }
        self.started += 1;
        if self.open.len() >= REQUESTS_OPEN_MAX {
            self.dropped += 1;
            return;
        }
        let started = self.open.get(id).map_or_else(Instant::now, |o| o.started);
        let exchange = Exchange {
            method: request["method"].as_str().unwrap_or("GET").to_owned(),
            url: cut(url, URL_RAW_BYTES_MAX),
            kind: kind_of(request, params, framed),
            own: own(url),
            offset: started.duration_since(lane_opened),
            redirects: u32::try_from(params["redirectCount"].as_u64().unwrap_or(0)).unwrap_or(u32::MAX),
            ..Exchange::default()
        };
        let context = params["context"].as_str().map(str::to_owned);
        if let (ExchangeKind::Document, Some(context)) = (exchange.kind, &context) {
            self.document_errors.remove(context);
        }
        self.open.insert(
            id.to_owned(),
            Open { exchange, started, context, order: self.started, left: false, refused: None },
        );
    }

    /// An answer begins. A page that throws at a failing status leaves the body unread, and then the browser never says
    /// that the answer is complete.
    pub(crate) fn began(&mut self, params: &Value) {
        let mark = self.mark.clone();
        let Some(open) = params["request"]["request"].as_str().and_then(|id| self.open.get_mut(id)) else { return };
        let status = params["response"]["status"].as_u64().and_then(|s| u16::try_from(s).ok());
        let refused = status.is_some_and(|s| s >= 400) && egress_error(mark.as_deref(), &params["response"]).is_none();
        if refused && open.exchange.own && open.exchange.kind == ExchangeKind::Api {
            open.exchange.status = status;
            open.exchange.elapsed = open.started.elapsed();
            open.refused = Some(Instant::now());
            let noted = open.clone();
            self.note_plain(&noted, None);
        }
    }

    /// Ends the refusals that nobody read for so long.
    fn end_unread(&mut self, for_so_long: Duration) {
        let unread = |o: &Open| o.refused.is_some_and(|since| since.elapsed() >= for_so_long);
        let ids: Vec<String> = self.open.iter().filter(|(_, o)| unread(o)).map(|(id, _)| id.clone()).collect();
        for open in ids.iter().filter_map(|id| self.open.remove(id)).collect::<Vec<_>>() {
            self.end(open.exchange);
        }
    }

    /// An answer is complete. Returns the request's id when its body should be read.
    pub(crate) fn answered(&mut self, params: &Value) -> Option<String> {
        let id = params["request"]["request"].as_str()?;
        let mut open = self.open.remove(id)?;
        let response = &params["response"];
        let status = response["status"].as_u64().and_then(|s| u16::try_from(s).ok());
        open.exchange.status = status;
        open.exchange.content_type = response["mimeType"].as_str().map(str::to_owned);
        open.exchange.bytes = response["bytesReceived"].as_u64().unwrap_or(0);
        open.exchange.elapsed = open.started.elapsed();
        if let Some(error) = egress_error(self.mark.as_deref(), response).or(refusal(&open.exchange, response)) {
            if let (ExchangeKind::Document, Some(context)) = (open.exchange.kind, open.context.clone()) {
                self.document_errors.insert(context, error.clone());
            }
            open.exchange.status = None;
            open.exchange.error = Some(error);
        }
        if open.exchange.own && status.is_some_and(|s| (200..400).contains(&s)) {
            // What stands in an `<object>` is a document, too, and no page.
            let within = matches!(params["request"]["destination"].as_str(), Some("object" | "embed" | "frame"));
            let page = open.exchange.kind == ExchangeKind::Document && !within && status == Some(200);
            open.exchange.promises = promises(response, page);
        }
        self.note_har(params);
        let json = open.exchange.content_type.as_deref().is_some_and(|t| t.contains("json"));
        let empty = status.is_none_or(|s| matches!(s, 204 | 205 | 300..400)) || open.exchange.method == "HEAD";
        let unread = if !json || empty {
            None
        } else if !open.exchange.own {
            Some(Unread::limit("it came from a host that is not among the app's own"))
        } else if open.exchange.bytes > BODY_BYTES_MAX {
            Some(Unread::limit(format!("it is larger than {} MiB", BODY_BYTES_MAX >> 20)))
        } else {
            self.waiting_body.insert(id.to_owned(), open);
            return Some(id.to_owned());
        };
        self.note_plain(&open, unread);
        self.end(open.exchange);
        None
    }

    /// The body of an answer arrived, or could not be read.
    pub(crate) fn body(&mut self, id: &str, body: Result<&str, Unread>, business: Option<&BusinessCode>) {
        let Some(mut open) = self.waiting_body.remove(id) else { return };
        let limit = |b: &&str| b.len() > BODY_DECODED_BYTES_MAX;
        let body = match body {
            Ok(body) if limit(&body) => {
                Err(Unread::limit(format!("it is larger than {} MiB", BODY_DECODED_BYTES_MAX >> 20)))
            }
            Ok(body) => Ok((serde_json::from_str::<Value>(body).ok(), body.len())),
            Err(unread) => Err(unread),
        };
        match body {
            Ok((Some(value), bytes)) => {
                if let Some(rule) = business {
                    let text = |path: &str| crate::browser::answers::json_at(&value, path).map(plain);
                    open.exchange.business_code = text(&rule.code);
                    let right = |code: &String| rule.right.contains(code);
                    open.exchange.business_right =
                        open.exchange.business_code.as_ref().filter(|_| !rule.right.is_empty()).map(right);
                    open.exchange.business_message = text(&rule.message);
                }
                self.make_room(bytes);
                self.answers.push_back(JsonAnswer {
                    method: open.exchange.method.clone(),
                    path: path_of(&open.exchange.url),
                    status: open.exchange.status.unwrap_or(0),
                    body: value,
                    order: open.order,
                    bytes,
                });
            }
            // What calls itself JSON and is none is the app's doing.
            Ok((None, _)) => self.note_plain(&open, None),
            Err(unread) => self.note_plain(&open, Some(unread)),
        }
        self.end(open.exchange);
    }

    /// The oldest bodies go first.
    fn make_room(&mut self, bytes: usize) {
        let held = |answers: &VecDeque<JsonAnswer>| answers.iter().map(|a| a.bytes).sum::<usize>();
        while self.answers.len() >= BODIES_MAX || (held(&self.answers) + bytes > BODIES_BYTES_MAX) {
            if self.answers.pop_front().is_none() {
                return;
            }
        }
    }

    /// A request brought no answer.
    pub(crate) fn failed(&mut self, params: &Value) {
        let Some(id) = params["request"]["request"].as_str() else { return };
        let Some(mut open) = self.open.remove(id) else { return };
        open.exchange.error = Some(params["errorText"].as_str().unwrap_or("net::ERR_FAILED").to_owned());
        open.exchange.elapsed = open.started.elapsed();
        self.note_har(params);
        self.note_plain(&open, None);
        self.end(open.exchange);
    }

    /// JSON answers to requests made after `order`, newest first.
    pub(crate) fn answers_since(&self, order: u64) -> impl Iterator<Item = &JsonAnswer> {
        self.answers.iter().rev().filter(move |a| a.order > order)
    }

    /// Answers without a JSON body to requests made after `order`, newest first.
    pub(crate) fn plain_since(&self, order: u64) -> impl Iterator<Item = &PlainAnswer> {
        self.plain.iter().rev().filter(move |a| a.order > order)
    }

    /// The page went on to another document: what the last one still asked for is often never told to have ended.
    pub(crate) fn leave(&mut self, context: &str) {
        for open in self.open.values_mut() {
            open.left |= open.context.as_deref() == Some(context) && open.exchange.kind != ExchangeKind::Document;
        }
    }

    /// Own requests of documents that are still there and under way for less than `younger_than`: streams are older.
    pub(crate) fn own_open(&self, younger_than: Duration) -> usize {
        let young = |o: &&Open| o.exchange.own && !o.left && o.refused.is_none() && o.started.elapsed() < younger_than;
        self.open.values().filter(young).count() + self.waiting_body.len()
    }

    /// Answers whose bodies are still on their way.
    pub(crate) fn bodies_waiting(&self) -> usize {
        self.waiting_body.len()
    }

    /// The page's own document, when it is still under way in `context`.
    pub(crate) fn document_open(&self, context: &str) -> bool {
        let document = |o: &Open| o.exchange.kind == ExchangeKind::Document && o.context.as_deref() == Some(context);
        self.open.values().any(document)
    }

    /// A call of the app's own that may change something and is still under way, none of the first `before` requests.
    pub(crate) fn under_way(&self, before: u64) -> Option<&Exchange> {
        let sends = |e: &&Exchange| e.own && e.kind == ExchangeKind::Api && e.method != "GET";
        self.open.values().filter(|o| o.order > before).map(|o| &o.exchange).find(sends)
    }

    /// Why the newest document of `context` did not come, if it did not.
    pub(crate) fn document_error(&self, context: &str) -> Option<&str> {
        self.document_errors.get(context).map(String::as_str)
    }

    /// What ended since this was last asked, masked. `all` gives those under way, too.
    pub(crate) fn drain(&mut self, masker: &Masker, all: bool) -> Vec<Exchange> {
        self.end_unread(UNREAD_AFTER);
        let mut out = std::mem::take(&mut self.ended);
        if all {
            // Before the end, an answer whose body is still on its way waits for it: expectations read it.
            out.extend(self.waiting_body.drain().map(|(_, open)| open.exchange));
            let ended = |open: Open| Exchange { elapsed: open.started.elapsed(), ..open.exchange };
            out.extend(self.open.drain().map(|(_, open)| ended(open)));
        }
        for exchange in &mut out {
            exchange.url = cut(&masker.url(&exchange.url), URL_BYTES_MAX);
            exchange.method = masker.text(&exchange.method).into_owned();
            let texts = [
                &mut exchange.business_code,
                &mut exchange.business_message,
                &mut exchange.error,
                &mut exchange.content_type,
            ];
            for text in texts.into_iter().flatten() {
                *text = masker.text(text).chars().take(300).collect();
            }
        }
        out.sort_by_key(|e| e.offset);
        out
    }

    fn end(&mut self, exchange: Exchange) {
        if self.ended.len() < EXCHANGES_STEP_MAX { self.ended.push(exchange) } else { self.dropped += 1 }
    }

    fn note_plain(&mut self, open: &Open, unread: Option<Unread>) {
        if self.plain.len() == BODIES_MAX * 4 {
            self.plain.pop_front();
        }
        let e = &open.exchange;
        let (method, path, status) = (e.method.clone(), path_of(&e.url), e.status);
        self.plain.push_back(PlainAnswer { method, path, status, unread, order: open.order });
    }

    fn note_har(&mut self, params: &Value) {
        let Some(har) = self.har.as_mut() else { return };
        let text = params.to_string();
        if har.len() < HAR_ENTRIES_MAX && self.har_bytes + text.len() <= HAR_BYTES_MAX {
            self.har_bytes += text.len();
            har.push(text.into());
        } else {
            self.dropped += 1;
        }
    }
}

/// A text of at most `bytes` bytes; one that was cut says so.
pub(crate) fn cut(text: &str, bytes: usize) -> String {
    let kept = start_of(text, bytes);
    if kept.len() == text.len() { text.to_owned() } else { format!("{kept}…") }
}

/// As much of a text as fits into `bytes` bytes.
pub(crate) fn start_of(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A JSON value as people write it: texts without quotes.
pub(crate) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The path of a URL, without host and query.
pub(crate) fn path_of(url: &str) -> String {
    url::Url::parse(url).map_or_else(|_| url.to_owned(), |u| u.path().to_owned())
}

/// What an answer promises. A page in a frame is not read: many a sheet of a mere script has headers of its own.
fn promises(response: &Value, page: bool) -> Option<Promises> {
    let headers = response["headers"].as_array()?.iter().take(HEADERS_MAX);
    Promises::read(headers.filter_map(|h| Some((h["name"].as_str()?, h["value"]["value"].as_str()?))), page)
}

/// The guard's proxy answers for an app that cannot be reached, and says so in a header with its mark: to the page that
/// is a 502, to the record it is the connection error it stands for.
fn egress_error(mark: Option<&str>, response: &Value) -> Option<String> {
    let mark = mark?;
    let header = |h: &&Value| h["name"].as_str().is_some_and(|n| n.eq_ignore_ascii_case("x-gengfu-egress"));
    let found = response["headers"].as_array()?.iter().find(header)?;
    let (word, marked) = found["value"]["value"].as_str()?.split_once(' ')?;
    (marked == mark).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sent(book: &mut Book, id: &str, url: &str) {
        let request = json!({"request": id, "method": "GET", "url": url, "headers": []});
        book.sent(&json!({"request": request}), Instant::now(), None, |_| true);
    }

    fn answered(book: &mut Book, id: &str, response: &Value) -> Option<String> {
        let request = json!({"request": id, "method": "GET", "url": "", "headers": []});
        book.answered(&json!({"request": request, "response": response}))
    }

    #[test]
    fn what_never_leaves_the_page_is_no_exchange_and_long_urls_are_cut() {
        let mut book = Book { har: Some(Vec::new()), ..Book::default() };
        sent(&mut book, "1", &format!("data:image/png;base64,{}", "A".repeat(5 << 20)));
        sent(&mut book, "2", "blob:https://app.test/1");
        assert_eq!(book.started, 0);
        sent(&mut book, "3", &format!("https://app.test/{}", "订".repeat(1 << 20)));
        let exchanges = book.drain(&Masker::default(), true);
        assert_eq!(exchanges.len(), 1);
        assert!(exchanges[0].url.len() <= URL_BYTES_MAX + 3 && exchanges[0].url.ends_with('…'));
    }

    #[test]
    fn the_archive_has_a_budget_in_bytes() {
        let mut book = Book { har: Some(Vec::new()), ..Book::default() };
        let value = "x".repeat(1 << 20);
        for id in 0..40 {
            sent(&mut book, &id.to_string(), "https://app.test/");
            let headers = json!([{"name": "x-long", "value": {"type": "string", "value": value}}]);
            answered(&mut book, &id.to_string(), &json!({"status": 200, "mimeType": "text/html", "headers": headers}));
        }
        assert!(book.har.as_ref().is_some_and(|har| (10..=16).contains(&har.len())));
        assert!(book.dropped >= 24);
    }

    #[test]
    fn bodies_have_a_budget_in_bytes() {
        let mut book = Book::default();
        let check = |book: &mut Book, id: &str, body: &str, kept: usize| {
            sent(book, id, "https://app.test/api");
            let response = json!({"status": 200, "mimeType": "application/json", "headers": [], "bytesReceived": 9});
            let wanted = answered(book, id, &response).unwrap();
            book.body(&wanted, Ok(body), None);
            assert_eq!(book.answers_since(0).count(), kept, "{id}");
        };
        let large = format!("\"{}\"", "x".repeat(3 << 20));
        check(&mut book, "1", &large, 1);
        check(&mut book, "2", &large, 2);
        check(&mut book, "3", &large, 2);
        // Too large to be read at all: told as unread.
        check(&mut book, "4", &format!("\"{}\"", "x".repeat(5 << 20)), 2);
        assert!(book.plain_since(0).any(|a| a.unread.is_some()));
    }

    #[test]
    fn the_proxys_word_is_believed_by_its_mark_alone() {
        let check = |value: &str, expected: Option<&str>| {
            let mut book = Book { mark: Some("7f3a".into()), ..Book::default() };
            sent(&mut book, "1", "https://app.test/");
            let headers = json!([{"name": "X-Gengfu-Egress", "value": {"type": "string", "value": value}}]);
            answered(&mut book, "1", &json!({"status": 200, "mimeType": "text/html", "headers": headers}));
            assert_eq!(book.drain(&Masker::default(), false)[0].error.as_deref(), expected, "{value}");
        };
        check("net::ERR_INTERNET_DISCONNECTED 7f3a", Some("net::ERR_INTERNET_DISCONNECTED"));
        check("net::ERR_INTERNET_DISCONNECTED", None);
        check("net::ERR_INTERNET_DISCONNECTED 0000", None);
    }

    /// `if (!response.ok) throw` reads no body: the refusal is known all the same.
    #[test]
    fn a_refusal_that_nobody_reads_is_known() {
        let check = |status: u16, expected: &[Option<u16>]| {
            let mut book = Book::default();
            let request = json!({"request": "1", "method": "POST", "url": "https://app.test/api/x",
                "destination": "", "goog:resourceType": "Fetch"});
            book.sent(&json!({"request": request, "navigation": null}), Instant::now(), None, |_| true);
            book.began(&json!({"request": request, "response": {"status": status, "headers": []}}));
            book.end_unread(Duration::ZERO);
            let ended = book.drain(&Masker::default(), false);
            assert_eq!(ended.iter().map(|e| e.status).collect::<Vec<_>>(), expected);
        };
        check(500, &[Some(500)]);
        check(200, &[]);
    }
}
