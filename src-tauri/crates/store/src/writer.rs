//! The thread `store`: sole owner of the writing connection.

use crate::inbox::{Batch, Disk, Inbox};
use crate::lock::DataLock;
use crate::{
    StoreError, answer, event, film, frame, last_print, look, prediction, print, printer, queue, scale,
    spool, spool_use, temperature, user, watch,
};
use domain::{ReplyTo, StoreFault, Write};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// What became of writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreOutcome {
    /// A write that was waited for is done or failed. One that failed for the disk's sake is tried again all the same.
    Stored(ReplyTo, Result<(), StoreFault>),
    /// History is being lost, and why; `None` when it is kept again.
    Lost(Option<StoreFault>),
}

/// Told what became of writes, on the thread `store`.
pub(crate) type Outcomes = Box<dyn FnMut(StoreOutcome) + Send>;

pub(crate) struct Writer {
    pub(crate) conn: Connection,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) outcomes: Outcomes,
    /// Why history is being lost, if it is.
    pub(crate) losing: Option<StoreFault>,
    /// Held until the last write is done.
    pub(crate) lock: DataLock,
}

/// Says that the thread ended, in whatever way.
pub(crate) struct EndGuard(pub(crate) Arc<Inbox>);

impl Drop for EndGuard {
    fn drop(&mut self) {
        self.0.set_ended();
    }
}

impl Writer {
    /// Writes until it is told to close; then once more what waits.
    pub(crate) fn run(mut self) {
        let mut disk = Disk::Fine;
        loop {
            let batch = self.inbox.take(disk);
            let closing = batch.closing;
            if closing && batch.is_empty() && batch.tasks.is_empty() {
                break;
            }
            disk = self.work(batch);
            if closing && disk == Disk::Failing {
                tracing::error!(
                    writes = self.inbox.waiting(),
                    "history lost: it could not be written before the end"
                );
                break;
            }
        }
        // One file is easier to copy than three, and the next start need not replay the journal.
        if let Err(error) = self.conn.execute_batch("pragma optimize; pragma wal_checkpoint(truncate);") {
            tracing::warn!(%error, "the journal could not be folded into the database");
        }
        drop(self.conn);
        drop(self.lock);
    }

    fn work(&mut self, mut batch: Batch) -> Disk {
        self.refuse(&batch);
        let tasks = std::mem::take(&mut batch.tasks);
        let disk = if batch.is_empty() { Disk::Fine } else { self.write(batch) };
        for task in tasks {
            // A task that panics has answered nobody; its transaction is rolled back as it unwinds.
            if catch_unwind(AssertUnwindSafe(|| task(&mut self.conn))).is_err() {
                tracing::error!("a write panicked; it was rolled back");
            }
        }
        disk
    }

    /// Says that something found no room, and answers those who wait for it.
    fn refuse(&mut self, batch: &Batch) {
        if batch.dropped == 0 && batch.dropped_looks == 0 {
            return;
        }
        let slow = || StoreFault::Failed("the disk is too slow: too many writes wait".to_owned());
        let fault = self.losing.clone().unwrap_or_else(slow);
        let (writes, looks) = (batch.dropped, batch.dropped_looks);
        tracing::error!(writes, looks, "history lost: too many writes wait");
        for reply in &batch.refused {
            (self.outcomes)(StoreOutcome::Stored(*reply, Err(fault.clone())));
        }
        self.lose(fault);
    }

    fn write(&mut self, mut batch: Batch) -> Disk {
        match write_batch(&mut self.conn, &batch) {
            Ok(faults) => {
                self.answer(&batch, faults);
                Disk::Fine
            }
            Err(error) => {
                let fault = error.fault();
                if self.losing.is_none() {
                    tracing::error!(%error, "history cannot be written; it is tried again");
                }
                for reply in batch.state.iter_mut().flat_map(|item| std::mem::take(&mut item.replies)) {
                    (self.outcomes)(StoreOutcome::Stored(reply, Err(fault.clone())));
                }
                self.inbox.put_back(batch);
                self.lose(fault);
                Disk::Failing
            }
        }
    }

    /// Tells what became of each change of state in a transaction that went through.
    fn answer(&mut self, batch: &Batch, faults: Vec<Option<StoreFault>>) {
        let mut lost = None;
        for (item, fault) in batch.state.iter().zip(faults) {
            let result = fault.clone().map_or(Ok(()), Err);
            for reply in &item.replies {
                (self.outcomes)(StoreOutcome::Stored(*reply, result.clone()));
            }
            lost = fault.or(lost);
        }
        match lost {
            Some(fault) => self.lose(fault),
            None if self.losing.take().is_some() => {
                tracing::info!("history is kept again");
                (self.outcomes)(StoreOutcome::Lost(None));
            }
            None => (),
        }
    }

    fn lose(&mut self, fault: StoreFault) {
        if self.losing.as_ref() != Some(&fault) {
            self.losing = Some(fault.clone());
            (self.outcomes)(StoreOutcome::Lost(Some(fault)));
        }
    }
}

/// Writes all of it in one transaction; returns for each change of state what was wrong with its row, if anything.
///
/// # Errors
/// When nothing at all could be written.
fn write_batch(conn: &mut Connection, batch: &Batch) -> Result<Vec<Option<StoreFault>>, StoreError> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut faults = Vec::with_capacity(batch.state.len());
    for item in &batch.state {
        faults.push(row_fault(apply(&tx, &item.write), "a change of state")?);
    }
    for row in &batch.looks {
        row_fault(look::insert(&tx, row), "a look")?;
    }
    for state in &batch.predictions {
        row_fault(prediction::put(&tx, state), "the rule's means")?;
    }
    tx.commit()?;
    Ok(faults)
}

/// Parts the faults of a row, with which one can go on, from those of the disk.
fn row_fault(result: Result<(), StoreError>, what: &str) -> Result<Option<StoreFault>, StoreError> {
    match result {
        Ok(()) => Ok(None),
        Err(error) if error.is_of_the_row() => {
            tracing::error!(%error, what, "history lost: the database refuses a row");
            Ok(Some(error.fault()))
        }
        Err(error) => Err(error),
    }
}

fn apply(tx: &Transaction<'_>, write: &Write) -> Result<(), StoreError> {
    match write {
        Write::Printer(row) => printer::put(tx, row),
        Write::Print(row) => print::put(tx, row),
        Write::Event(row) => event::insert(tx, row),
        Write::Look(row) => look::insert(tx, row),
        Write::Prediction(row) => prediction::put(tx, row),
        Write::Decision(row) => watch::decide(tx, row),
        Write::Gap(row) => watch::add_gap(tx, row),
        Write::Coverage(row) => watch::put_coverage(tx, row),
        Write::Feedback(row) => answer::put(tx, row),
        Write::Scale(row) => scale::begin(tx, row),
        Write::Taught(print, taught) => scale::teach(tx, *print, taught),
        Write::ForgetScale(camera) => scale::forget(tx, *camera),
        Write::Frame(row) => frame::insert(tx, row),
        Write::Temperature(row) => temperature::insert(tx, row),
        Write::DetectionHours(hours) => user::set_detection_hours(tx, *hours),
        Write::Overwrite { print, answer, acknowledged_at } => {
            print::answer(tx, *print, *answer, *acknowledged_at)
        }
        Write::Film(print, state, why) => film::set(tx, *print, *state, why.as_deref()),
        Write::LastPrint(printer, Some(card)) => last_print::put(tx, *printer, card),
        Write::LastPrint(printer, None) => last_print::put_away(tx, *printer),
        Write::Queue(printer, items) => queue::put(tx, *printer, items),
        Write::LoadedSpools(printer, loaded) => spool::put_loaded(tx, *printer, loaded),
        Write::SpoolUse(print, parts) => spool_use::put(tx, *print, parts),
        Write::CardUse(used) => spool_use::put_of_card(tx, used),
    }
}
