//! What was asked of the printer and is not confirmed: a start, a pause, a resume, a cancel; and what is said when nothing
//! comes of it.

use crate::facts::{Facts, Want};
use crate::message::{Message, PauseBy};
use crate::out::{Entry, Out};
use domain::{
    AlarmKind, EventClass, EventType, FileId, Initiator, Millis, Now, Order, OrderKind, PrintId,
    PrinterState, RefusedReason, StartJob, name_at_host, sentence,
};

/// The printer's thread takes up an order within this, seconds.
const TAKEN_UP_SECS: f64 = 15.0;
/// The longest a pause may take by any command in flight; the printer's thread mostly knows better, milliseconds.
const LONGEST_PAUSE_MS: Millis = 600_000;
/// A start that is heard nothing of is given up after this, seconds …
const START_SECS: f64 = 60.0;
/// … and one that another host was asked for after this: it fetches the file first, and its agent knows better when it
/// is over.
const HOST_START_SECS: f64 = 2_400.0;

/// Where the lines of a print come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// From us.
    Fed,
    /// The printer reads them from its own card.
    Card,
    /// Another host feeds them, which counts its prints by numbers of its own.
    Agent { ext_id: i64 },
    /// Another host is to fetch the file from us and feed it; it has not told of the print yet.
    ToAgent,
}

/// A print that was ordered to start.
#[derive(Debug, Clone)]
pub(crate) struct Starting {
    pub(crate) job: StartJob,
    pub(crate) origin: Origin,
}

/// An order on its way.
#[derive(Debug, Clone, Copy)]
struct Asked {
    want: Want,
    since: Millis,
}

/// What was asked of the printer and is not confirmed, and whether its print stands still as it was asked to.
#[derive(Debug, Default)]
pub(crate) struct PendingOrder {
    asked: Option<Asked>,
    /// Ordered to start, and when; its first line is not out yet.
    starting: Option<(Starting, Millis)>,
    /// The pause of the print under way is confirmed.
    pause_confirmed: bool,
    /// The pause under way was ordered by detection.
    paused_by_detection: bool,
    /// The printer waits for a person to change the filament.
    filament_change: bool,
}

impl PendingOrder {
    pub(crate) fn want(&self) -> Option<Want> {
        self.asked.map(|asked| asked.want)
    }

    pub(crate) fn is_starting(&self) -> bool {
        self.starting.is_some()
    }

    /// Returns the name of the print that was ordered to start.
    pub(crate) fn starting_name(&self) -> Option<&str> {
        self.starting.as_ref().map(|(starting, _)| starting.job.name.as_str())
    }

    /// Returns the file that was ordered to be printed.
    pub(crate) fn starting_file(&self) -> Option<FileId> {
        self.starting.as_ref().and_then(|(starting, _)| starting.job.file)
    }

    pub(crate) fn is_pause_confirmed(&self) -> bool {
        self.pause_confirmed
    }

    pub(crate) fn is_paused_by_detection(&self) -> bool {
        self.paused_by_detection
    }

    /// A start was ordered.
    pub(crate) fn start(&mut self, job: StartJob, origin: Origin, now: Now) {
        self.starting = Some((Starting { job, origin }, now.mono_ms));
    }

    pub(crate) fn pause(&mut self, by: PauseBy, facts: &Facts<'_>, out: &mut Out) {
        self.pause_confirmed = false;
        self.paused_by_detection = by == PauseBy::Detection;
        out.order(Order::Pause(facts.pause_recipe(), by.initiator()));
        self.expect(Want::Pause, facts.now, out);
    }

    pub(crate) fn resume(&mut self, now: Now, out: &mut Out) {
        out.order(Order::Resume(Initiator::Person));
        self.expect(Want::Resume, now, out);
    }

    pub(crate) fn cancel(&mut self, now: Now, out: &mut Out) {
        out.order(Order::Cancel(Initiator::Person));
        self.expect(Want::Cancel, now, out);
    }

    fn expect(&mut self, want: Want, now: Now, out: &mut Out) {
        self.asked = Some(Asked { want, since: now.mono_ms });
        out.clear(&[AlarmKind::Refused]);
    }

    /// A resume is confirmed by any state but the one it began in.
    pub(crate) fn on_status(&mut self, state: PrinterState) {
        if self.want() == Some(Want::Resume) && state != PrinterState::Paused {
            self.asked = None;
        }
    }

    /// The first line of this print is out. Returns what was ordered of it.
    pub(crate) fn on_started(&mut self, id: PrintId) -> Option<Starting> {
        self.print_over();
        let (starting, _) = self.starting.take()?;
        Some(starting).filter(|starting| starting.job.print == id)
    }

    /// The print under way has ended.
    pub(crate) fn print_over(&mut self) {
        *self = Self { starting: self.starting.take(), ..Self::default() };
    }

    /// This print ended before its first line: there is no row to close. Returns whether that is so.
    pub(crate) fn on_ended(&mut self, id: PrintId) -> bool {
        self.starting.take_if(|(starting, _)| starting.job.print == id).is_some()
    }

    /// The link is gone, or the printer has forgotten all that was asked of it.
    pub(crate) fn forget(&mut self) {
        self.asked = None;
    }

    /// Another host tells of a print. Returns its number here, if it is the one that the host was asked for.
    pub(crate) fn host_began(&mut self, name: &str, ext_id: i64) -> Option<PrintId> {
        let (starting, _) = self.starting.as_mut()?;
        let ours = &starting.job.name;
        if starting.origin != Origin::ToAgent || (name != ours && name != name_at_host(ours)) {
            return None;
        }
        starting.origin = Origin::Agent { ext_id };
        Some(starting.job.print)
    }

    /// What was ordered to start does not.
    pub(crate) fn forget_start(&mut self) {
        self.starting = None;
    }

    pub(crate) fn on_paused(&mut self, by: Initiator, out: &mut Out) {
        if self.want() == Some(Want::Pause) {
            self.asked = None;
        }
        self.pause_confirmed = true;
        out.clear(&[AlarmKind::Pause, AlarmKind::Refused]);
        log_hold(EventType::Paused, "Paused", by, out);
    }

    pub(crate) fn on_resumed(&mut self, by: Initiator, out: &mut Out) {
        self.print_over();
        out.clear(&[AlarmKind::Pause, AlarmKind::Refused]);
        log_hold(EventType::Resumed, "Resumed", by, out);
        out.ask(Message::Resumed(by));
    }

    pub(crate) fn on_filament_change(&mut self) {
        self.filament_change = true;
    }

    pub(crate) fn on_refused(&mut self, order: OrderKind, reason: RefusedReason, why: &str, out: &mut Out) {
        let why = sentence(why);
        let entry = Entry::new(EventType::PrinterError, EventClass::Warning, "An order was refused");
        out.log(entry.text(why.as_str()).by(Initiator::Printer));
        if order.begins_print() {
            self.starting = None;
        }
        let awaited = self.want().map(Want::order) == Some(order);
        if awaited {
            self.asked = None;
        }
        if order != OrderKind::Pause || !awaited {
            return out.ask(Message::SayRefused(why));
        }
        match reason {
            // Refused because it stands still already is as good as done.
            RefusedReason::AlreadyPaused => (),
            // There is nothing left to stop.
            RefusedReason::NoPrint | RefusedReason::Ending => out.ask(Message::SayRefused(why)),
            RefusedReason::NotConnected
            | RefusedReason::Halted
            | RefusedReason::QueueFull
            | RefusedReason::ThreadEnded
            | RefusedReason::PrintUnderWay
            | RefusedReason::NotPausedYet
            | RefusedReason::Unconfirmed
            | RefusedReason::PlaceUnknown
            | RefusedReason::Busy
            | RefusedReason::OnlyAtPrinter
            | RefusedReason::TooCold
            | RefusedReason::TemperatureUnknown
            | RefusedReason::OutOfRange
            | RefusedReason::NotSupported
            | RefusedReason::BadFile
            | RefusedReason::BadLine => out.ask(Message::PauseUnconfirmed(why)),
        }
    }

    /// Nothing could be confirmed in that time, so nothing is late by it.
    pub(crate) fn stood_still(&mut self, shift_ms: Millis) {
        let later = |since: &mut Millis| *since = since.saturating_add(shift_ms);
        self.asked.iter_mut().for_each(|asked| later(&mut asked.since));
        self.starting.iter_mut().for_each(|(_, since)| later(since));
    }

    /// An order that nothing came of is said, never forgotten.
    pub(crate) fn on_tick(&mut self, facts: &Facts<'_>, out: &mut Out) {
        let waited = |since: Millis| facts.now.mono_ms.saturating_sub(since);
        let patience_secs = |origin| if origin == Origin::ToAgent { HOST_START_SECS } else { START_SECS };
        let overdue = |starting: &Starting, since: Millis| {
            waited(since) >= facts.patience_ms(patience_secs(starting.origin))
        };
        if self.starting.take_if(|(starting, since)| overdue(starting, *since)).is_some() {
            let text = "The print did not start. Check the link to the printer, then start it again.";
            out.raise(AlarmKind::Refused, text);
        }
        let Some(Asked { want, since }) = self.asked else { return };
        let late = waited(since) >= facts.patience_ms(TAKEN_UP_SECS);
        match (want, is_taken_up(want, facts.reported_state())) {
            (Want::Pause, true) if waited(since) >= LONGEST_PAUSE_MS => {
                out.ask(Message::PauseUnconfirmed("the printer has not answered for ten minutes".into()));
            }
            (Want::Pause, false) if late => {
                out.ask(Message::PauseUnconfirmed("the printer has not taken up the order".into()));
            }
            (Want::Resume, false) if late => {
                self.asked = None;
                out.changed();
                // Where a question is on the screen, it is not the link that is waited for.
                if !self.asks_a_person(facts) {
                    let text = "The printer has not taken up the order to resume. Check the link, then press Resume again.";
                    out.raise(AlarmKind::Refused, text);
                }
            }
            (Want::Cancel, false) if late => {
                self.asked = None;
                let text = "The printer has not taken up the order to cancel. Cancel again, or press STOP.";
                out.raise(AlarmKind::Refused, text);
            }
            (Want::Pause | Want::Resume | Want::Cancel, _) => (),
        }
    }

    /// Returns whether the printer waits for a person: a question is open, or the filament is to be changed.
    fn asks_a_person(&self, facts: &Facts<'_>) -> bool {
        self.filament_change || facts.tools().is_some_and(|tools| tools.prompt.is_some())
    }
}

/// Returns whether a printer in this state has taken up the order.
fn is_taken_up(want: Want, reported: PrinterState) -> bool {
    match want {
        Want::Pause => matches!(reported, PrinterState::Pausing | PrinterState::Paused),
        Want::Resume => reported != PrinterState::Paused,
        Want::Cancel => !matches!(
            reported,
            PrinterState::Heating | PrinterState::Printing | PrinterState::Paused | PrinterState::Resuming
        ),
    }
}

/// Logs a pause or resume.
fn log_hold(kind: EventType, title: &str, by: Initiator, out: &mut Out) {
    let text = format!("{title} {}.", crate::words::by_whom(by));
    out.log(Entry::new(kind, EventClass::Info, title).text(text).by(by));
}
