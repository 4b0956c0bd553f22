//! From the config's channels and owners to ways of telling people, and whom.

use crate::alert::{self, Route, Routes};
use crate::channel::{Email, EmailError, EmailServer, EmailTls, Webhook, WebhookError, WebhookReceiver};
use crate::config::{self, Channel, Config, ReferenceSecrets};
use crate::id::JourneyId;
use crate::moment::Clock;
use crate::walk::port::Secrets as _;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The owner that answers for the robot itself.
const OPERATOR: &str = "operator";
/// The owner that takes what no other does.
const FALLBACK: &str = "default";

/// Why a channel cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// Its secret cannot be had.
    #[error("channel `{channel}`: {said}")]
    Secret {
        /// The channel.
        channel: String,
        /// Why.
        said: String,
    },
    /// Its mail server.
    #[error("channel `{channel}`: {why}")]
    Email {
        /// The channel.
        channel: String,
        /// Why.
        why: EmailError,
    },
    /// Its receiver.
    #[error("channel `{channel}`: {why}")]
    Webhook {
        /// The channel.
        channel: String,
        /// Why.
        why: WebhookError,
    },
}

/// Every channel of the config, ready to send.
pub(super) fn open(
    config: &Config,
    secrets: &ReferenceSecrets,
    clock: &Arc<dyn Clock>,
) -> Result<BTreeMap<String, Arc<dyn alert::Channel>>, ChannelError> {
    let mut channels: BTreeMap<String, Arc<dyn alert::Channel>> = BTreeMap::new();
    for (name, channel) in &config.channels {
        let name = name.to_string();
        let secret = |reference: &config::value::SecretReference| {
            let resolved = secrets.resolve(&reference.to_string());
            resolved.map_err(|said| ChannelError::Secret { channel: name.clone(), said })
        };
        let opened: Arc<dyn alert::Channel> = match channel {
            Channel::Email(email) => {
                let password = email.password.as_ref().map(secret).transpose()?;
                let server = EmailServer {
                    host: email.host.clone(),
                    port: email.port,
                    tls: tls(email.tls),
                    sign_in: email.username.clone().zip(password),
                    from: email.from.clone(),
                };
                let opened = Email::new(&name, &server);
                Arc::new(opened.map_err(|why| ChannelError::Email { channel: name.clone(), why })?)
            }
            Channel::Webhook(webhook) => {
                let keys = [Some(&webhook.secret), webhook.old_secret.as_ref()].into_iter().flatten();
                let keys = keys.map(secret).collect::<Result<_, _>>()?;
                let receiver = WebhookReceiver { url: webhook.url.0.clone(), keys };
                let opened = Webhook::new(&name, &receiver, clock.clone());
                Arc::new(opened.map_err(|why| ChannelError::Webhook { channel: name.clone(), why })?)
            }
        };
        channels.insert(name, opened);
    }
    Ok(channels)
}

/// What nobody will be told, or somebody else than was meant: in words for the operator.
pub(super) fn silence(config: &Config, journeys: &[(JourneyId, Option<String>)]) -> Vec<String> {
    if config.channels.is_empty() {
        return vec!["there are no `channels:` in the config: incidents are filed and nobody is told".to_owned()];
    }
    let known = |owner: &String| config.owners.keys().any(|name| name.as_str() == owner);
    let strangers =
        journeys.iter().filter_map(|(journey, owner)| Some((journey, owner.as_ref().filter(|o| !known(o))?)));
    strangers
        .filter(|_| !config.owners.is_empty())
        .map(|(journey, owner)| {
            format!(
                "the journey `{journey}` is of `{owner}`, whom `owners:` does not name: `{FALLBACK}` is told instead"
            )
        })
        .collect()
}

fn tls(tls: config::EmailTls) -> EmailTls {
    match tls {
        config::EmailTls::Implicit => EmailTls::Implicit,
        config::EmailTls::Starttls => EmailTls::Starttls,
        config::EmailTls::None => EmailTls::None,
    }
}

/// Whom alerts reach. Without owners, every channel hears everything.
pub(super) fn routes(config: &Config) -> Routes {
    let of = |names: &[config::value::Slug]| -> Vec<Route> {
        names.iter().flat_map(|name| routes_of(config, name)).collect()
    };
    let owners: BTreeMap<String, Vec<Route>> =
        config.owners.iter().map(|(name, owner)| (name.to_string(), of(&owner.channels))).collect();
    let everybody = || config.channels.keys().flat_map(|name| routes_of(config, name)).collect();
    Routes {
        fallback: owners.get(FALLBACK).cloned().unwrap_or_else(everybody),
        operator: owners.get(OPERATOR).cloned().unwrap_or_default(),
        owners,
    }
}

fn routes_of(config: &Config, name: &config::value::Slug) -> Vec<Route> {
    let channel = name.to_string();
    match config.channels.get(name) {
        Some(Channel::Email(email)) => {
            email.to.iter().map(|to| Route { channel: channel.clone(), to: Some(to.clone()) }).collect()
        }
        Some(Channel::Webhook(_)) => vec![Route { channel, to: None }],
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;

    #[test]
    fn who_is_told_nothing_is_said_at_the_start() {
        let check = |text: &str, owner: Option<&str>, expected: &[&str]| {
            let config = config::parse(Source { name: "c.yaml".into(), text: text.into() }).unwrap();
            let said = silence(&config, &[("login".parse().unwrap(), owner.map(str::to_owned))]);
            assert_eq!(said.len(), expected.len(), "{said:?}");
            assert!(said.iter().zip(expected).all(|(said, part)| said.contains(part)), "{said:?}");
        };
        let hook = "channels: {hook: {webhook: {url: https://a.test/, secret: env:A}}}\n";
        let owned = format!("{hook}owners: {{default: {{channels: [hook]}}, wealth: {{channels: [hook]}}}}\n");
        check("{}", Some("wealth"), &["nobody is told"]);
        check(hook, Some("wealth"), &[]);
        check(&owned, Some("wealth"), &[]);
        check(&owned, None, &[]);
        check(&owned, Some("welth"), &["is of `welth`"]);
    }
}
