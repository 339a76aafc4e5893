//! Cameras on the network, played by a small server on loopback.
#![allow(clippy::unwrap_used)] // Helpers of tests.

use camera::{CameraError, Rgb, encode_jpeg, one_frame, opener_for};
use domain::CameraSource;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, sync_channel};

fn jpeg() -> Vec<u8> {
    encode_jpeg(&Rgb { width: 32, height: 16, pixels: (0..32 * 16 * 3).map(|i| (i * 7) as u8).collect() }, 85)
        .unwrap()
}

/// Answers each connection with the next of `answers`, then closes it. Returns the base of its URLs and what it
/// was asked.
fn serve(answers: Vec<Vec<u8>>) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
    let (tell, told) = sync_channel(16);
    std::thread::Builder::new()
        .name("fake camera".into())
        .spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let request: Vec<String> = lines.map(Result::unwrap).take_while(|l| !l.is_empty()).collect();
                tell.send(request.join("\n")).unwrap();
                // The other side may have heard enough.
                let _ = stream.write_all(&answer);
            }
        })
        .unwrap();
    (base, told)
}

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").as_bytes(), body].concat()
}

fn picture() -> Vec<u8> {
    answer(&format!("200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {}", jpeg().len()), &jpeg())
}

fn stream(parts: usize) -> Vec<u8> {
    let part = [b"--b\r\nContent-Type: image/jpeg\r\n\r\n".as_slice(), &jpeg(), b"\r\n"].concat();
    answer("200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b", &part.repeat(parts))
}

fn snapshot(url: String) -> CameraSource {
    CameraSource::Snapshot { url }
}

#[test]
fn a_snapshot_is_asked_for_with_name_and_password() {
    let (base, asked) = serve(vec![picture()]);
    let got = one_frame(&snapshot(format!("http://me:secret@{base}/snap.jpg?w=640"))).unwrap();
    assert_eq!(got, jpeg());
    let request = asked.recv().unwrap().to_ascii_lowercase();
    assert!(request.starts_with("get /snap.jpg?w=640 "), "{request}");
    assert!(request.contains("authorization: basic bwu6c2vjcmv0"), "{request}");
}

#[test]
fn a_stream_gives_its_pictures_and_then_says_that_it_ended() {
    let (base, _asked) = serve(vec![stream(3)]);
    let mut opener = opener_for(&CameraSource::Mjpeg { url: format!("http://{base}/") }).unwrap();
    let mut source = opener.open().unwrap();
    for n in 0..3 {
        assert_eq!(source.next().unwrap(), jpeg(), "picture {n}");
    }
    let error = source.next().unwrap_err();
    assert!(matches!(error, CameraError::NoPicture { .. } | CameraError::Unreachable { .. }), "{error}");
}

#[test]
fn snapshots_come_one_request_each_and_a_stream_will_do() {
    let (base, asked) = serve(vec![picture(), stream(2)]);
    let mut source = opener_for(&snapshot(format!("http://{base}/x"))).unwrap().open().unwrap();
    assert_eq!(source.next().unwrap(), jpeg());
    assert_eq!(source.next().unwrap(), jpeg());
    assert_eq!(asked.iter().take(2).count(), 2);
}

#[test]
fn every_other_answer_says_what_to_do() {
    let html = b"<html>Please log in</html>";
    let cases = [
        (answer("200 OK\r\nContent-Type: text/html", html), "web page"),
        (answer("200 OK\r\nContent-Type: application/octet-stream", b"hello"), "without a whole JPEG"),
        (answer("200 OK\r\nContent-Type: image/jpeg", &jpeg()[..100]), "without a whole JPEG"),
        (answer("302 Found\r\nLocation: http://elsewhere.example/", b""), "http://elsewhere.example/"),
        (answer("401 Unauthorized", b""), "name:password@"),
        (answer("404 Not Found", b""), "404"),
        (answer("503 Service Unavailable", b""), "503"),
    ];
    for (answer, words) in cases {
        let (base, _asked) = serve(vec![answer]);
        let error = one_frame(&snapshot(format!("http://{base}/"))).unwrap_err();
        let text = error.for_people();
        assert!(text.contains(words) && text.contains(&base), "{words}: {text}");
        assert!(text.contains("Open the address in a browser"), "a cure is named: {text}");
    }
}

#[test]
fn an_endless_answer_is_cut_off() {
    let mut endless = answer("200 OK\r\nContent-Type: image/jpeg", &[0xFF, 0xD8, 0xFF, 0xE0]);
    endless.resize(10 * 1024 * 1024, 0);
    let (base, _asked) = serve(vec![endless]);
    let error = one_frame(&snapshot(format!("http://{base}/"))).unwrap_err();
    assert!(error.to_string().contains("8 MB"), "{error}");
}

#[test]
fn where_nobody_listens_it_says_so() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let text = one_frame(&snapshot(format!("http://127.0.0.1:{port}/"))).unwrap_err().for_people();
    assert!(text.contains("refused") && text.contains("switched on"), "{text}");
}

#[test]
fn the_demo_is_no_camera() {
    assert!(opener_for(&CameraSource::Demo { printer: None }).is_none());
}
