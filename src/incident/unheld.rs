//! What a walk cannot say of an incident, because a registry could not be had.

use crate::finding::Fingerprint;
use crate::id::StepId;
use crate::walk::WalkRecord;

/// Detectors that may rest on a registry: what else an oracle tells of a figure needs none.
pub const REST_ON_REGISTRIES: [&str; 5] =
    ["claim-broken", "figures-disagree", "ledger-broken", "product-missing", "product-unlisted"];

/// Fingerprints of what `detector` could not judge in a walk at this step and route: that it found nothing does not mean
/// that nothing is there, and what it found may be the fault of old rows.
pub(super) fn unheld(
    record: &WalkRecord,
    detector: &str,
    step: &StepId,
    route: &str,
) -> impl Iterator<Item = Fingerprint> {
    let held = record.oracles.iter().filter(move |_| REST_ON_REGISTRIES.contains(&detector));
    held.flat_map(|held| &held.unheld).map(move |topic| Fingerprint::of(&record.journey, step, detector, route, topic))
}
