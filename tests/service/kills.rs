//! `gengfu serve` killed in the middle of walks: nothing left behind, no finished walk lost, one incident told once.
//! `ci/bench kills` does the same for 200 walks and 20 kills, and holds the processes to their two seconds.

#![expect(clippy::unwrap_used, reason = "a night that cannot go on should stop where it stands")]

#[path = "../../benches/kills/night.rs"]
pub mod night;

use night::{Night, watch_through};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_that_is_killed_leaves_nothing_and_loses_nothing() {
    let night = Night { walks: 9, kills: 3, seed: 7, every_s: 5, gone_within: Duration::from_secs(60) };
    let told = watch_through(&night, &|_| ()).await;
    assert!(told.wrong.is_empty(), "{}\n{}", told.table(), told.wrong.join("\n"));
}
