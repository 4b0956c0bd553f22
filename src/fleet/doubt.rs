//! Before an app that answers nothing is blamed, the robot doubts itself: does anything else answer?

use super::{Control, Finished};
use crate::detector::{set_aside, unanswered};
use crate::walk::{Trouble, TroubleKind};

/// The walk as it is, or set aside where nothing else can be reached either.
pub(super) async fn doubted(finished: Finished, control: Option<&dyn Control>) -> Finished {
    let Some(control) = control.filter(|_| !finished.judged.findings.is_empty() && unanswered(&finished.record)) else {
        return finished;
    };
    let Some(why) = control.blind().await else { return finished };
    let Finished { mut record, judged } = finished;
    tracing::warn!(journey = %record.journey, walk = %record.walk, why, "a walk is set aside: the robot reaches nothing else either");
    let blamed = judged.headline.map(|headline| headline.en).unwrap_or_default();
    record.losses.push(format!("set aside, for the control pages do not answer either ({why}): {blamed}"));
    let said = format!("the app answers nothing, and neither do the control pages: {why}");
    let judged = set_aside(Trouble { kind: TroubleKind::Uplink, said });
    Finished { record, judged }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::{judge, sample};
    use crate::walk::{FailureKind, Verdict};
    use async_trait::async_trait;

    struct Says(Option<&'static str>);

    #[async_trait]
    impl Control for Says {
        async fn blind(&self) -> Option<String> {
            self.0.map(str::to_owned)
        }
    }

    async fn check(kind: FailureKind, control: Option<Says>, expected: Verdict) {
        let record = sample::walk([sample::failed("open", kind.clone())]);
        let judged = judge(&record);
        let doubted = doubted(Finished { record, judged }, control.as_ref().map(|c| c as &dyn Control)).await;
        assert_eq!(doubted.judged.verdict, expected, "{kind:?}");
        let aside = expected == Verdict::Inconclusive;
        assert_eq!((doubted.judged.findings.is_empty(), doubted.judged.trouble.is_some()), (aside, aside), "{kind:?}");
        assert_eq!(doubted.record.losses.iter().any(|loss| loss.starts_with("set aside")), aside);
    }

    #[tokio::test]
    async fn an_app_is_blamed_unless_nothing_else_answers_either() {
        let refused = || FailureKind::NavigationFailed { error: "net::ERR_CONNECTION_TIMED_OUT".into() };
        check(refused(), None, Verdict::Failed).await;
        check(refused(), Some(Says(None)), Verdict::Failed).await;
        check(refused(), Some(Says(Some("https://control.test: timed out"))), Verdict::Inconclusive).await;
        // What the app did answer is its own doing.
        check(FailureKind::Missing, Some(Says(Some("never asked"))), Verdict::Failed).await;
    }
}
