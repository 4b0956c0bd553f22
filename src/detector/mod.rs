//! Pure functions from a walk's record to findings, one file each, and the judgement over all of them.
//!
//! [`catalogue`] says which faults are to be found; `CATALOGUE.md` is the table of who finds them and which tests show it.
//!
//! To add one: a file with a `DETECTOR` and its `inspect`, a `mod` line, a line in `ALL`, and a `Tier` in its
//! `DETECTOR` that says what it explains. Files stand in the order of their tiers. Where a step's own failure says
//! all there is to say, a card in `step_failure` is enough.

pub mod catalogue;
mod judge;
mod kin;
mod led;
#[cfg(test)]
pub(crate) mod sample;
mod statement;
mod words;

// What ends a page.
mod certificate_error;
mod document_error;
mod guard_stopped;
mod navigation_failed;
mod protection_page;
mod redirect_loop;

// What is wrong with a page as a whole.
mod default_error_page;
mod lost_script;
mod lost_stylesheet;
mod shell_only;
mod white_screen;

// What a part of it suffers from.
mod api_error;
mod blocked_frame;
mod broken_image;
mod busy_notice;
mod endless_loading;
mod script_exception;

// What a step could not do.
mod branch_taken;
mod element_covered;
mod element_missing;
mod expectation_not_met;
mod figure_assertion_failed;
mod response_mismatch;
mod step_failure;
mod tap_without_effect;
mod wrong_route;

// What a page says, and what it should not show.
mod debug_ui;
mod double_submit;
mod expired_campaign;
mod foreign_script;
mod horizontal_overflow;
mod internal_address;
mod leftover_text;
mod lost_font;
mod mixed_content;
mod mixed_language;
mod mojibake;
mod picture_changed;
mod placeholder_text;
mod request_storm;
mod unmasked_pii;
mod visual_flaw;

// What clean walks had and this one has not.
mod broken_promise;

// What cannot be true, as oracles say.
mod devices_disagree;
mod oracle_breach;

// What takes too long.
mod frozen_page;
mod silent_stream;
mod slow_answer;
mod slower_than_usual;
mod step_over_budget;

pub use judge::{Judged, judge, judge_beyond, set_aside};
pub use statement::{Detector, Tier};
pub use statement::{is_no_answer, unanswered};

/// Every detector. Reports, the judgement and the documentation read this table.
pub const ALL: &[Detector] = &[
    certificate_error::DETECTOR,
    redirect_loop::DETECTOR,
    navigation_failed::DETECTOR,
    document_error::DETECTOR,
    step_failure::CRASHED,
    step_failure::UNRESPONSIVE,
    step_failure::DIALOGS,
    step_failure::POPUPS,
    guard_stopped::DETECTOR,
    step_failure::JOURNEY,
    protection_page::DETECTOR,
    default_error_page::DETECTOR,
    white_screen::DETECTOR,
    shell_only::DETECTOR,
    lost_stylesheet::DETECTOR,
    lost_script::DETECTOR,
    api_error::DETECTOR,
    blocked_frame::DETECTOR,
    busy_notice::DETECTOR,
    endless_loading::DETECTOR,
    script_exception::DETECTOR,
    broken_image::DETECTOR,
    element_missing::DETECTOR,
    element_covered::DETECTOR,
    step_failure::DISABLED,
    step_failure::MOVING,
    step_failure::AMBIGUOUS,
    tap_without_effect::DETECTOR,
    wrong_route::DETECTOR,
    expectation_not_met::DETECTOR,
    response_mismatch::DETECTOR,
    figure_assertion_failed::DETECTOR,
    step_failure::DOWNLOAD,
    branch_taken::DETECTOR,
    placeholder_text::DETECTOR,
    mojibake::DETECTOR,
    leftover_text::DETECTOR,
    unmasked_pii::DETECTOR,
    debug_ui::DETECTOR,
    foreign_script::DETECTOR,
    internal_address::DETECTOR,
    request_storm::DETECTOR,
    horizontal_overflow::DETECTOR,
    mixed_content::DETECTOR,
    visual_flaw::CLIPPED,
    visual_flaw::INVISIBLE,
    visual_flaw::OVERLAPPING,
    visual_flaw::BLANK,
    visual_flaw::HIDDEN,
    visual_flaw::SPLIT,
    visual_flaw::MEDIA,
    visual_flaw::KEYPAD,
    visual_flaw::DOUBLED,
    visual_flaw::CONTRARY,
    visual_flaw::TICKED,
    visual_flaw::TOFU,
    double_submit::DETECTOR,
    mixed_language::DETECTOR,
    expired_campaign::DETECTOR,
    lost_font::DETECTOR,
    picture_changed::SUFFERED,
    picture_changed::REJECTED,
    oracle_breach::UNREADABLE,
    oracle_breach::IMPLAUSIBLE,
    oracle_breach::STALE,
    oracle_breach::DISAGREEMENT,
    oracle_breach::CLAIM,
    oracle_breach::MISSING,
    oracle_breach::UNLISTED,
    oracle_breach::REPEATED,
    oracle_breach::FORBIDDEN,
    oracle_breach::UNSAID,
    oracle_breach::NOT_OWNED,
    oracle_breach::FOREIGN,
    devices_disagree::DETECTOR,
    broken_promise::PAGE,
    broken_promise::COOKIE,
    step_over_budget::DETECTOR,
    frozen_page::DETECTOR,
    silent_stream::DETECTOR,
    slow_answer::DETECTOR,
    slower_than_usual::DETECTOR,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{failed, walk};
    use crate::walk::{Class, FailureKind};
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_slugs() {
        let ids: BTreeSet<_> = ALL.iter().map(|d| d.id).collect();
        assert_eq!(ids.len(), ALL.len());
        assert!(ids.iter().all(|id| crate::id::is_slug(id)));
    }

    /// Every kind of failure is claimed by exactly one detector: none is silent, none is told twice.
    #[test]
    fn every_failure_has_its_one_detector() {
        let check = |kind: FailureKind, expected: &str| {
            let record = walk([failed("s", kind.clone())]);
            let ids: Vec<_> = ALL.iter().flat_map(|d| (d.inspect)(&record)).map(|f| f.detector).collect();
            assert_eq!(ids, [expected], "{kind:?}");
        };
        check(FailureKind::Missing, "element-missing");
        check(FailureKind::Hidden, "element-missing");
        check(FailureKind::Disabled, "element-disabled");
        check(FailureKind::Covered { by: "<div id=mask>".into() }, "element-covered");
        check(FailureKind::Moving, "element-moving");
        check(FailureKind::Ambiguous { matches: 2 }, "element-ambiguous");
        check(FailureKind::NoEffect, "tap-without-effect");
        check(FailureKind::NotSeen, "expectation-not-met");
        check(FailureKind::StillSeen, "expectation-not-met");
        check(FailureKind::WrongRoute { expected: "/a".into(), actual: "/b".into() }, "wrong-route");
        check(
            FailureKind::WrongResponse { request: "GET /api".into(), status: Some(200), code: None },
            "response-mismatch",
        );
        check(FailureKind::AssertionFalse { shown: "a == b (1, 2)".into() }, "figure-assertion-failed");
        check(FailureKind::Unreadable, "figure-assertion-failed");
        check(FailureKind::NavigationFailed { error: "net::ERR_CONNECTION_REFUSED".into() }, "navigation-failed");
        check(FailureKind::NavigationFailed { error: "net::ERR_CERT_DATE_INVALID".into() }, "certificate-error");
        check(FailureKind::NavigationFailed { error: "net::ERR_TOO_MANY_REDIRECTS".into() }, "redirect-loop");
        check(FailureKind::Unresponsive, "unresponsive-page");
        check(FailureKind::DialogStorm, "dialog-storm");
        check(FailureKind::PopupStorm, "popup-storm");
        check(FailureKind::Crashed, "renderer-crash");
        check(FailureKind::DownloadWrong, "download-wrong");
        check(FailureKind::Guarded { request: "POST /api/orders".into() }, "guard-stopped");
        check(FailureKind::OverBudget, "step-over-budget");
        check(FailureKind::Branch { class: Class::Abnormal }, "branch-taken");
        check(FailureKind::Journey, "journey-defect");
    }

    #[test]
    fn a_healthy_walk_raises_nothing() {
        let record = walk([sample::step("a"), sample::step("b")]);
        assert_eq!(ALL.iter().flat_map(|d| (d.inspect)(&record)).count(), 0);
    }
}
