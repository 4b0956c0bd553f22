//! Ways to tell people, one file each. A channel is told of as delivered only by its receiver's own word: HTTP 200 is none.
//!
//! `post` is the one way to HTTP receivers; `markup` keeps a page's words from becoming mentions and links, and messages
//! within their limits. `tracker` holds systems of tickets, which are told and asked.

mod address;
mod alertmanager;
mod dingtalk;
mod email;
mod feishu;
mod markup;
mod pagerduty;
mod post;
mod slack;
mod teams;
mod telegram;
pub mod tracker;
mod webhook;
mod wecom;

pub use address::AddressError;
pub use alertmanager::{Alertmanager, AlertmanagerServer, AlertmanagerSignIn};
pub use dingtalk::{DingTalk, DingTalkRobot};
pub use email::{Email, EmailError, EmailServer, EmailTls};
pub use feishu::{Feishu, FeishuRobot};
pub use pagerduty::{PagerDuty, PagerDutyService};
pub use slack::{Slack, SlackWebhook};
pub use teams::{Teams, TeamsWorkflow};
pub use telegram::{Telegram, TelegramBot};
pub use webhook::{Webhook, WebhookError, WebhookReceiver};
pub use wecom::{WeCom, WeComRobot};
