//! Systems that hold an alert open until they hear otherwise hear of it when people set an incident aside.

use super::*;
use gengfu::alert::{Hours, Reach, hushed};
use gengfu::id::IncidentId;
use gengfu::incident::Handling;
use std::collections::BTreeSet;

const DAYS: [jiff::civil::Weekday; 1] = [jiff::civil::Weekday::Monday];

/// Whom a change reaches, and why. The owner has hours that are over; P3 waits for them.
fn told(what: What, shape: impl Fn(&mut Incident)) -> Vec<(String, String, bool)> {
    let hours = Hours { days: DAYS.to_vec().into(), from: 0, to: 1, zone: jiff::tz::TimeZone::UTC };
    let reach = Reach {
        at_once: vec![route("mail", Some("wealth")), route("pager", None)],
        otherwise: vec![vec![route("second-pager", None)]],
        hours: Some(hours),
        ..Reach::default()
    };
    let holding = BTreeSet::from(["pager".to_owned(), "second-pager".to_owned(), "nobody's".to_owned()]);
    let routes = Routes { fallback: reach, ..Routes::default() };
    let plan = Plan { routes, holding, ..Plan::default() };
    let change = changed(what, 300, |_, after| {
        after.severity = Severity::P3;
        shape(after);
    });
    let notices = plan.notices(&[change], at(300), &mut NoticeId::fresh);
    notices.into_iter().map(|n| (n.channel, n.reason, n.due == at(300))).collect()
}

fn check(what: What, shape: impl Fn(&mut Incident), expected: &[(&str, &str, bool)]) {
    let got = told(what, shape);
    let got: Vec<_> = got.iter().map(|(channel, reason, now)| (channel.as_str(), reason.as_str(), *now)).collect();
    assert_eq!(got, expected, "{what:?}");
}

#[test]
fn what_is_set_aside_or_muted_ends_there_at_once_and_people_hear_nothing() {
    let ends = [("pager", "set-aside", true), ("second-pager", "set-aside", true)];
    let stage = |stage: Stage| move |after: &mut Incident| after.handling.stage = stage;
    let muted = |after: &mut Incident| {
        after.handling.mute = Some(Mute { until: at(9_000), why: "升级窗口".into(), by: Actor::Robot });
    };
    check(What::CalledFalse, stage(Stage::FalseAlarm), &ends);
    check(What::LeftAsItIs, stage(Stage::WontFix), &ends);
    check(What::CalledDuplicate, stage(Stage::Duplicate), &ends);
    check(What::Muted, muted, &ends);
    // It had become worse meanwhile, which everybody heard.
    let over = |after: &mut Incident| (after.handling.stage, after.state) = (Stage::WontFix, State::Recovered);
    check(What::Recovered, over, &ends);
    // Nothing is held open of what was never told.
    let suspected = |after: &mut Incident| after.state = State::Suspected;
    check(What::CalledFalse, suspected, &[]);
    check(What::Acknowledged, |_| (), &[]);
    check(What::Sighted, stage(Stage::WontFix), &[]);
}

#[test]
fn it_ends_at_whoever_was_told_that_it_was_let_lie() {
    let owner = |channel: &str, lead: Option<&str>| Reach {
        at_once: vec![route(channel, None)],
        lead: lead.map(str::to_owned),
        ..Reach::default()
    };
    let owners = BTreeMap::from([
        ("wealth".to_owned(), owner("mail", Some("lead"))),
        ("lead".to_owned(), owner("pager", None)),
        ("loans".to_owned(), owner("mail", None)),
    ]);
    let holding = BTreeSet::from(["pager".to_owned(), "second-pager".to_owned()]);
    let routes = Routes { owners, fallback: owner("second-pager", None), ..Routes::default() };
    let plan = Plan { routes, holding, ..Plan::default() };
    let check = |what: What, shape: &dyn Fn(&mut Incident), expected: &[&str]| {
        let change = changed(what, 300, |_, after| {
            after.owner = Some("wealth".into());
            shape(after);
        });
        let notices = plan.notices(&[change], at(300), &mut NoticeId::fresh);
        assert_eq!(notices.iter().map(|n| n.channel.as_str()).collect::<Vec<_>>(), expected, "{what:?}");
    };
    let lain = |times: u32| move |after: &mut Incident| after.handling.escalated = times;
    check(What::Escalated, &lain(1), &["mail", "pager"]);
    check(What::Recovered, &lain(0), &["mail"]);
    check(What::Recovered, &lain(1), &["mail", "pager"]);
    // As far up as anybody stands.
    check(What::Escalated, &lain(2), &["mail", "pager"]);
    check(What::Recovered, &lain(2), &["mail", "pager"]);
    // Behind whom nobody stands, the fallback does.
    let alone = |times: u32| {
        move |after: &mut Incident| (after.owner, after.handling.escalated) = (Some("loans".into()), times)
    };
    check(What::Escalated, &alone(1), &["mail", "second-pager"]);
    check(What::Recovered, &alone(1), &["mail", "second-pager"]);
    check(What::Recovered, &alone(0), &["mail"]);
    check(What::Recovered, &|after| after.reopened = 2, &["mail", "pager"]);
    check(
        What::CalledFalse,
        &|after| (after.handling.escalated, after.handling.stage) = (1, Stage::FalseAlarm),
        &["pager"],
    );
    // Somebody else answers for it by now.
    check(What::Recovered, &|after| after.handling.assignee = Some("loans".into()), &["mail"]);
    check(
        What::Recovered,
        &|after| (after.owner, after.handling.assignee) = (Some("lead".into()), Some("loans".into())),
        &["mail", "pager"],
    );
    // Who stands above hears of a part by its whole.
    check(What::Reopened, &|after| (after.reopened, after.parent) = (2, Some(IncidentId::fresh())), &["mail"]);
}

#[test]
fn heard_of_again_it_is_back_there() {
    let back = [("pager", "still-broken", false), ("second-pager", "still-broken", false)];
    check(What::Unmuted, |_| (), &back);
    check(What::Unmuted, |after| after.handling.stage = Stage::WontFix, &[]);
    let [first, second] = back;
    check(What::TakenUp, |_| (), &[("mail", "still-broken", false), first, second]);
}

#[test]
fn that_it_ends_there_is_not_withdrawn_by_what_it_tells() {
    let aside = Handling { stage: Stage::FalseAlarm, ..Handling::default() };
    assert_eq!(hushed(&aside, AlertReason::SetAside, at(0)), None);
    assert_eq!(hushed(&aside, AlertReason::StillBroken { since: at(0) }, at(0)), Some(Quiet::SetAside));
    assert_eq!(AlertReason::named("set-aside", at(0)), Some(AlertReason::SetAside));
}
