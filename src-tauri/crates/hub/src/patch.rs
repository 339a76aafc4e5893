//! Changes of settings: checked, recorded, and in force only when they are on disk.

use crate::outlet::{Outlet, refusal};
use crate::watch::PrintWatch;
use crate::world::World;
use domain::{
    AlertOverwrite, CameraId, Heater, PrintId, Printer, PrinterPatch, Refusal, ReplyTo, StoreFault, Write,
};

/// A write that somebody waits for.
#[derive(Debug)]
pub(crate) struct PendingWrite {
    to: ReplyTo,
    what: Pending,
}

#[derive(Debug)]
enum Pending {
    /// These settings come into force.
    Settings(Box<Printer>),
    /// This word on a print was recorded; on failure the one before holds again.
    Overwrite(PrintId, Option<AlertOverwrite>),
}

impl PendingWrite {
    pub(crate) fn overwrite(to: ReplyTo, print: PrintId, before: Option<AlertOverwrite>) -> Self {
        Self { to, what: Pending::Overwrite(print, before) }
    }

    pub(crate) fn forget_camera(&mut self, id: CameraId) {
        match &mut self.what {
            Pending::Settings(printer) if printer.camera == Some(id) => printer.camera = None,
            Pending::Settings(_) | Pending::Overwrite(..) => (),
        }
    }

    fn settings(&self) -> Option<&Printer> {
        match &self.what {
            Pending::Settings(printer) => Some(printer),
            Pending::Overwrite(..) => None,
        }
    }
}

impl PrintWatch {
    /// Returns the row to write: what is on its way to the disk included, so that no write undoes another.
    pub(crate) fn row(&self) -> Printer {
        let mut row =
            self.pending.iter().rev().find_map(PendingWrite::settings).unwrap_or(&self.settings).clone();
        row.current_print = self.settings.current_print;
        row
    }

    pub(crate) fn ask_patch(&mut self, patch: &PrinterPatch, to: ReplyTo, out: &mut Outlet<'_>) {
        if let Err(refused) = self.check_patch(patch, out.world) {
            return out.reply(to, Err(refused));
        }
        let mut row = self.row();
        apply(patch, &mut row);
        row.updated_at = out.now.utc;
        out.record_then_answer(Write::Printer(Box::new(row.clone())), to);
        self.pending.push(PendingWrite { to, what: Pending::Settings(Box::new(row)) });
    }

    /// A write that somebody waits for is done, or has failed.
    pub(crate) fn on_stored(&mut self, to: ReplyTo, result: &Result<(), StoreFault>, out: &mut Outlet<'_>) {
        let Some(place) = self.pending.iter().position(|write| write.to == to) else { return };
        let write = self.pending.remove(place);
        match (write.what, result) {
            (Pending::Settings(printer), Ok(())) => {
                let hold_before = self.settings.bed_hold_mins;
                self.adopt(*printer);
                self.hold_limit_changed(hold_before);
                out.reply(to, Ok(self.print_id()));
            }
            (Pending::Overwrite(print, _), Ok(())) => out.reply(to, Ok(Some(print))),
            (what, Err(fault)) => {
                if let Pending::Overwrite(id, before) = what {
                    self.take_back(id, before);
                }
                let why = match fault {
                    StoreFault::DiskFull => "the disk is full".to_owned(),
                    StoreFault::Failed(why) => why.clone(),
                };
                let message = format!("it could not be saved: {why}");
                out.reply(
                    to,
                    Err(refusal("not_stored", message, "Free some space or check the disk, then try again.")),
                );
            }
        }
    }

    fn take_back(&mut self, id: PrintId, before: Option<AlertOverwrite>) {
        let running = self.running.as_mut().map(|r| &mut r.print).into_iter();
        if let Some(print) = running.chain(&mut self.filming).find(|print| print.id == id) {
            print.alert_overwrite = before;
        }
    }

    fn check_patch(&self, patch: &PrinterPatch, world: &World) -> Result<(), Refusal> {
        if let Some(name) = &patch.name {
            let length = name.trim().chars().count();
            if !(1..=256).contains(&length) {
                return Err(out_of_range("the name must have 1 to 256 characters"));
            }
        }
        within("the sensitivity", patch.detective_sensitivity, 0.8, 1.2, "")?;
        let threshold = patch.watch.map(|watch| watch.threshold);
        within("the factor on the thresholds", threshold, 0.5, 2.0, "")?;
        within("retract on pause", patch.retract_on_pause, 0.0, 50.0, " mm")?;
        within("lift on pause", patch.lift_z_on_pause, 0.0, 100.0, " mm")?;
        within("the height of the machine", patch.max_z_mm, 10.0, 5000.0, " mm")?;
        within("the diameter of the filament", patch.filament_diameter_mm, 1.0, 4.0, " mm")?;
        let shortest = [patch.min_timelapse_secs_on_finish, patch.min_timelapse_secs_on_cancel];
        for secs in shortest.into_iter().flatten() {
            within(
                "the shortest print with a film",
                Some(secs as f64),
                -1.0,
                604_800.0,
                " seconds (-1 is never)",
            )?;
        }
        within("the time the bed is held", patch.bed_hold_mins.map(f64::from), 0.0, 1440.0, " minutes")?;
        for (heater, offset) in patch.temperature_offsets.iter().flatten() {
            if Heater::from_key(heater).is_none() {
                return Err(out_of_range(format!(
                    "there is no heater {heater:?}; use tool0, bed or chamber"
                )));
            }
            within("an offset", Some(*offset), -50.0, 50.0, " °C")?;
        }
        if let Some(camera) = patch.camera.filter(|id| !world.cameras.contains_key(id)) {
            let message = format!("there is no camera {camera}");
            return Err(refusal("unknown_camera", message, "Choose another camera."));
        }
        if let Some(port) = &patch.port {
            if self.running.is_some() || self.starting.is_some() || self.state().has_print() {
                let hint = "Wait for the print to end, or cancel it.";
                return Err(refusal("busy", "the port cannot change while it prints", hint));
            }
            if port.path.trim().is_empty() {
                return Err(out_of_range("the port has no name"));
            }
            // 0 is "find it".
            let baud = (port.baud != 0).then_some(f64::from(port.baud));
            within("the baud rate", baud, 1200.0, 2_000_000.0, "")?;
        }
        Ok(())
    }
}

fn within(what: &str, value: Option<f64>, min: f64, max: f64, unit: &str) -> Result<(), Refusal> {
    match value {
        // A NaN lies in no range.
        Some(value) if !(min..=max).contains(&value) => {
            Err(out_of_range(format!("{what} must be {min} to {max}{unit}, not {value}")))
        }
        Some(_) | None => Ok(()),
    }
}

fn out_of_range(message: impl Into<String>) -> Refusal {
    refusal("out_of_range", message, "Choose a value within the range.")
}

fn apply(patch: &PrinterPatch, printer: &mut Printer) {
    let PrinterPatch {
        name,
        action_on_failure,
        watching_enabled,
        tools_off_on_pause,
        bed_off_on_pause,
        retract_on_pause,
        lift_z_on_pause,
        detective_sensitivity,
        min_timelapse_secs_on_finish,
        min_timelapse_secs_on_cancel,
        port,
        camera,
        watch,
        bed_hold_mins,
        max_z_mm,
        filament_diameter_mm,
        temperature_offsets,
    } = patch.clone();
    set(&mut printer.name, name.map(|name| name.trim().to_owned()));
    set(&mut printer.action_on_failure, action_on_failure);
    set(&mut printer.watching_enabled, watching_enabled);
    set(&mut printer.tools_off_on_pause, tools_off_on_pause);
    set(&mut printer.bed_off_on_pause, bed_off_on_pause);
    set(&mut printer.retract_on_pause, retract_on_pause);
    set(&mut printer.lift_z_on_pause, lift_z_on_pause);
    set(&mut printer.detective_sensitivity, detective_sensitivity);
    set(&mut printer.min_timelapse_secs_on_finish, min_timelapse_secs_on_finish);
    set(&mut printer.min_timelapse_secs_on_cancel, min_timelapse_secs_on_cancel);
    set(&mut printer.watch, watch);
    set(&mut printer.bed_hold_mins, bed_hold_mins);
    set(&mut printer.max_z_mm, max_z_mm);
    set(&mut printer.filament_diameter_mm, filament_diameter_mm);
    set(&mut printer.temperature_offsets, temperature_offsets);
    if port.as_ref().is_some_and(|new| printer.port.as_ref().is_none_or(|old| old.path != new.path)) {
        // What was known of the old port's printer.
        (printer.usb, printer.machine) = (None, None);
    }
    printer.port = port.or(printer.port.take());
    printer.camera = camera.or(printer.camera);
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}
