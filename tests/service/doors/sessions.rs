//! Sessions from sign-in to their end, second factors, and where people are led afterwards.

use super::house::{Browser, DEADLINE, House, PASSWORD, by, exchange};
use gengfu::console::Changed;
use gengfu::moment::Clock as _;
use gengfu::people::{
    Amendment, Person, Role, Roll as _, SealingKey, Seed, Sessions as _, Stage, Tokens as _, fresh_bytes,
};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * 3600)
}

#[tokio::test]
async fn signing_in_makes_a_new_session_and_signing_out_ends_it() {
    let house = House::open().await;
    house.person("Wang Fang", Role::Viewer).await;
    let mut browser = house.stranger();
    // An attacker chose this one and waits for somebody to sign in with it.
    browser.cookies.insert("gengfu_session".into(), "B".repeat(43));
    let reply = browser.sign_in("wang fang", PASSWORD).await;
    assert_eq!((reply.status, reply.header("location")), (303, Some("/")), "{}", reply.body);
    let first = browser.session().unwrap();
    assert!(first != "B".repeat(43) && first.len() == 43, "256 bits, and not the attacker's");
    assert!(browser.is_in().await);

    browser.sign_in("Wang Fang", PASSWORD).await;
    assert_ne!(browser.session().unwrap(), first, "a new one at every sign-in");
    let mut thief = house.stranger();
    thief.cookies.insert("gengfu_session".into(), first);
    assert!(!thief.is_in().await, "the one before has ended");

    let mut kept = browser.clone();
    let reply = browser.post("/sign-out", &[]).await;
    assert_eq!(reply.status, 303);
    assert!(reply.set_cookie("gengfu_session").unwrap().contains("Max-Age=0"));
    assert!(!kept.is_in().await, "ended at the server, too");
}

#[tokio::test]
async fn cookies_have_their_flags() {
    let house = House::reached_by(&["gengfu.bank.test"]).await;
    house.person("w", Role::Viewer).await;
    let mut browser = house.stranger();
    browser.host = "gengfu.bank.test".into();
    browser.origin = "https://gengfu.bank.test".into();
    let reply = browser.sign_in("w", PASSWORD).await;
    for cookie in ["__Host-gengfu_session", "__Host-gengfu_device"] {
        let set = reply.set_cookie(cookie).unwrap_or_else(|| panic!("{cookie}: {reply:?}"));
        let flags: Vec<&str> = set.split("; ").skip(1).filter(|flag| !flag.starts_with("Max-Age")).collect();
        assert_eq!(flags, ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"], "{set}");
    }
    assert!(!reply.set_cookie("__Host-gengfu_session").unwrap().contains("Max-Age"), "it ends with the browser");
    assert_eq!(reply.header("strict-transport-security"), Some("max-age=63072000; includeSubDomains"));
    assert!(browser.is_in().await);
    // What a plain page of that name has set is not the session.
    let secret = browser.session().unwrap();
    browser.cookies.clear();
    browser.cookies.insert("gengfu_session".into(), secret);
    assert!(!browser.is_in().await);
}

#[tokio::test]
async fn a_session_ends_by_itself() {
    let house = House::open().await;
    let person = house.person("w", Role::Viewer).await;
    let clock = house.world.clock.clone();
    let mut idle = house.browser(&person, Stage::In).await;
    clock.advance(Duration::from_secs(59 * 60));
    assert!(idle.is_in().await);
    clock.advance(Duration::from_secs(59 * 60));
    assert!(idle.is_in().await, "who asks for something stays");
    clock.advance(hours(1));
    assert!(!idle.is_in().await, "who is away for an hour does not");

    // A page that fetches itself keeps nobody signed in.
    let wall = house.browser(&person, Stage::In).await;
    let refresh = format!("{}X-Refresh: yes\r\n\r\n", wall.head("GET", "/"));
    for (minutes, status) in [(30, 200), (29, 200), (1, 401)] {
        clock.advance(Duration::from_secs(minutes * 60));
        assert_eq!(exchange(wall.address, &refresh).await.status, status, "after {minutes} more minutes");
    }

    let mut busy = house.browser(&person, Stage::In).await;
    for half_hours in 1..24 {
        clock.advance(Duration::from_secs(30 * 60));
        assert!(busy.is_in().await, "{half_hours}");
    }
    clock.advance(Duration::from_secs(30 * 60));
    assert!(!busy.is_in().await, "twelve hours are enough in any case");
}

#[tokio::test]
async fn what_changes_rights_ends_sessions() {
    let house = House::open().await;
    house.person("boss", Role::Administrator).await;
    let check = async |name: &str, change: Amendment| {
        let person = house.person(name, Role::Operator).await;
        let mut browser = house.browser(&person, Stage::In).await;
        assert!(browser.is_in().await);
        house.world.store.amend(person.id, &change, &by(&house.world)).await.unwrap().unwrap();
        assert!(!browser.is_in().await, "{change:?}");
    };
    check("a", Amendment::Role(Role::Viewer)).await;
    check("b", Amendment::Disabled).await;
    check("c", Amendment::Removed).await;
    check("d", Amendment::SecondOff).await;
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    let house = House::open().await;
    let person = house.person("w", Role::Viewer).await;
    let (mut here, mut elsewhere) = (house.browser(&person, Stage::In).await, house.browser(&person, Stage::In).await);
    let before = here.session();
    let fields = |password, new, again| [("password", password), ("new", new), ("again", again)];
    let new = "three lanterns by the north gate";
    for (refused, why) in [
        (fields("wrong", new, new), 422),
        (fields(PASSWORD, "short", "short"), 422),
        (fields(PASSWORD, "password password", "password password"), 422),
        (fields(PASSWORD, new, "another"), 422),
    ] {
        assert_eq!(here.post("/account/password", &refused).await.status, why, "{refused:?}");
        assert!(elsewhere.is_in().await);
    }
    let reply = here.post("/account/password", &fields(PASSWORD, new, new)).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    assert!(here.is_in().await && here.session() != before, "a new session here");
    assert!(!elsewhere.is_in().await);
    assert_eq!(house.stranger().sign_in("w", PASSWORD).await.status, 401);
    assert_eq!(house.stranger().sign_in("w", new).await.status, 303);
}

#[tokio::test]
async fn others_sessions_and_tokens_are_not_there() {
    let house = House::open().await;
    let (one, other) = (house.person("one", Role::Administrator).await, house.person("other", Role::Viewer).await);
    let mut theirs = house.browser(&other, Stage::In).await;
    house.token(&other, &[gengfu::people::May::SeeIncidents]).await;
    let (store, mut browser) = (&house.world.store, house.browser(&one, Stage::In).await);
    let session = store.sessions_of(other.id).await.unwrap()[0].id;
    let token = store.tokens_of(other.id).await.unwrap()[0].id;
    assert_eq!(browser.post(&format!("/account/sessions/{session}/end"), &[]).await.status, 404);
    assert_eq!(browser.post(&format!("/account/tokens/{token}/end"), &[]).await.status, 404);
    assert!(theirs.is_in().await && !store.tokens_of(other.id).await.unwrap().is_empty());
    assert_eq!(theirs.post(&format!("/account/tokens/{token}/end"), &[]).await.status, 303);
    assert_eq!(theirs.post(&format!("/account/sessions/{session}/end"), &[]).await.status, 303);
    assert!(!theirs.is_in().await && store.tokens_of(other.id).await.unwrap().is_empty());
}

/// Gives `person` a second factor.
pub async fn with_second(house: &House, person: &Person) -> Seed {
    let (seed, store) = (Seed::of(fresh_bytes()), &house.world.store);
    let sealed = seed.seal(&SealingKey::new([7; 32]), person.id, fresh_bytes());
    store.amend(person.id, &Amendment::SecondOffered(sealed), &by(&house.world)).await.unwrap().unwrap();
    let confirmed = Amendment::SecondConfirmed { step: 0, at: house.world.clock.now(), recovery: vec![] };
    store.amend(person.id, &confirmed, &by(&house.world)).await.unwrap().unwrap();
    seed
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_each_code_is_taken_once() {
    let house = House::open().await;
    let person = house.person("w", Role::Viewer).await;
    let seed = with_second(&house, &person).await;
    let clock = &house.world.clock;
    let halfway = async || {
        let mut browser = house.stranger();
        let reply = browser.sign_in("w", PASSWORD).await;
        assert_eq!(reply.header("location"), Some("/sign-in/second?next=%2F"), "{reply:?}");
        assert!(!browser.is_in().await, "half the way opens nothing");
        browser
    };
    let code = seed.code(clock.now());
    let mut browser = halfway().await;
    let before = browser.session();
    assert_eq!(browser.post("/sign-in/second", &[("code", "000000")]).await.status, 401);
    assert_eq!(browser.post("/sign-in/second", &[("code", &code), ("next", "/incidents")]).await.status, 303);
    assert!(browser.is_in().await && browser.session() != before, "a new session once all is proven");
    let mut thief = halfway().await;
    assert_eq!(thief.post("/sign-in/second", &[("code", &code)]).await.status, 401, "a code that was seen is void");
    clock.advance(Duration::from_secs(30));
    assert_eq!(thief.post("/sign-in/second", &[("code", &seed.code(clock.now()))]).await.status, 303);

    let mut late = halfway().await;
    clock.advance(Duration::from_secs(300));
    let reply = late.post("/sign-in/second", &[("code", &seed.code(clock.now()))]).await;
    assert_eq!(
        (reply.status, reply.header("location")),
        (303, Some("/sign-in")),
        "half the way is open for five minutes"
    );
}

#[tokio::test]
async fn a_second_factor_is_set_up_by_its_person_and_survives_a_lost_phone() {
    let house = House::open().await;
    let person = house.person("w", Role::Viewer).await;
    let (mut here, mut elsewhere) = (house.browser(&person, Stage::In).await, house.browser(&person, Stage::In).await);
    assert_eq!(here.post("/account/second/offer", &[("password", "wrong")]).await.status, 422);
    let offered = here.post("/account/second/offer", &[("password", PASSWORD)]).await;
    let (_, rest) = offered.body.split_once("secret=").unwrap();
    let secret: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    let code = |now: gengfu::moment::Moment| {
        let secret = totp_rs::Secret::try_from_base32(&secret).unwrap();
        let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
        totp.generate(u64::try_from(now.as_millis() / 1000).unwrap()).to_string()
    };
    assert_eq!(here.post("/account/second/confirm", &[("code", "000000")]).await.status, 422);
    let confirmed = here.post("/account/second/confirm", &[("code", &code(house.world.clock.now()))]).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    assert!(here.is_in().await && !elsewhere.is_in().await, "rights changed: other sessions ended");
    let codes: Vec<&str> = confirmed.body.split("<li><code>").skip(1).map(|c| c.split('<').next().unwrap()).collect();
    assert_eq!(codes.len(), 10);
    let again = here.get("/account").await.body;
    assert!(!again.contains(codes[0]) && !again.contains(&secret), "shown once");

    let mut phoneless = house.stranger();
    phoneless.sign_in("w", PASSWORD).await;
    assert_eq!(phoneless.post("/sign-in/second", &[("code", &codes[3].to_lowercase())]).await.status, 303);
    let mut again = house.stranger();
    again.sign_in("w", PASSWORD).await;
    assert_eq!(again.post("/sign-in/second", &[("code", codes[3])]).await.status, 401, "once");
    assert_eq!(phoneless.post("/account/second/off", &[("password", PASSWORD)]).await.status, 303);
    assert_eq!(house.stranger().sign_in("w", PASSWORD).await.header("location"), Some("/"));
}

#[tokio::test]
async fn nobody_is_led_to_another_site() {
    let house = House::open().await;
    house.person("w", Role::Viewer).await;
    let check = async |next: &str, expected: &str| {
        let fields = [("name", "w"), ("password", PASSWORD), ("next", next)];
        let reply = house.stranger().post("/sign-in", &fields).await;
        assert_eq!(reply.header("location"), Some(expected), "{next:?}");
    };
    check("/walks/1?x=y#step-3", "/walks/1?x=y#step-3").await;
    for away in
        ["//evil.test", "https://evil.test/", "/\\evil.test", "/.//evil.test", "javascript:alert(1)", "/\r\nX: y"]
    {
        check(away, "/").await;
    }
    let asked = house.stranger().get("/incidents?q=%22%3E%3Cscript%3E").await;
    assert_eq!(asked.status, 401);
    assert!(
        asked.body.contains("name=\"next\" value=\"&#x2f;incidents?q=") && !asked.body.contains("<script>"),
        "{}",
        asked.body
    );
}

/// Listens to the live stream of `browser`; gives the connection once it is open.
async fn listen(browser: &Browser) -> TcpStream {
    let mut stream = TcpStream::connect(browser.address).await.unwrap();
    stream.write_all(format!("{}\r\n", browser.head("GET", "/live")).as_bytes()).await.unwrap();
    let mut some = [0; 4096];
    let read = stream.read(&mut some).await.unwrap();
    assert!(String::from_utf8_lossy(&some[..read]).contains("text/event-stream"));
    stream
}

#[tokio::test]
async fn the_live_stream_ends_with_its_session() {
    let house = House::open().await;
    let person = house.person("w", Role::Viewer).await;
    let ended = async |mut stream: TcpStream| {
        let mut rest = Vec::new();
        tokio::time::timeout(DEADLINE, stream.read_to_end(&mut rest)).await.expect("the stream goes on").unwrap();
        assert!(!String::from_utf8_lossy(&rest).contains("data:"), "it told something to who has gone");
    };
    let mut out = house.browser(&person, Stage::In).await;
    let stream = listen(&out).await;
    out.post("/sign-out", &[]).await;
    ended(stream).await;

    let late = house.browser(&person, Stage::In).await;
    let stream = listen(&late).await;
    house.world.clock.advance(hours(1));
    house.served.feed.tell(Changed::Incident);
    ended(stream).await;

    // Ended by another process, such as `gengfu people`: found without anybody telling.
    let reset = house.browser(&person, Stage::In).await;
    let stream = listen(&reset).await;
    house.world.store.amend(person.id, &Amendment::Disabled, &by(&house.world)).await.unwrap().unwrap();
    ended(stream).await;
}
