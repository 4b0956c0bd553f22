//! The judgement over a whole walk: one trouble gives one failing finding, however many detectors saw it.
//!
//! A step that failed is the symptom. What the detectors saw on the same page may explain it; then the finding
//! speaks for both: the class is what the customer meets, the cause is what explains it, and everything else that
//! follows from it is left out. What stands on other steps, and does not follow from it, stays beside it.

use super::led::where_led;
use super::statement::{Tier, failure_of};
use super::{ALL, Detector, oracle_breach};
use crate::baseline::Usual;
use crate::finding::{Bilingual, Finding, Severity, normalise, route_of};
use crate::journey::Section;
use crate::walk::{Attribution, Class, FailureKind, Outcome, StepRecord, Trouble, TroubleKind, Verdict, WalkRecord};

/// What is said of a walk once every detector has looked at its record.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// What the walk says of the app.
    pub verdict: Verdict,
    /// What was found: the finding that explains the verdict first. Empty when the walk is inconclusive.
    pub findings: Vec<Finding>,
    /// How a customer suffers, when one does.
    pub class: Option<Class>,
    /// Whose fault it is, when something is anybody's.
    pub attribution: Option<Attribution>,
    /// What is said first, in one sentence; `None` when there is nothing to say.
    pub headline: Option<Bilingual>,
    /// What kept the robot from saying anything, when the walk is inconclusive: its own word, or what a detector saw.
    pub trouble: Option<Trouble>,
    /// How many findings were left out because they are usual, as detectors told them, before one speaks for several.
    pub usual: usize,
}

/// Judges a finished walk. Pure: the same record gives the same judgement.
///
/// Robot trouble, a cut uplink, a protection page and a locked test customer make the walk inconclusive and give
/// no finding. Nothing turns a failed step into a passed walk.
pub fn judge(record: &WalkRecord) -> Judged {
    judge_beyond(record, &Usual::new())
}

/// The same, when a person has taken some findings as usual: they are no news and explain nothing. What a step fails of
/// never is.
pub fn judge_beyond(record: &WalkRecord, usual: &Usual) -> Judged {
    if let Some(judged) = said_by_robot(record) {
        return judged;
    }
    let mut seen: Vec<Seen> =
        ALL.iter().flat_map(|d| (d.inspect)(record).into_iter().map(|f| Seen::of(record, d, f))).collect();
    let all = seen.len();
    let hard = |s: &Seen| record.steps.get(s.at).is_some_and(|step| !step.soft && failure_of(step).is_some());
    let own = |s: &Seen| hard(s) && s.finding.failing && matches!(s.tier, Tier::Fatal | Tier::Symptom | Tier::Slow);
    // What was taken as usual before findings stood where they were led to is so still.
    let told = |s: &Seen| where_led(record, s.at, s.tier, s.finding.clone()).fingerprint();
    let is_usual = |s: &Seen| usual.contains_key(&s.finding.fingerprint()) || usual.contains_key(&told(s));
    seen.retain(|s| usual.is_empty() || own(s) || !is_usual(s));
    Judged { usual: all - seen.len(), ..judge_seen(record, &seen) }
}

/// What is said of a walk whose robot is the one in trouble: nothing of the app.
pub fn set_aside(trouble: Trouble) -> Judged {
    let (attribution, headline) = (Some(trouble.kind.attribution()), Some(trouble_headline(&trouble)));
    Judged { attribution, headline, trouble: Some(trouble), ..unfinished() }
}

/// The same where nobody knows what the trouble was.
fn unfinished() -> Judged {
    let headline = Bilingual::new("机器人没有走完，无法判断", "The robot did not finish and cannot say");
    Judged {
        verdict: Verdict::Inconclusive,
        findings: Vec::new(),
        class: None,
        attribution: Some(Attribution::Robot),
        headline: Some(headline),
        trouble: None,
        usual: 0,
    }
}

fn judge_seen(record: &WalkRecord, seen: &[Seen]) -> Judged {
    let failed = record.steps.iter().position(|s| failure_of(s).is_some() && !s.soft);
    let primary = failed.and_then(|at| explained(record, at, seen));
    if let Some(stopped) = primary.as_ref().filter(|p| says_nothing_of_the_app(p.attribution)) {
        let trouble = Some(trouble_of(stopped));
        return Judged { findings: Vec::new(), trouble, ..judged(Verdict::Inconclusive, stopped.clone(), Vec::new()) };
    }
    let others = beside(record, seen, failed, primary.as_ref());
    let worst = if failed.is_some() || others.iter().any(|f| f.failing) { Verdict::Failed } else { Verdict::Degraded };
    match primary.or_else(|| others.first().cloned()) {
        Some(first) => judged(worst, first, others),
        None => {
            let verdict = if failed.is_some() { Verdict::Failed } else { record.verdict };
            Judged {
                verdict,
                findings: Vec::new(),
                class: None,
                attribution: None,
                headline: None,
                trouble: None,
                usual: 0,
            }
        }
    }
}

fn judged(verdict: Verdict, first: Finding, others: Vec<Finding>) -> Judged {
    let (class, attribution) = (Some(first.class), Some(first.attribution));
    let headline = Some(first.headline.clone());
    let mut findings = others;
    findings.retain(|f| f.fingerprint() != first.fingerprint());
    findings.insert(0, first);
    Judged { verdict, findings, class, attribution, headline, trouble: None, usual: 0 }
}

/// What a detector saw, as the trouble it is: a protection page is no defect of the robot's.
fn trouble_of(stopped: &Finding) -> Trouble {
    let kind = match stopped.attribution {
        Attribution::Protection => TroubleKind::Protection,
        Attribution::Network => TroubleKind::Uplink,
        Attribution::TestData => TroubleKind::Account,
        Attribution::Robot | Attribution::Product => TroubleKind::Defect,
    };
    let said = stopped.cause.as_deref().unwrap_or(&stopped.headline.en);
    Trouble { kind, said: format!("{said} ({} at “{}”)", stopped.detector, stopped.step_title) }
}

/// Trouble that came before any step failed leaves the walk without a word on the app; what the engine calls
/// inconclusive stays so.
fn said_by_robot(record: &WalkRecord) -> Option<Judged> {
    let failed = record.steps.iter().position(|s| failure_of(s).is_some() && !s.soft);
    // Who lost the browser on the way out has said everything before.
    let walks = |s: &StepRecord| s.section == Section::Steps && matches!(s.outcome, Outcome::Inconclusive(_));
    let troubled = record.steps.iter().position(walks);
    let first = match (troubled, failed) {
        (Some(trouble), Some(failure)) => trouble < failure,
        (trouble, _) => trouble.is_some(),
    };
    if !first && record.verdict != Verdict::Inconclusive {
        return None;
    }
    Some(record.trouble().cloned().map_or_else(unfinished, set_aside))
}

fn trouble_headline(trouble: &Trouble) -> Bilingual {
    let (zh, en) = match trouble.kind.attribution() {
        Attribution::Network => ("巡检端到应用的网络不通", "The way from the robot to the app is cut"),
        Attribution::TestData => ("测试账户不可用", "The test customer cannot be used"),
        Attribution::Protection => ("防护页面拦住了机器人", "A protection page met the robot"),
        Attribution::Robot | Attribution::Product => ("机器人自身故障", "The robot itself has trouble"),
    };
    Bilingual::new(
        format!("{zh}，无法判断应用好坏：{}", trouble.said),
        format!("{en}: it cannot say how the app is: {}", trouble.said),
    )
}

fn says_nothing_of_the_app(attribution: Attribution) -> bool {
    matches!(attribution, Attribution::Network | Attribution::Protection | Attribution::TestData)
}

/// A finding with its place in the walk.
struct Seen {
    tier: Tier,
    at: usize,
    finding: Finding,
}

impl Seen {
    fn of(record: &WalkRecord, detector: &Detector, finding: Finding) -> Self {
        let same = |s: &StepRecord| s.id == finding.step;
        // A repeated step has one id and several records: what failed is meant before what passed.
        let failed = record.steps.iter().position(|s| same(s) && failure_of(s).is_some());
        let at = failed.or_else(|| record.steps.iter().position(same)).unwrap_or(0);
        Self { tier: detector.tier, at, finding }
    }
}

/// The finding that speaks for the step that failed.
fn explained(record: &WalkRecord, at: usize, seen: &[Seen]) -> Option<Finding> {
    let kind = &failure_of(&record.steps[at])?.kind;
    let here = |s: &&Seen| s.at == at;
    let symptom = seen.iter().find(|s| here(s) && s.tier == Tier::Symptom).or_else(|| {
        // Fatal failures and an empty budget are their own symptom.
        seen.iter().filter(here).find(|s| s.finding.failing && matches!(s.tier, Tier::Fatal | Tier::Slow))
    })?;
    let on_page = |s: &&Seen| s.at <= at && reaches(record, s, at, &symptom.finding);
    let explaining = seen.iter().filter(on_page).filter(|s| explains(s, kind));
    // A page's own word for its trouble (系统繁忙) says less than the call that it speaks of.
    let vague = |s: &Seen| s.finding.detector == "busy-notice";
    let root = explaining.min_by_key(|s| (s.tier, at - s.at, vague(s), is_read(&s.finding))).unwrap_or(symptom);
    let call = seen.iter().filter(on_page).find(|s| s.tier == Tier::Call);
    let thrown = seen.iter().filter(on_page).find(|s| s.tier == Tier::Script);
    // What leaves a page empty is often the script that did not come.
    let lost = seen.iter().filter(on_page).find(|s| s.finding.detector == "lost-script");
    let lost = lost.filter(|_| matches!(root.finding.detector, "white-screen" | "shell-only"));
    // What ended the page, or took its looks, did so where it was seen first; the later step only stumbled over it.
    let first_seen = root.tier == Tier::Fatal || matches!(root.finding.detector, "lost-stylesheet" | "doubled-block");
    let place = if first_seen { &root.finding } else { &symptom.finding };
    let mut told = speak_for(&root.finding, root.tier, &symptom.finding, call.or(lost).or(thrown).map(|s| &s.finding));
    (told.step, told.step_title) = (place.step.clone(), place.step_title.clone());
    Some(told)
}

/// Calls that only read explain less than the one the step made: `false` sorts first.
fn is_read(finding: &Finding) -> bool {
    finding.cause_key.starts_with("GET ")
}

/// Whether what was seen earlier still acts on the page where the step failed: a lost file does until the end, a
/// call or an exception as long as the page is the same and the customer has only just come.
fn reaches(record: &WalkRecord, seen: &Seen, at: usize, symptom: &Finding) -> bool {
    // Who only fills in a form since has not gone on.
    let enters = |s: &StepRecord| matches!(s.verb.as_str(), "fill" | "type" | "choose" | "check");
    let just_come = || record.steps[seen.at + 1..at].iter().all(enters);
    match seen.finding.detector {
        "lost-stylesheet" | "lost-script" => true,
        "api-error" | "script-exception" => seen.at == at || (just_come() && seen.finding.route == symptom.route),
        // What a page shows is the same when a later step compares it.
        "unmasked-pii" | "ticked-consent" | "doubled-block" | "blocked-frame" => {
            seen.at <= at && seen.finding.route == symptom.route
        }
        id if oracle_breach::lasts(id) => seen.at <= at && seen.finding.route == symptom.route,
        // A page that did not come is missed at the next steps, too, as long as the customer stands on it.
        _ if seen.tier == Tier::Fatal => seen.at == at || seen.finding.route == symptom.route,
        _ => seen.at == at,
    }
}

/// Whether a finding explains that a step failed in this way.
fn explains(seen: &Seen, kind: &FailureKind) -> bool {
    use FailureKind as K;
    let figures = matches!(kind, K::AssertionFalse { .. } | K::Unreadable);
    let absent = matches!(kind, K::Missing | K::Hidden | K::NotSeen);
    let own = matches!(kind, K::Journey | K::Guarded { .. } | K::Crashed | K::DialogStorm | K::PopupStorm);
    match (seen.tier, seen.finding.detector) {
        (Tier::Fatal, _) => seen.finding.failing,
        _ if own => false,
        (Tier::Page, "lost-stylesheet" | "lost-script") => !figures,
        (Tier::Page, _) => true,
        (Tier::Call, _) => !matches!(kind, K::Covered { .. } | K::Ambiguous { .. } | K::Moving | K::Unresponsive),
        (Tier::Beside, "unmasked-pii") => matches!(kind, K::AssertionFalse { .. }),
        // What stands there twice is what a locator means twice.
        (_, "product-repeated" | "doubled-block") if matches!(kind, K::Ambiguous { .. }) => true,
        // A name that does not show as it is written is not found by it; a box that is ticked is no longer unticked.
        (Tier::Content, "ticked-consent") => figures,
        (Tier::Content, "placeholder-text") => figures || *kind == K::NotSeen,
        (Tier::Content, _) => figures || absent,
        (Tier::Waiting, _) => !figures && !matches!(kind, K::Ambiguous { .. } | K::Unresponsive),
        _ => false,
    }
}

/// The root's finding, told as what the customer meets at the symptom's step.
fn speak_for(root: &Finding, tier: Tier, symptom: &Finding, cause: Option<&Finding>) -> Finding {
    let mut told = Finding {
        step: symptom.step.clone(),
        step_title: symptom.step_title.clone(),
        route: symptom.route.clone(),
        evidence: symptom.evidence.clone(),
        severity: Severity::P1,
        failing: true,
        ..root.clone()
    };
    if tier == Tier::Call || root.detector == "product-missing" {
        // A call is nothing a customer sees, and what is not there neither: they meet the symptom, and this is why.
        told.class = symptom.class;
        told.headline = symptom.headline.clone();
    }
    let because = if tier == Tier::Call { root.cause.as_deref() } else { cause.and_then(|c| c.cause.as_deref()) };
    if let Some(because) = because.filter(|b| tier == Tier::Call || root.cause.as_deref() != Some(b)) {
        told.headline = if tier == Tier::Call { without_call(&told.headline, because) } else { told.headline };
        told.headline =
            Bilingual::new(format!("{}（{because}）", told.headline.zh), format!("{} ({because})", told.headline.en));
        if tier != Tier::Call {
            told.cause =
                Some([root.cause.as_deref(), Some(because)].into_iter().flatten().collect::<Vec<_>>().join(" ← "));
        }
    }
    told
}

/// `headline` without the request that `because` names first: it is named once.
fn without_call(headline: &Bilingual, because: &str) -> Bilingual {
    let call = because.split_once(" → ").map_or(because, |(call, _)| call);
    let Some((asked, route)) = call.split_once(' ') else { return headline.clone() };
    // A rule may name any method, and a pattern of addresses.
    let is_call = |text: &str| {
        text.split_once(' ').is_some_and(|(method, url)| {
            (method == "any" || method == asked) && (url.contains(['*', '?']) || route_of(url) == route)
        })
    };
    let strip = |text: &str, open: &str, close: &str| {
        let named = text.match_indices(open).find_map(|(at, _)| {
            let inner = &text[at + open.len()..];
            let end = inner.find(close)?;
            is_call(&inner[..end]).then_some((at, at + open.len() + end + close.len()))
        });
        named.map_or_else(|| text.to_owned(), |(from, to)| format!("{}{}", &text[..from], &text[to..]))
    };
    Bilingual::new(strip(&headline.zh, "（", "）"), strip(&headline.en, " (", ")"))
}

/// What stays beside the primary finding: troubles of their own, each once, the worst first.
fn beside(record: &WalkRecord, seen: &[Seen], failed: Option<usize>, primary: Option<&Finding>) -> Vec<Finding> {
    let last = failed.unwrap_or(usize::MAX);
    let same_cause =
        |s: &Seen| primary.is_some_and(|p| p.detector == s.finding.detector && p.cause_key == s.finding.cause_key);
    let explains_it = |s: &Seen| primary.is_some_and(|p| cited(p, &s.finding));
    let stays = |s: &&Seen| match failed {
        _ if s.finding.detector == "picture-broken" && seen.iter().any(|other| changes_looks(other, s)) => false,
        // Steps behind the failed one only clean up: what goes wrong there follows from it.
        _ if s.at > last || same_cause(s) || explains_it(s) => false,
        Some(at) if s.at == at => primary.is_some_and(|p| stands_beside(s, p)),
        _ => seen.iter().all(|other| !folds_into(s, other)),
    };
    let mut kept: Vec<&Seen> = Vec::new();
    for s in seen.iter().filter(|s| s.finding.attribution == Attribution::Product).filter(stays) {
        match kept.iter_mut().find(|k| twins(k, s)) {
            Some(first) if s.at < first.at => *first = s,
            Some(_) => {}
            None => kept.push(s),
        }
    }
    kept.sort_by_key(|s| (!s.finding.failing, s.finding.severity, s.at, s.tier));
    let mut told: Vec<Finding> = Vec::new();
    for finding in kept.into_iter().map(|s| where_led(record, s.at, s.tier, s.finding.clone())) {
        if !told.iter().any(|before| before.fingerprint() == finding.fingerprint()) {
            told.push(finding);
        }
    }
    told
}

/// Whether two findings are one trouble: on one page, or the same words on several, as in a header that all share.
fn twins(one: &Seen, other: &Seen) -> bool {
    let (a, b) = (&one.finding, &other.finding);
    let shared = || {
        let words = |f: &Finding| f.cause.as_deref().map(normalise);
        // A wrong encoding, or colour, is set once for a whole site, whichever words it spoils first.
        let whole = matches!(a.detector, "mojibake" | "contrary-colour");
        matches!(one.tier, Tier::Content | Tier::Beside) && (whole || words(a) == words(b))
    };
    a.detector == b.detector && a.cause_key == b.cause_key && (a.route == b.route || shared())
}

/// Whether a page looks different for what something else tells of it.
fn changes_looks(other: &Seen, looks: &Seen) -> bool {
    let (told, page) = (&other.finding, &looks.finding);
    let tells = !matches!(other.tier, Tier::Beside | Tier::Slow | Tier::Looks | Tier::Script);
    let flaw = other.tier == Tier::Beside && told.class == Class::Broken;
    (tells || flaw) && told.failing && told.attribution == Attribution::Product && told.route == page.route
}

/// Whether the primary finding already tells of this one as its cause.
fn cited(primary: &Finding, finding: &Finding) -> bool {
    finding.cause.as_deref().is_some_and(|cause| primary.cause.as_deref().is_some_and(|p| p.contains(cause)))
}

/// On the failed step itself: what does not follow from the primary finding.
fn stands_beside(seen: &Seen, primary: &Finding) -> bool {
    let tier = ALL.iter().find(|d| d.id == primary.detector).map_or(Tier::Symptom, |d| d.tier);
    match seen.tier {
        Tier::Beside => tier > Tier::Page || seen.finding.detector == "unmasked-pii",
        Tier::Content => tier >= Tier::Waiting,
        _ => false,
    }
}

/// On a step that did not fail: whether `seen` follows from `other`.
fn folds_into(seen: &Seen, other: &Seen) -> bool {
    // A product for testing that is on the shelf is told as such, whichever step read its name.
    let leaked = (seen.finding.detector, other.finding.detector) == ("leftover-text", "product-unlisted");
    if leaked && seen.finding.route == other.finding.route {
        return true;
    }
    if seen.at != other.at || std::ptr::eq(seen, other) {
        return false;
    }
    // One slow step is told once: the answer it waited for is its cause.
    let slow = match seen.finding.detector {
        "slow-answer" => other.finding.detector == "step-over-budget",
        "slower-than-usual" => other.tier == Tier::Slow && other.finding.detector != "slower-than-usual",
        _ => false,
    };
    // A programmer's word is no figure, either.
    let word = seen.finding.detector == "figure-unreadable"
        && matches!(other.finding.detector, "placeholder-text" | "mojibake");
    // Text that is garbled holds characters that no font has.
    let garbled = (seen.finding.detector, other.finding.detector) == ("missing-glyph", "mojibake");
    slow || word || garbled || (other.tier < seen.tier && tier_folds(seen, other))
}

fn tier_folds(seen: &Seen, other: &Seen) -> bool {
    match other.tier {
        Tier::Fatal | Tier::Page => seen.finding.detector != "unmasked-pii",
        Tier::Call if other.finding.failing => seen.tier != Tier::Beside,
        Tier::Content | Tier::Waiting => matches!(seen.tier, Tier::Script | Tier::Slow),
        _ => seen.tier == Tier::Slow && other.tier != Tier::Beside,
    }
}
