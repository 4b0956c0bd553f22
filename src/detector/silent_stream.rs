//! A web socket that must speak and does not: the quotes on the page are old, and look as if they were new.

use super::oracle_breach::found;
use super::statement::{Detector, Tier};
use crate::finding::Finding;
use crate::oracle::BreachKind;
use crate::walk::WalkRecord;

pub(super) const DETECTOR: Detector = Detector {
    id: "silent-stream",
    zh: "实时推送没有数据",
    en: "silent live feed",
    catalogue: &["SD13"],
    // A page that is wrong otherwise opens no socket, or none in time.
    tier: Tier::Slow,
    inspect,
};

/// Silence may be the machine's: unlike what is read off a page, it takes as many looks as anything that is late.
fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let silent = found(record, &DETECTOR, BreachKind::Unheard);
    silent.into_iter().map(|finding| Finding { deterministic: false, ..finding }).collect()
}
