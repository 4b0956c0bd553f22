//! The whole file as it is written, and what its sections demand of each other.

use super::calendars;
use super::console;
use super::maintenance;
use super::mistakes::Mistakes;
use super::owners;
use super::patrols::{self, PatrolPlan};
use super::tagging;
use super::tickets;
use super::value::Slug;
use super::{
    Alerts, App, Audit, Baseline, Browser, Calendar, Channel, Config, Control, Customer, Evidence, Limits, Never,
    Owner, Queue, Retain, Store, Tickets,
};
use crate::guard::HostRule;
use serde_saphyr::Spanned;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The file as it is written.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    apps: BTreeMap<Slug, App>,
    accounts: BTreeMap<Slug, Spanned<Vec<Customer>>>,
    browser: Option<Spanned<Browser>>,
    patrols: Vec<Spanned<patrols::Written>>,
    channels: BTreeMap<Slug, Spanned<Channel>>,
    tickets: BTreeMap<Slug, Spanned<Tickets>>,
    calendars: BTreeMap<Slug, Spanned<Calendar>>,
    owners: BTreeMap<Slug, Spanned<Owner>>,
    maintenance: Vec<Spanned<maintenance::Written>>,
    alerts: Alerts,
    evidence: Evidence,
    baseline: Baseline,
    control: Option<Spanned<Control>>,
    store: Store,
    retain: Retain,
    queue: Queue,
    tags: tagging::Written,
    audit: Audit,
    console: console::Written,
    limits: Option<Spanned<Limits>>,
    never: Vec<Never>,
}

impl File {
    /// The config, with every mistake noted.
    pub(super) fn lower(self, mistakes: &mut Mistakes) -> Config {
        check_pools(&self.accounts, mistakes);
        if let Some(browser) = &self.browser {
            check_browser(browser, mistakes);
        }
        if let Some(limits) = &self.limits {
            check_limits(limits, mistakes);
        }
        if let Some(control) = &self.control {
            check_control(control, &self.apps, mistakes);
        }
        for channel in self.channels.values() {
            channel.value.check(channel.referenced, self.alerts.remind_every, mistakes);
        }
        calendars::check(&self.calendars, mistakes);
        owners::check(&self.owners, &self.channels, &self.calendars, &self.alerts, mistakes);
        tickets::check(&self.tickets, &self.apps, &self.owners, &self.channels, mistakes);
        let tags = self.tags.lower(&self.apps, mistakes);
        let planned = self.maintenance.into_iter();
        let maintenance = planned.filter_map(|one| maintenance::lower(one, &self.apps, mistakes)).collect();
        let patrols: Vec<PatrolPlan> = self.patrols.into_iter().filter_map(|p| patrols::lower(p, mistakes)).collect();
        Config {
            apps: self.apps,
            accounts: self.accounts.into_iter().map(|(name, pool)| (name, pool.value)).collect(),
            browser: self.browser.map(|b| b.value).unwrap_or_default(),
            patrols,
            channels: self.channels.into_iter().map(|(name, channel)| (name, channel.value)).collect(),
            tickets: self.tickets.into_iter().map(|(name, tickets)| (name, tickets.value)).collect(),
            calendars: self.calendars.into_iter().map(|(name, calendar)| (name, calendar.value)).collect(),
            owners: self.owners.into_iter().map(|(name, owner)| (name, owner.value)).collect(),
            maintenance,
            alerts: self.alerts,
            evidence: self.evidence,
            baseline: self.baseline,
            control: self.control.map(|c| c.value).unwrap_or_default(),
            store: self.store,
            retain: self.retain,
            queue: self.queue,
            tags,
            audit: self.audit,
            console: self.console.lower(mistakes),
            limits: self.limits.map(|l| l.value).unwrap_or_default(),
            never: self.never,
            folder: PathBuf::from("."),
            file: None,
            digest: String::new(),
            named: BTreeMap::new(),
        }
    }
}

fn check_pools(pools: &BTreeMap<Slug, Spanned<Vec<Customer>>>, mistakes: &mut Mistakes) {
    let mut seen: BTreeMap<&str, &Slug> = BTreeMap::new();
    for (name, pool) in pools {
        if pool.value.is_empty() {
            mistakes.note(
                pool.referenced,
                &format!("no customer in the pool `{name}`"),
                "write at least one, such as `- {username: \"13800000001\", password: env:RETAIL_1_PASSWORD}`",
            );
        }
        for customer in &pool.value {
            let Some(first) = seen.insert(&customer.username, name) else { continue };
            let where_else = if first == name { String::new() } else { format!(", and in `{first}`") };
            mistakes.note(
                pool.referenced,
                &format!("one customer stands twice in the pool `{name}`{where_else}"),
                "a customer is leased to one walk at a time: keep it once, in one pool",
            );
        }
    }
}

/// A control page on an app's own host is silent whenever the app is, and would hide it.
fn check_control(control: &Spanned<Control>, apps: &BTreeMap<Slug, App>, mistakes: &mut Mistakes) {
    for page in &control.value.pages {
        let own = HostRule::of_url(&page.0);
        if let Some(name) =
            apps.iter().find(|(_, app)| own.is_some() && HostRule::of_url(&app.base.0) == own).map(|(n, _)| n)
        {
            mistakes.note(
                control.referenced,
                &format!("the control page `{}` is the app `{name}` itself", page.0),
                "name a page of another host: when the app is down, this one is silent too, and hides it",
            );
        }
    }
}

fn check_browser(browser: &Spanned<Browser>, mistakes: &mut Mistakes) {
    let (at, browser) = (browser.referenced, &browser.value);
    mistakes.within(at, "browsers", browser.browsers as u64, 1, 64);
    mistakes.within(at, "lanes_per_browser", browser.lanes_per_browser as u64, 1, 64);
    mistakes.within(at, "recycle_after_walks", browser.recycle_after_walks, 1, 100_000);
    mistakes.within(at, "recycle_above_mib", browser.recycle_above_mib, 256, 1_048_576);
}

fn check_limits(limits: &Spanned<Limits>, mistakes: &mut Mistakes) {
    let (at, limits) = (limits.referenced, &limits.value);
    mistakes.within(at, "walks_at_once", limits.walks_at_once as u64, 1, 256);
    mistakes.within(at, "walks_waiting", limits.walks_waiting as u64, 1, 100_000);
    // The service manager kills after 30 s by custom; what is then still open would be lost.
    mistakes.within(at, "drain_within (seconds)", limits.drain_within.0.as_secs(), 1, 30);
}
