//! The control pages: opened in the browsers that walks are made in, when an app answers nothing.

use crate::fleet::Control;
use crate::guard::{GuardRules, HostRule};
use crate::journey::Device;
use crate::walk::port::{LaneSpec, Lanes, Mishap};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use url::Url;

/// How long a control page may take to answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
/// How long what was found holds: when many journeys fail at once, the pages are asked once.
const HOLDS_FOR: Duration = Duration::from_secs(15);

/// When the pages were asked last, and why the robot is blind, if it is.
type Asked = Option<(Instant, Option<String>)>;

/// Opens other pages than the app's.
pub(super) struct ControlPages {
    lanes: Arc<dyn Lanes>,
    pages: Vec<Url>,
    asked: Mutex<Asked>,
}

impl ControlPages {
    /// `None` when there are no such pages.
    pub(super) fn over(lanes: Arc<dyn Lanes>, pages: Vec<Url>) -> Option<Arc<dyn Control>> {
        (!pages.is_empty()).then(|| Arc::new(Self { lanes, pages, asked: Mutex::default() }) as Arc<dyn Control>)
    }

    async fn ask(&self) -> Option<String> {
        let mut silent = Vec::new();
        for page in &self.pages {
            match self.open(page).await {
                Ok(()) => return None,
                Err(why) => silent.push(format!("{}: {why}", page.host_str().unwrap_or_default())),
            }
        }
        Some(silent.join("; "))
    }

    /// Any answer will do: also one that says that the page has moved, or is broken.
    async fn open(&self, page: &Url) -> Result<(), String> {
        let host = HostRule::of_url(page).ok_or("it names no host")?;
        let spec = LaneSpec {
            device: Device::Desktop,
            locale: "en-US".to_owned(),
            timezone: None,
            own_hosts: vec![host.clone()],
            guard: Arc::new(GuardRules { hosts: vec![host], never: Vec::new(), private_networks: false }),
            business: None,
            bodies: false,
            evidence: false,
            pictures: false,
            retap: false,
        };
        let mut lane = self.lanes.lend(&spec).await.map_err(|trouble| trouble.said)?;
        let opened = lane.open(page, ANSWERS_WITHIN).await;
        lane.close().await;
        opened.map_err(|mishap| match mishap {
            Mishap::Failure(failure) => failure.said,
            Mishap::Trouble(trouble) => trouble.said,
        })
    }
}

#[async_trait]
impl Control for ControlPages {
    async fn blind(&self) -> Option<String> {
        // Who comes while the pages are being asked waits for what they say.
        let mut asked = self.asked.lock().await;
        if let Some((when, why)) = asked.as_ref()
            && when.elapsed() < HOLDS_FOR
        {
            return why.clone();
        }
        let why = self.ask().await;
        *asked = Some((Instant::now(), why.clone()));
        why
    }
}
