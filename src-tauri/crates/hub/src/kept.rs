//! What outlasts a run of the app, or the removal of a printer that is brought back.

use domain::{KeptCard, PredictionState, Print, QueueItem};

/// What is kept of one printer from one run, or one removal, to the next.
#[derive(Debug, Clone, Default)]
pub struct KeptOfPrinter {
    /// What the rule remembers.
    pub prediction: Option<PredictionState>,
    /// The card of the last print, if nobody has put it away, with the record of that print.
    pub last_print: Option<(KeptCard, Print)>,
    /// What waits to be printed.
    pub queue: Vec<QueueItem>,
}
