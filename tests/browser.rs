//! Behaviour with real browsers. Needs Chromium and chromedriver.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

#[path = "browser/baseline.rs"]
mod baseline;
#[path = "browser/canary.rs"]
mod canary;
#[path = "browser/console.rs"]
mod console;
#[path = "browser/doors.rs"]
mod doors;
#[path = "browser/double_submit.rs"]
mod double_submit;
#[path = "browser/egress.rs"]
mod egress;
#[path = "browser/egress_wire.rs"]
mod egress_wire;
#[path = "browser/faults.rs"]
mod faults;
#[path = "browser/flaws.rs"]
mod flaws;
#[path = "browser/guard.rs"]
mod guard;
#[path = "browser/guard_tls.rs"]
mod guard_tls;
#[path = "browser/hostile.rs"]
mod hostile;
#[path = "browser/isolation.rs"]
mod isolation;
#[path = "browser/journeys.rs"]
mod journeys;
#[path = "browser/lane.rs"]
mod lane;
#[path = "browser/likeness.rs"]
mod likeness;
#[path = "browser/mask.rs"]
mod mask;
#[path = "browser/memory.rs"]
mod memory;
#[path = "browser/odd.rs"]
mod odd;
#[path = "browser/oracles.rs"]
mod oracles;
#[path = "browser/pictures.rs"]
mod pictures;
#[path = "browser/print.rs"]
mod print;
#[path = "browser/process.rs"]
mod process;
#[path = "browser/rig.rs"]
mod rig;
#[path = "browser/seen.rs"]
mod seen;
#[path = "browser/streams.rs"]
mod streams;
#[path = "browser/walk.rs"]
mod walk;
#[path = "browser/ways.rs"]
mod ways;
#[path = "browser/zoo.rs"]
mod zoo;
