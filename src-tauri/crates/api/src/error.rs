//! The only errors that leave the process: a code for programs, a message and a hint for people.

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use station::{StationError, UploadError};
use std::collections::BTreeMap;
use std::time::Duration;
use store::StoreError;

/// Why something is not done.
#[derive(Debug)]
pub struct ApiError {
    /// HTTP status.
    pub status: StatusCode,
    /// Such as `not_printing`; clients branch on it.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do; may be empty.
    pub hint: String,
    /// Of fields of the request that are wrong: what is wrong with each.
    pub(crate) fields: BTreeMap<String, Vec<String>>,
    /// False where something was asked of a printer.
    pub(crate) succeeded: Option<bool>,
    /// Fingerprint of a camera's certificate that a person may accept, where that is what is missing.
    pub(crate) certificate: Option<Box<str>>,
}

/// What a client gets when something is not done.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "ApiError")]
pub(crate) struct ErrorBody {
    /// Such as `not_printing`; for programs.
    code: String,
    /// What is wrong.
    message: String,
    /// What to do; may be empty.
    hint: String,
    /// Both as sentences, where clients of Obico look for them.
    detail: String,
    /// False where something was asked of a printer, as Obico has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    succeeded: Option<bool>,
    /// Fingerprint of a camera's certificate that a person may accept, where that is what is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
    /// Under the name of a field that is wrong a list of sentences.
    #[serde(flatten)]
    fields: BTreeMap<String, Vec<String>>,
}

impl ApiError {
    /// Makes an error.
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let (code, message, hint) = (code.into(), message.into(), hint.into());
        Self { status, code, message, hint, fields: BTreeMap::new(), succeeded: None, certificate: None }
    }

    /// Says which field of the request is wrong, as clients of Obico read it. What every error says is not written over.
    pub(crate) fn of_field(mut self, field: &str) -> Self {
        if !["code", "message", "hint", "detail", "succeeded", "certificate"].contains(&field) {
            self.fields.insert(field.to_owned(), vec![self.sentence()]);
        }
        self
    }

    /// Says that what was asked of a printer was not done.
    pub(crate) fn not_succeeded(self) -> Self {
        Self { succeeded: Some(false), ..self }
    }

    /// `what` does not exist.
    pub fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("{what} does not exist"),
            "It may have been deleted.",
        )
    }

    /// The request makes no sense; `message` says why.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message, "")
    }

    /// Too much was wrong lately: nothing is taken for a while.
    pub(crate) fn too_many(left: Duration) -> Self {
        let minutes = left.as_secs() / 60 + 1;
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "locked_out",
            "there were too many wrong tries",
            format!("Wait {minutes} min, or scan a new QR code in Printvigil on the computer."),
        )
    }

    /// Something broke that the user cannot help.
    pub fn internal(message: impl Into<String>) -> Self {
        let message = message.into();
        tracing::error!(message, "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            message,
            "Try again; if it stays, restart the app.",
        )
    }
}

/// What an error says to people, kept beside its answer for those who show no JSON.
#[derive(Debug, Clone)]
pub(crate) struct Sentence(pub(crate) String);

impl ApiError {
    /// Returns message and hint as sentences.
    pub(crate) fn sentence(&self) -> String {
        let mut text = as_sentence(&self.message);
        if !self.hint.is_empty() {
            text += &format!(" {}", as_sentence(&self.hint));
        }
        text
    }
}

/// Messages begin in lower case and have no full stop; a name of a file stays as it is.
fn as_sentence(text: &str) -> String {
    let text = text.trim();
    let first = text.split(' ').next().unwrap_or_default();
    let mut letters = text.chars();
    let mut said = match letters.next() {
        Some(letter) if !first.contains('.') => letter.to_uppercase().chain(letters).collect(),
        Some(_) | None => text.to_owned(),
    };
    if !said.ends_with(['.', '!', '?']) {
        said.push('.');
    }
    said
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let detail = self.sentence();
        let Self { status, code, message, hint, fields, succeeded, certificate } = self;
        let certificate = certificate.map(String::from);
        let body = ErrorBody { code, message, hint, detail: detail.clone(), succeeded, certificate, fields };
        let mut response = (status, Json(body)).into_response();
        response.extensions_mut().insert(Sentence(detail));
        response
    }
}

impl From<StationError> for ApiError {
    fn from(error: StationError) -> Self {
        match error {
            StationError::Refused(refusal) => {
                let status = match refusal.code {
                    "unknown_printer" | "unknown_print" | "not_found" => StatusCode::NOT_FOUND,
                    "out_of_range" | "bad_line" | "bad_macro" | "bad_request" => StatusCode::BAD_REQUEST,
                    "printer_thread_ended" => StatusCode::SERVICE_UNAVAILABLE,
                    _ => StatusCode::CONFLICT,
                };
                Self::new(status, refusal.code, refusal.message, refusal.hint)
            }
            StationError::Ending => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "ending", "the app is ending", "Start it again.")
            }
            StationError::Store(error) => error.into(),
            StationError::Thread(error) => Self::internal(error.to_string()),
            StationError::Detector(error) => Self::internal(error.for_people()),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if let StoreError::NotFound { what, .. } = &error {
            return Self::not_found(&format!("this {what}"));
        }
        // Every value is looked at before; should one pass that no row can hold, it is the client's all the same.
        if error.is_of_a_value() {
            tracing::warn!(%error, "a value was refused by the database only");
            return Self::bad_request("one of the values cannot be kept");
        }
        Self::internal(error.to_string())
    }
}

impl From<UploadError> for ApiError {
    fn from(error: UploadError) -> Self {
        match &error {
            UploadError::Unprintable { .. } => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "unprintable",
                error.to_string(),
                "Slice the model again and export it as plain G-code.",
            ),
            UploadError::Disk { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
                Self::new(
                    StatusCode::INSUFFICIENT_STORAGE,
                    "disk_full",
                    error.to_string(),
                    "Make room on the disk, then try again.",
                )
            }
            UploadError::GivenUp { .. } => {
                Self::new(StatusCode::REQUEST_TIMEOUT, "given_up", error.to_string(), "Upload it again.")
            }
            UploadError::Disk { .. } | UploadError::Store(_) => Self::internal(error.to_string()),
        }
    }
}

/// Longest text of a refusal that is passed on, bytes.
const LONGEST_REFUSAL: usize = 8 * 1024;

/// Gives what the router itself refuses (a body that cannot be read, a number that is none, a method that an address does
/// not take) the form that every other error has.
pub(crate) async fn refusals_in_json(request: Request, next: Next) -> Response {
    let is_head = request.method() == Method::HEAD;
    let response = next.run(request).await;
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if is_head
        || !response.status().is_client_error()
        || kind.is_some_and(|kind| !kind.starts_with("text/plain"))
    {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let text = to_bytes(body, LONGEST_REFUSAL).await.unwrap_or_default();
    let error = refusal(parts.status, &String::from_utf8_lossy(&text));
    // What else the router says stays: which methods an address takes.
    parts.headers.remove(axum::http::header::CONTENT_LENGTH);
    let (json, body) = error.into_response().into_parts();
    parts.headers.extend(json.headers);
    parts.extensions.extend(json.extensions);
    Response::from_parts(parts, Body::new(body))
}

fn refusal(status: StatusCode, text: &str) -> ApiError {
    // "Failed to deserialize the JSON body into the target type: name: invalid type …"
    let why =
        text.split_once(": ").filter(|_| text.starts_with("Failed to ")).map_or(text, |(_, why)| why).trim();
    let (code, message) = match status {
        StatusCode::NOT_FOUND => return ApiError::not_found("this address"),
        StatusCode::METHOD_NOT_ALLOWED => {
            ("method_not_allowed", "this address takes no such request".to_owned())
        }
        StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "the request is too large".to_owned()),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (
            "wrong_type",
            "the request's body is of another type than this address takes: send JSON".to_owned(),
        ),
        _ if why.is_empty() => ("bad_request", "the request cannot be read".to_owned()),
        _ => ("bad_request", format!("the request cannot be read: {why}")),
    };
    let error = ApiError::new(status, code, message, "");
    match field_in(why) {
        Some(field) => error.of_field(field),
        None => error,
    }
}

/// Returns which field a refused body or query is about: `name: invalid type …`, ``missing field `name` ``.
fn field_in(why: &str) -> Option<&str> {
    let is_name = |text: &&str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        !text.is_empty() && text.len() <= 64 && text.bytes().all(plain)
    };
    let quoted = || {
        let (_, rest) = why.split_once("missing field `").or_else(|| why.split_once("unknown field `"))?;
        rest.split('`').next()
    };
    let (path, _) = why.split_once(": ").unwrap_or_default();
    quoted().or_else(|| path.split(['.', '[']).next()).filter(is_name)
}

/// Runs what waits for the disk away from the async threads.
pub(crate) async fn blocking<T: Send + 'static, E: Into<ApiError> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, ApiError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(Into::into),
        Err(error) => Err(ApiError::internal(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_a_sentence_for_those_who_show_no_json() {
        let said =
            |message: &str, hint: &str| ApiError::new(StatusCode::CONFLICT, "x", message, hint).sentence();
        assert_eq!(said("the printer is busy", "Wait."), "The printer is busy. Wait.");
        assert_eq!(said("a.gcode is being printed", ""), "a.gcode is being printed.");
        assert_eq!(said("ärgerlich", "Try again"), "Ärgerlich. Try again.");
    }

    #[test]
    fn a_field_that_is_wrong_is_named() {
        assert_eq!(field_in("port.baud: invalid value"), Some("port"));
        assert_eq!(field_in("missing field `print_id`"), Some("print_id"));
        assert_eq!(field_in("a: unknown field `b`, expected `c`"), Some("b"));
        for none in ["", "EOF while parsing a value at line 1", "some words: and more", ": x"] {
            assert_eq!(field_in(none), None, "{none}");
        }
        let error = ApiError::bad_request("x").of_field("message");
        assert!(error.fields.is_empty(), "what every error says stays");
    }

    #[test]
    fn what_the_router_refuses_says_what_is_wrong_in_the_form_of_all_errors() {
        let text =
            "Failed to deserialize the JSON body into the target type: name: invalid type: integer `5`";
        let error = refusal(StatusCode::UNPROCESSABLE_ENTITY, text);
        assert_eq!((error.status, error.code.as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "bad_request"));
        assert_eq!(error.message, "the request cannot be read: name: invalid type: integer `5`");
        assert!(error.fields["name"][0].ends_with("integer `5`."), "{error:?}");
        assert_eq!(refusal(StatusCode::METHOD_NOT_ALLOWED, "").code, "method_not_allowed");
        assert_eq!(refusal(StatusCode::BAD_REQUEST, "").message, "the request cannot be read");
    }
}
