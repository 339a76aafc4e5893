//! What everyone who looks is shown: one value, replaced whole.

use domain::{AlertSound, Notice, PrintId, PrinterId, PrinterView};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use ts_rs::TS;

/// Notices kept for those who come late.
const NOTICES: usize = 50;

/// The whole live state.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Printers by id, each with a `vigil.seq` that rises with its changes.
    pub printers: BTreeMap<PrinterId, Arc<PrinterView>>,
    /// The app itself.
    pub system: Arc<System>,
    /// The last notices, oldest first.
    pub notices: VecDeque<NoticeEntry>,
    /// Number of the newest notice.
    pub notice_seq: u64,
}

/// A notice and its number.
#[derive(Debug, Clone)]
pub struct NoticeEntry {
    /// Rises by one.
    pub seq: u64,
    /// The notice.
    pub notice: Arc<Notice>,
}

/// The app itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS, JsonSchema)]
pub struct System {
    /// Version of the app.
    pub version: String,
    /// Where everything is kept.
    pub data_dir: String,
    /// The detector.
    pub detector: DetectorView,
    /// Why history is not being kept, if so.
    pub history_lost: Option<String>,
    /// The first-run page has not been finished yet.
    pub first_run: bool,
    /// What was found damaged at the start and what was done about it.
    pub damage: Option<String>,
    /// How alerts are heard, and when they are said again.
    pub sound: AlertSound,
}

/// The detector, for people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS, JsonSchema)]
pub struct DetectorView {
    /// It works.
    pub ok: bool,
    /// Name of the model.
    pub name: String,
    /// Why it does not work.
    pub why: String,
}

impl Snapshot {
    /// Returns the printers that are in use; archived ones are left out.
    pub fn shown(&self) -> impl Iterator<Item = &Arc<PrinterView>> {
        self.printers.values().filter(|view| view.archived_at.is_none())
    }

    /// Returns whether a print is under way on any printer, demo included.
    pub fn printing(&self) -> bool {
        self.printers.values().any(|view| view.vigil.state.has_print())
    }

    /// Returns the prints that are under way.
    pub fn running(&self) -> impl Iterator<Item = PrintId> {
        self.printers.values().filter_map(|view| Some(view.current_print.as_ref()?.id))
    }

    /// Adds a notice.
    pub(crate) fn push_notice(&mut self, notice: Notice) {
        self.notice_seq += 1;
        self.notices.push_back(NoticeEntry { seq: self.notice_seq, notice: Arc::new(notice) });
        if self.notices.len() > NOTICES {
            self.notices.pop_front();
        }
    }
}
