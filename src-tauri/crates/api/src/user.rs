//! The one local user. There is no account and no password.

use crate::error::blocking;
use crate::{ApiError, App};
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use domain::User;
use serde::Deserialize;
use store::StoreError;

/// Longest e-mail address, characters.
const LONGEST_EMAIL: usize = 254;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/users/me/", get(me).patch(change))
}

fn read(conn: &store::Connection) -> Result<User, StoreError> {
    store::user::get(conn)?.ok_or(StoreError::NotFound { what: "user", id: 1 })
}

async fn me(State(app): State<App>) -> Result<Json<User>, ApiError> {
    let store = app.station.store().clone();
    Ok(Json(blocking(move || store.read(read)).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    /// May be empty.
    email: Option<String>,
    /// Only 0: all entries of the event log were looked at.
    unseen_printer_events: Option<u32>,
}

async fn change(State(app): State<App>, Json(change): Json<Change>) -> Result<Json<User>, ApiError> {
    if change.email.as_ref().is_some_and(|email| email.chars().count() > LONGEST_EMAIL) {
        return Err(ApiError::bad_request(format!("an address has at most {LONGEST_EMAIL} characters")));
    }
    if change.unseen_printer_events.is_some_and(|unseen| unseen != 0) {
        return Err(ApiError::bad_request("unseen_printer_events can only be set to 0"));
    }
    let store = app.station.store().clone();
    let changed = blocking(move || {
        store.write_now(move |tx| {
            let mut user = read(tx)?;
            if let Some(email) = change.email {
                user.email = email;
            }
            store::user::update(tx, &user)?;
            if change.unseen_printer_events.is_some() {
                store::user::mark_events_seen(tx)?;
            }
            read(tx)
        })
    });
    Ok(Json(changed.await?))
}
