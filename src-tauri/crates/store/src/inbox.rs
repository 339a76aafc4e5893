//! What waits for the writing thread, in bounds.
//!
//! Changes of state wait in order; a newer version of the same print or printer takes the place of the older. Looks
//! drop the oldest, means keep the newest. Whoever puts something in holds the lock for a push and never waits for
//! the disk.

use crate::StoreError;
use domain::{LookRow, PredictionState, PrinterId, ReplyTo, Write};
use rusqlite::Connection;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Changes of state that may wait: days of a normal printer's.
const STATE_LIMIT: usize = 4096;
/// Looks that may wait: three hours of one printer.
const LOOK_LIMIT: usize = 1024;
/// Callers of `write_now` that may wait.
const TASK_LIMIT: usize = 64;
/// At most so many of a kind go into one transaction.
const BATCH: usize = 256;
/// After a failure the disk is tried again so often.
const RETRY: Duration = Duration::from_secs(1);

/// Something to be done on the writing connection, in its own transaction.
pub(crate) type Task = Box<dyn FnOnce(&mut Connection) + Send>;

/// A change of state and who waits for it.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) write: Write,
    pub(crate) replies: Vec<ReplyTo>,
}

/// Whether the last attempt to write came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disk {
    Fine,
    Failing,
}

/// What the writing thread does in one go.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) state: Vec<Item>,
    pub(crate) looks: Vec<LookRow>,
    pub(crate) predictions: Vec<PredictionState>,
    pub(crate) tasks: Vec<Task>,
    /// Waited for, but dropped because too much waits.
    pub(crate) refused: Vec<ReplyTo>,
    /// Changes of state dropped since the last batch.
    pub(crate) dropped: u64,
    /// Looks dropped since the last batch.
    pub(crate) dropped_looks: u64,
    pub(crate) closing: bool,
}

impl Batch {
    /// Returns whether there is nothing to write.
    pub(crate) fn is_empty(&self) -> bool {
        self.state.is_empty() && self.looks.is_empty() && self.predictions.is_empty()
    }
}

#[derive(Default)]
struct Queue {
    state: VecDeque<Item>,
    looks: VecDeque<LookRow>,
    predictions: BTreeMap<PrinterId, PredictionState>,
    tasks: VecDeque<Task>,
    refused: Vec<ReplyTo>,
    dropped: u64,
    /// Since the last batch, and since the start.
    dropped_looks: (u64, u64),
    closing: bool,
    ended: bool,
}

/// The queues, shared by the writing thread and all who write.
#[derive(Default)]
pub(crate) struct Inbox {
    queue: Mutex<Queue>,
    /// Something came, or it is time to close.
    wake: Condvar,
    /// The writing thread ended.
    end: Condvar,
}

impl Inbox {
    /// Puts a write in, or drops what the bounds demand.
    pub(crate) fn push(&self, write: Write, reply: Option<ReplyTo>) {
        let mut queue = self.lock();
        match (write, reply) {
            (Write::Look(look), None) => queue.push_look(*look),
            (Write::Prediction(state), None) => {
                queue.predictions.insert(state.printer, state);
            }
            (
                write @ (Write::Printer(_)
                | Write::Print(_)
                | Write::Event(_)
                | Write::Look(_)
                | Write::Prediction(_)
                | Write::Decision(_)
                | Write::Gap(_)
                | Write::Coverage(_)
                | Write::Feedback(_)
                | Write::Scale(_)
                | Write::Taught(..)
                | Write::ForgetScale(_)
                | Write::Frame(_)
                | Write::Temperature(_)
                | Write::DetectionHours(_)
                | Write::Overwrite { .. }
                | Write::Film(..)
                | Write::LastPrint(..)
                | Write::Queue(..)
                | Write::LoadedSpools(..)
                | Write::SpoolUse(..)
                | Write::CardUse(_)),
                reply,
            ) => queue.push_state(write, reply),
        }
        drop(queue);
        self.wake.notify_one();
    }

    /// Puts a task in.
    pub(crate) fn push_task(&self, task: Task) -> Result<(), StoreError> {
        let mut queue = self.lock();
        if queue.closing || queue.ended {
            return Err(StoreError::Closed);
        }
        let waiting = queue.tasks.len();
        if waiting >= TASK_LIMIT {
            return Err(StoreError::Busy { waiting });
        }
        queue.tasks.push_back(task);
        drop(queue);
        self.wake.notify_one();
        Ok(())
    }

    /// Waits for something to do. While the disk fails, only tasks and the retry time end the wait.
    pub(crate) fn take(&self, disk: Disk) -> Batch {
        let queue = self.lock();
        let mut queue = match disk {
            Disk::Fine => {
                self.wake.wait_while(queue, |q| q.is_idle()).unwrap_or_else(PoisonError::into_inner)
            }
            Disk::Failing => {
                let waited = self.wake.wait_timeout_while(queue, RETRY, |q| q.tasks.is_empty() && !q.closing);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
        };
        queue.take()
    }

    /// Puts what could not be written back to the front.
    pub(crate) fn put_back(&self, batch: Batch) {
        let mut queue = self.lock();
        for item in batch.state.into_iter().rev() {
            queue.state.push_front(item);
        }
        for look in batch.looks.into_iter().rev() {
            if queue.looks.len() < LOOK_LIMIT {
                queue.looks.push_front(look);
            } else {
                queue.drop_a_look();
            }
        }
        for state in batch.predictions {
            queue.predictions.entry(state.printer).or_insert(state);
        }
    }

    /// Returns how many changes of state wait.
    pub(crate) fn waiting(&self) -> usize {
        self.lock().state.len()
    }

    /// Returns how many looks were dropped since the start.
    pub(crate) fn dropped_looks(&self) -> u64 {
        self.lock().dropped_looks.1
    }

    /// Tells the writing thread to write what waits and end.
    pub(crate) fn close(&self) {
        self.lock().closing = true;
        self.wake.notify_all();
    }

    /// Says that the writing thread ended; whoever waits for a task is told by its dropping.
    pub(crate) fn set_ended(&self) {
        let mut queue = self.lock();
        queue.ended = true;
        queue.tasks.clear();
        drop(queue);
        self.end.notify_all();
    }

    /// Waits until the writing thread ended; returns whether it did within `deadline`.
    pub(crate) fn wait_ended(&self, deadline: Duration) -> bool {
        let queue = self.lock();
        let waited = self.end.wait_timeout_while(queue, deadline, |q| !q.ended);
        waited.unwrap_or_else(PoisonError::into_inner).0.ended
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn is_idle(&self) -> bool {
        let nothing = self.state.is_empty()
            && self.looks.is_empty()
            && self.predictions.is_empty()
            && self.tasks.is_empty()
            && self.refused.is_empty();
        nothing && !self.closing
    }

    fn push_state(&mut self, write: Write, reply: Option<ReplyTo>) {
        if let Some(waiting) = self.state.iter_mut().rev().find(|item| replaces(&write, &item.write)) {
            waiting.write = write;
            waiting.replies.extend(reply);
        } else if self.state.len() < STATE_LIMIT {
            self.state.push_back(Item { write, replies: reply.into_iter().collect() });
        } else {
            self.dropped += 1;
            self.refused.extend(reply);
        }
    }

    fn push_look(&mut self, look: LookRow) {
        if self.looks.len() >= LOOK_LIMIT {
            self.looks.pop_front();
            self.drop_a_look();
        }
        self.looks.push_back(look);
    }

    fn drop_a_look(&mut self) {
        self.dropped_looks.0 += 1;
        self.dropped_looks.1 += 1;
    }

    fn take(&mut self) -> Batch {
        let state = self.state.len().min(BATCH);
        let looks = self.looks.len().min(BATCH);
        Batch {
            state: self.state.drain(..state).collect(),
            looks: self.looks.drain(..looks).collect(),
            predictions: std::mem::take(&mut self.predictions).into_values().collect(),
            tasks: self.tasks.drain(..).collect(),
            refused: std::mem::take(&mut self.refused),
            dropped: std::mem::take(&mut self.dropped),
            dropped_looks: std::mem::take(&mut self.dropped_looks.0),
            closing: self.closing,
        }
    }
}

/// Returns whether writing `new` makes writing `old` needless.
fn replaces(new: &Write, old: &Write) -> bool {
    match (new, old) {
        (Write::Printer(new), Write::Printer(old)) => new.id == old.id,
        (Write::Print(new), Write::Print(old)) => new.id == old.id,
        (Write::DetectionHours(_), Write::DetectionHours(_)) => true,
        (Write::LastPrint(new, None), Write::LastPrint(old, _)) => new == old,
        (Write::Queue(new, _), Write::Queue(old, _)) => new == old,
        (Write::SpoolUse(new, _), Write::SpoolUse(old, _)) => new == old,
        (
            Write::Printer(_)
            | Write::Print(_)
            | Write::Event(_)
            | Write::Look(_)
            | Write::Prediction(_)
            | Write::Decision(_)
            | Write::Gap(_)
            | Write::Coverage(_)
            | Write::Feedback(_)
            | Write::Scale(_)
            | Write::Taught(..)
            | Write::ForgetScale(_)
            | Write::Frame(_)
            | Write::Temperature(_)
            | Write::DetectionHours(_)
            | Write::Overwrite { .. }
            | Write::Film(..)
            | Write::LastPrint(..)
            | Write::Queue(..)
            | Write::LoadedSpools(..)
            | Write::SpoolUse(..)
            | Write::CardUse(_),
            _,
        ) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{EventId, Print, PrintId, Timestamp};

    fn print(id: i64, filename: &str) -> Write {
        let now = Timestamp::from_micros(0);
        Write::Print(Box::new(Print::begin(PrintId(id), PrinterId(1), None, filename.to_owned(), now)))
    }

    fn state(printer: i64, lifetime_frame_num: u32) -> PredictionState {
        let fresh = PredictionState::fresh(PrinterId(printer), Timestamp::from_micros(0));
        PredictionState { lifetime_frame_num, ..fresh }
    }

    #[test]
    fn a_newer_version_takes_the_place_of_the_older_and_all_are_answered() {
        let inbox = Inbox::default();
        inbox.push(print(1, "old"), Some(ReplyTo(1)));
        inbox.push(print(2, "other"), None);
        inbox.push(print(1, "new"), Some(ReplyTo(2)));
        let batch = inbox.take(Disk::Fine);
        assert_eq!(batch.state.len(), 2);
        assert_eq!(batch.state[0].write, print(1, "new"), "it keeps its place");
        assert_eq!(batch.state[0].replies, [ReplyTo(1), ReplyTo(2)]);
    }

    #[test]
    fn the_newest_means_win_also_over_those_put_back() {
        let inbox = Inbox::default();
        inbox.push(Write::Prediction(state(1, 1)), None);
        inbox.push(Write::Prediction(state(1, 2)), None);
        let batch = inbox.take(Disk::Fine);
        assert_eq!(batch.predictions, [state(1, 2)]);
        inbox.push(Write::Prediction(state(1, 3)), None);
        inbox.put_back(batch);
        assert_eq!(inbox.take(Disk::Fine).predictions, [state(1, 3)]);
    }

    #[test]
    fn a_full_backlog_refuses_but_still_takes_newer_versions() {
        let inbox = Inbox::default();
        for id in 1..=STATE_LIMIT as i64 {
            inbox.push(print(id, "x"), None);
        }
        inbox.push(print(0, "one too many"), Some(ReplyTo(9)));
        inbox.push(print(7, "newer"), Some(ReplyTo(10)));
        assert_eq!(inbox.waiting(), STATE_LIMIT);
        let batch = inbox.take(Disk::Fine);
        assert_eq!(batch.refused, [ReplyTo(9)]);
        assert_eq!(batch.dropped, 1);
        assert_eq!(batch.state[6].write, print(7, "newer"));
    }

    #[test]
    fn looks_drop_the_oldest() {
        let inbox = Inbox::default();
        for frame in 0..LOOK_LIMIT as i64 + 3 {
            let look = LookRow {
                print: PrintId(1),
                frame: domain::FrameId(frame),
                taken_at: Timestamp::from_micros(frame),
                probability: 0.0,
                p: 0.0,
                state: state(1, 0),
                boxes: Vec::new(),
                line: None,
                layer_idx: None,
            };
            inbox.push(Write::Look(Box::new(look)), None);
        }
        assert_eq!(inbox.dropped_looks(), 3);
        let batch = inbox.take(Disk::Fine);
        assert_eq!((batch.looks[0].frame, batch.dropped_looks), (domain::FrameId(3), 3), "and it is said");
        assert_eq!(EventId(0).next(), EventId(1));
    }
}
