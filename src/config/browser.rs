//! `browser:` — which browser walks are made in, and how long one lives.

use super::value::Lasting;
use crate::walk::run::Pictures;
use std::path::PathBuf;

/// The browsers walks are made in.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Browser {
    /// The browser binary; looked for when absent.
    pub browser: Option<PathBuf>,
    /// The chromedriver binary; looked for when absent.
    pub driver: Option<PathBuf>,
    /// Switches Chromium's own sandbox off. Root needs it; nobody else should.
    pub no_sandbox: bool,
    /// Whether the window stays unseen.
    pub headless: bool,
    /// How many browsers are kept.
    pub browsers: usize,
    /// How many lanes share one browser.
    pub lanes_per_browser: usize,
    /// A browser is replaced after this many walks.
    pub recycle_after_walks: u64,
    /// A browser is replaced when it holds more than this, in MiB.
    pub recycle_above_mib: u64,
    /// Which pictures are kept: `all`, `failures` or `none`.
    pub pictures: PicturesKept,
    /// Whether network (HAR) and console are kept.
    pub network: bool,
    /// How long a step may take that does not say.
    pub step_within: Lasting,
}

impl Default for Browser {
    fn default() -> Self {
        Self {
            browser: None,
            driver: None,
            no_sandbox: false,
            headless: true,
            browsers: 1,
            lanes_per_browser: 8,
            recycle_after_walks: 200,
            recycle_above_mib: 3_072,
            pictures: PicturesKept::All,
            network: true,
            step_within: Lasting::seconds(10),
        }
    }
}

/// Which pictures are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PicturesKept {
    /// One a step.
    All,
    /// Of the step that failed, and of the last.
    Failures,
    /// None.
    None,
}

impl From<PicturesKept> for Pictures {
    fn from(kept: PicturesKept) -> Self {
        match kept {
            PicturesKept::All => Pictures::All,
            PicturesKept::Failures => Pictures::Failures,
            PicturesKept::None => Pictures::None,
        }
    }
}
