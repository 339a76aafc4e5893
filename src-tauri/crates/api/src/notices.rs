//! Services that messages are sent to: Obico's `notification_settings`, and the log of what was sent.

use crate::error::blocking;
use crate::openapi::Created;
use crate::routing::{Routes, get, post};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::NoContent;
use domain::{NoticeDelivery, NotificationService, NotificationSetting};
use notices::{NoticesError, SERVICES, Shown};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use ts_rs::TS;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/notification_settings/", get(list).post(add))
        .route("/notification_settings/available_plugins/", get(services))
        .route("/notification_settings/{id}/", get(one).patch(change).delete(remove))
        .route("/notification_settings/{id}/send_test_message/", post(test))
        .route("/vigil/notices/log/", get(log))
}

/// A setting, as Obico gives it; what is secret in `config` is left out.
#[derive(Serialize, TS, JsonSchema)]
pub(crate) struct NotificationSettingView {
    #[serde(flatten)]
    #[ts(flatten)]
    setting: NotificationSetting,
    /// Names of fields that are kept and not shown.
    secrets_set: Vec<String>,
}

impl From<Shown> for NotificationSettingView {
    fn from(shown: Shown) -> Self {
        Self { setting: shown.setting, secrets_set: shown.secrets }
    }
}

/// What a service said to a test.
#[derive(Serialize, TS, JsonSchema)]
pub(crate) struct TestedService {
    /// It has taken the message.
    sent: bool,
    /// What it said, or why it could not be reached.
    answer: String,
    /// `sent` or `error`, as Obico's clients read it.
    status: &'static str,
}

/// What is set; what is left out stays as it is, or has Obico's default in a new one.
#[derive(Deserialize, TS, JsonSchema)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub(crate) struct NotificationSettingChange {
    /// The service; only when it is added.
    name: Option<String>,
    /// All of it; a secret that is left out stays, an empty one is forgotten.
    #[ts(type = "Record<string, unknown>")]
    config: Option<Value>,
    enabled: Option<bool>,
    notify_on_failure_alert: Option<bool>,
    notify_on_print_done: Option<bool>,
    notify_on_filament_change: Option<bool>,
    notify_on_print_cancelled: Option<bool>,
    notify_on_heater_status: Option<bool>,
    notify_on_print_start: Option<bool>,
    notify_on_print_pause: Option<bool>,
    notify_on_print_resume: Option<bool>,
}

impl NotificationSettingChange {
    fn onto(self, setting: &mut NotificationSetting) {
        if let Some(config) = self.config {
            setting.config = config;
        }
        for (given, field) in [
            (self.enabled, &mut setting.enabled),
            (self.notify_on_failure_alert, &mut setting.notify_on_failure_alert),
            (self.notify_on_print_done, &mut setting.notify_on_print_done),
            (self.notify_on_filament_change, &mut setting.notify_on_filament_change),
            (self.notify_on_print_cancelled, &mut setting.notify_on_print_cancelled),
            (self.notify_on_heater_status, &mut setting.notify_on_heater_status),
            (self.notify_on_print_start, &mut setting.notify_on_print_start),
            (self.notify_on_print_pause, &mut setting.notify_on_print_pause),
            (self.notify_on_print_resume, &mut setting.notify_on_print_resume),
        ] {
            *field = given.unwrap_or(*field);
        }
    }
}

impl From<NoticesError> for ApiError {
    fn from(error: NoticesError) -> Self {
        match error {
            NoticesError::Wrong(why) => Self::bad_request(why),
            NoticesError::Twice(name) => Self::new(
                StatusCode::CONFLICT,
                "already_exists",
                format!("{name} is set up already"),
                "Change the one that is there.",
            ),
            NoticesError::Store(error) => error.into(),
        }
    }
}

async fn list(State(app): State<App>) -> Result<Json<Vec<NotificationSettingView>>, ApiError> {
    let all = blocking(move || app.notices.list()).await?;
    Ok(Json(all.into_iter().map(Into::into).collect()))
}

/// Services that messages can be sent to.
#[derive(Serialize, TS, JsonSchema)]
pub(crate) struct AvailablePlugins {
    /// As Obico's clients read them, by name.
    #[ts(type = "Record<string, unknown>")]
    plugins: BTreeMap<&'static str, Plugin>,
    /// As the window shows them.
    services: &'static [NotificationService],
}

/// What a service can be told of.
#[derive(Serialize, JsonSchema)]
struct Plugin {
    features: &'static [&'static str],
    /// Nothing is set outside of the settings.
    env_vars: BTreeMap<String, String>,
}

/// Each service can be told of all of it.
const FEATURES: &[&str] = &[
    "notify_on_failure_alert",
    "notify_on_print_done",
    "notify_on_print_cancelled",
    "notify_on_filament_change",
    "notify_on_heater_status",
    "notify_on_print_start",
    "notify_on_print_pause",
    "notify_on_print_resume",
];

async fn services() -> Json<AvailablePlugins> {
    let plugin = |service: &NotificationService| {
        (service.name, Plugin { features: FEATURES, env_vars: BTreeMap::new() })
    };
    Json(AvailablePlugins { plugins: SERVICES.iter().map(plugin).collect(), services: SERVICES })
}

async fn one(State(app): State<App>, Path(id): Path<i64>) -> Result<Json<NotificationSettingView>, ApiError> {
    let shown = blocking(move || app.notices.get(id)).await?;
    Ok(Json(shown.into()))
}

async fn add(
    State(app): State<App>,
    Json(mut given): Json<NotificationSettingChange>,
) -> Result<Created<NotificationSettingView>, ApiError> {
    let name = given.name.take().ok_or_else(|| ApiError::bad_request("name is missing: which service?"))?;
    let mut setting = store::notification::with_defaults(&name);
    given.onto(&mut setting);
    let shown = blocking(move || app.notices.add(setting)).await?;
    Ok(Created(shown.into()))
}

async fn change(
    State(app): State<App>,
    Path(id): Path<i64>,
    Json(given): Json<NotificationSettingChange>,
) -> Result<Json<NotificationSettingView>, ApiError> {
    let shown = blocking(move || {
        let mut setting = app.notices.get(id)?.setting;
        if given.name.as_ref().is_some_and(|name| *name != setting.name) {
            return Err(NoticesError::Wrong("a setting keeps its service; add another".into()));
        }
        given.onto(&mut setting);
        app.notices.change(setting)
    });
    Ok(Json(shown.await?.into()))
}

async fn remove(State(app): State<App>, Path(id): Path<i64>) -> Result<NoContent, ApiError> {
    blocking(move || app.notices.remove(id)).await?;
    Ok(NoContent)
}

async fn test(State(app): State<App>, Path(id): Path<i64>) -> Result<Json<TestedService>, ApiError> {
    let tried = blocking(move || app.notices.test(id)).await?;
    let status = if tried.sent { "sent" } else { "error" };
    Ok(Json(TestedService { sent: tried.sent, answer: tried.answer, status }))
}

async fn log(State(app): State<App>) -> Result<Json<Vec<NoticeDelivery>>, ApiError> {
    Ok(Json(blocking(move || app.notices.log()).await?))
}
