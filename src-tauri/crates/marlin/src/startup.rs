//! From an open port to a firmware that answers: greeted, asked who it is and how hot, and found at work or idle.

use crate::facts::{Facts, Stage};
use crate::out::Out;
use crate::reply::{Busy, Reply};
use crate::tag::Tag;
use domain::{HaltCause, LinkChange, LinkState, Millis, Now};

/// A board that does not say that it starts gets so long before it is greeted.
const BOOT_MS: Millis = 2_000;
/// A banner has dozens of lines; the greeting waits until it was quiet for so long.
pub(crate) const BANNER_QUIET_MS: Millis = 300;
/// A banner brings the greeting forward so long after the port was opened.
const BANNER_WITHIN_MS: Millis = 10_000;
/// A greeting that is not answered for so long is followed by a question.
const QUERY_MS: Millis = 1_500;
/// The greeting is repeated after this.
const AGAIN_MS: Millis = 3_000;
/// As often, then the rate or the port is wrong.
const MOST_TRIES: u32 = 8;
/// Warmer than this is hot to the touch, degrees Celsius.
const WARM_C: f64 = 50.0;

/// What is to be written before the firmware has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Greeting {
    /// `M110 N0`.
    Hello,
    /// M105, without a number.
    Query,
    /// Nothing.
    Nothing,
}

/// How far a link is.
#[derive(Debug)]
pub(crate) struct Startup {
    stage: Stage,
    /// As it is reported.
    state: LinkState,
    opened_at: Now,
    /// Greetings that stayed without an answer.
    tries: u32,
    /// The greeting was damaged on its way: it is sent again.
    spoilt: bool,
    /// The question behind this greeting is out.
    queried: bool,
    /// The firmware has answered since the port was last closed on purpose.
    was_up: bool,
    /// It was found at work that we did not give it.
    at_work: Option<String>,
}

impl Startup {
    pub(crate) fn new(now: Now) -> Self {
        Self {
            stage: Stage::Closed,
            state: LinkState::Closed,
            opened_at: now,
            tries: 0,
            spoilt: false,
            queried: false,
            was_up: false,
            at_work: None,
        }
    }

    pub(crate) fn stage(&self) -> Stage {
        self.stage
    }

    /// Returns how the link is, as it is reported.
    pub(crate) fn state(&self) -> &LinkState {
        &self.state
    }

    /// Returns whether the firmware has answered since the port was last closed on purpose.
    pub(crate) fn was_up(&self) -> bool {
        self.was_up
    }

    /// Returns what the printer was found at work with.
    pub(crate) fn at_work(&self) -> Option<&String> {
        self.at_work.as_ref()
    }

    /// Returns when the firmware was last expected to start.
    pub(crate) fn opened_at(&self) -> Now {
        self.opened_at
    }

    /// Returns how many greetings stayed without an answer since the port was opened.
    pub(crate) fn tries(&self) -> u32 {
        self.tries
    }

    /// The port is open.
    pub(crate) fn opened(&mut self, now: Now) {
        self.tries = 0;
        self.start_over(BOOT_MS, now);
    }

    /// The firmware starts anew: it is greeted in so many milliseconds.
    pub(crate) fn start_over(&mut self, greet_in: Millis, now: Now) {
        self.stage = Stage::Waiting { hello_at: now.mono_ms + greet_in };
        self.state = LinkState::Opening;
        (self.opened_at, self.spoilt, self.at_work) = (now, false, None);
    }

    /// The port was closed on purpose.
    pub(crate) fn closed(&mut self) {
        (self.stage, self.state, self.was_up) = (Stage::Closed, LinkState::Closed, false);
    }

    /// The link broke. `may_print_on`: the printer prints from its card, which is told once.
    pub(crate) fn lost(&mut self, why: String, may_print_on: bool, out: &mut Out) {
        self.stage = Stage::Closed;
        let known = matches!(self.state, LinkState::Lost { .. }) && may_print_on;
        let lost = LinkState::Lost { why: why.clone() };
        if self.state != lost && !known {
            self.state = lost;
            out.change(LinkChange::Lost { why });
        }
    }

    /// Nothing more is sent before a person connects again, or the board is shown to take lines.
    pub(crate) fn halted(&mut self, cause: HaltCause, text: String) {
        self.stage = Stage::Halted;
        self.state = LinkState::Halted { cause, text };
    }

    /// Notes what the printer was doing before we said anything it understood.
    pub(crate) fn note_work(&mut self, raw: &str, reply: &Reply) {
        if self.stage.is_greeted() || self.stage == Stage::Closed {
            return;
        }
        let words = raw.trim().trim_start_matches("echo:");
        if words.starts_with("SD printing byte") {
            self.at_work = Some("it prints from its SD card".into());
        } else if let Reply::Busy(busy) = reply {
            let word = match busy {
                Busy::Processing => "it is busy with a command, perhaps a print from its SD card",
                Busy::ForPerson => "it waits for a person at its display",
            };
            self.at_work.get_or_insert_with(|| word.into());
        } else if *reply == Reply::Boot {
            // What has just started does nothing yet.
            self.at_work = None;
        }
    }

    /// The printer's work is known for what it is.
    pub(crate) fn not_at_work(&mut self) {
        self.at_work = None;
    }

    /// Something came: a banner is let pass before the greeting.
    pub(crate) fn on_line(&mut self, reply: &Reply, now: Now) {
        if let Stage::Waiting { hello_at } = &mut self.stage
            && now.since(self.opened_at) < BANNER_WITHIN_MS
        {
            *hello_at = (*hello_at).min(now.mono_ms + 2_000).max(now.mono_ms + BANNER_QUIET_MS);
            if *reply == Reply::Boot {
                *hello_at = now.mono_ms + BANNER_QUIET_MS;
            }
        }
    }

    /// The firmware has started in the middle of being greeted.
    pub(crate) fn on_boot(&mut self, now: Now) {
        if matches!(self.stage, Stage::Greeting { .. }) {
            self.stage = Stage::Waiting { hello_at: now.mono_ms + BANNER_QUIET_MS };
        }
    }

    /// A line that is out was damaged on its way.
    pub(crate) fn on_bad_line(&mut self) {
        self.spoilt |= matches!(self.stage, Stage::Greeting { .. });
    }

    /// An `ok` came. Returns whether it only ends what was said of a damaged greeting.
    pub(crate) fn on_ok(&mut self, now: Now) -> bool {
        let spoilt = std::mem::take(&mut self.spoilt);
        if spoilt {
            self.stage = Stage::Waiting { hello_at: now.mono_ms + BANNER_QUIET_MS };
        }
        spoilt
    }

    /// The greeting was answered: it is asked who it is. How hot it is comes first: after a broken link nobody knows.
    pub(crate) fn greeted(&mut self, out: &mut Out) {
        self.stage = Stage::Asking;
        Self::ask_who(out);
    }

    /// Asks who it is.
    pub(crate) fn ask_who(out: &mut Out) {
        out.drop_lines();
        out.line("M105", Tag::Heaters);
        out.line("M115", Tag::Firmware);
    }

    /// All was answered.
    pub(crate) fn up(&mut self) {
        (self.stage, self.state) = (Stage::Up, LinkState::Up);
        (self.was_up, self.tries) = (true, 0);
    }

    /// Says that the firmware is up, and whether it is hot.
    pub(crate) fn tell_up(facts: &Facts<'_>, out: &mut Out) {
        let mut known = facts.machine.temperatures().values();
        let hot = known.any(|t| t.actual > WARM_C || t.target.is_some_and(|c| c > 0.0));
        out.change(LinkChange::Up { hot });
    }

    /// It answers in X3G, which is no G-code: it will never be understood.
    pub(crate) fn speaks_x3g(&self, out: &mut Out) {
        if !self.stage.is_greeted() {
            let why = "the printer answers in X3G, the language of MakerBot and Sailfish, not in G-code: print from its \
                       card, or put a firmware on it that takes G-code";
            out.broken(why);
        }
    }

    /// Looks at the clock: a greeting that is not answered is repeated.
    pub(crate) fn handle_timeout(&mut self, now: Now, out: &mut Out) {
        let Stage::Greeting { since } = self.stage else { return };
        if now.mono_ms.saturating_sub(since) < AGAIN_MS {
            return;
        }
        self.tries += 1;
        if self.tries >= MOST_TRIES {
            let why = "the printer does not answer: check that it is switched on (many boards light up from the USB cable \
                       alone) and that the cable carries data";
            out.broken(why);
        }
        self.stage = Stage::Waiting { hello_at: now.mono_ms };
    }

    /// Returns what is to be written now. Some firmwares say nothing to M110: a question shows, too, that somebody is
    /// there.
    pub(crate) fn poll_transmit(&mut self, now: Now) -> Greeting {
        match self.stage {
            Stage::Waiting { hello_at } if now.mono_ms >= hello_at => {
                self.queried = false;
                self.stage = Stage::Greeting { since: now.mono_ms };
                Greeting::Hello
            }
            Stage::Greeting { since } if !self.queried && now.mono_ms.saturating_sub(since) >= QUERY_MS => {
                self.queried = true;
                Greeting::Query
            }
            Stage::Waiting { .. }
            | Stage::Greeting { .. }
            | Stage::Closed
            | Stage::Asking
            | Stage::Up
            | Stage::Halted => Greeting::Nothing,
        }
    }

    /// Returns when the clock is to be looked at again.
    pub(crate) fn poll_timeout(&self) -> Option<Millis> {
        match self.stage {
            Stage::Waiting { hello_at } => Some(hello_at),
            Stage::Greeting { since } => Some(since + if self.queried { AGAIN_MS } else { QUERY_MS }),
            Stage::Closed | Stage::Asking | Stage::Up | Stage::Halted => None,
        }
    }
}
