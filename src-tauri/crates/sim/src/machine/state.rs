//! The state of a simulated printer, and what happens to it that is no matter of a single command.

use super::bed::Bed;
use super::card::{Card, Source};
use super::heat::{BED, HOTEND, Heater};
use super::options::{Dice, Fault, Faults, SimOptions};
use super::planner::{Done, Planner};
use super::wait::Running;
use super::wire::{Ear, EmergencyParser};
use domain::{Millis, Now};
use std::collections::VecDeque;

/// Commands that the firmware holds, the running one included.
pub(super) const QUEUE: usize = 4;
/// From power on to the banner.
const BOOT_MS: Millis = 1_200;
/// Unread output is cut to this.
const MOST_OUT: usize = 256 * 1024;

/// A command that was carried out.
#[derive(Debug, Clone, PartialEq)]
pub struct Executed {
    /// When it began.
    pub at: Now,
    /// Without number and checksum.
    pub text: String,
}

/// Height of the nozzle as seen from the probe, as the printer is made, mm.
const PROBE_Z: f64 = -1.95;

/// The firmware and the hardware of a simulated printer: what all of its parts read and change.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) options: SimOptions,
    pub(super) faults: Faults,
    pub(super) dice: Dice,
    pub(super) now: Now,
    pub(super) booting: Option<Millis>,
    pub(super) killed: bool,
    /// Every ok gets lost, see `Fault::NoOksAfterPause`.
    pub(super) mute: bool,

    pub(super) ear: Ear,
    pub(super) parser: EmergencyParser,
    /// Bytes until the one that noise flips, within this line.
    pub(super) flip_in: Option<u32>,
    pub(super) last_number: i64,
    pub(super) queue: VecDeque<(Source, String)>,
    pub(super) running: Option<Running>,
    pub(super) out: Vec<u8>,

    pub(super) hotend: Heater,
    pub(super) bed_heater: Heater,
    pub(super) fan: u8,
    pub(super) report_every: Option<Millis>,
    pub(super) report_at: Millis,
    pub(super) busy_every: Option<Millis>,
    pub(super) runaway_after: Option<Millis>,

    pub(super) planner: Planner,
    /// Where the queue ends, as the host counts: X, Y, Z, E.
    pub(super) logical: [f64; 4],
    /// Machine coordinates minus `logical`, moved by `G92`.
    pub(super) origin: [f64; 4],
    pub(super) feed: f64,
    pub(super) absolute: bool,
    pub(super) absolute_e: bool,
    pub(super) speed_percent: f64,
    pub(super) flow_percent: f64,
    /// Z of M851, and what of it was stored, mm.
    pub(super) probe_z: f64,
    pub(super) stored_probe_z: f64,
    pub(super) cold_extrusion: bool,
    pub(super) homed: bool,
    pub(super) steppers_on: bool,
    pub(super) stepper_idle: Option<Millis>,
    pub(super) last_motion: Millis,

    pub(super) bed: Bed,
    pub(super) first_extrusion: Option<Millis>,
    pub(super) card: Card,
    pub(super) log: VecDeque<Executed>,
}

impl Machine {
    pub(super) fn new(options: SimOptions, now: Now) -> Self {
        let mut machine = Self {
            dice: Dice::new(options.seed),
            options,
            faults: Faults::default(),
            now,
            booting: None,
            killed: false,
            mute: false,
            ear: Ear::default(),
            parser: EmergencyParser::default(),
            flip_in: None,
            last_number: 0,
            queue: VecDeque::new(),
            running: None,
            out: Vec::new(),
            hotend: Heater::new(HOTEND),
            bed_heater: Heater::new(BED),
            fan: 0,
            report_every: None,
            report_at: 0,
            busy_every: None,
            runaway_after: None,
            planner: Planner::default(),
            logical: [0.0; 4],
            origin: [0.0; 4],
            feed: 25.0,
            absolute: true,
            absolute_e: true,
            speed_percent: 100.0,
            flow_percent: 100.0,
            probe_z: PROBE_Z,
            stored_probe_z: PROBE_Z,
            cold_extrusion: false,
            homed: false,
            steppers_on: false,
            stepper_idle: None,
            last_motion: 0,
            bed: Bed::default(),
            first_extrusion: None,
            card: Card::default(),
            log: VecDeque::new(),
        };
        machine.planner.place([40.0, 190.0, 62.0, 0.0]);
        machine
    }

    /// Restarts the firmware. Heat, head and what lies on the bed stay as they are; all else is forgotten.
    pub(super) fn restart(&mut self, now: Now) {
        self.lay_unfinished();
        let head = self.planner.head();
        self.planner = Planner::default();
        self.planner.place(head);
        self.hotend.set_target(0.0);
        self.bed_heater.set_target(0.0);
        self.ear = Ear::default();
        self.parser = EmergencyParser::default();
        (self.fan, self.last_number, self.killed, self.mute) = (0, 0, false, false);
        (self.report_every, self.busy_every, self.runaway_after) = (None, Some(2_000), None);
        (self.feed, self.absolute, self.absolute_e) = (25.0, true, true);
        (self.speed_percent, self.flow_percent, self.cold_extrusion) = (100.0, 100.0, false);
        (self.homed, self.steppers_on, self.stepper_idle) = (false, false, Some(120_000));
        self.probe_z = self.stored_probe_z;
        // The firmware believes that it stands at the origin.
        self.logical = [0.0; 4];
        self.origin = head;
        self.queue.clear();
        self.card.forget();
        self.running = None;
        self.out.clear();
        self.booting = Some(now.mono_ms + BOOT_MS);
    }

    /// Commands held, the running one included.
    pub(super) fn held(&self) -> usize {
        self.queue.len() + usize::from(self.running.is_some())
    }

    /// Returns whether filament finds no hold now.
    pub(super) fn is_loose(&self) -> bool {
        let due = match (self.options.tangle_after_clock_ms, self.first_extrusion) {
            (Some(after), Some(first)) => self.now.mono_ms >= first + after,
            (Some(_) | None, None) | (None, Some(_)) => false,
        };
        due || self.faults.has(Fault::Tangle)
    }

    /// Keeps what a broken-off move has laid down.
    pub(super) fn lay_unfinished(&mut self) {
        if let Some(done) = self.planner.stop().filter(extrudes) {
            self.lay(&done);
        }
    }

    /// Lays down what a move pushed, if it comes out.
    pub(super) fn lay(&mut self, done: &Done) {
        if !self.faults.has(Fault::Clogged) {
            self.bed.lay(done.from, done.to, self.is_loose());
        }
    }

    /// Drops all motion; the host's position is where the head stands.
    pub(super) fn stop_motion(&mut self) {
        self.lay_unfinished();
        let head = self.planner.head();
        self.logical = std::array::from_fn(|i| head[i] - self.origin[i]);
    }

    /// Halts for good: heaters off, motors off, deaf until a reset.
    pub(super) fn kill(&mut self, why: &str) {
        self.lay_unfinished();
        self.hotend.set_target(0.0);
        self.bed_heater.set_target(0.0);
        (self.fan, self.steppers_on, self.killed) = (0, false, true);
        self.queue.clear();
        self.running = None;
        self.say(&format!("Error:{why}"));
        self.say("//action:poweroff");
    }

    /// Takes everything off the bed, as a person does after a print.
    pub(super) fn clear_bed(&mut self) {
        self.bed.clear();
        self.first_extrusion = None;
    }

    pub(super) fn say(&mut self, line: &str) {
        self.out.extend_from_slice(line.as_bytes());
        self.out.push(b'\n');
        if self.out.len() > MOST_OUT {
            self.out.drain(..MOST_OUT / 2);
        }
    }

    pub(super) fn say_ok(&mut self, line: String) {
        let lost = self.mute || (self.faults.has(Fault::LostOks) && self.dice.once_in(50));
        if !lost {
            self.say(&line);
        }
    }
}

/// Returns whether a move pushes filament.
pub(super) fn extrudes(done: &Done) -> bool {
    done.to[3] - done.from[3] > 1e-6
}
