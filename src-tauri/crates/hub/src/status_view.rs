//! The live status in Obico's shape, and progress for people.

use crate::facts::Facts;
use crate::print_run::PrintRun;
use crate::time_left::origin_word;
use domain::{
    Filament, FileInfo, Job, JobReport, PrinterState, PrinterStatus, Progress, ProgressView, StateView,
    Temperature, Temperatures,
};

/// Composes the status.
pub(crate) fn status(print: &PrintRun, facts: &Facts<'_>) -> PrinterStatus {
    let state = facts.state();
    let sd_ready = facts.report().is_some_and(|report| report.sd_ready);
    let job = print.job();
    PrinterStatus {
        _ts: facts.reported.at().map_or(0.0, |at| at.utc.micros() as f64 / 1e6),
        state: StateView { text: state.text().into(), flags: state.flags(sd_ready) },
        job: job.map(|job| obico_job(job, print.last_secs(), facts)).unwrap_or_default(),
        progress: job.map(|job| progress(job, print)).unwrap_or_default(),
        temperatures: temperatures(facts),
    }
}

/// Returns how much of the file is done, percent.
pub(crate) fn completion(print: &PrintRun) -> Option<f64> {
    print.job().and_then(share).map(|share| share * 100.0)
}

fn obico_job(job: &JobReport, last_secs: Option<f64>, facts: &Facts<'_>) -> Job {
    let radius_mm = facts.settings.filament_diameter_mm / 2.0;
    Job {
        file: FileInfo { name: Some(job.name.clone()), obico_g_code_file_id: job.file },
        estimatedPrintTime: job.estimated_secs,
        lastPrintTime: last_secs,
        filament: job.filament_total_mm.map(|length| Filament {
            length,
            // mm³ to cm³.
            volume: length * std::f64::consts::PI * radius_mm * radius_mm / 1000.0,
        }),
    }
}

/// Returns the temperatures as they were last told; whether they hold now stands in `vigil.heat`.
fn temperatures(facts: &Facts<'_>) -> Temperatures {
    let Some(temperatures) = facts.temperatures() else { return Temperatures::new() };
    let with_offset = |(name, t): (&String, &Temperature)| {
        (name.clone(), Temperature { offset: facts.offset_c(name), ..*t })
    };
    temperatures.iter().map(with_offset).collect()
}

/// Composes the progress for people.
pub(crate) fn progress_view(print: &PrintRun, facts: &Facts<'_>) -> Option<ProgressView> {
    let job = print.job()?;
    let left = print.time_left();
    // A print that stands still has no time at which it will be done.
    let moving =
        !matches!(facts.state(), PrinterState::Pausing | PrinterState::Paused | PrinterState::Cancelling);
    let reported_at = facts.reported.at().map(|at| at.utc);
    Some(ProgressView {
        on_card: job.on_card,
        layer: job.layer_idx.map(|idx| idx.saturating_add(1)),
        layers: job.layers,
        z_mm: job.z_mm,
        line: job.line,
        lines: job.lines,
        done_at: left.filter(|_| moving).and_then(|(secs, _)| Some(reported_at?.plus_secs(secs))),
        estimate_word: left.map_or("not known yet", |(_, origin)| origin_word(origin)).into(),
        slicer_left_secs: job.slicer_left_secs,
        time_sources: print.time_sources(&facts.world.slicer_secs),
    })
}

fn progress(job: &JobReport, print: &PrintRun) -> Progress {
    let left = print.time_left();
    Progress {
        completion: share(job).map(|share| share * 100.0),
        filepos: Some(job.filepos),
        printTime: Some(job.print_secs),
        printTimeLeft: left.map(|(secs, _)| secs),
        printTimeLeftOrigin: left.map(|(_, origin)| origin),
        filamentUsed: Some(job.filament_mm),
    }
}

/// Returns the done share of the file by bytes, 0 to 1.
fn share(job: &JobReport) -> Option<f64> {
    (job.file_bytes > 0).then(|| (job.filepos as f64 / job.file_bytes as f64).min(1.0))
}
