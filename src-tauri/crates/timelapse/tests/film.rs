//! Films of generated pictures, read back box by box.
#![allow(clippy::unwrap_used)] // Helpers of tests.

use sandbox::Decoders;
use std::io::Write;
use std::path::{Path, PathBuf};
use timelapse::draw::Rect;
use timelapse::{Clip, Continue, FilmError, FilmOptions, Marks, Version, render, render_versions};

/// Writes a JPEG with a bar that moves with `n`.
fn picture(dir: &Path, n: usize, (width, height): (usize, usize)) -> PathBuf {
    let pixels: Vec<u8> = (0..width * height)
        .flat_map(|i| {
            let (x, y) = (i % width, i / width);
            if x.abs_diff(n * 4) < 8 { [255, 220, 0] } else { [(x / 2) as u8, (y / 2) as u8, 90] }
        })
        .collect();
    let path = dir.join(format!("{n:04}.jpg"));
    jpeg_encoder::Encoder::new_file(&path, 85)
        .unwrap()
        .encode(&pixels, width as u16, height as u16, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    path
}

/// Returns name and body of each box, in order.
fn boxes(mut bytes: &[u8]) -> Vec<(String, &[u8])> {
    let mut found = Vec::new();
    while bytes.len() >= 8 {
        let length = u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
        assert!((8..=bytes.len()).contains(&length), "a box of {length} in {} bytes", bytes.len());
        found.push((String::from_utf8_lossy(&bytes[4..8]).into_owned(), &bytes[8..length]));
        bytes = &bytes[length..];
    }
    assert!(bytes.is_empty(), "{} bytes belong to no box", bytes.len());
    found
}

/// Returns the body of the box at `path`.
fn inner<'a>(bytes: &'a [u8], path: &[&str]) -> &'a [u8] {
    path.iter().fold(bytes, |bytes, name| {
        boxes(bytes).into_iter().find(|(n, _)| n == name).unwrap_or_else(|| panic!("no box {name}")).1
    })
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn on(_: f32) -> Continue {
    Continue::Yes
}

#[test]
fn forty_pictures_are_a_film_that_can_be_played_before_it_is_all_there() {
    let dir = tempfile::tempdir().unwrap();
    let frames: Vec<PathBuf> = (0..40).map(|n| picture(dir.path(), n, (320, 180))).collect();
    let mut heard = Vec::new();
    let film = render(&frames, dir.path(), &FilmOptions::default(), &mut |share| {
        heard.push(share);
        Continue::Yes
    })
    .unwrap();
    assert_eq!((film.frames, film.skipped.len(), film.size), (40, 0, (320, 180)));
    assert!((film.seconds - 40.0 / 30.0).abs() < 1e-9);
    assert!(heard.len() == 40 && heard.is_sorted() && heard[39] == 1.0, "{heard:?}");

    let bytes = std::fs::read(&film.video).unwrap();
    let names: Vec<String> = boxes(&bytes).into_iter().map(|(name, _)| name).collect();
    let place = |name: &str| names.iter().position(|n| n == name).unwrap();
    assert_eq!(place("ftyp"), 0);
    assert!(place("moov") < place("mdat"), "the index comes first: {names:?}");

    let table = inner(&bytes, &["moov", "trak", "mdia", "minf", "stbl"]);
    assert_eq!(word(inner(table, &["stsz"]), 8), 40, "a sample for each picture, none left out");
    let keys = inner(table, &["stss"]);
    assert!((2..=4).contains(&word(keys, 4)), "a place to jump to each second: {}", word(keys, 4));
    assert_eq!(word(keys, 8), 1, "the first picture stands alone");
    let media = inner(&bytes, &["moov", "trak", "mdia", "mdhd"]);
    let seconds = f64::from(word(media, 16)) / f64::from(word(media, 12));
    assert!((seconds - 40.0 / 30.0).abs() < 0.001, "{seconds} s");

    assert_eq!(std::fs::read(&film.poster).unwrap(), std::fs::read(&frames[39]).unwrap());
    let left: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .filter(|e| e.as_ref().unwrap().path().extension().is_some_and(|x| x == "part"))
        .collect();
    assert!(left.is_empty(), "nothing half-made stays: {left:?}");
    probe(&film.video, "h264,320,30/1,40", 40.0 / 30.0);
}

/// Asks ffprobe too, where it is installed: what it decodes, and how long it says the film is.
fn probe(video: &Path, want: &str, seconds: f64) {
    let arguments = [
        "-v",
        "error",
        "-count_frames",
        "-show_entries",
        "stream=codec_name,nb_read_frames,width,r_frame_rate:format=duration",
    ];
    let Ok(out) =
        std::process::Command::new("ffprobe").args(arguments).args(["-of", "csv=p=0"]).arg(video).output()
    else {
        // Past the capture of the test harness, so that it is seen.
        let _ = writeln!(std::io::stderr(), "skipped: no ffprobe to play the film with");
        return;
    };
    let (said, errors) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    let (stream, duration) = said.trim().split_once('\n').unwrap();
    assert_eq!((stream, errors.trim()), (want, ""), "another player decodes it all");
    let duration: f64 = duration.parse().unwrap();
    assert!((duration - seconds).abs() < 0.002, "{duration} s, not {seconds}");
}

#[test]
fn the_last_picture_stays_and_no_film_is_too_short_or_too_long_for_its_table() {
    let dir = tempfile::tempdir().unwrap();
    let frames: Vec<PathBuf> = (0..31).map(|n| picture(dir.path(), n, (64, 48))).collect();
    for count in [1, 30, 31] {
        let options = FilmOptions { fps: 10.0, end_hold_secs: 2.5, ..FilmOptions::default() };
        let film = render(&frames[..count], dir.path(), &options, &mut on).unwrap();
        let seconds = count as f64 / 10.0 + 2.5;
        assert!((film.seconds - seconds).abs() < 1e-9, "{} s", film.seconds);
        let clip = Clip::open(&film.video, &Decoders::here()).unwrap();
        assert_eq!(clip.num_pictures(), count);
        let at: Vec<f64> = clip.map(|picture| (picture.unwrap().seconds * 10.0).round()).collect();
        assert_eq!(at, (0..count).map(|n| n as f64).collect::<Vec<_>>(), "none is lost, none is late");
        if count == 31 {
            probe(&film.video, "h264,64,10/1,31", seconds);
        }
    }
}

#[test]
fn finer_and_larger_films_have_more_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let frames: Vec<PathBuf> = (0..60).map(|n| noisy(dir.path(), n)).collect();
    let bytes = |quality: f64, max_side_px: u32| {
        let options = FilmOptions { quality, max_side_px, ..FilmOptions::default() };
        let film = render(&frames, dir.path(), &options, &mut on).unwrap();
        std::fs::metadata(film.video).unwrap().len() as f64
    };
    let (small, normal, fine) = (bytes(0.5, 640), bytes(1.0, 640), bytes(2.0, 640));
    assert!(small < normal * 0.7 && normal < fine * 0.7, "{small} {normal} {fine} bytes");
    assert!(bytes(1.0, 320) < normal * 0.6);
}

#[test]
fn flicker_is_evened_out_when_that_is_wished() {
    let dir = tempfile::tempdir().unwrap();
    let frames: Vec<PathBuf> = (0..40)
        .map(|n| {
            let path = dir.path().join(format!("{n:04}.jpg"));
            let pixels = vec![if n % 2 == 0 { 100 } else { 125 }; 64 * 48 * 3];
            let encoder = jpeg_encoder::Encoder::new_file(&path, 95).unwrap();
            encoder.encode(&pixels, 64, 48, jpeg_encoder::ColorType::Rgb).unwrap();
            path
        })
        .collect();
    let spread = |deflicker: bool| {
        let options = FilmOptions { deflicker, ..FilmOptions::default() };
        let film = render(&frames, dir.path(), &options, &mut on).unwrap();
        let greys: Vec<u8> = Clip::open(&film.video, &Decoders::here())
            .unwrap()
            .skip(16)
            .map(|p| p.unwrap().rgb[3000])
            .collect();
        greys.iter().max().unwrap() - greys.iter().min().unwrap()
    };
    assert!(spread(false) >= 20, "as they were kept: {}", spread(false));
    assert!(spread(true) <= 4, "evened: {}", spread(true));
}

/// Writes a JPEG of noise, 640 x 360.
fn noisy(dir: &Path, n: usize) -> PathBuf {
    let mut seed = n as u32 * 7919 + 1;
    let pixels: Vec<u8> = (0..640 * 360 * 3)
        .map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 26) as u8 + 100
        })
        .collect();
    let path = dir.join(format!("noise{n:04}.jpg"));
    let encoder = jpeg_encoder::Encoder::new_file(&path, 80).unwrap();
    encoder.encode(&pixels, 640, 360, jpeg_encoder::ColorType::Rgb).unwrap();
    path
}

#[test]
fn missing_torn_and_odd_pictures_do_not_spoil_a_film() {
    let dir = tempfile::tempdir().unwrap();
    let mut frames: Vec<PathBuf> = (0..6).map(|n| picture(dir.path(), n, (161, 121))).collect();
    let torn = std::fs::read(&frames[0]).unwrap();
    std::fs::write(&frames[0], &torn[..torn.len() / 2]).unwrap();
    std::fs::write(&frames[5], "not a picture").unwrap();
    frames.insert(3, dir.path().join("gone.jpg"));
    // The camera was changed in the middle of the print.
    frames.push(picture(dir.path(), 90, (100, 300)));
    let film = render(&frames, dir.path(), &FilmOptions::default(), &mut on).unwrap();
    assert_eq!((film.frames, film.skipped.as_slice()), (5, &[0, 3, 6][..]), "torn, gone, no picture");
    assert_eq!((film.size.0 % 2, film.size.1 % 2), (0, 0), "{:?}", film.size);
    assert_eq!(std::fs::read(&film.poster).unwrap(), std::fs::read(&frames[7]).unwrap(), "the last good one");
}

#[test]
fn large_pictures_make_a_film_of_bounded_size() {
    let dir = tempfile::tempdir().unwrap();
    let frames: Vec<PathBuf> = (0..2).map(|n| picture(dir.path(), n, (1920, 1080))).collect();
    let film = render(&frames, dir.path(), &FilmOptions::default(), &mut on).unwrap();
    assert_eq!(film.size, (1280, 720));
}

#[test]
fn without_a_picture_there_is_no_film_and_an_old_one_stays() {
    let dir = tempfile::tempdir().unwrap();
    let old = dir.path().join("film.mp4");
    std::fs::write(&old, "old").unwrap();
    let frames = vec![dir.path().join("gone.jpg")];
    let error = render(&frames, dir.path(), &FilmOptions::default(), &mut on).unwrap_err();
    assert_eq!(error, FilmError::NoFrames { skipped: 1 });
    assert_eq!(
        render(&[], dir.path(), &FilmOptions::default(), &mut on),
        Err(FilmError::NoFrames { skipped: 0 })
    );

    let frames: Vec<PathBuf> = (0..4).map(|n| picture(dir.path(), n, (64, 48))).collect();
    let mut steps = 0;
    let cancelled = render(&frames, dir.path(), &FilmOptions::default(), &mut |_| {
        steps += 1;
        if steps < 2 { Continue::Yes } else { Continue::No }
    });
    assert_eq!((cancelled, steps), (Err(FilmError::Cancelled), 2));
    assert_eq!(std::fs::read(&old).unwrap(), b"old");
    assert!(!dir.path().join("film.mp4.part").exists(), "nothing is left behind");

    let nowhere = render(&frames, &dir.path().join("no/such/folder"), &FilmOptions::default(), &mut on);
    assert!(matches!(nowhere, Err(FilmError::Write { .. })), "{nowhere:?}");
}

/// Marks for pictures that have some: a box that moves, and a gauge.
fn marks(count: usize) -> Vec<Marks> {
    (0..count)
        .map(|n| Marks {
            boxes: vec![Rect { left: n as f32 * 4.0, top: 20.0, width: 40.0, height: 30.0 }],
            gauge: Some(n as f32 / count as f32),
        })
        .collect()
}

#[test]
fn films_made_side_by_side_are_those_made_one_by_one() {
    let dir = tempfile::tempdir().unwrap();
    let mut frames: Vec<PathBuf> = (0..30).map(|n| picture(dir.path(), n, (321, 181))).collect();
    frames[7] = dir.path().join("gone.jpg");
    let marks = marks(30);
    let options = FilmOptions { deflicker: true, max_side_px: 200, ..FilmOptions::default() };
    let (plain, marked) = (
        Version { video_name: "plain.mp4", marks: &[] },
        Version { video_name: "marked.mp4", marks: &marks },
    );
    let made = |versions: &[Version<'_>]| -> Vec<Vec<u8>> {
        let films = render_versions(&frames, versions, dir.path(), &options, &mut on).unwrap();
        assert!(films.iter().all(|film| film.frames == 29 && film.skipped == [7]));
        films.iter().map(|film| std::fs::read(&film.video).unwrap()).collect()
    };
    let (one, other) = (made(&[plain]), made(&[marked]));
    assert_ne!(one, other);
    let wanted = [one[0].clone(), other[0].clone()];
    assert!(made(&[plain, marked]) == wanted, "byte by byte");
    let turned = made(&[marked, plain]);
    assert!(turned[0] == wanted[1] && turned[1] == wanted[0], "whichever comes first");
}

#[test]
fn films_made_side_by_side_are_both_there_or_neither() {
    let dir = tempfile::tempdir().unwrap();
    let frames: Vec<PathBuf> = (0..4).map(|n| picture(dir.path(), n, (64, 48))).collect();
    let marks = marks(4);
    let versions =
        [Version { video_name: "film.mp4", marks: &[] }, Version { video_name: "tagged.mp4", marks: &marks }];
    let mut heard = Vec::new();
    let mut stop = |share: f32| {
        heard.push(share);
        if share < 0.7 { Continue::Yes } else { Continue::No }
    };
    let stopped = render_versions(&frames, &versions, dir.path(), &FilmOptions::default(), &mut stop);
    assert_eq!((stopped, heard), (Err(FilmError::Cancelled), vec![0.25, 0.5, 0.75]));
    let films =
        || std::fs::read_dir(dir.path()).unwrap().filter(|e| !is_picture(&e.as_ref().unwrap().path()));
    assert_eq!(films().count(), 0, "nothing is left behind");
    render_versions(&frames, &versions, dir.path(), &FilmOptions::default(), &mut on).unwrap();
    assert_eq!(films().count(), 2);
}

fn is_picture(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "jpg")
}
