//! How it stands with the films of prints.

use crate::StoreError;
use crate::convert::{get_json, get_opt_word, json, word};
use domain::{FilmState, PrintId, TimelapseOptions};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

const GET: &str = "
    select film_state, film_why, film_options,
      coalesce((select num_frames from print_media where print_id = print.id), 0) as num_frames,
      uploaded_at is not null as uploaded
    from print where id = :id and deleted is null";

const SET: &str = "update print set film_state = :state, film_why = :why where id = :id";

const SET_OPTIONS: &str = "update print set film_options = :options where id = :id";

const WAITING: &str = "select id from print where film_state = 'waiting' and deleted is null order by id";

/// What is stored of the film of a print.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FilmRow {
    /// How it stands; `None` when it was never asked for.
    pub state: Option<FilmState>,
    /// Why there is none.
    pub why: Option<String>,
    /// How it is made, where a person chose so for this print.
    pub options: Option<TimelapseOptions>,
    /// Kept pictures.
    pub num_frames: u32,
    /// It was uploaded: a film that is looked at, not one that is made.
    pub uploaded: bool,
}

/// Returns what is known of the film of a print, `None` when there is no such print.
pub fn get(conn: &Connection, print: PrintId) -> Result<Option<FilmRow>, StoreError> {
    let row = conn
        .prepare_cached(GET)?
        .query_row(named_params! { ":id": print.get() }, |row| {
            let options = match row.get_ref("film_options")? {
                ValueRef::Null => None,
                ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_) => {
                    Some(get_json(row, "film_options")?)
                }
            };
            Ok(FilmRow {
                state: get_opt_word(row, "film_state")?,
                why: row.get("film_why")?,
                options,
                num_frames: row.get("num_frames")?,
                uploaded: row.get("uploaded")?,
            })
        })
        .optional()?;
    Ok(row)
}

/// Returns the prints whose films were asked for and not made, the oldest first.
pub fn waiting(conn: &Connection) -> Result<Vec<PrintId>, StoreError> {
    let ids = conn
        .prepare_cached(WAITING)?
        .query_map([], |row| row.get(0).map(PrintId))?
        .collect::<Result<_, _>>()?;
    Ok(ids)
}

/// Keeps how it stands with the film of a print.
pub fn set(
    tx: &Transaction<'_>,
    print: PrintId,
    state: FilmState,
    why: Option<&str>,
) -> Result<(), StoreError> {
    let params = named_params! { ":id": print.get(), ":state": word(&state)?, ":why": why };
    tx.prepare_cached(SET)?.execute(params)?;
    Ok(())
}

/// Keeps how the film of this print is to be made; `None` is as set for all.
pub fn set_options(
    tx: &Transaction<'_>,
    print: PrintId,
    options: Option<&TimelapseOptions>,
) -> Result<(), StoreError> {
    let options = options.map(json).transpose()?;
    tx.prepare_cached(SET_OPTIONS)?.execute(named_params! { ":id": print.get(), ":options": options })?;
    Ok(())
}
