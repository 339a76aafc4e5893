//! Kept frames: which picture lies where. The pictures themselves are files of the data folder.

use crate::convert::{get_count, get_opt_count, get_time, int, json};
use crate::{StoreError, erased, look};
use domain::{CameraId, FrameId, FrameRow, PrintId};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

const OF_PRINT: &str = "
    select * from frame
    where print_id = :print_id and (:whys = '[]' or why in (select value from json_each(:whys)))
    order by id";

const GET: &str = "select * from frame where id = :id order by print_id limit 1";

const GET_OF_PRINT: &str = "select * from frame where print_id = :print_id and id = :id";

const THINNED: &str = "
    select id from (
      select id, row_number() over (partition by why order by id) as place from frame
      where print_id = :print_id and why in ('film', 'layer')
    ) where place % 2 = 0";

const LARGEST: &str = "select max(id) from frame";

// A frame kept twice has the weightier reason: the later one in the list.
const INSERT: &str = "
    insert into frame (
      print_id, id, camera_id, taken_at, path, width, height, num_bytes, why, line, layer_idx
    ) values (
      :print_id, :id, :camera_id, :taken_at, :path, :width, :height, :num_bytes, :why, :line, :layer_idx
    ) on conflict (print_id, id) do update set why = excluded.why
      where instr('film layer poster suspicious alert', excluded.why)
        > instr('film layer poster suspicious alert', frame.why)";

const DELETE: &str = "
    delete from frame where print_id = :print_id and id in (select value from json_each(:ids))";

const TOTAL_BYTES: &str = "
    select coalesce(sum(num_bytes), 0) as num_bytes from frame where :print_id is null or print_id = :print_id";

/// Returns the kept frames of a print, oldest first: those kept for one of the reasons, or all when none is named.
pub fn of_print(conn: &Connection, print: PrintId, whys: &[&str]) -> Result<Vec<FrameRow>, StoreError> {
    let params = named_params! { ":print_id": print.get(), ":whys": json(whys)? };
    let frames = conn.prepare_cached(OF_PRINT)?.query_map(params, from_row)?.collect::<Result<_, _>>()?;
    Ok(frames)
}

/// Returns a kept frame by its number, of whichever print it was kept for.
pub fn get(conn: &Connection, id: FrameId) -> Result<Option<FrameRow>, StoreError> {
    Ok(conn.prepare_cached(GET)?.query_row(named_params! { ":id": id.get() }, from_row).optional()?)
}

/// Returns a kept frame of a print.
pub fn get_of_print(conn: &Connection, print: PrintId, id: FrameId) -> Result<Option<FrameRow>, StoreError> {
    let params = named_params! { ":print_id": print.get(), ":id": id.get() };
    Ok(conn.prepare_cached(GET_OF_PRINT)?.query_row(params, from_row).optional()?)
}

/// Returns every second of the frames that were kept for the film of a print, and every second of the first of its
/// layers.
pub fn every_second(conn: &Connection, print: PrintId) -> Result<Vec<FrameId>, StoreError> {
    let params = named_params! { ":print_id": print.get() };
    let ids = conn
        .prepare_cached(THINNED)?
        .query_map(params, |row| row.get(0).map(FrameId))?
        .collect::<Result<_, _>>()?;
    Ok(ids)
}

/// Returns the number of the next frame: above every one that was looked at or kept.
pub fn next_id(conn: &Connection) -> Result<FrameId, StoreError> {
    let kept: Option<i64> = conn.query_row(LARGEST, [], |row| row.get(0))?;
    let known = kept.max(look::largest_frame(conn)?).unwrap_or(0);
    Ok(FrameId(known.max(erased::largest_frame(conn)?.get()) + 1))
}

/// Returns how many bytes the kept pictures take, of one print or of all.
pub fn total_bytes(conn: &Connection, print: Option<PrintId>) -> Result<u64, StoreError> {
    let params = named_params! { ":print_id": print.map(PrintId::get) };
    Ok(conn.prepare_cached(TOTAL_BYTES)?.query_row(params, |row| get_count(row, "num_bytes"))?)
}

/// Records a kept frame. One that was kept before gets the weightier of the two reasons.
pub fn insert(tx: &Transaction<'_>, frame: &FrameRow) -> Result<(), StoreError> {
    tx.prepare_cached(INSERT)?.execute(named_params! {
        ":print_id": frame.print.get(),
        ":id": frame.id.get(),
        ":camera_id": frame.camera.get(),
        ":taken_at": frame.taken_at.micros(),
        ":path": frame.path,
        ":width": frame.width,
        ":height": frame.height,
        ":num_bytes": int(frame.num_bytes),
        ":why": frame.why,
        ":line": frame.line.map(int),
        ":layer_idx": frame.layer_idx,
    })?;
    Ok(())
}

/// Forgets kept frames of a print, before or after their pictures are removed; returns how many there were.
pub fn delete(tx: &Transaction<'_>, print: PrintId, ids: &[FrameId]) -> Result<usize, StoreError> {
    let params = named_params! { ":print_id": print.get(), ":ids": json(ids)? };
    Ok(tx.prepare_cached(DELETE)?.execute(params)?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<FrameRow> {
    Ok(FrameRow {
        id: FrameId(row.get("id")?),
        print: PrintId(row.get("print_id")?),
        camera: CameraId(row.get("camera_id")?),
        taken_at: get_time(row, "taken_at")?,
        path: row.get("path")?,
        width: row.get("width")?,
        height: row.get("height")?,
        num_bytes: get_count(row, "num_bytes")?,
        why: row.get("why")?,
        line: get_opt_count(row, "line")?,
        layer_idx: row.get("layer_idx")?,
    })
}
