//! Where somebody who has signed in goes on: to a page of this console, whatever the address says.

use url::Url;

/// The longest address that is kept, in bytes.
const NEXT_BYTES_MAX: usize = 2048;
/// Where nobody goes on: they would come back here.
const NOT_ON: [&str; 3] = ["/sign-in", "/sign-out", "/welcome"];

/// `next` if it leads to a page of this console, else the first page.
pub(super) fn safe(next: &str) -> String {
    within(next).unwrap_or_else(|| "/".to_owned())
}

fn within(next: &str) -> Option<String> {
    // Browsers read a backslash as a slash, and leave tabs and line ends out.
    let plain = next.len() <= NEXT_BYTES_MAX && !next.chars().any(|c| c == '\\' || c.is_control());
    if !plain || !next.starts_with('/') {
        return None;
    }
    let here = Url::parse("http://console.invalid/").expect("invariant: a constant address");
    let there = here.join(next).ok()?;
    let path = there.path();
    let ours = there.origin() == here.origin() && there.username().is_empty() && there.password().is_none();
    // `/.//evil.test` is a path here, and would be a host in the answer.
    if !ours || path.starts_with("//") || NOT_ON.iter().any(|place| path.starts_with(place)) {
        return None;
    }
    let query = there.query().map(|q| format!("?{q}")).unwrap_or_default();
    let fragment = there.fragment().map(|f| format!("#{f}")).unwrap_or_default();
    Some(format!("{path}{query}{fragment}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_away() {
        let check = |next: &str, expected: &str| assert_eq!(safe(next), expected, "{next:?}");
        check("/incidents?state=open&q=a%20b", "/incidents?state=open&q=a%20b");
        check("/walks/1#step-3", "/walks/1#step-3");
        check("/incidents/../people", "/people");
        for away in [
            "",
            "incidents",
            "//evil.test",
            "//evil.test/incidents",
            "/\\evil.test",
            "\\\\evil.test",
            "/\t/evil.test",
            "/\n/evil.test",
            "https://evil.test/",
            "http:evil.test",
            "javascript:alert(1)",
            "/.//evil.test",
            "/x/..//evil.test",
            "/%2e//evil.test",
            "///evil.test",
            " //evil.test",
            "/sign-in?next=/sign-in",
            "/sign-out",
            "@evil.test",
        ] {
            check(away, "/");
        }
        check(&format!("/{}", "a".repeat(NEXT_BYTES_MAX)), "/");
    }
}
