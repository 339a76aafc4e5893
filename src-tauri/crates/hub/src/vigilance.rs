//! Whether the watch really watches. A watch that has stopped is shown within 15 seconds; it is never silence.
//!
//! **Invariant:** "watching" is only ever concluded from looks that came, never from what the spokes say of themselves.

use crate::outlet::{Entry, Outlet, sentence};
use crate::watch::PrintWatch;
use crate::why::trouble_words;
use crate::world::World;
use domain::{CameraHealth, EventClass, EventType, Millis, NoticeKind, Now, Scene};

/// Without a look for this long the watch has stopped, seconds.
const SILENCE_SECS: f64 = 15.0;

/// How the watch over the print under way does.
#[derive(Debug, Default)]
pub(crate) struct Vigilance {
    /// Since when looks are expected; `None` while they are not.
    since: Option<Millis>,
    /// When the last look came, of those expected.
    heard: Option<Millis>,
    /// When the newest frame that was looked at was taken.
    newest_frame: Option<Millis>,
    /// The watch was on and stopped.
    pub(crate) lost: Option<Loss>,
    /// The computer slept; over with the next look.
    slept: Option<String>,
    /// Time of this print with lines being executed.
    printing_ms: Millis,
    /// Of that, time covered by looks.
    watched_ms: Millis,
    /// Until when the covered time is counted.
    covered_to: Millis,
}

/// The watch stopped.
#[derive(Debug)]
pub(crate) struct Loss {
    pub(crate) why: String,
    pub(crate) fix: String,
    since: Millis,
}

/// A cause, and what to do.
struct Problem {
    why: String,
    fix: &'static str,
}

impl Vigilance {
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
    pub(crate) fn hear(&mut self, taken: Now, now: Now) -> bool {
        if self.newest_frame.is_some_and(|newest| taken.mono_ms <= newest) {
            return false;
        }
        self.newest_frame = Some(taken.mono_ms);
        self.slept = None;
        if self.lost.is_none() {
            self.watched_ms += now.mono_ms.saturating_sub(self.covered_to);
        }
        self.covered_to = now.mono_ms;
        self.heard = Some(now.mono_ms);
        true
    }

    pub(crate) fn sleep(&mut self, words: String) {
        self.slept = Some(words);
    }

    /// Returns whether looks come as expected.
    pub(crate) fn watching(&self) -> bool {
        self.since.is_some() && self.heard.is_some() && self.lost.is_none()
    }

    /// Returns the covered share of the print, percent, to a tenth. The time since the last look is left out as long
    /// as the next is not late.
    pub(crate) fn watched_percent(&self, now: Now) -> Option<f64> {
        let pending = if self.since.is_some() && self.lost.is_none() {
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
        self.lost = None;
        self.slept = None;
    }

    fn expect(&mut self, now: Now) {
        if self.since.is_none() {
            self.since = Some(now.mono_ms);
            self.covered_to = now.mono_ms;
        }
    }
}

impl PrintWatch {
    /// Compares what is expected of the watch with what came, and says so when they part or meet again.
    pub(crate) fn settle_vigilance(&mut self, out: &mut Outlet<'_>) {
        if self.not_watching(out.world).is_some() {
            return self.vigilance.rest(out.now);
        }
        self.vigilance.expect(out.now);
        let problem = self.watch_problem(out.world, out.now);
        let loss_since = self.vigilance.lost.as_ref().map(|loss| loss.since);
        match (problem, loss_since) {
            (Some(problem), None) => self.lose_watch(problem, out),
            (Some(problem), Some(since)) => {
                self.vigilance.lost = Some(Loss { why: problem.why, fix: problem.fix.into(), since });
            }
            (None, Some(since)) => {
                // A camera that is back is not yet a watch that is back: that takes a look.
                if self.vigilance.heard.is_some_and(|heard| heard >= since) {
                    self.regain_watch(since, out);
                }
            }
            (None, None) => (),
        }
    }

    /// Takes in what a picture is like; a camera that was moved or blurred is told of once.
    pub(crate) fn see_scene(&mut self, scene: &Scene, at_ms: Millis, out: &mut Outlet<'_>) {
        let before = self.scene.told();
        let after = self.scene.look(scene, at_ms);
        let Some(trouble) = after.filter(|_| after != before).map(trouble_words) else { return };
        // What blinds the watch is told as a watch that was lost.
        if !trouble.blinds {
            let text = format!("{} {}", trouble.text, trouble.cure);
            let entry = Entry::new(EventType::WatchLost, EventClass::Warning, "Camera trouble");
            out.log(self, entry.text(text.clone()));
            out.notify(self, NoticeKind::NotWatching, "have a look at the camera", text);
        }
    }

    fn watch_problem(&self, world: &World, now: Now) -> Option<Problem> {
        let Some(seen) = world.camera(self.settings.camera) else {
            let why = "No camera is chosen, so nobody watches this print.".into();
            return Some(Problem { why, fix: "Choose a camera in the settings." });
        };
        if let CameraHealth::Lost { why } = &seen.health {
            return Some(Problem {
                why: why.clone(),
                fix: "Check the camera's cable; it is tried again by itself.",
            });
        }
        if let Some(Err(why)) = &world.detector {
            return Some(Problem { why: why.clone(), fix: "Watch the print yourself until this is mended." });
        }
        if let Some(words) = &self.vigilance.slept {
            return Some(Problem { why: words.clone(), fix: "Have a look at the print." });
        }
        if let Some(trouble) = self.scene.told().map(trouble_words).filter(|trouble| trouble.blinds) {
            return Some(Problem { why: trouble.text.into(), fix: trouble.cure });
        }
        let last = self.vigilance.heard.max(self.vigilance.since).unwrap_or(now.mono_ms);
        if now.mono_ms.saturating_sub(last) >= self.patience_ms(SILENCE_SECS) {
            let why = "No new picture was analysed for 15 seconds.".into();
            return Some(Problem {
                why,
                fix: "Check the camera picture. If it is frozen, plug the camera in again.",
            });
        }
        None
    }

    fn lose_watch(&mut self, problem: Problem, out: &mut Outlet<'_>) {
        // The text about a sleep says itself that nobody watched.
        let unwatched = if self.vigilance.slept.is_some() { "" } else { " The print goes on unwatched." };
        let text = format!("{}{unwatched} {}", sentence(&problem.why), problem.fix);
        let entry = Entry::new(EventType::WatchLost, EventClass::Warning, "Not watched any more");
        out.log(self, entry.text(text.clone()));
        out.notify(self, NoticeKind::NotWatching, "NOT watched", text);
        let since = out.now.mono_ms;
        self.vigilance.heard = None;
        self.vigilance.lost = Some(Loss { why: problem.why, fix: problem.fix.into(), since });
    }

    fn regain_watch(&mut self, since: Millis, out: &mut Outlet<'_>) {
        let gap = crate::view_status::span_word(out.now.mono_ms.saturating_sub(since) as f64 / 1000.0);
        let text = format!("Watching again. Not watched for {gap}.");
        self.vigilance.lost = None;
        let entry = Entry::new(EventType::WatchBack, EventClass::Info, "Watched again");
        out.log(self, entry.text(text.clone()));
        out.notify(self, NoticeKind::WatchingAgain, "watched again", text);
    }
}
