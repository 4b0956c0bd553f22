//! Whom to tell, when, and why; and the engine that delivers from the outbox.
//!
//! `decide` says with a reason whether a change is told. What is told goes into the outbox in the same
//! transaction as the change; `deliver` sends it and records that only after the receiver accepted. A crash
//! in between repeats the notice under the same name, so that receivers can drop the second.
//!
//! What waits for one receiver becomes one message (`gather`), at most one in `alerts.group_within` and never more than
//! the channel's receiver takes (`bucket`). It tells each incident as it is when it is sent (`digest`).

mod book;
mod bucket;
mod bulletin;
mod decide;
pub mod deliver;
mod digest;
mod gather;
mod happening;
mod notice;
mod outbox;
mod plan;
mod planned;
mod reason;
mod rota;
mod sample;
mod words;

pub use crate::incident::{Hours, OpenDays};
pub use book::{NoNoticePlace, NoticeBook, NoticePage, NoticePlace, NoticeQuery};
pub use bucket::{Sent, Wish, free_at, longest};
pub use bulletin::{
    BULLETIN_VERSION, Bulletin, BulletinEvidence, BulletinHeadline, BulletinMaintenance, BulletinOdds, Place,
    replay_command,
};
pub use decide::{AlertPolicy, decide, held_open, hushed};
pub use digest::{DIGEST_VERSION, Digest, DigestCounts, DigestOther, render_digest};
pub use gather::{Message, Waiting, message, messages_apart, needless};
pub use happening::{Chapter, Chronicle, Corrected, HAPPENING_VERSION, Happening, HappeningLinks, Verified};
pub use notice::{Channel, Draft, Notice, Picture, Receipt, SendError, SendFailure, SendRate, Words};
pub use outbox::{
    ChannelHealth, DIGEST_REASON, LeasedNotice, NoticeState, Outbox, OutboxRow, Pile, Receiver, Settlement, Taken,
    Taking,
};
pub use plan::{FALLBACK, Plan, Reach, Route, Routes};
pub use planned::{Told, around_windows};
pub use reason::{AlertReason, Quiet};
pub use sample::TRIAL;
pub use words::{Brief, Fact, Form, GAP, Language, Link, Telling, Tone, Voice, defused, one_line, render};
