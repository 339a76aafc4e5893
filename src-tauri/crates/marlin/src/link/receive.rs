//! What the printer says, offered to one part after the other.

use super::Link;
use crate::facts::{Facts, Stage};
use crate::message::Message;
use crate::patience::{Class, class};
use crate::profile;
use crate::program::ProgramLine;
use crate::reply::{Busy, Position, Reply};
use crate::sequence::Told;
use crate::startup::Startup;
use crate::tag::Tag;
use crate::temperature::{Reading, readings};
use crate::wire::Acknowledged;
use domain::{HaltCause, Initiator, JobEnd, JobPhase, LinkChange, Millis, Now};

impl Link {
    /// Takes in one line from the printer.
    pub fn handle_line(&mut self, raw: &str, now: Now) {
        self.now = now;
        if self.startup.stage() == Stage::Closed {
            return;
        }
        self.wire.heard(now);
        self.profile.on_line(raw);
        let reply = Reply::parse(raw);
        if std::mem::take(&mut self.silence_told) {
            self.out.change(LinkChange::Speaks);
        }
        self.startup.note_work(raw, &reply);
        self.complaints.on_line(raw, &reply, now, &mut self.out);
        self.route();
        if self.is_halted() {
            return self.handle_while_halted(&reply);
        }
        self.startup.on_line(&reply, now);
        let of_card = self.card.on_line(raw, &facts!(self), &mut self.out);
        self.route();
        if of_card {
            return;
        }
        if let Some(count) = self.manual.on_line(raw, &facts!(self), &mut self.out) {
            self.heating.on_tool_count(count);
        }
        self.route();
        self.control.on_told(Told::Line(raw));
        self.handle_reply(raw, reply);
        self.route();
    }

    fn handle_while_halted(&mut self, reply: &Reply) {
        if let Reply::Ok { heaters, .. } | Reply::Heaters(heaters) = reply {
            self.on_heaters(heaters);
        }
        self.halted.on_reply(reply, &mut self.out);
        self.route();
    }

    fn handle_reply(&mut self, raw: &str, reply: Reply) {
        let now = self.now;
        match reply {
            Reply::Ok { n, free, heaters, position } => {
                if let Some(position) = position {
                    self.on_position(position);
                }
                if let Some(free) = free {
                    self.wire.free_slots(free as usize);
                }
                // Klipper puts its answer to M115 behind the `ok`.
                if let Some(at) = raw.find("FIRMWARE_NAME:") {
                    self.machine.on_firmware(profile::firmware(&raw[at..]));
                }
                self.on_ok(n, &heaters);
            }
            Reply::Damaged => {
                // Glued to a report, it is one; damaged by noise, the rest may be still on its way.
                let heaters = readings(raw);
                self.wire.suspect(if heaters.is_empty() { 300 } else { 20 }, now);
                self.on_heaters(&heaters);
            }
            Reply::Resend(n) => self.on_resend(n),
            Reply::BadLine(last) => {
                self.wire.bad_line(last, now);
                self.startup.on_bad_line();
                // Some firmwares ask for the line only when the next one comes.
                self.wire.suspect(700, now);
            }
            Reply::Busy(busy) => self.on_busy(busy),
            Reply::Wait => self.wire.suspect(200, now),
            Reply::Heaters(heaters) => self.on_heaters(&heaters),
            Reply::Position(position) => self.on_position(position),
            Reply::Locked => self.on_locked(),
            Reply::Boot => self.on_boot(),
            Reply::Halted(text) => {
                self.complaints.on_halted(HaltCause::Firmware, text, &facts!(self), &mut self.out);
            }
            Reply::Fault(text) => self.complaints.on_fault(text, &facts!(self), &mut self.out),
            Reply::Refused(text) => self.on_refused(text),
            Reply::NotReady(text) => self.complaints.on_not_ready(&text, &facts!(self), &mut self.out),
            Reply::Harmless(text) => self.complaints.on_harmless(text, now, &mut self.out),
            Reply::Firmware(line) => self.machine.on_firmware(profile::firmware(&line)),
            Reply::Cap(name, on) => self.machine.on_capability(name, on),
            Reply::MaxZ(z) => self.machine.on_max_z(z),
            Reply::Action(words) => self.on_action(&words),
            Reply::Card(_) | Reply::Other => (),
        }
    }

    fn on_position(&mut self, position: Position) {
        let e = self.feed.job().map(|job| job.place().e);
        self.machine.on_position(position, e);
        self.control.on_told(Told::Position);
    }

    fn on_heaters(&mut self, readings: &[Reading]) {
        if readings.is_empty() {
            return;
        }
        self.machine.on_temperatures(readings, self.now);
        self.heating.on_reported(readings, &facts!(self), &mut self.out);
        self.control.on_told(Told::Heaters);
    }

    /// What is sent to a locked printer is lost, though it says `ok`.
    fn on_locked(&mut self) {
        let why = "the printer is locked: unlock it at its display, or with M511 and its code in the terminal, then \
                   start again";
        if self.has_job() {
            self.end_print(JobEnd::Interrupted { why: why.into() });
        } else {
            self.out.say("The printer is locked and does nothing: unlock it at its display.".into());
        }
    }

    fn on_boot(&mut self) {
        match self.startup.stage() {
            Stage::Asking | Stage::Up => self.reboot(),
            Stage::Waiting { .. } if self.feed.job().is_some_and(|job| job.is_on_card()) => {
                let why = "connecting again has restarted the printer, so its print from the card has ended: remove \
                           the part, then start again";
                self.end_print(JobEnd::Interrupted { why: why.into() });
            }
            Stage::Waiting { .. } | Stage::Greeting { .. } | Stage::Closed | Stage::Halted => {
                self.startup.on_boot(self.now);
            }
        }
    }

    fn on_busy(&mut self, busy: Busy) {
        let for_person = busy == Busy::ForPerson;
        self.profile.on_busy();
        self.wire.busy(for_person, self.now);
        if for_person {
            let text = "The printer waits for you: change the filament or press its knob.";
            self.manual.tell_filament_change(text, &mut self.out);
        }
    }

    fn on_refused(&mut self, said: String) {
        let (command, tag) = self.wire.front().unwrap_or_default();
        let command = command.to_owned();
        let line: Option<ProgramLine> = match tag {
            Some(Tag::Program(line)) => Some((**line).clone()),
            Some(_) | None => None,
        };
        self.complaints.on_refused(said, &command, line.as_ref(), &facts!(self), &mut self.out);
    }

    fn on_ok(&mut self, n: Option<u32>, heaters: &[Reading]) {
        self.on_heaters(heaters);
        if self.startup.on_ok(self.now) {
            return;
        }
        if n.is_none() && heaters.is_empty() && self.wire.ok_follows_bad_line(self.now) {
            // Some firmwares ask for the line in words that nobody knows, or not at all.
            self.on_resend(None);
        }
        let acknowledged = self.wire.ok(n, !heaters.is_empty(), self.now);
        self.on_acknowledged(acknowledged);
    }

    fn on_resend(&mut self, n: Option<u32>) {
        let stage = self.startup.stage();
        if matches!(stage, Stage::Greeting { .. } | Stage::Waiting { .. }) {
            return self.startup.on_bad_line();
        }
        if stage == Stage::Asking && n.is_some_and(|n| self.wire.count_from(n)) {
            // It never took the number that it was greeted with: its own is as good.
            return Startup::ask_who(&mut self.out);
        }
        match self.wire.resend(n, self.now) {
            Ok(acknowledged) => self.on_acknowledged(acknowledged),
            Err(e) => {
                self.wire_failed(e);
                self.route();
            }
        }
    }

    fn on_acknowledged(&mut self, acknowledged: Vec<Acknowledged<Tag>>) {
        for Acknowledged { text, tag, waited_ms } in acknowledged {
            self.complaints.on_acknowledged();
            self.heating.on_acknowledged(&text, &tag, &facts!(self));
            self.manual.on_acknowledged(&text, &tag, &facts!(self), &mut self.out);
            self.on_tag(text, tag, waited_ms);
            self.route();
        }
    }

    /// A line was acknowledged: whoever sent it hears of it.
    fn on_tag(&mut self, text: String, tag: Tag, waited_ms: Millis) {
        match tag {
            Tag::Hello => self.startup.greeted(&mut self.out),
            // A Klipper that is starting answers all this; a command shows that it is ready.
            Tag::Firmware if self.machine.is_klipper() => self.out.line("M27", Tag::Ready),
            Tag::Firmware | Tag::Ready => self.on_up(),
            Tag::Program(line) => self.on_program_acknowledged(&line, text, waited_ms),
            Tag::Step(number, moves) => {
                let step = (number, moves);
                self.control.on_acknowledged(step, &facts!(self), &self.heating, &mut self.out);
            }
            Tag::Profile => self.profile.on_answered(),
            Tag::SaveZ => self.manual.on_save_acknowledged(&facts!(self), &mut self.out),
            Tag::Dial(asked) => self.manual.on_dial_answered(asked),
            Tag::Side => self.manual.on_side_acknowledged(&text),
            Tag::CardList => self.card.on_listed(),
            Tag::CardOpen => self.on_card_opened(),
            Tag::CardBegin => self.on_card_begun(),
            Tag::InStep => self.standstill.over(),
            Tag::OffReadBack => self.heating.read_back_answered(self.now, &mut self.out),
            Tag::Heaters | Tag::Off => (),
        }
    }

    fn on_up(&mut self) {
        self.startup.up();
        let autoreport = self.machine.can("AUTOREPORT_TEMP");
        self.wire.set_chatty(autoreport);
        self.heating.on_up(autoreport, &mut self.out);
        // A print from the card goes on whoever connects.
        if !self.machine.is_klipper() {
            self.out.line("M27", Tag::Side);
        }
        if !(self.startup.at_work().is_some() || self.prints_alone()) {
            self.profile.ask(&facts!(self), &mut self.out);
        }
        Startup::tell_up(&facts!(self), &mut self.out);
    }

    fn on_program_acknowledged(&mut self, line: &ProgramLine, text: String, waited_ms: Millis) {
        let now = self.now;
        if let Some(job) = self.feed.job_mut() {
            job.on_acknowledged(line, now);
        }
        self.manual.on_program_acknowledged(&text);
        if class(&text) == Class::Person {
            self.manual.on_change_acknowledged(&text, waited_ms, &facts!(self), &mut self.out);
            self.route();
            self.resumed_by_firmware();
        }
        self.complaints.on_program_acknowledged(line.index, text, &mut self.out);
    }

    /// `M23` was answered.
    fn on_card_opened(&mut self) {
        let job = self.feed.job().filter(|job| job.is_on_card() && !job.has_started());
        if let Some(job) = job.filter(|job| job.phase() != JobPhase::Cancelling) {
            self.card.on_open_answered(job.start(), &mut self.out);
        }
    }

    /// `M24` was answered: it prints.
    fn on_card_begun(&mut self) {
        if self.feed.job().is_some_and(|job| job.is_on_card() && !job.has_started()) {
            self.begin_card_print(None);
        }
    }

    /// What the printer's display or firmware asks of a host: `//action:`.
    fn on_action(&mut self, words: &str) {
        let (word, rest) = words.split_once(' ').unwrap_or((words, ""));
        self.manual.on_action(word, rest);
        let facts = facts!(self);
        let by_firmware = facts.print.is_some_and(|print| print.paused_by_firmware);
        match word {
            // It has begun to pause by itself and goes on by itself.
            "pause" if facts.waits_for_person() => self.paused_by_firmware(rest),
            "pause" => self.out.ask(Message::PauseIfPrinting(Initiator::Printer)),
            "paused" => self.paused_by_firmware(rest),
            // The printer only says what it does: how far its card is read tells the rest.
            "resume" if facts.on_card() => self.card.ask_soon(),
            "resume" if by_firmware => self.resumed_by_firmware(),
            "resume" if self.control.resume_after_pause() => (),
            // Pressed at its display while nothing is paused: nobody here is waiting for an answer.
            "resume" if facts.phase() != Some(JobPhase::Paused) => (),
            "resume" => self.out.ask(Message::Resume(Initiator::Printer)),
            "resumed" => self.resumed_by_firmware(),
            "cancel" => {
                self.control.cancel(Initiator::Printer, &facts!(self), &self.heating, &mut self.out);
            }
            "out_of_filament" | "filament_runout" => {
                let text = "The printer ran out of filament: load new one, then resume.";
                self.manual.tell_filament_change(text, &mut self.out);
                self.out.ask(Message::PauseIfPrinting(Initiator::Printer));
            }
            "poweroff" | "shutdown" => {
                let (cause, text) = (HaltCause::PowerOff, words.to_owned());
                self.complaints.on_halted(cause, text, &facts!(self), &mut self.out);
            }
            "probe_success" => self.complaints.on_retried(),
            "notification" | "prompt_begin" => self.out.say(rest.to_owned()),
            "disconnect" => {
                let text = "The printer asks to be disconnected: press Disconnect once nothing prints.";
                self.out.say(text.into());
            }
            "sd_inserted" | "sd_updated" => self.card.on_changed(true),
            "sd_ejected" => self.card.on_changed(false),
            _ => (),
        }
    }

    /// The firmware has paused by itself and parks the head itself: nothing is sent.
    fn paused_by_firmware(&mut self, why: &str) {
        let now = self.now;
        let parks = |on_card: bool, phase: JobPhase| on_card && phase == JobPhase::Pausing;
        let job = self.feed.job_mut();
        let Some(job) = job.filter(|job| job.feeds() || parks(job.is_on_card(), job.phase())) else { return };
        if job.is_on_card() {
            self.control.abandon();
        }
        job.paused_by_firmware(now);
        self.out.change(LinkChange::Paused(job.print(), Initiator::Printer));
        let runout = why.contains("runout") || why.contains("filament");
        if runout || self.wire.front().is_some_and(|(text, _)| text.starts_with("M600")) {
            let text = "The printer asks for new filament: follow its display.";
            self.manual.tell_filament_change(text, &mut self.out);
        }
    }

    fn resumed_by_firmware(&mut self) {
        let now = self.now;
        self.manual.filament_changed();
        if let Some(print) = self.feed.job_mut().and_then(|job| job.resumed_by_firmware(now)) {
            self.out.change(LinkChange::Resumed(print, Initiator::Printer));
        }
    }
}
