//! Trials without a detector: what is read, what is refused, what is left behind.

use super::*;
use sandbox::Decoders;
use timelapse::{Continue, FilmOptions, render};

fn jpeg(grey: u8) -> Vec<u8> {
    let rgb = camera::Rgb { width: 64, height: 48, pixels: vec![grey; 64 * 48 * 3] };
    camera::encode_jpeg(&rgb, 90).unwrap()
}

fn brought(dir: &Path, name: &str, content: &[u8]) -> Brought {
    let path = dir.join(name);
    fs::write(&path, content).unwrap();
    Brought { path, name: name.into() }
}

fn film(dir: &Path) -> Brought {
    let frames: Vec<PathBuf> =
        (0..20).map(|n| brought(dir, &format!("{n}.jpg"), &jpeg(n * 10)).path).collect();
    let options = FilmOptions { fps: 4.0, ..FilmOptions::default() };
    let done = render(&frames, dir, &options, &mut |_| Continue::Yes).unwrap();
    Brought { path: done.video, name: "film.mp4".into() }
}

fn trial(trials: &Trials, total: usize) -> Trial {
    let so_far = TryView {
        id: 1,
        state: TryState::Running,
        done: 0,
        total,
        points: vec![],
        skipped: vec![],
        num_skipped: 0,
        fault: None,
    };
    Trial {
        dir: trials.folder().unwrap(),
        reserve_bytes: 0,
        stop: AtomicBool::new(false),
        so_far: Mutex::new(so_far),
    }
}

fn failing() -> Findings {
    Findings {
        probability: 0.97,
        p: 1.6,
        boxes: vec![],
        view: View::Whole,
        cells: vec![],
        cell_columns: 0,
        calibration: None,
        scene: None,
        inference_ms: 1.0,
        total_ms: 1.0,
    }
}

#[test]
fn a_film_is_looked_at_once_a_second_of_its_own_time_and_both_rules_say_something() {
    let dir = tempfile::tempdir().unwrap();
    let trials = Trials::new(dir.path(), 0);
    let (shots, total) = Shots::open(vec![film(dir.path())], None, &Decoders::here()).unwrap();
    assert_eq!(total, 5, "five seconds at four pictures a second");
    let trial = trial(&trials, total);
    let mut busy = 3;
    trial.run(shots, |_, _| {
        busy -= 1;
        (busy < 0).then(|| Ok(failing()))
    });
    let view = trial.view(0);
    assert_eq!((view.state, view.done, view.points.len()), (TryState::Finished, 5, 5), "{view:?}");
    assert_eq!(view.points.iter().map(|p| p.seconds).collect::<Vec<_>>(), [0.0, 1.0, 2.0, 3.0, 4.0]);
    assert_eq!(trial.view(3).points.len(), 2, "only what is new");
    assert!(trial.view(99).points.is_empty());
    assert!(trial.picture(4).is_file());
    let folder = trial.dir.path().to_owned();
    drop(trial);
    assert!(!folder.exists(), "nothing is left");
}

#[test]
fn pictures_that_fail_for_minutes_alert_and_pause() {
    let dir = tempfile::tempdir().unwrap();
    let trials = Trials::new(dir.path(), 0);
    let mut files: Vec<Brought> =
        (0..40).map(|n| brought(dir.path(), &format!("{n}.jpg"), &jpeg(90))).collect();
    files[7] = brought(dir.path(), "torn.jpg", &[0xFF, 0xD8, 0xFF]);
    let (shots, total) = Shots::open(files, None, &Decoders::here()).unwrap();
    let trial = trial(&trials, total);
    trial.run(shots, |_, _| Some(Ok(failing())));
    let view = trial.view(0);
    assert_eq!((view.points.len(), view.num_skipped, view.state), (39, 1, TryState::Finished));
    assert!(view.skipped[0].starts_with("torn.jpg"), "{:?}", view.skipped);
    let first = |verdict: domain::GaugeZone| {
        view.points.iter().find(|p| p.printvigil.verdict == verdict).map(|p| p.seconds)
    };
    let pause = first(domain::GaugeZone::Pause).expect("it pauses in the end");
    assert!((60.0..=180.0).contains(&pause), "at {pause} s");
    assert!(view.points[..5].iter().all(|p| p.printvigil.verdict == domain::GaugeZone::Fine));
}

#[test]
fn what_cannot_be_tried_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let film = film(dir.path());
    let whole = fs::read(&film.path).unwrap();
    let torn = brought(dir.path(), "torn.mp4", &whole[..100]);
    let picture = brought(dir.path(), "a.jpg", &jpeg(1));
    let cases = [
        (vec![], "nothing"),
        (vec![brought(dir.path(), "empty.jpg", b"")], "unusable"),
        (vec![brought(dir.path(), "notes.txt", b"hello, world")], "unusable"),
        (vec![torn], "unusable"),
        (vec![brought(dir.path(), "fake.mp4", b"\0\0\0\x08ftyp")], "unusable"),
        (vec![film.clone(), picture.clone()], "mixed"),
    ];
    for (files, code) in cases {
        let error = Shots::open(files, None, &Decoders::here()).map(|_| ()).unwrap_err();
        assert!(error.code == code && error.hint.ends_with('.'), "{error:?}");
    }
    let huge = brought(dir.path(), "huge.png", &huge_png());
    let mut shots = Shots::open(vec![huge], Some(1.0), &Decoders::here()).unwrap().0;
    let error = shots.next_unless(&AtomicBool::new(false)).unwrap().map(|_| ()).unwrap_err();
    assert!(error.message.contains("too many") && error.hint.contains("8192"), "{error:?}");
}

/// A PNG of 20000 x 2 pixels.
fn huge_png() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 20_000, 2);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&[9; 40_000]).unwrap();
    bytes
}

#[test]
fn a_film_that_cannot_be_decoded_is_refused_by_name_before_it_is_tried() {
    let dir = tempfile::tempdir().unwrap();
    let films = Path::new(env!("CARGO_MANIFEST_DIR")).join("../timelapse/tests/data");
    for (file, word) in [("10-bit.mp4", "10-bit"), ("interlaced.mp4", "interlaced"), ("444.mp4", "4:4:4")] {
        let film = brought(dir.path(), file, &fs::read(films.join(file)).unwrap());
        let error = Shots::open(vec![film], None, &Decoders::here()).map(|_| ()).unwrap_err();
        assert!(error.message.contains(word) && error.hint.contains("HandBrake"), "{error:?}");
    }
}

#[test]
fn a_trial_that_is_broken_off_says_nothing_more() {
    let dir = tempfile::tempdir().unwrap();
    let trials = Trials::new(dir.path(), 0);
    let (shots, total) = Shots::open(vec![film(dir.path())], None, &Decoders::here()).unwrap();
    let trial = trial(&trials, total);
    trial.stop.store(true, Ordering::Relaxed);
    trial.run(shots, |_, _| panic!("nothing is looked at any more"));
    let view = trial.view(0);
    assert_eq!((view.state, view.done), (TryState::Running, 0));
}

#[test]
fn a_picture_is_shown_and_measured_the_way_its_exif_data_turn_it() {
    let dir = tempfile::tempdir().unwrap();
    let exif = b"\xFF\xE1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let mut lying = jpeg(90);
    lying.splice(2..2, *exif);
    let (mut shots, _) =
        Shots::open(vec![brought(dir.path(), "phone.jpg", &lying)], None, &Decoders::here()).unwrap();
    let shot = shots.next_unless(&AtomicBool::new(false)).unwrap().map_err(|e| e.message).unwrap();
    assert_eq!(shot.size, (48, 64), "boxes are in pixels of what is shown");
    let seen = detect::Picture::from_jpeg(&shot.jpeg).unwrap();
    assert_eq!((seen.width, seen.height), shot.size, "and so is what the model sees");
}

#[test]
fn what_an_earlier_run_left_is_swept() {
    let dir = tempfile::tempdir().unwrap();
    let old = dir.path().join("try").join("3");
    fs::create_dir_all(&old).unwrap();
    fs::write(old.join("0.jpg"), b"x").unwrap();
    let _trials = Trials::new(dir.path(), 0);
    assert!(!old.exists());
}

#[test]
fn on_a_disk_that_is_nearly_full_nothing_is_tried() {
    let dir = tempfile::tempdir().unwrap();
    let error = Trials::new(dir.path(), u64::MAX).folder().unwrap_err();
    assert_eq!(error.code, "disk_full", "{error:?}");
    assert_eq!(fs::read_dir(dir.path().join("try")).unwrap().count(), 0);
}
