//! Cameras are closed aside: nobody waits for a driver that hangs, but who opens the same device again.

use camera::{CameraError, CameraHandle, OpenSource, Source, StopFlag, Wanted};
use domain::CameraId;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

/// Longest wait for a camera: to end with the core, and before the same one is opened anew.
pub(super) const CAMERAS: Duration = Duration::from_secs(3);

/// Closes a camera on a thread of its own, since one that hangs in its driver holds up whoever waits for it. Returns what
/// ends when its device is free.
pub(super) fn close_aside(id: CameraId, handle: CameraHandle) -> Option<Receiver<()>> {
    let (closing, closed) = sync_channel(0);
    let slot = Arc::new(std::sync::Mutex::new(Some(handle)));
    let theirs = slot.clone();
    let close = move || {
        let _closing: std::sync::mpsc::SyncSender<()> = closing;
        let handle = theirs.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        drop(handle);
    };
    match std::thread::Builder::new().name(format!("camera-{id}-end")).spawn(close) {
        Ok(_) => Some(closed),
        Err(error) => {
            tracing::error!(camera = %id, %error, "no thread to close a camera: it is left open");
            // Closing it here could wait for the driver.
            std::mem::forget(slot);
            None
        }
    }
}

/// Opens a camera once its last user has let go of it, a few seconds later at most.
pub(super) struct OnceFree {
    /// Ends when the last user has let go.
    pub(super) busy: Option<Receiver<()>>,
    pub(super) opener: Box<dyn OpenSource>,
}

impl OpenSource for OnceFree {
    fn open(&mut self) -> Result<Box<dyn Source>, CameraError> {
        if let Some(busy) = self.busy.take() {
            let _ = busy.recv_timeout(CAMERAS);
        }
        self.opener.open()
    }

    fn watch_stop(&mut self, stop: StopFlag) {
        self.opener.watch_stop(stop);
    }

    fn watch_wanted(&mut self, wanted: Wanted) {
        self.opener.watch_wanted(wanted);
    }
}
