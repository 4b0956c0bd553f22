//! The control pages: opened in the browsers that walks are made in, when an app answers nothing.

use crate::detector::is_no_answer;
use crate::fleet::Control;
use crate::guard::GuardRules;
use crate::journey::Device;
use crate::walk::port::{LaneSpec, Lanes, Mishap};
use crate::walk::{Failure, FailureKind, TroubleKind};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use url::Url;

/// How long a control page may take to answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
/// How long one of them may take in all, waiting for a lane included.
const ASKED_WITHIN: Duration = Duration::from_secs(14);
/// How long what was found holds: when many journeys fail at once, the pages are asked once.
const HOLDS_FOR: Duration = Duration::from_secs(15);

/// When the pages were asked last, and why the robot is blind, if it is.
type Asked = Option<(Instant, Option<String>)>;

/// Opens other pages than the app's.
pub(super) struct ControlPages {
    lanes: Arc<dyn Lanes>,
    /// Each with what may leave its lane.
    pages: Vec<(Url, Arc<GuardRules>)>,
    asked: Mutex<Asked>,
}

impl ControlPages {
    /// `None` when there are no such pages.
    pub(super) fn over(lanes: Arc<dyn Lanes>, pages: Vec<(Url, Arc<GuardRules>)>) -> Option<Arc<dyn Control>> {
        (!pages.is_empty()).then(|| Arc::new(Self { lanes, pages, asked: Mutex::default() }) as Arc<dyn Control>)
    }

    async fn ask(&self) -> Option<String> {
        let mut silent = Vec::new();
        for (page, guard) in &self.pages {
            // What is no word of the way, such as a robot that is too busy, says nothing: then the app is judged as it is.
            let why = tokio::time::timeout(ASKED_WITHIN, self.open(page, guard)).await.ok().flatten()?;
            silent.push(format!("{}: {why}", page.host_str().unwrap_or_default()));
        }
        Some(silent.join("; "))
    }

    /// Why nothing answers there; `None` when something does, or nobody can say. Any answer will do: also one that leads
    /// elsewhere, or is broken.
    async fn open(&self, page: &Url, guard: &Arc<GuardRules>) -> Option<String> {
        let spec = LaneSpec {
            device: Device::Desktop,
            locale: "en-US".to_owned(),
            timezone: None,
            own_hosts: guard.hosts.clone(),
            guard: guard.clone(),
            business: None,
            bodies: false,
            evidence: false,
            pictures: false,
            retap: false,
        };
        let mut lane = self.lanes.lend(&spec).await.ok()?;
        let opened = lane.open(page, ANSWERS_WITHIN).await;
        lane.close().await;
        match opened.err()? {
            Mishap::Failure(Failure { kind: FailureKind::NavigationFailed { error }, .. }) if is_no_answer(&error) => {
                Some(error)
            }
            Mishap::Trouble(trouble) if trouble.kind == TroubleKind::Uplink => Some(trouble.said),
            _ => None,
        }
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
