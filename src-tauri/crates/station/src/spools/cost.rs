//! What a print took, and what that cost.

use crate::library::FileWeight;
use crate::setup::filament_price;
use domain::{EnergyPrice, PrintCost, PrintId};
use store::{Connection, StoreError, setting, spool_use};

/// Key of the setting: what energy costs, and how much printers take.
pub(super) const ENERGY: &str = "energy_price";
/// Of most printers, mm.
const USUAL_DIAMETER_MM: f64 = 1.75;

/// Returns what energy costs, and how much printers take.
///
/// # Errors
/// When the database cannot be read.
pub(super) fn energy(conn: &Connection) -> Result<EnergyPrice, StoreError> {
    Ok(setting::get(conn, ENERGY)?.unwrap_or_default())
}

/// Returns what a print took and cost; `None` when there is none of this number.
///
/// # Errors
/// When the database cannot be read.
pub(super) fn of_print(conn: &Connection, id: PrintId) -> Result<Option<PrintCost>, StoreError> {
    let Some(print) = store::print::get(conn, id)? else { return Ok(None) };
    let parts = spool_use::of_print(conn, id)?;
    let file = print.g_code_file.map(|file| store::file::get(conn, file)).transpose()?.flatten();
    let printer = print.printer.map(|printer| store::printer::get(conn, printer)).transpose()?.flatten();
    let diameter_mm = printer.map_or(USUAL_DIAMETER_MM, |printer| printer.filament_diameter_mm);
    let of_spools_mm: f64 = parts.iter().filter(|part| part.spool.is_some()).map(|part| part.used_mm).sum();
    let counted_mm: f64 = parts.iter().map(|part| part.used_mm).sum();
    let of_spools_g: f64 = parts.iter().filter_map(|part| part.used_g).sum();
    // What flow made more or less of it is in the parts alone.
    let length_mm = if counted_mm > 0.0 { Some(counted_mm) } else { print.filament_used };
    let rest_mm = length_mm.map(|mm| (mm - of_spools_mm).max(0.0));
    let rest = rest_mm.map(|mm| FileWeight::of(file.as_ref()).grams(mm, diameter_mm));
    let per_kg = filament_price(conn)?.per_kg;
    let of_rest = match rest {
        Some(rest) if rest.grams > 0.0 => per_kg.map(|price| price * rest.grams / 1000.0),
        Some(_) => Some(0.0),
        None => None,
    };
    // A spool without a price costs what a kilogram costs.
    let of_parts = parts
        .iter()
        .filter(|part| part.spool.is_some())
        .map(|part| part.cost.or_else(|| Some(per_kg? * part.used_g? / 1000.0)));
    let filament = of_parts.chain([of_rest]).sum::<Option<f64>>().filter(|cost| *cost > 0.0);
    let prices = energy(conn)?;
    let kwh = print.print_time.and_then(|secs| prices.kwh(print.printer, secs));
    Ok(Some(PrintCost {
        grams: rest.map(|rest| rest.grams + of_spools_g),
        assumed: rest.is_some_and(|rest| rest.assumed && rest.grams > 0.0),
        about: parts.iter().any(|part| part.about),
        filament,
        energy: prices.cost(kwh),
        kwh,
        parts,
    }))
}
