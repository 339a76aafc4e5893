//! What a database holds, in figures: for a person who chooses a backup. It may be of an older version of the app.

use crate::convert::get_opt_time;
use crate::{StoreError, schema};
use domain::Timestamp;
use rusqlite::{Connection, OpenFlags};
use serde::Serialize;
use std::path::Path;

/// Columns that have been there since the first version.
const COUNTS: &str = "
    select (select count(*) from printer where deleted is null) as printers,
           (select count(*) from print where deleted is null) as prints,
           (select min(started_at) from print where deleted is null) as first_print,
           (select max(started_at) from print where deleted is null) as last_print,
           (select count(*) from g_code_file where deleted is null) as files";

/// What a database holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contents {
    /// Printers.
    pub printers: u32,
    /// Prints.
    pub prints: u32,
    /// Start of the first print.
    pub first_print: Option<Timestamp>,
    /// Start of the last print.
    pub last_print: Option<Timestamp>,
    /// G-code files.
    pub files: u32,
}

/// Counts what a database file holds; it is only read.
///
/// # Errors
/// When it is no database of this app, or one of a newer version.
pub fn contents(database: &Path) -> Result<Contents, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(database, flags)?;
    schema::check_known(&conn)?;
    let counted = conn.query_row(COUNTS, [], |row| {
        Ok(Contents {
            printers: row.get("printers")?,
            prints: row.get("prints")?,
            first_print: get_opt_time(row, "first_print")?,
            last_print: get_opt_time(row, "last_print")?,
            files: row.get("files")?,
        })
    })?;
    Ok(counted)
}
