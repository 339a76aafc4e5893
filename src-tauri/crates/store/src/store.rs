//! The database, opened.

use crate::files::Files;
use crate::inbox::Inbox;
use crate::lock::DataLock;
use crate::readers::Readers;
use crate::weekly::WeeklyCopy;
use crate::writer::{EndGuard, StoreOutcome, Writer};
use crate::{Boot, DATABASE, StoreError, integrity, migrate};
use domain::{ReplyTo, Timestamp, Write};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long a store that is dropped without [`Store::close`] waits for its last writes.
const DROP_DEADLINE: Duration = Duration::from_secs(5);

/// The database of one data folder. Shared freely; see the crate's page for which door is whose.
pub struct Store {
    inbox: Arc<Inbox>,
    readers: Readers,
    files: Files,
    /// `None` once it was joined.
    thread: Mutex<Option<JoinHandle<()>>>,
    /// `None` when none was due, and once it was stopped.
    copy: Mutex<Option<WeeklyCopy>>,
}

impl Store {
    /// Takes the data folder, opens and checks its database, brings it to the newest version, and starts the thread
    /// `store`. `outcomes` is called on that thread; it may wait, since [`Store::record`] never waits for it.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another core has the folder, [`StoreError::TooNew`] when a newer app wrote it, and
    /// what the disk says.
    pub fn open(
        data_dir: &Path,
        now: Timestamp,
        outcomes: impl FnMut(StoreOutcome) + Send + 'static,
    ) -> Result<(Self, Boot), StoreError> {
        let lock = DataLock::take(data_dir)?;
        let integrity::Checked { mut conn, damage } = integrity::open(data_dir, now)?;
        migrate::to_latest(&mut conn, data_dir, now)?;
        conn.pragma_update(None, "foreign_keys", true)?;
        conn.set_prepared_statement_cache_capacity(64);
        let boot = Boot::read(&mut conn, damage, now)?;

        let inbox = Arc::new(Inbox::default());
        let writer =
            Writer { conn, inbox: Arc::clone(&inbox), outcomes: Box::new(outcomes), losing: None, lock };
        let guard = EndGuard(Arc::clone(&inbox));
        let run = move || {
            let _guard = guard;
            writer.run();
        };
        let thread = thread::Builder::new()
            .name("store".to_owned())
            .spawn(run)
            .map_err(StoreError::file("start the thread for", data_dir))?;
        let readers = Readers::new(data_dir.join(DATABASE));
        let files = Files::opened(data_dir);
        let thread = Mutex::new(Some(thread));
        let store = Self { inbox, readers, files, thread, copy: Mutex::new(None) };
        // There is nothing worth a copy yet at the first start, or when one was just put to use.
        if !boot.first_run && boot.damage.is_none() {
            *store.copy.lock().unwrap_or_else(PoisonError::into_inner) =
                WeeklyCopy::begin_if_due(data_dir, now)?;
        }
        Ok((store, boot))
    }

    /// Takes a write of the hub's; never waits. With a `reply`, [`StoreOutcome::Stored`] comes back.
    pub fn record(&self, write: Write, reply: Option<ReplyTo>) {
        self.inbox.push(write, reply);
    }

    /// Lets `f` read one consistent state of the database. Call it where blocking is fine.
    ///
    /// # Errors
    /// Those of `f`, and [`StoreError::Closed`].
    pub fn read<T>(&self, f: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.readers.read(f)
    }

    /// Lets `f` write in a transaction of its own and waits for it: all of it is kept, or nothing. For what is no
    /// state of the hub's: files, folders, cameras, shots, settings, the user. Call it where blocking is fine.
    ///
    /// # Errors
    /// Those of `f`, [`StoreError::Busy`] when too many wait, and [`StoreError::Closed`].
    pub fn write_now<T: Send + 'static>(
        &self,
        f: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = sync_channel(1);
        let task = move |conn: &mut Connection| {
            // Whoever asked may be gone; the write is kept all the same.
            let _ = answer.send(in_transaction(conn, f));
        };
        self.inbox.push_task(Box::new(task))?;
        answered.recv().unwrap_or(Err(StoreError::Closed))
    }

    /// Returns which file of the open database was removed or replaced under our hands, if any: what is written now goes
    /// to where nobody finds it.
    pub fn missing(&self) -> Option<String> {
        let (closed, gone) = (self.readers.are_closed(), self.files.gone());
        gone.filter(|_| !closed)
    }

    /// Returns how many changes of state wait to be written; more than a few means that the disk fails.
    pub fn waiting(&self) -> usize {
        self.inbox.waiting()
    }

    /// Returns how many looks were dropped since the start because the disk could not keep up.
    pub fn dropped_looks(&self) -> u64 {
        self.inbox.dropped_looks()
    }

    /// Writes what waits, closes the database and gives the data folder back. Afterwards nothing is read or written.
    ///
    /// # Errors
    /// [`StoreError::CloseTimedOut`] when it takes longer than `deadline`, [`StoreError::Unsaved`] when the disk
    /// refused what waited.
    pub fn close(&self, deadline: Duration) -> Result<(), StoreError> {
        self.readers.close();
        self.inbox.close();
        drop(self.copy.lock().unwrap_or_else(PoisonError::into_inner).take());
        if !self.inbox.wait_ended(deadline) {
            return Err(StoreError::CloseTimedOut { secs: deadline.as_secs() });
        }
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that writes history had panicked");
        }
        match self.inbox.waiting() {
            0 => Ok(()),
            writes => Err(StoreError::Unsaved { writes }),
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Err(error) = self.close(DROP_DEADLINE) {
            tracing::error!(%error, "history was not closed in order");
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("readers", &self.readers).finish_non_exhaustive()
    }
}

fn in_transaction<T>(
    conn: &mut Connection,
    f: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = f(&tx)?;
    tx.commit()?;
    Ok(value)
}
