//! Reports at the machine: a week out of the ledger, onto paper where that is asked for; and complaints into it.

use super::channels;
use super::journeys::{self, PostError};
use super::robot;
use crate::actor::Actor;
use crate::browser::Browsers;
use crate::config::value::Slug;
use crate::config::{Config, digest_of};
use crate::diagnostic::{Diagnostic, Source};
use crate::incident::LedgerError;
use crate::maintenance::Almanac;
use crate::measure::{
    Asked, COMPLAINTS_BYTES_MAX, Complaint, DEFAULT_OWNER, Intake, Records as _, Report, RosterLine, Week, gather,
    is_of_somebody, read_complaints,
};
use crate::moment::Moment;
use crate::store::{OpenError, Store};
use crate::walk::Trouble;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportTrouble {
    /// The ledger's file.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// What is in it.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Nobody of this name answers for anything, or ever did.
    #[error("nobody is called `{owner}`: neither `owners:`, a journey nor an incident names them; there is {}", known.join(", "))]
    Owner {
        /// Who was asked for.
        owner: String,
        /// Whom the configuration and the journeys name.
        known: Vec<String>,
    },
    /// The journeys that are patrolled.
    #[error(transparent)]
    Posts(#[from] PostError),
    /// The browser that prints.
    #[error("no browser prints: {}", .0.said)]
    Browser(Trouble),
    /// The file of complaints.
    #[error("`{}` cannot be read: {why}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// What is in that.
    #[error("the complaints are wrong in {} place(s)", .0.len())]
    Wrong(Vec<Diagnostic>),
}

/// The report of `week`, of what `owner` answers for; of everybody where none is named.
///
/// # Errors
/// When the ledger or the journeys cannot be read.
pub async fn report(config: &Config, week: Week, owner: Option<String>, now: Moment) -> Result<Report, ReportTrouble> {
    let (posts, _) = journeys::posts(config)?;
    let line = |post: &crate::fleet::Post| RosterLine {
        journey: post.journey.id.clone(),
        title: post.journey.title.clone(),
        app: post.journey.app.clone(),
        owner: post.journey.owner.clone(),
    };
    let mut asked = Asked {
        week,
        now,
        zone: config.alerts.timezone.0.clone(),
        owner,
        deadlines: channels::deadlines(config),
        roster: posts.iter().map(line).collect(),
        windows: Arc::default(),
    };
    let store = Store::open_read_only(&config.resolve(&config.store.file)).await?;
    let gathered = async {
        known(config, &asked, &store).await?;
        let window = asked.window();
        let almanac = Almanac::open(config.maintenance.clone(), &store).await;
        let almanac = almanac.map_err(|error| LedgerError::Failed(error.to_string()))?;
        asked.windows = Arc::new(almanac.measured(window.from(), window.to()));
        Ok::<_, ReportTrouble>(gather(&store, &asked, &config.tags.rules).await?)
    };
    let gathered = gathered.await;
    store.close().await;
    Ok(Report::of(&gathered?, &asked))
}

/// Nothing where the owner that is asked for is somebody.
async fn known(config: &Config, asked: &Asked, store: &Store) -> Result<(), ReportTrouble> {
    let named = || config.owners.keys().map(Slug::as_str);
    let Some(owner) = asked.owner.clone() else { return Ok(()) };
    if is_of_somebody(store, asked, named()).await? {
        return Ok(());
    }
    let patrolled = asked.roster.iter().filter_map(|line| line.owner.as_deref());
    let known: BTreeSet<&str> = named().chain(patrolled).chain([DEFAULT_OWNER]).collect();
    Err(ReportTrouble::Owner { owner, known: known.into_iter().map(str::to_owned).collect() })
}

/// Puts a page that needs nothing beside itself on paper.
///
/// # Errors
/// When no browser prints it.
pub async fn pdf(config: &Config, html: &str) -> Result<Vec<u8>, ReportTrouble> {
    let browsers = Browsers::start(robot::browser_options(config)).await.map_err(ReportTrouble::Browser)?;
    let printed = browsers.print(html).await;
    browsers.shutdown().await;
    printed.map_err(ReportTrouble::Browser)
}

/// What was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Rows, pages that are one route counted once.
    pub rows: usize,
    /// Complaints.
    pub complaints: u64,
    /// The weeks that they are of: what was known of these before is replaced.
    pub weeks: BTreeSet<Week>,
}

/// Reads complaints from a CSV and keeps them, also while the robot runs.
///
/// # Errors
/// When the file is wrong, or the ledger does not take it.
pub async fn import(config: &Config, path: &Path, now: Moment) -> Result<Imported, ReportTrouble> {
    let wrong = |why: String| ReportTrouble::File { path: path.to_owned(), why };
    let size = std::fs::metadata(path).map_err(|e| wrong(e.to_string()))?.len();
    if size > COMPLAINTS_BYTES_MAX as u64 {
        return Err(wrong(format!("it has {size} bytes, and {COMPLAINTS_BYTES_MAX} is the most")));
    }
    let bytes = std::fs::read(path).map_err(|e| wrong(e.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8: save it as UTF-8".into()))?;
    let intake = Intake {
        by: Actor::system("command-line").expect("invariant: a constant name"),
        at: now,
        file: path.display().to_string(),
        digest: digest_of(&text),
    };
    let source = Source { name: path.display().to_string(), text: text.into() };
    let complaints: Vec<Complaint> =
        read_complaints(&source, &config.tags.rules.codes).map_err(ReportTrouble::Wrong)?;
    let store = Store::open_beside(&config.resolve(&config.store.file)).await?;
    let kept = store.keep_complaints(&complaints, &intake).await;
    store.close().await;
    kept?;
    Ok(Imported {
        rows: complaints.len(),
        complaints: complaints.iter().map(|complaint| u64::from(complaint.count)).sum(),
        weeks: complaints.iter().map(|complaint| complaint.week).collect(),
    })
}
