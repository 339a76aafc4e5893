//! What is kept of the watch besides looks: ignored areas, decisions, gaps, coverage.

use crate::StoreError;
use crate::convert::{get_json, get_time, json};
use domain::{CameraId, Decision, FrameId, IgnoreArea, PrintId, Timestamp, WatchCoverage, WatchGap};
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};
use std::collections::BTreeMap;

const IGNORED: &str = "select camera_id, areas from camera_ignore";

const IGNORE: &str = "
    insert into camera_ignore (camera_id, areas, updated_at) values (:camera_id, :areas, :updated_at)
    on conflict (camera_id) do update set areas = excluded.areas, updated_at = excluded.updated_at";

const DECISIONS: &str = "select * from watch_decision where print_id = :print_id order by frame_id";

const DECIDE: &str = "
    insert into watch_decision (print_id, frame_id, decided_at, paused, reasons)
    values (:print_id, :frame_id, :decided_at, :paused, :reasons) on conflict (print_id, frame_id) do nothing";

const GAPS: &str = "select * from watch_gap where print_id = :print_id order by from_at, id";

const ADD_GAP: &str = "
    insert into watch_gap (print_id, from_at, to_at, why) values (:print_id, :from_at, :to_at, :why)";

const COVERAGE: &str = "select * from watch_coverage where print_id = :print_id";

const PUT_COVERAGE: &str = "
    insert into watch_coverage (print_id, printing_secs, watched_secs)
    values (:print_id, :printing_secs, :watched_secs)
    on conflict (print_id) do update set
      printing_secs = excluded.printing_secs, watched_secs = excluded.watched_secs";

/// Returns the ignored areas of all cameras that have some.
pub fn ignored(conn: &Connection) -> Result<BTreeMap<CameraId, Vec<IgnoreArea>>, StoreError> {
    let areas = conn
        .prepare_cached(IGNORED)?
        .query_map([], |row| Ok((CameraId(row.get("camera_id")?), get_json(row, "areas")?)))?
        .collect::<Result<_, _>>()?;
    Ok(areas)
}

/// Replaces the ignored areas of a camera.
pub fn ignore(
    tx: &Transaction<'_>,
    camera: CameraId,
    areas: &[IgnoreArea],
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.prepare_cached(IGNORE)?.execute(
        named_params! { ":camera_id": camera.get(), ":areas": json(&areas)?, ":updated_at": now.micros() },
    )?;
    Ok(())
}

/// Returns the decisions about a print, oldest first.
pub fn decisions(conn: &Connection, print: PrintId) -> Result<Vec<Decision>, StoreError> {
    let decisions = conn
        .prepare_cached(DECISIONS)?
        .query_map(named_params! { ":print_id": print.get() }, |row| {
            Ok(Decision {
                print: PrintId(row.get("print_id")?),
                frame: FrameId(row.get("frame_id")?),
                at: get_time(row, "decided_at")?,
                paused: row.get("paused")?,
                reasons: get_json(row, "reasons")?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(decisions)
}

/// Keeps a decision; one about the same frame stays as it is.
pub fn decide(tx: &Transaction<'_>, decision: &Decision) -> Result<(), StoreError> {
    tx.prepare_cached(DECIDE)?.execute(named_params! {
        ":print_id": decision.print.get(),
        ":frame_id": decision.frame.get(),
        ":decided_at": decision.at.micros(),
        ":paused": decision.paused,
        ":reasons": json(&decision.reasons)?,
    })?;
    Ok(())
}

/// Returns when a print was not watched, oldest first.
pub fn gaps(conn: &Connection, print: PrintId) -> Result<Vec<WatchGap>, StoreError> {
    let gaps = conn
        .prepare_cached(GAPS)?
        .query_map(named_params! { ":print_id": print.get() }, |row| {
            Ok(WatchGap {
                print: PrintId(row.get("print_id")?),
                from: get_time(row, "from_at")?,
                to: get_time(row, "to_at")?,
                why: row.get("why")?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(gaps)
}

/// Keeps a time in which a print was not watched.
pub fn add_gap(tx: &Transaction<'_>, gap: &WatchGap) -> Result<(), StoreError> {
    tx.prepare_cached(ADD_GAP)?.execute(named_params! {
        ":print_id": gap.print.get(),
        ":from_at": gap.from.micros(),
        ":to_at": gap.to.micros(),
        ":why": gap.why,
    })?;
    Ok(())
}

/// Returns how much of a print was watched, `None` where nobody counted.
pub fn coverage(conn: &Connection, print: PrintId) -> Result<Option<WatchCoverage>, StoreError> {
    let coverage = conn
        .prepare_cached(COVERAGE)?
        .query_row(named_params! { ":print_id": print.get() }, |row| {
            Ok(WatchCoverage {
                print: PrintId(row.get("print_id")?),
                printing_secs: row.get("printing_secs")?,
                watched_secs: row.get("watched_secs")?,
            })
        })
        .optional()?;
    Ok(coverage)
}

/// Keeps how much of a print was watched; newer figures replace older ones.
pub fn put_coverage(tx: &Transaction<'_>, coverage: &WatchCoverage) -> Result<(), StoreError> {
    tx.prepare_cached(PUT_COVERAGE)?.execute(named_params! {
        ":print_id": coverage.print.get(),
        ":printing_secs": coverage.printing_secs,
        ":watched_secs": coverage.watched_secs,
    })?;
    Ok(())
}
