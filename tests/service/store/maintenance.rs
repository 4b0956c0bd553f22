//! Maintenance windows in the ledger: kept over a restart, ended once, each with its entry in the audit log.

use super::{at, fresh};
use gengfu::actor::Actor;
use gengfu::audit::{Line, Log as _, Page};
use gengfu::maintenance::{Almanac, Asked, Covers, WindowLedger as _};
use gengfu::store::Store;

#[tokio::test]
async fn a_window_is_kept_as_it_was_declared_and_ended_once() {
    let (dir, store) = fresh().await;
    let (him, her) = (Actor::person("李雷").unwrap(), Actor::person("韩梅梅").unwrap());
    let covers = Covers {
        apps: ["wealth-h5".to_owned()].into(),
        journeys: ["fund-purchase".parse().unwrap(), "login".parse().unwrap()].into(),
    };
    let asked = Asked {
        name: "核心'升级\"".into(),
        why: "换库; DROP TABLE maintenance".into(),
        covers: covers.clone(),
        from: Some(at(3600)),
        until: at(7200),
    };
    let almanac = Almanac::open(Vec::new(), &store).await.unwrap();
    let all = Asked { covers: Covers::default(), from: None, until: at(60), ..asked.clone() };
    let brief = almanac.declare(&store, all, her.clone(), at(0)).await.unwrap();
    let late = asked.clone();
    let declared = almanac.declare(&store, asked, him, at(1)).await.unwrap();
    // The latest end first.
    assert_eq!(store.windows(9).await.unwrap(), [declared.clone(), brief.clone()]);
    assert_eq!(store.windows(1).await.unwrap().len(), 1);
    // However late one was to end: what was called off is kept behind what was in force.
    let late = Asked { from: Some(at(9000)), until: at(9900), ..late };
    let off = almanac.declare(&store, late, her.clone(), at(2)).await.unwrap();
    assert_eq!(store.windows(1).await.unwrap(), std::slice::from_ref(&off));
    assert!(store.end_window(off.declared.as_ref().unwrap().id, at(3), &her).await.unwrap());
    assert_eq!(store.windows(2).await.unwrap(), [declared.clone(), brief.clone()]);
    let id = declared.declared.as_ref().unwrap().id;
    assert!(store.end_window(id, at(4000), &her).await.unwrap());
    assert!(!store.end_window(id, at(4001), &her).await.unwrap(), "twice");
    let over = brief.declared.as_ref().unwrap().id;
    assert!(!store.end_window(over, at(60), &her).await.unwrap(), "over by itself");

    store.close().await;
    let store = Store::open(&dir.path().join("ledger.db")).await.unwrap();
    let kept = store.windows(9).await.unwrap().remove(0);
    assert_eq!((kept.over(), kept.ended().map(|ended| ended.by.clone()), kept.covers), (at(4000), Some(her), covers));
    let lines = store.read(&Page { limit: 10, ..Page::default() }).await.unwrap();
    let told: Vec<_> = lines
        .iter()
        .filter_map(|line| match line {
            Line::Entry(entry) => Some((entry.action.as_str(), entry.actor.as_str(), entry.object.clone())),
            Line::Unreadable { .. } => None,
        })
        .collect();
    let off = format!("maintenance/{}", off.declared.unwrap().id);
    let (first, second) = (format!("maintenance/{over}"), format!("maintenance/{id}"));
    assert_eq!(
        told[1..],
        [
            ("maintenance-declared", "person:韩梅梅", first),
            ("maintenance-declared", "person:李雷", second.clone()),
            ("maintenance-declared", "person:韩梅梅", off.clone()),
            ("maintenance-ended", "person:韩梅梅", off),
            ("maintenance-ended", "person:韩梅梅", second),
        ]
    );
}
