//! The detector asked for a look at a picture, behind the cameras of running prints.

use detect::{DetectError, DetectHandle, Findings};
use domain::View;
use std::time::Duration;

/// Pause before the detector is asked again when others wait.
pub(crate) const BUSY: Duration = Duration::from_millis(100);

/// Asks the detector and waits; `None` while others wait for it too.
pub(crate) fn asked(
    detect: &DetectHandle,
    jpeg: &bytes::Bytes,
    view: View,
) -> Option<Result<Findings, DetectError>> {
    let (reply, answer) = std::sync::mpsc::sync_channel(1);
    detect.ask(jpeg.clone(), view, Box::new(move |found| drop(reply.send(found))));
    match answer.recv() {
        Ok(Err(DetectError::Busy)) => None,
        Ok(found) => Some(found),
        Err(_) => Some(Err(DetectError::Stopped { reason: "it is being closed".into() })),
    }
}
