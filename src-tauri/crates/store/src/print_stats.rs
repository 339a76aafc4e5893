//! What statistics need of past prints.

use crate::StoreError;
use crate::convert::{get_opt_word, get_time, json};
use domain::{AlertOverwrite, EndedBy, PrinterId, Timestamp};
use rusqlite::{Connection, named_params};

// Uploaded films are no prints of ours.
const FIGURES: &str = "
    select started_at, print.printer_id, ended_by, ended_why, alert_overwrite, alerted_at is not null as alerted,
      paused_at is not null as paused, print_time, filament_used, demo, filament_total, estimated_time
    from print left join g_code_file on g_code_file.id = print.g_code_file_id
    where print.deleted is null and uploaded_at is null
      and (:printers = '[]' or print.printer_id in (select value from json_each(:printers)))
      and (:from_at is null or started_at >= :from_at)
      and (:to_at is null or started_at < :to_at)
    order by started_at, print.id";

/// What statistics need of one print.
#[derive(Debug, Clone, PartialEq)]
pub struct PrintFigures {
    /// When it started.
    pub started_at: Timestamp,
    /// On which printer.
    pub printer: Option<PrinterId>,
    /// How it ended, `None` while it is open.
    pub ended_by: Option<EndedBy>,
    /// Why it was interrupted.
    pub ended_why: Option<String>,
    /// A person's word.
    pub said: Option<AlertOverwrite>,
    /// The watch alerted.
    pub alerted: bool,
    /// The watch paused it.
    pub paused: bool,
    /// Seconds.
    pub print_time_secs: Option<f64>,
    /// mm.
    pub filament_used_mm: Option<f64>,
    /// Of the demo printer.
    pub demo: bool,
    /// mm that the whole file takes.
    pub filament_total_mm: Option<f64>,
    /// Seconds that the whole file takes.
    pub estimated_secs: Option<f64>,
}

/// Returns the figures of the prints that started at or after `from` and before `to`, by their start; of these
/// printers only, or of all when none is named.
pub fn figures(
    conn: &Connection,
    printers: &[PrinterId],
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Result<Vec<PrintFigures>, StoreError> {
    let params = named_params! {
        ":printers": json(printers)?,
        ":from_at": from.map(Timestamp::micros),
        ":to_at": to.map(Timestamp::micros),
    };
    let figures = conn
        .prepare_cached(FIGURES)?
        .query_map(params, |row| {
            Ok(PrintFigures {
                started_at: get_time(row, "started_at")?,
                printer: row.get::<_, Option<i64>>("printer_id")?.map(PrinterId),
                ended_by: get_opt_word(row, "ended_by")?,
                ended_why: row.get("ended_why")?,
                said: get_opt_word(row, "alert_overwrite")?,
                alerted: row.get("alerted")?,
                paused: row.get("paused")?,
                print_time_secs: row.get("print_time")?,
                filament_used_mm: row.get("filament_used")?,
                demo: row.get("demo")?,
                filament_total_mm: row.get("filament_total")?,
                estimated_secs: row.get("estimated_time")?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(figures)
}
