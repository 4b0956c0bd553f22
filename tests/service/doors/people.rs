//! The first administrator, invitations, roles and the end of them; names that attack the pages they stand on; the
//! command at the machine.

use super::super::console::world::World;
use super::house::{Browser, House, PASSWORD, by, logged};
use gengfu::config::SignIn;
use gengfu::moment::Clock as _;
use gengfu::people::{
    Amendment, NotAmended, Offer, Pass, PassKind, Redeemed, Role, Roll as _, Stage, Standing, Tokens as _,
    Welcomes as _, fresh_bytes,
};
use std::process::Command;
use std::time::Duration;

const HALF_AN_HOUR: Duration = Duration::from_secs(1800);

async fn first_code(world: &World) -> Option<Pass> {
    let (code, now) = (Pass::of(PassKind::Welcome, fresh_bytes()), world.clock.now());
    world.store.offer(&Offer::First, &code.hash(), now.after(HALF_AN_HOUR), &by(world)).await.unwrap().map(|()| code)
}

async fn redeem(browser: &mut Browser, code: &Pass, name: &str, password: &str) -> u16 {
    let fields = [("code", code.expose()), ("name", name), ("password", password), ("again", password)];
    browser.post("/welcome", &fields).await.status
}

#[tokio::test]
async fn the_first_administrator_comes_by_a_code_that_is_good_once() {
    let world = World::empty().await;
    let served = world.serve_with(SignIn::Required, &[], "127.0.0.1:0").await;
    for (name, password) in [("admin", "admin"), ("root", "root"), ("gengfu", "gengfu"), ("local", ""), ("", "")] {
        assert_eq!(Browser::at(served.address).sign_in(name, password).await.status, 401, "no one is there by default");
    }
    let old = first_code(&world).await.unwrap();
    let code = first_code(&world).await.unwrap();
    let mut browser = Browser::at(served.address);
    assert_eq!(redeem(&mut browser, &old, "root", PASSWORD).await, 401, "only the newest is good");
    assert_eq!(redeem(&mut browser, &code, "root", "short").await, 422, "a mistake does not use it up");
    assert_eq!(redeem(&mut browser, &code, "root", PASSWORD).await, 303);
    assert!(browser.is_in().await);
    assert_eq!(redeem(&mut Browser::at(served.address), &code, "second", PASSWORD).await, 401, "once");
    assert!(first_code(&world).await.is_none(), "none once somebody is there");
    let everybody = world.store.everybody().await.unwrap();
    assert_eq!(
        everybody.iter().map(|p| (p.name.as_str(), p.role)).collect::<Vec<_>>(),
        [("root", Role::Administrator)]
    );
}

#[tokio::test]
async fn a_code_is_good_for_half_an_hour() {
    let world = World::empty().await;
    let served = world.serve_with(SignIn::Required, &[], "127.0.0.1:0").await;
    let code = first_code(&world).await.unwrap();
    world.clock.advance(HALF_AN_HOUR);
    assert_eq!(redeem(&mut Browser::at(served.address), &code, "root", PASSWORD).await, 401);
    assert!(world.store.everybody().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_code_makes_one_administrator_however_many_hands_it_over() {
    let world = World::empty().await;
    let served = world.serve_with(SignIn::Required, &[], "127.0.0.1:0").await;
    let code = first_code(&world).await.unwrap();
    let hands = ["a", "b", "c", "d"].map(|name| {
        let (mut browser, code) = (Browser::at(served.address), code.clone());
        async move { redeem(&mut browser, &code, name, PASSWORD).await }
    });
    let statuses = futures_util::future::join_all(hands).await;
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert_eq!(world.store.everybody().await.unwrap().len(), 1);
}

/// The code on a page that shows one.
fn shown(page: &str) -> Pass {
    let (_, rest) = page.split_once("data-copy=\"").unwrap_or_else(|| panic!("no code on {page}"));
    Pass::claimed(PassKind::Welcome, rest.split('"').next().unwrap())
}

#[tokio::test]
async fn an_administrator_invites_changes_resets_and_removes() {
    let house = House::open().await;
    let boss = house.person("boss", Role::Administrator).await;
    let mut desk = house.browser(&boss, Stage::In).await;
    let reply = desk.post("/people", &[("name", "Wang Fang"), ("role", "viewer")]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let code = shown(&reply.body);
    assert!(!desk.get("/people").await.body.contains(code.expose()), "shown once");
    assert_eq!(
        desk.post("/people", &[("name", "wang FANG"), ("role", "viewer")]).await.status,
        409,
        "one name, one person"
    );
    assert_eq!(desk.post("/people", &[("name", "x"), ("role", "emperor")]).await.status, 422);
    assert_eq!(desk.post("/people", &[("name", "a\u{202e}b"), ("role", "viewer")]).await.status, 422);
    assert_eq!(house.stranger().sign_in("Wang Fang", "").await.status, 401, "not before there is a password");
    assert_eq!(redeem(&mut house.stranger(), &code, "boss", PASSWORD).await, 401, "not for another name");
    let mut wang = house.stranger();
    assert_eq!(redeem(&mut wang, &code, "wang fang", PASSWORD).await, 303);
    assert_eq!(wang.get("/people").await.status, 403);

    let id = house.world.store.named(&"wang fang".parse().unwrap()).await.unwrap().unwrap().0.id;
    assert_eq!(desk.post(&format!("/people/{id}/role"), &[("role", "administrator")]).await.status, 303);
    assert!(!wang.is_in().await, "what was granted is asked anew");
    wang.sign_in("wang fang", PASSWORD).await;
    assert_eq!(wang.get("/people").await.status, 200);

    assert_eq!(desk.post(&format!("/people/{id}/disable"), &[]).await.status, 303);
    assert!(!wang.is_in().await);
    assert_eq!(wang.sign_in("wang fang", PASSWORD).await.status, 401);
    assert_eq!(desk.post(&format!("/people/{id}/enable"), &[]).await.status, 303);
    assert_eq!(wang.sign_in("wang fang", PASSWORD).await.status, 303);

    let reset = shown(&desk.post(&format!("/people/{id}/reset"), &[]).await.body);
    assert!(!wang.is_in().await);
    assert_eq!(house.stranger().sign_in("wang fang", PASSWORD).await.status, 401);
    assert_eq!(redeem(&mut wang, &reset, "wang fang", "three lanterns by the north gate").await, 303);
    assert_eq!(desk.post(&format!("/people/{id}/remove"), &[]).await.status, 303);
    assert!(!wang.is_in().await);
    assert_eq!(desk.post(&format!("/people/{id}/remove"), &[]).await.status, 404);
    // Under their name stands what they did: who invites somebody else under it is told.
    let again = desk.post("/people", &[("name", "WANG fang"), ("role", "viewer")]).await;
    assert!(again.status == 200 && again.body.contains("曾属于一位已被移除的人"), "{}", again.body);
    shown(&again.body);
    let fresh = desk.post("/people", &[("name", "li.lei"), ("role", "viewer")]).await;
    assert!(fresh.status == 200 && !fresh.body.contains("曾属于一位已被移除的人"), "{}", fresh.body);
    let expected = [
        "person:boss person-invited viewer",
        "person:Wang Fang person-admitted viewer",
        "person:Wang Fang signed-in",
        "person:boss person-changed role viewer administrator",
        "person:Wang Fang signed-in",
        "person:boss person-changed disabled",
        "person:boss person-changed enabled",
        "person:Wang Fang signed-in",
        "person:boss person-changed reset",
        "person:Wang Fang person-admitted administrator",
        "person:Wang Fang signed-in",
        "person:boss person-changed removed",
    ];
    assert_eq!(logged(&house.world, id).await, expected);
}

#[tokio::test]
async fn what_people_do_with_their_account_is_on_record() {
    let house = House::open().await;
    let person = house.person("wang", Role::Operator).await;
    let mut browser = house.browser(&person, Stage::In).await;
    let token = [("label", "nightly"), ("days", "30"), ("scope", "see-incidents"), ("password", PASSWORD)];
    assert_eq!(browser.post("/account/tokens", &token).await.status, 200);
    let made = house.world.store.tokens_of(person.id).await.unwrap()[0].id;
    assert_eq!(browser.post(&format!("/account/tokens/{made}/end"), &[]).await.status, 303);
    assert_eq!(browser.post(&format!("/account/tokens/{made}/end"), &[]).await.status, 404);
    let new = "three lanterns by the north gate";
    let password = [("password", PASSWORD), ("new", new), ("again", new)];
    assert_eq!(browser.post("/account/password", &password).await.status, 303);
    browser.post("/sign-out", &[]).await;
    let expected = [
        "robot person-invited operator",
        "person:wang person-admitted operator",
        "person:wang signed-in",
        "person:wang token-made nightly",
        "person:wang token-ended",
        "person:wang person-changed password",
        "person:wang signed-in",
        "person:wang signed-out",
    ];
    assert_eq!(logged(&house.world, person.id).await, expected);
}

#[tokio::test]
async fn an_invitation_to_somebody_disabled_is_void() {
    let house = House::open().await;
    let boss = house.person("boss", Role::Administrator).await;
    let mut desk = house.browser(&boss, Stage::In).await;
    let code = shown(&desk.post("/people", &[("name", "w"), ("role", "viewer")]).await.body);
    let id = house.world.store.named(&"w".parse().unwrap()).await.unwrap().unwrap().0.id;
    desk.post(&format!("/people/{id}/disable"), &[]).await;
    assert_eq!(redeem(&mut house.stranger(), &code, "w", PASSWORD).await, 401);
    desk.post(&format!("/people/{id}/enable"), &[]).await;
    let standing = house.world.store.person(id).await.unwrap().unwrap().0.standing;
    assert_eq!(standing, Standing::Invited, "without a password nobody is active");
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let house = House::open().await;
    let boss = house.person("boss", Role::Administrator).await;
    let mut desk = house.browser(&boss, Stage::In).await;
    for (order, fields) in
        [("role", vec![("role", "viewer")]), ("disable", vec![]), ("reset", vec![]), ("remove", vec![])]
    {
        let reply = desk.post(&format!("/people/{}/{order}", boss.id), &fields).await;
        assert_eq!(reply.status, 409, "{order}");
        assert!(!reply.body.contains("data-copy"), "{order} shows a code that is none");
        assert!(desk.is_in().await);
    }
    // Two administrators who remove each other at once.
    let other = house.person("other", Role::Administrator).await;
    let store = &house.world.store;
    let robot = by(&house.world);
    let both = tokio::join!(
        store.amend(boss.id, &Amendment::Removed, &robot),
        store.amend(other.id, &Amendment::Removed, &robot)
    );
    let left = [both.0.unwrap(), both.1.unwrap()];
    assert_eq!(left.iter().filter(|r| **r == Err(NotAmended::LastAdministrator)).count(), 1, "{left:?}");
}

#[tokio::test]
async fn a_name_that_is_an_attack_is_shown_as_it_is() {
    let house = House::open().await;
    let names = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(2)>",
        "'-alert(3)-'",
        "{{7*7}}${7*7}",
        "</title></select><svg onload=alert(4)>",
    ];
    for name in names {
        let person = house.person(name, Role::Administrator).await;
        let mut desk = house.browser(&person, Stage::In).await;
        house.token(&person, &[gengfu::people::May::SeeIncidents]).await;
        let label = [("label", name), ("days", "30"), ("scope", "see-incidents"), ("password", PASSWORD)];
        let failed = house.stranger().sign_in(name, "wrong horse battery staple").await;
        let offered = desk.post("/account/second/offer", &[("password", PASSWORD)]).await;
        for page in [
            desk.get("/people").await,
            desk.get("/account").await,
            desk.post("/account/tokens", &label).await,
            desk.post("/people", &[("name", name), ("role", "viewer")]).await,
            desk.get("/").await,
            offered,
            failed,
        ] {
            assert!(page.body.starts_with("<!doctype html>"), "{}", page.body);
            for forbidden in ["<script>", "<img src=x", "<svg onload", "</select><svg", "49", "'-alert"] {
                let counted = page.body.matches(forbidden).count();
                let harmless = forbidden == "49" && !page.body.contains("&gt;49") && !page.body.contains(">49<");
                assert!(counted == 0 || harmless, "{name} brings {forbidden:?} into {}", page.body);
            }
        }
    }
}

#[tokio::test]
async fn without_sign_in_everybody_here_is_local_and_may_everything() {
    let world = World::empty().await;
    let served = world.serve(&[]).await;
    let mut browser = Browser::at(served.address);
    for path in ["/", "/incidents", "/people", "/api/v1/today"] {
        assert_eq!(browser.get(path).await.status, 200, "{path}");
    }
    assert_eq!(browser.get("/sign-in").await.header("location"), Some("/"));
    assert_eq!(browser.get("/account").await.status, 404, "nobody is nobody's account");
    // And no page elsewhere writes through their browser, cookie or none.
    assert_eq!(
        browser.post("/people", &[("name", "w"), ("role", "viewer")]).await.status,
        403,
        "without the page's stamp"
    );
    let page = browser.get("/people").await.body;
    let (_, rest) = page.split_once("name=\"csrf\" value=\"").unwrap();
    let stamp = rest.split('"').next().unwrap();
    let fields = [("csrf", stamp), ("name", "w"), ("role", "viewer")];
    let foreign = browser.form("/people", &fields, "Origin: https://evil.test\r\n");
    assert_eq!(super::house::exchange(served.address, &foreign).await.status, 403);
    let own = browser.form("/people", &fields, &format!("Origin: {}\r\n", browser.origin));
    assert_eq!(super::house::exchange(served.address, &own).await.status, 200);
}

/// `gengfu people …` with the ledger of `world`.
fn command(world: &World, config: &std::path::Path, words: &[&str]) -> (bool, String) {
    let text = format!("store: {{file: \"{}\"}}\n", world.ledger().display());
    std::fs::write(config, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gengfu"));
    let done = command.arg("people").arg("--config").arg(config).args(words).output().unwrap();
    let said = [done.stdout, done.stderr].concat();
    (done.status.success(), String::from_utf8(said).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_looked_after_at_the_machine_while_the_console_runs() {
    let house = House::open().await;
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("gengfu.yaml");
    let say = |words: &[&str]| command(&house.world, &config, words);
    assert!(say(&["list"]).1.contains("nobody yet"));
    let (added, said) = say(&["add", "root", "--role", "administrator"]);
    assert!(added && said.contains("/welcome"), "{said}");
    let code = Pass::claimed(PassKind::Welcome, said.lines().last().unwrap());
    let now = gengfu::moment::SystemClock.now();
    // The command keeps the machine's time; the console of this test another.
    assert!(house.world.store.is_offered(&code.hash(), &"root".parse().unwrap(), now).await.unwrap());
    let password = gengfu::people::PasswordHash::of(&gengfu::people::Password::typed(PASSWORD), [1; 16]);
    let redeemed = house.world.store.redeem(&code.hash(), &"root".parse().unwrap(), &password, now).await.unwrap();
    assert!(matches!(redeemed, Redeemed::Person(_)));
    assert_eq!(say(&["list"]).1, "root · administrator · active\n");
    let check = |words: &[&str], part: &str| {
        let (done, said) = say(words);
        assert!(!done && said.contains(part), "{words:?}: {said}");
    };
    check(&["add", "ROOT", "--role", "viewer"], "already");
    check(&["role", "root", "viewer"], "last administrator");
    check(&["remove", "root"], "last administrator");
    check(&["remove", "nobody"], "nobody of that name");
    check(&["add", "x", "--role", "emperor"], "there are viewer, operator");
    // Whoever has the name of somebody who is gone is told from them by nobody.
    let heir = "somebody who was removed was called li.si";
    let (added, said) = say(&["add", "li.si", "--role", "viewer"]);
    assert!(added && !said.contains(heir), "{said}");
    assert!(say(&["remove", "li.si"]).0);
    let (added, said) = say(&["add", "li.si", "--role", "viewer"]);
    assert!(added && said.contains(heir), "{said}");
    assert!(say(&["remove", "li.si"]).0);
    let (reset, said) = say(&["reset", "root"]);
    assert!(reset && said.contains("/welcome"), "whoever sits at the machine may: {said}");
    assert_eq!(say(&["list"]).1, "root · administrator · invited\n");
}
