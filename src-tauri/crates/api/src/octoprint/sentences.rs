//! Refusals as sentences: slicers show the body of an error to people as it is.

use super::roles::is_for_slicers;
use crate::error::Sentence;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

/// Gives errors to slicers as plain text.
pub(crate) async fn refusals_as_sentences(request: Request, next: Next) -> Response {
    let for_slicers = is_for_slicers(request.method(), request.uri().path());
    let mut response = next.run(request).await;
    if !for_slicers || !(response.status().is_client_error() || response.status().is_server_error()) {
        return response;
    }
    let text = match (response.extensions_mut().remove::<Sentence>(), response.status()) {
        (Some(Sentence(text)), _) => text,
        (None, StatusCode::METHOD_NOT_ALLOWED) => "This address takes no such request.".to_owned(),
        // Such as a number in the path that is none: the router says itself what is wrong.
        (None, _) => return response,
    };
    let headers = response.headers_mut();
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    *response.body_mut() = Body::from(text);
    response
}
