//! What the printer's thread tells: changes that matter, in order.

use super::PrinterSession;
use crate::card::follow;
use crate::order::Origin;
use crate::out::Entry;
use crate::step::StepContext;
use crate::words::{halt_words, link_words};
use domain::{
    AgentEvent, AlarmKind, EventClass, EventType, HaltCause, Initiator, JobEnd, LinkChange, NoticeKind,
    Order, Print, PrintId, PrinterKind, ScriptAt, StartJob, Tool, may_be_same_print, sentence, sentences,
};
use std::path::PathBuf;

const REBOOTED: &str =
    "The printer restarted by itself: heat and position are gone. Check the part and the power supply.";

impl PrinterSession {
    pub(crate) fn on_link(&mut self, change: LinkChange, cx: &mut StepContext<'_>) {
        match change {
            LinkChange::Up { hot } => self.on_up(hot, cx),
            LinkChange::CardPrint { name, path } => self.on_card_print(name, path, cx),
            LinkChange::AgentPrint { name, ext_id } => self.on_agent_print(name, ext_id, cx),
            LinkChange::AgentSays(said) => on_agent_says(said, cx),
            LinkChange::AgentTrouble(Some(text)) => {
                let entry =
                    Entry::new(EventType::PrinterError, EventClass::Warning, "The agent needs a hand");
                cx.out.log(entry.text(text.clone()).by(Initiator::Printer));
                cx.out.raise(AlarmKind::Agent, text);
            }
            LinkChange::AgentTrouble(None) => cx.out.clear(&[AlarmKind::Agent]),
            // The station turns the camera's pictures.
            LinkChange::AgentCamera(_) => (),
            LinkChange::StopFailed { why } => {
                let why = format!("STOP did not reach the printer: {why}");
                let text = sentences(&[&why, "Switch it off by hand, at its own switch"]);
                let entry =
                    Entry::new(EventType::PrinterError, EventClass::Error, "STOP did not reach the printer");
                cx.out.log(entry.text(text.clone()).by(Initiator::App));
                cx.out.notify(NoticeKind::PrinterHalted, "STOP did not reach the printer", text.clone());
                cx.out.raise(AlarmKind::Stop, text);
            }
            LinkChange::Lost { why } => self.on_lost(&why, cx),
            LinkChange::Rebooted => self.on_rebooted(cx),
            LinkChange::AppFault { why } => self.on_app_fault(&why, cx),
            LinkChange::Halted { cause, text, switch_off_now } => {
                self.on_halted(cause, &text, switch_off_now, cx);
            }
            LinkChange::Started(print) => self.on_started(print, cx),
            LinkChange::Paused(print, by) => {
                if self.runs(print) {
                    self.order.on_paused(by, &mut cx.out);
                    self.heaters.begin_hold(&facts!(self, cx), &mut cx.out);
                    self.send_script(ScriptAt::Pause, by, cx);
                }
            }
            LinkChange::PauseUnconfirmed(print, why) => {
                if self.runs(print) {
                    self.alarms.pause_unconfirmed(&why, cx.now.utc, &mut cx.out);
                }
            }
            LinkChange::Resumed(print, by) => {
                if self.runs(print) {
                    self.order.on_resumed(by, &mut cx.out);
                    self.send_script(ScriptAt::Resume, by, cx);
                }
            }
            LinkChange::Ended(print, end) => self.on_ended(print, end, cx),
            LinkChange::Refused { order, reason, why } => {
                self.order.on_refused(order, reason, &why, &mut cx.out);
            }
            LinkChange::Silent { secs } => self.faults.on_silent(secs, cx.now, &mut cx.out),
            LinkChange::Speaks => self.faults.on_speaks(&mut cx.out),
            LinkChange::HeaterFault(fault) => {
                self.heaters.on_fault(&fault, &facts!(self, cx), &mut cx.out);
            }
            LinkChange::HeatersOff { unconfirmed } => {
                self.heaters.on_heaters_off(&unconfirmed, &mut cx.out);
            }
            LinkChange::LineRefused { line, command, said } => {
                let place = line.map(|n| format!(" (line {n} of the file)")).unwrap_or_default();
                let words = sentence(&format!("The printer refused {command}{place}: {said}"));
                let entry =
                    Entry::new(EventType::PrinterError, EventClass::Warning, "The printer refused a line");
                cx.out.log(entry.text(words).by(Initiator::Printer));
            }
            LinkChange::FilamentChange { text } => {
                let entry = Entry::new(EventType::FilamentChange, EventClass::Warning, "Filament change")
                    .text(text.clone())
                    .by(Initiator::Printer);
                cx.out.log(entry);
                cx.out.notify(NoticeKind::FilamentChange, "filament change", text);
                self.order.on_filament_change();
                self.spools.on_filament_change();
            }
            LinkChange::Says(text) => {
                tracing::debug!(printer = %self.printer().id, text, "the firmware says")
            }
        }
    }

    fn runs(&self, print: PrintId) -> bool {
        self.print_id() == Some(print)
    }

    fn on_up(&mut self, hot: bool, cx: &mut StepContext<'_>) {
        self.faults.on_up(&mut cx.out);
        self.settings.on_up();
        let text = self.reported.report().map(link_words).unwrap_or_default();
        let entry = Entry::new(EventType::Connected, EventClass::Info, "Printer connected");
        cx.out.log(entry.text(text));
        self.heaters.on_up(hot, &facts!(self, cx), &mut cx.out);
    }

    /// The printer was found at a print from its card: it gets a number, so that it is watched and recorded.
    fn on_card_print(&mut self, name: String, path: String, cx: &mut StepContext<'_>) {
        if self.is_busy() {
            return;
        }
        let job = StartJob::new(cx.number_print(), name, path.into(), Initiator::Printer);
        follow(&job, &mut cx.out);
        self.order.start(job, Origin::Card, cx.now);
        // Its heat is that of a print.
        self.heaters.forget();
    }

    /// The printer's host prints something: it gets a number, so that it is watched and recorded. After a restart of the
    /// app it may be the print that was under way.
    fn on_agent_print(&mut self, name: String, ext_id: i64, cx: &mut StepContext<'_>) {
        if let Some(row) = self.print.row().filter(|row| is_print(row, ext_id, &name)) {
            return cx.out.order(Order::Follow { print: row.id, ext_id });
        }
        if let Some(print) = self.order.host_began(&name, ext_id) {
            return cx.out.order(Order::Follow { print, ext_id });
        }
        if self.is_busy() {
            self.interrupt("Another print began on this printer.", cx);
        }
        let print = cx.number_print();
        let job = StartJob::new(print, name, PathBuf::new(), Initiator::Printer);
        cx.out.order(Order::Follow { print, ext_id });
        self.order.start(job, Origin::Agent { ext_id }, cx.now);
        // Its heat is that of a print.
        self.heaters.forget();
    }

    fn on_lost(&mut self, why: &str, cx: &mut StepContext<'_>) {
        // A print from the card, or of another host, may go on without the link.
        let on_card = self.print.facts().is_some_and(|print| print.goes_on_alone);
        if !on_card {
            self.interrupt(&sentence(why), cx);
        }
        self.order.forget();
        self.heaters.forget();
        self.faults.on_lost(why, on_card, &facts!(self, cx), &mut cx.out);
    }

    fn on_rebooted(&mut self, cx: &mut StepContext<'_>) {
        // The end of the print comes first; the last report still knows of it.
        let reported = self.reported.report().is_some_and(|report| report.job.is_some());
        let printed = self.print_id().is_some() || reported;
        self.interrupt(REBOOTED, cx);
        self.order.forget();
        self.faults.on_rebooted(REBOOTED, printed, &mut cx.out);
    }

    fn on_app_fault(&mut self, why: &str, cx: &mut StepContext<'_>) {
        let why = &sentence(why);
        self.interrupt(why, cx);
        self.order.forget();
        self.faults.on_app_fault(why, &mut cx.out);
    }

    fn on_halted(&mut self, cause: HaltCause, text: &str, switch_off_now: bool, cx: &mut StepContext<'_>) {
        self.interrupt(&halt_words(cause, text), cx);
        self.order.forget();
        self.heaters.forget();
        self.faults.on_halted(cause, text, switch_off_now, &mut cx.out);
    }

    fn on_started(&mut self, id: PrintId, cx: &mut StepContext<'_>) {
        if self.runs(id) {
            return;
        }
        let why = "Another print began on this printer.".to_owned();
        self.end_print(JobEnd::Interrupted { why }, cx);
        self.begin_print(id, cx);
        self.send_script(ScriptAt::Start, Initiator::App, cx);
    }

    /// A print ended, however it ended. An end of another print changes nothing.
    fn on_ended(&mut self, id: PrintId, end: JobEnd, cx: &mut StepContext<'_>) {
        if self.order.on_ended(id)
            && let JobEnd::Interrupted { why } = &end
        {
            cx.out.raise(AlarmKind::Refused, sentence(why));
        }
        if self.runs(id) {
            let by_itself = matches!(end, JobEnd::Finished | JobEnd::Cancelled(_));
            self.end_print(end, cx);
            if by_itself {
                self.send_script(ScriptAt::End, Initiator::App, cx);
            }
        }
    }

    /// Sends what a person wants sent at this moment of a print, once. A pause or a resume at the printer gets none: its
    /// firmware may wait for somebody, and takes no lines meanwhile.
    fn send_script(&self, at: ScriptAt, by: Initiator, cx: &mut StepContext<'_>) {
        let facts = facts!(self, cx);
        let ours = facts.link_up() && facts.settings.kind != PrinterKind::Agent && by != Initiator::Printer;
        // It was checked when it was saved.
        let lines = facts.settings.scripts.lines(at).unwrap_or_default();
        if ours && !lines.is_empty() {
            cx.out.order(Order::Tool(Tool::Lines(lines)));
        }
    }
}

/// Returns whether a print that was under way is this one of the printer's host.
fn is_print(row: &Print, ext_id: i64, name: &str) -> bool {
    row.ext_id == ext_id || (row.filename == name && may_be_same_print(row.ext_id, ext_id))
}

fn on_agent_says(said: AgentEvent, cx: &mut StepContext<'_>) {
    let kind = match said.class {
        EventClass::Error | EventClass::Warning => EventType::PrinterError,
        EventClass::Success | EventClass::Info => EventType::Connected,
    };
    cx.out.log(Entry::new(kind, said.class, &said.title).text(said.text).by(Initiator::Printer));
}
