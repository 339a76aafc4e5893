//! One printer's link: composed of parts, each with a state of its own. It hands each of them what comes in, and sees to
//! what they emit; it decides nothing itself.

/// What every part may know now.
macro_rules! facts {
    ($link:expr) => {
        Facts {
            now: $link.now,
            stage: $link.startup.stage(),
            machine: &$link.machine,
            print: $link.feed.facts($link.machine.position()),
            aim: $link.control.aim(),
            in_flight: $link.wire.class_in_flight(),
            height_mm: $link.control.height_mm($link.machine.max_z_mm()),
            tool: $link.manual.active_tool(),
            homed: $link.manual.homed(),
            fan_by_hand: $link.manual.fan(),
            card_print_found: $link.card.is_print_found(),
            card_moves: $link.card.moves(),
        }
    };
}

mod orders;
mod receive;
mod report;
mod state;
mod time;
mod transmit;
mod wire_faults;

use crate::complaint::Complaints;
use crate::control::Control;
use crate::facts::{Facts, Machine, Stage};
use crate::feed::Feed;
use crate::halted::HaltedBoard;
use crate::heating::Heating;
use crate::manual::ManualControl;
use crate::message::{CardNews, Message};
use crate::out::{Out, Outbox};
use crate::profile::FirmwareProfile;
use crate::sd_card::Card;
use crate::sequence::Told;
use crate::standstill::Standstill;
use crate::startup::{BANNER_QUIET_MS, Startup};
use crate::tag::Tag;
use crate::wire::Wire;
use domain::{
    HaltCause, Initiator, JobEnd, JobPhase, LinkChange, Millis, Now, OrderKind, RefusedReason, StartJob,
    Temperatures,
};

/// One printer's protocol as a pure state machine: no port, no clock, no sleep.
///
/// Call `opened` with an open port, then in a loop: `handle_order`, `handle_line` for each line heard,
/// `handle_timeout`, `poll_transmit` until it is empty, `poll_change` until it is empty; `poll_timeout` says when to come
/// back if nothing else happens.
#[derive(Debug)]
pub struct Link {
    /// The moment of the last call that told one.
    now: Now,
    machine: Machine,
    startup: Startup,
    profile: FirmwareProfile,
    wire: Wire<Tag>,
    feed: Feed,
    control: Control,
    card: Card,
    manual: ManualControl,
    heating: Heating,
    complaints: Complaints,
    halted: HaltedBoard,
    standstill: Standstill,
    /// A silence was told.
    silence_told: bool,
    out: Out,
    outbox: Outbox,
}

impl Link {
    /// Returns a link without a port.
    pub fn new(now: Now) -> Self {
        Self {
            now,
            machine: Machine::default(),
            startup: Startup::new(now),
            profile: FirmwareProfile::default(),
            wire: Wire::new(now),
            feed: Feed::default(),
            control: Control::default(),
            card: Card::default(),
            manual: ManualControl::default(),
            heating: Heating::default(),
            complaints: Complaints::default(),
            halted: HaltedBoard::default(),
            standstill: Standstill::default(),
            silence_told: false,
            out: Out::default(),
            outbox: Outbox::default(),
        }
    }

    /// The port is open. Nothing of what was known before holds. `holds_back`: the port takes no more bytes than the
    /// board can store, as USB without a serial chip does.
    pub fn opened(&mut self, holds_back: bool, now: Now) {
        self.now = now;
        self.wire.opened(holds_back, now);
        self.machine.opened();
        self.profile.opened();
        self.startup.opened(now);
        self.forget_firmware();
        self.route();
    }

    /// The port was closed on purpose.
    pub fn closed(&mut self) {
        self.complaints.closed(self.is_halted());
        self.startup.closed();
        self.machine.closed();
    }

    /// The link broke. A print under way has ended, unless the printer reads it from its card.
    pub fn lost(&mut self, why: &str) {
        let alone = self.prints_alone();
        let why = if alone { self.lose_sight(why) } else { why.to_owned() };
        if !alone {
            self.end_print(JobEnd::Interrupted { why: format!("the link to the printer broke: {why}") });
        }
        self.startup.lost(why, alone, &mut self.out);
        self.wire.reset(self.startup.opened_at());
        self.route();
    }

    /// The link is gone, but the printer may print on from its card. Returns what is said of it.
    fn lose_sight(&mut self, why: &str) -> String {
        self.control.abandon();
        if let Some(job) = self.feed.job_mut().filter(|job| job.is_changing()) {
            // What was begun is not known to be done: the print counts as running until the printer tells.
            job.back_to_running();
            self.control.drop_ticks();
        }
        self.card.lost_sight(why)
    }

    /// `M112` is out: whatever was under way has ended and nothing more is sent.
    pub fn emergency(&mut self) {
        let why = "the emergency stop was pressed: reset the printer before you connect again";
        self.end_print(JobEnd::Interrupted { why: why.into() });
        self.out.drop_lines();
        self.out.drop_raw();
        self.halted.on_emergency();
        self.startup.halted(HaltCause::EmergencyStop, "Emergency stop: not confirmed yet".into());
        self.route();
    }

    /// Says how an emergency stop ended.
    pub fn emergency_over(&mut self, cause: HaltCause, text: &str) {
        self.halt(cause, text.to_owned(), cause == HaltCause::EmergencyUnanswered);
        self.route();
    }

    /// The machine slept: nobody knows what the printer did meanwhile, and USB was without power.
    pub fn slept(&mut self, gap_ms: Millis) {
        if matches!(self.startup.stage(), Stage::Closed | Stage::Halted) {
            return;
        }
        let secs = gap_ms / 1000;
        self.out.broken(format!("this computer slept for {secs} s; turn its sleep off while printing"));
        self.route();
    }

    /// This process stood still while the printer went on: the printer is asked before anything else is sent.
    pub fn stood_still(&mut self) {
        self.standstill.stood_still(self.startup.stage());
    }

    /// It answers in X3G, which is no G-code: it will never be understood.
    pub fn speaks_x3g(&mut self) {
        self.startup.speaks_x3g(&mut self.out);
        self.route();
    }

    /// Returns whether a print is under way; its file must stay open.
    pub fn has_job(&self) -> bool {
        self.feed.job().is_some()
    }

    /// Returns whether the printer prints from its card, so that it goes on without us.
    pub fn prints_alone(&self) -> bool {
        self.feed.job().is_some_and(|job| job.is_on_card() && job.has_started())
    }

    /// Returns whether the firmware has stopped, or was stopped, until a person connects again.
    pub fn is_halted(&self) -> bool {
        self.startup.stage() == Stage::Halted
    }

    /// Returns whether the firmware answers.
    pub fn is_up(&self) -> bool {
        self.startup.stage() == Stage::Up
    }

    /// Sees to all that parts have emitted, depth first: what a message brings comes before what was emitted behind it.
    fn route(&mut self) {
        let mut out = std::mem::take(&mut self.out);
        while let Some((message, rest)) = self.outbox.take(&mut out) {
            self.handle_message(message);
            self.route();
            out = rest;
        }
    }

    fn handle_message(&mut self, message: Message) {
        match message {
            Message::EndPrint(end) => self.end_print(end),
            Message::ClosePrint(end) => self.close_print(end),
            Message::RefuseStart(reason, why) => self.refuse_print(reason, why),
            Message::FailPrint(why) => {
                if self.has_job() {
                    self.complaints.print_failed(why);
                    self.control.cancel(Initiator::Printer, &facts!(self), &self.heating, &mut self.out);
                }
            }
            Message::Pause(by) => self.control.pause(by, &facts!(self), &mut self.out),
            Message::PauseIfPrinting(by) => {
                self.control.pause_if_printing(by, &facts!(self), &mut self.out);
            }
            Message::Resume(by) => self.control.resume(by, &facts!(self), &mut self.out),
            Message::ResumeAtPrinter => self.manual.resume_at_printer(&facts!(self), &mut self.out),
            Message::Finish => self.control.finish(&mut self.out),
            Message::Finished { place_unknown, unread } => {
                let position = self.machine.position().filter(|_| !place_unknown);
                let area = self.manual.area();
                let end = self.feed.job().map_or(JobEnd::Finished, |job| job.end_of_file(position, area));
                self.out.change(LinkChange::HeatersOff { unconfirmed: unread });
                self.out.ask(Message::ClosePrint(end));
            }
            Message::Resumed { by, targets } => self.resumed(by, targets),
            Message::Phase(phase) => {
                if let Some(job) = self.feed.job_mut() {
                    job.enter(phase, self.now);
                }
            }
            Message::DropProgram => self.feed.drop_program(),
            Message::DropFetch => self.feed.drop_fetch(),
            Message::LeaveNow => self.control.leave_now(&mut self.out),
            Message::OffUnconfirmed => self.control.off_unconfirmed(),
            Message::SwitchOff { fan } => self.heating.switch_off(fan, &mut self.out),
            Message::SwitchOffRaw => self.switch_off_raw(),
            Message::HotendsOff => {
                for (line, _) in self.heating.hotends_off_lines() {
                    self.out.line(line, Tag::Off);
                }
            }
            Message::WaitCut(for_heat) => self.heating.wait_ended(for_heat),
            Message::NotAtWork => self.startup.not_at_work(),
            Message::ForgetCardByte => self.card.forget_byte(),
            Message::CardStands(stands) => self.control.on_told(Told::CardStands(stands)),
            Message::CardPaused => self.card.on_paused(),
            Message::Card(news) => self.handle_card(news),
            Message::ResetWire => self.wire.reset(self.now),
            Message::StartOver(greet_in) => self.start_over(greet_in),
            Message::Rebooted => self.reboot(),
            Message::Halt(cause, text) => self.halt(cause, text, false),
        }
    }

    /// What the card tells of the print from it.
    fn handle_card(&mut self, news: CardNews) {
        let now = self.now;
        let Some(job) = self.feed.job_mut() else { return };
        match news {
            CardNews::Byte(at, of) => job.card_byte(at, of),
            CardNews::Bytes(bytes) => job.card_bytes(bytes),
            CardNews::Prints => job.card_prints(now),
            CardNews::Read => {
                job.card_read();
                self.control.finish(&mut self.out);
            }
            CardNews::Stopped(text) => {
                job.enter(JobPhase::Paused, now);
                self.manual.set_pause_text(text);
                self.out.change(LinkChange::Paused(job.print(), Initiator::Printer));
            }
            CardNews::GoesOn(by) => {
                job.enter(JobPhase::Printing, now);
                self.control.card_goes_on();
                self.manual.set_pause_text("");
                self.out.change(LinkChange::Resumed(job.print(), by));
            }
        }
    }

    fn resumed(&mut self, by: Initiator, targets: Option<Temperatures>) {
        let now = self.now;
        let Some(job) = self.feed.job_mut() else { return };
        if let Some(targets) = targets {
            self.heating.print_resumed(&targets, now);
        }
        job.enter(if job.is_extruding() { JobPhase::Printing } else { JobPhase::Heating }, now);
        self.out.change(LinkChange::Resumed(job.print(), by));
    }

    /// Ends the print under way. Whatever ends a print in the middle leaves nothing hot behind, as long as lines are
    /// taken.
    fn end_print(&mut self, end: JobEnd) {
        let started = self.feed.job().is_some_and(|job| job.has_started());
        let cut_short = matches!(end, JobEnd::Interrupted { .. });
        self.close_print(end);
        if started && cut_short && self.is_up() && !self.control.is_leaving() {
            self.heating.switch_off(true, &mut self.out);
        }
    }

    /// Ends the print under way, whose heaters were seen to already.
    fn close_print(&mut self, end: JobEnd) {
        self.control.print_over();
        self.manual.print_over();
        self.heating.print_over();
        if let Some(job) = self.feed.over() {
            self.card.print_over();
            let end = self.complaints.end_of_print(end);
            self.out.change(LinkChange::Ended(job.print(), end));
        }
    }

    /// The print cannot be begun; nothing was sent.
    fn refuse_print(&mut self, reason: RefusedReason, why: String) {
        let card = self.feed.refused().is_some_and(|job| job.is_on_card());
        let order = if card { OrderKind::SdPrint } else { OrderKind::Start };
        self.out.change(LinkChange::Refused { order, reason, why });
    }

    /// A print begins: its file is to be opened, or it is on the card.
    fn begin_print(&mut self, start: StartJob, on_card: bool) {
        self.outbox.print_begins();
        self.control.print_begins(&facts!(self));
        if on_card { self.feed.start_from_card(start) } else { self.feed.start(start) }
    }

    /// The printer prints from its card, from this byte on where that is known.
    fn begin_card_print(&mut self, byte: Option<(u64, u64)>) {
        let now = self.now;
        let Some(job) = self.feed.job_mut() else { return };
        job.card_begun(now);
        if let Some((at, of)) = byte {
            job.card_byte(at, of);
        }
        self.out.change(LinkChange::Started(job.print()));
        self.card.print_begins(byte, &facts!(self), &mut self.out);
    }

    /// Everything off, at once and without numbers. Nothing for a print that goes on without us: it would go on cold.
    fn switch_off_raw(&mut self) {
        if !self.prints_alone() {
            self.heating.all_off().into_iter().for_each(|line| self.out.raw(line));
        }
    }

    /// Stopped until the board is shown to take lines, or a person connects again.
    fn halt(&mut self, cause: HaltCause, text: String, switch_off_now: bool) {
        self.startup.halted(cause, text.clone());
        self.out.drop_lines();
        self.out.drop_raw();
        self.complaints.halted();
        self.halted.on_halt(cause);
        self.out.change(LinkChange::Halted { cause, text, switch_off_now });
    }

    /// The printer has forgotten everything: homing, heat, line numbers.
    fn reboot(&mut self) {
        let why = "the printer restarted in the middle of the print, so its place and its heat are lost: remove the \
                   part, check power supply and USB cable, then start again";
        self.end_print(JobEnd::Interrupted { why: why.into() });
        self.out.change(LinkChange::Rebooted);
        self.out.ask(Message::StartOver(BANNER_QUIET_MS));
    }

    fn start_over(&mut self, greet_in: Millis) {
        self.startup.start_over(greet_in, self.now);
        self.forget_firmware();
    }

    /// Nothing that the firmware told or was told holds.
    fn forget_firmware(&mut self) {
        self.wire.reset(self.now);
        self.machine.start_over();
        self.complaints.start_over();
        self.halted.start_over();
        self.standstill.over();
        self.manual.start_over();
        self.heating.start_over();
        self.card.start_over(self.feed.job().is_some_and(|job| job.is_on_card()));
        self.silence_told = false;
        self.out.drop_lines();
        self.out.drop_raw();
    }
}
