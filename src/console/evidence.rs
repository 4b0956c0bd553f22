//! `GET /evidence/{digest}.{ext}`: what was kept, once its bytes have been compared with their name. A picture that is
//! gone or was altered answers with a drawing that says so, so that it is never mistaken for what a customer saw.

use super::access::Unrecorded;
use super::serve::Console;
use super::visitor::Visitor;
use crate::evidence::{EvidenceKey, EvidenceKind, VaultError};
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Nothing in evidence runs, loads or is framed, however it is opened.
const POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
const STATE: HeaderName = HeaderName::from_static("x-evidence");

/// The piece.
pub(super) async fn piece(State(console): State<Arc<Console>>, visitor: Visitor, Path(name): Path<String>) -> Response {
    let Some(key) = EvidenceKey::parse(&name) else { return StatusCode::NOT_FOUND.into_response() };
    match console.vault.get(&key).await {
        // Compared here as well: whatever vault it came from, altered bytes are never shown.
        Ok(bytes) if EvidenceKey::of(&bytes, key.kind()) == key => match console.access.piece(&visitor.actor(), &key) {
            Ok(()) => kept(&key, bytes),
            Err(Unrecorded) => lost(
                &key,
                StatusCode::SERVICE_UNAVAILABLE,
                "unrecorded",
                "审计日志写不进去，暂不出示证据",
                "Not shown: who sees it cannot be recorded",
            ),
        },
        Ok(_) | Err(VaultError::Altered(_)) => {
            tracing::error!(evidence = %key, "evidence was altered");
            lost(&key, StatusCode::CONFLICT, "altered", "证据已被改动", "This evidence was altered")
        }
        Err(VaultError::Absent(_)) => {
            lost(&key, StatusCode::NOT_FOUND, "absent", "证据不在库中", "This evidence is no longer kept")
        }
        Err(error) => {
            tracing::error!(evidence = %key, %error, "evidence could not be read");
            lost(&key, StatusCode::SERVICE_UNAVAILABLE, "unreadable", "证据读不出来", "This evidence cannot be read")
        }
    }
}

fn kept(key: &EvidenceKey, bytes: Vec<u8>) -> Response {
    let mut response = bytes.into_response();
    seal(&mut response, key.kind().media_type(), "verified");
    if !is_picture(key.kind()) {
        // The ending says text, so that a saved page is opened by an editor, not by a browser.
        let ending = if key.kind() == EvidenceKind::Html { "html.txt" } else { key.kind().ending() };
        let disposition = format!("attachment; filename=\"{}.{ending}\"", &key.digest()[..16]);
        let disposition = HeaderValue::from_str(&disposition).expect("digests and endings are ASCII");
        response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

fn lost(key: &EvidenceKey, status: StatusCode, state: &'static str, zh: &str, en: &str) -> Response {
    if !is_picture(key.kind()) {
        let mut response = (status, format!("{zh} {en}: {key}\n")).into_response();
        seal(&mut response, "text/plain; charset=utf-8", state);
        return response;
    }
    let drawing = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 390 520\" width=\"390\" height=\"520\">\
         <rect width=\"390\" height=\"520\" fill=\"#fff4f1\"/>\
         <path d=\"M0 0L390 520M390 0L0 520\" stroke=\"#c4281b\" stroke-width=\"2\" opacity=\".35\"/>\
         <rect x=\"24\" y=\"196\" width=\"342\" height=\"128\" rx=\"12\" fill=\"#fff\" stroke=\"#c4281b\" stroke-width=\"3\"/>\
         <g text-anchor=\"middle\" font-family=\"system-ui,'Noto Sans CJK SC',sans-serif\" fill=\"#8f1d14\">\
         <text x=\"195\" y=\"242\" font-size=\"26\" font-weight=\"700\">{zh}</text>\
         <text x=\"195\" y=\"274\" font-size=\"17\">{en}</text>\
         <text x=\"195\" y=\"302\" font-size=\"13\" font-family=\"monospace\">{}…</text></g></svg>",
        &key.digest()[..16]
    );
    let mut response = (status, drawing).into_response();
    seal(&mut response, "image/svg+xml", state);
    response
}

fn is_picture(kind: EvidenceKind) -> bool {
    matches!(kind, EvidenceKind::Png | EvidenceKind::Jpeg)
}

pub(super) fn seal(response: &mut Response, media_type: &'static str, state: &'static str) {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(STATE, HeaderValue::from_static(state));
}
