//! Spools of filament: what is on each, which printer it is loaded on, and how much of it prints have used.
//!
//! What is left is never stored: it is what was on the full spool, less what was used apart from counted prints, less what
//! each print used. A print has one row for each spool it used, with the whole of it, so that nothing is counted twice.

use crate::{Material, PrintId, PrinterId, SpoolId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;
use ts_rs::TS;

/// Tools of one printer that spools can be loaded on.
pub const MOST_TOOLS: u8 = 16;
/// Filament of one tool in one print that is believed, mm: a thousand kilometres.
const MOST_MM: f64 = 1e9;

/// A spool, as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Spool {
    /// Never given twice: notes on spools name it.
    pub id: SpoolId,
    /// Such as "Teal matt".
    pub name: String,
    /// Who made it; may be empty.
    pub vendor: String,
    /// Such as `PLA`; may be empty.
    pub material: String,
    /// `#rrggbb`.
    pub color: Option<String>,
    /// mm.
    pub diameter_mm: f64,
    /// g/cm³.
    pub density: f64,
    /// Filament on the full spool, g.
    pub net_g: f64,
    /// What the spool weighs without filament, g.
    pub empty_g: Option<f64>,
    /// Of the full spool, in the person's currency.
    pub price: Option<f64>,
    /// Where it lies; may be empty.
    pub location: String,
    /// May be empty.
    pub notes: String,
    /// Of the nozzle, °C.
    pub hotend_c: Option<f64>,
    /// °C.
    pub bed_c: Option<f64>,
    /// Put away since: it is empty, or given away.
    pub archived_at: Option<Timestamp>,
    /// When it was added.
    pub created_at: Timestamp,
    /// Number in the Spoolman that it came from.
    #[ts(type = "number | null")]
    pub spoolman_id: Option<i64>,
}

/// Returns what a millimetre of filament weighs, g. `diameter_mm`, `density` in g/cm³.
pub fn grams_per_mm(diameter_mm: f64, density: f64) -> f64 {
    PI / 4.0 * diameter_mm * diameter_mm * density / 1000.0
}

impl Spool {
    /// Returns what so much of it weighs, g.
    pub fn grams(&self, mm: f64) -> f64 {
        mm * grams_per_mm(self.diameter_mm, self.density)
    }

    /// Returns how long so much of it is, mm.
    pub fn length_mm(&self, grams: f64) -> f64 {
        grams / grams_per_mm(self.diameter_mm, self.density)
    }

    /// Returns what so much of it cost, when its price is known.
    pub fn cost(&self, grams: f64) -> Option<f64> {
        self.price.filter(|_| self.net_g > 0.0).map(|price| price * grams / self.net_g)
    }
}

/// A spool as the API shows it: with what is left of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct SpoolView {
    /// What it is.
    #[serde(flatten)]
    pub spool: Spool,
    /// Used in all, g.
    pub used_g: f64,
    /// Left, g; never below 0.
    pub left_g: f64,
    /// Left, mm.
    pub left_mm: f64,
    /// Some of what was used is an estimate, and it was not weighed since.
    pub about: bool,
    /// More was counted than was on it: weigh it.
    pub overdrawn: bool,
    /// Less is left than the mark that the person has set.
    pub low: bool,
    /// When it was last weighed, or its rest was last set.
    pub measured_at: Option<Timestamp>,
    /// Prints that used it.
    pub prints: u32,
    /// Where it is loaded.
    pub loaded: Option<LoadedOn>,
}

/// Where a spool is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct LoadedOn {
    /// On which printer.
    pub printer: PrinterId,
    /// For which tool, from 0.
    pub tool: u8,
}

/// What is loaded on a tool of a printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct LoadedSpool {
    /// From 0.
    pub tool: u8,
    /// Which.
    pub spool: SpoolId,
}

/// Filament that a tool has pushed since a print began.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ToolUse {
    /// From 0.
    pub tool: u8,
    /// mm.
    pub mm: f64,
}

impl ToolUse {
    /// Returns the length where it can be one.
    pub fn sane_mm(&self) -> Option<f64> {
        Some(self.mm).filter(|mm| (0.0..=MOST_MM).contains(mm))
    }
}

/// What a print used of one spool, from one change of spools to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpoolUse {
    /// Of this print, from 0, in the order in which they were loaded.
    pub part: u32,
    /// With which tool, from 0.
    pub tool: u8,
    /// `None`: nobody had said which was loaded.
    pub spool: Option<SpoolId>,
    /// mm, all of it.
    pub used_mm: f64,
    /// It is an estimate.
    pub about: bool,
}

/// A print from the printer's own card, which tells of no filament: what it took follows from its file, if the library has it.
#[derive(Debug, Clone, PartialEq)]
pub struct CardUse {
    /// Which print.
    pub print: PrintId,
    /// The name on the card.
    pub name: String,
    /// Bytes of the file on the card.
    pub file_bytes: u64,
    /// So much of it was read, 0 to 1.
    pub share: f64,
    /// What was loaded.
    pub spool: Option<SpoolId>,
}

/// What a print used of one spool, as the API shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct PrintSpool {
    /// Of this print, from 0.
    pub part: u32,
    /// With which tool, from 0.
    pub tool: u8,
    /// Null: nobody had said which was loaded, or it was deleted.
    pub spool: Option<Spool>,
    /// mm.
    pub used_mm: f64,
    /// g; null without a spool.
    pub used_g: Option<f64>,
    /// By the spool's price; null where none is known.
    pub cost: Option<f64>,
    /// It is an estimate.
    pub about: bool,
}

/// All spools, and what is needed to enter one.
#[derive(Debug, Clone, PartialEq, Serialize, TS, JsonSchema)]
pub struct SpoolList {
    /// Those in use first.
    pub spools: Vec<SpoolView>,
    /// Materials to begin from.
    pub materials: Vec<Material>,
    /// Below so much a spool counts as low, g; 0 is never.
    pub low_g: f64,
}

/// What a print took, and what that cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct PrintCost {
    /// What it used of which spool; empty where nobody counted.
    pub parts: Vec<PrintSpool>,
    /// All its filament, g; null while its length is not known.
    pub grams: Option<f64>,
    /// The weight goes by the usual density and thickness, for want of better.
    pub assumed: bool,
    /// Some of it is an estimate.
    pub about: bool,
    /// By the spools' prices, and by that of a kilogram for the rest; null where a price is missing.
    pub filament: Option<f64>,
    /// Kilowatt hours, by the person's own watts.
    pub kwh: Option<f64>,
    /// Of these.
    pub energy: Option<f64>,
}

/// Whether a loaded spool is enough for what is to be printed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct SpoolNeed {
    /// From 0.
    pub tool: u8,
    /// What is needed, mm.
    pub needed_mm: f64,
    /// What that weighs, g: by the loaded spool, else as the file says; null where neither tells.
    pub needed_g: Option<f64>,
    /// What is loaded; null when nobody has said.
    pub spool: Option<SpoolId>,
    /// Its name.
    pub name: String,
    /// Its material; may be empty.
    pub material: String,
    /// What is left of it when this begins, mm.
    pub left_mm: Option<f64>,
    /// What is left of it when this begins, g.
    pub left_g: Option<f64>,
    /// What is left is an estimate.
    pub about: bool,
    /// It is not enough.
    pub short: bool,
    /// The file was sliced for this material, which is another one than that of the spool; null when it fits or is not known.
    pub other_material: Option<String>,
}

/// Returns what all parts of a print used, mm.
pub fn total_mm(uses: &[SpoolUse]) -> f64 {
    uses.iter().map(|one| one.used_mm).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spool_of_285_is_two_and_a_half_times_as_heavy() {
        let thin = grams_per_mm(1.75, 1.24);
        let thick = grams_per_mm(2.85, 1.24);
        assert!((thin * 1000.0 - 2.9826).abs() < 0.001, "{thin}");
        assert!((thick * 1000.0 - 7.9104).abs() < 0.001, "{thick}");
    }

    #[test]
    fn lengths_that_cannot_be_are_not_believed() {
        let sane = |mm| ToolUse { tool: 0, mm }.sane_mm();
        assert_eq!(sane(12.5), Some(12.5));
        for wrong in [-0.1, f64::NAN, f64::INFINITY, 1e12] {
            assert_eq!(sane(wrong), None, "{wrong}");
        }
    }
}
