//! Who leaves is vouched for no more, and nobody says so here: what they made rests by itself, and their password opens
//! nothing.

use super::house::{Browser, PASSWORD, by, exchange, logged};
use super::provider::{Joint, rules};
use gengfu::people::{
    Amendment, Identities as _, Identity, May, Pass, PassKind, Person, ProviderRules, Role, Roll as _, Stage,
    Welcomes as _,
};
use serde_json::json;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

/// A console that believes the provider's word for a week.
async fn weekly() -> Joint {
    Joint::open(ProviderRules { tokens_live: 7 * DAY, ..rules() }).await
}

impl Joint {
    async fn join(&self, person: &Person) {
        let who = Identity { issuer: self.stand_in.issuer(), subject: "u-1001".into() };
        assert!(self.house.world.store.join(person.id, &who, &by(&self.house.world)).await.unwrap());
    }

    async fn amend(&self, person: &Person, change: Amendment) {
        self.house.world.store.amend(person.id, &change, &by(&self.house.world)).await.unwrap().unwrap();
    }

    /// What a program is answered that calls with `token`.
    async fn call(&self, token: &str) -> u16 {
        let head = self.house.stranger().head("GET", "/api/v1/today");
        let call = format!("{head}Authorization: Bearer {token}\r\n\r\n");
        exchange(self.house.served.address, &call).await.status
    }

    async fn administrator(&self) -> Browser {
        let boss = self.house.person("boss", Role::Administrator).await;
        self.house.browser(&boss, Stage::In).await
    }
}

#[tokio::test]
async fn tokens_rest_when_nobody_vouches_for_their_person_any_more() {
    let joint = weekly().await;
    assert_eq!(joint.sign_in(&mut joint.house.stranger()).await.status, 303);
    let wang = joint.named("wang.fang").await.unwrap();
    let own = joint.house.person("own", Role::Viewer).await;
    let (theirs, others) =
        (joint.house.token(&wang, &[May::SeeIncidents]).await, joint.house.token(&own, &[May::SeeIncidents]).await);
    let clock = &joint.house.world.clock;
    clock.advance(7 * DAY - Duration::from_secs(1));
    assert_eq!((joint.call(&theirs).await, joint.call(&others).await), (200, 200));
    clock.advance(Duration::from_secs(1));
    assert_eq!((joint.call(&theirs).await, joint.call(&others).await), (401, 200), "who is nobody there is let be");
    let page = joint.administrator().await.get("/people?lang=en").await.body;
    assert_eq!(page.matches("tokens rest").count(), 1, "{page}");
    assert_eq!(page.matches("Last vouched for").count(), 1, "{page}");

    // Refused is not vouched for, whatever else the provider says of them.
    joint.says(json!({"groups": null}));
    assert_eq!(joint.sign_in(&mut joint.house.stranger()).await.status, 403);
    assert_eq!(joint.call(&theirs).await, 401);
    // Back from a long holiday: all is as it was.
    joint.says(json!({}));
    let mut back = joint.house.stranger();
    assert_eq!(joint.sign_in(&mut back).await.status, 303);
    assert_eq!(joint.call(&theirs).await, 200);
    assert!(!back.get("/account?lang=en").await.body.contains("rests until"));
}

#[tokio::test]
async fn who_was_just_joined_is_believed_as_long() {
    let joint = weekly().await;
    let wang = joint.house.person("w", Role::Viewer).await;
    let token = joint.house.token(&wang, &[May::SeeIncidents]).await;
    joint.house.world.clock.advance(8 * DAY);
    assert_eq!(joint.call(&token).await, 200);
    joint.join(&wang).await;
    assert_eq!(joint.call(&token).await, 200);
    joint.house.world.clock.advance(7 * DAY);
    assert_eq!(joint.call(&token).await, 401);
    let mut theirs = joint.house.browser(&wang, Stage::In).await;
    assert!(theirs.get("/account?lang=en").await.body.contains("rests until"));
}

#[tokio::test]
async fn a_password_beside_the_provider_is_granted_by_an_administrator() {
    let joint = weekly().await;
    let mut desk = joint.administrator().await;
    let wang = joint.house.person("w", Role::Viewer).await;
    let mut browser = joint.house.stranger();
    let check = async |browser: &mut Browser, password: &str, expected: u16| {
        // No try is held up for those before it.
        joint.house.world.clock.advance(Duration::from_secs(901));
        let reply = browser.sign_in("w", password).await;
        assert_eq!(reply.status, expected, "{}", reply.body);
        reply.body
    };
    check(&mut browser, PASSWORD, 303).await;
    joint.join(&wang).await;
    let mut again = joint.house.stranger();
    // Who guesses learns nothing by guessing right.
    for password in [PASSWORD, "wrong horse battery staple"] {
        let body = check(&mut again, password, 401).await;
        let said = body.split("class=\"complaint\"").nth(1).unwrap().split("</p>").next().unwrap();
        assert!(said.contains("名字或密码不对。"), "{said}");
    }
    let page = joint.house.stranger().get("/sign-in?lang=en").await.body;
    assert!(page.contains("Passwords of people whom the organisation vouches for"), "{page}");
    assert!(again.session().is_none());
    // And it makes no tokens in a session that is open still.
    let token = [("label", "x"), ("days", "30"), ("scope", "see-incidents"), ("password", PASSWORD)];
    let mut open = joint.house.browser(&wang, Stage::In).await;
    assert_eq!(open.post("/account/tokens", &token).await.status, 422);

    let order = |what: &str| format!("/people/{}/password/{what}", wang.id);
    assert_eq!(desk.post(&order("grant"), &[]).await.status, 303);
    assert!(desk.get("/people?lang=en").await.body.contains("password, too"));
    check(&mut again, PASSWORD, 303).await;
    desk = joint.house.browser(&joint.named("boss").await.unwrap(), Stage::In).await;
    assert_eq!(desk.post(&order("withdraw"), &[]).await.status, 303);
    assert!(!again.is_in().await, "a stay that it began is over");
    check(&mut again, PASSWORD, 401).await;
    let boss = joint.named("boss").await.unwrap();
    assert_eq!(desk.post(&format!("/people/{}/password/grant", boss.id), &[]).await.status, 404, "nobody there");

    // The provider's own no takes it back, and a new one-time code is a yes.
    joint.amend(&wang, Amendment::PasswordGranted).await;
    joint.amend(&wang, Amendment::Provided(None)).await;
    check(&mut again, PASSWORD, 401).await;
    let (code, now) = (Pass::of(PassKind::Welcome, [3; 32]), joint.house.world.clock.as_ref());
    let until = gengfu::moment::Clock::now(now).after(DAY);
    joint.amend(&wang, Amendment::Reset { code: code.hash(), until, at_machine: true }).await;
    let hash = gengfu::people::PasswordHash::of(&gengfu::people::Password::typed(PASSWORD), [5; 16]);
    let name = "w".parse().unwrap();
    joint.house.world.store.redeem(&code.hash(), &name, &hash, gengfu::moment::Clock::now(now)).await.unwrap();
    check(&mut again, PASSWORD, 303).await;
    let entries = logged(&joint.house.world, wang.id).await;
    for entry in ["person:boss person-changed password-granted", "person:boss person-changed password-withdrawn"] {
        assert!(entries.iter().any(|e| e == entry), "{entries:?}");
    }
}

#[tokio::test]
async fn disabling_somebody_ends_all_they_had_at_once() {
    let joint = weekly().await;
    let mut desk = joint.administrator().await;
    let mut browser = joint.house.stranger();
    assert_eq!(joint.sign_in(&mut browser).await.status, 303);
    let wang = joint.named("wang.fang").await.unwrap();
    let token = joint.house.token(&wang, &[May::SeeIncidents]).await;
    joint.amend(&wang, Amendment::PasswordGranted).await;
    assert_eq!(desk.post(&format!("/people/{}/disable", wang.id), &[]).await.status, 303);
    assert!(!browser.is_in().await);
    assert_eq!(joint.call(&token).await, 401);
    assert_eq!(joint.sign_in(&mut joint.house.stranger()).await.status, 403);
    let entries = logged(&joint.house.world, wang.id).await;
    assert_eq!(entries.last().unwrap(), "person:boss person-changed disabled", "{entries:?}");
}
