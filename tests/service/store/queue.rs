//! The queue as the ledger lists it: chosen, counted, sorted and paged, parts standing for their wholes.

use super::{at, change, filing, fresh, fund, incident, walk_row};
use gengfu::finding::{Bilingual, Severity};
use gengfu::id::IncidentId;
use gengfu::incident::{
    Archive, Filing, Incident, Kind, Ledger as _, MissReason, Missed, QueueFilter, QueueOrder, QueuePlace, QueueQuery,
    SlotClaim, SlotTaken, Stage, Standing, StripTally, What,
};
use gengfu::moment::Moment;
use gengfu::store::Store;
use gengfu::walk::{Class, Purpose, Verdict};
use std::collections::BTreeSet;
use std::time::Duration;

/// A ledger with incidents, each made by `make` from a number.
async fn filed(count: i64, make: impl Fn(i64, Incident) -> Incident) -> (tempfile::TempDir, Store, Vec<Incident>) {
    let (dir, store) = fresh().await;
    let mut incidents = Vec::new();
    for n in 0..count {
        let walk = walk_row(at(n), Verdict::Failed, Purpose::Manual);
        let incident = make(n, incident(&format!("print-{n}"), &walk));
        let opened = change(What::Opened, None, incident.clone(), &walk);
        store.file(&filing(walk, vec![opened], vec![])).await.unwrap();
        incidents.push(incident);
    }
    (dir, store, incidents)
}

fn ids(incidents: &[Incident]) -> Vec<IncidentId> {
    incidents.iter().map(|i| i.id).collect()
}

#[tokio::test]
async fn pages_hold_every_incident_once_in_order() {
    // Several are equal in what they are sorted by.
    let grave = |n: i64| [Severity::P3, Severity::P1, Severity::P2][usize::try_from(n % 3).unwrap()];
    let (_dir, store, incidents) = filed(23, |n, incident| Incident {
        severity: grave(n),
        last_seen: at(n / 4),
        first_seen: at(n / 5),
        ..incident
    })
    .await;
    for (order, words) in
        QueueOrder::ALL.into_iter().flat_map(|order| [(order, vec![]), (order, vec!["button".to_owned()])])
    {
        let mut expected: Vec<&Incident> = incidents.iter().collect();
        expected.sort_by_key(|i| {
            let rank = if order == QueueOrder::Worst { i.severity } else { Severity::P1 };
            let by = if order == QueueOrder::Longest { -i.first_seen.as_millis() } else { i.last_seen.as_millis() };
            (rank, std::cmp::Reverse(by), std::cmp::Reverse(i.id.to_string()))
        });
        let expected: Vec<IncidentId> = expected.iter().map(|i| i.id).collect();
        let filter = QueueFilter { words, ..QueueFilter::default() };
        let (mut met, mut query) = (Vec::new(), QueueQuery { order, filter, limit: 5, ..QueueQuery::default() });
        loop {
            let page = store.queue(&query).await.unwrap();
            assert!(page.incidents.len() <= 5);
            met.extend(ids(&page.incidents));
            // A place survives the address it stands in.
            query.after = page.next.map(|next| next.to_string().parse().unwrap());
            if query.after.is_none() {
                break;
            }
        }
        assert_eq!(met, expected, "{order:?}");
    }
}

#[tokio::test]
async fn what_is_found_too_often_to_be_sorted_comes_in_order_all_the_same() {
    let (_dir, store) = fresh().await;
    let walk = walk_row(at(0), Verdict::Failed, Purpose::Manual);
    let make = |n: i64| {
        let severity = if n % 3 == 0 { Severity::P1 } else { Severity::P2 };
        let mut made = Incident {
            severity,
            last_seen: at(n * 7919 % 1_009),
            first_seen: at(n % 10),
            ..incident(&format!("print-{n}"), &walk)
        };
        if n % 50 == 0 {
            made.handling.stage = Stage::WontFix;
        }
        made
    };
    let incidents: Vec<Incident> = (0..1_100).map(make).collect();
    let opened = incidents.iter().map(|made| change(What::Opened, None, made.clone(), &walk)).collect();
    store.file(&filing(walk.clone(), opened, vec![])).await.unwrap();
    for order in QueueOrder::ALL {
        let filter = QueueFilter { words: vec!["button".to_owned()], ..QueueFilter::default() };
        let standings = Standing::OPEN.to_vec();
        let mut query = QueueQuery { order, filter, standings, limit: 400, ..QueueQuery::default() };
        let mut met = Vec::new();
        loop {
            let page = store.queue(&query).await.unwrap();
            assert_eq!(page.counts[&Standing::WontFix], 22);
            met.extend(page.incidents.iter().map(|incident| QueuePlace::of(incident, order)));
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        assert_eq!(met.len(), 1_100 - 22, "{order:?}");
        let sorted = met.windows(2).all(|pair| {
            let key = |place: &QueuePlace| (place.rank.clone(), -place.by, std::cmp::Reverse(place.id.to_string()));
            key(&pair[0]) < key(&pair[1])
        });
        assert!(sorted, "{order:?}");
    }
}

#[tokio::test]
async fn filters_choose_and_count_alike() {
    let (_dir, store, incidents) = filed(6, |n, mut incident| {
        match n {
            0 => incident.app = "loans".into(),
            1 => incident.severity = Severity::P3,
            2 => (incident.kind, incident.class) = (Kind::Robot, None),
            3 => incident.handling.assignee = Some("Ólafur".into()),
            4 => incident.headline = Bilingual::new("申购 100%_走不下去", "Buying STOPS"),
            _ => incident.handling.stage = Stage::WontFix,
        }
        incident
    })
    .await;
    let check = async |filter: QueueFilter, expected: &[usize]| {
        let query = QueueQuery { filter: filter.clone(), limit: 10, ..QueueQuery::default() };
        let page = store.queue(&query).await.unwrap();
        let met: BTreeSet<IncidentId> = page.incidents.iter().map(|i| i.id).collect();
        assert_eq!(met, expected.iter().map(|n| incidents[*n].id).collect(), "{filter:?}");
        assert_eq!(page.counts.values().sum::<u64>(), expected.len() as u64, "{filter:?}");
    };
    let all = QueueFilter::default;
    let found = |words: &[&str]| QueueFilter { words: words.iter().map(ToString::to_string).collect(), ..all() };
    check(all(), &[0, 1, 2, 3, 4, 5]).await;
    check(QueueFilter { app: Some("loans".into()), ..all() }, &[0]).await;
    check(QueueFilter { app: Some("' OR 1=1 --".into()), ..all() }, &[]).await;
    check(QueueFilter { severity: Some(Severity::P3), ..all() }, &[1]).await;
    check(QueueFilter { kind: Some(Kind::Robot), ..all() }, &[2]).await;
    check(QueueFilter { class: Some(Class::Blocked), ..all() }, &[0, 1, 3, 4, 5]).await;
    check(QueueFilter { assignee: Some("Ólafur".into()), ..all() }, &[3]).await;
    check(found(&["stops", "申购"]), &[4]).await;
    check(found(&["ólafur"]), &[3]).await;
    // No wildcards: only what is written there.
    check(found(&["%"]), &[4]).await;
    check(found(&["100%_走"]), &[4]).await;
    check(found(&["buying", "nowhere"]), &[]).await;
    let choices = store.queue_choices().await.unwrap();
    assert_eq!(choices.apps, ["loans", "wealth-h5"]);
    assert_eq!(choices.assignees, ["Ólafur"]);
    let open = QueueQuery { standings: Standing::OPEN.to_vec(), limit: 10, ..QueueQuery::default() };
    let open = store.queue(&open).await.unwrap().incidents;
    assert!(!ids(&open).contains(&incidents[5].id), "what is set aside is not open");
}

#[tokio::test]
async fn a_part_that_is_asked_for_brings_its_whole() {
    let whole = IncidentId::fresh();
    let (_dir, store, incidents) = filed(2, |n, incident| match n {
        0 => Incident { id: whole, ..incident },
        _ => Incident { parent: Some(whole), app: "loans".into(), ..incident },
    })
    .await;
    let filter = QueueFilter { app: Some("loans".into()), ..QueueFilter::default() };
    let page = store.queue(&QueueQuery { filter, limit: 10, ..QueueQuery::default() }).await.unwrap();
    assert_eq!(ids(&page.incidents), [incidents[0].id]);
    assert_eq!(page.counts.values().sum::<u64>(), 1);
    let open = store.open_by_journey().await.unwrap();
    assert_eq!(open.values().copied().collect::<Vec<_>>(), [1], "parts are not counted beside their whole");
}

#[tokio::test]
async fn marks_gathered_by_the_ledger_are_those_counted_one_by_one() {
    let (_dir, store) = fresh().await;
    let (half_hour, from) = (Duration::from_secs(1800), at(-20_000));
    let from = Moment::from_millis(from.as_millis() / 1_800_000 * 1_800_000);
    let take = async |slot| {
        let lease = Duration::from_secs(60);
        let claim = SlotClaim { journey: fund(), slot, holder: "here".into(), now: slot, lease };
        let SlotTaken::Taken { epoch } = store.take_slot(&claim).await.unwrap() else { panic!("taken twice") };
        epoch
    };
    for n in 0..12_i64 {
        let slot = from.after(Duration::from_secs(u64::try_from(n).unwrap() * 700));
        match n % 4 {
            0 => {
                let epoch = take(slot).await;
                let walk = walk_row(slot, Verdict::Passed, Purpose::Patrol { slot });
                store.file(&Filing { epoch: Some(epoch), ..filing(walk, vec![], vec![]) }).await.unwrap();
            }
            1 => {
                let missed = [Missed { slot, reason: MissReason::Away }];
                store.miss_slots(&fund(), &missed, slot).await.unwrap();
            }
            // Lost, taken again, and walked; or still under way.
            2 => {
                take(slot).await;
                store.sweep_slots(slot.after(Duration::from_secs(120))).await.unwrap();
                if n > 4 {
                    let claim = SlotClaim {
                        journey: fund(),
                        slot,
                        holder: "again".into(),
                        now: slot.after(Duration::from_secs(130)),
                        lease: Duration::from_secs(60),
                    };
                    let SlotTaken::Taken { epoch } = store.take_slot(&claim).await.unwrap() else {
                        panic!("taken twice")
                    };
                    if n > 8 {
                        let walk = walk_row(slot, Verdict::Degraded, Purpose::Patrol { slot });
                        store.file(&Filing { epoch: Some(epoch), ..filing(walk, vec![], vec![]) }).await.unwrap();
                    }
                }
            }
            _ => {
                let walk = walk_row(slot, Verdict::Failed, Purpose::Manual);
                store.file(&filing(walk, vec![], vec![])).await.unwrap();
            }
        }
    }
    let to = from.after(half_hour * 8);
    let sorted = async |from, to| {
        let mut tallies = store.tallies(from, to, half_hour, None).await.unwrap();
        tallies.sort_by_key(|tally: &StripTally| format!("{tally:?}"));
        tallies
    };
    let gathered = sorted(from, to).await;
    // A millisecond more is no whole half hour: each mark is counted then.
    let counted = sorted(from, to.after(Duration::from_millis(1))).await;
    assert_eq!(gathered, counted);
    assert_eq!(gathered.iter().map(|tally| tally.count).sum::<u32>(), 12);
    let other = "other".parse().unwrap();
    for to in [to, to.after(Duration::from_millis(1))] {
        assert_eq!(store.tallies(from, to, half_hour, Some(&other)).await.unwrap(), [], "it was never walked");
        let own = store.tallies(from, to, half_hour, Some(&fund())).await.unwrap();
        assert_eq!(own.len(), gathered.len());
    }
}
