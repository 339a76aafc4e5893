//! Printers, cameras and settings as the doors change them; and what of all was deleted of late.

use super::Station;
use crate::error::StationError;
use crate::setup::{AllDeleted, BringBack, BroughtBack, NewPrinter, follow_agent_cameras};
use domain::{AlertSound, Camera, CameraId, CameraSource, FilamentPrice, IgnoreArea, PrinterId};
use store::StoreError;

impl Station {
    /// Adds a printer and connects to it.
    ///
    /// # Errors
    /// When it cannot be stored, or more demo printers are asked for than there may be.
    pub async fn add_printer(&self, new: NewPrinter) -> Result<PrinterId, StationError> {
        self.machines.add_printer(new).await
    }

    /// Has the cameras of agents stand as their hosts have them.
    pub(crate) fn follow_agent_cameras(&self) {
        if let Some(told) = self.agents.turned() {
            tokio::spawn(follow_agent_cameras(self.machines.clone(), told));
        }
    }

    /// Removes a printer; its history stays. It is let go of once that is stored.
    ///
    /// # Errors
    /// Refused while it prints; and when it cannot be stored.
    pub async fn remove_printer(&self, id: PrinterId) -> Result<(), StationError> {
        self.machines.remove_printer(id).await
    }

    /// Adds a camera (id 0) or changes one.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn put_camera(&self, camera: Camera) -> Result<Camera, StationError> {
        self.machines.put_camera(camera).await
    }

    /// Removes a camera.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn remove_camera(&self, id: CameraId) -> Result<(), StationError> {
        self.machines.remove_camera(id).await
    }

    /// Returns whether a password is kept for a camera; it is never given out.
    pub fn camera_password_set(&self, id: CameraId) -> bool {
        self.machines.camera_password_set(id)
    }

    /// Returns a source with what a person did not see of its address, if it is that of this camera.
    pub fn with_password(&self, id: Option<CameraId>, source: CameraSource) -> CameraSource {
        self.machines.with_password(id, source)
    }

    /// Sets the areas of a camera's picture in which nothing counts, from the next look on.
    ///
    /// # Errors
    /// When they cannot be stored.
    pub async fn set_ignored(&self, camera: CameraId, areas: Vec<IgnoreArea>) -> Result<(), StationError> {
        self.machines.set_ignored(camera, areas).await
    }

    /// Forgets what was learnt of a camera.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn forget_scale(&self, camera: CameraId) -> Result<(), StationError> {
        self.machines.forget_scale(camera).await
    }

    /// Marks the first-run page as done (`false`) or not.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn set_first_run(&self, first_run: bool) -> Result<(), StationError> {
        self.settings.set_first_run(first_run).await
    }

    /// Sets after how many minutes heaters go off that are on while nothing prints.
    ///
    /// # Errors
    /// Refused outside of 1 to 240; and when it cannot be stored.
    pub async fn set_idle_heat_mins(&self, mins: u32) -> Result<(), StationError> {
        self.settings.set_idle_heat_mins(mins).await
    }

    /// Sets how alerts are heard, and when they are said again.
    ///
    /// # Errors
    /// Refused when a value is out of its range; and when it cannot be stored.
    pub async fn set_alert_sound(&self, sound: AlertSound) -> Result<(), StationError> {
        self.settings.set_alert_sound(sound).await
    }

    /// Sets the budget of detection hours; `None` is unlimited.
    ///
    /// # Errors
    /// Refused outside of 0 to 100,000 hours; and when it cannot be stored.
    pub async fn set_detection_hours(&self, hours: Option<f64>) -> Result<(), StationError> {
        self.settings.set_detection_hours(hours).await
    }

    /// Sets whether notices are shown that warn of no danger; it is stored already.
    pub fn set_notices(&self, shown: bool) {
        self.settings.set_notices(shown);
    }

    /// Returns what filament costs. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn filament_price(&self) -> Result<FilamentPrice, StoreError> {
        self.settings.filament_price()
    }

    /// Sets what filament costs.
    ///
    /// # Errors
    /// Refused when a value is out of its range; and when it cannot be stored.
    pub async fn set_filament_price(&self, price: FilamentPrice) -> Result<(), StationError> {
        self.settings.set_filament_price(price).await
    }

    /// Returns all that can be brought back. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn deleted(&self) -> Result<AllDeleted, StationError> {
        Ok(self.deletions.all()?)
    }

    /// Brings back what was deleted within the hour; what is gone for good stays gone.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn bring_back(&self, wanted: BringBack) -> Result<BroughtBack, StationError> {
        self.deletions.bring_back(wanted).await
    }
}
