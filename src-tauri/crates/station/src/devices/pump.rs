//! One small task per watched camera: hands the newest frame to the detector when one is due.

use crate::error::StationError;
use camera::Frame;
use detect::{DetectHandle, DetectJob, Done};
use domain::{Event, FrameInfo, Millis, PrinterId, View};
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// Without a watch, the hub still hears of a frame this often: the film goes on.
const FRAME_EVERY_MS: Millis = 10_000;

/// What the hub wants of a printer's camera.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Watched {
    /// How often a frame is analysed, `None` is never.
    pub(crate) every_ms: Option<Millis>,
    /// What part of it.
    pub(crate) view: View,
}

/// A running pump; ends when dropped.
pub(crate) struct Pump {
    task: JoinHandle<()>,
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts the pump of one printer's camera.
pub(crate) fn spawn(
    printer: PrinterId,
    mut frames: watch::Receiver<Option<Arc<Frame>>>,
    watched: watch::Receiver<Watched>,
    detect: Arc<DetectHandle>,
    events: mpsc::Sender<Event>,
) -> Pump {
    let task = tokio::spawn(async move {
        let mut last: Option<FrameInfo> = None;
        while frames.changed().await.is_ok() {
            let Some(frame) = frames.borrow_and_update().clone() else { continue };
            let Watched { every_ms, view } = *watched.borrow();
            if !due(last, frame.info, every_ms.unwrap_or(FRAME_EVERY_MS)) {
                continue;
            }
            last = Some(frame.info);
            if every_ms.is_some() {
                detect.submit(DetectJob { printer, frame: frame.info, jpeg: frame.jpeg.clone(), view });
            } else if events.send(Event::Frame(printer, frame.info)).await.is_err() {
                return;
            }
        }
    });
    Pump { task }
}

/// Returns whether a frame is due, counted from the capture of the last one.
fn due(last: Option<FrameInfo>, frame: FrameInfo, every_ms: Millis) -> bool {
    last.is_none_or(|last| frame.taken.since(last.taken) >= every_ms)
}

/// Starts the detector; what it finds goes to the hub.
pub(crate) fn spawn_detect(
    load: detect::LoadDetector,
    events: mpsc::Sender<Event>,
) -> Result<DetectHandle, StationError> {
    let on_result = Box::new(move |done: Done| {
        match done {
            // A hub that is behind gets the next look: the detector never waits for it.
            Done::Looked(look) => {
                if events.try_send(Event::Looked(look)).is_err() {
                    tracing::warn!("a look was dropped: the hub is behind");
                }
            }
            Done::Up(name) => drop(events.blocking_send(Event::Detector(Ok(name)))),
            Done::Down(why) => drop(events.blocking_send(Event::Detector(Err(why)))),
            // Each frame of a camera may fail, once a second all night: what follows from it is told once, by the hub.
            Done::Failed { printer, why, .. } => {
                tracing::debug!(%printer, why, "a frame could not be analysed");
                let _ = events.try_send(Event::NotAnalysed(printer, why));
            }
        }
    });
    Ok(detect::spawn(load, on_result)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{CameraId, FrameId, Now};

    #[test]
    fn a_frame_is_due_ten_seconds_after_the_last_was_taken() {
        let at =
            |ms| FrameInfo { camera: CameraId(1), id: FrameId(1), taken: Now::at(ms), width: 4, height: 3 };
        assert!(due(None, at(0), 10_000), "the first one at once");
        assert!(!due(Some(at(0)), at(9_999), 10_000));
        assert!(due(Some(at(0)), at(10_000), 10_000));
    }
}
