//! Settings: one JSON value a key.

use crate::StoreError;
use crate::convert::{get_json, json};
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;

const ALL: &str = "select key, value from setting order by key";

const GET: &str = "select value from setting where key = :key";

const PUT: &str = "
    insert into setting (key, value) values (:key, :value)
    on conflict (key) do update set value = excluded.value";

const DELETE: &str = "delete from setting where key = :key";

/// Returns all settings.
pub fn all(conn: &Connection) -> Result<BTreeMap<String, Value>, StoreError> {
    let settings = conn
        .prepare_cached(ALL)?
        .query_map([], |row| Ok((row.get(0)?, get_json(row, "value")?)))?
        .collect::<Result<_, _>>()?;
    Ok(settings)
}

/// Returns the value of `key`, `None` when it was never set.
///
/// # Errors
/// When the stored value is of another shape than `T`.
pub fn get<T: DeserializeOwned>(conn: &Connection, key: &str) -> Result<Option<T>, StoreError> {
    let value = conn
        .prepare_cached(GET)?
        .query_row(named_params! { ":key": key }, |row| get_json(row, "value"))
        .optional()?;
    Ok(value)
}

/// Sets `key`.
pub fn set<T: Serialize + ?Sized>(tx: &Transaction<'_>, key: &str, value: &T) -> Result<(), StoreError> {
    tx.prepare_cached(PUT)?.execute(named_params! { ":key": key, ":value": json(value)? })?;
    Ok(())
}

/// Forgets `key`, if it was set.
pub fn remove(tx: &Transaction<'_>, key: &str) -> Result<(), StoreError> {
    tx.prepare_cached(DELETE)?.execute(named_params! { ":key": key })?;
    Ok(())
}
