//! Statistics of past prints, grouped by day, week, month or year of a place.

use crate::error::blocking;
use crate::print_fields::STATS;
use crate::print_query::Params;
use crate::routing::{Routes, get};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{RawQuery, State};
use domain::PrinterId;
use domain::statistics::{GroupBy, Place};
use serde::Serialize;
use station::{Group, Saved, Share, Sums, Taken};
use store::print_stats::PrintFigures;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/prints/stats/", get(obico).query(STATS))
        .route("/vigil/prints/stats/", get(ours).query(STATS))
}

/// Reads the figures that a query means.
async fn figures(app: &App, query: Option<String>) -> Result<(Vec<PrintFigures>, Place, GroupBy), ApiError> {
    let params = Params::read(query);
    let by = match params.get("group_by") {
        None | Some("day") => GroupBy::Day,
        Some("week") => GroupBy::Week,
        Some("month") => GroupBy::Month,
        Some("year") => GroupBy::Year,
        Some(other) => return Err(ApiError::bad_request(format!("group_by {other:?} is unknown"))),
    };
    let (printers, between, place) = (params.printers()?, params.between()?, params.place()?);
    let station = app.station.clone();
    let read = blocking(move || station.past().figures(&printers, between));
    Ok((read.await?, place, by))
}

#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "StatBar")]
pub(crate) struct Bar {
    key: String,
    value: f64,
}

#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "Totals")]
pub(crate) struct Obico {
    print_count_groups: Vec<Bar>,
    print_time_groups: Vec<Bar>,
    filament_used_groups: Vec<Bar>,
    #[serde(flatten)]
    sums: Sums,
}

async fn obico(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Json<Obico>, ApiError> {
    let (figures, place, by) = figures(&app, query).await?;
    let groups = station::groups(&figures, &place, by);
    let bars = |value: fn(&Group) -> f64| {
        groups.iter().map(|group| Bar { key: group.key.clone(), value: value(group) }).collect()
    };
    Ok(Json(Obico {
        print_count_groups: bars(|group| f64::from(group.prints)),
        print_time_groups: bars(|group| group.secs),
        filament_used_groups: bars(|group| group.filament_mm),
        sums: station::sums(&figures),
    }))
}

#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "PrinterTotals")]
pub(crate) struct OfPrinter {
    printer: PrinterId,
    prints: u32,
    finished: u32,
    secs: f64,
    filament_mm: f64,
}

#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "FailureReason")]
pub(crate) struct Why {
    why: String,
    count: u32,
}

#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "Stats")]
pub(crate) struct Ours {
    groups: Vec<Group>,
    printers: Vec<OfPrinter>,
    saved: Saved,
    failures: Vec<Why>,
    /// By the person's own reasons.
    reasons: Vec<Share>,
    materials: Vec<Share>,
    spools: Vec<Share>,
    taken: Taken,
}

async fn ours(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Json<Ours>, ApiError> {
    let (figures, place, by) = figures(&app, query).await?;
    let energy = blocking(move || app.station.spools().energy()).await?;
    let printers = station::by_printer(&figures)
        .into_iter()
        .map(|(printer, group)| OfPrinter {
            printer,
            prints: group.prints,
            finished: group.finished,
            secs: group.secs,
            filament_mm: group.filament_mm,
        })
        .collect();
    Ok(Json(Ours {
        groups: station::groups(&figures, &place, by),
        printers,
        saved: station::saved(&figures),
        reasons: station::by_reason(&figures),
        materials: station::by_material(&figures),
        spools: station::by_spool(&figures),
        taken: station::taken(&figures, &energy),
        failures: station::failures(&figures).into_iter().map(|(why, count)| Why { why, count }).collect(),
    }))
}
