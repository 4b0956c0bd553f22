//! The fleet when the ledger, a walker or the clock fails it.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_disk_that_is_full_for_minutes_loses_no_walk() {
    let story = Story::of(&[journey("a", None)], 4, |_, _| Deed::Pass);
    story.ledger.0.lock().unwrap().failures_left = 12;
    story.watch(55).await;
    assert_eq!(story.filed("a").len(), 1);
    let story = Story::of(&[journey("a", None), journey("b", None)], 4, |_, _| Deed::Pass);
    story.ledger.0.lock().unwrap().failures_left = 6;
    story.watch(7).await;
    assert_eq!((story.filed("a").len(), story.filed("b").len()), (1, 1), "tried once more before the end");
}

#[tokio::test(start_paused = true)]
async fn many_walks_that_meet_the_same_trouble_at_once_are_all_filed() {
    let names: Vec<String> = (0..60).map(|n| format!("j-{n}")).collect();
    let journeys: Vec<_> = names.iter().map(|id| journey(id, None)).collect();
    let mut story = Story::of(&journeys, 4, |_, _| Deed::Panic);
    story.limits.walks_at_once = 60;
    story.ledger.0.lock().unwrap().strict = true;
    story.watch(30).await;
    let lost: Vec<&String> = names.iter().filter(|id| story.filed(id).len() != 1).collect();
    assert_eq!(lost, Vec::<&String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_slot_whose_walker_died_is_walked_again() {
    let story = Story::of(&[journey("a", None)], 4, |_, _| Deed::Pass);
    let held = Moment::from_millis(story.clock.now().as_millis());
    {
        let mut memory = story.ledger.0.lock().unwrap();
        memory.last.insert("a".parse().unwrap(), held);
        memory.lost.insert("a".parse().unwrap(), held);
    }
    story.watch(30).await;
    let slots: Vec<_> = story.filed("a").into_iter().map(|filing| filing.walk.purpose).collect();
    assert_eq!(slots, [Purpose::Patrol { slot: held }]);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_put_back_stops_neither_walks_nor_incidents() {
    // Ahead by an hour for three walks; then it is put right, and the app breaks.
    let story = Story::of(&[journey("buy", None)], 4, |_, n| if n == 1 || n > 4 { Deed::Fail } else { Deed::Pass });
    story.clock.1.store(3_600_000, Ordering::Relaxed);
    let clock = story.clock.clone();
    tokio::spawn(async move {
        tokio::time::sleep_until(Instant::now() + Duration::from_secs(190)).await;
        clock.1.store(0, Ordering::Relaxed);
    });
    story.watch(400).await;
    let after = story.filed("buy").into_iter().filter(|f| f.walk.started < Moment::from_millis(1_000_000_420_000));
    assert!(after.count() >= 3, "walked on after the clock was put back");
    assert_eq!(
        story.changes("buy"),
        [What::Suspected, What::Unconfirmed, What::Suspected, What::Suspected, What::Opened]
    );
}

#[tokio::test(start_paused = true)]
async fn a_ledger_that_stumbles_loses_no_walk() {
    let story = Story::of(&[journey("a", None)], 4, |_, _| Deed::Pass);
    story.ledger.0.lock().unwrap().failures_left = 3;
    story.watch(30).await;
    assert_eq!(story.filed("a").len(), 1);
}
