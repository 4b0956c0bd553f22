//! What a walk cannot say of an incident, because a registry could not be had, or a socket not be listened to.

use crate::finding::Fingerprint;
use crate::id::StepId;
use crate::walk::WalkRecord;

/// Detectors that may have had nothing to judge by, though the walk got past: those that may rest on a registry, and the one
/// that listens. What else an oracle tells of a figure is seen wherever a walk comes by.
pub const MAY_BE_UNHELD: [&str; 6] =
    ["claim-broken", "figures-disagree", "ledger-broken", "product-missing", "product-unlisted", "silent-stream"];

/// Fingerprints of what `detector` could not judge in a walk at this step and route: that it found nothing does not mean
/// that nothing is there, and what it found may be the fault of old rows.
pub(super) fn unheld(
    record: &WalkRecord,
    detector: &str,
    step: &StepId,
    route: &str,
) -> impl Iterator<Item = Fingerprint> {
    let held = record.oracles.iter().filter(move |_| MAY_BE_UNHELD.contains(&detector));
    held.flat_map(|held| &held.unheld).map(move |topic| Fingerprint::of(&record.journey, step, detector, route, topic))
}
