//! Prints erased for good, and pictures dropped while the record stays. Files are the caller's: first the rows, then the
//! files, so that nothing is shown of which half is gone.

use crate::convert::{get_count, json};
use crate::{StoreError, erased, frame, print};
use domain::{PrintId, Timestamp};
use rusqlite::{Connection, Transaction, named_params};

// Prints under way stay.
const ERASE: &str = "
    delete from print where id in (select value from json_each(:ids))
      and (finished_at is not null or cancelled_at is not null or uploaded_at is not null)
    returning id";

const HIDDEN_BEFORE: &str =
    "select id from print where deleted is not null and deleted_by_cascade = 0 and deleted < :before";

const DROP_FRAMES: &str = "delete from frame where print_id = :id";

const UNLOOKED: &[&str] = &[
    "delete from frame where print_id = :id",
    "delete from look where print_id = :id",
    "delete from watch_decision where print_id = :id",
    "delete from sighting where print_id = :id",
    "delete from frame_feedback where print_id = :id",
    "delete from print_scale where print_id = :id",
    "update print set alerted_at = null where id = :id",
];

const DROP_FILMS: &str = "
    update print set video_url = null, tagged_video_url = null, film_state = null, film_why = null
    where id = :id";

const DROPPED: &str = "update print set pictures_dropped_at = :now where id = :id";

const KNOWN: &str =
    "select id, pictures_dropped_at is not null from print where id in (select value from json_each(:ids))";

const SIZES: &str = "
    select print.id, filename, started_at, kept, num_frames, frame_bytes, other_bytes
    from print_media join print on print.id = print_id where frame_bytes + other_bytes > 0
    order by frame_bytes + other_bytes desc, print.id desc limit :limit offset :start";

const TOTAL: &str = "select coalesce(sum(frame_bytes + other_bytes), 0) from print_media";

// What tidying up may touch: ended, not kept by a person, no alert that nobody looked at, no film that is awaited.
const DISPENSABLE: &str = "
    select print.id, started_at, frame_bytes, other_bytes, num_frames, film_state = 'made' as filmed
    from print join print_media on print_media.print_id = print.id
    where (finished_at is not null or cancelled_at is not null) and not kept and deleted is null
      and film_state is not 'waiting' and frame_bytes + other_bytes > 0
      and not exists (select 1 from watch_decision d where d.print_id = print.id and d.reviewed_at is null)
    order by started_at, print.id";

/// What a print takes.
#[derive(Debug, Clone, PartialEq)]
pub struct PrintSize {
    /// Which.
    pub print: PrintId,
    /// Its file.
    pub filename: String,
    /// When it started.
    pub started_at: Timestamp,
    /// Left alone when tidying up.
    pub kept: bool,
    /// Kept pictures.
    pub num_frames: u32,
    /// Bytes of them.
    pub frame_bytes: u64,
    /// Bytes of films, clips and looks.
    pub other_bytes: u64,
}

/// A print that tidying up may touch.
#[derive(Debug, Clone, PartialEq)]
pub struct Dispensable {
    /// Which.
    pub print: PrintId,
    /// When it started.
    pub started_at: Timestamp,
    /// Kept pictures.
    pub num_frames: u32,
    /// Bytes of them.
    pub frame_bytes: u64,
    /// Bytes of films, clips and looks.
    pub other_bytes: u64,
    /// Its film was made.
    pub filmed: bool,
}

/// Erases prints that have ended, with all that hangs on them; returns which. Their numbers are never given again.
pub fn prints(tx: &Transaction<'_>, ids: &[PrintId]) -> Result<Vec<PrintId>, StoreError> {
    erased::note_prints(tx, print::next_id(tx)?.get() - 1)?;
    erased::note_frames(tx, frame::next_id(tx)?.get() - 1)?;
    let erased = tx
        .prepare_cached(ERASE)?
        .query_map(named_params! { ":ids": json(ids)? }, |row| row.get(0).map(PrintId))?
        .collect::<Result<_, _>>()?;
    Ok(erased)
}

/// Returns the prints that a person deleted before `before`: nobody will want them back.
pub fn hidden_before(conn: &Connection, before: Timestamp) -> Result<Vec<PrintId>, StoreError> {
    let hidden = conn
        .prepare_cached(HIDDEN_BEFORE)?
        .query_map(named_params! { ":before": before.micros() }, |row| row.get(0).map(PrintId))?
        .collect::<Result<_, _>>()?;
    Ok(hidden)
}

/// Forgets the pictures of a print; its record, looks and answers stay.
pub fn pictures(tx: &Transaction<'_>, id: PrintId, now: Timestamp) -> Result<(), StoreError> {
    erased::note_frames(tx, frame::next_id(tx)?.get() - 1)?;
    tx.prepare_cached(DROP_FRAMES)?.execute(named_params! { ":id": id.get() })?;
    tx.prepare_cached(DROPPED)?.execute(named_params! { ":id": id.get(), ":now": now.micros() })?;
    Ok(())
}

/// Forgets what was seen of a film that was uploaded, so that it can be looked at anew.
pub fn what_was_seen(tx: &Transaction<'_>, id: PrintId) -> Result<(), StoreError> {
    erased::note_frames(tx, frame::next_id(tx)?.get() - 1)?;
    for sql in UNLOOKED {
        tx.prepare_cached(sql)?.execute(named_params! { ":id": id.get() })?;
    }
    Ok(())
}

/// Forgets the films of a print.
pub fn films(tx: &Transaction<'_>, id: PrintId) -> Result<(), StoreError> {
    tx.prepare_cached(DROP_FILMS)?.execute(named_params! { ":id": id.get() })?;
    Ok(())
}

/// Returns which of the numbers are prints, deleted ones too, and whether their pictures were dropped.
pub fn known(conn: &Connection, ids: &[PrintId]) -> Result<Vec<(PrintId, bool)>, StoreError> {
    let known = conn
        .prepare_cached(KNOWN)?
        .query_map(named_params! { ":ids": json(ids)? }, |row| Ok((PrintId(row.get(0)?), row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    Ok(known)
}

/// Returns what prints take, the largest first.
pub fn sizes(conn: &Connection, start: u32, limit: u32) -> Result<Vec<PrintSize>, StoreError> {
    let sizes = conn
        .prepare_cached(SIZES)?
        .query_map(named_params! { ":start": start, ":limit": limit }, |row| {
            Ok(PrintSize {
                print: PrintId(row.get("id")?),
                filename: row.get("filename")?,
                started_at: crate::convert::get_time(row, "started_at")?,
                kept: row.get("kept")?,
                num_frames: row.get("num_frames")?,
                frame_bytes: get_count(row, "frame_bytes")?,
                other_bytes: get_count(row, "other_bytes")?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(sizes)
}

/// Returns what all prints take, bytes.
pub fn total_bytes(conn: &Connection) -> Result<u64, StoreError> {
    let bytes: i64 = conn.prepare_cached(TOTAL)?.query_row([], |row| row.get(0))?;
    Ok(u64::try_from(bytes).unwrap_or(0))
}

/// Returns the prints that tidying up may touch, the oldest first.
pub fn dispensable(conn: &Connection) -> Result<Vec<Dispensable>, StoreError> {
    let prints = conn
        .prepare_cached(DISPENSABLE)?
        .query_map([], |row| {
            Ok(Dispensable {
                print: PrintId(row.get("id")?),
                started_at: crate::convert::get_time(row, "started_at")?,
                num_frames: row.get("num_frames")?,
                frame_bytes: get_count(row, "frame_bytes")?,
                other_bytes: get_count(row, "other_bytes")?,
                filmed: row.get::<_, Option<bool>>("filmed")?.unwrap_or(false),
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(prints)
}
