//! The one local user. There is no account and no password.

use crate::error::blocking;
use crate::routing::{Routes, get};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::State;
use domain::{UNLIMITED_HOURS, User};
use serde::{Deserialize, Deserializer};
use store::StoreError;

/// Longest e-mail address, characters.
const LONGEST_EMAIL: usize = 254;
/// Longest name, characters.
const LONGEST_NAME: usize = 150;

pub(crate) fn routes() -> Routes {
    Routes::new().route("/users/me/", get(me).patch(change))
}

fn read(conn: &store::Connection) -> Result<User, StoreError> {
    store::user::get(conn)?.ok_or(StoreError::NotFound { what: "user", id: 1 })
}

/// Notes that the owner is here. Nobody waits for it.
pub(crate) fn note_active(app: &App) {
    let (store, now) = (app.station.store().clone(), app.station.now());
    tokio::task::spawn_blocking(move || {
        if let Err(error) = store.write_now(move |tx| store::user::mark_active(tx, now)) {
            tracing::warn!(%error, "when the owner was last here could not be noted");
        }
    });
}

async fn me(State(app): State<App>) -> Result<Json<User>, ApiError> {
    let store = app.station.store().clone();
    Ok(Json(blocking(move || store.read(read)).await?))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct UserPatch {
    /// May be empty. Kept and given back; nothing is ever mailed.
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    /// Absent: unchanged; null: unlimited.
    #[serde(default, deserialize_with = "present")]
    dh_balance: Option<Option<f64>>,
    /// Whether notices are shown; those of failures and of a watch that stopped always are.
    notification_enabled: Option<bool>,
    /// Only 0: all entries of the event log were looked at.
    unseen_printer_events: Option<u32>,
}

fn present<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Option<f64>>, D::Error> {
    Option::<f64>::deserialize(d).map(Some)
}

async fn change(State(app): State<App>, Json(change): Json<UserPatch>) -> Result<Json<User>, ApiError> {
    if change.email.as_ref().is_some_and(|email| email.chars().count() > LONGEST_EMAIL) {
        let error = ApiError::bad_request(format!("an address has at most {LONGEST_EMAIL} characters"));
        return Err(error.of_field("email"));
    }
    for (field, name) in [("first_name", &change.first_name), ("last_name", &change.last_name)] {
        if name.as_ref().is_some_and(|name| name.chars().count() > LONGEST_NAME) {
            let error = ApiError::bad_request(format!("a name has at most {LONGEST_NAME} characters"));
            return Err(error.of_field(field));
        }
    }
    if change.unseen_printer_events.is_some_and(|unseen| unseen != 0) {
        let error = ApiError::bad_request("unseen_printer_events can only be set to 0");
        return Err(error.of_field("unseen_printer_events"));
    }
    if let Some(hours) = change.dh_balance {
        app.station.set_detection_hours(hours.filter(|hours| *hours < UNLIMITED_HOURS)).await?;
    }
    let notices = change.notification_enabled;
    let store = app.station.store().clone();
    let changed = blocking(move || {
        store.write_now(move |tx| {
            let mut user = read(tx)?;
            if let Some(email) = change.email {
                user.email = email;
            }
            user.first_name = change.first_name.unwrap_or(user.first_name);
            user.last_name = change.last_name.unwrap_or(user.last_name);
            if let Some(shown) = change.notification_enabled {
                user.notification_enabled = shown;
            }
            store::user::update(tx, &user)?;
            if change.unseen_printer_events.is_some() {
                store::user::mark_events_seen(tx)?;
            }
            read(tx)
        })
    });
    let changed = changed.await?;
    if let Some(shown) = notices {
        app.station.set_notices(shown);
    }
    Ok(Json(changed))
}
