//! The scales of cameras: by what the looks of a print were judged, and what its calm minutes taught.
//!
//! Which prints teach is read from the prints themselves, so that an answer of a person counts whenever it comes.

use crate::StoreError;
use crate::convert::{get_json, get_time, json};
use domain::{CameraId, CameraScale, PrintId, PrintScale, Taught, Teaches};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};

/// Newest prints of a camera that are looked at: those of them that teach make its scale.
const NEWEST: u32 = 16;
/// Bytes of a scale at most, unpacked.
const MOST_BYTES: u64 = 4 << 20;

const BEGIN: &str = "
    insert into print_scale (print_id, camera_id, since_at, calibration, bend, known)
    values (:print_id, :camera_id, :since_at, :calibration, :bend, :known) on conflict (print_id) do nothing";

const TEACH: &str = "update print_scale set taught = :taught where print_id = :print_id";

const FORGET: &str = "update print_scale set taught = null where camera_id = :camera_id";

const GET: &str = "select * from print_scale where print_id = :print_id";

const JUDGED: &str = "select print_id from print_scale";

const TAUGHT: &str = "
    select camera_id, print_id, taught, teaches from (
      select s.camera_id, s.print_id, s.taught,
        case when p.alert_overwrite = 'FAILED' then 'not'
             when p.alert_overwrite = 'NOT_FAILED' then 'answered'
             when p.finished_at is not null and p.alerted_at is null then 'ended_well'
             else 'not' end as teaches,
        row_number() over (partition by s.camera_id order by s.print_id desc) as place
      from print_scale s join print p on p.id = s.print_id
      where s.taught is not null and s.camera_id is not null and (p.finished_at is not null or p.cancelled_at is not null)
    ) where place <= :newest order by camera_id, print_id desc";

/// Keeps by what scale a print is judged; the first one stays.
pub fn begin(tx: &Transaction<'_>, scale: &PrintScale) -> Result<(), StoreError> {
    tx.prepare_cached(BEGIN)?.execute(named_params! {
        ":print_id": scale.print.get(),
        ":camera_id": scale.camera.map(CameraId::get),
        ":since_at": scale.since.micros(),
        ":calibration": json(&scale.calibration)?,
        ":bend": scale.bend,
        ":known": scale.known.as_ref().map(pack).transpose()?,
    })?;
    Ok(())
}

/// Keeps what the calm minutes of a print showed.
pub fn teach(tx: &Transaction<'_>, print: PrintId, taught: &CameraScale) -> Result<(), StoreError> {
    let taught = pack(taught)?;
    tx.prepare_cached(TEACH)?.execute(named_params! { ":print_id": print.get(), ":taught": taught })?;
    Ok(())
}

/// Forgets what all prints taught of a camera. By what they were judged stays known.
pub fn forget(tx: &Transaction<'_>, camera: CameraId) -> Result<(), StoreError> {
    tx.prepare_cached(FORGET)?.execute(named_params! { ":camera_id": camera.get() })?;
    Ok(())
}

/// Returns by what scale a print was judged; `None` for prints of before there were scales.
pub fn of_print(conn: &Connection, print: PrintId) -> Result<Option<PrintScale>, StoreError> {
    let read = |row: &Row<'_>| {
        let known: Option<Vec<u8>> = row.get("known")?;
        Ok(PrintScale {
            print: PrintId(row.get("print_id")?),
            camera: row.get::<_, Option<i64>>("camera_id")?.map(CameraId),
            since: get_time(row, "since_at")?,
            calibration: get_json(row, "calibration")?,
            bend: row.get("bend")?,
            known: known.map(|bytes| unpack(&bytes)).transpose()?,
        })
    };
    Ok(conn.prepare_cached(GET)?.query_row(named_params! { ":print_id": print.get() }, read).optional()?)
}

/// Returns all prints of which is known by what scale they were judged.
pub fn judged(conn: &Connection) -> Result<BTreeSet<PrintId>, StoreError> {
    let ids = conn
        .prepare_cached(JUDGED)?
        .query_map([], |row| row.get(0).map(PrintId))?
        .collect::<Result<_, _>>()?;
    Ok(ids)
}

/// Returns what the newest prints of each camera taught, newest first, those that teach nothing among them.
pub fn taught(conn: &Connection) -> Result<BTreeMap<CameraId, Vec<Taught>>, StoreError> {
    let mut of_camera: BTreeMap<CameraId, Vec<Taught>> = BTreeMap::new();
    let mut query = conn.prepare_cached(TAUGHT)?;
    let mut rows = query.query(named_params! { ":newest": NEWEST })?;
    while let Some(row) = rows.next()? {
        let bytes: Vec<u8> = row.get("taught")?;
        let teaches: String = row.get("teaches")?;
        let taught = Taught {
            print: PrintId(row.get("print_id")?),
            scale: unpack(&bytes)?,
            teaches: Teaches::of_word(&teaches).unwrap_or(Teaches::Not),
        };
        of_camera.entry(CameraId(row.get("camera_id")?)).or_default().push(taught);
    }
    Ok(of_camera)
}

fn pack(scale: &CameraScale) -> rusqlite::Result<Vec<u8>> {
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::default());
    let written = packed.write_all(json(scale)?.as_bytes()).and_then(|()| packed.finish());
    written.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

fn unpack(bytes: &[u8]) -> rusqlite::Result<CameraScale> {
    let damaged = |error: Box<dyn std::error::Error + Send + Sync>| {
        rusqlite::Error::FromSqlConversionFailure(0, Type::Blob, error)
    };
    let mut text = Vec::new();
    DeflateDecoder::new(bytes).take(MOST_BYTES).read_to_end(&mut text).map_err(|e| damaged(e.into()))?;
    serde_json::from_slice(&text).map_err(|e| damaged(e.into()))
}
