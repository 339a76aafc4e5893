//! Cameras: one row a camera.

use crate::convert::{get_json, json};
use crate::{StoreError, backup, scale};
use domain::{Camera, CameraId, Crop, Rotation};
use rusqlite::types::Type;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, Transaction, named_params};
use std::path::Path;

const LIST: &str = "select * from camera order by id";

const GET: &str = "select * from camera where id = :id";

const INSERT: &str = "
    insert into camera (name, source, rotation, flip_h, flip_v)
    values (:name, :source, :rotation, :flip_h, :flip_v)";

const UPDATE: &str = "
    update camera set name = :name, source = :source, rotation = :rotation, flip_h = :flip_h, flip_v = :flip_v
    where id = :id";

// Apart from the others: copies of earlier versions, whose other columns are rewritten, do not have it.
const CROP: &str = "update camera set crop = :crop where id = :id";

const DELETE: &str = "delete from camera where id = :id";

/// Returns all cameras by number.
pub fn list(conn: &Connection) -> Result<Vec<Camera>, StoreError> {
    let cameras = conn.prepare_cached(LIST)?.query_map([], from_row)?.collect::<Result<_, _>>()?;
    Ok(cameras)
}

/// Returns one camera.
pub fn get(conn: &Connection, id: CameraId) -> Result<Option<Camera>, StoreError> {
    Ok(conn.prepare_cached(GET)?.query_row(named_params! { ":id": id.get() }, from_row).optional()?)
}

/// Adds a camera and returns its number; the one in `camera` is not looked at.
pub fn insert(tx: &Transaction<'_>, camera: &Camera) -> Result<CameraId, StoreError> {
    tx.prepare_cached(INSERT)?.execute(named_params! {
        ":name": camera.name,
        ":source": json(&camera.source)?,
        ":rotation": u16::from(camera.rotation),
        ":flip_h": camera.flip_h,
        ":flip_v": camera.flip_v,
    })?;
    let id = CameraId(tx.last_insert_rowid());
    put_crop(tx, id, camera.crop)?;
    Ok(id)
}

fn put_crop(tx: &Transaction<'_>, id: CameraId, crop: Option<Crop>) -> Result<(), StoreError> {
    let crop = crop.as_ref().map(json).transpose()?;
    tx.prepare_cached(CROP)?.execute(named_params! { ":id": id.get(), ":crop": crop })?;
    Ok(())
}

/// Replaces the settings of a camera. When its pictures are others now, what was learnt of it is forgotten.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such camera.
pub fn update(tx: &Transaction<'_>, camera: &Camera) -> Result<(), StoreError> {
    // Another picture: what was learnt of the old one says nothing of it.
    if get(tx, camera.id)?.is_some_and(|old| !old.shows_as(camera)) {
        scale::forget(tx, camera.id)?;
    }
    put_row(tx, camera)?;
    put_crop(tx, camera.id, camera.crop)
}

fn put_row(tx: &Transaction<'_>, camera: &Camera) -> Result<(), StoreError> {
    let changed = tx.prepare_cached(UPDATE)?.execute(named_params! {
        ":id": camera.id.get(),
        ":name": camera.name,
        ":source": json(&camera.source)?,
        ":rotation": u16::from(camera.rotation),
        ":flip_h": camera.flip_h,
        ":flip_v": camera.flip_v,
    })?;
    found(camera.id, changed)
}

/// Removes a camera; printers that watched it watch none, kept frames stay.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such camera.
pub fn delete(tx: &Transaction<'_>, id: CameraId) -> Result<(), StoreError> {
    found(id, tx.prepare_cached(DELETE)?.execute(named_params! { ":id": id.get() })?)
}

/// Has what this transaction replaces overwritten on the disk instead of left in free pages.
pub fn forget_for_good(tx: &Transaction<'_>) -> Result<(), StoreError> {
    Ok(tx.pragma_update(None, "secure_delete", true)?)
}

/// Changes cameras in the copies of the database, where `change` has something for them. What does not succeed is told
/// in the log: a copy may be of a version without cameras.
pub fn rewrite_copies(data_dir: &Path, change: impl Fn(&Camera) -> Option<Camera>) {
    for copy in backup::newest_first(data_dir).unwrap_or_default() {
        if let Err(error) = rewrite_copy(&copy, &change) {
            tracing::warn!(path = %copy.display(), %error, "the cameras of a copy were not rewritten");
        }
    }
}

fn rewrite_copy(copy: &Path, change: impl Fn(&Camera) -> Option<Camera>) -> Result<(), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(copy, flags)?;
    let changed: Vec<Camera> = list(&conn)?.iter().filter_map(change).collect();
    if changed.is_empty() {
        return Ok(());
    }
    // As it was before: a copy is one file.
    conn.pragma_update(None, "journal_mode", "delete")?;
    let tx = conn.transaction()?;
    forget_for_good(&tx)?;
    changed.iter().try_for_each(|camera| put_row(&tx, camera))?;
    Ok(tx.commit()?)
}

fn found(id: CameraId, changed: usize) -> Result<(), StoreError> {
    if changed == 0 { Err(StoreError::NotFound { what: "camera", id: id.get() }) } else { Ok(()) }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Camera> {
    let degrees: u16 = row.get("rotation")?;
    let rotation = Rotation::try_from(degrees)
        .map_err(|e| rusqlite::Error::FromSqlConversionFailure(3, Type::Integer, e.into()))?;
    Ok(Camera {
        id: CameraId(row.get("id")?),
        name: row.get("name")?,
        source: get_json(row, "source")?,
        rotation,
        flip_h: row.get("flip_h")?,
        flip_v: row.get("flip_v")?,
        crop: crop(row),
    })
}

/// A copy of an earlier version has no such column, and none of its cameras was cropped.
fn crop(row: &Row<'_>) -> Option<Crop> {
    let text: Option<String> = row.get("crop").unwrap_or_default();
    text.and_then(|text| serde_json::from_str(&text).ok())
}
