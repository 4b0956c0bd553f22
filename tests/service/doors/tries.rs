//! Guessing: slowed by name and by address, told nothing, and no way to keep the person themselves out.

use super::house::{House, PASSWORD, Reply};
use gengfu::people::{Role, Stage};
use std::time::Duration;

/// The answer without what is another one each time.
fn shape(reply: &Reply, name: &str) -> (u16, String) {
    (reply.status, reply.body.replace(name, "NAME"))
}

#[tokio::test]
async fn a_name_that_is_not_there_is_answered_as_one_that_is() {
    let house = House::open().await;
    house.person("anna", Role::Viewer).await;
    let (there, absent) = ("anna", "berta");
    for round in 0..7 {
        let known = house.stranger().sign_in(there, "wrong horse battery staple").await;
        let unknown = house.stranger().sign_in(absent, "wrong horse battery staple").await;
        assert_eq!(shape(&known, there), shape(&unknown, absent), "round {round}");
        assert_eq!(known.status, if round < 5 { 401 } else { 429 }, "round {round}");
        assert_eq!(known.header("retry-after"), unknown.header("retry-after"));
    }
    // No name at all, and one that could be nobody's.
    for name in ["", "a\u{202e}b", &"x".repeat(500)] {
        assert_eq!(house.stranger().sign_in(name, "wrong horse battery staple").await.status, 401, "{name:?}");
    }
}

#[tokio::test]
async fn guessing_is_slowed_and_waiting_it_out_helps() {
    let house = House::open().await;
    house.person("anna", Role::Viewer).await;
    // However it is written, it is one name.
    for name in ["anna", "ANNA", " Anna ", "ａｎｎａ", "anna"] {
        assert_eq!(house.stranger().sign_in(name, "wrong horse battery staple").await.status, 401, "{name:?}");
    }
    let (mut guessed, mut waited) = (0, Duration::ZERO);
    while waited < Duration::from_secs(3600) {
        let reply = house.stranger().sign_in("anna", "wrong horse battery staple").await;
        if reply.status == 401 {
            guessed += 1;
            continue;
        }
        assert_eq!(reply.status, 429);
        let wait = Duration::from_secs(reply.header("retry-after").unwrap().parse().unwrap());
        let right = house.stranger().sign_in("anna", PASSWORD).await;
        assert_eq!(right.status, 429, "the right password is not looked at either: a guesser learns nothing");
        house.world.clock.advance(wait);
        waited += wait;
    }
    assert!((8..=15).contains(&guessed), "{guessed} guesses in the first hour");
    house.world.clock.advance(Duration::from_secs(15 * 60));
    assert_eq!(house.stranger().sign_in("anna", PASSWORD).await.status, 303);
    assert_eq!(house.stranger().sign_in("anna", "wrong horse battery staple").await.status, 401, "counted anew");
}

#[tokio::test]
async fn who_is_known_here_is_not_kept_out_by_a_guesser() {
    let house = House::open().await;
    house.person("anna", Role::Viewer).await;
    house.person("eve", Role::Viewer).await;
    let mut own = house.stranger();
    own.sign_in("anna", PASSWORD).await;
    own.post("/sign-out", &[]).await;
    let mut eve = house.stranger();
    eve.sign_in("eve", PASSWORD).await;
    for _ in 0..40 {
        eve.sign_in("anna", "wrong horse battery staple").await;
    }
    assert_eq!(eve.sign_in("anna", PASSWORD).await.status, 429, "her browser is known as hers, not as anna’s");
    assert_eq!(house.stranger().sign_in("anna", PASSWORD).await.status, 429);
    assert_eq!(own.sign_in("anna", PASSWORD).await.status, 303, "anna’s own browser");
    own.post("/sign-out", &[]).await;
    let statuses: Vec<u16> = {
        let mut statuses = vec![];
        for _ in 0..6 {
            statuses.push(own.sign_in("anna", "wrong horse battery staple").await.status);
        }
        statuses
    };
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429], "a stolen browser guesses no faster");
}

#[tokio::test]
async fn an_address_that_tries_many_names_is_slowed() {
    let house = House::open().await;
    house.person("anna", Role::Viewer).await;
    let mut first_pause = None;
    for i in 0..40 {
        let reply = house.stranger().sign_in(&format!("name-{i}"), "wrong horse battery staple").await;
        if reply.status == 429 {
            first_pause = Some(i);
            break;
        }
    }
    assert_eq!(first_pause, Some(30));
}

#[tokio::test]
async fn many_tries_at_once_are_no_more_than_one_after_another() {
    let house = House::open().await;
    house.person("anna", Role::Viewer).await;
    let tries = (0..20).map(|_| {
        let mut browser = house.stranger();
        async move { browser.sign_in("anna", "wrong horse battery staple").await.status }
    });
    let statuses = futures_util::future::join_all(tries).await;
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 5, "{statuses:?}");
}

#[tokio::test]
async fn codes_are_guessed_as_slowly() {
    let house = House::open().await;
    let person = house.person("anna", Role::Viewer).await;
    let mut browser = house.browser(&person, Stage::Halfway).await;
    let mut codes = vec![];
    for i in 0..7 {
        codes.push(browser.post("/sign-in/second", &[("code", &format!("{i:06}"))]).await.status);
    }
    assert_eq!(codes, [401, 401, 401, 401, 401, 429, 429]);
    let mut welcomes = vec![];
    for i in 0..7 {
        let code = format!("{i:020}");
        let fields = [("code", code.as_str()), ("name", "root"), ("password", PASSWORD), ("again", PASSWORD)];
        welcomes.push(house.stranger().post("/welcome", &fields).await.status);
    }
    assert_eq!(welcomes, [401, 401, 401, 401, 401, 429, 429]);
    let mut proofs = vec![];
    let mut signed_in = house.browser(&person, Stage::In).await;
    for _ in 0..7 {
        proofs.push(signed_in.post("/account/second/offer", &[("password", "wrong")]).await.status);
    }
    assert_eq!(proofs, [422, 422, 422, 422, 422, 429, 429]);
}

#[tokio::test]
async fn a_form_without_end_is_not_read() {
    let house = House::open().await;
    let reply = house.stranger().sign_in("anna", &"x".repeat(1 << 20)).await;
    assert_eq!(reply.status, 413);
    assert_eq!(house.stranger().sign_in("anna", &"x".repeat(60_000)).await.status, 401);
}
