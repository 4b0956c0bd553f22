//! What people do about an incident from its page, and programs by the API.

use super::house::{Browser, House, exchange};
use gengfu::incident::Archive as _;
use gengfu::people::{May, Role, Stage};
use serde_json::Value;
use std::time::Duration;

/// What a form says.
type Fields = &'static [(&'static str, &'static str)];

async fn at_desk(house: &House, role: Role) -> Browser {
    let person = house.person("韩梅梅", role).await;
    house.browser(&person, Stage::In).await
}

/// Where the incident stands, by the API.
async fn standing(house: &House, desk: &mut Browser) -> String {
    let page = desk.get(&format!("/api/v1/incidents/{}", house.names.incident)).await;
    let file: Value = serde_json::from_str(&page.body).unwrap();
    file["handling"]["standing"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_operator_works_an_incident_from_its_page() {
    let house = House::open().await;
    let mut desk = at_desk(&house, Role::Operator).await;
    let path = format!("/incidents/{}", house.names.incident);
    let deeds = format!("{path}/deeds");
    let steps: [(Fields, u16, &str); 9] = [
        (&[("deed", "acknowledge")], 303, "acknowledged"),
        (&[("deed", "acknowledge")], 409, "acknowledged"),
        (&[("deed", "assign"), ("to", "wealth-team")], 303, "acknowledged"),
        (&[("deed", "begin-fix")], 303, "fixing"),
        (&[("deed", "mute"), ("hours", "8")], 409, "fixing"),
        (&[("deed", "mute"), ("hours", "8"), ("why", "升级窗口")], 303, "fixing"),
        (&[("deed", "claim-fix"), ("why", "热修复 3.2.1 <b>")], 303, "fix-claimed"),
        // Who claims does not close, and nobody else does.
        (&[("deed", "close")], 400, "fix-claimed"),
        (&[("deed", "call-duplicate"), ("of", "something")], 400, "fix-claimed"),
    ];
    for (fields, status, expected) in steps {
        let reply = desk.post(&deeds, fields).await;
        assert_eq!((reply.status, standing(&house, &mut desk).await.as_str()), (status, expected), "{fields:?}");
        if status == 303 {
            assert_eq!(reply.header("location"), Some(path.as_str()));
        } else {
            assert!(reply.body.contains("role=\"alert\""), "{fields:?}: the page says what was wrong");
        }
    }
    let page = desk.get(&path).await.body;
    for shown in ["韩梅梅", "wealth-team", "升级窗口", "热修复 3.2.1 &lt;b&gt;", "aria-current=\"step\""] {
        assert!(page.contains(shown), "{shown}");
    }
    assert!(!page.contains("3.2.1 <b>"));
}

#[tokio::test]
async fn a_page_offers_what_its_visitor_may_and_nothing_else() {
    let house = House::open().await;
    let path = format!("/incidents/{}", house.names.incident);
    let check = async |role: Role, offered: &[&str], not: &[&str]| {
        let person = house.person(role.word(), role).await;
        let page = house.browser(&person, Stage::In).await.get(&path).await.body;
        let offers = |deed: &&str| page.contains(&format!("name=\"deed\" value=\"{deed}\""));
        assert_eq!(offered.iter().find(|deed| !offers(deed)), None, "{role:?}");
        assert_eq!(not.iter().find(|deed| offers(deed)), None, "{role:?}");
    };
    check(Role::Viewer, &[], &["acknowledge", "claim-fix", "note", "mute", "leave-it"]).await;
    check(Role::Auditor, &[], &["acknowledge", "note"]).await;
    check(Role::Operator, &["acknowledge", "claim-fix", "assign", "mute", "call-false"], &["leave-it", "take-up"])
        .await;
    check(Role::Approver, &["acknowledge", "leave-it"], &["unmute", "close"]).await;
}

#[tokio::test]
async fn what_stays_as_it_is_takes_an_approver() {
    let house = House::open().await;
    let deeds = format!("/incidents/{}/deeds", house.names.incident);
    let fields = [("deed", "leave-it"), ("why", "下版本改版")];
    let operator = house.person("operator", Role::Operator).await;
    let mut desk = house.browser(&operator, Stage::In).await;
    assert_eq!(desk.post(&deeds, &fields).await.status, 403);
    assert_eq!(standing(&house, &mut desk).await, "confirmed");
    let approver = house.person("approver", Role::Approver).await;
    assert_eq!(house.browser(&approver, Stage::In).await.post(&deeds, &fields).await.status, 303);
    assert_eq!(standing(&house, &mut desk).await, "wont-fix");
}

#[tokio::test]
async fn a_program_acts_with_a_token_that_carries_it() {
    let house = House::open().await;
    let person = house.person("bridge", Role::Operator).await;
    let path = format!("/api/v1/incidents/{}/deeds", house.names.incident);
    let call = async |scopes: &[May], body: &str| {
        let token = house.token(&person, scopes).await;
        let head = house.stranger().head("POST", &path);
        let kind = "Content-Type: application/json";
        let request =
            format!("{head}Authorization: Bearer {token}\r\n{kind}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let reply = exchange(house.served.address, &request).await;
        let answer: Value = serde_json::from_str(&reply.body).unwrap_or_default();
        (reply.status, answer)
    };
    let act = [May::ActOnIncidents, May::SeeIncidents];
    assert_eq!(call(&[May::SeeIncidents], r#"{"deed":"acknowledge"}"#).await.0, 403);
    let (status, answer) = call(&act, r#"{"deed":"acknowledge"}"#).await;
    assert_eq!((status, &answer["handling"]["standing"]), (200, &Value::from("acknowledged")));
    let (status, answer) = call(&act, r#"{"deed":"take-up","why":"x"}"#).await;
    assert_eq!((status, &answer["error"]), (409, &Value::from("refused")));
    assert_eq!(call(&act, r#"{"deed":"close"}"#).await.0, 400);
    assert_eq!(call(&act, r#"{"deed":"leave-it","why":"x"}"#).await.0, 403);
    let gone = path.replace(&house.names.incident, "0190f5e2-7c1d-7a3b-8c4d-5e6f70819203");
    let token = house.token(&person, &act).await;
    let body = r#"{"deed":"note","why":"x"}"#;
    let head = house.stranger().head("POST", &gone);
    let request = format!(
        "{head}Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    assert_eq!(exchange(house.served.address, &request).await.status, 404);
}

#[tokio::test]
async fn who_may_act_corrects_what_it_is_filed_under() {
    let house = House::open().await;
    let mut desk = at_desk(&house, Role::Operator).await;
    let path = format!("/incidents/{}", house.names.incident);
    let deeds = format!("{path}/deeds");
    let filed = async |desk: &mut Browser| {
        let page = desk.get(&format!("/api/v1{path}")).await;
        let file: Value = serde_json::from_str(&page.body).unwrap();
        let names = |value: &Value| value.as_array().unwrap().iter().map(|one| one["name"].clone()).collect::<Vec<_>>();
        (
            file["filed_under"]["reason"]["name"].clone(),
            names(&file["filed_under"]["rights"]),
            file["filed_under"]["corrected"].clone(),
        )
    };
    let (reason, rights, corrected) = filed(&mut desk).await;
    assert_eq!(
        (reason, rights, corrected),
        ("服务设施、设备、业务系统".into(), vec!["受尊重权".into()], Value::Array(vec![]))
    );
    // A form says all of it; what is as it was is no correction.
    let form: Fields =
        &[("deed", "retag"), ("reason", "合同条款"), ("rights", ""), ("right-know", "on"), ("right-fair-trade", "on")];
    assert_eq!(desk.post(&deeds, form).await.status, 303);
    let (reason, rights, corrected) = filed(&mut desk).await;
    assert_eq!((reason, rights), ("合同条款".into(), vec!["知情权".into(), "公平交易权".into()]));
    assert_eq!(corrected, serde_json::json!(["reason", "right"]));
    assert_eq!(desk.post(&deeds, form).await.status, 409, "nothing is said anew");
    assert_eq!(desk.post(&deeds, &[("deed", "retag"), ("reason", "天气")]).await.status, 400);
    let page = desk.get(&path).await.body;
    assert!(page.contains("合同条款") && page.contains("name=\"right-know\" value=\"on\" checked"), "{page}");
    let viewer = house.person("viewer", Role::Viewer).await;
    assert_eq!(house.browser(&viewer, Stage::In).await.post(&deeds, form).await.status, 403);
}

/// Sixty a minute are one person's, whether at a page or by a program; what is refused is not written down, and others go on.
#[tokio::test]
async fn one_person_does_so_much_and_no_more() {
    let house = House::open().await;
    let person = house.person("bridge", Role::Operator).await;
    let mut desk = house.browser(&person, Stage::In).await;
    let token = house.token(&person, &[May::ActOnIncidents, May::SeeIncidents]).await;
    let path = format!("/incidents/{}/deeds", house.names.incident);
    let body = r#"{"deed":"note","why":"again"}"#;
    let (kind, length) = ("Content-Type: application/json", body.len());
    let head = house.stranger().head("POST", &format!("/api/v1{path}"));
    let request = format!("{head}Authorization: Bearer {token}\r\n{kind}\r\nContent-Length: {length}\r\n\r\n{body}");
    let note: Fields = &[("deed", "note"), ("why", "one more")];
    for n in 0..60 {
        let status = if n % 2 == 0 {
            desk.post(&path, note).await.status
        } else {
            exchange(house.served.address, &request).await.status
        };
        assert_eq!(status, if n % 2 == 0 { 303 } else { 200 }, "{n}");
    }
    house.world.clock.advance(Duration::from_millis(20_500));
    let moves = async || {
        let incident = house.names.incident.parse().unwrap();
        house.world.store.incident(incident).await.unwrap().unwrap().incident.revision
    };
    let before = moves().await;
    for (lang, said) in [("zh", "做得太快了，请在 40 秒 之后再试"), ("en", "Too much at once: try again in 40 s.")]
    {
        let reply = desk.post(&format!("{path}?lang={lang}"), note).await;
        assert_eq!((reply.status, reply.header("retry-after")), (429, Some("40")));
        assert!(reply.body.contains(said), "{}", reply.body);
    }
    let reply = exchange(house.served.address, &request).await;
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("40")), "{}", reply.body);
    assert_eq!(serde_json::from_str::<Value>(&reply.body).unwrap()["error"], "too-often");
    assert_eq!(moves().await, before, "and nothing is done");
    let other = house.person("other", Role::Operator).await;
    assert_eq!(house.browser(&other, Stage::In).await.post(&path, note).await.status, 303);
    house.world.clock.advance(Duration::from_secs(40));
    assert_eq!(desk.post(&path, note).await.status, 303);
}
