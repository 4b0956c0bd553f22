//! The last look at a record before anybody sees it: no text of it holds a secret, wherever it came from.
//!
//! The lane masks what it gives out; this holds for what a lane forgot, for the journey's own words, and for
//! secrets that came up later than the text. Every field is named, so that a new one must be thought of here.

use super::super::{
    AlikeSeen, Attempt, BreachSeen, BrokenImage, ConsoleLine, DialogSeen, Exchange, Failure, FailureKind, Flaw, Kept,
    LoadingMark, Navigation, Observation, Outcome, PageLook, Promise, ScriptError, SheetLost, StepRecord, Trouble,
};
use crate::evidence::Masker;
use crate::journey::Value;
use crate::oracle::{Alike, Breach};
use crate::picture::Element;
use std::borrow::Cow;

/// Masks every text of a step.
pub(super) fn step(step: &mut StepRecord, masker: &Masker) {
    let StepRecord { title, outcome, attempts, seen, picture, snapshot, .. } = step;
    text(title, masker);
    self::outcome(outcome, masker);
    for Attempt { failure, .. } in attempts {
        maybe(failure, masker);
    }
    observation(seen, masker);
    kept(picture, masker);
    kept(snapshot, masker);
}

/// Masks a sentence.
pub(super) fn text(text: &mut String, masker: &Masker) {
    if let Cow::Owned(masked) = masker.text(text) {
        *text = masked;
    }
}

/// Masks what is said of a piece that was lost.
pub(super) fn kept(kept: &mut Kept, masker: &Masker) {
    if let Kept::Lost(why) = kept {
        text(why, masker);
    }
}

fn maybe(text: &mut Option<String>, masker: &Masker) {
    if let Some(text) = text {
        self::text(text, masker);
    }
}

fn outcome(outcome: &mut Outcome, masker: &Masker) {
    match outcome {
        Outcome::Failed(Failure { kind, said, detail, locus }) => {
            self::kind(kind, masker);
            text(said, masker);
            maybe(detail, masker);
            maybe(locus, masker);
        }
        Outcome::Inconclusive(Trouble { kind: _, said }) | Outcome::Skipped(said) => text(said, masker),
        Outcome::Passed | Outcome::Degraded(_) | Outcome::NotReached => {}
    }
}

fn kind(kind: &mut FailureKind, masker: &Masker) {
    use FailureKind as Kind;
    match kind {
        Kind::Covered { by: said }
        | Kind::AssertionFalse { shown: said }
        | Kind::NavigationFailed { error: said }
        | Kind::Guarded { request: said } => text(said, masker),
        Kind::WrongRoute { expected, actual } => {
            text(expected, masker);
            text(actual, masker);
        }
        Kind::WrongResponse { request, status: _, code } => {
            text(request, masker);
            maybe(code, masker);
        }
        Kind::Missing
        | Kind::Hidden
        | Kind::Disabled
        | Kind::Moving
        | Kind::Ambiguous { .. }
        | Kind::NoEffect
        | Kind::NotSeen
        | Kind::StillSeen
        | Kind::Unreadable
        | Kind::Unresponsive
        | Kind::DialogStorm
        | Kind::PopupStorm
        | Kind::Crashed
        | Kind::DownloadWrong
        | Kind::OverBudget
        | Kind::Branch { .. }
        | Kind::Journey => {}
    }
}

fn observation(seen: &mut Observation, masker: &Masker) {
    let Observation {
        exchanges,
        console,
        script_errors,
        dialogs,
        navigations,
        guarded,
        tap: _,
        page,
        broken_promises: _,
        breaches,
        alike,
        apart: _, // known once the walk is over
        portrait,
        likeness: _, // known once the walk is over
        slowness: _,
    } = seen;
    exchanges.iter_mut().for_each(|e| exchange(e, masker));
    for ConsoleLine { text, .. } in console {
        self::text(text, masker);
    }
    for ScriptError { text, frame, .. } in script_errors {
        self::text(text, masker);
        maybe(frame, masker);
    }
    for DialogSeen { text, .. } in dialogs {
        self::text(text, masker);
    }
    for Navigation { url, error, .. } in navigations {
        self::text(url, masker);
        maybe(error, masker);
    }
    guarded.iter_mut().for_each(|request| text(request, masker));
    for BreachSeen { breach: Breach { topic, zh, en, .. }, .. } in breaches {
        for said in [topic, zh, en] {
            text(said, masker);
        }
    }
    for AlikeSeen { figure: Alike { key, zh, en, value, .. }, .. } in alike {
        for said in [key, zh, en].into_iter().chain(if let Value::Text(said) = value { Some(said) } else { None }) {
            text(said, masker);
        }
    }
    if let Some(page) = page {
        look(page, masker);
    }
    for Element { tag, name, words, .. } in portrait.iter_mut().flat_map(|p| &mut p.scene.elements) {
        for said in [tag, name, words] {
            text(said, masker);
        }
    }
}

fn exchange(exchange: &mut Exchange, masker: &Masker) {
    let Exchange { method, url, error, content_type, business_code, business_message, promises, .. } = exchange;
    text(method, masker);
    text(url, masker);
    for said in [error, content_type, business_code, business_message] {
        maybe(said, masker);
    }
    if let Some(promises) = promises {
        promises.cookies.iter_mut().for_each(|name| text(name, masker));
        for made in &mut promises.made {
            if let Promise::Cookie { name, .. } = made {
                text(name, masker);
            }
        }
    }
}

fn look(page: &mut PageLook, masker: &Masker) {
    let PageLook { url, title, text, broken_images, lost_sheets, loading, flaws, charset, .. } = page;
    for said in [url, title, text, charset] {
        self::text(said, masker);
    }
    for BrokenImage { src, alt, .. } in broken_images {
        self::text(src, masker);
        self::text(alt, masker);
    }
    for SheetLost { href } in lost_sheets {
        self::text(href, masker);
    }
    for LoadingMark { locus, .. } in loading {
        self::text(locus, masker);
    }
    for Flaw { locus, words, .. } in flaws {
        self::text(locus, masker);
        self::text(words, masker);
    }
}
