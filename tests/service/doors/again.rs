//! Walking again from a page: who asks, what is shown while it comes about, and what of it outlives a reload.

use super::house::{Browser, DEADLINE, House, exchange};
use gengfu::audit::{Line, Log as _, Page};
use gengfu::fleet::{ASKED_MAX, Onlooker, WishEnd};
use gengfu::id::WalkId;
use gengfu::incident::Meaning;
use gengfu::people::{May, Role, Stage};
use gengfu::walk::Verdict;
use gengfu::walk::port::Watcher as _;
use serde_json::Value;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How long who did not ask sees how a walk ended.
const SHOWN_FOR: Duration = Duration::from_secs(15 * 60);
const SECOND: Duration = Duration::from_secs(1);

/// Nothing is on its way but what the test asks for, and nothing ended lately.
async fn house() -> House {
    let house = House::open().await;
    drop(house.world.wishes.take(1, |_| true).unwrap());
    house.world.clock.advance(SHOWN_FOR);
    house
}

async fn at_desk(house: &House, name: &str, role: Role) -> Browser {
    let person = house.person(name, role).await;
    house.browser(&person, Stage::In).await
}

/// The fleet takes the wish that waits, and has a lane for it.
fn taken(house: &House) -> Onlooker {
    let onlooker = house.world.wishes.take(1, |_| true).unwrap().1;
    onlooker.seated();
    onlooker.named(WalkId::fresh());
    onlooker
}

#[tokio::test]
async fn who_asks_sees_each_step_and_what_it_means_in_both_languages() {
    let house = house().await;
    let mut desk = at_desk(&house, "chen", Role::Operator).await;
    let path = format!("/incidents/{}", house.names.incident);
    let before = desk.get(&path).await.body;
    assert!(before.contains("现在再走一遍") && !before.contains("data-wish"), "{before}");
    let reply = desk.post(&format!("{path}/again"), &[]).await;
    let place = reply.header("location").unwrap().to_owned();
    assert_eq!((reply.status, place.starts_with(&format!("{path}?again="))), (303, true), "{place}");
    let place = place.trim_end_matches("#again");
    let shows = async |desk: &mut Browser, words: &[&str]| {
        for (lang, words) in ["zh", "en"].iter().zip(words.chunks(words.len() / 2)) {
            let page = desk.get(&format!("{place}&lang={lang}")).await.body;
            for word in words {
                assert!(page.contains(word), "{lang}: {word} is not on {page}");
            }
        }
    };
    shows(&mut desk, &["在排队", "data-under-way", "http-equiv=\"refresh\"", "Waiting", "asked by chen", "retail"])
        .await;
    let onlooker = taken(&house);
    shows(&mut desk, &["在准备", "Getting ready"]).await;
    onlooker.step_begins(0, "打开<首页>").await;
    onlooker.picture_kept(0, &house.names.picture);
    shows(&mut desk, &["打开&lt;首页&gt;", "class=\"shot\"", "Walking", "class=\"shot\""]).await;
    let of = house.names.incident.parse().unwrap();
    onlooker.ended(WishEnd::Filed { verdict: Verdict::Passed, meanings: vec![(of, Meaning::Passed { count: 1 })] });
    shows(&mut desk, &["计入验证", "3 次走通，首末至少相隔", "and counts", "1 of 3 walks got past it"]).await;
    let page = desk.get(place).await.body;
    assert!(!page.contains("data-under-way") && !page.contains("http-equiv=\"refresh\""), "nothing more comes");
    // Who comes without its name in the address sees for a while how it ended, whoever asked.
    let mut other = at_desk(&house, "other", Role::Viewer).await;
    for (waits, shown) in [(Duration::ZERO, true), (SHOWN_FOR - SECOND, true), (SECOND, false)] {
        house.world.clock.advance(waits);
        assert_eq!(other.get(&path).await.body.contains("data-wish"), shown, "{waits:?} later");
    }
    // A name that this robot does not know is told.
    let gone = desk.get(&format!("{path}?again=0190f5e2-7c1d-7a3b-8c4d-5e6f70819203&lang=zh")).await.body;
    assert!(gone.contains("更夫不认识这次走查"), "{gone}");
    let page = Page { after: 0, since: None, object: Some(format!("incident/{}", house.names.incident)), limit: 100 };
    let asked = house.world.store.read(&page).await.unwrap().into_iter().filter_map(|line| match line {
        Line::Entry(entry) if entry.action == "walk-asked" => Some((entry.actor, entry.detail)),
        _ => None,
    });
    let asked: Vec<_> = asked.collect();
    assert!(asked.len() == 1 && asked[0].0 == "person:chen" && asked[0].1.contains("fund-purchase"), "{asked:?}");
}

#[tokio::test]
async fn programs_ask_and_look_by_the_api() {
    let house = house().await;
    let person = house.person("robotics", Role::Operator).await;
    let token = house.token(&person, &[May::SeeIncidents, May::ActOnIncidents]).await;
    let small = house.token(&person, &[May::SeeIncidents]).await;
    let call = async |method: &str, path: &str, token: &str| {
        let head = house.stranger().head(method, path);
        let reply = exchange(house.served.address, &format!("{head}Authorization: Bearer {token}\r\n\r\n")).await;
        (reply.status, serde_json::from_str::<Value>(&reply.body).unwrap_or_default())
    };
    let again = format!("/api/v1/incidents/{}/again", house.names.incident);
    assert_eq!(call("POST", &again, &small).await.0, 403);
    let (status, wish) = call("POST", &again, &token).await;
    assert_eq!(
        (status, &wish["stage"], &wish["incidents"][0]),
        (202, &"waits".into(), &house.names.incident.clone().into())
    );
    let (_, second) = call("POST", &format!("/api/v1/walks/{}/again", house.names.failing), &token).await;
    assert_eq!(second["id"], wish["id"], "a second wish joins the first");
    let state = format!("/api/v1/again/{}", wish["id"].as_str().unwrap());
    let onlooker = taken(&house);
    onlooker.step_begins(0, "打开首页").await;
    let (_, look) = call("GET", &state, &small).await;
    assert_eq!((&look["stage"], &look["steps"][0]["outcome"]), (&"walks".into(), &Value::Null));
    let of = house.names.incident.parse().unwrap();
    onlooker.ended(WishEnd::Filed { verdict: Verdict::Failed, meanings: vec![(of, Meaning::Still)] });
    let (_, look) = call("GET", &state, &small).await;
    assert_eq!(
        (&look["end"]["how"], &look["end"]["means"][0]["means"]),
        (&"filed".into(), &"still-there".into()),
        "{look}"
    );
    for _ in 0..ASKED_MAX - 2 {
        assert_eq!(call("POST", &again, &token).await.0, 202);
    }
    let (status, said) = call("POST", &again, &token).await;
    assert_eq!((status, &said["error"]), (429, &"too-often".into()));
    assert_eq!(call("GET", "/api/v1/again/0190f5e2-7c1d-7a3b-8c4d-5e6f70819203", &small).await.0, 404);
}

/// Reads the stream until it has said `words`.
async fn heard(stream: &mut TcpStream, words: &str) -> String {
    let mut text = String::new();
    let reading = async {
        let mut bytes = [0; 4096];
        while !text.contains(words) {
            let read = stream.read(&mut bytes).await.unwrap();
            assert!(read > 0, "the stream ended before it said {words:?}: {text}");
            text.push_str(&String::from_utf8_lossy(&bytes[..read]));
        }
    };
    assert!(tokio::time::timeout(DEADLINE, reading).await.is_ok(), "never said {words:?}: {text}");
    text
}

#[tokio::test]
async fn the_stream_tells_how_it_stands_at_once_and_ends_with_its_session() {
    let house = house().await;
    let mut desk = at_desk(&house, "chen", Role::Operator).await;
    let place = desk.post(&format!("/incidents/{}/again", house.names.incident), &[]).await;
    let place = place.header("location").unwrap().to_owned();
    let wish = place.split("again=").nth(1).unwrap().trim_end_matches("#again");
    let listen = async |desk: &Browser| {
        let mut stream = TcpStream::connect(house.served.address).await.unwrap();
        let head = desk.head("GET", &format!("/live?again={wish}&lang=en"));
        stream.write_all(format!("{head}\r\n").as_bytes()).await.unwrap();
        stream
    };
    let mut stream = listen(&desk).await;
    heard(&mut stream, "Waiting").await;
    let onlooker = taken(&house);
    heard(&mut stream, "Getting ready").await;
    onlooker.step_begins(0, "first step").await;
    heard(&mut stream, "first step").await;
    // Who comes back misses nothing of what came meanwhile.
    drop(stream);
    onlooker.step_begins(1, "second step").await;
    let mut stream = listen(&desk).await;
    let at_once = heard(&mut stream, "second step").await;
    assert!(at_once.contains("first step"), "{at_once}");
    // Nothing is told to who has gone.
    assert_eq!(desk.clone().post("/sign-out", &[]).await.status, 303);
    onlooker.step_begins(2, "third step").await;
    let mut rest = String::new();
    tokio::time::timeout(DEADLINE, stream.read_to_string(&mut rest)).await.unwrap().unwrap();
    assert!(!rest.contains("third step"), "{rest}");
    // Nor to who never came.
    let mut stranger = listen(&house.stranger()).await;
    assert!(heard(&mut stranger, "\r\n").await.contains("401"));
    drop(onlooker);
    house.world.clock.advance(Duration::from_secs(1));
}

#[tokio::test]
async fn a_walk_that_met_nothing_is_asked_for_from_its_own_page() {
    let house = house().await;
    let (mut desk, mut viewer) =
        (at_desk(&house, "chen", Role::Operator).await, at_desk(&house, "guest", Role::Viewer).await);
    let path = format!("/walks/{}", house.names.good);
    assert!(!viewer.get(&path).await.body.contains("现在再走一遍"), "who may not act is offered nothing");
    let reply = desk.post(&format!("{path}/again"), &[]).await;
    let place = reply.header("location").unwrap().to_owned();
    assert!(place.starts_with(&format!("{path}?again=")), "{place}");
    assert!(desk.get(place.trim_end_matches("#again")).await.body.contains("data-under-way"));
    assert!(viewer.get(&path).await.body.contains("data-under-way"), "who only looks sees it, too");
    // One of a walk that met the fault leads to the incident.
    let reply = desk.post(&format!("/walks/{}/again", house.names.failing), &[]).await;
    assert!(reply.header("location").unwrap().starts_with(&format!("/incidents/{}", house.names.incident)));
    drop(taken(&house));
    let gone = desk.get(place.trim_end_matches("#again")).await.body;
    assert!(gone.contains("走到一半断了"), "{gone}");
}
