//! The feed by HTTP: whoever goes on where they stopped reads every move, and none twice.

use super::*;

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
