//! Home Assistant by MQTT: the settings, how it stands with the broker, and a try.

use crate::error::blocking;
use crate::routing::{Routes, get, post};
use crate::{ApiError, App};
use ::mqtt::{MqttError, Settings, Standing};
use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub(crate) fn routes() -> Routes {
    Routes::new().route("/vigil/mqtt/", get(show).patch(change)).route("/vigil/mqtt/test/", post(test))
}

/// How it stands with the broker.
#[derive(Serialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BrokerState {
    /// Switched off.
    Off,
    /// It is being connected.
    Connecting,
    /// All is told there.
    Connected,
    /// It is away or refuses; it is tried again.
    Failed,
}

/// The connection to an MQTT broker, without the password.
#[derive(Serialize, TS, JsonSchema)]
#[serde(rename = "Mqtt")]
pub(crate) struct View {
    /// Switched on.
    enabled: bool,
    /// Name or address of the broker.
    host: String,
    port: u16,
    tls: bool,
    /// Empty: without a login.
    user: String,
    password_set: bool,
    /// Topics of ours begin with it.
    base_topic: String,
    /// Where Home Assistant looks for what it does not know yet.
    discovery_prefix: String,
    /// Whether prints may be paused, resumed and cancelled from there, by Home Assistant and by other Printvigils.
    buttons: bool,
    /// Whether the camera's pictures go there.
    pictures: bool,
    /// Whether Printvigils on other computers are shown here, and this one there.
    others: bool,
    /// What this computer is called there; empty: by its own name.
    machine: String,
    state: BrokerState,
    /// Why it failed, for people.
    why: Option<String>,
}

/// What is set of the connection to the broker; what is left out stays as it is.
#[derive(Deserialize, TS, JsonSchema)]
#[serde(deny_unknown_fields)]
#[serde(rename = "MqttChange")]
#[ts(optional_fields)]
pub(crate) struct Change {
    enabled: Option<bool>,
    host: Option<String>,
    port: Option<u16>,
    tls: Option<bool>,
    user: Option<String>,
    /// An empty one is forgotten.
    password: Option<String>,
    base_topic: Option<String>,
    discovery_prefix: Option<String>,
    buttons: Option<bool>,
    pictures: Option<bool>,
    others: Option<bool>,
    machine: Option<String>,
}

impl Change {
    /// Returns the settings with it, and the password where one was given.
    fn on(self, mut settings: Settings) -> (Settings, Option<String>) {
        let trimmed = |text: Option<String>| text.map(|text| text.trim().to_owned());
        settings.enabled = self.enabled.unwrap_or(settings.enabled);
        settings.host = trimmed(self.host).unwrap_or(settings.host);
        settings.port = self.port.unwrap_or(settings.port);
        settings.tls = self.tls.unwrap_or(settings.tls);
        settings.user = trimmed(self.user).unwrap_or(settings.user);
        settings.base_topic = trimmed(self.base_topic).unwrap_or(settings.base_topic);
        settings.discovery_prefix = trimmed(self.discovery_prefix).unwrap_or(settings.discovery_prefix);
        settings.buttons = self.buttons.unwrap_or(settings.buttons);
        settings.pictures = self.pictures.unwrap_or(settings.pictures);
        settings.others = self.others.unwrap_or(settings.others);
        settings.machine = trimmed(self.machine).unwrap_or(settings.machine);
        (settings, self.password)
    }
}

impl From<MqttError> for ApiError {
    fn from(error: MqttError) -> Self {
        match error {
            MqttError::Wrong(why) => Self::bad_request(why),
            MqttError::Store(error) => error.into(),
        }
    }
}

fn view(app: &App) -> View {
    let (settings, password_set) = app.mqtt.settings();
    let (state, why) = match app.mqtt.standing() {
        Standing::Off => (BrokerState::Off, None),
        Standing::Connecting => (BrokerState::Connecting, None),
        Standing::Connected => (BrokerState::Connected, None),
        Standing::Failed(why) => (BrokerState::Failed, Some(why)),
    };
    let Settings {
        enabled,
        host,
        port,
        tls,
        user,
        base_topic,
        discovery_prefix,
        buttons,
        pictures,
        others,
        machine,
    } = settings;
    View {
        enabled,
        host,
        port,
        tls,
        user,
        password_set,
        base_topic,
        discovery_prefix,
        buttons,
        pictures,
        others,
        machine,
        state,
        why,
    }
}

async fn show(State(app): State<App>) -> Json<View> {
    Json(view(&app))
}

async fn change(State(app): State<App>, Json(change): Json<Change>) -> Result<Json<View>, ApiError> {
    let (settings, password) = change.on(app.mqtt.settings().0);
    let mqtt = app.mqtt.clone();
    blocking(move || mqtt.change(settings, password.as_deref())).await?;
    Ok(Json(view(&app)))
}

/// What the broker said to a try.
#[derive(Serialize, TS, JsonSchema)]
pub(crate) struct TestedBroker {
    /// It took the connection.
    connected: bool,
    /// What it said, or why it could not be reached.
    answer: String,
}

/// Tries what is in the form, kept or not.
async fn test(State(app): State<App>, Json(change): Json<Change>) -> Result<Json<TestedBroker>, ApiError> {
    let (settings, password) = change.on(app.mqtt.settings().0);
    let tried = app.mqtt.test(&settings, password.as_deref()).await?;
    let connected = tried.is_ok();
    let (Ok(answer) | Err(answer)) = tried;
    Ok(Json(TestedBroker { connected, answer }))
}
