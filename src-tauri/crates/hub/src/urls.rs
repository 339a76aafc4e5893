//! Where pictures are found, as relative URLs.

use domain::{CameraId, FrameId};

/// Returns the relative URL of one frame: from the ring while it is there, from disk when it was kept.
pub fn frame_url(frame: FrameId) -> String {
    format!("/api/v1/vigil/frames/{frame}.jpg")
}

/// Returns the relative URL of a camera's newest frame.
pub fn live_url(camera: CameraId) -> String {
    format!("/api/v1/vigil/cameras/{camera}/frame.jpg")
}
