//! Films and posters from the data folder, with ranges: what a video player needs to seek.

use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use std::path::Path;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeader;

type Service = SetResponseHeader<SetResponseHeader<ServeDir, HeaderValue>, HeaderValue>;

/// Serves what lies below `media` of the data folder, and nothing beside it.
pub(crate) fn service(data_dir: &Path) -> Service {
    let files = ServeDir::new(data_dir.join("media")).append_index_html_on_directories(false);
    let sniffing =
        SetResponseHeader::overriding(files, X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    SetResponseHeader::overriding(sniffing, CACHE_CONTROL, HeaderValue::from_static("private, no-cache"))
}
