//! What all printers share: cameras and their health, the detector, the balance of detection hours.

use crate::detection_hours::DetectionHours;
use domain::{
    Camera, CameraHealth, CameraId, CameraScale, FileId, GCodeFile, IgnoreArea, PrinterKind, StoreFault,
};
use std::collections::BTreeMap;

/// Shared facts. A session reads them and never changes them.
#[derive(Debug, Clone)]
pub(crate) struct World {
    /// Version of the app, shown as the agent's.
    pub(crate) version: String,
    /// AI Detection Hours; at 0 or below nothing is watched.
    pub(crate) hours: DetectionHours,
    /// Files that are printed, or are about to be.
    pub(crate) files: BTreeMap<FileId, GCodeFile>,
    /// Of those, the seconds that their slicers wrote into them for the whole.
    pub(crate) slicer_secs: BTreeMap<FileId, f64>,
    /// Name of the model, or why there is none; `None` while it is loaded.
    pub(crate) detector: Option<Result<String, String>>,
    /// Cameras and how they do.
    pub(crate) cameras: BTreeMap<CameraId, SeenCamera>,
    /// Why history is not being kept, in words.
    pub(crate) history_lost: Option<String>,
    /// How fast the demo's clock runs.
    pub(crate) demo_scale: f64,
    /// Heaters that are on while nothing prints go off after so many minutes.
    pub(crate) idle_heat_mins: u32,
    /// What waits for a person is said again each time so many minutes have passed.
    pub(crate) remind_after_mins: Option<u32>,
}

/// A camera and its health.
#[derive(Debug, Clone)]
pub(crate) struct SeenCamera {
    pub(crate) camera: Camera,
    pub(crate) health: CameraHealth,
    /// Where nothing counts.
    pub(crate) ignore: Vec<IgnoreArea>,
    /// What good prints taught of it.
    pub(crate) scale: Option<CameraScale>,
}

impl World {
    /// What is known of the cameras was read anew; a print under way keeps what it began with.
    pub(crate) fn set_scales(&mut self, mut scales: BTreeMap<CameraId, CameraScale>) {
        for (id, seen) in &mut self.cameras {
            seen.scale = scales.remove(id);
        }
    }

    /// Keeps the record of a file, and of those before only what is still wanted.
    pub(crate) fn know_file(&mut self, file: GCodeFile, wanted: impl Fn(FileId) -> bool) {
        let id = file.id;
        self.files.retain(|known, _| *known == id || wanted(*known));
        self.slicer_secs.retain(|known, _| *known != id && wanted(*known));
        if let Some(secs) = slicer_secs(&file) {
            self.slicer_secs.insert(id, secs);
        }
        self.files.insert(id, file);
    }

    /// Returns how fast the clock of such a printer runs: seconds in a real one.
    pub(crate) fn clock_scale(&self, kind: PrinterKind) -> f64 {
        match kind {
            PrinterKind::Serial | PrinterKind::Agent => 1.0,
            PrinterKind::Demo => self.demo_scale.max(1.0),
        }
    }

    /// Returns a camera by its id, if it is known.
    pub(crate) fn camera(&self, id: Option<CameraId>) -> Option<&SeenCamera> {
        self.cameras.get(&id?)
    }
}

/// Returns the seconds that the slicer says the whole takes.
fn slicer_secs(file: &GCodeFile) -> Option<f64> {
    let facts: serde_json::Value = serde_json::from_str(file.metadata_json.as_deref()?).ok()?;
    facts["claims"]["time_secs"].as_f64().filter(|secs| *secs > 0.0)
}

/// Says why history is lost, and what to do.
pub(crate) fn fault_text(fault: &StoreFault) -> String {
    match fault {
        StoreFault::DiskFull => {
            "The disk is full, so history is not being kept. Printing and watching go on. Free some space."
                .into()
        }
        StoreFault::Failed(why) => {
            format!("History is not being kept ({why}). Printing and watching go on. Check the disk.")
        }
    }
}
