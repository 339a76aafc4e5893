//! A print as the API shows it.

use crate::{
    AlertOverwrite, EndedBy, FileId, FilmStep, GCodeFile, Print, PrintId, PrintShotFeedback, PrinterId,
    Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A print as the API shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
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
    /// Why it failed, a word of the person's own list; null: not said.
    pub reason: Option<String>,
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct PrintFilm {
    /// Null when none was ever asked for.
    pub state: Option<FilmStep>,
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
                reason: None,
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
