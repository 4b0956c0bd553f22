//! Control flow: conditions, branches, repetitions; everything else is one verb.

use super::super::FailureKind;
use super::super::port::{Mishap, Sight};
use super::engine::{Flow, Walking};
use super::mishaps::{failure, sight_words};
use super::verbs::{Done, class_of};
use crate::journey::{Branch, Condition, Step, Verb};
use std::time::Duration;
use tokio::time::Instant;

/// What a step came to, short of a mishap.
#[derive(Debug)]
pub(super) enum Control {
    Done(Done),
    Skipped(String),
}

impl Walking<'_> {
    pub(super) async fn control(&mut self, step: &Step, within: Duration) -> Result<Control, Mishap> {
        match &step.verb {
            Verb::When { condition, steps } => {
                if !self.holds(condition, within).await? {
                    return Ok(Control::Skipped("the condition did not hold".into()));
                }
                self.walk_steps(steps).await;
                Ok(Control::Done(Done::default()))
            }
            Verb::FirstOf(branches) => self.first_of(branches, within).await,
            Verb::Repeat { condition, times_max, steps } => {
                for _ in 0..*times_max {
                    let goes_on = match condition {
                        Some(condition) => self.holds(condition, within).await?,
                        None => true,
                    };
                    if !goes_on || self.walk_steps(steps).await == Flow::Ended {
                        return Ok(Control::Done(Done::default()));
                    }
                }
                match condition {
                    Some(condition) if self.holds(condition, within).await? => Err(failure(
                        FailureKind::StillSeen,
                        format!("after {times_max} times the condition still holds"),
                    )),
                    _ => Ok(Control::Done(Done::default())),
                }
            }
            _ => self.perform(step, within).await.map(Control::Done),
        }
    }

    async fn holds(&mut self, condition: &Condition, within: Duration) -> Result<bool, Mishap> {
        let sight = match condition {
            Condition::See(locator) => Sight::See { target: self.scope.target(locator)?, count: None },
            Condition::NotSee(locator) => Sight::NotSee(self.scope.target(locator)?),
            Condition::Url(rule) => self.scope.url_sight(rule)?,
            Condition::Expression(expression) => {
                let value = |name: &str| self.scope.value(name);
                return expression.holds(&value).map_err(|said| super::mishaps::journey(self.masker.text(&said)));
            }
        };
        Ok(self.lane.holds(&[sight], within).await?.first().copied().unwrap_or(false))
    }

    /// Waits for whichever branch shows first.
    async fn first_of(&mut self, branches: &[Branch], within: Duration) -> Result<Control, Mishap> {
        let mut sights = Vec::new();
        for branch in branches {
            sights.push(Sight::See { target: self.scope.target(&branch.see)?, count: None });
        }
        let until = Instant::now() + within;
        loop {
            let held = self.lane.holds(&sights, within).await?;
            if let Some(index) = held.iter().position(|h| *h) {
                let branch = &branches[index];
                self.walk_steps(&branch.steps).await;
                if let Some(word) = &branch.verdict {
                    let class = class_of(word);
                    let words = sight_words(&sights[index]);
                    return Err(failure(
                        FailureKind::Branch { class },
                        format!("{words} showed, which the journey calls {word}"),
                    ));
                }
                return Ok(Control::Done(Done::default()));
            }
            if Instant::now() >= until {
                let all = sights.iter().map(sight_words).collect::<Vec<_>>().join(", ");
                return Err(failure(
                    FailureKind::NotSeen,
                    format!("none of the branches showed within {:.1} s: {all}", within.as_secs_f64()),
                ));
            }
            self.lane.rest(Duration::from_millis(100)).await?;
        }
    }
}
