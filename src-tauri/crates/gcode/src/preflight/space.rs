//! Whether a print fits into the printer.

use super::{Findings, Machine, Severity};
use crate::{Metadata, Summary};
use domain::Area;

/// Beyond the edge by less than this, mm, is rounding and the width of a line.
const LINE_MM: f64 = 1.0;
/// Purge lines are laid at the edge, and printers let them.
const PURGE_MM: f64 = 5.0;

pub(super) fn look(sum: &Summary, metadata: &Metadata, machine: &Machine<'_>, all: &mut Findings) {
    let area = machine.profile.and_then(|profile| profile.area_mm);
    if let Some(area) = area {
        bed(sum, metadata, &area, all);
    }
    let told = area.map_or(0.0, |area| area.max[2]);
    let top = if machine.max_z_mm > 0.0 { machine.max_z_mm } else { told };
    if top > 0.0 {
        height(sum, top, all);
    }
}

fn bed(sum: &Summary, metadata: &Metadata, area: &Area, all: &mut Findings) {
    let Some(part) = sum.part_extents.or(sum.extents) else { return };
    if let Some((beyond, edge)) = farthest(&part, area).filter(|(beyond, _)| *beyond > LINE_MM) {
        // Without the slicer's marks, the purge line is part of the part.
        let severity = if beyond > PURGE_MM { Severity::Stop } else { Severity::Warn };
        all.say(
            severity,
            format!("it prints {beyond:.0} mm beyond the {edge} edge of the bed"),
            cure(metadata, area),
        );
        return;
    }
    let whole = sum.extents.unwrap_or(part);
    if let Some((beyond, edge)) = farthest(&whole, area).filter(|(beyond, _)| *beyond > PURGE_MM) {
        all.say(
            Severity::Warn,
            format!(
                "before the first layer it pushes filament {beyond:.0} mm beyond the {edge} edge of the bed"
            ),
            "Check the purge line in your slicer's start G-code: it may be for another printer.",
        );
    }
}

fn cure(metadata: &Metadata, area: &Area) -> String {
    let centred = metadata.bed.is_some_and(|bed| bed.min[0] < -20.0) != (area.min[0] < -20.0);
    if metadata.bed.is_some() && centred {
        return "It was sliced for a printer whose zero is elsewhere (middle or corner of the bed). Choose your \
                printer in the slicer and slice again."
            .into();
    }
    let [x, y] = [0, 1].map(|axis| area.max[axis] - area.min[axis]);
    format!(
        "Choose your printer in the slicer (its bed is {x:.0} x {y:.0} mm), place the model on it and slice again."
    )
}

/// Returns by how much a print goes beyond the bed, and on which side.
fn farthest(extents: &[(f64, f64); 3], area: &Area) -> Option<(f64, &'static str)> {
    let [(left, right), (front, back), _] = *extents;
    let sides = [
        (area.min[0] - left, "left"),
        (right - area.max[0], "right"),
        (area.min[1] - front, "front"),
        (back - area.max[1], "back"),
    ];
    sides.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(beyond, _)| *beyond > 0.0)
}

fn height(sum: &Summary, top: f64, all: &mut Findings) {
    let part = sum.part_extents.or(sum.extents).map_or(0.0, |[_, _, (_, high)]| high);
    if part > top + 0.05 {
        all.say(
            Severity::Stop,
            format!("it goes up to {part:.1} mm, the printer reaches {top:.0} mm"),
            "Slice it for this printer, or correct the printer's height in Settings.",
        );
    } else if sum.z_max > top + 0.05 {
        all.say(
            Severity::Note,
            format!("it lifts the nozzle to {:.0} mm, the printer reaches {top:.0} mm", sum.z_max),
            "The part itself fits. Watch the end of the print, or lower the last lift in the end G-code.",
        );
    }
}
