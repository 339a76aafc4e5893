//! Printers, cameras and files that people add and remove: stored first, then taken into the running core.
//!
//! The database is asked here, on the caller's side, so that the loop never waits for it.

use crate::run::Command;
use crate::station::{Station, StationError};
use crate::{demo, files, scales};
use domain::{
    Camera, CameraId, CameraSource, Event, FileId, IgnoreArea, PortChoice, Printer, PrinterId, PrinterKind,
    Refusal, Timestamp, UNLIMITED_HOURS, Write,
};
use std::sync::atomic::Ordering;
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

/// What became of the removal of a printer in the database.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Removal {
    /// It is stored as gone.
    Stored,
    /// It stays.
    Failed,
}

/// Key of the setting that says whether the first-run page was finished.
pub(crate) const FIRST_RUN_DONE: &str = "first_run_done";

/// Detection hours that can be set at most.
const MOST_HOURS: f64 = 100_000.0;

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
        let add = |s: Station| async move {
            let now = s.now();
            let (printer, prediction) = match new.kind {
                PrinterKind::Demo => s.store_demo(new, now).await?,
                PrinterKind::Serial => {
                    let mut printer = Printer::new(PrinterId(0), new.name, new.kind, now, new.auth_token);
                    printer.port = new.port;
                    printer.camera = new.camera;
                    let stored =
                        s.blocking(move |s| s.store.write_now(move |tx| insert_printer(tx, printer)));
                    (stored.await??, None)
                }
            };
            let id = printer.id;
            s.call(|reply| Command::PrinterAdded(Box::new(printer), prediction, reply)).await?;
            Ok(id)
        };
        self.wholly(add).await
    }

    /// Removes a printer; its history stays. It is let go of once that is stored.
    ///
    /// # Errors
    /// Refused while it prints; and when it cannot be stored.
    pub async fn remove_printer(&self, id: PrinterId) -> Result<(), StationError> {
        let remove = move |s: Station| async move {
            s.call(|reply| Command::RemovalBegun(id, reply)).await?.map_err(StationError::Refused)?;
            let now = s.now();
            let stored = s
                .blocking(move |s| s.store.write_now(move |tx| store::printer::delete(tx, id, now)))
                .await
                .and_then(|stored| Ok(stored?));
            let removal = if stored.is_ok() { Removal::Stored } else { Removal::Failed };
            s.call(|reply| Command::RemovalOver(id, removal, reply)).await?;
            stored
        };
        self.wholly(remove).await
    }

    /// Makes a change of what is set up: stored first, then taken into the running core. One at a time, in one order, and to
    /// its end even when whoever asked has gone away meanwhile: what is stored and what runs never part.
    pub(crate) async fn wholly<T, F>(&self, change: impl FnOnce(Self) -> F) -> Result<T, StationError>
    where
        F: Future<Output = Result<T, StationError>> + Send + 'static,
        T: Send + 'static,
    {
        let (turn, change) = (self.changes.clone(), change(self.clone()));
        let task = tokio::spawn(async move {
            let _turn = turn.acquire_owned().await.map_err(|_| StationError::Ending)?;
            change.await
        });
        task.await.map_err(|error| StationError::Thread(std::io::Error::other(error)))?
    }

    /// Adds a camera (id 0) or changes one.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn put_camera(&self, camera: Camera) -> Result<Camera, StationError> {
        self.wholly(|s| async move { s.store_camera(camera).await }).await
    }

    async fn store_camera(&self, camera: Camera) -> Result<Camera, StationError> {
        let stored = self.blocking(move |s| {
            let secrets = s.secrets.clone();
            s.store.write_now(move |tx| secrets.store(tx, &camera))
        });
        let camera: Camera = stored.await??;
        let told = camera.clone();
        self.call(|reply| Command::CameraPut(Box::new(told), reply)).await?;
        Ok(camera)
    }

    /// Returns whether a password is kept for a camera; it is never given out.
    pub fn camera_password_set(&self, id: CameraId) -> bool {
        self.secrets.has(id)
    }

    /// Returns a source with what a person did not see of its address, if it is that of this camera.
    pub fn with_password(&self, id: Option<CameraId>, source: CameraSource) -> CameraSource {
        id.map_or(source.clone(), |id| self.secrets.complete_source(id, source))
    }

    /// Sets the areas of a camera's picture in which nothing counts, from the next look on.
    ///
    /// # Errors
    /// When they cannot be stored.
    pub async fn set_ignored(&self, camera: CameraId, areas: Vec<IgnoreArea>) -> Result<(), StationError> {
        let set = move |s: Station| async move {
            let (kept, now) = (areas.clone(), s.now());
            let stored = s
                .blocking(move |s| s.store.write_now(move |tx| store::watch::ignore(tx, camera, &kept, now)));
            stored.await??;
            s.call(|reply| Command::Ignore(camera, areas, reply)).await
        };
        self.wholly(set).await
    }

    /// Reads anew what is known of the cameras: a person judged a print of the past.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn refresh_scales(&self) -> Result<(), StationError> {
        let scales = self.blocking(|s| scales::read(&s.store)).await??;
        self.inject(Event::Scales(scales)).await
    }

    /// Forgets what was learnt of a camera.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn forget_scale(&self, camera: CameraId) -> Result<(), StationError> {
        self.blocking(move |s| s.store.write_now(move |tx| store::scale::forget(tx, camera))).await??;
        self.call(|reply| Command::ForgetScale(camera, reply)).await
    }

    /// Removes a camera.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn remove_camera(&self, id: CameraId) -> Result<(), StationError> {
        let remove = move |s: Station| async move {
            let removed = s.blocking(move |s| {
                s.store.write_now(move |tx| store::camera::delete(tx, id))?;
                s.secrets.forget(id);
                Ok::<_, StoreError>(())
            });
            removed.await??;
            s.call(|reply| Command::CameraRemoved(id, reply)).await
        };
        self.wholly(remove).await
    }

    /// Marks the first-run page as done (`false`) or not.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn set_first_run(&self, first_run: bool) -> Result<(), StationError> {
        let set = move |s: Station| async move {
            let write = move |s: &Station| {
                s.store.write_now(move |tx| store::setting::set(tx, FIRST_RUN_DONE, &!first_run))
            };
            s.blocking(write).await??;
            s.call(|reply| Command::FirstRun(first_run, reply)).await
        };
        self.wholly(set).await
    }

    /// Sets after how many minutes heaters go off that are on while nothing prints.
    ///
    /// # Errors
    /// Refused outside of 1 to 240; and when it cannot be stored.
    pub async fn set_idle_heat_mins(&self, mins: u32) -> Result<(), StationError> {
        if !domain::limits::IDLE_HEAT.has(f64::from(mins)) {
            return Err(StationError::Refused(Refusal {
                code: "out_of_range",
                message: format!("idle heaters go off after 1 to 240 minutes, not {mins}"),
                hint: "Choose a value within the range.".into(),
            }));
        }
        let set = move |s: Station| async move {
            let write = move |s: &Station| {
                s.store.write_now(move |tx| store::setting::set(tx, IDLE_HEAT_MINS, &mins))
            };
            s.blocking(write).await??;
            s.call(|reply| Command::IdleHeat(mins, reply)).await
        };
        self.wholly(set).await
    }

    /// Sets the budget of detection hours; `None` is unlimited.
    ///
    /// # Errors
    /// Refused outside of 0 to 100,000 hours; and when it cannot be stored.
    pub async fn set_detection_hours(&self, hours: Option<f64>) -> Result<(), StationError> {
        let hours = hours.unwrap_or(UNLIMITED_HOURS);
        if !((0.0..=MOST_HOURS).contains(&hours) || hours == UNLIMITED_HOURS) {
            return Err(StationError::Refused(Refusal {
                code: "out_of_range",
                message: format!("detection hours are 0 to {MOST_HOURS}, or unlimited, not {hours}"),
                hint: "Choose a value within the range.".into(),
            }));
        }
        let set = move |s: Station| async move {
            let write =
                move |s: &Station| s.store.write_now(move |tx| store::user::set_detection_hours(tx, hours));
            s.blocking(write).await??;
            s.call(|reply| Command::DetectionHours(hours, reply)).await
        };
        self.wholly(set).await
    }

    /// Sets whether notices are shown that warn of no danger; it is stored already.
    pub fn set_notices(&self, shown: bool) {
        self.notices.store(shown, Ordering::Relaxed);
    }

    /// Stores the demo printer with its camera, sample file and past.
    async fn store_demo(
        &self,
        new: NewPrinter,
        now: Timestamp,
    ) -> Result<(Printer, Option<domain::PredictionState>), StationError> {
        let snapshot = self.snapshot();
        let there = snapshot.printers.values().find(|view| view.vigil.kind == PrinterKind::Demo);
        if let Some(there) = there {
            let archived = "It is archived: bring it back in the settings.";
            return Err(StationError::Refused(Refusal {
                code: "demo_exists",
                message: "there is a demo printer already".into(),
                hint: there.archived_at.map_or("Choose it at the top left.", |_| archived).into(),
            }));
        }
        let camera = match new.camera {
            Some(camera) => camera,
            None => self.demo_camera().await?,
        };
        let first = self.call(|reply| Command::ReservePrints(demo::PAST.len() as i64, reply)).await?;
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
            None => Ok(self.store_camera(demo::camera(CameraId(0))).await?.id),
        }
    }

    /// Puts the demo's sample print into the library, once.
    fn add_sample(&self, now: Timestamp) -> Option<(FileId, Option<f64>)> {
        let (name, content) = self.device_factory.sample_file()?;
        let signature = format!("builtin:{name}");
        let there = self.store.read(|conn| store::file::by_signature(conn, &signature)).ok().flatten();
        if let Some(file) = there {
            return Some((file.id, file.estimated_time));
        }
        let temp = self.data_dir.join("sample.part");
        std::fs::write(&temp, content).ok()?;
        match files::add(&self.data_dir, &self.store, &temp, &name, Some(signature), now) {
            Ok(file) => Some((file.id, file.estimated_time)),
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
