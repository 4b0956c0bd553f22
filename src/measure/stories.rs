//! Incidents told as moves at hours, and what a week makes of them.

use super::*;
use crate::actor::Actor;
use crate::finding::{Bilingual, Severity};
use crate::id::IncidentId;
use crate::incident::{Deadline, Deadlines, Hours, Rota, What};
use crate::maintenance::{Covers, Window as Work, Windows};
use crate::moment::Moment;
use crate::tags::{Reason, Right, Tags};
use crate::walk::Class;
use jiff::tz::TimeZone;
use std::sync::Arc;
use std::time::Duration;

const HOUR: i64 = 3_600_000;

fn week() -> Week {
    "2026-W47".parse().unwrap()
}

/// `hours` after the week began.
fn at(hours: i64) -> Moment {
    Moment::from_millis(week().window(&TimeZone::UTC).from().as_millis() + hours * HOUR)
}

fn deadlines() -> Deadlines {
    let within = |acknowledge: u64, fix: u64| Deadline {
        acknowledge: Duration::from_secs(acknowledge * 3600),
        fix: Duration::from_secs(fix * 3600),
    };
    Deadlines { p1: within(1, 10), ..Deadlines::default() }
}

/// An incident of `journey` with these moves.
fn case(journey: &str, moves: &[(What, i64)]) -> Case {
    Case {
        id: IncidentId::fresh(),
        part: false,
        may_be_planned: true,
        app: "wealth".into(),
        journey: journey.parse().unwrap(),
        headline: Bilingual::new("打不开", "does not open"),
        class: Some(Class::Blocked),
        severity: Severity::P1,
        owner: None,
        tags: Tags { reason: Some(Reason::Systems), rights: [Right::Respect].into(), ..Tags::default() },
        first_seen: moves.first().map_or(at(0), |(_, hours)| at(*hours)),
        opened: None,
        good: None,
        moves: moves.iter().map(|(what, hours)| CaseMove { what: *what, at: at(*hours), elsewhere: false }).collect(),
    }
}

fn asked() -> Asked {
    let (zone, roster) = (TimeZone::UTC, Roster::new());
    let windows = Arc::default();
    Asked { week: week(), now: at(1000), zone, owner: None, deadlines: deadlines(), roster, windows }
}

fn tally(cases: &[Case]) -> Tally {
    Tally::of(cases, &asked().window(), &deadlines(), &Windows::default())
}

fn share(hit: u64, of: u64) -> Share {
    Share { hit, of }
}

use What::*;

#[test]
fn times_run_from_the_opening_and_count_where_they_end() {
    let hours = |spread: Option<Spread>| spread.map(|s| (s.count, s.median.as_secs() / 3600, s.p90.as_secs() / 3600));
    let told = tally(&[
        // Opened last week, acknowledged and mended in this one.
        case("a", &[(Opened, -5), (Acknowledged, 1), (Recovered, 3)]),
        Case { good: Some(at(4)), ..case("b", &[(Opened, 10), (FixBegun, 12), (Recovered, 30)]) },
        // Acknowledged in the next week: this one does not know.
        case("c", &[(Opened, 160), (Acknowledged, 170), (Recovered, 175)]),
    ]);
    assert_eq!((told.opened, told.fixed, told.open), (2, 2, 1));
    assert_eq!(hours(told.detect), Some((1, 6, 6)));
    assert_eq!(hours(told.acknowledge), Some((2, 2, 6)));
    assert_eq!(hours(told.fix), Some((2, 8, 20)));
}

#[test]
fn a_deadline_counts_once_when_it_is_met_or_passes() {
    let check = |moves: &[(What, i64)], acknowledged: Share, fixed: Share| {
        let told = tally(&[case("a", moves)]);
        assert_eq!((told.acknowledged_in_time, told.fixed_in_time), (acknowledged, fixed), "{moves:?}");
    };
    check(&[(Opened, 5), (Acknowledged, 6), (Recovered, 15)], share(1, 1), share(1, 1));
    check(&[(Opened, 5), (Acknowledged, 7), (Recovered, 16)], share(0, 1), share(0, 1));
    // Passed last week, and counted there.
    check(&[(Opened, -20), (Acknowledged, 2), (Recovered, 3)], share(0, 0), share(0, 0));
    // Not due yet.
    check(&[(Opened, 167)], share(0, 0), share(0, 0));
    check(&[(Opened, 166)], share(0, 1), share(0, 0));
    // Over before anybody had to say that they know of it.
    check(&[(Opened, 5), (Recovered, 5)], share(0, 0), share(1, 1));
    // Set aside before its deadline: nobody owes a repair.
    check(&[(Opened, 5), (CalledFalse, 5)], share(0, 0), share(0, 0));
    check(&[(Opened, 5), (LeftAsItIs, 30)], share(0, 1), share(0, 1));
}

/// Told at nine in the morning, and given four hours to take it up and ten to mend it.
#[test]
fn what_opened_at_night_is_in_time_by_its_owners_hours() {
    let days = jiff::civil::Weekday::Monday.cycle_forward().take(5).collect::<Vec<_>>().into();
    let office = Hours { days, from: 9 * 60, to: 18 * 60, zone: TimeZone::UTC };
    let four_and_ten = Deadline { acknowledge: Duration::from_secs(4 * 3600), fix: Duration::from_secs(10 * 3600) };
    let rota = Rota { owners: [("cards".to_owned(), Some(office))].into(), ..Rota::default() };
    let deadlines = Deadlines { p1: four_and_ten, p2: four_and_ten, rota, ..deadlines() };
    let check = |owner: Option<&str>, severity: Severity, moves: &[(What, i64)], acknowledged: Share, fixed: Share| {
        let met = Case { severity, owner: owner.map(str::to_owned), ..case("a", moves) };
        let report = Report::of(
            &Gathered { cases: vec![met], ..Gathered::default() },
            &Asked { deadlines: deadlines.clone(), ..asked() },
        );
        let told = (report.tally.acknowledged_in_time, report.tally.fixed_in_time);
        assert_eq!(told, (acknowledged, fixed), "{owner:?} {severity:?} {moves:?}");
        assert_eq!(report.groups[&Facet::Owner][0].tally.acknowledged_in_time, acknowledged);
    };
    // Tuesday evening until Wednesday morning.
    let night = [(Opened, 44), (Acknowledged, 58), (Recovered, 66)];
    check(Some("cards"), Severity::P2, &night, share(1, 1), share(1, 1));
    check(Some("cards"), Severity::P1, &night, share(0, 1), share(0, 1));
    check(Some("funds"), Severity::P2, &night, share(0, 1), share(0, 1));
    check(None, Severity::P2, &night, share(0, 1), share(0, 1));
    // Late by their hours, too.
    check(Some("cards"), Severity::P2, &[(Opened, 44), (Acknowledged, 62), (Recovered, 68)], share(0, 1), share(0, 1));
    // From Friday evening on it is due on the Monday of the week after: this one owes nothing.
    check(Some("cards"), Severity::P2, &[(Opened, 116)], share(0, 0), share(0, 0));
    check(None, Severity::P2, &[(Opened, 116)], share(0, 1), share(0, 1));
}

#[test]
fn the_first_claim_is_what_counts_and_only_closing_proves_it() {
    let check = |moves: &[(What, i64)], expected: Share| {
        assert_eq!(tally(&[case("a", moves)]).first_fix, expected, "{moves:?}");
    };
    check(&[(Opened, 1), (FixClaimed, 2), (Recovered, 3), (Closed, 9)], share(1, 1));
    check(
        &[(Opened, 1), (FixClaimed, 2), (ClaimRefused, 3), (FixClaimed, 4), (Recovered, 5), (Closed, 9)],
        share(0, 1),
    );
    // One walk that got past it proves nothing yet.
    check(&[(Opened, 1), (FixClaimed, 2), (Recovered, 3)], share(0, 0));
    check(&[(Opened, 1), (FixClaimed, 2), (Recovered, 3), (Reopened, 5)], share(0, 1));
    // Nobody claimed anything.
    check(&[(Opened, 1), (Recovered, 3), (Closed, 9)], share(0, 0));
    check(&[(Opened, 1), (FixClaimed, 2)], share(0, 0));
    // Nothing had been wrong.
    check(&[(Opened, 1), (FixClaimed, 2), (Recovered, 3), (CalledFalse, 4)], share(0, 0));
    // Each opening is claimed for itself; that it comes back later takes nothing from what was closed.
    let again = [(Reopened, 20), (FixClaimed, 21), (ClaimRefused, 22), (Recovered, 30), (Closed, 40)];
    check(&[&[(Opened, 1), (FixClaimed, 2), (Recovered, 3), (Closed, 9)], &again[..]].concat(), share(1, 2));
}

#[test]
fn what_is_called_false_once_it_recovered_was_never_mended() {
    let check = |moves: &[(What, i64)], fixed: u64, misreported: Share| {
        let told = tally(&[case("a", moves)]);
        assert_eq!((told.fixed, told.misreported, told.open), (fixed, misreported, 0), "{moves:?}");
        assert_eq!(told.fix.is_some(), fixed > 0, "{moves:?}");
    };
    check(&[(Opened, 1), (Recovered, 3)], 1, share(0, 1));
    check(&[(Opened, 1), (Recovered, 3), (CalledFalse, 4)], 0, share(1, 1));
    check(&[(Opened, 1), (Recovered, 3), (Closed, 4), (CalledFalse, 5)], 0, share(1, 1));
    // Somebody thinks better of it.
    check(&[(Opened, 1), (Recovered, 3), (CalledFalse, 4), (TakenUp, 5)], 1, share(0, 1));
    // It is another's, or stays: a walk got past it all the same.
    check(&[(Opened, 1), (Recovered, 3), (LeftAsItIs, 4)], 1, share(0, 1));
    check(&[(Opened, 1), (Recovered, 3), (CalledDuplicate, 4)], 1, share(0, 1));
    // Called false, and a walk gets past it afterwards.
    check(&[(Opened, 1), (CalledFalse, 2), (Recovered, 3)], 0, share(1, 1));
    check(&[(Opened, 1), (CalledFalse, 2), (Recovered, 3), (TakenUp, 5)], 1, share(0, 1));
}

#[test]
fn what_is_set_aside_and_comes_back_is_not_open_again() {
    let check = |moves: &[(What, i64)], opened: u64, reopened: u64, open: u64| {
        let told = tally(&[case("a", moves)]);
        assert_eq!((told.opened, told.reopened, told.open), (opened, reopened, open), "{moves:?}");
    };
    check(&[(Opened, 1), (Recovered, 3), (Reopened, 9)], 2, 1, 1);
    for aside in [LeftAsItIs, CalledDuplicate, CalledFalse] {
        check(&[(Opened, 1), (aside, 2), (Recovered, 3), (Reopened, 9)], 1, 0, 0);
        check(&[(Opened, 1), (aside, 2), (Recovered, 3), (Reopened, 9), (Recovered, 10), (Reopened, 11)], 1, 0, 0);
        // Whoever takes it up has it open from then on.
        check(&[(Opened, 1), (aside, 2), (Recovered, 3), (Reopened, 9), (TakenUp, 20)], 2, 1, 1);
        check(&[(Opened, 1), (aside, 2), (Recovered, 3), (Reopened, 9), (Recovered, 12), (TakenUp, 20)], 1, 0, 0);
        check(&[(Opened, 1), (aside, 2), (TakenUp, 20)], 1, 0, 1);
        // Nobody owes a repair of what stays.
        let told = tally(&[case("a", &[(Opened, 1), (aside, 2), (Recovered, 3), (Reopened, 9)])]);
        assert_eq!(told.fixed_in_time, share(0, 0));
    }
}

#[test]
fn customers_of_a_journey_are_blocked_until_it_is_got_through_whoever_still_meets_it() {
    let check = |moves: Vec<CaseMove>, hours: &[(i64, i64)]| {
        let met = Case { moves, ..case("a", &[(Opened, 10)]) }.met(at(100));
        assert_eq!(met, hours.iter().map(|(from, to)| (at(*from), at(*to))).collect::<Vec<_>>());
    };
    let moves = |told: &[(What, i64)]| case("a", told).moves;
    check(moves(&[(Opened, 10), (Recovered, 40)]), &[(10, 40)]);
    // Other journeys met it for twenty hours more.
    check(moves(&[(Opened, 10), (Narrowed, 20), (Recovered, 40)]), &[(10, 20)]);
    check(moves(&[(Opened, 10), (Narrowed, 20), (Sighted, 30), (Recovered, 40)]), &[(10, 20), (30, 40)]);
    check(moves(&[(Opened, 10), (Recovered, 20), (Reopened, 30)]), &[(10, 20), (30, 100)]);
    let elsewhere = CaseMove { what: Reopened, at: at(30), elsewhere: true };
    check([moves(&[(Opened, 10), (Recovered, 20)]), vec![elsewhere]].concat(), &[(10, 20)]);
    // What was called false was not met, what was before it was.
    check(moves(&[(Opened, 10), (Recovered, 20), (Reopened, 30), (CalledFalse, 40)]), &[(10, 20)]);
    check(moves(&[(Opened, 10), (Recovered, 20), (CalledFalse, 40)]), &[]);
    check(moves(&[(Opened, 10), (CalledFalse, 20), (Recovered, 30), (TakenUp, 40)]), &[(10, 30)]);
}

#[test]
fn what_comes_back_and_what_was_none_are_told_apart() {
    let told = tally(&[
        case("a", &[(Opened, 1), (Recovered, 3), (Closed, 4), (Reopened, 9)]),
        case("b", &[(Opened, 1), (Recovered, 3), (Closed, 4)]),
        case("c", &[(Opened, 1), (CalledFalse, 2)]),
        // Taken up again: it was one after all.
        case("d", &[(Opened, 1), (CalledFalse, 2), (TakenUp, 3)]),
        Case { part: true, ..case("e", &[(Opened, 1)]) },
        case("f", &[(Suspected, 1)]),
    ]);
    assert_eq!((told.opened, told.reopened, told.closed, told.open), (5, 1, 2, 2));
    assert_eq!((told.repeated, told.misreported), (share(1, 2), share(1, 5)));
    assert_eq!(tally(&[]), Tally::default());
}

#[test]
fn customers_are_blocked_once_however_many_incidents_say_so() {
    let gathered = Gathered {
        cases: vec![
            case("a", &[(Opened, 10), (Recovered, 20)]),
            Case { part: true, ..case("a", &[(Opened, 15), (Recovered, 25)]) },
            case("a", &[(Opened, 30), (CalledFalse, 31), (Recovered, 90)]),
            Case { class: Some(Class::Slow), ..case("a", &[(Opened, 100)]) },
            case("b", &[(Opened, -50), (Recovered, 2), (Reopened, 160)]),
        ],
        walks: vec![walked("a", 1, 5, 1), walked("a", 2, 4, 0), walked("b", 0, 1, 1)],
        slots: vec![JourneySlots { journey: "a".parse().unwrap(), due: 12, walked: 10, punctual: 9 }],
        ..Gathered::default()
    };
    let report = Report::of(&gathered, &asked());
    let told: Vec<_> =
        report.journeys.iter().map(|line| (line.journey.as_str(), line.blocked.as_secs() / 3600)).collect();
    assert_eq!(told, [("a", 15), ("b", 10)]);
    assert_eq!(report.journeys[0].walks.available(), share(9, 10));
    assert_eq!((report.coverage.walked, report.coverage.punctual), (share(10, 12), share(9, 12)));
    assert_eq!((report.coverage.journeys, report.coverage.steps), (share(2, 2), share(6, 8)));
    let days: Vec<(u64, u64)> = report.days.iter().map(|day| (day.walks.all(), day.opened)).collect();
    assert_eq!(days, [(2, 1), (6, 1), (4, 0), (0, 0), (0, 1), (0, 0), (0, 1)]);
}

fn walked(journey: &str, day: usize, passed: u64, failed: u64) -> DayWalks {
    let counts = WalkCounts { passed, failed, ..WalkCounts::default() };
    DayWalks { day, journey: journey.parse().unwrap(), counts, steps: (3, 4) }
}

#[test]
fn an_owner_sees_what_is_theirs() {
    let theirs = |owner: &str, journey: &str| Case { owner: Some(owner.into()), ..case(journey, &[(Opened, 1)]) };
    let line = |journey: &str, owner: Option<&str>| RosterLine {
        journey: journey.parse().unwrap(),
        title: journey.into(),
        app: "wealth".into(),
        owner: owner.map(str::to_owned),
    };
    let gathered = Gathered {
        cases: vec![theirs("cards", "pay"), theirs("funds", "buy"), case("old", &[(Opened, 1)])],
        ..Gathered::default()
    };
    let roster = vec![line("pay", Some("cards")), line("buy", Some("funds")), line("quiet", None)];
    let check = |owner: Option<&str>, opened: u64, journeys: &[&str]| {
        let report =
            Report::of(&gathered, &Asked { owner: owner.map(str::to_owned), roster: roster.clone(), ..asked() });
        let told: Vec<&str> = report.journeys.iter().map(|line| line.journey.as_str()).collect();
        assert_eq!((report.tally.opened, told), (opened, journeys.to_vec()), "{owner:?}");
    };
    check(None, 3, &["buy", "pay", "quiet"]);
    check(Some("cards"), 1, &["pay"]);
    check(Some("default"), 1, &["quiet"]);
    let report = Report::of(&gathered, &asked());
    let owners: Vec<(&str, u64)> =
        report.groups[&Facet::Owner].iter().map(|g| (g.word.as_str(), g.tally.opened)).collect();
    assert_eq!(owners, [("cards", 1), ("default", 1), ("funds", 1)]);
    assert_eq!(report.groups[&Facet::Business][0].word, "", "filed under nothing, and counted all the same");
}

#[test]
fn complaints_are_laid_beside_what_the_robot_saw_before() {
    let complaint = |week: &str, page: &str, reason: Reason, count: u32| Complaint {
        week: week.parse().unwrap(),
        page: page.into(),
        reason,
        count,
    };
    let seen = |hours: i64| Met { page: "/funds/:id".into(), reason: Some(Reason::Systems), opened: at(hours) };
    let check = |met: Vec<Met>, complaints: &[Complaint], expected: Foreseen, first: bool, lead: Option<u64>| {
        let gathered = Gathered { met, complaints: complaints.to_vec(), ..Gathered::default() };
        let leads = Report::of(&gathered, &asked()).leads;
        let (_, foreseen, is_first) = &leads.lines[0];
        assert_eq!((*foreseen, *is_first, leads.lead.map(|s| s.median.as_secs() / 3600)), (expected, first, lead));
    };
    let now = complaint("2026-W47", "/funds/:id", Reason::Systems, 7);
    let hours = |h: u64| Foreseen::Before(Duration::from_secs(h * 3600));
    check(vec![seen(20), seen(-30)], std::slice::from_ref(&now), hours(30), true, Some(30));
    check(vec![seen(30)], std::slice::from_ref(&now), Foreseen::Within, true, None);
    check(vec![seen(170)], std::slice::from_ref(&now), Foreseen::Missed, true, None);
    check(vec![], std::slice::from_ref(&now), Foreseen::Missed, true, None);
    // Another reason, another page.
    check(vec![seen(-30)], &[Complaint { reason: Reason::Pricing, ..now.clone() }], Foreseen::Missed, true, None);
    check(vec![seen(-30)], &[Complaint { page: "/loans".into(), ..now.clone() }], Foreseen::Missed, true, None);
    // Complained of two weeks ago: no first one any more; five weeks ago is long enough.
    let before = |week: &str| complaint(week, "/funds/:id", Reason::Systems, 1);
    check(vec![seen(-30)], &[before("2026-W45"), now.clone()], hours(30), false, None);
    check(vec![seen(-30)], &[before("2026-W42"), now.clone()], hours(30), true, Some(30));
    let gathered = Gathered {
        met: vec![seen(-30)],
        complaints: vec![now, complaint("2026-W47", "/loans", Reason::Systems, 3)],
        ..Gathered::default()
    };
    assert_eq!(Report::of(&gathered, &asked()).leads.foreseen, share(7, 10));
    // What was opened in the week of the complaint was not foreseen: nobody knows which came first.
    let same_week = Gathered { met: vec![seen(1)], ..gathered };
    assert_eq!(Report::of(&same_week, &asked()).leads.foreseen, share(0, 10));
}

#[test]
fn complaints_are_read_by_route_and_what_is_wrong_is_told() {
    use crate::diagnostic::Source;
    use crate::tags::Codes;
    let source = |text: &str| Source { name: "c.csv".into(), text: text.into() };
    let codes = Codes::read(&source("dimension,name,code\nreason,定价收费,C-09\n")).unwrap();
    let read = |rows: &str| read_complaints(&source(&format!("week,page,reason,count\n{rows}")), &codes);
    let told = read(
        "2026-W47,https://m.example/funds/000123,systems,3\n2026-W47,/funds/9,systems,2\n2026-W46,/loans,C-09,1\n",
    )
    .unwrap();
    let told: Vec<_> = told.iter().map(|c| format!("{} {} {} {}", c.week, c.page, c.reason.word(), c.count)).collect();
    assert_eq!(told, ["2026-W46 /loans pricing 1", "2026-W47 /funds/:id systems 5"]);
    let check = |rows: &str, line: usize, title: &str| {
        let found = read(rows).unwrap_err();
        assert_eq!((found[0].line_column().0, found[0].title.as_str()), (line, title), "{rows}");
    };
    check("47,/x,systems,1\n", 2, "`47` is no week");
    check("2026-W47,,systems,1\n", 2, "no page, or one that is too long");
    check("2026-W47,/x,weather,1\n", 2, "`weather` is no reason");
    check("2026-W47,/x,systems,0\n", 2, "`0` is no number of complaints");
    check("2026-W47,/x,systems,-1\n", 2, "`-1` is no number of complaints");
    check("2026-W47,/x,systems,1\n2026-W47,/x,systems,2\n", 3, "this week, page and reason stand here twice");
    let headless = read_complaints(&source("week,page\n"), &codes).unwrap_err();
    assert_eq!(headless.len(), 2);
}

#[test]
fn nothing_lasts_into_what_has_not_happened_yet() {
    let gathered =
        Gathered { cases: vec![case("a", &[(Opened, 10)])], walks: vec![walked("a", 0, 1, 0)], ..Gathered::default() };
    let report = Report::of(&gathered, &Asked { now: at(12), ..asked() });
    assert_eq!(report.journeys[0].blocked, Duration::from_secs(2 * 3600));
    assert_eq!((report.tally.acknowledged_in_time, report.tally.fixed_in_time), (share(0, 1), share(0, 0)));
    assert_eq!((report.tally.open, report.days.len()), (1, 7));
}

/// A window of journeys through the app, of these hours of the week.
fn work(app: &str, from: i64, until: i64) -> Work {
    let covers = Covers { apps: [app.to_owned()].into(), ..Covers::default() };
    let (name, why, by) = ("升级".to_owned(), "换库".to_owned(), Actor::Robot);
    Work { name, why, by, covers, from: at(from), until: at(until), declared: None }
}

#[test]
fn planned_work_stops_the_clocks_and_is_left_out_of_what_customers_met() {
    let walked = |journey: &str, failed: u64| DayWalks {
        day: 0,
        journey: journey.parse().unwrap(),
        counts: WalkCounts { passed: 8, failed, ..WalkCounts::default() },
        steps: (1, 1),
    };
    let during = |journey: &str| (journey.parse().unwrap(), WalkCounts { failed: 2, ..WalkCounts::default() });
    let gathered = Gathered {
        // Acknowledged after two hours of its own clock, mended after five.
        cases: vec![
            case("a", &[(Opened, 10), (Acknowledged, 16), (Recovered, 19)]),
            Case { may_be_planned: false, ..case("b", &[(Opened, 10), (Acknowledged, 16), (Recovered, 19)]) },
        ],
        walks: vec![walked("a", 2), walked("b", 0)],
        amid: vec![during("a")],
        ..Gathered::default()
    };
    let roster: Roster = ["a", "b", "elsewhere"]
        .map(|name| RosterLine {
            journey: name.parse().unwrap(),
            title: name.into(),
            app: if name == "elsewhere" { "loan" } else { "wealth" }.into(),
            owner: None,
        })
        .into();
    let windows = Arc::new(Windows::of([work("wealth", 12, 16), work("wealth", 14, 15), work("wealth", 166, 200)]));
    let report = Report::of(&gathered, &Asked { windows, roster, ..asked() });
    let line = |name: &str| report.journeys.iter().find(|line| line.journey.as_str() == name).unwrap();
    let hours = |time: Duration| time.as_secs() / 3600;
    // Of the window at the week's end, what lies in the week; what overlaps is counted once.
    assert_eq!((hours(line("a").planned), hours(line("elsewhere").planned)), (4 + 2, 0));
    assert_eq!((hours(line("a").blocked), hours(line("b").blocked)), (5, 5), "the journey was planned to be down");
    assert_eq!((line("a").walks.all(), line("a").outside.available()), (10, share(8, 8)));
    assert_eq!((report.walks.all(), report.outside.available()), (18, share(16, 16)));
    assert_eq!(report.coverage.journeys, share(2, 3), "who walked in it looked");
    let hours = |spread: Option<Spread>| spread.map(|s| (s.median.as_secs() / 3600, s.p90.as_secs() / 3600));
    assert_eq!((hours(report.tally.acknowledge), hours(report.tally.fix)), (Some((2, 6)), Some((5, 9))));
    // Due within an hour and ten: the one whose clock stood still was late with the former, too.
    assert_eq!((report.tally.acknowledged_in_time, report.tally.fixed_in_time), (share(0, 2), share(2, 2)));
    let late = case("a", &[(Opened, 11), (Acknowledged, 16), (Recovered, 27)]);
    let told = |windows: &Windows| Tally::of([&late], &asked().window(), &deadlines(), windows);
    let planned = told(&Windows::of([work("wealth", 11, 16)]));
    assert_eq!((planned.acknowledged_in_time, planned.fixed_in_time), (share(1, 1), share(0, 1)));
    let ten = told(&Windows::of([work("wealth", 12, 18)]));
    assert_eq!((ten.acknowledged_in_time, ten.fixed_in_time), (share(0, 1), share(1, 1)));
}
