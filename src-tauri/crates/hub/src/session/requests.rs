//! What people ask, and why it is not done.

use super::PrinterSession;
use crate::can::is_open;
use crate::card::{check_print, need_card};
use crate::checks::{
    need_link, need_link_or_halted, need_own_link, need_print, need_printable_at_host, need_ready, need_rest,
};
use crate::facts::Facts;
use crate::manual::check_tool;
use crate::message::{PauseBy, PrintChange};
use crate::order::Origin;
use crate::out::Entry;
use crate::patch::check_patch;
use crate::refusal::refusal;
use crate::step::StepContext;
use domain::{
    AlarmKind, AlertOverwrite, Answer, EventClass, EventType, FileId, Heater, Initiator, Order, PastTimes,
    PrintId, PrinterKind, PrinterPatch, PrinterState, QueueItemId, Refusal, ReplyTo, Request, SdOrder, Seen,
    StartJob, StoreFault, Tool, Write,
};
use std::path::PathBuf;

/// Alarms about what went before a print that is being started.
const BEFORE_START: &[AlarmKind] =
    &[AlarmKind::Refused, AlarmKind::Restarted, AlarmKind::Past, AlarmKind::AppFault];

impl PrinterSession {
    pub(crate) fn on_asked(&mut self, request: Request, to: ReplyTo, cx: &mut StepContext<'_>) {
        if let Err(refused) = self.check_leaving(&request) {
            return cx.out.reply(to, Err(refused));
        }
        let answer = match request {
            Request::Start { printer: _, file, path, name, past, done_lines, left_out } => {
                let (print, initiator) = (*cx.next_print, Initiator::Person);
                let start = StartJob { print, file, path, name, initiator, past, done_lines, left_out };
                self.ask_start(start, cx)
            }
            Request::StartQueued { printer: _, item, file, path, past } => {
                self.ask_start_queued(item, file, path, past, cx)
            }
            Request::Queue(_, change) => {
                self.queue.change(change, cx.now.utc, &mut cx.out).map(|()| self.print_id())
            }
            Request::Pause(_) => self.ask_pause(cx),
            Request::Resume(_) => self.ask_resume(cx),
            Request::Cancel(_) => self.ask_cancel(cx),
            Request::Mute(_, on) => self.ask_mute(on, cx),
            Request::Acknowledge(_, answer) => self.ask_acknowledge(answer, cx),
            Request::CoolDown(_) => self.ask_cool_down(cx),
            Request::KeepWarm(_, mins) => self.heaters.keep_warm(mins, cx.now).map(|()| None),
            Request::Home(_, axes) => self.ask_order("home", Order::Home(axes), cx),
            Request::SetTarget(_, heater, target_c) => self.ask_target(heater, target_c, cx),
            Request::Tool(_, tool) => self.ask_tool(tool, cx),
            Request::SdList(_) => self.ask_sd_list(cx),
            Request::SdPrint(_, path) => self.ask_sd_print(path, cx),
            Request::Connect(_) => self.ask_connect(cx),
            Request::Disconnect(_) => self.ask_disconnect(cx),
            Request::Drill(_) => {
                let begun = self.drills.begin(&facts!(self, cx), &mut cx.out);
                begun.map(|()| self.print_id())
            }
            Request::LoadSpool(_, tool, spool) => self.ask_load_spool(tool, spool, cx),
            Request::Seen(_, seen) => self.ask_seen(seen, cx),
            Request::EmergencyStopped(_) => {
                let entry = Entry::new(EventType::PrinterError, EventClass::Error, "Emergency stop pressed");
                cx.out.log(entry.text("The printer is told to stop at once.").by(Initiator::Person));
                Ok(self.print_id())
            }
            // These two are answered when they are on disk.
            Request::Patch(_, patch) => return self.ask_patch(&patch, to, cx),
            Request::Overwrite(print, word) => return self.ask_overwrite(print, word, to, cx),
        };
        cx.out.reply(to, answer);
    }

    /// Nothing is begun or changed on a printer that is being removed; it can still be stopped and cooled.
    fn check_leaving(&self, request: &Request) -> Result<(), Refusal> {
        let ends_something = matches!(
            request,
            Request::EmergencyStopped(_) | Request::CoolDown(_) | Request::Pause(_) | Request::Cancel(_)
        );
        if self.settings.is_leaving() && !ends_something {
            return Err(refusal("busy", "the printer is being removed", "Wait a moment."));
        }
        Ok(())
    }

    fn ask_start(&mut self, job: StartJob, cx: &mut StepContext<'_>) -> Answer {
        let facts = facts!(self, cx);
        need_rest(&facts, "the printer is printing")?;
        need_link(&facts)?;
        need_printable_at_host(&job, &facts)?;
        if facts.state() != PrinterState::Operational {
            return Err(refusal("busy", "the printer is not ready", "Wait until it says Ready."));
        }
        let print = cx.number_print();
        let origin = if facts.settings.agent.is_some() { Origin::ToAgent } else { Origin::Fed };
        self.settings.tell_offsets(&mut cx.out);
        cx.out.order(Order::Start(job.clone()));
        self.starts(job, origin, cx);
        Ok(Some(print))
    }

    /// Starts an item of the queue; the person has said that the bed is clear. What is still shown of the last print says
    /// that it may not be.
    fn ask_start_queued(
        &mut self,
        item: QueueItemId,
        file: FileId,
        path: PathBuf,
        past: PastTimes,
        cx: &mut StepContext<'_>,
    ) -> Answer {
        need_rest(&facts!(self, cx), "the printer is printing")?;
        if let Some(last) = self.last.name() {
            return Err(refusal(
                "bed_not_clear",
                format!("the last print, {last}, may still lie on the bed"),
                "Clear the bed and put the last print away first.",
            ));
        }
        let waiting = self.queue.startable(item)?;
        let (print, name, initiator) = (*cx.next_print, waiting.name.clone(), Initiator::Person);
        let job = StartJob { file: Some(file), past, ..StartJob::new(print, name, path, initiator) };
        let print = self.ask_start(job, cx)?;
        if let Some(print) = print {
            self.queue.starts(print, item, &mut cx.out);
        }
        Ok(print)
    }

    /// A print was ordered to start.
    fn starts(&mut self, job: StartJob, origin: Origin, cx: &mut StepContext<'_>) {
        self.order.start(job, origin, cx.now);
        cx.out.clear(BEFORE_START);
        self.heaters.forget();
    }

    fn ask_pause(&mut self, cx: &mut StepContext<'_>) -> Answer {
        let facts = facts!(self, cx);
        check_pause(&facts)?;
        self.order.pause(PauseBy::Person, &facts, &mut cx.out);
        Ok(self.print_id())
    }

    fn ask_resume(&mut self, cx: &mut StepContext<'_>) -> Answer {
        let facts = facts!(self, cx);
        need_print(&facts)?;
        if facts.state() != PrinterState::Paused {
            return Err(refusal("not_paused", "the print is not paused", "Wait until it says Paused."));
        }
        self.answer_open_alert(AlertOverwrite::NotFailed, cx);
        self.order.resume(cx.now, &mut cx.out);
        Ok(self.print_id())
    }

    fn ask_cancel(&mut self, cx: &mut StepContext<'_>) -> Answer {
        let facts = facts!(self, cx);
        need_print(&facts)?;
        if facts.state() == PrinterState::Cancelling {
            return Err(refusal("busy", "the print is being cancelled", "Wait until it has stopped."));
        }
        self.answer_open_alert(AlertOverwrite::Failed, cx);
        self.order.cancel(cx.now, &mut cx.out);
        Ok(self.print_id())
    }

    fn answer_open_alert(&mut self, answer: AlertOverwrite, cx: &mut StepContext<'_>) {
        if self.alerts.is_open() {
            let by = Initiator::Person;
            self.alerts.acknowledge(Some(answer), by, &facts!(self, cx), &mut cx.out);
        }
    }

    /// Switches alerts for this print off or on.
    fn ask_mute(&mut self, mute: bool, cx: &mut StepContext<'_>) -> Answer {
        let facts = facts!(self, cx);
        need_print(&facts)?;
        if facts.print.is_some_and(|print| print.muted != mute) {
            let (at, entry) = if mute {
                (
                    Some(cx.now.utc),
                    Entry::new(EventType::AlertMuted, EventClass::Warning, "Watching muted for this print")
                        .text("This print is not watched any more. The next one is."),
                )
            } else {
                (None, Entry::new(EventType::AlertUnmuted, EventClass::Info, "Watching unmuted"))
            };
            self.print.change(PrintChange::Muted(at), cx.now.utc, &mut cx.out);
            cx.out.log(entry.by(Initiator::Person));
        }
        Ok(self.print_id())
    }

    fn ask_acknowledge(&mut self, answer: Option<AlertOverwrite>, cx: &mut StepContext<'_>) -> Answer {
        let facts = facts!(self, cx);
        let by = Initiator::Person;
        if facts.print.is_none()
            && let Some(print) = self.last.answer(answer, by, cx.now.utc, &mut cx.out)
        {
            self.last.record(self.printer().id, &mut cx.out);
            return Ok(Some(print));
        }
        need_print(&facts)?;
        if !facts.print.is_some_and(|print| print.alerted) {
            return Err(refusal("no_alert", "this print had no alert", "There is nothing to answer."));
        }
        self.alerts.acknowledge(answer, by, &facts, &mut cx.out);
        Ok(self.print_id())
    }

    fn ask_cool_down(&mut self, cx: &mut StepContext<'_>) -> Answer {
        need_link_or_halted(&facts!(self, cx))?;
        cx.out.order(Order::CoolDown);
        self.heaters.forget();
        Ok(self.print_id())
    }

    /// Orders something that is done when nothing is printed.
    fn ask_order(&mut self, what: &str, order: Order, cx: &mut StepContext<'_>) -> Answer {
        let facts = facts!(self, cx);
        need_link(&facts)?;
        need_ready(&facts, what)?;
        cx.out.order(order);
        Ok(None)
    }

    fn ask_target(&mut self, heater: Heater, target_c: f64, cx: &mut StepContext<'_>) -> Answer {
        let facts = facts!(self, cx);
        let sent_c = check_target(heater, target_c, &facts)?;
        cx.out.order(Order::SetTarget(heater, sent_c));
        self.heaters.was_set(heater, &facts);
        Ok(self.print_id())
    }

    fn ask_tool(&mut self, tool: Tool, cx: &mut StepContext<'_>) -> Answer {
        let facts = facts!(self, cx);
        let tool = check_tool(tool, &facts)?;
        if matches!(tool, Tool::Extrude { .. }) {
            // Somebody works at the hotend: its countdown begins anew.
            self.heaters.was_set(Heater::Hotend(0), &facts);
        }
        cx.out.order(Order::Tool(tool));
        Ok(self.print_id())
    }

    fn ask_sd_list(&mut self, cx: &mut StepContext<'_>) -> Answer {
        need_card(&facts!(self, cx))?;
        cx.out.order(Order::Sd(SdOrder::List));
        Ok(None)
    }

    fn ask_sd_print(&mut self, path: String, cx: &mut StepContext<'_>) -> Answer {
        let name = check_print(&path, &facts!(self, cx))?;
        let print = cx.number_print();
        let job = StartJob::new(print, name, path.into(), Initiator::Person);
        cx.out.order(Order::Sd(SdOrder::Print(job.clone())));
        self.starts(job, Origin::Card, cx);
        Ok(Some(print))
    }

    fn ask_connect(&mut self, cx: &mut StepContext<'_>) -> Answer {
        let facts = facts!(self, cx);
        need_own_link(&facts)?;
        check_connect(&facts)?;
        self.card.check_connect(&facts)?;
        cx.out.order(Order::Connect);
        Ok(None)
    }

    fn ask_disconnect(&mut self, cx: &mut StepContext<'_>) -> Answer {
        let facts = facts!(self, cx);
        need_own_link(&facts)?;
        need_rest(&facts, "the printer is printing")?;
        if !is_open(&facts) {
            return Err(refusal("not_connected", "the printer is not connected", "There is nothing to do."));
        }
        cx.out.order(Order::Disconnect);
        Ok(None)
    }

    /// A person has seen what was held up.
    fn ask_seen(&mut self, seen: Seen, cx: &mut StepContext<'_>) -> Answer {
        match seen {
            Seen::Alarms => self.alarms.seen()?,
            Seen::LastPrint => self.last.put_away(self.printer().id, &mut cx.out),
        }
        Ok(self.print_id())
    }

    fn ask_patch(&mut self, patch: &PrinterPatch, to: ReplyTo, cx: &mut StepContext<'_>) {
        match check_patch(patch, &facts!(self, cx)) {
            Ok(()) => self.settings.patch(patch, to, cx.now.utc, &mut cx.out),
            Err(refused) => cx.out.reply(to, Err(refused)),
        }
    }

    /// Records a person's word on a print that runs here, or is the last one that did.
    fn ask_overwrite(
        &mut self,
        id: PrintId,
        word: Option<AlertOverwrite>,
        to: ReplyTo,
        cx: &mut StepContext<'_>,
    ) {
        let running =
            self.print.overwrite(id, word).map(|(before, row)| (before, Write::Print(Box::new(row))));
        let Some((before, write)) = running.or_else(|| self.last.overwrite(id, word)) else {
            let refused =
                refusal("not_here", format!("print {id} is not under way"), "Change it in the history.");
            return cx.out.reply(to, Err(refused));
        };
        self.settings.await_overwrite(to, id, before);
        cx.out.record_then_answer(write, to);
    }

    /// A write that somebody waits for is done, or has failed.
    pub(crate) fn on_stored(
        &mut self,
        to: ReplyTo,
        result: &Result<(), StoreFault>,
        cx: &mut StepContext<'_>,
    ) {
        let current = self.print_id();
        self.settings.on_stored(to, result, current, &mut cx.out);
    }
}

fn check_pause(facts: &Facts<'_>) -> Result<(), Refusal> {
    need_print(facts)?;
    match facts.state() {
        PrinterState::Heating | PrinterState::Printing | PrinterState::Resuming => Ok(()),
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
            format!("it cannot be paused while it says {}", facts.state().word()),
            "Wait a moment, or press STOP if it is urgent.",
        )),
    }
}

/// Returns the target to send, degrees Celsius: the one that is wanted and the heater's offset.
fn check_target(heater: Heater, target_c: f64, facts: &Facts<'_>) -> Result<f64, Refusal> {
    need_link(facts)?;
    if matches!(facts.state(), PrinterState::Cancelling | PrinterState::Finishing) {
        return Err(refusal("busy", "the print is ending", "Wait until it says Ready."));
    }
    let max_c = heater.max_target_c();
    // Off is off: no offset is added to it.
    let offset = if target_c == 0.0 { 0.0 } else { facts.offset_c(&heater.key()) };
    let sent_c = if target_c == 0.0 { 0.0 } else { target_c + offset };
    let in_range = |c: f64| (0.0..=max_c).contains(&c);
    if !in_range(target_c) || !in_range(sent_c) {
        let with = if offset == 0.0 { String::new() } else { format!(", its offset of {offset} included") };
        return Err(refusal(
            "out_of_range",
            format!("{target_c} °C is not possible for {}: 0 to {max_c} °C{with}", heater_word(heater)),
            "Choose a lower temperature.",
        ));
    }
    Ok(sent_c)
}

fn check_connect(facts: &Facts<'_>) -> Result<(), Refusal> {
    if facts.link_up() {
        return Err(refusal("busy", "the printer is connected already", "There is nothing to do."));
    }
    if facts.settings.archived_at.is_some() {
        return Err(refusal("archived", "this printer is archived", "Bring it back in the settings first."));
    }
    if facts.settings.kind == PrinterKind::Serial && facts.settings.port.is_none() {
        return Err(refusal("no_port", "no port is chosen", "Choose the printer's port in the settings."));
    }
    Ok(())
}

fn heater_word(heater: Heater) -> String {
    match heater {
        Heater::Hotend(0) => "the hotend".into(),
        Heater::Hotend(n) => format!("hotend {}", u16::from(n) + 1),
        Heater::Bed => "the bed".into(),
        Heater::Chamber => "the chamber".into(),
    }
}
