//! STOP, of one printer and of all.

use super::Station;
use crate::error::StationError;
use domain::{PrinterId, Request};
use printer::StopError;
use std::time::Duration;

/// STOP is answered after this, though its record is not written yet.
const RECORDED_WITHIN: Duration = Duration::from_secs(1);

/// What became of STOP at one of several printers.
#[derive(Debug)]
pub struct StopOfOne {
    /// Which.
    pub printer: PrinterId,
    /// Its name.
    pub name: String,
    /// Whether STOP is on its way to it, or why it is not.
    pub told: Result<(), StationError>,
}

impl Station {
    /// Stops the printer's firmware at once: sets the latch, asks nobody.
    ///
    /// # Errors
    /// When there is no such printer, its port is not open, or nobody serves its port any more: nothing was sent.
    pub async fn emergency_stop(&self, printer: PrinterId) -> Result<(), StationError> {
        self.set_latch(printer)?;
        self.record_stop(printer).await;
        Ok(())
    }

    /// Stops all printers that are in use. Each latch is set before anything else is done, and none waits for another.
    pub async fn emergency_stop_all(&self) -> Vec<StopOfOne> {
        let snapshot = self.snapshot();
        let in_use = snapshot.printers.values().filter(|view| view.archived_at.is_none());
        let stops: Vec<StopOfOne> = in_use
            .map(|view| StopOfOne {
                printer: view.id,
                name: view.name.clone(),
                told: self.set_latch(view.id),
            })
            .collect();
        // One that is slow to be recorded takes nothing from the others' time.
        let mut records = tokio::task::JoinSet::new();
        for stop in stops.iter().filter(|stop| stop.told.is_ok()) {
            let (station, printer) = (self.clone(), stop.printer);
            records.spawn(async move { station.record_stop(printer).await });
        }
        records.join_all().await;
        stops
    }

    fn set_latch(&self, printer: PrinterId) -> Result<(), StationError> {
        let hint = "If it is moving or hot, switch it off at its own switch.";
        match self.agents.emergency_stop(printer) {
            Some(true) => return Ok(()),
            Some(false) => {
                let message = "the agent of this printer is not connected, so STOP does not reach it";
                return Err(StationError::refused("not_connected", message, hint));
            }
            None => (),
        }
        let Some(latch) = self.devices.latch(printer) else {
            return Err(StationError::refused("not_connected", "this printer is not connected", hint));
        };
        latch.set().map_err(|why| {
            let code = match why {
                StopError::NotOpen => "not_connected",
                StopError::Ended => "printer_thread_ended",
            };
            StationError::refused(code, format!("{why}, so STOP does not reach it"), hint)
        })
    }

    /// The stop is on its way whatever becomes of its record: a hub that is busy or gone does not change that.
    async fn record_stop(&self, printer: PrinterId) {
        let recorded = tokio::time::timeout(RECORDED_WITHIN, self.ask(Request::EmergencyStopped(printer)));
        if !matches!(recorded.await, Ok(Ok(_))) {
            tracing::warn!(%printer, "the emergency stop was not recorded");
        }
    }
}
