//! The file of a print: asked for, checked, fed line by line.

use crate::facts::PrintFacts;
use crate::job::{Job, Next};
use crate::offset::with_offset;
use crate::program::{JobFacts, ProgramLine};
use domain::{Now, StartJob};
use std::collections::BTreeMap;

/// The print under way, if any, and its file.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    job: Option<Job>,
    /// A file that is to be opened.
    fetch: Option<StartJob>,
    /// Degrees added to the targets of files, by heater.
    offsets: BTreeMap<String, f64>,
}

impl Feed {
    /// A print was ordered: its file is to be opened.
    pub(crate) fn start(&mut self, start: StartJob) {
        self.job = Some(Job::new(start.clone()));
        self.fetch = Some(start);
    }

    /// The printer is to print a file of its card, or does so already.
    pub(crate) fn start_from_card(&mut self, start: StartJob) {
        self.job = Some(Job::on_card(start));
    }

    pub(crate) fn set_offsets(&mut self, offsets: BTreeMap<String, f64>) {
        self.offsets = offsets;
    }

    pub(crate) fn job(&self) -> Option<&Job> {
        self.job.as_ref()
    }

    pub(crate) fn job_mut(&mut self) -> Option<&mut Job> {
        self.job.as_mut()
    }

    /// Returns what others may see of the print. `position`: where the printer tells its head.
    pub(crate) fn facts(&self, position: Option<[f64; 4]>) -> Option<PrintFacts> {
        self.job.as_ref().map(|job| job.facts(position))
    }

    /// The print is over. Returns it, if there was one.
    pub(crate) fn over(&mut self) -> Option<Job> {
        self.fetch = None;
        self.job.take()
    }

    /// The file cannot be printed, so there is no print. Returns it.
    pub(crate) fn refused(&mut self) -> Option<Job> {
        self.job.take()
    }

    /// The file is not wanted any more.
    pub(crate) fn drop_fetch(&mut self) {
        self.fetch = None;
    }

    /// Lines that were fed are not wanted any more, nor is the file.
    pub(crate) fn drop_program(&mut self) {
        self.fetch = None;
        if let Some(job) = &mut self.job {
            job.drop_pending();
        }
    }

    pub(crate) fn poll_fetch(&mut self) -> Option<StartJob> {
        self.fetch.take()
    }

    /// The file was checked and can be printed. Returns whether a print waits for it.
    pub(crate) fn checked(&mut self, facts: JobFacts) -> bool {
        if let Some(job) = &mut self.job {
            job.checked(facts);
        }
        self.job.is_some()
    }

    /// Takes the next line of the file; its targets are raised by the offsets.
    pub(crate) fn feed(&mut self, mut line: ProgramLine) {
        if let Some(text) = with_offset(&line.text, line.after.tool, &self.offsets) {
            line.text = text;
        }
        if let Some(job) = &mut self.job {
            job.feed(line);
        }
    }

    pub(crate) fn feed_end(&mut self) {
        if let Some(job) = &mut self.job {
            job.feed_end();
        }
    }

    pub(crate) fn feed_failed(&mut self) {
        if let Some(job) = &mut self.job {
            job.feed_failed();
        }
    }

    pub(crate) fn wants_lines(&self) -> bool {
        self.job.as_ref().is_some_and(Job::wants_lines)
    }

    /// Returns whether lines of the file go out, as far as the print itself is concerned.
    pub(crate) fn feeds(&self) -> bool {
        self.job.as_ref().is_some_and(Job::feeds)
    }

    /// Makes the line ready that is next. `height_mm`: that of the machine.
    pub(crate) fn prepare(&mut self, height_mm: Option<f64>) {
        if let Some(job) = &mut self.job {
            job.prepare(height_mm);
        }
    }

    /// Returns the line that is next, while lines are sent.
    pub(crate) fn front(&self) -> Option<&ProgramLine> {
        self.job.as_ref()?.front()
    }

    /// Returns what the next line comes to, when it is no longer than `room`.
    pub(crate) fn poll_transmit(&mut self, room: usize, now: Now) -> Next {
        self.job.as_mut().map_or(Next::Nothing, |job| job.poll_transmit(room, now))
    }

    /// Returns whether a line of the file, or the end of it, could go out now.
    pub(crate) fn has_next(&self, room: usize) -> bool {
        self.job.as_ref().is_some_and(|job| job.has_next(room))
    }
}
