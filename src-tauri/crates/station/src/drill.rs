//! The fire drill's pictures: the sample failure goes to the detector once a second, past the camera.

use crate::run::Core;
use domain::{CameraId, DrillPictures, Event, FrameId, FrameInfo, Look, PrinterId, PrinterKind, View};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Between two looks at the sample, of the printer's clock.
const EVERY: Duration = Duration::from_secs(1);
/// However fast the demo's clock runs, the detector is not asked more often.
const EVERY_AT_LEAST: Duration = Duration::from_millis(100);

/// The drills under way.
#[derive(Debug, Default)]
pub(crate) struct Drills(BTreeMap<PrinterId, JoinHandle<()>>);

impl Core {
    /// Begins or ends showing the sample.
    pub(crate) fn drill(&mut self, printer: PrinterId, pictures: DrillPictures) {
        if let Some(task) = self.drills.0.remove(&printer) {
            task.abort();
        }
        if pictures == DrillPictures::Camera {
            return;
        }
        let factory = self.factory.clone();
        let Some(jpeg) = factory.sample_picture(true) else {
            return tracing::warn!("there is no sample picture for a drill");
        };
        let Ok(size) = camera::read_head(&jpeg) else {
            return tracing::warn!("the sample picture for a drill is no JPEG");
        };
        let kind = self.hub.printer(printer).map_or(PrinterKind::Serial, |printer| printer.kind);
        let (clock, detect, events) = (self.clocks.of(kind), self.detect.clone(), self.events.clone());
        let every = match kind {
            PrinterKind::Serial => EVERY,
            PrinterKind::Demo => EVERY.div_f64(self.demo_scale.max(1.0)).max(EVERY_AT_LEAST),
        };
        let task = tokio::spawn(async move {
            let mut beat = tokio::time::interval(every);
            beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                beat.tick().await;
                let taken = clock.now();
                let (width, height) = (size.width, size.height);
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
        });
        self.drills.0.insert(printer, task);
    }
}
