//! Sign-in by OpenID Connect, against a stand-in that keeps the flow's rules and says what each story wants.

use super::super::console::fault::one_fault;
use super::house::{Browser, House, PASSWORD, Reply, by, logged};
use super::stand_in::{CLIENT, CLIENT_SECRET, Manner, Sign, StandIn, now};
use gengfu::config::SignIn;
use gengfu::console::ProviderDoor;
use gengfu::oidc::{OpenId, OpenIdOptions};
use gengfu::people::{
    Amendment, Identities as _, Identity, May, Person, ProviderRules, Role, Roll as _, SecondBy, Stage, Standing,
    Strangers,
};
use gengfu::secret::Secret;
use gengfu::walk::port::Secrets;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

struct Fixed;

impl Secrets for Fixed {
    fn resolve(&self, reference: &str) -> Result<Secret, String> {
        Ok(Secret::new(reference, CLIENT_SECRET))
    }
}

/// A console whose people may sign in at the stand-in.
pub struct Joint {
    pub house: House,
    pub stand_in: StandIn,
}

pub fn rules() -> ProviderRules {
    let roles = [("ops", Role::Operator), ("risk", Role::Approver), ("root", Role::Administrator)];
    ProviderRules {
        roles: roles.into_iter().map(|(group, role)| (group.to_owned(), role)).collect(),
        strangers: Strangers::Admitted,
        ..ProviderRules::default()
    }
}

impl Joint {
    pub async fn open(rules: ProviderRules) -> Self {
        Self::with(rules, false).await
    }

    async fn with(rules: ProviderRules, only: bool) -> Self {
        let (world, names) = one_fault("x").await;
        let stand_in = StandIn::open(world.clock.clone()).await;
        let options = OpenIdOptions {
            issuer: stand_in.issuer(),
            client_id: CLIENT.into(),
            client_secret: Some("env:SSO".into()),
            scopes: vec!["openid".into(), "email".into(), "groups".into()],
            groups_claim: "groups".into(),
            name_claim: "preferred_username".into(),
            classes: rules.classes.clone(),
        };
        let provider = Arc::new(OpenId::new(options, Arc::new(Fixed)).unwrap());
        let door = ProviderDoor { provider, rules, issuer: stand_in.issuer(), label: None, only };
        let served = world.serve_by(SignIn::Required, &[], "127.0.0.1:0", Some(door)).await;
        Self { house: House::of(world, names, served).await, stand_in }
    }

    /// Where the console leads a browser that wants to sign in.
    pub async fn lead(&self, browser: &mut Browser) -> Url {
        let reply = browser.get("/sign-in/provider?next=%2Fincidents").await;
        assert_eq!(reply.status, 303, "{}", reply.body);
        reply.header("location").unwrap().parse().unwrap()
    }

    /// The whole way.
    pub async fn sign_in(&self, browser: &mut Browser) -> Reply {
        let address = self.lead(browser).await;
        let code = self.stand_in.grant(&address);
        browser.get(&back(&state(&address), &code)).await
    }

    pub async fn named(&self, name: &str) -> Option<Person> {
        let found = self.house.world.store.named(&name.parse().unwrap()).await.unwrap();
        found.map(|(person, _)| person)
    }

    pub fn says(&self, claims: Value) {
        self.stand_in.set(|rules| rules.claims = claims);
    }
}

pub fn state(address: &Url) -> String {
    address.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}

pub fn back(state: &str, code: &str) -> String {
    format!("/sign-in/provider/back?code={code}&state={state}")
}

#[tokio::test]
async fn people_come_in_and_have_the_role_of_their_groups() {
    let joint = Joint::open(rules()).await;
    let mut browser = joint.house.stranger();
    let page = browser.get("/sign-in?next=%2Fincidents&lang=en").await.body;
    assert!(page.contains("href=\"&#x2f;sign-in&#x2f;provider?next=%2Fincidents\""), "{page}");
    assert!(page.contains("Sign in with your organisation") && page.contains("name=\"password\""), "{page}");
    let chinese = joint.house.stranger().get("/sign-in?lang=zh").await.body;
    assert!(chinese.contains("单位统一登录"), "{chinese}");

    let address = joint.lead(&mut browser).await;
    let asked: BTreeMap<String, String> = address.query_pairs().into_owned().collect();
    let here = joint.house.served.address;
    assert_eq!(address.path(), "/authorize");
    assert_eq!(asked["redirect_uri"], format!("http://{here}/sign-in/provider/back"));
    assert_eq!((asked["response_type"].as_str(), asked["code_challenge_method"].as_str()), ("code", "S256"));
    assert_eq!(asked["scope"], "openid email groups");
    assert!(asked["state"].len() == 43 && asked["nonce"].len() == 43 && asked["nonce"] != asked["state"]);
    let code = joint.stand_in.grant(&address);
    let reply = browser.get(&back(&asked["state"], &code)).await;
    assert_eq!((reply.status, reply.header("location")), (303, Some("/incidents")), "{}", reply.body);
    assert!(reply.set_cookie("gengfu_passage").unwrap().contains("Max-Age=0"));
    assert!(browser.is_in().await);
    let wang = joint.named("wang.fang").await.unwrap();
    assert_eq!((wang.role, wang.standing), (Role::Operator, Standing::Active));
    let token = joint.house.token(&wang, &[May::SeeIncidents]).await;

    // Who they are is their name there, whatever else changes; their role is renewed, and what they had in open ends.
    joint.says(json!({"preferred_username": "else", "email": "else@bank.example", "groups": ["risk", "ops"]}));
    joint.stand_in.set(|rules| rules.sign = Sign::Ec);
    let mut again = joint.house.stranger();
    assert_eq!(joint.sign_in(&mut again).await.status, 303);
    assert!(again.is_in().await && !browser.is_in().await, "a session of the old role is over");
    assert_eq!(joint.named("wang.fang").await.unwrap().role, Role::Approver);
    assert_eq!(joint.named("else").await, None);

    joint.says(json!({"groups": ["else"]}));
    let mut gone = joint.house.stranger();
    let reply = joint.sign_in(&mut gone).await;
    assert_eq!(reply.status, 403, "{}", reply.body);
    assert!(!gone.is_in().await && !again.is_in().await, "no group, no right");
    assert_eq!(joint.named("wang.fang").await.unwrap().role, Role::Viewer);
    let call = format!("{}Authorization: Bearer {token}\r\n\r\n", joint.house.stranger().head("GET", "/api/v1/today"));
    assert_eq!(super::house::exchange(here, &call).await.status, 401, "and no token");
    let entries = logged(&joint.house.world, wang.id).await;
    let kinds: Vec<&str> = entries.iter().map(|e| e.split_once(' ').map_or("", |(_, rest)| rest)).collect();
    assert!(kinds.iter().any(|e| e.contains("role-by-provider operator approver")), "{entries:?}");
    assert!(kinds.iter().any(|e| e.contains("role-by-provider approver none")), "{entries:?}");
    assert_eq!(kinds.iter().filter(|e| e.contains("signed-in")).count(), 2, "{entries:?}");
}

#[tokio::test]
async fn what_is_not_the_providers_word_for_this_visit_lets_nobody_in() {
    let joint = Joint::open(rules()).await;
    let check = async |sign: Sign, claims: Value| {
        joint.stand_in.set(|rules| rules.sign = sign);
        joint.says(claims.clone());
        let mut browser = joint.house.stranger();
        // No address is held up for what the stories before it did.
        joint.house.world.clock.advance(Duration::from_secs(901));
        let moved = shifted(&claims, &joint);
        joint.says(moved);
        let reply = joint.sign_in(&mut browser).await;
        assert!(matches!(reply.status, 401 | 503), "{sign:?} {claims}: {} {}", reply.status, reply.body);
        assert!(!browser.is_in().await && browser.session().is_none(), "{sign:?} {claims}");
        assert_eq!(joint.named("wang.fang").await, None, "{sign:?} {claims}");
    };
    for sign in [Sign::Nothing, Sign::PublicKey, Sign::ClientSecret, Sign::Stranger] {
        check(sign, json!({})).await;
    }
    for claims in [
        json!({"nonce": "another's"}),
        json!({"nonce": null}),
        json!({"aud": "another"}),
        json!({"aud": [CLIENT, "another"]}),
        json!({"aud": null}),
        json!({"iss": "https://evil.test"}),
        json!({"iss": format!("{}/", joint.stand_in.issuer())}),
        json!({"exp": "-61"}),
        json!({"exp": null}),
        json!({"iat": "-700"}),
        json!({"iat": "+120"}),
        json!({"sub": ""}),
        json!({"sub": "x".repeat(256)}),
    ] {
        check(Sign::Rsa, claims).await;
    }
    joint.house.world.clock.advance(Duration::from_secs(3600));
    joint.stand_in.set(|rules| (rules.sign, rules.claims) = (Sign::Rsa, json!({})));
    let mut honest = joint.house.stranger();
    assert_eq!(joint.sign_in(&mut honest).await.status, 303, "the same with nothing wrong");
}

/// Times that are said as so many seconds from now.
pub fn shifted(claims: &Value, joint: &Joint) -> Value {
    let later = gengfu::moment::Clock::now(&*joint.house.world.clock).as_millis() / 1000 - now();
    let mut claims = claims.clone();
    for name in ["exp", "iat", "auth_time"] {
        if let Some(by) = claims[name].as_str().map(|by| by.parse::<i64>().unwrap()) {
            claims[name] = json!(now() + later + by);
        }
    }
    claims
}

#[tokio::test]
async fn the_way_back_belongs_to_the_browser_that_was_led_away() {
    let joint = Joint::open(rules()).await;
    let lost = async |browser: &mut Browser, path: &str| {
        let reply = browser.get(path).await;
        assert_eq!(reply.status, 400, "{path}: {}", reply.body);
        assert!(browser.session().is_none());
    };
    let mut victim = joint.house.stranger();
    let address = joint.lead(&mut victim).await;
    let (right, code) = (state(&address), joint.stand_in.grant(&address));
    // Somebody else's browser, with and without a way of its own.
    lost(&mut joint.house.stranger(), &back(&right, &code)).await;
    let mut other = joint.house.stranger();
    joint.lead(&mut other).await;
    lost(&mut other, &back(&right, &code)).await;
    for path in [back("", &code), format!("/sign-in/provider/back?code={code}"), back("x", &code)] {
        lost(&mut victim.clone(), &path).await;
    }
    let mut altered = victim.clone();
    altered.cookies.entry("gengfu_passage".into()).and_modify(|kept| kept.replace_range(30..31, "_"));
    lost(&mut altered, &back(&right, &code)).await;
    assert_eq!(joint.stand_in.asked("token"), 0, "nobody's code was looked at");

    let mut thief = victim.clone();
    assert_eq!(victim.get(&back(&right, &code)).await.status, 303);
    // The cookie and the address were seen by somebody, and come once more, with a code that is fresh.
    let code = joint.stand_in.grant(&address);
    lost(&mut thief, &back(&right, &code)).await;

    let mut late = joint.house.stranger();
    let address = joint.lead(&mut late).await;
    let code = joint.stand_in.grant(&address);
    joint.house.world.clock.advance(Duration::from_secs(600));
    lost(&mut late, &back(&state(&address), &code)).await;

    // Another provider's answer, and a refusal.
    for said in ["code=x&iss=https%3A%2F%2Fevil.test", "error=access_denied&error_description=c4nary"] {
        let mut browser = joint.house.stranger();
        let address = joint.lead(&mut browser).await;
        let reply = browser.get(&format!("/sign-in/provider/back?state={}&{said}", state(&address))).await;
        assert_eq!(reply.status, 401, "{said}");
        assert!(!reply.body.contains("c4nary"), "{}", reply.body);
    }
}

#[tokio::test]
async fn nobody_is_led_to_another_site_afterwards() {
    let joint = Joint::open(rules()).await;
    for away in ["%2F%2Fevil.test", "https%3A%2F%2Fevil.test", "%2Fsign-out"] {
        let mut browser = joint.house.stranger();
        let reply = browser.get(&format!("/sign-in/provider?next={away}")).await;
        let address: Url = reply.header("location").unwrap().parse().unwrap();
        let code = joint.stand_in.grant(&address);
        let reply = browser.get(&back(&state(&address), &code)).await;
        assert_eq!(reply.header("location"), Some("/"), "{away}");
    }
}

#[tokio::test]
async fn a_provider_that_is_down_or_odd_keeps_nobody_with_a_password_out() {
    let check = async |discovery: Manner, document: Value| {
        let joint = Joint::open(rules()).await;
        joint.house.person("li", Role::Viewer).await;
        joint.stand_in.set(|rules| (rules.discovery, rules.document) = (discovery, document.clone()));
        let mut browser = joint.house.stranger();
        let reply = browser.get("/sign-in/provider?lang=en").await;
        assert_eq!(reply.status, 503, "{discovery:?} {document}: {}", reply.body);
        assert!(reply.body.contains("does not answer now") && !reply.body.contains("c4nary"), "{}", reply.body);
        // Once asked, it is left alone for a while.
        assert_eq!(joint.house.stranger().get("/sign-in/provider").await.status, 503);
        assert_eq!((joint.stand_in.asked("document"), joint.stand_in.asked("elsewhere")), (1, 0));
        assert_eq!(browser.sign_in("li", PASSWORD).await.status, 303);
    };
    for manner in [Manner::Broken, Manner::Page, Manner::Endless, Manner::Elsewhere] {
        check(manner, json!({})).await;
    }
    let none = Manner::Good;
    tokio::join!(
        check(Manner::Silent, json!({})),
        check(none, json!({"issuer": "https://evil.test"})),
        check(none, json!({"token_endpoint": "http://sso.bank.example/token"})),
        check(none, json!({"authorization_endpoint": "javascript:alert(1)"})),
        check(none, json!({"jwks_uri": "http://169.254.169.254/keys"})),
    );
}

#[tokio::test]
async fn a_code_is_asked_about_within_bounds() {
    let joint = Joint::open(rules()).await;
    for manner in [Manner::Broken, Manner::Page, Manner::Endless, Manner::Elsewhere, Manner::Silent] {
        joint.stand_in.set(|rules| rules.token = manner);
        let mut browser = joint.house.stranger();
        let reply = joint.sign_in(&mut browser).await;
        assert!(matches!(reply.status, 401 | 503), "{manner:?}: {}", reply.status);
        assert!(!reply.body.contains("c4nary") && !browser.is_in().await, "{manner:?}");
    }
    assert_eq!(joint.stand_in.asked("elsewhere"), 0);
    // That it is down is nobody's failure: an office comes in as soon as it is up.
    joint.stand_in.set(|rules| rules.token = Manner::Broken);
    for _ in 0..40 {
        assert_eq!(joint.sign_in(&mut joint.house.stranger()).await.status, 503);
    }
    joint.stand_in.set(|rules| rules.token = Manner::Good);
    assert_eq!(joint.sign_in(&mut joint.house.stranger()).await.status, 303);
    // Whoever has a cookie can have the provider asked: not without end.
    joint.says(json!({"nonce": "another's"}));
    let mut statuses = Vec::new();
    for _ in 0..40 {
        statuses.push(joint.sign_in(&mut joint.house.stranger()).await.status);
    }
    assert_eq!((statuses.first(), statuses.last()), (Some(&401), Some(&429)), "{statuses:?}");
}

#[tokio::test]
async fn new_keys_are_fetched_when_one_is_not_known_and_no_oftener() {
    let joint = Joint::open(rules()).await;
    assert_eq!(joint.sign_in(&mut joint.house.stranger()).await.status, 303);
    joint.stand_in.set(|rules| rules.kid = "second".into());
    assert_eq!(joint.sign_in(&mut joint.house.stranger()).await.status, 401, "fetched a moment ago");
    assert_eq!(joint.stand_in.asked("keys"), 1);
    joint.house.world.clock.advance(Duration::from_secs(61));
    assert_eq!(joint.sign_in(&mut joint.house.stranger()).await.status, 303);
    assert_eq!((joint.stand_in.asked("keys"), joint.stand_in.asked("document")), (2, 1));
    // What is known is good for a day while the provider's document cannot be had.
    joint.stand_in.set(|rules| rules.discovery = Manner::Broken);
    joint.house.world.clock.advance(Duration::from_secs(3 * 3600));
    assert_eq!(joint.sign_in(&mut joint.house.stranger()).await.status, 303);
    joint.house.world.clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(joint.house.stranger().get("/sign-in/provider").await.status, 503);
}

#[tokio::test]
async fn an_account_is_joined_by_a_person_and_never_by_a_name_or_an_address() {
    let joint = Joint::open(ProviderRules { strangers: Strangers::Refused, ..rules() }).await;
    let (world, wang) = (&joint.house.world, joint.house.person("wang.fang", Role::Viewer).await);
    let mut browser = joint.house.stranger();
    let reply = joint.sign_in(&mut browser).await;
    assert!(reply.status == 403 && reply.body.contains("u-1001"), "told what to say: {}", reply.body);
    let who = Identity { issuer: joint.stand_in.issuer(), subject: "u-1001".into() };
    assert!(world.store.join(wang.id, &who, &by(world)).await.unwrap());
    assert!(!world.store.join(wang.id, &who, &by(world)).await.unwrap(), "once");
    assert_eq!(joint.sign_in(&mut browser).await.status, 303);
    assert_eq!(joint.named("wang.fang").await.unwrap().role, Role::Operator);
    assert!(logged(world, wang.id).await.iter().any(|entry| entry.contains("joined")));
    world.store.amend(wang.id, &Amendment::Disabled, &by(world)).await.unwrap().unwrap();
    assert_eq!(joint.sign_in(&mut joint.house.stranger()).await.status, 403, "switched off here is off");

    let taken = Joint::open(rules()).await;
    let theirs = taken.house.person("wang.fang", Role::Administrator).await;
    let reply = taken.sign_in(&mut taken.house.stranger()).await;
    assert!(reply.status == 403 && reply.body.contains("u-1001"), "{}", reply.body);
    assert_eq!(taken.named("wang.fang").await, Some(theirs), "an account is not taken over by its name");
}

#[tokio::test]
async fn a_name_that_was_anothers_is_not_given_away_anew() {
    let joint = Joint::open(rules()).await;
    let store = &joint.house.world.store;
    let check = async |subject: &str, name: &str, expected: u16| {
        joint.says(json!({"sub": subject, "preferred_username": name}));
        let reply = joint.sign_in(&mut joint.house.stranger()).await;
        assert_eq!(reply.status, expected, "{subject} {name}: {}", reply.body);
        assert_eq!(reply.body.contains(subject), expected == 403, "{}", reply.body);
    };
    check("u-1", "wang.fang", 303).await;
    check("u-2", "wang.fang", 403).await;
    let wang = joint.named("wang.fang").await.unwrap();
    store.amend(wang.id, &Amendment::Disabled, &by(&joint.house.world)).await.unwrap().unwrap();
    check("u-2", "Wang.Fang", 403).await;
    store.amend(wang.id, &Amendment::Removed, &by(&joint.house.world)).await.unwrap().unwrap();
    check("u-2", "Wang.Fang", 403).await;
    assert_eq!(joint.named("wang.fang").await, None, "what the first did stands under this name");
    check("u-2", "wang.fang.2", 303).await;
    check("u-1", "wang.fang", 303).await;

    // One who was nobody at the provider.
    let li = joint.house.person("li", Role::Viewer).await;
    store.amend(li.id, &Amendment::Removed, &by(&joint.house.world)).await.unwrap().unwrap();
    check("u-3", "li", 403).await;
    // An administrator may say that it is they.
    let li = joint.house.person("li", Role::Viewer).await;
    let who = Identity { issuer: joint.stand_in.issuer(), subject: "u-3".into() };
    assert!(store.join(li.id, &who, &by(&joint.house.world)).await.unwrap());
    check("u-3", "li", 303).await;
}

#[tokio::test]
async fn who_asks_for_the_second_factor_is_said_in_the_config() {
    let joint = Joint::open(ProviderRules { methods: vec!["mfa".into()], ..rules() }).await;
    assert_eq!(joint.sign_in(&mut joint.house.stranger()).await.status, 403, "a password alone");
    joint.says(json!({"amr": ["pwd", "mfa"]}));
    assert_eq!(joint.sign_in(&mut joint.house.stranger()).await.status, 303);

    for (second, expected) in
        [(SecondBy::Ours, "/sign-in/second?next=%2Fincidents"), (SecondBy::Provider, "/incidents")]
    {
        let joint = Joint::open(ProviderRules { second, ..rules() }).await;
        let (world, wang) = (&joint.house.world, joint.house.person("w", Role::Operator).await);
        super::sessions::with_second(&joint.house, &wang).await;
        let who = Identity { issuer: joint.stand_in.issuer(), subject: "u-1001".into() };
        assert!(world.store.join(wang.id, &who, &by(world)).await.unwrap());
        let reply = joint.sign_in(&mut joint.house.stranger()).await;
        assert_eq!(reply.header("location"), Some(expected), "{second:?}");
    }
}

#[tokio::test]
async fn passwords_are_not_taken_where_it_is_said_so() {
    let joint = Joint::with(rules(), true).await;
    let li = joint.house.person("li", Role::Viewer).await;
    let mut browser = joint.house.stranger();
    let reply = browser.sign_in("li", PASSWORD).await;
    assert!(reply.status == 403 && !browser.is_in().await, "{}", reply.body);
    assert!(!browser.get("/sign-in").await.body.contains("name=\"password\""));
    assert!(joint.house.browser(&li, Stage::In).await.is_in().await, "who is in stays in");
    assert_eq!(joint.sign_in(&mut browser).await.status, 303);
}

#[tokio::test]
async fn secrets_of_the_way_stand_nowhere() {
    let log = super::canary::Log::default();
    let logging = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let _logging = tracing::subscriber::set_default(logging);
    let joint = Joint::open(rules()).await;
    let mut browser = joint.house.stranger();
    assert_eq!(joint.sign_in(&mut browser).await.status, 303);
    for manner in [Manner::Broken, Manner::Page] {
        joint.stand_in.set(|rules| rules.token = manner);
        joint.sign_in(&mut joint.house.stranger()).await;
    }
    let mut places = vec![("the log".to_owned(), log.text())];
    for ending in ["", "-wal"] {
        let file = format!("{}{ending}", joint.house.world.ledger().display());
        places.push((file.clone(), String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned()));
    }
    places.push(("a page".into(), browser.get("/account").await.body));
    let mut secrets = joint.stand_in.secrets();
    secrets.extend(["c4nary-broken".into(), "c4nary-page".into(), browser.session().unwrap()]);
    assert!(secrets.len() >= 8, "{secrets:?}");
    for (place, text) in &places {
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{place} holds {secret}");
        }
    }
}
