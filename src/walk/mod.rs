//! One execution of a journey: its record, and the engine that makes it.
//!
//! Failure is data: a walk always ends in a `WalkRecord`, and the robot's own trouble is a datum of
//! its own kind (`Outcome::Inconclusive`), never a failure of the app.

mod observation;
pub mod port;
mod promise;
mod record;
pub mod run;
mod totp;
pub mod v1;
mod verdict;

pub use observation::{
    AlikeSeen, Apart, BreachSeen, BrokenImage, BrokenPromise, ConsoleLevel, ConsoleLine, DialogSeen, Exchange,
    ExchangeKind, Flaw, FlawKind, Likeness, LoadingMark, Navigation, Observation, PageLook, Portrait, ScriptError,
    SheetLost, Slowness, TapTrace,
};
pub use promise::{CookieFlag, NoPromise, Promise, Promises};
pub use record::{
    Attempt, Degradation, Environment, Failure, FailureKind, Kept, OraclesHeld, Outcome, Purpose, StepRecord,
    TestCustomer, Trouble, TroubleKind, WalkRecord,
};
pub use verdict::{Attribution, Class, Verdict};
