//! PagerDuty, Events API v2: what opens pages who is on call, what recovers resolves it. The incident's name is the key, so
//! that both meet.

use super::address::{AddressError, below, safe};
use super::markup::brief_of;
use super::post::{Answer, Fault, Letter, Poster};
use crate::alert::{Bulletin, Channel, Draft, Notice, Receipt, SendError, SendRate, TRIAL, Tone, one_line};
use crate::moment::Clock;
use crate::secret::Secret;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// PagerDuty's own server; that of its European accounts is `https://events.eu.pagerduty.com`.
const ORIGIN: &str = "https://events.pagerduty.com";
/// The longest summary, in characters.
const SUMMARY_CHARS_MAX: usize = 1_024;
/// How long a key is.
const KEY_CHARS: usize = 32;
const RATES: &[SendRate] = &[SendRate { at_most: 120, per: Duration::from_secs(60) }];
/// How long to wait after too many events, where PagerDuty does not say it.
const THROTTLED: Duration = Duration::from_secs(30);
const WANTED: &str =
    "an integration key of PagerDuty's Events API v2: 32 letters and digits, from the service's integrations";

/// A service of PagerDuty's.
#[derive(Debug, Clone)]
pub struct PagerDutyService {
    /// The integration key of its Events API v2.
    pub routing_key: Secret,
    /// Another server than PagerDuty's own: that of European accounts, or a proxy's.
    pub base: Option<Url>,
}

/// A channel to a PagerDuty service.
pub struct PagerDuty {
    name: String,
    service: PagerDutyService,
    url: Url,
    poster: Poster,
}

impl PagerDuty {
    /// A channel of this `name` to `service`.
    pub fn new(
        name: impl Into<String>,
        service: PagerDutyService,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AddressError> {
        let key = &service.routing_key;
        let whole =
            key.expose().chars().count() == KEY_CHARS && key.expose().chars().all(|c| c.is_ascii_alphanumeric());
        if !whole {
            return Err(AddressError::NotOne { secret: key.name().to_owned(), wanted: WANTED });
        }
        let base = service.base.clone().unwrap_or_else(|| ORIGIN.parse().expect("invariant: a constant address"));
        safe(&base, base.as_str())?;
        let url = below(&base, "v2/enqueue");
        let poster = Poster::new(&url, std::slice::from_ref(key), clock)?;
        Ok(Self { name: name.into(), service, url, poster })
    }

    /// What is sent: a trial is resolved at once, so that it stays open on nobody's list.
    fn letters(&self, notice: &Notice) -> Vec<Letter> {
        let bulletin = serde_json::from_str::<Bulletin>(&notice.bulletin).ok();
        let is = |reason: &str| bulletin.as_ref().is_some_and(|bulletin| bulletin.reason() == reason);
        let over = is("recovered")
            || is("set-aside")
            || bulletin.as_ref().is_some_and(|bulletin| bulletin.state == "recovered");
        let actions: &[&str] = match (over, is(TRIAL)) {
            (_, true) => &["trigger", "resolve"],
            (true, _) => &["resolve"],
            (false, _) => &["trigger"],
        };
        let letter = |action: &&str| Letter::json(self.url.clone(), &self.happening(action, notice, bulletin.as_ref()));
        actions.iter().map(letter).collect()
    }

    fn happening(&self, action: &str, notice: &Notice, bulletin: Option<&Bulletin>) -> Value {
        let incident = notice.incident.map_or_else(|| notice.id.to_string(), |incident| incident.to_string());
        let key = bulletin.map_or(incident, |bulletin| bulletin.incident_id.clone());
        let mut happening = json!({
            "routing_key": self.service.routing_key.expose(),
            "event_action": action,
            "dedup_key": key,
        });
        if action == "resolve" {
            return happening;
        }
        let brief = brief_of(&notice.words);
        let details: Map<String, Value> = brief
            .facts
            .iter()
            .filter(|fact| !fact.label.is_empty())
            .map(|fact| (fact.label.clone(), json!(fact.value)))
            .collect();
        let plain: Vec<_> = brief.facts.iter().filter(|fact| fact.label.is_empty()).map(|fact| &fact.value).collect();
        happening["payload"] = json!({
            "summary": one_line(&notice.words.subject, SUMMARY_CHARS_MAX),
            "source": bulletin.map_or("gengfu", |bulletin| bulletin.app.as_str()),
            "severity": severity(brief.tone, bulletin),
            "custom_details": details,
        });
        if let Some(bulletin) = bulletin {
            happening["payload"]["timestamp"] = json!(bulletin.occurred_at);
            happening["payload"]["component"] = json!(bulletin.step_title);
            happening["payload"]["group"] = json!(bulletin.journey);
            happening["payload"]["class"] = json!(bulletin.detector);
        } else if !plain.is_empty() {
            happening["payload"]["custom_details"]["text"] = json!(plain);
        }
        let links = [&brief.page, &brief.picture].into_iter().flatten();
        let links: Vec<_> = links.map(|link| json!({ "href": link.url, "text": link.label })).collect();
        happening["client"] = json!("gengfu");
        if let Some(page) = &brief.page {
            happening["client_url"] = json!(page.url);
        }
        happening["links"] = json!(links);

        happening
    }
}

#[async_trait::async_trait]
impl Channel for PagerDuty {
    fn name(&self) -> &str {
        &self.name
    }

    async fn send(&self, notice: &Notice) -> Result<Receipt, SendError> {
        let mut receipts = Vec::new();
        for letter in self.letters(notice) {
            let answer = self.poster.post(letter).await?;
            receipts.push(self.poster.settle(&answer, judged(&answer))?.0);
        }
        Ok(Receipt(receipts.join("; ")))
    }

    fn drafts(&self, notice: &Notice) -> Result<Vec<Draft>, SendError> {
        Ok(self.letters(notice).iter().map(|letter| self.poster.draft(letter)).collect())
    }

    fn rates(&self) -> &[SendRate] {
        RATES
    }

    fn sends(&self, notice: &Notice) -> u32 {
        u32::try_from(self.letters(notice).len()).unwrap_or(u32::MAX)
    }

    /// Each incident is an alert of its own there, open until it is told that it is over.
    fn gathers(&self) -> bool {
        false
    }
}

fn severity(tone: Tone, bulletin: Option<&Bulletin>) -> &'static str {
    match (tone, bulletin.map(|bulletin| bulletin.severity.as_str())) {
        (Tone::Trial, _) => "info",
        (_, Some("P1")) => "critical",
        (_, Some("P2")) => "error",
        _ => "warning",
    }
}

fn judged(answer: &Answer) -> Result<(), Fault> {
    let said = answer.json();
    let status = said.as_ref().and_then(|said| said["status"].as_str());
    if answer.status.as_u16() == 202 && status == Some("success") {
        return Ok(());
    }
    let text = answer.text.to_lowercase();
    Err(match answer.status.as_u16() {
        429 => Fault::again(Some(answer.after.unwrap_or(THROTTLED)), "too many events for this key: it is sent later"),
        400 | 403 if text.contains("routing_key") || text.contains("routing key") => Fault::ours(
            "the integration key is no key of an Events API v2 integration: copy it anew into `routing_key:`",
        ),
        400 if status.is_some() => Fault::refused("PagerDuty refuses the event's shape; this is a defect of gengfu"),
        _ => answer.by_status(),
    })
}
