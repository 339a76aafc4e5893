//! Films of our own encoder, read back; and files that are none, or not whole.
#![allow(clippy::unwrap_used)] // Helpers of tests.

use sandbox::Decoders;
use std::path::{Path, PathBuf};
use timelapse::{Clip, ClipError, Continue, FilmOptions, render};

const FPS: f64 = 10.0;

/// The colour of picture `n`.
fn colour(n: usize) -> [u8; 3] {
    [(40 + n * 5) as u8, 200 - (n * 4) as u8, 90]
}

/// Makes a film of plain pictures.
fn film(dir: &Path, count: usize) -> PathBuf {
    let frames: Vec<PathBuf> = (0..count)
        .map(|n| {
            let path = dir.join(format!("{n}.jpg"));
            let pixels = colour(n).repeat(320 * 176);
            let encoder = jpeg_encoder::Encoder::new_file(&path, 95).unwrap();
            encoder.encode(&pixels, 320, 176, jpeg_encoder::ColorType::Rgb).unwrap();
            path
        })
        .collect();
    let options = FilmOptions { fps: FPS, ..FilmOptions::default() };
    render(&frames, dir, &options, &mut |_| Continue::Yes).unwrap().video
}

fn write(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Returns the error that opening gives.
fn refused(path: &Path) -> ClipError {
    match Clip::open(path, &Decoders::here()) {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}

#[test]
fn a_film_is_read_back_picture_by_picture() {
    let dir = tempfile::tempdir().unwrap();
    let clip = Clip::open(&film(dir.path(), 30), &Decoders::here()).unwrap();
    assert_eq!(clip.num_pictures(), 30);
    assert!((clip.seconds() - 2.9).abs() < 1e-3, "{} s", clip.seconds());
    let mut count = 0;
    for (n, picture) in clip.enumerate() {
        let picture = picture.unwrap();
        assert_eq!((picture.width, picture.height), (320, 176));
        assert!((picture.seconds - n as f64 / FPS).abs() < 1e-3, "picture {n} at {} s", picture.seconds);
        let middle = &picture.rgb[(88 * 320 + 160) * 3..][..3];
        for (got, want) in middle.iter().zip(colour(n)) {
            assert!(got.abs_diff(want) <= 6, "picture {n} is {middle:?}, not {:?}", colour(n));
        }
        count += 1;
    }
    assert_eq!(count, 30);
}

#[test]
fn of_every_second_one_picture_is_wanted() {
    let dir = tempfile::tempdir().unwrap();
    let clip = Clip::open(&film(dir.path(), 30), &Decoders::here()).unwrap().every(1.0);
    let seconds: Vec<f64> = clip.map(|picture| (picture.unwrap().seconds * 10.0).round() / 10.0).collect();
    assert_eq!(seconds, [0.0, 1.0, 2.0]);
}

#[test]
fn a_film_cut_anywhere_gives_its_whole_pictures_and_one_error() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = std::fs::read(film(dir.path(), 20)).unwrap();
    let mut opened = 0;
    for end in (0..bytes.len()).step_by(bytes.len() / 150 + 1) {
        let cut = write(dir.path(), "cut.mp4", &bytes[..end]);
        let Ok(clip) = Clip::open(&cut, &Decoders::here()) else { continue };
        opened += 1;
        let results: Vec<_> = clip.take(100).collect();
        assert!(results.iter().any(Result::is_err), "{end} of {} bytes are no whole film", bytes.len());
        assert!(results.iter().filter(|result| result.is_ok()).count() < 20);
    }
    assert!(opened > 10, "with the table of contents at the front, most cuts can be opened: {opened}");
}

#[test]
fn no_flipped_byte_brings_the_reader_down() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = std::fs::read(film(dir.path(), 6)).unwrap();
    let contents = bytes.windows(4).position(|four| four == b"mdat").unwrap();
    for at in (0..contents + 8).chain((contents + 8..bytes.len()).step_by(17)) {
        let mut damaged = bytes.clone();
        damaged[at] = [0x00, 0x7F, 0xFF][at % 3];
        if let Ok(clip) = Clip::open(&write(dir.path(), "damaged.mp4", &damaged), &Decoders::here()) {
            assert!(clip.take(100).count() < 100, "no more pictures than the film ever had");
        }
    }
}

#[test]
fn a_table_that_claims_billions_is_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    let mut bytes = std::fs::read(film(dir.path(), 6)).unwrap();
    for (name, fields) in [(b"stsz", [8, 12]), (b"stsc", [8, 16]), (b"stts", [8, 12])] {
        let at = bytes.windows(4).position(|four| four == name).unwrap();
        for field in fields {
            bytes[at + field..at + field + 4].fill(0xFF);
        }
    }
    assert_eq!(refused(&write(dir.path(), "claims.mp4", &bytes)), ClipError::Torn);
}

#[test]
fn what_is_no_film_is_named_in_words() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(refused(&write(dir.path(), "a.mp4", b"")), ClipError::NotMp4);
    assert_eq!(
        refused(&write(dir.path(), "b.mp4", b"G28 ; not a film at all, but long enough")),
        ClipError::NotMp4
    );
    assert!(matches!(refused(&dir.path().join("absent.mp4")), ClipError::Read { .. }));
    let mut bytes = std::fs::read(film(dir.path(), 2)).unwrap();
    let at = bytes.windows(4).position(|four| four == b"avc1" && four != b"ftyp").unwrap();
    let at = bytes[at + 4..].windows(4).position(|four| four == b"avc1").map_or(at, |next| at + 4 + next);
    bytes[at..at + 4].copy_from_slice(b"hvc1");
    let error = refused(&write(dir.path(), "c.mp4", &bytes));
    assert_eq!(error.to_string(), "this film is HEVC; Printvigil reads H.264");
    assert!(error.cure().starts_with("Convert it"), "{}", error.cure());
}

#[test]
fn pictures_that_are_too_large_never_reach_the_decoder() {
    let dir = tempfile::tempdir().unwrap();
    let mut bytes = std::fs::read(film(dir.path(), 2)).unwrap();
    // Baseline: profile, constraints, level; then numbers 0, 0, 0, 0, 1, a bit, and a width of 2^15 blocks of 16.
    let at = bytes.windows(4).position(|four| four == b"avcC").unwrap() + 4;
    let huge = [0x67, 66, 0, 51, 0b1111_0100, 0b0000_0000, 0b0000_0100, 0, 0, 0b0010_0000];
    let len = usize::from(u16::from_be_bytes([bytes[at + 6], bytes[at + 7]]));
    bytes[at + 8..at + 8 + len.min(huge.len())].copy_from_slice(&huge[..len.min(huge.len())]);
    let error = refused(&write(dir.path(), "huge.mp4", &bytes));
    assert!(matches!(error, ClipError::Size { width, .. } if width > 4096), "{error:?}");
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// Films that other encoders made: data/make.sh.
#[test]
fn h264_that_the_decoder_does_not_take_is_named_with_what_to_do() {
    for (film, format) in [
        ("10-bit.mp4", "10-bit"),
        ("422.mp4", "4:2:2"),
        ("422-10-bit.mp4", "10-bit, 4:2:2"),
        ("444.mp4", "4:4:4"),
        ("lossless.mp4", "lossless"),
        ("interlaced.mp4", "interlaced"),
    ] {
        let error = refused(&data(film));
        assert_eq!(error, ClipError::Format { format: format.into() }, "{film}");
        assert!(error.cure().contains("HandBrake"), "{}", error.cure());
    }
    let pictures = Clip::open(&data("plain.mp4"), &Decoders::here()).unwrap().filter(Result::is_ok).count();
    assert_eq!(pictures, 6, "the same film as it should be");
}

#[test]
fn a_film_of_which_no_picture_comes_out_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let mut bytes = std::fs::read(film(dir.path(), 5)).unwrap();
    let pictures = bytes.windows(4).position(|four| four == b"mdat").unwrap() + 4;
    bytes[pictures..].fill(0x55);
    let results: Vec<_> =
        Clip::open(&write(dir.path(), "noise.mp4", &bytes), &Decoders::here()).unwrap().collect();
    assert!(matches!(results.as_slice(), [Err(ClipError::Decode { .. })]), "{} results", results.len());
}

/// Writes a matrix of whole numbers into the track's header of a film.
fn turned(mut bytes: Vec<u8>, [a, b, c, d]: [i32; 4]) -> Vec<u8> {
    let matrix = bytes.windows(4).position(|four| four == b"tkhd").unwrap() + 4 + 40;
    for (n, value) in [(0, a), (1, b), (3, c), (4, d)] {
        bytes[matrix + n * 4..][..4].copy_from_slice(&(value * 0x1_0000).to_be_bytes());
    }
    bytes
}

#[test]
fn a_film_that_asks_to_be_turned_is_turned() {
    let dir = tempfile::tempdir().unwrap();
    // Bright on the left, dark on the right.
    let path = dir.path().join("0.jpg");
    let pixels: Vec<u8> = (0..64 * 32).flat_map(|i| [if i % 64 < 32 { 220 } else { 20 }; 3]).collect();
    let encoder = jpeg_encoder::Encoder::new_file(&path, 95).unwrap();
    encoder.encode(&pixels, 64, 32, jpeg_encoder::ColorType::Rgb).unwrap();
    let video = render(&[path], dir.path(), &FilmOptions::default(), &mut |_| Continue::Yes).unwrap().video;
    let upright = std::fs::read(video).unwrap();
    for (matrix, size, first_is_bright) in [
        ([1, 0, 0, 1], (64, 32), true),
        ([0, 1, -1, 0], (32, 64), true),
        ([-1, 0, 0, -1], (64, 32), false),
        ([0, -1, 1, 0], (32, 64), false),
    ] {
        let film = write(dir.path(), "turned.mp4", &turned(upright.clone(), matrix));
        let picture = Clip::open(&film, &Decoders::here()).unwrap().next().unwrap().unwrap();
        assert_eq!((picture.width, picture.height), size, "{matrix:?}");
        assert_eq!(picture.rgb[0] > 120, first_is_bright, "{matrix:?}: {}", picture.rgb[0]);
        assert_eq!(*picture.rgb.last().unwrap() > 120, !first_is_bright, "{matrix:?}");
    }
}

/// A film whose table says that `count` pictures of `num_bytes` lie where `offset` says.
fn bomb(dir: &Path, count: u32, num_bytes: u32, offset: impl Fn(u32) -> u32) -> PathBuf {
    let boxed = |kind: &[u8; 4], inner: &[u8]| {
        [&(inner.len() as u32 + 8).to_be_bytes(), kind.as_slice(), inner].concat()
    };
    let table = |kind: &[u8; 4], numbers: &[u32]| {
        let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
        boxed(kind, &[[0; 4].as_slice(), &numbers].concat())
    };
    let real = std::fs::read(data("plain.mp4")).unwrap();
    let stsd_at = real.windows(4).position(|four| four == b"stsd").unwrap() - 4;
    let stsd_len = u32::from_be_bytes(real[stsd_at..stsd_at + 4].try_into().unwrap()) as usize;
    let mut stco = vec![count];
    stco.extend((0..count).map(&offset));
    let stbl = [
        real[stsd_at..stsd_at + stsd_len].to_vec(),
        table(b"stsz", &[num_bytes, count]),
        table(b"stsc", &[1, 1, 1, 1]),
        table(b"stts", &[1, count, 1]),
        table(b"stco", &stco),
    ]
    .concat();
    let mdhd = table(b"mdhd", &[0, 0, 1000, count, 0]);
    let hdlr = boxed(b"hdlr", &[[0; 8].as_slice(), b"vide", &[0; 13]].concat());
    let minf = boxed(b"minf", &boxed(b"stbl", &stbl));
    let trak = boxed(b"trak", &boxed(b"mdia", &[mdhd, hdlr, minf].concat()));
    let ftyp = boxed(b"ftyp", b"isom\0\0\0\0isom");
    let all = [ftyp, boxed(b"moov", &trak), boxed(b"mdat", &vec![0x55; 4 << 20])].concat();
    write(dir, "bomb.mp4", &all)
}

#[test]
fn pictures_that_share_their_bytes_are_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(refused(&bomb(dir.path(), 1_000_000, 30_000, |_| 500)), ClipError::Torn);
}

#[test]
fn a_film_in_which_nothing_decodes_can_be_broken_off_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut clip =
        Clip::open(&bomb(dir.path(), 1_000_000, 4, |n| 9_000_000 + n * 4), &Decoders::here()).unwrap();
    let mut asked = 0;
    let stopped = clip.next_picture(&mut |share| {
        assert!((0.0..1.0).contains(&share));
        asked += 1;
        if asked > 100 { Continue::No } else { Continue::Yes }
    });
    // Bytes beyond the end are a torn film; within it, nothing comes out.
    assert!(matches!(stopped, Err(ClipError::Torn)), "beyond the end");
    let mut clip =
        Clip::open(&bomb(dir.path(), 500_000, 4, |n| 2_100_000 + n * 4), &Decoders::here()).unwrap();
    asked = 0;
    let stopped = clip.next_picture(&mut |_| {
        asked += 1;
        if asked > 100 { Continue::No } else { Continue::Yes }
    });
    assert!(matches!(stopped, Err(ClipError::BrokenOff)));
    assert_eq!(asked, 101);
}

#[test]
fn a_picture_in_the_clothes_of_a_film_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let heic = write(dir.path(), "a.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x08meta");
    let error = refused(&heic);
    assert_eq!(error.to_string(), "this file is a picture (HEIC), no film");
    assert!(error.cure().contains("JPEG"));
}
