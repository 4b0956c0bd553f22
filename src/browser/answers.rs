//! Whether the answer that a journey expects has come, judged from the lane's network book.

use super::book::{Book, JsonAnswer, PlainAnswer, Unread, plain};
use crate::journey::glob::covers;
use crate::journey::json_path::{JsonPath, misfit as json_misfit};
use crate::journey::{JsonRule, StatusRule};
use crate::walk::port::{BusinessCode, ResponseSight};
use serde_json::Value;

/// Answers that only lead on to another; none is what a journey waits for unless it says so.
const REDIRECTS: [u16; 5] = [301, 302, 303, 307, 308];

/// What the book says of an expected answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Judged {
    /// One fits.
    Fits,
    /// None has come.
    Nothing(WrongAnswer),
    /// One has come that would fit if its body could be read: the robot cannot say.
    Unread(Unread),
    /// Some have come; the newest that does not fit.
    Wrong(WrongAnswer),
}

/// An answer that is not the expected one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrongAnswer {
    /// `POST /api/orders/prepare`.
    pub request: String,
    pub status: Option<u16>,
    pub code: Option<String>,
    pub said: String,
}

/// Judges the answers to requests made after `since`.
pub(crate) fn judge(book: &Book, rule: &ResponseSight, since: u64, business: Option<&BusinessCode>) -> Judged {
    let mut wrong = None;
    for answer in book.answers_since(since).filter(|a| concerns(rule, &a.method, &a.path, Some(a.status))) {
        let Some(said) = misfit(rule, answer) else { return Judged::Fits };
        wrong.get_or_insert_with(|| WrongAnswer {
            request: format!("{} {}", answer.method, answer.path),
            status: Some(answer.status),
            code: business.and_then(|b| json_at(&answer.body, &b.code)).map(plain),
            said,
        });
    }
    let mut unread = None;
    for answer in book.plain_since(since).filter(|a| concerns(rule, &a.method, &a.path, a.status)) {
        let fits = answer.status.is_some_and(|s| rule.status.is_none_or(|r| status_fits(r, s)));
        match &answer.unread {
            _ if fits && rule.json.is_empty() => return Judged::Fits,
            Some(why) if fits => {
                unread.get_or_insert_with(|| why.clone());
            }
            _ => {
                wrong.get_or_insert_with(|| without_json(answer, fits));
            }
        }
    }
    match (unread, wrong) {
        (Some(why), _) => Judged::Unread(why),
        (None, Some(wrong)) => Judged::Wrong(wrong),
        (None, None) => {
            let request = format!("{} {}", rule.method.as_deref().unwrap_or("any"), rule.path);
            let said = format!("no answer to {request} was seen");
            Judged::Nothing(WrongAnswer { request, status: None, code: None, said })
        }
    }
}

/// The newest value at `json` in an answer of `path`, or why it cannot be said whether there is one.
pub(crate) fn newest_value(book: &Book, path: &str, json: &str) -> Result<String, Option<Unread>> {
    let mut fitting = book.answers_since(0).filter(|a| covers(path, &a.path));
    let found = fitting.find_map(|a| json_at(&a.body, json).map(plain));
    found.ok_or_else(|| book.plain_since(0).filter(|a| covers(path, &a.path)).find_map(|a| a.unread.clone()))
}

/// The newest JSON answer of `path` that succeeded.
pub(crate) fn newest_json<'b>(book: &'b Book, path: &str) -> Option<&'b Value> {
    let fits =
        |a: &&JsonAnswer| a.status / 100 == 2 && !a.method.eq_ignore_ascii_case("OPTIONS") && covers(path, &a.path);
    book.answers_since(0).find(fits).map(|a| &a.body)
}

/// Whether a rule speaks of this answer. What the browser asks on its own, and redirects, must be named.
fn concerns(rule: &ResponseSight, method: &str, path: &str, status: Option<u16>) -> bool {
    let preflight = method.eq_ignore_ascii_case("OPTIONS");
    let method_fits = rule.method.as_deref().map_or(!preflight, |r| r.eq_ignore_ascii_case(method));
    let leads_on = status.is_some_and(|s| REDIRECTS.contains(&s) && !rule.status.is_some_and(|r| status_fits(r, s)));
    method_fits && !leads_on && covers(&rule.path, path)
}

fn without_json(answer: &PlainAnswer, fits: bool) -> WrongAnswer {
    let request = format!("{} {}", answer.method, answer.path);
    let said = match answer.status {
        Some(status) if fits => format!("{request} answered {status} without JSON"),
        Some(status) => format!("{request} answered {status}"),
        None => format!("{request} brought no answer"),
    };
    WrongAnswer { request, status: answer.status, code: None, said }
}

/// What is wrong with an answer, if anything.
fn misfit(rule: &ResponseSight, answer: &JsonAnswer) -> Option<String> {
    let shown = format!("{} {}", answer.method, answer.path);
    if let Some(status) = rule.status.filter(|s| !status_fits(*s, answer.status)) {
        return Some(format!("{shown} answered {} instead of {}", answer.status, status_words(status)));
    }
    let wrong = |json: &JsonRule| json_misfit(json, &answer.body).map(|said| format!("{shown}: {said}"));
    rule.json.iter().find_map(wrong)
}

/// The value at a path. A path that cannot be read leads nowhere; the journey's reader has refused it before.
pub(crate) fn json_at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    JsonPath::parse(path).ok()?.find(value)
}

fn status_fits(rule: StatusRule, status: u16) -> bool {
    match rule {
        StatusRule::Exactly(wanted) => status == wanted,
        StatusRule::Class(class) => status / 100 == u16::from(class),
    }
}

fn status_words(rule: StatusRule) -> String {
    match rule {
        StatusRule::Exactly(status) => status.to_string(),
        StatusRule::Class(class) => format!("{class}xx"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Instant;

    /// An exchange of the app's own host: method, path, status, and its JSON body or why it was not read.
    fn note(book: &mut Book, id: &str, method: &str, status: u16, body: Option<Result<&str, Unread>>) {
        let url = "https://app.test/api/orders/prepare";
        let request = json!({"request": id, "method": method, "url": url, "headers": []});
        book.sent(&json!({"request": request}), Instant::now(), None, |_| true);
        let kind = if body.is_some() { "application/json" } else { "text/plain" };
        let response = json!({"status": status, "mimeType": kind, "headers": [], "bytesReceived": 10});
        let wanted = book.answered(&json!({"request": request, "response": response}));
        if let (Some(id), Some(body)) = (wanted, body) {
            book.body(&id, body, None);
        }
    }

    fn rule(method: Option<&str>, status: Option<StatusRule>, json: bool) -> ResponseSight {
        use crate::journey::{Matcher, Text};
        let matcher = Matcher::Equals(Text::literal("0000"));
        let json = if json { vec![JsonRule { path: "$.code".into(), matcher }] } else { Vec::new() };
        ResponseSight { method: method.map(str::to_owned), path: "/api/orders/prepare".into(), status, json }
    }

    /// Method, status, and the JSON body or why it was not read.
    type Seen<'a> = (&'a str, u16, Option<Result<&'a str, Unread>>);

    fn check(rule: &ResponseSight, seen: &[Seen<'_>], expected: &str) {
        let mut book = Book::default();
        for (index, (method, status, body)) in seen.iter().enumerate() {
            note(&mut book, &index.to_string(), method, *status, body.clone());
        }
        let found = match judge(&book, rule, 0, None) {
            Judged::Fits => "fits".to_owned(),
            Judged::Nothing(_) => "nothing".to_owned(),
            Judged::Unread(unread) => format!("unread: {}", unread.why),
            Judged::Wrong(wrong) => wrong.said,
        };
        assert!(found.starts_with(expected), "{found}, expected {expected}");
    }

    const OK: Option<StatusRule> = Some(StatusRule::Class(2));

    #[test]
    fn a_preflight_and_a_redirect_are_no_answer() {
        check(&rule(None, OK, false), &[("OPTIONS", 204, None)], "nothing");
        check(&rule(None, None, false), &[("POST", 302, None)], "nothing");
        check(
            &rule(None, OK, false),
            &[("OPTIONS", 204, None), ("POST", 500, None)],
            "POST /api/orders/prepare answered 500",
        );
        check(&rule(None, OK, false), &[("OPTIONS", 204, None), ("POST", 200, None)], "fits");
        check(&rule(Some("OPTIONS"), OK, false), &[("OPTIONS", 204, None)], "fits");
        check(&rule(None, Some(StatusRule::Exactly(302)), false), &[("POST", 302, None)], "fits");
        check(&rule(None, Some(StatusRule::Exactly(304)), false), &[("GET", 304, None)], "fits");
    }

    #[test]
    fn a_body_that_the_robot_did_not_read_is_no_fault_of_the_app() {
        let unread = || Some(Err(Unread { why: "it is too long".into(), busy: false }));
        check(&rule(None, OK, true), &[("POST", 200, unread())], "unread: it is too long");
        check(&rule(None, OK, false), &[("POST", 200, unread())], "fits");
        check(&rule(None, OK, true), &[("POST", 500, unread())], "POST /api/orders/prepare answered 500");
        check(&rule(None, OK, true), &[("POST", 200, unread()), ("POST", 200, Some(Ok(r#"{"code":"0000"}"#)))], "fits");
        check(
            &rule(None, OK, true),
            &[("POST", 200, Some(Ok("<html>")))],
            "POST /api/orders/prepare answered 200 without JSON",
        );
        check(&rule(None, OK, true), &[("POST", 200, None)], "POST /api/orders/prepare answered 200 without JSON");
        check(&rule(None, OK, true), &[("POST", 200, Some(Ok(r#"{"code":"E1"}"#)))], "POST /api/orders/prepare: ");
    }
}
