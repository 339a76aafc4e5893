//! The threads at the ports and cameras: started, replaced and ended here.

use crate::FarEnds;
use crate::clock::Clocks;
use crate::pump::{self, Pump};
use camera::{CameraHandle, Frame, FrameIds, Frames};
use detect::DetectHandle;
use domain::{
    Camera, CameraHealth, CameraId, CameraSource, Event, FrameInfo, Leave, LinkChange, LinkState, Millis,
    Order, PortChoice, Printer, PrinterId, PrinterReport,
};
use printer::{EmergencyLatch, Heard, PrinterHandle};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// Longest wait for the printers when the core ends.
const SHUTDOWN: Duration = Duration::from_secs(10);

/// What the doors may touch of the running threads: set a latch, read pictures.
#[derive(Default, Clone)]
pub(crate) struct Ends {
    pub(crate) printers: BTreeMap<PrinterId, EmergencyLatch>,
    pub(crate) cameras: BTreeMap<CameraId, Frames>,
}

/// Owner of all of it.
pub(crate) struct EndsOwner {
    far: Arc<dyn FarEnds>,
    clocks: Clocks,
    heard: mpsc::Sender<(PrinterId, Heard)>,
    events: mpsc::Sender<Event>,
    detect: Arc<DetectHandle>,
    frame_ids: FrameIds,
    shared: watch::Sender<Arc<Ends>>,
    printers: BTreeMap<PrinterId, PrinterHandle>,
    cameras: BTreeMap<CameraId, CameraHandle>,
    ports: BTreeMap<PrinterId, Option<PortChoice>>,
    cadences: BTreeMap<PrinterId, watch::Sender<Option<Millis>>>,
    pumps: BTreeMap<PrinterId, (CameraId, Pump)>,
}

impl EndsOwner {
    pub(crate) fn new(
        far: Arc<dyn FarEnds>,
        clocks: Clocks,
        heard: mpsc::Sender<(PrinterId, Heard)>,
        events: mpsc::Sender<Event>,
        detect: Arc<DetectHandle>,
        frame_ids: FrameIds,
    ) -> Self {
        Self {
            far,
            clocks,
            heard,
            events,
            detect,
            frame_ids,
            shared: watch::Sender::new(Arc::default()),
            printers: BTreeMap::new(),
            cameras: BTreeMap::new(),
            ports: BTreeMap::new(),
            cadences: BTreeMap::new(),
            pumps: BTreeMap::new(),
        }
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Arc<Ends>> {
        self.shared.subscribe()
    }

    fn change(&self, edit: impl FnOnce(&mut Ends)) {
        self.shared.send_modify(|ends| edit(Arc::make_mut(ends)));
    }

    /// Gives an order to a printer's thread; answers with the change to report when it cannot take it.
    pub(crate) fn order(&self, id: PrinterId, order: Order) -> Result<(), LinkChange> {
        let refused = |why: &str| LinkChange::Refused { order: format!("{order:?}"), why: why.into() };
        match self.printers.get(&id) {
            None => Err(refused("the printer is not connected; connect it first")),
            Some(handle) => handle.order(order.clone()).map_err(|busy| refused(&busy.to_string())),
        }
    }

    /// Returns the port a printer's thread was started with; `None` when it has no thread.
    pub(crate) fn port_of(&self, id: PrinterId) -> Option<Option<PortChoice>> {
        self.ports.get(&id).cloned()
    }

    /// Notes the rate at which a printer answers, so that keeping it in the settings restarts nothing.
    pub(crate) fn note_rate(&mut self, id: PrinterId, report: &PrinterReport) {
        if let (LinkState::Up, Some(Some(port)), Some(baud)) =
            (&report.link, self.ports.get_mut(&id), report.baud)
            && report.port.as_deref() == Some(port.path.as_str())
        {
            port.baud = baud;
        }
    }

    /// Starts (or restarts) the thread at a printer's port, if a port is chosen.
    pub(crate) fn open_printer(&mut self, printer: &Printer) {
        self.close_printer(printer.id);
        self.ports.insert(printer.id, printer.port.clone());
        let clock = self.clocks.of(printer.kind);
        let Some(opener) = self.far.printer(printer, clock.clone()) else { return };
        match printer::spawn(printer.id, opener, clock, self.heard.clone()) {
            Ok(handle) => {
                self.change(|ends| {
                    ends.printers.insert(printer.id, handle.latch());
                });
                self.printers.insert(printer.id, handle);
            }
            Err(error) => {
                tracing::error!(printer = %printer.id, %error, "the printer's thread did not start")
            }
        }
    }

    /// Ends the thread at a printer's port; the printer is left as it is.
    pub(crate) fn close_printer(&mut self, id: PrinterId) {
        let Some(handle) = self.printers.remove(&id) else { return };
        self.change(|ends| {
            ends.printers.remove(&id);
        });
        let _ = handle.order(Order::Stop(Leave::AsItIs));
    }

    /// Makes the running cameras those that printers watch, each with its pump.
    pub(crate) fn sync_cameras(&mut self, printers: &[Printer], cameras: &BTreeMap<CameraId, Camera>) {
        let wanted: BTreeMap<PrinterId, &Camera> =
            printers.iter().filter_map(|p| Some((p.id, cameras.get(&p.camera?)?))).collect();
        let running: Vec<CameraId> = self.cameras.keys().copied().collect();
        for id in running {
            if !wanted.values().any(|camera| camera.id == id) {
                self.close_camera(id);
            }
        }
        self.pumps.retain(|printer, (camera, _)| wanted.get(printer).is_some_and(|c| c.id == *camera));
        for (printer, camera) in wanted {
            self.open_camera(camera);
            self.open_pump(printer, camera.id);
        }
    }

    fn open_camera(&mut self, camera: &Camera) {
        if self.cameras.contains_key(&camera.id) {
            return;
        }
        let demo = matches!(camera.source, CameraSource::Demo);
        let clock = if demo { self.clocks.demo.clone() } else { self.clocks.real.clone() };
        let Some(opener) = self.far.camera(camera, clock.clone()) else { return };
        let events = self.events.clone();
        let on_health = Box::new(move |id: CameraId, health: CameraHealth| {
            let _ = events.blocking_send(Event::Camera(id, health));
        });
        match camera::spawn(camera.clone(), opener, clock, self.frame_ids.clone(), on_health) {
            Ok(handle) => {
                self.change(|ends| {
                    ends.cameras.insert(camera.id, handle.frames());
                });
                self.cameras.insert(camera.id, handle);
            }
            Err(error) => tracing::error!(camera = %camera.id, %error, "the camera's thread did not start"),
        }
    }

    fn open_pump(&mut self, printer: PrinterId, camera: CameraId) {
        if self.pumps.contains_key(&printer) {
            return;
        }
        let Some(frames) = self.cameras.get(&camera).map(CameraHandle::latest) else { return };
        let cadence = self.cadences.entry(printer).or_insert_with(|| watch::Sender::new(None)).subscribe();
        let pump = pump::spawn(printer, frames, cadence, self.detect.clone(), self.events.clone());
        self.pumps.insert(printer, (camera, pump));
    }

    /// Ends a camera's thread and the pumps at it.
    pub(crate) fn close_camera(&mut self, id: CameraId) {
        self.pumps.retain(|_, (camera, _)| *camera != id);
        let Some(handle) = self.cameras.remove(&id) else { return };
        self.change(|ends| {
            ends.cameras.remove(&id);
        });
        // A camera that hangs in its driver must not hold up the hub: it ends on its own.
        handle.stop();
    }

    /// Sets how often a printer's camera is analysed.
    pub(crate) fn set_cadence(&mut self, printer: PrinterId, every_ms: Option<Millis>) {
        self.cadences.entry(printer).or_insert_with(|| watch::Sender::new(None)).send_replace(every_ms);
    }

    /// Returns a frame from the ring of its camera.
    pub(crate) fn frame(&self, frame: &FrameInfo) -> Option<Arc<Frame>> {
        self.cameras.get(&frame.camera)?.frame(frame.id)
    }

    /// Returns the pictures of a running camera.
    pub(crate) fn frames(&self, camera: CameraId) -> Option<Frames> {
        self.cameras.get(&camera).map(CameraHandle::frames)
    }

    /// Leaves all printers as asked and ends all threads, ten seconds at most. Blocks.
    pub(crate) fn shutdown(self, leave: Leave) {
        self.shared.send_replace(Arc::default());
        for (id, handle) in &self.printers {
            if handle.order(Order::Stop(leave)).is_err() {
                tracing::error!(printer = %id, "the printer's thread did not take the order to stop");
            }
        }
        drop(self.pumps);
        for (_, camera) in self.cameras {
            camera.stop();
        }
        // All have been told; waiting for one after the other costs the time of the slowest.
        for (id, handle) in self.printers {
            if !handle.join(SHUTDOWN) {
                tracing::error!(printer = %id, "the printer did not answer in time; check it by eye");
            }
        }
    }
}
