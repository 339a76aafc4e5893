//! What prints used of spools: one row from one change of spools to the next, each with the whole of it, so that a row that is
//! written again counts once.

use crate::StoreError;
use crate::convert::int;
use crate::spool;
use domain::{CardUse, PrintId, PrintSpool, SpoolId, SpoolUse};
use rusqlite::{Connection, Row, Transaction, named_params};
use std::collections::BTreeMap;

// What it weighs goes by the spool as it is known then.
const PUT: &str = "
    insert into print_spool (print_id, part, tool, spool_id, used_mm, used_g, about)
    select print.id, :part, :tool, spool.id, :used_mm,
      :used_mm * 0.7853981633974483 * spool.diameter_mm * spool.diameter_mm * spool.density / 1000.0, :about
    from print left join spool on spool.id = :spool_id
    where print.id = :print_id
    on conflict (print_id, part) do update set
      tool = excluded.tool, spool_id = excluded.spool_id, used_mm = excluded.used_mm, used_g = excluded.used_g,
      about = excluded.about";

// A card shortens names: without one of this name, the only file of this size.
const OF_CARD: &str = "
    with same_size as (
      select filename, filament_total from g_code_file
      where num_bytes = :file_bytes and deleted is null and filament_total is not null)
    select coalesce(
      (select filament_total from same_size where filename = :name),
      (select min(filament_total) from same_size having count(*) = 1))";

const SET_USED: &str = "update print set filament_used = :used_mm where id = :print_id";

const ASSIGN: &str = "
    update print_spool set weighed_since = 0, spool_id = :spool_id, used_g = used_mm
      * (select 0.7853981633974483 * diameter_mm * diameter_mm * density / 1000.0 from spool where id = :spool_id)
    where print_id = :print_id and part = :part";

const OF_PRINT: &str = "
    select print_spool.part, print_spool.tool, print_spool.used_mm, print_spool.used_g, print_spool.about,
      print_spool.spool_id is not null as has_spool, spool.*
    from print_spool left join spool on spool.id = print_spool.spool_id
    where print_id = :print_id order by part";

const OF_OPEN_PRINTS: &str = "
    select print_spool.* from print_spool join print on print.id = print_spool.print_id
    where finished_at is null and cancelled_at is null and print.deleted is null and print.printer_id is not null
    order by print_id, part";

/// Keeps what a print used so far, in the place of what was kept before. Of a print that was erased meanwhile nothing is.
pub fn put(tx: &Transaction<'_>, print: PrintId, parts: &[SpoolUse]) -> Result<(), StoreError> {
    for part in parts {
        tx.prepare_cached(PUT)?.execute(named_params! {
            ":print_id": print.get(),
            ":part": part.part,
            ":tool": part.tool,
            ":spool_id": part.spool.map(SpoolId::get),
            ":used_mm": part.used_mm,
            ":about": part.about,
        })?;
    }
    Ok(())
}

/// Keeps what a print from the printer's card used, by the file of the library that has its name and size, as an estimate.
/// Without such a file nothing is known.
pub fn put_of_card(tx: &Transaction<'_>, used: &CardUse) -> Result<(), StoreError> {
    let params = named_params! { ":file_bytes": int(used.file_bytes), ":name": used.name };
    let whole_mm: Option<f64> = tx.prepare_cached(OF_CARD)?.query_row(params, |row| row.get(0))?;
    let Some(used_mm) = whole_mm.map(|mm| mm * used.share.clamp(0.0, 1.0)) else { return Ok(()) };
    let params = named_params! { ":print_id": used.print.get(), ":used_mm": used_mm };
    tx.prepare_cached(SET_USED)?.execute(params)?;
    put(tx, used.print, &[SpoolUse { part: 0, tool: 0, spool: used.spool, used_mm, about: true }])
}

/// What a past print used in one part was of this spool, or of none that is known. Returns whether there is such a part.
pub fn assign(
    tx: &Transaction<'_>,
    print: PrintId,
    part: u32,
    spool: Option<SpoolId>,
) -> Result<bool, StoreError> {
    let changed = tx.prepare_cached(ASSIGN)?.execute(named_params! {
        ":print_id": print.get(), ":part": part, ":spool_id": spool.map(SpoolId::get),
    })?;
    Ok(changed > 0)
}

/// Returns what a print used, part by part.
pub fn of_print(conn: &Connection, print: PrintId) -> Result<Vec<PrintSpool>, StoreError> {
    let parts = conn
        .prepare_cached(OF_PRINT)?
        .query_map(named_params! { ":print_id": print.get() }, |row| {
            let spool = if row.get("has_spool")? { Some(spool::from_row(row)?) } else { None };
            let used_g: Option<f64> = row.get("used_g")?;
            Ok(PrintSpool {
                part: row.get("part")?,
                tool: row.get("tool")?,
                used_mm: row.get("used_mm")?,
                used_g,
                cost: spool.as_ref().zip(used_g).and_then(|(spool, grams)| spool.cost(grams)),
                about: row.get("about")?,
                spool,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(parts)
}

/// Returns what the prints that were under way when the core last stopped had used, as far as it was written.
pub fn of_open_prints(conn: &Connection) -> Result<BTreeMap<PrintId, Vec<SpoolUse>>, StoreError> {
    let mut uses: BTreeMap<PrintId, Vec<SpoolUse>> = BTreeMap::new();
    let mut statement = conn.prepare_cached(OF_OPEN_PRINTS)?;
    for row in statement.query_map([], from_row)? {
        let (print, part) = row?;
        uses.entry(print).or_default().push(part);
    }
    Ok(uses)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<(PrintId, SpoolUse)> {
    let part = SpoolUse {
        part: row.get("part")?,
        tool: row.get("tool")?,
        spool: row.get::<_, Option<i64>>("spool_id")?.map(SpoolId),
        used_mm: row.get("used_mm")?,
        about: row.get("about")?,
    };
    Ok((PrintId(row.get("print_id")?), part))
}
