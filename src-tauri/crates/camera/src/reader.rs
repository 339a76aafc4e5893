//! The thread that holds the device: opens it, reads it, opens it again when it failed.
//!
//! It is apart from the camera's thread because a driver may hang in a read for ever; nothing else may then.

use crate::{CameraError, OpenSource, Source};
use bytes::Bytes;
use domain::{Clock, Now};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

/// What the camera's thread hears.
#[derive(Debug)]
pub(crate) enum Message {
    /// A picture, and when its capture ended.
    Picture(Bytes, Now),
    /// Opening or reading failed; it is tried again after a while.
    Failed(CameraError),
    /// The owner wants no more.
    Stop,
}

/// Seconds of real time before each new try; the last one repeats.
const BACK_OFF_SECS: [u64; 5] = [1, 2, 4, 8, 15];

/// What the reader works with.
pub(crate) struct Reader {
    /// Opens the camera.
    pub(crate) opener: Box<dyn OpenSource>,
    /// Stamps the pictures.
    pub(crate) clock: Arc<dyn Clock>,
    /// To the camera's thread.
    pub(crate) out: SyncSender<Message>,
    /// Never says a word: its other end is dropped to end the waiting.
    pub(crate) stop: Receiver<()>,
}

impl Reader {
    /// Runs until the camera's thread ends.
    pub(crate) fn run(mut self) {
        let mut failures = 0;
        loop {
            let error = match guarded(|| self.opener.open()) {
                Ok(source) => match self.read(source, &mut failures) {
                    Some(error) => error,
                    None => return,
                },
                Err(error) => error,
            };
            let delay = BACK_OFF_SECS[failures.min(BACK_OFF_SECS.len() - 1)];
            failures += 1;
            if self.out.send(Message::Failed(error)).is_err() {
                return;
            }
            match self.stop.recv_timeout(Duration::from_secs(delay)) {
                Err(RecvTimeoutError::Timeout) => (),
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Reads until the camera fails (the error) or nobody listens (`None`).
    fn read(&self, mut source: Box<dyn Source>, failures: &mut usize) -> Option<CameraError> {
        let error = loop {
            match guarded(|| source.next()) {
                Ok(jpeg) => {
                    *failures = 0;
                    if self.out.send(Message::Picture(jpeg, self.clock.now())).is_err() {
                        break None;
                    }
                }
                Err(error) => break Some(error),
            }
        };
        // Drivers have been seen to panic while they are closed.
        let closed = guarded(|| {
            drop(source);
            Ok(())
        });
        if let Err(reason) = closed {
            tracing::warn!(%reason, "the camera did not close cleanly");
        }
        error
    }
}

/// Turns a panic below us (drivers, decoders) into an error: a camera must not take others down.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, CameraError>) -> Result<T, CameraError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(CameraError::Other {
            what: "the camera's driver crashed".into(),
            cure: "Unplug the camera and plug it in again; it is then picked up by itself.".into(),
        })
    })
}
