//! What is shown: records in Obico's shape, ours under `vigil`.

use crate::{
    ActionOnFailure, AlertOverwrite, AlertView, Camera, CameraId, EndedBy, FileId, GCodeFile, IgnoreArea,
    LinkState, PortChoice, Print, PrintId, PrintShotFeedback, PrinterId, PrinterKind, PrinterSettings,
    PrinterState, PrinterStatus, Timestamp, Tools, WatchSettings, WatchView,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// The most recent picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Pic {
    /// Relative URL.
    pub img_url: String,
}

/// A printer as the API shows it: Obico's fields, ours under `vigil`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
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
    /// An alarm text that needs a person ("Pause not confirmed …"), with what to do.
    pub alarm: Option<String>,
    /// Solid red: "Switch the printer off now".
    pub switch_off_now: bool,
    /// The watch.
    pub watch: WatchView,
    /// The open alert.
    pub alert: Option<AlertView>,
    /// The watched camera.
    pub camera: Option<CameraView>,
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
}

/// State of a health dot: shape, colour and word go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct HealthDot {
    /// `usb`, `camera`, `watch`.
    pub name: String,
    /// How it is.
    pub state: DotState,
    /// Short label: "USB", "Camera", "Watching", "Watch on hold", "NOT watched".
    pub label: String,
    /// Why.
    pub reason: String,
    /// What to do, may be empty.
    pub fix: String,
}

/// Progress for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
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
}

/// One step of a pause or resume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StepView {
    /// "Head lifted".
    pub label: String,
    /// "2.5 mm up".
    pub detail: String,
    /// Confirmed.
    pub done: bool,
}

/// The watched camera.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
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
}

/// What may be pressed now. The hub says; the page obeys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
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

/// A print as the API shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[allow(missing_docs)] // The fields of `Print`, as the API's page has them.
pub struct PrintView {
    pub id: PrintId,
    pub printer: Option<PrinterId>,
    pub g_code_file: Option<GCodeFile>,
    pub filename: String,
    pub started_at: Timestamp,
    /// Of a film that was uploaded: when it was.
    pub ended_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub cancelled_at: Option<Timestamp>,
    pub uploaded_at: Option<Timestamp>,
    pub alerted_at: Option<Timestamp>,
    pub alert_acknowledged_at: Option<Timestamp>,
    pub alert_muted_at: Option<Timestamp>,
    pub paused_at: Option<Timestamp>,
    pub video_url: Option<String>,
    pub tagged_video_url: Option<String>,
    pub poster_url: Option<String>,
    pub prediction_json_url: String,
    pub alert_overwrite: Option<AlertOverwrite>,
    pub access_consented_at: Option<Timestamp>,
    pub filament_used: Option<f64>,
    pub print_time: Option<f64>,
    pub need_alert_overwrite: bool,
    pub need_print_shot_feedback: bool,
    pub printshotfeedback_set: Vec<PrintShotFeedback>,
    /// What Obico does not have.
    pub vigil: PrintVigil,
}

/// Ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PrintVigil {
    /// How it ended.
    pub ended_by: Option<EndedBy>,
    /// Why it was interrupted.
    pub ended_why: Option<String>,
    /// Of the demo printer.
    pub demo: bool,
    /// The file of the library.
    pub file: Option<FileId>,
    /// A person's own words.
    pub notes: String,
    /// A person's own marks.
    pub tags: Vec<String>,
    /// Left alone when tidying up.
    pub kept: bool,
    /// Bytes of pictures, films, clips and looks.
    #[ts(type = "number")]
    pub media_bytes: u64,
    /// Kept pictures.
    pub num_frames: u32,
    /// When its pictures were dropped.
    pub pictures_dropped_at: Option<Timestamp>,
    /// Share of its printing that was watched, 0 to 1; null when nobody counted.
    pub watched: Option<f64>,
    /// Alerts of the watch.
    pub alerts: u32,
    /// How it stands with its film.
    pub film: PrintFilm,
}

/// How it stands with the film of a print.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct PrintFilm {
    /// Null when none was ever asked for.
    pub state: Option<crate::FilmStep>,
    /// Why there is none.
    pub why: Option<String>,
}

impl From<&Print> for PrintView {
    /// Fills what the record itself knows; file and shots are added by who has them.
    fn from(p: &Print) -> Self {
        Self {
            id: p.id,
            printer: p.printer,
            g_code_file: None,
            filename: p.filename.clone(),
            started_at: p.started_at,
            ended_at: p.ended_at().or(p.uploaded_at),
            finished_at: p.finished_at,
            cancelled_at: p.cancelled_at,
            uploaded_at: p.uploaded_at,
            alerted_at: p.alerted_at,
            alert_acknowledged_at: p.alert_acknowledged_at,
            alert_muted_at: p.alert_muted_at,
            paused_at: p.paused_at,
            video_url: p.video_url.clone(),
            tagged_video_url: p.tagged_video_url.clone(),
            poster_url: p.poster_url.clone(),
            prediction_json_url: format!("/api/v1/prints/{}/prediction_json/", p.id),
            alert_overwrite: p.alert_overwrite,
            access_consented_at: p.access_consented_at,
            filament_used: p.filament_used,
            print_time: p.print_time,
            need_alert_overwrite: p.alert_overwrite.is_none() && p.tagged_video_url.is_some(),
            need_print_shot_feedback: false,
            printshotfeedback_set: Vec::new(),
            vigil: PrintVigil {
                ended_by: p.ended_by,
                ended_why: p.ended_why.clone(),
                demo: p.demo,
                file: p.g_code_file,
                notes: String::new(),
                tags: Vec::new(),
                kept: false,
                media_bytes: 0,
                num_frames: 0,
                pictures_dropped_at: None,
                watched: None,
                alerts: 0,
                film: PrintFilm::default(),
            },
        }
    }
}
