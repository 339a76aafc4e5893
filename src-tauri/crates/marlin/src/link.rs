//! One printer's link: what it is, and what it writes next.

use crate::job::{Job, JobFacts, LineKind, ProgramLine};
use crate::recipe::{LOW_MACHINE_MM, Moves};
use crate::sd::Card;
use crate::sequence::Sequence;
use crate::tools::Hand;
use crate::wire::Wire;
use domain::{
    Firmware, Initiator, JobEnd, LinkChange, LinkState, Millis, Now, PauseRecipe, StartJob, Temperatures,
};
use std::collections::VecDeque;

/// Lines of the file held ready.
const READ_AHEAD: usize = 64;
/// Our own lines are no longer than this, bytes.
const SHORT_LINE: usize = 40;
/// Temperatures are asked for as often when the firmware does not report by itself.
const POLL_MS: Millis = 5_000;
const POLL_HOT_MS: Millis = 2_000;
/// Reports that stop coming are asked for.
const REPORTS_LATE_MS: Millis = 10_000;

/// Who sent a line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tag {
    Hello,
    /// M105.
    Heaters,
    /// M115.
    Firmware,
    /// A line of the file.
    Program(Box<ProgramLine>),
    /// A step of the sequence of this number, and what it does.
    Step(u32, Moves),
    /// Anything else that needs no answer.
    Side,
    /// Switched off for as long as the print stands: a resume switches it on again.
    Off,
    /// The last question about the machine itself.
    Learnt,
    /// The question for the card's files.
    CardList,
    /// A file of the card is to be opened.
    CardOpen,
    /// The opened file is to be printed.
    CardBegin,
}

/// Where the link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// No port.
    Closed,
    /// The port is open; the firmware may still be starting.
    Waiting {
        hello_at: Millis,
    },
    /// Hello is out.
    Greeting {
        since: Millis,
    },
    /// Hello was answered; asking who and how hot.
    Asking,
    Up,
    /// Stopped until a person connects again.
    Halted,
}

/// One printer's protocol as a pure state machine: no port, no clock, no sleep.
///
/// Call `opened` with an open port, then in a loop: `handle_order`, `handle_line` for each line heard,
/// `handle_timeout`, `poll_transmit` until it is empty, `poll_change` until it is empty.
#[derive(Debug)]
pub struct Link {
    pub(crate) stage: Stage,
    pub(crate) wire: Wire<Tag>,
    pub(crate) job: Option<Job>,
    pub(crate) sequence: Option<Sequence>,
    pub(crate) sequences: u32,
    /// Lines of ours between those of the file.
    pub(crate) side: VecDeque<(String, Tag)>,
    /// Lines that go out at once, without number.
    pub(crate) raw: VecDeque<String>,
    pub(crate) changes: VecDeque<LinkChange>,
    pub(crate) fetch: Option<StartJob>,
    pub(crate) link: LinkState,
    pub(crate) firmware: Option<Firmware>,
    pub(crate) known: Temperatures,
    pub(crate) heaters_at: Option<Now>,
    pub(crate) asked_heaters_at: Option<Now>,
    pub(crate) autoreport: bool,
    pub(crate) position: Option<[f64; 4]>,
    pub(crate) max_z: Option<f64>,
    pub(crate) recipe: Option<PauseRecipe>,
    pub(crate) sd_ready: bool,
    /// What else is known of its card.
    pub(crate) card: Card,
    pub(crate) hello_tries: u32,
    pub(crate) hello_spoilt: bool,
    pub(crate) opened_at: Now,
    pub(crate) last_said: String,
    pub(crate) filament_change: bool,
    pub(crate) leaving: bool,
    pub(crate) finished: bool,
    pub(crate) broken: Option<String>,
    /// After an emergency stop: the firmware said that it stopped, or started anew.
    pub(crate) stop_seen: bool,
    /// The firmware has answered since the port was last closed on purpose.
    pub(crate) was_up: bool,
    /// What the machine tells of itself.
    pub(crate) learner: crate::profile::Learner,
    /// It was found at work that we did not give it.
    pub(crate) at_work: Option<String>,
    /// What is done by hand.
    pub(crate) tools: Hand,
}

impl Link {
    /// Returns a link without a port.
    pub fn new(now: Now) -> Self {
        Self {
            stage: Stage::Closed,
            wire: Wire::new(now),
            job: None,
            sequence: None,
            sequences: 0,
            side: VecDeque::new(),
            raw: VecDeque::new(),
            changes: VecDeque::new(),
            fetch: None,
            link: LinkState::Closed,
            firmware: None,
            known: Temperatures::new(),
            heaters_at: None,
            asked_heaters_at: None,
            autoreport: false,
            position: None,
            max_z: None,
            recipe: None,
            sd_ready: false,
            card: Card::default(),
            hello_tries: 0,
            hello_spoilt: false,
            opened_at: now,
            last_said: String::new(),
            filament_change: false,
            leaving: false,
            finished: false,
            broken: None,
            stop_seen: false,
            was_up: false,
            learner: Default::default(),
            at_work: None,
            tools: Hand::default(),
        }
    }

    /// Returns what to write next, without the line's end; `None` when there is nothing to write now.
    pub fn poll_transmit(&mut self, now: Now) -> Option<String> {
        match self.stage {
            Stage::Closed | Stage::Halted | Stage::Greeting { .. } => return None,
            Stage::Waiting { hello_at } if now.mono_ms < hello_at => return None,
            Stage::Waiting { .. } => {
                self.stage = Stage::Greeting { since: now.mono_ms };
                return Some(self.wire.hello(Tag::Hello, now));
            }
            Stage::Asking | Stage::Up => (),
        }
        if let Some(raw) = self.raw.pop_front() {
            self.wire.sent_raw(&raw, now);
            return Some(raw);
        }
        if let Some(line) = self.wire.poll_resend(now) {
            return Some(line);
        }
        if self.wire.check(now) == Ok(true) {
            return Some(self.wire.probe(Tag::Heaters, now));
        }
        if self.wire.wants_hello() {
            return Some(self.wire.hello(Tag::Side, now));
        }
        let (text, tag) = self.next_line(now)?;
        Some(self.wire.send(&text, tag, now))
    }

    fn next_line(&mut self, now: Now) -> Option<(String, Tag)> {
        let room = self.wire.room();
        let longest = self.side.front().map_or(SHORT_LINE, |(text, _)| text.len());
        if room < longest || self.wire.is_blocked() || self.wire.is_running_out() {
            return None;
        }
        if let Some(side) = self.side.pop_front() {
            return Some(side);
        }
        if self.stage != Stage::Up {
            return None;
        }
        if let Some(step) = self.next_step(now) {
            return Some(step);
        }
        if self.poll_is_due(now) {
            self.asked_heaters_at = Some(now);
            return Some(("M105".into(), Tag::Heaters));
        }
        if self.card_is_due(now) {
            return Some(("M27".into(), Tag::Side));
        }
        self.next_of_program(room, now)
    }

    /// Returns the next line of the file, unless it is not for the printer or too long for `room`.
    fn next_of_program(&mut self, room: usize, now: Now) -> Option<(String, Tag)> {
        loop {
            if self.pauses_here(now) {
                return None;
            }
            let job = self.job.as_mut().filter(|job| job.feeds())?;
            if job.pending.front().is_some_and(|line| line.text.len() > room) {
                return None;
            }
            let Some(line) = job.pending.pop_front() else {
                if job.all_read {
                    self.finish_job(now);
                }
                return None;
            };
            match line.kind {
                LineKind::Send => {
                    if !job.started {
                        job.begin(now);
                        let print = job.start.print;
                        self.changes.push_back(LinkChange::Started(print));
                    }
                    return Some((line.text.clone(), Tag::Program(Box::new(line))));
                }
                LineKind::Skip => job.took(&line, now),
                LineKind::Pause => {
                    job.took(&line, now);
                    self.file_said(&line.text);
                    let recipe = self.recipe_of_job();
                    self.changes
                        .push_back(LinkChange::Says(format!("The file asks for a pause ({}).", line.text)));
                    self.pause(recipe, Initiator::Printer, now);
                    return None;
                }
            }
        }
    }

    fn poll_is_due(&self, now: Now) -> bool {
        let hot = self.known.values().any(|t| t.target.is_some_and(|c| c > 0.0));
        let every = match (self.autoreport, hot) {
            (true, _) => REPORTS_LATE_MS,
            (false, true) if self.job.is_none() => POLL_HOT_MS,
            (false, _) => POLL_MS,
        };
        let age = |at: Option<Now>| at.map_or(Millis::MAX, |at| now.since(at));
        age(self.heaters_at).min(age(self.asked_heaters_at)) >= every
    }

    /// Returns a file to open: a print was ordered. Answer with `begin` or `refuse_start`.
    pub fn poll_fetch(&mut self) -> Option<StartJob> {
        self.fetch.take()
    }

    /// The file was checked and can be printed.
    pub fn begin(&mut self, facts: JobFacts) {
        if let Some(job) = &mut self.job {
            job.facts = Some(facts);
        }
    }

    /// The file cannot be printed; nothing was sent.
    pub fn refuse_start(&mut self, why: String) {
        self.job = None;
        self.changes.push_back(LinkChange::Refused { order: "start".into(), why });
    }

    /// Returns whether more lines of the file are wanted.
    pub fn wants_lines(&self) -> bool {
        let wanting = |job: &Job| {
            job.facts.is_some()
                && !job.on_card
                && !job.all_read
                && !job.unreadable
                && job.pending.len() < READ_AHEAD
        };
        self.job.as_ref().is_some_and(wanting)
    }

    /// Takes the next line of the file.
    pub fn feed(&mut self, line: ProgramLine) {
        if let Some(job) = &mut self.job {
            job.pending.push_back(line);
        }
    }

    /// The file has no more lines.
    pub fn feed_end(&mut self) {
        if let Some(job) = &mut self.job {
            job.all_read = true;
        }
    }

    /// The file can no longer be read: the print is paused where it is, for people to decide.
    pub fn feed_failed(&mut self, why: &str, now: Now) {
        let text = format!("The print was paused since its file can no longer be read: {why}");
        self.changes.push_back(LinkChange::Says(text));
        let recipe = self.recipe_of_job();
        if let Some(job) = &mut self.job {
            job.unreadable = true;
        }
        self.pause(recipe, Initiator::App, now);
    }

    /// Returns whether a print is under way: its file must stay open.
    pub fn has_job(&self) -> bool {
        self.job.is_some()
    }

    /// Returns the next change, oldest first.
    pub fn poll_change(&mut self) -> Option<LinkChange> {
        self.changes.pop_front()
    }

    /// Returns whether the core may drop the port now, since it was told to stop.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// Returns why the link has to be given up, once.
    pub fn poll_broken(&mut self) -> Option<String> {
        self.broken.take()
    }

    /// Returns whether the firmware has stopped, or was stopped, until a person connects again.
    pub fn is_halted(&self) -> bool {
        self.stage == Stage::Halted
    }

    /// Returns whether the firmware answers.
    pub fn is_up(&self) -> bool {
        self.stage == Stage::Up
    }

    /// Returns whether the firmware has a capability switched on.
    pub(crate) fn can(&self, capability: &str) -> bool {
        self.firmware.as_ref().and_then(|f| f.capabilities.get(capability)).copied().unwrap_or(false)
    }

    /// Returns the recipe for a pause that nobody gave one for.
    pub(crate) fn recipe_of_job(&self) -> PauseRecipe {
        self.recipe.unwrap_or(PauseRecipe {
            retract_mm: 6.5,
            lift_z_mm: 2.5,
            max_z_mm: self.max_z.unwrap_or(LOW_MACHINE_MM),
            hotend_off: true,
            bed_off: false,
        })
    }

    /// Ends the print under way; saved moves die with it.
    pub(crate) fn end_job(&mut self, end: JobEnd) {
        self.sequence = None;
        self.fetch = None;
        self.filament_change = false;
        self.tools.job_changed();
        if let Some(job) = self.job.take() {
            self.card.print = Default::default();
            self.changes.push_back(LinkChange::Ended(job.start.print, end));
        }
    }
}
