//! What the demo starts with: a printer, a camera, a sample file, and some hours of labelled history.
//!
//! The history is there because the decision rule compares a print with the printer's own past: on a printer that
//! was never watched it stays silent. Every row of it is marked as demo, here and on the screen. Each further demo
//! printer has the rule's memory of that past, but no prints that nobody ever saw: they would only fill the history.

use domain::{
    Camera, CameraId, CameraSource, EndedBy, FileId, PredictionState, Print, PrintId, PrinterId, Rotation,
    Timestamp,
};

/// Name of the demo printer.
pub const DEMO_PRINTER_NAME: &str = "Demo printer";

/// Name of the demo camera.
pub const DEMO_CAMERA_NAME: &str = "Demo camera";

/// The print of the made-up past that was one of the sample file.
const SAMPLE_NAME: &str = "Demo planter.gcode";

/// Mean p of the frames of the made-up past: what good frames read on average.
const PAST_P: f64 = 0.02;

/// Hours and results of the made-up past, oldest first.
pub(crate) const PAST: [(&str, f64, bool); 4] = [
    ("Demo vase.gcode", 2.4, true),
    ("Demo bracket.gcode", 1.1, true),
    ("Demo gear.gcode", 0.6, false),
    ("Demo planter.gcode", 4.2, true),
];

/// Demo printers at most: what this computer simulates and watches beside the real ones must not slow them down.
pub(crate) const MOST: usize = 8;

/// Returns a camera that looks at a demo printer.
pub(crate) fn camera(name: String, printer: PrinterId) -> Camera {
    Camera {
        id: CameraId(0),
        name,
        source: CameraSource::Demo { printer: Some(printer) },
        rotation: Rotation::Deg0,
        flip_h: false,
        flip_v: false,
        crop: None,
    }
}

/// Returns whether a camera looks at this printer, a demo one or one with an agent, and at no other.
pub(crate) fn looks_at(camera: &Camera, printer: PrinterId) -> bool {
    camera.source == CameraSource::Demo { printer: Some(printer) }
        || matches!(camera.source, CameraSource::Agent { printer: of, .. } if of == printer)
}

/// Returns the prints of the made-up past, ending half an hour before `now`, numbered from `first`.
pub(crate) fn past_prints(
    first: PrintId,
    printer: PrinterId,
    sample: Option<(FileId, Option<f64>)>,
    now: Timestamp,
) -> Vec<Print> {
    let mut ends = now.plus_secs(-1800.0);
    let mut prints = Vec::new();
    for (back, (name, hours, finished)) in PAST.iter().rev().enumerate() {
        let of_sample = sample.filter(|_| *name == SAMPLE_NAME);
        // What is told of the sample's file must fit it: the time left of its next print goes by it.
        let secs = of_sample.and_then(|(_, secs)| secs).unwrap_or_else(|| (hours * 3600.0).round());
        let id = PrintId(first.get() + (PAST.len() - 1 - back) as i64);
        let file = of_sample.map(|(file, _)| file);
        let mut print = Print::begin(id, printer, file, (*name).into(), ends.plus_secs(-secs));
        if *finished {
            print.finished_at = Some(ends);
            print.ended_by = Some(EndedBy::Finished);
        } else {
            print.cancelled_at = Some(ends);
            print.ended_by = Some(EndedBy::Cancelled);
        }
        print.print_time = Some(secs);
        print.filament_used = Some(secs / 3600.0 * 4200.0);
        print.demo = true;
        ends = print.started_at.plus_secs(-5400.0);
        prints.push(print);
    }
    prints.reverse();
    prints
}

/// Returns the watch's memory of that past: one frame per ten seconds.
pub(crate) fn past_prediction(printer: PrinterId, now: Timestamp) -> PredictionState {
    let secs: f64 = PAST.iter().map(|(_, hours, _)| hours * 3600.0).sum();
    PredictionState {
        lifetime_frame_num: (secs / 10.0) as u32,
        rolling_mean_long: PAST_P,
        ..PredictionState::fresh(printer, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Now;

    #[test]
    fn the_past_of_the_sample_took_what_the_sample_takes() {
        let now = Now::at(0).utc;
        let prints = past_prints(PrintId(7), PrinterId(1), Some((FileId(3), Some(1740.0))), now);
        let of_sample: Vec<_> = prints.iter().filter(|p| p.g_code_file == Some(FileId(3))).collect();
        assert_eq!(of_sample.iter().map(|p| p.print_time).collect::<Vec<_>>(), [Some(1740.0)]);
        assert!(
            prints.iter().all(|p| p.ended_at().unwrap().secs_since(p.started_at) == p.print_time.unwrap())
        );
    }

    #[test]
    fn the_past_is_marked_in_order_and_over() {
        let now = Now::at(0).utc;
        let prints = past_prints(PrintId(7), PrinterId(1), None, now);
        assert_eq!(prints.iter().map(|p| p.id.get()).collect::<Vec<_>>(), [7, 8, 9, 10]);
        for pair in prints.windows(2) {
            assert!(pair[0].ended_at() < Some(pair[1].started_at), "one print after the other");
        }
        assert!(prints.iter().all(|p| p.demo && p.ended_at() < Some(now)));
        assert!(past_prediction(PrinterId(1), now).lifetime_frame_num > 2000, "enough for the rule to fire");
    }
}
