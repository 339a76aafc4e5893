//! What others may touch of the running threads: set a latch, read pictures.

use camera::{Frame, Frames};
use domain::{CameraId, FrameId, PrinterId};
use printer::EmergencyLatch;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;

/// One of each thread that runs.
#[derive(Default, Clone)]
pub(super) struct DeviceHandles {
    pub(super) printers: BTreeMap<PrinterId, EmergencyLatch>,
    pub(super) cameras: BTreeMap<CameraId, Frames>,
}

/// The handles of the threads that run now. Cheap to clone.
#[derive(Clone)]
pub(crate) struct OpenDevices(watch::Receiver<Arc<DeviceHandles>>);

impl OpenDevices {
    pub(super) fn new(handles: watch::Receiver<Arc<DeviceHandles>>) -> Self {
        Self(handles)
    }

    /// Returns the emergency latch of a printer's port; `None` while nothing serves it.
    pub(crate) fn latch(&self, printer: PrinterId) -> Option<EmergencyLatch> {
        self.0.borrow().printers.get(&printer).cloned()
    }

    /// Returns the frames of a camera as they come; `None` when it is not running.
    pub(crate) fn frames(&self, camera: CameraId) -> Option<watch::Receiver<Option<Arc<Frame>>>> {
        self.0.borrow().cameras.get(&camera).map(Frames::latest)
    }

    /// As [`OpenDevices::frames`], for somebody who looks at them.
    pub(crate) fn look_at(&self, camera: CameraId) -> Option<watch::Receiver<Option<Arc<Frame>>>> {
        let handles = self.0.borrow();
        let frames = handles.cameras.get(&camera)?;
        frames.look();
        Some(frames.latest())
    }

    /// Returns a recent frame from the rings.
    pub(crate) fn recent_frame(&self, frame: FrameId) -> Option<Arc<Frame>> {
        self.0.borrow().cameras.values().find_map(|frames| frames.frame(frame))
    }
}
