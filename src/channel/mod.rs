//! Ways to tell people, one file each. A channel is told of as delivered only by its receiver's own word.

mod email;
mod webhook;

pub use email::{Email, EmailError, EmailServer, EmailTls};
pub use webhook::{Webhook, WebhookError, WebhookReceiver};
