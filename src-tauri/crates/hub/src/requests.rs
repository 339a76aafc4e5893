//! What people ask, and why it is not done.

use crate::alert::Mute;
use crate::outlet::{Entry, Outlet, refusal};
use crate::watch::{AlarmKind, PrintWatch, Starting, Want};
use domain::{
    AlertOverwrite, Answer, EventClass, EventType, Heater, Initiator, LinkState, Order, PrintId,
    PrinterState, Refusal, ReplyTo, Request, StartJob, Write,
};

/// Highest target of a hotend, °C.
const HOTEND_MAX_C: f64 = 320.0;
/// Highest target of a bed, °C.
const BED_MAX_C: f64 = 140.0;
/// Highest target of a chamber, °C.
const CHAMBER_MAX_C: f64 = 100.0;

impl PrintWatch {
    pub(crate) fn on_asked(&mut self, request: Request, to: ReplyTo, out: &mut Outlet<'_>) {
        let answer = match request {
            Request::Start { printer: _, file, path, name, past, done_lines } => {
                let initiator = Initiator::Person;
                let print = *out.next_print;
                self.ask_start(StartJob { print, file, path, name, initiator, past, done_lines }, out)
            }
            Request::Pause(_) => self.ask_pause(out),
            Request::Resume(_) => self.ask_resume(out),
            Request::Cancel(_) => self.ask_cancel(out),
            Request::Mute(_, on) => self.ask_mute(if on { Mute::On } else { Mute::Off }, out),
            Request::Acknowledge(_, answer) => self.ask_acknowledge(answer, out),
            Request::CoolDown(_) => self.ask_cool_down(out),
            Request::KeepWarm(_, mins) => self.ask_keep_warm(mins, out.now),
            Request::Home(_, axes) => {
                self.ask_when_idle(out, "home", |watch, out| out.order(watch, Order::Home(axes)))
            }
            Request::SetTarget(_, heater, target_c) => self.ask_target(heater, target_c, out),
            Request::Tool(_, tool) => self.ask_tool(tool, out),
            Request::SdList(_) => self.ask_sd_list(out),
            Request::SdPrint(_, path) => self.ask_sd_print(&path, out),
            Request::Connect(_) => self.ask_connect(out),
            Request::Disconnect(_) => self.ask_disconnect(out),
            Request::Drill(_) => self.ask_drill(out),
            Request::EmergencyStopped(_) => {
                let entry = Entry::new(EventType::PrinterError, EventClass::Error, "Emergency stop pressed");
                out.log(self, entry.text("The printer is told to stop at once.").by(Initiator::Person));
                Ok(self.print_id())
            }
            // These two are answered when they are on disk.
            Request::Patch(_, patch) => return self.ask_patch(&patch, to, out),
            Request::Overwrite(print, word) => return self.ask_overwrite(print, word, to, out),
        };
        out.reply(to, answer);
    }

    pub(crate) fn print_id(&self) -> Option<PrintId> {
        self.running.as_ref().map(|running| running.print.id)
    }

    fn ask_start(&mut self, job: StartJob, out: &mut Outlet<'_>) -> Answer {
        if self.running.is_some() || self.starting.is_some() || self.state().has_print() {
            return Err(refusal(
                "busy",
                "the printer is printing",
                "Wait for the print to end, or cancel it.",
            ));
        }
        self.need_link()?;
        if self.state() != PrinterState::Operational {
            return Err(refusal("busy", "the printer is not ready", "Wait until it says Ready."));
        }
        let print = job.print;
        *out.next_print = print.next();
        out.order(self, Order::Start(job.clone()));
        self.starting = Some(Starting { job, on_card: false, since: out.now.mono_ms });
        self.clear_alarm(&[AlarmKind::Refused, AlarmKind::Restarted]);
        self.heat.forget();
        Ok(Some(print))
    }

    fn ask_pause(&mut self, out: &mut Outlet<'_>) -> Answer {
        self.need_print()?;
        match self.state() {
            PrinterState::Heating | PrinterState::Printing | PrinterState::Resuming => {
                if let Some(running) = self.running.as_mut() {
                    running.pause_confirmed = false;
                    running.paused_by_watch = false;
                }
                out.order(self, Order::Pause(self.pause_recipe(), Initiator::Person));
                self.want(Want::Pause, out.now);
                Ok(self.print_id())
            }
            PrinterState::Pausing | PrinterState::Paused => {
                Err(refusal("busy", "the print is paused, or about to be", "Wait until it says Paused."))
            }
            PrinterState::Cancelling
            | PrinterState::Finishing
            | PrinterState::Offline
            | PrinterState::Connecting
            | PrinterState::Operational
            | PrinterState::LinkLost
            | PrinterState::Halted => Err(refusal(
                "busy",
                format!("it cannot be paused while it says {}", self.state().word()),
                "Wait a moment, or press STOP if it is urgent.",
            )),
        }
    }

    fn ask_resume(&mut self, out: &mut Outlet<'_>) -> Answer {
        self.need_print()?;
        if self.state() != PrinterState::Paused {
            return Err(refusal("not_paused", "the print is not paused", "Wait until it says Paused."));
        }
        if self.has_open_alert() {
            self.acknowledge(Some(AlertOverwrite::NotFailed), Initiator::Person, out);
        }
        out.order(self, Order::Resume(Initiator::Person));
        self.want(Want::Resume, out.now);
        Ok(self.print_id())
    }

    fn ask_cancel(&mut self, out: &mut Outlet<'_>) -> Answer {
        self.need_print()?;
        if self.state() == PrinterState::Cancelling {
            return Err(refusal("busy", "the print is being cancelled", "Wait until it has stopped."));
        }
        if self.has_open_alert() {
            self.acknowledge(Some(AlertOverwrite::Failed), Initiator::Person, out);
        }
        out.order(self, Order::Cancel(Initiator::Person));
        self.want(Want::Cancel, out.now);
        Ok(self.print_id())
    }

    fn ask_mute(&mut self, mute: Mute, out: &mut Outlet<'_>) -> Answer {
        self.need_print()?;
        self.mute(mute, out);
        Ok(self.print_id())
    }

    fn ask_acknowledge(&mut self, answer: Option<AlertOverwrite>, out: &mut Outlet<'_>) -> Answer {
        self.need_print()?;
        if self.running.as_ref().is_none_or(|running| running.print.alerted_at.is_none()) {
            return Err(refusal("no_alert", "this print had no alert", "There is nothing to answer."));
        }
        self.acknowledge(answer, Initiator::Person, out);
        Ok(self.print_id())
    }

    fn ask_cool_down(&mut self, out: &mut Outlet<'_>) -> Answer {
        self.need_link()?;
        out.order(self, Order::CoolDown);
        self.heat.forget();
        Ok(self.print_id())
    }

    fn ask_when_idle(
        &mut self,
        out: &mut Outlet<'_>,
        what: &str,
        act: impl FnOnce(&Self, &mut Outlet<'_>),
    ) -> Answer {
        self.need_link()?;
        if self.running.is_some() || self.starting.is_some() || self.state() != PrinterState::Operational {
            return Err(refusal(
                "busy",
                format!("the printer cannot {what} while it says {}", self.state().word()),
                "Wait until it says Ready.",
            ));
        }
        act(self, out);
        Ok(None)
    }

    fn ask_target(&mut self, heater: Heater, target_c: f64, out: &mut Outlet<'_>) -> Answer {
        self.need_link()?;
        if matches!(self.state(), PrinterState::Cancelling | PrinterState::Finishing) {
            return Err(refusal("busy", "the print is ending", "Wait until it says Ready."));
        }
        let max_c = match heater {
            Heater::Hotend(_) => HOTEND_MAX_C,
            Heater::Bed => BED_MAX_C,
            Heater::Chamber => CHAMBER_MAX_C,
        };
        // Off is off: no offset is added to it.
        let offset = if target_c == 0.0 { 0.0 } else { self.offset_c(&heater.key()) };
        let sent_c = if target_c == 0.0 { 0.0 } else { target_c + offset };
        let in_range = |c: f64| (0.0..=max_c).contains(&c);
        if !in_range(target_c) || !in_range(sent_c) {
            let with =
                if offset == 0.0 { String::new() } else { format!(", its offset of {offset} included") };
            return Err(refusal(
                "out_of_range",
                format!("{target_c} °C is not possible for {}: 0 to {max_c} °C{with}", heater_word(heater)),
                "Choose a lower temperature.",
            ));
        }
        out.order(self, Order::SetTarget(heater, sent_c));
        self.heat_was_set(heater, out.now);
        Ok(self.print_id())
    }

    /// Returns the degrees that are added to each target of a heater.
    pub(crate) fn offset_c(&self, heater: &str) -> f64 {
        self.settings.temperature_offsets.get(heater).copied().unwrap_or(0.0)
    }

    fn ask_connect(&mut self, out: &mut Outlet<'_>) -> Answer {
        if self.link_up() {
            return Err(refusal("busy", "the printer is connected already", "There is nothing to do."));
        }
        if self.settings.kind == domain::PrinterKind::Serial && self.settings.port.is_none() {
            return Err(refusal(
                "no_port",
                "no port is chosen",
                "Choose the printer's port in the settings.",
            ));
        }
        self.check_connect(out.now)?;
        out.order(self, Order::Connect);
        Ok(None)
    }

    fn ask_disconnect(&mut self, out: &mut Outlet<'_>) -> Answer {
        if self.running.is_some() || self.starting.is_some() || self.state().has_print() {
            return Err(refusal(
                "busy",
                "the printer is printing",
                "Wait for the print to end, or cancel it.",
            ));
        }
        let open = self.report.as_ref().is_some_and(|report| report.link != LinkState::Closed);
        if !open {
            return Err(refusal("not_connected", "the printer is not connected", "There is nothing to do."));
        }
        out.order(self, Order::Disconnect);
        Ok(None)
    }

    /// Records a person's word on a print that runs here or waits here for its film.
    fn ask_overwrite(
        &mut self,
        id: PrintId,
        word: Option<AlertOverwrite>,
        to: ReplyTo,
        out: &mut Outlet<'_>,
    ) {
        let running = self.running.as_mut().map(|r| &mut r.print).into_iter();
        let Some(print) = running.chain(&mut self.filming).find(|print| print.id == id) else {
            let refused =
                refusal("not_here", format!("print {id} is not under way"), "Change it in the history.");
            return out.reply(to, Err(refused));
        };
        let before = std::mem::replace(&mut print.alert_overwrite, word);
        let row = Write::Print(Box::new(print.clone()));
        self.pending.push(crate::patch::PendingWrite::overwrite(to, id, before));
        out.record_then_answer(row, to);
    }

    pub(crate) fn need_link(&self) -> Result<(), Refusal> {
        if self.link_up() {
            Ok(())
        } else {
            Err(refusal(
                "not_connected",
                "the printer is not connected",
                "Check cable and power, then connect.",
            ))
        }
    }

    pub(crate) fn need_print(&self) -> Result<(), Refusal> {
        if self.running.is_some() {
            Ok(())
        } else {
            Err(refusal("not_printing", "nothing is being printed", "Start a print first."))
        }
    }
}

fn heater_word(heater: Heater) -> String {
    match heater {
        Heater::Hotend(0) => "the hotend".into(),
        Heater::Hotend(n) => format!("hotend {}", n + 1),
        Heater::Bed => "the bed".into(),
        Heater::Chamber => "the chamber".into(),
    }
}
