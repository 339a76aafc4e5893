//! What the filament of a file weighs.

use crate::{Metadata, Summary};
use serde::Serialize;
use std::f64::consts::PI;

/// Diameter where the file does not say it, mm.
const USUAL_DIAMETER_MM: f64 = 1.75;
/// Density where the file does not say it: that of PLA, g/cm³.
const USUAL_DENSITY: f64 = 1.24;

/// Grams of filament.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Weight {
    /// All tools.
    pub grams: f64,
    /// The file does not say how dense or how thick the filament is: it was taken for the usual.
    pub assumed: bool,
}

/// Weighs the filament of a file: the volume is that of a cylinder.
pub fn weigh(sum: &Summary, metadata: &Metadata) -> Weight {
    weigh_for(sum, metadata, USUAL_DIAMETER_MM)
}

/// As [`weigh`], on a printer whose filament is so thick: that counts where the file does not say it.
pub fn weigh_for(sum: &Summary, metadata: &Metadata, diameter_mm: f64) -> Weight {
    if let (Some(grams), Some(mm), []) =
        (metadata.filament_g, metadata.filament_mm, metadata.densities.as_slice())
    {
        return Weight { grams: sum.filament_mm * grams / mm, assumed: false };
    }
    let mut weight = Weight::default();
    for (tool, mm) in sum.filament_per_tool_mm.iter().enumerate().filter(|(_, mm)| **mm > 0.0) {
        let density = said(&metadata.densities, tool, 0.3..15.0);
        let diameter = said(&metadata.diameters, tool, 0.5..10.0);
        weight.assumed |= density.is_none() || diameter.is_none();
        let radius = diameter.unwrap_or(diameter_mm) / 2.0;
        let density = density.unwrap_or_else(|| usual_density(metadata.material.as_deref()));
        weight.grams += PI * radius * radius * mm / 1000.0 * density;
    }
    weight
}

/// Returns a tool's value, or that of the first where there is one for all.
fn said(list: &[f64], tool: usize, sane: std::ops::Range<f64>) -> Option<f64> {
    list.get(tool).or(list.first()).copied().filter(|value| sane.contains(value))
}

fn usual_density(material: Option<&str>) -> f64 {
    domain::material_named(material.unwrap_or_default()).map_or(USUAL_DENSITY, |material| material.density)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(tools: &[f64], metadata: &Metadata) -> (f64, bool) {
        let sum = Summary {
            filament_mm: tools.iter().sum(),
            filament_per_tool_mm: tools.to_vec(),
            ..Summary::default()
        };
        let weight = weigh(&sum, metadata);
        ((weight.grams * 100.0).round() / 100.0, weight.assumed)
    }

    #[test]
    fn what_the_file_says_counts_for_each_tool() {
        let metadata =
            Metadata { densities: vec![1.24, 1.04], diameters: vec![1.75, 2.85], ..Metadata::default() };
        assert_eq!(weight(&[1000.0], &metadata), (2.98, false));
        assert_eq!(weight(&[1000.0, 1000.0], &metadata), (9.62, false));
        let one = Metadata { densities: vec![1.24], diameters: vec![1.75], ..Metadata::default() };
        assert_eq!(weight(&[0.0, 0.0, 1000.0], &one), (2.98, false), "one for all");
    }

    #[test]
    fn what_it_does_not_say_is_assumed_and_said_so() {
        let zero = Metadata { densities: vec![0.0], diameters: vec![1.75], ..Metadata::default() };
        assert_eq!(weight(&[1000.0], &zero), (2.98, true));
        assert_eq!(weight(&[1000.0], &Metadata::default()), (2.98, true));
        let abs = Metadata { material: Some("ABS+".into()), ..zero };
        assert_eq!(weight(&[1000.0], &abs), (2.5, true));
        assert_eq!(weight(&[], &Metadata::default()), (0.0, false));
    }

    #[test]
    fn the_slicers_own_grams_tell_the_density() {
        let claims = Metadata { filament_g: Some(7.5), filament_mm: Some(2500.0), ..Metadata::default() };
        assert_eq!(weight(&[1000.0], &claims), (3.0, false));
    }
}
