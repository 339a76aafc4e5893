//! What the printer's thread tells: changes that matter, in order.

use crate::outlet::{Entry, Outlet, sentence};
use crate::watch::{AlarmKind, PrintWatch, Want};
use domain::{
    AlertOverwrite, EventClass, EventType, Initiator, JobEnd, LinkChange, NoticeKind, PrintId, PrinterReport,
    PrinterState,
};

const PAUSE_ADVICE: &str = "Have a look at the printer now. If it is still printing, press STOP.";

impl PrintWatch {
    pub(crate) fn on_link(&mut self, change: LinkChange, out: &mut Outlet<'_>) {
        match change {
            LinkChange::Up { hot } => self.on_up(hot, out),
            LinkChange::CardPrint { name, path } => self.on_card_print(name, path, out),
            LinkChange::Lost { why } => self.on_lost(&why, out),
            LinkChange::Rebooted => self.on_rebooted(out),
            LinkChange::Halted { text, switch_off_now } => self.on_halted(&text, switch_off_now, out),
            LinkChange::Started(print) => self.on_started(print, out),
            LinkChange::Paused(print, by) => self.on_paused(print, by, out),
            LinkChange::PauseUnconfirmed(print, why) => {
                if self.runs(print) {
                    self.pause_unconfirmed(&why, out);
                }
            }
            LinkChange::Resumed(print, by) => self.on_resumed(print, by, out),
            LinkChange::Ended(print, end) => self.on_ended(print, end, out),
            LinkChange::Refused { order, why } => self.on_refused(&order, &why, out),
            LinkChange::FilamentChange { text } => {
                let entry = Entry::new(EventType::FilamentChange, EventClass::Warning, "Filament change")
                    .text(text.clone())
                    .by(Initiator::Printer);
                out.log(self, entry);
                out.notify(self, NoticeKind::FilamentChange, "filament change", text);
            }
            LinkChange::Says(text) => tracing::debug!(printer = %self.settings.id, text, "the firmware says"),
        }
    }

    fn runs(&self, print: PrintId) -> bool {
        self.running.as_ref().is_some_and(|running| running.print.id == print)
    }

    /// Ends a print of which the end was not told, before what ended it is told.
    fn interrupt(&mut self, why: &str, out: &mut Outlet<'_>) {
        self.starting = None;
        if self.running.is_some() {
            self.finish(JobEnd::Interrupted { why: why.into() }, out);
        }
    }

    fn on_up(&mut self, hot: bool, out: &mut Outlet<'_>) {
        self.clear_alarm(&[AlarmKind::Printer]);
        self.switch_off_now = false;
        self.learn_rate = true;
        let text = self.report.as_deref().map(link_words).unwrap_or_default();
        out.log(self, Entry::new(EventType::Connected, EventClass::Info, "Printer connected").text(text));
        if hot && self.running.is_none() {
            self.heat.found_hot(out.now);
        }
    }

    fn on_lost(&mut self, why: &str, out: &mut Outlet<'_>) {
        let why = &sentence(why);
        // A print from the card may go on without the link.
        if !self.runs_on_card() {
            self.interrupt(why, out);
        }
        self.asked = None;
        self.heat.forget();
        let entry = Entry::new(EventType::PrinterError, EventClass::Error, "Link to the printer lost");
        out.log(self, entry.text(why.as_str()).by(Initiator::Printer));
        self.raise(AlarmKind::Printer, format!("The link to the printer is lost: {why}"));
    }

    fn on_rebooted(&mut self, out: &mut Outlet<'_>) {
        let why = "The printer restarted by itself: heat and position are gone. Check the part and the power supply.";
        // The end of the print comes first; the last report still knows of it.
        let printed =
            self.running.is_some() || self.report.as_ref().is_some_and(|report| report.job.is_some());
        self.interrupt(why, out);
        self.asked = None;
        let entry = Entry::new(EventType::PrinterError, EventClass::Error, "The printer restarted");
        out.log(self, entry.text(why).by(Initiator::Printer));
        if printed {
            self.raise(AlarmKind::Restarted, why);
        }
    }

    fn on_halted(&mut self, text: &str, switch_off_now: bool, out: &mut Outlet<'_>) {
        self.interrupt(&format!("The printer stopped: {text}"), out);
        self.asked = None;
        self.heat.forget();
        self.switch_off_now = switch_off_now;
        let advice = if switch_off_now {
            "Switch the printer off now, at its switch."
        } else {
            "Find the cause, then reset the printer and connect again."
        };
        let words = format!("The printer stopped: {text}. {advice}");
        let entry = Entry::new(EventType::PrinterError, EventClass::Error, "The printer stopped");
        out.log(self, entry.text(words.clone()).by(Initiator::Printer));
        out.notify(self, NoticeKind::PrinterHalted, "the printer stopped", words.clone());
        self.raise(AlarmKind::Printer, words);
    }

    fn on_paused(&mut self, print: PrintId, by: Initiator, out: &mut Outlet<'_>) {
        if !self.runs(print) {
            return;
        }
        if self.asked.is_some_and(|asked| asked.want == Want::Pause) {
            self.asked = None;
        }
        self.clear_alarm(&[AlarmKind::Pause, AlarmKind::Refused]);
        if let Some(running) = self.running.as_mut() {
            running.pause_confirmed = true;
        }
        self.begin_hold(out.now);
        self.log_hold(EventType::Paused, "Paused", by, out);
    }

    /// The pause is not confirmed: an alarm, once.
    pub(crate) fn pause_unconfirmed(&mut self, why: &str, out: &mut Outlet<'_>) {
        let words = format!("Pause not confirmed. {} {PAUSE_ADVICE}", sentence(why));
        let known = self.alarm.as_ref().is_some_and(|alarm| alarm.kind == AlarmKind::Pause);
        self.raise(AlarmKind::Pause, words.clone());
        if !known {
            let entry = Entry::new(EventType::PrinterError, EventClass::Error, "Pause not confirmed");
            out.log(self, entry.text(words.clone()).by(Initiator::Printer));
            out.notify(self, NoticeKind::PauseUnconfirmed, "pause not confirmed", words);
        }
    }

    fn on_resumed(&mut self, print: PrintId, by: Initiator, out: &mut Outlet<'_>) {
        if !self.runs(print) {
            return;
        }
        self.asked = None;
        self.heat.end_hold();
        self.clear_alarm(&[AlarmKind::Pause, AlarmKind::Refused]);
        if let Some(running) = self.running.as_mut() {
            running.pause_confirmed = false;
            running.paused_by_watch = false;
        }
        self.log_hold(EventType::Resumed, "Resumed", by, out);
        if by == Initiator::Printer && self.settings.watch.printer_resume_answers && self.has_open_alert() {
            self.acknowledge(Some(AlertOverwrite::NotFailed), by, out);
        }
    }

    fn on_refused(&mut self, order: &str, why: &str, out: &mut Outlet<'_>) {
        let order = order.to_ascii_lowercase();
        let why = &sentence(why);
        let entry = Entry::new(EventType::PrinterError, EventClass::Warning, "An order was refused");
        out.log(self, entry.text(why.as_str()).by(Initiator::Printer));
        if order.starts_with("start") {
            self.starting = None;
        }
        if order.starts_with("pause") && self.asked.is_some_and(|asked| asked.want == Want::Pause) {
            self.asked = None;
            // Refused because it stands still already is as good as done.
            if self.reported_state() == PrinterState::Paused {
                return;
            }
            self.pause_unconfirmed(why, out);
            return;
        }
        let wanted = match self.asked.map(|asked| asked.want) {
            Some(Want::Resume) => "resume",
            Some(Want::Cancel) => "cancel",
            Some(Want::Pause) | None => "",
        };
        if !wanted.is_empty() && order.starts_with(wanted) {
            self.asked = None;
        }
        // A pause that failed outranks any refusal.
        if !self.alarm.as_ref().is_some_and(|alarm| alarm.kind != AlarmKind::Refused) {
            self.raise(AlarmKind::Refused, why.as_str());
        }
    }
}

/// "Marlin 2.1.2 on /dev/ttyUSB0 at 115200 baud", or "Found on …" while the firmware has not told its name.
pub(crate) fn link_words(report: &PrinterReport) -> String {
    let mut words = report.firmware.as_ref().map_or_else(|| "Found".to_owned(), |f| f.name.clone());
    if let Some(port) = &report.port {
        words += &format!(" on {port}");
    }
    if let Some(baud) = report.baud {
        words += &format!(" at {baud} baud");
    }
    words
}
