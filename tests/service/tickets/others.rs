//! Stand-ins of ServiceNow's event management and of ZenTao, with their own keys, sessions and states.

use super::*;
use gengfu::channel::tracker::{ServiceNow, ServiceNowInstance, ZenTao, ZenTaoProduct};
use serde_json::{Value, json};

fn events(earlier: &[Posted]) -> Vec<Value> {
    let events = earlier.iter().filter(|posted| posted.path == "/api/global/em/jsonv2");
    events.map(|posted| posted.json()["records"][0].clone()).collect()
}

/// Events of one key are one alert; severity 0 closes it.
fn servicenow(posted: &Posted, earlier: &[Posted]) -> Says {
    let unsigned = r#"{"error":{"message":"User Not Authenticated","detail":"Required to provide Auth information"},"status":"failure"}"#;
    if posted.headers.get("authorization").is_none_or(|value| *value != "Basic Ym90OmM0bjRyeS0wMTIzNDU2Nzg5YWJjZGVm") {
        return Says::this(401, unsigned);
    }
    match posted.path.as_str() {
        "/api/global/em/jsonv2" => {
            let record = &posted.json()["records"][0];
            let text = |name: &str| record[name].as_str().is_some_and(|text| !text.is_empty());
            let extra = record["additional_info"].as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
            if !["source", "message_key", "severity", "node"].into_iter().all(text) || extra.is_none() {
                return Says::this(400, r#"{"error":{"message":"Invalid event"},"status":"failure"}"#);
            }
            Says::this(200, r#"{"result":{"Default Bulk Endpoint":"1 events were inserted"}}"#)
        }
        "/api/now/table/em_alert" => {
            let key = posted.query["sysparm_query"].split('^').next().unwrap().replace("message_key=", "");
            // Whoever closes it by hand has the last word until another event comes.
            let by_hand = earlier.iter().rposition(|posted| posted.path == "/hand/close").unwrap_or_default();
            let later = events(&earlier[by_hand..]).iter().any(|event| event["message_key"] == key.as_str());
            let closed = by_hand > 0 && !later;
            let last = events(earlier).into_iter().rfind(|event| event["message_key"] == key.as_str());
            let acknowledged = earlier.iter().any(|posted| posted.path == "/hand/acknowledge");
            let state = match &last {
                None => return Says::this(200, r#"{"result":[]}"#),
                Some(event) if event["severity"] == "0" || closed => "Closed",
                Some(_) => "Open",
            };
            let alert = json!({ "number": "Alert0010001", "state": state, "acknowledged": acknowledged.to_string() });
            Says::This(200, json!({ "result": [alert] }).to_string())
        }
        _ => Says::this(
            404,
            r#"{"error":{"message":"Requested URI does not represent any resource"},"status":"failure"}"#,
        ),
    }
}

#[tokio::test]
async fn servicenow_knows_an_alert_by_its_key_and_clears_it() {
    let vendor = Vendor::start(servicenow).await;
    let instance = ServiceNowInstance { url: vendor.url.clone(), username: "bot".into(), password: secret("env:SNOW") };
    let world = World::empty().await;
    let mut rule = rule();
    rule.mapping.states.insert("acknowledged".into(), Meaning::Acknowledged);
    let system = ServiceNow::new(SYSTEM, &instance, rule.clone(), world.clock.clone()).unwrap();
    let story = Story::of(world, Arc::new(system), rule);
    let id = story.opened().await.id;
    // The answer is lost: the event comes twice, and is one alert.
    vendor.next(Says::this(502, ""));
    story.rounds(3, 30).await;
    let sent = events(&vendor.posted());
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0]["message_key"], sent[1]["message_key"]);
    assert_eq!((sent[0]["severity"].as_str(), sent[0]["node"].as_str()), (Some("1"), Some("wealth-h5")));
    vendor.by_hand("/hand/acknowledge", &json!({}));
    story.rounds(2, 300).await;
    assert_eq!(story.standing(id).await, Standing::Acknowledged);
    story.closed(id).await;
    story.rounds(3, 300).await;
    let last = events(&vendor.posted()).pop().unwrap();
    assert_eq!(last["severity"], "0", "nothing that comes after it opens it again");
    assert_eq!(story.standing(id).await, Standing::Closed);
}

/// A word on an alert that is closed is an event, and opens it again: whoever closed it is left alone, until it comes back.
#[tokio::test]
async fn servicenow_opens_nothing_again_that_a_person_closed() {
    let vendor = Vendor::start(servicenow).await;
    let instance = ServiceNowInstance { url: vendor.url.clone(), username: "bot".into(), password: secret("env:SNOW") };
    let world = World::empty().await;
    let mut rule = rule();
    // No move opens it again: only a word does.
    rule.mapping.reopen = None;
    let system = ServiceNow::new(SYSTEM, &instance, rule.clone(), world.clock.clone()).unwrap();
    let story = Story::of(world, Arc::new(system), rule);
    let id = story.opened().await.id;
    story.rounds(2, 30).await;
    vendor.by_hand("/hand/close", &json!({}));
    story.rounds(2, 300).await;
    assert_eq!(story.standing(id).await, Standing::FixClaimed);
    story.refused(id).await;
    story.rounds(4, 300).await;
    assert_eq!(events(&vendor.posted()).len(), 1, "left alone while it lasts");
    story.closed(id).await;
    story.came_back(id).await;
    story.rounds(3, 300).await;
    let told = events(&vendor.posted());
    assert_eq!(told.last().unwrap()["severity"], "1", "what came back is told: {told:#?}");
    assert!(told.len() > 1);
}

const SESSION: &str = "cuejkiesahl9k1j8be5bv5lndo";

fn bugs(earlier: &[Posted]) -> Vec<Value> {
    let made = earlier.iter().filter(|posted| posted.method == "POST" && posted.path.ends_with("/products/7/bugs"));
    made.map(Posted::json).collect()
}

fn bug(id: usize, earlier: &[Posted]) -> Value {
    let mut bug = bugs(earlier)[id - 1].clone();
    (bug["id"], bug["status"], bug["resolution"]) = (json!(id), json!("active"), json!(""));
    for posted in earlier {
        let body = posted.json();
        if posted.path.ends_with(&format!("/bugs/{id}/resolve")) || posted.path == format!("/hand/{id}") {
            (bug["status"], bug["resolution"]) = (json!("resolved"), body["resolution"].clone());
            bug["resolvedDate"] = json!("2026-11-21T06:03:20Z");
        } else if posted.path.ends_with(&format!("/bugs/{id}/active")) {
            (bug["status"], bug["resolution"]) = (json!("active"), json!(""));
        } else if posted.method == "PUT" && posted.path.ends_with(&format!("/bugs/{id}")) {
            bug["steps"] = body["steps"].clone();
        }
    }
    bug
}

fn zentao(posted: &Posted, earlier: &[Posted]) -> Says {
    let says = |status: u16, value: Value| Says::This(status, value.to_string());
    let Some(path) = posted.path.strip_prefix("/zentao/api.php/v1/") else { return Says::this(404, "Not Found") };
    let body = posted.json();
    if path == "tokens" {
        let right = body["account"] == "bot" && body["password"] == format!("{CANARY}-0123456789abcdef");
        let refused = json!({ "error": "登录失败，请检查您的用户名或密码是否填写正确。" });
        return if right { says(201, json!({ "token": SESSION })) } else { says(400, refused) };
    }
    if posted.headers.get("token").is_none_or(|token| *token != SESSION) {
        return says(401, json!({ "error": "Unauthorized" }));
    }
    let known = |id: &str| id.parse::<usize>().ok().filter(|id| *id <= bugs(earlier).len());
    match (posted.method.as_str(), path.split('/').collect::<Vec<_>>().as_slice()) {
        ("GET", ["products", "7", "bugs"]) => {
            let all: Vec<Value> = (1..=bugs(earlier).len()).rev().map(|id| bug(id, earlier)).collect();
            says(200, json!({ "page": 1, "total": all.len(), "limit": 100, "bugs": all }))
        }
        ("POST", ["products", "7", "bugs"]) => {
            let missing =
                ["title", "pri", "severity", "type", "openedBuild"].iter().find(|name| body[**name].is_null());
            if let Some(missing) = missing {
                return says(400, json!({ "error": { (*missing): [format!("『{missing}』不能为空。")] } }));
            }
            let mut made = body.clone();
            (made["id"], made["status"], made["resolution"]) =
                (json!(bugs(earlier).len() + 1), json!("active"), json!(""));
            says(201, made)
        }
        ("GET" | "PUT", ["bugs", id]) if known(id).is_some() => says(200, bug(known(id).unwrap(), earlier)),
        ("POST", ["bugs", id, "resolve" | "active"]) if known(id).is_some() => {
            says(200, bug(known(id).unwrap(), earlier))
        }
        _ => says(404, json!({ "error": "not found" })),
    }
}

#[tokio::test]
async fn zentao_is_signed_in_to_searched_and_told() {
    let vendor = Vendor::start(zentao).await;
    let world = World::empty().await;
    let (url, account, build) = (vendor.url.join("zentao").unwrap(), "bot".to_owned(), "trunk".to_owned());
    let product = ZenTaoProduct { url, account, password: secret("env:ZENTAO"), product: 7, build };
    let system = ZenTao::new(SYSTEM, product, rule(), world.clock.clone()).unwrap();
    let story = Story::of(world, Arc::new(system), rule());
    let id = story.opened().await.id;
    story.rounds(2, 10).await;
    let ticket = story.ticket(id).await.unwrap();
    assert_eq!((ticket.key.as_deref(), ticket.status.as_deref()), (Some("1"), Some("active")), "{ticket:?}");
    let steps = bugs(&vendor.posted())[0]["steps"].as_str().unwrap().to_owned();
    let inert = steps.replace("<p>", "").replace("</p>", "").replace("<a href=\"https://gengfu.bank.test/", "");
    assert!(!inert.replace("</a>", "").contains("<a") && !steps.contains("<font"), "{steps}");
    // Its session is forgotten: it is signed in to once more, and no oftener.
    vendor.next(Says::this(401, r#"{"error":"Unauthorized"}"#));
    vendor.by_hand("/hand/1", &json!({ "resolution": "fixed" }));
    story.rounds(1, 300).await;
    assert_eq!((story.standing(id).await, count(&vendor, "POST", "/tokens")), (Standing::FixClaimed, 2));
    story.refused(id).await;
    story.rounds(4, 300).await;
    assert_eq!((count(&vendor, "PUT", "/bugs/1"), count(&vendor, "POST", "/active")), (1, 0), "told once, not fought");
    story.closed(id).await;
    story.rounds(2, 300).await;
    assert_eq!(bugs(&vendor.posted()).len(), 1);
    assert_eq!(story.standing(id).await, Standing::Closed);
}
