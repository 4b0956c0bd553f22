//! `telegram:` — a Telegram bot.

use super::check_base;
use crate::config::mistakes::Mistakes;
use crate::config::value::{Handle, HttpUrl, SecretReference};
use serde_saphyr::Location;

/// A Telegram bot and where it speaks.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telegram {
    /// The bot's token, as BotFather gives it.
    pub token: SecretReference,
    /// The chat: its number, in quotes, or a public channel's `@name`.
    pub chat: Handle,
    /// Who is called when something opens.
    #[serde(default)]
    pub mention: TelegramMention,
    /// Another server than `https://api.telegram.org`: a proxy's, or a Bot API server of one's own.
    pub base: Option<HttpUrl>,
}

/// Who is called in a Telegram chat.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelegramMention {
    /// By their user names, without `@`.
    pub users: Vec<Handle>,
}

impl Telegram {
    pub(super) fn check(&self, at: Location, mistakes: &mut Mistakes) {
        check_base(at, self.base.as_ref(), mistakes);
        let chat = self.chat.as_str();
        let number = chat.strip_prefix('-').unwrap_or(chat);
        let public = chat.strip_prefix('@').is_some_and(|name| !name.is_empty());
        if !public && (number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit())) {
            mistakes.note(at, "not a chat", "write its number in quotes, such as `\"-1001234567890\"`, or `\"@name\"`");
        }
        if let Some(user) = self.mention.users.iter().find(|user| user.as_str().starts_with('@')) {
            mistakes.note(at, &format!("`{user}` begins with `@`"), "write the user name without it");
        }
    }
}
