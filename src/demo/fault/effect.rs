//! What a fault does. The app itself knows nothing of faults: they stand between it and the customer.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Response, header};
use serde_json::Value;
use std::time::Duration;

/// What was asked, as far as a fault may care.
pub(crate) struct Asked {
    pub method: Method,
    pub path: String,
    pub query: String,
    /// Whether a phone's browser asks.
    pub on_phone: bool,
    /// Index into the customers, when someone is logged in.
    pub customer: Option<usize>,
    /// Where the third party listens.
    pub third_party_url: String,
}

/// One thing a fault does. The first field is the path it does it to: `*` stands for one segment, a last `**` for the rest.
pub(crate) enum Effect {
    /// Answers in place of the app; `None` lets the app answer.
    Instead(&'static str, fn(&Asked) -> Option<Response<Body>>),
    /// Changes the `data` of a JSON answer (or, through the whole value, its code).
    Json(&'static str, fn(&mut Value, &Asked)),
    /// Changes the bytes of a page, script or sheet.
    Bytes(&'static str, fn(Vec<u8>, &Asked) -> Vec<u8>),
    /// Replaces the first text by the second wherever it stands in a page, script or sheet.
    Replace(&'static str, &'static str, &'static str),
    /// Appends to a script or sheet, as a bad release would.
    Append(&'static str, &'static str),
    /// Changes the headers of an answer.
    Head(&'static str, fn(&mut HeaderMap)),
    /// Keeps the customer waiting for this many milliseconds.
    Delay(&'static str, u64),
    /// Opens a web socket in place of the app and never says a word.
    Mute(&'static str),
}

impl Effect {
    /// Whether the effect concerns this path.
    pub(crate) fn concerns(&self, path: &str) -> bool {
        let (Self::Instead(pattern, _)
        | Self::Json(pattern, _)
        | Self::Bytes(pattern, _)
        | Self::Replace(pattern, ..)
        | Self::Append(pattern, _)
        | Self::Head(pattern, _)
        | Self::Delay(pattern, _)
        | Self::Mute(pattern)) = self;
        fits(pattern, path)
    }

    /// Whether a web socket is opened and kept silent.
    pub(crate) fn mutes(&self) -> bool {
        matches!(self, Self::Mute(_))
    }

    /// Whether the body of the answer has to be read to apply it.
    pub(crate) fn reads_body(&self) -> bool {
        matches!(self, Self::Json(..) | Self::Bytes(..) | Self::Replace(..) | Self::Append(..))
    }

    /// What stands before the app: the wait, then the answer in its place.
    pub(crate) async fn before(&self, asked: &Asked) -> Option<Response<Body>> {
        match self {
            Self::Delay(_, millis) => {
                tokio::time::sleep(Duration::from_millis(*millis)).await;
                None
            }
            Self::Instead(_, answer) => answer(asked),
            _ => None,
        }
    }

    /// What happens to the body on its way out.
    pub(crate) fn body(&self, body: Vec<u8>, asked: &Asked) -> Vec<u8> {
        match self {
            Self::Json(_, change) => match serde_json::from_slice::<Value>(&body) {
                Ok(mut value) => {
                    change(&mut value, asked);
                    value.to_string().into_bytes()
                }
                Err(_) => body,
            },
            Self::Bytes(_, change) => change(body, asked),
            Self::Replace(_, from, to) => String::from_utf8_lossy(&body).replace(from, to).into_bytes(),
            Self::Append(_, text) => [body.as_slice(), b"\n", text.as_bytes()].concat(),
            _ => body,
        }
    }

    /// What happens to the headers on their way out.
    pub(crate) fn head(&self, headers: &mut HeaderMap) {
        if let Self::Head(_, change) = self {
            change(headers);
        }
    }
}

/// Whether `path` fits `pattern`.
pub(super) fn fits(pattern: &str, path: &str) -> bool {
    let mut wanted = pattern.split('/');
    let mut found = path.split('/');
    loop {
        match (wanted.next(), found.next()) {
            (Some("**"), _) | (None, None) => return true,
            (Some("*"), Some(segment)) if !segment.is_empty() => {}
            (Some(w), Some(f)) if w == f => {}
            _ => return false,
        }
    }
}

/// A response made by a fault: never cached, so that mending helps at once.
pub(super) fn answer(status: u16, media_type: &str, body: impl Into<Bytes>) -> Option<Response<Body>> {
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, media_type)
        .header(header::CACHE_CONTROL, "no-store")
        .body(Body::from(body.into()))
        .ok()
}

/// A redirect made by a fault.
pub(super) fn redirect(to: &str) -> Option<Response<Body>> {
    Response::builder()
        .status(302)
        .header(header::LOCATION, to)
        .header(header::CACHE_CONTROL, "no-store")
        .body(Body::empty())
        .ok()
}

/// A page without what stands between `from` and the next `to`, both included.
pub(super) fn cut(page: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(&page).into_owned();
    let Some(start) = text.find(from) else { return page };
    let Some(length) = text[start..].find(to) else { return page };
    [&text[..start], &text[start + length + to.len()..]].concat().into_bytes()
}

/// A page whose main region is empty: header, navigation and footer stay.
pub(super) fn hollow(page: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8_lossy(&page).into_owned();
    let Some(start) = text.find("<main").and_then(|at| Some(at + text[at..].find('>')? + 1)) else { return page };
    let Some(end) = text.find("</main>") else { return page };
    [&text[..start], &text[end..]].concat().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns() {
        let check = |pattern, path, expected| assert_eq!(fits(pattern, path), expected, "{pattern} {path}");
        check("/funds", "/funds", true);
        check("/funds", "/funds/000123", false);
        check("/funds/*", "/funds/000123", true);
        check("/funds/*", "/funds/", false);
        check("/funds/*", "/funds/000123/buy", false);
        check("/funds/*/buy", "/funds/000123/buy", true);
        check("/api/**", "/api/orders/prepare", true);
        check("/api/**", "/assets/app.css", false);
    }
}
