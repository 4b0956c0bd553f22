//! From the config's systems of tickets to a keeper, and to who takes their calls.

use super::channels::{place, voice};
use crate::channel::tracker::{
    Jira, JiraEdition, JiraProject, JiraSignIn, ServiceNow, ServiceNowInstance, TicketHook, TicketWebhook, ZenTao,
    ZenTaoProduct,
};
use crate::channel::{AddressError, WebhookError};
use crate::config::value::SecretReference;
use crate::config::{Config, Tickets};
use crate::incident::Deeds;
use crate::maintenance::Almanac;
use crate::moment::Clock;
use crate::secret::Secret;
use crate::store::Store;
use crate::ticket::keep::{CallError, KeepLimits, Keeper, Kept};
use crate::ticket::{CallRefused, Signing, TicketCalls, TicketSystem, read_call, verify};
use crate::walk::port::Secrets;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

/// A signing key of the right shape that is nobody's.
const STAND_IN: &str = "whsec_c3RhbmQtaW4tZm9yLWEtc2lnbmluZy1rZXktMDA=";

/// Why a system of tickets cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("tickets `{system}`: {why}")]
pub struct TicketError {
    system: String,
    why: String,
}

/// Where secrets come from: nowhere, for who only looks.
pub(super) type Keys<'a> = Option<&'a dyn Secrets>;

/// A system, ready to be called, and the keys it signs its own calls with.
pub(super) struct Opened {
    pub kept: Kept,
    pub keys: Vec<Vec<u8>>,
}

/// One system, ready, or with stand-ins for its secrets to be looked at.
pub(super) fn open_one(
    name: &str,
    tickets: &Tickets,
    keys: Keys<'_>,
    clock: &Arc<dyn Clock>,
) -> Result<Opened, TicketError> {
    let failed = |why: String| TicketError { system: name.to_owned(), why };
    let secret = |reference: &SecretReference| match keys {
        Some(secrets) => secrets.resolve(&reference.to_string()).map_err(failed),
        None => Ok(Secret::new(reference.to_string(), STAND_IN)),
    };
    let (rule, clock) = (tickets.rule(), clock.clone());
    let address = |error: AddressError| failed(error.to_string());
    let mut signing = Vec::new();
    let system: Arc<dyn TicketSystem> = if let Some(jira) = &tickets.jira {
        let token = secret(&jira.token)?;
        let (edition, sign_in) = match &jira.user {
            Some(user) => (JiraEdition::Cloud, JiraSignIn::Basic(user.to_string(), token)),
            None => (JiraEdition::DataCenter, JiraSignIn::Bearer(token)),
        };
        let (url, project, issue_type) = (jira.url.0.clone(), jira.project.to_string(), jira.issue_type.clone());
        let project = JiraProject { url, edition, sign_in, project, issue_type };
        Arc::new(Jira::new(name, project, rule.clone(), clock).map_err(address)?)
    } else if let Some(it) = &tickets.servicenow {
        let (url, username) = (it.url.0.clone(), it.username.to_string());
        let instance = ServiceNowInstance { url, username, password: secret(&it.password)? };
        Arc::new(ServiceNow::new(name, &instance, rule.clone(), clock).map_err(address)?)
    } else if let Some(it) = &tickets.zentao {
        let (url, account, build) = (it.url.0.clone(), it.account.to_string(), it.build.to_string());
        let product = ZenTaoProduct { url, account, password: secret(&it.password)?, product: it.product, build };
        Arc::new(ZenTao::new(name, product, rule.clone(), clock).map_err(address)?)
    } else if let Some(it) = &tickets.webhook {
        let mut keys = vec![secret(&it.secret)?];
        keys.extend(it.old_secret.as_ref().map(secret).transpose()?);
        let hook = TicketHook { url: it.url.0.clone(), keys };
        let opened = TicketWebhook::new(name, &hook, clock).map_err(|error: WebhookError| failed(error.to_string()))?;
        signing = opened.keys();
        Arc::new(opened)
    } else {
        return Err(failed("it names no system".to_owned()));
    };
    Ok(Opened { kept: Kept::new(system, rule), keys: signing })
}

/// The keeper of every system of the config, and who takes their calls.
pub(super) fn open(
    config: &Config,
    secrets: &dyn Secrets,
    clock: &Arc<dyn Clock>,
    store: &Arc<Store>,
    deeds: &Arc<dyn Deeds>,
    (console, maintenance): (SocketAddr, Arc<Almanac>),
) -> Result<Calls, TicketError> {
    let (mut systems, mut keys) = (BTreeMap::new(), BTreeMap::new());
    for (name, tickets) in &config.tickets {
        let opened = open_one(name.as_str(), tickets, Some(secrets), clock)?;
        systems.insert(name.to_string(), opened.kept);
        keys.insert(name.to_string(), opened.keys);
    }
    let keeper = Arc::new(Keeper {
        book: store.clone(),
        chronicle: store.clone(),
        archive: store.clone(),
        deeds: deeds.clone(),
        clock: clock.clone(),
        voice: voice(config),
        place: place(config, console),
        tags: config.tags.rules.clone(),
        maintenance,
        systems,
        limits: KeepLimits::default(),
    });
    Ok(Calls { keeper, keys, clock: clock.clone() })
}

/// Takes the calls of systems that call back.
pub(super) struct Calls {
    /// Who keeps their tickets.
    pub keeper: Arc<Keeper>,
    keys: BTreeMap<String, Vec<Vec<u8>>>,
    clock: Arc<dyn Clock>,
}

#[async_trait::async_trait]
impl TicketCalls for Calls {
    async fn call(&self, system: &str, signing: Signing<'_>, body: &[u8]) -> Result<(), CallRefused> {
        // Who is not there has no key: nobody without one learns from the answer which names are.
        let keys = self.keys.get(system).map(Vec::as_slice).unwrap_or_default();
        verify(keys, signing, body, self.clock.now())?;
        let (incident, said) = read_call(body)?;
        let id = signing.0.unwrap_or_default();
        self.keeper.called(system, incident, id, &said).await.map_err(|error| match error {
            CallError::Absent => CallRefused::Absent,
            CallError::Replayed => CallRefused::Replayed,
            CallError::Ledger(error) => CallRefused::Ledger(error),
        })
    }
}
