//! A picture with its number, and the counter all cameras share.

use bytes::Bytes;
use domain::{FrameId, FrameInfo};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// One picture of a camera, as it is shown, analysed and kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Number, time, size, camera.
    pub info: FrameInfo,
    /// The whole picture as JPEG, turned and mirrored already.
    pub jpeg: Bytes,
}

/// Numbers frames over all cameras of a core. Clones share the count.
#[derive(Debug, Clone)]
pub struct FrameIds(Arc<AtomicI64>);

impl FrameIds {
    /// Starts numbering after `last`, the highest number in the store (0 when there is none).
    pub fn after(last: FrameId) -> Self {
        Self(Arc::new(AtomicI64::new(last.get())))
    }

    /// Returns a number that no frame has yet.
    pub fn next(&self) -> FrameId {
        FrameId(self.0.fetch_add(1, Ordering::Relaxed) + 1)
    }
}
