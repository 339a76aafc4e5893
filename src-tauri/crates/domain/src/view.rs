//! What is shown: records in Obico's shape, ours under `vigil`.

use crate::{
    ActionOnFailure, AlarmView, AlertView, Camera, CameraId, HeatView, IgnoreArea, LastPrint, LearntView,
    LinkState, PortChoice, PrintView, PrinterId, PrinterKind, PrinterSettings, PrinterState, PrinterStatus,
    QueueItem, StepView, Timestamp, Tools, WatchSettings, WatchView,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// The most recent picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Pic {
    /// Relative URL.
    pub img_url: String,
}

/// A printer as the API shows it: Obico's fields, ours under `vigil`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[allow(missing_docs)] // The fields of `Printer`, as the API's page has them.
pub struct PrinterView {
    pub id: PrinterId,
    pub name: String,
    pub created_at: Timestamp,
    pub action_on_failure: ActionOnFailure,
    pub watching_enabled: bool,
    pub not_watching_reason: Option<String>,
    pub tools_off_on_pause: bool,
    pub bed_off_on_pause: bool,
    pub retract_on_pause: f64,
    pub lift_z_on_pause: f64,
    pub detective_sensitivity: f64,
    #[ts(type = "number")]
    pub min_timelapse_secs_on_finish: i64,
    #[ts(type = "number")]
    pub min_timelapse_secs_on_cancel: i64,
    pub auth_token: String,
    pub archived_at: Option<Timestamp>,
    pub agent_name: Option<String>,
    pub agent_version: Option<String>,
    pub pic: Option<Pic>,
    pub status: PrinterStatus,
    pub settings: PrinterSettings,
    pub current_print: Option<PrintView>,
    pub normalized_p: f64,
    /// What Obico does not have.
    pub vigil: VigilView,
}

/// Ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct VigilView {
    /// Rises with each change of this printer's view, over the life of the core.
    #[ts(type = "number")]
    pub seq: u64,
    /// Demo or real.
    pub kind: PrinterKind,
    /// The state, for code.
    pub state: PrinterState,
    /// The state, for people.
    pub state_word: String,
    /// One line more about the state ("possible failure at 14:32"), may be empty.
    pub state_detail: String,
    /// The link.
    pub link: LinkState,
    /// Port and rate in use or chosen.
    pub port: Option<PortChoice>,
    /// `Marlin 2.1.2`, empty until known.
    pub firmware: String,
    /// What the firmware can, by its own words.
    pub capabilities: BTreeMap<String, bool>,
    /// USB, camera, watch.
    pub dots: Vec<HealthDot>,
    /// Progress for people.
    pub progress: Option<ProgressView>,
    /// Steps of a pause or resume, ticked as the printer confirms.
    pub steps: Vec<StepView>,
    /// The pause was confirmed by the printer.
    pub pause_confirmed: bool,
    /// The gravest alarm ("Pause not confirmed …"), with what to do.
    pub alarm: Option<String>,
    /// All alarms, the gravest first.
    pub alarms: Vec<AlarmView>,
    /// Something to know that is no alarm yet: "The printer has not answered for 8 s."
    pub warning: Option<String>,
    /// Whether the temperatures are known now, and what they last were if not.
    pub heat: HeatView,
    /// The print that ended last, until it is put away or the next begins.
    pub last_print: Option<Box<LastPrint>>,
    /// What waits to be printed, the next first.
    pub queue: Vec<QueueItem>,
    /// What is loaded, by tool; empty while nobody has said.
    pub spools: Vec<crate::LoadedSpool>,
    /// The filament of this tool was changed, and nobody has said yet which spool is in now.
    pub spool_asked: Option<u8>,
    /// Solid red: "Switch the printer off now".
    pub switch_off_now: bool,
    /// How often it was said again that an alert or an alarm waits for a person; 0 when nothing waits.
    pub reminders: u32,
    /// The watch.
    pub watch: WatchView,
    /// The open alert.
    pub alert: Option<AlertView>,
    /// The watched camera.
    pub camera: Option<CameraView>,
    /// Cameras that show it besides. They are opened while somebody looks, and their pictures are not judged.
    pub other_cameras: Vec<OtherCamera>,
    /// What may be pressed.
    pub can: Can,
    /// When the bed goes off while paused.
    pub bed_off_at: Option<Timestamp>,
    /// When idle heaters go off.
    pub heaters_off_at: Option<Timestamp>,
    /// Why history is not being kept, if so.
    pub history_lost: Option<String>,
    /// Differences of ours from Obico's watch.
    pub watch_settings: WatchSettings,
    /// Longest time the bed stays hot while paused, minutes.
    pub bed_hold_mins: u32,
    /// Height of the machine, mm.
    pub max_z_mm: f64,
    /// Thickness of its filament, mm, where neither spool nor file says it.
    pub filament_diameter_mm: f64,
    /// Resends per 100 lines since the link opened.
    pub resend_percent: f64,
    /// What is done by hand, and what the printer tells of it.
    pub tools: Tools,
    /// How many demo seconds pass in a real one; 1 for real printers.
    pub clock_scale: f64,
    /// What the machine last told of itself.
    pub machine: Option<Box<crate::MachineProfile>>,
    /// What its firmware has and lacks, for people; empty until known.
    pub safety: Vec<crate::SafetyNote>,
    /// The printer's own card; null when it has no reader, or has not told of it.
    pub sd: Option<crate::SdCard>,
    /// Minutes after which heaters that are on while nothing prints go off.
    pub idle_heat_mins: u32,
    /// What is left of a person's budget of detection hours; null when it is unlimited.
    pub detection_hours: Option<f64>,
    /// Degrees added to each target that is sent, by heater.
    pub temperature_offsets: BTreeMap<String, f64>,
    /// What is sent when a print begins, pauses, goes on or ends.
    pub scripts: crate::Scripts,
}

/// State of a health dot: shape, colour and word go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DotState {
    /// Green circle.
    Ok,
    /// Amber triangle.
    Attention,
    /// Red diamond.
    Danger,
    /// Hollow ring; never green.
    Unknown,
}

/// One health dot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct HealthDot {
    /// `usb`, `camera`, `watch`.
    pub name: String,
    /// How it is.
    pub state: DotState,
    /// Short label: "USB", "Camera", "Watching", "Detection idle", "NOT watched".
    pub label: String,
    /// Why.
    pub reason: String,
    /// What to do, may be empty.
    pub fix: String,
}

/// Progress for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct ProgressView {
    /// The printer reads the file from its own card: lines and layers are not known.
    pub on_card: bool,
    /// Layer, from 1.
    pub layer: Option<u32>,
    /// Layers of the file.
    pub layers: Option<u32>,
    /// mm.
    pub z_mm: Option<f64>,
    /// Acknowledged line, from 1.
    #[ts(type = "number")]
    pub line: u64,
    /// Lines of the file.
    #[ts(type = "number")]
    pub lines: u64,
    /// When it will be done, on this printer's clock.
    pub done_at: Option<Timestamp>,
    /// How the time left was found, in words.
    pub estimate_word: String,
    /// Seconds left as the slicer reckoned them into the file (M73); a second opinion, not used for the first.
    pub slicer_left_secs: Option<f64>,
    /// What each source says that is left; those that say nothing are missing.
    pub time_sources: Vec<TimeSource>,
}

/// Who says how long a print takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeSourceKind {
    /// The slicer, at the head or the end of the file.
    Slicer,
    /// The slicer, line by line in the file (M73).
    M73,
    /// Our own analysis of the file.
    Analysis,
    /// Past prints of the file on this printer.
    PastPrints,
    /// The pace of this print so far.
    Live,
}

/// What one source says of the time left.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct TimeSource {
    /// Who.
    pub kind: TimeSourceKind,
    /// Seconds left.
    pub left_secs: f64,
    /// What is shown goes by it, alone or with another.
    pub used: bool,
}

/// The watched camera.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct CameraView {
    /// Its id.
    pub id: CameraId,
    /// Its settings.
    pub camera: Camera,
    /// Frames come.
    pub live: bool,
    /// Why not.
    pub reason: String,
    /// Pixels.
    pub size: Option<(u32, u32)>,
    /// Where nothing counts.
    pub ignore: Vec<IgnoreArea>,
    /// What its good minutes taught; null while nothing is known.
    pub learnt: Option<LearntView>,
}

/// A camera that shows a printer and is not the watched one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct OtherCamera {
    /// Its id.
    pub id: CameraId,
    /// Its name.
    pub name: String,
    /// Why it gave no picture when it was last opened; empty when it did, or was not opened yet.
    pub reason: String,
}

/// What may be pressed now. The hub says; the page obeys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[allow(missing_docs)]
pub struct Can {
    pub start: bool,
    pub pause: bool,
    pub resume: bool,
    pub cancel: bool,
    pub home: bool,
    pub heat: bool,
    pub connect: bool,
    pub disconnect: bool,
    pub drill: bool,
}
