//! The route a URL belongs to: the path with everything folded that names one customer's thing.

/// The longest route kept, in characters.
const ROUTE_CHARS_MAX: usize = 160;

/// Folds a URL (or a path) into its route: `https://h/funds/000123?x=1` is `/funds/:id`.
///
/// A hash route (`#/funds/1`) is a route of its own. Query, host and trailing slash are dropped. The
/// browser's own pages (`about:blank`, `chrome-error://…`) have the route they are named by.
pub fn route_of(url: &str) -> String {
    if url.starts_with("about:") || url.starts_with("chrome-error:") || url.starts_with("data:") {
        return url.split([',', '?', '#']).next().unwrap_or_default().trim_end_matches('/').to_owned();
    }
    let after_host = match url.find("://") {
        Some(at) => url[at + 3..].find(['/', '?', '#']).map_or("", |slash| &url[at + 3 + slash..]),
        None => url,
    };
    let (before_hash, hash) = after_host.split_once('#').unwrap_or((after_host, ""));
    let path = before_hash.split('?').next().unwrap_or_default();
    let mut route = fold_path(path);
    if let Some(inner) = hash.strip_prefix('!').or(Some(hash)).filter(|h| h.starts_with('/')) {
        let inner = fold_path(inner.split('?').next().unwrap_or_default());
        route = if route == "/" { format!("/#{inner}") } else { format!("{route}#{inner}") };
    }
    route.chars().take(ROUTE_CHARS_MAX).collect()
}

fn fold_path(path: &str) -> String {
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let folded: Vec<&str> =
        decoded.split('/').filter(|s| !s.is_empty()).map(|s| if names_one_thing(s) { ":id" } else { s }).collect();
    format!("/{}", folded.join("/"))
}

/// Whether a segment names one thing rather than a kind of thing: a number, an id, a hash, something masked.
fn names_one_thing(segment: &str) -> bool {
    let stem = segment.rsplit_once('.').map_or(segment, |(stem, _)| stem);
    let digits = stem.bytes().filter(u8::is_ascii_digit).count();
    let hex = stem.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let masked = segment.contains(['*', '‹', '›', '•']);
    masked || (digits > 0 && digits == stem.len()) || digits >= 4 || (hex && digits > 0 && stem.len() >= 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_fold_what_names_one_thing() {
        let check = |url: &str, expected: &str| assert_eq!(route_of(url), expected, "{url}");
        check("https://app.test/funds/000123?from=home", "/funds/:id");
        check("http://127.0.0.1:8080", "/");
        check("http://127.0.0.1:8080/", "/");
        check("/api/v1/orders/FD20261121-7/", "/api/v1/orders/:id");
        check("/api/orders/0190f5e2-7c1d-7a3b-8c4d-5e6f70819203/lines", "/api/orders/:id/lines");
        check("https://app.test/#/funds/12?tab=nav", "/#/funds/:id");
        check("https://app.test/h5/#!/home", "/h5#/home");
        check("/h5/page#anchor", "/h5/page");
        check("/customers/张*", "/customers/:id");
        check("/%E5%9F%BA%E9%87%91/list", "/基金/list");
        check("about:blank", "about:blank");
        check("chrome-error://chromewebdata/", "chrome-error://chromewebdata");
        check("/p2p/faq", "/p2p/faq");
    }
}
