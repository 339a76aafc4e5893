//! Printers, cameras and files that people add and remove: stored first, then taken into the running core.
//!
//! The database is asked here, on the caller's side, so that the loop never waits for it.

use crate::run::Ctl;
use crate::station::{Station, StationError};
use crate::{demo, files};
use domain::{
    Camera, CameraId, CameraSource, FileId, IgnoreArea, PortChoice, Printer, PrinterId, PrinterKind, Refusal,
    Timestamp, Write,
};
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

/// Key of the setting that says whether the first-run page was finished.
pub(crate) const FIRST_RUN_DONE: &str = "first_run_done";

/// Key of the setting: minutes after which heaters that are on while nothing prints go off.
pub(crate) const IDLE_HEAT_MINS: &str = "idle_heat_mins";
/// Its value until a person chose another.
pub(crate) const USUAL_IDLE_HEAT_MINS: u32 = 15;

fn insert_printer(tx: &Transaction<'_>, mut printer: Printer) -> Result<Printer, StoreError> {
    printer.id = store::printer::next_id(tx)?;
    store::printer::put(tx, &printer)?;
    Ok(printer)
}

impl Station {
    /// Adds a printer and connects to it.
    ///
    /// # Errors
    /// When it cannot be stored, or a second demo printer is asked for.
    pub async fn add_printer(&self, new: NewPrinter) -> Result<PrinterId, StationError> {
        let now = self.now();
        let (printer, prediction) = match new.kind {
            PrinterKind::Demo => self.store_demo(new, now).await?,
            PrinterKind::Serial => {
                let mut printer = Printer::new(PrinterId(0), new.name, new.kind, now, new.auth_token);
                printer.port = new.port;
                printer.camera = new.camera;
                let stored = self.blocking(move |s| s.store.write_now(move |tx| insert_printer(tx, printer)));
                (stored.await??, None)
            }
        };
        let id = printer.id;
        self.call(|reply| Ctl::PrinterAdded(Box::new(printer), prediction, reply)).await?;
        Ok(id)
    }

    /// Removes a printer; its history stays.
    ///
    /// # Errors
    /// Refused while it prints.
    pub async fn remove_printer(&self, id: PrinterId) -> Result<(), StationError> {
        self.call(|reply| Ctl::PrinterRemoved(id, reply)).await?.map_err(StationError::Refused)?;
        let now = self.now();
        self.blocking(move |s| s.store.write_now(move |tx| store::printer::delete(tx, id, now))).await??;
        Ok(())
    }

    /// Adds a camera (id 0) or changes one.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn put_camera(&self, camera: Camera) -> Result<Camera, StationError> {
        let stored = self.blocking(move |s| {
            s.store.write_now(move |tx| {
                let id = match camera.id.get() {
                    0 => store::camera::insert(tx, &camera)?,
                    _ => store::camera::update(tx, &camera).map(|()| camera.id)?,
                };
                Ok::<_, StoreError>(Camera { id, ..camera })
            })
        });
        let camera: Camera = stored.await??;
        let told = camera.clone();
        self.call(|reply| Ctl::CameraPut(Box::new(told), reply)).await?;
        Ok(camera)
    }

    /// Sets the areas of a camera's picture in which nothing counts, from the next look on.
    ///
    /// # Errors
    /// When they cannot be stored.
    pub async fn set_ignored(&self, camera: CameraId, areas: Vec<IgnoreArea>) -> Result<(), StationError> {
        let (kept, now) = (areas.clone(), self.now());
        let stored =
            self.blocking(move |s| s.store.write_now(move |tx| store::watch::ignore(tx, camera, &kept, now)));
        stored.await??;
        self.call(|reply| Ctl::Ignore(camera, areas, reply)).await
    }

    /// Removes a camera.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn remove_camera(&self, id: CameraId) -> Result<(), StationError> {
        self.blocking(move |s| s.store.write_now(move |tx| store::camera::delete(tx, id))).await??;
        self.call(|reply| Ctl::CameraRemoved(id, reply)).await
    }

    /// Marks the first-run page as done (`false`) or not.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn set_first_run(&self, first_run: bool) -> Result<(), StationError> {
        self.blocking(move |s| {
            s.store.write_now(move |tx| store::setting::set(tx, FIRST_RUN_DONE, &!first_run))
        })
        .await??;
        self.call(|reply| Ctl::FirstRun(first_run, reply)).await
    }

    /// Sets after how many minutes heaters go off that are on while nothing prints.
    ///
    /// # Errors
    /// Refused outside of 1 to 240; and when it cannot be stored.
    pub async fn set_idle_heat_mins(&self, mins: u32) -> Result<(), StationError> {
        if !(1..=240).contains(&mins) {
            return Err(StationError::Refused(Refusal {
                code: "out_of_range",
                message: format!("idle heaters go off after 1 to 240 minutes, not {mins}"),
                hint: "Choose a value within the range.".into(),
            }));
        }
        self.blocking(move |s| s.store.write_now(move |tx| store::setting::set(tx, IDLE_HEAT_MINS, &mins)))
            .await??;
        self.call(|reply| Ctl::IdleHeat(mins, reply)).await
    }

    /// Stores the demo printer with its camera, sample file and past.
    async fn store_demo(
        &self,
        new: NewPrinter,
        now: Timestamp,
    ) -> Result<(Printer, Option<domain::PredictionState>), StationError> {
        let there = self.snapshot().printers.values().any(|view| view.vigil.kind == PrinterKind::Demo);
        if there {
            return Err(StationError::Refused(Refusal {
                code: "demo_exists",
                message: "there is a demo printer already".into(),
                hint: "Choose it at the top left.".into(),
            }));
        }
        let camera = match new.camera {
            Some(camera) => camera,
            None => self.demo_camera().await?,
        };
        let first = self.call(|reply| Ctl::ReservePrints(demo::PAST.len() as i64, reply)).await?;
        let stored = self.blocking(move |s| {
            let sample = s.add_sample(now);
            s.store.write_now(move |tx| {
                let printer = demo::printer(PrinterId(0), new.name, camera, now, new.auth_token);
                let printer = insert_printer(tx, printer)?;
                for print in demo::past_prints(first, printer.id, sample, now) {
                    store::print::put(tx, &print)?;
                }
                Ok::<_, StoreError>(printer)
            })
        });
        let printer = stored.await??;
        let prediction = demo::past_prediction(printer.id, now);
        self.store.record(Write::Prediction(prediction), None);
        Ok((printer, Some(prediction)))
    }

    async fn demo_camera(&self) -> Result<CameraId, StationError> {
        let cameras = self.blocking(|s| s.store.read(store::camera::list)).await??;
        match cameras.into_iter().find(|camera| camera.source == CameraSource::Demo) {
            Some(camera) => Ok(camera.id),
            None => Ok(self.put_camera(demo::camera(CameraId(0))).await?.id),
        }
    }

    /// Puts the demo's sample print into the library, once.
    fn add_sample(&self, now: Timestamp) -> Option<FileId> {
        let (name, content) = self.far_ends.sample_file()?;
        let signature = format!("builtin:{name}");
        let there = self.store.read(|conn| store::file::by_signature(conn, &signature)).ok().flatten();
        if let Some(file) = there {
            return Some(file.id);
        }
        let temp = self.data_dir.join("sample.part");
        std::fs::write(&temp, content).ok()?;
        match files::add(&self.data_dir, &self.store, &temp, &name, Some(signature), now) {
            Ok(file) => Some(file.id),
            Err(error) => {
                tracing::error!(%error, "the sample print is missing");
                None
            }
        }
    }

    /// Runs what waits for the disk away from the async threads.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Station) -> T + Send + 'static,
    ) -> Result<T, StationError> {
        let station = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&station)).await;
        done.map_err(|error| StationError::Thread(std::io::Error::other(error)))
    }
}
