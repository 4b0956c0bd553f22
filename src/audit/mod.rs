//! What was done, by whom, to what: a log that is only ever added to, and how to find out that it was not.
//!
//! Each entry holds the hash of the one before it, so that an entry cannot be changed, taken out, put in or moved without
//! every later hash changing. Whoever can write the whole log can compute all of them anew; so the robot signs the newest
//! hash from time to time and keeps these checkpoints elsewhere. `verify` holds the one to the other and says what was
//! done, and where. What was written after the last checkpoint is held by the chain alone.

mod checkpoint;
mod detail;
mod entry;
mod key;
mod object;
mod port;
mod report;
pub mod v1;
mod verify;

pub use checkpoint::Checkpoint;
pub use detail::{DETAIL_BYTES_MAX, Detail, Fact};
pub use entry::{Draft, Entry, Hash, Head};
pub use key::{KeyError, PublicKey, SigningKey};
pub use object::{Action, Object, ObjectKind};
pub use port::{Log, LogError, Look, Page, Place};
pub use report::{Report, Standing, Tampering};
pub use verify::{CheckpointLine, Line, Verifier, verify};
