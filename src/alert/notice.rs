//! One message on one channel, and the port to the ways of sending it.

use super::{AlertReason, Brief};
use crate::evidence::EvidenceKey;
use crate::id::{IncidentId, NoticeId};
use crate::moment::Moment;
use std::time::Duration;

/// One message on one channel, rendered and ready.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Its name, the same in every try.
    pub id: NoticeId,
    /// What it is about; `None` when it is a digest of several, and when somebody tries a channel out.
    pub incident: Option<IncidentId>,
    /// Why it is sent.
    pub reason: AlertReason,
    /// Whom it reaches, where the channel needs to know: an e-mail address.
    pub to: Option<String>,
    /// When it was queued; the same in every try.
    pub queued: Moment,
    /// What people read.
    pub words: Words,
    /// What machines read: the incident event as JSON (`incident-event.v1`), of a digest `incident-digest.v1`.
    pub bulletin: String,
    /// The picture that shows it.
    pub picture: Option<Picture>,
}

/// A notice's text, in one form for each kind of reader. Free of control characters where they could do harm.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// One line, no line breaks.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML; shows the picture as `cid:picture`.
    pub html: String,
    /// The same in pieces, for markups of chats; of words that have none, the text's lines stand for it.
    pub brief: Brief,
}

/// A picture that goes with a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its name in the vault.
    pub key: EvidenceKey,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A way to tell people.
#[async_trait::async_trait]
pub trait Channel: Send + Sync {
    /// Its name in the configuration.
    fn name(&self) -> &str;

    /// Sends one notice. `Ok` only when the receiver itself said that it accepted.
    async fn send(&self, notice: &Notice) -> Result<Receipt, SendError>;

    /// What it would send, in the order of sending, for people to look at. Sends nothing.
    fn drafts(&self, notice: &Notice) -> Result<Vec<Draft>, SendError> {
        Ok(vec![Draft { head: vec![notice.words.subject.clone()], body: notice.words.text.clone() }])
    }

    /// How often its receiver takes something; all of them hold. Nothing where the receiver names no limit.
    fn rates(&self) -> &[SendRate] {
        &[]
    }

    /// How many sends `notice` takes of those rates: two where text and picture are messages of their own.
    fn sends(&self, _notice: &Notice) -> u32 {
        1
    }

    /// Whether several incidents may come as one message. A receiver that keeps each of them open until it is told that it
    /// is over wants them apart.
    fn gathers(&self) -> bool {
        true
    }
}

/// Something that would be sent, as people may see it: secrets are named and long data is cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Where it goes and what stands before it: an address, headers.
    pub head: Vec<String>,
    /// What is sent.
    pub body: String,
}

/// A vendor's limit: at most so many sends in any time this long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendRate {
    /// So many sends.
    pub at_most: u32,
    /// In any time this long.
    pub per: Duration,
}

/// The receiver's word of acceptance: an SMTP reply, a status line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt(pub String);

/// Why a notice was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{said}")]
pub struct SendError {
    /// What to do about it.
    pub failure: SendFailure,
    /// What the receiver said, addresses' secrets left out.
    pub said: String,
}

impl SendError {
    /// Worth another try.
    pub fn temporary(said: impl Into<String>) -> Self {
        Self { failure: SendFailure::Temporary { after: None }, said: said.into() }
    }

    /// Not worth another try.
    pub fn refused(said: impl Into<String>) -> Self {
        Self { failure: SendFailure::Refused, said: said.into() }
    }
}

/// What a failed try means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendFailure {
    /// Try again.
    Temporary {
        /// Not before this long, where the receiver said so.
        after: Option<Duration>,
    },
    /// This notice will never be accepted.
    Refused,
    /// The receiver wants nothing any more (410): the channel is out of use until the robot starts anew.
    Gone,
}
