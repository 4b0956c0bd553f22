//! Where trouble stands that a step met by looking: at the step that led there.
//!
//! Which of the looks behind an act is the first to show what the act brought, is chance. Told at the look, one trouble
//! would be several, each seen too seldom to be sure of.

use super::statement::{Tier, acts};
use crate::finding::{Bilingual, Finding};
use crate::journey::title::in_chinese;
use crate::walk::{Outcome, StepRecord, WalkRecord};

/// `finding` of the step `at`, where it stands. What a step itself fails of, or takes too long for, is its own; so is the
/// picture that it compares. The evidence stays that of the step that saw it.
pub(super) fn where_led(record: &WalkRecord, at: usize, tier: Tier, finding: Finding) -> Finding {
    let own = matches!(tier, Tier::Fatal | Tier::Symptom | Tier::Slow | Tier::Looks);
    // Of a step that is repeated nobody knows which time met it.
    let once = record.steps.iter().filter(|step| step.id == finding.step).count() == 1;
    let step = record.steps.get(at).filter(|step| !own && once && step.id == finding.step && step.looks());
    let Some((step, led)) = step.and_then(|step| Some((step, led_to(record, at)?))) else { return finding };
    let headline = Bilingual::new(
        retitled(&finding.headline.zh, ['「', '」'], [&in_chinese(&step.title), &in_chinese(&led.title)]),
        retitled(&finding.headline.en, ['“', '”'], [&step.title, &led.title]),
    );
    Finding { step: led.id.clone(), step_title: led.title.clone(), headline, ..finding }
}

/// The last step before `at` that did something to the page and went through.
fn led_to(record: &WalkRecord, at: usize) -> Option<&StepRecord> {
    let did = |step: &&StepRecord| brings(step) && matches!(step.outcome, Outcome::Passed | Outcome::Degraded(_));
    record.steps[..at].iter().rev().find(did)
}

fn brings(step: &StepRecord) -> bool {
    acts(step) || matches!(step.verb.as_str(), "open" | "reload" | "back" | "switch" | "script")
}

fn retitled(text: &str, [open, close]: [char; 2], [old, new]: [&str; 2]) -> String {
    text.replacen(&format!("{open}{old}{close}"), &format!("{open}{new}{close}"), 1)
}

#[cfg(test)]
mod tests {
    use crate::detector::judge;
    use crate::detector::sample::{page_with, step, step_with, walk};

    /// Steps by verb and whether the page shows `NaN` behind them; where the trouble is told.
    fn check(steps: &[(&str, bool)], expected: &[&str]) {
        let record = walk(steps.iter().enumerate().map(|(n, (verb, wrong))| {
            let mut step = page_with(&format!("{verb}-{n}"), |page| {
                if *wrong {
                    page.text = "昨日收益 NaN 元".into();
                }
            });
            (step.verb, step.title) = ((*verb).into(), format!("{verb} {n}"));
            step
        }));
        let told: Vec<String> = judge(&record).findings.iter().map(|f| f.step.0.clone()).collect();
        assert_eq!(told, expected, "{steps:?}");
    }

    #[test]
    fn what_a_look_meets_stands_at_what_led_there() {
        check(&[("open", false), ("tap", false), ("see", true), ("assert", true)], &["tap-1"]);
        check(&[("open", false), ("tap", true), ("see", true)], &["tap-1"]);
        check(&[("open", false), ("see", false), ("see", true)], &["open-0"]);
        check(&[("tap", false), ("fill", true)], &["fill-1"]);
        check(&[("see", true)], &["see-0"]);
        check(&[("tap", false), ("call", false), ("see", true)], &["tap-0"]);
    }

    #[test]
    fn of_a_repeated_look_nobody_knows_what_led_there() {
        let look = |text: &str| {
            let mut look = page_with("see", |page| page.text = text.into());
            look.verb = "see".into();
            look
        };
        let found = judge(&walk([step("open"), look("第一页"), step("next"), look("昨日收益 NaN 元")])).findings;
        assert_eq!(found.iter().map(|f| f.step.0.as_str()).collect::<Vec<_>>(), ["see"]);
    }

    #[test]
    fn it_is_called_by_that_step() {
        let led = step_with("tap", |s| s.title = "tap link 基金".into());
        let mut seen = page_with("see", |page| page.text = "昨日收益 NaN 元".into());
        (seen.verb, seen.title) = ("see".into(), "see 总资产".into());
        let found = judge(&walk([step("open"), led, seen])).findings;
        assert_eq!(found[0].step_title, "tap link 基金");
        assert_eq!(found[0].headline.zh, "「点击“基金”」时页面上显示了「NaN」：昨日收益 NaN 元");
        assert_eq!(found[0].headline.en, "The page shows “NaN” at “tap link 基金”: 昨日收益 NaN 元");
    }
}
