//! The only errors that leave the process: a code for programs, a message and a hint for people.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use station::{StationError, UploadError};
use store::StoreError;

/// What a client gets when something is not done.
#[derive(Debug, Serialize)]
pub struct ApiError {
    /// HTTP status.
    #[serde(skip)]
    pub status: StatusCode,
    /// Such as `not_printing`; clients branch on it.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do; may be empty.
    pub hint: String,
}

impl ApiError {
    /// Makes an error.
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), hint: hint.into() }
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

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}

impl From<StationError> for ApiError {
    fn from(error: StationError) -> Self {
        match error {
            StationError::Refused(refusal) => {
                let status = match refusal.code {
                    "unknown_printer" | "unknown_print" => StatusCode::NOT_FOUND,
                    "out_of_range" | "bad_line" | "bad_macro" => StatusCode::BAD_REQUEST,
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
            UploadError::Disk { .. } | UploadError::Store(_) => Self::internal(error.to_string()),
        }
    }
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
