//! The `gengfu` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else: a warden must not read configs, open logs or start threads.
    if let Some(code) = gengfu::browser::process::serve_as_warden() {
        return code;
    }
    ExitCode::SUCCESS
}
