//! Printers and cameras that people add and remove: stored first, then taken into the running core.

use super::changes::Changes;
use super::demo;
use crate::command::{Command, Removal};
use crate::devices::{DeviceFactory, Secrets};
use crate::error::{StationError, blocking};
use crate::library::Library;
use crate::live::Snapshot;
use domain::{
    Camera, CameraId, CameraSource, FileId, IgnoreArea, PortChoice, PredictionState, Printer, PrinterId,
    PrinterKind, Timestamp, Write,
};
use hub::KeptOfPrinter;
use std::sync::Arc;
use store::{StoreError, Transaction};
use tokio::sync::watch;

/// A printer to add.
#[derive(Debug, Clone)]
pub struct NewPrinter {
    /// Display name.
    pub name: String,
    /// Demo or real.
    pub kind: PrinterKind,
    /// For a real one.
    pub port: Option<PortChoice>,
    /// The camera to watch it.
    pub camera: Option<CameraId>,
    /// 20 hex digits.
    pub auth_token: String,
}

fn insert_printer(tx: &Transaction<'_>, mut printer: Printer) -> Result<Printer, StoreError> {
    printer.id = store::printer::next_id(tx)?;
    store::printer::put(tx, &printer)?;
    Ok(printer)
}

/// The printers and cameras that are set up. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Machines {
    changes: Changes,
    factory: Arc<dyn DeviceFactory>,
    secrets: Arc<Secrets>,
    library: Library,
    live: watch::Receiver<Arc<Snapshot>>,
}

impl Machines {
    /// Cameras keep their passwords in `secrets`; the demo's sample comes of `factory` and goes into `library`.
    pub(crate) fn new(
        changes: Changes,
        factory: Arc<dyn DeviceFactory>,
        secrets: Arc<Secrets>,
        library: Library,
        live: watch::Receiver<Arc<Snapshot>>,
    ) -> Self {
        Self { changes, factory, secrets, library, live }
    }

    /// Adds a printer and connects to it.
    ///
    /// # Errors
    /// When it cannot be stored, or a second demo printer is asked for.
    pub(crate) async fn add_printer(&self, new: NewPrinter) -> Result<PrinterId, StationError> {
        let machines = self.clone();
        self.changes.wholly(async move { machines.store_printer(new).await }).await
    }

    async fn store_printer(&self, new: NewPrinter) -> Result<PrinterId, StationError> {
        let now = self.changes.now();
        let (printer, prediction) = match new.kind {
            PrinterKind::Demo => self.store_demo(new, now).await?,
            PrinterKind::Serial => {
                let mut printer = Printer::new(PrinterId(0), new.name, new.kind, now, new.auth_token);
                printer.port = new.port;
                printer.camera = new.camera;
                (self.changes.write(move |tx| insert_printer(tx, printer)).await?, None)
            }
        };
        let id = printer.id;
        let kept = KeptOfPrinter { prediction, ..KeptOfPrinter::default() };
        self.changes.tell(|reply| Command::PrinterAdded(Box::new(printer), Box::new(kept), reply)).await?;
        Ok(id)
    }

    /// Removes a printer; its history stays. It is let go of once that is stored.
    ///
    /// # Errors
    /// Refused while it prints; and when it cannot be stored.
    pub(crate) async fn remove_printer(&self, id: PrinterId) -> Result<(), StationError> {
        let changes = self.changes.clone();
        let remove = async move {
            let begun = changes.tell(|reply| Command::RemovalBegun(id, reply)).await?;
            begun.map_err(StationError::Refused)?;
            let now = changes.now();
            let stored = changes.write(move |tx| store::printer::delete(tx, id, now)).await;
            let removal = if stored.is_ok() { Removal::Stored } else { Removal::Failed };
            changes.tell(|reply| Command::RemovalOver(id, removal, reply)).await?;
            stored
        };
        self.changes.wholly(remove).await
    }

    /// Adds a camera (id 0) or changes one.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub(crate) async fn put_camera(&self, camera: Camera) -> Result<Camera, StationError> {
        let machines = self.clone();
        self.changes.wholly(async move { machines.store_camera(camera).await }).await
    }

    async fn store_camera(&self, camera: Camera) -> Result<Camera, StationError> {
        let secrets = self.secrets.clone();
        let camera = self.changes.write(move |tx| secrets.store(tx, &camera)).await?;
        let told = camera.clone();
        self.changes.tell(|reply| Command::CameraPut(Box::new(told), reply)).await?;
        Ok(camera)
    }

    /// Returns whether a password is kept for a camera; it is never given out.
    pub(crate) fn camera_password_set(&self, id: CameraId) -> bool {
        self.secrets.has(id)
    }

    /// Returns a source with what a person did not see of its address, if it is that of this camera.
    pub(crate) fn with_password(&self, id: Option<CameraId>, source: CameraSource) -> CameraSource {
        id.map_or(source.clone(), |id| self.secrets.complete_source(id, source))
    }

    /// Sets the areas of a camera's picture in which nothing counts, from the next look on.
    ///
    /// # Errors
    /// When they cannot be stored.
    pub(crate) async fn set_ignored(
        &self,
        camera: CameraId,
        areas: Vec<IgnoreArea>,
    ) -> Result<(), StationError> {
        let changes = self.changes.clone();
        let set = async move {
            let (kept, now) = (areas.clone(), changes.now());
            changes.write(move |tx| store::watch::ignore(tx, camera, &kept, now)).await?;
            changes.tell(|reply| Command::Ignore(camera, areas, reply)).await
        };
        self.changes.wholly(set).await
    }

    /// Forgets what was learnt of a camera.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) async fn forget_scale(&self, camera: CameraId) -> Result<(), StationError> {
        self.changes.write(move |tx| store::scale::forget(tx, camera)).await?;
        self.changes.tell(|reply| Command::ForgetScale(camera, reply)).await
    }

    /// Removes a camera.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub(crate) async fn remove_camera(&self, id: CameraId) -> Result<(), StationError> {
        let (changes, secrets) = (self.changes.clone(), self.secrets.clone());
        let remove = async move {
            changes.write(move |tx| store::camera::delete(tx, id)).await?;
            blocking(move || secrets.forget(id)).await?;
            changes.tell(|reply| Command::CameraRemoved(id, reply)).await
        };
        self.changes.wholly(remove).await
    }

    /// Stores the demo printer with its camera, sample file and past.
    async fn store_demo(
        &self,
        new: NewPrinter,
        now: Timestamp,
    ) -> Result<(Printer, Option<PredictionState>), StationError> {
        let snapshot = self.live.borrow().clone();
        let there = snapshot.printers.values().find(|view| view.vigil.kind == PrinterKind::Demo);
        if let Some(there) = there {
            let archived = "It is archived: bring it back in the settings.";
            let hint = there.archived_at.map_or("Choose it at the top left.", |_| archived);
            return Err(StationError::refused("demo_exists", "there is a demo printer already", hint));
        }
        let camera = match new.camera {
            Some(camera) => camera,
            None => self.demo_camera().await?,
        };
        let count = demo::PAST.len() as i64;
        let first = self.changes.tell(|reply| Command::ReservePrints(count, reply)).await?;
        let machines = self.clone();
        let sample = blocking(move || machines.add_sample()).await?;
        let stored = self.changes.write(move |tx| {
            let printer = demo::printer(PrinterId(0), new.name, camera, now, new.auth_token);
            let printer = insert_printer(tx, printer)?;
            for print in demo::past_prints(first, printer.id, sample, now) {
                store::print::put(tx, &print)?;
            }
            Ok(printer)
        });
        let printer = stored.await?;
        let prediction = demo::past_prediction(printer.id, now);
        self.changes.record(Write::Prediction(prediction));
        Ok((printer, Some(prediction)))
    }

    async fn demo_camera(&self) -> Result<CameraId, StationError> {
        let cameras = self.changes.read(store::camera::list).await?;
        match cameras.into_iter().find(|camera| camera.source == CameraSource::Demo) {
            Some(camera) => Ok(camera.id),
            None => Ok(self.store_camera(demo::camera(CameraId(0))).await?.id),
        }
    }

    /// Puts the demo's sample print into the library, once. Blocks.
    fn add_sample(&self) -> Option<(FileId, Option<f64>)> {
        let (name, content) = self.factory.sample_file()?;
        let signature = format!("builtin:{name}");
        if let Some(file) = self.library.by_signature(&signature) {
            return Some((file.id, file.estimated_time));
        }
        match self.library.add_content(&content, &name, signature) {
            Ok(file) => Some((file.id, file.estimated_time)),
            Err(error) => {
                tracing::error!(%error, "the sample print is missing");
                None
            }
        }
    }
}
