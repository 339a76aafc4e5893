//! Room on the disk: what takes it, what is kept for how long.

use crate::error::blocking;
use crate::routing::{Routes, get, put};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{Query, State};
use domain::Retention;
use serde::Deserialize;
use station::{Storage, Tidied};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/vigil/storage/", get(storage))
        .route("/vigil/storage/retention/", put(set))
        .route("/vigil/storage/tidy/", get(would).post(tidy))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Page {
    #[serde(default)]
    start: u32,
    limit: Option<u32>,
}

async fn storage(State(app): State<App>, Query(page): Query<Page>) -> Result<Json<Storage>, ApiError> {
    let limit = page.limit.unwrap_or(20).min(500);
    Ok(Json(blocking(move || app.station.storage(page.start, limit)).await?))
}

async fn set(State(app): State<App>, Json(retention): Json<Retention>) -> Result<Json<Retention>, ApiError> {
    let days = [retention.pictures_days, retention.films_days, retention.max_prints];
    if days.into_iter().flatten().any(|number| number == 0) {
        return Err(ApiError::bad_request(
            "days and prints are 1 or more; leave a rule empty to switch it off",
        ));
    }
    blocking(move || app.station.set_retention(retention)).await?;
    Ok(Json(retention))
}

/// What the rules that are set would drop now, or those of the query.
async fn would(State(app): State<App>, Query(rules): Query<Rules>) -> Result<Json<Tidied>, ApiError> {
    let rules = (rules != Rules::default()).then_some(Retention {
        pictures_days: rules.pictures_days,
        films_days: rules.films_days,
        max_bytes: rules.max_bytes,
        max_prints: rules.max_prints,
    });
    Ok(Json(blocking(move || app.station.would_tidy(rules)).await?))
}

#[derive(Default, PartialEq, Deserialize, schemars::JsonSchema)]
struct Rules {
    pictures_days: Option<u32>,
    films_days: Option<u32>,
    max_bytes: Option<u64>,
    max_prints: Option<u32>,
}

async fn tidy(State(app): State<App>) -> Result<Json<Tidied>, ApiError> {
    Ok(Json(blocking(move || app.station.tidy()).await?))
}
