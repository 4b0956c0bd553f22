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
