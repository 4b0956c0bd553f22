//! One walk, from first step to record.

use super::super::port::{Lane, LaneSpec, Mishap};
use super::super::{Attempt, Failure, FailureKind, Kept, Outcome, StepRecord, Trouble, TroubleKind, WalkRecord};
use super::conclude;
use super::control::Control;
use super::keep::Keeping;
use super::mishaps::{failure, is_mute, mishap_words, trouble};
use super::oracles::{Does, Holding};
use super::scope::Scope;
use super::sighted::{Ended, overrule};
use super::{Pictures, Plan, World};
use crate::evidence::Masker;
use crate::journey::{Journey, Safety, Section, Step, Verb};
use crate::moment::Moment;
use crate::oracle::Witness;
use crate::secret::Secret;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// By how much a walk's pictures may put its deadline off.
const ROBOT_TIME_MAX: Duration = Duration::from_secs(4);
/// How long `always` steps may take together: a log-out must not be cut off by a walk that used its budget up.
const ALWAYS_BUDGET: Duration = Duration::from_secs(20);
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
    pub(super) keeping: Keeping,
    cancel: &'a CancellationToken,
    started: Instant,
    /// When the lane was had, from the walk's start.
    pub(super) opened: Duration,
    /// When the page was last given something to do.
    pub(super) acted: Instant,
    section: Section,
    deadline: Instant,
    /// By how much the deadline has been put off for what the robot itself took.
    robots: Duration,
    pub(super) steps: Vec<StepRecord>,
    pub(super) losses: Vec<String>,
    /// What the journey's oracles say, and what was read of it.
    pub(super) holding: Holding,
}

/// How a list of steps ended.
#[derive(Debug, PartialEq)]
pub(super) enum Flow {
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
            pictures: self.plan.pictures == Pictures::All,
            retap: self.journey.safety == Safety::ReadOnly,
        }
    }

    /// What a ledger may call the walk's customer.
    fn known_as(&self) -> Vec<String> {
        let account = self.plan.account.iter();
        account.flat_map(|a| std::iter::once(&a.name).chain(a.fields.get("username")).cloned()).collect()
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
            keeping: Keeping::new(self.world.vault.clone(), self.world.watcher.clone(), self.plan.pictures),
            cancel: &self.cancel,
            started,
            opened: started.elapsed(),
            acted: started,
            section: Section::Steps,
            deadline: started + self.journey.budget,
            robots: Duration::ZERO,
            steps: Vec::new(),
            losses: self.plan.supplied.losses.clone(),
            holding: Holding::new(
                Witness::new(self.plan.supplied.filled(&self.journey.oracles)).made_as(self.known_as()),
            ),
        };
        let flow = walking.walk_steps(&self.journey.steps).await;
        if flow == Flow::On {
            tokio::select! {
                () = self.cancel.cancelled() => {}
                () = walking.settle_last_look() => {}
            }
        }
        walking.walk_always(&self.journey.always).await;
        let elapsed = started.elapsed();
        let oracles = walking.holding.tally();
        let Ended { steps, losses, network, console } = walking.finish().await;
        let verdict = conclude::verdict(&steps);
        WalkRecord { verdict, steps, losses, network, console, oracles, environment, elapsed, ..self.blank(began) }
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
            customer: None,
            base: base.to_string(),
            purpose: self.plan.purpose.clone(),
            started: began,
            elapsed: Duration::ZERO,
            budget: journey.budget,
            verdict: super::super::Verdict::Inconclusive,
            steps: Vec::new(),
            network: Kept::NotAsked,
            console: Kept::NotAsked,
            oracles: None,
            environment: Default::default(),
            losses: Vec::new(),
        }
    }
}

pub(super) fn cancelled() -> Trouble {
    Trouble { kind: TroubleKind::Cancelled, said: "the walk was called off".to_owned() }
}

impl<'a> Walking<'a> {
    /// The steps that are walked whatever happened. A page that answers nothing answers them no more than the
    /// others, unless they leave it first.
    async fn walk_always(&mut self, always: &[Step]) {
        self.section = Section::Always;
        self.deadline = Instant::now() + ALWAYS_BUDGET;
        let dead = |s: &StepRecord| match &s.outcome {
            Outcome::Failed(f) => matches!(f.kind, FailureKind::Unresponsive | FailureKind::Crashed),
            _ => false,
        };
        let leaves = always.first().is_some_and(|step| matches!(step.verb, Verb::Open(_)));
        if always.is_empty() || leaves || !self.steps.iter().any(dead) {
            self.walk_steps(always).await;
            return;
        }
        self.steps.extend(always.iter().map(|s| conclude::unreached(s, Section::Always, self.plan.step_within)));
        self.losses.push("the steps under `always` were not walked: the page answered nothing any more".to_owned());
    }

    /// Walks a list of steps; boxed, because lists nest.
    pub(super) fn walk_steps<'s>(&'s mut self, steps: &'s [Step]) -> BoxFuture<'s, Flow> {
        Box::pin(async move {
            for (index, step) in steps.iter().enumerate() {
                // One that may fail without ending the walk is not one that surely looks.
                let looks = |next: &Step| !next.soft && matches!(next.verb, Verb::Look);
                self.holding.looks_next = steps.get(index + 1).is_some_and(looks);
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
        let title = self.masker.text(&step.title).into_owned();
        self.world.watcher.step_begins(number, &title).await;
        let offset = self.started.elapsed();
        let within = step.within.unwrap_or(self.plan.step_within);
        self.steps.push(StepRecord { offset, ..conclude::unreached(step, self.section, within) });
        if let Some(target) = self.single_tap(&step.verb) {
            self.lane.tap_follows(&target);
        }
        let robots = self.lane.free().await;
        self.put_off(robots);
        let began = Instant::now();
        let done = self.bounded(step, within).await;
        let own = self.lane.own_time();
        self.put_off(own);
        let elapsed = began.elapsed().saturating_sub(own);
        let failed = done.as_ref().err().is_some();
        let mute = done.as_ref().err().is_some_and(is_mute);
        let controls = matches!(step.verb, Verb::When { .. } | Verb::FirstOf(_) | Verb::Repeat { .. });
        let nested_failed = controls && self.steps[number + 1..].iter().any(|s| !s.soft && conclude::ends(&s.outcome));
        let said = done.as_ref().err().map(mishap_words);
        let first_try = done.as_ref().ok().and_then(|control| match control {
            Control::Done(done) => done.first_try.clone(),
            Control::Skipped(_) => None,
        });
        let mut portrait = None;
        let (outcome, tap) = match done {
            Ok(_) if nested_failed => (Outcome::Skipped("it ended inside".into()), None),
            Ok(Control::Skipped(why)) => (Outcome::Skipped(why), None),
            Ok(Control::Done(done)) => {
                self.keeping.named(done.picture);
                portrait = done.portrait;
                (conclude::got_through(done.degradations, elapsed, step.within), done.tap)
            }
            Err(Mishap::Failure(failure)) => (Outcome::Failed(failure), None),
            Err(Mishap::Trouble(trouble)) => (Outcome::Inconclusive(trouble), None),
        };
        let (mut seen, never) = self.observe(tap, failed && !mute).await;
        seen.portrait = portrait.map(|portrait| *portrait);
        // A control step's page is the page of its last nested step, which has it already.
        if controls && self.steps.len() > number + 1 {
            seen.page = None;
        }
        self.holding.walked(&step.id, Does::of(&step.verb));
        if matches!(outcome, Outcome::Passed | Outcome::Degraded(_)) && self.section == Section::Steps {
            self.hold_to_oracles(&mut seen).await;
        }
        let attempts = if controls && self.steps.len() > number + 1 {
            Vec::new()
        } else {
            let first = first_try.map(|(elapsed, said)| Attempt { offset, elapsed, failure: Some(said) });
            first.into_iter().chain([Attempt { offset, elapsed, failure: said }]).collect()
        };
        let record = &mut self.steps[number];
        record.outcome = outcome;
        record.elapsed = elapsed;
        record.seen = seen;
        record.attempts = attempts;
        if let Some(stopped) = &never {
            overrule(record, stopped);
        }
        // What the guard says of a journey is never soft, whoever said it.
        record.soft &= !matches!(&record.outcome, Outcome::Failed(f) if matches!(f.kind, FailureKind::Guarded { .. }));
        let ends = conclude::ends(&record.outcome);
        let hard = ends && !(record.soft && matches!(record.outcome, Outcome::Failed(_)));
        super::veil::step(record, &self.masker);
        if !(controls && self.steps.len() > number + 1) {
            if mute {
                self.keeping.nothing(number, failed);
            } else {
                self.keeping.step(number, failed || ends, &mut *self.lane).await;
            }
        }
        self.world.watcher.step_ended(number, &self.steps[number]).await;
        if nested_failed || (hard && self.section == Section::Steps) || self.fatal(number) {
            Flow::Ended
        } else {
            Flow::On
        }
    }

    pub(super) fn since_start(&self) -> Duration {
        self.started.elapsed()
    }

    pub(super) fn cancel(&self) -> &CancellationToken {
        self.cancel
    }

    /// What the robot took to read again is not the journey's; who calls it bounds it.
    pub(super) fn give_back(&mut self, robots: Duration) {
        self.deadline += robots;
    }

    /// The robot's own time is neither the step's nor, within reason, the walk's.
    fn put_off(&mut self, robots: Duration) {
        let robots = robots.min(ROBOT_TIME_MAX.saturating_sub(self.robots));
        self.robots += robots;
        self.deadline += robots;
    }

    /// After trouble, nothing more is asked of the lane.
    fn fatal(&self, number: usize) -> bool {
        matches!(self.steps[number].outcome, Outcome::Inconclusive(_))
    }

    /// A step within its time, the walk's budget, and the patience of whoever may call it off.
    async fn bounded(&mut self, step: &Step, within: Duration) -> Result<Control, Mishap> {
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
            done = tokio::time::timeout(stuck, self.control(step, within.min(left))) => done.unwrap_or_else(|_| {
                // Every call of a lane ends by its deadline: one that does not is the robot's own doing.
                Err(trouble(TroubleKind::Defect, format!("the lane did not end `{}` in its time", step.verb.word())))
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
            | Kind::AssertionFalse { .. }
            | Kind::NoEffect
    )
}
