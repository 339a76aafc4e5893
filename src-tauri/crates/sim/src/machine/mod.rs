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
mod texts;
mod wire;

#[cfg(test)]
mod tests;

pub use bed::{Bed, Strand};
pub use options::{BadLine, Board, Dice, Fault, Faults, SimOptions};

use card::Source;
use domain::{Millis, Now};
use heat::{BED, HOTEND, Heater};
use planner::Planner;
use run::Running;
use std::collections::VecDeque;
use wire::{BadLineWhy, Ear, EmergencyParser, Heard, Urgent};

/// Commands that the firmware holds, the running one included.
const QUEUE: usize = 4;
/// From power on to the banner.
const BOOT_MS: Millis = 1_200;
/// The grain of simulated time.
const STEP_MS: Millis = 10;
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

/// A simulated printer.
#[derive(Debug)]
pub struct SimPrinter {
    options: SimOptions,
    faults: Faults,
    dice: Dice,
    now: Now,
    booting: Option<Millis>,
    killed: bool,
    /// Every ok gets lost, see `Fault::NoOksAfterPause`.
    mute: bool,

    ear: Ear,
    parser: EmergencyParser,
    /// Bytes until the one that noise flips, within this line.
    flip_in: Option<u32>,
    last_number: i64,
    queue: VecDeque<(Source, String)>,
    running: Option<Running>,
    out: Vec<u8>,

    hotend: Heater,
    bed_heater: Heater,
    fan: u8,
    report_every: Option<Millis>,
    report_at: Millis,
    busy_every: Option<Millis>,
    runaway_after: Option<Millis>,

    planner: Planner,
    /// Where the queue ends, as the host counts: X, Y, Z, E.
    logical: [f64; 4],
    /// Machine coordinates minus `logical`, moved by `G92`.
    origin: [f64; 4],
    feed: f64,
    absolute: bool,
    absolute_e: bool,
    speed_percent: f64,
    flow_percent: f64,
    cold_extrusion: bool,
    homed: bool,
    steppers_on: bool,
    stepper_idle: Option<Millis>,
    last_motion: Millis,

    bed: Bed,
    first_extrusion: Option<Millis>,
    card: card::Card,
    log: VecDeque<Executed>,
}

impl SimPrinter {
    /// Switches a cold printer on.
    pub fn new(options: SimOptions, now: Now) -> Self {
        let mut printer = Self {
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
            cold_extrusion: false,
            homed: false,
            steppers_on: false,
            stepper_idle: None,
            last_motion: 0,
            bed: Bed::default(),
            first_extrusion: None,
            card: card::Card::default(),
            log: VecDeque::new(),
        };
        printer.planner.place([40.0, 190.0, 62.0, 0.0]);
        printer.reset(now);
        printer
    }

    /// Restarts the firmware. Heat, head and what lies on the bed stay as they are; all else is forgotten.
    pub fn reset(&mut self, now: Now) {
        self.advance(now);
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
        // The firmware believes that it stands at the origin.
        self.logical = [0.0; 4];
        self.origin = head;
        self.queue.clear();
        self.card.forget();
        self.running = None;
        self.out.clear();
        self.booting = Some(now.mono_ms + BOOT_MS);
    }

    /// Switches a fault on or off.
    pub fn set_fault(&mut self, fault: Fault, on: bool, now: Now) {
        self.advance(now);
        self.faults.set(fault, on && fault != Fault::Reboot);
        match fault {
            Fault::Reboot if on => self.reset(now),
            Fault::NoOksAfterPause if !on => self.mute = false,
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
            if self.booting.is_some() || self.killed || self.faults.has(Fault::Deaf) {
                return;
            }
            let byte = self.through_noise(*byte);
            self.ear.push(byte, self.options.rx_bytes);
            if self.options.emergency_parser
                && let Some(urgent) = self.parser.hear(byte)
            {
                self.obey(urgent);
            }
            if self.read_lines() == Flushed::Yes {
                return;
            }
        }
    }

    /// Lets time pass until `now`.
    pub fn advance(&mut self, now: Now) {
        let start = self.now;
        // A machine that nobody asked for a day need not live through it.
        const MOST_MS: Millis = 6 * 3_600_000;
        let mut mono_ms = start.mono_ms.max(now.mono_ms.saturating_sub(MOST_MS));
        while mono_ms + STEP_MS <= now.mono_ms {
            mono_ms += STEP_MS;
            let utc = start.utc.plus_secs((mono_ms - start.mono_ms) as f64 / 1e3);
            self.now = Now { mono_ms, utc };
            self.step();
        }
    }

    /// Returns the milliseconds until something may happen by itself.
    pub fn quiet_ms(&self) -> Millis {
        let until = |at: Millis| at.saturating_sub(self.now.mono_ms).max(STEP_MS);
        let report = self.report_every.map_or(1_000, |_| until(self.report_at));
        match &self.running {
            _ if self.booting.is_some() => 100,
            Some(_) => STEP_MS.min(report),
            None => report.min(1_000),
        }
    }

    /// Takes what the printer has said since the last call, at most `most` bytes of it.
    pub fn take_output(&mut self, most: usize) -> Vec<u8> {
        let rest = self.out.split_off(self.out.len().min(most));
        std::mem::replace(&mut self.out, rest)
    }

    /// Takes everything off the bed, as a person does after a print.
    pub fn clear_bed(&mut self) {
        self.bed.clear();
        self.first_extrusion = None;
    }

    /// Returns what lies on the bed.
    pub fn bed(&self) -> &Bed {
        &self.bed
    }

    /// Returns what was carried out, oldest first.
    pub fn log(&self) -> impl Iterator<Item = &Executed> {
        self.log.iter()
    }

    /// Returns the settings.
    pub fn options(&self) -> &SimOptions {
        &self.options
    }

    /// Returns the faults that are on.
    pub fn faults(&self) -> Faults {
        self.faults
    }

    /// Returns how things stand.
    pub fn state(&self) -> SimState {
        let head = self.planner.head();
        SimState {
            hotend_c: self.hotend.actual_c(),
            hotend_target_c: self.hotend.target_c(),
            bed_c: self.bed_heater.actual_c(),
            bed_target_c: self.bed_heater.target_c(),
            fan: self.fan,
            position_mm: [head[0], head[1], head[2]],
            moves_queued: 15 - self.planner.free(),
            steppers_on: self.steppers_on,
            halted: self.killed,
            tangled: self.is_loose(),
            last_line_number: self.last_number,
            bytes_lost: self.ear.overflow,
        }
    }

    /// Moves whole lines from the buffer to the queue, as far as there is room, and starts what can start.
    fn read_lines(&mut self) -> Flushed {
        while !self.killed {
            self.start_next();
            if self.held() >= QUEUE {
                break;
            }
            let Some(line) = self.ear.next_line() else { break };
            match wire::check(&line, &mut self.last_number) {
                Heard::Command { number, text } => self.queue.push_back((Source::Host(number), text)),
                Heard::Repeated => (),
                Heard::Bad(why) => {
                    self.refuse(why);
                    if self.options.bad_line == BadLine::Flush {
                        return Flushed::Yes;
                    }
                }
            }
        }
        Flushed::No
    }

    fn refuse(&mut self, why: BadLineWhy) {
        let last = self.last_number;
        self.say(&format!("Error:{}, Last Line: {last}", why.text()));
        if self.options.bad_line == BadLine::Flush {
            self.ear.flush();
        }
        self.say(&format!("Resend: {}", last + 1));
        self.say_ok("ok".into());
    }

    fn obey(&mut self, urgent: Urgent) {
        match urgent {
            Urgent::Kill => {
                self.say("echo:M112 Shutdown");
                self.kill("Printer halted. kill() called!");
            }
            Urgent::BreakWait | Urgent::Answer => self.break_wait(),
            Urgent::QuickStop => self.quick_stop(),
        }
    }

    fn through_noise(&mut self, byte: u8) -> u8 {
        if !self.faults.has(Fault::Noise) {
            self.flip_in = None;
            return byte;
        }
        if byte == b'\n' {
            // Decided here for the line that comes next.
            self.flip_in = self.dice.once_in(20).then(|| self.dice.bits() as u32 % 9);
            return byte;
        }
        let flips = self.flip_in == Some(0);
        self.flip_in = self.flip_in.and_then(|n| n.checked_sub(1));
        if flips { byte ^ 0x04 } else { byte }
    }

    fn say(&mut self, line: &str) {
        self.out.extend_from_slice(line.as_bytes());
        self.out.push(b'\n');
        if self.out.len() > MOST_OUT {
            self.out.drain(..MOST_OUT / 2);
        }
    }

    fn say_ok(&mut self, line: String) {
        let lost = self.mute || (self.faults.has(Fault::LostOks) && self.dice.once_in(50));
        if !lost {
            self.say(&line);
        }
    }
}

/// Whether what came together with a bad line was dropped.
#[derive(Debug, PartialEq, Eq)]
enum Flushed {
    Yes,
    No,
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
