//! Addresses of network cameras, taken apart: what is asked for, and, kept away from it, name and password.

use crate::CameraError;
use crate::login::Login;
use crate::vet::{REFUSED, literal_may_be_camera};
use domain::{CameraSource, shown_address};
use ureq::http::Uri;

/// How a camera is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
    Rtsp,
}

impl Scheme {
    fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Rtsp => "rtsp",
        }
    }
}

/// What pictures one by one and motion JPEG come by.
pub(crate) const WEB: &[Scheme] = &[Scheme::Http, Scheme::Https];

/// What H.264 comes by.
pub(crate) const STREAM: &[Scheme] = &[Scheme::Rtsp];

/// Looks whether a network camera may have this address. Asks nobody: a name is looked at when it is resolved.
///
/// # Errors
/// [`CameraError::BadUrl`] with what is wrong.
pub fn check_address(source: &CameraSource) -> Result<(), CameraError> {
    match source {
        CameraSource::Snapshot { url, .. } | CameraSource::Mjpeg { url, .. } => Address::parse(url, WEB)?,
        CameraSource::Rtsp { url } => Address::parse(url, STREAM)?,
        CameraSource::Device { .. } | CameraSource::Agent { .. } | CameraSource::Demo { .. } => return Ok(()),
    };
    Ok(())
}

/// A checked address, with name and password apart, so that they are never shown.
#[derive(Debug)]
pub(crate) struct Address {
    /// Without name and password.
    pub(crate) url: String,
    /// Name or number, in brackets where IPv6 has them.
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
    /// Path and query as they are asked for.
    pub(crate) path: String,
    pub(crate) login: Option<Login>,
}

impl Address {
    /// Takes an address apart; it has one of `schemes`.
    pub(crate) fn parse(url: &str, schemes: &[Scheme]) -> Result<Self, CameraError> {
        let url = url.trim();
        let bad = |reason: &str| CameraError::BadUrl { url: shown_address(url), reason: reason.into() };
        let known = || {
            let words: Vec<String> = schemes.iter().map(|scheme| format!("{}://", scheme.word())).collect();
            words.join(" or ")
        };
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err(bad(&format!("it does not begin with {}", known())));
        };
        let Some(&scheme) = schemes.iter().find(|known| known.word().eq_ignore_ascii_case(scheme)) else {
            return Err(bad(&format!("it begins with {}://, and here only {} works", scheme, known())));
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        if host.is_empty() {
            return Err(bad("it names no device"));
        }
        let url = format!("{}://{host}{path}", scheme.word());
        let uri = url.parse::<Uri>().map_err(|e| bad(&e.to_string()))?;
        let host = uri.host().filter(|host| literal_may_be_camera(host)).ok_or_else(|| bad(REFUSED))?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let (host, port) = (host.to_owned(), uri.port_u16());
        Ok(Self { host, port, path, login: user.and_then(Login::parse), url })
    }

    /// Returns the address as it may be shown.
    pub(crate) fn shown(&self) -> String {
        shown_address(&self.url)
    }

    pub(crate) fn no_picture(&self, reason: &str) -> CameraError {
        CameraError::NoPicture { url: self.shown(), reason: reason.into() }
    }

    pub(crate) fn unreachable(&self, reason: &str) -> CameraError {
        CameraError::Unreachable { url: self.shown(), reason: reason.into() }
    }

    /// It wants another name and password than it was given, or any.
    pub(crate) fn refused_login(&self) -> CameraError {
        let url = self.shown();
        if self.login.is_some() { CameraError::WrongLogin { url } } else { CameraError::NeedsLogin { url } }
    }

    /// It sends whoever asks to another place, which is not followed.
    pub(crate) fn moved(&self, location: Option<&str>) -> CameraError {
        let place = location.map_or_else(|| "another address".into(), shown_address);
        self.no_picture(&format!("it points to {place:?}; enter that address instead if you trust it"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_before_anybody_is_asked() {
        for (schemes, urls, cure) in [
            (
                WEB,
                [
                    "",
                    "camera",
                    "ftp://cam/x.jpg",
                    "rtsp://cam/live",
                    "file:///etc/passwd",
                    "http:///x",
                    "https://a b/",
                ],
                "http://name-or-number/path",
            ),
            (
                STREAM,
                [
                    "",
                    "rtsp",
                    "http://cam/x",
                    "rtsps://cam/x",
                    "rtsp:///x",
                    "rtsp://a b/",
                    "rtsp://169.254.169.254/",
                ],
                "name-or-number/path",
            ),
        ] {
            for url in urls {
                let Err(error) = Address::parse(url, schemes) else { panic!("{url} was taken") };
                let told = error.for_people();
                assert!(told.contains(cure) || told.contains("only http:// or https:// works"), "{told}");
            }
        }
    }

    #[test]
    fn a_name_and_password_are_apart_and_in_no_message() {
        let address = Address::parse(" HTTP://me:p%40ss@cam.local:8080/snap.jpg?x=1 ", WEB).unwrap();
        assert_eq!(address.url, "http://cam.local:8080/snap.jpg?x=1");
        assert_eq!(address.path, "/snap.jpg?x=1");
        assert_eq!(address.login, Login::parse("me:p%40ss"));
        assert!(!format!("{address:?}").contains("p@ss"), "{address:?}");
        let Err(refused) = Address::parse("ftp://me:secret@cam/x", WEB) else { panic!("ftp was taken") };
        assert!(!refused.for_people().contains("secret"), "{refused}");
        assert!(Address::parse("http://cam/x", WEB).unwrap().login.is_none());
        let other = address.moved(Some("http://me:hidden@other/?pwd=x1"));
        assert!(other.to_string().contains("other") && !other.to_string().contains("hidden"), "{other}");
    }

    #[test]
    fn a_stream_has_its_parts() {
        let address = Address::parse("rtsp://admin:x@[fd12::7]:8554/live?ch=1", STREAM).unwrap();
        assert_eq!((address.host.as_str(), address.port), ("[fd12::7]", Some(8554)));
        assert_eq!(address.path, "/live?ch=1");
        assert_eq!(Address::parse("rtsp://cam", STREAM).unwrap().path, "/");
    }
}
