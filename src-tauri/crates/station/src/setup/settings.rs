//! Settings of the app itself.

use super::changes::Changes;
use crate::command::Command;
use crate::error::StationError;
use crate::live::NoticesShown;
use domain::{AlertSound, FilamentPrice, UNLIMITED_HOURS};
use store::{Connection, StoreError};

/// Key of the setting that says whether the first-run page was finished.
const FIRST_RUN_DONE: &str = "first_run_done";
/// Key of the setting: minutes after which heaters that are on while nothing prints go off.
const IDLE_HEAT_MINS: &str = "idle_heat_mins";
/// Its value until a person chose another.
const USUAL_IDLE_HEAT_MINS: u32 = 15;
/// Key of the setting: what filament costs.
const PRICE: &str = "filament_price";
/// Key of the setting: how alerts are heard.
const ALERT_SOUND: &str = "alert_sound";
/// Detection hours that can be set at most.
const MOST_HOURS: f64 = 100_000.0;

/// The settings that the core starts with.
pub(crate) struct StartSettings {
    /// The first-run page has not been finished yet.
    pub(crate) first_run: bool,
    /// Heaters that are on while nothing prints go off after so many minutes.
    pub(crate) idle_heat_mins: u32,
    /// How alerts are heard.
    pub(crate) sound: AlertSound,
}

impl StartSettings {
    /// Reads them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) fn read(conn: &Connection) -> Result<Self, StoreError> {
        let done: Option<bool> = store::setting::get(conn, FIRST_RUN_DONE)?;
        let idle_heat_mins = store::setting::get(conn, IDLE_HEAT_MINS)?.unwrap_or(USUAL_IDLE_HEAT_MINS);
        // What another version wrote in another shape is as at the start: it must not keep the core from starting.
        let sound = store::setting::get(conn, ALERT_SOUND).ok().flatten().unwrap_or_default();
        Ok(Self { first_run: !done.unwrap_or(false), idle_heat_mins, sound })
    }
}

/// The settings, to be read and changed. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Settings {
    changes: Changes,
    notices: NoticesShown,
}

impl Settings {
    /// Settings that are stored through `changes`.
    pub(crate) fn new(changes: Changes, notices: NoticesShown) -> Self {
        Self { changes, notices }
    }

    /// Marks the first-run page as done (`false`) or not.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub(crate) async fn set_first_run(&self, first_run: bool) -> Result<(), StationError> {
        let changes = self.changes.clone();
        let set = async move {
            changes.write(move |tx| store::setting::set(tx, FIRST_RUN_DONE, &!first_run)).await?;
            changes.tell(|reply| Command::FirstRun(first_run, reply)).await
        };
        self.changes.wholly(set).await
    }

    /// Sets after how many minutes heaters go off that are on while nothing prints.
    ///
    /// # Errors
    /// Refused outside of 1 to 240; and when it cannot be stored.
    pub(crate) async fn set_idle_heat_mins(&self, mins: u32) -> Result<(), StationError> {
        if !domain::limits::IDLE_HEAT.has(f64::from(mins)) {
            let message = format!("idle heaters go off after 1 to 240 minutes, not {mins}");
            return Err(out_of_range(message));
        }
        let changes = self.changes.clone();
        let set = async move {
            changes.write(move |tx| store::setting::set(tx, IDLE_HEAT_MINS, &mins)).await?;
            changes.tell(|reply| Command::IdleHeat(mins, reply)).await
        };
        self.changes.wholly(set).await
    }

    /// Sets the budget of detection hours; `None` is unlimited.
    ///
    /// # Errors
    /// Refused outside of 0 to 100,000 hours; and when it cannot be stored.
    pub(crate) async fn set_detection_hours(&self, hours: Option<f64>) -> Result<(), StationError> {
        let hours = hours.unwrap_or(UNLIMITED_HOURS);
        if !((0.0..=MOST_HOURS).contains(&hours) || hours == UNLIMITED_HOURS) {
            let message = format!("detection hours are 0 to {MOST_HOURS}, or unlimited, not {hours}");
            return Err(out_of_range(message));
        }
        let changes = self.changes.clone();
        let set = async move {
            changes.write(move |tx| store::user::set_detection_hours(tx, hours)).await?;
            changes.tell(|reply| Command::DetectionHours(hours, reply)).await
        };
        self.changes.wholly(set).await
    }

    /// Sets how alerts are heard, and when they are said again.
    ///
    /// # Errors
    /// Refused when a value is out of its range; and when it cannot be stored.
    pub(crate) async fn set_alert_sound(&self, sound: AlertSound) -> Result<(), StationError> {
        sound.check().map_err(out_of_range)?;
        let changes = self.changes.clone();
        let set = async move {
            changes.write(move |tx| store::setting::set(tx, ALERT_SOUND, &sound)).await?;
            changes.tell(|reply| Command::AlertSound(sound, reply)).await
        };
        self.changes.wholly(set).await
    }

    /// Sets whether notices are shown that warn of no danger; it is stored already.
    pub(crate) fn set_notices(&self, shown: bool) {
        self.notices.set(shown);
    }

    /// Returns what filament costs. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) fn filament_price(&self) -> Result<FilamentPrice, StoreError> {
        self.changes.read_now(filament_price)
    }

    /// Sets what filament costs.
    ///
    /// # Errors
    /// Refused when a value is out of its range; and when it cannot be stored.
    pub(crate) async fn set_filament_price(&self, price: FilamentPrice) -> Result<(), StationError> {
        price.check().map_err(|message| {
            StationError::refused("out_of_range", message, "Leave the price empty to show no costs.")
        })?;
        self.changes.write(move |tx| store::setting::set(tx, PRICE, &price)).await
    }
}

/// Returns what filament costs.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn filament_price(conn: &Connection) -> Result<FilamentPrice, StoreError> {
    Ok(store::setting::get(conn, PRICE)?.unwrap_or_default())
}

fn out_of_range(message: String) -> StationError {
    StationError::refused("out_of_range", message, "Choose a value within the range.")
}
