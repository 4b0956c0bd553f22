//! The page of maintenance windows over a ledger: what comes again and again is told once, and of no time before the watch.

use super::fault::fund;
use super::get;
use super::world::{World, incident};
use gengfu::actor::Actor;
use gengfu::incident::What;
use gengfu::maintenance::{Almanac, Covers, Recurring, When};
use gengfu::patrol::{Schedule, zone};
use gengfu::walk::Verdict;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Each day from 04:00 to 05:00; it is 06:03 now.
fn nightly() -> Recurring {
    let schedule = Box::new(Schedule::cron("0 4 * * *", zone("UTC").unwrap()).unwrap());
    Recurring {
        name: "日终批量".into(),
        why: "夜间清算".into(),
        by: Actor::person("运维部").unwrap(),
        covers: Covers::default(),
        when: When::Each { schedule, lasting: Duration::from_secs(3600) },
    }
}

const DAY: u32 = 24 * 60;
/// Minutes from half past four until now.
const AMID: u32 = 93;

#[tokio::test]
async fn turns_that_are_over_are_one_line_that_begins_with_the_watch() {
    let mut world = World::empty().await;
    world.almanac = Arc::new(Almanac::of(vec![nightly()], Vec::new()));
    let served = world.serve(&[]).await;
    let listed = async || serde_json::from_str::<Value>(&get(&served, "/api/v1/maintenance").await.body).unwrap();
    assert_eq!(listed().await["past"], serde_json::json!([]), "nobody watched");
    assert!(!get(&served, "/maintenance?lang=en").await.body.contains("times, last"));

    let row = |ago: u32, verdict: Verdict| world.row(&fund(), world.ago(ago), verdict, "{}".into());
    world.patrolled(row(3 * DAY, Verdict::Passed)).await;
    // Something happened to it in two of the turns: it was kept quiet all the same.
    let failing = row(DAY + AMID, Verdict::Failed);
    let opened = incident(&failing, "open", "打开首页", "首页打不开", "no home page");
    let open = world.opened(opened, failing).await;
    let over = world.moved(&open, What::Recovered, row(DAY, Verdict::Passed)).await;
    world.moved(&over, What::Reopened, row(AMID, Verdict::Failed)).await;

    let past = listed().await["past"].clone();
    assert_eq!(past.as_array().unwrap().len(), 1, "{past}");
    assert_eq!((&past[0]["times"], &past[0]["kept_quiet"]), (&3.into(), &1.into()), "{past}");
    assert_eq!(past[0]["from"], "2026-11-21T04:00:00Z");
    for (lang, told) in [("en", "3 times, last <time"), ("zh", "共 3 次，最近一次 <time")] {
        let body = get(&served, &format!("/maintenance?lang={lang}")).await.body;
        assert!(body.contains(told) && body.matches("<li class=\"past\">").count() == 1, "{body}");
    }
}
