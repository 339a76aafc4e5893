//! Which file a slicer has selected on each printer: shown as the job, and started when it says so. It is not kept.

use domain::{FileId, PrinterId};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The selected files.
#[derive(Default)]
pub(crate) struct Selected(Mutex<BTreeMap<PrinterId, FileId>>);

impl Selected {
    /// Selects a file on a printer.
    pub(crate) fn set(&self, printer: PrinterId, file: FileId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(printer, file);
    }

    /// Returns what is selected on a printer.
    pub(crate) fn on(&self, printer: PrinterId) -> Option<FileId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&printer).copied()
    }
}
