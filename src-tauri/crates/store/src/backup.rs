//! Copies of the database: made before each migration and once a week, the newest few are kept.

use crate::{BACKUP_FOLDER, StoreError, schema};
use domain::Timestamp;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::fs;
use std::path::{Path, PathBuf};

/// How many copies are kept.
const KEPT: usize = 3;
/// Pages copied between two questions whether to go on; 1 MB.
const STEP_PAGES: i32 = 256;

/// Whether a copy is still wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Going {
    On,
    Stop,
}

/// Copies the database into the backup folder; returns where it lies, `None` when it was stopped.
pub(crate) fn copy(
    conn: &Connection,
    data_dir: &Path,
    now: Timestamp,
    going: impl Fn() -> Going,
) -> Result<Option<PathBuf>, StoreError> {
    let folder = data_dir.join(BACKUP_FOLDER);
    fs::create_dir_all(&folder).map_err(StoreError::file("create", &folder))?;
    // The time comes first: names sort by age.
    let path = folder.join(format!("printvigil-{}-v{}.db", file_time(now), schema::version(conn)?));
    let unfinished = path.with_extension("unfinished");
    let copied = copy_pages(conn, &unfinished, going);
    if !matches!(copied, Ok(Going::On)) {
        // Half a copy is none. Where it cannot be removed either, its name keeps it from being taken for one.
        let _ = fs::remove_file(&unfinished);
        return copied.map(|_| None);
    }
    fs::rename(&unfinished, &path).map_err(StoreError::file("rename", &unfinished))?;
    for old in newest_first(data_dir)?.into_iter().skip(KEPT) {
        fs::remove_file(&old).map_err(StoreError::file("remove", &old))?;
    }
    tracing::info!(path = %path.display(), "database copied");
    Ok(Some(path))
}

fn copy_pages(conn: &Connection, unfinished: &Path, going: impl Fn() -> Going) -> Result<Going, StoreError> {
    if unfinished.exists() {
        fs::remove_file(unfinished).map_err(StoreError::file("remove", unfinished))?;
    }
    // Within one snapshot the copy need not start again whenever something is written.
    let snapshot = conn.unchecked_transaction()?;
    schema::version(&snapshot)?;
    let mut copy = Connection::open(unfinished)?;
    let backup = Backup::new(&snapshot, &mut copy)?;
    while going() == Going::On {
        if backup.step(STEP_PAGES)? == StepResult::Done {
            return Ok(Going::On);
        }
    }
    Ok(Going::Stop)
}

/// Opens the database of a data folder for reading only, beside a core or without one.
///
/// # Errors
/// When there is none, or it is of a newer app.
pub fn read_only(data_dir: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(data_dir.join(crate::DATABASE), flags)?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    schema::check(&conn)?;
    Ok(conn)
}

/// Copies the database, as it is at this moment, to a file that is not there yet.
///
/// # Errors
/// When it cannot be read or written.
pub fn copy_database(conn: &Connection, to: &Path) -> Result<(), StoreError> {
    copy_pages(conn, to, || Going::On).map(|_| ())
}

/// Copies the database of a data folder into its folder of copies, where no core works on it; returns where the copy
/// lies, nothing where there is no database. Of all copies the newest few are kept.
///
/// # Errors
/// When it cannot be read or written.
pub fn keep_copy(data_dir: &Path, now: Timestamp) -> Result<Option<PathBuf>, StoreError> {
    let database = data_dir.join(crate::DATABASE);
    if !database.exists() {
        return Ok(None);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    copy(&Connection::open_with_flags(database, flags)?, data_dir, now, || Going::On)
}

/// Returns the copies there are.
pub(crate) fn newest_first(data_dir: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let folder = data_dir.join(BACKUP_FOLDER);
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(&folder).map_err(StoreError::file("read", &folder))?;
    let mut copies: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "db"))
        .collect();
    copies.sort_unstable_by(|a, b| b.cmp(a));
    Ok(copies)
}

/// Returns whether the newest copy is older than `age_secs`, or there is none.
pub(crate) fn is_older(data_dir: &Path, age_secs: f64, now: Timestamp) -> Result<bool, StoreError> {
    let limit = format!("printvigil-{}", file_time(now.plus_secs(-age_secs)));
    let newest = newest_first(data_dir)?.into_iter().next();
    Ok(newest.is_none_or(|path| path.file_name().is_some_and(|name| *name.to_string_lossy() < *limit)))
}

/// Returns a moment in a form that every file system takes: `2026-01-02T03-04-05Z`.
pub(crate) fn file_time(now: Timestamp) -> String {
    let text = now.to_string();
    let seconds = text.split('.').next().unwrap_or_default();
    format!("{}Z", seconds.replace(':', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_SECS: f64 = 86_400.0;

    fn day(n: i64) -> Timestamp {
        Timestamp::from_micros(n * 86_400_000_000)
    }

    fn with_a_row(dir: &Path) -> Connection {
        let conn = Connection::open(dir.join("db")).unwrap();
        conn.execute_batch("create table t (x); insert into t values (7)").unwrap();
        conn
    }

    #[test]
    fn the_newest_copies_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let conn = with_a_row(dir.path());
        for n in 0..8 {
            copy(&conn, dir.path(), day(n), || Going::On).unwrap().unwrap();
        }
        let copies = newest_first(dir.path()).unwrap();
        assert_eq!(copies.len(), KEPT);
        assert!(copies[0].ends_with("printvigil-1970-01-08T00-00-00Z-v0.db"), "{:?}", copies[0]);
        let copied = Connection::open(&copies[0]).unwrap();
        assert_eq!(copied.query_row("select x from t", [], |row| row.get::<_, i64>(0)).unwrap(), 7);
    }

    #[test]
    fn a_copy_is_made_by_hand_where_there_is_something_to_copy() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(keep_copy(dir.path(), day(1)).unwrap(), None);
        let conn = with_a_row(dir.path());
        drop(conn);
        fs::rename(dir.path().join("db"), dir.path().join(crate::DATABASE)).unwrap();
        let copy = keep_copy(dir.path(), day(1)).unwrap().unwrap();
        let copied = Connection::open(copy).unwrap();
        assert_eq!(copied.query_row("select x from t", [], |row| row.get::<_, i64>(0)).unwrap(), 7);
    }

    #[test]
    fn a_copy_that_is_stopped_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let conn = with_a_row(dir.path());
        assert_eq!(copy(&conn, dir.path(), day(1), || Going::Stop).unwrap(), None);
        assert_eq!(fs::read_dir(dir.path().join(BACKUP_FOLDER)).unwrap().count(), 0);
    }

    #[test]
    fn the_age_of_the_newest_copy_is_read_from_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let conn = with_a_row(dir.path());
        assert!(is_older(dir.path(), DAY_SECS, day(9)).unwrap(), "there is none");
        copy(&conn, dir.path(), day(9), || Going::On).unwrap();
        assert!(!is_older(dir.path(), DAY_SECS, day(10)).unwrap());
        assert!(is_older(dir.path(), DAY_SECS, day(11)).unwrap());
    }
}
