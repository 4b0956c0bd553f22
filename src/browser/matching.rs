//! Globs and JSON rules on what the browser saw, as the journey language defines them.

use crate::journey::JsonRule;
use crate::journey::glob::covers;
use crate::journey::json_path::{JsonPath, misfit as rule_misfit};
use serde_json::Value;

/// Whether a path, or a whole URL, is covered by a glob.
pub(crate) fn glob_matches(glob: &str, path: &str) -> bool {
    covers(glob, path)
}

/// The value at a path. A path that cannot be read leads nowhere; the journey's reader has refused it before.
pub(crate) fn json_at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    JsonPath::parse(path).ok()?.find(value)
}

/// What is wrong with a body by a rule whose texts are filled in, if anything.
pub(crate) fn json_misfit(rule: &JsonRule, body: &Value) -> Option<String> {
    rule_misfit(rule, body)
}
