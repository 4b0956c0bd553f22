//! The page is not where it should be.

use super::statement::{Detector, Tier, answer_words, failures, on_failure};
use crate::finding::{Finding, route_of};
use crate::walk::{ExchangeKind, FailureKind, StepRecord, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "wrong-route",
    zh: "跳到了别的页面",
    en: "wrong page",
    catalogue: &["BF06", "BF12", "BF16", "BF20", "BF21", "BP12"],
    tier: Tier::Symptom,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (step, failure) in failures(record) {
        let FailureKind::WrongRoute { expected, actual } = &failure.kind else { continue };
        let actual = route_of(actual);
        let (zh, en) = if is_login(&actual) && !is_login(expected) {
            (
                format!("「{}」时要求客户重新登录", step.title),
                format!("“{}” asks customers to sign in again", step.title),
            )
        } else {
            (
                format!("「{}」后到了错误的页面 {actual}，应为 {expected}", step.title),
                format!("“{}” leads to the wrong page: {actual} instead of {expected}", step.title),
            )
        };
        let mut said = on_failure(step, failure, zh, en);
        said.cause_key = format!("wrong-route {expected} {actual}");
        if let Some(sent) = sent_elsewhere(step) {
            said.cause = Some(said.cause.map_or(sent.clone(), |cause| format!("{cause} ← {sent}")));
        }
        // A release that leads one link astray leads others there, too.
        let said = said.shared(&actual);
        findings.push(said.on(&DETECTOR, record, step));
    }
    findings
}

/// The page that answered with another address, where the step asked for one: the first of a chain.
fn sent_elsewhere(step: &StepRecord) -> Option<String> {
    let mut documents = step.seen.exchanges.iter().filter(|e| e.own && e.kind == ExchangeKind::Document);
    documents.find(|e| e.status.is_some_and(|status| (300..400).contains(&status))).map(answer_words)
}

fn is_login(route: &str) -> bool {
    ["login", "signin", "sign-in", "logon", "passport"].iter().any(|word| route.to_lowercase().contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{exchange, failed, step, walk};
    use crate::walk::StepRecord;

    fn check(step: StepRecord, expected: &[(&str, &str)]) {
        let findings = inspect(&walk([step]));
        let got: Vec<_> = findings.iter().map(|f| (f.cause_key.as_str(), f.headline.en.as_str())).collect();
        assert_eq!(got, expected);
    }

    fn strayed(actual: &str) -> StepRecord {
        let (expected, actual) = ("/funds/*".to_owned(), actual.to_owned());
        failed("fund", FailureKind::WrongRoute { expected, actual })
    }

    #[test]
    fn wrong_pages_speak_and_a_lost_session_says_so() {
        let home = "“点击“fund”” leads to the wrong page: /home instead of /funds/*";
        check(strayed("/home"), &[("wrong-route /funds/* /home", home)]);
        check(strayed("/login"), &[("wrong-route /funds/* /login", "“点击“fund”” asks customers to sign in again")]);
        check(failed("fund", FailureKind::NotSeen), &[]);
        check(step("fund"), &[]);
    }
    #[test]
    fn the_page_that_sent_the_customer_on_is_named() {
        let check = |statuses: [u16; 2], expected: &str| {
            let mut step = strayed("/login");
            let [first, last] = statuses;
            let document = |path, status| exchange(ExchangeKind::Document, "GET", path, status);
            step.seen.exchanges = vec![document("/funds/000123/buy", first), document("/login", last)];
            assert_eq!(inspect(&walk([step]))[0].cause.as_deref(), Some(expected));
        };
        check([302, 200], "waited 5 s ← GET /funds/:id/buy → 302");
        check([200, 200], "waited 5 s");
    }
}
