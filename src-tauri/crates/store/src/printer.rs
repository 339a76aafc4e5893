//! Printers: one row a printer; what is live is not stored.

use crate::StoreError;
use crate::convert::{get_json, get_opt_time, get_time, get_word, json, opt_micros, word};
use domain::{
    Agent, CameraId, PortChoice, PrintId, Printer, PrinterId, PrinterKind, Timestamp, WatchSettings,
};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

const LIST: &str = "
    select p.*, m.usb, m.profile from printer p left join printer_machine m on m.printer_id = p.id
    where p.deleted is null order by p.id";

const GET: &str = "
    select p.*, m.usb, m.profile from printer p left join printer_machine m on m.printer_id = p.id
    where p.id = :id and p.deleted is null";

// Numbers of removed printers are not given again: their prints keep them.
const NEXT: &str = "select coalesce(max(id), 0) + 1 from printer";

const PUT: &str = "
    insert into printer (
      id, name, auth_token, current_print_id, action_on_failure, watching_enabled, tools_off_on_pause,
      bed_off_on_pause, retract_on_pause, lift_z_on_pause, detective_sensitivity, min_timelapse_secs_on_finish,
      min_timelapse_secs_on_cancel, agent_name, agent_version, archived_at, detection_bending_factor, kind, port_path, port_baud, camera_id, other_cameras,
      rearm_after_not_failed, printer_resume_answers, bed_hold_mins, max_z_mm, filament_diameter_mm,
      temperature_offsets, temp_profiles, watch_rule, watch_threshold, watch_first_layer, scripts, created_at, updated_at
    ) values (
      :id, :name, :auth_token, :current_print_id, :action_on_failure, :watching_enabled, :tools_off_on_pause,
      :bed_off_on_pause, :retract_on_pause, :lift_z_on_pause, :detective_sensitivity, :min_timelapse_secs_on_finish,
      :min_timelapse_secs_on_cancel, :agent_name, :agent_version, :archived_at, :detection_bending_factor, :kind, :port_path, :port_baud,
      (select id from camera where id = :camera_id), :other_cameras,
      :rearm_after_not_failed, :printer_resume_answers, :bed_hold_mins, :max_z_mm, :filament_diameter_mm,
      :temperature_offsets, :temp_profiles, :watch_rule, :watch_threshold, :watch_first_layer, :scripts, :created_at, :updated_at
    ) on conflict (id) do update set
      name = excluded.name, auth_token = excluded.auth_token, current_print_id = excluded.current_print_id,
      action_on_failure = excluded.action_on_failure, watching_enabled = excluded.watching_enabled,
      tools_off_on_pause = excluded.tools_off_on_pause, bed_off_on_pause = excluded.bed_off_on_pause,
      retract_on_pause = excluded.retract_on_pause, lift_z_on_pause = excluded.lift_z_on_pause,
      detective_sensitivity = excluded.detective_sensitivity,
      min_timelapse_secs_on_finish = excluded.min_timelapse_secs_on_finish,
      min_timelapse_secs_on_cancel = excluded.min_timelapse_secs_on_cancel,
      agent_name = excluded.agent_name, agent_version = excluded.agent_version,
      archived_at = excluded.archived_at, detection_bending_factor = excluded.detection_bending_factor,
      kind = excluded.kind, port_path = excluded.port_path, port_baud = excluded.port_baud,
      camera_id = excluded.camera_id, other_cameras = excluded.other_cameras, rearm_after_not_failed = excluded.rearm_after_not_failed,
      printer_resume_answers = excluded.printer_resume_answers, bed_hold_mins = excluded.bed_hold_mins,
      max_z_mm = excluded.max_z_mm, filament_diameter_mm = excluded.filament_diameter_mm,
      temperature_offsets = excluded.temperature_offsets, temp_profiles = excluded.temp_profiles, watch_rule = excluded.watch_rule,
      watch_threshold = excluded.watch_threshold, watch_first_layer = excluded.watch_first_layer, scripts = excluded.scripts, updated_at = excluded.updated_at";

// Learnt when something is new, not when it is written.
const PUT_MACHINE: &str = "
    insert into printer_machine (printer_id, usb, profile, learnt_at)
    select :id, :usb, :profile, cast(unixepoch('subsec') * 1000000 as integer)
    where :usb is not null or :profile is not null or exists (select 1 from printer_machine where printer_id = :id)
    on conflict (printer_id) do update set
      learnt_at = case when usb is excluded.usb and profile is excluded.profile then learnt_at
        else excluded.learnt_at end,
      usb = excluded.usb, profile = excluded.profile";

/// The kind of a printer that an agent speaks for is that of a machine; its agent has a name, which may be empty.
const AGENT_IS: PrinterKind = PrinterKind::Serial;

/// Stored for the rate 0, "find it", which the column does not take.
const FIND_RATE: u32 = 1;

const DELETE: &str = "
    update printer set deleted = :now, current_print_id = null where id = :id and deleted is null";

const UNDELETE: &str = "update printer set deleted = null where id = :id and deleted >= :since";

const REMOVED: &str =
    "select id, name, deleted from printer where deleted is not null order by deleted desc, id";

/// Returns all printers, archived ones too, by number.
pub fn list(conn: &Connection) -> Result<Vec<Printer>, StoreError> {
    let printers = conn.prepare_cached(LIST)?.query_map([], from_row)?.collect::<Result<_, _>>()?;
    Ok(printers)
}

/// Returns one printer, `None` when there is none or it was removed.
pub fn get(conn: &Connection, id: PrinterId) -> Result<Option<Printer>, StoreError> {
    Ok(conn.prepare_cached(GET)?.query_row(named_params! { ":id": id.get() }, from_row).optional()?)
}

/// Returns the number for the next new printer.
pub fn next_id(conn: &Connection) -> Result<PrinterId, StoreError> {
    Ok(PrinterId(conn.query_row(NEXT, [], |row| row.get(0))?))
}

/// Inserts a printer or replaces its settings; does not bring a removed one back.
pub fn put(tx: &Transaction<'_>, printer: &Printer) -> Result<(), StoreError> {
    let port = printer.port.as_ref();
    let agent = printer.agent.as_ref().filter(|_| printer.kind == PrinterKind::Agent);
    tx.prepare_cached(PUT)?.execute(named_params! {
        ":id": printer.id.get(),
        ":name": printer.name,
        ":auth_token": printer.auth_token,
        ":current_print_id": printer.current_print.map(PrintId::get),
        ":action_on_failure": word(&printer.action_on_failure)?,
        ":watching_enabled": printer.watching_enabled,
        ":tools_off_on_pause": printer.tools_off_on_pause,
        ":bed_off_on_pause": printer.bed_off_on_pause,
        ":retract_on_pause": printer.retract_on_pause,
        ":lift_z_on_pause": printer.lift_z_on_pause,
        ":detective_sensitivity": printer.detective_sensitivity,
        ":min_timelapse_secs_on_finish": printer.min_timelapse_secs_on_finish,
        ":min_timelapse_secs_on_cancel": printer.min_timelapse_secs_on_cancel,
        ":archived_at": opt_micros(printer.archived_at),
        ":detection_bending_factor": printer.detection_bending_factor,
        ":agent_name": agent.map(|agent| &agent.name),
        ":agent_version": agent.map(|agent| &agent.version),
        ":kind": word(match &printer.kind {
            PrinterKind::Agent => &AGENT_IS,
            own @ (PrinterKind::Serial | PrinterKind::Demo) => own,
        })?,
        ":port_path": port.map(|p| &p.path),
        ":port_baud": port.map(|p| p.baud.max(FIND_RATE)),
        ":camera_id": printer.camera.map(CameraId::get),
        ":other_cameras": json(&printer.other_cameras)?,
        ":rearm_after_not_failed": printer.watch.rearm_after_not_failed,
        ":printer_resume_answers": printer.watch.printer_resume_answers,
        ":watch_rule": printer.watch.rule.word(),
        ":watch_threshold": printer.watch.threshold,
        ":watch_first_layer": printer.watch.first_layer,
        ":bed_hold_mins": printer.bed_hold_mins,
        ":max_z_mm": printer.max_z_mm,
        ":filament_diameter_mm": printer.filament_diameter_mm,
        ":temperature_offsets": json(&printer.temperature_offsets)?,
        ":temp_profiles": json(&printer.temp_profiles)?,
        ":scripts": json(&printer.scripts)?,
        ":created_at": printer.created_at.micros(),
        ":updated_at": printer.updated_at.micros(),
    })?;
    tx.prepare_cached(PUT_MACHINE)?.execute(named_params! {
        ":id": printer.id.get(),
        ":usb": printer.usb.as_ref().map(json).transpose()?,
        ":profile": printer.machine.as_ref().map(json).transpose()?,
    })?;
    Ok(())
}

/// Removes a printer. Nothing is erased: its prints stay in the history.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such printer.
pub fn delete(tx: &Transaction<'_>, id: PrinterId, now: Timestamp) -> Result<(), StoreError> {
    let params = named_params! { ":id": id.get(), ":now": now.micros() };
    if tx.prepare_cached(DELETE)?.execute(params)? == 0 {
        return Err(StoreError::NotFound { what: "printer", id: id.get() });
    }
    Ok(())
}

/// Brings back a printer that was removed at or after `since`; returns it, `None` when there is none.
pub fn undelete(
    tx: &Transaction<'_>,
    id: PrinterId,
    since: Timestamp,
) -> Result<Option<Printer>, StoreError> {
    let params = named_params! { ":id": id.get(), ":since": since.micros() };
    match tx.prepare_cached(UNDELETE)?.execute(params)? {
        0 => Ok(None),
        _ => get(tx, id),
    }
}

/// Returns the printers that were removed: number, name, and when. The last removed come first.
pub fn removed(conn: &Connection) -> Result<Vec<(PrinterId, String, Timestamp)>, StoreError> {
    let removed = conn
        .prepare_cached(REMOVED)?
        .query_map([], |row| Ok((PrinterId(row.get("id")?), row.get("name")?, get_time(row, "deleted")?)))?
        .collect::<Result<_, _>>()?;
    Ok(removed)
}

/// Reads what was learnt of the machine. What another version wrote in another shape is learnt anew.
fn learnt<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<T>> {
    let text: Option<String> = row.get(column)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Printer> {
    let path: Option<String> = row.get("port_path")?;
    let baud: Option<u32> = row.get("port_baud")?;
    let agent = row.get::<_, Option<String>>("agent_name")?;
    let version: Option<String> = row.get("agent_version")?;
    let agent = agent.map(|name| Agent { name, version: version.unwrap_or_default() });
    let baud = baud.map(|baud| if baud == FIND_RATE { 0 } else { baud });
    Ok(Printer {
        id: PrinterId(row.get("id")?),
        name: row.get("name")?,
        created_at: get_time(row, "created_at")?,
        updated_at: get_time(row, "updated_at")?,
        action_on_failure: get_word(row, "action_on_failure")?,
        watching_enabled: row.get("watching_enabled")?,
        tools_off_on_pause: row.get("tools_off_on_pause")?,
        bed_off_on_pause: row.get("bed_off_on_pause")?,
        retract_on_pause: row.get("retract_on_pause")?,
        lift_z_on_pause: row.get("lift_z_on_pause")?,
        detective_sensitivity: row.get("detective_sensitivity")?,
        min_timelapse_secs_on_finish: row.get("min_timelapse_secs_on_finish")?,
        min_timelapse_secs_on_cancel: row.get("min_timelapse_secs_on_cancel")?,
        auth_token: row.get("auth_token")?,
        archived_at: get_opt_time(row, "archived_at")?,
        detection_bending_factor: row.get("detection_bending_factor")?,
        current_print: row.get::<_, Option<i64>>("current_print_id")?.map(PrintId),
        kind: if agent.is_some() { PrinterKind::Agent } else { get_word(row, "kind")? },
        agent,
        port: path.zip(baud).map(|(path, baud)| PortChoice { path, baud }),
        camera: row.get::<_, Option<i64>>("camera_id")?.map(CameraId),
        other_cameras: get_json(row, "other_cameras")?,
        watch: WatchSettings {
            rearm_after_not_failed: row.get("rearm_after_not_failed")?,
            printer_resume_answers: row.get("printer_resume_answers")?,
            rule: get_word(row, "watch_rule")?,
            threshold: row.get("watch_threshold")?,
            first_layer: row.get("watch_first_layer")?,
        },
        bed_hold_mins: row.get("bed_hold_mins")?,
        max_z_mm: row.get("max_z_mm")?,
        filament_diameter_mm: row.get("filament_diameter_mm")?,
        temperature_offsets: get_json(row, "temperature_offsets")?,
        temp_profiles: get_json(row, "temp_profiles")?,
        scripts: get_json(row, "scripts")?,
        usb: learnt(row, "usb")?,
        machine: learnt(row, "profile")?,
    })
}
