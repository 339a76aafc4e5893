//! Read-only connections, reused. In WAL they see the last commit and never wait for the writer.

use crate::StoreError;
use rusqlite::{Connection, OpenFlags};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How many connections are kept open while nobody reads.
const KEPT: usize = 4;

/// Read-only connections to one database.
#[derive(Debug)]
pub(crate) struct Readers {
    path: PathBuf,
    /// Those that nobody uses just now; `None` when closed.
    idle: Mutex<Option<Vec<Connection>>>,
}

impl Readers {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::new(Some(Vec::new())) }
    }

    /// Lets `f` read one consistent state of the database.
    pub(crate) fn read<T>(
        &self,
        f: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let conn = self.take()?;
        let result = {
            let snapshot = conn.unchecked_transaction()?;
            f(&snapshot)
        };
        self.give_back(conn);
        result
    }

    /// Closes all connections that nobody uses, and those in use when they are done.
    pub(crate) fn close(&self) {
        *self.idle.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(crate) fn are_closed(&self) -> bool {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    fn take(&self) -> Result<Connection, StoreError> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = idle.as_mut().ok_or(StoreError::Closed)?.pop();
        drop(idle);
        match waiting {
            Some(conn) => Ok(conn),
            None => self.connect(),
        }
    }

    fn give_back(&self, conn: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(idle) = idle.as_mut().filter(|idle| idle.len() < KEPT) {
            idle.push(conn);
        }
    }

    fn connect(&self) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(&self.path, flags)?;
        conn.busy_timeout(Duration::from_secs(5))?;
        conn.set_prepared_statement_cache_capacity(64);
        Ok(conn)
    }
}
