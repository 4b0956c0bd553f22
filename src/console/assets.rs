//! The console's own files, inside the binary.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::LazyLock;

/// How reports look, on the console and on paper.
pub(super) const REPORT_STYLE: &str = include_str!("assets/report.css");

const FILES: [(&str, &str, &str); 4] = [
    ("console.css", "text/css; charset=utf-8", include_str!("assets/console.css")),
    ("console.js", "text/javascript; charset=utf-8", include_str!("assets/console.js")),
    ("report.css", "text/css; charset=utf-8", REPORT_STYLE),
    ("lantern.svg", "image/svg+xml", include_str!("assets/lantern.svg")),
];

/// Names this build's files, so that browsers may keep them until they change.
pub(super) fn stamp() -> &'static str {
    static STAMP: LazyLock<String> = LazyLock::new(|| {
        use sha2::Digest;
        let mut hash = sha2::Sha256::new();
        FILES.iter().for_each(|(_, _, text)| hash.update(text.as_bytes()));
        hash.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect()
    });
    &STAMP
}

/// `GET /assets/{name}`
pub(super) async fn asset(Path(name): Path<String>) -> Response {
    let Some((_, media_type, text)) = FILES.iter().find(|(file, _, _)| *file == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kept = "public, max-age=31536000, immutable";
    ([(header::CONTENT_TYPE, *media_type), (header::CACHE_CONTROL, kept)], *text).into_response()
}

/// `GET /favicon.ico`
pub(super) async fn icon() -> Response {
    asset(Path("lantern.svg".into())).await
}
