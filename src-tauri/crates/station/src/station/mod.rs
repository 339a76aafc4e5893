//! The handle that every door holds: what runs now, and the way to each part.

mod files;
mod machines;
mod past;
mod stops;
mod tools;

use crate::awake::Awake;
use crate::command::{Command, CoreHandle};
use crate::devices::{Agents, DeviceFactory, OpenDevices, Secrets};
use crate::error::{StationError, blocking};
use crate::jobs::{FilmQueue, Films};
use crate::library::{Library, Recoveries};
use crate::live::{NoticesShown, Snapshot, TemperatureSample, TerminalPage};
use crate::media::Room;
use crate::octoprint::{OctoPrint, OctoPrintParts};
use crate::past::Past;
use crate::report::write_outbound;
use crate::setup::{Changes, Deletions, DetectionModels, Machines, ModelChoice, Settings};
use crate::spools::Spools;
use crate::trial::Trials;
use camera::Frame;
use detect::{DetectHandle, OpenModels};
use domain::{CameraId, Clock, Event, FileId, FrameId, Leave, PrintId, PrinterId, Request, Timestamp};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::Store;
use tokio::sync::watch;

pub use stops::StopOfOne;

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
    /// How models are opened.
    pub models: OpenModels,
    /// Keeps the machine awake.
    pub awake: Box<dyn Awake>,
}

/// What a station is made of, once all threads run.
pub(crate) struct Parts {
    pub(crate) root: Arc<Path>,
    pub(crate) room: Room,
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) core: CoreHandle,
    pub(crate) live: watch::Receiver<Arc<Snapshot>>,
    pub(crate) devices: OpenDevices,
    pub(crate) agents: Agents,
    pub(crate) factory: Arc<dyn DeviceFactory>,
    pub(crate) secrets: Arc<Secrets>,
    pub(crate) detect: Arc<DetectHandle>,
    pub(crate) model_choice: Arc<ModelChoice>,
    pub(crate) films: Arc<FilmQueue>,
    pub(crate) notices: NoticesShown,
    pub(crate) fallen: watch::Receiver<Option<String>>,
}

/// The core without a door. Cheap to clone.
#[derive(Clone)]
pub struct Station {
    root: Arc<Path>,
    room: Room,
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    core: CoreHandle,
    live: watch::Receiver<Arc<Snapshot>>,
    devices: OpenDevices,
    agents: Agents,
    factory: Arc<dyn DeviceFactory>,
    detect: Arc<DetectHandle>,
    fallen: watch::Receiver<Option<String>>,
    library: Library,
    recoveries: Recoveries,
    past: Past,
    films: Films,
    machines: Machines,
    models: DetectionModels,
    settings: Settings,
    deletions: Deletions,
    trials: Arc<Trials>,
    spools: Spools,
    octoprint: OctoPrint,
}

impl Station {
    /// Puts the parts together.
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { root, room, store, clock, core, live, devices, factory, secrets, detect, .. } = parts;
        let library = Library::new(root.clone(), store.clone(), clock.clone(), room.clone(), live.clone());
        let changes = Changes::new(store.clone(), core.clone(), clock.clone());
        let films = Films::new(
            root.clone(),
            store.clone(),
            clock.clone(),
            room.clone(),
            core.clone(),
            live.clone(),
            (parts.films, factory.decoders()),
        );
        Self {
            octoprint: OctoPrint::new(OctoPrintParts {
                root: root.clone(),
                store: store.clone(),
                clock: clock.clone(),
                room: room.clone(),
                core: core.clone(),
                live: live.clone(),
                library: library.clone(),
                films: films.clone(),
            }),
            recoveries: Recoveries::new(library.clone()),
            past: Past::new(
                root.clone(),
                store.clone(),
                clock.clone(),
                room.clone(),
                core.clone(),
                live.clone(),
            ),
            films,
            machines: Machines::new(changes.clone(), factory.clone(), secrets, library.clone()),
            models: DetectionModels::new(
                root.clone(),
                store.clone(),
                parts.model_choice,
                detect.clone(),
                factory.clone(),
                live.clone(),
            ),
            settings: Settings::new(changes.clone(), parts.notices),
            deletions: Deletions::new(changes, library.clone()),
            trials: Arc::new(Trials::new(&root, room.reserve_bytes())),
            spools: Spools::new(store.clone(), clock.clone(), live.clone()),
            fallen: parts.fallen,
            root,
            room,
            store,
            clock,
            core,
            live,
            devices,
            agents: parts.agents,
            factory,
            detect,
            library,
        }
    }

    /// Returns the past prints.
    pub fn past(&self) -> &Past {
        &self.past
    }

    /// Returns the spools of filament.
    pub fn spools(&self) -> &Spools {
        &self.spools
    }

    /// Returns the printers that OctoPrint or Klipper drives, for their agents.
    pub fn agents(&self) -> &Agents {
        &self.agents
    }

    /// Returns the films of prints.
    pub fn films(&self) -> &Films {
        &self.films
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
        self.live.borrow().printing()
    }

    /// Asks the hub, and waits for its answer.
    ///
    /// # Errors
    /// [`StationError::Refused`] with what to do, or [`StationError::Ending`].
    pub async fn ask(&self, request: Request) -> Result<Option<PrintId>, StationError> {
        if let Request::Start { file: Some(file), .. } | Request::StartQueued { file, .. } = &request {
            // The print shows its file's record as long as it runs.
            self.tell_file(*file).await?;
        }
        self.core.ask(request).await
    }

    /// Tells the hub what is kept of a file that may be in print; after each change of it, too.
    ///
    /// # Errors
    /// When the database cannot be read or the core is ending.
    pub async fn tell_file(&self, id: FileId) -> Result<(), StationError> {
        let store = self.store.clone();
        match blocking(move || store.read(|conn| store::file::get(conn, id))).await?? {
            Some(file) => self.inject(Event::FileKnown(Box::new(file))).await,
            None => Ok(()),
        }
    }

    /// Tells the hub what is kept of each file that waits in a queue: it may have been deleted, or brought back.
    ///
    /// # Errors
    /// When the database cannot be read or the core is ending.
    pub async fn tell_queued_files(&self) -> Result<(), StationError> {
        let live = self.snapshot();
        let queued = live.printers.values().flat_map(|printer| &printer.vigil.queue);
        let files: BTreeSet<FileId> = queued.map(|item| item.file).collect();
        for file in files {
            self.tell_file(file).await?;
        }
        Ok(())
    }

    /// Returns the temperatures of the last hour, oldest first.
    ///
    /// # Errors
    /// When the core is ending.
    pub async fn temperatures(&self, printer: PrinterId) -> Result<Vec<TemperatureSample>, StationError> {
        self.core.call(|reply| Command::Temperatures(printer, reply)).await
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
        // Agents tell lines only while somebody reads.
        self.agents.terminal_read(printer);
        self.core.call(|reply| Command::Terminal(printer, after, most, reply)).await
    }

    /// Returns the frames of a camera as they come, to somebody who looks at them. A camera that shows a printer and is not
    /// the watched one is opened for it. `None` when there is no such camera.
    ///
    /// # Errors
    /// When the core is ending.
    pub async fn look_at(
        &self,
        camera: CameraId,
    ) -> Result<Option<watch::Receiver<Option<Arc<Frame>>>>, StationError> {
        if let Some(frames) = self.devices.look_at(camera) {
            return Ok(Some(frames));
        }
        self.core.call(|reply| Command::ViewCamera(camera, reply)).await?;
        Ok(self.devices.look_at(camera))
    }

    /// Returns the frames of a camera as they come; `None` when it is not running.
    pub fn frames(&self, camera: CameraId) -> Option<watch::Receiver<Option<Arc<Frame>>>> {
        self.devices.frames(camera)
    }

    /// Returns a recent frame from the rings.
    pub fn recent_frame(&self, frame: FrameId) -> Option<Arc<Frame>> {
        self.devices.recent_frame(frame)
    }

    /// Provokes or ends a fault of the demo.
    ///
    /// # Errors
    /// A text for people.
    pub fn demo_fault(&self, printer: PrinterId, fault: domain::DemoFault, on: bool) -> Result<(), String> {
        self.factory.demo_fault(printer, fault, on)
    }

    /// Returns the database, for reads and for records that are no live state.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Returns the data folder.
    pub fn data_dir(&self) -> &Path {
        &self.root
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
        self.core.inject(event).await
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
        let _ = self.core.call(|reply| Command::Shutdown(leave, reply)).await;
        let root = self.root.clone();
        let _ = tokio::task::spawn_blocking(move || write_outbound(&root)).await;
    }
}
