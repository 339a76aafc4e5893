//! How hot it was during a print.

use crate::StoreError;
use crate::convert::{get_json, get_time, json};
use domain::{PrintId, TemperatureRow};
use rusqlite::{Connection, Transaction, named_params};

const OF_PRINT: &str = "select * from print_temperature where print_id = :print_id order by taken_at";

const INSERT: &str = "
    insert into print_temperature (print_id, taken_at, heaters) values (:print_id, :taken_at, :heaters)
    on conflict (print_id, taken_at) do nothing";

/// Returns the temperatures of a print, oldest first.
pub fn of_print(conn: &Connection, print: PrintId) -> Result<Vec<TemperatureRow>, StoreError> {
    let rows = conn
        .prepare_cached(OF_PRINT)?
        .query_map(named_params! { ":print_id": print.get() }, |row| {
            Ok(TemperatureRow {
                print: PrintId(row.get("print_id")?),
                at: get_time(row, "taken_at")?,
                heaters: get_json(row, "heaters")?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Keeps how hot it was; a second row of the same moment is dropped.
pub fn insert(tx: &Transaction<'_>, row: &TemperatureRow) -> Result<(), StoreError> {
    tx.prepare_cached(INSERT)?.execute(named_params! {
        ":print_id": row.print.get(),
        ":taken_at": row.at.micros(),
        ":heaters": json(&row.heaters)?,
    })?;
    Ok(())
}
