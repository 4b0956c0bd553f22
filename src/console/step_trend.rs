//! How each step of a journey went lately, from the records of its newest walks. Pure.

use crate::walk::v1::OutcomeV1;
use serde::{Deserialize, Serialize};

/// Bars of a step's times at most.
const BARS_MAX: usize = 40;
/// A step is slower or faster when its newest times differ so much from those before, as a factor and in milliseconds.
const FACTOR: f64 = 1.25;
const LEAST_MS: u64 = 200;

/// What is read of a record: its steps, and of these little.
#[derive(Debug, Deserialize)]
pub(super) struct Brief {
    #[serde(default)]
    pub steps: Vec<BriefStep>,
}

#[derive(Debug, Deserialize)]
pub(super) struct BriefStep {
    pub id: String,
    pub title: String,
    pub outcome: OutcomeV1,
    pub elapsed_ms: u64,
}

impl Brief {
    /// The record's steps; none where its shape is not known.
    pub fn read(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or(Self { steps: Vec::new() })
    }
}

fn was_reached(outcome: OutcomeV1) -> bool {
    !matches!(outcome, OutcomeV1::NotReached | OutcomeV1::Skipped)
}

/// How a step's times develop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Pace {
    Same,
    Slower,
    Faster,
}

/// One step, over the walks.
#[derive(Debug, PartialEq)]
pub(super) struct StepTrend {
    pub id: String,
    pub title: String,
    /// Walks that came to it.
    pub reached: usize,
    /// Of these, those that got past it.
    pub passed: usize,
    /// The median of those that got past it.
    pub usual_ms: Option<u64>,
    pub pace: Pace,
    /// Oldest first: the time as a share of the longest, in percent, and whether it was got past.
    pub bars: Vec<(u64, bool)>,
}

/// The steps of the newest of `walks`, which come newest first.
pub(super) fn steps(walks: &[Brief]) -> Vec<StepTrend> {
    let Some(newest) = walks.first() else { return Vec::new() };
    newest.steps.iter().map(|step| trend(step, walks)).collect()
}

fn trend(step: &BriefStep, walks: &[Brief]) -> StepTrend {
    let same = walks.iter().filter_map(|walk| walk.steps.iter().find(|other| other.id == step.id));
    let reached: Vec<&BriefStep> = same.filter(|other| was_reached(other.outcome)).collect();
    let got_past = |step: &&&BriefStep| matches!(step.outcome, OutcomeV1::Passed | OutcomeV1::Degraded);
    let times: Vec<u64> = reached.iter().filter(got_past).map(|step| step.elapsed_ms).collect();
    let longest = reached.iter().take(BARS_MAX).map(|step| step.elapsed_ms).max().unwrap_or_default().max(1);
    let bar = |step: &&BriefStep| (step.elapsed_ms * 100 / longest, got_past(&step));
    StepTrend {
        id: step.id.clone(),
        title: step.title.clone(),
        reached: reached.len(),
        passed: times.len(),
        usual_ms: median(&times),
        pace: pace(&times),
        bars: reached.iter().take(BARS_MAX).rev().map(bar).collect(),
    }
}

/// The newest third against what was before.
fn pace(times: &[u64]) -> Pace {
    let (newest, before) = times.split_at(times.len() / 3);
    let (Some(now), Some(then)) = (median(newest), median(before)) else { return Pace::Same };
    if now.abs_diff(then) < LEAST_MS {
        Pace::Same
    } else if now as f64 > then as f64 * FACTOR {
        Pace::Slower
    } else if then as f64 > now as f64 * FACTOR {
        Pace::Faster
    } else {
        Pace::Same
    }
}

fn median(times: &[u64]) -> Option<u64> {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Walks, newest first, each with the times of one step; `None` where it was not reached.
    fn walks(times: &[Option<u64>]) -> Vec<Brief> {
        let one = |time: &Option<u64>| {
            let outcome = if time.is_some() { OutcomeV1::Passed } else { OutcomeV1::NotReached };
            let step = BriefStep { id: "pay".into(), title: "Pay".into(), outcome, elapsed_ms: time.unwrap_or(0) };
            Brief { steps: vec![step] }
        };
        times.iter().map(one).collect()
    }

    #[test]
    fn a_step_that_becomes_slower_is_told() {
        let check = |times: &[Option<u64>], expected: (usize, Option<u64>, Pace)| {
            let told = steps(&walks(times));
            assert_eq!((told[0].reached, told[0].usual_ms, told[0].pace), expected, "{times:?}");
        };
        let slow = [2_000, 2_100, 1_000, 1_000, 1_000, 1_000].map(Some);
        check(&slow, (6, Some(1_000), Pace::Slower));
        check(
            &[Some(1_000), Some(1_000), Some(2_000), Some(2_000), Some(2_000), Some(2_000)],
            (6, Some(2_000), Pace::Faster),
        );
        // A few milliseconds are no news, whatever the factor.
        check(&[Some(20), Some(5), Some(5)], (3, Some(5), Pace::Same));
        check(&[None, None], (0, None, Pace::Same));
        check(&[Some(7)], (1, Some(7), Pace::Same));
    }

    #[test]
    fn bars_stand_in_the_order_of_time() {
        let told = steps(&walks(&[Some(50), None, Some(100), Some(25)]));
        assert_eq!(told[0].bars, [(25, true), (100, true), (50, true)]);
        assert!(steps(&[]).is_empty());
        assert!(Brief::read("no record").steps.is_empty());
    }
}
