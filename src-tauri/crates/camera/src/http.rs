//! Cameras on the network: a URL that answers with one JPEG, or one that streams them.
//!
//! Asks only at the address in the settings: no proxy and no redirect is followed. What HTTPS trusts is in `tls`.

use crate::address::{Address, WEB};
use crate::login::Answerer;
use crate::scan::{Leash, MAX_BYTES, ScanError, Scanner};
use crate::tls::{Refused, TlsConnector};
use crate::vet::{REFUSED, Vetted};
use crate::{CameraError, OpenSource, Source, StopFlag};
use bytes::Bytes;
use outbound::{Counted, OutboundPurpose};
use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};
use ureq::http::{Response, header};
use ureq::unversioned::transport::Connector;
use ureq::{Agent, Body, BodyReader};

/// How long the other side may take for each step.
const STEP_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a single picture may take in all.
const SNAPSHOT_TIMEOUT: Duration = Duration::from_secs(10);

/// Pause between single pictures.
const SNAPSHOT_PAUSE: Duration = Duration::from_millis(500);

/// So often a page is read from to tell people what it calls itself, 4 KiB at most each.
const TITLE_READS: usize = 4;

/// What a URL is expected to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One JPEG an answer.
    Snapshot,
    /// JPEGs without end.
    Mjpeg,
}

/// Opens a URL.
pub(crate) struct HttpOpener {
    pub(crate) url: String,
    /// Fingerprint of the certificate that a person accepted.
    pub(crate) certificate: Option<String>,
    pub(crate) kind: Kind,
    pub(crate) stop: StopFlag,
}

impl HttpOpener {
    pub(crate) fn new(url: String, certificate: Option<String>, kind: Kind) -> Self {
        Self { url, certificate, kind, stop: StopFlag::default() }
    }
}

/// Ends what a stream brings without a picture. The real time of a network is no `Clock`'s.
#[allow(clippy::disallowed_methods)]
fn leash(stop: &StopFlag) -> Leash {
    let began = Instant::now();
    Leash { stop: stop.clone(), real: Box::new(move || began.elapsed()) }
}

impl OpenSource for HttpOpener {
    fn watch_stop(&mut self, stop: StopFlag) {
        self.stop = stop;
    }

    fn open(&mut self) -> Result<Box<dyn Source>, CameraError> {
        let address = Address::parse(&self.url, WEB)?;
        let certificate = self.certificate.as_deref();
        match self.kind {
            Kind::Snapshot => {
                let talk = Talk::new(address, certificate, Some(SNAPSHOT_TIMEOUT))?;
                Ok(Box::new(Snapshot { talk, first: Pause::NotYet, stop: self.stop.clone() }))
            }
            Kind::Mjpeg => {
                let mut talk = Talk::new(address, certificate, None)?;
                let response = talk.get()?;
                if content_type(&response).starts_with("image/") {
                    return Err(talk
                        .address
                        .no_picture("it sends single pictures; choose \"Snapshot\" for this address"));
                }
                let scanner = Scanner::new(response.into_body().into_reader(), leash(&self.stop));
                Ok(Box::new(Stream { talk, scanner }))
            }
        }
    }
}

struct Snapshot {
    talk: Talk,
    first: Pause,
    stop: StopFlag,
}

/// Whether to pause before the next request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pause {
    NotYet,
    Now,
}

impl Source for Snapshot {
    fn next(&mut self) -> Result<Bytes, CameraError> {
        if std::mem::replace(&mut self.first, Pause::Now) == Pause::Now {
            std::thread::sleep(SNAPSHOT_PAUSE);
        }
        let response = self.talk.get()?;
        // A stream will do too: its first picture is taken.
        let body = response.into_body().into_reader();
        Scanner::new(body, leash(&self.stop)).next().map_err(|e| scan_error(&self.talk.address, e))
    }
}

struct Stream {
    talk: Talk,
    scanner: Scanner<BodyReader<'static>>,
}

impl Source for Stream {
    fn next(&mut self) -> Result<Bytes, CameraError> {
        self.scanner.next().map_err(|e| scan_error(&self.talk.address, e))
    }
}

/// What is said between this computer and a camera.
struct Talk {
    agent: Agent,
    address: Address,
    /// Once the camera has asked for name and password.
    answerer: Option<Answerer>,
    /// A certificate was accepted before.
    accepted: bool,
    refused: Refused,
}

impl Talk {
    fn new(address: Address, certificate: Option<&str>, all: Option<Duration>) -> Result<Self, CameraError> {
        let config = Agent::config_builder()
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_global(all)
            .timeout_resolve(Some(STEP_TIMEOUT))
            .timeout_connect(Some(STEP_TIMEOUT))
            .timeout_recv_response(Some(STEP_TIMEOUT))
            .timeout_per_read(Some(STEP_TIMEOUT))
            .timeout_per_write(Some(STEP_TIMEOUT))
            .user_agent("printvigil")
            .accept("image/jpeg, multipart/x-mixed-replace, */*;q=0.5")
            .build();
        let refused = Refused::default();
        let tls = TlsConnector::new(certificate, refused.clone())
            .map_err(|error| address.unreachable(&format!("HTTPS does not work here: {error}")))?;
        let connector = Counted::new(OutboundPurpose::Camera).chain(tls);
        let agent = Agent::with_parts(config, connector, Vetted::default());
        Ok(Self { agent, address, answerer: None, accepted: certificate.is_some(), refused })
    }

    /// Asks, and once more with name and password where the camera wants them; any answer but 200 is an error.
    fn get(&mut self) -> Result<Response<Body>, CameraError> {
        let mut response = self.ask()?;
        if matches!(response.status().as_u16(), 401 | 403)
            && let Some(answerer) =
                self.address.login.as_ref().and_then(|login| login.answerer(response.headers()))
        {
            self.answerer = Some(answerer);
            response = self.ask()?;
        }
        let address = &self.address;
        let status = response.status();
        match status.as_u16() {
            200 if content_type(&response).starts_with("text/") => {
                Err(CameraError::WebPage { url: address.shown(), title: title(response) })
            }
            200 => Ok(response),
            301..=308 => {
                let location = response.headers().get(header::LOCATION);
                Err(address.moved(location.and_then(|location| location.to_str().ok())))
            }
            401 | 403 => Err(address.refused_login()),
            404 => Err(address.no_picture("it knows no such page (404)")),
            _ => Err(address.no_picture(&format!("it answered {status}"))),
        }
    }

    fn ask(&mut self) -> Result<Response<Body>, CameraError> {
        let mut request = self.agent.get(&self.address.url);
        let answer = self.answerer.as_mut().and_then(|answerer| answerer.answer("GET", &self.address.path));
        if let Some(answer) = answer {
            request = request.header(header::AUTHORIZATION, answer);
        }
        request.call().map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &ureq::Error) -> CameraError {
        if let Some(fingerprint) = self.refused.take() {
            let url = self.address.shown();
            return CameraError::Certificate { url, fingerprint, another: self.accepted };
        }
        let reason = if matches!(error, ureq::Error::HostNotFound) {
            "no device of that name in the network".into()
        } else if matches!(error, ureq::Error::BadUri(why) if why == REFUSED) {
            REFUSED.into()
        } else {
            // One text for all of these: it must not tell which ports of a device are open.
            tracing::debug!(%error, "a camera does not answer");
            format!(
                "it refused, or no answer that a camera gives came within {} seconds",
                STEP_TIMEOUT.as_secs()
            )
        };
        self.address.unreachable(&reason)
    }
}

fn scan_error(address: &Address, error: ScanError) -> CameraError {
    match error {
        ScanError::Ended => address.no_picture("the answer ended without a whole JPEG picture"),
        ScanError::TooLarge => {
            address.no_picture(&format!("{} MB and no whole JPEG picture in them", MAX_BYTES / 1024 / 1024))
        }
        ScanError::TooSlow => {
            address.no_picture("it sends something, but no whole JPEG picture in 20 seconds")
        }
        // Nobody listens any more.
        ScanError::Stopped => address.no_picture("it was closed"),
        ScanError::Io(error) => {
            tracing::debug!(%error, "a camera broke off");
            address.unreachable(if error.kind() == ErrorKind::TimedOut {
                "it stopped in the middle of a picture, or sends too slowly"
            } else {
                "the connection broke off in the middle of a picture"
            })
        }
    }
}

fn content_type(response: &Response<Body>) -> String {
    let value = response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    value.unwrap_or_default().to_ascii_lowercase()
}

/// Returns what a page calls itself, as far as that can be shown; empty when it says nothing.
fn title(response: Response<Body>) -> String {
    let mut reader = response.into_body().into_reader();
    let mut page = Vec::new();
    let mut chunk = [0; 4 * 1024];
    // A few reads, whatever they bring: a page that drips must not hold up the camera.
    for _ in 0..TITLE_READS {
        match reader.read(&mut chunk) {
            Ok(length) if length > 0 => page.extend_from_slice(&chunk[..length]),
            Ok(_) | Err(_) => break,
        }
    }
    let page = String::from_utf8_lossy(&page);
    let title = page.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
    let title = title.map_or("", |(title, _)| title).trim();
    title.chars().filter(|c| !c.is_control()).take(60).collect()
}
