//! Materials of filament: how dense each is, and at what temperatures people begin with it.

use schemars::JsonSchema;
use serde::Serialize;
use ts_rs::TS;

/// A kind of filament, as makers give it: a place to begin from, which a spool's own values replace.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, TS, JsonSchema)]
pub struct Material {
    /// As it stands on spools and in files.
    pub name: &'static str,
    /// g/cm³.
    pub density: f64,
    /// Of the nozzle, °C.
    pub hotend_c: f64,
    /// °C.
    pub bed_c: f64,
}

const fn material(name: &'static str, density: f64, hotend_c: f64, bed_c: f64) -> Material {
    Material { name, density, hotend_c, bed_c }
}

/// The materials that are known, the commonest first.
pub const MATERIALS: &[Material] = &[
    material("PLA", 1.24, 210.0, 60.0),
    material("PETG", 1.27, 240.0, 80.0),
    material("ABS", 1.04, 245.0, 100.0),
    material("ASA", 1.07, 250.0, 100.0),
    material("TPU", 1.21, 225.0, 50.0),
    material("PA", 1.14, 255.0, 80.0),
    material("PC", 1.20, 275.0, 110.0),
    material("HIPS", 1.04, 235.0, 100.0),
    material("PVA", 1.23, 200.0, 60.0),
    material("PP", 0.90, 230.0, 85.0),
];

/// Other names of the same.
const ALSO: &[(&str, &str)] = &[("PET", "PETG"), ("FLEX", "TPU"), ("TPE", "TPU"), ("NYLON", "PA")];

/// Finds the material that a name means: `PLA+` and `Silk PLA` are PLA, `PETG` is no `PET`. `None` where it is not known.
pub fn material_named(name: &str) -> Option<&'static Material> {
    let name = name.to_ascii_uppercase();
    let words = || name.split(|c: char| !c.is_ascii_alphabetic());
    let known = |wanted: &str| MATERIALS.iter().find(|material| material.name == wanted);
    let by_word = words().find_map(|word| {
        let also = ALSO.iter().find(|(other, _)| *other == word).map(|(_, same)| *same);
        known(also.unwrap_or(word))
    });
    // `PLAPLUS` and the like; what has two letters would be found in too many words.
    by_word
        .or_else(|| MATERIALS.iter().find(|material| material.name.len() > 2 && name.contains(material.name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_makers_are_understood() {
        let named = |name: &str| material_named(name).map(|material| material.name);
        for (name, material) in [
            ("PLA", "PLA"),
            ("pla+", "PLA"),
            ("Silk PLA", "PLA"),
            ("PLAPlus", "PLA"),
            ("PETG", "PETG"),
            ("PET", "PETG"),
            ("PET-CF", "PETG"),
            ("TPU 95A", "TPU"),
            ("FLEX", "TPU"),
            ("PA6-GF", "PA"),
            ("Nylon", "PA"),
            ("ABS+", "ABS"),
        ] {
            assert_eq!(named(name), Some(material), "{name}");
        }
        for unknown in ["", "wood", "SPACE"] {
            assert_eq!(named(unknown), None, "{unknown}");
        }
    }
}
