//! Trying the detection on pictures and films without a printer.

use crate::error::blocking;
use crate::openapi::{Created, InputField, Kind};
use crate::routing::{Routes, get, post};
use crate::upload::{MAX_UPLOAD, admit, broken, write_to};
use crate::{ApiError, App};
use axum::Json;
use axum::body::Body;
use axum::extract::multipart::Field;
use axum::extract::{Multipart, Path, Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{NoContent, Response};
use serde::Deserialize;
use station::{Brought, MAX_LOOKS, TryDir, TryError, TryView};

const TRIED: &[InputField] = &[
    InputField::new("file", Kind::File, "Pictures, or one film; the name may come several times."),
    InputField::new("every", Kind::Number, "Seconds from analysis to analysis."),
];

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/vigil/try/", post(begin).form(TRIED).body_limit(MAX_UPLOAD))
        .route("/vigil/try/{id}/", get(show).delete(remove))
        .route("/vigil/try/{id}/frames/{name}", get(picture).sends("image/jpeg"))
}

impl From<TryError> for ApiError {
    fn from(error: TryError) -> Self {
        let status = match error.code {
            "busy" | "no_picture" => StatusCode::CONFLICT,
            "no_detection" => StatusCode::SERVICE_UNAVAILABLE,
            "nothing" => StatusCode::BAD_REQUEST,
            "disk_full" => StatusCode::INSUFFICIENT_STORAGE,
            "disk" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::new(status, error.code, error.message, error.hint)
    }
}

/// Takes files `file`, any number of pictures or one film, and `every`, the seconds from look to look.
async fn begin(
    State(app): State<App>,
    headers: HeaderMap,
    mut parts: Multipart,
) -> Result<Created<TryView>, ApiError> {
    admit(&app, &headers, MAX_UPLOAD)?;
    let station = app.station.clone();
    let dir = blocking(move || station.try_folder().map_err(ApiError::from)).await?;
    let (mut files, mut every) = (Vec::new(), None);
    while let Some(field) = parts.next_field().await.map_err(broken)? {
        match field.name() {
            Some("file") if files.len() >= MAX_LOOKS => {
                let message = format!("more than {MAX_LOOKS} pictures were chosen");
                return Err(
                    TryError { code: "too_many", message, hint: "Choose fewer pictures.".into() }.into()
                );
            }
            Some("file") => files.push(write(field, &app, &dir, files.len()).await?),
            Some("every") => every = Some(seconds(&field.text().await.map_err(broken)?)?),
            Some(_) | None => (),
        }
    }
    let station = app.station.clone();
    let view = blocking(move || station.start_try(dir, files, every).map_err(ApiError::from)).await?;
    Ok(Created(view))
}

/// Writes a file under a name of ours; theirs is only ever shown.
async fn write(field: Field<'_>, app: &App, dir: &TryDir, number: usize) -> Result<Brought, ApiError> {
    let name: String = field.file_name().unwrap_or("picture").chars().take(300).collect();
    let path = dir.path().join(format!("brought-{number}"));
    write_to(field, app, &name, &path).await?;
    Ok(Brought { path, name })
}

fn seconds(text: &str) -> Result<f64, ApiError> {
    let every: Option<f64> = text.trim().parse().ok();
    every
        .filter(|every| (0.1..=3600.0).contains(every))
        .ok_or_else(|| ApiError::bad_request("every is the seconds from look to look: 0.1 to 3600"))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Since {
    #[serde(default)]
    from: usize,
}

async fn show(
    State(app): State<App>,
    Path(id): Path<u64>,
    Query(query): Query<Since>,
) -> Result<Json<TryView>, ApiError> {
    app.station.trial(id, query.from).map(Json).ok_or_else(gone)
}

async fn remove(State(app): State<App>, Path(id): Path<u64>) -> Result<NoContent, ApiError> {
    let station = app.station.clone();
    let there = blocking(move || Ok::<_, ApiError>(station.drop_trial(id))).await?;
    if there { Ok(NoContent) } else { Err(gone()) }
}

async fn picture(
    State(app): State<App>,
    Path((id, name)): Path<(u64, String)>,
) -> Result<Response, ApiError> {
    let n = name.strip_suffix(".jpg").and_then(|n| n.parse().ok()).ok_or_else(gone)?;
    let path = app.station.trial_picture(id, n).ok_or_else(gone)?;
    let bytes = tokio::fs::read(path).await.map_err(|_| gone())?;
    let mut response = Response::new(Body::from(bytes));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("image/jpeg"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn gone() -> ApiError {
    ApiError::not_found("this trial, or this picture of it,")
}
