//! Channels looked at and tried out by hand: what would be sent, what was sent, and what the receiver said to it.

use super::channels::{ChannelError, Keyring, open_one, place, routes_of, voice};
use crate::alert::{
    AlertPolicy, AlertReason, Bulletin, Draft, Notice, Picture, Receipt, SendError, TRIAL, Telling, decide, render,
};
use crate::config::value::Slug;
use crate::config::{Config, ReferenceSecrets};
use crate::evidence::{EvidenceKey, EvidenceKind, Vault as _};
use crate::id::{IncidentId, NoticeId, WalkId};
use crate::incident::{Archive as _, Change, Incident, LedgerError, State, What};
use crate::moment::{Clock, Moment, SystemClock};
use crate::picture::plate;
use crate::store::{OpenError, Store};
use crate::vault::DiskVault;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The longest one try may take, as when it is sent by itself.
const TRY_TIMEOUT: Duration = Duration::from_secs(30);
/// The picture that goes with an example, in pixels.
const PLATE: (u32, u32) = (320, 160);

/// Why there is nothing to look at or to try.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// No channel of that name.
    #[error("no channel is named `{name}`: `channels:` has {known}")]
    Unknown {
        /// The name.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// No channel at all.
    #[error("there are no `channels:` in the config")]
    None,
    /// It cannot be opened.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// The incident is not known.
    #[error("no incident `{incident}` is in the ledger `{}`; name the config it was filed with by `--config`", ledger.display())]
    Incident {
        /// Its name.
        incident: IncidentId,
        /// The ledger's file.
        ledger: PathBuf,
    },
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] OpenError),
    /// The ledger failed.
    #[error(transparent)]
    Read(#[from] LedgerError),
}

/// What a channel would send to one receiver, or sent.
#[derive(Debug)]
pub struct Look {
    /// The channel.
    pub channel: String,
    /// What kind it is, as people call it.
    pub kind: &'static str,
    /// The receiver, where the channel needs to know.
    pub to: Option<String>,
    /// What is sent, in the order of sending.
    pub drafts: Result<Vec<Draft>, SendError>,
}

/// What became of a trial.
#[derive(Debug)]
pub struct Trial {
    /// What was sent.
    pub look: Look,
    /// What the receiver said.
    pub outcome: Result<Receipt, SendError>,
}

/// What `channel`, or each of them, would send of `incident`, or of an invented one. Nothing is sent, and no secret is
/// asked for.
pub async fn preview(
    config: &Config,
    channel: Option<&str>,
    incident: Option<IncidentId>,
) -> Result<Vec<Look>, NotifyError> {
    let names = match channel {
        Some(name) => vec![named(config, name)?],
        None if config.channels.is_empty() => return Err(NotifyError::None),
        None => config.channels.keys().collect(),
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let bulletin = match incident {
        Some(id) => of_incident(config, &stored(config, id).await?, clock.now()),
        None => sample("first-seen", config, clock.now()),
    };
    let picture = match incident {
        Some(_) => kept_picture(config, &bulletin).await,
        None => Some(example()),
    };
    let mut looks = Vec::new();
    for name in names {
        let channel = &config.channels[name];
        let opened = open_one(name.as_str(), channel, Keyring::StandIns, &clock)?;
        for route in routes_of(config, name) {
            let notice = notice(config, &bulletin, picture.clone(), route.to.clone(), clock.now());
            let drafts = opened.drafts(&notice);
            looks.push(Look { channel: name.to_string(), kind: channel.kind(), to: route.to, drafts });
        }
    }
    Ok(looks)
}

/// Sends an invented incident by `channel`, to each of its receivers.
pub async fn try_out(config: &Config, channel: &str) -> Result<Vec<Trial>, NotifyError> {
    let name = named(config, channel)?;
    let (channel, clock): (_, Arc<dyn Clock>) = (&config.channels[name], Arc::new(SystemClock));
    let secrets = ReferenceSecrets { folder: config.folder.clone() };
    let opened = open_one(name.as_str(), channel, Keyring::Real(&secrets), &clock)?;
    let mut trials = Vec::new();
    for route in routes_of(config, name) {
        let bulletin = sample(TRIAL, config, clock.now());
        let notice = notice(config, &bulletin, Some(example()), route.to.clone(), clock.now());
        let drafts = opened.drafts(&notice);
        let outcome = match tokio::time::timeout(TRY_TIMEOUT, opened.send(&notice)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(SendError::temporary(format!("no answer within {} s", TRY_TIMEOUT.as_secs()))),
        };
        let look = Look { channel: name.to_string(), kind: channel.kind(), to: route.to, drafts };
        trials.push(Trial { look, outcome });
    }
    Ok(trials)
}

fn named<'a>(config: &'a Config, name: &str) -> Result<&'a Slug, NotifyError> {
    let known = || {
        let names: Vec<_> = config.channels.keys().map(Slug::as_str).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    let found = config.channels.get_key_value(name).map(|(name, _)| name);
    found.ok_or_else(|| NotifyError::Unknown { name: name.to_owned(), known: known() })
}

fn notice(config: &Config, bulletin: &Bulletin, picture: Option<Picture>, to: Option<String>, now: Moment) -> Notice {
    let telling = Telling { pictured: picture.is_some(), ..Telling::default() };
    Notice {
        id: bulletin.event_id.parse().unwrap_or_else(|_| NoticeId::fresh()),
        incident: None,
        reason: AlertReason::FirstSeen,
        to,
        queued: now,
        words: render(bulletin, &voice(config), telling),
        bulletin: bulletin.to_json(),
        picture,
    }
}

fn sample(reason: &str, config: &Config, now: Moment) -> Bulletin {
    let place = place(config, config.console.listen);
    Bulletin::sample(reason, NoticeId::fresh(), IncidentId::fresh(), WalkId::fresh(), now, &place)
}

fn example() -> Picture {
    let bytes = plate(PLATE.0, PLATE.1);
    Picture { key: EvidenceKey::of(&bytes, EvidenceKind::Png), bytes }
}

async fn stored(config: &Config, id: IncidentId) -> Result<Incident, NotifyError> {
    let ledger = config.resolve(&config.store.file);
    let unknown = || NotifyError::Incident { incident: id, ledger: ledger.clone() };
    if !ledger.is_file() {
        return Err(unknown());
    }
    let store = Store::open_read_only(&ledger).await?;
    let found = store.incident(id).await;
    store.close().await;
    Ok(found?.ok_or_else(unknown)?.incident)
}

/// The incident as it would be told now, for the first time or as recovered.
fn of_incident(config: &Config, incident: &Incident, now: Moment) -> Bulletin {
    let what = if incident.state == State::Recovered { What::Recovered } else { What::Opened };
    let change = Change::told_now(incident, what, now);
    let reason = match decide(&change, &AlertPolicy::default()) {
        AlertReason::Silent(_) => AlertReason::Flapping,
        reason => reason,
    };
    let told = Bulletin::of(NoticeId::fresh(), reason, &change, &place(config, config.console.listen));
    told.filed_under(&incident.tags(&config.tags.rules))
}

async fn kept_picture(config: &Config, bulletin: &Bulletin) -> Option<Picture> {
    let key = EvidenceKey::parse(&bulletin.evidence.first()?.key)?;
    let folder = config.resolve(&config.evidence.folder);
    let vault = folder.is_dir().then(|| DiskVault::open(folder).ok())??;
    let bytes = vault.get(&key).await.ok()?;
    Some(Picture { key, bytes })
}
