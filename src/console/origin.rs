//! Whose page a request comes from, as the browser says.

use super::serve::Console;
use super::shield::is_loopback;
use axum::http::{HeaderMap, header};

/// Whether a request that changes something comes from a page of this console. A browser says so in `Origin`; a request
/// without one comes from no page of ours.
pub(super) fn is_own(console: &Console, headers: &HeaderMap) -> bool {
    let same_site = fetch(headers, "sec-fetch-site").is_none_or(|site| site == "same-origin");
    same_site && headers.contains_key(header::ORIGIN) && says_nothing_foreign(console, headers)
}

/// Whether a foreign page asks for something to put into itself, or to read: a picture, a frame, a stream. Links are
/// followed.
pub(super) fn is_foreign_part(console: &Console, headers: &HeaderMap) -> bool {
    is_part_of_foreign(headers) || !says_nothing_foreign(console, headers)
}

/// Whether `Origin`, where there is one, is this console.
fn says_nothing_foreign(console: &Console, headers: &HeaderMap) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let origin = match (origins.next(), origins.next()) {
        (None, _) => return true,
        (Some(origin), None) => origin.to_str().ok(),
        (Some(_), Some(_)) => None,
    };
    origin.is_some_and(|origin| {
        console.public_origin() == Some(origin) || loopback_origin(headers).as_deref() == Some(origin)
    })
}

fn is_part_of_foreign(headers: &HeaderMap) -> bool {
    let foreign = fetch(headers, "sec-fetch-site").is_some_and(|site| matches!(site, "cross-site" | "same-site"));
    let followed =
        fetch(headers, "sec-fetch-mode") == Some("navigate") && fetch(headers, "sec-fetch-dest") == Some("document");
    foreign && !followed
}

/// A page on this machine was reached by the very host that is asked now.
fn loopback_origin(headers: &HeaderMap) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let authority: axum::http::uri::Authority = host.parse().ok()?;
    is_loopback(authority.host()).then(|| format!("http://{host}"))
}

fn fetch<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    // What cannot be read is foreign.
    headers.get(name).map(|value| value.to_str().unwrap_or("cross-site"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_pages_get_no_parts() {
        let check = |site: &str, mode: &str, dest: &str, expected: bool| {
            let mut headers = HeaderMap::new();
            for (name, value) in [("sec-fetch-site", site), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest)] {
                if !value.is_empty() {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            assert_eq!(is_part_of_foreign(&headers), expected, "{site} {mode} {dest}");
        };
        check("", "", "", false);
        check("same-origin", "no-cors", "image", false);
        check("none", "navigate", "document", false);
        check("cross-site", "navigate", "document", false);
        check("cross-site", "navigate", "iframe", true);
        check("cross-site", "no-cors", "image", true);
        check("same-site", "cors", "empty", true);
        check("cross-site", "", "", true);
    }
}
