//! `channels:` — ways to tell people; one vendor, one file.

mod alertmanager;
mod dingtalk;
mod email;
mod feishu;
mod pagerduty;
mod slack;
mod teams;
mod telegram;
mod webhook;
mod wecom;

pub use alertmanager::Alertmanager;
pub use dingtalk::DingTalk;
pub use email::{Email, EmailTls};
pub use feishu::{Feishu, FeishuApp};
pub use pagerduty::PagerDuty;
pub use slack::Slack;
pub use teams::Teams;
pub use telegram::Telegram;
pub use webhook::Webhook;
pub use wecom::WeCom;

use super::mistakes::Mistakes;
use super::value::{HttpUrl, Lasting};
use serde_saphyr::Location;

/// One way to tell people: exactly one of these.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// By e-mail.
    Email(Email),
    /// By a signed POST, as Standard Webhooks has it.
    Webhook(Webhook),
    /// By a custom robot of a DingTalk group.
    DingTalk(DingTalk),
    /// By a robot of a WeCom group.
    WeCom(WeCom),
    /// By a custom robot of a Feishu or Lark group.
    Feishu(Feishu),
    /// By an incoming webhook of Slack's.
    Slack(Slack),
    /// By a workflow of Microsoft Teams.
    Teams(Teams),
    /// By PagerDuty's Events API v2.
    PagerDuty(PagerDuty),
    /// By an Alertmanager.
    Alertmanager(Alertmanager),
    /// By a Telegram bot.
    Telegram(Telegram),
}

impl Channel {
    /// What kind it is, as people call it.
    pub fn kind(&self) -> &'static str {
        match self {
            Channel::Email(_) => "e-mail",
            Channel::Webhook(_) => "webhook",
            Channel::DingTalk(_) => "DingTalk",
            Channel::WeCom(_) => "WeCom",
            Channel::Feishu(_) => "Feishu",
            Channel::Slack(_) => "Slack",
            Channel::Teams(_) => "Teams",
            Channel::PagerDuty(_) => "PagerDuty",
            Channel::Alertmanager(_) => "Alertmanager",
            Channel::Telegram(_) => "Telegram",
        }
    }

    /// Notes what is wrong with it beyond its shape.
    pub(super) fn check(&self, at: Location, remind_every: Lasting, mistakes: &mut Mistakes) {
        match self {
            Channel::Email(email) => email.check(at, mistakes),
            Channel::Webhook(webhook) => webhook.check(at, mistakes),
            Channel::DingTalk(robot) => check_base(at, robot.base.as_ref(), mistakes),
            Channel::WeCom(robot) => check_base(at, robot.base.as_ref(), mistakes),
            Channel::Feishu(robot) => check_base(at, robot.base.as_ref(), mistakes),
            Channel::Slack(webhook) => check_base(at, webhook.base.as_ref(), mistakes),
            Channel::Teams(workflow) => workflow.check(at, mistakes),
            Channel::PagerDuty(service) => check_base(at, service.base.as_ref(), mistakes),
            Channel::Alertmanager(server) => server.check(at, remind_every, mistakes),
            Channel::Telegram(bot) => bot.check(at, mistakes),
        }
    }
}

/// What stands in place of a vendor's own server.
fn check_base(at: Location, base: Option<&HttpUrl>, mistakes: &mut Mistakes) {
    let Some(base) = base else { return };
    if base.in_the_clear() {
        mistakes.note(
            at,
            "a vendor's server in the clear",
            "`http` is for a receiver on this machine only; write `https://…`",
        );
    }
    if base.0.query().is_some() || base.0.fragment().is_some() {
        mistakes.note(
            at,
            "a `base:` with more than a path",
            "write scheme, host, port and at most a path, such as `https://proxy.bank.example/dingtalk`; the key belongs \
             into its secret",
        );
    }
}
