//! The feed: every move once, in the order of filing, under numbers that no restart and no forgetting uses again.

use super::*;
use gengfu::alert::{Chapter, Chronicle as _, Place};
use gengfu::store::Before;

/// What `chapter` tells, in order.
fn told(chapter: &Chapter) -> Vec<String> {
    chapter.moves.iter().map(|(_, happening)| happening.facts.event_type.clone()).collect()
}

async fn whole(store: &Store) -> Chapter {
    store.chapter(0, 1_000).await.unwrap()
}

/// A walk at `seconds` that makes `what` of `before`.
fn moving(what: What, before: &Incident, seconds: i64) -> Filing {
    let walk = walk_row(at(seconds), Verdict::Failed, Purpose::Manual);
    let after = Incident { revision: before.revision + 1, ..before.clone() };
    filing(walk.clone(), vec![change(what, Some(before.clone()), after, &walk)], vec![])
}

#[tokio::test]
async fn every_move_is_told_once_and_in_order() {
    let (dir, store) = fresh().await;
    let opened = opening("v1:one", at(1));
    store.file(&opened).await.unwrap();
    assert_eq!(store.file(&opened).await, Ok(Filed::AlreadyThere));
    let incident = opened.changes[0].after.clone();
    let sighted = moving(What::Sighted, &incident, 2);
    store.file(&sighted).await.unwrap();
    let known = sighted.changes[0].after.clone();
    // Two who read the same: one of them writes, and only that is told.
    assert_eq!(store.file(&moving(What::Worsened, &known, 3)).await, Ok(Filed::Written));
    assert_eq!(store.file(&moving(What::Recovered, &known, 4)).await, Ok(Filed::Conflict));
    store.file(&opening("v1:two", at(5))).await.unwrap();

    let chapter = whole(&store).await;
    assert_eq!(told(&chapter), ["incident.opened", "incident.worsened", "incident.opened"]);
    let numbers: Vec<u64> = chapter.moves.iter().map(|(seq, _)| *seq).collect();
    assert!(numbers.is_sorted() && numbers[2] == chapter.newest, "{numbers:?}");
    let (first, happening) = &chapter.moves[0];
    assert_eq!(happening.facts.event_id, format!("{}.1", incident.id));
    assert_eq!((happening.actor.as_str(), happening.facts.console_url.as_ref()), ("robot", None));
    let rest = store.chapter(*first, 1).await.unwrap();
    assert_eq!((told(&rest), rest.newest), (vec!["incident.worsened".to_owned()], chapter.newest));

    store.close().await;
    let store = Store::open(&dir.path().join("ledger.db")).await.unwrap();
    assert_eq!(whole(&store).await, chapter, "a cursor survives a restart");
}

#[tokio::test]
async fn what_was_forgotten_is_said_and_no_number_comes_twice() {
    let (_dir, store) = fresh().await;
    store.file(&opening("v1:one", at(1))).await.unwrap();
    store.file(&opening("v1:two", at(50))).await.unwrap();
    let chapter = whole(&store).await;
    let forget = async |seconds: i64| {
        let before = Before { walks: at(0), moves: at(seconds), notices: at(0), suspicions: at(0) };
        store.forget(&before).await.unwrap().feed
    };
    assert_eq!(forget(30).await, 1);
    let left = whole(&store).await;
    assert_eq!((left.moves.len(), left.forgotten, left.newest), (1, chapter.moves[0].0, chapter.newest));
    assert_eq!(forget(99).await, 1);
    assert_eq!(whole(&store).await, Chapter { moves: vec![], newest: chapter.newest, forgotten: chapter.newest });
    store.file(&opening("v1:three", at(60))).await.unwrap();
    assert!(whole(&store).await.moves[0].0 > chapter.newest);
}

#[test]
fn addresses_are_of_the_console_as_it_is_now_and_hold_no_token() {
    let walk = walk_row(at(1), Verdict::Failed, Purpose::Manual);
    let mut incident = incident("v1:one", &walk);
    incident.tags.insert("reason".into(), "系统故障".into());
    let happening = gengfu::alert::Happening::of(&change(What::Opened, None, incident.clone(), &walk));
    let place = Place { console: Some("https://gengfu.bank.test".into()), config: None };
    let placed = happening.placed(&place);
    let page = format!("https://gengfu.bank.test/incidents/{}", incident.id);
    assert_eq!(placed.links.incident.as_deref(), Some(page.as_str()));
    let json: serde_json::Value = serde_json::from_str(&placed.to_json()).unwrap();
    let named = ["channel", "business", "reason", "page_key", "severity", "standing", "actor"].map(|name| &json[name]);
    // Filed under, of the journey's own word that names no reason of the standard, by what was met.
    let expected = ["移动客户端", "", "服务设施、设备、业务系统", "/funds/:id", "P1", "confirmed", "robot"];
    for (got, expected) in named.iter().zip(expected) {
        assert_eq!(got.as_str().unwrap_or_default(), expected);
    }
    assert!(json["business"].is_null() && json.get("complaints").is_none(), "nothing is invented: {json}");
}
