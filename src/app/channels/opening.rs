//! From the config's channels to ways of telling people, their secrets resolved.

use crate::alert;
use crate::channel::{
    AddressError, Alertmanager, AlertmanagerServer, AlertmanagerSignIn, DingTalk, DingTalkRobot, Email, EmailError,
    EmailServer, EmailTls, Feishu, FeishuRobot, PagerDuty, PagerDutyService, Slack, SlackWebhook, Teams, TeamsWorkflow,
    Telegram, TelegramBot, WeCom, WeComRobot, Webhook, WebhookError, WebhookReceiver,
};
use crate::config::value::{Handle, HttpUrl, SecretReference};
use crate::config::{self, Channel, Config};
use crate::moment::Clock;
use crate::secret::Secret;
use crate::walk::port::Secrets;
use std::collections::BTreeMap;
use std::sync::Arc;

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
    /// The address of its robot, or its key.
    #[error("channel `{channel}`: {why}")]
    Address {
        /// The channel.
        channel: String,
        /// Why.
        why: AddressError,
    },
}

/// What a secret looks like.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Text,
    SigningKey,
    SlackPath,
    TeamsAddress,
    RoutingKey,
    BotToken,
}

/// Where secrets come from.
#[derive(Clone, Copy)]
pub(in crate::app) enum Keyring<'a> {
    /// From where their references lead.
    Real(&'a dyn Secrets),
    /// From nowhere: of the right shape and nobody's. So a channel can be looked at, and nothing be sent.
    StandIns,
}

fn stand_in(reference: &SecretReference, shape: Shape) -> Secret {
    let value = match shape {
        Shape::Text => "stand-in-for-a-secret",
        Shape::SigningKey => "whsec_c3RhbmQtaW4tZm9yLWEtc2lnbmluZy1rZXktMDA=",
        Shape::SlackPath => "T00000000/B00000000/standinforasecret",
        Shape::TeamsAddress => "https://workflow.example/stand-in-for-a-secret",
        Shape::RoutingKey => "standinforasecret000000000000000",
        Shape::BotToken => "1000000000:stand-in-for-a-secret",
    };
    Secret::new(reference.to_string(), value)
}

/// Every channel of the config, ready to send.
pub(in crate::app) fn open(
    config: &Config,
    secrets: &dyn Secrets,
    clock: &Arc<dyn Clock>,
) -> Result<BTreeMap<String, Arc<dyn alert::Channel>>, ChannelError> {
    let opened = config.channels.iter().map(|(name, channel)| {
        let name = name.to_string();
        open_one(&name, channel, Keyring::Real(secrets), clock).map(|channel| (name, channel))
    });
    opened.collect()
}

/// One channel, ready to send, or with stand-ins for its secrets to be looked at.
pub(in crate::app) fn open_one(
    name: &str,
    channel: &Channel,
    keyring: Keyring<'_>,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn alert::Channel>, ChannelError> {
    let opening = Opening { name, keyring, clock };
    match channel {
        Channel::Email(email) => opening.email(email),
        Channel::Webhook(webhook) => opening.webhook(webhook),
        Channel::DingTalk(robot) => opening.dingtalk(robot),
        Channel::WeCom(robot) => opening.wecom(robot),
        Channel::Feishu(robot) => opening.feishu(robot),
        Channel::Slack(webhook) => opening.slack(webhook),
        Channel::Teams(workflow) => opening.teams(workflow),
        Channel::PagerDuty(service) => opening.pagerduty(service),
        Channel::Alertmanager(server) => opening.alertmanager(server),
        Channel::Telegram(bot) => opening.telegram(bot),
    }
}

/// One channel while it is opened.
struct Opening<'a> {
    name: &'a str,
    keyring: Keyring<'a>,
    clock: &'a Arc<dyn Clock>,
}

type Opened = Result<Arc<dyn alert::Channel>, ChannelError>;

impl Opening<'_> {
    fn secret(&self, reference: &SecretReference, shape: Shape) -> Result<Secret, ChannelError> {
        match self.keyring {
            Keyring::StandIns => Ok(stand_in(reference, shape)),
            Keyring::Real(secrets) => {
                let resolved = secrets.resolve(&reference.to_string());
                resolved.map_err(|said| ChannelError::Secret { channel: self.name.to_owned(), said })
            }
        }
    }

    fn maybe(&self, reference: Option<&SecretReference>) -> Result<Option<Secret>, ChannelError> {
        reference.map(|reference| self.secret(reference, Shape::Text)).transpose()
    }

    fn opened<C: alert::Channel + 'static>(&self, channel: Result<C, AddressError>) -> Opened {
        let channel = channel.map_err(|why| ChannelError::Address { channel: self.name.to_owned(), why })?;
        Ok(Arc::new(channel))
    }

    fn email(&self, email: &config::Email) -> Opened {
        let password = self.maybe(email.password.as_ref())?;
        let server = EmailServer {
            host: email.host.clone(),
            port: email.port,
            tls: match email.tls {
                config::EmailTls::Implicit => EmailTls::Implicit,
                config::EmailTls::Starttls => EmailTls::Starttls,
                config::EmailTls::None => EmailTls::None,
            },
            sign_in: email.username.clone().zip(password),
            from: email.from.clone(),
        };
        let opened = Email::new(self.name, &server);
        Ok(Arc::new(opened.map_err(|why| ChannelError::Email { channel: self.name.to_owned(), why })?))
    }

    fn webhook(&self, webhook: &config::Webhook) -> Opened {
        let keys = [Some(&webhook.secret), webhook.old_secret.as_ref()].into_iter().flatten();
        let keys = keys.map(|key| self.secret(key, Shape::SigningKey)).collect::<Result<_, _>>()?;
        let receiver = WebhookReceiver { url: webhook.url.0.clone(), keys };
        let opened = Webhook::new(self.name, &receiver, self.clock.clone());
        Ok(Arc::new(opened.map_err(|why| ChannelError::Webhook { channel: self.name.to_owned(), why })?))
    }

    fn dingtalk(&self, robot: &config::DingTalk) -> Opened {
        let robot = DingTalkRobot {
            webhook: self.secret(&robot.webhook, Shape::Text)?,
            secret: self.maybe(robot.secret.as_ref())?,
            keyword: robot.keyword.clone(),
            mobiles: texts(&robot.mention.mobiles),
            users: texts(&robot.mention.users),
            all: robot.mention.all,
            base: url(robot.base.as_ref()),
        };
        self.opened(DingTalk::new(self.name, robot, self.clock.clone()))
    }

    fn wecom(&self, robot: &config::WeCom) -> Opened {
        let robot = WeComRobot {
            webhook: self.secret(&robot.webhook, Shape::Text)?,
            users: texts(&robot.mention.users),
            mobiles: texts(&robot.mention.mobiles),
            all: robot.mention.all,
            pictures: robot.pictures,
            base: url(robot.base.as_ref()),
        };
        self.opened(WeCom::new(self.name, robot, self.clock.clone()))
    }

    fn feishu(&self, robot: &config::Feishu) -> Opened {
        let app = |app: &config::FeishuApp| Ok((app.id.to_string(), self.secret(&app.secret, Shape::Text)?));
        let robot = FeishuRobot {
            webhook: self.secret(&robot.webhook, Shape::Text)?,
            secret: self.maybe(robot.secret.as_ref())?,
            keyword: robot.keyword.clone(),
            app: robot.app.as_ref().map(app).transpose()?,
            users: texts(&robot.mention.users),
            all: robot.mention.all,
            base: url(robot.base.as_ref()),
        };
        self.opened(Feishu::new(self.name, robot, self.clock.clone()))
    }

    fn slack(&self, webhook: &config::Slack) -> Opened {
        let webhook = SlackWebhook {
            webhook: self.secret(&webhook.webhook, Shape::SlackPath)?,
            users: texts(&webhook.mention.users),
            groups: texts(&webhook.mention.groups),
            all: webhook.mention.all,
            base: url(webhook.base.as_ref()),
        };
        self.opened(Slack::new(self.name, webhook, self.clock.clone()))
    }

    fn teams(&self, workflow: &config::Teams) -> Opened {
        let users = workflow.mention.users.iter().map(|(name, id)| (name.clone(), id.to_string())).collect();
        let workflow = TeamsWorkflow { webhook: self.secret(&workflow.webhook, Shape::TeamsAddress)?, users };
        self.opened(Teams::new(self.name, workflow, self.clock.clone()))
    }

    fn pagerduty(&self, service: &config::PagerDuty) -> Opened {
        let routing_key = self.secret(&service.routing_key, Shape::RoutingKey)?;
        let service = PagerDutyService { routing_key, base: url(service.base.as_ref()) };
        self.opened(PagerDuty::new(self.name, service, self.clock.clone()))
    }

    fn alertmanager(&self, server: &config::Alertmanager) -> Opened {
        let basic = server.username.clone().zip(self.maybe(server.password.as_ref())?);
        let bearer = self.maybe(server.token.as_ref())?.map(AlertmanagerSignIn::Bearer);
        let sign_in = basic.map(|(user, password)| AlertmanagerSignIn::Basic(user, password)).or(bearer);
        let server = AlertmanagerServer { url: server.url.0.clone(), sign_in, lasts: server.lasts.0 };
        self.opened(Alertmanager::new(self.name, &server, self.clock.clone()))
    }

    fn telegram(&self, bot: &config::Telegram) -> Opened {
        let bot = TelegramBot {
            token: self.secret(&bot.token, Shape::BotToken)?,
            chat: bot.chat.to_string(),
            users: texts(&bot.mention.users),
            base: url(bot.base.as_ref()),
        };
        self.opened(Telegram::new(self.name, bot, self.clock.clone()))
    }
}

fn texts(handles: &[Handle]) -> Vec<String> {
    handles.iter().map(ToString::to_string).collect()
}

fn url(base: Option<&HttpUrl>) -> Option<url::Url> {
    base.map(|base| base.0.clone())
}
