//! Programs that ask for a key of their own: a person answers in the window, and the program fetches the answer.
//!
//! Whoever is on the network may ask. So few wait at once, each address has one question, questions are counted like
//! wrong PINs, and one whose program no longer waits is not shown any longer.

use crate::pairing::Strikes;
use domain::Grant;
use serde::Serialize;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Questions that wait at once.
const MOST_WAITING: usize = 4;
/// Questions from one address, and in all, before none is taken for a while.
const MOST_OF_ONE: u32 = 10;
const MOST: u32 = 40;
const LOCKED: Duration = Duration::from_secs(600);
/// How long a question is shown.
const LIFE: Duration = Duration::from_secs(300);
/// A program that did not look for its answer for so long has given up.
const PATIENCE: Duration = Duration::from_secs(20);

/// A program that waits for a person's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub(crate) struct AppKeyRequest {
    /// To answer it by.
    #[ts(type = "number")]
    pub(crate) id: u64,
    /// What the program calls itself, 1 to 64 characters.
    pub(crate) app: String,
    /// The address on the network that it asks from.
    pub(crate) from: String,
}

/// What a program learns when it looks for its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    Waiting,
    /// With the key.
    Allowed(String),
}

/// Why a question is not taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotAsked {
    BadName(String),
    TooMany(Duration),
}

struct Question {
    shown: AppKeyRequest,
    token: String,
    address: IpAddr,
    asked: Instant,
    looked: Instant,
    /// Once a person has allowed it; until it is fetched.
    key: Option<String>,
}

struct Questions {
    all: Vec<Question>,
    next: u64,
    asked: Strikes,
}

/// All questions.
pub(crate) struct AppKeys(Mutex<Questions>);

impl Default for AppKeys {
    fn default() -> Self {
        let asked = Strikes::new(MOST_OF_ONE, MOST, LOCKED);
        Self(Mutex::new(Questions { all: Vec::new(), next: 1, asked }))
    }
}

impl AppKeys {
    /// Returns all that still matter.
    fn at(&self, now: Instant) -> MutexGuard<'_, Questions> {
        let mut questions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = |one: &Question| now < one.asked + LIFE && now < one.looked + PATIENCE;
        questions.all.retain(waits);
        questions
    }

    /// Asks for a key. `token`: by which the program fetches the answer.
    ///
    /// # Errors
    /// When the name cannot be shown, and when there were too many questions.
    pub(crate) fn ask(
        &self,
        app: &str,
        address: IpAddr,
        token: String,
        now: Instant,
    ) -> Result<(), NotAsked> {
        let app = Grant::check_name(app).map_err(NotAsked::BadName)?;
        let mut questions = self.at(now);
        if let Some(left) = questions.asked.locked(address, now) {
            return Err(NotAsked::TooMany(left));
        }
        questions.asked.strike(address, now);
        questions.all.retain(|one| one.address != address || one.key.is_some());
        if questions.all.len() >= MOST_WAITING {
            return Err(NotAsked::TooMany(PATIENCE));
        }
        let id = questions.next;
        questions.next += 1;
        let shown = AppKeyRequest { id, app, from: address.to_string() };
        questions.all.push(Question { shown, token, address, asked: now, looked: now, key: None });
        Ok(())
    }

    /// Returns the answer to the program with this token; none when it was refused, or is not known any longer. A key is
    /// told once.
    pub(crate) fn look(&self, token: &str, now: Instant) -> Option<Answer> {
        let mut questions = self.at(now);
        let at = questions.all.iter().position(|one| one.token == token)?;
        questions.all[at].looked = now;
        match questions.all[at].key.take() {
            None => Some(Answer::Waiting),
            Some(key) => {
                questions.all.remove(at);
                Some(Answer::Allowed(key))
            }
        }
    }

    /// Returns the questions that a person has not answered.
    pub(crate) fn waiting(&self, now: Instant) -> Vec<AppKeyRequest> {
        let questions = self.at(now);
        questions.all.iter().filter(|one| one.key.is_none()).map(|one| one.shown.clone()).collect()
    }

    /// Answers a question with a key; returns whether the program still waits for it.
    pub(crate) fn allow(&self, id: u64, key: String, now: Instant) -> bool {
        let mut questions = self.at(now);
        let found = questions.all.iter_mut().find(|one| one.shown.id == id && one.key.is_none());
        found.map(|one| one.key = Some(key)).is_some()
    }

    /// Refuses a question; returns whether there was one.
    pub(crate) fn refuse(&self, id: u64, now: Instant) -> bool {
        let mut questions = self.at(now);
        let before = questions.all.len();
        questions.all.retain(|one| one.shown.id != id || one.key.is_some());
        questions.all.len() < before
    }

    /// Forgets all: nobody can come in any longer.
    pub(crate) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).all.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(n: u8) -> IpAddr {
        IpAddr::from([192, 168, 1, n])
    }

    fn asked(keys: &AppKeys, n: u8, token: &str, now: Instant) -> Result<(), NotAsked> {
        keys.ask(" Cura ", address(n), token.into(), now)
    }

    #[test]
    fn a_key_is_told_once_to_the_program_that_asked() {
        let (keys, now) = (AppKeys::default(), Instant::now());
        asked(&keys, 1, "a", now).unwrap();
        let waiting = keys.waiting(now);
        assert_eq!((waiting[0].app.as_str(), waiting[0].from.as_str()), ("Cura", "192.168.1.1"));
        assert_eq!((keys.look("a", now), keys.look("b", now)), (Some(Answer::Waiting), None));
        assert!(!keys.allow(waiting[0].id + 1, "secret".into(), now));
        assert!(keys.allow(waiting[0].id, "secret".into(), now) && keys.waiting(now).is_empty());
        assert!(!keys.refuse(waiting[0].id, now), "answered already");
        assert_eq!(keys.look("a", now), Some(Answer::Allowed("secret".into())));
        assert_eq!(keys.look("a", now), None);
    }

    #[test]
    fn who_is_refused_or_stops_waiting_is_forgotten() {
        let (keys, now) = (AppKeys::default(), Instant::now());
        asked(&keys, 1, "a", now).unwrap();
        assert!(keys.refuse(keys.waiting(now)[0].id, now) && keys.look("a", now).is_none());
        asked(&keys, 1, "b", now).unwrap();
        assert_eq!(keys.look("b", now + PATIENCE), None, "it did not look for too long");
        asked(&keys, 1, "c", now).unwrap();
        let mut later = now;
        while later < now + LIFE {
            assert_eq!(keys.look("c", later), Some(Answer::Waiting));
            later += PATIENCE / 2;
        }
        assert_eq!(keys.look("c", later), None, "a person did not answer for too long");
        assert!(!keys.allow(3, "secret".into(), later));
    }

    #[test]
    fn nobody_floods_the_window_with_questions() {
        let (keys, now) = (AppKeys::default(), Instant::now());
        for n in 0..MOST_OF_ONE {
            asked(&keys, 1, &n.to_string(), now).unwrap();
            assert_eq!(keys.waiting(now).len(), 1, "each address has one question");
        }
        assert_eq!(asked(&keys, 1, "x", now), Err(NotAsked::TooMany(LOCKED)));
        for n in 2..=4 {
            asked(&keys, n, &format!("of {n}"), now).unwrap();
        }
        assert_eq!(asked(&keys, 5, "x", now), Err(NotAsked::TooMany(PATIENCE)), "few wait at once");
        assert!(matches!(keys.ask("\n", address(6), "x".into(), now), Err(NotAsked::BadName(_))));
        keys.forget();
        assert!(keys.waiting(now).is_empty());
    }
}
