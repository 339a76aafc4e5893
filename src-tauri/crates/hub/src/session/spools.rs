//! Spools of the printer, as people and other printers change them.

use super::PrinterSession;
use crate::out::Entry;
use crate::refusal::refusal;
use crate::step::StepContext;
use domain::{Answer, EventClass, EventType, Initiator, MOST_TOOLS, PrinterId, SpoolId};

impl PrinterSession {
    /// A person says which spool is on a tool.
    pub(super) fn ask_load_spool(
        &mut self,
        tool: u8,
        spool: Option<(SpoolId, String)>,
        cx: &mut StepContext<'_>,
    ) -> Answer {
        if tool >= MOST_TOOLS {
            let message = format!("a printer has at most {MOST_TOOLS} tools");
            return Err(refusal("out_of_range", message, "Choose a tool that it has."));
        }
        let what = match &spool {
            Some((_, name)) => format!("Spool loaded: {name}"),
            None => "Spool taken off".to_owned(),
        };
        self.spools.load(tool, spool.map(|(id, _)| id), cx.now, &mut cx.out);
        let entry = Entry::new(EventType::FilamentChange, EventClass::Info, what).by(Initiator::Person);
        let entry = if tool == 0 { entry } else { entry.text(format!("On tool {}.", tool + 1)) };
        cx.out.log(entry);
        Ok(self.print_id())
    }

    /// The spool was loaded on a printer: it is on no other.
    pub(crate) fn on_loaded(&mut self, spool: SpoolId, printer: PrinterId, cx: &mut StepContext<'_>) {
        if self.printer().id != printer && self.spools.take_off(spool, &mut cx.out) {
            let entry = Entry::new(EventType::FilamentChange, EventClass::Info, "Spool taken off");
            cx.out.log(entry.text("It was loaded on another printer.").by(Initiator::Person));
        }
    }
}
