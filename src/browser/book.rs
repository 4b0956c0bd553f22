//! The lane's network book: requests by id, until they are exchanges.

use crate::evidence::Masker;
use crate::walk::port::BusinessCode;
use crate::walk::{Exchange, ExchangeKind};
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// Requests followed at once; a page that opens more is recorded as a loss.
const REQUESTS_OPEN_MAX: usize = 2_000;
/// Exchanges kept of one step.
const EXCHANGES_STEP_MAX: usize = 1_000;
/// JSON bodies kept for expectations and readings.
const BODIES_MAX: usize = 60;
/// The largest JSON body read.
pub(crate) const BODY_BYTES_MAX: u64 = 512 << 10;

/// A JSON answer, kept for expectations and readings.
#[derive(Debug, Clone)]
pub(crate) struct JsonAnswer {
    pub method: String,
    pub path: String,
    pub status: u16,
    pub body: Value,
    /// The book's count of requests when it was asked for: which step it belongs to.
    pub order: u64,
}

#[derive(Debug, Clone)]
struct Open {
    exchange: Exchange,
    started: Instant,
    context: Option<String>,
    order: u64,
    /// Its document has been left.
    left: bool,
}

/// What is known of the lane's network.
#[derive(Debug, Default)]
pub(crate) struct Book {
    open: HashMap<String, Open>,
    waiting_body: HashMap<String, Open>,
    ended: Vec<Exchange>,
    answers: VecDeque<JsonAnswer>,
    failed_answers: VecDeque<(u64, String, String, Option<u16>)>,
    /// Why the newest document of a page did not come, by page.
    document_errors: HashMap<String, String>,
    /// Requests sent so far.
    pub started: u64,
    /// Exchanges or bodies that were not kept.
    pub dropped: u64,
    /// Raw pairs for the HAR, when it is collected.
    pub har: Option<Vec<Value>>,
}

impl Book {
    /// A request goes out.
    pub(crate) fn sent(&mut self, params: &Value, lane_opened: Instant, own: impl Fn(&str) -> bool) {
        let request = &params["request"];
        let Some(id) = request["request"].as_str() else { return };
        self.started += 1;
        if self.open.len() >= REQUESTS_OPEN_MAX {
            self.dropped += 1;
            return;
        }
        let url = request["url"].as_str().unwrap_or_default();
        let started = self.open.get(id).map_or_else(Instant::now, |o| o.started);
        let exchange = Exchange {
            method: request["method"].as_str().unwrap_or("GET").to_owned(),
            url: url.to_owned(),
            kind: kind_of(request, params),
            own: own(url),
            offset: started.duration_since(lane_opened),
            redirects: u32::try_from(params["redirectCount"].as_u64().unwrap_or(0)).unwrap_or(u32::MAX),
            ..Exchange::default()
        };
        let context = params["context"].as_str().map(str::to_owned);
        if let (ExchangeKind::Document, Some(context)) = (exchange.kind, &context) {
            self.document_errors.remove(context);
        }
        self.open.insert(id.to_owned(), Open { exchange, started, context, order: self.started, left: false });
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
        if let Some(error) = egress_error(response) {
            if let (ExchangeKind::Document, Some(context)) = (open.exchange.kind, open.context.clone()) {
                self.document_errors.insert(context, error.clone());
            }
            open.exchange.status = None;
            open.exchange.error = Some(error);
        }
        self.note_har(params);
        let json = open.exchange.content_type.as_deref().is_some_and(|t| t.contains("json"));
        let redirect = status.is_some_and(|s| (300..400).contains(&s));
        if json && open.exchange.own && !redirect && open.exchange.bytes <= BODY_BYTES_MAX {
            self.waiting_body.insert(id.to_owned(), open);
            return Some(id.to_owned());
        }
        self.note_plain(&open);
        self.end(open.exchange);
        None
    }

    /// The body of an answer arrived, or did not.
    pub(crate) fn body(&mut self, id: &str, body: Option<&str>, business: Option<&BusinessCode>) {
        let Some(mut open) = self.waiting_body.remove(id) else { return };
        match body.and_then(|b| serde_json::from_str::<Value>(b).ok()) {
            Some(value) => {
                if let Some(rule) = business {
                    let text = |path: &str| crate::browser::matching::json_at(&value, path).map(plain);
                    open.exchange.business_code = text(&rule.code);
                    let right = |code: &String| rule.right.contains(code);
                    open.exchange.business_right =
                        open.exchange.business_code.as_ref().filter(|_| !rule.right.is_empty()).map(right);
                    open.exchange.business_message = text(&rule.message);
                }
                if self.answers.len() == BODIES_MAX {
                    self.answers.pop_front();
                }
                self.answers.push_back(JsonAnswer {
                    method: open.exchange.method.clone(),
                    path: path_of(&open.exchange.url),
                    status: open.exchange.status.unwrap_or(0),
                    body: value,
                    order: open.order,
                });
            }
            None => self.note_plain(&open),
        }
        self.end(open.exchange);
    }

    /// A request brought no answer.
    pub(crate) fn failed(&mut self, params: &Value) {
        let Some(id) = params["request"]["request"].as_str() else { return };
        let Some(mut open) = self.open.remove(id) else { return };
        open.exchange.error = Some(params["errorText"].as_str().unwrap_or("net::ERR_FAILED").to_owned());
        open.exchange.elapsed = open.started.elapsed();
        self.note_har(params);
        self.note_plain(&open);
        self.end(open.exchange);
    }

    /// JSON answers to requests made after `order`, newest first.
    pub(crate) fn answers_since(&self, order: u64) -> impl Iterator<Item = &JsonAnswer> {
        self.answers.iter().rev().filter(move |a| a.order > order)
    }

    /// Answers without a JSON body since `order`: method, path, status (`None`: no answer).
    pub(crate) fn plain_since(&self, order: u64) -> impl Iterator<Item = (&str, &str, Option<u16>)> {
        self.failed_answers.iter().rev().filter(move |a| a.0 > order).map(|(_, m, p, s)| (m.as_str(), p.as_str(), *s))
    }

    /// The page went on to another document: what the last one still asked for is often never told to have ended.
    pub(crate) fn leave(&mut self, context: &str) {
        for open in self.open.values_mut() {
            open.left |= open.context.as_deref() == Some(context) && open.exchange.kind != ExchangeKind::Document;
        }
    }

    /// Own requests of documents that are still there and under way for less than `younger_than`: streams are older.
    pub(crate) fn own_open(&self, younger_than: Duration) -> usize {
        let young = |o: &&Open| o.exchange.own && !o.left && o.started.elapsed() < younger_than;
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

    /// Why the newest document of `context` did not come, if it did not.
    pub(crate) fn document_error(&self, context: &str) -> Option<&str> {
        self.document_errors.get(context).map(String::as_str)
    }

    /// What ended since this was last asked, masked. `all` gives those under way, too.
    pub(crate) fn drain(&mut self, masker: &Masker, all: bool) -> Vec<Exchange> {
        let mut out = std::mem::take(&mut self.ended);
        if all {
            // Before the end, an answer whose body is still on its way waits for it: expectations read it.
            out.extend(self.waiting_body.drain().map(|(_, open)| open.exchange));
            let ended = |open: Open| Exchange { elapsed: open.started.elapsed(), ..open.exchange };
            out.extend(self.open.drain().map(|(_, open)| ended(open)));
        }
        for exchange in &mut out {
            exchange.url = masker.url(&exchange.url);
            for text in [&mut exchange.business_code, &mut exchange.business_message].into_iter().flatten() {
                *text = masker.text(text).chars().take(300).collect();
            }
        }
        out.sort_by_key(|e| e.offset);
        out
    }

    fn end(&mut self, exchange: Exchange) {
        if self.ended.len() < EXCHANGES_STEP_MAX { self.ended.push(exchange) } else { self.dropped += 1 }
    }

    fn note_plain(&mut self, open: &Open) {
        if self.failed_answers.len() == BODIES_MAX * 4 {
            self.failed_answers.pop_front();
        }
        let e = &open.exchange;
        self.failed_answers.push_back((open.order, e.method.clone(), path_of(&e.url), e.status));
    }

    fn note_har(&mut self, params: &Value) {
        if let Some(har) = self.har.as_mut() {
            if har.len() < 5_000 { har.push(params.clone()) } else { self.dropped += 1 }
        }
    }
}

/// A JSON value as people write it: texts without quotes.
pub(crate) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The path of a URL, without host and query.
pub(crate) fn path_of(url: &str) -> String {
    url::Url::parse(url).map_or_else(|_| url.to_owned(), |u| u.path().to_owned())
}

/// The guard's proxy answers for an app that cannot be reached, and says so in a header: to the page that is
/// a 502, to the record it is the connection error it stands for.
fn egress_error(response: &Value) -> Option<String> {
    let header = |h: &&Value| h["name"].as_str().is_some_and(|n| n.eq_ignore_ascii_case("x-gengfu-egress"));
    let found = response["headers"].as_array()?.iter().find(header)?;
    found["value"]["value"].as_str().map(str::to_owned)
}

fn kind_of(request: &Value, params: &Value) -> ExchangeKind {
    let frame = request["destination"].as_str() == Some("iframe");
    match request["goog:resourceType"].as_str().unwrap_or_default() {
        "Document" if frame => ExchangeKind::Frame,
        "Document" => ExchangeKind::Document,
        "Stylesheet" => ExchangeKind::Style,
        "Script" => ExchangeKind::Script,
        "Image" => ExchangeKind::Image,
        "Font" => ExchangeKind::Font,
        "XHR" | "Fetch" | "EventSource" => ExchangeKind::Api,
        // Beacons, preflights and reports go out beside the page: no customer waits for their answers.
        "Ping" | "Preflight" | "CSPViolationReport" => ExchangeKind::Other,
        _ => match request["destination"].as_str().unwrap_or_default() {
            "document" => ExchangeKind::Document,
            "iframe" | "frame" => ExchangeKind::Frame,
            "style" => ExchangeKind::Style,
            "script" => ExchangeKind::Script,
            "image" => ExchangeKind::Image,
            "font" => ExchangeKind::Font,
            "" if !params["navigation"].is_null() => ExchangeKind::Document,
            "" => ExchangeKind::Api,
            _ => ExchangeKind::Other,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_goes_out_beside_the_page_is_no_call() {
        let check = |kind: &str, expected: ExchangeKind| {
            let request = json!({"destination": "", "goog:resourceType": kind});
            assert_eq!(kind_of(&request, &json!({"navigation": null})), expected, "{kind}");
        };
        check("Fetch", ExchangeKind::Api);
        check("Ping", ExchangeKind::Other);
        check("Preflight", ExchangeKind::Other);
        check("CSPViolationReport", ExchangeKind::Other);
        check("", ExchangeKind::Api);
    }
}
