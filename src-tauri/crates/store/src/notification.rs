//! Ways to tell the user: one row a way, its name unique.

use crate::StoreError;
use crate::convert::{get_json, json};
use domain::NotificationSetting;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

const LIST: &str = "select * from notification_setting order by id";

const GET: &str = "select * from notification_setting where id = :id";

const PUT: &str = "
    insert into notification_setting (
      name, config, enabled, notify_on_failure_alert, notify_on_print_done, notify_on_filament_change,
      notify_on_print_cancelled, notify_on_heater_status, notify_on_print_start, notify_on_print_pause,
      notify_on_print_resume
    ) values (
      :name, :config, :enabled, :notify_on_failure_alert, :notify_on_print_done, :notify_on_filament_change,
      :notify_on_print_cancelled, :notify_on_heater_status, :notify_on_print_start, :notify_on_print_pause,
      :notify_on_print_resume
    ) on conflict (user_id, name) do update set
      config = excluded.config, enabled = excluded.enabled,
      notify_on_failure_alert = excluded.notify_on_failure_alert,
      notify_on_print_done = excluded.notify_on_print_done,
      notify_on_filament_change = excluded.notify_on_filament_change,
      notify_on_print_cancelled = excluded.notify_on_print_cancelled,
      notify_on_heater_status = excluded.notify_on_heater_status,
      notify_on_print_start = excluded.notify_on_print_start,
      notify_on_print_pause = excluded.notify_on_print_pause,
      notify_on_print_resume = excluded.notify_on_print_resume
    returning id";

const DELETE: &str = "delete from notification_setting where id = :id";

/// Returns all ways.
pub fn list(conn: &Connection) -> Result<Vec<NotificationSetting>, StoreError> {
    let settings = conn.prepare_cached(LIST)?.query_map([], from_row)?.collect::<Result<_, _>>()?;
    Ok(settings)
}

/// Returns one way.
pub fn get(conn: &Connection, id: i64) -> Result<Option<NotificationSetting>, StoreError> {
    Ok(conn.prepare_cached(GET)?.query_row(named_params! { ":id": id }, from_row).optional()?)
}

/// Returns a way with the defaults: told of failures, ends and filament changes.
pub fn with_defaults(name: &str) -> NotificationSetting {
    NotificationSetting {
        id: 0,
        name: name.to_owned(),
        config: serde_json::json!({}),
        enabled: true,
        notify_on_failure_alert: true,
        notify_on_print_done: true,
        notify_on_filament_change: true,
        notify_on_print_cancelled: false,
        notify_on_heater_status: false,
        notify_on_print_start: false,
        notify_on_print_pause: false,
        notify_on_print_resume: false,
    }
}

/// Adds a way or replaces the one of the same name; returns its number.
pub fn put(tx: &Transaction<'_>, setting: &NotificationSetting) -> Result<i64, StoreError> {
    let params = named_params! {
        ":name": setting.name,
        ":config": json(&setting.config)?,
        ":enabled": setting.enabled,
        ":notify_on_failure_alert": setting.notify_on_failure_alert,
        ":notify_on_print_done": setting.notify_on_print_done,
        ":notify_on_filament_change": setting.notify_on_filament_change,
        ":notify_on_print_cancelled": setting.notify_on_print_cancelled,
        ":notify_on_heater_status": setting.notify_on_heater_status,
        ":notify_on_print_start": setting.notify_on_print_start,
        ":notify_on_print_pause": setting.notify_on_print_pause,
        ":notify_on_print_resume": setting.notify_on_print_resume,
    };
    Ok(tx.prepare_cached(PUT)?.query_row(params, |row| row.get(0))?)
}

/// Removes a way.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such way.
pub fn delete(tx: &Transaction<'_>, id: i64) -> Result<(), StoreError> {
    let changed = tx.prepare_cached(DELETE)?.execute(named_params! { ":id": id })?;
    if changed == 0 { Err(StoreError::NotFound { what: "notification setting", id }) } else { Ok(()) }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<NotificationSetting> {
    Ok(NotificationSetting {
        id: row.get("id")?,
        name: row.get("name")?,
        config: get_json(row, "config")?,
        enabled: row.get("enabled")?,
        notify_on_failure_alert: row.get("notify_on_failure_alert")?,
        notify_on_print_done: row.get("notify_on_print_done")?,
        notify_on_filament_change: row.get("notify_on_filament_change")?,
        notify_on_print_cancelled: row.get("notify_on_print_cancelled")?,
        notify_on_heater_status: row.get("notify_on_heater_status")?,
        notify_on_print_start: row.get("notify_on_print_start")?,
        notify_on_print_pause: row.get("notify_on_print_pause")?,
        notify_on_print_resume: row.get("notify_on_print_resume")?,
    })
}
