//! The status that an agent sends: what the printer is doing, how hot it is, how far the print is.

use crate::values::{amount, count, file_name, number};
use domain::{JobPhase, JobReport, PrintId, PrinterState, Temperature, Temperatures, ToolUse, one_line};
use serde_json::Value;

/// Most heaters and sensors that are kept.
const MOST_HEATERS: usize = 24;
/// Longest name of a heater that is kept, characters.
const LONGEST_HEATER: usize = 48;
/// Hotter than any part of a printer, degrees Celsius: no reading.
const HOTTEST_C: f64 = 2_000.0;
/// What agents say while they fetch a file that is to be printed.
const DOWNLOADING: &str = "G-Code Downloading";
/// Where the size of a file is not told, its share is counted in so many parts.
const PARTS: u64 = 100_000;

/// A status, read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Status {
    /// When it was made, by the agent's clock, Unix seconds.
    pub(crate) ts: f64,
    pub(crate) state: PrinterState,
    /// The host has no link to its printer.
    pub(crate) disconnected: bool,
    /// The agent fetches a file that is to be printed.
    pub(crate) downloading: bool,
    pub(crate) temperatures: Temperatures,
    /// What the agent calls the heaters that we name otherwise: our name, its name.
    pub(crate) names: Vec<(String, String)>,
    pub(crate) file: Option<String>,
    progress: Progress,
    z_mm: Option<f64>,
    /// The layer that is laid, from 1, and how many there are.
    layer: Option<u64>,
    layers: Option<u64>,
}

/// How far the print is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Progress {
    /// Percent.
    completion: Option<f64>,
    filepos: Option<u64>,
    size: Option<u64>,
    print_secs: Option<f64>,
    left_secs: Option<f64>,
    estimated_secs: Option<f64>,
    filament_mm: Option<f64>,
}

impl Status {
    /// Reads a status; `None` when it is none, or does not say when it was made.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        let ts = number(&value["_ts"])?;
        let (temperatures, names) = temperatures(&value["temperatures"]);
        let (job, progress) = (&value["job"], &value["progress"]);
        let file = &job["file"];
        Some(Self {
            ts,
            state: state(&value["state"]),
            disconnected: is_on(&value["state"]["flags"]["closedOrError"]),
            downloading: value["state"]["text"].as_str() == Some(DOWNLOADING),
            temperatures,
            names,
            file: ["display", "name", "path"].iter().find_map(|key| file_name(&file[*key])),
            progress: Progress {
                completion: amount(&progress["completion"]).filter(|percent| *percent <= 100.0),
                filepos: count(&progress["filepos"]),
                size: count(&file["size"]).filter(|size| *size > 0),
                print_secs: amount(&progress["printTime"]),
                left_secs: amount(&progress["printTimeLeft"]),
                estimated_secs: amount(&job["estimatedPrintTime"]),
                filament_mm: amount(&progress["filamentUsed"]),
            },
            z_mm: number(&value["currentZ"]),
            // Agents name it a height; it is a count.
            layer: count(&value["currentLayerHeight"]).filter(|layer| *layer > 0),
            layers: count(&value["file_metadata"]["obico"]["totalLayerCount"]).filter(|layers| *layers > 0),
        })
    }

    /// Returns how long the print still takes by the host's own word, seconds.
    pub(crate) fn left_secs(&self) -> Option<f64> {
        self.progress.left_secs
    }

    /// Returns whether the print is all but done.
    pub(crate) fn is_near_end(&self) -> bool {
        self.progress.completion.is_some_and(|percent| percent >= 99.5)
    }

    /// Returns the report of the print with this number and name.
    pub(crate) fn job(&self, print: PrintId, name: &str, state: PrinterState) -> JobReport {
        let Progress { completion, filepos, size, print_secs, left_secs, estimated_secs, filament_mm } =
            self.progress;
        let (filepos, file_bytes) = match (filepos, size, completion) {
            (Some(filepos), Some(size), _) => (filepos.min(size), size),
            (_, _, Some(percent)) => ((percent / 100.0 * PARTS as f64) as u64, PARTS),
            _ => (0, 0),
        };
        JobReport {
            print,
            file: None,
            name: name.to_owned(),
            phase: phase(state),
            line: 0,
            lines: 0,
            filepos,
            file_bytes,
            layer_idx: self.layer.and_then(|layer| u32::try_from(layer - 1).ok()),
            layers: self.layers.and_then(|layers| u32::try_from(layers).ok()),
            z_mm: self.z_mm,
            print_secs: print_secs.unwrap_or_default(),
            heating_secs: 0.0,
            filament_mm: filament_mm.unwrap_or_default(),
            used: filament_mm.map(|mm| ToolUse { tool: 0, mm }).into_iter().collect(),
            filament_total_mm: None,
            estimated_secs,
            analysed_secs: None,
            slicer_left_secs: left_secs,
            steps: Vec::new(),
            on_card: false,
            left_out: Vec::new(),
        }
    }
}

fn phase(state: PrinterState) -> JobPhase {
    match state {
        PrinterState::Heating => JobPhase::Heating,
        PrinterState::Pausing => JobPhase::Pausing,
        PrinterState::Paused => JobPhase::Paused,
        PrinterState::Resuming => JobPhase::Resuming,
        PrinterState::Cancelling => JobPhase::Cancelling,
        PrinterState::Finishing => JobPhase::Finishing,
        PrinterState::Printing
        | PrinterState::Offline
        | PrinterState::Connecting
        | PrinterState::Operational
        | PrinterState::LinkLost
        | PrinterState::Halted => JobPhase::Printing,
    }
}

fn is_on(flag: &Value) -> bool {
    flag.as_bool().unwrap_or(false)
}

/// Returns the state that flags and text tell: the flags first, since texts are for people.
fn state(value: &Value) -> PrinterState {
    let flags = &value["flags"];
    let text = value["text"].as_str().unwrap_or_default();
    let is = |flag: &str, word: &str| is_on(&flags[flag]) || text == word;
    if is("cancelling", "Cancelling") {
        PrinterState::Cancelling
    } else if is("pausing", "Pausing") {
        PrinterState::Pausing
    } else if is("resuming", "Resuming") {
        PrinterState::Resuming
    } else if is_on(&flags["paused"]) {
        PrinterState::Paused
    } else if is("finishing", "Finishing") {
        PrinterState::Finishing
    } else if is_on(&flags["printing"]) {
        if text == "Starting" { PrinterState::Heating } else { PrinterState::Printing }
    } else if is_on(&flags["error"]) || is_on(&flags["closedOrError"]) {
        PrinterState::Offline
    } else if is_on(&flags["operational"]) || text == DOWNLOADING {
        PrinterState::Operational
    } else {
        PrinterState::Connecting
    }
}

/// Returns temperatures by our names, and the agent's names where they are others.
fn temperatures(value: &Value) -> (Temperatures, Vec<(String, String)>) {
    let mut read = Temperatures::new();
    let mut names = Vec::new();
    let Some(heaters) = value.as_object() else { return (read, names) };
    for (theirs, told) in heaters.iter().take(MOST_HEATERS) {
        let in_range = |c: &f64| c.abs() < HOTTEST_C;
        let Some(actual) = number(&told["actual"]).filter(in_range) else { continue };
        let target = number(&told["target"]).filter(in_range);
        let ours = our_name(theirs);
        if ours != *theirs && theirs.chars().count() <= LONGEST_HEATER {
            names.push((ours.clone(), theirs.clone()));
        }
        read.insert(ours, Temperature { actual, target, offset: 0.0 });
    }
    (read, names)
}

/// Klipper names heaters by their sections; we have OctoPrint's names.
fn our_name(theirs: &str) -> String {
    match theirs.strip_prefix("extruder") {
        Some("") => "tool0".into(),
        Some(number) if number.parse::<u8>().is_ok() => format!("tool{number}"),
        Some(_) | None if theirs == "heater_bed" => "bed".into(),
        Some(_) | None => one_line(theirs, LONGEST_HEATER),
    }
}
