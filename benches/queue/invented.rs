//! Walks that nobody made: journeys that each fail at a step of their own, so that each is an incident of its own.

use gengfu::detector::judge;
use gengfu::fleet::Finished;
use gengfu::id::{StepId, WalkId};
use gengfu::journey::{self, FileProblem, Files, Journey, Limits, Section};
use gengfu::moment::Moment;
use gengfu::walk::{
    Attempt, Environment, Failure, FailureKind, Kept, Observation, Outcome, Purpose, StepRecord, Verdict, WalkRecord,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The app of all of them.
pub const APP: &str = "wealth-h5";

struct OneText(String);

impl Files for OneText {
    fn read(&self, _path: &str, _bytes_max: usize) -> Result<Vec<u8>, FileProblem> {
        Ok(self.0.clone().into_bytes())
    }
}

/// A number in letters: figures are not what a fingerprint tells faults apart by.
fn in_letters(number: usize) -> String {
    number.to_string().bytes().map(|digit| char::from(b"ghjkmnpqrs"[usize::from(digit - b'0')])).collect()
}

/// The journey of this number.
pub fn journey(number: usize) -> Arc<Journey> {
    let word = in_letters(number);
    let text = format!(
        "journey: way-{word}\ntitle: 业务 {word}\napp: {APP}\nsteps:\n  - open: /{word}\n    see: {{text: 首页}}\n  - tap: 办理{word}\n    see: {{text: 已受理{word}}}\n"
    );
    let journey = journey::load("way.yaml", &OneText(text), &Limits::default());
    Arc::new(journey.unwrap_or_else(|p| panic!("{}", p[0].render(false))))
}

/// A walk of it that fails at its last step, judged.
pub fn failing(journey: &Journey, purpose: Purpose, started: Moment) -> Finished {
    let mut steps: Vec<StepRecord> = journey.steps.iter().map(step).collect();
    if let Some(last) = steps.last_mut() {
        let (kind, locus) = (FailureKind::Missing, Some(last.title.clone()));
        last.outcome = Outcome::Failed(Failure { kind, said: "invented".to_owned(), detail: None, locus });
    }
    let record = WalkRecord {
        walk: WalkId::fresh(),
        journey: journey.id.clone(),
        title: journey.title.clone(),
        app: journey.app.clone(),
        owner: None,
        tags: BTreeMap::new(),
        digest: journey.digest.clone(),
        safety: journey.safety,
        device: journey.device.name(),
        customer: None,
        base: "https://app.test/".to_owned(),
        purpose,
        started,
        elapsed: Duration::from_secs(6),
        budget: journey.budget,
        verdict: Verdict::Failed,
        steps,
        network: Kept::NotAsked,
        console: Kept::NotAsked,
        oracles: None,
        environment: Environment::default(),
        losses: Vec::new(),
    };
    let judged = judge(&record);
    Finished { record, judged }
}

fn step(step: &gengfu::journey::Step) -> StepRecord {
    StepRecord {
        id: StepId(step.id.0.clone()),
        title: step.title.clone(),
        verb: step.verb.word().to_owned(),
        section: Section::Steps,
        soft: false,
        place: "way.yaml:1".to_owned(),
        outcome: Outcome::Passed,
        attempts: vec![Attempt { offset: Duration::ZERO, elapsed: Duration::from_secs(1), failure: None }],
        offset: Duration::ZERO,
        elapsed: Duration::from_secs(1),
        within: Duration::from_secs(5),
        seen: Observation::default(),
        picture: Kept::NotAsked,
        snapshot: Kept::NotAsked,
    }
}
