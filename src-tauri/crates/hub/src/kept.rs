//! What outlasts a run of the app, or the removal of a printer that is brought back.

use domain::{KeptCard, LoadedSpool, PredictionState, Print, PrintId, PrinterId, QueueItem, SpoolUse};
use std::collections::BTreeMap;

/// What is kept of spools.
#[derive(Debug, Clone, Default)]
pub struct KeptSpools {
    /// What is loaded on each printer.
    pub loaded: BTreeMap<PrinterId, Vec<LoadedSpool>>,
    /// What the prints that were under way had used, as far as it was written.
    pub uses: BTreeMap<PrintId, Vec<SpoolUse>>,
}

/// What is kept of one printer from one run, or one removal, to the next.
#[derive(Debug, Clone, Default)]
pub struct KeptOfPrinter {
    /// What the rule remembers.
    pub prediction: Option<PredictionState>,
    /// The card of the last print, if nobody has put it away, with the record of that print.
    pub last_print: Option<(KeptCard, Print)>,
    /// What waits to be printed.
    pub queue: Vec<QueueItem>,
    /// What is loaded.
    pub spools: Vec<LoadedSpool>,
}
