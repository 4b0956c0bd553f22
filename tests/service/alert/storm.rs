//! Five thousand incidents in one minute, forty owners on one channel: the vendor's limits hold, nobody gets two messages in
//! one window, nothing is lost, and what had no message of its own is counted. The robot starts anew every twenty seconds.

use super::desk::{Desk, Fake, route, storm};
use gengfu::alert::{Bulletin, Digest, Notice, NoticeState, SendRate};
use gengfu::finding::Severity;
use gengfu::moment::{Clock, Moment};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const INCIDENTS: usize = 5_000;
const OWNERS: usize = 40;
/// As DingTalk and WeCom take them, and not two within a second.
const RATES: [SendRate; 2] =
    [SendRate { at_most: 20, per: Duration::from_secs(60) }, SendRate { at_most: 1, per: Duration::from_millis(900) }];

/// Every incident that a message tells of.
fn incidents(notice: &Notice) -> Vec<String> {
    match serde_json::from_str::<Digest>(&notice.bulletin) {
        Ok(digest) => {
            assert!(notice.words.text.chars().count() < 2_000, "{}", notice.words.text);
            let others = digest.others.into_iter().map(|other| other.incident_id);
            digest.events.into_iter().map(|event| event.incident_id).chain(others).collect()
        }
        Err(_) => vec![serde_json::from_str::<Bulletin>(&notice.bulletin).unwrap().incident_id],
    }
}

/// The most sends in any window of this length.
fn most_in(sent: &[Moment], per: Duration) -> usize {
    sent.iter()
        .map(|first| sent.iter().filter(|at| *at >= first && **at <= first.after(per)).count())
        .max()
        .unwrap_or(0)
}

#[tokio::test]
async fn a_storm_breaks_no_limit_and_loses_nothing() {
    let mut desk = Desk::with(Fake { rates: RATES.to_vec(), ..Fake::default() }).await;
    let mut opened: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let (mut rounds, mut robot) = (0, desk.deliverer(desk.store.clone()));
    while rounds < 60 || desk.tally().await.contains_key(&NoticeState::Waiting) {
        if rounds < 60 {
            let owner = format!("owner-{}@bank.test", rounds % OWNERS);
            desk.reach = vec![route("mail", Some(&owner))].into();
            let names = (0..INCIDENTS).filter(|n| n % 60 == rounds).map(|n| format!("v1:{n}"));
            let severity = if rounds % 3 == 0 { Severity::P1 } else { Severity::P2 };
            let filing = desk.filed(storm(names, 100 + rounds as i64, severity)).await;
            let names = filing.changes.iter().map(|change| change.after.id.to_string());
            opened.entry(owner).or_default().extend(names);
        }
        if rounds % 20 == 0 {
            robot = desk.deliverer(desk.store.clone());
        }
        robot.round().await.unwrap();
        desk.pass(1);
        rounds += 1;
        assert!(rounds < 600, "what waits is never sent: {:?}", desk.tally().await);
    }

    let (sent, when) = (desk.fake.sent.lock().unwrap().clone(), desk.fake.when.lock().unwrap().clone());
    for rate in RATES {
        let most = most_in(&when, rate.per);
        assert!(most <= rate.at_most as usize, "{most} messages within {:?}", rate.per);
    }
    let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut last: BTreeMap<String, Moment> = BTreeMap::new();
    for (notice, at) in sent.iter().zip(&when) {
        let owner = notice.to.clone().unwrap();
        if let Some(before) = last.insert(owner.clone(), *at) {
            assert!(at.since(before) >= Duration::from_secs(60), "{owner} heard twice in one window");
        }
        for incident in incidents(notice) {
            assert!(told.entry(owner.clone()).or_default().insert(incident), "{owner} was told twice of one incident");
        }
    }
    assert_eq!(told, opened, "nothing is lost");
    let tally = desk.tally().await;
    assert_eq!(tally.values().sum::<u64>(), (INCIDENTS + sent.len()) as u64, "{tally:?}");
    assert_eq!((tally[&NoticeState::Delivered], tally[&NoticeState::Gathered]), (sent.len() as u64, INCIDENTS as u64));
    assert!(sent.len() <= 2 * OWNERS, "{} messages for {OWNERS} owners", sent.len());
    assert!(desk.clock.now().since(when[0]) < Duration::from_secs(360));
}
