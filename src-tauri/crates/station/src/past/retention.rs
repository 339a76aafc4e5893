//! Room on the disk: prints erased with their files, pictures dropped, old ones by the rules that a person set.
//!
//! Rows go first, then files: what is shown is whole. A crash between the two leaves files that nobody knows; they are
//! swept at the next start.

use crate::library::{UNDO_SECS, forget_ledger};
use crate::media::{
    BROUGHT, EVIDENCE, FILM, FRAMES, Room, TAGGED, count_others, folder_bytes, free_bytes, hold,
    print_folder, remove,
};
use domain::{PrintId, Retention, Timestamp};
use serde::Serialize;
use std::fs;
use std::path::Path;
use store::erase::{Dispensable, PrintSize};
use store::{Connection, Store, StoreError};

/// Key of the setting: what is kept for how long.
const RETENTION: &str = "retention";
const DAY_SECS: f64 = 86_400.0;

/// Whether the record of a print stays when its pictures go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// It stays.
    Stays,
    /// It goes, too; within the hour it can be brought back with all that belongs to it.
    Goes,
    /// It goes at once and for good.
    GoesForGood,
}

/// What takes room, bytes.
#[derive(Debug, Clone, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct Storage {
    /// Free on the disk.
    pub free_bytes: Option<u64>,
    /// Size of the disk.
    pub total_bytes: Option<u64>,
    /// Below this no pictures are kept any more.
    pub reserve_bytes: u64,
    /// The database.
    pub database_bytes: u64,
    /// Its copies.
    pub copies_bytes: u64,
    /// G-code files.
    pub files_bytes: u64,
    /// Pictures, films, clips and looks of all prints.
    pub media_bytes: u64,
    /// What tidying up drops.
    pub retention: Retention,
    /// A page of prints, the largest first.
    pub prints: Vec<SizeOfPrint>,
}

/// What one print takes.
#[derive(Debug, Clone, Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "StoredPrint")]
pub struct SizeOfPrint {
    print: PrintId,
    filename: String,
    started_at: Timestamp,
    kept: bool,
    num_frames: u32,
    frame_bytes: u64,
    other_bytes: u64,
}

impl From<PrintSize> for SizeOfPrint {
    fn from(size: PrintSize) -> Self {
        let PrintSize { print, filename, started_at, kept, num_frames, frame_bytes, other_bytes } = size;
        Self { print, filename, started_at, kept, num_frames, frame_bytes, other_bytes }
    }
}

/// What tidying up drops or dropped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "Tidy")]
pub struct Tidied {
    /// Of how many prints.
    pub prints: usize,
    /// How much.
    pub bytes: u64,
}

/// What goes of one print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Going {
    Pictures,
    All,
}

/// Erases prints with all their files, or drops their pictures, films and clips alone. Blocks.
///
/// # Errors
/// When the database cannot be written.
pub(super) fn erase(
    root: &Path,
    store: &Store,
    room: &Room,
    (prints, record): (&[PrintId], Record),
    now: Timestamp,
) -> Result<(), StoreError> {
    room.make();
    let ids = prints.to_vec();
    match record {
        // On a disk that is nearly full the room is needed now.
        Record::Goes if room.check(0).is_ok() => {
            store.write_now(move |tx| store::print::delete(tx, &ids, now))?;
        }
        Record::Goes | Record::GoesForGood => erase_now(root, store, ids)?,
        Record::Stays => {
            for print in ids {
                drop_of(root, store, print, Going::All, now)?;
            }
        }
    }
    Ok(())
}

/// Returns what takes room; of prints a page. Blocks.
///
/// # Errors
/// When the database cannot be read.
pub(super) fn storage(
    root: &Path,
    store: &Store,
    room: &Room,
    (start, limit): (u32, u32),
) -> Result<Storage, StoreError> {
    let (media_bytes, prints, retention) = store.read(|conn| {
        let sizes = store::erase::sizes(conn, start, limit)?;
        Ok((store::erase::total_bytes(conn)?, sizes, kept(conn)?))
    })?;
    let database: u64 = ["", "-wal", "-shm"]
        .iter()
        .filter_map(|end| fs::metadata(root.join(format!("{}{end}", store::DATABASE))).ok())
        .map(|about| about.len())
        .sum();
    Ok(Storage {
        free_bytes: free_bytes(root),
        total_bytes: fs4::total_space(root).ok(),
        reserve_bytes: room.reserve_bytes(),
        database_bytes: database,
        copies_bytes: folder_bytes(&root.join(store::BACKUP_FOLDER)),
        files_bytes: folder_bytes(&root.join("files")),
        media_bytes,
        retention,
        prints: prints.into_iter().map(SizeOfPrint::from).collect(),
    })
}

fn kept(conn: &Connection) -> Result<Retention, StoreError> {
    Ok(store::setting::get(conn, RETENTION)?.unwrap_or_default())
}

/// Sets what is kept for how long. Blocks.
///
/// # Errors
/// When it cannot be stored.
pub(super) fn set(store: &Store, retention: Retention) -> Result<(), StoreError> {
    store.write_now(move |tx| store::setting::set(tx, RETENTION, &retention))
}

/// Says what tidying up by `retention` (by the one that is set, when `None`) would drop. Blocks.
///
/// # Errors
/// When the database cannot be read.
pub(super) fn would_drop(
    store: &Store,
    retention: Option<Retention>,
    now: Timestamp,
) -> Result<Tidied, StoreError> {
    let going = store.read(|conn| {
        let retention = retention.map_or_else(|| kept(conn), Ok)?;
        Ok(choose(&store::erase::dispensable(conn)?, retention, now))
    })?;
    Ok(sum(&going))
}

/// Erases prints that have ended, rows first, then what was noted and kept of them.
fn erase_now(root: &Path, store: &Store, ids: Vec<PrintId>) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    for print in store.write_now(move |tx| store::erase::prints(tx, &ids))? {
        forget_ledger(root, print);
        remove(root, &print_folder(print));
    }
    Ok(())
}

/// Tidies up by the rules that are set.
///
/// # Errors
/// When the database cannot be read or written.
pub(crate) fn run(root: &Path, store: &Store, now: Timestamp) -> Result<Tidied, StoreError> {
    hold(root);
    let before = now.plus_secs(-UNDO_SECS);
    erase_now(root, store, store.read(|conn| store::erase::hidden_before(conn, before))?)?;
    let going = store.read(|conn| Ok(choose(&store::erase::dispensable(conn)?, kept(conn)?, now)))?;
    for (print, what) in &going {
        drop_of(root, store, print.print, *what, now)?;
    }
    let tidied = sum(&going);
    if tidied.prints > 0 {
        tracing::info!(prints = tidied.prints, bytes = tidied.bytes, "old pictures were dropped");
    }
    Ok(tidied)
}

/// Chooses what goes, the oldest first.
fn choose(prints: &[Dispensable], retention: Retention, now: Timestamp) -> Vec<(Dispensable, Going)> {
    let older = |print: &Dispensable, days: Option<u32>| {
        days.is_some_and(|days| now.secs_since(print.started_at) > f64::from(days) * DAY_SECS)
    };
    let too_many = retention.max_prints.map_or(0, |most| prints.len().saturating_sub(most as usize));
    let all = |print: &Dispensable| print.frame_bytes + print.other_bytes;
    let mut left: u64 = prints.iter().map(all).sum();
    let mut going = Vec::new();
    for (n, print) in prints.iter().enumerate() {
        let over = retention.max_bytes.is_some_and(|most| left > most);
        let what = if over || n < too_many || older(print, retention.films_days) {
            Going::All
        } else if print.filmed && print.num_frames > 0 && older(print, retention.pictures_days) {
            Going::Pictures
        } else {
            continue;
        };
        left = left.saturating_sub(bytes_of(print, what));
        going.push((print.clone(), what));
    }
    going
}

fn bytes_of(print: &Dispensable, what: Going) -> u64 {
    match what {
        Going::Pictures => print.frame_bytes,
        Going::All => print.frame_bytes + print.other_bytes,
    }
}

fn sum(going: &[(Dispensable, Going)]) -> Tidied {
    Tidied { prints: going.len(), bytes: going.iter().map(|(print, what)| bytes_of(print, *what)).sum() }
}

fn drop_of(
    root: &Path,
    store: &Store,
    print: PrintId,
    what: Going,
    now: Timestamp,
) -> Result<(), StoreError> {
    store.write_now(move |tx| {
        store::erase::pictures(tx, print, now)?;
        match what {
            Going::Pictures => Ok(()),
            Going::All => store::erase::films(tx, print),
        }
    })?;
    let folder = print_folder(print);
    remove(root, &folder.join(FRAMES));
    if what == Going::All {
        for file in [FILM, TAGGED, BROUGHT] {
            let _ = fs::remove_file(root.join(&folder).join(file));
        }
        remove(root, &folder.join(EVIDENCE));
    }
    count_others(root, store, print)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(id: i64, days_old: f64, filmed: bool) -> Dispensable {
        Dispensable {
            print: PrintId(id),
            started_at: now().plus_secs(-days_old * DAY_SECS),
            num_frames: 10,
            frame_bytes: 100,
            other_bytes: 20,
            filmed,
        }
    }

    fn now() -> Timestamp {
        Timestamp::from_micros(1_800_000_000_000_000)
    }

    fn none() -> Retention {
        Retention { pictures_days: None, films_days: None, max_bytes: None, max_prints: None }
    }

    fn chosen(retention: Retention) -> Vec<(i64, Going)> {
        let prints =
            [print(1, 400.0, true), print(2, 40.0, false), print(3, 31.0, true), print(4, 1.0, true)];
        choose(&prints, retention, now()).into_iter().map(|(print, what)| (print.print.get(), what)).collect()
    }

    #[test]
    fn each_rule_takes_the_oldest_and_no_more_than_it_must() {
        assert_eq!(chosen(none()), []);
        let usual = Retention::default();
        assert_eq!(chosen(usual), [(1, Going::Pictures), (3, Going::Pictures)], "2 has no film yet");
        assert_eq!(chosen(Retention { films_days: Some(365), ..none() }), [(1, Going::All)]);
        assert_eq!(chosen(Retention { max_prints: Some(3), ..none() }), [(1, Going::All)]);
        assert_eq!(chosen(Retention { max_bytes: Some(360), ..none() }), [(1, Going::All)]);
        assert_eq!(chosen(Retention { max_bytes: Some(359), ..none() }), [(1, Going::All), (2, Going::All)]);
        assert_eq!(chosen(Retention { max_bytes: Some(0), ..none() }).len(), 4);
        let both = Retention { max_bytes: Some(360), ..usual };
        assert_eq!(sum(&choose(&[print(1, 400.0, true)], both, now())), Tidied { prints: 1, bytes: 100 });
    }
}
