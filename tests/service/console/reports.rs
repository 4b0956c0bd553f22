//! A week in figures: on its page, to print, as tables, and out of the ledger by the command line.

use super::fault::{fund, one_fault};
use super::world::{Way, World, incident};
use super::{Served, get};
use gengfu::id::IncidentId;
use gengfu::incident::{MissReason, What};
use gengfu::measure::{Asked, Complaint, Intake, Records as _, Report, Share, Week, Window};
use gengfu::moment::Moment;
use gengfu::tags::{Reason, Rules};
use gengfu::walk::Verdict;
use serde_json::Value;

/// Saturday of this week is the world's now.
const WEEK: &str = "2026-W47";

async fn json(served: &Served, query: &str) -> Value {
    serde_json::from_str(&get(served, &format!("/api/v1/reports{query}")).await.body).unwrap()
}

/// A page of reports as who looks at it has it in the end: while it is being gathered it comes again by itself.
async fn shown(served: &Served, path: &str) -> String {
    // Each visit waits for a moment at the server.
    for _ in 0..1_000 {
        let page = get(served, path).await.body;
        if !page.contains("data-gathering") {
            return page;
        }
    }
    panic!("{path} was never gathered");
}

/// The value of a figure of the overview.
fn figure<'a>(report: &'a Value, name: &str) -> &'a Value {
    let rows = report["overview"].as_array().unwrap();
    &rows.iter().find(|row| row["figure"] == name).unwrap_or_else(|| panic!("{name} in {rows:?}"))["value"]
}

#[tokio::test]
async fn a_week_is_counted_from_what_was_walked_and_met() {
    let (world, names) = one_fault("x").await;
    let served = world.serve(&[]).await;
    let report = json(&served, &format!("?week={WEEK}")).await;
    assert_eq!((&report["week"], &report["from"]), (&Value::from(WEEK), &Value::from("2026-11-15T16:00:00Z")));
    let check = |name: &str, expected: Value| assert_eq!(figure(&report, name), &expected, "{name}");
    check("Got through", 0.5.into());
    check("Opened", 1.into());
    check("Open at the end", 1.into());
    check("Journeys covered", 1.0.into());
    check("Steps covered", 1.0.into());
    // One of two due times was walked, and at once.
    check("Walked as planned", 0.5.into());
    check("On time", 0.5.into());
    // The last good walk began 90 minutes before now, the one that failed 10; it takes 8 s to end.
    check("Time to detect: Median (min)", 80.1.into());
    check("Time to fix: Median (min)", Value::Null);
    assert_eq!(report["journeys"][0]["journey"], "fund-purchase");
    assert_eq!(report["journeys"][0]["blocked_minutes"], 10.0);
    assert_eq!(report["openings"][0]["incident"], names.incident);
    assert_eq!(report["groups"][0]["dimension"], "Owner");
    assert_eq!(report["groups"][0]["detect_median_minutes"], 80.1);
}

#[tokio::test]
async fn the_page_its_print_and_its_tables_say_the_same_week() {
    let (world, names) = one_fault("=cmd").await;
    let served = world.serve(&[]).await;
    let page = shown(&served, &format!("/reports?week={WEEK}&lang=en")).await;
    for shown in [
        "Weekly report 2026-W47",
        "50.0%",
        "<svg viewBox",
        "/reports/print?week=2026-W47",
        "/reports?week=2026-W46",
        &names.incident,
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    assert!(!page.contains("week=2026-W48"), "the week after has not come yet");
    let print = get(&served, &format!("/reports/print?week={WEEK}")).await.body;
    assert!(print.contains("周报 2026-W47") && print.contains("50.0%") && !print.contains("<script"), "{print}");
    let table = get(&served, &format!("/reports/table.csv?week={WEEK}")).await;
    assert!(table.headers["content-disposition"].contains("gengfu-2026-W47.csv"));
    assert!(table.body.contains("'=cmd") && !table.body.contains(",=cmd"), "no cell is a formula: {}", table.body);
    let book = get(&served, &format!("/reports/table.xlsx?week={WEEK}")).await;
    assert!(book.body.starts_with("PK"), "a workbook is a zip");
    let empty = shown(&served, "/reports?week=2020-W01&lang=en").await;
    assert!(empty.contains("Nothing to report of this week") && empty.contains("gengfu report"), "{empty}");
    // The present week is what is shown when none is named.
    assert!(shown(&served, "/reports").await.contains("周报 2026-W47"));
}

#[tokio::test]
async fn an_owner_sees_only_what_is_theirs() {
    let (world, _) = one_fault("cards").await;
    let served = world.serve(&[]).await;
    for (query, opened) in [("&owner=cards", 1), ("&owner=default", 0), ("&owner=%20", 1)] {
        let report = json(&served, &format!("?week={WEEK}{query}")).await;
        assert_eq!(figure(&report, "Opened"), opened, "{query}");
    }
    // Of whom nothing ever was there is no report to be kept; one that the configuration names may have none yet.
    for (owner, expected) in [("cards", 200), ("wealth-team", 200), ("card", 404), ("CARDS", 404), ("%25", 404)] {
        for place in ["/reports", "/reports/print", "/reports/table.csv", "/reports/table.xlsx", "/api/v1/reports"] {
            let reply = get(&served, &format!("{place}?week={WEEK}&owner={owner}&lang=en")).await;
            assert_eq!(reply.status, expected, "{place} of {owner}");
            assert!(expected == 200 || reply.body.contains("owner"), "{}", reply.body);
        }
    }
}

fn asked() -> Asked {
    Asked {
        week: WEEK.parse().unwrap(),
        now: Moment::from_millis(super::world::NOW),
        zone: jiff::tz::TimeZone::fixed(jiff::tz::offset(8)),
        owner: None,
        deadlines: Default::default(),
        roster: Vec::new(),
        windows: Default::default(),
    }
}

async fn report(world: &World) -> Report {
    let asked = asked();
    Report::of(&world.store.gathered(&asked.window(), asked.weeks(), &Rules::default()).await.unwrap(), &asked)
}

#[tokio::test]
async fn an_incident_that_lasts_is_counted_in_each_week_it_was_open() {
    let world = World::empty().await;
    let way = fund();
    let mut before: Option<IncidentId> = None;
    // Nineteen days ago, in the week before the last; it recovered an hour ago.
    for (minutes, verdict) in [(27_360, Verdict::Failed), (60, Verdict::Passed)] {
        let row = world.row(&way, world.ago(minutes), verdict, "{}".into());
        match before {
            None => {
                before =
                    Some(world.opened(incident(&row, "tap", "点", "打不开", "does not open"), row.clone()).await.id)
            }
            Some(id) => {
                let open = world.store_incident(&id.to_string()).await;
                world.moved(&open, What::Recovered, row).await;
            }
        }
    }
    let told = report(&world).await;
    assert_eq!((told.tally.opened, told.tally.fixed, told.tally.open), (0, 1, 0));
    let hours = told.journeys[0].blocked.as_secs() / 3600;
    assert_eq!(hours, 133, "from Monday's midnight to Saturday 13:03");
    let last = Asked { week: asked().week.previous(), ..asked() };
    let gathered = world.store.gathered(&last.window(), last.weeks(), &Rules::default()).await.unwrap();
    let last = Report::of(&gathered, &last);
    assert_eq!((last.tally.fixed, last.tally.open), (0, 1), "what happened later is not known then");
    assert_eq!(last.journeys.len(), 0, "nothing was walked: what was not looked at is not counted as available");
}

#[tokio::test]
async fn due_times_and_walks_of_a_second_look_are_kept_apart() {
    let world = World::empty().await;
    let quick = Way::new("quick", "quick", "wealth-h5", "desktop");
    for minutes in [30, 20] {
        world.patrolled(world.row(&quick, world.ago(minutes), Verdict::Passed, "{}".into())).await;
    }
    world.missed(&quick, world.ago(10), MissReason::Busy).await;
    let mut second = world.row(&quick, world.ago(5), Verdict::Failed, "{}".into());
    second.purpose = gengfu::walk::Purpose::Confirm { of: second.walk };
    world.file(second, None, vec![]).await;
    let told = report(&world).await;
    assert_eq!((told.walks.all(), told.walks.passed), (2, 2), "a second look is no walk of its own");
    assert_eq!((told.coverage.walked, told.coverage.punctual), (Share { hit: 2, of: 3 }, Share { hit: 2, of: 3 }));
    assert_eq!((told.journeys[0].title.as_str(), told.journeys[0].steps), ("quick", (5, 5)));
}

#[tokio::test]
async fn complaints_of_a_week_replace_what_was_known_of_it() {
    let (world, _) = one_fault("x").await;
    let week: Week = WEEK.parse().unwrap();
    let complaint =
        |week: Week, page: &str, count| Complaint { week, page: page.into(), reason: Reason::Systems, count };
    let (by, at) = (gengfu::actor::Actor::Robot, Moment::from_millis(0));
    let intake = Intake { by, at, file: "complaints.csv".into(), digest: "00".into() };
    let keep = async |complaints: &[Complaint]| world.store.keep_complaints(complaints, &intake).await.unwrap();
    keep(&[complaint(week, "/funds/x", 5), complaint(week.previous(), "/loans", 1)]).await;
    keep(&[complaint(week, "/funds/x", 7), complaint(week, "/loans", 2)]).await;
    let leads = report(&world).await.leads;
    let told: Vec<_> = leads
        .lines
        .iter()
        .map(|(c, foreseen, first)| (c.page.as_str(), c.count, format!("{foreseen:?}"), *first))
        .collect();
    assert_eq!(told, [("/funds/x", 7, "Within".to_owned(), true), ("/loans", 2, "Missed".to_owned(), false)]);
    assert_eq!(leads.foreseen, Share { hit: 0, of: 9 }, "nobody knows what came first in that week");
}

#[tokio::test]
async fn a_window_without_anything_is_empty() {
    let world = World::empty().await;
    let window = Window::between(Moment::from_millis(0), Moment::from_millis(1));
    let gathered = world.store.gathered(&window, asked().weeks(), &Rules::default()).await.unwrap();
    assert!(gathered.walks.is_empty() && gathered.cases.is_empty() && gathered.titles.is_empty());
    assert!(report(&world).await.is_empty());
}
