//! A print under way: its lines, and how far it is.

use crate::end_check::{EndCheck, LONGEST_TEXT};
use crate::facts::PrintFacts;
use crate::objects::Objects;
use crate::print_clock::PrintClock;
use crate::program::{JobFacts, LineKind, Place, ProgramLine};
use crate::pushed::Pushed;
use crate::recipe::num;
use crate::tag::Tag;
use domain::{Area, JobEnd, JobPhase, JobReport, Now, PrintId, StartJob};
use std::collections::VecDeque;

/// Lines of the file held ready.
const READ_AHEAD: usize = 64;

/// What the next line of a file comes to.
#[derive(Debug)]
pub(crate) enum Next {
    /// It goes out. `first`: the print has begun with it.
    Send { text: String, tag: Tag, first: bool },
    /// The file asks for a pause, with these words.
    Pause(String),
    /// It is passed over.
    Skipped,
    /// All lines are out.
    End,
    /// Nothing goes out now.
    Nothing,
}

/// A print under way.
#[derive(Debug)]
pub(crate) struct Job {
    start: StartJob,
    /// Known once the file was checked; nothing is sent before.
    facts: Option<JobFacts>,
    phase: JobPhase,
    /// Lines of the file, and those of them that are next to be sent: without objects that are left out.
    pending: VecDeque<ProgramLine>,
    ready: VecDeque<ProgramLine>,
    objects: Objects,
    /// The file can no longer be read, so the print cannot go on.
    unreadable: bool,
    /// No more lines will come.
    all_read: bool,
    started: bool,
    /// After the last line that the printer has taken.
    place: Place,
    pushed: Pushed,
    line: u64,
    filepos: u64,
    layer_idx: Option<u32>,
    analysed_secs: Option<f64>,
    /// The slicer's own reckoning of the seconds left.
    slicer_left_secs: Option<f64>,
    /// Material was laid down.
    extruded: bool,
    /// The firmware has paused by itself, so it alone can go on.
    paused_by_firmware: bool,
    /// The last line of the file that was sent: which, and its text.
    last_sent: Option<(u64, String)>,
    end_check: EndCheck,
    /// The printer reads it from its own card: nothing is fed.
    on_card: bool,
    clock: PrintClock,
}

impl Job {
    /// Returns a print whose file is to be checked.
    pub(crate) fn new(start: StartJob) -> Self {
        let mut objects = Objects::default();
        objects.take_up(&start.left_out);
        Self {
            pushed: Pushed::new(start.done_lines > 0),
            start,
            facts: None,
            phase: JobPhase::Heating,
            pending: VecDeque::new(),
            ready: VecDeque::new(),
            objects,
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
            paused_by_firmware: false,
            last_sent: None,
            end_check: EndCheck::default(),
            on_card: false,
            clock: PrintClock::default(),
        }
    }

    /// Returns a print that the printer reads from its card.
    pub(crate) fn on_card(start: StartJob) -> Self {
        Self { on_card: true, facts: Some(JobFacts::default()), ..Self::new(start) }
    }

    pub(crate) fn print(&self) -> PrintId {
        self.start.print
    }

    pub(crate) fn phase(&self) -> JobPhase {
        self.phase
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    pub(crate) fn start(&self) -> &StartJob {
        &self.start
    }

    pub(crate) fn is_on_card(&self) -> bool {
        self.on_card
    }

    pub(crate) fn has_started(&self) -> bool {
        self.started
    }

    pub(crate) fn is_extruding(&self) -> bool {
        self.extruded
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

    /// Returns what others may see. `position`: where the printer tells its head.
    pub(crate) fn facts(&self, position: Option<[f64; 4]>) -> PrintFacts {
        PrintFacts {
            print: self.start.print,
            phase: self.phase,
            on_card: self.on_card,
            started: self.started,
            feeds: self.feeds(),
            extruded: self.extruded,
            unreadable: self.unreadable,
            paused_by_firmware: self.paused_by_firmware,
            place: self.place,
            fits_end: self.on_card || position.is_none_or(|position| self.end_check.fits(position)),
        }
    }

    /// The file was checked.
    pub(crate) fn checked(&mut self, facts: JobFacts) {
        self.facts = Some(facts);
    }

    /// The file can no longer be read.
    pub(crate) fn feed_failed(&mut self) {
        self.unreadable = true;
    }

    /// The file has no more lines.
    pub(crate) fn feed_end(&mut self) {
        self.all_read = true;
    }

    pub(crate) fn feed(&mut self, line: ProgramLine) {
        self.pending.push_back(line);
    }

    /// Lines that were fed are not wanted any more.
    pub(crate) fn drop_pending(&mut self) {
        self.pending.clear();
        self.ready.clear();
    }

    /// Returns whether more lines of the file are wanted.
    pub(crate) fn wants_lines(&self) -> bool {
        self.facts.is_some()
            && !self.on_card
            && !self.all_read
            && !self.unreadable
            && self.pending.len() < READ_AHEAD
    }

    /// Returns whether a line that fits into `room`, or the end of the file, comes next; it has more to feed, too, when
    /// no line is held.
    pub(crate) fn has_next(&self, room: usize) -> bool {
        let next = self.ready.front().is_none_or(|line| line.text.len() <= room);
        self.feeds() && next && !self.on_card && !self.unreadable
    }

    /// Makes the line ready that is next. `height_mm`: that of the machine. Looks at no more lines than are held, so that
    /// nobody waits where much is left out.
    pub(crate) fn prepare(&mut self, height_mm: Option<f64>) {
        while self.ready.is_empty() && self.feeds() {
            match self.pending.pop_front() {
                Some(line) => self.objects.take(line, height_mm, &mut self.ready),
                None if self.all_read => return self.objects.end(height_mm, &mut self.ready),
                None => return,
            }
        }
    }

    /// Returns the objects of the print.
    pub(crate) fn objects(&self) -> &Objects {
        &self.objects
    }

    pub(crate) fn objects_mut(&mut self) -> &mut Objects {
        &mut self.objects
    }

    /// Returns the line that is next, while lines are sent.
    pub(crate) fn front(&self) -> Option<&ProgramLine> {
        self.ready.front().filter(|_| self.feeds())
    }

    /// Returns what the next line comes to, when it is no longer than `room`. Lines that are passed over are done.
    pub(crate) fn poll_transmit(&mut self, room: usize, now: Now) -> Next {
        if !self.feeds() || self.ready.front().is_some_and(|line| line.text.len() > room) {
            return Next::Nothing;
        }
        let Some(line) = self.ready.pop_front() else {
            let ended = self.all_read && self.pending.is_empty();
            return if ended { Next::End } else { Next::Nothing };
        };
        match line.kind {
            LineKind::Send => {
                let first = !std::mem::replace(&mut self.started, true);
                if first {
                    self.clock.since = Some(now);
                }
                self.last_sent = Some((line.index, line.text.clone()));
                Next::Send { text: line.text.clone(), tag: Tag::Program(Box::new(line)), first }
            }
            LineKind::Skip => {
                self.on_acknowledged(&line, now);
                Next::Skipped
            }
            LineKind::Pause => {
                self.on_acknowledged(&line, now);
                Next::Pause(line.text)
            }
        }
    }

    /// Changes the phase; the print's clock stands while it is paused.
    pub(crate) fn enter(&mut self, phase: JobPhase, now: Now) {
        self.clock.pass(self.phase, now);
        self.phase = phase;
    }

    /// Returns whether something was begun that is not known to be done.
    pub(crate) fn is_changing(&self) -> bool {
        match self.phase {
            JobPhase::Pausing | JobPhase::Resuming | JobPhase::Cancelling | JobPhase::Finishing => true,
            JobPhase::Heating | JobPhase::Printing | JobPhase::Paused => false,
        }
    }

    /// The phase is what it was before something was begun that is not known to be done.
    pub(crate) fn back_to_running(&mut self) {
        self.phase = if self.extruded { JobPhase::Printing } else { JobPhase::Heating };
    }

    /// The firmware has paused by itself.
    pub(crate) fn paused_by_firmware(&mut self, now: Now) {
        self.paused_by_firmware = true;
        self.enter(JobPhase::Paused, now);
    }

    /// The firmware prints again. Returns the print when it had paused by itself.
    pub(crate) fn resumed_by_firmware(&mut self, now: Now) -> Option<PrintId> {
        if !std::mem::take(&mut self.paused_by_firmware) {
            return None;
        }
        self.enter(JobPhase::Printing, now);
        Some(self.start.print)
    }

    /// A line was acknowledged, or is passed over.
    pub(crate) fn on_acknowledged(&mut self, line: &ProgramLine, now: Now) {
        if line.kind == LineKind::Send {
            self.end_check.took(line);
        }
        self.place = line.after;
        self.pushed.take(&line.after);
        (self.line, self.filepos) = (line.index, line.end);
        self.layer_idx = line.layer_idx.or(self.layer_idx);
        self.analysed_secs = line.analysed_secs.or(self.analysed_secs);
        self.slicer_left_secs = crate::m73::left_secs(&line.text).or(self.slicer_left_secs);
        self.extruded |= line.after.extruding;
        let waited = parser::Command::of(&line.text).is_some_and(|command| command.code() == ('M', 109));
        if self.phase == JobPhase::Heating && (waited || line.after.extruding) {
            self.enter(JobPhase::Printing, now);
        }
    }

    /// The printer was told to print from its card.
    pub(crate) fn card_begun(&mut self, now: Now) {
        self.started = true;
        self.clock.since = Some(now);
    }

    /// The file on the card has so many bytes.
    pub(crate) fn card_bytes(&mut self, bytes: u64) {
        self.facts = Some(JobFacts { bytes, ..JobFacts::default() });
    }

    /// So far is the card read, of so many bytes.
    pub(crate) fn card_byte(&mut self, at: u64, of: u64) {
        self.facts.iter_mut().for_each(|facts| facts.bytes = of);
        self.filepos = at;
    }

    /// All of the card's file is read.
    pub(crate) fn card_read(&mut self) {
        self.filepos = self.facts.map_or(self.filepos, |facts| facts.bytes);
    }

    /// The print from the card lays material down.
    pub(crate) fn card_prints(&mut self, now: Now) {
        self.extruded = true;
        self.enter(JobPhase::Printing, now);
    }

    /// Returns how it ends: its last line was sent, and its moves have ended.
    pub(crate) fn end_of_file(&self, position: Option<[f64; 4]>, area: Option<Area>) -> JobEnd {
        if self.on_card {
            return JobEnd::Finished;
        }
        if let Some(lines) = self.first_unacknowledged() {
            let why =
                format!("the printer never acknowledged {lines} of the file, so the print is not complete");
            return JobEnd::Interrupted { why };
        }
        let Some(told) = position else { return JobEnd::Finished };
        match self.end_check.missing(told, area) {
            None => JobEnd::Finished,
            Some(lines) => {
                let [x, y, z, _] = told.map(num);
                let why = format!(
                    "the print did not end where its file ends: the printer has its head at X{x} Y{y} Z{z}, so it did not \
                     carry out {lines}. Look at the part"
                );
                JobEnd::Interrupted { why }
            }
        }
    }

    /// Returns the first line of the file that the printer has not acknowledged, once all were sent.
    fn first_unacknowledged(&self) -> Option<String> {
        let (index, text) = self.last_sent.as_ref()?;
        let text: String = text.chars().take(LONGEST_TEXT).collect();
        (self.line < *index).then(|| format!("line {} to {index} (\"{text}\")", self.line.saturating_add(1)))
    }

    /// Returns what is told of it; the steps of a pause are left to whoever takes them.
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
            used: self.pushed.report(),
            filament_total_mm: facts.filament_mm,
            estimated_secs: facts.estimated_secs,
            analysed_secs: self.analysed_secs,
            slicer_left_secs: self.slicer_left_secs,
            left_out: self.objects.cancelled(),
            steps: Vec::new(),
            on_card: self.on_card,
        }
    }
}
