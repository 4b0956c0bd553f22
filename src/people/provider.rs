//! Another system that says who somebody is (OpenID Connect): what it says of them, and what follows of that here.

use super::person::Person;
use super::role::Role;
use crate::moment::Moment;
use async_trait::async_trait;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;
use url::Url;

/// The longest name of somebody at a provider, in bytes.
pub const SUBJECT_BYTES_MAX: usize = 255;
/// Which role of several groups holds: the first of these.
const ROLES: [Role; 6] =
    [Role::Administrator, Role::Approver, Role::Author, Role::Operator, Role::Auditor, Role::Viewer];

/// Who somebody is at a provider. Addresses and names are given away anew; this is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// Their name there, which no person reads.
    pub subject: String,
}

/// What a provider says of who has just signed in there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// Who they are.
    pub identity: Identity,
    /// What they would be called here.
    pub name: Option<String>,
    /// Their address, where the provider has seen that it is theirs.
    pub email: Option<String>,
    /// The groups they are in; `None` where it does not say. That is not the same as none: some leave them out when there
    /// are many.
    pub groups: Option<BTreeSet<String>>,
    /// How they proved who they are (`amr`).
    pub methods: BTreeSet<String>,
    /// How well (`acr`).
    pub class: Option<String>,
    /// When (`auth_time`), where they were to prove it anew.
    pub anew: Option<Moment>,
}

/// What is done with somebody the provider knows and the console does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strangers {
    /// They do not come in before an administrator has said who they are.
    #[default]
    Refused,
    /// They get an account, with the role of their groups.
    Admitted,
}

/// Who asks for a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecondBy {
    /// The console, of those who have switched one on here.
    #[default]
    Ours,
    /// The provider alone.
    Provider,
}

/// What is made of what a provider says.
#[derive(Debug, Clone)]
pub struct ProviderRules {
    /// The role of each group. Without any, the provider says nothing of roles.
    pub roles: BTreeMap<String, Role>,
    /// Whose addresses may come in, in small letters; everybody's where none is named.
    pub email_domains: Vec<String>,
    /// What is done with strangers.
    pub strangers: Strangers,
    /// Who asks for a second factor.
    pub second: SecondBy,
    /// One of these must have been used to prove who they are; anything where none is named.
    pub methods: Vec<String>,
    /// How well it must have been proven is one of these; anyhow where none is named.
    pub classes: Vec<String>,
    /// How long after it last vouched for somebody their tokens are taken.
    pub tokens_live: Duration,
}

impl Default for ProviderRules {
    fn default() -> Self {
        Self {
            roles: BTreeMap::new(),
            email_domains: Vec::new(),
            strangers: Strangers::default(),
            second: SecondBy::default(),
            methods: Vec::new(),
            classes: Vec::new(),
            tokens_live: Duration::from_secs(30 * 86_400),
        }
    }
}

/// Why what a provider says lets nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotVouched {
    /// No address that was seen to be theirs is of a domain that may come in.
    Domain,
    /// They did not prove well enough who they are.
    Weak,
    /// No group of theirs has a role here.
    Group,
    /// Nothing was said of their groups: what they may do here stays as it is, but they do not come in.
    Silent,
}

impl ProviderRules {
    /// The role that their groups have now; `None` where the provider says nothing of roles.
    ///
    /// # Errors
    /// When they may not come in.
    pub fn role(&self, vouched: &Vouched) -> Result<Option<Role>, NotVouched> {
        let domain = vouched.email.as_deref().and_then(|email| email.rsplit_once('@')).map(|(_, d)| d.to_lowercase());
        if !self.email_domains.is_empty() && !domain.is_some_and(|domain| self.email_domains.contains(&domain)) {
            return Err(NotVouched::Domain);
        }
        let method = self.methods.is_empty() || self.methods.iter().any(|method| vouched.methods.contains(method));
        let class = self.classes.is_empty() || vouched.class.as_ref().is_some_and(|class| self.classes.contains(class));
        if !method || !class {
            return Err(NotVouched::Weak);
        }
        if self.roles.is_empty() {
            return Ok(None);
        }
        let groups = vouched.groups.as_ref().ok_or(NotVouched::Silent)?;
        let theirs: BTreeSet<Role> = groups.iter().filter_map(|group| self.roles.get(group).copied()).collect();
        ROLES.into_iter().find(|role| theirs.contains(role)).map(Some).ok_or(NotVouched::Group)
    }

    /// Whether tokens of `person` are taken at `now`: of who is somebody at the provider, while its last word is young. It
    /// says nothing of who has left; they do not come again, and that is all there is to see.
    pub fn takes_tokens(&self, person: &Person, now: Moment) -> bool {
        person.bond.is_none_or(|bond| now < bond.holds_until(self.tokens_live))
    }

    /// Whether a password of `person` is taken: not of who is somebody at the provider, unless an administrator says so.
    pub fn takes_password(&self, person: &Person) -> bool {
        person.bond.is_none_or(|bond| bond.password_too)
    }
}

/// The chance in one way to a provider and back. `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Passage {
    /// Comes back in the address: the way back is of this browser.
    pub state: String,
    /// Comes back in what the provider signs: it was made for this way.
    pub nonce: String,
    /// Shown to the provider by the console alone: a code that somebody else got hold of is worth nothing (PKCE).
    pub verifier: String,
    /// Since when they are to prove who they are anew, whether or not they are signed in there; `None` where that is all one.
    pub anew: Option<Moment>,
}

impl fmt::Debug for Passage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹passage›")
    }
}

/// Why a provider vouches for nobody. Nothing in it is secret, or comes from whoever asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderTrouble {
    /// It does not answer, or not so that it can be understood.
    #[error("the sign-in provider {0}")]
    Down(String),
    /// It did not have them prove anew who they are, or does not say so.
    #[error("the ID token does not say that they signed in anew (`auth_time`)")]
    Stale,
    /// It answers, and what it says is not to be believed, or is a no.
    #[error("{0}")]
    Refused(String),
}

/// A system that says who somebody is.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Where a browser is led to; it comes back to `back`.
    async fn address(&self, passage: &Passage, back: &Url, now: Moment) -> Result<Url, ProviderTrouble>;
    /// Who has signed in there: what the `code` that came back stands for.
    async fn vouch(&self, code: &str, passage: &Passage, back: &Url, now: Moment) -> Result<Vouched, ProviderTrouble>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_provider_says_decides() {
        let rules = ProviderRules {
            roles: BTreeMap::from([("ops".into(), Role::Operator), ("risk".into(), Role::Approver)]),
            email_domains: vec!["bank.example".into()],
            methods: vec!["mfa".into(), "otp".into()],
            classes: vec!["gold".into()],
            ..ProviderRules::default()
        };
        let said = |email: Option<&str>, groups: Option<&[&str]>, methods: &[&str], class: &str, expected| {
            let vouched = Vouched {
                identity: Identity { issuer: "https://sso".into(), subject: "1".into() },
                name: None,
                email: email.map(str::to_owned),
                groups: groups.map(|all| all.iter().map(|&g| g.to_owned()).collect()),
                methods: methods.iter().map(|&m| m.to_owned()).collect(),
                class: Some(class.to_owned()),
                anew: None,
            };
            assert_eq!(rules.role(&vouched), expected, "{email:?} {groups:?} {methods:?} {class}");
        };
        let mail = Some("w@Bank.Example");
        let check = |email, groups: &[&str], methods: &[&str], class: &str, expected| {
            said(email, Some(groups), methods, class, expected);
        };
        said(mail, None, &["otp"], "gold", Err(NotVouched::Silent));
        check(mail, &["ops"], &["pwd", "mfa"], "gold", Ok(Some(Role::Operator)));
        check(mail, &["ops", "risk", "else"], &["otp"], "gold", Ok(Some(Role::Approver)));
        check(mail, &["else"], &["otp"], "gold", Err(NotVouched::Group));
        check(mail, &[], &["otp"], "gold", Err(NotVouched::Group));
        check(mail, &["ops"], &["pwd"], "gold", Err(NotVouched::Weak));
        check(mail, &["ops"], &["otp"], "silver", Err(NotVouched::Weak));
        check(None, &["ops"], &["otp"], "gold", Err(NotVouched::Domain));
        for email in ["w@evil.example", "w@bank.example.evil.test", "bank.example", "w@bank.example@evil.test"] {
            check(Some(email), &["ops"], &["otp"], "gold", Err(NotVouched::Domain));
        }
    }

    #[test]
    fn a_passage_shows_itself_to_nobody() {
        let passage = Passage { state: "s3cret".into(), nonce: "n".into(), verifier: "v".into(), anew: None };
        assert_eq!(format!("{passage:?}"), "‹passage›");
    }
}
