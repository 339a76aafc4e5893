//! The fire drill's pictures: the sample failure goes to the detector once a second, past the camera.

use super::factory::DeviceFactory;
use crate::clock::Clocks;
use bytes::Bytes;
use detect::DetectHandle;
use domain::{CameraId, Clock, DrillPictures, Event, FrameId, FrameInfo, Look, PrinterId, PrinterKind, View};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Between two looks at the sample, of the printer's clock.
const EVERY: Duration = Duration::from_secs(1);
/// However fast the demo's clock runs, the detector is not asked more often.
const EVERY_AT_LEAST: Duration = Duration::from_millis(100);

/// The drills under way.
pub(crate) struct Drills {
    factory: Arc<dyn DeviceFactory>,
    detect: Arc<DetectHandle>,
    events: mpsc::Sender<Event>,
    clocks: Clocks,
    under_way: BTreeMap<PrinterId, JoinHandle<()>>,
}

impl Drills {
    /// Shows samples of `factory` to `detect`; what is found goes to `events`.
    pub(crate) fn new(
        factory: Arc<dyn DeviceFactory>,
        detect: Arc<DetectHandle>,
        events: mpsc::Sender<Event>,
        clocks: Clocks,
    ) -> Self {
        Self { factory, detect, events, clocks, under_way: BTreeMap::new() }
    }

    /// Begins or ends showing the sample in place of a printer's camera.
    pub(crate) fn show(&mut self, printer: PrinterId, kind: PrinterKind, pictures: DrillPictures) {
        if let Some(task) = self.under_way.remove(&printer) {
            task.abort();
        }
        if pictures == DrillPictures::Camera {
            return;
        }
        let Some(jpeg) = self.factory.sample_picture(true) else {
            return tracing::warn!("there is no sample picture for a drill");
        };
        let Ok(size) = camera::read_head(&jpeg) else {
            return tracing::warn!("the sample picture for a drill is no JPEG");
        };
        let clock = self.clocks.of(kind);
        let every = EVERY.div_f64(clock.scale().max(1.0)).max(EVERY_AT_LEAST);
        let size = (size.width, size.height);
        let task = looks(printer, jpeg, size, clock, every, self.detect.clone(), self.events.clone());
        self.under_way.insert(printer, tokio::spawn(task));
    }
}

/// Has the sample looked at again and again.
async fn looks(
    printer: PrinterId,
    jpeg: Bytes,
    (width, height): (u32, u32),
    clock: Arc<dyn Clock>,
    every: Duration,
    detect: Arc<DetectHandle>,
    events: mpsc::Sender<Event>,
) {
    let mut beat = tokio::time::interval(every);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        let taken = clock.now();
        let frame = FrameInfo { camera: CameraId(0), id: FrameId(0), taken, width, height };
        let (answered, answer) = tokio::sync::oneshot::channel();
        detect.ask(jpeg.clone(), View::Whole, Box::new(move |found| drop(answered.send(found))));
        let found = match answer.await {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the sample of a drill could not be analysed");
                continue;
            }
            Err(_) => return,
        };
        let look = Look {
            printer,
            frame,
            probability: found.probability,
            p: found.p,
            boxes: found.boxes,
            view: View::Whole,
            cells: found.cells,
            cell_columns: found.cell_columns,
            calibration: found.calibration,
            scene: None,
            drill: true,
            total_ms: found.total_ms,
            inference_ms: found.inference_ms,
        };
        if events.send(Event::Looked(look)).await.is_err() {
            return;
        }
    }
}
