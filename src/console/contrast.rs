//! `GET /evidence/{name}/against/{other}`: where two pictures differ, as a drawing that lies over the first: boxes, each kind
//! with a line, a filling and a sign of its own. Computed when somebody looks, few at once, and kept.

use super::access::Unrecorded;
use super::evidence;
use super::serve::Console;
use super::visitor::Visitor;
use crate::evidence::{EvidenceKey, EvidenceKind};
use crate::picture::{Contrast, Mark, MarkKind, Rect, contrast};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Pairs whose differences are kept.
const KEPT_MAX: usize = 512;
/// Pairs that are put beside each other at once.
const AT_ONCE_MAX: usize = 1;
/// How long a look may wait for its turn.
const TURN_WITHIN: Duration = Duration::from_secs(10);
/// A line is so fine a part of the picture's width: seen where it is shown small, and hiding nothing of what it marks.
const LINES_ACROSS: f32 = 320.0;

/// Two pictures: the one from before, the one from now.
type PairKey = (EvidenceKey, EvidenceKey);

/// What is known of pairs of pictures.
#[derive(Clone)]
pub(super) struct Contrasts {
    kept: Arc<Mutex<Kept>>,
    turns: Arc<Semaphore>,
}

#[derive(Default)]
struct Kept {
    /// None of those that cannot be put beside each other.
    known: HashMap<PairKey, Option<Arc<Contrast>>>,
    /// The oldest first.
    order: VecDeque<PairKey>,
}

impl Default for Contrasts {
    fn default() -> Self {
        Self { kept: Arc::default(), turns: Arc::new(Semaphore::new(AT_ONCE_MAX)) }
    }
}

impl Contrasts {
    fn known(&self, pair: &PairKey) -> Option<Option<Arc<Contrast>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).known.get(pair).cloned()
    }

    fn keep(&self, pair: PairKey, told: Option<Arc<Contrast>>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.known.insert(pair.clone(), told).is_none() {
            kept.order.push_back(pair);
        }
        while kept.order.len() > KEPT_MAX {
            if let Some(oldest) = kept.order.pop_front() {
                kept.known.remove(&oldest);
            }
        }
    }
}

/// On which of the two the drawing lies.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Side {
    /// `before` when the first picture is the one from before.
    is: Option<String>,
}

/// The drawing.
pub(super) async fn drawing(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path((name, other)): Path<(String, String)>,
    Query(side): Query<Side>,
) -> Response {
    let picture = |name: &str| {
        EvidenceKey::parse(name).filter(|key| matches!(key.kind(), EvidenceKind::Png | EvidenceKind::Jpeg))
    };
    let (Some(first), Some(second)) = (picture(&name), picture(&other)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let on_before = side.is.as_deref() == Some("before");
    let pair = if on_before { (first, second) } else { (second, first) };
    match told(&console, pair.clone()).await {
        Ok(Some(contrast)) => {
            // What differs is read off both. Only what is there is written down: names that nobody has cost nothing.
            for key in [&pair.0, &pair.1] {
                if let Err(Unrecorded) = console.access.piece(&visitor.actor(), key) {
                    return StatusCode::SERVICE_UNAVAILABLE.into_response();
                }
            }
            let mut response = drawn(&contrast, on_before).into_response();
            evidence::seal(&mut response, "image/svg+xml", "derived");
            response
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(status) => status.into_response(),
    }
}

async fn told(console: &Console, pair: PairKey) -> Result<Option<Arc<Contrast>>, StatusCode> {
    let contrasts = &console.contrasts;
    if let Some(known) = contrasts.known(&pair) {
        return Ok(known);
    }
    let turn = tokio::time::timeout(TURN_WITHIN, contrasts.turns.clone().acquire_owned()).await;
    let Ok(Ok(turn)) = turn else { return Err(StatusCode::SERVICE_UNAVAILABLE) };
    // Whoever had the turn before may have asked for the same.
    if let Some(known) = contrasts.known(&pair) {
        return Ok(known);
    }
    let (before, now) = tokio::join!(console.vault.get(&pair.0), console.vault.get(&pair.1));
    let (Ok(before), Ok(now)) = (before, now) else { return Ok(None) };
    let whole = |bytes: &[u8], key: &EvidenceKey| EvidenceKey::of(bytes, key.kind()) == *key;
    if !whole(&before, &pair.0) || !whole(&now, &pair.1) {
        return Ok(None);
    }
    // The turn goes with the work, and what it finds is kept: a visitor who leaves frees nothing early.
    let (contrasts, of) = (contrasts.clone(), pair.clone());
    let compared = tokio::task::spawn_blocking(move || {
        let told = match contrast(&before, &now) {
            Ok(contrast) => Some(Arc::new(contrast)),
            Err(error) => {
                tracing::warn!(before = %of.0, now = %of.1, %error, "two pictures cannot be put beside each other");
                None
            }
        };
        contrasts.keep(of, told.clone());
        drop(turn);
        told
    });
    compared.await.map_err(|error| {
        tracing::error!(before = %pair.0, now = %pair.1, %error, "putting two pictures beside each other failed");
        StatusCode::SERVICE_UNAVAILABLE
    })
}

/// The boxes over one of the two pictures, in its own pixels.
fn drawn(contrast: &Contrast, on_before: bool) -> String {
    let (width, height) = if on_before { contrast.before } else { contrast.now };
    let line = (width as f32 / LINES_ACROSS).max(2.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">\
         <defs><pattern id=\"h\" width=\"{p}\" height=\"{p}\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
         <path d=\"M0 0V{p}\" stroke=\"#c4281b\" stroke-width=\"{line}\" opacity=\".45\"/></pattern></defs>",
        p = line * 4.0
    );
    for mark in &contrast.marks {
        if let Some(rect) = if on_before { mark.before } else { mark.now } {
            boxed(&mut svg, mark, rect, line);
        }
    }
    svg.push_str("</svg>");
    svg
}

fn boxed(svg: &mut String, mark: &Mark, rect: Rect, line: f32) {
    let Rect { x, y, width, height } = rect;
    let (class, colour, fill, dash, sign) = match mark.kind {
        MarkKind::Gone => ("gone", "#c4281b", "url(#h)", String::new(), "−"),
        MarkKind::New => ("new", "#0c7c74", "none", format!("{} {}", line * 4.0, line * 2.0), "+"),
        MarkKind::Changed => ("changed", "#b4480a", "none", String::new(), "≠"),
        MarkKind::Moved => ("moved", "#6248a8", "none", format!("{line} {}", line * 2.0), "↕"),
    };
    let (side, half) = (line * 7.0, line * 3.5);
    // Above what it marks, where there is room: a figure is not to be read through it.
    let top = if y as f32 >= side { y as f32 - side } else { y as f32 };
    // A light line below the coloured one, so that it is seen on any ground.
    let written = write!(
        svg,
        "<g class=\"{class}\"><rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\" stroke=\"#fff\" \
         stroke-width=\"{under}\" opacity=\".9\"/><rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"none\" \
         stroke=\"{colour}\" stroke-width=\"{line}\" stroke-dasharray=\"{dash}\"/>\
         <rect x=\"{x}\" y=\"{top}\" width=\"{side}\" height=\"{side}\" fill=\"{colour}\"/>\
         <text x=\"{tx}\" y=\"{ty}\" font-size=\"{side}\" font-family=\"system-ui,sans-serif\" font-weight=\"700\" \
         text-anchor=\"middle\" fill=\"#fff\">{sign}</text></g>",
        under = line * 2.0,
        tx = x as f32 + half,
        ty = top + side * 0.84,
    );
    debug_assert!(written.is_ok(), "a text takes what is written into it");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_told_apart_without_colour() {
        let rect = Some(Rect { x: 1, y: 2, width: 30, height: 40 });
        let of = |kind| Mark { kind, before: rect, now: rect };
        let kinds = [MarkKind::Gone, MarkKind::New, MarkKind::Changed, MarkKind::Moved];
        let contrast = Contrast { before: (390, 844), now: (390, 844), marks: kinds.map(of).into(), resized: false };
        let svg = drawn(&contrast, false);
        for sign in [">−<", ">+<", ">≠<", ">↕<", "class=\"gone\"", "class=\"moved\"", "viewBox=\"0 0 390 844\""] {
            assert!(svg.contains(sign), "{sign} is not in {svg}");
        }
        let one = Contrast { marks: vec![Mark { kind: MarkKind::Gone, before: rect, now: None }], ..contrast };
        assert!(drawn(&one, true).contains("class=\"gone\""));
        assert!(!drawn(&one, false).contains("class="), "what is gone has no place now");
    }

    #[test]
    fn no_more_pairs_are_kept_than_there_is_room_for() {
        let contrasts = Contrasts::default();
        let key = |n: usize| EvidenceKey::of(&n.to_be_bytes(), EvidenceKind::Png);
        for n in 0..KEPT_MAX + 10 {
            contrasts.keep((key(n), key(n)), None);
        }
        let kept = contrasts.kept.lock().unwrap();
        assert_eq!((kept.known.len(), kept.order.len()), (KEPT_MAX, KEPT_MAX));
        assert!(!kept.known.contains_key(&(key(0), key(0))));
    }
}
