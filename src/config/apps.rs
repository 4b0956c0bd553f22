//! `apps:` — where an app is, which hosts belong to it, what must never be sent to it.

use super::guard::Never;
use super::value::{BaseUrl, HostPattern, Zone};
use crate::walk::port::BusinessCode;

/// An app that journeys may name.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// Scheme, host and port.
    pub base: BaseUrl,
    /// Hosts a lane may reach besides the base's own.
    #[serde(default)]
    pub hosts: Vec<HostPattern>,
    /// Requests that never leave a lane.
    #[serde(default)]
    pub never: Vec<Never>,
    /// How the app says in a 200 that a call failed.
    pub business_code: Option<BusinessRule>,
    /// BCP 47 language for journeys that name none.
    #[serde(default = "App::default_locale")]
    pub locale: String,
    /// Time zone of the page for journeys that name none.
    pub timezone: Option<Zone>,
    /// Whether `script` steps are allowed.
    #[serde(default)]
    pub script: bool,
    /// Whether the app's public names may lead to private addresses, as in a company's own name service.
    #[serde(default)]
    pub private_networks: bool,
}

impl App {
    /// An app known only by its base address, as `walk --base` makes one.
    pub fn at(base: BaseUrl) -> Self {
        Self {
            base,
            hosts: Vec::new(),
            never: Vec::new(),
            business_code: None,
            locale: Self::default_locale(),
            timezone: None,
            script: false,
            private_networks: false,
        }
    }

    fn default_locale() -> String {
        "zh-CN".to_owned()
    }
}

/// Where a JSON answer says how a call went.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusinessRule {
    /// The path of the code, such as `$.code`.
    pub code: String,
    /// The path of the message, such as `$.message`.
    #[serde(default = "BusinessRule::default_message")]
    pub message: String,
    /// The codes that mean success.
    pub right: Vec<String>,
}

impl BusinessRule {
    fn default_message() -> String {
        "$.message".to_owned()
    }
}

impl From<&BusinessRule> for BusinessCode {
    fn from(rule: &BusinessRule) -> Self {
        Self { code: rule.code.clone(), message: rule.message.clone(), right: rule.right.clone() }
    }
}
