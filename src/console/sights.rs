//! What was seen during a step, as pages show it: the waterfall, lines of the console, dialogs, the page.

use super::lang::Lang;
use crate::walk::v1::{ConsoleV1, DialogV1, ExchangeV1, NavigationV1, PageV1, ScriptErrorV1, StepV1};
use serde::Serialize;
use std::time::Duration;

/// Exchanges of one step shown at most; a page that makes more has told its story by then.
const EXCHANGES_MAX: usize = 300;
/// Lines of one kind and step shown at most.
const LINES_MAX: usize = 300;
/// Thousandths a bar is wide at least, or it would not be seen.
const BAR_MIN: u64 = 6;

/// One exchange; `x` and `w` in thousandths of the step's waterfall.
#[derive(Debug, Serialize)]
pub(super) struct ExchangeView {
    pub method: String,
    pub url: String,
    pub path: String,
    pub status: String,
    pub kind: String,
    pub size: String,
    pub time: String,
    pub remark: Option<String>,
    pub bad: bool,
    pub own: bool,
    pub x: u64,
    pub w: u64,
}

/// A line with its level: `error`, `warn`, `info`, `debug`.
#[derive(Debug, Serialize)]
pub(super) struct LineView {
    pub level: String,
    pub text: String,
}

/// The step's waterfall.
pub(super) fn exchanges(step: &StepV1, lang: Lang) -> Vec<ExchangeView> {
    let seen = &step.seen.exchanges;
    // The exchanges' own time, not the step's: ten seconds of waiting would leave nothing to see.
    let begin = seen.iter().map(|e| e.offset_ms).min().unwrap_or(0);
    let end = seen.iter().map(|e| e.offset_ms.saturating_add(e.elapsed_ms)).max().unwrap_or(0);
    let span = end.saturating_sub(begin).max(1);
    let part = |ms: u64| u64::try_from(u128::from(ms) * 1000 / u128::from(span)).unwrap_or(1000).min(1000);
    seen.iter()
        .take(EXCHANGES_MAX)
        .map(|exchange| {
            let x = part(exchange.offset_ms - begin).min(1000 - BAR_MIN);
            let w = part(exchange.elapsed_ms).clamp(BAR_MIN, 1000 - x);
            ExchangeView { x, w, ..exchange_view(exchange, lang) }
        })
        .collect()
}

fn exchange_view(exchange: &ExchangeV1, lang: Lang) -> ExchangeView {
    let bad = exchange.status.is_none_or(|status| status >= 400) || exchange.error.is_some();
    let code = match (&exchange.business_code, &exchange.business_message) {
        (Some(code), Some(message)) => Some(format!("{code} {message}")),
        (Some(code), None) => Some(code.clone()),
        _ => None,
    };
    ExchangeView {
        method: exchange.method.clone(),
        path: path(exchange),
        url: exchange.url.clone(),
        status: exchange.status.map_or("—".into(), |status| status.to_string()),
        kind: exchange.kind.clone(),
        size: size(exchange.bytes),
        time: lang.duration(Duration::from_millis(exchange.elapsed_ms)),
        remark: exchange.error.clone().or(code),
        bad,
        own: exchange.own,
        x: 0,
        w: 0,
    }
}

/// Path and query of the app's own, host and path of others'.
fn path(exchange: &ExchangeV1) -> String {
    let Ok(url) = url::Url::parse(&exchange.url) else { return exchange.url.clone() };
    let query = url.query().map(|q| format!("?{q}")).unwrap_or_default();
    let host = if exchange.own { "" } else { url.host_str().unwrap_or_default() };
    if url.cannot_be_a_base() { exchange.url.clone() } else { format!("{host}{}{query}", url.path()) }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// Lines of the console.
pub(super) fn lines(console: &[ConsoleV1]) -> Vec<LineView> {
    console.iter().take(LINES_MAX).map(|l| LineView { level: l.level.clone(), text: l.text.clone() }).collect()
}

/// Uncaught exceptions, with the frame they came from.
pub(super) fn script_errors(errors: &[ScriptErrorV1]) -> Vec<LineView> {
    let line = |error: &ScriptErrorV1| {
        let frame = error.frame.as_ref().map(|frame| format!("\n  {frame}")).unwrap_or_default();
        LineView { level: "error".into(), text: format!("{}{frame}", error.text) }
    };
    errors.iter().take(LINES_MAX).map(line).collect()
}

/// Dialogs; the sign says whether they were accepted.
pub(super) fn dialogs(dialogs: &[DialogV1]) -> Vec<LineView> {
    let line = |dialog: &DialogV1| LineView {
        level: dialog.kind.clone(),
        text: format!("{} {}", dialog.text, if dialog.accepted { "✓" } else { "✗" }),
    };
    dialogs.iter().take(LINES_MAX).map(line).collect()
}

/// Navigations; one that failed is an error.
pub(super) fn navigations(navigations: &[NavigationV1]) -> Vec<LineView> {
    let line = |navigation: &NavigationV1| {
        let error = navigation.error.as_ref().map(|error| format!(" — {error}")).unwrap_or_default();
        LineView {
            level: if error.is_empty() { "info" } else { "error" }.into(),
            text: format!("{}{error}", navigation.url),
        }
    };
    navigations.iter().take(LINES_MAX).map(line).collect()
}

/// Name and value of what was seen of the page.
pub(super) fn page(page: &PageV1, lang: Lang) -> Vec<(&'static str, String)> {
    let t = lang.texts();
    vec![
        (t.url, page.url.clone()),
        (t.title, page.title.clone()),
        (t.ready_state, page.ready_state.clone()),
        (t.visible_text, format!("{} {}", page.text_chars, t.characters)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let check = |bytes: u64, expected: &str| assert_eq!(size(bytes), expected);
        check(999, "999 B");
        check(1_234, "1.2 kB");
        check(12_345_678, "12.3 MB");
    }

    #[test]
    fn bars_stay_inside_the_waterfall() {
        let check = |exchanges_ms: &[(u64, u64)], expected: &[(u64, u64)]| {
            let text = serde_json::json!({
                "id": "s", "title": "s", "verb": "tap", "section": "steps", "soft": false, "place": "f:1",
                "outcome": "passed", "offset_ms": 100, "elapsed_ms": 100, "within_ms": 0,
                "seen": {"exchanges": exchanges_ms.iter().map(|(offset, elapsed)| serde_json::json!({
                    "method": "GET", "url": "https://a.test/x?y=1", "kind": "api", "status": 200, "bytes": 1,
                    "offset_ms": offset, "elapsed_ms": elapsed, "own": true,
                })).collect::<Vec<_>>()},
            });
            let step: StepV1 = serde_json::from_value(text).unwrap();
            let bars: Vec<(u64, u64)> = exchanges(&step, Lang::Zh).iter().map(|e| (e.x, e.w)).collect();
            assert_eq!(bars, expected);
        };
        check(&[(100, 50), (150, 50)], &[(0, 500), (500, 500)]);
        check(&[(100, 0), (200, 0)], &[(0, 6), (994, 6)]);
        check(&[(0, 400)], &[(0, 1000)]);
        check(&[(7, 0)], &[(0, 6)]);
        check(&[(u64::MAX, u64::MAX), (0, 1)], &[(994, 6), (0, 6)]);
    }
}
