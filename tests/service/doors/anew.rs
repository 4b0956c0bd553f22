//! Who has no password proves at the provider, anew, that it is still they, before new ways in are made.

use super::house::{Browser, Reply, by};
use super::provider::{Joint, back, rules, shifted, state};
use super::sessions::with_second;
use gengfu::moment::Clock as _;
use gengfu::people::{Identities as _, Identity, Role};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use url::Url;

const TOKEN: [(&str, &str); 3] = [("label", "nightly"), ("days", "30"), ("scope", "see-incidents")];

impl Joint {
    /// Where somebody who is in is led to.
    async fn lead_anew(&self, browser: &mut Browser) -> Url {
        let reply = browser.get("/account/anew").await;
        assert_eq!(reply.status, 303, "{}", reply.body);
        reply.header("location").unwrap().parse().unwrap()
    }

    /// The whole way.
    async fn anew(&self, browser: &mut Browser) -> Reply {
        let address = self.lead_anew(browser).await;
        let code = self.stand_in.grant(&address);
        browser.get(&back(&state(&address), &code)).await
    }

    async fn inside(&self) -> Browser {
        let mut browser = self.house.stranger();
        assert_eq!(self.sign_in(&mut browser).await.status, 303);
        browser
    }
}

#[tokio::test]
async fn a_sign_in_anew_stands_in_for_the_password_for_five_minutes() {
    let joint = Joint::open(rules()).await;
    let mut browser = joint.inside().await;
    let page = browser.get("/account?lang=en").await.body;
    assert!(page.contains("/account/anew") && !page.contains("name=\"password\""), "{page}");
    assert!(!page.contains("action=\"/account/tokens\""), "{page}");
    for (path, fields) in [("/account/tokens", TOKEN.as_slice()), ("/account/second/offer", &[])] {
        assert_eq!(browser.post(path, fields).await.status, 422, "{path}");
    }

    let address = joint.lead_anew(&mut browser).await;
    let asked: BTreeMap<String, String> = address.query_pairs().into_owned().collect();
    assert_eq!((asked["prompt"].as_str(), asked["max_age"].as_str()), ("login", "0"));
    let (before, code) = (browser.session(), joint.stand_in.grant(&address));
    let reply = browser.get(&back(&state(&address), &code)).await;
    assert_eq!((reply.status, reply.header("location")), (303, Some("/account")), "{}", reply.body);
    assert!(browser.session() != before, "a new session");
    assert!(browser.get("/account?lang=en").await.body.contains("action=\"/account/tokens\""));
    assert_eq!(browser.post("/account/tokens", &TOKEN).await.status, 200);
    let offered = browser.post("/account/second/offer", &[]).await;
    assert!(offered.status == 200 && offered.body.contains("secret="), "{}", offered.body);
    // It is no password, and makes none.
    let new = "three lanterns by the north gate";
    assert_eq!(browser.post("/account/password", &[("new", new), ("again", new)]).await.status, 422);
    joint.house.world.clock.advance(Duration::from_secs(300));
    assert_eq!(browser.post("/account/tokens", &TOKEN).await.status, 422);
}

#[tokio::test]
async fn only_what_the_provider_says_of_just_now_is_believed() {
    let joint = Joint::open(rules()).await;
    // Nobody asked for it anew: whatever else is said of the time.
    joint.says(json!({"auth_time": super::stand_in::now()}));
    let mut browser = joint.inside().await;
    assert_eq!(browser.post("/account/tokens", &TOKEN).await.status, 422);
    let check = async |claims: Value, expected: u16| {
        // No address is held up for what the stories before it did.
        joint.house.world.clock.advance(Duration::from_secs(901));
        joint.says(shifted(&claims, &joint));
        let mut browser = browser.clone();
        let reply = joint.anew(&mut browser).await;
        assert_eq!(reply.status, expected, "{claims}: {}", reply.body);
        let made = browser.post("/account/tokens", &TOKEN).await.status;
        assert_eq!(made, if expected == 303 { 200 } else { 422 }, "{claims}");
    };
    check(json!({"auth_time": null}), 401).await;
    check(json!({"auth_time": "-61"}), 401).await;
    check(json!({"auth_time": "+61"}), 401).await;
    check(json!({"auth_time": [1]}), 503).await;
    // The last: it ends the session that the stories before it have.
    check(json!({"auth_time": "-60"}), 303).await;
}

#[tokio::test]
async fn somebody_else_proves_nothing() {
    let joint = Joint::open(rules()).await;
    let mut browser = joint.inside().await;
    joint.says(json!({"sub": "u-2002", "preferred_username": "li.na"}));
    let reply = joint.anew(&mut browser).await;
    assert_eq!(reply.status, 403, "{}", reply.body);
    assert_eq!(joint.named("li.na").await, None, "and gets no account by it");
    assert!(browser.is_in().await);
    assert_eq!(browser.post("/account/tokens", &TOKEN).await.status, 422);
    assert_eq!(joint.house.stranger().get("/account/anew").await.status, 401);
}

#[tokio::test]
async fn a_second_factor_of_ours_is_asked_for_on_the_way() {
    let joint = Joint::open(rules()).await;
    let (world, wang) = (&joint.house.world, joint.house.person("w", Role::Operator).await);
    let seed = with_second(&joint.house, &wang).await;
    let who = Identity { issuer: joint.stand_in.issuer(), subject: "u-1001".into() };
    assert!(world.store.join(wang.id, &who, &by(world)).await.unwrap());
    let mut browser = joint.house.browser(&wang, gengfu::people::Stage::In).await;
    let reply = joint.anew(&mut browser).await;
    assert_eq!(reply.header("location"), Some("/sign-in/second?next=%2Faccount"), "{}", reply.body);
    assert_eq!(browser.post("/account/tokens", &TOKEN).await.status, 401, "half the way opens nothing");
    let code = seed.code(world.clock.now());
    assert_eq!(browser.post("/sign-in/second", &[("code", &code), ("next", "/account")]).await.status, 303);
    assert_eq!(browser.post("/account/tokens", &TOKEN).await.status, 200);
}
