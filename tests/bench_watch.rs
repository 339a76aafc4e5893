//! The watch measured: milliseconds per stage beside the bare inference, what a watched printer costs, and a replay of
//! a million looks.

use crate::now;
use detect::{Canvas, DetectJob, Detector, Done, Picture, detect_jpeg};
use domain::{CameraId, FrameId, FrameInfo, HeatLook, Now, Place, PrintId, PrinterId, Request, View};
use std::time::Duration;
use store::look_file::{LookFile, read_scores};
use tests::world::{Eye, Options, World};
use verdict::{PastLook, PrintvigilRule, Seen, Stage, Tuning};

/// Pictures analysed.
const PICTURES: usize = 60;
/// Looks replayed.
const LOOKS: u32 = 1_000_000;
/// Looks of a print of five hours.
const LOOKS_A_PRINT: u32 = 20_000;
/// How long a watched printer is measured.
const MEASURED: Duration = Duration::from_secs(20);
/// Between two pictures of a live view.
const LIVE_VIEW: Duration = Duration::from_millis(1000 / 15);

/// All of it.
pub(crate) fn run() {
    stages();
    two_cameras();
    replay();
    printer();
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// From a camera's bytes to the verdict, beside the bare inference of the same pictures, for each kind of view.
fn stages() {
    let mut detector = match vigil::far::load_detector() {
        Ok(detector) => detector,
        Err(error) => return println!("watch: skipped: {error}"),
    };
    let jpeg = sim::sample_picture(true).expect("the sample can be drawn");
    let closer = View::Closer(Place { x: 0.25, y: 0.25, w: 0.5, h: 0.5 });
    for (kind, view) in [("whole picture", View::Whole), ("closer view", closer)] {
        stages_of(detector.as_mut(), &jpeg, kind, view);
    }
}

fn stages_of(detector: &mut dyn Detector, jpeg: &[u8], kind: &str, view: View) {
    let mut rule = PrintvigilRule::default();
    let (mut decode, mut inference, mut findings, mut deciding) = (vec![], vec![], vec![], vec![]);
    let (mut picture, mut canvas) = (Picture::default(), Canvas::default());
    for n in 0..PICTURES as u64 {
        let start = now();
        picture.read_jpeg(jpeg).expect("a picture");
        decode.push(start.elapsed().as_secs_f64() * 1e3);
        let found = detect_jpeg(detector, &mut canvas, jpeg, view).expect("analysed");
        findings.push(f64::from(found.total_ms));
        inference.push(f64::from(found.inference_ms));
        let start = now();
        let (cells, columns) = (&found.cells, found.cell_columns);
        let seen = Seen {
            at_ms: n * 1000,
            p: found.p,
            view: found.view,
            cells,
            columns,
            calibration: found.calibration.as_deref().map(|calibration| (calibration, 1.0)),
            stage: Stage::Printing,
        };
        rule.look(seen, Tuning::default());
        deciding.push(start.elapsed().as_secs_f64() * 1e3);
    }
    let (decode, inference, deciding) = (median(decode), median(inference), median(deciding));
    let total = median(findings) + deciding;
    println!(
        "watch: 1280x720 JPEG to verdict, {kind}: {total:.1} ms (medians of {PICTURES}): decoding {decode:.1}, \
         inference {inference:.1}, cutting, stretching, scene and cells {:.1}, rule {deciding:.2}; {:.1} ms beyond the \
         bare inference, ratio {:.2}",
        total - decode - inference - deciding,
        total - inference,
        total / inference
    );
}

/// Two cameras of 1280x720, each looked at once a second by the one thread that looks, whole and closer in turn.
fn two_cameras() {
    let Ok(jpeg) = sim::sample_picture(true).map(bytes::Bytes::from) else { return };
    let (tell, told) = std::sync::mpsc::sync_channel(256);
    let on_done = Box::new(move |done| drop(tell.try_send(done)));
    let Ok(detect) =
        detect::spawn(Box::new(|_| Ok(detect::look_here(vigil::far::load_detector()?))), on_done)
    else {
        return;
    };
    if !matches!(told.recv_timeout(Duration::from_secs(60)), Ok(Done::Up(_))) {
        return println!("watch: two cameras: skipped, no detector");
    }
    let Some(before) = processor_secs() else { return };
    let start = now();
    let closer = View::Closer(Place { x: 0.25, y: 0.25, w: 0.5, h: 0.5 });
    for second in 0..MEASURED.as_secs() {
        for camera in [1, 2] {
            let (printer, id) = (PrinterId(camera), FrameId(second as i64));
            let taken = Now::at(second * 1000);
            let frame = FrameInfo { camera: CameraId(camera), id, taken, width: 1280, height: 720 };
            let view = if second % 2 == 0 { View::Whole } else { closer };
            detect.submit(DetectJob { printer, frame, jpeg: jpeg.clone(), view });
        }
        std::thread::sleep(Duration::from_secs(second + 1).saturating_sub(start.elapsed()));
    }
    let share = (processor_secs().unwrap_or(before) - before) / start.elapsed().as_secs_f64();
    let looks = told.try_iter().filter(|done| matches!(done, Done::Looked(_))).count();
    println!(
        "watch: two cameras, a look a second each, whole and closer in turn: {looks} of {} looks in {} s, {:.1} % of one \
         core",
        2 * MEASURED.as_secs(),
        MEASURED.as_secs(),
        share * 100.0
    );
}

/// A million kept looks under another setting, beside reading the same numbers and summing them.
fn replay() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for print in 0..LOOKS / LOOKS_A_PRINT {
        let mut file = LookFile::open(&dir.path().join(print.to_string())).expect("a file of looks");
        for n in 0..LOOKS_A_PRINT {
            let p = (n % 97) as f32 / 970.0;
            let look = HeatLook {
                print: PrintId(i64::from(print)),
                at_ms: n * 1000,
                frame: FrameId(i64::from(n)),
                p,
                counted: p,
                before: n < 30,
                view: View::Whole,
                columns: 4,
                cells: vec![(n % 50) as u8; 16],
            };
            file.append(look).expect("kept");
        }
    }
    let folders = || (0..LOOKS / LOOKS_A_PRINT).map(|print| dir.path().join(print.to_string()));
    let start = now();
    let sum: f32 = folders()
        .map(|folder| read_scores(&folder).expect("read").iter().map(|score| score.p).sum::<f32>())
        .sum();
    let reading = start.elapsed();
    let start = now();
    let mut alerts = 0;
    for folder in folders() {
        let looks = read_scores(&folder).expect("read").into_iter().map(|score| PastLook {
            at_ms: u64::from(score.at_ms),
            p: f64::from(score.p),
            counted: f64::from(score.counted),
            before: score.before,
        });
        alerts += u32::from(verdict::replay(looks, Tuning::default()).alert_ms.is_some());
    }
    let replayed = start.elapsed();
    println!(
        "watch: {LOOKS} looks replayed in {:.0} ms, beside {:.0} ms for reading them (sum {sum:.0}, {alerts} alerts)",
        replayed.as_secs_f64() * 1e3,
        reading.as_secs_f64() * 1e3
    );
}

/// What a watched printer costs: the same print unwatched, watched, and watched with a live view at 15 pictures a
/// second. The simulated printer and its camera are drawn in the same process, so the first figure is theirs.
fn printer() {
    if processor_secs().is_none() {
        return println!("watch: the processor's share is only measured on Linux");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(async {
        let options = Options { eye: Eye::Model, demo_scale: 1.0, ..Options::default() };
        let world = World::start(options).await;
        let file = world
            .station
            .store()
            .read(|conn| store::file::list(conn, &store::file::FileQuery { limit: 1, ..Default::default() }))
            .expect("files");
        let file = file.0.first().expect("the sample").clone();
        world.start_file(file.id, &file.filename).await;
        let state = |v: &domain::PrinterView| v.vigil.state_word == "Printing" || v.vigil.state_word == "Heating";
        world.until("under way", 60, state).await;
        let watching = |on| domain::PrinterPatch { watching_enabled: Some(on), ..Default::default() };
        world.ask(Request::Patch(world.printer, Box::new(watching(false)))).await;
        let alone = share(async { tokio::time::sleep(MEASURED).await }).await;
        world.ask(Request::Patch(world.printer, Box::new(watching(true)))).await;
        world.until("watched", 30, |v| v.vigil.watch.watching).await;
        let watched = share(async { tokio::time::sleep(MEASURED).await }).await;
        let every = world.view().vigil.watch.every_secs;
        let camera = world.view().vigil.camera.as_ref().expect("a camera").id;
        let frames = world.station.frames(camera).expect("it runs");
        let mut sent = 0_usize;
        let viewed = share(async {
            let mut beat = tokio::time::interval(LIVE_VIEW);
            for _ in 0..MEASURED.as_millis() / LIVE_VIEW.as_millis() {
                beat.tick().await;
                sent += frames.borrow().as_ref().map_or(0, |frame| frame.jpeg.to_vec().len());
            }
        })
        .await;
        println!(
            "watch: of one core: {:.1} % unwatched (simulated printer and camera drawn), {:.1} % with a look every \
             {every} s, {:.1} % with a live view at 15 pictures a second besides ({:.1} MB handed out)",
            alone * 100.0,
            watched * 100.0,
            viewed * 100.0,
            sent as f64 / 1e6
        );
        world.end().await;
    });
}

/// Returns the share of one core that this process took meanwhile.
async fn share(meanwhile: impl Future<Output = ()>) -> f64 {
    let (start, before) = (now(), processor_secs().unwrap_or(0.0));
    meanwhile.await;
    (processor_secs().unwrap_or(0.0) - before) / start.elapsed().as_secs_f64()
}

/// Seconds of processor time this process took so far; `None` where that cannot be read.
pub(crate) fn processor_secs() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name in parentheses may hold blanks; times are the 14th and 15th field, in hundredths of a second.
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some(ticks / 100.0)
}
