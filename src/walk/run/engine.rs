//! One walk, from first step to record.

use super::super::port::{Lane, LaneSpec, Mishap, Sight, Sightings};
use super::super::{
    Attempt, Failure, FailureKind, Kept, Observation, Outcome, StepRecord, Trouble, TroubleKind, WalkRecord,
};
use super::conclude;
use super::keep::Keeping;
use super::mishaps::{failure, is_mute, mishap_words, sight_words};
use super::scope::Scope;
use super::verbs::{Done, class_of};
use super::{Plan, World};
use crate::evidence::Masker;
use crate::journey::{Branch, Condition, Journey, Section, Step, Verb};
use crate::moment::Moment;
use crate::secret::Secret;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How long `always` steps may take together: a log-out must not be cut off by a walk that used its budget up.
const ALWAYS_BUDGET: Duration = Duration::from_secs(20);
/// How long the last page's own requests are waited for.
const CALM_WITHIN: Duration = Duration::from_millis(1_500);
/// How much longer than the budget a lane may take to answer at all before the walk goes on without it.
const STUCK_AFTER: Duration = Duration::from_secs(4);

/// A walk that has not begun.
pub(super) struct Engine {
    journey: Arc<Journey>,
    plan: Plan,
    world: World,
    cancel: CancellationToken,
}

/// A walk under way.
pub(super) struct Walking<'a> {
    pub(super) journey: &'a Journey,
    pub(super) plan: &'a Plan,
    pub(super) world: &'a World,
    pub(super) lane: Box<dyn Lane>,
    pub(super) scope: Scope,
    pub(super) masker: Masker,
    keeping: Keeping,
    cancel: &'a CancellationToken,
    started: Instant,
    /// When the lane was had, from the walk's start.
    opened: Duration,
    section: Section,
    deadline: Instant,
    steps: Vec<StepRecord>,
    losses: Vec<String>,
}

/// How a list of steps ended.
#[derive(Debug, PartialEq)]
enum Flow {
    On,
    Ended,
}

impl Engine {
    pub(super) fn new(journey: Arc<Journey>, plan: Plan, world: World, cancel: CancellationToken) -> Self {
        Self { journey, plan, world, cancel }
    }

    pub(super) async fn walk(self) -> WalkRecord {
        let (asked, asking) = (self.world.clock.now(), Instant::now());
        let secrets = self.known_secrets();
        let spec = self.lane_spec();
        let lent = tokio::select! {
            () = self.cancel.cancelled() => Err(cancelled()),
            lent = self.world.lanes.lend(&spec) => lent,
        };
        match lent {
            Ok(mut lane) => {
                lane.hide(&secrets);
                // The walk and its budget begin with the lane: waiting for one is no doing of the app's.
                self.walk_in(lane, self.world.clock.now(), Instant::now(), &secrets).await
            }
            Err(trouble) => self.without_lane(trouble, asked, asking),
        }
    }

    fn lane_spec(&self) -> LaneSpec {
        LaneSpec {
            device: self.journey.device.clone(),
            locale: self.journey.locale.clone().unwrap_or_else(|| self.plan.locale.clone()),
            timezone: self.journey.timezone.clone().or_else(|| self.plan.timezone.clone()),
            own_hosts: self.plan.own_hosts.clone(),
            guard: self.plan.guard.clone(),
            business: self.plan.business.clone(),
            bodies: self.plan.business.is_some() || self.journey.reads_answers(),
            evidence: self.plan.network,
        }
    }

    fn known_secrets(&self) -> Vec<Secret> {
        self.plan.account.iter().flat_map(|a| a.secrets.values().cloned()).collect()
    }

    async fn walk_in(&self, lane: Box<dyn Lane>, began: Moment, started: Instant, secrets: &[Secret]) -> WalkRecord {
        let mut vars = self.journey.vars.clone();
        vars.extend(self.plan.vars.clone());
        vars.insert("base".into(), self.plan.base.as_str().trim_end_matches('/').to_owned());
        let environment = lane.environment();
        let mut walking = Walking {
            journey: &self.journey,
            plan: &self.plan,
            world: &self.world,
            lane,
            scope: Scope::new(vars, self.plan.account.clone()),
            masker: Masker::new(secrets),
            keeping: Keeping::new(self.world.vault.clone(), self.plan.pictures),
            cancel: &self.cancel,
            started,
            opened: started.elapsed(),
            section: Section::Steps,
            deadline: started + self.journey.budget,
            steps: Vec::new(),
            losses: Vec::new(),
        };
        let flow = walking.walk_steps(&self.journey.steps).await;
        if flow == Flow::On {
            walking.settle_last_look().await;
        }
        walking.section = Section::Always;
        walking.deadline = Instant::now() + ALWAYS_BUDGET;
        walking.walk_steps(&self.journey.always).await;
        let elapsed = started.elapsed();
        let (steps, losses, network) = walking.finish().await;
        let verdict = conclude::verdict(&steps);
        WalkRecord { verdict, steps, losses, network, environment, elapsed, ..self.blank(began) }
    }

    fn without_lane(&self, trouble: Trouble, began: Moment, started: Instant) -> WalkRecord {
        let all = self.journey.steps.iter().map(|s| (s, Section::Steps));
        let mut steps: Vec<StepRecord> = all
            .chain(self.journey.always.iter().map(|s| (s, Section::Always)))
            .map(|(step, section)| conclude::unreached(step, section, self.plan.step_within))
            .collect();
        if let Some(first) = steps.first_mut() {
            first.outcome = Outcome::Inconclusive(trouble);
        }
        let verdict = conclude::verdict(&steps);
        WalkRecord { verdict, steps, elapsed: started.elapsed(), ..self.blank(began) }
    }

    fn blank(&self, began: Moment) -> WalkRecord {
        let journey = &self.journey;
        let mut base = self.plan.base.clone();
        // A base URL may carry a password for a test system's gate; a record may not.
        let _ = base.set_username("");
        let _ = base.set_password(None);
        base.set_query(None);
        WalkRecord {
            walk: self.plan.walk,
            journey: journey.id.clone(),
            title: journey.title.clone(),
            app: journey.app.clone(),
            owner: journey.owner.clone(),
            tags: journey.tags.clone(),
            digest: journey.digest.clone(),
            safety: journey.safety,
            device: journey.device.name(),
            base: base.to_string(),
            purpose: self.plan.purpose.clone(),
            started: began,
            elapsed: Duration::ZERO,
            budget: journey.budget,
            verdict: super::super::Verdict::Inconclusive,
            steps: Vec::new(),
            network: Kept::NotAsked,
            environment: Default::default(),
            losses: Vec::new(),
        }
    }
}

pub(super) fn cancelled() -> Trouble {
    Trouble { kind: TroubleKind::Cancelled, said: "the walk was called off".to_owned() }
}

impl<'a> Walking<'a> {
    /// Walks a list of steps; boxed, because lists nest.
    fn walk_steps<'s>(&'s mut self, steps: &'s [Step]) -> BoxFuture<'s, Flow> {
        Box::pin(async move {
            for (index, step) in steps.iter().enumerate() {
                if self.walk_step(step).await == Flow::Ended {
                    for rest in &steps[index + 1..] {
                        self.steps.push(conclude::unreached(rest, self.section, self.plan.step_within));
                    }
                    // What follows a failure is not reached, but `always` steps are each tried.
                    return Flow::Ended;
                }
            }
            Flow::On
        })
    }

    async fn walk_step(&mut self, step: &Step) -> Flow {
        let number = self.steps.len();
        self.world.watcher.step_begins(number, &step.title).await;
        let offset = self.started.elapsed();
        let within = step.within.unwrap_or(self.plan.step_within);
        self.steps.push(StepRecord { offset, ..conclude::unreached(step, self.section, within) });
        let began = Instant::now();
        let done = self.bounded(step, within, number).await;
        let elapsed = began.elapsed();
        let failed = done.as_ref().err().is_some();
        let mute = done.as_ref().err().is_some_and(is_mute);
        let controls = matches!(step.verb, Verb::When { .. } | Verb::FirstOf(_) | Verb::Repeat { .. });
        let nested_failed = controls && self.steps[number + 1..].iter().any(|s| !s.soft && conclude::ends(&s.outcome));
        let said = done.as_ref().err().map(mishap_words);
        let (outcome, tap) = match done {
            Ok(_) if nested_failed => (Outcome::Skipped("it ended inside".into()), None),
            Ok(Control::Skipped(why)) => (Outcome::Skipped(why), None),
            Ok(Control::Done(done)) => {
                self.keeping.named(done.picture);
                (conclude::got_through(done.degradations, elapsed, step.within), done.tap)
            }
            Err(Mishap::Failure(failure)) => (Outcome::Failed(self.masked(failure)), None),
            Err(Mishap::Trouble(trouble)) => (Outcome::Inconclusive(self.masked_trouble(trouble)), None),
        };
        let ends = conclude::ends(&outcome);
        let mut seen = self.observe(tap, failed && !mute).await;
        // A control step's page is the page of its last nested step, which has it already.
        if controls && self.steps.len() > number + 1 {
            seen.page = None;
        }
        let outcome = self.guard_verdict(outcome, &seen);
        let ends = ends || conclude::ends(&outcome);
        let attempts = if controls && self.steps.len() > number + 1 {
            Vec::new()
        } else {
            vec![Attempt { offset, elapsed, failure: said }]
        };
        let record = &mut self.steps[number];
        record.outcome = outcome;
        record.elapsed = elapsed;
        record.seen = seen;
        record.attempts = attempts;
        if !(controls && self.steps.len() > number + 1) {
            if mute {
                self.keeping.nothing(number, failed);
            } else {
                self.keeping.step(number, failed || ends, &mut *self.lane).await;
            }
        }
        self.world.watcher.step_ended(number, &self.steps[number]).await;
        let hard = ends && !(step.soft && matches!(self.steps[number].outcome, Outcome::Failed(_)));
        if nested_failed || (hard && self.section == Section::Steps) || self.fatal(number) {
            Flow::Ended
        } else {
            Flow::On
        }
    }

    /// After trouble, nothing more is asked of the lane.
    fn fatal(&self, number: usize) -> bool {
        matches!(self.steps[number].outcome, Outcome::Inconclusive(_))
    }

    /// A step within its time, the walk's budget, and the patience of whoever may call it off.
    async fn bounded(&mut self, step: &Step, within: Duration, number: usize) -> Result<Control, Mishap> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(failure(
                FailureKind::OverBudget,
                format!("the walk's {} s were used up", self.journey.budget.as_secs()),
            ));
        }
        let cut = left < within;
        let cancel = self.cancel.clone();
        let stuck = left + STUCK_AFTER;
        let done = tokio::select! {
            biased;
            () = cancel.cancelled() => Err(Mishap::Trouble(cancelled())),
            done = tokio::time::timeout(stuck, self.control(step, within.min(left), number)) => done.unwrap_or_else(|_| {
                Err(failure(FailureKind::OverBudget, "the step did not end by itself".to_owned()))
            }),
        };
        match done {
            Err(Mishap::Failure(f)) if cut && self.deadline <= Instant::now() && waited_in_vain(&f.kind) => {
                let said = format!("the walk's {} s were used up: {}", self.journey.budget.as_secs(), f.said);
                Err(Mishap::Failure(Failure { kind: FailureKind::OverBudget, said, ..f }))
            }
            other => other,
        }
    }

    async fn control(&mut self, step: &Step, within: Duration, number: usize) -> Result<Control, Mishap> {
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
            _ => {
                let _ = number;
                self.perform(step, within).await.map(Control::Done)
            }
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

    /// What was seen in the step.
    async fn observe(&mut self, tap: Option<super::super::TapTrace>, failed: bool) -> Observation {
        // A step that went well has looked where it waited for something; one that failed is looked at for the record.
        let page = if failed { self.lane.page().await } else { self.lane.seen() };
        let sightings = self.lane.sightings();
        let sightings = self.since_start(sightings);
        self.losses.extend(sightings.losses);
        Observation {
            exchanges: sightings.exchanges,
            console: sightings.console,
            script_errors: sightings.script_errors,
            dialogs: sightings.dialogs,
            navigations: sightings.navigations,
            guarded: sightings.guarded,
            tap,
            page,
        }
    }

    /// The lane counts from its own opening, the record from the walk's start.
    fn since_start(&self, mut sightings: Sightings) -> Sightings {
        let later = self.opened;
        sightings.exchanges.iter_mut().for_each(|e| e.offset += later);
        sightings.console.iter_mut().for_each(|l| l.offset += later);
        sightings.script_errors.iter_mut().for_each(|e| e.offset += later);
        sightings.navigations.iter_mut().for_each(|n| n.offset += later);
        sightings
    }

    /// A request that a never rule stopped says something about the journey, not about the app.
    fn guard_verdict(&self, outcome: Outcome, seen: &Observation) -> Outcome {
        let Some(request) = seen.guarded.iter().find(|g| g.contains("never")) else { return outcome };
        if matches!(outcome, Outcome::Inconclusive(_)) {
            return outcome;
        }
        let said = format!("the guard stopped a request this step made: {request}; the journey must stop before it");
        Outcome::Failed(Failure {
            kind: FailureKind::Guarded { request: request.clone() },
            said,
            detail: None,
            locus: None,
        })
    }

    /// The last page once its own requests have ended: images and figures that come late belong to it.
    async fn settle_last_look(&mut self) {
        self.lane.calm(CALM_WITHIN).await;
        let page = self.lane.page().await;
        if let Some(last) = self.steps.iter_mut().rev().find(|s| s.seen.page.is_some()) {
            last.seen.page = page;
        }
    }

    /// A picture that a `screenshot` step asked for, kept under the step.
    pub(super) async fn named_picture(
        &mut self,
        target: Option<&crate::journey::Locator>,
    ) -> Result<Result<crate::evidence::EvidenceKey, String>, Mishap> {
        let target = target.map(|t| self.scope.target(t)).transpose()?;
        let picture = self.lane.picture(target.as_ref()).await;
        Ok(self.keeping.store_picture(picture).await)
    }

    fn masked(&self, failure: Failure) -> Failure {
        let text = |t: String| self.masker.text(&t).into_owned();
        Failure { said: text(failure.said), detail: failure.detail.map(text), ..failure }
    }

    fn masked_trouble(&self, trouble: Trouble) -> Trouble {
        Trouble { said: self.masker.text(&trouble.said).into_owned(), ..trouble }
    }

    /// Closes the lane, gathers what is still on its way, and gives the steps back.
    async fn finish(mut self) -> (Vec<StepRecord>, Vec<String>, Kept) {
        let leftovers = self.lane.close().await;
        if let Some(last) = self.steps.iter_mut().rev().find(|s| !matches!(s.outcome, Outcome::NotReached)) {
            last.seen.exchanges.extend(leftovers.late.exchanges);
            last.seen.console.extend(leftovers.late.console);
            last.seen.script_errors.extend(leftovers.late.script_errors);
        }
        self.losses.extend(leftovers.late.losses);
        let network = self.keeping.gather(&mut self.steps, leftovers.har).await;
        (self.steps, self.losses, network)
    }
}

/// What a step came to, short of a mishap.
#[derive(Debug)]
pub(super) enum Control {
    Done(Done),
    Skipped(String),
}

/// Failures that more time might have helped; the others say more than that time ran out.
fn waited_in_vain(kind: &FailureKind) -> bool {
    use FailureKind as Kind;
    matches!(
        kind,
        Kind::Missing
            | Kind::Hidden
            | Kind::Disabled
            | Kind::Covered { .. }
            | Kind::Moving
            | Kind::NotSeen
            | Kind::StillSeen
            | Kind::WrongRoute { .. }
            | Kind::Unreadable
            | Kind::NoEffect
    )
}
