//! Tickets against a stand-in of each vendor: opened once whatever breaks in between, told what moved, and believed no more
//! than a person.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

#[path = "tickets/eager.rs"]
mod eager;
#[path = "tickets/hook.rs"]
mod hook;
#[path = "tickets/jira.rs"]
mod jira;
#[path = "tickets/others.rs"]
mod others;
#[path = "tickets/planned.rs"]
mod planned;
#[path = "tickets/trial.rs"]
mod trial;

use crate::console::world::{Way, World, incident};
use crate::vendors::{CANARY, HOSTILE, Posted, Says, Vendor};
use gengfu::actor::Actor;
use gengfu::alert::{Language, Place, Voice};
use gengfu::finding::Bilingual;
use gengfu::id::IncidentId;
use gengfu::incident::{Archive as _, Change, Incident, Ledger as _, Stage, Standing, State, Untold, What};
use gengfu::moment::Clock as _;
use gengfu::secret::Secret;
use gengfu::ticket::keep::{KeepLimits, Keeper, Kept};
use gengfu::ticket::{EarlyClosing, Mapping, Meaning, Rule, Ticket, TicketBook as _, TicketSystem};
use gengfu::walk::Verdict;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

pub const SYSTEM: &str = "tracker";

pub fn rule() -> Rule {
    Rule {
        severities: BTreeSet::new(),
        apps: BTreeSet::new(),
        owners: BTreeSet::new(),
        mapping: Mapping {
            resolutions: BTreeMap::from([
                ("won't do".to_owned(), Meaning::WontFix),
                ("cannot reproduce".to_owned(), Meaning::FalseAlarm),
            ]),
            resolve: Some("Done".into()),
            reopen: Some("Reopen".into()),
            ..Mapping::default()
        },
        poll_every: Duration::from_secs(300),
        reopen_within: Duration::from_secs(30 * 86_400),
        closed_early: EarlyClosing::Comment,
        approves: false,
    }
}

/// A watch with tickets in one system.
pub struct Story {
    pub world: World,
    pub keeper: Keeper,
}

impl Story {
    /// One in `world` that keeps `system` by `rule`.
    pub fn of(world: World, system: Arc<dyn TicketSystem>, rule: Rule) -> Self {
        let keeper = Keeper {
            book: world.store.clone(),
            chronicle: world.store.clone(),
            archive: world.store.clone(),
            deeds: Arc::new(world.desk()),
            clock: world.clock.clone(),
            voice: Voice { language: Language::En, zone: jiff::tz::TimeZone::UTC },
            place: Place { console: Some("https://gengfu.bank.test".into()), config: None },
            tags: gengfu::tags::Rules::default(),
            maintenance: Arc::default(),
            systems: BTreeMap::from([(SYSTEM.to_owned(), Kept::new(system, rule))]),
            limits: KeepLimits::default(),
        };
        Self { world, keeper }
    }

    /// An incident opens, with a page that says whatever it wants.
    pub async fn opened(&self) -> Incident {
        self.opened_at("tap-next").await
    }

    pub async fn opened_at(&self, step: &str) -> Incident {
        self.opened_as(step, |_| {}).await
    }

    pub async fn opened_as(&self, step: &str, shape: impl Fn(&mut Incident)) -> Incident {
        let way = Way::new("fund-purchase", "基金申购", "wealth-h5", "h5-iphone");
        let row = self.world.row(&way, self.world.ago(1), Verdict::Failed, "{}".into());
        let mut opened = incident(&row, step, "点“下一步”", "没有反应", "nothing happens");
        opened.headline = Bilingual::new(HOSTILE.repeat(3), HOSTILE.repeat(3));
        opened.cause = Some(format!("{{{{noformat}}}} {{noformat}} \"]}}' OR 1=1 -- {HOSTILE}"));
        shape(&mut opened);
        self.world.file(row.clone(), None, vec![]).await;
        self.change(What::Opened, None, opened).await
    }

    async fn change(&self, what: What, before: Option<Incident>, after: Incident) -> Incident {
        let at = self.world.clock.now();
        let walk = after.failing_walk;
        let (by, why) = (Actor::Robot, String::new());
        let change = Change { what, before, after: after.clone(), sighting: None, whole: None, walk, at, by, why };
        self.world.store.amend(&[change], &[], at).await.unwrap();
        after
    }

    pub async fn now(&self, id: IncidentId) -> Incident {
        self.world.store.incident(id).await.unwrap().unwrap().incident
    }

    /// A walk brings `what` about.
    pub async fn walked(&self, id: IncidentId, what: What, shape: impl Fn(&mut Incident)) {
        let before = self.now(id).await;
        let mut after = before.clone();
        after.revision += 1;
        shape(&mut after);
        self.change(what, Some(before), after).await;
    }

    /// A walk sees it after it was said to be mended.
    pub async fn refused(&self, id: IncidentId) {
        self.walked(id, What::ClaimRefused, |after| {
            after.handling.stage = Stage::Fixing;
            after.handling.claimed = None;
        })
        .await;
    }

    /// Enough walks got past it.
    pub async fn closed(&self, id: IncidentId) {
        let now = self.world.clock.now();
        self.walked(id, What::Recovered, |after| (after.state, after.recovered) = (State::Recovered, Some(now))).await;
        self.walked(id, What::Closed, |after| {
            (after.handling.closed, after.handling.passes.count) = (Some(now), 3);
        })
        .await;
    }

    /// It came back within the time in which it is the same incident.
    pub async fn came_back(&self, id: IncidentId) {
        self.walked(id, What::Reopened, |after| {
            (after.state, after.recovered, after.handling.closed) = (State::Open, None, None);
            after.reopened += 1;
        })
        .await;
    }

    pub async fn round(&self) {
        self.keeper.round(SYSTEM).await.unwrap();
    }

    /// Some rounds, each after so many seconds.
    pub async fn rounds(&self, count: u32, seconds: u64) {
        for _ in 0..count {
            self.world.clock.advance(Duration::from_secs(seconds));
            self.round().await;
        }
    }

    pub async fn ticket(&self, id: IncidentId) -> Option<Ticket> {
        self.world.store.ticket(SYSTEM, id).await.unwrap()
    }

    pub async fn standing(&self, id: IncidentId) -> Standing {
        self.now(id).await.standing()
    }
}

pub fn secret(name: &str) -> Secret {
    Secret::new(name, format!("{CANARY}-0123456789abcdef"))
}

/// How often `method` came to a path that ends so.
pub fn count(vendor: &Vendor, method: &str, path: &str) -> usize {
    vendor.posted().iter().filter(|posted| posted.method == method && posted.path.ends_with(path)).count()
}
