//! Spools of filament, and where they are loaded. What is left follows from what was on a spool and what was used of it.

use crate::StoreError;
use crate::convert::{cut, get_opt_time, get_time, opt_micros};
use domain::{
    LONGEST_SPOOL_NOTES, LONGEST_SPOOL_WORD, LoadedOn, LoadedSpool, PrinterId, Spool, SpoolId, SpoolView,
    Timestamp,
};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use std::collections::BTreeMap;

macro_rules! spools {
    ($after:literal) => {
        concat!(
            "select spool.*, coalesce(uses.used_g, 0) as printed_g, coalesce(uses.about, 0) as about,
               coalesce(uses.prints, 0) as prints, on_printer.printer_id, on_printer.tool
             from spool left join (
               select spool_id, sum(used_g) as used_g, max(about and not weighed_since) as about,
                 count(distinct print_id) as prints
               from print_spool where spool_id is not null group by spool_id
             ) uses on uses.spool_id = spool.id left join (
               select loaded_spool.* from loaded_spool
                 join printer on printer.id = loaded_spool.printer_id and printer.deleted is null
             ) on_printer on on_printer.spool_id = spool.id ",
            $after
        )
    };
}

const LIST: &str = spools!("order by spool.archived_at is not null, spool.id");

const GET: &str = spools!("where spool.id = :id");

const INSERT: &str = "
    insert into spool (
      name, vendor, material, color, diameter_mm, density, net_g, empty_g, price, location, notes, hotend_c, bed_c,
      other_used_g, archived_at, created_at, spoolman_id
    ) values (
      :name, :vendor, :material, :color, :diameter_mm, :density, :net_g, :empty_g, :price, :location, :notes, :hotend_c,
      :bed_c, :other_used_g, :archived_at, :created_at, :spoolman_id
    )";

// What was measured stays what is left, whatever the full spool is said to have held.
const UPDATE: &str = "
    update spool set name = :name, vendor = :vendor, material = :material, color = :color, diameter_mm = :diameter_mm,
      density = :density, empty_g = :empty_g, price = :price, location = :location, notes = :notes,
      hotend_c = :hotend_c, bed_c = :bed_c, archived_at = :archived_at,
      other_used_g = case when measured_at is null then other_used_g else other_used_g + :net_g - net_g end,
      net_g = :net_g
    where id = :id";

const SET_LEFT: &str = "
    update spool set measured_at = :now, other_used_g = net_g - :left_g
      - (select coalesce(sum(used_g), 0) from print_spool where spool_id = spool.id)
    where id = :id";

const WEIGHED: &str = "update print_spool set weighed_since = 1 where spool_id = :id";

const DELETE: &str = "
    delete from spool where id = :id and not exists (select 1 from print_spool where spool_id = spool.id)";

const OF_SPOOLMAN: &str = "select spoolman_id, created_at from spool where spoolman_id is not null";

const LOADED: &str = "
    select loaded_spool.* from loaded_spool
      join printer on printer.id = loaded_spool.printer_id and printer.deleted is null
    order by loaded_spool.printer_id, tool";

const UNLOAD_ALL: &str = "delete from loaded_spool where printer_id = :printer_id";

const UNLOAD: &str = "delete from loaded_spool where spool_id = :spool_id";

const LOAD: &str = "
    insert into loaded_spool (printer_id, tool, spool_id)
    select :printer_id, :tool, id from spool where id = :spool_id";

/// Returns all spools with what is left of them, those that were put away last.
pub fn list(conn: &Connection) -> Result<Vec<SpoolView>, StoreError> {
    let spools = conn.prepare_cached(LIST)?.query_map([], view)?.collect::<Result<_, _>>()?;
    Ok(spools)
}

/// Returns one of them.
pub fn get(conn: &Connection, id: SpoolId) -> Result<Option<SpoolView>, StoreError> {
    Ok(conn.prepare_cached(GET)?.query_row(named_params! { ":id": id.get() }, view).optional()?)
}

/// Adds a spool, of which so much was used already, g; its number is given here.
pub fn insert(tx: &Transaction<'_>, spool: &Spool, used_g: f64) -> Result<SpoolId, StoreError> {
    tx.prepare_cached(INSERT)?.execute(named_params! {
        ":name": cut(&spool.name, LONGEST_SPOOL_WORD),
        ":vendor": cut(&spool.vendor, LONGEST_SPOOL_WORD),
        ":material": cut(&spool.material, LONGEST_SPOOL_WORD),
        ":color": spool.color,
        ":diameter_mm": spool.diameter_mm,
        ":density": spool.density,
        ":net_g": spool.net_g,
        ":empty_g": spool.empty_g,
        ":price": spool.price,
        ":location": cut(&spool.location, LONGEST_SPOOL_WORD),
        ":notes": cut(&spool.notes, LONGEST_SPOOL_NOTES),
        ":hotend_c": spool.hotend_c,
        ":bed_c": spool.bed_c,
        ":other_used_g": used_g,
        ":archived_at": opt_micros(spool.archived_at),
        ":created_at": spool.created_at.micros(),
        ":spoolman_id": spool.spoolman_id,
    })?;
    Ok(SpoolId(tx.last_insert_rowid()))
}

/// Changes what a spool is; what is left of it is set with [`set_left`].
pub fn update(tx: &Transaction<'_>, spool: &Spool) -> Result<(), StoreError> {
    let changed = tx.prepare_cached(UPDATE)?.execute(named_params! {
        ":id": spool.id.get(),
        ":name": cut(&spool.name, LONGEST_SPOOL_WORD),
        ":vendor": cut(&spool.vendor, LONGEST_SPOOL_WORD),
        ":material": cut(&spool.material, LONGEST_SPOOL_WORD),
        ":color": spool.color,
        ":diameter_mm": spool.diameter_mm,
        ":density": spool.density,
        ":net_g": spool.net_g,
        ":empty_g": spool.empty_g,
        ":price": spool.price,
        ":location": cut(&spool.location, LONGEST_SPOOL_WORD),
        ":notes": cut(&spool.notes, LONGEST_SPOOL_NOTES),
        ":hotend_c": spool.hotend_c,
        ":bed_c": spool.bed_c,
        ":archived_at": opt_micros(spool.archived_at),
    })?;
    one(spool.id, changed)
}

/// So much is left, g, whatever was counted: it was weighed. What was estimated until now blurs it no more.
pub fn set_left(tx: &Transaction<'_>, id: SpoolId, left_g: f64, now: Timestamp) -> Result<(), StoreError> {
    let params = named_params! { ":id": id.get(), ":left_g": left_g, ":now": now.micros() };
    one(id, tx.prepare_cached(SET_LEFT)?.execute(params)?)?;
    tx.prepare_cached(WEIGHED)?.execute(named_params! { ":id": id.get() })?;
    Ok(())
}

/// Removes a spool that no print has used. Returns whether it went.
pub fn delete(tx: &Transaction<'_>, id: SpoolId) -> Result<bool, StoreError> {
    Ok(tx.prepare_cached(DELETE)?.execute(named_params! { ":id": id.get() })? > 0)
}

/// Returns which spools came from a Spoolman: their numbers there, and when they were added there.
pub fn of_spoolman(conn: &Connection) -> Result<BTreeMap<i64, Timestamp>, StoreError> {
    let known = conn
        .prepare_cached(OF_SPOOLMAN)?
        .query_map([], |row| Ok((row.get("spoolman_id")?, get_time(row, "created_at")?)))?
        .collect::<Result<_, _>>()?;
    Ok(known)
}

/// Returns what is loaded on each printer, by tool.
pub fn loaded(conn: &Connection) -> Result<BTreeMap<PrinterId, Vec<LoadedSpool>>, StoreError> {
    let mut loaded: BTreeMap<PrinterId, Vec<LoadedSpool>> = BTreeMap::new();
    let mut statement = conn.prepare_cached(LOADED)?;
    let rows = statement.query_map([], |row| {
        let spool = LoadedSpool { tool: row.get("tool")?, spool: SpoolId(row.get("spool_id")?) };
        Ok((PrinterId(row.get("printer_id")?), spool))
    })?;
    for row in rows {
        let (printer, spool) = row?;
        loaded.entry(printer).or_default().push(spool);
    }
    Ok(loaded)
}

/// Replaces what is loaded on a printer; the spools are loaded nowhere else any more.
pub fn put_loaded(
    tx: &Transaction<'_>,
    printer: PrinterId,
    loaded: &[LoadedSpool],
) -> Result<(), StoreError> {
    tx.prepare_cached(UNLOAD_ALL)?.execute(named_params! { ":printer_id": printer.get() })?;
    for LoadedSpool { tool, spool } in loaded {
        tx.prepare_cached(UNLOAD)?.execute(named_params! { ":spool_id": spool.get() })?;
        tx.prepare_cached(LOAD)?.execute(named_params! {
            ":printer_id": printer.get(), ":tool": tool, ":spool_id": spool.get(),
        })?;
    }
    Ok(())
}

fn one(id: SpoolId, changed: usize) -> Result<(), StoreError> {
    if changed == 0 { Err(StoreError::NotFound { what: "spool", id: id.get() }) } else { Ok(()) }
}

pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Spool> {
    Ok(Spool {
        id: SpoolId(row.get("id")?),
        name: row.get("name")?,
        vendor: row.get("vendor")?,
        material: row.get("material")?,
        color: row.get("color")?,
        diameter_mm: row.get("diameter_mm")?,
        density: row.get("density")?,
        net_g: row.get("net_g")?,
        empty_g: row.get("empty_g")?,
        price: row.get("price")?,
        location: row.get("location")?,
        notes: row.get("notes")?,
        hotend_c: row.get("hotend_c")?,
        bed_c: row.get("bed_c")?,
        archived_at: get_opt_time(row, "archived_at")?,
        created_at: get_time(row, "created_at")?,
        spoolman_id: row.get("spoolman_id")?,
    })
}

fn view(row: &Row<'_>) -> rusqlite::Result<SpoolView> {
    let spool = from_row(row)?;
    let (printed_g, other_used_g): (f64, f64) = (row.get("printed_g")?, row.get("other_used_g")?);
    let used_g = other_used_g + printed_g;
    let left_g = spool.net_g - used_g;
    let printer: Option<i64> = row.get("printer_id")?;
    let tool: Option<u8> = row.get("tool")?;
    Ok(SpoolView {
        used_g: used_g.max(0.0),
        left_g: left_g.max(0.0),
        left_mm: spool.length_mm(left_g.max(0.0)),
        about: row.get("about")?,
        // Less than a gram is rounding.
        overdrawn: left_g < -1.0,
        low: false,
        measured_at: get_opt_time(row, "measured_at")?,
        prints: row.get("prints")?,
        loaded: printer.zip(tool).map(|(printer, tool)| LoadedOn { printer: PrinterId(printer), tool }),
        spool,
    })
}
