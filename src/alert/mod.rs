//! Whom to tell, when, and why; and the engine that delivers from the outbox.
//!
//! `decide` says with a reason whether a change is told. What is told goes into the outbox in the same
//! transaction as the change; `deliver` sends it and records that only after the receiver accepted. A crash
//! in between repeats the notice under the same name, so that receivers can drop the second.

mod bulletin;
mod decide;
pub mod deliver;
mod notice;
mod outbox;
mod plan;
mod reason;
mod sample;
mod words;

pub use bulletin::{
    BULLETIN_VERSION, Bulletin, BulletinEvidence, BulletinHeadline, BulletinOdds, Place, replay_command,
};
pub use decide::{AlertPolicy, decide};
pub use notice::{Channel, Draft, Notice, Picture, Receipt, SendError, SendFailure, SendRate, Words};
pub use outbox::{ChannelHealth, LeasedNotice, NoticeState, Outbox, OutboxRow, Settlement};
pub use plan::{Plan, Route, Routes};
pub use reason::{AlertReason, Quiet};
pub use sample::TRIAL;
pub use words::{Brief, Fact, Form, Language, Link, Telling, Tone, Voice, one_line, render};
