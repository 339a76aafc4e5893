//! Work by hand: one address for all tools, the terminal's lines, macros, temperature presets.

use crate::error::blocking;
use crate::openapi::Created;
use crate::printers::{Done, ask, view};
use crate::routing::{Routes, get, patch, post};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::NoContent;
use domain::{
    LONGEST_MACRO, LONGEST_MACRO_NAME, Macro, MacroColour, MacroId, PrinterId, PrinterPatch, Request, Tool,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use station::TerminalPage;
use std::collections::BTreeMap;

/// Lines of the terminal in one answer, unless asked otherwise.
const LINES: usize = 1_000;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/vigil/printers/{id}/tool/", post(tool))
        .route("/vigil/printers/{id}/terminal/", get(terminal))
        .route("/vigil/printers/{id}/temp_profiles/", get(presets).post(set_presets))
        .route("/vigil/macros/", get(macros).post(add_macro))
        .route("/vigil/macros/{id}/", patch(change_macro).delete(remove_macro))
}

async fn tool(State(app): State<App>, Path(id): Path<PrinterId>, Json(tool): Json<Tool>) -> Done {
    ask(&app, id, Request::Tool(id, tool)).await
}

#[derive(Deserialize, schemars::JsonSchema)]
struct After {
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
}

async fn terminal(
    State(app): State<App>,
    Path(id): Path<PrinterId>,
    Query(query): Query<After>,
) -> Result<Json<TerminalPage>, ApiError> {
    view(&app, id)?;
    Ok(Json(app.station.terminal(id, query.after, query.limit.unwrap_or(LINES)).await?))
}

/// One preset: degrees Celsius.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS, schemars::JsonSchema)]
pub(crate) struct Preset {
    name: String,
    extruder: f64,
    bed: f64,
}

async fn presets(State(app): State<App>, Path(id): Path<PrinterId>) -> Result<Json<Vec<Preset>>, ApiError> {
    Ok(Json(view(&app, id)?.settings.temp_profiles.iter().filter_map(read_preset).collect()))
}

fn read_preset(profile: &BTreeMap<String, Value>) -> Option<Preset> {
    let degrees = |name: &str| profile.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    let name = profile.get("name")?.as_str()?.to_owned();
    Some(Preset { name, extruder: degrees("extruder"), bed: degrees("bed") })
}

async fn set_presets(
    State(app): State<App>,
    Path(id): Path<PrinterId>,
    Json(presets): Json<Vec<Preset>>,
) -> Result<Json<Vec<Preset>>, ApiError> {
    view(&app, id)?;
    let profiles: Vec<BTreeMap<String, Value>> = presets
        .iter()
        .map(|preset| {
            [
                ("name".to_owned(), preset.name.trim().into()),
                ("extruder".to_owned(), preset.extruder.into()),
                ("bed".to_owned(), preset.bed.into()),
            ]
            .into()
        })
        .collect();
    let patch = PrinterPatch { temp_profiles: Some(profiles), ..PrinterPatch::default() };
    app.station.ask(Request::Patch(id, Box::new(patch))).await?;
    Ok(Json(presets))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Whose {
    printer_id: Option<PrinterId>,
}

async fn macros(State(app): State<App>, Query(whose): Query<Whose>) -> Result<Json<Vec<Macro>>, ApiError> {
    let store = app.station.store().clone();
    Ok(Json(blocking(move || store.read(move |conn| store::macros::list(conn, whose.printer_id))).await?))
}

#[derive(Deserialize, ts_rs::TS, schemars::JsonSchema)]
pub(crate) struct NewMacro {
    printer: Option<PrinterId>,
    name: String,
    body: String,
    #[serde(default)]
    #[ts(optional, as = "Option<i32>")]
    position: i32,
    #[serde(default)]
    #[ts(optional = nullable)]
    colour: Option<MacroColour>,
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    confirm: bool,
}

async fn add_macro(State(app): State<App>, Json(new): Json<NewMacro>) -> Result<Created<Macro>, ApiError> {
    if let Some(printer) = new.printer {
        view(&app, printer)?;
    }
    let now = app.station.now();
    let mut made = Macro {
        id: MacroId(0),
        printer: new.printer,
        name: checked_name(&new.name)?,
        body: checked_body(new.body)?,
        position: new.position,
        colour: new.colour,
        confirm: new.confirm,
        created_at: now,
        updated_at: now,
    };
    let (store, row) = (app.station.store().clone(), made.clone());
    made.id = blocking(move || store.write_now(move |tx| store::macros::insert(tx, &row))).await?;
    Ok(Created(made))
}

#[derive(Deserialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub(crate) struct MacroPatch {
    name: Option<String>,
    body: Option<String>,
    position: Option<i32>,
    /// `null` takes the colour away.
    #[serde(default, deserialize_with = "given")]
    #[ts(optional = nullable, as = "Option<MacroColour>")]
    colour: Option<Option<MacroColour>>,
    confirm: Option<bool>,
}

/// Tells `null` from what is not there.
fn given<'de, D, T>(from: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(from).map(Some)
}

async fn change_macro(
    State(app): State<App>,
    Path(id): Path<MacroId>,
    Json(patch): Json<MacroPatch>,
) -> Result<Json<Macro>, ApiError> {
    let mut row = find(&app, id).await?;
    if let Some(name) = patch.name {
        row.name = checked_name(&name)?;
    }
    if let Some(body) = patch.body {
        row.body = checked_body(body)?;
    }
    row.position = patch.position.unwrap_or(row.position);
    row.colour = patch.colour.unwrap_or(row.colour);
    row.confirm = patch.confirm.unwrap_or(row.confirm);
    row.updated_at = app.station.now();
    let (store, changed) = (app.station.store().clone(), row.clone());
    blocking(move || store.write_now(move |tx| store::macros::update(tx, &changed))).await?;
    Ok(Json(row))
}

async fn remove_macro(State(app): State<App>, Path(id): Path<MacroId>) -> Result<NoContent, ApiError> {
    find(&app, id).await?;
    let store = app.station.store().clone();
    blocking(move || store.write_now(move |tx| store::macros::delete(tx, id))).await?;
    Ok(NoContent)
}

async fn find(app: &App, id: MacroId) -> Result<Macro, ApiError> {
    let store = app.station.store().clone();
    let found = blocking(move || store.read(move |conn| store::macros::get(conn, id))).await?;
    found.ok_or_else(|| ApiError::not_found("this macro"))
}

fn checked_name(name: &str) -> Result<String, ApiError> {
    let name = name.trim();
    let length = name.chars().count();
    if !(1..=LONGEST_MACRO_NAME).contains(&length) || name.chars().any(char::is_control) {
        return Err(ApiError::bad_request(format!(
            "a macro's name has 1 to {LONGEST_MACRO_NAME} characters"
        )));
    }
    Ok(name.to_owned())
}

fn checked_body(body: String) -> Result<String, ApiError> {
    let control = |c: char| c.is_control() && !['\n', '\r', '\t'].contains(&c);
    if body.trim().is_empty() || body.chars().count() > LONGEST_MACRO || body.chars().any(control) {
        return Err(ApiError::bad_request(format!(
            "a macro has 1 to {LONGEST_MACRO} characters that can be seen"
        )));
    }
    Ok(body)
}
