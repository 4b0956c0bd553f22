//! Before an app that answers nothing is blamed, the robot doubts itself: does anything else answer?

use super::Finished;
use crate::detector::{set_aside, unanswered};
use crate::walk::{Trouble, TroubleKind};

/// Whether a walk blames an app for not answering.
pub(super) fn doubtful(finished: &Finished) -> bool {
    !finished.judged.findings.is_empty() && unanswered(&finished.record)
}

/// The walk of a robot that reaches nothing else either, and why not: it says nothing of the app.
pub(super) fn aside(finished: Finished, why: &str) -> Finished {
    let Finished { mut record, judged } = finished;
    tracing::warn!(journey = %record.journey, walk = %record.walk, why, "a walk is set aside: the robot reaches nothing else either");
    let blamed = judged.headline.map(|headline| headline.en).unwrap_or_default();
    record.losses.push(format!("set aside, for the control pages do not answer either ({why}): {blamed}"));
    let said = format!("the app answers nothing, and neither do the control pages: {why}");
    Finished { record, judged: set_aside(Trouble { kind: TroubleKind::Uplink, said }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::judge;
    use crate::detector::sample::{api, failed, walk};
    use crate::walk::{ExchangeKind, FailureKind, StepRecord, Verdict};

    fn check(step: StepRecord, expected: bool) {
        let record = walk([step]);
        let judged = judge(&record);
        let finished = Finished { record, judged };
        assert_eq!(doubtful(&finished), expected, "{:?}", finished.record.steps);
    }

    fn navigation(error: &str) -> StepRecord {
        failed("open", FailureKind::NavigationFailed { error: error.into() })
    }

    #[test]
    fn only_what_was_not_answered_at_all_is_doubted() {
        check(navigation("net::ERR_CONNECTION_TIMED_OUT"), true);
        check(navigation("net::ERR_CERT_DATE_INVALID"), false);
        check(failed("tap", FailureKind::Missing), false);
        let calls = |statuses: &[u16]| {
            let mut step = failed("tap", FailureKind::NotSeen);
            step.seen.exchanges = statuses.iter().map(|status| api("GET", "/api/x", *status)).collect();
            for silent in step.seen.exchanges.iter_mut().filter(|e| e.status == Some(0)) {
                (silent.status, silent.error) = (None, Some("net::ERR_CONNECTION_RESET".into()));
            }
            assert!(step.seen.exchanges.iter().all(|e| e.own && e.kind == ExchangeKind::Api));
            step
        };
        check(calls(&[0, 0]), true);
        // One answer shows that the app is reached.
        check(calls(&[200, 0]), false);
    }

    #[test]
    fn what_is_set_aside_says_nothing_of_the_app() {
        let record = walk([navigation("net::ERR_CONNECTION_TIMED_OUT")]);
        let judged = judge(&record);
        let Finished { record, judged } = aside(Finished { record, judged }, "status.test: timed out");
        assert_eq!((judged.verdict, judged.findings.len()), (Verdict::Inconclusive, 0));
        assert_eq!(judged.trouble.map(|trouble| trouble.kind), Some(TroubleKind::Uplink));
        assert!(record.losses[0].starts_with("set aside"), "{:?}", record.losses);
    }
}
