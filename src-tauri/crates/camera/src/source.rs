//! Where pictures come from: two small traits, so that a device, a URL and the demo look the same.

use crate::CameraError;
use bytes::Bytes;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Says that a camera is not wanted any more. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct StopFlag(Arc<AtomicBool>);

impl StopFlag {
    /// Sets the flag, for ever.
    pub fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Returns whether the camera is to end.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Says that somebody looks at a camera's pictures now. Cheap to clone. Who decodes a stream may do less while nobody does.
#[derive(Debug, Clone, Default)]
pub struct Wanted(Arc<AtomicBool>);

impl Wanted {
    /// Says that a picture was asked for.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Returns whether one was asked for since the last time.
    pub(crate) fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

/// An open camera. Used on the thread that opened it.
pub trait Source {
    /// Blocks until the next picture and returns it as JPEG bytes.
    ///
    /// # Errors
    /// When the camera is gone or hopeless; it is then dropped and opened again after a while. A picture that
    /// is merely damaged may be returned as it is: it is dropped and counted.
    fn next(&mut self) -> Result<Bytes, CameraError>;
}

/// Opens a camera, again and again, on the camera's own thread.
pub trait OpenSource: Send {
    /// Opens the camera; returns when it is ready to give pictures.
    ///
    /// # Errors
    /// When it cannot be opened now; it is tried again after a while.
    fn open(&mut self) -> Result<Box<dyn Source>, CameraError>;

    /// Hands over the flag that ends the camera. Whoever may wait long for a picture looks at it between two reads.
    fn watch_stop(&mut self, _stop: StopFlag) {}

    /// Hands over what says that somebody looks.
    fn watch_wanted(&mut self, _wanted: Wanted) {}
}
