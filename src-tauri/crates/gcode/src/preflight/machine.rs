//! Whether a file was made for another kind of machine.

use super::{Findings, Machine, Severity, speaks};
use crate::{Dialect, Metadata, Summary};

/// Kinds of printers by what their names contain, longer names first. Names of one row are one kind.
const KINDS: &[&[&str]] = &[
    &["bambu", "a1mini", "x1carbon", "p1s", "p1p"],
    &["ender5"],
    &["ender3", "ender2", "ender6", "ender7"],
    &["cr10", "cr6", "cr20"],
    &["mk4", "mk39"],
    &["mk3", "mk25"],
    &["corexl", "prusaxl"],
    &["voron"],
    &["kobra", "vyper"],
    &["i3mega", "chiron"],
    &["neptune"],
    &["sovol"],
    &["sidewinder", "genius", "hornet"],
    &["ultimaker"],
    &["raise3d"],
    &["snapmaker"],
    &["kossel", "delta", "flsun"],
    &["monoprice", "malyan"],
    &["printrbot"],
    &["weedo"],
    &["qidi"],
    &["ratrig", "vcore"],
    // Last, for many others call themselves so too.
    &["mini"],
];

/// Says which firmware's commands the file has that the printer does not know. Returns whether it needs them.
pub(super) fn dialects(sum: &Summary, machine: &Machine<'_>, all: &mut Findings) -> bool {
    let signs = &sum.signs;
    let mut needed = false;
    for foreign in signs.foreign.iter().filter(|foreign| !speaks(machine, foreign.dialect)) {
        // It starts by a macro when it neither homes nor heats itself before it prints.
        let first = signs.extruded_line.unwrap_or(u64::MAX);
        let starts_itself = signs.heated_first && signs.homed_line.is_some_and(|homed| homed < first);
        let (name, must) = match foreign.dialect {
            Dialect::Klipper => ("Klipper", !starts_itself),
            Dialect::RepRapFirmware => ("RepRapFirmware (Duet)", !starts_itself),
            Dialect::Bambu => ("Bambu Lab printers", true),
        };
        needed |= must;
        let severity = if must { Severity::Stop } else { Severity::Warn };
        let first = foreign.text.split_whitespace().next().unwrap_or_default();
        all.say(
            "other_firmware",
            severity,
            format!("it was sliced for {name}: line {} says {first}", foreign.line),
            "This printer does not know such commands. Choose your printer, or Marlin as its firmware, in the \
             slicer, and slice again.",
        );
    }
    needed
}

pub(super) fn tools(sum: &Summary, machine: &Machine<'_>, all: &mut Findings) {
    let tools = &sum.signs.tools;
    let has = machine.profile.map_or(0, |profile| profile.extruders);
    let highest = tools.iter().copied().max().unwrap_or(0);
    if has > 0 && highest >= has {
        let owns = if has == 1 { "one extruder".into() } else { format!("{has} extruders") };
        all.say(
            "other_extruder",
            Severity::Stop,
            format!("it prints with extruder {}, the printer has {owns}", u16::from(highest) + 1),
            "Choose your printer in the slicer, give all parts the same filament, and slice again.",
        );
    } else if has == 0 && tools.len() > 1 {
        all.say(
            "several_extruders",
            Severity::Warn,
            format!("it prints with {} extruders", tools.len()),
            "Fine if the printer has as many; else give all parts the same filament in the slicer.",
        );
    }
}

pub(super) fn model(metadata: &Metadata, machine: &Machine<'_>, all: &mut Findings) {
    let Some((named, profile)) = metadata.printer.as_deref().zip(machine.profile) else { return };
    let (theirs, ours) = (plain(named), plain(&profile.machine));
    if let (Some(theirs), Some(ours)) = (kind(&theirs), kind(&ours))
        && theirs != ours
    {
        all.say(
            "other_printer",
            Severity::Warn,
            format!("it was sliced for {named}, this printer is {}", profile.machine.trim()),
            "Start and end moves may not fit. Choose this printer in the slicer and slice again.",
        );
    }
}

/// Letters and digits only: `Ender-3 V2` and `ENDER3V2` are one.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Returns the row of a printer; what has none may be anything.
fn kind(name: &str) -> Option<usize> {
    KINDS.iter().position(|names| names.iter().any(|part| name.contains(part)))
}
