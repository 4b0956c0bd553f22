//! A web socket that must speak and does not: the quotes on the page are old, and look as if they were new.

use super::oracle_breach::found;
use super::statement::{Detector, Tier};
use crate::finding::Finding;
use crate::oracle::BreachKind;
use crate::walk::WalkRecord;

pub(super) const DETECTOR: Detector = Detector {
    id: "silent-stream",
    zh: "实时推送没有数据",
    en: "silent live feed",
    catalogue: &["SD13"],
    // A page that is wrong otherwise opens no socket, or none in time.
    tier: Tier::Slow,
    inspect,
};

/// Silence may be the machine's: unlike what is read off a page, it takes as many looks as anything that is late.
fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let silent = found(record, &DETECTOR, BreachKind::Unheard);
    silent.into_iter().map(|finding| Finding { deterministic: false, ..finding }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::judge;
    use crate::detector::sample::{failed, step, step_with, walk};
    use crate::finding::Severity;
    use crate::id::StepId;
    use crate::oracle::Breach;
    use crate::walk::{BreachSeen, Class, FailureKind, ScriptError, StepRecord};
    use std::time::Duration;

    fn silent(mut step: StepRecord) -> StepRecord {
        let (zh, en) = ("行情推送（/feed/*）3 秒内没有数据".to_owned(), "quotes said nothing".to_owned());
        let breach = Breach { kind: BreachKind::Unheard, topic: "products/feed/*".into(), urgent: false, zh, en };
        step.seen.breaches.push(BreachSeen { breach, led_by: StepId("funds".into()) });
        step
    }

    /// Each finding as `detector @ step`.
    fn check(record: &WalkRecord, expected: &[&str]) {
        let judged = judge(record);
        let said = |f: &Finding| format!("{} @ {}", f.detector, f.step);
        assert_eq!(judged.findings.iter().map(said).collect::<Vec<_>>(), expected);
    }

    /// SD13: whichever look hears nothing, the step that led there is told of.
    #[test]
    fn a_silent_feed_is_abnormal_and_takes_more_than_one_look() {
        let record = walk([step("funds"), silent(step("see"))]);
        check(&record, &["silent-stream @ funds"]);
        let told = &judge(&record).findings[0];
        assert!(told.class == Class::Abnormal && told.severity == Severity::P2 && told.failing && !told.deterministic);
    }

    /// SD13: a page that is broken otherwise hears nothing, either.
    #[test]
    fn nothing_is_told_of_silence_where_the_page_is_broken() {
        let thrown = ScriptError { text: "TypeError: x".into(), frame: None, own: true, offset: Duration::ZERO };
        let broken = step_with("funds", |s| s.seen.script_errors = vec![thrown]);
        check(&walk([silent(broken)]), &["script-exception @ funds"]);
        let lost = failed("funds", FailureKind::Crashed);
        assert!(!judge(&walk([silent(lost)])).findings.iter().any(|f| f.detector == DETECTOR.id));
    }

    #[test]
    fn other_breaches_are_silent_here() {
        let mut other = silent(step("funds"));
        other.seen.breaches[0].breach.kind = BreachKind::Unsaid;
        assert!(inspect(&walk([other])).is_empty());
    }
}
