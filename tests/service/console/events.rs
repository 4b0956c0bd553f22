//! The feed by HTTP: whoever goes on where they stopped reads every move, and none twice.

use super::*;
use gengfu::incident::{Deed, Deeds as _};
use gengfu::tags::{Channel, Correction, Reason, Right};

#[tokio::test]
async fn a_reader_that_stops_and_goes_on_reads_every_move_once() {
    let (world, names) = one_fault("x").await;
    let served = world.serve(&[]).await;
    let read = async |path: String| -> serde_json::Value {
        let answer = get(&served, &path).await;
        serde_json::from_str(&answer.body).unwrap()
    };
    let ids = |page: &serde_json::Value| -> Vec<String> {
        let events = page["events"].as_array().unwrap();
        events.iter().map(|event| event["event_id"].as_str().unwrap().to_owned()).collect()
    };
    let all = ids(&read("/api/v1/events".into()).await);
    assert!(all.iter().any(|id| id.starts_with(&names.incident)), "{all:?}");
    let (mut cursor, mut got) = ("0".to_owned(), Vec::new());
    loop {
        let page = read(format!("/api/v1/events?after={cursor}&limit=1")).await;
        got.extend(ids(&page));
        assert_eq!(page["gap"], false);
        cursor = page["next"].as_str().unwrap().to_owned();
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(got, all);
    let end = read(format!("/api/v1/events?after={cursor}")).await;
    assert_eq!((ids(&end), end["next"].as_str()), (vec![], Some(cursor.as_str())));
    let first = &read("/api/v1/events?limit=1".into()).await["events"][0];
    let page = format!("http://{}/incidents/", served.address);
    assert!(first["links"]["incident"].as_str().unwrap().starts_with(&page), "{first}");
}

#[tokio::test]
async fn the_feed_tells_what_an_incident_is_filed_under_and_what_somebody_made_of_that() {
    let (world, names) = one_fault("x").await;
    let served = world.serve(&[]).await;
    let rights = Some([Right::Know, Right::Redress].into());
    let said = Correction { reason: Some(Reason::Disclosure), rights, ..Correction::default() };
    let by = gengfu::actor::Actor::person("chen").unwrap();
    let id = names.incident.parse().unwrap();
    world.desk().act(id, Deed::Retag(said), by, "hers").await.unwrap();
    let page: serde_json::Value = serde_json::from_str(&get(&served, "/api/v1/events").await.body).unwrap();
    let events = page["events"].as_array().unwrap();
    let (opened, retagged) = (&events[0], events.last().unwrap());
    assert_eq!(retagged["event_type"], "incident.retagged");
    let (reason, rights) = (Reason::Disclosure.zh(), [Right::Know.zh(), Right::Redress.zh()]);
    assert_eq!((&retagged["reason"], &retagged["rights"]), (&reason.into(), &rights.to_vec().into()));
    assert_eq!(retagged["corrected"]["reason"], Reason::Disclosure.word());
    assert_eq!(retagged["corrected"]["channel"], serde_json::Value::Null);
    // What was told before it stays what was known then; the device says how customers came.
    assert_eq!(opened["channel"], Channel::MobileApp.zh());
    assert!(opened["reason"] != reason && opened["rights"].as_array().is_some_and(|rights| !rights.is_empty()));
    assert!(opened["corrected"]["reason"].is_null());
}
