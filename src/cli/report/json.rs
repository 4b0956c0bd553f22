//! `--json`: the published shape `walk.v1`.

use crate::walk::v1::WalkV1;

/// One walk is its document; several are an array of documents, in the order they were walked.
pub fn json(walks: &[WalkV1]) -> String {
    let written = match walks {
        [one] => serde_json::to_string_pretty(one),
        many => serde_json::to_string_pretty(many),
    };
    written.expect("invariant: keys are texts and numbers are finite") + "\n"
}
