//! The live status in Obico's shape, and progress for people.

use crate::time_left::origin_word;
use crate::watch::PrintWatch;
use domain::{
    Filament, FileInfo, Job, JobReport, PrintTimeLeftOrigin, PrinterState, PrinterStatus, Progress,
    ProgressView, StateView, Temperature, Temperatures,
};

impl PrintWatch {
    pub(crate) fn status(&self) -> PrinterStatus {
        let state = self.state();
        let sd_ready = self.report.as_ref().is_some_and(|report| report.sd_ready);
        let job = self.job();
        PrinterStatus {
            _ts: self.reported_at.map_or(0.0, |at| at.utc.micros() as f64 / 1e6),
            state: StateView { text: state.text().into(), flags: state.flags(sd_ready) },
            job: job.map(|job| self.obico_job(job)).unwrap_or_default(),
            progress: job.map(|job| self.progress(job)).unwrap_or_default(),
            temperatures: self.temperatures(),
        }
    }

    /// Returns the report of the print under way.
    fn job(&self) -> Option<&JobReport> {
        self.running.as_ref()?.job.as_ref()
    }

    /// Returns how much of the file is done, percent.
    pub(crate) fn completion(&self) -> Option<f64> {
        self.job().and_then(share).map(|share| share * 100.0)
    }

    fn obico_job(&self, job: &JobReport) -> Job {
        let radius_mm = self.settings.filament_diameter_mm / 2.0;
        Job {
            file: FileInfo { name: Some(job.name.clone()), obico_g_code_file_id: job.file },
            estimatedPrintTime: job.estimated_secs,
            lastPrintTime: self.running.as_ref().and_then(|running| running.past.last_secs),
            filament: job.filament_total_mm.map(|length| Filament {
                length,
                // mm³ to cm³.
                volume: length * std::f64::consts::PI * radius_mm * radius_mm / 1000.0,
            }),
        }
    }

    fn temperatures(&self) -> Temperatures {
        let Some(report) = &self.report else { return Temperatures::new() };
        let with_offset = |(name, t): (&String, &Temperature)| {
            (name.clone(), Temperature { offset: self.offset_c(name), ..*t })
        };
        report.temperatures.iter().map(with_offset).collect()
    }

    pub(crate) fn progress_view(&self) -> Option<ProgressView> {
        let job = self.job()?;
        let left = self.time_left();
        // A print that stands still has no time at which it will be done.
        let moving =
            !matches!(self.state(), PrinterState::Pausing | PrinterState::Paused | PrinterState::Cancelling);
        let reported_at = self.reported_at.map(|at| at.utc);
        Some(ProgressView {
            on_card: job.on_card,
            layer: job.layer_idx.map(|idx| idx + 1),
            layers: job.layers,
            z_mm: job.z_mm,
            line: job.line,
            lines: job.lines,
            done_at: left.filter(|_| moving).and_then(|(secs, _)| Some(reported_at?.plus_secs(secs))),
            estimate_word: left.map_or("not known yet", |(_, origin)| origin_word(origin)).into(),
            slicer_left_secs: job.slicer_left_secs,
        })
    }

    /// Returns the seconds left of the print under way, and what they go by.
    fn time_left(&self) -> Option<(f64, PrintTimeLeftOrigin)> {
        let running = self.running.as_ref()?;
        running.pace.left(running.job.as_ref()?, running.past)
    }

    fn progress(&self, job: &JobReport) -> Progress {
        let left = self.time_left();
        Progress {
            completion: share(job).map(|share| share * 100.0),
            filepos: Some(job.filepos),
            printTime: Some(job.print_secs),
            printTimeLeft: left.map(|(secs, _)| secs),
            printTimeLeftOrigin: left.map(|(_, origin)| origin),
            filamentUsed: Some(job.filament_mm),
        }
    }
}

/// Returns the done share of the file by bytes, 0 to 1.
fn share(job: &JobReport) -> Option<f64> {
    (job.file_bytes > 0).then(|| (job.filepos as f64 / job.file_bytes as f64).min(1.0))
}

/// "9 seconds", "12 minutes", "1 h 05 min".
pub(crate) fn span_word(secs: f64) -> String {
    let secs = secs.max(0.0).round() as u64;
    match secs {
        1 => "1 second".into(),
        0..=119 => format!("{secs} seconds"),
        120..=3599 => format!("{} minutes", secs / 60),
        3600.. => format!("{} h {:02} min", secs / 3600, secs % 3600 / 60),
    }
}
