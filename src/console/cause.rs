//! What the failing step itself shows of the cause: requests that failed, errors of scripts, what the robot met on the page.
//! Pure.

use super::lang::Lang;
use super::scene::StepView;
use serde::Serialize;

/// Of each kind, so many are told; the walk's page has all.
const EACH_MAX: usize = 3;

/// One thing that the step shows.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct CauseView {
    pub what: &'static str,
    pub says: String,
}

/// What `step` shows, requests first, besides what is `told` already; nothing of a step that is not there.
pub(super) fn causes(step: Option<&StepView>, told: Option<&str>, lang: Lang) -> Vec<CauseView> {
    let Some(step) = step else { return Vec::new() };
    let (t, a) = (lang.texts(), lang.again_texts());
    let of = |what: &'static str| move |says: String| CauseView { what, says };
    let requests = step.exchanges.iter().filter(|exchange| exchange.bad).take(EACH_MAX).map(|exchange| {
        let remark = exchange.remark.as_ref().map(|remark| format!(" · {remark}")).unwrap_or_default();
        format!("{} {} {}{remark}", exchange.status, exchange.method, exchange.path)
    });
    let errors = step.script_errors.iter().take(EACH_MAX).map(|line| line.text.clone());
    let stopped = step.guarded.iter().take(EACH_MAX).cloned();
    let met = step.said.iter().map(|said| match &step.detail {
        Some(detail) => format!("{said}\n{detail}"),
        None => said.clone(),
    });
    let all = requests.map(of(a.request)).chain(errors.map(of(t.script_errors)));
    let all = all.chain(stopped.map(of(t.guarded))).chain(met.map(of(a.on_the_page)));
    all.filter(|cause| told != Some(cause.says.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::sights::{ExchangeView, LineView};
    use super::*;

    #[test]
    fn requests_scripts_and_the_page_are_told_apart() {
        let exchange = |status: &str, bad: bool| ExchangeView {
            method: "GET".into(),
            url: "https://bank.test/api/funds".into(),
            path: "/api/funds".into(),
            status: status.into(),
            kind: "api".into(),
            size: String::new(),
            time: String::new(),
            remark: bad.then(|| "E5001".into()),
            bad,
            own: true,
            x: 0,
            w: 0,
        };
        let step = StepView {
            exchanges: vec![exchange("200", false), exchange("500", true)],
            script_errors: vec![LineView { level: "error".into(), text: "TypeError: x".into() }],
            said: Some("found no button “申购”".into()),
            detail: Some("nearest: “自选”".into()),
            ..StepView::default()
        };
        let told: Vec<_> =
            causes(Some(&step), Some("TypeError: y"), Lang::En).into_iter().map(|c| (c.what, c.says)).collect();
        let expected = [
            ("Request", "500 GET /api/funds · E5001"),
            ("Script errors", "TypeError: x"),
            ("On the page", "found no button “申购”\nnearest: “自选”"),
        ];
        assert_eq!(told, expected.map(|(what, says)| (what, says.to_owned())));
        assert_eq!(causes(Some(&step), Some("TypeError: x"), Lang::En).len(), 2, "nothing is told twice");
        assert_eq!(causes(None, None, Lang::En), []);
    }
}
