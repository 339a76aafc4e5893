//! Prints that the printer reads from its own card, begun here or at its display.

use crate::outlet::{Entry, Outlet, refusal};
use crate::watch::{AlarmKind, PrintWatch, Starting};
use domain::{
    Answer, EventClass, EventType, Initiator, Millis, Now, Order, PastTimes, PrinterState, Refusal, SdFile,
    SdOrder, StartJob, check_sd_path,
};

/// A second press within this after the warning means it.
const MEANT_MS: Millis = 60_000;

impl PrintWatch {
    /// Returns whether the print under way is read from the card.
    pub(crate) fn runs_on_card(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.on_card)
    }

    pub(crate) fn ask_sd_list(&mut self, out: &mut Outlet<'_>) -> Answer {
        self.need_card()?;
        out.order(self, Order::Sd(SdOrder::List));
        Ok(None)
    }

    pub(crate) fn ask_sd_print(&mut self, path: &str, out: &mut Outlet<'_>) -> Answer {
        self.need_card()?;
        check_sd_path(path).map_err(|why| refusal("bad_name", why, "Choose another file of the card."))?;
        let files =
            self.report.as_ref().and_then(|report| report.sd.as_ref()).and_then(|card| card.files.as_ref());
        let known = files.and_then(|files| files.iter().find(|file| file.path == path));
        if known.is_some_and(|file| !file.printable) {
            return Err(refusal("bad_file", "this file holds no G-code", "Choose another file of the card."));
        }
        let name = known.map_or(path, |file: &SdFile| file.name.as_str()).to_owned();
        let job = self.card_job(name, path.to_owned(), Initiator::Person, out);
        out.order(self, Order::Sd(SdOrder::Print(job.clone())));
        let print = job.print;
        self.starting = Some(Starting { job, on_card: true, since: out.now.mono_ms });
        self.clear_alarm(&[AlarmKind::Refused, AlarmKind::Restarted]);
        self.heat.forget();
        Ok(Some(print))
    }

    fn card_job(&self, name: String, path: String, initiator: Initiator, out: &mut Outlet<'_>) -> StartJob {
        let print = *out.next_print;
        *out.next_print = print.next();
        StartJob {
            print,
            file: None,
            path: path.into(),
            name,
            initiator,
            past: PastTimes::default(),
            done_lines: 0,
        }
    }

    fn need_card(&self) -> Result<(), Refusal> {
        self.need_link()?;
        let busy = self.running.is_some() || self.starting.is_some();
        if busy || self.state() != PrinterState::Operational {
            let message = format!("the printer cannot do that while it says {}", self.state().word());
            return Err(refusal("busy", message, "Wait until it says Ready."));
        }
        if self.report.as_ref().is_none_or(|report| report.sd.is_none()) {
            return Err(refusal(
                "no_card_reader",
                "the printer has told of no card reader",
                "Print a file of the library instead.",
            ));
        }
        Ok(())
    }

    /// The printer was found at a print from its card: it gets a number, so that it is watched and recorded.
    pub(crate) fn on_card_print(&mut self, name: String, path: String, out: &mut Outlet<'_>) {
        if self.running.is_some() || self.starting.is_some() {
            return;
        }
        let job = self.card_job(name, path, Initiator::Printer, out);
        out.order(self, Order::Sd(SdOrder::Follow(job.clone())));
        let text =
            format!("{} was started at the printer itself. From now on it is followed here.", job.name);
        self.starting = Some(Starting { job, on_card: true, since: out.now.mono_ms });
        // Its heat is that of a print.
        self.heat.forget();
        let entry = Entry::new(EventType::Connected, EventClass::Info, "Print from the card found");
        out.log(self, entry.text(text).by(Initiator::Printer));
    }

    /// Warns once before the link is opened to a printer that may be printing from its card.
    pub(crate) fn check_connect(&mut self, now: Now) -> Result<(), Refusal> {
        let warned = self.connect_warned.is_some_and(|at| now.mono_ms.saturating_sub(at) < MEANT_MS);
        if !self.runs_on_card() || warned {
            self.connect_warned = None;
            return Ok(());
        }
        self.connect_warned = Some(now.mono_ms);
        Err(refusal(
            "card_print",
            "the printer may still be printing from its card, and connecting may restart it: the print would be lost",
            "Wait until it has finished. To connect all the same, press Connect once more within a minute.",
        ))
    }
}
