//! A stored walk as pages show it.

use super::cause_words;
use super::lang::Lang;
use super::sights::{ExchangeView, LineView, dialogs, exchanges, lines, navigations, page, script_errors};
use crate::incident::WalkRow;
use crate::walk::Class;
use crate::walk::v1::{DegradationV1, FindingV1, KeptV1, OutcomeV1, PageV1, SectionV1, StepV1, WalkV1};
use serde::Serialize;
use std::time::Duration;

/// One walk.
#[derive(Debug, Default, Serialize)]
pub(super) struct Scene {
    /// `tall` for phones, `wide` for desktops.
    pub shape: &'static str,
    pub budget: Option<String>,
    pub browser: String,
    pub base: String,
    pub steps: Vec<StepView>,
    pub findings: Vec<FindingView>,
    pub losses: Vec<String>,
    /// The network archive's name in the vault.
    pub network: Option<String>,
    /// The number of the step to look at first: the one that failed, or the last one walked.
    pub first_shown: usize,
    /// The number of the step that failed.
    pub failing: Option<usize>,
}

/// One step.
#[derive(Debug, Default, Serialize)]
pub(super) struct StepView {
    pub n: usize,
    pub id: String,
    pub title: String,
    pub verb: String,
    pub always: bool,
    pub soft: bool,
    pub place: String,
    pub face: &'static str,
    pub word: &'static str,
    pub said: Option<String>,
    pub detail: Option<String>,
    pub notes: Vec<String>,
    pub elapsed: String,
    pub within: Option<String>,
    pub attempts: Vec<AttemptView>,
    pub picture: PictureView,
    pub snapshot: Option<String>,
    pub exchanges: Vec<ExchangeView>,
    pub console: Vec<LineView>,
    pub script_errors: Vec<LineView>,
    pub dialogs: Vec<LineView>,
    pub navigations: Vec<LineView>,
    pub guarded: Vec<String>,
    /// The page as it was looked at, to be compared with.
    #[serde(skip)]
    pub look: Option<PageV1>,
    /// Name and value of what was seen of the page; empty when it could not be looked at.
    pub page: Vec<(&'static str, String)>,
}

/// One try.
#[derive(Debug, Serialize)]
pub(super) struct AttemptView {
    pub elapsed: String,
    pub failure: Option<String>,
}

/// A picture, or why there is none.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct PictureView {
    pub src: Option<String>,
    pub says: String,
}

/// One detector's statement.
#[derive(Debug, Serialize)]
pub(super) struct FindingView {
    pub severity: &'static str,
    pub class: &'static str,
    pub class_name: &'static str,
    pub headline: String,
    pub cause: Option<String>,
    /// The number of its step.
    pub n: Option<usize>,
}

impl Scene {
    /// Reads the record of `row`; `None` when its shape is not known.
    pub fn read(row: &WalkRow, lang: Lang) -> Option<Self> {
        let walk = WalkV1::parse(&row.json)
            .inspect_err(|error| tracing::warn!(walk = %row.walk, %error, "a stored walk cannot be read"))
            .ok()?;
        let steps: Vec<StepView> =
            walk.steps.iter().enumerate().map(|(i, step)| StepView::of(step, i + 1, lang)).collect();
        let failing = walk.steps.iter().position(|s| !s.soft && s.outcome == OutcomeV1::Failed);
        let troubled = walk.steps.iter().position(|s| s.outcome == OutcomeV1::Inconclusive);
        let found = walk.findings.first().and_then(|f| number(&walk.steps, &f.step)).map(|n| n - 1);
        let looked_at = failing.or(troubled).or(found).unwrap_or(0);
        let environment = &walk.environment;
        Some(Self {
            shape: shape(&environment.viewport, &walk.device),
            budget: (walk.budget_ms > 0).then(|| lang.duration(Duration::from_millis(walk.budget_ms))),
            browser: environment.browser.clone(),
            base: walk.base.clone(),
            findings: walk.findings.iter().map(|f| FindingView::of(f, &walk.steps, lang)).collect(),
            losses: walk.losses.clone(),
            network: walk.network.evidence().map(|key| key.to_string()),
            first_shown: looked_at + 1,
            failing: failing.map(|i| i + 1),
            steps,
        })
    }
}

/// The shape of the window, by its size when that is known, by the device otherwise.
fn shape(viewport: &str, device: &str) -> &'static str {
    let size = viewport.split('@').next().unwrap_or_default().split_once('x');
    let size = size.and_then(|(w, h)| Some((w.parse::<u32>().ok()?, h.parse::<u32>().ok()?)));
    match size {
        Some((width, height)) if width > height => "wide",
        Some(_) => "tall",
        None if device.starts_with("h5") => "tall",
        None => "wide",
    }
}

/// The number of the step named `id`: of its turns the one that failed, otherwise the first.
fn number(steps: &[StepV1], id: &str) -> Option<usize> {
    let failed = steps.iter().position(|s| s.id == id && s.outcome == OutcomeV1::Failed);
    failed.or_else(|| steps.iter().position(|s| s.id == id)).map(|i| i + 1)
}

impl FindingView {
    fn of(finding: &FindingV1, steps: &[StepV1], lang: Lang) -> Self {
        let (first, second) = match lang {
            Lang::Zh => (&finding.headline.zh, &finding.headline.en),
            Lang::En => (&finding.headline.en, &finding.headline.zh),
        };
        Self {
            severity: finding.severity.word(),
            class: finding.class.word(),
            class_name: lang.texts().class_word(Class::from(finding.class)),
            headline: if first.is_empty() { second.clone() } else { first.clone() },
            cause: finding.cause.as_deref().map(|cause| {
                let headlines = (finding.headline.zh.as_str(), finding.headline.en.as_str());
                cause_words::told(cause, &finding.detector, headlines, lang)
            }),
            n: number(steps, &finding.step),
        }
    }
}

impl StepView {
    fn of(step: &StepV1, n: usize, lang: Lang) -> Self {
        let time = |ms| lang.duration(Duration::from_millis(ms));
        let walked = !matches!(step.outcome, OutcomeV1::NotReached | OutcomeV1::Skipped);
        Self {
            n,
            id: step.id.clone(),
            title: lang.step(&step.title),
            verb: step.verb.clone(),
            always: step.section == SectionV1::Always,
            soft: step.soft,
            place: step.place.clone(),
            face: step.outcome.word(),
            word: outcome_word(step.outcome, lang),
            said: step.said.as_deref().map(|said| cause_words::said(said, lang)),
            detail: step.failure.as_ref().and_then(|f| f.detail.clone()),
            notes: step.degradations.iter().map(|d| degradation(d, lang)).collect(),
            elapsed: if walked { time(step.elapsed_ms) } else { String::new() },
            within: (walked && step.within_ms > 0).then(|| time(step.within_ms)),
            attempts: step
                .attempts
                .iter()
                .map(|a| AttemptView {
                    elapsed: time(a.elapsed_ms),
                    failure: a.failure.as_deref().map(|said| cause_words::said(said, lang)),
                })
                .collect(),
            picture: picture(step, walked, lang),
            snapshot: step.snapshot.evidence().map(|key| format!("/evidence/{key}")),
            exchanges: exchanges(step, lang),
            console: lines(&step.seen.console),
            script_errors: script_errors(&step.seen.script_errors),
            dialogs: dialogs(&step.seen.dialogs),
            navigations: navigations(&step.seen.navigations),
            guarded: step.seen.guarded.clone(),
            look: step.seen.page.clone(),
            page: step.seen.page.as_ref().map(|p| page(p, lang)).unwrap_or_default(),
        }
    }
}

fn picture(step: &StepV1, walked: bool, lang: Lang) -> PictureView {
    let t = lang.texts();
    let src = step.picture.evidence().map(|key| format!("/evidence/{key}"));
    let says = match &step.picture {
        KeptV1 { lost: Some(why), .. } => format!("{}{why}", t.picture_lost),
        _ if !walked => t.not_reached_picture.into(),
        _ => t.no_picture.into(),
    };
    PictureView { src, says }
}

pub(super) fn outcome_word(outcome: OutcomeV1, lang: Lang) -> &'static str {
    let t = lang.texts();
    match outcome {
        OutcomeV1::Passed => t.outcome_passed,
        OutcomeV1::Degraded => t.outcome_degraded,
        OutcomeV1::Failed => t.outcome_failed,
        OutcomeV1::Inconclusive => t.outcome_inconclusive,
        OutcomeV1::Skipped => t.outcome_skipped,
        OutcomeV1::NotReached => t.outcome_not_reached,
    }
}

fn degradation(degradation: &DegradationV1, lang: Lang) -> String {
    let time = |ms: Option<u64>| lang.duration(Duration::from_millis(ms.unwrap_or_default()));
    match degradation.kind.as_str() {
        "second-tap" => lang.texts().second_tap.into(),
        "slow" => format!("{}: {} > {}", lang.texts().slow, time(degradation.elapsed_ms), time(degradation.within_ms)),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_tall_or_wide() {
        let check =
            |viewport: &str, device: &str, expected: &str| assert_eq!(shape(viewport, device), expected, "{viewport}");
        check("390x844@3", "h5-iphone", "tall");
        check("1440x900@1", "desktop", "wide");
        check("", "h5-android", "tall");
        check("", "desktop", "wide");
        check("junk", "viewport-10x10", "wide");
    }
}
