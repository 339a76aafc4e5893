//! What a machine tells of itself, and what tells its port from others.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// The build volume, mm, in the order X, Y, Z.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Area {
    /// Least place that the nozzle may reach.
    pub min: [f64; 3],
    /// Greatest place that the nozzle may reach.
    pub max: [f64; 3],
}

/// What the firmware told of itself and of the machine. All that it did not tell is `None` or empty.
///
/// Values of four axes are in the order X, Y, Z, E.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(default)]
pub struct MachineProfile {
    /// `Marlin 2.1.2`.
    pub firmware: String,
    /// `MACHINE_TYPE`, may be empty.
    pub machine: String,
    /// `Cap:` lines: name and whether it is on.
    pub capabilities: BTreeMap<String, bool>,
    /// Build volume, from `area:` or the soft end-stops.
    pub area_mm: Option<Area>,
    /// Steps of the motors per mm.
    pub steps_per_mm: Option<[f64; 4]>,
    /// Greatest speed, mm/s.
    pub max_feed: Option<[f64; 4]>,
    /// Greatest acceleration, mm/s².
    pub max_accel: Option<[f64; 4]>,
    /// Acceleration of moves that extrude, mm/s².
    pub accel_print: Option<f64>,
    /// Acceleration of retractions, mm/s².
    pub accel_retract: Option<f64>,
    /// Acceleration of moves that do not extrude, mm/s².
    pub accel_travel: Option<f64>,
    /// Jerk, mm/s; `None` where the firmware plans by junction deviation.
    pub jerk: Option<[f64; 4]>,
    /// Junction deviation, mm; `None` where the firmware plans by jerk.
    pub junction_dev: Option<f64>,
    /// P, I, D of the hotend.
    pub pid_hotend: Option<[f64; 3]>,
    /// P, I, D of the bed.
    pub pid_bed: Option<[f64; 3]>,
    /// Place of the probe against the nozzle, mm.
    pub probe_offset_mm: Option<[f64; 3]>,
    /// How many extruders it has; 0 until told.
    pub extruders: u8,
    /// Heaters it reports: `tool0`, `bed`, `chamber`.
    pub heaters: Vec<String>,
    /// It was seen to say `busy` while it works.
    pub busy_protocol: bool,
}

/// What makes a USB port the same after replugging, or after the app was started anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct UsbIdentity {
    /// Number of the maker.
    pub vid: u16,
    /// Number of the product.
    pub pid: u16,
    /// Serial number; many boards have none.
    pub serial: Option<String>,
    /// Interface, where one device has several ports.
    pub interface: Option<u8>,
    /// The socket it is plugged into, as `/dev/serial/by-path` names it: tells two equal boards without serial number
    /// apart.
    #[serde(default)]
    pub by_path: Option<String>,
}

/// How one fact about the firmware is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SafetyGrade {
    /// The firmware says that it has it.
    Good,
    /// It lacks it; worth knowing, no danger by itself.
    Lacking,
    /// It lacks it, and that can become dangerous.
    Danger,
    /// It does not say.
    Unknown,
}

/// One line of the firmware's safety report, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct SafetyNote {
    /// For code: `thermal_protection`, `emergency_parser` …
    pub code: String,
    /// How it is.
    pub grade: SafetyGrade,
    /// "Thermal runaway protection".
    pub title: String,
    /// What that means, and what to do.
    pub text: String,
}
