//! Detection models that the user brings.

use crate::cameras::data_url;
use crate::error::blocking;
use crate::openapi::{Created, InputField, Kind};
use crate::routing::{Routes, get, patch, post};
use crate::upload::{Temp, admit, broken, write};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::NoContent;
use serde::Serialize;
use station::{ImportedModel, ModelChange, Models};

/// Largest model file, bytes. Obico's has 200 MB.
const MAX_MODEL: usize = 512 * 1024 * 1024;

const MODEL: &[InputField] = &[InputField::new("file", Kind::File, "A model that Printvigil can read.")];

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/models/", get(list).post(import).form(MODEL).body_limit(MAX_MODEL))
        .route("/models/{id}/", patch(change).delete(remove))
        .route("/models/{id}/use/", post(choose))
}

/// Says no in words that came from below.
fn unfit(why: String) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "model", why, "")
}

async fn list(State(app): State<App>) -> Result<Json<Models>, ApiError> {
    Ok(Json(blocking(move || Ok::<_, ApiError>(app.station.models())).await?))
}

#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
pub(crate) struct Imported {
    model: ImportedModel,
    /// The picture that the check looked at.
    img_data_url: Option<String>,
}

async fn import(
    State(app): State<App>,
    headers: HeaderMap,
    mut parts: Multipart,
) -> Result<Created<Imported>, ApiError> {
    admit(&app, &headers, MAX_MODEL)?;
    let mut file: Option<(Temp, String)> = None;
    while let Some(field) = parts.next_field().await.map_err(broken)? {
        if field.name() == Some("file") && file.is_none() {
            let name = field.file_name().unwrap_or("model.onnx").to_owned();
            file = Some((write(field, &app, &name).await?, name));
        }
    }
    let (temp, name) = file.ok_or_else(|| ApiError::bad_request("the form has no field `file`"))?;
    let taken = blocking(move || app.station.import_model(&temp.0, &name).map_err(unfit));
    let (model, picture) = taken.await?;
    let img_data_url = picture.map(|jpeg| data_url(&jpeg));
    Ok(Created(Imported { model, img_data_url }))
}

async fn choose(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Models>, ApiError> {
    let chosen = blocking(move || {
        app.station.use_model((id != "built-in").then_some(id.as_str())).map_err(unfit)?;
        Ok::<_, ApiError>(app.station.models())
    });
    Ok(Json(chosen.await?))
}

async fn change(
    State(app): State<App>,
    Path(id): Path<String>,
    Json(change): Json<ModelChange>,
) -> Result<Json<ImportedModel>, ApiError> {
    Ok(Json(blocking(move || app.station.change_model(&id, change).map_err(unfit)).await?))
}

async fn remove(State(app): State<App>, Path(id): Path<String>) -> Result<NoContent, ApiError> {
    if blocking(move || app.station.remove_model(&id).map_err(unfit)).await? {
        Ok(NoContent)
    } else {
        Err(ApiError::not_found("this model"))
    }
}
