//! What one walk changes about what is known. Pure: the same walk folded twice changes nothing the second time.

use super::family;
use super::odds::wanted;
use super::sighted::{Sighted, robot_fingerprint};
use super::unheld::unheld;
use super::{Change, Handling, Incident, Kind, Odds, Passes, Sighting, SightingRole, State, VerifyPolicy, What};
use crate::actor::Actor;
use crate::evidence::EvidenceKey;
use crate::finding::{Finding, Fingerprint};
use crate::id::{IncidentId, WalkId};
use crate::moment::Moment;
use crate::walk::{Attribution, Class, Outcome, Purpose, Trouble, TroubleKind, Verdict, WalkRecord};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// What `fold` needs to know: the journey's incidents and the robot's own, recovered ones included, with the families of
/// all of them, and of what is open in the journey's app the families of the same kin as what the walk found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Known {
    /// The incidents, in any order.
    pub incidents: Vec<Incident>,
    /// The journey's last passing walk.
    pub last_good: Option<WalkId>,
    /// When the journey's last first looks began that got to its end, the newest first:
    /// `Odds::FIRST_LOOKS_MAX` of them.
    pub first_looks: Vec<Moment>,
}

/// A walk, judged.
#[derive(Debug, Clone, Copy)]
pub struct Walked<'a> {
    /// Its record.
    pub record: &'a WalkRecord,
    /// What is said of it, detectors heard.
    pub verdict: Verdict,
    /// What the detectors say.
    pub findings: &'a [Finding],
    /// What kept it from saying anything, when it is inconclusive.
    pub trouble: Option<&'a Trouble>,
}

/// What the fold is told by the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// A trouble that comes back this soon after it recovered is the same incident, reopened.
    pub reopen_within: Duration,
    /// Robot health is told by the journey that met it; after this long without a sighting any other will do,
    /// so that a journey nobody walks any more keeps no incident open.
    pub robot_quiet: Duration,
    /// From this many quick returns on, an incident flaps.
    pub flap_after: u32,
    /// A return this soon after it recovered is a quick one; what stands as long as this has calmed.
    pub flap_within: Duration,
    /// Trouble that only looks alike is one when it comes up this soon after the first of it was opened: within this
    /// time most patrols have walked every journey.
    pub gather_within: Duration,
    /// What was last seen longer ago than this, nobody looks at any more: it is no whole, and keeps none open.
    pub stands_within: Duration,
    /// What it takes to close an incident.
    pub verify: VerifyPolicy,
}

impl Default for Policy {
    fn default() -> Self {
        let hour = Duration::from_secs(3600);
        Self {
            reopen_within: hour * 24 * 7,
            robot_quiet: hour,
            flap_after: 3,
            flap_within: hour * 6,
            gather_within: hour / 2,
            stands_within: hour * 48,
            verify: VerifyPolicy::default(),
        }
    }
}

/// Whether `record` should be walked again at once, in a fresh lane, because of what its `findings` changed. What a
/// confirming walk alone saw waits for the next patrol; so does what customers get past, and what may be the fault of a
/// registry's old rows: one that fails now seldom answers a moment later.
pub fn confirmation_wanted(record: &WalkRecord, findings: &[Finding], changes: &[Change]) -> bool {
    let of_first_look = is_first_look(record);
    let shared = |c: &Change| c.sighting.as_ref().is_some_and(|s| s.role == SightingRole::Confirmation);
    let held = |f: &Finding| unheld(record, f.detector, &f.step, &f.route).all(|print| print != f.fingerprint());
    let fails = |c: &Change| findings.iter().any(|f| f.failing && f.fingerprint() == c.after.fingerprint && held(f));
    changes.iter().any(|c| c.what == What::Suspected && (of_first_look || shared(c)) && fails(c))
}

/// Whether a walk was made for its own sake: one made because of a suspicion is no fair sample.
fn is_first_look(record: &WalkRecord) -> bool {
    !matches!(record.purpose, Purpose::Confirm { .. })
}

/// What `walked` changes about `known`. New incidents are named by `mint`.
///
/// A finding that a walk fails of, or that should not last, is suspected first and opens an incident when more walks show
/// it: at once in a row, or over time in more than the robot's own errors could ([`Odds`]). A conclusive walk that got
/// through the step without it recovers an open incident and refutes a suspicion; what only some walks meet, and what was
/// slow, recovers when enough in a row did not. An inconclusive walk says nothing of the app: it raises one incident of the
/// robot's own.
pub fn fold(known: &Known, walked: &Walked<'_>, policy: &Policy, mint: &mut dyn FnMut() -> IncidentId) -> Vec<Change> {
    let fold = Fold { known, walked, policy, at: walked.record.started.after(walked.record.elapsed) };
    if walked.verdict == Verdict::Inconclusive {
        return fold.robot_trouble(mint).into_iter().collect();
    }
    let mut seen: BTreeMap<Fingerprint, &Finding> = BTreeMap::new();
    for finding in walked.findings {
        let slot = seen.entry(finding.fingerprint()).or_insert(finding);
        // Several findings of one trouble: a failing one speaks for it, then the worst.
        if (!finding.failing, finding.severity) < (!slot.failing, slot.severity) {
            *slot = finding;
        }
    }
    let opening = seen.iter().filter(|(_, f)| f.opens());
    let mut changes: Vec<Change> = opening.filter_map(|(print, f)| fold.seen(print, f, mint)).collect();
    // The worst first: what is no worse may become a part of it.
    changes.sort_by_key(|change| change.after.severity);
    changes.extend(known.incidents.iter().filter_map(|i| fold.not_seen(i, &seen)));
    family::gathered(known, policy, changes)
}

struct Fold<'a> {
    known: &'a Known,
    walked: &'a Walked<'a>,
    policy: &'a Policy,
    at: Moment,
}

impl Fold<'_> {
    fn stamp(&self) -> (Moment, WalkId) {
        (self.walked.record.started, self.walked.record.walk)
    }

    /// The incident that a sighting of `print` belongs to, if it may still be continued or reopened.
    fn live(&self, print: &Fingerprint) -> Option<&Incident> {
        let mine = self.known.incidents.iter().filter(|i| i.fingerprint == *print);
        let newest = mine.max_by_key(|i| (i.state != State::Recovered, i.first_seen, i.id))?;
        // One that is suspected again is not left in the middle of it.
        let rests = newest.state == State::Recovered && newest.suspicion.is_none();
        let gone = newest.recovered.filter(|_| rests);
        let lapsed = gone.is_some_and(|then| self.walked.record.started.since(then) > self.policy.reopen_within);
        (!lapsed).then_some(newest)
    }

    fn seen(&self, print: &Fingerprint, finding: &Finding, mint: &mut dyn FnMut() -> IncidentId) -> Option<Change> {
        let sighted = Sighted::of(self.walked.record, finding);
        let Some(before) = self.live(print) else {
            let mut after = self.newcomer(print, &sighted, mint());
            self.suspect(&mut after, finding, 0);
            return Some(self.change(What::Suspected, None, after, &sighted, SightingRole::Suspicion));
        };
        if self.stamp() <= before.judged {
            return None;
        }
        let mut after = self.touched(before, &sighted);
        self.suspect(&mut after, finding, self.looks_since(before.last_seen));
        let steady = after.odds.is_steady(finding.deterministic);
        let (what, role) = match before.state {
            State::Open => {
                after.suspicion = None;
                after.calm(before.opened, self.at, self.policy);
                let all_now = after.odds.is_met_by_all();
                after.odds.intermittent &= !all_now;
                let worse = sighted.severity < before.severity || all_now;
                let sighted_again = if worse { What::Worsened } else { What::Sighted };
                let refused = after.refuse_claim(self.walked.record.started, self.at);
                (if refused && !worse { What::ClaimRefused } else { sighted_again }, SightingRole::Repeat)
            }
            state => {
                let shared = before.suspicion.is_some();
                let role = if shared { SightingRole::Confirmation } else { SightingRole::Suspicion };
                if steady || after.odds.sounds() {
                    after.odds.intermittent = !steady;
                    self.open(&mut after, state);
                    (if state == State::Recovered { What::Reopened } else { What::Opened }, role)
                } else {
                    (What::Suspected, role)
                }
            }
        };
        Some(self.change(what, Some(before), after, &sighted, role))
    }

    /// One more walk shows it, after `past` first looks that did not.
    fn suspect(&self, after: &mut Incident, finding: &Finding, past: u32) {
        after.suspicion = Some(self.walked.record.walk);
        // A registry's old rows may be what is wrong, walk after walk.
        if unheld(self.walked.record, finding.detector, &finding.step, &finding.route).any(|p| p == after.fingerprint) {
            return;
        }
        let first_look = is_first_look(self.walked.record);
        // The robot's own machine is slow more often than it errs: of that only a row counts.
        if first_look && (finding.failing || finding.class != Class::Slow) {
            after.odds.met_at_first_look(past);
        }
        // What should not last shows that over time: walks made at once for another reason add nothing.
        if !finding.failing && !first_look {
            return;
        }
        after.odds.in_a_row = if after.state == State::Open && past > 0 { 1 } else { after.odds.in_a_row + 1 };
    }

    /// First looks of the journey between then and this walk.
    fn looks_since(&self, then: Moment) -> u32 {
        let now = self.walked.record.started;
        let between = self.known.first_looks.iter().filter(|look| **look > then && **look < now).count();
        u32::try_from(between).unwrap_or(u32::MAX)
    }

    fn open(&self, after: &mut Incident, was: State) {
        if was == State::Recovered {
            after.reopen(self.at, self.policy);
            after.good_walk = self.known.last_good.or(after.good_walk);
        }
        (after.state, after.suspicion, after.opened) = (State::Open, None, Some(self.at));
        after.handling.since.get_or_insert(self.at);
    }

    /// What becomes of an incident that this walk has no finding of.
    fn not_seen(&self, before: &Incident, seen: &BTreeMap<Fingerprint, &Finding>) -> Option<Change> {
        // One slow step is told once, by whatever tells it best this time.
        let another = |f: &&&Finding| f.class == Class::Slow && !f.failing && f.detector != before.detector;
        let seen_as_another = before.class == Some(Class::Slow)
            && seen.values().filter(another).any(|f| Some(&f.step) == before.step.as_ref());
        let mut unheld =
            before.step.iter().flat_map(|step| unheld(self.walked.record, &before.detector, step, &before.route));
        if seen.contains_key(&before.fingerprint)
            || seen_as_another
            || unheld.any(|print| print == before.fingerprint)
            || self.stamp() <= before.judged
            || !self.got_past(before)
        {
            return None;
        }
        // Walks made at once for another reason say as little against slowness as for it.
        if before.class == Some(Class::Slow) && !is_first_look(self.walked.record) {
            return None;
        }
        let mut after = before.clone();
        after.judged = self.stamp();
        after.revision += 1;
        after.odds.in_a_row = 0;
        let past = self.looks_since(before.last_seen) + u32::from(is_first_look(self.walked.record));
        let what = match (before.state, before.suspicion) {
            (State::Open, _) if !self.has_calmed(before, past) && !self.mended(before) => return None,
            (State::Open, _) => {
                after.calm(before.opened, self.at, self.policy);
                after.state = State::Recovered;
                after.recovered = Some(self.at);
                after.odds = Odds::default();
                self.pass(&mut after);
                What::Recovered
            }
            (_, Some(_)) => {
                after.unconfirmed += 1;
                What::Unconfirmed
            }
            (State::Suspected, None) => return None,
            // Nobody was told of its last recovery, because it came and went: now it has stayed away.
            (State::Recovered, None) if after.calm(before.recovered, self.at, self.policy) => What::Recovered,
            (State::Recovered, None) => self.pass(&mut after)?,
        };
        after.suspicion = None;
        let role = (what == What::Unconfirmed).then_some(SightingRole::Refutation);
        let sighting = role.map(|role| self.sighting(before.id, role, None, &[]));
        let (walk, at) = (self.walked.record.walk, self.at);
        let (before, by) = (Some(before.clone()), Actor::Robot);
        Some(Change { what, before, after, sighting, whole: None, walk, at, by, why: String::new() })
    }

    /// This walk got past what has recovered: one more that says it is over. That a mended journey no longer comes by
    /// says nothing of it, and walks made because of another suspicion follow too soon upon each other.
    fn pass(&self, after: &mut Incident) -> Option<What> {
        let counts = is_first_look(self.walked.record) && !self.mended(after) && after.handling.closed.is_none();
        if !counts {
            return None;
        }
        let closes = after.passed_by(self.walked.record, self.at, &self.policy.verify);
        Some(if closes { What::Closed } else { What::Passed })
    }

    /// Whether `past` first looks in a row without it are enough. What was slow wants as many as opened it: one quick answer
    /// says little of the next.
    fn has_calmed(&self, incident: &Incident, past: u32) -> bool {
        // Looks that fail behind the step are not counted: there would never be enough of them.
        let counted = self.walked.verdict != Verdict::Failed;
        let enough = incident.class != Some(Class::Slow) || past >= wanted(false) || !counted;
        enough && incident.odds.has_calmed(past)
    }

    /// Whether this walk shows that a customer gets past where `incident` was met.
    fn got_past(&self, incident: &Incident) -> bool {
        let mine = incident.journey == self.walked.record.journey;
        let Some(step) = &incident.step else {
            return mine || self.walked.record.started.since(incident.last_seen) >= self.policy.robot_quiet;
        };
        if !mine {
            return false;
        }
        let walked = |outcome: &Outcome| matches!(outcome, Outcome::Passed | Outcome::Degraded(_));
        // Who walks a mended journey to its end gets past a step that is no part of it any more.
        if self.mended(incident) {
            return self.walked.verdict != Verdict::Failed;
        }
        let (mut reached, mut went_on) = (false, false);
        // Nothing is known of a step that comes after trouble: what is wrong there may have hidden it. Nor of one whose
        // page was not looked at to the end: what a look meets stands at the step that led there.
        for record in &self.walked.record.steps {
            let fails = self.walked.findings.iter().any(|f| f.failing && f.step == record.id);
            if fails || matches!(record.outcome, Outcome::Failed(_) | Outcome::Inconclusive(_)) && !record.soft {
                return reached && record.id != *step && (went_on || !record.looks());
            }
            went_on |= reached && record.id != *step && !record.looks();
            reached |= record.id == *step && walked(&record.outcome);
        }
        reached
    }

    /// Whether the journey was mended since: the step is no part of it any more.
    fn mended(&self, incident: &Incident) -> bool {
        let record = self.walked.record;
        record.digest != incident.digest && !record.steps.iter().any(|s| Some(&s.id) == incident.step.as_ref())
    }

    fn robot_trouble(&self, mint: &mut dyn FnMut() -> IncidentId) -> Option<Change> {
        let record = self.walked.record;
        let unknown = Trouble { kind: TroubleKind::Defect, said: "the walk says nothing and does not say why".into() };
        let trouble = self.walked.trouble.unwrap_or(&unknown);
        if trouble.kind == TroubleKind::Cancelled {
            return None;
        }
        let print = robot_fingerprint(trouble.kind);
        let sighted = Sighted::of_trouble(record, trouble);
        let Some(before) = self.live(&print) else {
            let mut after = self.newcomer(&print, &sighted, mint());
            self.open(&mut after, State::Suspected);
            return Some(self.change(What::Opened, None, after, &sighted, SightingRole::Suspicion));
        };
        if self.stamp() <= before.judged {
            return None;
        }
        let mut after = self.touched(before, &sighted);
        if before.state == State::Open {
            // Whoever met it keeps it: its next conclusive walk recovers it, not one that never had trouble.
            return Some(self.change(What::Sighted, Some(before), after, &sighted, SightingRole::Repeat));
        }
        after.journey = record.journey.clone();
        after.title = record.title.clone();
        self.open(&mut after, before.state);
        Some(self.change(What::Reopened, Some(before), after, &sighted, SightingRole::Suspicion))
    }

    fn newcomer(&self, print: &Fingerprint, sighted: &Sighted<'_>, id: IncidentId) -> Incident {
        let record = self.walked.record;
        let mut mine: Vec<&Incident> = self.known.incidents.iter().filter(|i| i.fingerprint == *print).collect();
        mine.sort_by_key(|i| (i.first_seen, i.id));
        Incident {
            id,
            fingerprint: print.clone(),
            kind: if sighted.attribution == Attribution::Product { Kind::App } else { Kind::Robot },
            kin: sighted.finding.map(|f| f.kin.clone()),
            parent: None,
            past: None,
            app: record.app.clone(),
            journey: record.journey.clone(),
            title: record.title.clone(),
            step: sighted.finding.map(|f| f.step.clone()),
            step_title: sighted.finding.map(|f| f.step_title.clone()).unwrap_or_default(),
            route: sighted.finding.map(|f| f.route.clone()).unwrap_or_default(),
            devices: BTreeSet::from([record.device.clone()]),
            detector: sighted.detector.to_owned(),
            class: sighted.finding.map(|f| f.class),
            severity: sighted.severity,
            attribution: sighted.attribution,
            headline: sighted.headline.clone(),
            cause: sighted.cause.clone(),
            state: State::Suspected,
            suspicion: None,
            first_seen: record.started,
            last_seen: record.started,
            opened: None,
            recovered: None,
            sightings: 1,
            unconfirmed: 0,
            reopened: 0,
            flaps: 0,
            odds: Odds::default(),
            flapping: false,
            digest: record.digest.clone(),
            good_walk: self.known.last_good,
            failing_walk: record.walk,
            picture: sighted.picture.clone(),
            owner: record.owner.clone(),
            tags: record.tags.clone(),
            previous: mine.last().map(|i| i.id),
            judged: self.stamp(),
            handling: Handling::default(),
            revision: 1,
        }
    }

    /// `before` with one more sighting.
    fn touched(&self, before: &Incident, sighted: &Sighted<'_>) -> Incident {
        let record = self.walked.record;
        let mut after = before.clone();
        after.devices.insert(record.device.clone());
        after.severity = after.severity.min(sighted.severity);
        after.headline = sighted.headline.clone();
        after.cause = sighted.cause.clone().or(after.cause);
        after.kin = sighted.finding.map(|f| f.kin.clone()).or(after.kin);
        after.past = None;
        after.last_seen = record.started;
        after.sightings += 1;
        after.failing_walk = record.walk;
        after.picture = sighted.picture.clone().or(after.picture);
        after.owner = record.owner.clone();
        after.digest = record.digest.clone();
        after.handling.passes = Passes::default();
        after.judged = self.stamp();
        after.revision += 1;
        after
    }

    fn change(
        &self,
        what: What,
        before: Option<&Incident>,
        after: Incident,
        sighted: &Sighted<'_>,
        role: SightingRole,
    ) -> Change {
        let evidence = sighted.finding.map_or(&[][..], |f| &f.evidence);
        let sighting = Some(self.sighting(after.id, role, sighted.cause.clone(), evidence));
        let (before, walk) = (before.cloned(), self.walked.record.walk);
        let (at, by) = (self.at, Actor::Robot);
        Change { what, before, after, sighting, whole: None, walk, at, by, why: String::new() }
    }

    fn sighting(
        &self,
        incident: IncidentId,
        role: SightingRole,
        cause: Option<String>,
        evidence: &[EvidenceKey],
    ) -> Sighting {
        let record = self.walked.record;
        let device = record.device.clone();
        Sighting { incident, walk: record.walk, at: record.started, role, device, cause, evidence: evidence.to_vec() }
    }
}
