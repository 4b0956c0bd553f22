//! `accounts:` — pools of test customers. A customer is leased to one walk at a time.

use super::value::{SecretReference, Slug};
use std::collections::BTreeMap;

/// Test customers that are worth the same to a journey.
pub type Pool = Vec<Customer>;

/// One test customer.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// What records call it; the pool's name and a number when absent.
    pub name: Option<Slug>,
    /// What it signs in with; journeys read it as `${account.username}`.
    pub username: String,
    /// Its login password, as `account.password`.
    pub password: Option<SecretReference>,
    /// The password of its trades, as `account.trade_pin`.
    pub trade_pin: Option<SecretReference>,
    /// The base32 secret of its one-time codes, as `account.totp`.
    pub totp: Option<SecretReference>,
    /// More plain fields.
    #[serde(default)]
    pub fields: BTreeMap<Slug, String>,
    /// More secret fields.
    #[serde(default)]
    pub secrets: BTreeMap<Slug, SecretReference>,
}

impl Customer {
    /// Every secret field with its reference.
    pub fn references(&self) -> impl Iterator<Item = (&str, &SecretReference)> {
        let named = [("password", &self.password), ("trade_pin", &self.trade_pin), ("totp", &self.totp)];
        let named = named.into_iter().filter_map(|(name, reference)| Some((name, reference.as_ref()?)));
        named.chain(self.secrets.iter().map(|(name, reference)| (name.as_str(), reference)))
    }

    /// Every plain field.
    pub fn plain(&self) -> impl Iterator<Item = (&str, &str)> {
        let more = self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        std::iter::once(("username", self.username.as_str())).chain(more)
    }
}
