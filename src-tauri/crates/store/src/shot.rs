//! Shots: frames of a print that a person is asked about.

use crate::StoreError;
use crate::convert::{get_opt_time, get_opt_word, json, opt_word};
use domain::{PrintId, PrintShotFeedback, ShotAnswer, ShotId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

const OF_PRINT: &str = "select * from print_shot_feedback where print_id = :print_id order by id";

const NEWEST: &str = "select * from print_shot_feedback order by id desc limit :most";

const GET: &str = "select * from print_shot_feedback where id = :id";

const OPEN_OF: &str = "
    select distinct print_id from print_shot_feedback
    where answer is null and print_id in (select value from json_each(:ids))
    order by print_id";

const INSERT: &str = "
    insert into print_shot_feedback (print_id, image_url) values (:print_id, :image_url)
    on conflict (print_id, image_url) do update set image_url = excluded.image_url
    returning id";

const ANSWER: &str = "
    update print_shot_feedback set answer = :answer, answered_at = :answered_at where id = :id";

/// Returns the shots of a print.
pub fn of_print(conn: &Connection, print: PrintId) -> Result<Vec<PrintShotFeedback>, StoreError> {
    let params = named_params! { ":print_id": print.get() };
    let shots = conn.prepare_cached(OF_PRINT)?.query_map(params, from_row)?.collect::<Result<_, _>>()?;
    Ok(shots)
}

/// Returns the newest shots of all prints, newest first.
pub fn newest(conn: &Connection, most: u32) -> Result<Vec<PrintShotFeedback>, StoreError> {
    let params = named_params! { ":most": most };
    let shots = conn.prepare_cached(NEWEST)?.query_map(params, from_row)?.collect::<Result<_, _>>()?;
    Ok(shots)
}

/// Returns one shot.
pub fn get(conn: &Connection, id: ShotId) -> Result<Option<PrintShotFeedback>, StoreError> {
    Ok(conn.prepare_cached(GET)?.query_row(named_params! { ":id": id.get() }, from_row).optional()?)
}

/// Returns which of the prints have a shot without an answer, by number.
pub fn open_of(conn: &Connection, prints: &[PrintId]) -> Result<Vec<PrintId>, StoreError> {
    let params = named_params! { ":ids": json(prints)? };
    let open = conn
        .prepare_cached(OPEN_OF)?
        .query_map(params, |row| row.get(0).map(PrintId))?
        .collect::<Result<_, _>>()?;
    Ok(open)
}

/// Adds a shot without an answer and returns its number; the same frame again keeps its number and answer.
pub fn insert(tx: &Transaction<'_>, print: PrintId, image_url: &str) -> Result<ShotId, StoreError> {
    let params = named_params! { ":print_id": print.get(), ":image_url": image_url };
    Ok(ShotId(tx.prepare_cached(INSERT)?.query_row(params, |row| row.get(0))?))
}

/// Keeps an answer; `None` takes it back.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such shot.
pub fn answer(
    tx: &Transaction<'_>,
    id: ShotId,
    answer: Option<ShotAnswer>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let changed = tx.prepare_cached(ANSWER)?.execute(named_params! {
        ":id": id.get(),
        ":answer": opt_word(&answer)?,
        ":answered_at": answer.map(|_| now.micros()),
    })?;
    if changed == 0 { Err(StoreError::NotFound { what: "shot", id: id.get() }) } else { Ok(()) }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<PrintShotFeedback> {
    Ok(PrintShotFeedback {
        id: ShotId(row.get("id")?),
        print_id: PrintId(row.get("print_id")?),
        image_url: row.get("image_url")?,
        answer: get_opt_word(row, "answer")?,
        answered_at: get_opt_time(row, "answered_at")?,
    })
}
