//! Login with a password, and with a second factor where the customer has one.

use super::{ok, refuse};
use crate::demo::gate::{SESSION_COOKIE, Visitor, set_cookie};
use crate::demo::site::Shared;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use axum::response::IntoResponse;
use axum::routing::post;
use axum::{Extension, Json, Router};
use serde::Deserialize;
use serde_json::json;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/api/login", post(login)).route("/api/login/verify", post(verify))
}

#[derive(Deserialize)]
struct Credentials {
    username: String,
    password: String,
}

async fn login(State(site): State<Shared>, Json(typed): Json<Credentials>) -> Response<Body> {
    let found = site.customers.iter().position(|c| c.username == typed.username && c.password == typed.password);
    let Some(index) = found else {
        return refuse("E1001", "用户名或密码错误，请重新输入").into_response();
    };
    let customer = &site.customers[index];
    if customer.kind == "locked" {
        return refuse("E1003", "账户已锁定，请致电客服热线解锁").into_response();
    }
    let verified = customer.totp_secret.is_none();
    let token = site.sessions.open(index, verified);
    let mut response = ok(json!({"next": if verified { "/home" } else { "/login/verify" }})).into_response();
    set_cookie(response.headers_mut(), SESSION_COOKIE, &token);
    response
}

#[derive(Deserialize)]
struct OneTimeCode {
    code: String,
}

async fn verify(
    State(site): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Json(typed): Json<OneTimeCode>,
) -> Json<serde_json::Value> {
    let (Some(token), Some((index, _))) = (visitor.token, visitor.who) else {
        return refuse("E0401", "登录已失效，请重新登录");
    };
    let seconds = u64::try_from(site.now().as_millis() / 1000).unwrap_or(0);
    let secret = site.customers[index].totp_secret.as_deref();
    if !secret.is_some_and(|s| code_is_right(s, &typed.code, seconds)) {
        return refuse("E1005", "动态口令错误或已过期");
    }
    site.sessions.change(&token, |s| s.verified = true);
    ok(json!({"next": "/home"}))
}

/// Whether `code` is the one of now, of the thirty seconds before or of those after.
fn code_is_right(secret: &str, code: &str, seconds: u64) -> bool {
    let Ok(secret) = totp_rs::Secret::try_from_base32(secret) else { return false };
    // The demo's secret is shorter than the RFC asks of a real one.
    let totp = totp_rs::Builder::new().with_secret(secret).build_noncompliant();
    totp.check(code, seconds).is_some()
}

#[cfg(test)]
mod tests {
    use super::code_is_right;

    #[test]
    fn one_time_codes() {
        // From an independent implementation: HMAC-SHA1 by RFC 6238 at 1700000000.
        let secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
        assert!(code_is_right(secret, "406058", 1_700_000_000));
        assert!(code_is_right(secret, "406058", 1_700_000_025));
        assert!(!code_is_right(secret, "406058", 1_700_000_300));
        assert!(!code_is_right(secret, "", 1_700_000_000));
    }
}
