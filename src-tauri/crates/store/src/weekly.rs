//! A copy of the database once a week, made on a thread of its own beside everything else.

use crate::backup::{self, Going};
use crate::{DATABASE, StoreError};
use domain::Timestamp;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

/// The newest copy may be so old.
const AGE_SECS: f64 = 7.0 * 86_400.0;

/// A copy that is being made; stopped and waited for when it is dropped.
#[derive(Debug)]
pub(crate) struct WeeklyCopy {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl WeeklyCopy {
    /// Begins a copy if the newest one is a week old; a failure is only logged, since nothing depends on it.
    pub(crate) fn begin_if_due(data_dir: &Path, now: Timestamp) -> Result<Option<Self>, StoreError> {
        if !backup::is_older(data_dir, AGE_SECS, now)? {
            return Ok(None);
        }
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, folder) = (Arc::clone(&stop), data_dir.to_owned());
        let run = move || {
            if let Err(error) = copy(folder, now, &stopped) {
                tracing::warn!(%error, "the weekly copy of the database failed");
            }
        };
        let thread = thread::Builder::new()
            .name("store-copy".to_owned())
            .spawn(run)
            .map_err(StoreError::file("start the thread that copies", data_dir))?;
        Ok(Some(Self { stop, thread: Some(thread) }))
    }
}

impl Drop for WeeklyCopy {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that copies the database panicked");
        }
    }
}

fn copy(data_dir: PathBuf, now: Timestamp, stop: &AtomicBool) -> Result<(), StoreError> {
    let conn = Connection::open_with_flags(data_dir.join(DATABASE), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let going = || if stop.load(Ordering::Relaxed) { Going::Stop } else { Going::On };
    backup::copy(&conn, &data_dir, now, going)?;
    Ok(())
}
