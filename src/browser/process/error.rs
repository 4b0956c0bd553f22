//! Why a browser could not be started, and what its operator can do.

use std::io;
use std::path::PathBuf;

/// A browser that did not start. Robot trouble: it never speaks about the app.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// No Chromium or Chrome anywhere.
    #[error(
        "no Chromium or Chrome found in {places}; install one (Debian, Ubuntu: `apt-get install chromium \
         chromium-driver`; others: https://googlechromelabs.github.io/chrome-for-testing/) or set its path in the config"
    )]
    BrowserMissing {
        /// Where it was looked for.
        places: String,
    },
    /// No chromedriver anywhere.
    #[error(
        "no `chromedriver` found in {places}; install the one of the same major version as the browser (Debian, \
         Ubuntu: `apt-get install chromium-driver`) or set its path in the config"
    )]
    DriverMissing {
        /// Where it was looked for.
        places: String,
    },
    /// A binary that does not say its version.
    #[error("`{}` did not answer `--version` with a version: {why}; it may be of another architecture or lack libraries", path.display())]
    Unusable {
        /// The binary.
        path: PathBuf,
        /// What it did instead.
        why: String,
    },
    /// Browser and driver of different major versions.
    #[error(
        "browser `{browser}` and driver `{driver}` differ in major version; upgrade both together (Debian, Ubuntu: \
         `apt-get install chromium chromium-driver`)"
    )]
    VersionMismatch {
        /// Full version of the browser.
        browser: String,
        /// Full version of the driver.
        driver: String,
    },
    /// The session directory could not be made.
    #[error("cannot prepare the browser's directory under `{}`: {source}; free some space or set another root", path.display())]
    Directory {
        /// The root of session directories.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The supervisor could not be started.
    #[error("cannot start `{}` as the browser's warden: {source}; was the binary replaced or removed while it worked?", path.display())]
    Warden {
        /// The binary that was to be the warden.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The driver ended before it listened.
    #[error("the driver did not come up: {why}")]
    Refused {
        /// How it ended, with the end of what it printed.
        why: String,
    },
    /// The driver did not listen in time.
    #[error(
        "the driver did not listen within {waited_ms} ms; the machine may be overloaded: lower the number of browsers"
    )]
    Slow {
        /// How long it was waited for.
        waited_ms: u128,
    },
}
