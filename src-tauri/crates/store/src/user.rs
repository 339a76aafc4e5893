//! The one local user, made at the first start.

use crate::StoreError;
use crate::convert::{get_opt_time, get_time};
use domain::{Timestamp, UNLIMITED_HOURS, User, UserId};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

const GET: &str = "select * from user order by id limit 1";

const INSERT: &str = "
    insert into user (id, email, consented_at, dh_balance, notification_enabled, unseen_printer_events)
    values (1, '', :consented_at, :dh_balance, 1, 0)";

const UPDATE: &str = "
    update user set email = :email, first_name = :first_name, last_name = :last_name,
      consented_at = :consented_at, dh_balance = :dh_balance,
      notification_enabled = :notification_enabled, unseen_printer_events = :unseen_printer_events
    where id = :id";

const SET_HOURS: &str = "update user set dh_balance = :dh_balance";

const ACTIVE: &str = "update user set last_active_at = :now";

const SEEN: &str = "update user set unseen_printer_events = 0";

/// Returns the user, `None` before the first start is done.
pub fn get(conn: &Connection) -> Result<Option<User>, StoreError> {
    Ok(conn.prepare_cached(GET)?.query_row([], from_row).optional()?)
}

/// Makes the one user at the first start.
pub(crate) fn create(tx: &Transaction<'_>, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(INSERT, named_params! { ":consented_at": now.micros(), ":dh_balance": UNLIMITED_HOURS })?;
    Ok(())
}

/// Replaces what is kept of the user.
pub fn update(tx: &Transaction<'_>, user: &User) -> Result<(), StoreError> {
    let changed = tx.prepare_cached(UPDATE)?.execute(named_params! {
        ":id": user.id.get(),
        ":email": user.email,
        ":first_name": user.first_name,
        ":last_name": user.last_name,
        ":consented_at": user.consented_at.micros(),
        ":dh_balance": user.dh_balance,
        ":notification_enabled": user.notification_enabled,
        ":unseen_printer_events": user.unseen_printer_events,
    })?;
    if changed == 0 { Err(StoreError::NotFound { what: "user", id: user.id.get() }) } else { Ok(()) }
}

/// Keeps what is left of the detection hours.
pub fn set_detection_hours(tx: &Transaction<'_>, hours: f64) -> Result<(), StoreError> {
    tx.prepare_cached(SET_HOURS)?.execute(named_params! { ":dh_balance": hours })?;
    Ok(())
}

/// Notes that the user is here now.
pub fn mark_active(tx: &Transaction<'_>, now: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached(ACTIVE)?.execute(named_params! { ":now": now.micros() })?;
    Ok(())
}

/// Marks all entries of the event log as looked at.
pub fn mark_events_seen(tx: &Transaction<'_>) -> Result<(), StoreError> {
    tx.prepare_cached(SEEN)?.execute([])?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<User> {
    let dh_balance = row.get("dh_balance")?;
    Ok(User {
        id: UserId(row.get("id")?),
        email: row.get("email")?,
        first_name: row.get("first_name")?,
        last_name: row.get("last_name")?,
        consented_at: get_time(row, "consented_at")?,
        last_active_at: get_opt_time(row, "last_active_at")?,
        is_pro: row.get("is_pro")?,
        dh_balance,
        is_dh_unlimited: dh_balance >= UNLIMITED_HOURS,
        unseen_printer_events: row.get("unseen_printer_events")?,
        notification_enabled: row.get("notification_enabled")?,
    })
}
