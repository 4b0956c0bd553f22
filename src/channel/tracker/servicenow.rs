//! ServiceNow's event management: events of one message key are one alert, which its rules make an incident of. How the alert
//! stands is read from its table.

use super::call::{by_status, call};
use crate::alert::{Draft, SendError};
use crate::channel::address::{AddressError, below, safe};
use crate::channel::post::{Body, Letter, Poster};
use crate::finding::Severity;
use crate::incident::Standing;
use crate::moment::Clock;
use crate::secret::Secret;
use crate::ticket::{Category, Opened, Paper, Rule, Seen, TicketSystem, Turn};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use url::Url;

/// The severity that clears an alert.
const CLEAR: &str = "0";
/// The longest description of an event, in characters.
const DESCRIPTION_CHARS_MAX: usize = 4_000;

/// A ServiceNow.
#[derive(Debug, Clone)]
pub struct ServiceNowInstance {
    /// Where it is.
    pub url: Url,
    /// Who signs in.
    pub username: String,
    /// Their password.
    pub password: Secret,
}

/// Alerts in a ServiceNow.
pub struct ServiceNow {
    name: String,
    url: Url,
    rule: Rule,
    authorization: String,
    poster: Poster,
}

impl ServiceNow {
    /// A system of this `name`.
    pub fn new(
        name: impl Into<String>,
        instance: &ServiceNowInstance,
        rule: Rule,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AddressError> {
        safe(&instance.url, instance.url.as_str())?;
        let password = &instance.password;
        let pair = STANDARD.encode(format!("{}:{}", instance.username, password.expose().trim()));
        let secrets = [password.clone(), Secret::new(password.name(), pair.clone())];
        let poster = Poster::new(&instance.url, &secrets, clock)?;
        let authorization = format!("Basic {pair}");
        Ok(Self { name: name.into(), url: instance.url.clone(), rule, authorization, poster })
    }

    fn letter(&self, path: &str, body: Body) -> Letter {
        let headers = vec![("authorization", self.authorization.clone()), ("accept", "application/json".to_owned())];
        Letter { url: below(&self.url, path), headers, body }
    }

    fn event(&self, paper: &Paper, severity: &str, text: &str) -> Letter {
        let fact = |name: &str| paper.facts.get(name).cloned().unwrap_or_default();
        let mut extra = paper.fields(&self.rule.mapping, str::to_owned);
        extra.insert("gengfu_incident".to_owned(), json!(paper.incident.to_string()));
        extra.insert("gengfu_page".to_owned(), json!(paper.page));
        let record = json!({
            "source": "gengfu",
            "event_class": self.name,
            "resource": fact("journey"),
            "node": fact("app"),
            "metric_name": paper.happening.facts.detector,
            "type": paper.happening.facts.class,
            "message_key": paper.label,
            "severity": severity,
            "description": text.chars().take(DESCRIPTION_CHARS_MAX).collect::<String>(),
            // A text that holds JSON: other fields of an event are dropped.
            "additional_info": Value::Object(extra).to_string(),
        });
        self.letter("api/global/em/jsonv2", Body::Json(json!({ "records": [record] }).to_string()))
    }

    fn severity(&self, paper: &Paper) -> String {
        paper.severity(&self.rule).unwrap_or_else(|| {
            let usual = match paper.severity {
                Severity::P1 => "1",
                Severity::P2 => "2",
                Severity::P3 => "3",
            };
            usual.to_owned()
        })
    }

    async fn send(&self, letter: Letter) -> Result<(), SendError> {
        let said = call(&self.poster, Method::POST, letter, |answer| by_status(answer, false)).await?;
        if said.get("result").is_some() {
            return Ok(());
        }
        Err(SendError::temporary("ServiceNow's answer has no `result`: the event may not have been taken"))
    }

    fn told(paper: &Paper) -> String {
        format!("{}\n{}", paper.summary, paper.text)
    }
}

#[async_trait::async_trait]
impl TicketSystem for ServiceNow {
    fn name(&self) -> &str {
        &self.name
    }

    /// An event that comes twice is the same alert, by its message key.
    fn is_searched(&self) -> bool {
        false
    }

    async fn find(&self, _: &Paper) -> Result<Vec<Opened>, SendError> {
        Ok(Vec::new())
    }

    async fn open(&self, paper: &Paper) -> Result<Opened, SendError> {
        self.send(self.event(paper, &self.severity(paper), &Self::told(paper))).await?;
        let mut url = below(&self.url, "em_alert_list.do");
        url.set_query(Some(&format!("sysparm_query=message_key={}", paper.label)));
        Ok(Opened { ticket: paper.label.clone(), url: Some(url.into()), seen: None })
    }

    /// One more event of the same key: the alert takes its text over. Of what is closed it clears, or it would open it again.
    async fn comment(&self, _: &str, paper: &Paper, text: &str) -> Result<(), SendError> {
        let told = format!("{text}\n\n{}", Self::told(paper));
        let closed = paper.happening.facts.standing == Standing::Closed.word();
        let severity = if closed { CLEAR.to_owned() } else { self.severity(paper) };
        self.send(self.event(paper, &severity, &told)).await
    }

    fn comment_reopens(&self) -> bool {
        true
    }

    async fn turn(&self, _: &str, turn: Turn, paper: &Paper) -> Result<Seen, SendError> {
        let severity = if turn == Turn::Resolve { CLEAR.to_owned() } else { self.severity(paper) };
        self.send(self.event(paper, &severity, &Self::told(paper))).await?;
        // Events are worked off some time later: what it leads to is not read back.
        let (status, category) = match turn {
            Turn::Resolve => ("Closed", Category::Done),
            Turn::Reopen => ("Reopen", Category::New),
        };
        Ok(Seen { status: status.to_owned(), category, resolution: None, ended: None })
    }

    async fn look(&self, ticket: &str) -> Result<Option<Seen>, SendError> {
        let mut letter = self.letter("api/now/table/em_alert", Body::None);
        letter.url.query_pairs_mut().extend_pairs([
            ("sysparm_query", format!("message_key={ticket}^ORDERBYDESCsys_created_on").as_str()),
            ("sysparm_fields", "number,state,acknowledged"),
            ("sysparm_display_value", "true"),
            ("sysparm_limit", "1"),
        ]);
        let said = call(&self.poster, Method::GET, letter, |answer| by_status(answer, false)).await?;
        let Some(alerts) = said["result"].as_array() else {
            return Err(SendError::temporary("ServiceNow's answer has no `result`"));
        };
        // Its events may still wait to be worked off.
        let Some(alert) = alerts.first() else { return Ok(None) };
        let state = alert["state"].as_str().unwrap_or_default();
        let acknowledged = alert["acknowledged"].as_str() == Some("true") || alert["acknowledged"] == json!(true);
        let (status, category) = match (state, acknowledged) {
            ("Closed", _) => ("Closed", Category::Done),
            (_, true) => ("Acknowledged", Category::Doing),
            (other, false) => (other, Category::New),
        };
        Ok(Some(Seen { status: status.to_owned(), category, resolution: None, ended: None }))
    }

    fn drafts(&self, paper: &Paper) -> Vec<Draft> {
        vec![self.poster.draft(&self.event(paper, &self.severity(paper), &Self::told(paper)))]
    }
}
