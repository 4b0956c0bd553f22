//! The `gengfu` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else: a warden must not read configs, open logs or start threads.
    if let Some(code) = gengfu::browser::process::serve_as_warden() {
        return code;
    }
    // One TLS provider for every library, before any of them looks for one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    gengfu::cli::start().into()
}
