//! What statistics need of past prints.

use crate::StoreError;
use crate::convert::{get_opt_word, get_time, json};
use domain::{AlertOverwrite, EndedBy, PrintId, PrinterId, SpoolId, Timestamp};
use rusqlite::{Connection, named_params};
use std::collections::BTreeMap;

/// Of most printers, mm.
const USUAL_DIAMETER_MM: f64 = 1.75;

// Uploaded films are no prints of ours.
const FIGURES: &str = "
    select print.id, started_at, print.printer_id, ended_by, ended_why, alert_overwrite, alerted_at is not null as alerted,
      paused_at is not null as paused, print_time, filament_used, demo, filament_total, estimated_time, reason,
      (select sum(used_mm) from print_spool where print_spool.print_id = print.id) as counted_mm,
      filament_diameter_mm, metadata_json ->> '$.filament_g' as file_g, metadata_json ->> '$.filament_type' as material,
      coalesce(json_array_length(metadata_json, '$.claims.diameters'), 0) > 0 as names_diameter
    from print left join g_code_file on g_code_file.id = print.g_code_file_id
      left join printer on printer.id = print.printer_id
    where print.deleted is null and uploaded_at is null
      and (:printers = '[]' or print.printer_id in (select value from json_each(:printers)))
      and (:from_at is null or started_at >= :from_at)
      and (:to_at is null or started_at < :to_at)
    order by started_at, print.id";

const SPOOLS: &str = "
    select print_id, spool.id, spool.name, spool.material, price, net_g, sum(used_mm) as used_mm, sum(used_g) as used_g
    from print_spool join spool on spool.id = print_spool.spool_id
    where print_id is not null group by print_id, spool.id";

/// What a print used of a spool.
#[derive(Debug, Clone, PartialEq)]
pub struct FigureSpool {
    /// Which.
    pub spool: SpoolId,
    /// Its name.
    pub name: String,
    /// May be empty.
    pub material: String,
    /// mm.
    pub used_mm: f64,
    /// g.
    pub used_g: f64,
    /// By its price, when that is known.
    pub cost: Option<f64>,
}

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
    /// Why it failed, in the person's own word.
    pub reason: Option<String>,
    /// What was counted of it spool by spool, those that nobody named too, with the flow that was set; mm.
    pub counted_mm: Option<f64>,
    /// What it used of which spool, as far as that is known.
    pub spools: Vec<FigureSpool>,
    /// The material that its file was sliced for.
    pub material: Option<String>,
    /// What the whole file weighs, g.
    pub file_g: Option<f64>,
    /// The file says how thick its filament is.
    pub names_diameter: bool,
    /// Thickness of the printer's filament, mm.
    pub diameter_mm: f64,
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
    let mut spools = spools(conn)?;
    let figures = conn
        .prepare_cached(FIGURES)?
        .query_map(params, |row| {
            let id = PrintId(row.get("id")?);
            Ok(PrintFigures {
                spools: spools.remove(&id).unwrap_or_default(),
                reason: row.get("reason")?,
                counted_mm: row.get("counted_mm")?,
                // Written by us, but of files that anybody may have made: what is of another kind says nothing.
                material: row.get("material").ok().flatten(),
                file_g: row.get("file_g").ok().flatten(),
                names_diameter: row.get("names_diameter")?,
                diameter_mm: row.get::<_, Option<f64>>("filament_diameter_mm")?.unwrap_or(USUAL_DIAMETER_MM),
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

fn spools(conn: &Connection) -> Result<BTreeMap<PrintId, Vec<FigureSpool>>, StoreError> {
    let mut of_prints: BTreeMap<PrintId, Vec<FigureSpool>> = BTreeMap::new();
    let mut statement = conn.prepare_cached(SPOOLS)?;
    let rows = statement.query_map([], |row| {
        let (used_g, net_g): (f64, f64) = (row.get("used_g")?, row.get("net_g")?);
        let price: Option<f64> = row.get("price")?;
        let used = FigureSpool {
            spool: SpoolId(row.get("id")?),
            name: row.get("name")?,
            material: row.get("material")?,
            used_mm: row.get("used_mm")?,
            used_g,
            cost: price.map(|price| price * used_g / net_g),
        };
        Ok((PrintId(row.get("print_id")?), used))
    })?;
    for row in rows {
        let (print, used) = row?;
        of_prints.entry(print).or_default().push(used);
    }
    Ok(of_prints)
}
