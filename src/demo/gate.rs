//! The gate every request passes: who is it, write it down, let the faults at it, answer.

use super::fault::{Asked, Effect};
use super::session::Session;
use super::site::Shared;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, header, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect};

/// The largest answer a fault may rewrite.
const REWRITE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Name of the session cookie.
pub(super) const SESSION_COOKIE: &str = "tc_session";
const VISITOR_COOKIE: &str = "tc_visitor";

/// Who asks, as the cookies say.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    pub number: u64,
    pub token: Option<String>,
    /// Index of the customer and whether the second factor is done.
    pub who: Option<(usize, bool)>,
}

/// Writes the request down, applies the faults its visitor meets, and sets the headers a bank would set.
pub(super) async fn pass(State(site): State<Shared>, mut request: Request, next: Next) -> Response<Body> {
    let known = cookie(request.headers(), VISITOR_COOKIE).and_then(|v| v.parse().ok());
    let token = cookie(request.headers(), SESSION_COOKIE).map(str::to_owned);
    let who = token.as_deref().and_then(|t| site.sessions.who(t));
    let number: u64 = known.unwrap_or_else(|| site.next_visitor());
    let customer = who.map(|(index, _)| index);
    let body_bytes = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    let name = customer.map(|index| site.customers[index].username.as_str());
    let path = request.uri().path().to_owned();
    site.ledger.append(site.now(), request.method().as_str(), &path, name, body_bytes.unwrap_or(0));

    request.extensions_mut().insert(Visitor { number, token, who });
    let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let asked = Asked {
        method: request.method().clone(),
        on_phone: agent.is_some_and(|agent| agent.contains("Mobile")),
        query: request.uri().query().unwrap_or("").to_owned(),
        path,
        customer,
        third_party_url: site.third_party_url.clone(),
    };
    let met = site.switchboard.met_by(number);
    let effects: Vec<&Effect> = met.iter().flat_map(|f| f.effects).filter(|e| e.concerns(&asked.path)).collect();
    let mut response = answer(&site, request, next, &asked, &effects).await;
    if known.is_none() {
        set_cookie(response.headers_mut(), VISITOR_COOKIE, &number.to_string());
    }
    response
}

async fn answer(site: &Shared, mut request: Request, next: Next, asked: &Asked, effects: &[&Effect]) -> Response<Body> {
    for effect in effects {
        if let Some(mut instead) = effect.before(asked).await {
            guard_headers(site, instead.headers_mut());
            return instead;
        }
        if effect.mutes() {
            return super::feed::mute(&mut request);
        }
    }
    let rewrites = effects.iter().any(|e| e.reads_body());
    if rewrites {
        // A cached copy must not hide a fault that was just switched on.
        request.headers_mut().remove(header::IF_NONE_MATCH);
    }
    let mut response = next.run(request).await;
    guard_headers(site, response.headers_mut());
    if rewrites {
        response = rewrite(response, asked, effects).await;
    }
    effects.iter().for_each(|e| e.head(response.headers_mut()));
    response
}

async fn rewrite(response: Response<Body>, asked: &Asked, effects: &[&Effect]) -> Response<Body> {
    let (mut head, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, REWRITE_BYTES_MAX).await else {
        return Response::from_parts(head, Body::empty());
    };
    let changed = effects.iter().fold(bytes.to_vec(), |bytes, effect| effect.body(bytes, asked));
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.remove(header::ETAG);
    head.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Response::from_parts(head, Body::from(changed))
}

/// What a careful financier sends with every answer.
fn guard_headers(site: &Shared, headers: &mut HeaderMap) {
    let third = &site.third_party_url;
    let policy = format!(
        "default-src 'self'; script-src 'self' {third}; connect-src 'self' {third}; img-src 'self' data:; \
         style-src 'self' 'unsafe-inline'; frame-ancestors 'self'; form-action 'self'; base-uri 'self'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    all.flat_map(|v| v.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// Adds a cookie that scripts cannot read; an empty value takes it away.
pub(super) fn set_cookie(headers: &mut HeaderMap, name: &str, value: &str) {
    let age = if value.is_empty() { "; Max-Age=0" } else { "" };
    if let Ok(line) = HeaderValue::from_str(&format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{age}")) {
        headers.append(header::SET_COOKIE, line);
    }
}

/// A customer who is logged in. Pages send anyone else to the login; the API answers `E0401`.
pub(super) struct Signed {
    pub site: Shared,
    pub visitor: u64,
    pub token: String,
    pub customer: usize,
}

impl Signed {
    /// The customer.
    pub(super) fn customer(&self) -> &super::customer::Customer {
        &self.site.customers[self.customer]
    }

    /// Reads or changes the session; the default when it ended meanwhile.
    pub(super) fn session<T: Default>(&self, with: impl FnOnce(&mut Session) -> T) -> T {
        self.site.sessions.change(&self.token, with).unwrap_or_default()
    }
}

impl FromRequestParts<Shared> for Signed {
    type Rejection = Response<Body>;

    async fn from_request_parts(parts: &mut Parts, site: &Shared) -> Result<Self, Self::Rejection> {
        let visitor = parts.extensions.get::<Visitor>().cloned();
        if let Some(Visitor { number, token: Some(token), who: Some((customer, true)) }) = visitor {
            return Ok(Self { site: site.clone(), visitor: number, token, customer });
        }
        if parts.uri.path().starts_with("/api/") {
            return Err(super::api::refuse("E0401", "登录已失效，请重新登录").into_response());
        }
        Err(Redirect::to("/login").into_response())
    }
}
