//! Cameras on the network, played by a small server on loopback.
#![allow(clippy::unwrap_used)] // Helpers of tests.

use camera::{CameraError, Rgb, encode_jpeg, is_fingerprint, one_frame, opener_for};
use domain::CameraSource;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use sandbox::Decoders;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

fn jpeg() -> Vec<u8> {
    encode_jpeg(&Rgb { width: 32, height: 16, pixels: (0..32 * 16 * 3).map(|i| (i * 7) as u8).collect() }, 85)
        .unwrap()
}

/// Answers each connection with the next of `answers`, then closes it. Returns the base of its URLs and what it
/// was asked.
fn serve(answers: Vec<Vec<u8>>) -> (String, Receiver<String>) {
    serve_by(answers, Box::new)
}

trait Talk: Read + Write {}

impl<T: Read + Write> Talk for T {}

/// As [`serve`], with what is put around each connection.
fn serve_by<T: Talk + 'static>(
    answers: Vec<Vec<u8>>,
    wrap: impl Fn(TcpStream) -> Box<T> + Send + 'static,
) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
    let (tell, told) = sync_channel(16);
    std::thread::Builder::new()
        .name("fake camera".into())
        .spawn(move || {
            for answer in answers {
                let mut stream = wrap(listener.accept().unwrap().0);
                let mut request = Vec::new();
                let mut byte = [0];
                // One byte at a time: nothing behind the request is read. TLS may end before it begins.
                while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n == 1) {
                    request.push(byte[0]);
                }
                tell.send(String::from_utf8(request).unwrap()).unwrap();
                // The other side may have heard enough.
                let _ = stream.write_all(&answer);
                let _ = stream.flush();
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
    CameraSource::Snapshot { url, certificate: None }
}

fn refusal(challenge: &str) -> Vec<u8> {
    answer(&format!("401 Unauthorized\r\nWWW-Authenticate: {challenge}\r\nContent-Length: 0"), b"")
}

#[test]
fn name_and_password_are_said_when_the_camera_asks_for_them() {
    let (base, asked) = serve(vec![refusal("Basic realm=\"cam\""), picture(), picture()]);
    let url = format!("http://me:secret@{base}/snap.jpg?w=640");
    let mut source = opener_for(&snapshot(url), &Decoders::here()).unwrap().open().unwrap();
    assert_eq!(source.next().unwrap(), jpeg());
    assert_eq!(source.next().unwrap(), jpeg());
    let requests: Vec<String> = asked.iter().take(3).map(|request| request.to_ascii_lowercase()).collect();
    assert!(requests[0].starts_with("get /snap.jpg?w=640 "), "{}", requests[0]);
    assert!(!requests[0].contains("authorization"), "nothing is said unasked: {}", requests[0]);
    for request in &requests[1..] {
        assert!(request.contains("authorization: basic bwu6c2vjcmv0"), "{request}");
    }
}

#[test]
fn a_digest_holds_no_password_and_a_new_nonce_is_taken() {
    let challenge = |nonce: &str| refusal(&format!("Digest realm=\"cam\", qop=\"auth\", nonce=\"{nonce}\""));
    let answers = vec![challenge("n1"), picture(), challenge("n2"), picture()];
    let (base, asked) = serve(answers);
    let mut source = opener_for(&snapshot(format!("http://me:secret@{base}/s?x=1")), &Decoders::here())
        .unwrap()
        .open()
        .unwrap();
    assert_eq!(source.next().unwrap(), jpeg());
    assert_eq!(source.next().unwrap(), jpeg());
    let requests: Vec<String> = asked.iter().take(4).collect();
    let nonces: Vec<bool> = requests.iter().map(|request| request.contains("nonce=\"n2\"")).collect();
    assert_eq!(nonces, [false, false, false, true], "{requests:#?}");
    assert!(
        requests[1].contains("nonce=\"n1\"") && requests[1].contains("uri=\"/s?x=1\""),
        "{}",
        requests[1]
    );
    assert!(requests.iter().all(|request| !request.contains("secret")), "{requests:#?}");
}

#[test]
fn a_wrong_password_and_none_are_told_apart() {
    let (base, _asked) = serve(vec![refusal("Basic realm=\"cam\""); 3]);
    let none = one_frame(&snapshot(format!("http://{base}/")), &Decoders::here()).unwrap_err();
    assert_eq!(none, CameraError::NeedsLogin { url: format!("http://{base}/") });
    let wrong = one_frame(&snapshot(format!("http://me:secret@{base}/")), &Decoders::here()).unwrap_err();
    assert_eq!(wrong, CameraError::WrongLogin { url: format!("http://{base}/") });
    assert_eq!((none.code(), wrong.code()), ("camera_login", "camera_login"));
}

/// Puts TLS around connections, with one of the certificates in `testdata`.
fn tls(
    certificate: &'static [u8],
    key: &'static [u8],
) -> impl Fn(TcpStream) -> Box<StreamOwned<ServerConnection, TcpStream>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(certificate)], PrivatePkcs8KeyDer::from(key).into())
        .unwrap();
    let config = Arc::new(config);
    move |stream| Box::new(StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream))
}

const OWN: (&[u8], &[u8]) =
    (include_bytes!("../testdata/own.cert.der"), include_bytes!("../testdata/own.key.der"));
const OTHER: (&[u8], &[u8]) =
    (include_bytes!("../testdata/other.cert.der"), include_bytes!("../testdata/other.key.der"));

#[test]
fn a_certificate_of_its_own_is_taken_once_it_was_accepted_and_no_other_in_its_place() {
    let source = |base: &str, certificate: Option<&str>| CameraSource::Snapshot {
        url: format!("https://me:secret@{base}/snap.jpg"),
        certificate: certificate.map(str::to_owned),
    };
    let answers = vec![picture(), refusal("Basic realm=\"cam\""), picture()];
    let (base, asked) = serve_by(answers, tls(OWN.0, OWN.1));
    let refused = one_frame(&source(&base, None), &Decoders::here()).unwrap_err();
    assert_eq!(refused.code(), "camera_certificate");
    let fingerprint = refused.certificate().unwrap().to_owned();
    assert!(is_fingerprint(&fingerprint) && refused.for_people().contains(&fingerprint), "{refused}");
    assert_eq!(asked.recv().unwrap(), "", "nothing is asked of a camera that nobody vouches for");

    let accepted = fingerprint.to_lowercase();
    assert_eq!(one_frame(&source(&base, Some(&accepted)), &Decoders::here()).unwrap(), jpeg());
    let requests: Vec<String> = asked.iter().take(2).collect();
    assert!(requests[1].contains("Basic bWU6c2VjcmV0"), "name and password go through TLS: {requests:#?}");

    let (base, asked) = serve_by(vec![picture()], tls(OTHER.0, OTHER.1));
    let changed = one_frame(&source(&base, Some(&accepted)), &Decoders::here()).unwrap_err();
    assert!(matches!(&changed, CameraError::Certificate { another: true, .. }), "{changed}");
    assert!(changed.for_people().contains("another certificate than the one that you accepted"), "{changed}");
    assert_ne!(changed.certificate(), Some(fingerprint.as_str()));
    assert_eq!(asked.recv().unwrap(), "", "and nothing is asked of it");
}

#[test]
fn a_stream_comes_by_https_too() {
    let (base, _asked) = serve_by(vec![picture(), stream(2)], tls(OWN.0, OWN.1));
    let url = format!("https://{base}/");
    let certificate =
        one_frame(&CameraSource::Mjpeg { url: url.clone(), certificate: None }, &Decoders::here())
            .unwrap_err();
    let certificate = certificate.certificate().map(str::to_owned);
    let mut source =
        opener_for(&CameraSource::Mjpeg { url, certificate }, &Decoders::here()).unwrap().open().unwrap();
    assert_eq!(source.next().unwrap(), jpeg());
    assert_eq!(source.next().unwrap(), jpeg());
}

#[test]
fn a_stream_gives_its_pictures_and_then_says_that_it_ended() {
    let (base, _asked) = serve(vec![stream(3)]);
    let mut opener = opener_for(
        &CameraSource::Mjpeg { url: format!("http://{base}/"), certificate: None },
        &Decoders::here(),
    )
    .unwrap();
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
    let mut source =
        opener_for(&snapshot(format!("http://{base}/x")), &Decoders::here()).unwrap().open().unwrap();
    assert_eq!(source.next().unwrap(), jpeg());
    assert_eq!(source.next().unwrap(), jpeg());
    assert_eq!(asked.iter().take(2).count(), 2);
}

#[test]
fn every_other_answer_says_what_to_do() {
    let html = b"<html><head><title>Log in</title></head>Please log in</html>";
    let browser = "Open the address in a browser";
    let cases = [
        (
            answer("200 OK\r\nContent-Type: text/html", html),
            "not a video stream but a web page: \"Log in\"",
            "manual",
        ),
        (answer("200 OK\r\nContent-Type: text/plain", b"?"), "but a web page.", "manual"),
        (
            answer("200 OK\r\nContent-Type: application/octet-stream", b"hello"),
            "without a whole JPEG",
            browser,
        ),
        (answer("200 OK\r\nContent-Type: image/jpeg", &jpeg()[..100]), "without a whole JPEG", browser),
        (
            answer("302 Found\r\nLocation: http://elsewhere.example/", b""),
            "http://elsewhere.example/",
            browser,
        ),
        (answer("401 Unauthorized", b""), "asks for a name and a password", "Enter both beside the address"),
        (answer("404 Not Found", b""), "404", browser),
        (answer("503 Service Unavailable", b""), "503", browser),
    ];
    for (answer, words, cure) in cases {
        let (base, _asked) = serve(vec![answer]);
        let error = one_frame(&snapshot(format!("http://{base}/")), &Decoders::here()).unwrap_err();
        let text = error.for_people();
        assert!(text.contains(words) && text.contains(&base), "{words}: {text}");
        assert!(text.contains(cure), "a cure is named: {text}");
    }
}

#[test]
fn an_endless_answer_is_cut_off() {
    let mut endless = answer("200 OK\r\nContent-Type: image/jpeg", &[0xFF, 0xD8, 0xFF, 0xE0]);
    endless.resize(10 * 1024 * 1024, 0);
    let (base, _asked) = serve(vec![endless]);
    let error = one_frame(&snapshot(format!("http://{base}/")), &Decoders::here()).unwrap_err();
    assert!(error.to_string().contains("8 MB"), "{error}");
}

#[test]
fn where_nobody_listens_it_says_so() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let text = one_frame(&snapshot(format!("http://127.0.0.1:{port}/")), &Decoders::here())
        .unwrap_err()
        .for_people();
    assert!(text.contains("refused") && text.contains("switched on"), "{text}");
}

#[test]
fn the_demo_is_no_camera() {
    assert!(opener_for(&CameraSource::Demo { printer: None }, &Decoders::here()).is_none());
}
