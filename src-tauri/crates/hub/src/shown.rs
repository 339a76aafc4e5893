//! What was last shown of a printer, and whether it may be something else now.

use domain::{HeatView, PrinterView, Timestamp};

/// What of a view may change though nothing happens at this printer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ByTheClock {
    pub(crate) warning: Option<String>,
    pub(crate) heat: HeatView,
    pub(crate) watched_percent: Option<f64>,
    pub(crate) watched_secs: f64,
    /// A gap in the coverage is under way: it goes on until this moment.
    pub(crate) gap_to: Option<Timestamp>,
    /// Detection hours that are left: all printers use them up.
    pub(crate) hours_left: Option<f64>,
}

/// What was last shown.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    view: Option<PrinterView>,
    by_the_clock: Option<ByTheClock>,
    seq: u64,
}

impl Shown {
    /// Keeps the count, when all else is set up anew: clients take the next view.
    pub(crate) fn rebuilt(broken: &Self) -> Self {
        Self { seq: broken.seq, ..Self::default() }
    }

    /// Returns whether the view has to be composed: something has changed that is shown, or goes by the clock.
    pub(crate) fn is_stale(&mut self, changed: bool, by_the_clock: ByTheClock) -> bool {
        let passed = self.by_the_clock.as_ref() != Some(&by_the_clock);
        self.by_the_clock = Some(by_the_clock);
        changed || passed
    }

    /// Takes a view in. Returns it with its number when it is another one than before.
    pub(crate) fn show(&mut self, mut view: PrinterView) -> Option<PrinterView> {
        view.vigil.seq = self.seq;
        if self.view.as_ref() == Some(&view) {
            return None;
        }
        self.seq += 1;
        view.vigil.seq = self.seq;
        self.view = Some(view.clone());
        Some(view)
    }

    pub(crate) fn view(&self) -> Option<&PrinterView> {
        self.view.as_ref()
    }
}
