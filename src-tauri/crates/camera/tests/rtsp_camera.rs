//! Cameras that stream H.264 by RTSP, played by a small server on loopback.
#![allow(clippy::unwrap_used)] // Helpers of tests.

mod rtsp_server;

use camera::{CameraError, Source, StopFlag, Wanted, decode_jpeg, one_frame, opener_for, read_head};
use domain::CameraSource;
use rtsp_server::{Plan, Sender, serve};
use sandbox::Decoders;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn stream(url: String) -> CameraSource {
    CameraSource::Rtsp { url }
}

/// Opens a stream that somebody looks at.
fn opened(url: String) -> Result<Box<dyn Source>, CameraError> {
    let mut opener = opener_for(&stream(url), &Decoders::here()).unwrap();
    let wanted = Wanted::default();
    wanted.ask();
    opener.watch_wanted(wanted);
    opener.open()
}

fn error_of(plan: Plan) -> CameraError {
    let (base, _asked) = serve(plan);
    one_frame(&stream(format!("rtsp://{base}/live")), &Decoders::here()).unwrap_err()
}

fn sends(
    play: impl Fn(&mut TcpStream, &[Vec<Vec<u8>>]) -> std::io::Result<()> + Send + Sync + 'static,
) -> Plan {
    Plan { play: Arc::new(play), ..Plan::default() }
}

#[test]
fn a_stream_gives_pictures_as_they_come() {
    let (base, asked) = serve(Plan::default());
    let mut source = opened(format!("rtsp://{base}/live?ch=1")).unwrap();
    let mut means = Vec::new();
    for _ in 0..5 {
        let jpeg = source.next().unwrap();
        let head = read_head(&jpeg).unwrap();
        assert_eq!((head.width as usize, head.height as usize), rtsp_server::SIZE);
        let pixels = decode_jpeg(&jpeg).unwrap().pixels;
        means.push(pixels.iter().map(|p| u64::from(*p)).sum::<u64>() / pixels.len() as u64);
    }
    assert!(means.is_sorted() && means[4] > means[0] + 40, "each is brighter than the last: {means:?}");
    drop(source);
    let requests: Vec<String> = asked.try_iter().collect();
    assert!(requests.iter().any(|request| request.contains("/live?ch=1")), "{requests:#?}");
    assert!(requests.iter().any(|r| r.starts_with("SETUP") && r.contains("RTP/AVP/TCP")), "{requests:#?}");
}

#[test]
fn while_nobody_looks_a_picture_comes_about_once_a_second() {
    let (base, _asked) = serve(Plan::default());
    let mut source =
        opener_for(&stream(format!("rtsp://{base}/")), &Decoders::here()).unwrap().open().unwrap();
    source.next().unwrap();
    #[allow(clippy::disallowed_methods)] // The test measures real time.
    let began = Instant::now();
    for _ in 0..3 {
        source.next().unwrap();
    }
    let took = began.elapsed();
    assert!((Duration::from_millis(1800)..Duration::from_secs(6)).contains(&took), "{took:?}");
}

#[test]
fn name_and_password_are_said_in_the_way_that_the_camera_wants() {
    for (challenge, said) in [
        ("Digest realm=\"cam\", nonce=\"n1\"", "Authorization: Digest username=\"me\""),
        ("Basic realm=\"cam\"", "Authorization: Basic bWU6c2VjcmV0"),
    ] {
        let (base, asked) = serve(Plan { challenge: Some(challenge), ..Plan::default() });
        let jpeg = one_frame(&stream(format!("rtsp://me:secret@{base}/live")), &Decoders::here()).unwrap();
        assert!(read_head(&jpeg).is_ok());
        let requests: Vec<String> = asked.try_iter().collect();
        assert!(!requests[0].contains("Authorization"), "nothing is said unasked: {}", requests[0]);
        assert!(requests[1].contains(said), "{}", requests[1]);
        assert!(requests.iter().all(|request| !request.contains("secret")), "{requests:#?}");

        let none = one_frame(&stream(format!("rtsp://{base}/live")), &Decoders::here()).unwrap_err();
        assert_eq!(none, CameraError::NeedsLogin { url: format!("rtsp://{base}/live") });
    }
}

#[test]
fn what_cannot_be_shown_says_what_to_do() {
    let answered = |head: &str| Plan { describe: Some(head.as_bytes().to_vec()), ..Plan::default() };
    for (plan, words, cure) in [
        (Plan { coding: "H265", ..Plan::default() }, "is H.265", "Set the camera to H.264"),
        (Plan { coding: "JPEG", ..Plan::default() }, "motion JPEG", "Set the camera to H.264"),
        (answered("Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n"), "", "video player"),
    ] {
        let text = error_of(plan).for_people();
        assert!(text.contains(words) && text.contains(cure), "{text}");
    }
    // Something else answers there.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = move || {
        for stream in listener.incoming() {
            let _ = stream
                .unwrap()
                .write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html>");
        }
    };
    std::thread::Builder::new().name("web server".into()).spawn(serving).unwrap();
    let text =
        one_frame(&stream(format!("rtsp://127.0.0.1:{port}/")), &Decoders::here()).unwrap_err().for_people();
    assert!(text.contains("does not speak RTSP"), "{text}");
    let text = one_frame(&stream("rtsp://127.0.0.1:9/".into()), &Decoders::here()).unwrap_err().for_people();
    assert!(text.contains("refused") && text.contains("554"), "{text}");
}

#[test]
fn what_a_camera_refuses_is_told() {
    let status = |status: &'static str| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = listener.local_addr().unwrap().to_string();
        let serving = move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = write!(stream, "RTSP/1.0 {status}\r\nCSeq: 1\r\n\r\n");
            std::thread::sleep(Duration::from_secs(1));
        };
        std::thread::Builder::new().name("rtsp server".into()).spawn(serving).unwrap();
        one_frame(&stream(format!("rtsp://me:secret@{base}/x")), &Decoders::here()).unwrap_err()
    };
    for (answer, words) in [
        ("404 Not Found", "no such stream (404)"),
        ("453 Not Enough Bandwidth", "no more viewers"),
        ("302 Moved\r\nLocation: rtsp://me:hidden@elsewhere/live", "it points to \"rtsp://elsewhere/live\""),
        ("500 Internal", "it answered 500"),
    ] {
        let text = status(answer).for_people();
        assert!(text.contains(words) && !text.contains("secret"), "{text}");
    }
}

#[test]
fn a_stream_that_stops_is_noticed_within_ten_seconds() {
    let (base, _asked) = serve(sends(|stream, frames| {
        Sender::default().send(stream, &frames[0])?;
        std::thread::sleep(Duration::from_secs(60));
        Ok(())
    }));
    let mut source = opened(format!("rtsp://{base}/")).unwrap();
    source.next().unwrap();
    #[allow(clippy::disallowed_methods)] // The test measures real time.
    let began = Instant::now();
    let error = source.next().unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert!(error.to_string().contains("the stream stopped"), "{error}");
}

#[test]
fn a_camera_that_is_not_wanted_any_more_ends_while_it_waits() {
    let (base, _asked) = serve(sends(|_, _| {
        std::thread::sleep(Duration::from_secs(60));
        Ok(())
    }));
    let mut opener = opener_for(&stream(format!("rtsp://{base}/")), &Decoders::here()).unwrap();
    let stop = StopFlag::default();
    opener.watch_stop(stop.clone());
    let mut source = opener.open().unwrap();
    stop.set();
    #[allow(clippy::disallowed_methods)] // The test measures real time.
    let began = Instant::now();
    assert!(source.next().is_err());
    drop(source);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[test]
fn a_hostile_camera_is_cut_off() {
    let endless_head = |stream: &mut TcpStream, _: &[Vec<Vec<u8>>]| loop {
        stream.write_all(&[b'x'; 64 * 1024])?;
    };
    // A unit that never ends.
    let endless_unit = |stream: &mut TcpStream, _: &[Vec<Vec<u8>>]| {
        let mut sender = Sender::default();
        let piece = vec![0x55; 60_000];
        sender.packet(stream, false, &[&[0x7C, 0x85], piece.as_slice()].concat())?;
        loop {
            sender.packet(stream, false, &[&[0x7C, 0x05], piece.as_slice()].concat())?;
        }
    };
    let describe = |head: &str| Plan { describe: Some(head.as_bytes().to_vec()), ..Plan::default() };
    for length in ["18446744073709551615", "4000000000"] {
        let text = error_of(describe(&format!("Content-Length: {length}\r\n\r\n"))).for_people();
        assert!(text.contains("far too long"), "{text}");
    }
    // By its bytes, by its form or by its time, whichever is first.
    let ends = ["no whole picture", "as the standard has it", "the stream stopped"];
    for plan in [sends(endless_head), sends(endless_unit)] {
        let text = error_of(plan).for_people();
        assert!(ends.iter().any(|end| text.contains(end)), "{text}");
    }
}

#[test]
fn a_picture_that_is_too_large_is_refused_before_it_is_decoded() {
    // Baseline, level 5.2, 1001 x 1001 macroblocks; a number is written as zeros, then itself plus one.
    let side = format!("{}{:b}", "0".repeat(9), 1001);
    let bits = format!("1 1 011 010 0 {side} {side} 1 1 0 0 1").replace(' ', "");
    let bytes = bits.as_bytes().chunks(8).map(|bits| {
        let byte = bits.iter().fold(0, |sum, bit| sum << 1 | u16::from(bit - b'0'));
        (byte << (8 - bits.len())) as u8
    });
    let sps = [0x67, 0x42, 0xC0, 0x34].into_iter().chain(bytes).collect();
    let plan = Plan { sets: Some([sps, vec![0x68, 0xCE, 0x38, 0x80]]), ..Plan::default() };
    let text = error_of(plan).for_people();
    assert!(text.contains("16016 x 16016 pixels, more than can be decoded"), "{text}");
}

#[test]
fn torn_packets_cost_a_picture_and_not_the_camera() {
    let (base, _asked) = serve(sends(|stream, frames| {
        let mut sender = Sender::default();
        for n in 0_usize.. {
            let mut units = frames[n % rtsp_server::GOP].clone();
            // Every third round is torn: cut short, and bytes changed.
            if n / rtsp_server::GOP % 3 == 1 {
                for unit in units.iter_mut().filter(|unit| !matches!(unit[0] & 0x1F, 7 | 8)) {
                    unit.truncate(2 + unit.len() / 2);
                    let at = unit.len() / 2;
                    unit[at] ^= 0xFF;
                }
            }
            sender.send(stream, &units)?;
            std::thread::sleep(Duration::from_millis(30));
        }
        Ok(())
    }));
    let mut source = opened(format!("rtsp://{base}/")).unwrap();
    let whole = (0..60).filter(|_| source.next().is_ok_and(|jpeg| read_head(&jpeg).is_ok())).count();
    assert!(whole >= 20, "{whole} of 60 pictures are whole");
}
