//! Copies of the database: made before each migration, the newest few are kept.

use crate::{BACKUP_FOLDER, StoreError, migrate};
use domain::Timestamp;
use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};

/// How many copies are kept.
const KEPT: usize = 5;

/// Copies the database into the backup folder and returns where it lies.
pub(crate) fn copy(conn: &Connection, data_dir: &Path, now: Timestamp) -> Result<PathBuf, StoreError> {
    let folder = data_dir.join(BACKUP_FOLDER);
    fs::create_dir_all(&folder).map_err(StoreError::file("create", &folder))?;
    // The time comes first: names sort by age.
    let path = folder.join(format!("printvigil-{}-v{}.db", file_time(now), migrate::version(conn)?));
    let unfinished = path.with_extension("unfinished");
    conn.backup("main", &unfinished, None)?;
    fs::rename(&unfinished, &path).map_err(StoreError::file("rename", &unfinished))?;
    for old in newest_first(data_dir)?.into_iter().skip(KEPT) {
        fs::remove_file(&old).map_err(StoreError::file("remove", &old))?;
    }
    tracing::info!(path = %path.display(), "database copied");
    Ok(path)
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

/// Returns a moment in a form that every file system takes: `2026-01-02T03-04-05Z`.
pub(crate) fn file_time(now: Timestamp) -> String {
    let text = now.to_string();
    let seconds = text.split('.').next().unwrap_or_default();
    format!("{}Z", seconds.replace(':', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_copies_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let conn = Connection::open(dir.path().join("db")).unwrap();
        conn.execute_batch("create table t (x); insert into t values (7)").unwrap();
        let day = |n: i64| Timestamp::from_micros(n * 86_400_000_000);
        for n in 0..8 {
            copy(&conn, dir.path(), day(n)).unwrap();
        }
        let copies = newest_first(dir.path()).unwrap();
        assert_eq!(copies.len(), KEPT);
        assert!(copies[0].ends_with("printvigil-1970-01-08T00-00-00Z-v0.db"), "{:?}", copies[0]);
        let copied = Connection::open(&copies[0]).unwrap();
        assert_eq!(copied.query_row("select x from t", [], |row| row.get::<_, i64>(0)).unwrap(), 7);
    }
}
