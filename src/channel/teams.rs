//! Microsoft Teams by a workflow ("When a Teams webhook request is received"). The address is the key; the workflow's
//! trigger answers 202, and says what is wrong as JSON.

use super::address::{AddressError, safe};
use super::markup::{brief_of, fitted};
use super::post::{Answer, Fault, Letter, Poster};
use crate::alert::{Brief, Channel, Draft, Fact, Form, Notice, Receipt, SendError, SendRate, Tone, defused};
use crate::moment::Clock;
use crate::secret::Secret;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The longest message that was seen to be safe, in bytes; 28 KB is the limit by the book.
const BODY_BYTES_MAX: usize = 21 * 1024;
const RATES: &[SendRate] = &[SendRate { at_most: 4, per: Duration::from_secs(1) }];
/// How long to wait after too many messages, where Teams does not say it.
const THROTTLED: Duration = Duration::from_secs(60);
/// The card's version: the newest that all of Teams shows.
const CARD_VERSION: &str = "1.2";
const WANTED: &str = "a Teams workflow: the whole address that the workflow \"When a Teams webhook request is received\" \
                      shows, beginning with `https://`";

/// A workflow that posts into a chat or channel.
#[derive(Debug, Clone)]
pub struct TeamsWorkflow {
    /// Its whole address; it holds the key.
    pub webhook: Secret,
    /// Who is called: their names, and their sign-in names or ids.
    pub users: Vec<(String, String)>,
}

/// A channel to a Teams chat or channel.
pub struct Teams {
    name: String,
    workflow: TeamsWorkflow,
    url: Url,
    poster: Poster,
}

impl Teams {
    /// A channel of this `name` by `workflow`.
    pub fn new(name: impl Into<String>, workflow: TeamsWorkflow, clock: Arc<dyn Clock>) -> Result<Self, AddressError> {
        let secret = &workflow.webhook;
        let not_one = || AddressError::NotOne { secret: secret.name().to_owned(), wanted: WANTED };
        let url = Url::parse(secret.expose().trim()).map_err(|_| not_one())?;
        if url.host_str().is_none() || url.path().len() < 2 {
            return Err(not_one());
        }
        safe(&url, secret.name())?;
        let values = url.query_pairs().map(|(_, value)| value.into_owned()).filter(|value| value.len() > 16);
        let mut secrets: Vec<Secret> = values.map(|value| Secret::new(secret.name(), value)).collect();
        secrets.push(secret.clone());
        let poster = Poster::new(&url, &secrets, clock)?;
        Ok(Self { name: name.into(), workflow, url, poster })
    }

    fn letter(&self, notice: &Notice) -> Letter {
        let fits = |body: &Value| body.to_string().len() <= BODY_BYTES_MAX;
        let body = fitted(&brief_of(&notice.words), fits, |brief| self.body(&notice.words.subject, brief));
        Letter::json(self.url.clone(), &body)
    }

    fn body(&self, subject: &str, brief: &Brief) -> Value {
        let heading = json!({
            "type": "TextRun", "text": defused(subject), "weight": "Bolder", "size": "Medium", "color": colour(brief.tone),
        });
        let mut body = vec![paragraph(&[heading])];
        let bold = |text: &str| json!({ "type": "TextRun", "text": text, "weight": "Bolder" });
        body.extend(brief.notes.iter().map(|note| paragraph(&[bold(&defused(note))])));
        body.extend(brief.facts.iter().map(|fact| paragraph(&runs(fact))));
        let mut card = json!({
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": CARD_VERSION,
            "msteams": { "width": "full" },
        });
        if brief.tone != Tone::Calm && !self.workflow.users.is_empty() {
            let at: Vec<_> = self.workflow.users.iter().map(|(name, _)| format!("<at>{name}</at>")).collect();
            body.push(json!({ "type": "TextBlock", "text": at.join(" "), "wrap": true }));
            let mention = |(name, id): &(String, String)| json!({ "type": "mention", "text": format!("<at>{name}</at>"), "mentioned": { "id": id, "name": name } });
            card["msteams"]["entities"] = self.workflow.users.iter().map(mention).collect();
        }
        let links = [&brief.page, &brief.picture].into_iter().flatten();
        let actions: Vec<_> =
            links.map(|link| json!({ "type": "Action.OpenUrl", "title": link.label, "url": link.url })).collect();
        (card["body"], card["actions"]) = (json!(body), json!(actions));
        json!({
            "type": "message",
            "attachments": [{
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": null,
                "content": card,
            }],
        })
    }
}

#[async_trait::async_trait]
impl Channel for Teams {
    fn name(&self) -> &str {
        &self.name
    }

    async fn send(&self, notice: &Notice) -> Result<Receipt, SendError> {
        let answer = self.poster.post(self.letter(notice)).await?;
        self.poster.settle(&answer, judged(&answer))
    }

    fn drafts(&self, notice: &Notice) -> Result<Vec<Draft>, SendError> {
        let mut draft = self.poster.draft(&self.letter(notice));
        draft.head[0] = format!("POST ‹{}›", self.workflow.webhook.name());
        Ok(vec![draft])
    }

    fn rates(&self) -> &[SendRate] {
        RATES
    }
}

/// Runs of text: Teams reads no markdown and no mention in them, whatever a page says.
fn paragraph(runs: &[Value]) -> Value {
    json!({ "type": "RichTextBlock", "inlines": runs })
}

fn runs(fact: &Fact) -> Vec<Value> {
    let value = match fact.form {
        Form::Command => json!({ "type": "TextRun", "text": fact.value, "fontType": "Monospace" }),
        _ => json!({ "type": "TextRun", "text": defused(&fact.value) }),
    };
    if fact.label.is_empty() {
        return vec![value];
    }
    vec![json!({ "type": "TextRun", "text": format!("{}  ", fact.label), "isSubtle": true }), value]
}

fn colour(tone: Tone) -> &'static str {
    match tone {
        Tone::Alarm => "Attention",
        Tone::Warning => "Warning",
        Tone::Calm => "Good",
        Tone::Trial => "Accent",
    }
}

fn judged(answer: &Answer) -> Result<(), Fault> {
    let text = answer.text.trim();
    let said = answer.json();
    let code = said.as_ref().and_then(|said| said["error"]["code"].as_str().or_else(|| said["code"].as_str()));
    // Connectors that are retired said failures inside a 200.
    let failed_inside = text.contains("HTTP error") || text.contains("Microsoft Teams endpoint returned");
    if answer.status.is_success() && code.is_none() && !failed_inside && (said.is_some() || text.is_empty()) {
        return Ok(());
    }
    Err(match code.unwrap_or_default() {
        "WorkflowNotFound" => {
            Fault::ours("there is no such workflow any more: make one and put its address into `webhook:`")
        }
        "WorkflowTriggerIsNotEnabled" | "WorkflowDisabled" | "WorkflowIsNotEnabled" => {
            Fault::ours("the workflow is switched off: its owner may have left; switch it on, or make a new one")
        }
        "DirectApiAuthorizationRequired"
        | "OAuthAuthorizationRequired"
        | "AuthorizationFailed"
        | "DirectApiInvalidAuthorizationScheme" => Fault::ours(
            "the workflow does not let it in: its address must hold the signature (`sig=`), and \"Anyone\" must be \
             allowed to trigger it",
        ),
        "InvalidRequestContent" | "TriggerInputSchemaMismatch" | "InvalidJSON" => Fault::refused(
            "the workflow refuses the message's shape: it must begin with \"When a Teams webhook request is received\"",
        ),
        "RequestEntityTooLarge" => Fault::refused("the message is too large for Teams; this is a defect of gengfu"),
        _ if answer.status.as_u16() == 429 || text.contains("HTTP error 429") => {
            Fault::again(Some(answer.after.unwrap_or(THROTTLED)), "too many messages: they are sent later")
        }
        _ if text.contains("HTTP error 413") => {
            Fault::refused("the message is too large for Teams; this is a defect of gengfu")
        }
        "" => answer.by_status(),
        code if answer.status.is_client_error() || answer.status.is_success() => {
            Fault::unknown(answer, code.to_owned())
        }
        _ => answer.by_status(),
    })
}
