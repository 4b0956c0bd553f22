//! `control:` — other pages, to tell an app that answers nothing from a robot that reaches nothing.

use super::value::BaseUrl;

/// Where the robot looks when an app answers nothing.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Control {
    /// Pages that have nothing to do with the apps but share the robot's way to them. When none of them answers either, the
    /// way is cut: nothing is said of the app. Without any, an app that answers nothing is blamed.
    pub pages: Vec<BaseUrl>,
}
