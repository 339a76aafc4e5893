//! Prints: one row per print, open until `finished_at` or `cancelled_at` is set. Lists are in `print_list`.

use crate::convert::{cut, get_opt_time, get_opt_word, get_time, json, opt_micros, opt_word};
use crate::{StoreError, erased};
use domain::{AlertOverwrite, FileId, Film, Print, PrintId, PrinterId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

const GET: &str = "select * from print where id = :id and deleted is null";

const OPEN: &str = "
    select * from print
    where finished_at is null and cancelled_at is null and deleted is null and printer_id is not null
    order by id";

const NEXT: &str = "select coalesce(max(id), 0) + 1 from print";

// `ext_id` is set once: were it in use for this printer (a clock set back), the next free second is taken, since a
// print that cannot be written would be lost.
const PUT: &str = "
    insert into print (
      id, printer_id, g_code_file_id, ext_id, filename, started_at, finished_at, cancelled_at, ended_by, ended_why,
      uploaded_at, alerted_at, alert_acknowledged_at, alert_muted_at, paused_at, alert_overwrite, video_url,
      tagged_video_url, poster_url, access_consented_at, filament_used, print_time, demo
    ) values (
      :id, :printer_id, :g_code_file_id,
      case when exists (select 1 from print where printer_id = :printer_id and ext_id = :ext_id and id <> :id)
        then (select max(ext_id) + 1 from print where printer_id = :printer_id) else :ext_id end,
      :filename, :started_at, :finished_at, :cancelled_at, :ended_by, :ended_why,
      :uploaded_at, :alerted_at, :alert_acknowledged_at, :alert_muted_at, :paused_at, :alert_overwrite, :video_url,
      :tagged_video_url, :poster_url, :access_consented_at, :filament_used, :print_time, :demo
    ) on conflict (id) do update set
      printer_id = excluded.printer_id, g_code_file_id = excluded.g_code_file_id, filename = excluded.filename,
      started_at = excluded.started_at, finished_at = excluded.finished_at, cancelled_at = excluded.cancelled_at,
      ended_by = excluded.ended_by, ended_why = excluded.ended_why, uploaded_at = excluded.uploaded_at,
      alerted_at = excluded.alerted_at, alert_acknowledged_at = excluded.alert_acknowledged_at,
      alert_muted_at = excluded.alert_muted_at, paused_at = excluded.paused_at,
      alert_overwrite = excluded.alert_overwrite, filament_used = excluded.filament_used,
      print_time = excluded.print_time, demo = excluded.demo";

const DELETE: &str = "
    update print set deleted = :now
    where id in (select value from json_each(:ids)) and deleted is null
      and (finished_at is not null or cancelled_at is not null or uploaded_at is not null)";

const UNDELETE: &str = "
    update print set deleted = null, deleted_by_cascade = 0
    where id in (select value from json_each(:ids)) and deleted_by_cascade = 0";

const SET_OVERWRITE: &str = "update print set alert_overwrite = :alert_overwrite where id = :id";

const SET_ANSWER: &str = "
    update print set alert_overwrite = :alert_overwrite,
      alert_acknowledged_at = case when :at is null then alert_acknowledged_at else :at end
    where id = :id";

const SET_CONSENT: &str = "update print set access_consented_at = :at where id = :id";

const SET_FIGURES: &str = "
    update print set filament_used = coalesce(:filament_used, filament_used),
      print_time = coalesce(:print_time, print_time)
    where id = :id";

const SET_FILM: &str = "
    update print set video_url = :video_url, tagged_video_url = :tagged_video_url,
      poster_url = coalesce(:poster_url, poster_url)
    where id = :id";

const SET_ALERTED: &str = "update print set alerted_at = :at where id = :id";

const TIMES: &str = "
    select count(*), avg(print_time),
      (select print_time from print
       where g_code_file_id = :file and printer_id = :printer and finished_at is not null and print_time > 0
       order by id desc limit 1)
    from print
    where g_code_file_id = :file and printer_id = :printer and finished_at is not null and print_time > 0";

/// How long the same file took on the same printer before; finished prints only.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PastTimes {
    /// How many finished prints there are.
    pub prints: u32,
    /// Seconds of the last one.
    pub last_secs: Option<f64>,
    /// Mean of all, seconds.
    pub average_secs: Option<f64>,
}

/// Returns one print, `None` when there is none or it was deleted.
pub fn get(conn: &Connection, id: PrintId) -> Result<Option<Print>, StoreError> {
    Ok(conn.prepare_cached(GET)?.query_row(named_params! { ":id": id.get() }, from_row).optional()?)
}

/// Returns the prints that were under way when the core last stopped.
pub fn open(conn: &Connection) -> Result<Vec<Print>, StoreError> {
    let prints = conn.prepare_cached(OPEN)?.query_map([], from_row)?.collect::<Result<_, _>>()?;
    Ok(prints)
}

/// Returns the number of the next print; numbers of deleted and erased ones are not given again.
pub fn next_id(conn: &Connection) -> Result<PrintId, StoreError> {
    let next: i64 = conn.query_row(NEXT, [], |row| row.get(0))?;
    Ok(PrintId(next.max(erased::largest_print(conn)? + 1)))
}

/// Returns how long `file` took on `printer` before.
pub fn past_times(conn: &Connection, file: FileId, printer: PrinterId) -> Result<PastTimes, StoreError> {
    let params = named_params! { ":file": file.get(), ":printer": printer.get() };
    let times = conn.prepare_cached(TIMES)?.query_row(params, |row| {
        Ok(PastTimes { prints: row.get(0)?, average_secs: row.get(1)?, last_secs: row.get(2)? })
    })?;
    Ok(times)
}

/// Inserts a print or replaces it; does not bring a deleted one back. Films, poster and consent are taken when it is inserted
/// and left as they are when it is replaced: they are written by [`set_film`] and [`set_access_consented`] alone.
pub fn put(tx: &Transaction<'_>, print: &Print) -> Result<(), StoreError> {
    tx.prepare_cached(PUT)?.execute(named_params! {
        ":id": print.id.get(),
        ":printer_id": print.printer.map(PrinterId::get),
        ":g_code_file_id": print.g_code_file.map(FileId::get),
        ":ext_id": print.ext_id,
        ":filename": cut(&print.filename, 1000),
        ":started_at": print.started_at.micros(),
        ":finished_at": opt_micros(print.finished_at),
        ":cancelled_at": opt_micros(print.cancelled_at),
        ":ended_by": opt_word(&print.ended_by)?,
        ":ended_why": print.ended_why,
        ":uploaded_at": opt_micros(print.uploaded_at),
        ":alerted_at": opt_micros(print.alerted_at),
        ":alert_acknowledged_at": opt_micros(print.alert_acknowledged_at),
        ":alert_muted_at": opt_micros(print.alert_muted_at),
        ":paused_at": opt_micros(print.paused_at),
        ":alert_overwrite": opt_word(&print.alert_overwrite)?,
        ":video_url": print.video_url,
        ":tagged_video_url": print.tagged_video_url,
        ":poster_url": print.poster_url,
        ":access_consented_at": opt_micros(print.access_consented_at),
        ":filament_used": print.filament_used,
        ":print_time": print.print_time,
        ":demo": print.demo,
    })?;
    Ok(())
}

/// Hides prints that have ended from all lists; returns how many. Nothing is erased, see [`undelete`].
pub fn delete(tx: &Transaction<'_>, ids: &[PrintId], now: Timestamp) -> Result<usize, StoreError> {
    let params = named_params! { ":ids": json(ids)?, ":now": now.micros() };
    Ok(tx.prepare_cached(DELETE)?.execute(params)?)
}

/// Brings deleted prints back, but for those that went with their printer; returns how many.
pub fn undelete(tx: &Transaction<'_>, ids: &[PrintId]) -> Result<usize, StoreError> {
    Ok(tx.prepare_cached(UNDELETE)?.execute(named_params! { ":ids": json(ids)? })?)
}

/// Keeps a person's word on a past print. Of a print under way the hub writes it.
pub fn set_alert_overwrite(
    tx: &Transaction<'_>,
    id: PrintId,
    answer: Option<AlertOverwrite>,
) -> Result<(), StoreError> {
    let params = named_params! { ":id": id.get(), ":alert_overwrite": opt_word(&answer)? };
    one(id, tx.prepare_cached(SET_OVERWRITE)?.execute(params)?)
}

/// Keeps a person's word on a print that has ended, and when it answered an alert, unless that is `None`. One that was
/// erased meanwhile needs no word.
pub fn answer(
    tx: &Transaction<'_>,
    id: PrintId,
    answer: Option<AlertOverwrite>,
    at: Option<Timestamp>,
) -> Result<(), StoreError> {
    let params =
        named_params! { ":id": id.get(), ":alert_overwrite": opt_word(&answer)?, ":at": opt_micros(at) };
    tx.prepare_cached(SET_ANSWER)?.execute(params)?;
    Ok(())
}

/// Keeps when the person agreed to look at the shots of a past print.
pub fn set_access_consented(tx: &Transaction<'_>, id: PrintId, at: Timestamp) -> Result<(), StoreError> {
    one(id, tx.prepare_cached(SET_CONSENT)?.execute(named_params! { ":id": id.get(), ":at": at.micros() })?)
}

/// Corrects mm of filament and seconds of a past print; `None` leaves the figure as it is.
pub fn set_figures(
    tx: &Transaction<'_>,
    id: PrintId,
    filament_used_mm: Option<f64>,
    print_time_secs: Option<f64>,
) -> Result<(), StoreError> {
    let params = named_params! {
        ":id": id.get(), ":filament_used": filament_used_mm, ":print_time": print_time_secs,
    };
    one(id, tx.prepare_cached(SET_FIGURES)?.execute(params)?)
}

/// Keeps where the film of a past print lies.
pub fn set_film(tx: &Transaction<'_>, id: PrintId, film: &Film) -> Result<(), StoreError> {
    let params = named_params! {
        ":id": id.get(), ":video_url": film.video, ":tagged_video_url": film.tagged, ":poster_url": film.poster,
    };
    one(id, tx.prepare_cached(SET_FILM)?.execute(params)?)
}

/// Notes when the watch last alerted about a film that was uploaded.
pub fn set_alerted(tx: &Transaction<'_>, id: PrintId, at: Timestamp) -> Result<(), StoreError> {
    let params = named_params! { ":id": id.get(), ":at": at.micros() };
    one(id, tx.prepare_cached(SET_ALERTED)?.execute(params)?)
}

fn one(id: PrintId, changed: usize) -> Result<(), StoreError> {
    if changed == 0 { Err(StoreError::NotFound { what: "print", id: id.get() }) } else { Ok(()) }
}

pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Print> {
    Ok(Print {
        id: PrintId(row.get("id")?),
        printer: row.get::<_, Option<i64>>("printer_id")?.map(PrinterId),
        g_code_file: row.get::<_, Option<i64>>("g_code_file_id")?.map(FileId),
        ext_id: row.get("ext_id")?,
        filename: row.get("filename")?,
        started_at: get_time(row, "started_at")?,
        finished_at: get_opt_time(row, "finished_at")?,
        cancelled_at: get_opt_time(row, "cancelled_at")?,
        ended_by: get_opt_word(row, "ended_by")?,
        ended_why: row.get("ended_why")?,
        uploaded_at: get_opt_time(row, "uploaded_at")?,
        alerted_at: get_opt_time(row, "alerted_at")?,
        alert_acknowledged_at: get_opt_time(row, "alert_acknowledged_at")?,
        alert_muted_at: get_opt_time(row, "alert_muted_at")?,
        paused_at: get_opt_time(row, "paused_at")?,
        alert_overwrite: get_opt_word(row, "alert_overwrite")?,
        video_url: row.get("video_url")?,
        tagged_video_url: row.get("tagged_video_url")?,
        poster_url: row.get("poster_url")?,
        access_consented_at: get_opt_time(row, "access_consented_at")?,
        filament_used: row.get("filament_used")?,
        print_time: row.get("print_time")?,
        demo: row.get("demo")?,
    })
}
