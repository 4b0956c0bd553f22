//! The browser's and the page's words, as failures a person can act on.

use crate::walk::port::{Mishap, Target};
use crate::walk::{Failure, FailureKind};
use serde_json::Value;
use std::time::Duration;

/// A failure without further detail.
pub(super) fn failure(kind: FailureKind, said: String) -> Mishap {
    Mishap::Failure(Failure { kind, said, detail: None, locus: None })
}

/// Seconds as people read them.
pub(super) fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// What kept `target` from being acted on or read, from the agent's last word.
pub(super) fn unready(target: &Target, told: &Value, waited: Duration, url: &str) -> Mishap {
    let text = |key: &str| told[key].as_str().unwrap_or_default().to_owned();
    let list = |key: &str| -> Vec<String> {
        told[key].as_array().into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
    };
    let waited_on = format!("waited {} on {}", seconds(waited), super::super::book::path_of(url));
    let words = &target.words;
    let (kind, said, detail) = match told["state"].as_str().unwrap_or("missing") {
        "ambiguous" => {
            let matches = u32::try_from(told["matches"].as_u64().unwrap_or(2)).unwrap_or(2);
            let said = if told["scope"] == true {
                format!("{matches} elements answer to the `in:` of {words}; name one of them more closely")
            } else {
                format!("{matches} elements answer to {words}; name one of them more closely, or use `in:`")
            };
            (FailureKind::Ambiguous { matches }, said, Some(list("listed").join("\n")))
        }
        "hidden" => {
            (FailureKind::Hidden, format!("{words} is there but cannot be seen: {} ({waited_on})", text("what")), None)
        }
        "disabled" if told["readonly"] == true => {
            (FailureKind::Disabled, format!("{words} is read-only: {} ({waited_on})", text("what")), None)
        }
        "disabled" => (FailureKind::Disabled, format!("{words} is disabled: {} ({waited_on})", text("what")), None),
        "moving" => (FailureKind::Moving, format!("{words} never stood still ({waited_on})"), None),
        "covered" => {
            let by = text("by");
            (FailureKind::Covered { by: by.clone() }, format!("{words} is covered by {by} ({waited_on})"), None)
        }
        "unreadable" => {
            (FailureKind::Unreadable, format!("{words} has nothing to read: {} ({waited_on})", text("what")), None)
        }
        "unfit" => (FailureKind::Journey, text("what"), None),
        _ if told["option"] == true => {
            (FailureKind::Missing, format!("{words} has no such option ({waited_on})"), Some(list("near").join("\n")))
        }
        _ => {
            let near = list("near");
            let nearest = if near.is_empty() { String::new() } else { format!("; nearest: {}", near.join(", ")) };
            (FailureKind::Missing, format!("no {words}: {waited_on}{nearest}"), None)
        }
    };
    Mishap::Failure(Failure {
        kind,
        said,
        detail: detail.filter(|d| !d.is_empty()),
        locus: Some(target.written.clone()),
    })
}
