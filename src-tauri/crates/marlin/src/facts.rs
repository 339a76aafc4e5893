//! What every part of a link may know at a moment. Parts read it; `link` alone writes it.

use crate::out::Out;
use crate::patience::Class;
use crate::program::Place;
use crate::reply::Position;
use crate::temperature::{Reading, take_in};
use domain::{
    Firmware, Heater, Initiator, JobPhase, Millis, Now, OrderKind, PrintId, RefusedReason, Temperatures,
};

/// Where the link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// No port.
    Closed,
    /// The port is open; the firmware may still be starting.
    Waiting {
        /// When it is greeted.
        hello_at: Millis,
    },
    /// `M110 N0` is out.
    Greeting {
        /// Since when.
        since: Millis,
    },
    /// The greeting was answered; asking who and how hot.
    Asking,
    Up,
    /// Stopped until a person connects again.
    Halted,
}

impl Stage {
    /// Returns whether the greeting was answered: the rate is right.
    pub(crate) fn is_greeted(self) -> bool {
        match self {
            Self::Asking | Self::Up | Self::Halted => true,
            Self::Closed | Self::Waiting { .. } | Self::Greeting { .. } => false,
        }
    }
}

/// What the printer has reported of itself.
#[derive(Debug, Default)]
pub(crate) struct Machine {
    firmware: Option<Firmware>,
    temperatures: Temperatures,
    /// When each of them was reported as a number.
    temperatures_at: Option<Now>,
    position: Option<[f64; 4]>,
    max_z_mm: Option<f64>,
}

impl Machine {
    /// The port was opened: how hot it is is not known.
    pub(crate) fn opened(&mut self) {
        self.temperatures.clear();
        self.temperatures_at = None;
    }

    /// The firmware starts anew.
    pub(crate) fn start_over(&mut self) {
        (self.firmware, self.position) = (None, None);
    }

    /// The port was closed on purpose.
    pub(crate) fn closed(&mut self) {
        self.temperatures.clear();
    }

    /// M115's line; its capabilities may have come before.
    pub(crate) fn on_firmware(&mut self, firmware: Firmware) {
        let capabilities = self.firmware.take().map(|f| f.capabilities).unwrap_or_default();
        self.firmware = Some(Firmware { capabilities, ..firmware });
    }

    pub(crate) fn on_capability(&mut self, name: String, on: bool) {
        self.firmware.get_or_insert_default().capabilities.insert(name, on);
    }

    pub(crate) fn on_max_z(&mut self, z_mm: f64) {
        self.max_z_mm = Some(z_mm);
    }

    /// A firmware that does not tell E has it at `e`, where the file left it.
    pub(crate) fn on_position(&mut self, position: Position, e: Option<f64>) {
        let known = e.or(self.position.map(|[.., e]| e));
        let [x, y, z] = position.xyz;
        self.position = Some([x, y, z, position.e.or(known).unwrap_or_default()]);
    }

    pub(crate) fn on_temperatures(&mut self, readings: &[Reading], now: Now) {
        let [first, rest @ ..] = readings else { return };
        // What Klipper says while it knows nothing of its heaters.
        let says_nothing = first.unnumbered && first.actual_c == Some(0.0) && first.target_c.is_none();
        if !says_nothing || !rest.is_empty() {
            take_in(&mut self.temperatures, readings);
            if readings.iter().all(|reading| reading.actual_c.is_some()) {
                self.temperatures_at = Some(now);
            }
        }
    }

    pub(crate) fn firmware(&self) -> Option<&Firmware> {
        self.firmware.as_ref()
    }

    /// Returns the firmware's name and version as it states them; empty until it has.
    pub(crate) fn firmware_name(&self) -> &str {
        self.firmware.as_ref().map_or("", |firmware| &firmware.name)
    }

    /// Returns whether the firmware has a capability switched on.
    pub(crate) fn can(&self, capability: &str) -> bool {
        self.firmware.as_ref().and_then(|f| f.capabilities.get(capability)).copied().unwrap_or(false)
    }

    pub(crate) fn is_klipper(&self) -> bool {
        self.firmware_name().to_ascii_lowercase().contains("klipper")
    }

    pub(crate) fn temperatures(&self) -> &Temperatures {
        &self.temperatures
    }

    pub(crate) fn temperatures_at(&self) -> Option<Now> {
        self.temperatures_at.filter(|_| !self.temperatures.is_empty())
    }

    /// Returns whether a heater has a target.
    pub(crate) fn heats(&self) -> bool {
        self.temperatures.values().any(|t| t.target.is_some_and(|c| c > 0.0))
    }

    /// Returns the temperature of a nozzle, when it is known.
    pub(crate) fn nozzle_c(&self, tool: u8) -> Option<f64> {
        self.temperatures.get(&Heater::Hotend(tool).key()).map(|t| t.actual).filter(|c| c.is_finite())
    }

    pub(crate) fn position(&self) -> Option<[f64; 4]> {
        self.position
    }

    pub(crate) fn max_z_mm(&self) -> Option<f64> {
        self.max_z_mm
    }
}

/// What a sequence of steps is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aim {
    Pause(Initiator),
    Resume(Initiator),
    Cancel(Initiator),
    Finish,
    /// Heaters off, then the thread ends.
    Leave,
}

/// The print under way, as others may see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PrintFacts {
    pub(crate) print: PrintId,
    pub(crate) phase: JobPhase,
    /// The printer reads it from its own card: nothing is fed.
    pub(crate) on_card: bool,
    /// Its first line is out.
    pub(crate) started: bool,
    /// Lines of the file are to be sent.
    pub(crate) feeds: bool,
    /// Material was laid down.
    pub(crate) extruded: bool,
    /// The file can no longer be read.
    pub(crate) unreadable: bool,
    /// The firmware has paused by itself, so it alone can go on.
    pub(crate) paused_by_firmware: bool,
    /// After the last line that was acknowledged.
    pub(crate) place: Place,
    /// The head stands where the file ends, as far as is known.
    pub(crate) fits_end: bool,
}

/// What every part may know at a moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) now: Now,
    pub(crate) stage: Stage,
    pub(crate) machine: &'a Machine,
    pub(crate) print: Option<PrintFacts>,
    /// What the sequence under way is for.
    pub(crate) aim: Option<Aim>,
    /// Of the command that the printer is busy with.
    pub(crate) in_flight: Option<Class>,
    /// The machine's height, where it is known.
    pub(crate) height_mm: Option<f64>,
    /// The active tool.
    pub(crate) tool: u8,
    /// X, Y and Z were homed since the motors were last let go of.
    pub(crate) homed: [bool; 3],
    /// Speed of the part fan that was set by hand after the file's last word on it, 0 to 255.
    pub(crate) fan_by_hand: Option<u8>,
    /// The printer prints from its card, and nobody here has started that.
    pub(crate) card_print_found: bool,
    /// The card was read on between the last two answers.
    pub(crate) card_moves: bool,
}

impl Facts<'_> {
    pub(crate) fn is_up(&self) -> bool {
        self.stage == Stage::Up
    }

    /// Refuses when the firmware does not answer. Returns whether it does.
    pub(crate) fn is_up_for(&self, order: OrderKind, out: &mut Out) -> bool {
        if !self.is_up() {
            let halted = self.stage == Stage::Halted;
            let reason = if halted { RefusedReason::Halted } else { RefusedReason::NotConnected };
            out.refuse(order, reason, "the printer is not connected: connect it first");
        }
        self.is_up()
    }

    pub(crate) fn phase(&self) -> Option<JobPhase> {
        self.print.map(|print| print.phase)
    }

    pub(crate) fn on_card(&self) -> bool {
        self.print.is_some_and(|print| print.on_card)
    }

    /// Returns whether the head stands where the print's file ends, as far as is known.
    pub(crate) fn fits_end(&self) -> bool {
        self.print.is_none_or(|print| print.fits_end)
    }

    /// Returns whether the printer is at a command that waits for a person.
    pub(crate) fn waits_for_person(&self) -> bool {
        self.in_flight == Some(Class::Person)
    }
}
