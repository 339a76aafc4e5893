//! A printer's settings: what a person chose, in force only when it is on disk, and what the printer told of itself.

use crate::message::Message;
use crate::out::Out;
use crate::patch::change;
use crate::refusal::refusal;
use domain::{
    AlertOverwrite, CameraId, Order, PrintId, Printer, PrinterKind, PrinterPatch, PrinterReport, ReplyTo,
    StoreFault, Timestamp, Write,
};

/// A write that somebody waits for.
#[derive(Debug)]
struct PendingWrite {
    to: ReplyTo,
    what: Pending,
}

#[derive(Debug)]
enum Pending {
    /// These settings come into force; by this change.
    Settings(Box<Printer>, Box<PrinterPatch>),
    /// This word on a print was recorded; on failure the one before holds again.
    Overwrite(PrintId, Option<AlertOverwrite>),
}

impl PendingWrite {
    fn settings(&self) -> Option<&Printer> {
        match &self.what {
            Pending::Settings(printer, _) => Some(printer),
            Pending::Overwrite(..) => None,
        }
    }
}

/// The settings of one printer, and the writes that somebody waits for.
#[derive(Debug)]
pub(crate) struct Settings {
    /// What is in force.
    printer: Printer,
    pending: Vec<PendingWrite>,
    /// The printer's thread was given offsets that are not all 0.
    offsets_told: bool,
    /// The link has come up; the next report tells its rate.
    learn_rate: bool,
    /// The printer is being removed.
    leaving: bool,
}

impl Settings {
    pub(crate) fn new(printer: Printer) -> Self {
        Self { printer, pending: Vec::new(), offsets_told: false, learn_rate: false, leaving: false }
    }

    /// Keeps what holds and who waits, when all else is set up anew.
    pub(crate) fn rebuilt(broken: Self) -> Self {
        Self { pending: broken.pending, leaving: broken.leaving, ..Self::new(broken.printer) }
    }

    /// Returns what is in force.
    pub(crate) fn printer(&self) -> &Printer {
        &self.printer
    }

    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving
    }

    pub(crate) fn set_leaving(&mut self, leaving: bool) {
        self.leaving = leaving;
    }

    /// Returns who waits for a write.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = ReplyTo> {
        self.pending.iter().map(|write| write.to)
    }

    /// Returns the row to write: what is on its way to the disk included, so that no write undoes another.
    fn row(&self) -> Printer {
        let mut row =
            self.pending.iter().rev().find_map(PendingWrite::settings).unwrap_or(&self.printer).clone();
        row.current_print = self.printer.current_print;
        row
    }

    /// The print under way is another, or none.
    pub(crate) fn set_current_print(&mut self, print: Option<PrintId>, out: &mut Out) {
        self.printer.current_print = print;
        out.record(Write::Printer(Box::new(self.row())));
    }

    /// The change was checked: it is recorded, and answered and in force once it is on disk.
    pub(crate) fn patch(&mut self, patch: &PrinterPatch, to: ReplyTo, at: Timestamp, out: &mut Out) {
        let mut row = self.row();
        change(&mut row, patch, at);
        out.record_then_answer(Write::Printer(Box::new(row.clone())), to);
        let what = Pending::Settings(Box::new(row), Box::new(patch.clone()));
        self.pending.push(PendingWrite { to, what });
    }

    /// A person's word on a print is being recorded; `before` holds again when that fails.
    pub(crate) fn await_overwrite(&mut self, to: ReplyTo, print: PrintId, before: Option<AlertOverwrite>) {
        self.pending.push(PendingWrite { to, what: Pending::Overwrite(print, before) });
    }

    /// A write that somebody waits for is done, or has failed. `current`: the print under way.
    pub(crate) fn on_stored(
        &mut self,
        to: ReplyTo,
        result: &Result<(), StoreFault>,
        current: Option<PrintId>,
        out: &mut Out,
    ) {
        let Some(place) = self.pending.iter().position(|write| write.to == to) else { return };
        let write = self.pending.remove(place);
        match (write.what, result) {
            (Pending::Settings(printer, _), Ok(())) => {
                self.come_into_force(*printer, out);
                out.reply(to, Ok(current));
            }
            (Pending::Overwrite(print, _), Ok(())) => out.reply(to, Ok(Some(print))),
            (what, Err(fault)) => {
                match what {
                    Pending::Overwrite(id, before) => out.ask(Message::TakeBack(id, before)),
                    Pending::Settings(..) => self.unmake(out),
                }
                let why = match fault {
                    StoreFault::DiskFull => "the disk is full".to_owned(),
                    StoreFault::Failed(why) => why.clone(),
                };
                let message = format!("it could not be saved: {why}");
                let hint = "Free some space or check the disk, then try again.";
                out.reply(to, Err(refusal("not_stored", message, hint)));
            }
        }
    }

    fn come_into_force(&mut self, new: Printer, out: &mut Out) {
        let hold_before = self.printer.bed_hold_mins;
        let offsets_before = self.printer.temperature_offsets.clone();
        let archived_before = self.printer.archived_at.is_some();
        self.adopt(new);
        if self.printer.temperature_offsets != offsets_before {
            out.ask(Message::OffsetsChanged);
        }
        if self.printer.archived_at.is_some() && !archived_before {
            out.ask(Message::Archived);
        }
        out.ask(Message::HoldLimitChanged(hold_before));
    }

    /// New settings come into force; what was learnt meanwhile stays, unless they are for another port.
    fn adopt(&mut self, new: Printer) {
        let path = |printer: &Printer| printer.port.as_ref().map(|port| port.path.clone());
        let same_port = path(&new) == path(&self.printer);
        let (usb, machine) = (self.printer.usb.take(), self.printer.machine.take());
        let agent = self.printer.agent.take();
        let current_print = self.printer.current_print;
        self.printer = Printer { current_print, agent, ..new };
        if same_port {
            (self.printer.usb, self.printer.machine) = (usb, machine);
        }
    }

    /// A change was refused by the disk: those that came after it are made without it. The disk may take a write that
    /// failed all the same, so what holds is written over it; else the refused change came into force at the next start.
    fn unmake(&mut self, out: &mut Out) {
        let mut row = self.printer.clone();
        for write in &mut self.pending {
            if let Pending::Settings(printer, patch) = &mut write.what {
                change(&mut row, patch, printer.updated_at);
                **printer = row.clone();
            }
        }
        out.record(Write::Printer(Box::new(row)));
    }

    /// The link has come up: its first report tells of its rate.
    pub(crate) fn on_up(&mut self) {
        self.learn_rate = true;
    }

    /// Keeps what a report of a link that is up taught.
    pub(crate) fn learn(&mut self, report: &PrinterReport, out: &mut Out) {
        let printer = &mut self.printer;
        let mut changed = false;
        if let Some(mut told) = report.machine.clone() {
            // That it says `busy` is seen now and then only; it is not forgotten until the firmware changes.
            let before = printer.machine.as_ref().filter(|known| known.firmware == told.firmware);
            told.busy_protocol |= before.is_some_and(|known| known.busy_protocol);
            if printer.machine.as_ref() != Some(&told) {
                printer.machine = Some(told);
                changed = true;
            }
        }
        if report.usb.is_some() && report.usb != printer.usb {
            printer.usb.clone_from(&report.usb);
            changed = true;
        }
        if report.agent.is_some() && printer.kind == PrinterKind::Agent && report.agent != printer.agent {
            printer.agent.clone_from(&report.agent);
            changed = true;
        }
        // Only the first report of a link tells of its rate: a late one of the thread before must not undo a choice.
        if std::mem::take(&mut self.learn_rate)
            && let (Some(port), Some(baud)) = (printer.port.as_mut(), report.baud)
            && port.baud != baud
        {
            port.baud = baud;
            changed = true;
        }
        if changed {
            let mut row = self.row();
            row.usb.clone_from(&self.printer.usb);
            row.machine.clone_from(&self.printer.machine);
            row.agent.clone_from(&self.printer.agent);
            out.record(Write::Printer(Box::new(row)));
        }
    }

    /// Gives the printer's thread the offsets for the targets of a file.
    pub(crate) fn tell_offsets(&mut self, out: &mut Out) {
        let offsets = self.printer.temperature_offsets.clone();
        let any = offsets.values().any(|offset_c| *offset_c != 0.0);
        if any || self.offsets_told {
            self.offsets_told = any;
            out.order(Order::Offsets(offsets));
        }
    }

    /// A camera is gone: what watched with it watches with none.
    pub(crate) fn forget_camera(&mut self, id: CameraId, out: &mut Out) {
        if self.printer.camera == Some(id) {
            self.printer.camera = None;
            for write in &mut self.pending {
                match &mut write.what {
                    Pending::Settings(printer, patch) => {
                        printer.camera = printer.camera.filter(|camera| *camera != id);
                        patch.camera = patch.camera.filter(|camera| *camera != id);
                    }
                    Pending::Overwrite(..) => (),
                }
            }
            out.record(Write::Printer(Box::new(self.row())));
        }
    }
}
