//! Printers and cameras that people add and remove: stored first, then taken into the running core.

use super::changes::Changes;
use super::{demo, rows};
use crate::command::{Command, Removal};
use crate::devices::{DeviceFactory, Secrets};
use crate::error::{StationError, blocking};
use crate::library::Library;
use domain::{
    Camera, CameraId, CameraSource, Crop, FileId, IgnoreArea, PortChoice, PrintId, Printer, PrinterId,
    PrinterKind, Timestamp, Write,
};
use hub::KeptOfPrinter;
use std::sync::Arc;
use store::{StoreError, Transaction};

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

/// The printers and cameras that are set up. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Machines {
    changes: Changes,
    factory: Arc<dyn DeviceFactory>,
    secrets: Arc<Secrets>,
    library: Library,
}

impl Machines {
    /// Cameras keep their passwords in `secrets`; the demo's sample comes of `factory` and goes into `library`.
    pub(crate) fn new(
        changes: Changes,
        factory: Arc<dyn DeviceFactory>,
        secrets: Arc<Secrets>,
        library: Library,
    ) -> Self {
        Self { changes, factory, secrets, library }
    }

    /// Adds a printer and connects to it. A name that another has gets a number behind it.
    ///
    /// # Errors
    /// When it cannot be stored, or more demo printers are asked for than there may be.
    pub(crate) async fn add_printer(&self, new: NewPrinter) -> Result<PrinterId, StationError> {
        let machines = self.clone();
        self.changes.wholly(async move { machines.store_printer(new).await }).await
    }

    async fn store_printer(&self, new: NewPrinter) -> Result<PrinterId, StationError> {
        let now = self.changes.now();
        let mut printer = Printer::new(PrinterId(0), new.name, new.kind, now, new.auth_token);
        printer.camera = new.camera;
        match new.kind {
            PrinterKind::Demo => self.add_demo(printer, now).await,
            PrinterKind::Agent => self.add_agent(printer).await,
            PrinterKind::Serial => {
                printer.port = new.port;
                let printer = self.changes.write(move |tx| rows::insert(tx, printer)).await?;
                self.take_in(printer, KeptOfPrinter::default()).await
            }
        }
    }

    async fn take_in(&self, printer: Printer, kept: KeptOfPrinter) -> Result<PrinterId, StationError> {
        let id = printer.id;
        self.changes.tell(|reply| Command::PrinterAdded(Box::new(printer), Box::new(kept), reply)).await?;
        Ok(id)
    }

    /// Adds a printer that an agent speaks for, with the camera whose pictures the agent sends.
    async fn add_agent(&self, printer: Printer) -> Result<PrinterId, StationError> {
        let stored = self.changes.write(move |tx| {
            let mut printer = rows::insert(tx, printer)?;
            let camera = rows::give_agent_camera(tx, &mut printer)?;
            Ok((printer, camera))
        });
        let (printer, camera) = stored.await?;
        if let Some(camera) = camera {
            self.changes.tell(|reply| Command::CameraPut(Box::new(camera), reply)).await?;
        }
        self.take_in(printer, KeptOfPrinter::default()).await
    }

    /// Removes a printer; its history stays. It is let go of once that is stored. A demo printer takes its camera along.
    ///
    /// # Errors
    /// Refused while it prints; and when it cannot be stored.
    pub(crate) async fn remove_printer(&self, id: PrinterId) -> Result<(), StationError> {
        let changes = self.changes.clone();
        let remove = async move {
            let begun = changes.tell(|reply| Command::RemovalBegun(id, reply)).await?;
            begun.map_err(StationError::Refused)?;
            let now = changes.now();
            let stored = changes.write(move |tx| rows::remove(tx, id, now)).await;
            let removal = if stored.is_ok() { Removal::Stored } else { Removal::Failed };
            changes.tell(|reply| Command::RemovalOver(id, removal, reply)).await?;
            for camera in stored? {
                changes.tell(|reply| Command::CameraRemoved(camera, reply)).await?;
            }
            Ok(())
        };
        self.changes.wholly(remove).await
    }

    /// Returns all cameras.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(super) async fn cameras(&self) -> Result<Vec<Camera>, StationError> {
        self.changes.read(store::camera::list).await
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
        let (secrets, now) = (self.secrets.clone(), self.changes.now());
        let (camera, areas) = self
            .changes
            .write(move |tx| {
                let areas = recut_areas(tx, &camera)?;
                if let Some(areas) = &areas {
                    store::watch::ignore(tx, camera.id, areas, now)?;
                }
                Ok((secrets.store(tx, &camera)?, areas))
            })
            .await?;
        let told = camera.clone();
        self.changes.tell(|reply| Command::CameraPut(Box::new(told), reply)).await?;
        if let Some(areas) = areas {
            self.changes.tell(|reply| Command::Ignore(camera.id, areas, reply)).await?;
        }
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

    /// Adds a demo printer with its camera, the sample file, and, for the first, a past.
    async fn add_demo(&self, printer: Printer, now: Timestamp) -> Result<PrinterId, StationError> {
        let known = self.changes.read(store::printer::list).await?;
        let demos = known.iter().filter(|other| other.kind == PrinterKind::Demo).count();
        if demos >= demo::MOST {
            let message = format!("there are {demos} demo printers already, as many as there may be");
            let hint = "Remove one in the settings, archived ones too, or use one that is there.";
            return Err(StationError::refused("too_many_demos", message, hint));
        }
        let machines = self.clone();
        let sample = blocking(move || machines.add_sample()).await?;
        let past = match demos {
            0 => Some(self.reserve(demo::PAST.len()).await?),
            _ => None,
        };
        let stored = self.changes.write(move |tx| {
            let mut printer = rows::insert(tx, printer)?;
            let camera = rows::give_demo_camera(tx, &mut printer)?;
            for print in past.map_or_else(Vec::new, |first| demo::past_prints(first, printer.id, sample, now))
            {
                store::print::put(tx, &print)?;
            }
            Ok((printer, camera))
        });
        let (printer, camera) = stored.await?;
        if let Some(camera) = camera {
            self.changes.tell(|reply| Command::CameraPut(Box::new(camera), reply)).await?;
        }
        let prediction = demo::past_prediction(printer.id, now);
        self.changes.record(Write::Prediction(prediction));
        self.take_in(printer, KeptOfPrinter { prediction: Some(prediction), ..KeptOfPrinter::default() })
            .await
    }

    async fn reserve(&self, prints: usize) -> Result<PrintId, StationError> {
        let count = i64::try_from(prints).unwrap_or(i64::MAX);
        self.changes.tell(|reply| Command::ReservePrints(count, reply)).await
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

/// Where another part of a camera's picture is cut out, its ignored areas stay at their places of the scene. Returns them
/// if they have changed.
fn recut_areas(tx: &Transaction<'_>, camera: &Camera) -> Result<Option<Vec<IgnoreArea>>, StoreError> {
    let Some(before) = store::camera::get(tx, camera.id)? else { return Ok(None) };
    let areas = store::watch::ignored(tx)?.remove(&camera.id).unwrap_or_default();
    if before.crop == camera.crop || areas.is_empty() {
        return Ok(None);
    }
    let [from, to] = [before.crop, camera.crop].map(|crop| crop.unwrap_or(Crop::ALL));
    Ok(Some(areas.into_iter().filter_map(|area| area.recut(from, to)).collect()))
}
