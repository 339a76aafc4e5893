//! A part of the loop panics: it is caught, said and counted. When it happens again and again, the core leaves the
//! printers in order and ends, rather than showing what is no longer true.

use crate::devices::SHUTDOWN;
use crate::run::Core;
use domain::{Leave, Millis, Notice, NoticeKind, PrinterId, Refusal};
use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::sync::watch;

/// So many failures …
const MOST: usize = 10;
/// … within so many real milliseconds, and the core ends itself.
const WITHIN_MS: Millis = 60_000;

/// Failures of late.
#[derive(Debug, Default)]
pub(crate) struct Failures(VecDeque<Millis>);

impl Failures {
    fn note(&mut self, real_ms: Millis) {
        self.0.push_back(real_ms);
        while self.0.front().is_some_and(|first| real_ms.saturating_sub(*first) > WITHIN_MS) {
            self.0.pop_front();
        }
    }

    /// Returns whether nothing sensible can be expected any more.
    pub(crate) fn too_many(&self) -> bool {
        self.0.len() >= MOST
    }
}

impl Core {
    /// Lets a part of the loop work. Its panic is an alarm at the printer that it concerns, or at all; the loop goes on.
    pub(crate) fn guarded(&mut self, about: Option<PrinterId>, work: impl FnOnce(&mut Self)) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(self))) {
            self.fell(about, panic.as_ref());
        }
    }

    /// Says that a part fell.
    pub(crate) fn fell(&mut self, about: Option<PrinterId>, panic: &(dyn Any + Send)) {
        self.note_failure(&panic_words(panic));
        let now = self.now_for(about);
        let hub = &mut self.hub;
        let said = catch_unwind(AssertUnwindSafe(|| hub.say_failure(about, now)));
        if let Ok(effects) = said
            && catch_unwind(AssertUnwindSafe(|| self.carry_out(effects))).is_err()
        {
            tracing::error!("the alarm about a failure could not be shown");
        }
    }

    pub(crate) fn note_failure(&mut self, what: &str) {
        tracing::error!(what, "a part of the app failed; it is set up anew and the printers' threads go on");
        self.failures.note(self.clocks.real.now().mono_ms);
    }

    /// Leaves all printers in order and ends: a running print is paused and its heaters go off.
    pub(crate) async fn fall(self) {
        let text = "Parts of the app failed again and again, so it has ended itself: a running print was paused and \
                    its heaters were switched off. Look at the printer, then start the app again.";
        tracing::error!(text);
        if let Some(printer) = self.hub.printer_ids().first().copied() {
            let notice = Notice {
                printer,
                kind: NoticeKind::PrintInterrupted,
                title: "Printvigil has ended itself".into(),
                text: text.into(),
                frame: None,
                demo: false,
            };
            self.live.send_modify(|live| std::sync::Arc::make_mut(live).push_notice(notice));
        }
        let fallen = self.fallen.clone();
        self.end(Leave::HeatersOff).await;
        fallen.send_replace(Some(text.to_owned()));
    }
}

/// Says so when the loop dies in spite of all: its printers' threads then pause and switch the heaters off by themselves.
pub(crate) async fn watch_over(task: tokio::task::JoinHandle<()>, fallen: watch::Sender<Option<String>>) {
    if let Err(error) = task.await {
        tracing::error!(%error, "the core's loop died; the printers are left with their heaters off");
        tokio::time::sleep(SHUTDOWN).await;
        let text =
            "The app's core has failed and ended itself. Look at the printer, then start the app again.";
        fallen.send_replace(Some(text.to_owned()));
    }
}

/// Returns what a panic said.
pub(crate) fn panic_words(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
    words.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no words".into())
}

/// The answer to who asked for what failed.
pub(crate) fn not_done() -> Refusal {
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
