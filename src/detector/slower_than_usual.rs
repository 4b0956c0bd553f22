//! A step takes longer than it did in clean walks, walk after walk, though it stays below every limit.

use super::statement::{Detector, Said, Tier};
use super::step_over_budget::longest_answer;
use crate::finding::{Finding, Severity};
use crate::walk::{Class, StepRecord, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "slower-than-usual",
    zh: "比平时慢",
    en: "slower than usual",
    catalogue: &["SD01", "SD02"],
    tier: Tier::Slow,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    record.steps.iter().filter_map(|step| slower(record, step)).collect()
}

/// What is slow is told by the baseline, which knows the walks before; here it is only said.
fn slower(record: &WalkRecord, step: &StepRecord) -> Option<Finding> {
    let slowness = step.seen.slowness.as_ref().filter(|seen| seen.sounds)?;
    let (took, usual) = (step.elapsed.as_secs_f64(), slowness.usual.as_secs_f64());
    let times = took / usual.max(1e-3);
    let zh = format!("「{}」比平时慢：用了 {took:.1} 秒，平时约 {usual:.1} 秒（{times:.1} 倍）", step.title);
    let en = format!("“{}” takes {times:.1} times as long as usual: {took:.1} s, usually {usual:.1} s", step.title);
    let cause = longest_answer(step).unwrap_or_else(|| "slower than usual".into());
    let said = Said::new(Class::Slow, Severity::P2, zh, en).cause(cause, "slower").lasting();
    Some(said.on(&DETECTOR, record, step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{step_with, walk};
    use crate::walk::Slowness;
    use std::time::Duration;

    fn check(sounds: bool, expected: &[&str]) {
        let step = step_with("funds", |s| {
            s.elapsed = Duration::from_millis(2_140);
            let usual = Duration::from_millis(700);
            s.seen.slowness = Some(Slowness { usual, weight: 2_000, sounds, dragged: false });
        });
        let found = inspect(&walk([step]));
        assert_eq!(found.iter().map(|f| f.headline.en.as_str()).collect::<Vec<_>>(), expected);
        assert!(found.iter().all(|f| f.class == Class::Slow && f.lasting && !f.failing && !f.deterministic));
    }

    #[test]
    fn what_has_become_slower_is_said_beside_what_is_usual() {
        check(true, &["“点击“funds”” takes 3.1 times as long as usual: 2.1 s, usually 0.7 s"]);
        check(false, &[]);
    }
}
