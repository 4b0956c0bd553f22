//! Slack: an incoming webhook. Its word of acceptance is the body `ok` and nothing else.

use super::address::{AddressError, Robots};
use super::markup::{brief_of, entities, fitted};
use super::post::{Answer, Fault, Letter, Poster};
use crate::alert::{Brief, Channel, Draft, Fact, Form, Notice, Receipt, SendError, SendRate, Tone, defused, one_line};
use crate::moment::Clock;
use crate::secret::Secret;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The longest message that Slack was seen to take, in characters.
const MESSAGE_CHARS_MAX: usize = 13_000;
/// The longest header, in characters.
const HEADER_CHARS_MAX: usize = 150;
/// The longest text of one block, in characters; escaped it may be longer than it was.
const TEXT_CHARS_MAX: usize = 3_000;
/// The most blocks.
const BLOCKS_MAX: usize = 50;
const RATES: &[SendRate] = &[SendRate { at_most: 1, per: Duration::from_secs(1) }];
/// How long to wait after too many messages, where Slack does not say it.
const THROTTLED: Duration = Duration::from_secs(30);

const ROBOTS: Robots = Robots {
    origin: "https://hooks.slack.com",
    wanted: "a Slack webhook: its address as Slack shows it, `https://hooks.slack.com/services/T…/B…/…`, or what stands \
             behind `services/` in it",
    token: |url| {
        let path = url.path().split_once("/services/")?.1.trim_end_matches('/');
        (path.split('/').filter(|part| !part.is_empty()).count() == 3).then(|| path.to_owned())
    },
    url: |base, path| format!("{base}/services/{path}"),
};

/// An incoming webhook of a Slack channel.
#[derive(Debug, Clone)]
pub struct SlackWebhook {
    /// Its address, or what stands behind `services/` in it.
    pub webhook: Secret,
    /// Slack's own ids of those who are called by their names.
    pub users: Vec<String>,
    /// Slack's own ids of user groups that are.
    pub groups: Vec<String>,
    /// Whether everybody in the channel is.
    pub all: bool,
    /// Another server than Slack's own, such as a proxy's.
    pub base: Option<Url>,
}

/// A channel to a Slack channel.
pub struct Slack {
    name: String,
    webhook: SlackWebhook,
    url: Url,
    poster: Poster,
}

impl Slack {
    /// A channel of this `name` by `webhook`.
    pub fn new(name: impl Into<String>, webhook: SlackWebhook, clock: Arc<dyn Clock>) -> Result<Self, AddressError> {
        let found = ROBOTS.find(&webhook.webhook, webhook.base.as_ref())?;
        let poster = Poster::new(&found.url, &found.secrets, clock)?;
        Ok(Self { name: name.into(), webhook, url: found.url, poster })
    }

    fn letter(&self, notice: &Notice) -> Letter {
        let body = fitted(&brief_of(&notice.words), fits, |brief| self.body(&notice.words.subject, brief));
        Letter::json(self.url.clone(), &body)
    }

    fn body(&self, subject: &str, brief: &Brief) -> Value {
        let header = one_line(&defused(subject), HEADER_CHARS_MAX);
        let mut blocks = vec![json!({ "type": "header", "text": plain(&header) })];
        blocks.extend(brief.notes.iter().map(|note| section(&format!("*{}*", escaped(note)))));
        // A text of its own each: what a page says can spoil no other's markup.
        blocks.extend(brief.facts.iter().map(|fact| section(&line(fact))));
        if let Some(link) = &brief.picture {
            blocks.push(section(&format!("<{}|{}>", link.url, entities(&link.label))));
        }
        if brief.tone != Tone::Calm {
            let users = self.webhook.users.iter().map(|user| format!("<@{user}>"));
            let groups = self.webhook.groups.iter().map(|group| format!("<!subteam^{group}>"));
            let all = self.webhook.all.then(|| "<!channel>".to_owned());
            let called: Vec<_> = users.chain(groups).chain(all).collect();
            blocks.extend((!called.is_empty()).then(|| section(&called.join(" "))));
        }
        if let Some(page) = &brief.page {
            let button = json!({ "type": "button", "text": plain(&page.label), "url": page.url });
            blocks.push(json!({ "type": "actions", "elements": [button] }));
        }
        json!({ "text": escaped(subject), "blocks": blocks })
    }
}

#[async_trait::async_trait]
impl Channel for Slack {
    fn name(&self) -> &str {
        &self.name
    }

    async fn send(&self, notice: &Notice) -> Result<Receipt, SendError> {
        let answer = self.poster.post(self.letter(notice)).await?;
        self.poster.settle(&answer, judged(&answer))
    }

    fn drafts(&self, notice: &Notice) -> Result<Vec<Draft>, SendError> {
        Ok(vec![self.poster.draft(&self.letter(notice))])
    }

    fn rates(&self) -> &[SendRate] {
        RATES
    }
}

fn plain(text: &str) -> Value {
    json!({ "type": "plain_text", "text": text, "emoji": false })
}

/// `verbatim`: Slack makes no links or mentions of what looks like some.
fn section(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text, "verbatim": true } })
}

fn line(fact: &Fact) -> String {
    let value = match fact.form {
        Form::Command => format!("`{}`", entities(&fact.value.replace('`', "'"))),
        _ => escaped(&fact.value),
    };
    if fact.label.is_empty() { value } else { format!("*{}*  {value}", fact.label) }
}

/// A page's words in Slack's markup.
fn escaped(text: &str) -> String {
    entities(&defused(text))
}

fn fits(body: &Value) -> bool {
    let blocks = body["blocks"].as_array().map(Vec::as_slice).unwrap_or_default();
    let texts = blocks.iter().filter_map(|block| block["text"]["text"].as_str()).map(|text| text.chars().count());
    let (mut all, mut longest) = (0, 0);
    for chars in texts {
        (all, longest) = (all + chars, longest.max(chars));
    }
    blocks.len() <= BLOCKS_MAX && longest <= TEXT_CHARS_MAX && all <= MESSAGE_CHARS_MAX
}

fn judged(answer: &Answer) -> Result<(), Fault> {
    let text = answer.text.trim();
    let said = answer.json();
    let word = said.as_ref().and_then(|said| said["error"].as_str()).unwrap_or(text);
    Err(match word {
        "ok" if answer.status.is_success() => return Ok(()),
        _ if answer.status.is_success() && said.as_ref().is_some_and(|said| said["ok"] == true) => return Ok(()),
        _ if answer.status.as_u16() == 429 || matches!(word, "rate_limited" | "ratelimited") => {
            Fault::again(Some(answer.after.unwrap_or(THROTTLED)), "more than one message in a second: it is sent later")
        }
        "channel_is_archived" => {
            Fault::gone("the Slack channel is archived: open it again, or make a webhook for another")
        }
        "no_service" | "no_service_id" | "no_active_hooks" => {
            Fault::gone("the webhook was removed or switched off: make a new one in the Slack app's settings")
        }
        "no_team" | "team_disabled" => Fault::gone("there is no such workspace any more"),
        "channel_not_found" => Fault::ours("the webhook's Slack channel is not there any more: make a new webhook"),
        "invalid_token" => Fault::ours("the webhook's token is wrong: copy its address anew"),
        "action_prohibited" | "posting_to_general_channel_denied" => {
            Fault::ours("an administrator of the workspace forbids this webhook to post there")
        }
        "user_not_found" => Fault::refused("one of the ids under `mention:` is nobody's"),
        "invalid_payload"
        | "invalid_blocks"
        | "invalid_blocks_format"
        | "no_text"
        | "too_many_attachments"
        | "msg_blocks_too_long"
        | "missing_text_or_fallback_or_attachments" => {
            Fault::refused("Slack refuses the message's shape or length; this is a defect of gengfu")
        }
        "rollup_error" => Fault::again(answer.after, "Slack failed, and not by our fault"),
        _ => answer.by_status(),
    })
}
