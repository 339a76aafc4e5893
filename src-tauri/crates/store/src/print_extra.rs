//! What people add to a past print, and what is counted of it: all that the hub, which writes the row of a print as a
//! whole, must not touch.

use crate::StoreError;
use crate::convert::{get_json, get_opt_time, get_opt_word, json};
use domain::{FilmState, PrintId, Timestamp};
use rusqlite::{Connection, Transaction, named_params};
use std::collections::BTreeMap;

/// Longest notes, characters.
pub const LONGEST_NOTES: usize = 10_000;
/// Tags of a print at most.
pub const MOST_TAGS: usize = 20;
/// Longest tag, characters.
pub const LONGEST_TAG: usize = 40;

const OF: &str = "
    select print.id, notes, tags, reason, kept, pictures_dropped_at, film_state, film_why,
      coalesce(num_frames, 0) as num_frames, coalesce(frame_bytes + other_bytes, 0) as media_bytes,
      case when printing_secs > 0 then min(watched_secs / printing_secs, 1.0) end as watched,
      (select count(*) from watch_decision d where d.print_id = print.id) as alerts
    from print left join print_media on print_media.print_id = print.id
      left join watch_coverage on watch_coverage.print_id = print.id
    where print.id in (select value from json_each(:ids))";

const SET_NOTES: &str = "update print set notes = :notes where id = :id";

const SET_TAGS: &str = "update print set tags = :tags where id = :id";

const SET_REASON: &str = "update print set reason = :reason where id = :id";

const SET_KEPT: &str = "update print set kept = :kept where id = :id";

const SET_OTHER_BYTES: &str = "
    insert into print_media (print_id, other_bytes) values (:print_id, :num_bytes)
    on conflict (print_id) do update set other_bytes = excluded.other_bytes";

const ALL_TAGS: &str = "
    select distinct value from print, json_each(print.tags) where print.deleted is null order by value limit 200";

/// What is kept of a print beside its row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrintExtra {
    /// A person's own words.
    pub notes: String,
    /// A person's own marks.
    pub tags: Vec<String>,
    /// Why it failed, in the person's own word.
    pub reason: Option<String>,
    /// Left alone when tidying up.
    pub kept: bool,
    /// When its pictures were dropped.
    pub pictures_dropped_at: Option<Timestamp>,
    /// How it stands with its film.
    pub film_state: Option<FilmState>,
    /// Why there is none.
    pub film_why: Option<String>,
    /// Kept pictures.
    pub num_frames: u32,
    /// Bytes of pictures, films and looks.
    pub media_bytes: u64,
    /// Share of its printing that was watched, 0 to 1; `None` when nobody counted.
    pub watched: Option<f64>,
    /// Alerts of the watch.
    pub alerts: u32,
}

/// Returns what is kept of prints beside their rows.
pub fn of(conn: &Connection, prints: &[PrintId]) -> Result<BTreeMap<PrintId, PrintExtra>, StoreError> {
    let extras = conn
        .prepare_cached(OF)?
        .query_map(named_params! { ":ids": json(prints)? }, |row| {
            let extra = PrintExtra {
                notes: row.get("notes")?,
                tags: get_json(row, "tags")?,
                reason: row.get("reason")?,
                kept: row.get("kept")?,
                pictures_dropped_at: get_opt_time(row, "pictures_dropped_at")?,
                film_state: get_opt_word(row, "film_state")?,
                film_why: row.get("film_why")?,
                num_frames: row.get("num_frames")?,
                media_bytes: crate::convert::get_count(row, "media_bytes")?,
                watched: row.get("watched")?,
                alerts: row.get("alerts")?,
            };
            Ok((PrintId(row.get("id")?), extra))
        })?
        .collect::<Result<_, _>>()?;
    Ok(extras)
}

/// Keeps a person's words about a print.
pub fn set_notes(tx: &Transaction<'_>, id: PrintId, notes: &str) -> Result<(), StoreError> {
    tx.prepare_cached(SET_NOTES)?.execute(named_params! { ":id": id.get(), ":notes": notes })?;
    Ok(())
}

/// Keeps a person's marks of a print.
pub fn set_tags(tx: &Transaction<'_>, id: PrintId, tags: &[String]) -> Result<(), StoreError> {
    tx.prepare_cached(SET_TAGS)?.execute(named_params! { ":id": id.get(), ":tags": json(tags)? })?;
    Ok(())
}

/// Keeps why a print failed; `None`: it is not said any more.
pub fn set_reason(tx: &Transaction<'_>, id: PrintId, reason: Option<&str>) -> Result<(), StoreError> {
    tx.prepare_cached(SET_REASON)?.execute(named_params! { ":id": id.get(), ":reason": reason })?;
    Ok(())
}

/// Keeps whether tidying up leaves a print alone.
pub fn set_kept(tx: &Transaction<'_>, id: PrintId, kept: bool) -> Result<(), StoreError> {
    tx.prepare_cached(SET_KEPT)?.execute(named_params! { ":id": id.get(), ":kept": kept })?;
    Ok(())
}

/// Keeps how many bytes a print takes beside its pictures: films, clips, looks.
pub fn set_other_bytes(tx: &Transaction<'_>, id: PrintId, num_bytes: u64) -> Result<(), StoreError> {
    let params = named_params! { ":print_id": id.get(), ":num_bytes": crate::convert::int(num_bytes) };
    tx.prepare_cached(SET_OTHER_BYTES)?.execute(params)?;
    Ok(())
}

/// Returns all marks in use, in the order of the alphabet.
pub fn all_tags(conn: &Connection) -> Result<Vec<String>, StoreError> {
    let tags = conn.prepare_cached(ALL_TAGS)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(tags)
}
