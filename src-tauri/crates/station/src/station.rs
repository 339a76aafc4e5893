//! The handle that every door holds.

use crate::ends::Ends;
use crate::evidence_clip::{self, EvidenceClip};
use crate::files::{self, UploadError};
use crate::jobs::Films;
use crate::ledger;
use crate::models::ModelChoice;
use crate::past::WhatIfs;
use crate::run::{self, Ctl};
use crate::snapshot::Snapshot;
use crate::terminal::TerminalPage;
use crate::trial::Trials;
use crate::{Awake, FarEnds};
use bytes::Bytes;
use camera::Frame;
use detect::{DetectError, DetectHandle, Findings, LoadDetector};
use domain::{
    Answer, CameraId, CameraSource, Clock, Event, FileId, FrameId, GCodeFile, Leave, PrintId, PrinterId,
    Recovery, Refusal, Request, Timestamp,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Store, StoreError};
use tokio::sync::{mpsc, oneshot, watch};

/// How a station is set up.
pub struct Config {
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// Version of the app.
    pub version: String,
    /// How many demo seconds pass in a real one.
    pub demo_scale: f64,
    /// With less free space than this no more pictures are kept, bytes.
    pub reserve_bytes: u64,
    /// What stands at the far ends of the wires.
    pub far_ends: Arc<dyn FarEnds>,
    /// Loads the model; called again after a failure.
    pub load_detector: LoadDetector,
    /// Keeps the machine awake.
    pub awake: Box<dyn Awake>,
}

/// Why the station does not start, or does not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StationError {
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A thread could not be started.
    #[error("a thread could not be started: {0}")]
    Thread(#[from] std::io::Error),
    /// The detector's threads could not be started.
    #[error(transparent)]
    Detector(#[from] DetectError),
    /// The station has ended.
    #[error("the core is ending")]
    Ending,
    /// Refused, with a code, a text and a hint.
    #[error("{}", .0.message)]
    Refused(Refusal),
}

/// Temperatures at one moment, for the graph.
#[derive(Debug, Clone, serde::Serialize, ts_rs::TS)]
pub struct TemperatureSample {
    /// Unix seconds on the printer's clock.
    pub t: f64,
    /// Heater to actual and target.
    pub heaters: std::collections::BTreeMap<String, (f64, Option<f64>)>,
}

/// A picture to try the detection on.
#[derive(Debug, Clone)]
pub enum Sample {
    /// The built-in one: failing or good.
    Builtin {
        /// Shows a failure.
        failing: bool,
    },
    /// What this camera sees now.
    Camera(CameraId),
    /// One that the person brought.
    Picture(Bytes),
}

/// The core without a door. Cheap to clone.
#[derive(Clone)]
pub struct Station {
    pub(crate) ctl: mpsc::Sender<Ctl>,
    pub(crate) live: watch::Receiver<Arc<Snapshot>>,
    pub(crate) ends: watch::Receiver<Arc<Ends>>,
    pub(crate) store: Arc<Store>,
    pub(crate) detect: Arc<DetectHandle>,
    pub(crate) model_choice: Arc<ModelChoice>,
    pub(crate) what_ifs: Arc<WhatIfs>,
    pub(crate) far_ends: Arc<dyn FarEnds>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) data_dir: Arc<Path>,
    pub(crate) trials: Arc<Trials>,
    pub(crate) films: Arc<Films>,
    pub(crate) reserve_bytes: u64,
}

impl Station {
    /// Opens the data folder, starts all threads, and runs until [`Station::shutdown`].
    ///
    /// # Errors
    /// When the data folder is in use by another core, or cannot be used.
    pub async fn start(config: Config) -> Result<Self, StationError> {
        run::start(config).await
    }

    /// Returns the whole live state as it is now.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.live.borrow().clone()
    }

    /// Returns a receiver that wakes with each change of the live state.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.live.clone()
    }

    /// Returns whether a print is under way on any printer, demo included.
    pub fn printing(&self) -> bool {
        self.snapshot().printers.values().any(|view| view.vigil.state.has_print())
    }

    /// Asks the hub, and waits for its answer.
    ///
    /// # Errors
    /// [`StationError::Refused`] with what to do, or [`StationError::Ending`].
    pub async fn ask(&self, request: Request) -> Result<Option<PrintId>, StationError> {
        let answer: Answer = self.call(|reply| Ctl::Ask(request, reply)).await?;
        answer.map_err(StationError::Refused)
    }

    /// Stops the printer's firmware at once: sets the latch, asks nobody.
    ///
    /// # Errors
    /// When there is no such printer, or it has no port.
    pub async fn emergency_stop(&self, printer: PrinterId) -> Result<(), StationError> {
        let latch = self.ends.borrow().printers.get(&printer).cloned();
        let Some(latch) = latch else {
            return Err(StationError::Refused(Refusal {
                code: "not_connected",
                message: "this printer is not connected".into(),
                hint: "If it is moving or hot, switch it off at its own switch.".into(),
            }));
        };
        latch.set();
        self.ask(Request::EmergencyStopped(printer)).await.map(|_| ())
    }

    /// Returns the temperatures of the last hour, oldest first.
    ///
    /// # Errors
    /// When the core is ending.
    pub async fn temperatures(&self, printer: PrinterId) -> Result<Vec<TemperatureSample>, StationError> {
        self.call(|reply| Ctl::Temperatures(printer, reply)).await
    }

    /// Returns lines of the terminal after number `after`, at most `most`; 0 begins with the newest.
    ///
    /// # Errors
    /// When the core is ending.
    pub async fn terminal(
        &self,
        printer: PrinterId,
        after: u64,
        most: usize,
    ) -> Result<TerminalPage, StationError> {
        self.call(|reply| Ctl::Terminal(printer, after, most, reply)).await
    }

    /// Returns the frames of a camera as they come; `None` when it is not running.
    pub fn frames(&self, camera: CameraId) -> Option<watch::Receiver<Option<Arc<Frame>>>> {
        self.ends.borrow().cameras.get(&camera).map(|handle| handle.latest())
    }

    /// Returns a recent frame from the rings.
    pub fn recent_frame(&self, frame: FrameId) -> Option<Arc<Frame>> {
        self.ends.borrow().cameras.values().find_map(|handle| handle.frame(frame))
    }

    /// Tries the detection on a picture, past all rules; blocks until it is analysed.
    ///
    /// # Errors
    /// A text for people: no picture, or no detector.
    pub fn try_detection(&self, sample: Sample) -> Result<(Bytes, Findings, (u32, u32)), String> {
        let jpeg = match sample {
            Sample::Builtin { failing } => {
                self.far_ends.sample_picture(failing).ok_or("this app has no sample picture")?
            }
            Sample::Camera(camera) => {
                let frame = self.frames(camera).and_then(|frames| frames.borrow().clone());
                frame.ok_or("this camera shows no picture now")?.jpeg.clone()
            }
            Sample::Picture(bytes) => bytes,
        };
        let size = camera::read_head(&jpeg).map_err(|error| error.to_string())?;
        let (reply, answer) = std::sync::mpsc::sync_channel(1);
        let tell = Box::new(move |found| drop(reply.send(found)));
        self.detect.ask(jpeg.clone(), tell);
        let found = answer.recv().map_err(|_| "the detector has ended".to_owned())?;
        let findings = found.map_err(|error: DetectError| error.for_people())?;
        Ok((jpeg, findings, (size.width, size.height)))
    }

    /// Returns the clips of a print's alerts. Blocks.
    pub fn evidence(&self, print: PrintId) -> Vec<EvidenceClip> {
        evidence_clip::list(&self.data_dir, print)
    }

    /// Returns the relative URL of the clip of one alert, if it was made. Blocks.
    pub fn evidence_of(&self, print: PrintId, frame: FrameId) -> Option<String> {
        evidence_clip::of(&self.data_dir, print, frame)
    }

    /// Provokes or ends a fault of the demo.
    ///
    /// # Errors
    /// A text for people.
    pub fn demo_fault(&self, printer: PrinterId, fault: &str, on: bool) -> Result<(), String> {
        self.far_ends.demo_fault(printer, fault, on)
    }

    /// Takes a finished upload into the library; blocks.
    ///
    /// # Errors
    /// See [`UploadError`].
    pub fn add_file(&self, temp: &Path, name: &str) -> Result<GCodeFile, UploadError> {
        files::add(&self.data_dir, &self.store, temp, name, None, self.now())
    }

    /// Returns where the content of a file lies.
    pub fn file_path(&self, file: FileId) -> PathBuf {
        files::content_path(&self.data_dir, file)
    }

    /// Returns the prints that were cut short and not yet dealt with, newest first. Blocks.
    pub fn recoveries(&self) -> Vec<Recovery> {
        let snapshot = self.snapshot();
        let running: Vec<PrintId> =
            snapshot.printers.values().filter_map(|p| p.current_print.as_ref().map(|p| p.id)).collect();
        ledger::recoveries(&self.data_dir, &running)
    }

    /// Forgets what is known of a print that was cut short. Returns whether there was one. Blocks.
    pub fn forget_recovery(&self, print: PrintId) -> bool {
        ledger::forget(&self.data_dir, print)
    }

    /// Returns the database, for reads and for records that are no live state.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Returns the data folder.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Returns the wall-clock time.
    pub fn now(&self) -> Timestamp {
        self.clock.now().utc
    }

    /// Puts an event in, as if a part had sent it; for tests and for faults noticed outside.
    ///
    /// # Errors
    /// When the core is ending.
    pub async fn inject(&self, event: Event) -> Result<(), StationError> {
        self.ctl.send(Ctl::Inject(Box::new(event))).await.map_err(|_| StationError::Ending)
    }

    /// Ends everything in order; returns when the printers are left as asked, ten seconds at most.
    pub async fn shutdown(&self, leave: Leave) {
        self.trials.close();
        let _ = self.call(|reply| Ctl::Shutdown(leave, reply)).await;
    }

    pub(crate) async fn call<T>(
        &self,
        make: impl FnOnce(oneshot::Sender<T>) -> Ctl,
    ) -> Result<T, StationError> {
        let (reply, answer) = oneshot::channel();
        self.ctl.send(make(reply)).await.map_err(|_| StationError::Ending)?;
        answer.await.map_err(|_| StationError::Ending)
    }
}

impl Station {
    /// Returns the cameras of this computer: name for the system, name for people. Blocks.
    pub fn camera_devices() -> Vec<(String, String)> {
        camera::list_devices().into_iter().map(|found| (found.device, found.label)).collect()
    }

    /// Takes one picture with a camera of this computer. Blocks.
    ///
    /// # Errors
    /// A text for people.
    pub fn device_frame(device: &str) -> Result<Bytes, String> {
        let source = CameraSource::Device { device: device.to_owned(), format: None };
        camera::one_frame(&source).map_err(|error| error.for_people())
    }

    /// Returns the serial ports of this computer, likely printers first. Blocks.
    pub fn ports() -> Vec<printer::PortInfo> {
        printer::list_ports()
    }

    /// Returns what keeps printers that are plugged in from being ports at all. Blocks.
    pub fn port_troubles() -> Vec<printer::Trouble> {
        printer::host_troubles()
    }
}
