//! The threads at the ports and cameras: started, replaced and ended here.

use super::agents::Agents;
use super::closing::{CAMERAS, OnceFree, close_aside};
use super::factory::DeviceFactory;
use super::handles::{DeviceHandles, OpenDevices};
use super::pump::{self, Pump, Watched};
use crate::clock::Clocks;
use camera::{CameraHandle, Frame, FrameIds, Frames};
use detect::DetectHandle;
use domain::{
    Camera, CameraHealth, CameraId, CameraSource, Event, FrameInfo, Leave, LinkChange, LinkState, Millis,
    Order, PortChoice, Printer, PrinterId, PrinterReport, RefusedReason, View,
};
use printer::{Heard, PrinterHandle};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// Longest wait for the printers when the core ends.
pub(crate) const SHUTDOWN: Duration = Duration::from_secs(10);

/// A camera that no printer watches stays open so long after the last look.
const VIEWED_MS: Millis = 20_000;

/// From this p on a picture may show a failure.
const SUSPICIOUS_P: f64 = 0.2;

/// Owner of all of it.
pub(crate) struct Devices {
    factory: Arc<dyn DeviceFactory>,
    clocks: Clocks,
    heard: mpsc::Sender<(PrinterId, Heard)>,
    events: mpsc::Sender<Event>,
    detect: Arc<DetectHandle>,
    frame_ids: FrameIds,
    shared: watch::Sender<Arc<DeviceHandles>>,
    agents: Agents,
    /// All cameras there are, running or not.
    known: BTreeMap<CameraId, Camera>,
    printers: BTreeMap<PrinterId, PrinterHandle>,
    cameras: BTreeMap<CameraId, CameraHandle>,
    /// Cameras that are open because somebody looks, and until when, real milliseconds.
    viewed: BTreeMap<CameraId, Millis>,
    ports: BTreeMap<PrinterId, Option<PortChoice>>,
    watched: BTreeMap<PrinterId, watch::Sender<Watched>>,
    pumps: BTreeMap<PrinterId, (CameraId, Pump)>,
    /// Tells when a camera that is being closed has let go of its device.
    closing: BTreeMap<CameraId, Receiver<()>>,
}

impl Devices {
    pub(crate) fn new(
        factory: Arc<dyn DeviceFactory>,
        clocks: Clocks,
        heard: mpsc::Sender<(PrinterId, Heard)>,
        events: mpsc::Sender<Event>,
        detect: Arc<DetectHandle>,
        frame_ids: FrameIds,
        cameras: &[Camera],
    ) -> Self {
        Self {
            factory,
            clocks,
            heard,
            events,
            detect,
            frame_ids,
            shared: watch::Sender::new(Arc::default()),
            agents: Agents::default(),
            known: cameras.iter().map(|camera| (camera.id, camera.clone())).collect(),
            printers: BTreeMap::new(),
            cameras: BTreeMap::new(),
            viewed: BTreeMap::new(),
            ports: BTreeMap::new(),
            watched: BTreeMap::new(),
            pumps: BTreeMap::new(),
            closing: BTreeMap::new(),
        }
    }

    /// Returns what others may touch of the running threads.
    pub(crate) fn open(&self) -> OpenDevices {
        OpenDevices::new(self.shared.subscribe())
    }

    /// Returns the printers that have an agent.
    pub(crate) fn agents(&self) -> &Agents {
        &self.agents
    }

    /// After a look that may show a failure, an agent that sends a picture in ten seconds is asked for more at once.
    pub(crate) fn looked(&self, event: &Event) {
        if let Event::Looked(look) = event
            && look.p >= SUSPICIOUS_P
        {
            self.agents.ask_for_pictures(look.printer);
        }
    }

    fn change(&self, edit: impl FnOnce(&mut DeviceHandles)) {
        self.shared.send_modify(|handles| edit(Arc::make_mut(handles)));
    }

    /// Gives an order to a printer's thread; answers with the change to report when it cannot take it.
    pub(crate) fn order(&self, id: PrinterId, order: Order) -> Result<(), LinkChange> {
        if self.agents.has(id) {
            return self.agents.order(id, order);
        }
        let kind = order.kind();
        let refused = |reason, why: String| LinkChange::Refused { order: kind, reason, why };
        match self.printers.get(&id) {
            None => {
                let why = "the printer is not connected: connect it first";
                Err(refused(RefusedReason::NotConnected, why.into()))
            }
            Some(handle) => handle.order(order).map_err(|not| refused(not.reason(), not.to_string())),
        }
    }

    /// Returns whether a thread that lives serves a printer's port.
    pub(crate) fn is_served(&self, id: PrinterId) -> bool {
        self.agents.has(id) || self.printers.get(&id).is_some_and(PrinterHandle::is_alive)
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
        if let Some(agent) = &printer.agent {
            return self.agents.open(printer.id, agent.clone(), clock, self.heard.clone());
        }
        let Some(opener) = self.factory.printer(printer, clock.clone()) else { return };
        match printer::spawn(printer.id, opener, clock, self.heard.clone()) {
            Ok(handle) => {
                self.change(|handles| {
                    handles.printers.insert(printer.id, handle.latch());
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
        self.agents.close(id);
        let Some(handle) = self.printers.remove(&id) else { return };
        self.change(|handles| {
            handles.printers.remove(&id);
        });
        let _ = handle.order(Order::Stop(Leave::AsItIs));
    }

    /// Opens the ports that were chosen anew.
    pub(crate) fn sync_ports<'a>(&mut self, printers: impl Iterator<Item = &'a Printer>) {
        // One that was archived at the start has no thread yet.
        for printer in printers.filter(|printer| printer.archived_at.is_none()) {
            if self.ports.get(&printer.id).is_none_or(|before| *before != printer.port) {
                self.open_printer(printer);
            }
        }
    }

    /// Takes in a camera that is new or was changed; it is opened anew with the next [`Devices::sync_cameras`].
    pub(crate) fn put_camera(&mut self, camera: Camera) {
        self.close_camera(camera.id);
        self.known.insert(camera.id, camera);
    }

    /// Forgets a camera.
    pub(crate) fn forget_camera(&mut self, id: CameraId) {
        self.known.remove(&id);
        self.viewed.remove(&id);
    }

    /// Opens a camera for somebody who wants to look, if it shows one of the printers.
    pub(crate) fn view_camera<'a>(
        &mut self,
        id: CameraId,
        printers: impl Iterator<Item = &'a Printer> + Clone,
    ) {
        if printers.clone().any(|printer| printer.other_cameras.contains(&id)) {
            self.viewed.insert(id, self.clocks.real.now().mono_ms + VIEWED_MS);
            self.sync_cameras(printers);
        }
    }

    /// Closes what was open for somebody who does not look any more.
    pub(crate) fn close_unseen<'a>(&mut self, printers: impl Iterator<Item = &'a Printer>) {
        let now_ms = self.clocks.real.now().mono_ms;
        let before = self.viewed.len();
        self.viewed.retain(|id, until_ms| {
            if self.cameras.get(id).is_some_and(CameraHandle::was_looked_at) {
                *until_ms = now_ms + VIEWED_MS;
            }
            now_ms < *until_ms
        });
        if self.viewed.len() < before {
            self.sync_cameras(printers);
        }
    }

    /// Makes the running cameras those that printers watch, each with its pump, and those that somebody looks at. One that
    /// several want is opened once. Nobody looks at what is archived.
    pub(crate) fn sync_cameras<'a>(&mut self, printers: impl Iterator<Item = &'a Printer>) {
        let watching = printers.filter(|printer| printer.archived_at.is_none());
        let wanted: BTreeMap<PrinterId, Camera> =
            watching.filter_map(|p| Some((p.id, self.known.get(&p.camera?)?.clone()))).collect();
        let running: Vec<CameraId> = self.cameras.keys().copied().collect();
        for id in running {
            if !wanted.values().any(|camera| camera.id == id) && !self.viewed.contains_key(&id) {
                self.close_camera(id);
            }
        }
        self.pumps.retain(|printer, (camera, _)| wanted.get(printer).is_some_and(|c| c.id == *camera));
        for (printer, camera) in wanted {
            self.open_camera(&camera);
            self.open_pump(printer, camera.id);
        }
        let viewed: Vec<Camera> = self.viewed.keys().filter_map(|id| self.known.get(id)).cloned().collect();
        viewed.iter().for_each(|camera| self.open_camera(camera));
    }

    fn open_camera(&mut self, camera: &Camera) {
        if self.cameras.contains_key(&camera.id) {
            return;
        }
        let demo = matches!(camera.source, CameraSource::Demo { .. });
        let clock = if demo { self.clocks.demo.clone() } else { self.clocks.real.clone() };
        let opener = match &camera.source {
            CameraSource::Agent { printer, url } => self.agents.camera(camera.id, *printer, url.as_deref()),
            CameraSource::Device { .. }
            | CameraSource::Snapshot { .. }
            | CameraSource::Mjpeg { .. }
            | CameraSource::Rtsp { .. }
            | CameraSource::Demo { .. } => self.factory.camera(camera, clock.clone()),
        };
        let Some(opener) = opener else { return };
        let opener = Box::new(OnceFree { busy: self.closing.remove(&camera.id), opener });
        let events = self.events.clone();
        let on_health = Box::new(move |id: CameraId, health: CameraHealth| {
            let _ = events.blocking_send(Event::Camera(id, health));
        });
        match camera::spawn(camera.clone(), opener, clock, self.frame_ids.clone(), on_health) {
            Ok(handle) => {
                self.change(|handles| {
                    handles.cameras.insert(camera.id, handle.frames());
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
        let watched = self.watched(printer).subscribe();
        let pump = pump::spawn(printer, frames, watched, self.detect.clone(), self.events.clone());
        self.pumps.insert(printer, (camera, pump));
    }

    /// Ends a camera's thread and the pumps at it.
    fn close_camera(&mut self, id: CameraId) {
        self.pumps.retain(|_, (camera, _)| *camera != id);
        let Some(handle) = self.cameras.remove(&id) else { return };
        self.change(|handles| {
            handles.cameras.remove(&id);
        });
        if let Some(closed) = close_aside(id, handle) {
            self.closing.insert(id, closed);
        }
    }

    /// Sets how often a printer's camera is analysed.
    pub(crate) fn set_cadence(&mut self, printer: PrinterId, every_ms: Option<Millis>) {
        self.agents.set_watched(printer, every_ms.is_some());
        self.watched(printer).send_modify(|watched| watched.every_ms = every_ms);
    }

    /// Sets what part of a printer's camera picture is analysed.
    pub(crate) fn set_view(&mut self, printer: PrinterId, view: View) {
        self.watched(printer).send_modify(|watched| watched.view = view);
    }

    fn watched(&mut self, printer: PrinterId) -> &watch::Sender<Watched> {
        self.watched.entry(printer).or_default()
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
        let closing: Vec<_> =
            self.cameras.into_iter().filter_map(|(id, camera)| close_aside(id, camera)).collect();
        // All have been told; waiting for one after the other costs the time of the slowest.
        for (id, handle) in self.printers {
            if !handle.join(SHUTDOWN) {
                tracing::error!(printer = %id, "the printer did not answer in time; check it by eye");
            }
        }
        for closed in closing {
            let _ = closed.recv_timeout(CAMERAS);
        }
    }
}
