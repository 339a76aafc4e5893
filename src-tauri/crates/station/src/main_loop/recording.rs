//! What is kept: rows through the store's queue, pictures and looks through the media thread's. Nobody waits for either.

use crate::media::{Keep, Media};
use crate::scales;
use domain::{Event, HeatLook, PrintId, ReplyTo, TemperatureRow, Write};
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio::sync::mpsc;

/// When the core ends, what waits is on the disk within this.
const CLOSED_WITHIN: Duration = Duration::from_secs(5);

/// Where it goes.
pub(crate) struct Recording {
    store: Arc<Store>,
    media: Media,
    /// Hears what is known of the cameras, read anew.
    events: mpsc::Sender<Event>,
}

impl Recording {
    /// Rows go to `store`, pictures to `media`.
    pub(crate) fn new(store: Arc<Store>, media: Media, events: mpsc::Sender<Event>) -> Self {
        Self { store, media, events }
    }

    /// Has a row written; with what ends a print its looks are written out, and what it teaches is read.
    pub(super) fn record(&mut self, write: Write, reply: Option<ReplyTo>) {
        if let Write::Print(print) = &write
            && print.ended_at().is_some()
        {
            self.media.print_over(print.id);
        }
        let teaches = teaches(&write);
        self.store.record(write, reply);
        if teaches {
            scales::tell(self.store.clone(), self.events.clone());
        }
    }

    /// Has the temperatures of a print kept.
    pub(super) fn keep_temperatures(&self, row: TemperatureRow) {
        self.store.record(Write::Temperature(Box::new(row)), None);
    }

    /// Has a picture kept.
    pub(super) fn keep(&mut self, keep: Keep) {
        self.media.keep(keep);
    }

    /// Has every second picture for the film of a print dropped.
    pub(super) fn thin(&self, print: PrintId) {
        self.media.thin(print);
    }

    /// Has a look kept.
    pub(super) fn keep_look(&mut self, look: Box<HeatLook>) {
        self.media.keep_look(look);
    }

    /// Returns a function that waits until all pictures handed over so far are on disk.
    pub(super) fn flusher(&self) -> impl FnOnce() + Send + 'static {
        self.media.flusher()
    }

    /// Writes what waits and ends. Blocks.
    pub(super) fn close(mut self) {
        self.media.close();
        if let Err(error) = self.store.close(CLOSED_WITHIN) {
            tracing::error!(%error, "the database did not end in order");
        }
    }
}

/// Returns whether what is known of the cameras changes by it.
fn teaches(write: &Write) -> bool {
    match write {
        Write::Print(print) => print.ended_at().is_some(),
        Write::ForgetScale(_) | Write::Overwrite { .. } => true,
        Write::Printer(_)
        | Write::Event(_)
        | Write::Look(_)
        | Write::Prediction(_)
        | Write::Decision(_)
        | Write::Gap(_)
        | Write::Coverage(_)
        | Write::Feedback(_)
        | Write::Scale(_)
        | Write::Taught(..)
        | Write::Frame(_)
        | Write::Temperature(_)
        | Write::DetectionHours(_)
        | Write::Film(..)
        | Write::LastPrint(..)
        | Write::Queue(..)
        | Write::LoadedSpools(..)
        | Write::SpoolUse(..)
        | Write::CardUse(_) => false,
    }
}
