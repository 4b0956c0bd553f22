//! Alertmanager, API v2: one alert an incident, firing until it recovers. Who is told from there is Alertmanager's to
//! decide.

use super::address::{AddressError, below, safe};
use super::markup::{brief_of, widened};
use super::post::{Answer, Body, Fault, Letter, Poster};
use crate::alert::{Bulletin, Channel, Draft, Form, Notice, Receipt, SendError, TRIAL};
use crate::moment::{Clock, Moment};
use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// A trial ends by itself this soon.
const TRIAL_LASTS: Duration = Duration::from_secs(60);
/// The label `severity` for each of ours, the worst first.
const SEVERITIES: [(&str, &str); 3] = [("P1", "critical"), ("P2", "warning"), ("P3", "info")];

/// How an Alertmanager lets one in.
#[derive(Debug, Clone)]
pub enum AlertmanagerSignIn {
    /// By a name and a password.
    Basic(String, Secret),
    /// By a token.
    Bearer(Secret),
}

/// An Alertmanager.
#[derive(Debug, Clone)]
pub struct AlertmanagerServer {
    /// Where it is; what stands before `/api/v2` in its address.
    pub url: Url,
    /// How it lets one in, where it wants that.
    pub sign_in: Option<AlertmanagerSignIn>,
    /// An alert that is not told again ends by itself after this: longer than reminders are apart.
    pub lasts: Duration,
}

/// A channel to an Alertmanager.
pub struct Alertmanager {
    name: String,
    url: Url,
    authorization: Option<String>,
    lasts: Duration,
    poster: Poster,
}

impl Alertmanager {
    /// A channel of this `name` to `server`.
    pub fn new(
        name: impl Into<String>,
        server: &AlertmanagerServer,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AddressError> {
        safe(&server.url, &server.url.origin().ascii_serialization())?;
        let url = below(&server.url, "api/v2/alerts");
        let sign_in = server.sign_in.as_ref().map(|sign_in| match sign_in {
            AlertmanagerSignIn::Basic(user, password) => {
                (password, format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.expose()))))
            }
            AlertmanagerSignIn::Bearer(token) => (token, format!("Bearer {}", token.expose())),
        });
        let secrets: Vec<Secret> = sign_in
            .iter()
            .flat_map(|(secret, header)| [(*secret).clone(), Secret::new(secret.name(), header.as_str())])
            .collect();
        let poster = Poster::new(&url, &secrets, clock)?;
        let authorization = sign_in.map(|(_, header)| header);
        Ok(Self { name: name.into(), url, authorization, lasts: server.lasts, poster })
    }

    fn letter(&self, notice: &Notice) -> Result<Letter, SendError> {
        let bulletin: Bulletin = serde_json::from_str(&notice.bulletin)
            .map_err(|e| SendError::refused(format!("this notice holds no incident that could be an alert: {e}")))?;
        let body = Body::Json(Value::from(self.alerts(notice, &bulletin)).to_string());
        let headers = self.authorization.iter().map(|value| ("authorization", value.clone())).collect();
        Ok(Letter { url: self.url.clone(), headers, body })
    }

    /// The alert; where it became worse or is over, the end of what it was while it was less bad, too: severity is a label,
    /// and labels are what an alert is.
    fn alerts(&self, notice: &Notice, bulletin: &Bulletin) -> Vec<Value> {
        let now = self.poster.now();
        let over = bulletin.state == "recovered" || matches!(bulletin.reason(), "recovered" | "set-aside");
        let began = bulletin.opened.as_ref().unwrap_or(&bulletin.first_seen);
        let began = began.parse().map_or(now, |at: jiff::Timestamp| Moment::from_millis(at.as_millisecond()));
        // An alert that ends before it began is refused, and one of the future does not fire.
        let (began, lasts) = (began.min(now), if bulletin.reason() == TRIAL { TRIAL_LASTS } else { self.lasts });
        let alert = |word: &str, ends: Moment| {
            let mut alert = json!({
                "labels": labels(bulletin, word),
                "annotations": annotations(notice, bulletin),
                "startsAt": began.to_string(),
                "endsAt": ends.to_string(),
            });
            if let Some(page) = &bulletin.console_url {
                alert["generatorURL"] = json!(page);
            }
            alert
        };
        let ends = over || bulletin.reason() == "worsened";
        let known = SEVERITIES.iter().skip_while(|(own, _)| *own != bulletin.severity);
        let known = known.take(if ends { SEVERITIES.len() } else { 1 });
        let known = known.map(|(own, word)| {
            let fires = !over && *own == bulletin.severity;
            alert(word, if fires { now.after(lasts) } else { now })
        });
        known.collect()
    }
}

#[async_trait::async_trait]
impl Channel for Alertmanager {
    fn name(&self) -> &str {
        &self.name
    }

    async fn send(&self, notice: &Notice) -> Result<Receipt, SendError> {
        let answer = self.poster.post(self.letter(notice)?).await?;
        self.poster.settle(&answer, judged(&answer))
    }

    fn drafts(&self, notice: &Notice) -> Result<Vec<Draft>, SendError> {
        Ok(vec![self.poster.draft(&self.letter(notice)?)])
    }

    /// Each incident is an alert of its own there, open until it is told that it is over.
    fn gathers(&self) -> bool {
        false
    }
}

/// What an alert is known by: nothing in here changes while an incident lasts, except for its severity. The robot's own
/// trouble moves from journey to journey.
fn labels(bulletin: &Bulletin, severity: &str) -> Map<String, Value> {
    let place = [("app", bulletin.app.as_str()), ("journey", &bulletin.journey)];
    let known = [
        ("alertname", "GengfuIncident"),
        ("detector", &bulletin.detector),
        ("incident", &bulletin.incident_id),
        ("kind", &bulletin.kind),
        ("severity", severity),
    ];
    let placed = place.into_iter().filter(|_| bulletin.kind == "app");
    let all = known.into_iter().chain(placed).filter(|(_, value)| !value.is_empty());
    all.map(|(name, value)| (name.to_owned(), json!(value))).collect()
}

/// Alertmanager hands them on to any chat or mail, whose markup nobody knows here.
fn annotations(notice: &Notice, bulletin: &Bulletin) -> Map<String, Value> {
    let brief = brief_of(&notice.words);
    let mut told = Map::new();
    let mut tell = |name: &str, text: String| drop(told.insert(name.to_owned(), json!(text)));
    tell("summary", widened(&notice.words.subject));
    let lines = brief.facts.iter().filter(|fact| fact.form != Form::Command);
    let lines = lines.map(|fact| match fact.label.as_str() {
        "" => widened(&fact.value),
        label => format!("{label}: {}", widened(&fact.value)),
    });
    tell("description", lines.collect::<Vec<_>>().join("\n"));
    tell("priority", bulletin.severity.clone());
    if let Some(owner) = &bulletin.owner {
        tell("owner", owner.clone());
    }
    tell("replay", bulletin.replay.clone());
    if let Some(page) = &bulletin.console_url {
        tell("console_url", page.clone());
    }
    told
}

fn judged(answer: &Answer) -> Result<(), Fault> {
    let said = answer.text.trim();
    // It accepts without a word; a page of a proxy's has many.
    if answer.status.as_u16() == 200 && (said.is_empty() || answer.json().is_some()) {
        return Ok(());
    }
    Err(match answer.status.as_u16() {
        400 => Fault::refused("Alertmanager refuses the alert's shape; this is a defect of gengfu"),
        401 | 403 => {
            Fault::ours("Alertmanager, or a proxy before it, wants another `username:` and `password:`, or `token:`")
        }
        404 => {
            Fault::ours("there is no Alertmanager API v2 at `url:`: write what stands before `/api/v2` in its address")
        }
        _ => answer.by_status(),
    })
}
