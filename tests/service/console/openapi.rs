//! The API's document beside the console: the same routes, and real answers have the shapes that it says they have. A
//! field that stands in no shape fails the test, though other programs would leave it alone.

use super::keeping::somebody;
use super::*;
use gengfu::actor::Actor;
use gengfu::console::{document, routes};
use gengfu::fleet::Ask;
use gengfu::moment::Clock as _;
use serde_json::Value;
use std::collections::BTreeSet;

fn api() -> Value {
    serde_json::from_str(document()).unwrap()
}

/// The operations of the document: method and path.
fn operations(api: &Value) -> BTreeSet<(String, String)> {
    let methods = |at: &Value| at.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect::<Vec<_>>();
    let paths = api["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, at)| methods(at).into_iter().map(|method| (method, path.clone()))).collect()
}

#[test]
fn what_is_documented_is_what_is_routed() {
    let api = api();
    let routed: BTreeSet<(String, String)> = routes()
        .into_iter()
        .filter(|route| route.path.starts_with("/api/"))
        .map(|route| (route.method, route.path.to_owned()))
        .collect();
    assert_eq!(operations(&api), routed);
    let called: BTreeSet<String> =
        routed.iter().map(|route| operation(&api, route)["operationId"].to_string()).collect();
    assert_eq!(called.len(), routed.len(), "{called:?}");
    for route in routes().into_iter().filter(|route| route.path.starts_with("/api/")) {
        let told = operation(&api, &(route.method.clone(), route.path.to_owned()));
        let (scope, roles) = (&told["security"][0]["bearer"][0], &told["x-roles"]);
        match route.asks {
            Some(may) => {
                assert_eq!(scope, may.word(), "{route:?}");
                let granted: Vec<&str> = may.roles().iter().map(|role| role.word()).collect();
                assert_eq!(roles, &serde_json::json!(granted), "{route:?}");
            }
            None => assert!(route.signed && told["security"][0]["signature"].is_array(), "{route:?}"),
        }
        let named: Vec<&str> = route.path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
        let parameters = told["parameters"].as_array().into_iter().flatten();
        let told: Vec<&str> = parameters.filter(|p| p["in"] == "path").map(|p| p["name"].as_str().unwrap()).collect();
        assert_eq!(told, named, "{route:?}");
    }
}

fn operation<'a>(api: &'a Value, (method, path): &(String, String)) -> &'a Value {
    &api["paths"][path][method.to_lowercase()]
}

/// The documented path that an address is one of.
fn path_of(api: &Value, address: &str) -> String {
    let address = address.split('?').next().unwrap();
    let is = |path: &str| {
        let (one, other): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), address.split('/').collect());
        one.len() == other.len() && one.iter().zip(other).all(|(one, other)| *one == other || one.starts_with('{'))
    };
    let paths = api["paths"].as_object().unwrap();
    paths.keys().find(|path| is(path)).unwrap_or_else(|| panic!("{address} is not documented")).clone()
}

/// Holds an answer to what the document says of its operation.
fn check(api: &Value, method: &str, address: &str, answer: &Answer) {
    let route = (method.to_owned(), path_of(api, address));
    let told = &operation(api, &route)["responses"][answer.status.to_string()];
    assert!(told.is_object(), "{route:?} answers {}: {}", answer.status, answer.body);
    let schema = &told["content"]["application/json"]["schema"];
    assert!(schema.is_object(), "{route:?}: {told}");
    assert_eq!(answer.headers["content-type"], "application/json", "{route:?}");
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    if let Err(why) = (Shapes { api }).admit(schema, &body, "$") {
        panic!("{method} {address}: {why}\n{}", answer.body);
    }
    if let Some(error) = body["error"].as_str().filter(|_| answer.status >= 400) {
        assert!(told["description"].as_str().unwrap().contains(&format!("`{error}`")), "{route:?}: {error}: {told}");
    }
}

#[tokio::test]
async fn answers_have_the_shapes_that_are_documented() {
    let api = api();
    let (mut world, names) = one_fault("x").await;
    world.inside = std::sync::Arc::new(somebody(&world));
    // Work that is planned: in force, to come, and over.
    let now = world.clock.now();
    for (from, until) in [(None, 3600), (Some(600), 3600), (None, 1)] {
        let at = |seconds: u64| now.after(std::time::Duration::from_secs(seconds));
        let (name, why, covers) = ("升级".into(), "换库".into(), gengfu::maintenance::Covers::default());
        let asked = gengfu::maintenance::Asked { name, why, covers, from: from.map(at), until: at(until) };
        world.almanac.declare(world.store.as_ref(), asked, Actor::Robot, now).await.unwrap();
    }
    let served = world.serve(&[]).await;
    let mut answered = BTreeSet::new();
    let more = ["/api/v1/openapi.json".to_owned(), "/api/v1/events?limit=1&limit=2".to_owned()];
    // A walk that somebody asked for, as it waits.
    let ask = Ask { journey: "fund-purchase".parse().unwrap(), of: None, by: Actor::Robot };
    let wish = world.wishes.ask(ask).await.unwrap().0.id;
    let more = more.into_iter().chain([format!("/api/v1/again/{wish}")]);
    let listed = every_route(&names).into_iter().map(|(path, _)| path).chain(more);
    for address in listed.filter(|path| path.starts_with("/api/") && path != "/api/v1/nothing") {
        let answer = get(&served, &address).await;
        check(&api, "GET", &address, &answer);
        if answer.status == 200 {
            answered.insert(("GET".to_owned(), path_of(&api, &address)));
        }
    }
    let reads: BTreeSet<_> = operations(&api).into_iter().filter(|(method, _)| method == "GET").collect();
    assert_eq!(answered, reads, "an operation that no answer was held to");
    assert_eq!(get(&served, "/api/v1/openapi.json").await.body, document());
}

#[tokio::test]
async fn deeds_and_refusals_have_the_shapes_that_are_documented() {
    let api = api();
    let house = super::super::doors::house::House::open().await;
    let boss = house.person("boss", gengfu::people::Role::Administrator).await;
    let token = house.token(&boss, &[gengfu::people::May::ActOnIncidents]).await;
    let address = format!("/api/v1/incidents/{}/deeds", house.names.incident);
    let shape =
        &operation(&api, &("POST".into(), path_of(&api, &address)))["requestBody"]["content"]["application/json"];
    let act = async |token: &str, kind: &str, body: &str, status: u16, fits: bool| {
        let read: Option<Value> = serde_json::from_str(body).ok();
        let admitted = read.is_some_and(|body| (Shapes { api: &api }).admit(&shape["schema"], &body, "$").is_ok());
        assert_eq!(admitted, fits, "{body}");
        let head = format!(
            "POST {address} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: {kind}\r\n\
             Content-Length: {}\r\nConnection: close",
            body.len()
        );
        let answer = exchange(house.served.address, &format!("{head}\r\n\r\n{body}")).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
        check(&api, "POST", &address, &answer);
    };
    let json = "application/json";
    act(&token, json, r#"{"deed":"assign","to":"chen","why":"hers"}"#, 200, true).await;
    act(&token, json, r#"{"deed":"retag","why":"so","rights":["redress","知情权"],"reason":""}"#, 200, true).await;
    act(&token, json, r#"{"deed":"unmute","why":"none"}"#, 409, true).await;
    act(&token, json, r#"{"deed":"mute","hours":"2","why":"a release"}"#, 200, true).await;
    act(&token, json, r#"{"deed":"leave-it","why":"no"}"#, 403, true).await;
    act(&token, json, r#"{"deed":"shrug"}"#, 400, false).await;
    act(&token, json, r#"{"deed":"retag","why":"so","channel":"pigeon"}"#, 400, false).await;
    act(&token, json, "{", 400, false).await;
    act(&token, json, r#"{"deed":7}"#, 422, false).await;
    act(&token, "text/plain", r#"{"deed":"note"}"#, 415, true).await;
    act("wrong", json, r#"{"deed":"note"}"#, 401, true).await;
}

async fn exchange(address: SocketAddr, request: &str) -> Answer {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let reply = super::super::doors::house::exchange(address, &format!("{head}\r\n\r\n{body}")).await;
    Answer { status: reply.status, headers: reply.headers.into_iter().collect(), body: reply.body }
}

/// As much of JSON Schema as the document uses; a keyword that is not known here fails the test.
struct Shapes<'a> {
    api: &'a Value,
}

impl Shapes<'_> {
    fn admit(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let Some(keywords) = schema.as_object() else { return Ok(()) };
        for (keyword, wanted) in keywords {
            let right = match keyword.as_str() {
                "title" | "description" | "default" => true,
                "$ref" => {
                    let name = wanted.as_str().unwrap().strip_prefix("#/components/schemas/").unwrap();
                    let named = &self.api["components"]["schemas"][name];
                    assert!(named.is_object(), "no shape is called {name}");
                    return self.admit(named, value, at);
                }
                "type" => match wanted {
                    Value::Array(types) => types.iter().any(|one| is(value, one)),
                    one => is(value, one),
                },
                "enum" => wanted.as_array().unwrap().contains(value),
                "const" => wanted == value,
                "anyOf" => self.any(wanted, value, at),
                "oneOf" => self.any(wanted, value, at),
                "minimum" => value.as_f64().is_none_or(|value| value >= wanted.as_f64().unwrap()),
                "maximum" => value.as_f64().is_none_or(|value| value <= wanted.as_f64().unwrap()),
                "minLength" => value.as_str().is_none_or(|text| !text.is_empty()),
                "uniqueItems" => true,
                "format" => value.as_str().is_none_or(|text| {
                    !matches!(wanted.as_str(), Some("date-time")) || text.parse::<jiff::Timestamp>().is_ok()
                }),
                "required" => wanted.as_array().unwrap().iter().all(|key| value.get(key.as_str().unwrap()).is_some()),
                "items" => {
                    for (i, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.admit(wanted, item, &format!("{at}[{i}]"))?;
                    }
                    true
                }
                "properties" | "additionalProperties" => {
                    self.fields(schema, value, at)?;
                    true
                }
                other => panic!("the document uses `{other}`, which this test does not know"),
            };
            if !right {
                return Err(format!("{at}: `{keyword}` {wanted} refuses {value}"));
            }
        }
        Ok(())
    }

    fn any(&self, among: &Value, value: &Value, at: &str) -> bool {
        among.as_array().unwrap().iter().any(|one| self.admit(one, value, at).is_ok())
    }

    fn fields(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        for (key, item) in value.as_object().into_iter().flatten() {
            let at = format!("{at}.{key}");
            match (schema["properties"].get(key), schema.get("additionalProperties")) {
                (Some(known), _) => self.admit(known, item, &at)?,
                (None, Some(Value::Bool(true))) => {}
                (None, Some(others @ Value::Object(_))) => self.admit(others, item, &at)?,
                (None, _) => return Err(format!("{at}: is not documented")),
            }
        }
        Ok(())
    }
}

fn is(value: &Value, name: &Value) -> bool {
    match name.as_str().unwrap() {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type {other}"),
    }
}
