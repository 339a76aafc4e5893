//! Printers that come and go. What comes is stored already; what goes is stored as gone before it is let go of.

use crate::hub::Hub;
use crate::kept::KeptOfPrinter;
use crate::refusal::refusal;
use crate::session::PrinterSession;
use crate::step::orders_first;
use domain::{Effect, Now, Printer, PrinterId, Refusal};

impl Hub {
    /// Takes a printer in at run time; it is stored already.
    pub fn add_printer(&mut self, printer: Printer, kept: KeptOfPrinter, now: Now) -> Vec<Effect> {
        let id = printer.id;
        self.sessions.insert(id, PrinterSession::with_kept(printer, kept, &self.world, now));
        orders_first(self.with(id, now, |_, _| ()))
    }

    /// A printer is to be removed: until that is stored, or has failed, nothing is begun on it.
    ///
    /// # Errors
    /// Refused while it prints, and when there is no such printer.
    pub fn begin_removal(&mut self, id: PrinterId) -> Result<(), Refusal> {
        match self.sessions.get_mut(&id) {
            None => Err(refusal("unknown_printer", "there is no such printer", "It is gone already.")),
            Some(session) if session.is_busy() => Err(refusal(
                "busy",
                "the printer is printing",
                "Wait for the print to end, or cancel it first.",
            )),
            Some(session) => {
                session.set_leaving(true);
                Ok(())
            }
        }
    }

    /// The removal of a printer could not be stored: all is as before.
    pub fn keep_printer(&mut self, id: PrinterId) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.set_leaving(false);
        }
    }

    /// Lets go of a printer whose removal is stored.
    pub fn remove_printer(&mut self, id: PrinterId) -> Vec<Effect> {
        let Some(session) = self.sessions.remove(&id) else { return Vec::new() };
        let gone = || Err(refusal("unknown_printer", "the printer was removed", "It is gone."));
        // Whoever still waits for a change of its settings is not left waiting.
        let unanswered = session.waiting().map(|to| Effect::Reply(to, gone()));
        std::iter::once(Effect::Watch(id, None)).chain(unanswered).collect()
    }
}
