//! Looks: one row an analysed frame of a print.

use crate::convert::{get_json, get_opt_count, get_time, int, json};
use crate::{StoreError, prediction};
use domain::{FrameId, LookRow, PredictionState, PrintId, Timestamp};
use rusqlite::{Connection, Row, Transaction, named_params};
use serde_json::{Value, json as value};

const OF_PRINT: &str = "select * from look where print_id = :print_id order by frame_id";

const BETWEEN: &str = "
    select * from look
    where print_id = :print_id and taken_at >= :from_at and taken_at < :to_at order by frame_id";

// The looks of deleted prints count too: their frames keep their numbers. One seek a print instead of a full scan.
const LARGEST: &str = "
    select max((select max(frame_id) from look where look.print_id = print.id)) from print";

const PREDICTION_CREATED: &str = "
    select coalesce(
      (select created_at from printer_prediction p where p.printer_id = print.printer_id), print.started_at
    ) from print where id = :print_id";

const INSERT: &str = "
    insert into look (
      print_id, frame_id, printer_id, taken_at, probability, p, current_frame_num, lifetime_frame_num, current_p,
      ewm_mean, rolling_mean_short, rolling_mean_long, normalized_p, updated_at, boxes, line, layer_idx
    ) values (
      :print_id, :frame_id, :printer_id, :taken_at, :probability, :p, :current_frame_num, :lifetime_frame_num,
      :current_p, :ewm_mean, :rolling_mean_short, :rolling_mean_long, :normalized_p, :updated_at, :boxes, :line,
      :layer_idx
    ) on conflict (print_id, frame_id) do nothing";

const DELETE_OF_PRINT: &str = "delete from look where print_id = :print_id";

/// Returns all looks of a print, oldest first.
pub fn of_print(conn: &Connection, print: PrintId) -> Result<Vec<LookRow>, StoreError> {
    let params = named_params! { ":print_id": print.get() };
    let looks = conn.prepare_cached(OF_PRINT)?.query_map(params, from_row)?.collect::<Result<_, _>>()?;
    Ok(looks)
}

/// Returns the looks of a print at or after `from` and before `to`, oldest first.
pub fn between(
    conn: &Connection,
    print: PrintId,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<LookRow>, StoreError> {
    let params = named_params! { ":print_id": print.get(), ":from_at": from.micros(), ":to_at": to.micros() };
    let looks = conn.prepare_cached(BETWEEN)?.query_map(params, from_row)?.collect::<Result<_, _>>()?;
    Ok(looks)
}

/// Returns the largest frame number of any look, if there is one.
pub(crate) fn largest_frame(conn: &Connection) -> Result<Option<i64>, StoreError> {
    Ok(conn.query_row(LARGEST, [], |row| row.get(0))?)
}

/// Appends a look; one that is there already stays as it is.
pub fn insert(tx: &Transaction<'_>, look: &LookRow) -> Result<(), StoreError> {
    tx.prepare_cached(INSERT)?.execute(named_params! {
        ":print_id": look.print.get(),
        ":frame_id": look.frame.get(),
        ":printer_id": Some(look.state.printer.get()).filter(|id| *id > 0),
        ":taken_at": look.taken_at.micros(),
        ":probability": look.probability,
        ":p": look.p,
        ":current_frame_num": look.state.current_frame_num,
        ":lifetime_frame_num": look.state.lifetime_frame_num,
        ":current_p": look.state.current_p,
        ":ewm_mean": look.state.ewm_mean,
        ":rolling_mean_short": look.state.rolling_mean_short,
        ":rolling_mean_long": look.state.rolling_mean_long,
        ":normalized_p": look.state.normalized_p,
        ":updated_at": look.state.updated_at.micros(),
        ":boxes": json(&look.boxes)?,
        ":line": look.line.map(int),
        ":layer_idx": look.layer_idx,
    })?;
    Ok(())
}

/// Erases the looks of a print, to win space; returns how many there were.
pub fn delete_of_print(tx: &Transaction<'_>, print: PrintId) -> Result<usize, StoreError> {
    Ok(tx.prepare_cached(DELETE_OF_PRINT)?.execute(named_params! { ":print_id": print.get() })?)
}

/// Returns the detection result of a print frame by frame, in the shape of Obico's `prediction_json`: an array with
/// one item a look, empty when nothing was looked at.
pub fn prediction_json(conn: &Connection, print: PrintId) -> Result<Value, StoreError> {
    let created_at = conn
        .prepare_cached(PREDICTION_CREATED)?
        .query_map(named_params! { ":print_id": print.get() }, |row| row.get(0))?
        .next()
        .transpose()?
        .map(Timestamp::from_micros);
    let Some(created_at) = created_at else { return Ok(Value::Array(Vec::new())) };
    let items =
        of_print(conn, print)?.iter().map(|look| item(&look.state, look.taken_at, created_at)).collect();
    Ok(Value::Array(items))
}

fn item(state: &PredictionState, taken_at: Timestamp, created_at: Timestamp) -> Value {
    value!({
        "model": "app.printerprediction",
        "pk": Some(state.printer).filter(|id| id.get() > 0),
        "fields": {
            "current_frame_num": state.current_frame_num,
            "lifetime_frame_num": state.lifetime_frame_num,
            "current_p": state.current_p,
            "ewm_mean": state.ewm_mean,
            "rolling_mean_long": state.rolling_mean_long,
            "rolling_mean_short": state.rolling_mean_short,
            "normalized_p": state.normalized_p,
            "created_at": created_at,
            "updated_at": taken_at,
        },
    })
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<LookRow> {
    Ok(LookRow {
        print: PrintId(row.get("print_id")?),
        frame: FrameId(row.get("frame_id")?),
        taken_at: get_time(row, "taken_at")?,
        probability: row.get("probability")?,
        p: row.get("p")?,
        state: prediction::from_row(row)?,
        boxes: get_json(row, "boxes")?,
        line: get_opt_count(row, "line")?,
        layer_idx: row.get("layer_idx")?,
    })
}
