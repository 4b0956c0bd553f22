//! The audit log's page: what is looked for is found, newest first, each entry once however many pages there are; what
//! was altered is marked, and nothing is called verified.

use super::fault::one_fault;
use super::world::{Served, World};
use super::{get, send};
use gengfu::actor::Actor;
use gengfu::audit::{Action, Detail, Draft, Log as _, Object};
use gengfu::moment::Moment;
use std::time::Duration;

fn draft(at: Moment, actor: &str, action: Action, object: Object) -> Draft {
    let detail =
        Detail::default().with("why", "</dd><script>alert(1)</script>").with("what", vec!["a".into(), "b".into()]);
    Draft { at, actor: Actor::parse(actor).unwrap(), action, object, detail }
}

/// Numbers of the entries that a page shows, in its order.
fn shown(body: &str) -> Vec<u64> {
    body.split("<li data-key=\"").skip(1).map(|row| row.split('"').next().unwrap().parse().unwrap()).collect()
}

async fn page(served: &Served, query: &str) -> String {
    let answer = get(served, &format!("/audit?{query}")).await;
    assert_eq!(answer.status, 200, "{query}");
    answer.body.replace("&#x2f;", "/").replace("&amp;", "&")
}

/// Numbers of the entries on all pages from `path` on; no page but the last is left half empty.
async fn leafed(served: &Served, path: &str) -> Vec<u64> {
    let (mut path, mut all, mut pages) = (path.to_owned(), Vec::new(), 0);
    loop {
        let body = get(served, &path).await.body.replace("&#x2f;", "/").replace("&amp;", "&");
        all.extend(shown(&body));
        pages += 1;
        let Some(nav) = body.split("\" rel=\"next\">").next().filter(|head| head.len() < body.len()) else { break };
        path = nav.rsplit("href=\"").next().unwrap().to_owned();
    }
    assert_eq!(pages, all.len().div_ceil(100));
    all
}

#[tokio::test]
async fn what_is_looked_for_is_found_newest_first() {
    let world = World::empty().await;
    let (journeys, watch) = (Object::File("journeys/\"><script>.yaml".into()), Object::Watch);
    // The log's own first entry is no. 1. In Shanghai the third is of the next day.
    let midnight: i64 = "2026-11-17T16:00:00Z".parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let at = |offset: i64| Moment::from_millis(midnight + offset);
    let drafts = [
        draft(at(-2_000), "person:陈晓", Action::WalkAsked, watch.clone()),
        draft(at(-1), "system:jira", Action::ConfigChanged, journeys),
        draft(at(0), "person:陈晓", Action::TokenMade, watch.clone()),
        // Written down late: it was before all of them.
        draft(at(-9_000), "robot", Action::TokenMade, watch),
    ];
    world.store.append(&drafts).await.unwrap();
    let served = world.serve(&[]).await;
    let check = async |query: &str, expected: &[u64]| {
        let body = page(&served, query).await;
        assert_eq!(shown(&body), expected, "{query}");
        assert!(!body.contains("<script>"), "{query}");
        assert!(expected.is_empty() == body.contains("There is no such entry."), "{query}");
    };
    check("lang=en&to=2026-11-18", &[4, 3, 2, 1, 5]).await;
    check("lang=en&to=2026-11-17", &[3, 2, 1, 5]).await;
    check("lang=en&from=2026-11-18&to=2026-11-18", &[4]).await;
    check("lang=en&actor=%E9%99%88%E6%99%93", &[4, 2]).await;
    check("lang=en&actor=person:%E9%99%88%E6%99%93&action=token-made", &[4]).await;
    check("lang=en&action=token-made", &[4, 5]).await;
    check("lang=en&object=watch&actor=robot", &[5]).await;
    check("lang=en&object=watch&action=walk-asked", &[2]).await;
    check("lang=en&object=file/journeys/%22%3E%3Cscript%3E.yaml", &[3]).await;
    check("lang=en&action=nothing-of-ours", &[]).await;
    check("lang=en&from=2026-02-30", &[]).await;
    check("lang=en&actor=nobody", &[]).await;
    let (zh, en) = (page(&served, "lang=zh&action=walk-asked").await, page(&served, "lang=en&action=walk-asked").await);
    for (body, told) in [(&zh, ["要求走查", "理由", "a、b"]), (&en, ["walk asked for", "why", "a, b"])] {
        assert!(told.iter().all(|told| body.contains(told)), "{told:?}: {body}");
        assert!(body.contains("gengfu audit verify") && body.contains("/api/v1/audit?limit=1000"), "{body}");
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap() {
    let world = World::empty().await;
    // Many of one moment: their numbers tell them apart.
    let of = |n: u32| draft(world.ago(n / 60), "robot", Action::TokenEnded, Object::Watch);
    let drafts: Vec<Draft> = (0..250).map(of).collect();
    world.store.append(&drafts).await.unwrap();
    let served = world.serve(&[]).await;
    let all = leafed(&served, "/audit?action=token-ended").await;
    // The later of the drafts are further back; of one minute the later comes first.
    let mut expected: Vec<u64> = (0..250).map(|n| n + 2).collect();
    expected.sort_by_key(|n| ((n - 2) / 60, std::cmp::Reverse(*n)));
    assert_eq!(all, expected);
}

#[tokio::test]
async fn what_cannot_be_read_hides_nothing_that_is_older() {
    let world = World::empty().await;
    let of = |n: u32| draft(world.ago(300 - n), "robot", Action::TokenEnded, Object::Watch);
    let drafts: Vec<Draft> = (0..250).map(of).collect();
    world.store.append(&drafts).await.unwrap();
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&format!("sqlite:{}", world.ledger().display())).await.unwrap();
    let altered = "DROP TRIGGER audit_is_never_changed; UPDATE audit SET hash = 'x' WHERE seq BETWEEN 30 AND 250";
    sqlx::raw_sql(altered).execute(&pool).await.unwrap();
    pool.close().await;
    let served = world.serve(&[]).await;
    let all = leafed(&served, "/audit?action=token-ended").await;
    assert_eq!(all, (2..=251).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn an_entry_leads_to_what_it_is_of_and_an_altered_one_is_marked() {
    let (world, names) = one_fault("x").await;
    let served = world.serve(&[]).await;
    let query = format!("lang=en&object=https://console.test/incidents/{}", names.incident);
    let whole = page(&served, &query).await;
    assert!(whole.contains(&format!("data-open href=\"/incidents/{}\"", names.incident)), "{whole}");
    assert!(!shown(&whole).is_empty() && !whole.contains("does not fit its own hash"), "{whole}");
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&format!("sqlite:{}", world.ledger().display())).await.unwrap();
    let altered =
        "DROP TRIGGER audit_is_never_changed; UPDATE audit SET actor = 'person:nobody' WHERE object LIKE 'incident/%';
        UPDATE audit SET hash = 'x' WHERE seq = 1";
    sqlx::raw_sql(altered).execute(&pool).await.unwrap();
    pool.close().await;
    let body = page(&served, &query).await;
    assert_eq!(body.matches("does not fit its own hash").count(), shown(&body).len(), "{body}");
    assert!(page(&served, "lang=en&to=2100-01-01").await.contains("This entry cannot be read"));
    for (lang, said) in [("en", "were not verified"), ("zh", "没有核对")] {
        assert!(page(&served, &format!("lang={lang}")).await.contains(said), "nothing else is said of it");
    }
}

#[tokio::test]
async fn a_log_whose_end_cannot_be_read_is_shown_and_said_to_be_so() {
    let check = async |altered: &'static str, unreadable: u64| {
        let world = World::empty().await;
        let drafts: Vec<Draft> =
            (0..4).map(|n| draft(world.ago(9 - n), "robot", Action::TokenEnded, Object::Watch)).collect();
        world.store.append(&drafts).await.unwrap();
        sqlx::any::install_default_drivers();
        let pool = sqlx::AnyPool::connect(&format!("sqlite:{}", world.ledger().display())).await.unwrap();
        sqlx::raw_sql("DROP TRIGGER audit_is_never_changed").execute(&pool).await.unwrap();
        sqlx::raw_sql(altered).execute(&pool).await.unwrap();
        pool.close().await;
        let served = world.serve(&[]).await;
        for (lang, said) in [("en", "The end of the log cannot be read"), ("zh", "记录的末尾读不出来")] {
            let body = page(&served, &format!("lang={lang}&object=watch&action=token-ended")).await;
            assert_eq!(shown(&body), [5, 4, 3, 2], "{altered}");
            assert!(body.contains(said) && body.contains("<code>gengfu audit verify</code> <small>("), "{body}");
        }
        let nothing = page(&served, "lang=en&action=signed-in").await;
        assert!(nothing.contains("There is no such entry.") && nothing.contains("name=\"object\""), "{nothing}");
        let json: serde_json::Value = serde_json::from_str(&get(&served, "/api/v1/audit").await.body).unwrap();
        let entries = json["entries"].as_array().unwrap();
        let broken: Vec<_> = entries.iter().filter_map(|e| e["unreadable"].as_str()).collect();
        // Where only the name is gone there is room for one more: that somebody reads it.
        assert!(entries.len() >= 5 && broken.len() as u64 == unreadable, "{json}");
    };
    check("UPDATE audit SET hash = 'x' WHERE seq = 5", 1).await;
    check("UPDATE audit SET object = 'nothing of ours' WHERE seq = 1", 0).await;
}

#[tokio::test]
async fn a_log_that_cannot_be_read_is_said_to_be() {
    let (world, _) = one_fault("x").await;
    let served = world.serve(&[]).await;
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&format!("sqlite:{}", world.ledger().display())).await.unwrap();
    sqlx::raw_sql("DROP INDEX audit_by_time").execute(&pool).await.unwrap();
    pool.close().await;
    let asked = async { send(served.address, "GET /audit HTTP/1.1\r\nHost: localhost").await.status };
    assert_eq!(tokio::time::timeout(Duration::from_secs(10), asked).await.unwrap(), 503);
}
