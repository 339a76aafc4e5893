//! A look at a file before anything heats: what is wrong with it for a printer, in plain words.
//!
//! A finding that is wrong is worse than a missing one: people learn to click it away. What may well be meant so is
//! not a [`Severity::Stop`].

mod cut_off;
mod machine;
mod space;

use crate::signs::Misreadings;
use crate::{Dialect, Metadata, Summary};
use domain::MachineProfile;
use parser::FirmwareG90;
use serde::Serialize;

/// Hotter than a usual hotend with a PTFE tube stands, degrees Celsius.
const PTFE_LIMIT_C: f64 = 260.0;
/// Hotter than usual all-metal hotends and their thermistors stand.
const METAL_LIMIT_C: f64 = 300.0;
/// Hotter than usual beds become.
const BED_LIMIT_C: f64 = 120.0;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Printing it would fail or do harm.
    Stop,
    /// It may be meant so.
    Warn,
    /// Good to know.
    Note,
}

/// Something that was found in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct Finding {
    /// What kind of finding it is, in one word that does not change: `never_homes`.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    #[serde(rename = "do")]
    pub cure: String,
}

/// What is known of the printer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Machine<'a> {
    /// What it told of itself.
    pub profile: Option<&'a MachineProfile>,
    /// How high it reaches as the user set it, mm; 0 when nobody did.
    pub max_z_mm: f64,
}

/// Findings in the making.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn say(
        &mut self,
        code: &'static str,
        severity: Severity,
        what: impl Into<String>,
        cure: impl Into<String>,
    ) {
        self.0.push(Finding { code, severity, what: what.into(), cure: cure.into() });
    }
}

/// Returns all that is wrong with a file for a printer.
pub fn preflight(sum: &Summary, metadata: &Metadata, machine: &Machine<'_>) -> Vec<Finding> {
    let mut all = Findings::default();
    if sum.layers == 0 || sum.filament_mm <= 0.0 {
        all.say(
            "no_plastic",
            Severity::Stop,
            "the file lays no plastic",
            "Slice the model again; this may be a calibration or a broken export.",
        );
    }
    cut_off::look(sum, metadata, machine, &mut all);
    space::look(sum, metadata, machine, &mut all);
    let foreign = machine::dialects(sum, machine, &mut all);
    machine::tools(sum, machine, &mut all);
    machine::model(metadata, machine, &mut all);
    // A start macro of another firmware may home and heat; that it will not is said already.
    if !foreign && sum.layers > 0 {
        homing(sum, &mut all);
        heat(sum, &mut all);
    }
    limits(sum, &mut all);
    misread(sum, machine, &mut all);
    modes(sum, machine, &mut all);
    all.0
}

/// What is not read as it is meant. RepRapFirmware alone has expressions in brackets of its own.
fn misread(sum: &Summary, machine: &Machine<'_>, all: &mut Findings) {
    let severity = |found: &Misreadings| if found.moves_or_heats { Severity::Stop } else { Severity::Warn };
    let more = |found: &Misreadings| match found.count {
        1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    let duet = speaks(machine, Dialect::RepRapFirmware)
        || sum.signs.foreign.iter().any(|f| f.dialect == Dialect::RepRapFirmware);
    if let Some(found) = sum.signs.placeholders.as_ref().filter(|_| !duet) {
        all.say(
            "placeholder",
            severity(found),
            format!(
                "line {} holds a word of the slicer's template instead of a value: {}{}",
                found.line,
                found.text,
                more(found)
            ),
            "The printer reads no value there. Correct the G-code of your slicer's printer profile, and slice again.",
        );
    }
    if let Some(found) = &sum.signs.exponents {
        all.say(
            "exponent",
            severity(found),
            format!(
                "line {} holds a number with an exponent, of which printers read only what stands before it: {}{}",
                found.line,
                found.text,
                more(found)
            ),
            "It would move or extrude far too much. Update your slicer or its post-processing script, and slice again.",
        );
    }
}

/// Modes that firmwares read in two ways, or not at all.
fn modes(sum: &Summary, machine: &Machine<'_>, all: &mut Findings) {
    if sum.signs.ultigcode {
        all.say(
            "ultigcode",
            Severity::Stop,
            "it is made for the card of an Ultimaker (UltiGCode): it counts filament as a volume and does not heat",
            "Over USB the printer would push about six times too much. Choose the G-code flavour Marlin in your \
             slicer, and slice again.",
        );
    }
    if let Some(line) = sum.signs.inches_line {
        all.say(
            "inches",
            Severity::Warn,
            format!("it counts in inches from line {line} on (G20)"),
            "Many printers do not know inches and would print it 25 times too small. Export it in millimetres.",
        );
    }
    let Some(line) = sum.signs.g90_after_m83_line else { return };
    let firmware = machine.profile.map(|p| p.firmware.as_str()).unwrap_or_default();
    match FirmwareG90::of_firmware(firmware) {
        Some(FirmwareG90::KeepsM83) => (),
        Some(FirmwareG90::EndsM83) => all.say(
            "g90_ends_m83",
            Severity::Warn,
            format!("from line {line} on this printer counts filament absolutely, which the file may not mean"),
            "On this firmware G90 ends M83. Put M83 behind each G90 in the slicer's own G-code, and slice again.",
        ),
        None => all.say(
            "g90_after_m83",
            Severity::Note,
            format!("how much it extrudes from line {line} on depends on the printer's firmware"),
            "Some firmwares end M83 with G90. The figures here are for those that do not. Put M83 behind each G90.",
        ),
    }
}

fn homing(sum: &Summary, all: &mut Findings) {
    let first = sum.signs.extruded_line.unwrap_or(u64::MAX);
    if sum.signs.homed_line.is_none_or(|homed| homed > first) {
        all.say(
            "never_homes",
            Severity::Stop,
            "it never homes the printer before it prints",
            "The nozzle could run into the bed. Add G28 to the start G-code in your slicer, and slice again.",
        );
    }
}

fn heat(sum: &Summary, all: &mut Findings) {
    if sum.max_hotend_c.is_none() {
        all.say(
            "never_heats",
            Severity::Warn,
            "the file never heats the nozzle itself",
            "Fine if you heat it by hand before; else slice it again with a start G-code that heats.",
        );
        return;
    }
    if !sum.signs.heated_first {
        all.say(
            "pushes_cold",
            Severity::Warn,
            "it pushes filament before it heats the nozzle",
            "Heat the nozzle by hand first, or put M109 before the first line in your slicer's start G-code.",
        );
    }
    if sum.max_bed_c.is_none() {
        all.say(
            "cold_bed",
            Severity::Note,
            "the bed stays cold",
            "Fine on a printer without a heated bed, or with the right glue.",
        );
    }
}

fn limits(sum: &Summary, all: &mut Findings) {
    match sum.max_hotend_c {
        Some(hot) if hot > METAL_LIMIT_C => all.say(
            "hotend_too_hot",
            Severity::Stop,
            format!("the nozzle goes up to {hot:.0} °C"),
            "Nearly no hotend stands this. Choose the right filament in your slicer, unless yours is made for it.",
        ),
        Some(hot) if hot > PTFE_LIMIT_C => all.say(
            "hotend_hot",
            Severity::Warn,
            format!("the nozzle goes up to {hot:.0} °C"),
            "Only an all-metal hotend stands this. With a PTFE tube inside, choose another profile.",
        ),
        Some(_) | None => (),
    }
    if let Some(hot) = sum.max_bed_c.filter(|hot| *hot > BED_LIMIT_C) {
        all.say(
            "bed_hot",
            Severity::Warn,
            format!("the bed goes up to {hot:.0} °C"),
            "Most beds do not get so hot, and the print would wait for ever. Lower it in your slicer.",
        );
    }
}

/// Returns whether the printer's own firmware is the one that these commands are for.
fn speaks(machine: &Machine<'_>, dialect: Dialect) -> bool {
    let firmware = machine.profile.map(|p| p.firmware.to_ascii_lowercase()).unwrap_or_default();
    match dialect {
        Dialect::Klipper => firmware.contains("klipper"),
        Dialect::RepRapFirmware => firmware.contains("reprapfirmware"),
        Dialect::Bambu => firmware.contains("bambu"),
    }
}

#[cfg(test)]
#[path = "preflight/tests.rs"]
mod tests;
