//! Care of machines: what is due after so much printing, counted from the prints themselves.

use crate::StoreError;
use crate::convert::{get_time, get_word, word};
use domain::{Care, CareUnit, PrinterId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

// What was printed since; prints of which only the start is known count as prints.
macro_rules! cares {
    ($after:literal) => {
        concat!(
            "select maintenance.*, case unit
               when 'hours' then (select coalesce(sum(print_time), 0) / 3600.0 from print
                 where print.printer_id = maintenance.printer_id and started_at >= done_at)
               when 'filament_m' then (select coalesce(sum(filament_used), 0) / 1000.0 from print
                 where print.printer_id = maintenance.printer_id and started_at >= done_at)
               else (select count(*) from print
                 where print.printer_id = maintenance.printer_id and started_at >= done_at)
               end as used
             from maintenance join printer on printer.id = maintenance.printer_id and printer.deleted is null ",
            $after
        )
    };
}

const LIST: &str = cares!("order by maintenance.printer_id, maintenance.id");

const GET: &str = cares!("where maintenance.id = :id");

const INSERT: &str = "
    insert into maintenance (printer_id, name, unit, every, done_at, created_at)
    values (:printer_id, :name, :unit, :every, :now, :now)";

const UPDATE: &str = "update maintenance set name = :name, every = :every where id = :id";

const DONE: &str = "update maintenance set done_at = :now where id = :id";

const DELETE: &str = "delete from maintenance where id = :id";

/// Returns all care there is, with what was printed since it was last done.
pub fn list(conn: &Connection) -> Result<Vec<Care>, StoreError> {
    let cares = conn.prepare_cached(LIST)?.query_map([], from_row)?.collect::<Result<_, _>>()?;
    Ok(cares)
}

/// Returns one of them.
pub fn get(conn: &Connection, id: i64) -> Result<Option<Care>, StoreError> {
    Ok(conn.prepare_cached(GET)?.query_row(named_params! { ":id": id }, from_row).optional()?)
}

/// Adds care that is due every so many of a unit, counted from now; returns its number.
pub fn insert(
    tx: &Transaction<'_>,
    printer: PrinterId,
    name: &str,
    unit: CareUnit,
    every: f64,
    now: Timestamp,
) -> Result<i64, StoreError> {
    tx.prepare_cached(INSERT)?.execute(named_params! {
        ":printer_id": printer.get(),
        ":name": name,
        ":unit": word(&unit)?,
        ":every": every,
        ":now": now.micros(),
    })?;
    Ok(tx.last_insert_rowid())
}

/// Changes name and interval.
pub fn update(tx: &Transaction<'_>, id: i64, name: &str, every: f64) -> Result<(), StoreError> {
    tx.prepare_cached(UPDATE)?.execute(named_params! { ":id": id, ":name": name, ":every": every })?;
    Ok(())
}

/// Notes that it was done: counted anew from now.
pub fn done(tx: &Transaction<'_>, id: i64, now: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached(DONE)?.execute(named_params! { ":id": id, ":now": now.micros() })?;
    Ok(())
}

/// Removes it.
pub fn delete(tx: &Transaction<'_>, id: i64) -> Result<(), StoreError> {
    tx.prepare_cached(DELETE)?.execute(named_params! { ":id": id })?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Care> {
    let (used, every): (f64, f64) = (row.get("used")?, row.get("every")?);
    Ok(Care {
        id: row.get("id")?,
        printer: PrinterId(row.get("printer_id")?),
        name: row.get("name")?,
        unit: get_word(row, "unit")?,
        every,
        used,
        done_at: get_time(row, "done_at")?,
        due: used >= every,
    })
}
