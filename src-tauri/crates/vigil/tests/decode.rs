//! The process that decodes H.264, as the core starts it: what it decodes, how it may end, and what it reaches.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // Helpers of tests.

use openh264::OpenH264API;
use openh264::encoder::{Encoder, EncoderConfig};
use openh264::formats::{RgbSliceU8, YUVBuffer};
use sandbox::{Decoded, Decoder, Decoders, Ended, Form, Order, Pixels};
use std::process::Command;
use std::time::Duration;

/// Of the pictures that are encoded here; odd halves show where rows end.
const SIZE: (usize, usize) = (322, 182);

/// Longer than a busy computer takes for a picture of that size.
const PATIENT: Duration = Duration::from_secs(20);

fn apart() -> Decoders {
    Decoders::apart(|| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vigil"));
        command.arg("decode");
        Ok(command)
    })
    .within(PATIENT)
}

/// Encodes pictures that get brighter: each with its start codes, the first with the parameters.
fn stream(count: usize) -> Vec<Vec<u8>> {
    let config = EncoderConfig::new().skip_frames(false);
    let mut encoder = Encoder::with_api_config(OpenH264API::from_source(), config).unwrap();
    let frame = |n: usize| {
        let noise = |i: usize| (i.wrapping_mul(2_654_435_761) >> 20) as u8 / 8;
        let pixels: Vec<u8> = (0..SIZE.0 * SIZE.1 * 3).map(|i| 20 * n as u8 + noise(i)).collect();
        let yuv = YUVBuffer::from_rgb8_source(RgbSliceU8::new(&pixels, SIZE));
        encoder.encode(&yuv).unwrap().to_vec()
    };
    (0..count).map(frame).collect()
}

fn picture(decoded: Decoded) -> Pixels {
    match decoded {
        Decoded::Picture(picture) => picture,
        other @ (Decoded::Nothing | Decoded::Unwanted | Decoded::Damaged) => panic!("{other:?}"),
    }
}

fn signal(decoder: &Decoder, signal: &str) {
    let id = decoder.process().unwrap().to_string();
    assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
}

/// Returns all that comes of a stream.
fn all(decoders: &Decoders, order: Order, form: Form, frames: &[Vec<u8>]) -> Vec<Decoded> {
    let mut decoder = decoders.start(order).unwrap();
    let mut all: Vec<Decoded> =
        frames.iter().map(|frame| decoder.frame(frame.clone(), form).unwrap()).collect();
    while !matches!(all.last(), Some(Decoded::Nothing | Decoded::Damaged)) || all.len() < frames.len() {
        all.push(decoder.rest(form).unwrap());
    }
    all
}

#[test]
fn it_decodes_what_is_decoded_here() {
    let frames = stream(6);
    for order in [Order::AsDecoded, Order::AsShown] {
        for form in [Form::Planes, Form::Rgb, Form::Nothing] {
            let there = all(&apart(), order, form, &frames);
            assert_eq!(there, all(&Decoders::here(), order, form, &frames), "{order:?} {form:?}");
            let came = there.iter().filter(|one| matches!(one, Decoded::Picture(_) | Decoded::Unwanted));
            assert_eq!(came.count(), 6, "{order:?} {form:?}");
        }
    }
    let mut decoder = apart().start(Order::AsDecoded).unwrap();
    let planes = picture(decoder.frame(frames[0].clone(), Form::Planes).unwrap());
    let half = SIZE.0.div_ceil(2) * SIZE.1.div_ceil(2);
    assert_eq!((planes.width as usize, planes.height as usize), SIZE);
    assert_eq!(planes.bytes.len(), SIZE.0 * SIZE.1 + 2 * half);
}

#[test]
fn one_that_is_killed_or_hangs_is_told_and_not_left_behind() {
    let frames = stream(2);
    let mut killed = apart().start(Order::AsDecoded).unwrap();
    picture(killed.frame(frames[0].clone(), Form::Rgb).unwrap());
    signal(&killed, "-KILL");
    let why = killed.frame(frames[1].clone(), Form::Rgb).unwrap_err();
    assert!(matches!(&why, Ended::Gone { how } if how.contains("signal: 9")), "{why}");

    let mut hung = apart().within(Duration::from_millis(500)).start(Order::AsDecoded).unwrap();
    signal(&hung, "-STOP");
    assert_eq!(hung.frame(frames[0].clone(), Form::Rgb), Err(Ended::Hung { secs: 0 }));
    let why = hung.frame(frames[1].clone(), Form::Rgb).unwrap_err();
    assert!(matches!(why, Ended::Gone { .. }), "it is ended: {why}");
}

#[test]
fn one_that_talks_nonsense_is_ended() {
    let ready = "echo '{\"ready\":\"fully\"}'; read asked; ";
    let picture = |width: u32, bytes: u32| {
        format!(
            "{ready} printf '{{\"picture\":{{\"width\":{width},\"height\":2,\"following\":{bytes}}}}}\\n'; head -c {bytes} /dev/zero; cat"
        )
    };
    let scripts = [
        "echo hello; cat".to_owned(),
        "cat /dev/zero".to_owned(),
        "echo '\"nothing\"'; cat".to_owned(),
        format!("{ready} echo '\"so\"'; cat"),
        format!("{ready} echo '{{\"ready\":\"fully\"}}'; cat"),
        picture(2, 13),
        picture(5000, 30_000),
        picture(2, 4_000_000_000),
        // A picture that makes sense, but in another form than was asked for.
        picture(2, 6),
    ];
    for script in scripts {
        let told = script.clone();
        let decoders = Decoders::apart(move || {
            let mut command = Command::new("sh");
            command.args(["-c", &script]);
            Ok(command)
        });
        let done =
            decoders.start(Order::AsDecoded).and_then(|mut decoder| decoder.frame(vec![0; 8], Form::Rgb));
        assert_eq!(done, Err(Ended::Nonsense), "{told}");
    }
    let absent = Decoders::apart(|| Ok(Command::new("/nowhere/vigil")));
    let why = absent.start(Order::AsShown).map(|_| ()).unwrap_err();
    assert!(matches!(why, Ended::NotStarted { .. }), "{why}");
    let ends = Decoders::apart(|| Ok(Command::new("true")));
    let why = ends.start(Order::AsShown).map(|_| ()).unwrap_err();
    assert!(matches!(why, Ended::Gone { .. }), "{why}");
}

#[test]
fn a_film_is_read_as_it_is_here_and_a_decoder_that_ends_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let pictures: Vec<_> = (0..12_u8)
        .map(|n| {
            let path = dir.path().join(format!("{n}.jpg"));
            let pixels = (0..160 * 96 * 3).map(|i: usize| n * 15 + (i % 53) as u8).collect();
            let rgb = camera::Rgb { width: 160, height: 96, pixels };
            std::fs::write(&path, camera::encode_jpeg(&rgb, 90).unwrap()).unwrap();
            path
        })
        .collect();
    let film = timelapse::FilmOptions { fps: 4.0, ..Default::default() };
    let film =
        timelapse::render(&pictures, dir.path(), &film, &mut |_| timelapse::Continue::Yes).unwrap().video;
    let read = |decoders: &Decoders, every: f64| -> Vec<_> {
        let clip = timelapse::Clip::open(&film, decoders).unwrap().every(every);
        clip.map(|picture| picture.map(|p| (p.seconds.to_bits(), p.width, p.height, p.rgb))).collect()
    };
    for (every, count) in [(0.0, 12), (1.0, 3)] {
        let there = read(&apart(), every);
        assert_eq!(there.iter().filter(|picture| picture.is_ok()).count(), count);
        assert!(there == read(&Decoders::here(), every), "every {every} s");
    }
    let ends = Decoders::apart(|| Ok(Command::new("true")));
    let done = read(&ends, 0.0);
    assert!(
        matches!(done.as_slice(), [Err(timelapse::ClipError::Decoder { ended: Ended::Gone { .. } })]),
        "{} results",
        done.len()
    );
}

/// Numbers that look like chance and are the same each time.
fn numbers(mut seed: u64) -> impl FnMut(usize) -> usize {
    move |below| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    }
}

#[test]
fn hostile_bytes_cost_a_decoder_at_most() {
    let frames = stream(8);
    let (mut next, mut ended, mut damaged, mut shown) = (numbers(7), 0, 0, 0);
    let mut decoder = apart().start(Order::AsShown).unwrap();
    for round in 0..600 {
        let mut frame = frames[round % frames.len()].clone();
        match round % 4 {
            0 => frame.truncate(next(frame.len())),
            1 => (0..1 + next(40)).for_each(|_| {
                let at = next(frame.len());
                frame[at] = next(256) as u8;
            }),
            // The parameters alone are damaged: sizes, numbers of pictures that are kept.
            2 => {
                frame = frames[0].clone();
                (0..1 + next(4)).for_each(|_| {
                    let at = next(40);
                    frame[at] ^= 1 << next(8);
                });
            }
            _ => frame = (0..next(3000)).map(|_| next(256) as u8).collect(),
        }
        match decoder.frame(frame, Form::Planes) {
            Ok(Decoded::Damaged) => damaged += 1,
            Ok(Decoded::Picture(_)) => shown += 1,
            Ok(Decoded::Nothing | Decoded::Unwanted) => (),
            Err(_) => {
                ended += 1;
                decoder = apart().start(Order::AsShown).unwrap();
            }
        }
    }
    println!("{damaged} damaged, {shown} shown, {ended} decoders ended");
    assert!(damaged > 100, "{damaged}");
    // What was fed before changes nothing for the next stream.
    let there = all(&apart(), Order::AsDecoded, Form::Rgb, &frames);
    assert_eq!(there.iter().filter(|one| matches!(one, Decoded::Picture(_))).count(), 8);
}

#[cfg(target_os = "linux")]
#[test]
fn it_reaches_nothing_and_takes_no_more_memory_than_it_may() {
    let decoder = apart().start(Order::AsDecoded).unwrap();
    let about =
        |file: &str| std::fs::read_to_string(format!("/proc/{}/{file}", decoder.process().unwrap())).unwrap();
    let limits = about("limits");
    let limit = |name: &str| {
        let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
        line[name.len()..].split_whitespace().next().unwrap().to_owned()
    };
    assert_eq!(limit("Max open files"), "3", "no file, no socket: {limits}");
    assert_eq!(limit("Max file size"), "0", "{limits}");
    assert_eq!(limit("Max data size"), (3_u64 << 29).to_string(), "{limits}");
    assert_eq!(about("oom_score_adj").trim(), "900");
    assert!(about("status").contains("NoNewPrivs:\t1"), "{}", about("status"));
}

#[cfg(target_os = "linux")]
#[test]
fn one_without_memory_is_told() {
    let frames = stream(1);
    let mut decoder = apart().start(Order::AsDecoded).unwrap();
    let id = decoder.process().unwrap().to_string();
    let lowered = Command::new("prlimit").args(["--pid", &id, "--data=4096:4096"]).status();
    if !lowered.is_ok_and(|status| status.success()) {
        eprintln!("skipped: prlimit is not there");
        return;
    }
    let done = decoder.frame(frames[0].clone(), Form::Rgb);
    assert!(matches!(done, Ok(Decoded::Damaged) | Err(Ended::Gone { .. })), "{done:?}");
}
