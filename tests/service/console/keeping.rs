//! The pages of how the watch is kept: journeys, the fleet, notices.

use super::fault::one_fault;
use super::get;
use super::world::World;
use async_trait::async_trait;
use gengfu::alert::AlertReason;
use gengfu::console::{BrowserView, FleetLook, Inside, Mistake, SourceLook};
use gengfu::fleet::{BoardLook, PostLook, Served};
use gengfu::id::{JourneyId, NoticeId};
use gengfu::incident::{Ledger as _, QueuedNotice};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A robot with one browser, one journey that waits for a seat, and a script that broke.
pub struct Somebody(FleetLook);

#[async_trait]
impl Inside for Somebody {
    fn fleet(&self) -> Option<FleetLook> {
        Some(self.0.clone())
    }

    async fn source(&self, journey: &JourneyId) -> Option<SourceLook> {
        let mistake = Mistake { line: Some(2), title: "no such verb".into(), said: "error: no such verb <b>".into() };
        (journey.as_str() == "fund-purchase").then(|| SourceLook {
            file: "journeys/fund-purchase.yaml".into(),
            text: Some("journey: fund-purchase\nopne: <script>\n".into()),
            changed: true,
            mistakes: vec![mistake],
        })
    }
}

pub fn somebody(world: &World) -> Somebody {
    let since = world.ago(5);
    let served = Served { purpose: "patrol", slot: Some(since), since, seated: None, budget: Duration::from_secs(60) };
    let post = PostLook {
        next: Some(world.ago(0).after(Duration::from_secs(90))),
        served: Some(served),
        ..PostLook::default()
    };
    let board = BoardLook {
        holder: "walker-7".into(),
        seats: 2,
        posts: BTreeMap::from([("fund-purchase".parse().unwrap(), post)]),
        ..BoardLook::default()
    };
    let browser = BrowserView { lanes: 1, lanes_max: 8, lent: 17, alive: true };
    Somebody(FleetLook {
        board,
        browsers: Some(vec![browser]),
        browsers_max: 2,
        recycle_after_walks: 200,
        backlog: 3,
        ..FleetLook::default()
    })
}

async fn json(served: &super::world::Served, path: &str) -> serde_json::Value {
    serde_json::from_str(&get(served, path).await.body).unwrap()
}

#[tokio::test]
async fn the_fleet_says_what_is_late_and_what_was_not_walked() {
    let (mut world, _) = one_fault("x").await;
    world.inside = Arc::new(somebody(&world));
    let served = world.serve(&[]).await;
    let page = get(&served, "/fleet?lang=en").await.body;
    for shown in ["walker-7", "late by 5 min", "waits for a seat", "17 / 200", "the robot was away"] {
        assert!(page.contains(shown), "{shown:?} is not in {page}");
    }
    let fleet = json(&served, "/api/v1/fleet").await;
    assert_eq!(fleet["walker"]["late"][0]["journey"], "fund-purchase");
    assert_eq!(fleet["walker"]["backlog"], 3);
    assert_eq!(fleet["missed"][0]["reason"], "away");
}

#[tokio::test]
async fn a_console_without_a_robot_says_so() {
    let world = World::empty().await;
    let served = world.serve(&[]).await;
    assert!(get(&served, "/fleet?lang=en").await.body.contains("The fleet cannot be seen."));
    assert!(json(&served, "/api/v1/fleet").await["walker"].is_null());
    assert!(get(&served, "/journeys?lang=en").await.body.contains("No journeys yet."));
    assert!(get(&served, "/notices?lang=en").await.body.contains("gengfu notify test"));
}

#[tokio::test]
async fn a_journey_shows_its_steps_and_its_broken_file() {
    let (mut world, names) = one_fault("x").await;
    world.inside = Arc::new(somebody(&world));
    let served = world.serve(&[]).await;
    let page = get(&served, "/journeys/fund-purchase?lang=en").await.body;
    for shown in [
        "error: no such verb &lt;b&gt;",
        "<li class=\"wrong\"><code>opne: &lt;script&gt;</code>",
        "The file is broken now",
        names.failing.as_str(),
        names.incident.as_str(),
    ] {
        assert!(page.contains(shown), "{shown:?} is not in {page}");
    }
    let journey = json(&served, "/api/v1/journeys/fund-purchase").await;
    assert_eq!(journey["source"]["mistakes"][0]["line"], 2);
    assert_eq!(
        (&journey["steps_reached"], &journey["steps"]),
        (&3.into(), &5.into()),
        "as the ledger has it: {journey}"
    );
    let steps = journey["step_trends"].as_array().unwrap();
    let fails = &steps[2];
    assert!(fails["passed"].as_u64() < fails["reached"].as_u64(), "{fails}");
    let list = json(&served, "/api/v1/journeys").await;
    assert_eq!(list["journeys"][0]["journey"], "fund-purchase");
    assert_eq!(list["journeys"][0]["week"]["got_through_permille"].as_u64().map(|n| n < 1000), Some(true));
}

#[tokio::test]
async fn figures_are_told_in_the_text_format() {
    let (mut world, _) = one_fault("x").await;
    world.inside = Arc::new(somebody(&world));
    let served = world.serve(&[]).await;
    let answer = get(&served, "/metrics").await;
    assert!(answer.headers["content-type"].starts_with("text/plain; version=0.0.4"));
    for line in [
        "gengfu_walks_total{journey=\"(gone)\",verdict=\"passed\"} 1",
        "gengfu_slots_missed{reason=\"away\"} 1",
        "gengfu_incidents{severity=\"P1\",standing=\"confirmed\"} 1",
        "gengfu_walks_waiting 1",
        "gengfu_slots_late 1",
        "gengfu_lanes_in_use 1",
        "gengfu_backlog_walks 3",
    ] {
        assert!(answer.body.lines().any(|told| told == line), "{line:?} is not in {}", answer.body);
    }
    // Every figure is declared once, before its lines.
    let families: Vec<&str> = answer.body.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
    let names: std::collections::BTreeSet<&str> =
        families.iter().filter_map(|family| family.split(' ').next()).collect();
    assert_eq!(names.len(), families.len());
}

#[tokio::test]
async fn notices_that_wait_come_first_and_are_found_by_their_incident() {
    let (world, names) = one_fault("x").await;
    let incident = names.incident.parse().unwrap();
    let notice = |channel: &str| QueuedNotice {
        id: NoticeId::fresh(),
        incident,
        channel: channel.into(),
        to: Some("<team>@bank.example".into()),
        reason: AlertReason::FirstSeen.word().into(),
        due: world.ago(0),
        body: "{}".into(),
        instead_of: None,
    };
    let (mail, chat) = (notice("mail"), notice("dingtalk"));
    world.store.amend(&[], &[mail.clone(), chat.clone()], world.ago(1)).await.unwrap();
    let served = world.serve(&[]).await;
    let check = async |query: &str, expected: &[&QueuedNotice]| {
        let told = json(&served, &format!("/api/v1/notices?{query}")).await;
        let told = told["notices"].as_array().unwrap().len();
        assert_eq!(told, expected.len(), "{query}");
        let page = get(&served, &format!("/notices?{query}&lang=en")).await.body;
        assert!(expected.iter().all(|notice| page.contains(&notice.id.to_string())), "{query}: {page}");
        assert!(!page.contains("<team>"), "{query}");
    };
    check("state=waiting", &[&mail, &chat]).await;
    check("state=waiting&channel=mail", &[&mail]).await;
    check("state=all", &[&mail, &chat]).await;
    // Nobody has tried yet: they only wait.
    check("", &[]).await;
    check("state=delivered", &[]).await;
    check(&format!("incident={}", names.incident), &[&mail, &chat]).await;
    check("incident=0190f5e2-7c1d-7a3b-8c4d-5e6f70819203", &[]).await;
    check("incident=nothing", &[]).await;
}
