//! A person's answers about frames, and what they have looked at in the review: who answers has looked.

use crate::StoreError;
use crate::convert::{get_time, get_word, word};
use domain::{FrameAnswer, FrameFeedback, FrameId, PrintId, ReviewKind, ReviewRef, Timestamp};
use rusqlite::{Connection, Transaction, named_params};

const FEEDBACK: &str = "select * from frame_feedback where print_id = :print_id order by frame_id";

const PUT_FEEDBACK: &str = "
    insert into frame_feedback (print_id, frame_id, answer, answered_at)
    values (:print_id, :frame_id, :answer, :answered_at)
    on conflict (print_id, frame_id) do update set answer = excluded.answer, answered_at = excluded.answered_at";

const DROP_FEEDBACK: &str = "
    delete from frame_feedback where print_id = :print_id and frame_id = :frame_id";

const MARK_ALERT: &str = "
    update watch_decision set reviewed_at = :at where print_id = :print_id and frame_id = :id
      and (:at is null or reviewed_at is null)";

const MARK_SIGHTING: &str = "
    update sighting set reviewed_at = :at where print_id = :print_id and frame_id = :id
      and (:at is null or reviewed_at is null)";

const MARK_GAP: &str = "
    update watch_gap set reviewed_at = :at where print_id = :print_id and id = :id
      and (:at is null or reviewed_at is null)";

/// Returns a person's answers about the frames of a print.
pub fn of_print(conn: &Connection, print: PrintId) -> Result<Vec<FrameFeedback>, StoreError> {
    let answers = conn
        .prepare_cached(FEEDBACK)?
        .query_map(named_params! { ":print_id": print.get() }, |row| {
            Ok(FrameFeedback {
                print: PrintId(row.get("print_id")?),
                frame: FrameId(row.get("frame_id")?),
                answer: get_word(row, "answer")?,
                answered_at: get_time(row, "answered_at")?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(answers)
}

/// Keeps an answer about a frame; a newer one replaces it.
pub fn put(tx: &Transaction<'_>, feedback: &FrameFeedback) -> Result<(), StoreError> {
    tx.prepare_cached(PUT_FEEDBACK)?.execute(named_params! {
        ":print_id": feedback.print.get(),
        ":frame_id": feedback.frame.get(),
        ":answer": word(&feedback.answer)?,
        ":answered_at": feedback.answered_at.micros(),
    })?;
    // Who answers has looked at it, in an alert as in the review.
    let of_frame = |kind| ReviewRef { kind, print: feedback.print, id: feedback.frame.get() };
    let seen = [of_frame(ReviewKind::Alert), of_frame(ReviewKind::Sighting)];
    mark(tx, &seen, Some(feedback.answered_at))?;
    Ok(())
}

/// Takes an answer about a frame back, if there is one.
pub fn take_back(tx: &Transaction<'_>, print: PrintId, frame: FrameId) -> Result<(), StoreError> {
    let params = named_params! { ":print_id": print.get(), ":frame_id": frame.get() };
    tx.prepare_cached(DROP_FEEDBACK)?.execute(params)?;
    Ok(())
}

/// Notes that items were looked at (`Some`; when before, that stays), or takes it back. Returns how many changed.
pub fn mark(tx: &Transaction<'_>, items: &[ReviewRef], at: Option<Timestamp>) -> Result<usize, StoreError> {
    let mut changed = 0;
    for item in items {
        let sql = match item.kind {
            ReviewKind::Alert => MARK_ALERT,
            ReviewKind::Sighting => MARK_SIGHTING,
            ReviewKind::Gap => MARK_GAP,
        };
        changed += tx.prepare_cached(sql)?.execute(named_params! {
            ":at": at.map(Timestamp::micros),
            ":print_id": item.print.get(),
            ":id": item.id,
        })?;
    }
    Ok(changed)
}

/// Keeps a person's answer to each item that has a frame, or takes it back; that is looking at it, too.
pub fn put_all(
    tx: &Transaction<'_>,
    items: &[ReviewRef],
    answer: Option<FrameAnswer>,
    now: Timestamp,
) -> Result<(), StoreError> {
    for item in items {
        let frame = match item.kind {
            ReviewKind::Alert | ReviewKind::Sighting => FrameId(item.id),
            ReviewKind::Gap => continue,
        };
        match answer {
            Some(answer) => {
                put(tx, &FrameFeedback { print: item.print, frame, answer, answered_at: now })?;
            }
            None => take_back(tx, item.print, frame)?,
        }
    }
    mark(tx, items, Some(now))?;
    Ok(())
}
