//! What a program asks, read so that it is refused in the shape it knows (`ErrorV1`).

use super::api::wrong;
use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use serde::de::DeserializeOwned;

/// What stands in the address.
pub(super) struct Params<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let read = Query::<T>::try_from_uri(&parts.uri);
        read.map(|Query(asked)| Params(asked))
            .map_err(|refused| wrong(StatusCode::BAD_REQUEST, "unreadable", refused.body_text()))
    }
}

/// A body of JSON.
pub(super) struct Sent<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Sent<T> {
    type Rejection = Response;
    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let read = Json::<T>::from_request(request, state).await;
        read.map(|Json(sent)| Sent(sent)).map_err(|refused| wrong(refused.status(), "unreadable", refused.body_text()))
    }
}
