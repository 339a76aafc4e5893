//! Films made elsewhere, uploaded to become past prints.

use crate::openapi::{Accepted, InputField, Kind};
use crate::routing::{Routes, post};
use crate::upload::{MAX_UPLOAD, Temp, admit, broken, write};
use crate::{ApiError, App};
use axum::extract::{Multipart, State};
use axum::http::HeaderMap;
use serde::Serialize;
use station::{Brought, FilmBrought};

const FILM: &[InputField] = &[
    InputField::new("file", Kind::File, "The film."),
    InputField::new(
        "secs_per_picture",
        Kind::Number,
        "Seconds of the print from picture to picture; 0 for real time.",
    ),
];

pub(crate) fn routes() -> Routes {
    Routes::new().route("/vigil/prints/import/", post(import).form(FILM).body_limit(MAX_UPLOAD))
}

/// The print that a film becomes.
#[derive(Serialize, schemars::JsonSchema)]
struct FilmImported {
    print: domain::PrintId,
}

/// Takes a film `file` and, where it is no timelapse of one picture in ten seconds, `secs_per_picture`: seconds of the
/// print from picture to picture, 0 when it runs as fast as life. How far it is tells the print's film.
async fn import(
    State(app): State<App>,
    headers: HeaderMap,
    mut parts: Multipart,
) -> Result<Accepted<FilmImported>, ApiError> {
    admit(&app, &headers, MAX_UPLOAD)?;
    let (mut film, mut secs_per_picture): (Option<(Temp, String)>, _) = (None, None);
    while let Some(field) = parts.next_field().await.map_err(broken)? {
        match field.name() {
            Some("file") if film.is_none() => {
                let name: String = field.file_name().unwrap_or("film.mp4").chars().take(300).collect();
                film = Some((write(field, &app, &name).await?, name));
            }
            Some("secs_per_picture") => {
                let text = field.text().await.map_err(broken)?;
                let secs: f64 = text.trim().parse().map_err(|_| {
                    ApiError::bad_request("secs_per_picture is a number of seconds: 0, or 0.001 to 3600")
                })?;
                secs_per_picture = Some(secs);
            }
            Some(_) | None => (),
        }
    }
    let (temp, name) = film.ok_or_else(|| ApiError::bad_request("the form has no field `file`"))?;
    let film = Brought { path: temp.0.clone(), name };
    let print = app.station.import_film(FilmBrought { film, secs_per_picture }).await??;
    Ok(Accepted(FilmImported { print }))
}
