//! Which findings are one trouble, whichever journey and step meets it (facts: Sentry's and Dynatrace's grouping by cause).

use super::statement::{Detector, Tier};
use crate::finding::Kin;

/// These name what is wrong wherever it stands, and not only what it looks like there.
const NAMED_ANYWHERE: [&str; 5] = ["broken-image", "debug-ui", "devices-disagree", "foreign-script", "request-storm"];

/// One change makes these on several pages, and in several places of one, each time with other words.
const ONE_CHANGE: [&str; 5] = ["broken-image", "double-submit", "figure-unreadable", "mojibake", "placeholder-text"];

/// What endangers customers is never taken for another of its looks.
const SAFETY: [&str; 4] = ["foreign-script", "internal-address", "mixed-content", "unmasked-pii"];

/// The kin of what `detector` found on `route`; `shared` is what it has in common with findings of other pages that the
/// same change may have made: the layer that lies over them, the page they all lead to.
pub(super) fn kin_of(detector: &Detector, route: &str, cause_key: &str, shared: Option<&str>) -> Kin {
    let (id, place) = (detector.id, if NAMED_ANYWHERE.contains(&detector.id) { "" } else { route });
    match detector.tier {
        // The backend behind two calls is often one: where neither has a word of its own, both have one trouble.
        Tier::Call => Kin::of(&["call", cause_key], &["call", server_error(cause_key).unwrap_or(cause_key)]),
        // New exceptions on several pages at once come with one release.
        Tier::Script => Kin::of(&[id, cause_key], &[id]),
        Tier::Symptom => match shared {
            Some(shared) => Kin::of(&[id, route, cause_key], &[id, shared]),
            None => Kin::of(&[id, route, cause_key], &[id, route, cause_key]),
        },
        Tier::Fatal if id == "certificate-error" => Kin::of(&[id, cause_key], &[id, cause_key]),
        // Another picture, another page: what serves them is one. A wrong encoding is set once for a whole site.
        Tier::Fatal | Tier::Page | Tier::Waiting | Tier::Slow | Tier::Looks => Kin::of(&[id, route, cause_key], &[id]),
        // Whose data, whose script: each is told for itself.
        _ if SAFETY.contains(&id) => Kin::of(&[id, place, cause_key], &[id, place, cause_key]),
        Tier::Content | Tier::Beside if ONE_CHANGE.contains(&id) => Kin::of(&[id, place, cause_key], &[id]),
        Tier::Content | Tier::Beside => Kin::of(&[id, place, cause_key], &[id, cause_key]),
    }
}

/// The answer of a server that says only that it failed.
fn server_error(cause_key: &str) -> Option<&str> {
    let answer = cause_key.rsplit(' ').next()?;
    let status = answer.strip_prefix('=')?;
    (status == "gateway" || (status.len() == 3 && status.starts_with('5'))).then_some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::ALL;

    /// A detector, a route and a cause key.
    type Met = (&'static str, &'static str, &'static str);

    fn kin((detector, route, cause_key): Met) -> Kin {
        kin_of(ALL.iter().find(|d| d.id == detector).unwrap(), route, cause_key, None)
    }

    #[test]
    fn what_one_change_made_on_several_pages_is_one_for_a_while() {
        let check = |near: bool, detector: &str, one: &str, other: &str| {
            let detector = ALL.iter().find(|d| d.id == detector).unwrap();
            let of = |route, key, shared| kin_of(detector, route, key, Some(shared));
            let (one, other) = (of("/a", "covered by <div>", one), of("/b", "covered by <p>", other));
            assert!(!one.is_one_with(&other, false));
            assert_eq!(one.is_one_with(&other, true), near, "{one:?} {other:?}");
        };
        check(true, "element-covered", "<div class=layer>", "<div class=layer>");
        check(false, "element-covered", "<div class=layer>", "<nav>");
        check(true, "wrong-route", "/help", "/help");
    }

    #[test]
    fn each_name_is_a_detectors() {
        for id in NAMED_ANYWHERE.iter().chain(&SAFETY).chain(&ONE_CHANGE) {
            assert!(ALL.iter().any(|d| d.id == *id), "{id}");
        }
    }

    #[test]
    fn one_cause_is_one_kin_wherever_it_is_met() {
        let check = |when: &str, one: Met, other: Met| {
            let one_with = |near| kin(one).is_one_with(&kin(other), near);
            let found = if one_with(false) {
                "always"
            } else if one_with(true) {
                "near"
            } else {
                "never"
            };
            assert_eq!(found, when, "{one:?} {other:?}");
        };
        check("always", ("api-error", "/login", "POST /api/login =500"), ("api-error", "/", "POST /api/login =500"));
        check("near", ("api-error", "/a", "POST /api/a =500"), ("api-error", "/b", "POST /api/b =500"));
        check("near", ("api-error", "/a", "GET /api/a =gateway"), ("api-error", "/b", "GET /api/b =gateway"));
        check("never", ("api-error", "/a", "POST /api/a =500"), ("api-error", "/a", "POST /api/a =403"));
        check("never", ("api-error", "/a", "POST /api/a =200 =E1"), ("api-error", "/b", "POST /api/b =200 =E1"));
        check("near", ("script-exception", "/a", "TypeError home.js"), ("script-exception", "/b", "TypeError fund.js"));
        check("always", ("white-screen", "/a", "white"), ("white-screen", "/a", "white"));
        check("near", ("white-screen", "/a", "white"), ("white-screen", "/b", "white"));
        check("never", ("white-screen", "/a", "white"), ("shell-only", "/a", "shell"));
        check("always", ("broken-image", "/a", "image /1.png"), ("broken-image", "/b", "image /1.png"));
        check("near", ("broken-image", "/a", "image /a.png"), ("broken-image", "/b", "image /b.png"));
        check("always", ("element-missing", "/a", "missing 申购"), ("element-missing", "/a", "missing 申购"));
        check("never", ("element-missing", "/a", "missing 申购"), ("element-missing", "/b", "missing 申购"));
        check("near", ("placeholder-text", "/a", "=NaN"), ("placeholder-text", "/b", "=NaN"));
        check("near", ("placeholder-text", "/a", "=NaN"), ("placeholder-text", "/a", "=undefined"));
        let apart = |route| ("devices-disagree", route, "products/fund.nav");
        check("always", apart("/funds"), apart("/funds/:id"));
        check("never", ("unmasked-pii", "/a", "phone"), ("unmasked-pii", "/b", "phone"));
        check(
            "never",
            ("certificate-error", "/", "=ERR_CERT_DATE_INVALID"),
            ("certificate-error", "/", "=ERR_CERT_AUTHORITY_INVALID"),
        );
    }
}
