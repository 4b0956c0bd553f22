//! Systems of tickets, one vendor a file. What a page made an incident say is data to each: it is put where the vendor reads
//! no markup, or escaped for the one it reads.

mod call;
mod jira;
mod servicenow;
mod webhook;
mod zentao;

pub use jira::{Jira, JiraEdition, JiraProject, JiraSignIn};
pub use servicenow::{ServiceNow, ServiceNowInstance};
pub use webhook::{TicketHook, TicketWebhook};
pub use zentao::{ZenTao, ZenTaoProduct};
