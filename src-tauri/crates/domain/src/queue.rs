//! What waits to be printed on a printer, in order. Nothing of it starts by itself.

use crate::{FileId, GCodeFile, QueueItemId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Items in the queue of one printer at most.
pub const MOST_QUEUED: usize = 100;

/// Who put an item into the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueuedBy {
    /// A person, in the window.
    Person,
    /// A slicer, that wanted it printed at once while the printer was busy.
    Slicer,
}

/// A file that waits to be printed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct QueueItem {
    /// Its number, of this printer.
    pub id: QueueItemId,
    /// The file of the library.
    pub file: FileId,
    /// The file's name; stays when the file is deleted.
    pub name: String,
    /// How often it is still to be printed.
    pub copies: u32,
    /// Since when it waits.
    pub added_at: Timestamp,
    /// Who put it there.
    pub by: QueuedBy,
    /// Why its last start came to nothing, in words for people.
    pub why: Option<String>,
    /// The file was deleted from the library.
    pub gone: bool,
    /// Seconds that one copy takes.
    pub estimated_secs: Option<f64>,
    /// mm of filament of one copy.
    pub filament_mm: Option<f64>,
    /// Relative URL of a picture of it.
    pub thumbnail_url: Option<String>,
}

impl QueueItem {
    /// Takes over what is shown of its file.
    pub fn know(&mut self, file: &GCodeFile) {
        self.name.clone_from(&file.filename);
        self.gone = file.deleted.is_some();
        (self.estimated_secs, self.filament_mm) = (file.estimated_time, file.filament_total);
        self.thumbnail_url.clone_from(&file.thumbnail1_url);
    }
}

/// What is to become of a queue.
#[derive(Debug, Clone, PartialEq)]
pub enum QueueChange {
    /// A file joins the end.
    Add {
        /// Its record.
        file: Box<GCodeFile>,
        /// How often it is to be printed.
        copies: u32,
        /// Who wants it.
        by: QueuedBy,
    },
    /// So many copies of an item are wanted.
    Copies(QueueItemId, u32),
    /// An item moves to this place, 0 is the next; beyond the end is the end.
    Move(QueueItemId, usize),
    /// An item is not wanted any more.
    Remove(QueueItemId),
}
