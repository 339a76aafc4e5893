//! Changes of what is set up: stored first, then taken into the running core.
//!
//! The database is asked here, on the caller's side, so that the loop never waits for it. Changes take turns.

use crate::command::{Command, CoreHandle};
use crate::error::{StationError, blocking};
use domain::{Clock, Timestamp, Write};
use std::sync::Arc;
use store::{Connection, Store, StoreError, Transaction};
use tokio::sync::{Semaphore, oneshot};

/// Where changes are stored and told. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Changes {
    store: Arc<Store>,
    core: CoreHandle,
    clock: Arc<dyn Clock>,
    turns: Arc<Semaphore>,
}

impl Changes {
    /// Stored in `store`, then told to `core`.
    pub(crate) fn new(store: Arc<Store>, core: CoreHandle, clock: Arc<dyn Clock>) -> Self {
        Self { store, core, clock, turns: Arc::new(Semaphore::new(1)) }
    }

    /// Returns the wall-clock time.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now().utc
    }

    /// Makes a change: one at a time, in one order, and to its end even when whoever asked has gone away meanwhile: what
    /// is stored and what runs never part.
    ///
    /// # Errors
    /// Those of the change.
    pub(super) async fn wholly<T: Send + 'static>(
        &self,
        change: impl Future<Output = Result<T, StationError>> + Send + 'static,
    ) -> Result<T, StationError> {
        let turn = self.turns.clone();
        let task = tokio::spawn(async move {
            let _turn = turn.acquire_owned().await.map_err(|_| StationError::Ending)?;
            change.await
        });
        task.await.map_err(|error| StationError::Thread(std::io::Error::other(error)))?
    }

    /// Reads something. Blocks.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn read_now<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.store.read(read)
    }

    /// Reads something.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StationError> {
        let store = self.store.clone();
        Ok(blocking(move || store.read(read)).await??)
    }

    /// Writes in a transaction of its own.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StationError> {
        let store = self.store.clone();
        Ok(blocking(move || store.write_now(write)).await??)
    }

    /// Has something written for which nobody waits.
    pub(super) fn record(&self, write: Write) {
        self.store.record(write, None);
    }

    /// Tells the running core of what is stored, and waits until it is taken in.
    ///
    /// # Errors
    /// When the core is ending.
    pub(super) async fn tell<T>(
        &self,
        make: impl FnOnce(oneshot::Sender<T>) -> Command,
    ) -> Result<T, StationError> {
        self.core.call(make).await
    }
}
