//! Who may use the console, at the machine itself: the key beside the ledger, the first administrator's code, and what
//! `gengfu people` does.

use crate::actor::Actor;
use crate::config::{Config, Oidc};
use crate::console::{DoorOptions, ProviderDoor};
use crate::id::PersonId;
use crate::moment::Clock;
use crate::oidc::{OpenId, OpenIdOptions};
use crate::people::{
    Amendment, By, Identities as _, Identity, NotAmended, Offer, Pass, PassKind, PeopleError, Person, PersonName,
    ProviderRules, Role, Roll as _, SealingKey, SessionLimits, Welcomes as _, fresh_bytes,
};
use crate::store::{OpenError, Store};
use crate::walk::port::Secrets;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long the first administrator's code is good.
const FIRST_FOR: Duration = Duration::from_secs(30 * 60);
/// How long a code of `gengfu people` is good.
const INVITED_FOR: Duration = Duration::from_secs(72 * 3600);

/// Why people cannot be looked after.
#[derive(Debug, thiserror::Error)]
pub enum PeopleTrouble {
    /// The ledger's file.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// What is in it.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// There is no sign-in provider to be known at.
    #[error("there is no `console: oidc:` in the config: nobody signs in at another system")]
    NoProvider,
    /// Somebody is that already.
    #[error("`{0}` is somebody's name at the sign-in provider already")]
    Joined(String),
    /// A rule.
    #[error(transparent)]
    NotAmended(#[from] NotAmended),
    /// The name is somebody's.
    #[error("`{0}` is somebody's name already; names that differ in case only are one")]
    Taken(PersonName),
    /// The key's file.
    #[error("the key file `{path}` {why}")]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        why: String,
    },
}

/// What the console's doors are made of.
pub(super) fn doors(
    config: &Config,
    store: &Arc<Store>,
    secrets: Arc<dyn Secrets>,
) -> Result<DoorOptions, PeopleTrouble> {
    let console = &config.console;
    let sessions = SessionLimits { idle: console.idle.0, longest: console.longest.0, ..SessionLimits::default() };
    let key = key(&config.resolve(&config.store.file))?;
    let provider = console.oidc.as_ref().and_then(|oidc| provider_door(oidc, secrets));
    Ok(DoorOptions { sign_in: console.sign_in, register: store.clone(), key, sessions, provider })
}

fn provider_door(oidc: &Oidc, secrets: Arc<dyn Secrets>) -> Option<ProviderDoor> {
    let rules = ProviderRules {
        roles: oidc.roles.iter().map(|(group, role)| (group.clone(), role.0)).collect(),
        email_domains: oidc.email_domains.iter().map(|domain| domain.to_lowercase()).collect(),
        strangers: oidc.unknown.into(),
        second: oidc.second_factor.into(),
        methods: oidc.amr.clone(),
        classes: oidc.acr.clone(),
        tokens_live: oidc.tokens_live.0,
    };
    let (issuer, label, only) = (oidc.issuer.written.clone(), oidc.label.clone(), oidc.only);
    let provider = Arc::new(provider(oidc, secrets)?);
    Some(ProviderDoor { provider, rules, issuer, label, only })
}

/// The sign-in provider of a config.
pub(super) fn provider(oidc: &Oidc, secrets: Arc<dyn Secrets>) -> Option<OpenId> {
    let options = OpenIdOptions {
        issuer: oidc.issuer.written.clone(),
        client_id: oidc.client_id.clone(),
        client_secret: oidc.client_secret.as_ref().map(ToString::to_string),
        scopes: oidc.scopes.clone(),
        groups_claim: oidc.groups_claim.clone(),
        name_claim: oidc.name_claim.clone(),
        classes: oidc.acr.clone(),
    };
    // The config has read it as an address.
    OpenId::new(options, secrets).ok()
}

/// The code that makes the first administrator; none once there is anybody. An older one is void.
pub(super) async fn first(store: &Store, clock: &dyn Clock) -> Result<Option<Pass>, PeopleError> {
    let (code, now) = (Pass::of(PassKind::Welcome, fresh_bytes()), clock.now());
    let by = By { actor: Actor::Robot, at: now };
    let offered = store.offer(&Offer::First, &code.hash(), now.after(FIRST_FOR), &by).await?;
    Ok(offered.map(|()| code))
}

/// The key beside the ledger, made when it is not there. Whoever has both can read second factors.
fn key(ledger: &Path) -> Result<SealingKey, PeopleTrouble> {
    let mut name = ledger.as_os_str().to_owned();
    name.push(".key");
    let path = PathBuf::from(name);
    let trouble = |why: String| PeopleTrouble::Key { path: path.clone(), why };
    let bytes = match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
        Ok(mut file) => {
            let bytes: [u8; 32] = fresh_bytes();
            let text = format!("{}\n", STANDARD.encode(bytes));
            let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
            written.map_err(|e| trouble(format!("cannot be written: {e}")))?;
            bytes
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let mode =
                std::fs::metadata(&path).map_err(|e| trouble(format!("cannot be read: {e}")))?.permissions().mode();
            if mode & 0o077 != 0 {
                return Err(trouble(format!("can be read by others (mode {:o}): `chmod 600` it", mode & 0o777)));
            }
            let text = std::fs::read_to_string(&path).map_err(|e| trouble(format!("cannot be read: {e}")))?;
            let bytes = STANDARD.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
            bytes.ok_or_else(|| {
                trouble(
                    "holds no key: restore it from the backup, or remove it and reset those with a second factor"
                        .into(),
                )
            })?
        }
        Err(error) => return Err(trouble(format!("cannot be made: {error}"))),
    };
    Ok(SealingKey::new(bytes))
}

/// The people of a ledger, beside the process that keeps it if there is one.
pub struct Registry {
    store: Store,
    clock: Arc<dyn Clock>,
}

impl Registry {
    /// Opens the config's ledger.
    pub async fn open(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, PeopleTrouble> {
        let path = config.resolve(&config.store.file);
        let store = match Store::open(&path).await {
            Err(OpenError::InUse(_)) => Store::open_beside(&path).await?,
            opened => opened?,
        };
        Ok(Self { store, clock })
    }

    /// Everybody.
    pub async fn everybody(&self) -> Result<Vec<Person>, PeopleTrouble> {
        Ok(self.store.everybody().await?)
    }

    /// Adds somebody; gives the code that makes their password.
    pub async fn add(&self, name: &PersonName, role: Role) -> Result<Pass, PeopleTrouble> {
        let (code, now) = (Pass::of(PassKind::Welcome, fresh_bytes()), self.clock.now());
        let offer = Offer::Invited(name.clone(), role);
        let offered = self.store.offer(&offer, &code.hash(), now.after(INVITED_FOR), &self.by()).await?;
        offered.map(|()| code).ok_or_else(|| PeopleTrouble::Taken(name.clone()))
    }

    /// Whether somebody who was removed had this name.
    pub async fn was_anothers(&self, name: &PersonName) -> Result<bool, PeopleTrouble> {
        Ok(self.store.was_anothers(name).await?)
    }

    /// Gives somebody another role.
    pub async fn role(&self, name: &PersonName, role: Role) -> Result<(), PeopleTrouble> {
        self.amend(name, &Amendment::Role(role)).await
    }

    /// Takes password, second factor, sessions and tokens away; gives the code that makes a new password. Whoever sits at
    /// the machine may do so even to the last administrator, who may be the one who forgot.
    pub async fn reset(&self, name: &PersonName) -> Result<Pass, PeopleTrouble> {
        let code = Pass::of(PassKind::Welcome, fresh_bytes());
        let until = self.clock.now().after(INVITED_FOR);
        self.amend(name, &Amendment::Reset { code: code.hash(), until, at_machine: true }).await?;
        Ok(code)
    }

    /// Says that whom the config's sign-in provider calls `subject` is this person.
    pub async fn join(&self, config: &Config, name: &PersonName, subject: &str) -> Result<(), PeopleTrouble> {
        let oidc = config.console.oidc.as_ref().ok_or(PeopleTrouble::NoProvider)?;
        let (person, _) = self.store.named(name).await?.ok_or(NotAmended::Unknown)?;
        let who = Identity { issuer: oidc.issuer.written.clone(), subject: subject.to_owned() };
        let joined = self.store.join(person.id, &who, &self.by()).await?;
        if joined { Ok(()) } else { Err(PeopleTrouble::Joined(subject.to_owned())) }
    }

    /// Removes somebody.
    pub async fn remove(&self, name: &PersonName) -> Result<(), PeopleTrouble> {
        self.amend(name, &Amendment::Removed).await
    }

    /// Ends all connections.
    pub async fn close(self) {
        self.store.close().await;
    }

    /// Whoever sits at the machine and may read the ledger: who that is, the machine's own log knows.
    fn by(&self) -> By {
        By { actor: Actor::system("command-line").expect("invariant: a constant name"), at: self.clock.now() }
    }

    async fn amend(&self, name: &PersonName, change: &Amendment) -> Result<(), PeopleTrouble> {
        let id: PersonId = match self.store.named(name).await? {
            Some((person, _)) => person.id,
            None => return Err(NotAmended::Unknown.into()),
        };
        Ok(self.store.amend(id, change, &self.by()).await??)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = dir.path().join("ledger.db");
        let made = key(&ledger).unwrap().stamp("x");
        let file = dir.path().join("ledger.db.key");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(key(&ledger).unwrap().stamp("x"), made);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(key(&ledger).is_err_and(|e| e.to_string().contains("chmod 600")));
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&file, "short").unwrap();
        assert!(key(&ledger).is_err_and(|e| e.to_string().contains("holds no key")));
    }
}
