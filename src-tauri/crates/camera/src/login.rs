//! Name and password of a network camera: said only when the camera asks for them, and in the way that it asks for.
//! Where it takes a digest, the password itself never leaves this computer.

use http_auth::{PasswordClient, PasswordParams};
use percent_encoding::percent_decode_str;
use std::fmt;
use ureq::http::header::{HeaderMap, WWW_AUTHENTICATE};

/// A name and a password. Shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) name: String,
    pub(crate) password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(***)")
    }
}

impl Login {
    /// Reads what stands before the `@` of an address; `None` where nothing does.
    pub(crate) fn parse(user: &str) -> Option<Self> {
        let (name, password) = user.split_once(':').unwrap_or((user, ""));
        let plain = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
        (!user.is_empty()).then(|| Self { name: plain(name), password: plain(password) })
    }

    /// Returns what answers the challenges of a camera. One that refuses without a challenge is taken to want the simple
    /// form: some do.
    pub(crate) fn answerer(&self, headers: &HeaderMap) -> Option<Answerer> {
        let challenges: Vec<&str> =
            headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok()).collect();
        let asked = if challenges.is_empty() { "Basic realm=\"\"".to_owned() } else { challenges.join(", ") };
        let client = PasswordClient::try_from(asked.as_str())
            .inspect_err(|why| tracing::debug!(why, "a camera asks for a log-in of an unknown kind"))
            .ok()?;
        Some(Answerer { client, login: self.clone() })
    }
}

/// Answers a camera that asked for name and password, request after request.
pub(crate) struct Answerer {
    client: PasswordClient,
    login: Login,
}

impl Answerer {
    /// Returns the value of the header `Authorization` for the next request.
    pub(crate) fn answer(&mut self, method: &str, path: &str) -> Option<String> {
        let params = PasswordParams {
            username: &self.login.name,
            password: &self.login.password,
            uri: path,
            method,
            body: Some(&[]),
        };
        self.client.respond(&params).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ureq::http::HeaderValue;

    fn asked(challenges: &[&'static str]) -> Option<Answerer> {
        let mut headers = HeaderMap::new();
        for challenge in challenges {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        Login::parse("Mufasa:Circle%20of%20Life").unwrap().answerer(&headers)
    }

    #[test]
    fn a_digest_is_preferred_and_does_not_hold_the_password() {
        let mut digest = asked(&[
            "Basic realm=\"cam\"",
            "Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", qop=\"auth\"",
        ])
        .unwrap();
        for count in ["00000001", "00000002"] {
            let said = digest.answer("GET", "/snap.jpg?x=1").unwrap();
            assert!(said.starts_with("Digest ") && said.contains(&format!("nc={count}")), "{said}");
            assert!(said.contains("uri=\"/snap.jpg?x=1\"") && said.contains("username=\"Mufasa\""), "{said}");
            assert!(!said.contains("Circle"), "{said}");
        }
    }

    #[test]
    fn the_simple_form_is_for_cameras_that_ask_for_it_or_say_nothing() {
        for challenges in [&["Basic realm=\"cam\""][..], &[]] {
            let said = asked(challenges).unwrap().answer("GET", "/").unwrap();
            assert_eq!(said, "Basic TXVmYXNhOkNpcmNsZSBvZiBMaWZl");
        }
        assert!(asked(&["Bearer realm=\"x\""]).is_none(), "nothing is said to who asks for something else");
    }

    #[test]
    fn no_name_is_no_login() {
        assert_eq!(Login::parse(""), None);
        let login = Login::parse("admin").unwrap();
        assert_eq!((login.name.as_str(), login.password.as_str()), ("admin", ""));
        let odd = Login::parse("a:b:c%zz%4").unwrap();
        assert_eq!((odd.name.as_str(), odd.password.as_str()), ("a", "b:c%zz%4"));
        assert_eq!(format!("{odd:?}"), "Login(***)");
    }
}
