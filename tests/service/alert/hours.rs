//! A deadline is counted from when who answers for an incident is told of it: both follow from the same owner map.

use super::*;
use gengfu::alert::{Hours, Reach};
use gengfu::incident::Deadlines;
use gengfu::maintenance::Standstill;

/// Told each day from this hour on, by these channels.
fn reach(from: u16, channels: &[&str]) -> Reach {
    let days = jiff::civil::Weekday::Monday.cycle_forward().take(7).collect::<Vec<_>>().into();
    let hours = Hours { days, from: from * 60, to: from * 60 + 60, zone: jiff::tz::TimeZone::UTC };
    let at_once = channels.iter().map(|channel| route(channel, None)).collect();
    Reach { at_once, hours: Some(hours), ..Reach::default() }
}

#[test]
fn what_is_told_later_is_due_later() {
    let owners = BTreeMap::from([
        ("wealth".to_owned(), reach(1, &["mail"])),
        ("loans".to_owned(), reach(2, &["mail"])),
        ("unreached".to_owned(), reach(3, &[])),
        ("at-any-hour".to_owned(), Reach { hours: None, ..reach(4, &["mail"]) }),
    ]);
    let known = Routes { owners, fallback: reach(6, &["mail"]), operator: reach(7, &["mail"]) };
    let check = |routes: &Routes, severity: Severity, (kind, assignee, owner): (Kind, &str, &str), expected: u16| {
        let name = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
        let change = changed(What::Opened, 300, |_, after| {
            (after.kind, after.severity, after.opened) = (kind, severity, Some(at(300)));
            (after.handling.assignee, after.owner) = (name(assignee), name(owner));
        });
        let plan = Plan { routes: routes.clone(), ..Plan::default() };
        let told = plan.notices(std::slice::from_ref(&change), at(300), &mut NoticeId::fresh)[0].due;
        let deadlines = Deadlines { rota: routes.rota(), ..Deadlines::default() };
        let due = change.after.due(&deadlines, &Standstill::default()).unwrap();
        let hour = told.timestamp().to_zoned(jiff::tz::TimeZone::UTC).hour();
        assert_eq!((due.from, u16::try_from(hour).unwrap()), (told, expected), "{kind:?} {assignee} {owner}");
    };
    let (app, robot, p2) = (Kind::App, Kind::Robot, Severity::P2);
    let now = 22;
    check(&known, p2, (app, "", "wealth"), 1);
    check(&known, p2, (app, "loans", "wealth"), 2);
    check(&known, p2, (app, "李雷", "wealth"), 1);
    check(&known, p2, (app, "", "stranger"), 6);
    check(&known, p2, (app, "", ""), 6);
    check(&known, p2, (app, "", "unreached"), 6);
    check(&known, p2, (app, "unreached", "wealth"), 6);
    check(&known, p2, (app, "at-any-hour", "wealth"), now);
    check(&known, Severity::P1, (app, "", "wealth"), now);
    check(&known, p2, (robot, "loans", "wealth"), 7);
    let no_operator = Routes { operator: Reach::default(), ..known.clone() };
    check(&no_operator, p2, (robot, "", ""), 6);
    check(&Routes { fallback: Reach { hours: None, ..reach(6, &["mail"]) }, ..no_operator }, p2, (robot, "", ""), now);
}

/// What was told holds, whoever is named later; what becomes graver is told anew.
#[test]
fn a_deadline_stays_where_it_was_told_until_it_is_graver() {
    let at_any_hour = Reach { hours: None, ..reach(4, &["mail"]) };
    let owners = BTreeMap::from([("wealth".to_owned(), reach(1, &["mail"])), ("duty".to_owned(), at_any_hour)]);
    let plan = Plan { routes: Routes { owners, ..Routes::default() }, ..Plan::default() };
    let deadlines = Deadlines { rota: plan.routes.rota(), ..Deadlines::default() };
    let told = |change: Change| {
        let (now, mut changes) = (change.at, [change]);
        let due = plan.tell(&mut changes, now, &mut NoticeId::fresh).first().map(|notice| notice.due);
        let [Change { after, .. }] = changes;
        (due, after.due(&deadlines, &Standstill::default()).unwrap().from, after)
    };
    let (due, from, incident) = told(changed(What::Opened, 300, |_, after| {
        (after.severity, after.opened, after.owner) = (Severity::P2, Some(at(300)), Some("wealth".into()));
    }));
    assert_eq!(due, Some(from));
    assert!(at(300) < from, "it waits for their hours");
    let (_, still, incident) = told(changed(What::Assigned, 400, |before, after| {
        (*before, *after) = (incident.clone(), incident.clone());
        after.handling.assignee = Some("duty".into());
    }));
    assert_eq!(still, from);
    let (due, anew, _) = told(changed(What::Worsened, 500, |before, after| {
        (*before, *after) = (incident.clone(), Incident { severity: Severity::P1, ..incident.clone() });
    }));
    assert_eq!((due, anew), (Some(at(500)), at(500)));
}
