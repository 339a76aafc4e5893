//! A part of the loop panics: it is caught, said and counted. When it happens again and again, the core leaves the
//! printers in order and ends, rather than showing what is no longer true.

use crate::devices::SHUTDOWN;
use domain::{Millis, Refusal};
use std::any::Any;
use std::collections::VecDeque;
use tokio::sync::watch;

/// So many failures …
const MOST: usize = 10;
/// … within so many real milliseconds, and the core ends itself.
const WITHIN_MS: Millis = 60_000;

/// Failures of late.
#[derive(Debug, Default)]
pub(super) struct Failures(VecDeque<Millis>);

impl Failures {
    /// Notes one, and forgets those of long ago.
    pub(super) fn note(&mut self, real_ms: Millis) {
        self.0.push_back(real_ms);
        while self.0.front().is_some_and(|first| real_ms.saturating_sub(*first) > WITHIN_MS) {
            self.0.pop_front();
        }
    }

    /// Returns whether nothing sensible can be expected any more.
    pub(super) fn too_many(&self) -> bool {
        self.0.len() >= MOST
    }
}

/// Why the core has ended itself, told to all who wait for it. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Fallen(watch::Sender<Option<String>>);

impl Fallen {
    /// Of a core that has not.
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    /// Returns a receiver that wakes when it has.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Option<String>> {
        self.0.subscribe()
    }

    /// Tells why, for people.
    pub(super) fn tell(&self, why: &str) {
        self.0.send_replace(Some(why.to_owned()));
    }
}

/// Says so when the loop dies in spite of all: its printers' threads then pause and switch the heaters off by themselves.
pub(crate) async fn watch_over(task: tokio::task::JoinHandle<()>, fallen: Fallen) {
    if let Err(error) = task.await {
        tracing::error!(%error, "the core's loop died; the printers are left with their heaters off");
        tokio::time::sleep(SHUTDOWN).await;
        let text =
            "The app's core has failed and ended itself. Look at the printer, then start the app again.";
        fallen.tell(text);
    }
}

/// Returns what a panic said.
pub(super) fn panic_words(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
    words.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no words".into())
}

/// The answer to who asked for what failed.
pub(super) fn not_done() -> Refusal {
    Refusal {
        code: "internal",
        message: "a part of the app failed while it did this".into(),
        hint: "Look at the printer, then try again. STOP works in any case.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_now_and_then_is_lived_with_and_ten_in_a_minute_are_not() {
        let mut failures = Failures::default();
        for n in 0..100 {
            failures.note(n * 7_000);
        }
        assert!(!failures.too_many(), "nine a minute");
        for n in 0..10 {
            failures.note(800_000 + n);
        }
        assert!(failures.too_many());
    }
}
