//! What the printer tells of itself is kept with its settings: rate, port, machine.

use crate::outlet::Outlet;
use crate::watch::PrintWatch;
use domain::{LinkState, Printer, Write};

impl PrintWatch {
    /// Keeps what the last report taught, once the printer answers.
    pub(crate) fn learn(&mut self, out: &mut Outlet<'_>) {
        let Some(report) = self.report.as_ref().filter(|report| report.link == LinkState::Up) else { return };
        let settings = &mut self.settings;
        let mut changed = false;
        if let Some(mut told) = report.machine.clone() {
            // That it says `busy` is seen now and then only; it is not forgotten until the firmware changes.
            let before = settings.machine.as_ref().filter(|known| known.firmware == told.firmware);
            told.busy_protocol |= before.is_some_and(|known| known.busy_protocol);
            if settings.machine.as_ref() != Some(&told) {
                settings.machine = Some(told);
                changed = true;
            }
        }
        if report.usb.is_some() && report.usb != settings.usb {
            settings.usb.clone_from(&report.usb);
            changed = true;
        }
        // Only the first report of a link tells of its rate: a late one of the thread before must not undo a choice.
        if std::mem::take(&mut self.learn_rate)
            && let (Some(port), Some(baud)) = (settings.port.as_mut(), report.baud)
            && port.baud != baud
        {
            port.baud = baud;
            changed = true;
        }
        if changed {
            let mut row = self.row();
            row.usb.clone_from(&self.settings.usb);
            row.machine.clone_from(&self.settings.machine);
            out.record(Write::Printer(Box::new(row)));
        }
    }

    /// New settings come into force; what was learnt meanwhile stays, unless they are for another port.
    pub(crate) fn adopt(&mut self, new: Printer) {
        let path = |printer: &Printer| printer.port.as_ref().map(|port| port.path.clone());
        let same_port = path(&new) == path(&self.settings);
        let (usb, machine) = (self.settings.usb.take(), self.settings.machine.take());
        let current_print = self.settings.current_print;
        self.settings = Printer { current_print, ..new };
        if same_port {
            (self.settings.usb, self.settings.machine) = (usb, machine);
        }
    }
}
