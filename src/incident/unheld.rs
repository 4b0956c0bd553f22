//! What a walk cannot say of an incident, because a registry could not be had, a socket not be listened to, or another
//! device not be compared with.

use crate::finding::Fingerprint;
use crate::id::StepId;
use crate::walk::{OraclesHeld, WalkRecord};

/// Detectors that may have had nothing to judge by, though the walk got past: those that may rest on a registry, and the one
/// that listens. What else an oracle tells of a figure is seen wherever a walk comes by.
pub const MAY_BE_UNHELD: [&str; 6] =
    ["claim-broken", "figures-disagree", "ledger-broken", "product-missing", "product-unlisted", "silent-stream"];
/// The detector that may have had no other device to compare with.
pub const COMPARES_DEVICES: &str = "devices-disagree";

/// Fingerprints of what `detector` could not judge in a walk at this step and route: that it found nothing does not mean
/// that nothing is there, and what it found may be the fault of old rows.
pub(super) fn unheld<'r>(
    record: &'r WalkRecord,
    detector: &'r str,
    step: &'r StepId,
    route: &'r str,
) -> impl Iterator<Item = Fingerprint> + 'r {
    // Apart from the others: what devices show says nothing of a registry.
    let topics = move |held: &'r OraclesHeld| match detector {
        COMPARES_DEVICES => &held.uncompared[..],
        _ if MAY_BE_UNHELD.contains(&detector) => &held.unheld[..],
        _ => &[],
    };
    record
        .oracles
        .iter()
        .flat_map(topics)
        .map(move |topic| Fingerprint::of(&record.journey, step, detector, route, topic))
}
