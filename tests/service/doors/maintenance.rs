//! Maintenance windows from the page and by the API: who may declare and end them, what is refused, where they show.

use super::house::{Browser, House, exchange};
use gengfu::audit::{Line, Log as _, Page};
use gengfu::moment::Clock as _;
use gengfu::people::{May, Role, Stage};
use serde_json::{Value, json};
use std::time::Duration;

async fn at_desk(house: &House, role: Role) -> Browser {
    let person = house.person("韩梅梅", role).await;
    house.browser(&person, Stage::In).await
}

/// What the page's form says, `fields` in the place of its own.
fn form<'a>(fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual =
        [("name", "核心升级"), ("why", "换库 <b>"), ("from", ""), ("until", "2099-01-01T00:00"), ("covers", "all")];
    let kept = usual.into_iter().filter(|(name, _)| !fields.iter().any(|(other, _)| other == name));
    kept.chain(fields.iter().copied()).collect()
}

/// An hour from the house's clock on.
fn soon(house: &House, hours: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(house.world.clock.now().as_millis() + hours * 3_600_000).unwrap();
    at.to_string()
}

#[tokio::test]
async fn an_operator_declares_a_window_and_it_shows_everywhere_until_it_is_ended() {
    let house = House::open().await;
    let mut desk = at_desk(&house, Role::Operator).await;
    let until = soon(&house, 2);
    let page = desk.get("/maintenance").await.body;
    assert!(page.contains("没有登记过维护窗口") && page.contains("name=\"until\""), "an empty page teaches");
    let reply = desk.post("/maintenance", &form(&[("until", &until)])).await;
    assert_eq!((reply.status, reply.header("location")), (303, Some("/maintenance")), "{}", reply.body);
    let incident = format!("/incidents/{}", house.names.incident);
    for (path, shown) in [
        ("/maintenance", &["核心升级", "换库 &lt;b&gt;", "韩梅梅", "现在结束", "全部旅程"][..]),
        ("/", &["维护中: 核心升级", "换库 &lt;b&gt;", "韩梅梅"]),
        ("/journeys", &["class=\"chip planned\""]),
        (incident.as_str(), &["维护中，暂不告警", "核心升级", "韩梅梅"]),
        ("/maintenance?lang=en", &["Maintenance now", "End now", "every journey"]),
    ] {
        let body = desk.get(path).await.body;
        assert_eq!(shown.iter().find(|shown| !body.contains(**shown)), None, "{path}");
        assert!(!body.contains("换库 <b>"), "{path}");
    }
    let today: Value = serde_json::from_str(&desk.get("/api/v1/today").await.body).unwrap();
    assert_eq!(today["maintenance"][0]["name"], "核心升级");
    let listed: Value = serde_json::from_str(&desk.get("/api/v1/maintenance").await.body).unwrap();
    let id = listed["in_force"][0]["id"].as_str().unwrap().to_owned();

    let end = format!("/maintenance/{id}/end");
    assert_eq!(desk.post(&end, &[]).await.status, 303);
    let again = desk.post(&end, &[]).await;
    assert!(again.status == 409 && again.body.contains("This window is over"), "{}", again.body);
    assert_eq!(desk.post("/maintenance/0190f5e2-7c1d-7a3b-8c4d-5e6f70819203/end", &[]).await.status, 404);
    let body = desk.get(&incident).await.body;
    assert!(body.contains("<html lang=\"en\"") && !body.contains("Quiet: maintenance"), "it is over");
    let page = Page { object: Some(format!("maintenance/{id}")), limit: 10, ..Page::default() };
    let log = house.world.store.read(&page).await.unwrap();
    assert!(log.iter().all(|line| matches!(line, Line::Entry(entry) if entry.actor == "person:韩梅梅")), "{log:?}");
    assert_eq!(log.len(), 2, "{log:?}");
}

#[tokio::test]
async fn a_form_that_says_what_cannot_be_is_refused_and_keeps_what_was_written() {
    let house = House::open().await;
    let mut desk = at_desk(&house, Role::Operator).await;
    let (past, soon, late, far) = (soon(&house, -1), soon(&house, 2), soon(&house, 24 * 8), soon(&house, 24 * 91));
    let long = "长".repeat(501);
    let check = async |desk: &mut Browser, fields: &[(&str, &str)], says: &str| {
        let reply = desk.post("/maintenance", &form(fields)).await;
        assert_eq!(reply.status, 422, "{fields:?}");
        assert!(reply.body.contains("role=\"alert\"") && reply.body.contains(says), "{fields:?}: {}", reply.body);
        assert!(reply.body.contains("value=\"换库 &lt;b&gt;\"") || fields.iter().any(|(name, _)| *name == "why"));
    };
    check(&mut desk, &[("until", "")], "必须有结束").await;
    check(&mut desk, &[("until", "tomorrow")], "必须有结束").await;
    check(&mut desk, &[("until", &past)], "结束要在开始之后").await;
    check(&mut desk, &[("until", &soon), ("from", "yesterday")], "看不懂开始时间").await;
    check(&mut desk, &[("until", &soon), ("from", &past)], "不能从过去开始").await;
    check(&mut desk, &[("until", &late)], "最多 7 天").await;
    check(&mut desk, &[("until", &far), ("from", &far)], "最多提前 90 天").await;
    check(&mut desk, &[("until", &soon), ("name", " ")], "名称要写").await;
    check(&mut desk, &[("until", &soon), ("why", &long)], "原因要写").await;
    check(&mut desk, &[("until", &soon), ("why", "a\u{202e}b")], "原因要写").await;
    check(&mut desk, &[("until", &soon), ("covers", "some")], "请选择范围").await;
    check(&mut desk, &[("until", &soon), ("covers", "")], "请选择范围").await;
    check(&mut desk, &[("until", &soon), ("covers", "some"), ("app-nobody", "on")], "不在值守里").await;
    let listed: Value = serde_json::from_str(&desk.get("/api/v1/maintenance").await.body).unwrap();
    assert_eq!((&listed["in_force"], &listed["coming"]), (&json!([]), &json!([])), "nothing was declared");
}

#[tokio::test]
async fn nobody_declares_and_ends_windows_faster_than_one_may_do_deeds() {
    let house = House::open().await;
    let person = house.person("韩梅梅", Role::Operator).await;
    let mut desk = house.browser(&person, Stage::In).await;
    let until = soon(&house, 2);
    for n in 0..30 {
        assert_eq!(desk.post("/maintenance", &form(&[("until", &until)])).await.status, 303, "{n}");
        let listed: Value = serde_json::from_str(&desk.get("/api/v1/maintenance").await.body).unwrap();
        let id = listed["in_force"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(desk.post(&format!("/maintenance/{id}/end"), &[]).await.status, 303, "{n}");
        house.world.clock.advance(Duration::from_millis(500));
    }
    for path in ["/maintenance", "/maintenance/0190f5e2-7c1d-7a3b-8c4d-5e6f70819203/end"] {
        let reply = desk.post(path, &form(&[("until", &until)])).await;
        assert_eq!((reply.status, reply.header("retry-after")), (429, Some("45")), "{path}");
        assert!(reply.body.contains("做得太快了") && reply.body.contains("换库 &lt;b&gt;"), "{path}: {}", reply.body);
    }
    let token = house.token(&person, &[May::SeeIncidents, May::ActOnIncidents]).await;
    let body = json!({"name": "x", "why": "y", "until": until, "everything": true}).to_string();
    for path in ["/api/v1/maintenance", "/api/v1/maintenance/0190f5e2-7c1d-7a3b-8c4d-5e6f70819203/end"] {
        let head = house.stranger().head("POST", path);
        let sent = format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let request = format!("{head}Authorization: Bearer {token}\r\n{sent}");
        let reply = exchange(house.served.address, &request).await;
        let said: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!((reply.status, reply.header("retry-after")), (429, Some("45")), "{path}");
        assert_eq!(said["error"], "too-often", "{path}");
    }
    house.world.clock.advance(Duration::from_secs(45));
    assert_eq!(desk.post("/maintenance", &form(&[("until", &until)])).await.status, 303);
}

#[tokio::test]
async fn who_only_looks_sees_windows_and_no_form() {
    let house = House::open().await;
    for role in [Role::Viewer, Role::Auditor] {
        let person = house.person(role.word(), role).await;
        let mut browser = house.browser(&person, Stage::In).await;
        let page = browser.get("/maintenance").await;
        assert!(page.status == 200 && !page.body.contains("name=\"until\""), "{role:?}");
        let until = soon(&house, 2);
        assert_eq!(browser.post("/maintenance", &form(&[("until", &until)])).await.status, 403, "{role:?}");
    }
}

#[tokio::test]
async fn a_program_declares_with_a_token_that_carries_it_and_is_told_what_is_wrong() {
    let house = House::open().await;
    let person = house.person("deployer", Role::Operator).await;
    let call = async |scopes: &[May], body: &Value| {
        let token = house.token(&person, scopes).await;
        let head = house.stranger().head("POST", "/api/v1/maintenance");
        let (kind, body) = ("Content-Type: application/json", body.to_string());
        let request =
            format!("{head}Authorization: Bearer {token}\r\n{kind}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let reply = exchange(house.served.address, &request).await;
        let answer: Value = serde_json::from_str(&reply.body).unwrap_or_default();
        (reply.status, answer)
    };
    let until = soon(&house, 2);
    let whole = json!({"name": "发布 3.2", "why": "滚动发布", "until": until, "everything": true});
    assert_eq!(call(&[May::SeeIncidents], &whole).await.0, 403);
    let acts = [May::SeeIncidents, May::ActOnIncidents];
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = whole.clone();
        change(&mut body);
        body
    };
    for (body, status, error) in [
        (with(&|b| drop(b.as_object_mut().unwrap().remove("everything"))), 400, "unreadable"),
        // Misspelt, it would be of everything.
        (with(&|b| b["journey"] = json!(["fund-purchase"])), 422, "unreadable"),
        (with(&|b| b["journeys"] = json!(["fund-purchase"])), 400, "unreadable"),
        (with(&|b| b["until"] = json!("soon")), 400, "unreadable"),
        (with(&|b| b["until"] = json!(soon(&house, -2))), 409, "refused"),
        (with(&|b| b["why"] = json!("x".repeat(501))), 409, "refused"),
        (with(&|b| b["by"] = json!("somebody else")), 422, "unreadable"),
    ] {
        let (told, answer) = call(&acts, &body).await;
        assert_eq!((told, answer["error"].as_str()), (status, Some(error)), "{body}: {answer}");
    }
    let (status, window) = call(&acts, &whole).await;
    assert_eq!((status, &window["by"], &window["everything"]), (200, &json!("deployer"), &json!(true)), "{window}");
}
