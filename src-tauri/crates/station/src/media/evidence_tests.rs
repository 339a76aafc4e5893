//! What goes into a clip, without a camera or a clock.

use super::*;
use bytes::Bytes;
use domain::{CameraId, Detection, Now, PixelBox, View};

fn info(id: i64, mono_ms: Millis) -> FrameInfo {
    FrameInfo { camera: CameraId(1), id: FrameId(id), taken: Now::at(mono_ms), width: 640, height: 480 }
}

fn frame(id: i64, num_bytes: usize) -> Arc<Frame> {
    Arc::new(Frame { info: info(id, id as u64 * 100), jpeg: Bytes::from(vec![0; num_bytes]) })
}

fn look(frame: FrameInfo, probability: f64) -> Look {
    let area = PixelBox { x: 10.0, y: 20.0, w: 30.0, h: 40.0 };
    Look {
        printer: PrinterId(1),
        frame,
        probability,
        p: probability,
        boxes: vec![Detection { class: "failure".into(), confidence: 0.9, area }],
        view: View::Whole,
        cells: vec![],
        cell_columns: 0,
        calibration: None,
        scene: None,
        drill: false,
        total_ms: 1.0,
        inference_ms: 1.0,
    }
}

#[test]
fn a_minute_before_and_half_a_minute_after_five_times_a_second() {
    // Ten pictures a second for five minutes; the alert at 100.1 s lies between two that would be chosen.
    let held: Vec<FrameInfo> = (0..3000).map(|n| info(n + 1, n as u64 * 100)).collect();
    let alert = info(1002, 100_100);
    let chosen = chosen(&held, &alert);
    let times: Vec<Millis> = chosen.iter().map(|i| i.taken.mono_ms).collect();
    assert_eq!((times[0], times[times.len() - 1]), (40_100, 130_100));
    assert_eq!(chosen.len(), 451);
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 200), "five a second");
    assert!(chosen.iter().any(|i| i.id == alert.id));
}

#[test]
fn the_alerts_own_picture_takes_the_place_of_one_just_before() {
    let held = [info(1, 1000), info(2, 1200), info(3, 1250), info(4, 1400), info(5, 1450)];
    let ids = |alert: &FrameInfo| chosen(&held, alert).iter().map(|i| i.id.get()).collect::<Vec<_>>();
    assert_eq!(ids(&held[2]), [1, 3, 5]);
    assert_eq!(ids(&held[1]), [1, 2, 4]);
    let slow = [info(1, 0), info(2, 4_000), info(3, 64_001), info(4, 94_001), info(5, 94_002)];
    assert_eq!(chosen(&slow, &slow[2]).len(), 2, "what is there is taken: frames 3 and 4");
}

#[test]
fn too_many_bytes_leave_every_other_picture_out_but_never_the_alerts() {
    let frames: Vec<_> = (1..=100).map(|id| frame(id, 1000)).collect();
    let kept = lightened(frames.clone(), FrameId(50), 30_000);
    assert!((25..=30).contains(&kept.len()), "{}", kept.len());
    assert!(kept.iter().any(|f| f.info.id == FrameId(50)));
    assert_eq!(lightened(frames, FrameId(50), 100_000).len(), 100, "what fits stays whole");
    let huge = vec![frame(1, 5000), frame(2, 5000), frame(3, 5000)];
    assert_eq!(lightened(huge, FrameId(3), 10).len(), 2, "it ends: the first and the alert's");
}

#[test]
fn a_picture_gets_the_look_just_before_it_and_no_older_one() {
    let mut known = Known::default();
    known.look(&look(info(10, 1000), 0.2));
    known.look(&look(info(50, 5000), 0.8));
    let alert = info(50, 5000);
    let scene = |ms: Millis| known.scene(&Frame { info: info(1, ms), jpeg: Bytes::new() }, &alert);
    assert_eq!(scene(900).sure, None, "a look later than the picture says nothing of it");
    assert_eq!(scene(3400).sure, Some(0.2));
    assert_eq!(scene(3600).sure, None, "too long ago");
    let at = scene(5000);
    assert_eq!((at.sure, at.boxes[0].left, at.boxes[0].height), (Some(0.8), 10.0, 40.0));
    assert_eq!(at.lines, ["the alert   score 80 %"]);
    assert_eq!(scene(4600).lines, ["1 s before the alert"]);
    assert_eq!(scene(34_000).lines, ["29 s after the alert"]);
}

#[test]
fn the_whole_picture_and_a_closer_look_speak_together() {
    let mut known = Known::default();
    known.look(&look(info(10, 1000), 0.25));
    let part = View::Closer(domain::Place { x: 0.0, y: 0.0, w: 0.5, h: 0.5 });
    known.look(&Look { view: part, ..look(info(20, 2000), 0.75) });
    let alert = info(20, 2000);
    let at = known.scene(&Frame { info: info(20, 2000), jpeg: Bytes::new() }, &alert);
    assert_eq!((at.sure, at.boxes.len()), (Some(0.5), 2));
    let later = known.scene(&Frame { info: info(40, 4000), jpeg: Bytes::new() }, &alert);
    assert_eq!((later.sure, later.boxes.len()), (Some(0.75), 1), "what was seen of the whole is too old");
}
