//! Who may use the console, held against the real server: every route for every kind of visitor, sign-in and its ends,
//! guessing slowed, and nothing secret anywhere in the clear.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

#[path = "doors/again.rs"]
mod again;
#[path = "doors/anew.rs"]
mod anew;
#[path = "doors/canary.rs"]
mod canary;
#[path = "doors/deeds.rs"]
mod deeds;
#[path = "doors/house.rs"]
pub mod house;
#[path = "doors/leavers.rs"]
mod leavers;
#[path = "doors/live.rs"]
mod live;
#[path = "doors/maintenance.rs"]
mod maintenance;
#[path = "doors/matrix.rs"]
mod matrix;
#[path = "doors/people.rs"]
mod people;
#[path = "doors/provider.rs"]
mod provider;
#[path = "doors/sessions.rs"]
mod sessions;
#[path = "doors/stand_in.rs"]
mod stand_in;
#[path = "doors/tries.rs"]
mod tries;
