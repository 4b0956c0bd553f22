//! Which findings are one trouble, whichever journey and step meets it (facts: Sentry's and Dynatrace's grouping by cause).

use super::statement::{Detector, Tier};
use crate::finding::Kin;

/// The kin of what `detector` found on `route`.
pub(super) fn kin_of(detector: &Detector, route: &str, cause_key: &str) -> Kin {
    match detector.tier {
        // A backend that is down fails every call of it, each journey's first one.
        Tier::Call if cause_key.contains("=gateway") => Kin::loose(&["call", "=gateway"]),
        Tier::Call if detector.id == "busy-notice" => Kin::loose(&[cause_key]),
        Tier::Call | Tier::Script => Kin::exact(&[detector.id, cause_key]),
        Tier::Symptom => Kin::exact(&[detector.id, route, cause_key]),
        // Another picture, another page: what serves them is one.
        Tier::Fatal | Tier::Page | Tier::Waiting | Tier::Slow => Kin::loose(&[detector.id]),
        Tier::Beside if detector.id == "broken-image" => Kin::loose(&[detector.id]),
        // A wrong encoding is set once for a whole site, whichever words it spoils first.
        Tier::Content if detector.id == "mojibake" => Kin::loose(&[detector.id]),
        Tier::Content | Tier::Beside => Kin::loose(&[detector.id, cause_key]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::ALL;

    fn kin(detector: &str, route: &str, cause_key: &str) -> Kin {
        kin_of(ALL.iter().find(|d| d.id == detector).unwrap(), route, cause_key)
    }

    #[test]
    fn one_cause_is_one_kin_wherever_it_is_met() {
        let check = |same: bool, one: (&str, &str, &str), other: (&str, &str, &str)| {
            assert_eq!(kin(one.0, one.1, one.2) == kin(other.0, other.1, other.2), same, "{one:?} {other:?}");
        };
        check(true, ("api-error", "/login", "POST /api/login =500"), ("api-error", "/home", "POST /api/login =500"));
        check(false, ("api-error", "/login", "POST /api/login =500"), ("api-error", "/login", "POST /api/login =403"));
        check(true, ("api-error", "/a", "GET /api/a =gateway"), ("api-error", "/b", "GET /api/b =gateway"));
        check(true, ("white-screen", "/a", "white"), ("white-screen", "/b", "white"));
        check(true, ("broken-image", "/a", "image /1.png"), ("broken-image", "/b", "image /2.png"));
        check(true, ("element-missing", "/a", "missing 申购"), ("element-missing", "/a", "missing 申购"));
        check(false, ("element-missing", "/a", "missing 申购"), ("element-missing", "/b", "missing 申购"));
        check(false, ("placeholder-text", "/a", "=NaN"), ("placeholder-text", "/a", "=undefined"));
        check(false, ("white-screen", "/a", "white"), ("shell-only", "/a", "shell"));
    }
}
