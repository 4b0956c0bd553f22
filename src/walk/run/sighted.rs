//! What was seen while a step was walked, and what comes of it: late answers, and the guard's word.

use super::super::port::{Sightings, Stopped};
use super::super::{ConsoleLevel, Failure, FailureKind, Kept, Observation, Outcome, StepRecord, TapTrace};
use super::engine::Walking;
use crate::evidence::Masker;
use serde_json::json;
use std::time::Duration;

/// How long the last page's own requests are waited for.
const CALM_WITHIN: Duration = Duration::from_millis(1_500);
/// How long a page that failed may take to be looked at.
const LOOK_WITHIN: Duration = Duration::from_secs(3);

impl Walking<'_> {
    /// What was seen in the step, and the request that a never rule stopped in it, if there was one.
    pub(super) async fn observe(&mut self, tap: Option<TapTrace>, failed: bool) -> (Observation, Option<Stopped>) {
        // A step that went well has looked where it waited for something; one that failed is looked at for the record.
        let page = if failed { self.look_in_time().await } else { self.lane.seen() };
        let mut seen = Observation { tap, page, ..Observation::default() };
        let sightings = self.lane.sightings();
        let never = add(&mut seen, sightings, self.opened, &mut self.losses);
        (seen, never)
    }

    pub(super) async fn look_in_time(&mut self) -> Option<super::super::PageLook> {
        let looked = tokio::time::timeout(LOOK_WITHIN, self.lane.page()).await;
        looked.unwrap_or_else(|_| {
            self.losses.push(format!("the page did not let itself be looked at within {} s", LOOK_WITHIN.as_secs()));
            None
        })
    }

    /// The last page once its own requests have ended: images and figures that come late belong to it, and so does
    /// what the guard stopped meanwhile.
    pub(super) async fn settle_last_look(&mut self) {
        self.lane.calm(CALM_WITHIN).await;
        let page = self.lane.page().await;
        let late = self.lane.sightings();
        add_late(&mut self.steps, late, self.opened, &mut self.losses);
        let Some(last) = self.steps.iter_mut().rev().find(|s| s.seen.page.is_some()) else { return };
        match page {
            Some(page) => last.seen.page = Some(page),
            // The look taken when the step ended is better than none.
            None => self.losses.push("the last page answered nothing any more after its step had ended".to_owned()),
        }
    }

    /// Closes the lane, gathers what is still on its way, and gives the steps back.
    pub(super) async fn finish(mut self) -> Ended {
        let leftovers = self.lane.close().await;
        add_late(&mut self.steps, leftovers.late, self.opened, &mut self.losses);
        let console = match self.plan.network {
            true => self.keeping.store_console(console_lines(&self.steps, &self.masker)).await,
            false => Kept::NotAsked,
        };
        let mut network = self.keeping.gather(&mut self.steps, leftovers.har).await;
        // Secrets that came up later than the text that shows them.
        self.steps.iter_mut().for_each(|step| super::veil::step(step, &self.masker));
        self.losses.iter_mut().for_each(|loss| super::veil::text(loss, &self.masker));
        super::veil::kept(&mut network, &self.masker);
        Ended { steps: self.steps, losses: self.losses, network, console }
    }
}

/// What is left of a walk when its lane is closed.
pub(super) struct Ended {
    pub(super) steps: Vec<StepRecord>,
    pub(super) losses: Vec<String>,
    pub(super) network: Kept,
    pub(super) console: Kept,
}

/// What the pages wrote into their console and what was not caught, as JSON lines in the order it came.
fn console_lines(steps: &[StepRecord], masker: &Masker) -> String {
    let mut lines = Vec::new();
    for step in steps {
        let line = |level: &str, text: &str, offset: Duration| {
            let text = masker.text(text);
            (offset, json!({"step": step.id.0, "ms": offset.as_millis(), "level": level, "text": text}).to_string())
        };
        lines.extend(step.seen.console.iter().map(|l| line(level_word(l.level), &l.text, l.offset)));
        lines.extend(step.seen.script_errors.iter().map(|e| line("exception", &e.text, e.offset)));
    }
    lines.sort_by_key(|(offset, _)| *offset);
    lines.into_iter().map(|(_, line)| line + "\n").collect()
}

fn level_word(level: ConsoleLevel) -> &'static str {
    match level {
        ConsoleLevel::Debug => "debug",
        ConsoleLevel::Info => "info",
        ConsoleLevel::Warn => "warn",
        ConsoleLevel::Error => "error",
    }
}

/// Adds what the lane saw; returns the request that a never rule stopped, if there was one. The lane counts from its
/// own opening, the record from the walk's start, which was `later` earlier.
fn add(seen: &mut Observation, mut more: Sightings, later: Duration, losses: &mut Vec<String>) -> Option<Stopped> {
    more.exchanges.iter_mut().for_each(|e| e.offset += later);
    more.console.iter_mut().for_each(|l| l.offset += later);
    more.script_errors.iter_mut().for_each(|e| e.offset += later);
    more.navigations.iter_mut().for_each(|n| n.offset += later);
    seen.exchanges.extend(more.exchanges);
    seen.console.extend(more.console);
    seen.script_errors.extend(more.script_errors);
    seen.dialogs.extend(more.dialogs);
    seen.navigations.extend(more.navigations);
    seen.guarded.extend(more.guarded.iter().map(Stopped::to_string));
    losses.extend(more.losses);
    more.guarded.into_iter().find(|stopped| stopped.never)
}

/// What came after its step had ended belongs to the last step that was walked.
fn add_late(steps: &mut [StepRecord], late: Sightings, later: Duration, losses: &mut Vec<String>) {
    let Some(last) = steps.iter_mut().rfind(|s| !matches!(s.outcome, Outcome::NotReached)) else { return };
    if let Some(stopped) = add(&mut last.seen, late, later, losses) {
        overrule(last, &stopped);
    }
}

/// A request that a never rule stopped says something about the journey, not about the app, and nothing softens it.
pub(super) fn overrule(record: &mut StepRecord, stopped: &Stopped) {
    if matches!(record.outcome, Outcome::Inconclusive(_)) {
        return;
    }
    let request = stopped.to_string();
    let said = format!("the guard stopped a request this step made: {request}; the journey must stop before it");
    let kind = FailureKind::Guarded { request };
    record.outcome = Outcome::Failed(Failure { kind, said, detail: None, locus: None });
    record.soft = false;
}
