//! The simulated printer as a value: bytes in, bytes out, and the moment passed in.
//!
//! It speaks as Marlin 2.1 does on the wire: numbered lines, resends, a queue of four commands and one of sixteen
//! moves, `busy` lines, temperature reports, and a parser that obeys `M112` ahead of everything.

mod bed;
mod card;
mod command;
mod heat;
mod options;
mod planner;
mod run;
mod state;
mod texts;
mod wait;
mod wire;

#[cfg(test)]
mod tests;

pub use bed::{Bed, Strand};
pub use options::{BadLine, Board, Dice, Fault, Faults, SimOptions};
pub use state::Executed;

use domain::{Millis, Now};
use options::STEP_MS;
use run::Flushed;
use state::Machine;
use wire::Urgent;

/// A simulated printer.
#[derive(Debug)]
pub struct SimPrinter {
    machine: Machine,
}

impl SimPrinter {
    /// Switches a cold printer on.
    pub fn new(options: SimOptions, now: Now) -> Self {
        let mut printer = Self { machine: Machine::new(options, now) };
        printer.reset(now);
        printer
    }

    /// Restarts the firmware. Heat, head and what lies on the bed stay as they are; all else is forgotten.
    pub fn reset(&mut self, now: Now) {
        self.advance(now);
        self.machine.restart(now);
    }

    /// Switches a fault on or off.
    pub fn set_fault(&mut self, fault: Fault, on: bool, now: Now) {
        self.advance(now);
        self.machine.faults.set(fault, on && fault != Fault::Reboot);
        match fault {
            Fault::Reboot if on => self.reset(now),
            Fault::NoOksAfterPause if !on => self.machine.mute = false,
            Fault::Knob => self.machine.speed_percent = if on { 65.0 } else { 100.0 },
            Fault::Tangle
            | Fault::Clogged
            | Fault::CameraGone
            | Fault::CablePulled
            | Fault::Noise
            | Fault::LostOks
            | Fault::NoOksAfterPause
            | Fault::Reboot
            | Fault::Deaf
            | Fault::ThermalRunaway => (),
        }
    }

    /// Takes bytes from the host.
    pub fn receive(&mut self, bytes: &[u8], now: Now) {
        self.advance(now);
        for byte in bytes {
            if self.machine.booting.is_some() || self.machine.killed || self.machine.faults.has(Fault::Deaf) {
                return;
            }
            let byte = self.through_noise(*byte);
            self.machine.ear.push(byte, self.machine.options.rx_bytes);
            if self.machine.options.emergency_parser
                && let Some(urgent) = self.machine.parser.hear(byte)
            {
                self.obey(urgent);
            }
            if self.machine.read_lines() == Flushed::Yes {
                return;
            }
        }
    }

    /// Lets time pass until `now`.
    pub fn advance(&mut self, now: Now) {
        let start = self.machine.now;
        // A machine that nobody asked for a day need not live through it.
        const MOST_MS: Millis = 6 * 3_600_000;
        let mut mono_ms = start.mono_ms.max(now.mono_ms.saturating_sub(MOST_MS));
        while mono_ms + STEP_MS <= now.mono_ms {
            mono_ms += STEP_MS;
            let utc = start.utc.plus_secs((mono_ms - start.mono_ms) as f64 / 1e3);
            self.machine.now = Now { mono_ms, utc };
            self.machine.step();
        }
    }

    /// Returns the milliseconds until something may happen by itself.
    pub fn quiet_ms(&self) -> Millis {
        let until = |at: Millis| at.saturating_sub(self.machine.now.mono_ms).max(STEP_MS);
        let report = self.machine.report_every.map_or(1_000, |_| until(self.machine.report_at));
        match &self.machine.running {
            _ if self.machine.booting.is_some() => 100,
            Some(_) => STEP_MS.min(report),
            None => report.min(1_000),
        }
    }

    /// Takes what the printer has said since the last call, at most `most` bytes of it.
    pub fn take_output(&mut self, most: usize) -> Vec<u8> {
        let rest = self.machine.out.split_off(self.machine.out.len().min(most));
        std::mem::replace(&mut self.machine.out, rest)
    }

    /// Takes everything off the bed, as a person does after a print.
    pub fn clear_bed(&mut self) {
        self.machine.clear_bed();
    }

    /// Starts a file of the card as a person does at the display.
    pub(crate) fn print_from_card(&mut self, path: &str) -> bool {
        let Some(said) = self.machine.card.open(path) else {
            return false;
        };
        said.iter().for_each(|line| self.machine.say(line));
        self.machine.card.print();
        true
    }

    /// Returns what lies on the bed.
    pub fn bed(&self) -> &Bed {
        &self.machine.bed
    }

    /// Returns what was carried out, oldest first.
    pub fn log(&self) -> impl Iterator<Item = &Executed> {
        self.machine.log.iter()
    }

    /// Returns the settings.
    pub fn options(&self) -> &SimOptions {
        &self.machine.options
    }

    /// Returns the faults that are on.
    pub fn faults(&self) -> Faults {
        self.machine.faults
    }

    /// Returns how things stand.
    pub fn state(&self) -> SimState {
        let head = self.machine.planner.head();
        SimState {
            hotend_c: self.machine.hotend.actual_c(),
            hotend_target_c: self.machine.hotend.target_c(),
            bed_c: self.machine.bed_heater.actual_c(),
            bed_target_c: self.machine.bed_heater.target_c(),
            fan: self.machine.fan,
            position_mm: [head[0], head[1], head[2]],
            moves_queued: 15 - self.machine.planner.free(),
            steppers_on: self.machine.steppers_on,
            halted: self.machine.killed,
            tangled: self.machine.is_loose(),
            last_line_number: self.machine.last_number,
            bytes_lost: self.machine.ear.overflow,
        }
    }

    fn obey(&mut self, urgent: Urgent) {
        match urgent {
            Urgent::Kill => {
                self.machine.say("echo:M112 Shutdown");
                self.machine.kill("Printer halted. kill() called!");
            }
            Urgent::BreakWait | Urgent::Answer => self.machine.break_wait(),
            Urgent::QuickStop => self.machine.quick_stop(),
        }
    }

    fn through_noise(&mut self, byte: u8) -> u8 {
        if !self.machine.faults.has(Fault::Noise) {
            self.machine.flip_in = None;
            return byte;
        }
        if byte == b'\n' {
            // Decided here for the line that comes next.
            self.machine.flip_in = self.machine.dice.once_in(20).then(|| self.machine.dice.bits() as u32 % 9);
            return byte;
        }
        let flips = self.machine.flip_in == Some(0);
        self.machine.flip_in = self.machine.flip_in.and_then(|n| n.checked_sub(1));
        if flips { byte ^ 0x04 } else { byte }
    }
}

/// How a simulated printer stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimState {
    /// °C.
    pub hotend_c: f64,
    /// °C, 0 when off.
    pub hotend_target_c: f64,
    /// °C.
    pub bed_c: f64,
    /// °C, 0 when off.
    pub bed_target_c: f64,
    /// 0 to 255.
    pub fan: u8,
    /// Where the nozzle really is.
    pub position_mm: [f64; 3],
    /// Moves in the planner, the running one included.
    pub moves_queued: usize,
    /// The steppers hold the axes.
    pub steppers_on: bool,
    /// The firmware stopped itself or was stopped; only a reset helps.
    pub halted: bool,
    /// Filament comes out loose now.
    pub tangled: bool,
    /// The last good line number.
    pub last_line_number: i64,
    /// Bytes that found no room in the receive buffer.
    pub bytes_lost: u64,
}
