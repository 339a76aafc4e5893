//! Codes by which agents are linked, and agents that look for a server.
//!
//! A code has six digits, is good for an hour and works once. Guesses are counted: after [`MOST_WRONG`] wrong ones it is
//! void, whoever tried, so that nobody on the network finds it.

use domain::{PrinterId, one_line};
use serde::Serialize;
use serde_json::Value;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use subtle::ConstantTimeEq;
use tokio::time::Instant;

/// Where agents that have no token look for a server. Never refused: OctoPrint's stops looking at the first refusal.
pub(crate) const UNLINKED: &str = "/api/v1/octo/unlinked/";
/// How long a code is good.
const LIFE: Duration = Duration::from_secs(3600);
/// Wrong codes before the one that is shown is void.
const MOST_WRONG: u32 = 50;
/// An agent that looks for a server is shown for so long: the slowest asks every five seconds.
const PRESENCE: Duration = Duration::from_secs(15);
/// Agents that are shown at once.
const MOST_FOUND: usize = 16;
/// Longest words of an agent that are kept, characters.
const LONGEST_WORD: usize = 64;

#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "FoundAgent")]
pub(crate) struct FoundView {
    /// By which it is linked.
    device: String,
    /// `OctoPrint` or `Klipper`.
    host: String,
    /// What its computer calls itself, may be empty.
    name: String,
    /// Its address in the network, and port: several hosts on one computer differ by it.
    address: String,
    /// A person has linked it; it has not answered yet.
    linking: bool,
}

/// A code that is shown.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    /// Of this launch, from 1.
    pub(crate) number: i64,
    pub(crate) code: String,
    /// The printer that is linked anew.
    pub(crate) printer: Option<PrinterId>,
    pub(crate) until: Instant,
    pub(crate) wrong: u32,
}

/// What an agent that was found is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The code, with the secret that it told only its own network.
    Secret(String),
    /// The code.
    Code,
}

/// An agent that looks for a server.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) device: String,
    pub(crate) from: IpAddr,
    pub(crate) port: u16,
    pub(crate) host: &'static str,
    pub(crate) name: String,
    /// It takes the code without a secret of its own.
    pub(crate) takes_code: bool,
    /// By which it names itself in public; made here.
    pub(crate) passcode: String,
    seen: Instant,
    answer: Option<Answer>,
}

/// A code that an agent has entered.
#[derive(Debug, Clone)]
pub(crate) struct Verified {
    pub(crate) offer: Offer,
    pub(crate) printer: PrinterId,
    pub(crate) at: Instant,
}

#[derive(Default)]
struct State {
    offer: Option<Offer>,
    /// Codes that were shown so far.
    offers: i64,
    /// The code that linked a printer last.
    verified: Option<Verified>,
    linked: Option<PrinterId>,
    found: Vec<Found>,
}

/// All of it.
#[derive(Default)]
pub(crate) struct Linking(Mutex<State>);

impl Linking {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows a code, in the place of one before. `printer`: the one that is linked anew.
    pub(crate) fn offer(&self, code: String, printer: Option<PrinterId>, now: Instant) -> Offer {
        let mut state = self.lock();
        state.offers += 1;
        let offer = Offer { number: state.offers, code, printer, until: now + LIFE, wrong: 0 };
        state.offer = Some(offer.clone());
        state.linked = None;
        offer
    }

    pub(crate) fn withdraw(&self) {
        let mut state = self.lock();
        state.offer = None;
        state.found.iter_mut().for_each(|found| found.answer = None);
    }

    /// Returns the code that is shown.
    pub(crate) fn offered(&self, now: Instant) -> Option<Offer> {
        let mut state = self.lock();
        state.offer.take_if(|offer| now >= offer.until || offer.wrong >= MOST_WRONG);
        state.offer.clone()
    }

    /// Returns the printer that was linked last since a code was shown.
    pub(crate) fn linked(&self) -> Option<PrinterId> {
        self.lock().linked
    }

    /// Takes a code; it works once. A wrong one counts.
    pub(crate) fn redeem(&self, code: &str, now: Instant) -> Option<Offer> {
        self.offered(now)?;
        let mut state = self.lock();
        let offer = state.offer.as_mut()?;
        if !bool::from(offer.code.as_bytes().ct_eq(code.as_bytes())) {
            offer.wrong += 1;
            return None;
        }
        state.offer.take()
    }

    /// A code that was taken and came to nothing is shown again.
    pub(crate) fn put_back(&self, offer: Offer) {
        self.lock().offer.get_or_insert(offer);
    }

    /// A code has linked a printer.
    pub(crate) fn set_linked(&self, offer: Offer, printer: PrinterId, from: IpAddr, at: Instant) {
        let mut state = self.lock();
        state.linked = Some(printer);
        state.verified = Some(Verified { offer, printer, at });
        state.found.retain(|found| found.from != from || found.answer.is_none());
    }

    /// Returns the code that linked a printer last.
    pub(crate) fn verified(&self) -> Option<Verified> {
        self.lock().verified.clone()
    }

    /// Returns what the agent at an address runs beside, and what its computer calls itself.
    pub(crate) fn known_at(&self, from: IpAddr) -> Option<(&'static str, String)> {
        let state = self.lock();
        // The one that was told to link, if there are several.
        let mut there = state.found.iter().filter(|found| found.from == from);
        let newest = there.clone().max_by_key(|found| found.seen);
        let found = there.find(|found| found.answer.is_some()).or(newest)?;
        Some((found.host, found.name.clone()))
    }

    /// Returns the agents that look for a server now.
    pub(crate) fn found(&self, now: Instant) -> Vec<FoundView> {
        let mut state = self.lock();
        state.found.retain(|found| now < found.seen + PRESENCE);
        let view = |found: &Found| FoundView {
            device: found.device.clone(),
            host: found.host.to_owned(),
            name: found.name.clone(),
            address: std::net::SocketAddr::new(found.from, found.port).to_string(),
            linking: found.answer.is_some(),
        };
        state.found.iter().map(view).collect()
    }

    pub(crate) fn find(&self, device: &str, now: Instant) -> Option<Found> {
        self.lock().found.iter().find(|found| found.device == device && now < found.seen + PRESENCE).cloned()
    }

    /// Returns the agents that look for a server now, with what they call themselves in public.
    pub(crate) fn looking(&self, now: Instant) -> Vec<Found> {
        let state = self.lock();
        state.found.iter().filter(|found| now < found.seen + PRESENCE).cloned().collect()
    }

    /// Says what the agent is told when it asks next.
    pub(crate) fn answer(&self, device: &str, answer: Answer) {
        if let Some(found) = self.lock().found.iter_mut().find(|found| found.device == device) {
            found.answer = Some(answer);
        }
    }

    /// An agent looks for a server. Returns what it is answered. What is no such question gets the empty answer.
    pub(crate) fn unlinked(&self, message: &Value, from: IpAddr, passcode: String, now: Instant) -> Value {
        let mut answer = serde_json::json!({"messages": []});
        let Some(mut found) = read(message, from, passcode, now) else { return answer };
        let offer = self.offered(now);
        let mut state = self.lock();
        let known = state.found.iter().position(|one| one.device == found.device);
        if let Some(known) = known.map(|at| state.found.remove(at)) {
            // Only the computer that a person saw in the list is told the code.
            if known.from == from {
                (found.answer, found.passcode) = (known.answer, known.passcode);
            }
        }
        if let (Some(offer), Some(told)) = (&offer, &found.answer) {
            match told {
                Answer::Code => answer["verification_code"] = offer.code.as_str().into(),
                Answer::Secret(secret) => {
                    answer["messages"] = serde_json::json!([{
                        "device_id": found.device,
                        "type": "verify_code",
                        "data": {"code": offer.code, "secret": secret},
                    }]);
                }
            }
        }
        if found.takes_code {
            answer["one_time_passcode"] = found.passcode.as_str().into();
            answer["one_time_passlink"] = "Printvigil: Add a printer, It runs OctoPrint or Klipper".into();
            if answer.get("verification_code").is_none() {
                answer["verification_code"] = "".into();
            }
        }
        if state.found.len() >= MOST_FOUND {
            state.found.remove(0);
        }
        state.found.push(found);
        answer
    }
}

/// Reads the question of an agent that looks for a server.
fn read(message: &Value, from: IpAddr, passcode: String, now: Instant) -> Option<Found> {
    let word = |key: &str| one_line(message[key].as_str().unwrap_or_default().trim(), LONGEST_WORD);
    let device = word("device_id");
    if device.len() != 32 || !device.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let port = &message["port"];
    let port = match port.as_str() {
        Some(text) => text.parse().ok(),
        None => port.as_u64().and_then(|port| u16::try_from(port).ok()),
    };
    let takes_code = message.get("one_time_passcode").is_some();
    // It goes on with the code that it shows.
    let shown = Some(word("one_time_passcode")).filter(|word| is_passcode(word));
    let passcode = shown.unwrap_or(passcode);
    Some(Found {
        device,
        from,
        port: port.filter(|port| *port != 0).unwrap_or(80),
        host: if word("agent").contains("OctoPrint") { "OctoPrint" } else { "Klipper" },
        name: word("hostname"),
        takes_code,
        passcode,
        seen: now,
        answer: None,
    })
}

/// Returns whether an agent can have shown this as its code.
fn is_passcode(word: &str) -> bool {
    word.len() == 5 && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn asks(linking: &Linking, device: &str, from: [u8; 4], more: &Value, now: Instant) -> Value {
        let mut message = json!({"device_id": device, "hostname": "octopi", "port": 5000,
            "agent": "Obico for OctoPrint"});
        more.as_object().into_iter().flatten().for_each(|(key, value)| message[key] = value.clone());
        linking.unlinked(&message, from.into(), "ab1cd".into(), now)
    }

    #[test]
    fn only_who_was_chosen_is_told_the_code_and_what_is_no_question_is_answered() {
        let (linking, now) = (Linking::default(), Instant::now());
        let device = "0123456789abcdef0123456789abcdef";
        for odd in [json!(null), json!([]), json!({"device_id": 7}), json!({"device_id": "x"})] {
            let answer = linking.unlinked(&odd, [10, 0, 0, 9].into(), String::new(), now);
            assert_eq!(answer, json!({"messages": []}));
        }
        assert_eq!(asks(&linking, device, [10, 0, 0, 9], &json!({}), now), json!({"messages": []}));
        assert_eq!(linking.found(now).len(), 1);
        assert!(linking.found(now + PRESENCE).is_empty(), "it has not asked for a while");
        asks(&linking, device, [10, 0, 0, 9], &json!({}), now);
        linking.offer("123456".into(), None, now);
        linking.answer(device, Answer::Secret("s".into()));
        let told = asks(&linking, device, [10, 0, 0, 9], &json!({}), now);
        assert_eq!(told["messages"][0]["data"], json!({"code": "123456", "secret": "s"}));
        let other = asks(&linking, device, [10, 0, 0, 66], &json!({}), now);
        assert_eq!(other, json!({"messages": []}), "another computer with that number");
    }

    #[test]
    fn beside_moonraker_the_code_needs_no_secret() {
        let (linking, now) = (Linking::default(), Instant::now());
        let device = "fedcba9876543210fedcba9876543210";
        let more = json!({"agent": "moonraker_obico", "one_time_passcode": ""});
        let told = asks(&linking, device, [10, 0, 0, 9], &more, now);
        assert_eq!((&told["one_time_passcode"], &told["verification_code"]), (&json!("ab1cd"), &json!("")));
        assert!(told["one_time_passlink"].is_string());
        // It goes on with the code that it shows, also when we were started anew.
        let anew = Linking::default();
        let shows = json!({"agent": "moonraker_obico", "one_time_passcode": "xy9zw"});
        assert_eq!(asks(&anew, device, [10, 0, 0, 9], &shows, now)["one_time_passcode"], "xy9zw");
        linking.offer("654321".into(), None, now);
        linking.answer(device, Answer::Code);
        assert_eq!(asks(&linking, device, [10, 0, 0, 9], &more, now)["verification_code"], "654321");
    }

    #[test]
    fn a_code_works_once_and_is_void_after_too_many_guesses() {
        let (linking, now) = (Linking::default(), Instant::now());
        linking.offer("123456".into(), None, now);
        assert!(linking.redeem("000000", now).is_none());
        assert!(linking.redeem("123456", now).is_some());
        assert!(linking.redeem("123456", now).is_none());
        linking.offer("123456".into(), None, now);
        assert!(linking.redeem("123456", now + LIFE).is_none(), "an hour later");
        linking.offer("123456".into(), None, now);
        for _ in 0..MOST_WRONG {
            assert!(linking.redeem("000000", now).is_none());
        }
        assert!(linking.redeem("123456", now).is_none());
    }
}
