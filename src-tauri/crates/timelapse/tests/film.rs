//! Films of generated pictures, read back box by box.
#![allow(clippy::unwrap_used)] // Helpers of tests.

use std::io::Write;
use std::path::{Path, PathBuf};
use timelapse::{Continue, FilmError, FilmOptions, render};

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
    let film = render(&frames, &[], dir.path(), &FilmOptions::default(), &mut |share| {
        heard.push(share);
        Continue::Yes
    })
    .unwrap();
    assert_eq!((film.frames, film.skipped, film.size), (40, 0, (320, 180)));
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
    probe(&film.video);
}

/// Asks ffprobe too, where it is installed.
fn probe(video: &Path) {
    let arguments =
        ["-v", "error", "-count_frames", "-show_entries", "stream=codec_name,nb_read_frames,width"];
    let Ok(out) =
        std::process::Command::new("ffprobe").args(arguments).args(["-of", "csv=p=0"]).arg(video).output()
    else {
        // Past the capture of the test harness, so that it is seen.
        let _ = writeln!(std::io::stderr(), "skipped: no ffprobe to play the film with");
        return;
    };
    let (said, errors) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert_eq!((said.trim(), errors.trim()), ("h264,320,40", ""), "another player decodes it all");
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
    let film = render(&frames, &[], dir.path(), &FilmOptions::default(), &mut on).unwrap();
    assert_eq!((film.frames, film.skipped), (5, 3));
    assert_eq!((film.size.0 % 2, film.size.1 % 2), (0, 0), "{:?}", film.size);
    assert_eq!(std::fs::read(&film.poster).unwrap(), std::fs::read(&frames[7]).unwrap(), "the last good one");
}

#[test]
fn large_pictures_make_a_film_of_bounded_size() {
    let dir = tempfile::tempdir().unwrap();
    let frames: Vec<PathBuf> = (0..2).map(|n| picture(dir.path(), n, (1920, 1080))).collect();
    let film = render(&frames, &[], dir.path(), &FilmOptions::default(), &mut on).unwrap();
    assert_eq!(film.size, (1280, 720));
}

#[test]
fn without_a_picture_there_is_no_film_and_an_old_one_stays() {
    let dir = tempfile::tempdir().unwrap();
    let old = dir.path().join("film.mp4");
    std::fs::write(&old, "old").unwrap();
    let frames = vec![dir.path().join("gone.jpg")];
    let error = render(&frames, &[], dir.path(), &FilmOptions::default(), &mut on).unwrap_err();
    assert_eq!(error, FilmError::NoFrames { skipped: 1 });
    assert_eq!(
        render(&[], &[], dir.path(), &FilmOptions::default(), &mut on),
        Err(FilmError::NoFrames { skipped: 0 })
    );

    let frames: Vec<PathBuf> = (0..4).map(|n| picture(dir.path(), n, (64, 48))).collect();
    let mut steps = 0;
    let cancelled = render(&frames, &[], dir.path(), &FilmOptions::default(), &mut |_| {
        steps += 1;
        if steps < 2 { Continue::Yes } else { Continue::No }
    });
    assert_eq!((cancelled, steps), (Err(FilmError::Cancelled), 2));
    assert_eq!(std::fs::read(&old).unwrap(), b"old");
    assert!(!dir.path().join("film.mp4.part").exists(), "nothing is left behind");

    let nowhere = render(&frames, &[], &dir.path().join("no/such/folder"), &FilmOptions::default(), &mut on);
    assert!(matches!(nowhere, Err(FilmError::Write { .. })), "{nowhere:?}");
}
