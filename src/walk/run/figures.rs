//! Figures of a page: reading them into names, and what must hold of them.

use super::engine::Walking;
use super::mishaps::{failure, is_mute, journey};
use crate::journey::{Capture, Expression, Reading, ReadingKind, Value};
use crate::money::read_figure;
use crate::walk::FailureKind;
use crate::walk::port::{Mishap, Read};
use std::time::Duration;
use tokio::time::Instant;

/// How long figures may take to become what they must be since something was done to their page, where the step does not
/// say: a page fills them in one after another, and one that is not there yet is no wrong one.
pub(super) const FIGURES_WITHIN: Duration = Duration::from_secs(5);
/// How long what could be read before may take to be read again.
const LAST_READ: Duration = Duration::from_millis(500);
/// How long a page is left alone before its figures are read again.
pub(super) const READ_AGAIN: Duration = Duration::from_millis(100);

/// What must hold of figures.
#[derive(Clone, Copy)]
pub(super) struct Claim<'a> {
    pub expression: &'a Expression,
    pub message: Option<&'a str>,
}

impl Walking<'_> {
    /// Reads `captures` into names, again and again until each can be read and the claim holds: for as long as the step
    /// says (`written`), or until the page has been left alone for `FIGURES_WITHIN`. What is not there at all is waited for
    /// `within`, as any element is. Gives what the claim said at first, and when, if it did not hold at once.
    pub(super) async fn figures(
        &mut self,
        captures: &[Capture],
        claim: Option<Claim<'_>>,
        written: Option<Duration>,
        within: Duration,
    ) -> Result<Option<(Duration, String)>, Mishap> {
        let began = Instant::now();
        let patience = written.map_or(self.acted + FIGURES_WITHIN, |_| began + within).min(began + within);
        let (mut first_try, mut wrong) = (None, None);
        loop {
            let last = captures.is_empty() || Instant::now() >= patience;
            let left = within.saturating_sub(began.elapsed()).max(LAST_READ);
            let read = self.capture(captures, if wrong.is_some() { left.min(LAST_READ) } else { left }).await;
            match read.and_then(|()| claim.map_or(Ok(()), |claim| self.assert(claim))) {
                Ok(()) => return Ok(first_try),
                Err(Mishap::Failure(failure)) if may_come(&failure.kind) && !last => {
                    if let FailureKind::AssertionFalse { .. } = failure.kind {
                        first_try.get_or_insert_with(|| (began.elapsed(), failure.said.clone()));
                    }
                    wrong = Some(failure);
                    let pause = READ_AGAIN.min(patience.saturating_duration_since(Instant::now()));
                    self.lane.rest(pause).await?;
                }
                Err(Mishap::Failure(failure)) if may_come(&failure.kind) => return Err(Mishap::Failure(failure)),
                Err(mute) if is_mute(&mute) => return Err(mute),
                // What came of the page meanwhile does not make a wrong figure one that is not there.
                Err(gone) => return Err(wrong.map_or(gone, Mishap::Failure)),
            }
        }
    }

    /// Reads values into names: all, or none.
    async fn capture(&mut self, captures: &[Capture], within: Duration) -> Result<(), Mishap> {
        let reads: Vec<Read> = captures.iter().map(|c| self.scope.read(&c.reading.source)).collect::<Result<_, _>>()?;
        let texts = self.lane.read(&reads, within).await?;
        let mut values = Vec::with_capacity(captures.len());
        for (capture, text) in captures.iter().zip(texts) {
            values.push(value_of(&text, &capture.reading).map_err(|said| {
                failure(FailureKind::Unreadable, format!("`{}`: {}", capture.name, self.masker.text(&said)))
            })?);
        }
        captures.iter().zip(values).for_each(|(capture, value)| self.scope.set(&capture.name, value));
        Ok(())
    }

    fn assert(&self, Claim { expression, message }: Claim) -> Result<(), Mishap> {
        let value = |name: &str| self.scope.value(name);
        match expression.holds(&value) {
            Ok(true) => Ok(()),
            Ok(false) => {
                let shown = expression.shown(&|name: &str| self.scope.shown(name, &self.masker));
                let said = message.map_or_else(|| format!("false: {shown}"), |m| format!("{m}: {shown}"));
                Err(failure(FailureKind::AssertionFalse { shown }, said))
            }
            Err(said) => Err(journey(self.masker.text(&said))),
        }
    }
}

/// A text read as what the reading says.
fn value_of(text: &str, reading: &Reading) -> Result<Value, String> {
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut = match &reading.pattern {
        None => folded,
        Some(pattern) => crate::journey::pattern::cut(&folded, pattern)?,
    };
    match reading.kind {
        ReadingKind::Text => Ok(Value::Text(cut)),
        ReadingKind::Figure(kind) => read_figure(&cut, kind).map(Value::Figure).map_err(|e| e.to_string()),
    }
}

/// Figures that are not there yet: what cannot be read or reckoned with, such as a division by `0.00`, too.
fn may_come(kind: &FailureKind) -> bool {
    matches!(kind, FailureKind::Unreadable | FailureKind::AssertionFalse { .. } | FailureKind::Journey)
}
