//! Sends one message to one service, once.

use crate::channel::Channel;
use crate::mail;
use crate::outcome::Outcome;
use crate::requests::{Outgoing, Said, request};
use camera::Vetted;
use domain::one_line;
use outbound::{Counted, OutboundPurpose};
use serde_json::Value;
use std::io::Read;
use std::time::Duration;
use ureq::Agent;
use ureq::unversioned::transport::{ConnectProxyConnector, Connector, RustlsConnector};

/// A service that has not answered after so long is tried again later.
const LONGEST: Duration = Duration::from_secs(20);
/// So much of an answer is read, bytes.
const MOST_ANSWER: u64 = 4096;
/// So much of it is shown, characters.
const MOST_SHOWN: usize = 300;
/// A service that names no time is asked again after so long when it wants to be asked less.
const LATER: Duration = Duration::from_secs(30);
/// No service is believed that it wants to be left alone for longer.
const LATEST: Duration = Duration::from_secs(600);

/// Sends by HTTP and SMTP.
pub(crate) struct Sender(Agent);

impl Sender {
    /// Nobody is followed elsewhere, and addresses that only this computer can reach by accident are not asked.
    pub(crate) fn new() -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(LONGEST))
            .user_agent("Printvigil")
            .build();
        // As ureq's own, but counted.
        let connector = ConnectProxyConnector::default()
            .chain(Counted::new(OutboundPurpose::Notice))
            .chain(RustlsConnector::default());
        Self(Agent::with_parts(config, connector, Vetted::default()))
    }

    /// Sends a message and waits for the answer.
    pub(crate) fn send(&self, channel: &Channel, said: Said<'_>) -> Outcome {
        let outcome = self.send_as_it_is(channel, said);
        match (&outcome, said.picture) {
            // Some take no pictures, or none so large. A message without is better than none.
            (Outcome::Refused(why), Some(_)) => {
                match self.send_as_it_is(channel, Said { picture: None, ..said }) {
                    Outcome::Sent(_) => Outcome::Sent(format!("without the picture: {why}")),
                    other @ (Outcome::Later(..) | Outcome::Refused(_)) => other,
                }
            }
            _ => outcome,
        }
    }

    fn send_as_it_is(&self, channel: &Channel, said: Said<'_>) -> Outcome {
        if let Channel::Email(mail) = channel {
            return mail::send(mail, said, LONGEST);
        }
        let mut random = [0; 16];
        if getrandom::fill(&mut random).is_err() {
            return Outcome::Later("the system gives no random numbers".into(), None);
        }
        let boundary: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let Some(outgoing) = request(channel, said, &boundary) else {
            return Outcome::Refused("this service is not asked by HTTP".into());
        };
        self.post(&outgoing)
    }

    fn post(&self, outgoing: &Outgoing) -> Outcome {
        let mut request = self.0.post(outgoing.url.as_str()).header("content-type", &outgoing.content_type);
        for (name, value) in &outgoing.headers {
            request = request.header(*name, value);
        }
        let mut response = match request.send(&outgoing.body[..]) {
            Ok(response) => response,
            Err(ureq::Error::BadUri(why)) => return Outcome::Refused(why),
            Err(error) => return Outcome::Later(in_words(&error), None),
        };
        let status = response.status().as_u16();
        let after = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        let mut body = Vec::new();
        // What cannot be read to its end is shown as far as it came.
        let _ = response.body_mut().as_reader().take(MOST_ANSWER).read_to_end(&mut body);
        judge(status, &String::from_utf8_lossy(&body), after)
    }
}

/// Returns what an answer means.
fn judge(status: u16, body: &str, after: Option<f64>) -> Outcome {
    let json: Option<Value> = serde_json::from_str(body).ok();
    let said = format!("{status}: {}", shown(json.as_ref(), body));
    let said = said.trim_end_matches([':', ' ']).to_owned();
    match status {
        200..=299 => Outcome::Sent(said),
        408 | 425 | 429 | 500..=599 => {
            let told = after.or_else(|| json.as_ref().and_then(retry_after));
            let wait = told.filter(|secs| secs.is_finite() && *secs >= 0.0).map(Duration::from_secs_f64);
            let wait = wait.map(|wait| wait.min(LATEST)).or((status == 429).then_some(LATER));
            Outcome::Later(said, wait)
        }
        300..=399 => Outcome::Refused(format!("{said} (it leads elsewhere: enter the address it leads to)")),
        _ => Outcome::Refused(said),
    }
}

/// Telegram's and Discord's way to say when they want to be asked again, seconds.
fn retry_after(json: &Value) -> Option<f64> {
    json.get("retry_after").or_else(|| json.get("parameters")?.get("retry_after"))?.as_f64()
}

/// Returns the sentence in an answer, or its beginning.
fn shown(json: Option<&Value>, body: &str) -> String {
    let sentence = json.and_then(|json| {
        let text = ["description", "message", "error"].iter().find_map(|key| json.get(key)?.as_str());
        text.map(str::to_owned).or_else(|| {
            let errors = json.get("errors")?.as_array()?;
            Some(errors.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "))
        })
    });
    let text = sentence.unwrap_or_else(|| body.to_owned());
    one_line(&text, MOST_SHOWN).trim().to_owned()
}

fn in_words(error: &ureq::Error) -> String {
    if let ureq::Error::Io(error) = error {
        return format!("it could not be reached: {error}");
    }
    if matches!(error, ureq::Error::HostNotFound) {
        return "no computer of this name was found".into();
    }
    if matches!(error, ureq::Error::Timeout(_)) {
        return "it did not answer in time".into();
    }
    format!("it could not be asked: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_apart_and_shown_as_sentences() {
        assert_eq!(judge(200, "{\"id\":\"x\"}", None), Outcome::Sent("200: {\"id\":\"x\"}".into()));
        assert_eq!(judge(204, "", None), Outcome::Sent("204".into()));
        let telegram = r#"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#;
        assert_eq!(judge(400, telegram, None), Outcome::Refused("400: Bad Request: chat not found".into()));
        let pushover = r#"{"user":"invalid","errors":["user identifier is invalid"],"status":0}"#;
        assert_eq!(judge(400, pushover, None), Outcome::Refused("400: user identifier is invalid".into()));
        assert_eq!(judge(404, "a\u{1b}[31m\nb", None), Outcome::Refused("404: a [31m b".into()));
        assert!(matches!(judge(301, "", None), Outcome::Refused(why) if why.contains("leads elsewhere")));
        assert_eq!(judge(503, "busy", None), Outcome::Later("503: busy".into(), None));
    }

    #[test]
    fn a_service_that_wants_to_be_asked_less_is_obeyed_within_reason() {
        let wait = |status, body, after| match judge(status, body, after) {
            Outcome::Later(_, wait) => wait,
            sent_or_refused @ (Outcome::Sent(_) | Outcome::Refused(_)) => panic!("{sent_or_refused:?}"),
        };
        assert_eq!(wait(429, "", Some(7.0)), Some(Duration::from_secs(7)));
        assert_eq!(wait(429, "", None), Some(LATER));
        assert_eq!(wait(429, r#"{"retry_after": 1.5}"#, None), Some(Duration::from_millis(1500)));
        assert_eq!(wait(429, r#"{"parameters":{"retry_after":9}}"#, None), Some(Duration::from_secs(9)));
        assert_eq!(wait(429, "", Some(1e9)), Some(LATEST));
        assert_eq!(wait(429, "", Some(f64::NAN)), Some(LATER));
        assert_eq!(wait(503, "", Some(-1.0)), None);
    }
}
