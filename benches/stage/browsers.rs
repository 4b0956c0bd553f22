//! What every bench that walks has in common: its browser, and no secrets.

use gengfu::browser::{BrowserOptions, Browsers};
use gengfu::secret::Secret;
use gengfu::walk::port::Secrets;
use std::path::Path;
use std::sync::Arc;

/// One browser, shared by all stages, and whether it looks at pages for the detectors: what runs as root has no sandbox.
pub async fn browsers(root: &Path, looks: bool) -> Arc<Browsers> {
    let options = BrowserOptions {
        root: Some(root.to_owned()),
        warden: Some(env!("CARGO_BIN_EXE_gengfu").into()),
        no_sandbox: true,
        browsers_max: 1,
        lanes_per_browser_max: 32,
        looks,
        ..BrowserOptions::default()
    };
    Arc::new(Browsers::start(options).await.unwrap())
}

/// Journeys of benches name no references.
pub struct NoSecrets;

impl Secrets for NoSecrets {
    fn resolve(&self, reference: &str) -> Result<Secret, String> {
        Err(format!("`{reference}` leads nowhere in the bench"))
    }
}
