//! `console: oidc:` — sign-in at another system, by OpenID Connect.

use super::mistakes::Mistakes;
use super::value::{HttpUrl, Lasting, Refused, SecretReference};
use crate::people::{Role, SecondBy, Strangers};
use serde_saphyr::Location;
use std::collections::BTreeMap;

/// A system that says who people are.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// Its name, below which its document is: `https://sso.bank.example/realms/staff`.
    pub issuer: Issuer,
    /// The console's name there.
    pub client_id: String,
    /// The console's secret there; without one it proves itself by PKCE alone.
    pub client_secret: Option<SecretReference>,
    /// What the button says, if not `Sign in with your organisation`.
    pub label: Option<String>,
    /// What is asked for; `openid` always is.
    #[serde(default = "scopes")]
    pub scopes: Vec<String>,
    /// The claim that people are called by.
    #[serde(default = "name_claim")]
    pub name_claim: String,
    /// The claim that names groups.
    #[serde(default = "groups_claim")]
    pub groups_claim: String,
    /// The role of each group; without any, roles are given on the console alone.
    #[serde(default)]
    pub roles: BTreeMap<String, GroupRole>,
    /// Whose e-mail addresses may come in; everybody's where none is named.
    #[serde(default)]
    pub email_domains: Vec<String>,
    /// What is done with people who have no account.
    #[serde(default)]
    pub unknown: Unknown,
    /// Who asks for a second factor.
    #[serde(default)]
    pub second_factor: SecondFactorBy,
    /// Ways to prove who one is, one of which must have been used: `[mfa, otp]`.
    #[serde(default)]
    pub amr: Vec<String>,
    /// Classes of proof, one of which it must have been.
    #[serde(default)]
    pub acr: Vec<String>,
    /// Whether passwords are not taken besides it.
    #[serde(default)]
    pub only: bool,
    /// How long after it last vouched for somebody their tokens are taken.
    #[serde(default = "tokens_live")]
    pub tokens_live: Lasting,
}

/// The name of a sign-in provider: an address, compared letter by letter, its last slash too.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Issuer {
    /// As it is written.
    pub written: String,
    /// What that leads to.
    pub url: HttpUrl,
}

impl TryFrom<String> for Issuer {
    type Error = Refused;
    fn try_from(written: String) -> Result<Self, Refused> {
        let url = HttpUrl::try_from(written.clone())?;
        Ok(Self { written, url })
    }
}

/// What is done with people who have no account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unknown {
    /// An administrator says who they are: `gengfu people join`.
    #[default]
    Refused,
    /// They get one, with the role of their groups.
    Admitted,
}

/// Who asks for a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecondFactorBy {
    /// The console, of those who have switched one on.
    #[default]
    Console,
    /// The system alone.
    Provider,
}

/// A role, by its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct GroupRole(pub Role);

impl TryFrom<String> for GroupRole {
    type Error = Refused;
    fn try_from(word: String) -> Result<Self, Refused> {
        const ROLES: &str = "a role: viewer, operator, author, approver, administrator or auditor";
        Role::named(&word).map(Self).ok_or_else(|| Refused::new(&word, ROLES))
    }
}

impl From<Unknown> for Strangers {
    fn from(unknown: Unknown) -> Self {
        match unknown {
            Unknown::Refused => Strangers::Refused,
            Unknown::Admitted => Strangers::Admitted,
        }
    }
}

impl From<SecondFactorBy> for SecondBy {
    fn from(by: SecondFactorBy) -> Self {
        match by {
            SecondFactorBy::Console => SecondBy::Ours,
            SecondFactorBy::Provider => SecondBy::Provider,
        }
    }
}

fn scopes() -> Vec<String> {
    ["openid", "profile", "email"].map(str::to_owned).to_vec()
}

fn tokens_live() -> Lasting {
    Lasting::seconds(30 * 86_400)
}

fn name_claim() -> String {
    "preferred_username".to_owned()
}

fn groups_claim() -> String {
    "groups".to_owned()
}

impl Oidc {
    /// Notes what would let the wrong people in, or nobody.
    pub(super) fn check(&self, at: Location, mistakes: &mut Mistakes) {
        if self.issuer.url.in_the_clear() {
            let help = "write `https://…`: what it signs is fetched from there, and the client's secret sent to it";
            mistakes.note(at, "the sign-in provider would be asked in the clear", help);
        }
        if self.issuer.url.0.query().is_some() || self.issuer.url.0.fragment().is_some() {
            mistakes.note(at, "an issuer has no `?` and no `#`", "write it as the provider's document has it");
        }
        if self.client_id.trim().is_empty() {
            mistakes.note(at, "`client_id` is empty", "write the name that the provider gave the console");
        }
        if self.unknown == Unknown::Admitted && self.roles.is_empty() {
            let help = "say which groups come in as what, such as `roles: {gengfu-operators: operator}`";
            mistakes.note(at, "everybody the provider knows would come in (`unknown: admitted`)", help);
        }
        if self.second_factor == SecondFactorBy::Provider && self.amr.is_empty() && self.acr.is_empty() {
            let help = "say what the provider must have asked for, such as `amr: [mfa]`, or leave the second factor to the console";
            mistakes.note(at, "nobody would ask for a second factor (`second_factor: provider`)", help);
        }
        let asks_email = self.scopes.iter().any(|scope| scope == "email");
        if !self.email_domains.is_empty() && !asks_email {
            let help = "add `email` to `scopes`; without it the provider names no address, and nobody comes in";
            mistakes.note(at, "`email_domains` without the scope `email`", help);
        }
        if let Some(domain) = self.email_domains.iter().find(|d| d.is_empty() || d.contains('@') || d.starts_with('.'))
        {
            mistakes.note(at, &format!("`{domain}` is no domain"), "write what stands behind the `@`: `bank.example`");
        }
    }
}
