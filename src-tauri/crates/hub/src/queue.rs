//! What waits to be printed, in order. Nothing of it starts by itself: a person says that the bed is clear, each time. An item
//! counts down only when the printer has really begun; one that could not start stays, with the reason.

use crate::out::Out;
use crate::refusal::refusal;
use domain::limits::{self, Limit};
use domain::{
    GCodeFile, MOST_QUEUED, NoticeKind, PrintId, PrinterId, QueueChange, QueueItem, QueueItemId, QueuedBy,
    Refusal, Timestamp, Write,
};

/// The queue of one printer.
#[derive(Debug)]
pub(crate) struct Queue {
    printer: PrinterId,
    /// The next first.
    items: Vec<QueueItem>,
    next: QueueItemId,
    /// The print that was ordered of an item, and which that is; it has not begun yet.
    starting: Option<(PrintId, QueueItemId)>,
}

impl Queue {
    /// Begins with what was stored.
    pub(crate) fn new(printer: PrinterId, items: Vec<QueueItem>) -> Self {
        let last = items.iter().map(|item| item.id).max();
        Self { printer, items, next: last.map_or(QueueItemId(1), QueueItemId::next), starting: None }
    }

    pub(crate) fn items(&self) -> &[QueueItem] {
        &self.items
    }

    fn record(&self, out: &mut Out) {
        out.record(Write::Queue(self.printer, self.items.clone()));
    }

    fn place(&self, id: QueueItemId) -> Result<usize, Refusal> {
        self.items.iter().position(|item| item.id == id).ok_or_else(|| {
            refusal("not_found", "it is not in the queue any more", "It may have been started or removed.")
        })
    }

    /// Does what a person or a slicer asks for.
    pub(crate) fn change(
        &mut self,
        change: QueueChange,
        at: Timestamp,
        out: &mut Out,
    ) -> Result<(), Refusal> {
        match change {
            QueueChange::Add { file, copies, by } => self.add(&file, copies, by, at, out)?,
            QueueChange::Copies(id, copies) => {
                check_copies(copies)?;
                let at = self.place(id)?;
                self.items[at].copies = copies;
            }
            QueueChange::Move(id, to) => {
                let item = self.items.remove(self.place(id)?);
                self.items.insert(to.min(self.items.len()), item);
            }
            QueueChange::Remove(id) => {
                self.items.remove(self.place(id)?);
            }
        }
        self.record(out);
        Ok(())
    }

    fn add(
        &mut self,
        file: &GCodeFile,
        copies: u32,
        by: QueuedBy,
        at: Timestamp,
        out: &mut Out,
    ) -> Result<(), Refusal> {
        check_copies(copies)?;
        let mut new = QueueItem {
            id: self.next,
            file: file.id,
            name: file.filename.clone(),
            copies,
            added_at: at,
            by,
            why: None,
            gone: false,
            estimated_secs: None,
            filament_mm: None,
            thumbnail_url: None,
        };
        new.know(file);
        // A slicer that sends a file anew means it in the place of the one that it sent before.
        let sent_before = |item: &&mut QueueItem| item.gone && item.by == by && item.name == file.filename;
        let replaced = self.items.iter_mut().find(sent_before).filter(|_| by == QueuedBy::Slicer);
        if let Some(item) = replaced {
            *item = QueueItem { id: item.id, ..new };
        } else {
            if self.items.len() >= MOST_QUEUED {
                let message = format!("the queue is full: {MOST_QUEUED} files wait");
                return Err(refusal("queue_full", message, "Remove some of them first."));
            }
            self.items.push(new);
            self.next = self.next.next();
        }
        if by == QueuedBy::Slicer {
            let text = "The slicer sent it while the printer was busy. It starts when you say that the bed is clear.";
            out.notify(NoticeKind::Queued, format!("{} waits in the queue", file.filename), text);
        }
        Ok(())
    }

    /// Returns the item, if it can be started.
    pub(crate) fn startable(&self, id: QueueItemId) -> Result<&QueueItem, Refusal> {
        let item = &self.items[self.place(id)?];
        if item.gone {
            let message = format!("the file {} was deleted from the library", item.name);
            return Err(refusal("gone", message, "Remove it from the queue, or bring the file back."));
        }
        Ok(item)
    }

    /// This print of an item was ordered.
    pub(crate) fn starts(&mut self, print: PrintId, id: QueueItemId, out: &mut Out) {
        self.starting = Some((print, id));
        if let Some(item) = self.items.iter_mut().find(|item| item.id == id && item.why.is_some()) {
            item.why = None;
            self.record(out);
        }
    }

    /// The first line of this print is out: one copy less is wanted.
    pub(crate) fn on_begun(&mut self, print: PrintId, out: &mut Out) {
        let Some((_, id)) = self.starting.take_if(|(starting, _)| *starting == print) else { return };
        let Ok(at) = self.place(id) else { return };
        if self.items[at].copies > 1 {
            self.items[at].copies -= 1;
        } else {
            self.items.remove(at);
        }
        self.record(out);
    }

    /// What was ordered to start has not begun, and will not. `why`: what is being said of that.
    pub(crate) fn on_given_up(&mut self, why: Option<String>, out: &mut Out) {
        let Some((_, id)) = self.starting.take() else { return };
        let Some(item) = self.items.iter_mut().find(|item| item.id == id) else { return };
        let unknown =
            || "The printer did not begin it. Check the link to the printer, then start it again.".to_owned();
        item.why = Some(why.unwrap_or_else(unknown));
        self.record(out);
    }

    pub(crate) fn is_starting(&self) -> bool {
        self.starting.is_some()
    }

    /// What is known of a file has changed.
    pub(crate) fn on_file(&mut self, file: &GCodeFile, out: &mut Out) {
        let mut changed = false;
        for item in self.items.iter_mut().filter(|item| item.file == file.id) {
            let before = item.clone();
            item.know(file);
            changed |= *item != before;
        }
        if changed {
            self.record(out);
        }
    }
}

fn check_copies(copies: u32) -> Result<(), Refusal> {
    let Limit { min, max, .. } = limits::COPIES;
    if limits::COPIES.has(f64::from(copies)) {
        return Ok(());
    }
    Err(refusal(
        "out_of_range",
        format!("{copies} copies are not possible"),
        format!("Choose {min} to {max}."),
    ))
}
