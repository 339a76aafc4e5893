//! The handle that every door holds.

use crate::devices::DeviceHandles;
use crate::evidence_clip::{self, EvidenceClip};
use crate::files::{self, UploadError};
use crate::film_queue::Films;
use crate::models::ModelChoice;
use crate::past::WhatIfs;
use crate::run::Command;
use crate::secrets::Secrets;
use crate::snapshot::Snapshot;
use crate::terminal::TerminalPage;
use crate::trial::Trials;
use crate::{Awake, DeviceFactory};
use bytes::Bytes;
use camera::Frame;
use detect::{DetectError, DetectHandle, Findings, LoadDetector, Sight};
use domain::{
    Answer, CameraId, CameraSource, Clock, Event, FileId, FrameId, GCodeFile, Leave, PrintId, PrinterId,
    Refusal, Request, Timestamp, View,
};
use printer::StopError;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use store::{Store, StoreError};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

/// STOP is answered after this, though its record is not written yet.
const RECORDED_WITHIN: Duration = Duration::from_secs(1);

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
    pub device_factory: Arc<dyn DeviceFactory>,
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

/// What came of trying the detection on a picture.
#[derive(Debug, Clone)]
pub struct Tried {
    /// The picture.
    pub jpeg: Bytes,
    /// What was found.
    pub findings: Findings,
    /// Width and height of the picture as it is shown.
    pub size: (u32, u32),
    /// How sharp the model's eye is.
    pub sight: Option<Sight>,
}

/// The core without a door. Cheap to clone.
#[derive(Clone)]
pub struct Station {
    /// A person wants to be told of more than dangers.
    pub(crate) notices: Arc<AtomicBool>,
    pub(crate) ctl: mpsc::Sender<Command>,
    pub(crate) live: watch::Receiver<Arc<Snapshot>>,
    pub(crate) devices: watch::Receiver<Arc<DeviceHandles>>,
    pub(crate) store: Arc<Store>,
    pub(crate) detect: Arc<DetectHandle>,
    pub(crate) model_choice: Arc<ModelChoice>,
    pub(crate) what_ifs: Arc<WhatIfs>,
    pub(crate) device_factory: Arc<dyn DeviceFactory>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) data_dir: Arc<Path>,
    pub(crate) trials: Arc<Trials>,
    pub(crate) films: Arc<Films>,
    pub(crate) reserve_bytes: u64,
    pub(crate) secrets: Arc<Secrets>,
    pub(crate) fallen: watch::Receiver<Option<String>>,
    /// Changes of what is set up take turns.
    pub(crate) changes: Arc<Semaphore>,
}

impl Station {
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
        if let Request::Start { file: Some(file), .. } = &request {
            // The print shows its file's record as long as it runs.
            self.tell_file(*file).await?;
        }
        let answer: Answer = self.call(|reply| Command::Ask(request, reply)).await?;
        answer.map_err(StationError::Refused)
    }

    /// Tells the hub what is kept of a file that may be in print; after each change of it, too.
    ///
    /// # Errors
    /// When the database cannot be read or the core is ending.
    pub async fn tell_file(&self, id: FileId) -> Result<(), StationError> {
        match self.blocking(move |s| s.store.read(|conn| store::file::get(conn, id))).await?? {
            Some(file) => self.inject(Event::FileKnown(Box::new(file))).await,
            None => Ok(()),
        }
    }

    /// Stops the printer's firmware at once: sets the latch, asks nobody.
    ///
    /// # Errors
    /// When there is no such printer, its port is not open, or nobody serves its port any more: nothing was sent.
    pub async fn emergency_stop(&self, printer: PrinterId) -> Result<(), StationError> {
        let latch = self.devices.borrow().printers.get(&printer).cloned();
        let Some(latch) = latch else {
            return Err(StationError::Refused(Refusal {
                code: "not_connected",
                message: "this printer is not connected".into(),
                hint: "If it is moving or hot, switch it off at its own switch.".into(),
            }));
        };
        latch.set().map_err(|why| {
            let code = match why {
                StopError::NotOpen => "not_connected",
                StopError::Ended => "printer_thread_ended",
            };
            StationError::Refused(Refusal {
                code,
                message: format!("{why}, so STOP does not reach it"),
                hint: "If it is moving or hot, switch it off at its own switch.".into(),
            })
        })?;
        // The stop is on its way whatever becomes of its record: a hub that is busy or gone does not change that.
        let recorded = tokio::time::timeout(RECORDED_WITHIN, self.ask(Request::EmergencyStopped(printer)));
        if !matches!(recorded.await, Ok(Ok(_))) {
            tracing::warn!(%printer, "the emergency stop was not recorded");
        }
        Ok(())
    }

    /// Returns the temperatures of the last hour, oldest first.
    ///
    /// # Errors
    /// When the core is ending.
    pub async fn temperatures(&self, printer: PrinterId) -> Result<Vec<TemperatureSample>, StationError> {
        self.call(|reply| Command::Temperatures(printer, reply)).await
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
        self.call(|reply| Command::Terminal(printer, after, most, reply)).await
    }

    /// Returns the frames of a camera as they come; `None` when it is not running.
    pub fn frames(&self, camera: CameraId) -> Option<watch::Receiver<Option<Arc<Frame>>>> {
        self.devices.borrow().cameras.get(&camera).map(|handle| handle.latest())
    }

    /// Returns a recent frame from the rings.
    pub fn recent_frame(&self, frame: FrameId) -> Option<Arc<Frame>> {
        self.devices.borrow().cameras.values().find_map(|handle| handle.frame(frame))
    }

    /// Tries the detection on a picture, past all rules; blocks until it is analysed.
    ///
    /// # Errors
    /// A text for people: no picture, or no detector.
    pub fn try_detection(&self, sample: Sample) -> Result<Tried, String> {
        let jpeg = match sample {
            Sample::Builtin { failing } => {
                self.device_factory.sample_picture(failing).ok_or("this app has no sample picture")?
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
        self.detect.ask(jpeg.clone(), View::Whole, tell);
        let found = answer.recv().map_err(|_| "the detector has ended".to_owned())?;
        let findings = found.map_err(|error: DetectError| error.for_people())?;
        Ok(Tried { jpeg, findings, size: size.shown_size(), sight: self.detect.sight() })
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
        self.device_factory.demo_fault(printer, fault, on)
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
        self.ctl.send(Command::Inject(Box::new(event))).await.map_err(|_| StationError::Ending)
    }

    /// Waits until the core has ended itself because parts of it failed; returns why, for people. The process ought to end
    /// then: nothing that it shows is true any more.
    pub async fn fallen(&self) -> String {
        let mut fallen = self.fallen.clone();
        let why = fallen.wait_for(Option::is_some).await.ok().and_then(|why| why.clone());
        match why {
            Some(why) => why,
            // The core ended as it was told to.
            None => std::future::pending().await,
        }
    }

    /// Returns why the core has ended itself, if it has.
    pub fn why_fallen(&self) -> Option<String> {
        self.fallen.borrow().clone()
    }

    /// Ends everything in order; returns when the printers are left as asked, ten seconds at most.
    pub async fn shutdown(&self, leave: Leave) {
        self.trials.close();
        let _ = self.call(|reply| Command::Shutdown(leave, reply)).await;
    }

    pub(crate) async fn call<T>(
        &self,
        make: impl FnOnce(oneshot::Sender<T>) -> Command,
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
        Self::source_frame(&CameraSource::Device { device: device.to_owned(), format: None })
    }

    /// Takes one picture with a camera that is not running. Blocks, up to 15 seconds.
    ///
    /// # Errors
    /// A text for people.
    pub fn source_frame(source: &CameraSource) -> Result<Bytes, String> {
        camera::one_frame(source).map_err(|error| error.for_people())
    }

    /// Looks whether a network camera may have this address, as far as that can be told without asking for its name.
    ///
    /// # Errors
    /// A text for people.
    pub fn check_camera_address(address: &str) -> Result<(), String> {
        camera::check_address(address).map_err(|error| error.to_string())
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
