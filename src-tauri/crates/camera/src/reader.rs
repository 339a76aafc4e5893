//! The thread that holds the device: opens it, reads it, opens it again when it failed.
//!
//! It is apart from the camera's thread because a driver may hang in a read for ever; nothing else may then.

use crate::claim::Claim;
use crate::tries::Tries;
use crate::{CameraError, OpenSource, Source, StopFlag, Wanted};
use bytes::Bytes;
use domain::{Clock, Millis, Now};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError};
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

/// What the reader works with.
pub(crate) struct Reader {
    /// Opens the camera.
    pub(crate) opener: Box<dyn OpenSource>,
    /// Stamps the pictures.
    pub(crate) clock: Arc<dyn Clock>,
    /// To the camera's thread.
    pub(crate) out: SyncSender<Message>,
    /// The owner wants no more.
    pub(crate) stop: StopFlag,
    /// Somebody looks at the pictures.
    pub(crate) wanted: Wanted,
    /// What is opened, by name, where only one can have it open.
    pub(crate) device: Option<String>,
}

/// How long a wait is at most before the flag is looked at.
const SLICE: Duration = Duration::from_millis(20);

impl Reader {
    /// Runs until the camera is not wanted any more, whatever fails on the way.
    pub(crate) fn run(mut self) {
        let mut tries = Tries::default();
        self.opener.watch_stop(self.stop.clone());
        self.opener.watch_wanted(self.wanted.clone());
        // The camera before, on the same device, may still be closing: that is no other program.
        let _claim = self.device.take().map(|device| Claim::wait(device, &self.stop));
        while !self.stop.is_set() {
            let round = guarded(|| match self.opener.open() {
                Ok(source) => Ok(self.read(source, &mut tries)),
                Err(error) => Err(error),
            });
            let error = match round {
                Ok(Some(error)) | Err(error) => error,
                Ok(None) => return,
            };
            let delay = tries.failed(&error, real_ms(self.clock.now(), &*self.clock));
            if !self.send(Message::Failed(error)) {
                return;
            }
            self.wait(delay);
        }
    }

    /// Hands over a message as soon as there is room. Returns whether the camera is still wanted.
    fn send(&self, mut message: Message) -> bool {
        while !self.stop.is_set() {
            match self.out.try_send(message) {
                Ok(()) => return true,
                Err(TrySendError::Full(back)) => message = back,
                Err(TrySendError::Disconnected(_)) => return false,
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        false
    }

    fn wait(&self, time: Duration) {
        let mut left = time;
        while !left.is_zero() && !self.stop.is_set() {
            std::thread::sleep(SLICE.min(left));
            left = left.saturating_sub(SLICE);
        }
    }

    /// Reads until the camera fails (the error) or nobody listens (`None`).
    fn read(&self, mut source: Box<dyn Source>, tries: &mut Tries) -> Option<CameraError> {
        let error = loop {
            match guarded(|| source.next()) {
                Ok(jpeg) => {
                    let now = self.clock.now();
                    tries.picture(real_ms(now, &*self.clock));
                    if !self.send(Message::Picture(jpeg, now)) {
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

/// Real milliseconds, whatever the scale of the clock.
pub(crate) fn real_ms(now: Now, clock: &dyn Clock) -> Millis {
    (now.mono_ms as f64 / clock.scale()) as Millis
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
