//! Whether the loaded spools are enough for what is to be printed. It warns, and holds nothing up.

use crate::library::FileWeight;
use domain::{PrintSpool, PrinterView, SpoolNeed, SpoolView, material_named};
use std::collections::BTreeMap;

/// Less than this, mm, is rounding.
const SAME_MM: f64 = 1.0;

/// What is left on the spools of a printer when the next print begins, by tool.
pub(super) struct Left<'a> {
    printer: &'a PrinterView,
    spools: &'a [SpoolView],
    /// Promised to what comes before, mm by tool.
    promised: BTreeMap<u8, f64>,
}

impl<'a> Left<'a> {
    /// `running`: the file of the print under way and what it has used so far; it goes on to its end.
    pub(super) fn new(
        printer: &'a PrinterView,
        spools: &'a [SpoolView],
        running: Option<(&FileWeight, &[PrintSpool])>,
    ) -> Self {
        let mut promised = BTreeMap::new();
        if let Some((file, used)) = running {
            for (tool, mm) in file.by_tool() {
                let so_far: f64 = used.iter().filter(|part| part.tool == tool).map(|part| part.used_mm).sum();
                promised.insert(tool, (mm - so_far).max(0.0));
            }
        }
        Self { printer, spools, promised }
    }

    /// Returns what so many copies of a file need, tool by tool; from then on that is promised to them.
    pub(super) fn take(&mut self, file: &FileWeight, copies: u32) -> Vec<SpoolNeed> {
        file.by_tool().into_iter().map(|(tool, mm)| self.need(file, tool, mm * f64::from(copies))).collect()
    }

    fn need(&mut self, file: &FileWeight, tool: u8, needed_mm: f64) -> SpoolNeed {
        let loaded = self.printer.vigil.spools.iter().find(|loaded| loaded.tool == tool);
        let spool = loaded.and_then(|loaded| self.spools.iter().find(|view| view.spool.id == loaded.spool));
        let promised = self.promised.entry(tool).or_default();
        let left_mm = spool.map(|view| (view.left_mm - *promised).max(0.0));
        *promised += needed_mm;
        let of_file = file.grams(needed_mm, self.printer.vigil.filament_diameter_mm);
        SpoolNeed {
            tool,
            needed_mm,
            needed_g: Some(spool.map_or(of_file.grams, |view| view.spool.grams(needed_mm))),
            spool: spool.map(|view| view.spool.id),
            name: spool.map(|view| view.spool.name.clone()).unwrap_or_default(),
            material: spool.map(|view| view.spool.material.clone()).unwrap_or_default(),
            left_mm,
            left_g: spool.zip(left_mm).map(|(view, mm)| view.spool.grams(mm)),
            about: spool.is_some_and(|view| view.about),
            short: left_mm.is_some_and(|left| left + SAME_MM < needed_mm),
            other_material: spool.and_then(|view| other_material(file.material(tool)?, &view.spool.material)),
        }
    }
}

/// Returns the file's material where the spool plainly has another one.
fn other_material(of_file: &str, of_spool: &str) -> Option<String> {
    let (file, spool) = (material_named(of_file)?, material_named(of_spool)?);
    (file.name != spool.name).then(|| of_file.to_owned())
}

#[cfg(test)]
mod tests {
    use super::other_material;

    #[test]
    fn another_material_is_told_and_a_brand_of_the_same_is_not() {
        assert_eq!(other_material("PETG", "PLA+"), Some("PETG".to_owned()));
        for (file, spool) in [("PLA", "Silk PLA"), ("wood", "PLA"), ("PLA", "")] {
            assert_eq!(other_material(file, spool), None, "{file} on {spool}");
        }
    }
}
