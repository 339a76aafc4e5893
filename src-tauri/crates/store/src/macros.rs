//! Macros: one row a macro.

use crate::StoreError;
use crate::convert::{get_opt_word, get_time, word};
use domain::{Macro, MacroId, PrinterId};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

const LIST: &str = "
    select * from macro where printer_id is null or printer_id = :printer
    order by position, id";

const GET: &str = "select * from macro where id = :id";

const INSERT: &str = "
    insert into macro (printer_id, name, body, position, colour, confirm, created_at, updated_at)
    values (:printer, :name, :body, :position, :colour, :confirm, :created_at, :updated_at)";

const UPDATE: &str = "
    update macro set name = :name, body = :body, position = :position, colour = :colour, confirm = :confirm,
      updated_at = :updated_at
    where id = :id";

const DELETE: &str = "delete from macro where id = :id";

/// Returns the macros of a printer, those of all printers included, in their order.
pub fn list(conn: &Connection, printer: Option<PrinterId>) -> Result<Vec<Macro>, StoreError> {
    let params = named_params! { ":printer": printer.map(PrinterId::get) };
    let macros = conn.prepare_cached(LIST)?.query_map(params, from_row)?.collect::<Result<_, _>>()?;
    Ok(macros)
}

/// Returns one macro.
pub fn get(conn: &Connection, id: MacroId) -> Result<Option<Macro>, StoreError> {
    Ok(conn.prepare_cached(GET)?.query_row(named_params! { ":id": id.get() }, from_row).optional()?)
}

/// Adds a macro and returns its number; the one in `new` is not looked at.
pub fn insert(tx: &Transaction<'_>, new: &Macro) -> Result<MacroId, StoreError> {
    tx.prepare_cached(INSERT)?.execute(named_params! {
        ":printer": new.printer.map(PrinterId::get),
        ":name": new.name,
        ":body": new.body,
        ":position": new.position,
        ":colour": new.colour.as_ref().map(word).transpose()?,
        ":confirm": new.confirm,
        ":created_at": new.created_at.micros(),
        ":updated_at": new.updated_at.micros(),
    })?;
    Ok(MacroId(tx.last_insert_rowid()))
}

/// Replaces all that a person sets of a macro.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such macro.
pub fn update(tx: &Transaction<'_>, changed: &Macro) -> Result<(), StoreError> {
    let rows = tx.prepare_cached(UPDATE)?.execute(named_params! {
        ":id": changed.id.get(),
        ":name": changed.name,
        ":body": changed.body,
        ":position": changed.position,
        ":colour": changed.colour.as_ref().map(word).transpose()?,
        ":confirm": changed.confirm,
        ":updated_at": changed.updated_at.micros(),
    })?;
    found(changed.id, rows)
}

/// Removes a macro.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such macro.
pub fn delete(tx: &Transaction<'_>, id: MacroId) -> Result<(), StoreError> {
    found(id, tx.prepare_cached(DELETE)?.execute(named_params! { ":id": id.get() })?)
}

fn found(id: MacroId, rows: usize) -> Result<(), StoreError> {
    if rows == 0 { Err(StoreError::NotFound { what: "macro", id: id.get() }) } else { Ok(()) }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Macro> {
    Ok(Macro {
        id: MacroId(row.get("id")?),
        printer: row.get::<_, Option<i64>>("printer_id")?.map(PrinterId),
        name: row.get("name")?,
        body: row.get("body")?,
        position: row.get("position")?,
        colour: get_opt_word(row, "colour")?,
        confirm: row.get("confirm")?,
        created_at: get_time(row, "created_at")?,
        updated_at: get_time(row, "updated_at")?,
    })
}
