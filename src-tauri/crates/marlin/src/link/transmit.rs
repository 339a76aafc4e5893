//! What is written next, and when there will be something to write.

use super::Link;
use crate::facts::{Facts, Stage};
use crate::job::Next;
use crate::message::Message;
use crate::startup::Greeting;
use crate::tag::Tag;
use domain::{Initiator, LinkChange, Millis, Now};

/// Our own lines are no longer than this, bytes.
const SHORT_LINE: usize = 40;

impl Link {
    /// Returns what to write next, without the line's end; `None` when there is nothing to write now.
    pub fn poll_transmit(&mut self, now: Now) -> Option<String> {
        self.now = now;
        match self.startup.stage() {
            Stage::Closed => None,
            Stage::Halted => self.poll_halted(),
            Stage::Waiting { .. } | Stage::Greeting { .. } => match self.startup.poll_transmit(now) {
                Greeting::Hello => Some(self.wire.hello(Tag::Hello, now)),
                Greeting::Query => {
                    self.wire.sent_raw("M105", now);
                    Some("M105".into())
                }
                Greeting::Nothing if self.may_write_raw() => self.outbox.pop_raw(),
                Greeting::Nothing => None,
            },
            Stage::Asking | Stage::Up => self.poll_working(),
        }
    }

    /// Returns whether lines without number go out though the firmware does not answer.
    fn may_write_raw(&self) -> bool {
        match self.startup.stage() {
            Stage::Waiting { .. } | Stage::Halted | Stage::Asking | Stage::Up => true,
            Stage::Closed | Stage::Greeting { .. } => false,
        }
    }

    /// Returns what to write to a board that is said to have stopped: heaters off and how hot it is, now and then.
    fn poll_halted(&mut self) -> Option<String> {
        if let Some(line) = self.outbox.pop_raw() {
            return Some(line);
        }
        if self.halted.is_due(self.now) {
            self.switch_off_raw();
            self.out.raw("M105");
            self.route();
        }
        self.outbox.pop_raw()
    }

    fn poll_working(&mut self) -> Option<String> {
        let now = self.now;
        if let Some(raw) = self.outbox.pop_raw() {
            self.wire.sent_raw(&raw, now);
            return Some(raw);
        }
        if self.complaints.take_renumber() {
            return Some(self.wire.hello(Tag::Side, now));
        }
        if let Some(line) = self.wire.poll_resend(now) {
            return Some(line);
        }
        if self.wire.check(now) == Ok(true) || self.standstill.is_due() {
            return Some(self.wire.probe(self.standstill.probe_tag(), now));
        }
        if self.standstill.is_waiting() {
            return None;
        }
        if self.wire.wants_hello() {
            return Some(self.wire.hello(Tag::Side, now));
        }
        let (text, tag) = self.next_line()?;
        self.heating.on_sent(&text, &tag, self.manual.active_tool());
        self.manual.on_sent(&text, &tag);
        Some(self.wire.send(&text, tag, now))
    }

    /// Returns whether a new line may go out.
    fn has_room(&self) -> bool {
        let longest = self.outbox.next_len().unwrap_or(SHORT_LINE);
        self.wire.room() >= longest && !self.wire.is_running_out()
    }

    fn next_line(&mut self) -> Option<(String, Tag)> {
        if !self.has_room() {
            return None;
        }
        if self.wire.is_blocked() {
            // What switches off waits behind nothing but the command at work.
            return if self.control.is_ending() { self.next_step() } else { None };
        }
        if let Some(line) = self.outbox.pop_line() {
            return Some(line);
        }
        if !self.is_up() {
            return None;
        }
        if let Some(step) = self.next_step() {
            return Some(step);
        }
        if let Some(question) = self.heating.poll_transmit(&facts!(self)) {
            return Some(question);
        }
        if self.heating.is_suspect(self.now) {
            return None;
        }
        if let Some(question) = self.card.poll_transmit(&facts!(self)) {
            return Some(question);
        }
        if let Some(question) = self.manual.poll_transmit(&facts!(self)) {
            return Some(question);
        }
        self.next_of_program()
    }

    /// Returns the line of the step that is due. What steps without a line bring is seen to on the way.
    fn next_step(&mut self) -> Option<(String, Tag)> {
        loop {
            let line = self.control.poll_transmit(&facts!(self), &self.heating, &mut self.out);
            if line.is_some() || self.out.is_empty() {
                self.route();
                return line;
            }
            self.route();
        }
    }

    /// Returns the next line of the file, unless it is not for the printer or too long.
    fn next_of_program(&mut self) -> Option<(String, Tag)> {
        let line = loop {
            let room = self.wire.room();
            self.feed.prepare(self.control.height_mm(self.machine.max_z_mm()));
            if self.feed.feeds() && self.manual.pauses_before(self.feed.front(), &mut self.out) {
                break None;
            }
            match self.feed.poll_transmit(room, self.now) {
                Next::Skipped => (),
                Next::Send { text, tag, first } => {
                    if let Some(print) = self.print().filter(|_| first) {
                        self.out.change(LinkChange::Started(print));
                    }
                    break Some((text, tag));
                }
                Next::Pause(text) => {
                    self.manual.on_file_pause(&text);
                    self.out.change(LinkChange::Says(format!("The file asks for a pause ({text}).")));
                    self.out.ask(Message::Pause(Initiator::Printer));
                    break None;
                }
                Next::End => {
                    self.control.finish(&mut self.out);
                    break None;
                }
                Next::Nothing => break None,
            }
        };
        self.route();
        line
    }

    /// Returns when there is something to write, as far as time alone decides: milliseconds of the monotonic clock, in
    /// the past when it is now.
    pub(super) fn poll_transmit_timeout(&self) -> Option<Millis> {
        if self.may_write_raw() && self.outbox.has_raw() {
            return Some(0);
        }
        if !matches!(self.startup.stage(), Stage::Asking | Stage::Up) {
            return None;
        }
        if self.complaints.wants_renumber() || self.standstill.is_due() || self.wire.wants_hello() {
            return Some(0);
        }
        if self.standstill.is_waiting() || !self.has_room() {
            return None;
        }
        let facts = facts!(self);
        let step = self.control.poll_transmit_timeout(&facts, &self.heating);
        if self.wire.is_blocked() {
            return step.filter(|_| self.control.is_ending());
        }
        if self.outbox.next_len().is_some() {
            return Some(0);
        }
        if !self.is_up() {
            return None;
        }
        let heat = Some(self.heating.poll_transmit_timeout(&facts));
        let (asked, program) = if self.heating.is_suspect(self.now) {
            ([None, None], None)
        } else {
            let program = self.feed.has_next(self.wire.room()).then_some(0);
            ([self.card.poll_transmit_timeout(&facts), self.manual.poll_transmit_timeout(&facts)], program)
        };
        [step, heat, asked[0], asked[1], program].into_iter().flatten().min()
    }
}
