//! Telegram: a bot. Its word of acceptance is `ok: true`; the token is in the address.

use super::address::{AddressError, below, safe};
use super::markup::{brief_of, entities, fitted};
use super::post::{Answer, Body, Fault, Letter, Part, Poster};
use crate::alert::{Brief, Channel, Draft, Fact, Form, Notice, Receipt, SendError, SendRate, Tone, defused};
use crate::evidence::EvidenceKind;
use crate::moment::Clock;
use crate::picture::shrunk;
use crate::secret::Secret;
use serde_json::json;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

const ORIGIN: &str = "https://api.telegram.org";
/// The longest message, in UTF-16 units; markup counts for nothing there, and is counted here.
const TEXT_UNITS_MAX: usize = 4096;
/// The longest caption of a picture, likewise.
const CAPTION_UNITS_MAX: usize = 1024;
/// The largest picture, in bytes.
const PICTURE_BYTES_MAX: usize = 10 << 20;
/// To one group.
const RATES: &[SendRate] =
    &[SendRate { at_most: 1, per: Duration::from_secs(1) }, SendRate { at_most: 20, per: Duration::from_secs(60) }];
/// How long to wait after too many messages, where Telegram does not say it.
const THROTTLED: Duration = Duration::from_secs(30);
const WANTED: &str = "a Telegram bot's token, as BotFather gives it: digits, a colon, and letters and digits";

/// A bot and where it speaks.
#[derive(Debug, Clone)]
pub struct TelegramBot {
    /// Its token.
    pub token: Secret,
    /// The chat: a number, or a public channel's `@name`.
    pub chat: String,
    /// Those who are called, by their user names without `@`.
    pub users: Vec<String>,
    /// Another server than Telegram's own, such as a proxy's or a local Bot API server.
    pub base: Option<Url>,
}

/// A channel to a Telegram chat.
pub struct Telegram {
    name: String,
    bot: TelegramBot,
    /// With the token in it.
    base: Url,
    poster: Poster,
}

impl Telegram {
    /// A channel of this `name` by `bot`.
    pub fn new(name: impl Into<String>, bot: TelegramBot, clock: Arc<dyn Clock>) -> Result<Self, AddressError> {
        let token = bot.token.expose();
        let right = token.split_once(':').is_some_and(|(id, key)| {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            !id.is_empty() && id.chars().all(|c| c.is_ascii_digit()) && key.len() >= 16 && key.chars().all(plain)
        });
        if !right {
            return Err(AddressError::NotOne { secret: bot.token.name().to_owned(), wanted: WANTED });
        }
        let base = bot.base.clone().unwrap_or_else(|| ORIGIN.parse().expect("invariant: a constant address"));
        safe(&base, base.as_str())?;
        let base = below(&base, &format!("bot{token}"));
        let poster = Poster::new(&base, std::slice::from_ref(&bot.token), clock)?;
        Ok(Self { name: name.into(), bot, base, poster })
    }

    fn message(&self, notice: &Notice) -> Letter {
        let text = self.text(notice, TEXT_UNITS_MAX);
        let body = json!({
            "chat_id": self.bot.chat,
            "text": text,
            "parse_mode": "HTML",
            "link_preview_options": { "is_disabled": true },
        });
        Letter::json(below(&self.base, "sendMessage"), &body)
    }

    fn photo(&self, notice: &Notice) -> Option<Letter> {
        let picture = notice.picture.as_ref()?;
        let bytes = match picture.key.kind() {
            EvidenceKind::Png => shrunk(&picture.bytes, PICTURE_BYTES_MAX).ok()??,
            EvidenceKind::Jpeg if picture.bytes.len() <= PICTURE_BYTES_MAX => Cow::Borrowed(picture.bytes.as_slice()),
            _ => return None,
        };
        let text = |name, text: String| Part { name, file: None, bytes: text.into_bytes() };
        let file = Some(("picture", picture.key.kind().media_type()));
        let form = vec![
            text("chat_id", self.bot.chat.clone()),
            text("caption", self.text(notice, CAPTION_UNITS_MAX)),
            text("parse_mode", "HTML".to_owned()),
            Part { name: "photo", file, bytes: bytes.into_owned() },
        ];
        Some(Letter { url: below(&self.base, "sendPhoto"), headers: Vec::new(), body: Body::Form(form) })
    }

    fn text(&self, notice: &Notice, units_max: usize) -> String {
        let fits = |text: &String| text.encode_utf16().count() <= units_max;
        fitted(&brief_of(&notice.words), fits, |brief| self.html(&notice.words.subject, brief))
    }

    fn html(&self, subject: &str, brief: &Brief) -> String {
        let mut lines = vec![format!("<b>{}</b>", escaped(subject))];
        lines.extend(brief.notes.iter().map(|note| format!("<b>{}</b>", escaped(note))));
        lines.extend(brief.facts.iter().map(line));
        let links = [&brief.page, &brief.picture].into_iter().flatten();
        lines.extend(links.map(|link| {
            format!("<a href=\"{}\">{}</a>", entities(&link.url).replace('"', "&quot;"), entities(&link.label))
        }));
        if brief.tone != Tone::Calm && !self.bot.users.is_empty() {
            lines.push(self.bot.users.iter().map(|user| format!("@{user}")).collect::<Vec<_>>().join(" "));
        }
        lines.join("\n")
    }
}

#[async_trait::async_trait]
impl Channel for Telegram {
    fn name(&self) -> &str {
        &self.name
    }

    async fn send(&self, notice: &Notice) -> Result<Receipt, SendError> {
        if let Some(photo) = self.photo(notice) {
            let answer = self.poster.post(photo).await?;
            if !about_the_picture(&answer) {
                return self.poster.settle(&answer, judged(&answer));
            }
            tracing::warn!(
                channel = self.name,
                said = answer.text,
                "a picture was not accepted; the text goes without it"
            );
        }
        let answer = self.poster.post(self.message(notice)).await?;
        self.poster.settle(&answer, judged(&answer))
    }

    fn drafts(&self, notice: &Notice) -> Result<Vec<Draft>, SendError> {
        let letter = self.photo(notice).unwrap_or_else(|| self.message(notice));
        Ok(vec![self.poster.draft(&letter)])
    }

    fn rates(&self) -> &[SendRate] {
        RATES
    }
}

fn line(fact: &Fact) -> String {
    let value = match fact.form {
        Form::Command => format!("<code>{}</code>", entities(&fact.value)),
        Form::Code => format!("<code>{}</code>", escaped(&fact.value)),
        Form::Prose => escaped(&fact.value),
    };
    if fact.label.is_empty() { value } else { format!("<i>{}</i>  {value}", entities(&fact.label)) }
}

/// A page's words in Telegram's HTML.
fn escaped(text: &str) -> String {
    entities(&defused(text))
}

/// A refusal of the picture, not of the notice.
fn about_the_picture(answer: &Answer) -> bool {
    let text = answer.text.to_uppercase();
    answer.status.as_u16() == 413
        || answer.status.as_u16() == 400
            && ["PHOTO_", "IMAGE_PROCESS_FAILED", "CAPTION IS TOO LONG", "NOT ENOUGH RIGHTS TO SEND PHOTOS"]
                .iter()
                .any(|part| text.contains(part))
}

fn judged(answer: &Answer) -> Result<(), Fault> {
    let Some(said) = answer.json().filter(|said| said["ok"].is_boolean()) else { return Err(answer.by_status()) };
    if answer.status.is_success() && said["ok"] == true {
        return Ok(());
    }
    let text = said["description"].as_str().unwrap_or_default().to_lowercase();
    let has = |part: &str| text.contains(part);
    Err(match said["error_code"].as_i64().unwrap_or_default() {
        429 => {
            let after = said["parameters"]["retry_after"].as_u64().map(Duration::from_secs).or(answer.after);
            Fault::again(Some(after.unwrap_or(THROTTLED)), "too many messages: they are sent later")
        }
        401 | 404 => Fault::ours("no bot has this token: ask BotFather for it anew"),
        403 => Fault::ours("the bot was removed from the chat, or blocked there: add it again"),
        400 if has("upgraded to a supergroup") => {
            let to = said["parameters"]["migrate_to_chat_id"].as_i64().unwrap_or_default();
            Fault::ours(format!("the group has become a supergroup: write `chat: \"{to}\"`"))
        }
        400 if has("chat not found") => Fault::ours("there is no such chat, or the bot is not in it: correct `chat:`"),
        400 if has("not enough rights") || has("have no rights") || has("administrator rights") => {
            Fault::ours("the bot may not write in this chat: give it the right")
        }
        400 => Fault::refused("Telegram refuses the message's shape or length; this is a defect of gengfu"),
        500.. => Fault::again(answer.after, "Telegram failed, and not by our fault"),
        code => Fault::unknown(answer, code),
    })
}
