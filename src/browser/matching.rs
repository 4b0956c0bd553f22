//! Globs on what the browser saw, as the journey language defines them.

use crate::journey::glob::covers;

/// Whether a path, or a whole URL, is covered by a glob.
pub(crate) fn glob_matches(glob: &str, path: &str) -> bool {
    covers(glob, path)
}
