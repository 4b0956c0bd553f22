//! Who hears of a change: the owner map, and the notices it makes.

use super::{AlertPolicy, AlertReason, Bulletin, Hours, Place, Told, around_windows, decide, held_open};
use crate::id::NoticeId;
use crate::incident::{Change, DELIVERY, Incident, Kind, QueuedNotice, Untold};
use crate::maintenance::{Almanac, Window, Windows};
use crate::moment::Moment;
use crate::tags::Rules;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// A channel, and the receiver on it where the channel needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The channel's name.
    pub channel: String,
    /// An e-mail address. One route for each, so that each is told, tried again and shown by itself.
    pub to: Option<String>,
}

/// How somebody is reached.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    /// Told at once, each of them.
    pub at_once: Vec<Route>,
    /// Told one after another, while none of those before accepted it.
    pub otherwise: Vec<Vec<Route>>,
    /// How long those before have to accept it.
    pub after: Duration,
    /// When they want to be told what can wait; at any time when there are none.
    pub hours: Option<Hours>,
    /// The owner who stands above them: told, too, when they let something lie.
    pub lead: Option<String>,
}

impl From<Vec<Route>> for Reach {
    /// All of them at once, at any hour.
    fn from(at_once: Vec<Route>) -> Self {
        Self { at_once, ..Self::default() }
    }
}

impl Reach {
    /// Every route, those told at once first.
    fn routes(&self) -> impl Iterator<Item = &Route> {
        self.at_once.iter().chain(self.otherwise.iter().flatten())
    }

    fn keep(&self, wanted: impl Fn(&Route) -> bool) -> Self {
        let kept = |routes: &Vec<Route>| routes.iter().filter(|route| wanted(route)).cloned().collect::<Vec<_>>();
        let otherwise = self.otherwise.iter().map(kept).filter(|step| !step.is_empty()).collect();
        Self { at_once: kept(&self.at_once), otherwise, ..self.clone() }
    }

    /// The same of a change that is told of at `now`, at their hours.
    fn told(&self, change: &Change, now: Moment) -> Vec<(&Route, Moment, Option<String>)> {
        self.steps(self.hours.as_ref().map_or(now, |hours| hours.told_at(change.after.severity, now)))
    }

    /// The routes, each with when it is told and the channels it stands in for. Where nobody is told at once, the first
    /// of the others are.
    fn steps(&self, told: Moment) -> Vec<(&Route, Moment, Option<String>)> {
        let groups = std::iter::once(&self.at_once).chain(&self.otherwise).filter(|step| !step.is_empty());
        let (mut steps, mut at, mut before) = (Vec::new(), told, Vec::<&str>::new());
        for group in groups {
            let instead_of = (!before.is_empty()).then(|| before.join(", "));
            steps.extend(group.iter().map(|route| (route, at, instead_of.clone())));
            for route in group {
                if !before.contains(&route.channel.as_str()) {
                    before.push(&route.channel);
                }
            }
            at = at.after(self.after);
        }
        steps
    }
}

/// Who takes what no other owner does, in the owner map and in what notices say.
pub const FALLBACK: &str = "default";
/// How often something must have come back for those above its owner to hear of it.
const REOPENED_OFTEN: u32 = 2;

/// Whom alerts reach.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Routes {
    /// By owner.
    pub owners: BTreeMap<String, Reach>,
    /// For incidents whose owner is not named, not known, or reached by nothing.
    pub fallback: Reach,
    /// For the robot's own trouble; the fallback when empty.
    pub operator: Reach,
}

impl Routes {
    /// Whom a change reaches: of a part, those whom the whole does not reach. That a channel does not deliver is told on
    /// another, whoever's that is.
    fn for_change(&self, change: &Change, windows: &Windows) -> Reach {
        let regular = self.of(&change.after);
        if change.after.detector != DELIVERY {
            let quiet = |whole: &Incident| {
                let unheard = whole.handling.is_unheard();
                whole.handling.is_quiet(change.at) || unheard || whole.kept_quiet_by(windows, change.at).is_some()
            };
            let told = change.whole.as_deref().filter(|whole| !quiet(whole));
            let heard: Vec<&Route> = told.map(|whole| self.of(whole).at_once.iter().collect()).unwrap_or_default();
            let wanted = regular.keep(|route| !heard.contains(&route));
            // Who hears of the whole needs nobody in their stead for the part.
            return if wanted.at_once.is_empty() { Reach::default() } else { wanted };
        }
        let works = |route: &Route| route.channel != change.after.step_title;
        let named = regular.keep(works);
        if named.routes().next().is_some() {
            return named;
        }
        let mut others: Vec<Route> = Vec::new();
        let everybody = self.owners.values().chain([&self.operator, &self.fallback]);
        for route in everybody.flat_map(Reach::routes).filter(|route| works(route)) {
            if !others.contains(route) {
                others.push(route.clone());
            }
        }
        others.into()
    }

    /// Who hears of a change besides those whom it reaches, because these let it lie: who stands above them, one step for
    /// each deadline that passed, or the last there is. Behind whom nobody stands, the fallback does.
    fn above(&self, change: &Change, reason: AlertReason, told: &Reach) -> Option<(String, Reach)> {
        let steps = match reason {
            AlertReason::Escalated => change.after.handling.escalated.max(1),
            AlertReason::Reopened if change.after.reopened >= REOPENED_OFTEN => 1,
            _ => return None,
        };
        // That a channel fails is told on the others as it is; of a part who stands above hears by its whole.
        if change.after.detector == DELIVERY || change.after.parent.is_some() {
            return None;
        }
        let (name, reach) = self.ladder(&change.after, steps).pop()?;
        // Who is told anyway is nobody else.
        let others = reach.keep(|route| !told.at_once.contains(route));
        let reaches = others.routes().next().is_some();
        reaches.then(|| (name.to_owned(), others))
    }

    /// Who stands above those who answer for it, at most so many steps up; where nobody does, the fallback.
    fn ladder(&self, incident: &Incident, steps: u32) -> Vec<(&str, &Reach)> {
        let (mut below, mut ladder) = (self.of(incident), Vec::new());
        for _ in 0..steps {
            let lead = below.lead.as_ref().and_then(|lead| self.owners.get_key_value(lead));
            let Some((lead, above)) = lead.filter(|(_, above)| above.routes().next().is_some()) else { break };
            ladder.push((lead.as_str(), above));
            below = above;
        }
        if ladder.is_empty() && steps > 0 {
            ladder.push((FALLBACK, &self.fallback));
        }
        ladder
    }

    /// Everybody besides `told` who may have heard that it lasts: who stood above when it was let lie or came back often, and
    /// who answered for it before somebody else was named.
    fn heard_before(&self, change: &Change, told: &Reach) -> Vec<Route> {
        let incident = &change.after;
        let often = u32::from(incident.reopened >= REOPENED_OFTEN);
        let stood_above = self.ladder(incident, incident.handling.escalated.max(often));
        let before = incident.owner.as_ref().and_then(|owner| self.owners.get(owner));
        let mut heard: Vec<Route> = Vec::new();
        for route in stood_above.into_iter().map(|(_, reach)| reach).chain(before).flat_map(Reach::routes) {
            if !heard.contains(route) && !told.routes().any(|other| other == route) {
                heard.push(route.clone());
            }
        }
        heard
    }

    fn of(&self, incident: &Incident) -> &Reach {
        let named = match incident.kind {
            Kind::Robot => Some(&self.operator),
            // Whoever was named to see to it hears of it from then on, where the owner map knows them.
            Kind::App => {
                let named = |owner: &Option<String>| owner.as_ref().and_then(|owner| self.owners.get(owner));
                named(&incident.handling.assignee).or(named(&incident.owner))
            }
        };
        named.filter(|reach| reach.routes().next().is_some()).unwrap_or(&self.fallback)
    }
}

/// What is told to whom.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The owner map.
    pub routes: Routes,
    /// How much people want to hear.
    pub policy: AlertPolicy,
    /// Where people find what notices speak of.
    pub place: Place,
    /// What incidents are filed under here.
    pub tags: Rules,
    /// The channels that hold an alert open until they hear otherwise.
    pub holding: BTreeSet<String>,
    /// When work is planned, and nobody is called.
    pub maintenance: Arc<Almanac>,
}

impl Plan {
    fn told<'w>(&self, change: &Change, windows: &'w Windows) -> Told<'w> {
        around_windows(change, decide(change, &self.policy), windows)
    }

    /// The notices that `changes` call for, named by `mint`; the incidents remember what was told of them and what windows
    /// keep quiet, since what is told of later changes follows from it.
    pub fn tell(&self, changes: &mut [Change], now: Moment, mint: &mut dyn FnMut() -> NoticeId) -> Vec<QueuedNotice> {
        let windows = self.maintenance.around(now);
        self.remember(changes, now, &windows);
        self.noticed(changes, now, &windows, mint)
    }

    fn remember(&self, changes: &mut [Change], now: Moment, windows: &Windows) {
        let mut after: BTreeMap<_, BTreeSet<Untold>> = BTreeMap::new();
        for change in changes.iter_mut() {
            let told = self.told(change, windows);
            if told.is_news(change) {
                let hours = self.routes.of(&change.after).hours.as_ref();
                change.after.handling.told = Some(hours.map_or(now, |hours| hours.told_at(change.after.severity, now)));
            }
            change.after.handling.untold.clone_from(&told.untold);
            after.insert(change.after.id, told.untold);
        }
        for whole in changes.iter_mut().filter_map(|change| change.whole.as_deref_mut()) {
            if let Some(untold) = after.get(&whole.id) {
                whole.handling.untold.clone_from(untold);
            }
        }
    }

    /// Why `change` is told, and whom it reaches; with the window behind which it is. `None` where nobody is told.
    fn told_of<'w>(&self, change: &Change, windows: &'w Windows) -> Option<(AlertReason, Reach, Option<&'w Window>)> {
        let reach = self.routes.for_change(change, windows);
        let Told { reason, behind, .. } = self.told(change, windows);
        match reason {
            AlertReason::Silent(_) => {
                let holds = |route: &&Route| self.holding.contains(&route.channel);
                let reason = held_open(change)?;
                // What would call people again waits with them.
                let calls = matches!(reason, AlertReason::StillBroken { .. });
                if calls && change.after.kept_quiet_by(windows, change.at).is_some() {
                    return None;
                }
                // Also one that stood in for others may hold it; that it ends there waits for nobody's hours.
                let at_once = reach.routes().filter(holds).cloned().collect();
                let hours = reach.hours.clone().filter(|_| reason != AlertReason::SetAside);
                Some((reason, Reach { at_once, hours, ..Reach::default() }, None))
            }
            reason => Some((reason, reach, behind)),
        }
    }

    /// Where an alert is held open by others than those whom the end of it reaches: it ends there, too, at once.
    fn held_elsewhere(&self, change: &Change, reason: AlertReason, told: &Reach) -> Option<Reach> {
        matches!(reason, AlertReason::Recovered | AlertReason::VerifiedClosed | AlertReason::SetAside).then(|| {
            let holds = |route: &Route| self.holding.contains(&route.channel);
            self.routes.heard_before(change, told).into_iter().filter(holds).collect::<Vec<_>>().into()
        })
    }

    /// The notices that `changes` call for, named by `mint`. Those that stand in for others are among them: whether they
    /// are needed is known when the others had their time.
    pub fn notices(&self, changes: &[Change], now: Moment, mint: &mut dyn FnMut() -> NoticeId) -> Vec<QueuedNotice> {
        self.noticed(changes, now, &self.maintenance.around(now), mint)
    }

    fn noticed(
        &self,
        changes: &[Change],
        now: Moment,
        windows: &Windows,
        mint: &mut dyn FnMut() -> NoticeId,
    ) -> Vec<QueuedNotice> {
        let mut notices = Vec::new();
        for change in changes {
            let Some((reason, reach, behind)) = self.told_of(change, windows) else { continue };
            let (to, above) = self.routes.above(change, reason, &reach).unzip();
            let elsewhere = self.held_elsewhere(change, reason, &reach);
            for (route, due, instead_of) in [Some(&reach), above.as_ref(), elsewhere.as_ref()]
                .into_iter()
                .flatten()
                .flat_map(|reach| reach.told(change, now))
            {
                let id = mint();
                let bulletin = Bulletin::of(id, reason, change, &self.place);
                let bulletin = bulletin
                    .filed_under(&change.after.tags(&self.tags))
                    .behind(behind)
                    .instead_of(instead_of.clone())
                    .escalated_to(to.clone());
                notices.push(QueuedNotice {
                    id,
                    incident: change.after.id,
                    channel: route.channel.clone(),
                    to: route.to.clone(),
                    reason: reason.word().to_owned(),
                    due,
                    instead_of,
                    body: bulletin.to_json(),
                });
            }
        }
        notices
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(channel: &str) -> Route {
        Route { channel: channel.into(), to: None }
    }

    #[test]
    fn those_who_stand_in_come_later_and_say_for_whom() {
        let check = |at_once: &[&str], otherwise: &[&[&str]], expected: &[(&str, i64, Option<&str>)]| {
            let of = |names: &[&str]| names.iter().map(|name| route(name)).collect::<Vec<_>>();
            let otherwise = otherwise.iter().map(|names| of(names)).collect();
            let after = Duration::from_secs(300);
            let reach = Reach { at_once: of(at_once), otherwise, after, ..Reach::default() };
            let steps = reach.steps(Moment::from_millis(0));
            let got: Vec<_> =
                steps.iter().map(|(r, at, i)| (r.channel.as_str(), at.as_millis() / 1000, i.as_deref())).collect();
            assert_eq!(got, expected);
        };
        check(&["ding", "feishu"], &[], &[("ding", 0, None), ("feishu", 0, None)]);
        check(
            &["ding"],
            &[&["mail", "mail"], &["sms"]],
            &[
                ("ding", 0, None),
                ("mail", 300, Some("ding")),
                ("mail", 300, Some("ding")),
                ("sms", 600, Some("ding, mail")),
            ],
        );
        check(&[], &[&["mail"], &["sms"]], &[("mail", 0, None), ("sms", 300, Some("mail"))]);
    }
}
