//! A print that the printer reads from its own card, followed by how far it is read.
//!
//! Nothing is fed, so the printer goes on when the link is gone. What is known of it is what `M27` says.

use crate::facts::{Facts, PrintFacts};
use crate::message::{CardNews, Message};
use crate::out::Out;
use domain::{Initiator, JobEnd, JobPhase, Millis, Now};

/// How far it is is asked for as often.
const ASK_MS: Millis = 3_000;
/// A print found by chance is looked for as long after a file was opened at the display.
const LOOK_MS: Millis = 60_000;
/// As many answers in a row that it reads on, then it does not wait for heat.
const READS_ON: u32 = 3;
/// As many answers in a row that it does not print, then it does not.
const SURE: u32 = 2;

/// A file of the card that was opened.
#[derive(Debug, Clone)]
pub(crate) struct Opened {
    pub(crate) name: String,
    pub(crate) bytes: Option<u64>,
    at: Now,
}

/// What the printer has told of the print from its card.
#[derive(Debug, Clone, Default)]
pub(crate) struct CardPrint {
    /// The last byte told, and the size.
    byte: Option<(u64, u64)>,
    /// Answers in a row that it does not print.
    stands: u32,
    asked_at: Option<Now>,
    opened: Option<Opened>,
    /// Opening failed.
    failed: bool,
    /// The hub was told of a print that nobody here started.
    found: bool,
    /// The byte where it was paused.
    paused_at: Option<u64>,
    /// The last answer was further than the one before.
    moved: bool,
    /// As many answers in a row were.
    moves: u32,
    /// The link was lost meanwhile: what it does is not known until it is told.
    unsure: bool,
}

impl CardPrint {
    /// Returns whether the card was read on between the last two answers.
    pub(crate) fn has_moved(&self) -> bool {
        self.moved
    }

    /// Returns whether the hub was told of a print that nobody here started.
    pub(crate) fn is_found(&self) -> bool {
        self.found
    }

    /// Returns the last byte told, and the size.
    pub(crate) fn byte(&self) -> Option<(u64, u64)> {
        self.byte
    }

    /// Returns the file that was opened last.
    pub(crate) fn opened(&self) -> Option<&Opened> {
        self.opened.as_ref()
    }

    /// Returns whether the last file could not be opened.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed
    }

    /// How far it is is asked for at once.
    pub(crate) fn ask_soon(&mut self) {
        self.asked_at = Some(Now::at(0));
    }

    /// What was told of how far the card is read holds no more.
    pub(crate) fn forget_byte(&mut self) {
        self.byte = None;
    }

    /// The print has begun, or is followed from this byte on.
    pub(crate) fn begins(&mut self, byte: Option<(u64, u64)>, now: Now) {
        (self.byte, self.stands, self.asked_at) = (byte, 0, Some(now));
    }

    /// The pause is confirmed, or was given up.
    pub(crate) fn paused(&mut self) {
        self.paused_at = self.byte.map(|(at, _)| at);
        self.stands = 0;
    }

    /// The link is gone, but the printer may go on.
    pub(crate) fn lost_sight(&mut self) {
        (self.unsure, self.stands, self.paused_at) = (true, 0, None);
    }

    /// Returns whether `M27` is due; then it counts as sent.
    pub(crate) fn is_due(&mut self, known: bool, facts: &Facts<'_>) -> bool {
        if self.asked_at.is_none() {
            self.asked_at = Some(facts.now);
            return false;
        }
        let due = self.ask_at(known, facts).is_some_and(|at| facts.now.mono_ms >= at);
        if due {
            self.asked_at = Some(facts.now);
        }
        due
    }

    /// Returns when `M27` is due, if it is to be asked at all. `known`: the printer has told of a card.
    pub(crate) fn ask_at(&self, known: bool, facts: &Facts<'_>) -> Option<Millis> {
        let now = facts.now;
        let opened = self.opened.as_ref().is_some_and(|opened| now.since(opened.at) < LOOK_MS);
        let wanted = match facts.print {
            Some(print) => print.on_card && print.started && facts.aim.is_none(),
            None => known && (facts.machine.heats() || opened || self.found),
        };
        self.asked_at.filter(|_| wanted).map(|at| at.mono_ms.saturating_add(ASK_MS))
    }

    /// `SD printing byte`: it prints, or stands still in a file. Returns whether a print was found that nobody here
    /// started.
    pub(crate) fn on_byte(&mut self, at: u64, of: u64, facts: &Facts<'_>, out: &mut Out) -> bool {
        let before = self.byte.replace((at, of)).map(|(byte, _)| byte);
        self.moved = before.is_some_and(|before| at > before);
        self.moves = if self.moved { self.moves.saturating_add(1) } else { 0 };
        (self.asked_at, self.stands, self.unsure) = (Some(facts.now), 0, false);
        out.ask(Message::CardStands(before == Some(at)));
        let heats = facts.machine.heats();
        let Some(print) = facts.print else {
            let prints = at > 0 && at < of && (self.moved || heats);
            return prints && !std::mem::replace(&mut self.found, true);
        };
        if !print.on_card {
            return false;
        }
        out.ask(Message::Card(CardNews::Byte(at, of)));
        let hotend = facts.machine.temperatures().get("tool0");
        let hot = hotend
            .is_some_and(|t| t.target.is_some_and(|c| c > 0.0) && t.actual >= t.target.unwrap_or(0.0) - 5.0);
        match print.phase {
            // One that goes on reading for long, or heats nothing, prints.
            JobPhase::Heating if hot || (self.moved && !heats) || self.moves >= READS_ON => {
                out.ask(Message::Card(CardNews::Prints));
            }
            JobPhase::Paused if !print.paused_by_firmware && self.paused_at.is_some_and(|was| at > was) => {
                self.paused_at = None;
                out.ask(Message::Card(CardNews::GoesOn(Initiator::Printer)));
            }
            JobPhase::Heating
            | JobPhase::Printing
            | JobPhase::Pausing
            | JobPhase::Paused
            | JobPhase::Resuming
            | JobPhase::Cancelling
            | JobPhase::Finishing => (),
        }
        false
    }

    /// `Not SD printing`.
    pub(crate) fn on_stands(&mut self, facts: &Facts<'_>, out: &mut Out) {
        self.stands += 1;
        self.asked_at = Some(facts.now);
        let sure = self.stands >= SURE;
        if facts.aim.is_some() {
            return out.ask(Message::CardStands(true));
        }
        let Some(print) = facts.print.filter(|print| print.on_card && print.started) else {
            (self.found, self.byte) = (false, None);
            return;
        };
        if self.unsure && sure {
            self.unsure = false;
            let why = "the link to the printer was lost, and when it was found again the printer did not print from \
                       its card any more: it ended, was stopped, or the printer restarted. Look at the part";
            return out.ask(Message::EndPrint(JobEnd::Interrupted { why: why.into() }));
        }
        if !runs(&print) || !sure {
            return;
        }
        if self.byte.is_some_and(|(at, of)| of > 0 && at >= of.saturating_sub(of / 200)) {
            return out.ask(Message::Finish);
        }
        // Which of the two cannot be told apart.
        let text = "The printer reads no further from its card: it was paused or cancelled at the printer itself. \
                    Resume goes on if it was paused; cancel ends it here and switches the heaters off.";
        self.paused_at = self.byte.map(|(at, _)| at);
        out.ask(Message::Card(CardNews::Stopped(text)));
    }

    /// `File opened:`, asked for or not.
    pub(crate) fn on_opened(&mut self, name: String, bytes: Option<u64>, now: Now) {
        self.failed = false;
        self.opened = Some(Opened { name, bytes, at: now });
    }

    pub(crate) fn on_open_failed(&mut self) {
        self.failed = true;
    }

    /// `Done printing file`: the last moves still run.
    pub(crate) fn on_done(&mut self, facts: &Facts<'_>, out: &mut Out) {
        (self.opened, self.found) = (None, false);
        if facts.print.is_some_and(|print| print.on_card && print.started && runs(&print)) {
            out.ask(Message::Card(CardNews::Read));
        }
    }
}

fn runs(print: &PrintFacts) -> bool {
    matches!(print.phase, JobPhase::Heating | JobPhase::Printing)
}
