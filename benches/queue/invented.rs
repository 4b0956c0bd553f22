//! Walks that nobody made: journeys that each fail at a step of their own, so that each is an incident of its own.

use super::record::record;
use gengfu::detector::judge;
use gengfu::fleet::Finished;
use gengfu::id::WalkId;
use gengfu::journey::{self, FileProblem, Files, Journey, Limits};
use gengfu::moment::Moment;
use gengfu::walk::{Failure, FailureKind, Purpose};
use std::sync::Arc;

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
    let locus = journey.steps.last().map(|last| last.title.clone());
    let failure = Failure { kind: FailureKind::Missing, said: "invented".to_owned(), detail: None, locus };
    let record = record(journey, WalkId::fresh(), purpose, started, Some(failure));
    let judged = judge(&record);
    Finished { record, judged }
}
