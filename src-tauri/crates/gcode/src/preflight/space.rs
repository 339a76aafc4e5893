//! Whether a print fits into the printer.

use super::{Findings, Machine, Severity};
use crate::{Metadata, Summary};
use domain::Area;

/// Beyond the edge by less than this, mm, is rounding and the width of a line.
const LINE_MM: f64 = 1.0;
/// Purge lines are laid at the edge, and printers let them.
const PURGE_MM: f64 = 5.0;
/// Printers wipe and park beside the bed, and few state how far they reach.
const TRAVEL_MM: f64 = 20.0;
/// Plastic laid deeper than this is no fine tuning of the first layer, mm.
const DEEP_MM: f64 = 0.3;
/// Deeper than this the nozzle is pressed into the bed.
const INTO_BED_MM: f64 = 1.0;

pub(super) fn look(sum: &Summary, metadata: &Metadata, machine: &Machine<'_>, all: &mut Findings) {
    let area = machine.profile.and_then(|profile| profile.area_mm);
    if let Some(area) = area {
        let is_beyond = bed(sum, metadata, &area, all);
        if !is_beyond {
            travel(sum, metadata, &area, all);
        }
    }
    depth(sum, all);
    let told = area.map_or(0.0, |area| area.max[2]);
    let top = if machine.max_z_mm > 0.0 { machine.max_z_mm } else { told };
    if top > 0.0 {
        height(sum, top, all);
    }
}

/// Returns whether plastic goes beyond the bed.
fn bed(sum: &Summary, metadata: &Metadata, area: &Area, all: &mut Findings) -> bool {
    let Some(part) = sum.part_extents.or(sum.extents) else { return false };
    if let Some((beyond, edge)) = farthest(&part, area).filter(|(beyond, _)| *beyond > LINE_MM) {
        // Without the slicer's marks, the purge line is part of the part.
        let severity = if beyond > PURGE_MM { Severity::Stop } else { Severity::Warn };
        all.say(
            "beyond_bed",
            severity,
            format!("it prints {beyond:.0} mm beyond the {edge} edge of the bed"),
            cure(metadata, area),
        );
        return true;
    }
    let whole = sum.extents.unwrap_or(part);
    let Some((beyond, edge)) = farthest(&whole, area).filter(|(beyond, _)| *beyond > PURGE_MM) else {
        return false;
    };
    all.say(
        "purge_beyond_bed",
        Severity::Warn,
        format!("before the first layer it pushes filament {beyond:.0} mm beyond the {edge} edge of the bed"),
        "Check the purge line in your slicer's start G-code: it may be for another printer.",
    );
    true
}

/// The head is led far beyond the bed, without plastic.
fn travel(sum: &Summary, metadata: &Metadata, area: &Area, all: &mut Findings) {
    let middle = |axis: usize| (area.min[axis] + area.max[axis]) / 2.0;
    let reach = [0, 1, 2].map(|axis| sum.reach[axis].unwrap_or((middle(axis), middle(axis))));
    if let Some((beyond, edge)) = farthest(&reach, area).filter(|(beyond, _)| *beyond > TRAVEL_MM) {
        all.say(
            "moves_beyond_bed",
            Severity::Warn,
            format!("it moves the head {beyond:.0} mm beyond the {edge} edge of the bed"),
            cure(metadata, area),
        );
    }
}

/// It goes below the bed.
fn depth(sum: &Summary, all: &mut Findings) {
    let laid = sum.extents.map_or(0.0, |[_, _, (low, _)]| -low);
    let moved = sum.reach[2].map_or(0.0, |(low, _)| -low);
    let (deepest, what) = if laid > DEEP_MM { (laid, "prints") } else { (moved, "moves") };
    let most = if laid > DEEP_MM { DEEP_MM } else { INTO_BED_MM };
    if deepest > most {
        let severity = if laid > INTO_BED_MM { Severity::Stop } else { Severity::Warn };
        all.say(
            "below_bed",
            severity,
            format!("it {what} {deepest:.1} mm below the bed"),
            "The nozzle could scratch the bed. Check the start G-code and the Z offset in your slicer, and slice again.",
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
            "too_high",
            Severity::Stop,
            format!("it goes up to {part:.1} mm, the printer reaches {top:.0} mm"),
            "Slice it for this printer, or correct the printer's height in Settings.",
        );
    } else if sum.z_max > top + 0.05 {
        all.say(
            "lifts_too_high",
            Severity::Note,
            format!("it lifts the nozzle to {:.0} mm, the printer reaches {top:.0} mm", sum.z_max),
            "The part itself fits. Watch the end of the print, or lower the last lift in the end G-code.",
        );
    }
}
