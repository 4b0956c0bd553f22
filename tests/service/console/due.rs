//! By when an incident is to be taken up, as its page says it: from when its owner was to be told.

use super::fault::fund;
use super::get;
use super::world::{World, incident};
use gengfu::finding::Severity;
use gengfu::incident::{Hours, Rota};
use gengfu::walk::Verdict;
use std::time::Duration;

/// The page of an incident that opened just now, on a Saturday, 13:53.
async fn page(severity: Severity, lang: &str) -> String {
    page_of(severity, lang, None).await
}

/// The same, of one whose owner was told so long after its opening.
async fn page_of(severity: Severity, lang: &str, told_after: Option<Duration>) -> String {
    let mut world = World::empty().await;
    let days = jiff::civil::Weekday::Monday.cycle_forward().take(5).collect::<Vec<_>>().into();
    let office = Hours { days, from: 9 * 60, to: 18 * 60, zone: jiff::tz::TimeZone::get("Asia/Shanghai").unwrap() };
    world.deadlines.rota = Rota { owners: [("wealth-team".to_owned(), Some(office))].into(), ..Rota::default() };
    let walk = world.row(&fund(), world.ago(10), Verdict::Failed, "{}".into());
    let mut met = incident(&walk, "amount", "填金额", "客户走不下去", "A customer cannot go on");
    met.severity = severity;
    met.handling.told = told_after.and_then(|after| Some(met.opened?.after(after)));
    let id = met.id;
    world.opened(met, walk).await;
    get(&world.serve(&[]).await, &format!("/incidents/{id}?lang={lang}")).await.body
}

#[tokio::test]
async fn the_page_says_that_time_counts_from_when_the_owner_is_told() {
    let check = async |severity: Severity, lang: &str, shown: &[&str], not: &str| {
        let page = page(severity, lang).await;
        for part in shown {
            assert!(page.contains(part), "{part} is not on the page of a {severity:?}: {page}");
        }
        assert!(!page.contains(not), "{not} is on the page of a {severity:?}: {page}");
    };
    let (zh, en) = ("自应通知负责人起算", "counted from when its owner was to be told");
    check(Severity::P2, "zh", &[zh, ">11-23 09:00<", ">11-24 09:00<"], "已超时").await;
    check(Severity::P2, "en", &[en, ">11-23 09:00<", ">11-24 09:00<"], "overdue").await;
    // What is worst is told at once, and counts at once.
    check(Severity::P1, "zh", &[">11-21 14:23<"], zh).await;
    check(Severity::P1, "en", &[">11-21 14:23<"], en).await;
    // Also where that took the robot a second.
    for (told_after, expected) in [(1, false), (59, false), (60, true), (600, true)] {
        let page = page_of(Severity::P1, "zh", Some(Duration::from_secs(told_after))).await;
        assert_eq!(page.contains(zh), expected, "told {told_after} s after its opening");
    }
}
