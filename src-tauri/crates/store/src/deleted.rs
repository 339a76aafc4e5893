//! What a person deleted and may still bring back.

use crate::StoreError;
use crate::convert::get_time;
use domain::Timestamp;
use rusqlite::{Connection, named_params};

// As many as anybody could look through.
const PRINTS: &str = "
    select id, filename as name, deleted from print
    where deleted >= :since and deleted_by_cascade = 0 order by deleted desc, id limit 1000";

const FILES: &str = "
    select id, filename as name, deleted from g_code_file where deleted >= :since order by deleted desc, id limit 1000";

const PRINTERS: &str = "
    select id, name, deleted from printer where deleted >= :since order by deleted desc, id limit 1000";

/// One thing that was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deleted {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// When.
    pub at: Timestamp,
}

/// Which things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // The tables' names.
pub enum Kind {
    Print,
    File,
    Printer,
}

/// Returns what was deleted at or after `since`, the last first.
pub fn since(conn: &Connection, kind: Kind, since: Timestamp) -> Result<Vec<Deleted>, StoreError> {
    let sql = match kind {
        Kind::Print => PRINTS,
        Kind::File => FILES,
        Kind::Printer => PRINTERS,
    };
    let deleted = conn
        .prepare_cached(sql)?
        .query_map(named_params! { ":since": since.micros() }, |row| {
            Ok(Deleted { id: row.get("id")?, name: row.get("name")?, at: get_time(row, "deleted")? })
        })?
        .collect::<Result<_, _>>()?;
    Ok(deleted)
}
