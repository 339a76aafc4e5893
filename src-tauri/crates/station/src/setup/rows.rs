//! The rows of printers that come and go, with what belongs to them: a name of their own, and a demo printer's camera.

use super::demo;
use domain::{
    Camera, CameraId, CameraSource, Printer, PrinterId, PrinterKind, Rotation, Timestamp, free_name,
};
use store::{StoreError, Transaction};

/// Longest name of a camera, characters.
const LONGEST_CAMERA_NAME: usize = 240;

/// Adds a printer, under a name that no other has.
pub(super) fn insert(tx: &Transaction<'_>, mut printer: Printer) -> Result<Printer, StoreError> {
    printer.id = store::printer::next_id(tx)?;
    name_apart(tx, &mut printer)?;
    store::printer::put(tx, &printer)?;
    Ok(printer)
}

/// Removes a printer. Returns the cameras that went with it: those that showed it alone, since there is nothing any more
/// that they could show. What another printer watches with stays.
pub(super) fn remove(
    tx: &Transaction<'_>,
    id: PrinterId,
    now: Timestamp,
) -> Result<Vec<CameraId>, StoreError> {
    store::printer::delete(tx, id, now)?;
    let others = store::printer::list(tx)?;
    let is_used = |camera: &Camera| {
        others.iter().any(|o| o.camera == Some(camera.id) || o.other_cameras.contains(&camera.id))
    };
    let mut gone = store::camera::list(tx)?;
    gone.retain(|camera| demo::looks_at(camera, id) && !is_used(camera));
    gone.iter().try_for_each(|camera| store::camera::delete(tx, camera.id))?;
    Ok(gone.iter().map(|camera| camera.id).collect())
}

/// Brings a printer back that was removed at or after `since`; its name may be another's by now. Returns it with the
/// camera that it got anew.
pub(super) fn bring_back(
    tx: &Transaction<'_>,
    id: PrinterId,
    since: Timestamp,
) -> Result<Option<(Printer, Option<Camera>)>, StoreError> {
    let Some(mut printer) = store::printer::undelete(tx, id, since)? else { return Ok(None) };
    name_apart(tx, &mut printer)?;
    let camera = match printer.kind {
        PrinterKind::Demo => give_demo_camera(tx, &mut printer)?,
        PrinterKind::Agent => give_agent_camera(tx, &mut printer)?,
        PrinterKind::Serial => None,
    };
    store::printer::put(tx, &printer)?;
    Ok(Some((printer, camera)))
}

/// Gives a demo printer that watches with no camera one of its own; returns it.
pub(super) fn give_demo_camera(
    tx: &Transaction<'_>,
    printer: &mut Printer,
) -> Result<Option<Camera>, StoreError> {
    if printer.camera.is_some() {
        return Ok(None);
    }
    let cameras = store::camera::list(tx)?;
    let name = free_name(demo::DEMO_CAMERA_NAME, cameras.iter().map(|camera| camera.name.as_str()));
    let mut camera = demo::camera(name, printer.id);
    camera.id = store::camera::insert(tx, &camera)?;
    printer.camera = Some(camera.id);
    store::printer::put(tx, printer)?;
    Ok(Some(camera))
}

/// Gives a printer whose agent sends pictures a camera that shows them, if it watches with none; returns it.
pub(super) fn give_agent_camera(
    tx: &Transaction<'_>,
    printer: &mut Printer,
) -> Result<Option<Camera>, StoreError> {
    if printer.camera.is_some() {
        return Ok(None);
    }
    let name: String = format!("Camera of {}", printer.name).chars().take(LONGEST_CAMERA_NAME).collect();
    let source = CameraSource::Agent { printer: printer.id, url: None };
    let (id, rotation) = (CameraId(0), Rotation::Deg0);
    let mut camera = Camera { id, name, source, rotation, flip_h: false, flip_v: false, crop: None };
    camera.id = store::camera::insert(tx, &camera)?;
    printer.camera = Some(camera.id);
    store::printer::put(tx, printer)?;
    Ok(Some(camera))
}

fn name_apart(tx: &Transaction<'_>, printer: &mut Printer) -> Result<(), StoreError> {
    let all = store::printer::list(tx)?;
    let others = all.iter().filter(|other| other.id != printer.id).map(|other| other.name.as_str());
    printer.name = free_name(&printer.name, others);
    Ok(())
}
