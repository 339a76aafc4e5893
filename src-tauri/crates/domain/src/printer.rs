//! The printer as it is stored, and its settings as Obico shows them.

use crate::{CameraId, PrinterId, Scripts, StreamRatio, Timestamp, WatchSettings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// What to do when a failure is detected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub enum ActionOnFailure {
    /// Pause when the detection is sure, alert when it is not.
    #[serde(rename = "PAUSE")]
    Pause,
    /// Alert only.
    #[serde(rename = "NONE")]
    None,
}

/// What is at the other end of the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrinterKind {
    /// A machine on a serial port.
    Serial,
    /// The simulated printer, on the demo's clock.
    Demo,
    /// A machine that OctoPrint or Klipper drives; their Obico agent speaks for it.
    Agent,
}

/// Which port to open, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct PortChoice {
    /// Device path or name: `/dev/ttyUSB0`, `COM4`; prefer the by-id path.
    pub path: String,
    /// Baud rate, 115200 or 250000 for most machines; 0 is "find it".
    pub baud: u32,
}

/// Presets: for each the name of the heater (and `name`) to degrees Celsius.
pub type TempProfiles = Vec<BTreeMap<String, serde_json::Value>>;

/// A printer, as stored. `status`, `pic`, `settings` are live and never stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Printer {
    /// Id in API paths.
    pub id: PrinterId,
    /// At most 256 characters.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When a setting last changed.
    pub updated_at: Timestamp,
    /// What to do when a failure is detected.
    pub action_on_failure: ActionOnFailure,
    /// The person's switch; see `not_watching_reason` for whether it really watches.
    pub watching_enabled: bool,
    /// Hotend off while paused.
    pub tools_off_on_pause: bool,
    /// Bed off while paused.
    pub bed_off_on_pause: bool,
    /// Filament retracted on pause, mm; 0 is none.
    pub retract_on_pause: f64,
    /// Lift on pause, mm; 0 is none.
    pub lift_z_on_pause: f64,
    /// 0.8 (least) to 1.2 (most sensitive); anything else is refused.
    pub detective_sensitivity: f64,
    /// Shortest finished print that gets a film, seconds; -1 is never.
    pub min_timelapse_secs_on_finish: i64,
    /// Shortest cancelled print that gets a film, seconds; -1 is never.
    pub min_timelapse_secs_on_cancel: i64,
    /// 20 hex digits by which an agent names itself.
    pub auth_token: String,
    /// Hidden since.
    pub archived_at: Option<Timestamp>,
    /// Multiplier on every confidence; for experts, not in the API.
    pub detection_bending_factor: Option<f64>,
    /// The print under way.
    pub current_print: Option<crate::PrintId>,
    /// What is at the other end.
    pub kind: PrinterKind,
    /// Who speaks for it; exactly when its kind is [`PrinterKind::Agent`].
    pub agent: Option<crate::Agent>,
    /// The port; `None` for the demo, or until one is chosen.
    pub port: Option<PortChoice>,
    /// The camera that is watched.
    pub camera: Option<CameraId>,
    /// Cameras that show the printer besides; nobody judges their pictures. Some may be gone meanwhile.
    pub other_cameras: Vec<CameraId>,
    /// Differences of ours from Obico's watch.
    pub watch: WatchSettings,
    /// Longest time the bed stays hot while paused, minutes.
    pub bed_hold_mins: u32,
    /// Height of the machine, mm: a lift stops there.
    pub max_z_mm: f64,
    /// Diameter of the filament, mm; for `filament.volume`.
    pub filament_diameter_mm: f64,
    /// Degrees added to each target that we send, by heater.
    pub temperature_offsets: BTreeMap<String, f64>,
    /// Presets as a person set them; empty until then.
    pub temp_profiles: TempProfiles,
    /// What is sent when a print begins, pauses, goes on or ends.
    pub scripts: Scripts,
    /// What tells its port from others; learnt when it was last open.
    pub usb: Option<crate::UsbIdentity>,
    /// What the machine last told of itself.
    pub machine: Option<Box<crate::MachineProfile>>,
}

impl Printer {
    /// Returns a printer with Obico's defaults.
    pub fn new(
        id: PrinterId,
        name: impl Into<String>,
        kind: PrinterKind,
        now: Timestamp,
        auth_token: String,
    ) -> Self {
        Self {
            id,
            name: name.into(),
            created_at: now,
            updated_at: now,
            action_on_failure: ActionOnFailure::Pause,
            watching_enabled: true,
            tools_off_on_pause: true,
            bed_off_on_pause: false,
            retract_on_pause: 6.5,
            lift_z_on_pause: 2.5,
            detective_sensitivity: 1.0,
            min_timelapse_secs_on_finish: 600,
            min_timelapse_secs_on_cancel: 300,
            auth_token,
            archived_at: None,
            detection_bending_factor: None,
            current_print: None,
            kind,
            agent: (kind == PrinterKind::Agent).then(crate::Agent::default),
            port: None,
            camera: None,
            other_cameras: Vec::new(),
            watch: WatchSettings::default(),
            bed_hold_mins: 60,
            max_z_mm: 250.0,
            filament_diameter_mm: 1.75,
            temperature_offsets: BTreeMap::new(),
            temp_profiles: Vec::new(),
            scripts: Scripts::default(),
            usb: None,
            machine: None,
        }
    }
}

/// A person's change of a printer: only what is named changes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, TS, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[ts(optional_fields)]
#[allow(missing_docs)] // Each field is the one of `Printer`.
pub struct PrinterPatch {
    pub name: Option<String>,
    pub action_on_failure: Option<ActionOnFailure>,
    pub watching_enabled: Option<bool>,
    pub tools_off_on_pause: Option<bool>,
    pub bed_off_on_pause: Option<bool>,
    pub retract_on_pause: Option<f64>,
    pub lift_z_on_pause: Option<f64>,
    pub detective_sensitivity: Option<f64>,
    #[ts(optional, type = "number")]
    pub min_timelapse_secs_on_finish: Option<i64>,
    #[ts(optional, type = "number")]
    pub min_timelapse_secs_on_cancel: Option<i64>,
    pub port: Option<PortChoice>,
    pub camera: Option<CameraId>,
    /// All that show it besides the watched one. When one of them becomes the watched one, the two change places.
    pub other_cameras: Option<Vec<CameraId>>,
    pub watch: Option<WatchSettings>,
    pub bed_hold_mins: Option<u32>,
    pub max_z_mm: Option<f64>,
    pub filament_diameter_mm: Option<f64>,
    pub temperature_offsets: Option<BTreeMap<String, f64>>,
    pub temp_profiles: Option<TempProfiles>,
    pub scripts: Option<Scripts>,
    /// Puts the printer away, or brings it back.
    pub archived: Option<bool>,
    /// Its agent was linked anew: the token before opens nothing any more. Never asked for by a client.
    #[serde(skip)]
    #[ts(skip)]
    pub auth_token: Option<String>,
}

/// How the printer's agent and camera are set up, in Obico's words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[allow(non_snake_case)] // The names on the wire are Obico's.
pub struct PrinterSettings {
    /// Mirrored top to bottom.
    pub webcam_flipV: bool,
    /// Mirrored left to right.
    pub webcam_flipH: bool,
    /// The nearer of 4:3 and 16:9.
    pub webcam_streamRatio: StreamRatio,
    /// Clockwise: 0, 90, 180 or 270.
    pub webcam_rotation: u16,
    /// `printvigil` for our own printers.
    pub agent_name: String,
    /// Our version.
    pub agent_version: String,
    /// Presets: name of the heater to degrees.
    pub temp_profiles: TempProfiles,
}
