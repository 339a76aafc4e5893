//! Pictures that a program has analysed: what is found, and what Obico's rule makes of the run of them. The watch, its
//! gauge and its alerts are not touched.

use crate::error::blocking;
use crate::openapi::{InputField, Kind};
use crate::printers::view;
use crate::routing::{Routes, post};
use crate::upload::broken;
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{Multipart, Path, State};
use bytes::Bytes;
use domain::{PredictionState, PrintId, PrinterId};
use serde::Serialize;
use station::{Sample, take_in_picture};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Largest picture with its form, bytes.
const MAX_PICTURE: usize = 16 * 1024 * 1024;

const PICTURE: &[InputField] = &[InputField::new("img", Kind::File, "A picture, as JPEG.")];

pub(super) fn routes() -> Routes {
    Routes::new().route("/printers/{id}/predict/", post(predict).form(PICTURE).body_limit(MAX_PICTURE))
}

/// The means over the pictures of each printer, and the print that they are of.
#[derive(Default)]
pub(crate) struct Predictions(Mutex<BTreeMap<PrinterId, (Option<PrintId>, PredictionState)>>);

/// What was found in a picture.
#[derive(Serialize, schemars::JsonSchema)]
struct Predicted {
    result: Prediction,
}

#[derive(Serialize, schemars::JsonSchema)]
struct Prediction {
    /// Sum of the confidences; may be more than 1.
    p: f64,
    temporal_stats: TemporalStats,
    /// Each `["failure", confidence, [x, y, w, h]]`: the middle and the size, pixels of the picture.
    detections: Vec<(String, f32, [f32; 4])>,
}

/// Means over the pictures that were sent for this printer.
#[derive(Serialize, schemars::JsonSchema)]
struct TemporalStats {
    ewm_mean: f64,
    rolling_mean_short: f64,
    rolling_mean_long: f64,
    /// Pictures of this print.
    prediction_num: u32,
    /// Pictures of this printer.
    prediction_num_lifetime: u32,
}

async fn predict(
    State(app): State<App>,
    Path(id): Path<PrinterId>,
    form: Multipart,
) -> Result<Json<Predicted>, ApiError> {
    let printer = view(&app, id)?;
    let picture = picture(form).await?;
    let (station, sensitivity) = (app.station.clone(), printer.detective_sensitivity);
    let tried = blocking(move || {
        station.try_detection(Sample::Picture(picture)).map_err(|why| ApiError::from(why).of_field("img"))
    });
    let found = tried.await?.findings;
    let print = printer.current_print.as_ref().map(|print| print.id);
    let seed = seed(&app, id).await?;
    let now = app.station.now();
    let mut all = app.predictions.0.lock().unwrap_or_else(PoisonError::into_inner);
    let (of, state) = all.entry(id).or_insert((None, seed));
    let begins = std::mem::replace(of, print) != print || state.current_frame_num == 0;
    take_in_picture(state, begins, found.p, sensitivity, now);
    let temporal_stats = TemporalStats {
        ewm_mean: state.ewm_mean,
        rolling_mean_short: state.rolling_mean_short,
        rolling_mean_long: state.rolling_mean_long,
        prediction_num: state.current_frame_num,
        prediction_num_lifetime: state.lifetime_frame_num,
    };
    let detections = found.boxes.into_iter().map(|found| {
        let area = found.area;
        let middle = [area.x + area.w / 2.0, area.y + area.h / 2.0, area.w, area.h];
        (found.class, found.confidence, middle)
    });
    Ok(Json(Predicted {
        result: Prediction { p: found.p, temporal_stats, detections: detections.collect() },
    }))
}

/// Returns what is known of the printer's life before: the long mean begins there.
async fn seed(app: &App, id: PrinterId) -> Result<PredictionState, ApiError> {
    let (store, now) = (app.station.store().clone(), app.station.now());
    let all = blocking(move || store.read(store::prediction::list)).await?;
    let known = all.into_iter().find(|state| state.printer == id);
    let state = known.unwrap_or_else(|| PredictionState::fresh(id, now));
    Ok(PredictionState { current_frame_num: 0, ..state })
}

async fn picture(mut form: Multipart) -> Result<Bytes, ApiError> {
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if field.name() == Some("img") {
            return field.bytes().await.map_err(broken);
        }
    }
    Err(ApiError::bad_request("the form has no field `img`").of_field("img"))
}
