//! Cameras on the network: a URL that answers with one JPEG, or one that streams them.
//!
//! Plain HTTP only, only to the address in the settings: no proxy and no redirect is followed.

use crate::scan::{Leash, MAX_BYTES, ScanError, Scanner};
use crate::vet::{REFUSED, Vetted, literal_may_be_camera};
use crate::{CameraError, OpenSource, Source, StopFlag};
use base64::Engine;
use bytes::Bytes;
use domain::shown_address;
use std::time::{Duration, Instant};
use ureq::http::{Response, Uri, header};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body, BodyReader};

/// How long the other side may take for each step.
const STEP_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a single picture may take in all.
const SNAPSHOT_TIMEOUT: Duration = Duration::from_secs(10);

/// Pause between single pictures.
const SNAPSHOT_PAUSE: Duration = Duration::from_millis(500);

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
    pub(crate) kind: Kind,
    pub(crate) stop: StopFlag,
}

impl HttpOpener {
    pub(crate) fn new(url: String, kind: Kind) -> Self {
        Self { url, kind, stop: StopFlag::default() }
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
        let address = Address::parse(&self.url)?;
        match self.kind {
            Kind::Snapshot => {
                let (agent, stop) = (agent(Some(SNAPSHOT_TIMEOUT)), self.stop.clone());
                Ok(Box::new(Snapshot { agent, address, first: Pause::NotYet, stop }))
            }
            Kind::Mjpeg => {
                let agent = agent(None);
                let response = address.get(&agent)?;
                if content_type(&response).starts_with("image/") {
                    return Err(
                        address.no_picture("it sends single pictures; choose \"snapshot\" for this address")
                    );
                }
                let scanner = Scanner::new(response.into_body().into_reader(), leash(&self.stop));
                Ok(Box::new(Stream { _agent: agent, address, scanner }))
            }
        }
    }
}

struct Snapshot {
    agent: Agent,
    address: Address,
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
        let response = self.address.get(&self.agent)?;
        // A stream will do too: its first picture is taken.
        let body = response.into_body().into_reader();
        Scanner::new(body, leash(&self.stop)).next().map_err(|e| self.address.scan_error(e))
    }
}

struct Stream {
    _agent: Agent,
    address: Address,
    scanner: Scanner<BodyReader<'static>>,
}

impl Source for Stream {
    fn next(&mut self) -> Result<Bytes, CameraError> {
        self.scanner.next().map_err(|e| self.address.scan_error(e))
    }
}

fn agent(all: Option<Duration>) -> Agent {
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
    Agent::with_parts(config, DefaultConnector::default(), Vetted::default())
}

/// Looks whether a network camera may have this address. Asks nobody: a name is looked at when it is resolved.
///
/// # Errors
/// [`CameraError::BadUrl`] with what is wrong.
pub fn check_address(url: &str) -> Result<(), CameraError> {
    Address::parse(url).map(|_| ())
}

/// A checked address, with name and password apart, so that they are never shown.
struct Address {
    /// Without name and password.
    url: String,
    /// For the header `Authorization`.
    credentials: Option<String>,
}

impl Address {
    fn parse(url: &str) -> Result<Self, CameraError> {
        let url = url.trim();
        let bad = |reason: &str| CameraError::BadUrl { url: shown_address(url), reason: reason.into() };
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err(bad("it does not begin with http://"));
        };
        if !scheme.eq_ignore_ascii_case("http") {
            return Err(bad(&format!("only http:// works, not {scheme}://")));
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        if host.is_empty() {
            return Err(bad("it names no device"));
        }
        let url = format!("http://{host}{path}");
        let uri = url.parse::<Uri>().map_err(|e| bad(&e.to_string()))?;
        if !uri.host().is_some_and(literal_may_be_camera) {
            return Err(bad(REFUSED));
        }
        let encode = |user: &str| base64::engine::general_purpose::STANDARD.encode(percent_decoded(user));
        let credentials = user.map(|user| format!("Basic {}", encode(user)));
        Ok(Self { url, credentials })
    }

    /// Asks once; any answer but 200 is an error.
    fn get(&self, agent: &Agent) -> Result<Response<Body>, CameraError> {
        let mut request = agent.get(&self.url);
        if let Some(credentials) = &self.credentials {
            request = request.header(header::AUTHORIZATION, credentials);
        }
        let response = request.call().map_err(|e| self.unreachable(&e))?;
        let status = response.status();
        match status.as_u16() {
            200 if content_type(&response).starts_with("text/") => {
                Err(self.no_picture("it sent a web page or text"))
            }
            200 => Ok(response),
            301..=308 => {
                let location = response.headers().get(header::LOCATION).and_then(|l| l.to_str().ok()).unwrap_or("?");
                Err(self.no_picture(&format!("it points to {location:?}; use that address if you trust it")))
            }
            401 | 403 => Err(self.no_picture(
                "it asks for a name and password, or another one; write http://name:password@ before the address",
            )),
            404 => Err(self.no_picture("it knows no such page (404)")),
            _ => Err(self.no_picture(&format!("it answered {status}"))),
        }
    }

    fn unreachable(&self, error: &ureq::Error) -> CameraError {
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
        CameraError::Unreachable { url: shown_address(&self.url), reason }
    }

    fn no_picture(&self, reason: &str) -> CameraError {
        CameraError::NoPicture { url: shown_address(&self.url), reason: reason.into() }
    }

    fn scan_error(&self, error: ScanError) -> CameraError {
        match error {
            ScanError::Ended => self.no_picture("the answer ended without a whole JPEG picture"),
            ScanError::TooLarge => {
                self.no_picture(&format!("{} MB and no whole JPEG picture in them", MAX_BYTES / 1024 / 1024))
            }
            ScanError::TooSlow => {
                self.no_picture("it sends something, but no whole JPEG picture in 20 seconds")
            }
            // Nobody listens any more.
            ScanError::Stopped => self.no_picture("it was closed"),
            ScanError::Io(e) => {
                CameraError::Unreachable { url: shown_address(&self.url), reason: e.to_string() }
            }
        }
    }
}

fn content_type(response: &Response<Body>) -> String {
    let value = response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    value.unwrap_or_default().to_ascii_lowercase()
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = text.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (bytes[at], digits) {
            (b'%', Some(byte)) => {
                decoded.push(byte);
                at += 3;
            }
            (byte, _) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_before_anybody_is_asked() {
        for url in [
            "",
            "camera",
            "https://cam/x.jpg",
            "rtsp://cam/live",
            "file:///etc/passwd",
            "http:///x",
            "http://a b/",
        ] {
            let Err(error) = Address::parse(url) else { panic!("{url} was taken") };
            assert!(error.for_people().contains("http://name-or-number/path"), "{error}");
        }
    }

    #[test]
    fn a_password_goes_into_the_header_and_into_no_message() {
        let address = Address::parse(" http://me:p%40ss@cam.local:8080/snap.jpg?x=1 ").unwrap();
        assert_eq!(address.url, "http://cam.local:8080/snap.jpg?x=1");
        assert_eq!(address.credentials.as_deref(), Some("Basic bWU6cEBzcw=="));
        let Err(refused) = Address::parse("ftp://me:secret@cam/x") else { panic!("ftp was taken") };
        assert!(!refused.for_people().contains("secret"), "{refused}");
        assert!(Address::parse("http://cam/x").unwrap().credentials.is_none());
    }
}
