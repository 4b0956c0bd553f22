//! Which request or script a finding on a fault should name, read off what the fault does.

use super::Fault;
use super::effect::{Asked, Effect, fits};
use axum::body::{Body, to_bytes};
use axum::http::{Method, Response, header};
use futures_util::FutureExt as _;
use serde_json::Value;

/// The longest answer of a fault that is read to see what it says.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

impl Fault {
    /// The addresses, as patterns, whose answer is wrong as such: refused, sent elsewhere, late, of another type, coded as
    /// failed or robbed of its headers; and of scripts that throw. Empty where every answer looks right, and only what it
    /// says, or what the page makes of it, is wrong.
    pub fn causes(&self) -> Vec<&'static str> {
        let heads_alone = self.effects.iter().all(|effect| matches!(effect, Effect::Head(..)));
        let throws = self.expected_detector == "script-exception";
        let cause = |effect: &Effect| match effect {
            Effect::Instead(path, answer) => (!looks_right(path, *answer)).then_some(*path),
            Effect::Delay(path, _) | Effect::Mute(path) => Some(*path),
            Effect::Head(path, _) => heads_alone.then_some(*path),
            Effect::Append(path, _) | Effect::Replace(path, ..) => (throws && path.ends_with(".js")).then_some(*path),
            Effect::Json(..) | Effect::Bytes(..) => None,
        };
        // What is done to every address names none.
        self.effects.iter().filter_map(cause).filter(|path| !path.ends_with("**")).collect()
    }

    /// Whether `said`, the cause that a finding gives, names one of them: as a path, folded or not, as an address with line
    /// and column, or a script by its file.
    pub fn caused_by(&self, said: &str) -> bool {
        let causes = self.causes();
        let words = said.split(|c: char| c.is_whitespace() || "“”「」（）(),".contains(c));
        let file = |cause: &str, path: &str| path.ends_with(".js") && cause.ends_with(&format!("/{path}"));
        words.map(path_of).any(|path| causes.iter().any(|cause| fits(cause, path) || file(cause, path)))
    }
}

/// Whether the answer says that all is well, so that nobody can tell it from the app's own.
fn looks_right(path: &str, answer: fn(&Asked) -> Option<Response<Body>>) -> bool {
    let asked = |method| Asked {
        method,
        path: path.replace('*', "1"),
        query: String::new(),
        on_phone: true,
        customer: Some(0),
        third_party_url: String::new(),
    };
    let Some(answer) = [Method::GET, Method::POST].into_iter().find_map(|method| answer(&asked(method))) else {
        return false;
    };
    let json = answer.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if !json || !answer.status().is_success() {
        return false;
    }
    let body = to_bytes(answer.into_body(), ANSWER_BYTES_MAX).now_or_never();
    let body = body.and_then(Result::ok).and_then(|body| serde_json::from_slice::<Value>(&body).ok());
    body.is_some_and(|body| body["code"] == "0000")
}

/// The path of an address, without what a browser puts behind it: `http://h:1/home.js:3:14` is `/home.js`.
fn path_of(word: &str) -> &str {
    let rest = word.split_once("://").map_or(word, |(_, rest)| rest.find('/').map_or("", |at| &rest[at..]));
    let bare = rest.split(['?', '#']).next().unwrap_or_default();
    let counts = |end: &str| !end.is_empty() && end.bytes().all(|b| b.is_ascii_digit());
    let uncounted = |path| match str::rsplit_once(path, ':') {
        Some((before, end)) if counts(end) => before,
        _ => path,
    };
    uncounted(uncounted(bare))
}

#[cfg(test)]
mod tests {
    use super::super::find;

    #[test]
    fn causes_are_read_off_the_effects() {
        let check = |id: &str, expected: &[&str]| assert_eq!(find(id).unwrap().causes(), expected, "{id}");
        check("BF01", &["/api/login"]);
        check("BF10", &["/api/orders/prepare", "/api/transfers/prepare"]);
        check("BP03", &["/assets/js/home.js", "/assets/js/fund.js"]);
        check("BP06", &["/assets/img/*"]);
        check("SC13", &["/api/login"]);
        check("SD05", &["/api/transactions", "/api/payees"]);
        // Its answer says that all is well; the page is another; a figure is wrong; every answer is meant.
        check("BF07", &[]);
        check("BF02", &[]);
        check("PS01", &[]);
        check("SC05", &[]);
    }

    #[test]
    fn a_cause_is_named_in_many_ways() {
        let check = |id: &str, said: &str, expected: bool| {
            assert_eq!(find(id).unwrap().caused_by(said), expected, "{said}");
        };
        check("BF10", "POST /api/orders/prepare → 500", true);
        check("BF10", "tap had no effect ← POST /api/transfers/prepare → 500", true);
        check("BF10", "GET /api/orders → 500", false);
        check("BP03", "TypeError: x is undefined http://127.0.0.1:4711/assets/js/home.js:12:5", true);
        check("BP03", "TypeError: x is undefined fund.js (anonymous)", true);
        check("BP03", "TypeError: x is undefined app.js (anonymous)", false);
        check("BF12", "GET /funds/:id/buy → /login", true);
        check("PS01", "GET /funds/000123", false);
        check("BF12", "button \"立即申购\"", false);
        check("PS01", "GET /api/home → 500", false);
    }
}
