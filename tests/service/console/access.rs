//! Who looks at what is in the audit log, once, and evidence is not shown when that cannot be.

use super::*;
use gengfu::audit::{Line, Log, verify};

/// Entries on accesses once there are `count` of them: object and detail.
async fn accesses(world: &World, count: usize) -> Vec<(String, String)> {
    let read = async {
        loop {
            let mut lines = Vec::new();
            world.store.each(&mut |line| lines.push(line)).await.unwrap();
            let entries = lines.iter().filter_map(|line| match line {
                Line::Entry(entry) if entry.action == "evidence-seen" => Some(entry),
                _ => None,
            });
            let told: Vec<_> = entries.map(|entry| (entry.object.clone(), entry.detail.clone())).collect();
            if told.len() >= count {
                assert_eq!(verify(lines, [], &[]).findings, [], "the chain is whole");
                return told;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, read).await.unwrap()
}

#[tokio::test]
async fn a_page_and_all_its_pictures_are_one_entry_and_what_is_not_there_is_none() {
    let (world, names) = one_fault("x").await;
    let served = world.serve(&[]).await;
    for path in ["/", "/incidents", "/walks/1", "/assets/console.css"] {
        get(&served, path).await;
    }
    for _ in 0..2 {
        get(&served, &format!("/walks/{}", names.failing)).await;
        assert_eq!(get(&served, &format!("/evidence/{}", names.picture)).await.status, 200);
        get(&served, &format!("/api/v1/walks/{}", names.failing)).await;
    }
    assert_eq!(get(&served, &format!("/evidence/{}.png", "a".repeat(64))).await.status, 404);
    get(&served, &format!("/incidents/{}", names.incident)).await;
    let told = accesses(&world, 2).await;
    let objects: Vec<&str> = told.iter().map(|(object, _)| object.as_str()).collect();
    assert_eq!(objects, [format!("walk/{}", names.failing), format!("incident/{}", names.incident)]);
    assert!(told[0].1.contains("\"pieces\":"), "{told:?}");
    // An hour later it is another look, and a picture by itself has an entry of its own.
    world.clock.advance(Duration::from_secs(3600));
    assert_eq!(get(&served, &format!("/evidence/{}", names.picture)).await.status, 200);
    assert_eq!(accesses(&world, 3).await[2].0, format!("evidence/{}", names.picture));
}

#[tokio::test]
async fn evidence_is_not_shown_when_who_sees_it_cannot_be_written_down() {
    let (world, names) = one_fault("x").await;
    let served = world.serve(&[]).await;
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&format!("sqlite:{}", world.ledger().display())).await.unwrap();
    let full = "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END";
    sqlx::raw_sql(full).execute(&pool).await.unwrap();
    let picture = format!("/evidence/{}", names.picture);
    let refused = async {
        while get(&served, &picture).await.status == 200 {
            // What was taken down in this hour is shown again: another hour asks anew.
            world.clock.advance(Duration::from_secs(3600));
        }
        get(&served, &picture).await
    };
    let refused = tokio::time::timeout(DEADLINE, refused).await.unwrap();
    assert_eq!((refused.status, refused.headers["x-evidence"].as_str()), (503, "unrecorded"));
    assert_eq!(get(&served, &format!("/walks/{}", names.failing)).await.status, 200, "pages are shown all the same");
    sqlx::raw_sql("DROP TRIGGER full").execute(&pool).await.unwrap();
    pool.close().await;
    let shown = async { while get(&served, &picture).await.status != 200 {} };
    tokio::time::timeout(DEADLINE, shown).await.unwrap();
    let unrecorded = async {
        loop {
            let mut found = None;
            let mut take = |line| match line {
                Line::Entry(entry) if entry.action == "evidence-seen-unrecorded" => found = Some(entry.detail),
                _ => {}
            };
            world.store.each(&mut take).await.unwrap();
            if let Some(found) = found {
                return found;
            }
            tokio::task::yield_now().await;
        }
    };
    let unrecorded = tokio::time::timeout(DEADLINE, unrecorded).await.unwrap();
    assert!(unrecorded.contains(&format!("walk/{}", names.failing)), "{unrecorded}");
}
