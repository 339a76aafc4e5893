//! Numbers of what was erased are never given again: the largest ones, kept as settings.

use crate::{StoreError, setting};
use domain::FrameId;
use rusqlite::{Connection, Transaction};

/// Key of the setting: the largest number that any erased print had.
const LARGEST_PRINT: &str = "erased.print";
/// Key of the setting: the largest number that any erased frame had.
const LARGEST_FRAME: &str = "erased.frame";

/// Returns the largest number that any erased print had, 0 without one.
pub fn largest_print(conn: &Connection) -> Result<i64, StoreError> {
    Ok(setting::get(conn, LARGEST_PRINT)?.unwrap_or(0))
}

/// Returns the largest number that any erased frame had, 0 without one.
pub(crate) fn largest_frame(conn: &Connection) -> Result<FrameId, StoreError> {
    Ok(FrameId(setting::get(conn, LARGEST_FRAME)?.unwrap_or(0)))
}

/// Notes that prints up to this number have been given.
pub(crate) fn note_prints(tx: &Transaction<'_>, largest: i64) -> Result<(), StoreError> {
    setting::set(tx, LARGEST_PRINT, &largest)
}

/// Notes that frames up to this number have been given.
pub(crate) fn note_frames(tx: &Transaction<'_>, largest: i64) -> Result<(), StoreError> {
    setting::set(tx, LARGEST_FRAME, &largest)
}
