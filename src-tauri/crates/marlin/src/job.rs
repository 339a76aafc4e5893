//! A print under way: its lines, how far it is, and what a pause has to remember.

use domain::{JobPhase, JobReport, Millis, Now, PauseRecipe, PauseStep, StartJob, Temperatures};
use std::collections::VecDeque;

/// Where a file's commands have led, and in which modes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Logical X, mm.
    pub x: f64,
    /// Logical Y, mm.
    pub y: f64,
    /// Logical Z, mm.
    pub z: f64,
    /// Logical E, mm.
    pub e: f64,
    /// Feed rate, mm/min; 0 until one is given.
    pub feed: f64,
    /// G90 (`true`) or G91.
    pub absolute: bool,
    /// M82 (`true`) or M83.
    pub e_absolute: bool,
    /// Active tool; `None` until a T command.
    pub tool: Option<u8>,
    /// Speed of the part fan, 0 to 255; `None` until one is given.
    pub fan: Option<u8>,
    /// mm of filament used so far.
    pub filament_mm: f64,
    /// The command laid material down.
    pub extruding: bool,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            x: 0.0,
            y: 0.0,
            z: 0.0,
            e: 0.0,
            feed: 0.0,
            absolute: true,
            e_absolute: true,
            tool: None,
            fan: None,
            filament_mm: 0.0,
            extruding: false,
        }
    }
}

/// A command of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct ProgramLine {
    /// What to send, without number and checksum; at most 81 bytes of ASCII.
    pub text: String,
    /// Which command of the file it is, from 1.
    pub index: u64,
    /// Bytes from the start of the file to its end.
    pub end: u64,
    /// Seconds of the file's analysis up to its end, when known.
    pub analysed_secs: Option<f64>,
    /// Layer, from 0.
    pub layer_idx: Option<u32>,
    /// Where it leads.
    pub after: Place,
    /// What is to be done with it.
    pub kind: LineKind,
}

/// What is to be done with a command of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// Send it.
    Send,
    /// Pause here instead.
    Pause,
    /// Pass over it.
    Skip,
}

/// What is known of a file before it is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct JobFacts {
    /// Lines with a command.
    pub lines: u64,
    /// Size.
    pub bytes: u64,
    /// Layers.
    pub layers: Option<u32>,
    /// mm of filament.
    pub filament_mm: Option<f64>,
    /// Seconds.
    pub estimated_secs: Option<f64>,
}

/// What a pause remembers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Saved {
    pub(crate) place: Place,
    pub(crate) targets: Temperatures,
    /// What was really retracted, and is still to be given back, mm.
    pub(crate) retracted_mm: f64,
    /// What was really lifted, and is still to be gone down, mm.
    pub(crate) lifted_mm: f64,
}

/// A print under way.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) start: StartJob,
    /// Known once the file was checked; nothing is sent before.
    pub(crate) facts: Option<JobFacts>,
    pub(crate) phase: JobPhase,
    pub(crate) pending: VecDeque<ProgramLine>,
    /// The file can no longer be read, so the print cannot go on.
    pub(crate) unreadable: bool,
    /// No more lines will come.
    pub(crate) all_read: bool,
    pub(crate) started: bool,
    /// After the last line that the printer has taken.
    pub(crate) place: Place,
    pub(crate) line: u64,
    pub(crate) filepos: u64,
    pub(crate) layer_idx: Option<u32>,
    pub(crate) analysed_secs: Option<f64>,
    /// The slicer's own reckoning of the seconds left.
    pub(crate) slicer_left_secs: Option<f64>,
    /// Material was laid down.
    pub(crate) extruded: bool,
    pub(crate) saved: Option<Saved>,
    pub(crate) recipe: PauseRecipe,
    /// The firmware has paused by itself, so it alone can go on.
    pub(crate) paused_by_firmware: bool,
    pub(crate) unconfirmed_told: bool,
    /// The printer reads it from its own card: nothing is fed.
    pub(crate) on_card: bool,
    pub(crate) steps: Vec<PauseStep>,
    clock: PrintClock,
}

impl Job {
    pub(crate) fn new(start: StartJob, recipe: PauseRecipe) -> Self {
        Self {
            start,
            facts: None,
            phase: JobPhase::Heating,
            pending: VecDeque::new(),
            unreadable: false,
            all_read: false,
            started: false,
            place: Place::default(),
            line: 0,
            filepos: 0,
            layer_idx: None,
            analysed_secs: None,
            slicer_left_secs: None,
            extruded: false,
            saved: None,
            recipe,
            paused_by_firmware: false,
            unconfirmed_told: false,
            on_card: false,
            steps: Vec::new(),
            clock: PrintClock::default(),
        }
    }

    /// Returns whether lines of the file are to be sent.
    pub(crate) fn feeds(&self) -> bool {
        let feeding = match self.phase {
            JobPhase::Heating | JobPhase::Printing => true,
            JobPhase::Pausing
            | JobPhase::Paused
            | JobPhase::Resuming
            | JobPhase::Cancelling
            | JobPhase::Finishing => false,
        };
        feeding && self.facts.is_some()
    }

    /// Changes the phase; the print's clock stands while it is paused.
    pub(crate) fn enter(&mut self, phase: JobPhase, now: Now) {
        self.clock.pass(self.phase, now);
        self.phase = phase;
    }

    /// The first line is out: the print's clock runs.
    pub(crate) fn begin(&mut self, now: Now) {
        self.started = true;
        self.clock.since = Some(now);
    }

    /// Takes in a line that the printer has taken.
    pub(crate) fn took(&mut self, line: &ProgramLine, now: Now) {
        self.place = line.after;
        (self.line, self.filepos) = (line.index, line.end);
        self.layer_idx = line.layer_idx.or(self.layer_idx);
        self.analysed_secs = line.analysed_secs.or(self.analysed_secs);
        self.slicer_left_secs = crate::m73::left_secs(&line.text).or(self.slicer_left_secs);
        self.extruded |= line.after.extruding;
        let heated = line.text.starts_with("M109") || line.after.extruding;
        if self.phase == JobPhase::Heating && heated {
            self.enter(JobPhase::Printing, now);
        }
    }

    /// Ticks a step and the ones before it.
    pub(crate) fn tick(&mut self, idx: usize) {
        self.steps.iter_mut().take(idx + 1).for_each(|step| step.done = true);
    }

    pub(crate) fn report(&self, now: Now) -> JobReport {
        let facts = self.facts.unwrap_or_default();
        let mut clock = self.clock;
        clock.pass(self.phase, now);
        JobReport {
            print: self.start.print,
            file: self.start.file,
            name: self.start.name.clone(),
            phase: self.phase,
            line: self.line,
            lines: facts.lines,
            filepos: self.filepos,
            file_bytes: facts.bytes,
            layer_idx: self.layer_idx,
            layers: facts.layers,
            z_mm: (self.started && !self.on_card).then_some(self.place.z),
            print_secs: clock.printing_ms as f64 / 1000.0,
            heating_secs: clock.heating_ms as f64 / 1000.0,
            filament_mm: self.place.filament_mm,
            filament_total_mm: facts.filament_mm,
            estimated_secs: facts.estimated_secs,
            analysed_secs: self.analysed_secs,
            slicer_left_secs: self.slicer_left_secs,
            steps: self.steps.clone(),
            on_card: self.on_card,
        }
    }
}

/// Counts the time of a print, pauses left out.
#[derive(Debug, Clone, Copy, Default)]
struct PrintClock {
    since: Option<Now>,
    printing_ms: Millis,
    heating_ms: Millis,
}

impl PrintClock {
    fn pass(&mut self, phase: JobPhase, now: Now) {
        let Some(since) = self.since.replace(now) else {
            // Not begun.
            self.since = None;
            return;
        };
        let ms = now.since(since);
        match phase {
            JobPhase::Heating => {
                self.heating_ms += ms;
                self.printing_ms += ms;
            }
            JobPhase::Printing | JobPhase::Pausing | JobPhase::Finishing | JobPhase::Cancelling => {
                self.printing_ms += ms;
            }
            JobPhase::Paused | JobPhase::Resuming => (),
        }
    }
}
