//! The gate before every route: who comes, whether they may, and whether what they change comes from a page of ours.
//! What a route asks stands in `routes`; what is not granted there is refused.

use super::lang::Viewer;
use super::serve::Console;
use super::visitor::Visitor;
use super::{origin, refusal};
use crate::config::SignIn;
use crate::people::{May, PeopleError};
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Bytes of a form that are looked through for its stamp.
pub(super) const FORM_BYTES_MAX: usize = 64 * 1024;
/// The header that carries the stamp where there is no form.
const CSRF_HEADER: &str = "x-csrf-token";
/// The field of a form that carries it.
const CSRF_FIELD: &str = "csrf";

/// What a route asks of who comes to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    /// Nothing: sign-in itself, the console's own files, its health.
    Open,
    /// A signature, which the route itself looks at: a program comes that has no token, and no page.
    Signature,
    /// A right.
    May(May),
}

impl From<May> for Asks {
    fn from(may: May) -> Self {
        Asks::May(may)
    }
}

/// The gate of one route.
#[derive(Clone)]
pub(super) struct Gate {
    /// The console it belongs to.
    pub console: Arc<Console>,
    /// What the route asks.
    pub asks: Asks,
}

/// Lets a request through to its route, with its `Visitor`, or refuses it.
pub(super) async fn gate(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    match admit(&gate, request).await {
        Ok(request) => next.run(request).await,
        Err(refused) => *refused,
    }
}

async fn admit(gate: &Gate, request: Request) -> Result<Request, Box<Response>> {
    let console = &gate.console;
    if origin::is_foreign_part(console, request.headers()) {
        return Err(refuse(console, &request, None, Why::Foreign));
    }
    let visitor = match who(console, request.uri().path(), request.headers()).await {
        _ if gate.asks == Asks::Signature => None,
        Ok(visitor) => visitor,
        Err(_) if gate.asks == Asks::Open => None,
        Err(error) => {
            tracing::error!(%error, "nobody can be let in");
            return Err(refuse(console, &request, None, Why::Unreadable));
        }
    };
    if let Asks::May(may) = gate.asks {
        let Some(visitor) = &visitor else { return Err(refuse(console, &request, None, Why::SignedOut)) };
        if !visitor.may(may) {
            return Err(refuse(console, &request, Some(visitor.clone()), Why::Forbidden));
        }
    }
    let mut request = request;
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let program = visitor.as_ref().is_some_and(Visitor::is_program);
    if !reads && !program && gate.asks != Asks::Signature {
        // Sign-in has no session yet that a stamp could be bound to: there the origin alone decides.
        let stamped = match &visitor {
            Some(visitor) if gate.asks != Asks::Open => {
                let (whole, given) = stamp(request).await.map_err(Box::new)?;
                request = whole;
                given.is_some_and(|given| is_stamp_of(console, visitor, &given))
            }
            _ => true,
        };
        if !stamped || !origin::is_own(console, request.headers()) {
            tracing::warn!(path = request.uri().path(), "a request that no page of the console made was refused");
            return Err(refuse(console, &request, visitor, Why::Foreign));
        }
    }
    if let Some(visitor) = visitor {
        request.extensions_mut().insert(visitor);
    }
    Ok(request)
}

/// Who comes: with a token where programs may, else with a cookie.
async fn who(console: &Console, path: &str, headers: &HeaderMap) -> Result<Option<Visitor>, PeopleError> {
    let now = console.clock.now();
    let bearer = headers.get(header::AUTHORIZATION).filter(|_| takes_tokens(path));
    match bearer {
        // Whoever shows a token is who the token says, or nobody: not also who a cookie says.
        Some(bearer) => match bearer.to_str().ok().and_then(|text| text.strip_prefix("Bearer ")) {
            Some(token) => console.doors.by_token(token, now).await,
            None => Ok(None),
        },
        None => console.doors.by_cookie(headers, now).await,
    }
}

/// Whether programs come to `path`: to the JSON, to the evidence that it names, and to the figures.
fn takes_tokens(path: &str) -> bool {
    path.starts_with("/api/") || path.starts_with("/evidence/") || path == "/metrics"
}

fn is_stamp_of(console: &Console, visitor: &Visitor, given: &str) -> bool {
    let key = &console.doors.key;
    match visitor.session() {
        Some((_, hash)) => key.is_stamped(&format!("csrf/{}", hash.as_str()), given),
        None => console.doors.sign_in == SignIn::Off && key.is_stamped("csrf/local", given),
    }
}

/// The stamp a request brings, in its header or its form, and the request as it was.
async fn stamp(request: Request) -> Result<(Request, Option<String>), Response> {
    if let Some(given) = request.headers().get(CSRF_HEADER) {
        let given = given.to_str().ok().map(str::to_owned);
        return Ok((request, given));
    }
    let form = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let kind = form.and_then(|v| v.split(';').next()).map(str::trim);
    if kind != Some("application/x-www-form-urlencoded") {
        return Ok((request, None));
    }
    let (parts, body) = request.into_parts();
    let too_large = |_| (StatusCode::PAYLOAD_TOO_LARGE, "413: this form is too large\n").into_response();
    let bytes = to_bytes(body, FORM_BYTES_MAX).await.map_err(too_large)?;
    let given = url::form_urlencoded::parse(&bytes).find(|(k, _)| k == CSRF_FIELD).map(|(_, v)| v.into_owned());
    Ok((Request::from_parts(parts, Body::from(bytes)), given))
}

/// Why somebody is not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// They have not signed in.
    SignedOut,
    /// They may not.
    Forbidden,
    /// No page of this console asked.
    Foreign,
    /// Who they are could not be looked up.
    Unreadable,
}

fn refuse(console: &Console, request: &Request, visitor: Option<Visitor>, why: Why) -> Box<Response> {
    let path = request.uri().path();
    let viewer = Viewer::read(path, request.uri().query().unwrap_or_default(), request.headers());
    let viewer = Viewer { visitor, ..viewer };
    // Streams and pieces have no page to put a refusal on.
    let bare = ["/evidence/", "/assets/", "/live"].iter().any(|place| path.starts_with(place));
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    Box::new(if path.starts_with("/api/") {
        refusal::to_program(why)
    } else if bare {
        refusal::plain(why)
    } else {
        refusal::to_person(console, &viewer, why, reads)
    })
}
