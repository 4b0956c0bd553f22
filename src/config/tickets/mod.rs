//! `tickets:` — systems of tickets that incidents are handed on to; one of the vendors each.

pub(super) mod mapping;

use super::mistakes::Mistakes;
use super::value::{Handle, HttpUrl, Lasting, SecretReference, Slug};
use super::{App, Channel, Owner};
use crate::finding::Severity;
use crate::ticket::{EarlyClosing, Mapping, Meaning, Rule};
use serde_saphyr::{Location, Spanned};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// How often a status may be asked for at most.
const POLL_EVERY_LEAST: Duration = Duration::from_secs(30);

/// A system of tickets, and which incidents have one there.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tickets {
    /// A project of a Jira.
    pub jira: Option<Jira>,
    /// Event management of a ServiceNow.
    pub servicenow: Option<ServiceNow>,
    /// A product of a ZenTao.
    pub zentao: Option<ZenTao>,
    /// A system of one's own, told by signed POSTs, that calls back the same way.
    pub webhook: Option<TicketHook>,
    /// Only of these severities; all where none is named.
    #[serde(default)]
    pub severities: Vec<SeverityName>,
    /// Only of these apps; all where none is named.
    #[serde(default)]
    pub apps: Vec<Slug>,
    /// Only of these owners; all where none is named.
    #[serde(default)]
    pub owners: Vec<Slug>,
    /// The file that says what the system's own words mean, and what fields are filled with.
    pub mapping: Option<PathBuf>,
    /// How often a ticket's status is asked for: 30 s or more.
    #[serde(default = "five_minutes")]
    pub poll_every: Lasting,
    /// A ticket that ended within this is opened again for the same trouble.
    #[serde(default = "a_month")]
    pub reopen_within: Lasting,
    /// What becomes of a ticket that a person closed while the fault lasts.
    #[serde(default)]
    pub closed_early: ClosedEarly,
    /// Whether the system's word that something stays as it is counts as an approver's.
    #[serde(default)]
    pub wont_fix: WontFix,
    /// What `mapping` holds.
    #[serde(skip)]
    pub(super) read: Option<Mapping>,
}

/// A project of a Jira: of Jira Cloud with `user`, of Jira Data Center without.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jira {
    /// Where it is: `https://bank.atlassian.net`.
    pub url: HttpUrl,
    /// The project's key.
    pub project: Handle,
    /// What tickets are there.
    #[serde(default = "bug")]
    pub issue_type: String,
    /// Of Jira Cloud: the address that the API token belongs to.
    pub user: Option<Handle>,
    /// The API token of Jira Cloud, or the personal access token of Jira Data Center.
    pub token: SecretReference,
}

/// Event management of a ServiceNow.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceNow {
    /// Where it is: `https://bank.service-now.com`.
    pub url: HttpUrl,
    /// Who signs in: with the role evt_mgmt_integration, and evt_mgmt_user to read how alerts stand.
    pub username: Handle,
    /// Their password.
    pub password: SecretReference,
}

/// A product of a ZenTao.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZenTao {
    /// Where it is: what stands before `/api.php`.
    pub url: HttpUrl,
    /// Who signs in.
    pub account: Handle,
    /// Their password.
    pub password: SecretReference,
    /// The product's number.
    pub product: u32,
    /// The build that bugs are of.
    #[serde(default = "trunk")]
    pub build: Handle,
}

/// A system of one's own.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TicketHook {
    /// Where to.
    pub url: HttpUrl,
    /// The signing key, both ways: `whsec_` and at least 24 bytes in base64.
    pub secret: SecretReference,
    /// The key before it, while the other side changes over.
    pub old_secret: Option<SecretReference>,
}

/// A severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
pub enum SeverityName {
    /// Customers cannot do business, or see wrong money.
    P1,
    /// A part does not work.
    P2,
    /// It can wait.
    P3,
}

/// What becomes of a ticket that a person closed while the fault lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClosedEarly {
    /// A comment says so, once.
    #[default]
    Comment,
    /// It is opened again, once.
    Reopen,
}

/// What a ticket's word that something stays as it is counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WontFix {
    /// A note asks an approver.
    #[default]
    Ask,
    /// Whoever says so there was allowed to.
    Approved,
}

fn five_minutes() -> Lasting {
    Lasting::seconds(300)
}

fn a_month() -> Lasting {
    Lasting::seconds(30 * 86_400)
}

fn bug() -> String {
    "Bug".to_owned()
}

fn trunk() -> Handle {
    Handle::try_from("trunk".to_owned()).expect("invariant: a constant name")
}

impl From<SeverityName> for Severity {
    fn from(name: SeverityName) -> Self {
        match name {
            SeverityName::P1 => Severity::P1,
            SeverityName::P2 => Severity::P2,
            SeverityName::P3 => Severity::P3,
        }
    }
}

impl Tickets {
    /// What kind it is, as people call it.
    pub fn kind(&self) -> &'static str {
        match (&self.jira, &self.servicenow, &self.zentao) {
            (Some(_), ..) => "Jira",
            (_, Some(_), _) => "ServiceNow",
            (.., Some(_)) => "ZenTao",
            _ => "webhook",
        }
    }

    /// As the keeper is told.
    pub fn rule(&self) -> Rule {
        let named = |names: &[Slug]| names.iter().map(ToString::to_string).collect();
        Rule {
            severities: self.severities.iter().map(|name| Severity::from(*name)).collect(),
            apps: named(&self.apps),
            owners: named(&self.owners),
            mapping: self.read.clone().unwrap_or_else(|| self.usual()),
            poll_every: self.poll_every.0,
            reopen_within: self.reopen_within.0,
            closed_early: match self.closed_early {
                ClosedEarly::Comment => EarlyClosing::Comment,
                ClosedEarly::Reopen => EarlyClosing::Reopen,
            },
            approves: self.wont_fix == WontFix::Approved,
        }
    }

    /// What the vendor's own words mean where nothing else is said.
    fn usual(&self) -> Mapping {
        let words = |words: &[(&str, Meaning)]| words.iter().map(|(w, m)| ((*w).to_owned(), *m)).collect();
        let jira = [("won't fix", Meaning::WontFix), ("won't do", Meaning::WontFix), ("duplicate", Meaning::Nothing)];
        let zentao = [
            ("willnotfix", Meaning::WontFix),
            ("bydesign", Meaning::WontFix),
            ("duplicate", Meaning::Nothing),
            ("postponed", Meaning::Nothing),
        ];
        let resolutions: &[_] = if self.jira.is_some() { &jira } else { &zentao };
        let moves = self.jira.is_none().then(|| "usual".to_owned());
        Mapping {
            states: words(&[("acknowledged", Meaning::Acknowledged)]),
            resolutions: words(resolutions),
            // Jira's workflows are everybody's own: what ends a ticket there has to be said.
            resolve: moves.clone(),
            reopen: moves,
            ..Mapping::default()
        }
    }

    fn urls(&self) -> Vec<&HttpUrl> {
        let Self { jira, servicenow, zentao, webhook, .. } = self;
        let all = [
            jira.as_ref().map(|it| &it.url),
            servicenow.as_ref().map(|it| &it.url),
            zentao.as_ref().map(|it| &it.url),
            webhook.as_ref().map(|it| &it.url),
        ];
        all.into_iter().flatten().collect()
    }
}

/// Notes what is wrong with the systems beyond their shape.
pub(super) fn check(
    systems: &BTreeMap<Slug, Spanned<Tickets>>,
    apps: &BTreeMap<Slug, App>,
    owners: &BTreeMap<Slug, Spanned<Owner>>,
    channels: &BTreeMap<Slug, Spanned<Channel>>,
    mistakes: &mut Mistakes,
) {
    for (name, tickets) in systems {
        let (at, tickets) = (tickets.referenced, &tickets.value);
        let urls = tickets.urls();
        if urls.len() != 1 {
            mistakes.note(
                at,
                &format!("`{name}` names {} systems of tickets", urls.len()),
                "write exactly one of `jira:`, `servicenow:`, `zentao:` and `webhook:`",
            );
        }
        if urls.iter().any(|url| url.in_the_clear()) {
            let help = "`http` is for a system on this machine only; write `https://…`";
            mistakes.note(at, "tickets in the clear", help);
        }
        if channels.contains_key(name) {
            let help = "a command names either of them: call one of them otherwise";
            mistakes.note(at, &format!("a channel is named `{name}`, too"), help);
        }
        if tickets.poll_every.0 < POLL_EVERY_LEAST {
            mistakes.note(at, "a status asked for too often", "`poll_every` is 30 s or more; 5 minutes are usual");
        }
        known(at, "app", &tickets.apps, |app| apps.contains_key(app), mistakes);
        known(at, "owner", &tickets.owners, |owner| owners.contains_key(owner), mistakes);
    }
}

fn known(at: Location, kind: &str, names: &[Slug], is: impl Fn(&Slug) -> bool, mistakes: &mut Mistakes) {
    for name in names.iter().filter(|name| !is(name)) {
        let help = format!("no ticket would ever be made for it: name one of `{kind}s:`");
        mistakes.note(at, &format!("no {kind} is named `{name}`"), &help);
    }
}
