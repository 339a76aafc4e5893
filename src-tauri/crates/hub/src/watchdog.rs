//! Whether detection really watches. When it has stopped, that is shown within 15 seconds (45 where an agent sends the
//! pictures); it is never silence.
//!
//! **Invariant:** "watching" is only ever concluded from looks that came, never from what the spokes say of themselves.

use crate::facts::Facts;
use crate::out::{Entry, Out};
use crate::why::TroubleWords;
use crate::words::span_word;
use domain::{CameraHealth, EventClass, EventType, Millis, NoticeKind, Now, PrinterKind, sentence};

/// How detection does for the print under way.
#[derive(Debug, Default)]
pub(crate) struct Watchdog {
    /// Since when looks are expected; `None` while they are not.
    since: Option<Millis>,
    /// When the last look came, of those expected.
    heard: Option<Millis>,
    /// When the newest frame that was looked at was taken.
    newest_frame: Option<Millis>,
    /// Detection was on and stopped.
    outage: Option<Outage>,
    /// The computer slept; over with the next look.
    slept: Option<String>,
    /// Why the newest frame could not be analysed; over with the next look.
    not_analysed: Option<String>,
    /// Time of this print with lines being executed.
    printing_ms: Millis,
    /// Of that, time covered by looks.
    watched_ms: Millis,
    /// Until when the covered time is counted.
    covered_to: Millis,
    /// Of the covered time, what was taken off the detection hours.
    charged_ms: Millis,
}

/// Detection stopped.
#[derive(Debug)]
pub(crate) struct Outage {
    pub(crate) why: String,
    pub(crate) fix: &'static str,
    since: Millis,
}

/// A cause, and what to do.
struct Problem {
    why: String,
    fix: &'static str,
}

impl Watchdog {
    /// Counts the time that passed.
    pub(crate) fn run_clock(&mut self, last: Option<Now>, now: Now, printing: bool) {
        if let Some(last) = last.filter(|_| printing) {
            self.printing_ms += now.since(last);
        }
    }

    pub(crate) fn begin_print(&mut self, now: Now) {
        *self = Self { covered_to: now.mono_ms, ..Self::default() };
    }

    pub(crate) fn end_print(&mut self, now: Now) {
        self.rest(now);
    }

    /// Takes in a look; returns whether its frame is newer than all before.
    ///
    /// The same frame again is no sign of life: the camera has frozen.
    pub(crate) fn on_frame(&mut self, taken: Now, now: Now) -> bool {
        if self.newest_frame.is_some_and(|newest| taken.mono_ms <= newest) {
            return false;
        }
        self.newest_frame = Some(taken.mono_ms);
        self.slept = None;
        self.not_analysed = None;
        if self.outage.is_none() {
            self.watched_ms += now.mono_ms.saturating_sub(self.covered_to);
        }
        self.covered_to = now.mono_ms;
        self.heard = Some(now.mono_ms);
        true
    }

    /// A frame could not be analysed.
    pub(crate) fn on_not_analysed(&mut self, why: String) {
        self.not_analysed = Some(why);
    }

    /// Returns the covered time since this was asked last.
    pub(crate) fn uncharged(&mut self) -> Millis {
        let uncharged = self.watched_ms.saturating_sub(self.charged_ms);
        self.charged_ms = self.watched_ms;
        uncharged
    }

    pub(crate) fn sleep(&mut self, words: String) {
        self.slept = Some(words);
    }

    /// Returns since when, and why, detection has stopped.
    pub(crate) fn outage(&self) -> Option<&Outage> {
        self.outage.as_ref()
    }

    /// Returns whether looks come as expected.
    pub(crate) fn watching(&self) -> bool {
        self.since.is_some() && self.heard.is_some() && self.outage.is_none()
    }

    /// Returns the covered share of the print, percent, to a tenth. The time since the last look is left out as long
    /// as the next is not late.
    pub(crate) fn watched_percent(&self, now: Now) -> Option<f64> {
        let pending = if self.since.is_some() && self.outage.is_none() {
            now.mono_ms.saturating_sub(self.covered_to)
        } else {
            0
        };
        let printed = self.printing_ms.saturating_sub(pending);
        if printed == 0 {
            return None;
        }
        let share = self.watched_ms as f64 / printed as f64;
        Some((share.min(1.0) * 1000.0).floor() / 10.0)
    }

    /// Returns the seconds in which the print printed, and those of them that were covered.
    pub(crate) fn covered_secs(&self) -> (f64, f64) {
        let printing = self.printing_ms as f64 / 1000.0;
        (printing, (self.watched_ms as f64 / 1000.0).min(printing))
    }

    /// Looks are no longer expected: what was covered is counted, a loss is over.
    fn rest(&mut self, now: Now) {
        if self.watching() {
            self.watched_ms += now.mono_ms.saturating_sub(self.covered_to);
        }
        self.since = None;
        self.heard = None;
        self.outage = None;
        self.slept = None;
        self.not_analysed = None;
    }

    fn expect(&mut self, now: Now) {
        if self.since.is_none() {
            self.since = Some(now.mono_ms);
            self.covered_to = now.mono_ms;
        }
    }

    /// Compares what is expected of detection with what came, and says so when they part or meet again. `blinding`: what is
    /// wrong with the camera's pictures.
    pub(crate) fn settle(&mut self, blinding: Option<TroubleWords>, facts: &Facts<'_>, out: &mut Out) {
        if facts.not_watching().is_some() {
            if self.since.is_some() || self.outage.is_some() || self.slept.is_some() {
                out.changed();
            }
            return self.rest(facts.now);
        }
        self.expect(facts.now);
        let problem = self.problem(blinding, facts);
        match (problem, &mut self.outage) {
            (Some(problem), None) => self.begin_outage(problem, facts.now, out),
            (Some(problem), Some(outage)) => {
                if outage.why != problem.why {
                    out.changed();
                }
                (outage.why, outage.fix) = (problem.why, problem.fix);
            }
            (None, Some(outage)) => {
                // A camera that is back is not yet detection that is back: that takes a look.
                let since = outage.since;
                if self.heard.is_some_and(|heard| heard >= since) {
                    self.end_outage(since, facts.now, out);
                }
            }
            (None, None) => (),
        }
    }

    fn problem(&self, blinding: Option<TroubleWords>, facts: &Facts<'_>) -> Option<Problem> {
        let Some(seen) = facts.camera() else {
            let why = "No camera is chosen, so nobody watches this print.".into();
            return Some(Problem { why, fix: "Choose a camera in the settings." });
        };
        if let CameraHealth::Lost { why } = &seen.health {
            return Some(Problem {
                why: why.clone(),
                fix: "Check the camera's cable; it is tried again by itself.",
            });
        }
        if let Some(Err(why)) = &facts.world.detector {
            return Some(Problem { why: why.clone(), fix: "Watch the print yourself until this is mended." });
        }
        if let Some(words) = &self.slept {
            return Some(Problem { why: words.clone(), fix: "Have a look at the print." });
        }
        if let Some(trouble) = blinding {
            return Some(Problem { why: trouble.text.into(), fix: trouble.cure });
        }
        let last = self.heard.max(self.since).unwrap_or(facts.now.mono_ms);
        let silence_secs = facts.silence_secs();
        if facts.now.mono_ms.saturating_sub(last) >= facts.patience_ms(silence_secs) {
            if let Some(why) = self.not_analysed.clone() {
                return Some(Problem { why, fix: "Look at the camera's picture and its settings." });
            }
            let why = format!("No new picture was analysed for {silence_secs:.0} seconds.");
            let fix = match facts.settings.kind {
                PrinterKind::Serial | PrinterKind::Demo => {
                    "Check the camera picture. If it is frozen, plug the camera in again."
                }
                PrinterKind::Agent => {
                    "Check that OctoPrint or Klipper shows the camera; restart its Obico agent if it does."
                }
            };
            return Some(Problem { why, fix });
        }
        None
    }

    fn begin_outage(&mut self, problem: Problem, now: Now, out: &mut Out) {
        // The text about a sleep says itself that nobody watched.
        let unwatched = if self.slept.is_some() { "" } else { " The print goes on unwatched." };
        let text = format!("{}{unwatched} {}", sentence(&problem.why), problem.fix);
        let entry = Entry::new(EventType::WatchLost, EventClass::Warning, "Not watched any more");
        out.log(entry.text(text.clone()));
        out.notify(NoticeKind::NotWatching, "NOT watched", text);
        self.heard = None;
        self.outage = Some(Outage { why: problem.why, fix: problem.fix, since: now.mono_ms });
    }

    fn end_outage(&mut self, since: Millis, now: Now, out: &mut Out) {
        let gap = span_word(now.mono_ms.saturating_sub(since) as f64 / 1000.0);
        let text = format!("Watching again. Not watched for {gap}.");
        self.outage = None;
        let entry = Entry::new(EventType::WatchBack, EventClass::Info, "Watched again");
        out.log(entry.text(text.clone()));
        out.notify(NoticeKind::WatchingAgain, "watched again", text);
    }
}
