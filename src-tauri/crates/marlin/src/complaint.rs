//! What follows when the printer complains: of a line, of a fault, or that it has stopped.
//!
//! Invariants: heaters are told off before anything is asked. Nothing is called a halt that takes lines: a board that
//! answers after all is connected again, and until then its temperatures stay live.

use crate::facts::{Facts, Stage};
use crate::message::Message;
use crate::out::Out;
use crate::patience::{Class, class};
use crate::program::ProgramLine;
use crate::reply::Reply;
use crate::restart::{advice, restart_line};
use crate::shown::readable;
use crate::trouble::is_cold_extrusion;
use domain::{HaltCause, HeaterFault, HeaterFaultKind, JobEnd, LinkChange, Millis, Now};
use std::collections::VecDeque;

/// So many moves refused in a row, then the print is given up.
const MOST_REFUSED: u32 = 3;
/// Of so many refused lines a print remembers and tells each.
const MOST_TOLD: usize = 20;
/// The lines taken last, kept so that one of them can be named.
const RECENT: usize = 16;
/// After a fault the board has so long to show that it still talks.
const SHOWS_LIFE_MS: Millis = 5_000;
/// The same fault said again within this is no news.
const SAME_FAULT_MS: Millis = 60_000;
/// A shout without words belongs to what was said so long before it.
const REASON_MS: Millis = 5_000;
/// An error is held back for so long: a resend request shows that it was about a bad line.
const ERROR_HELD_MS: Millis = 250;
/// What starts is greeted again after this.
const ASK_AGAIN_MS: Millis = 2_000;

/// A line of the file that the printer did not carry out.
#[derive(Debug, Clone)]
struct RefusedLine {
    index: u64,
    text: String,
    said: String,
}

/// What is remembered of complaints.
#[derive(Debug, Default)]
pub(crate) struct Complaints {
    /// The last words of trouble: the reason for a shout without words.
    reason: Option<(String, Now)>,
    /// An error that may belong to a bad line.
    held: Option<(String, Now)>,
    refused: Vec<RefusedLine>,
    refused_in_row: u32,
    /// Lines of the file that were taken last, with their number in the file.
    recent: VecDeque<(u64, String)>,
    /// Why the print that is being cancelled has failed.
    failed: Option<String>,
    /// A fault was reported: its words, when, and whether the board has talked since.
    fault: Option<(String, Now, bool)>,
    /// The numbering starts anew before the next line, since one line is never taken.
    renumber: bool,
    /// A line was never taken: why the link is given up if what follows is not taken either.
    never_taken: Option<String>,
    /// A person connects after a halt: the firmware is told to restart if it still says that it is stopped.
    restart_wanted: bool,
}

impl Complaints {
    /// The port was opened, or the firmware starts anew.
    pub(crate) fn start_over(&mut self) {
        *self = Self { restart_wanted: self.restart_wanted, ..Self::default() };
    }

    /// Returns whether the numbering is to start anew.
    pub(crate) fn wants_renumber(&self) -> bool {
        self.renumber
    }

    /// The same, once.
    pub(crate) fn take_renumber(&mut self) -> bool {
        std::mem::take(&mut self.renumber)
    }

    /// A print has ended. Returns how, with what is known to have gone wrong.
    pub(crate) fn end_of_print(&mut self, end: JobEnd) -> JobEnd {
        let refused = std::mem::take(&mut self.refused);
        self.refused_in_row = 0;
        self.recent.clear();
        match (self.failed.take(), end) {
            (Some(failed), JobEnd::Finished | JobEnd::Cancelled(_)) => JobEnd::Interrupted { why: failed },
            (Some(failed), JobEnd::Interrupted { why } | JobEnd::Unknown { why }) => {
                JobEnd::Interrupted { why: format!("{failed}; {why}") }
            }
            (None, JobEnd::Finished) if !refused.is_empty() => {
                JobEnd::Interrupted { why: incomplete(&refused) }
            }
            (None, end) => end,
        }
    }
}

/// Names what is missing in a print whose file was sent to its end.
fn incomplete(refused: &[RefusedLine]) -> String {
    let named: Vec<String> = refused.iter().take(3).map(RefusedLine::named).collect();
    let more = match refused.len() {
        0..=3 => String::new(),
        MOST_TOLD.. => " and many more".into(),
        count => format!(" and {} more", count - 3),
    };
    format!(
        "the file was sent to its end, but the printer did not carry out {}{more}: look whether the part is whole",
        named.join(", ")
    )
}

impl RefusedLine {
    fn named(&self) -> String {
        format!("line {} ({}; it said \"{}\")", self.index, self.text, self.said)
    }
}

impl Complaints {
    /// Notes what may be the reason for a shout without words, and tells an error that was held back unless this reply
    /// shows that it was about a bad line.
    pub(crate) fn on_line(&mut self, raw: &str, reply: &Reply, now: Now, out: &mut Out) {
        if let Some((text, _)) = self.held.take()
            && !matches!(reply, Reply::Resend(_) | Reply::BadLine(_))
        {
            out.say(text);
        }
        let lower = raw.trim_start().get(..5).unwrap_or_default().to_ascii_lowercase();
        if lower == "error" || (lower.starts_with("//") && !lower.starts_with("//a")) {
            let fresh = self.reason.as_ref().is_none_or(|(_, at)| now.since(*at) > REASON_MS);
            if fresh || lower == "error" {
                let text = readable(raw);
                let text = text.trim_start_matches("//").trim();
                self.reason = Some((text.to_owned(), now));
            }
        }
        let talks = match reply {
            Reply::Ok { .. } | Reply::Busy(_) | Reply::Wait | Reply::Heaters(_) | Reply::Position(_) => true,
            Reply::Damaged
            | Reply::Resend(_)
            | Reply::Boot
            | Reply::Halted(_)
            | Reply::Fault(_)
            | Reply::Refused(_)
            | Reply::NotReady(_)
            | Reply::Locked
            | Reply::Harmless(_)
            | Reply::BadLine(_)
            | Reply::Firmware(_)
            | Reply::Cap(..)
            | Reply::MaxZ(_)
            | Reply::Action(_)
            | Reply::Card(_)
            | Reply::Other => false,
        };
        if let Some((_, _, alive)) = self.fault.as_mut().filter(|_| talks) {
            *alive = true;
        }
    }

    /// An error that ends nothing. It may be about a line that will be asked for again: then it is no news.
    pub(crate) fn on_harmless(&mut self, text: String, now: Now, out: &mut Out) {
        if text.to_ascii_lowercase().starts_with("error") {
            self.held = Some((text, now));
        } else {
            out.say(text);
        }
    }

    /// The command in flight was refused; its `ok` comes all the same. `line`: it is one of the file.
    pub(crate) fn on_refused(
        &mut self,
        said: String,
        command: &str,
        line: Option<&ProgramLine>,
        facts: &Facts<'_>,
        out: &mut Out,
    ) {
        let shouts = said.starts_with("!!");
        if shouts && facts.machine.firmware().is_some() && !facts.machine.is_klipper() {
            // Elsewhere a shout is a fault.
            return self.on_fault(said, facts, out);
        }
        let Some(line) = line else {
            // Our own queries may be unknown to a firmware; that is nobody's concern.
            let query =
                ["M27", "M503", "M211", "M155", "M115", "M105"].iter().any(|q| command.starts_with(q));
            if !query && !command.is_empty() {
                let (command, words) = (command.to_owned(), said.clone());
                out.news(words, LinkChange::LineRefused { line: None, command, said });
            }
            return;
        };
        if self.refused.last().is_some_and(|refused| refused.index == line.index)
            || self.refused.len() >= MOST_TOLD
        {
            return;
        }
        let (index, text) = (line.index, line.text.clone());
        out.change(LinkChange::LineRefused { line: Some(index), command: text.clone(), said: said.clone() });
        let cold = is_cold_extrusion(&said);
        if cold && line.after.extruding && self.refused.is_empty() {
            out.change(heater_fault(HeaterFaultKind::ColdExtrusion, &said));
        }
        // What only pulls filament back before the hotend is hot lacks nothing.
        if !cold || line.after.extruding {
            self.refused.push(RefusedLine { index, text, said });
        }
    }

    /// The firmware tried again by itself, and well: what it complained of last is mended.
    pub(crate) fn on_retried(&mut self) {
        self.refused.pop();
    }

    /// A line was acknowledged, so lines are taken.
    pub(crate) fn on_acknowledged(&mut self) {
        self.never_taken = None;
    }

    /// A line of the file was acknowledged. When it was refused, and it was one that nothing can do without, or one of
    /// several in a row, the print has failed.
    pub(crate) fn on_program_acknowledged(&mut self, index: u64, text: String, out: &mut Out) {
        let kind = class(&text);
        let refused = self.refused.last().filter(|refused| refused.index == index).cloned();
        self.recent.push_back((index, text));
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
        let Some(refused) = refused else {
            if kind == Class::Move {
                self.refused_in_row = 0;
            }
            return;
        };
        self.refused_in_row += 1;
        let why = if kind == Class::Home {
            format!(
                "the printer could not home or level, {}: find the cause, then start again",
                refused.named()
            )
        } else if self.refused_in_row >= MOST_REFUSED {
            format!("the printer refuses one line after the other, the last is {}", refused.named())
        } else {
            return;
        };
        out.ask(Message::FailPrint(why));
    }

    /// The print has failed: this is why, whatever its end is said to be.
    pub(crate) fn print_failed(&mut self, why: String) {
        self.failed.get_or_insert(why);
    }

    /// The printer asks for one line again and again. The numbering starts anew, so that the rest gets through, and the
    /// print ends; when even that does not help, the link is given up. `line`: it is one of the file.
    pub(crate) fn line_never_taken(&mut self, text: &str, line: Option<u64>, has_print: bool, out: &mut Out) {
        let recent = self.recent.iter().rev().find(|(_, recent)| recent == text).map(|(i, _)| *i);
        let name = line.or(recent).map_or("a line".to_owned(), |index| format!("line {index} of the file"));
        let why = format!(
            "the printer asks for {name} again and again and never takes it: \"{text}\". If it is always this line, \
             the printer cannot read it: take it out of the file; if not, check the USB cable"
        );
        if !has_print || self.failed.is_some() {
            return out.broken(why);
        }
        self.renumber = true;
        self.never_taken = Some(why.clone());
        out.drop_lines();
        out.ask(Message::ResetWire);
        out.ask(Message::FailPrint(why));
    }

    /// The link is given up, for what was found out first.
    pub(crate) fn give_up(&mut self, why: &str, out: &mut Out) {
        out.broken(self.never_taken.take().unwrap_or_else(|| why.to_owned()));
    }

    /// A fault of a heater, a sensor or a drive. Whether the board lives on is seen by whether it talks.
    pub(crate) fn on_fault(&mut self, text: String, facts: &Facts<'_>, out: &mut Out) {
        let now = facts.now;
        let known = self.fault.as_ref().is_some_and(|(_, at, _)| now.since(*at) < SAME_FAULT_MS);
        if known && facts.print.is_none() {
            return;
        }
        let why = format!(
            "the printer reported \"{text}\": the heaters were told to switch off. Let it cool down and find the \
             cause, then start again"
        );
        out.ask(Message::EndPrint(JobEnd::Interrupted { why }));
        // Heaters off past everything that waits; then they are asked about.
        out.drop_lines();
        out.drop_raw();
        if facts.is_up() {
            out.ask(Message::SwitchOff { fan: true });
        }
        if facts.machine.can("EMERGENCY_PARSER") {
            out.raw("M108");
        }
        out.ask(Message::SwitchOffRaw);
        let change = heater_fault(HeaterFaultKind::Firmware, &text);
        self.fault = Some((text, now, false));
        out.change(change);
    }

    /// The firmware says that it has stopped.
    pub(crate) fn on_halted(&mut self, cause: HaltCause, text: String, facts: &Facts<'_>, out: &mut Out) {
        let reason = self.reason.take().filter(|(_, at)| facts.now.since(*at) < REASON_MS);
        let lower = text.to_ascii_lowercase();
        let wordless = text.trim() == "!!" || lower.contains("underlying issue");
        let text = match reason {
            Some((reason, _)) if wordless => reason,
            Some(_) | None => text,
        };
        if std::mem::take(&mut self.restart_wanted)
            && let Some(restart) = restart_line(&text, facts.machine.is_klipper())
        {
            // A person has connected to get it going again.
            out.ask(Message::StartOver(ASK_AGAIN_MS));
            return out.raw(restart);
        }
        let why = format!(
            "the printer stopped itself and said \"{text}\": let it cool down and find the cause, then {}",
            advice(&text)
        );
        out.ask(Message::EndPrint(JobEnd::Interrupted { why }));
        out.ask(Message::Halt(cause, text));
    }

    /// The firmware is only starting: it is greeted anew in a moment.
    pub(crate) fn on_not_ready(&mut self, text: &str, facts: &Facts<'_>, out: &mut Out) {
        match facts.stage {
            Stage::Up if facts.print.is_some_and(|print| print.started) => out.ask(Message::Rebooted),
            Stage::Asking | Stage::Up => {
                let told = text.trim_start_matches(['!', '/', ' ']).to_owned();
                out.say(format!("Waiting for the printer, which is starting: {told}"));
                out.ask(Message::StartOver(ASK_AGAIN_MS));
            }
            Stage::Closed | Stage::Waiting { .. } | Stage::Greeting { .. } | Stage::Halted => (),
        }
    }

    /// The firmware has stopped: a fault is no longer waited upon.
    pub(crate) fn halted(&mut self) {
        self.fault = None;
    }

    /// The port was closed. `halted`: a person who connects again wants the firmware to restart.
    pub(crate) fn closed(&mut self, halted: bool) {
        self.restart_wanted = halted;
    }

    /// Looks at the clock: an error nobody asked again about is told; a board silent since its fault has stopped.
    pub(crate) fn handle_timeout(&mut self, facts: &Facts<'_>, out: &mut Out) {
        let now = facts.now;
        if let Some((text, _)) = self.held.take_if(|(_, at)| now.since(*at) >= ERROR_HELD_MS) {
            out.say(text);
        }
        let silent = |(_, at, alive): &mut (String, Now, bool)| !*alive && now.since(*at) >= SHOWS_LIFE_MS;
        if let Some((text, ..)) = self.fault.take_if(silent) {
            self.on_halted(HaltCause::Firmware, text, facts, out);
        }
    }

    /// Returns when the clock is to be looked at again.
    pub(crate) fn poll_timeout(&self) -> Option<Millis> {
        let held = self.held.as_ref().map(|(_, at)| at.mono_ms + ERROR_HELD_MS);
        let fault = self.fault.as_ref().filter(|(.., alive)| !alive);
        held.into_iter().chain(fault.map(|(_, at, _)| at.mono_ms + SHOWS_LIFE_MS)).min()
    }
}

fn heater_fault(kind: HeaterFaultKind, said: &str) -> LinkChange {
    let said = Some(said.to_owned());
    LinkChange::HeaterFault(HeaterFault { heater: None, kind, wanted_c: None, actual_c: None, said })
}
