//! A tab above a list.

use serde::Serialize;

/// A tab, with how much is behind it.
#[derive(Serialize)]
pub(super) struct TabView {
    pub href: String,
    pub name: &'static str,
    pub count: String,
    pub chosen: bool,
}
