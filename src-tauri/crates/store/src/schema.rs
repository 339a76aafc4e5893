//! Which version of the schema a database has, and which ones there are.

use crate::StoreError;
use include_dir::{Dir, include_dir};
use rusqlite::Connection;

/// One folder a version, and `schema.sql`, which tells what they make together.
pub(crate) static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../../migrations");

/// Refuses a database that is not of this very version.
pub(crate) fn check(conn: &Connection) -> Result<(), StoreError> {
    let (found, known) = (version(conn)?, FOLDER.dirs().count());
    match found.cmp(&known) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(StoreError::TooNew { found, known }),
        std::cmp::Ordering::Less => Err(StoreError::TooOld { found, known }),
    }
}

/// Refuses a database of a newer version; an older one is brought up to date when a core opens it.
pub(crate) fn check_known(conn: &Connection) -> Result<(), StoreError> {
    match check(conn) {
        Err(StoreError::TooOld { .. }) => Ok(()),
        checked => checked,
    }
}

/// Returns how many migrations the database went through.
pub(crate) fn version(conn: &Connection) -> Result<usize, StoreError> {
    let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(0))
}
