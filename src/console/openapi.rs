//! `GET /api/v1/openapi.json` and `gengfu api --openapi`: the JSON API's own document, OpenAPI 3.1. Shapes are taken from
//! the types that handlers answer with, rights from the table of routes: it says what the code does, in the same bytes
//! each time.

use super::operation::Operation;
use super::routes::{ListedRoute, routes};
use super::{again, api, api_watch, audit, callback, deeds, events, maintenance_api, reports};
use crate::people::May;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// What there is to say of all of it.
const TOLD: &str = "What the console shows, for other systems. Shapes are published: fields and words are added, never \
renamed, so leave alone what you do not know.\n\n\
**Who comes** shows a token (`Authorization: Bearer …`), which a person makes on the console's page of their account and \
which carries scopes, no more than its person's role may. Each operation names the scope it asks for, and in `x-roles` the \
roles that have it. Pages of the console come with their session instead; what changes something then also carries the \
header `x-csrf-token`. `POST /api/v1/tickets/{system}` asks for a signature alone.\n\n\
**Pages** of a list end with `next`: give it as `after` for those that follow; where it is null (in the feed of events: \
where `more` is false) there are none.\n\n\
**A refusal** is JSON with `error`, a word for programs, and mostly `said`, a sentence for people. What stands before all \
operations answers in plain text: 405 (no such method), 413 (more than 64 KiB), 421 (another host), 500, 504 (not within \
the time allowed).\n\n\
**Times** are RFC 3339 in UTC. **Evidence** is named by keys; `/evidence/KEY` gives a piece to whom has the scope \
`see-evidence`. `/metrics` has figures for Prometheus, with the scope `see-incidents`.";

/// Every operation, as handlers describe themselves.
fn operations() -> Vec<Operation> {
    let mut all = Vec::from(api::operations());
    all.extend(api_watch::operations());
    all.extend(again::operations());
    all.extend(maintenance_api::operations());
    all.extend([
        events::operation(),
        deeds::operation(),
        reports::operation(),
        callback::operation(),
        audit::operation(),
        operation(),
    ]);
    all.sort_by_key(|operation| (operation.path, operation.method));
    all
}

fn operation() -> Operation {
    Operation::get("/api/v1/openapi.json", "This document").answers::<Map<String, Value>>("OpenAPI 3.1.")
}

static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let document = written(operations(), &routes());
    serde_json::to_string_pretty(&document).expect("invariant: a tree of texts and numbers can be written")
});

/// The document.
pub fn document() -> &'static str {
    &DOCUMENT
}

/// `GET /api/v1/openapi.json`
pub(super) async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document()).into_response()
}

fn written(operations: Vec<Operation>, routes: &[ListedRoute]) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut shapes = settings.for_serialize().into_generator();
    let mut paths = Map::new();
    for operation in operations {
        let route = routes.iter().find(|route| route.method == operation.method && route.path == operation.path);
        let (path, method) = (operation.path, operation.method.to_lowercase());
        let told = guarded(operation, route, &mut shapes);
        let at = paths.entry(path).or_insert_with(|| json!({}));
        at[method] = Value::Object(told);
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Gengfu", "version": "v1", "summary": "更夫: customer journeys, walked day and night", "description": TOLD },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": { "schemas": schemas(&mut shapes), "securitySchemes": schemes() },
    })
}

/// The operation with what its route asks of who comes.
fn guarded(operation: Operation, route: Option<&ListedRoute>, shapes: &mut SchemaGenerator) -> Map<String, Value> {
    let unreadable = "the robot's ledger does not answer";
    let operation = operation.refuses(503, "ledger-unreadable", unreadable);
    let Some(may) = route.and_then(|route| route.asks) else {
        let mut told = operation.written(shapes);
        told.insert(
            "security".into(),
            if route.is_some_and(|r| r.signed) { json!([{ "signature": [] }]) } else { json!([]) },
        );
        return told;
    };
    let operation = operation
        .refuses(401, "signed-out", "nobody comes, or with what opens nothing any more")
        .refuses(403, "not-allowed", "this role may not, or the token does not carry the scope")
        .refuses(403, "foreign-request", "a page of another site asks");
    let mut told = operation.written(shapes);
    // A right that no token carries asks for a person.
    let bearer = may.is_scope().then(|| json!({ "bearer": [may.word()] }));
    let session = json!({ "session": [may.word()] });
    told.insert("security".into(), bearer.into_iter().chain([session]).collect());
    told.insert("x-roles".into(), may.roles().iter().map(|role| json!(role.word())).collect());
    told
}

/// The shapes, by name.
fn schemas(shapes: &mut SchemaGenerator) -> Value {
    let mut named: Vec<(String, Value)> = shapes.take_definitions(true).into_iter().collect();
    named.sort_by(|(one, _), (other, _)| one.cmp(other));
    Value::Object(named.into_iter().collect())
}

fn schemes() -> Value {
    let scopes: Vec<&str> = May::ALL.into_iter().filter(|may| may.is_scope()).map(May::word).collect();
    let bearer = format!("A token, made on the page of one's account. Scopes: {}.", scopes.join(", "));
    let signature = "Standard Webhooks: an HMAC over the headers `webhook-id`, `webhook-timestamp` and the body, with the \
                     key that `tickets.NAME.key` names.";
    json!({
        "bearer": { "type": "http", "scheme": "bearer", "description": bearer },
        "session": {
            "type": "apiKey", "in": "cookie", "name": "gengfu_session",
            "description": "A session of the console; by https the cookie is called `__Host-gengfu_session`.",
        },
        "signature": { "type": "apiKey", "in": "header", "name": "webhook-signature", "description": signature },
    })
}
