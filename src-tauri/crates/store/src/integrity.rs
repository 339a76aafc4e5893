//! Opens the database and makes sure that it is sound; a damaged one is set aside, never deleted.

use crate::backup::{self, file_time};
use crate::journal::{self, Journal};
use crate::{DATABASE, StoreError};
use domain::Timestamp;
use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The writing connection, and what people should know if the database was damaged.
pub(crate) struct Checked {
    pub(crate) conn: Connection,
    pub(crate) damage: Option<String>,
}

/// Opens the database of `data_dir`. A damaged one makes way for the newest sound copy, else for an empty one.
pub(crate) fn open(data_dir: &Path, now: Timestamp) -> Result<Checked, StoreError> {
    let path = data_dir.join(DATABASE);
    let lost = keep_damaged_journal(&path, now)?;
    let error = match open_checked(&path) {
        Ok(conn) => return Ok(Checked { conn, damage: lost }),
        Err(e) => e,
    };
    if !error.is_damage() {
        return Err(error);
    }
    tracing::error!(%error, "the database is damaged; it is set aside");
    let aside = set_aside(&path, now)?;
    let aside = aside.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for copy in backup::newest_first(data_dir)? {
        fs::copy(&copy, &path).map_err(StoreError::file("copy", &copy))?;
        match open_checked(&path) {
            Ok(conn) => {
                let copy = copy.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let damage = format!(
                    "The history was damaged and could not be read. The copy {copy} took its place: what happened \
                     after it was made is missing. The damaged file is kept as {aside} in the data folder."
                );
                return Ok(Checked { conn, damage: Some(damage) });
            }
            Err(e) if e.is_damage() => {
                fs::remove_file(&path).map_err(StoreError::file("remove", &path))?;
            }
            Err(e) => return Err(e),
        }
    }
    let damage = format!(
        "The history was damaged and could not be read, and there is no copy of it. A new one was begun: please set \
         up your printers again. The damaged file is kept as {aside} in the data folder."
    );
    Ok(Checked { conn: open_checked(&path)?, damage: Some(damage) })
}

fn open_checked(path: &Path) -> Result<Connection, StoreError> {
    let conn = Connection::open(path)?;
    conn.busy_timeout(Duration::from_secs(5))?;
    // The journal that lets others read while we write. With `full`, a power cut loses nothing that was answered.
    conn.pragma_update(None, "journal_mode", "wal")?;
    conn.pragma_update(None, "synchronous", "full")?;
    conn.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    let found: String = conn.query_row("pragma quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" { Ok(conn) } else { Err(StoreError::Damaged { found }) }
}

/// Keeps a copy of a damaged journal before SQLite drops what it cannot read. Returns what people should know of it.
fn keep_damaged_journal(path: &Path, now: Timestamp) -> Result<Option<String>, StoreError> {
    let journal = with_suffix(path, "-wal");
    let found = journal::examine(&journal).map_err(StoreError::file("read", &journal))?;
    if found == Journal::Whole || !path.exists() {
        return Ok(None);
    }
    tracing::error!("the journal of the database is damaged; what cannot be read of it is lost");
    let kept = with_suffix(&free_name(path, now), "-wal");
    // A disk with no room for the copy is no reason not to start.
    let kept = match fs::copy(&journal, &kept) {
        Ok(_) => {
            let name = kept.file_name().unwrap_or_default().to_string_lossy().into_owned();
            format!(" The damaged file is kept as {name} in the data folder.")
        }
        Err(error) => {
            tracing::error!(%error, "the damaged journal could not be kept");
            String::new()
        }
    };
    Ok(Some(format!(
        "The last entries of the history could not be read, and are lost: the file they were in was damaged. All \
         entries before them are kept.{kept}"
    )))
}

/// Returns a name for a damaged database that is not taken.
fn free_name(path: &Path, now: Timestamp) -> PathBuf {
    (1..)
        .map(|n| {
            let more = if n == 1 { String::new() } else { format!("-{n}") };
            with_suffix(path, &format!(".damaged-{}{more}", file_time(now)))
        })
        .find(|name| !name.exists() && !with_suffix(name, "-wal").exists())
        .expect("some number is free")
}

/// Renames the database and what belongs to it; returns the new name of the database.
fn set_aside(path: &Path, now: Timestamp) -> Result<PathBuf, StoreError> {
    let free = free_name(path, now);
    fs::rename(path, &free).map_err(StoreError::file("rename", path))?;
    for part in ["-wal", "-shm"] {
        let journal = with_suffix(path, part);
        if journal.exists() {
            fs::rename(&journal, with_suffix(&free, part)).map_err(StoreError::file("rename", &journal))?;
        }
    }
    Ok(free)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
