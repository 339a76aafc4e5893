//! What the passing of time does: hello again, lost oks, pauses that are not confirmed.

use crate::link::{Link, Stage};
use crate::patience::{Class, class};
use crate::sequence::Aim;
use domain::{JobEnd, JobPhase, LinkChange, Millis, Now};

/// Hello is repeated after this.
const HELLO_AGAIN_MS: Millis = 3_000;
/// As often, then the rate or the port is wrong.
const MOST_HELLOS: u32 = 8;
/// As many queries without an answer: the printer talks, but does not take commands.
const MOST_PROBES: u32 = 8;

impl Link {
    /// Looks at the clock. Call it in every round of the port's loop.
    pub fn handle_timeout(&mut self, now: Now) {
        match self.stage {
            Stage::Closed | Stage::Halted | Stage::Waiting { .. } => return,
            Stage::Greeting { since } => {
                if now.mono_ms.saturating_sub(since) >= HELLO_AGAIN_MS {
                    self.greet_again(now);
                }
                return;
            }
            Stage::Asking | Stage::Up => (),
        }
        self.wire.beside_card = self.on_card();
        self.warn_unconfirmed(now);
        if let Err(e) = self.wire.check(now) {
            self.wire_failed(e, now);
        }
        let deaf = self.wire.probes() > MOST_PROBES
            && self.wire.in_flight(now).is_some_and(|(text, late)| late || class(text) == Class::Quick);
        let pausing = self.job.as_ref().is_some_and(|job| job.phase == JobPhase::Pausing);
        if deaf && !pausing && !self.on_card() {
            let why = "the printer talks but takes no commands any more: switch it off and on again";
            self.broken.get_or_insert(why.to_owned());
        }
    }

    fn greet_again(&mut self, now: Now) {
        self.hello_tries += 1;
        if self.hello_tries >= MOST_HELLOS {
            let why = "the printer does not answer: check that it is switched on (many boards light up from the USB cable \
                       alone) and that the cable carries data";
            self.broken.get_or_insert(why.to_owned());
        }
        self.stage = Stage::Waiting { hello_at: now.mono_ms };
    }

    /// Says once that a pause or the heaters' end is not confirmed in time. Queries go on.
    fn warn_unconfirmed(&mut self, now: Now) {
        let Some(sequence) = &self.sequence else { return };
        let (aim, unread) = (sequence.aim, sequence.read_back_late(now));
        let late = self.wire.in_flight(now).filter(|(_, late)| *late).map(|(text, _)| text.to_owned());
        if !unread && late.is_none() {
            return;
        }
        match aim {
            Aim::Pause(_) => {
                let Some(job) = self.job.as_mut().filter(|job| !job.unconfirmed_told) else { return };
                job.unconfirmed_told = true;
                let print = job.start.print;
                let text = match late {
                    Some(line) => format!(
                        "The printer has not confirmed the pause: it still works on {line}. Look at the printer; if it \
                         does not stop by itself, press Emergency stop or switch it off."
                    ),
                    None => "The printer takes commands, but it has not confirmed where its head is and that its \
                             heaters are set. Look at it and at the temperatures; if they are not as they should \
                             be, switch the printer off."
                        .to_owned(),
                };
                self.changes.push_back(LinkChange::PauseUnconfirmed(print, text));
            }
            Aim::Cancel(_) | Aim::Leave if unread => {
                let why = "the print was cancelled, but the printer did not confirm that the heaters are off: look at \
                           the temperatures, and switch the printer off if they do not fall";
                self.end_job(JobEnd::Interrupted { why: why.into() });
                self.finished |= self.leaving;
            }
            Aim::Resume(_) if unread => {
                self.give_up_resume("the printer does not tell where its head is and how hot it is", now);
            }
            // The moves have ended; where is only for the screen.
            Aim::Finish if unread => self.end_job(JobEnd::Finished),
            Aim::Cancel(_) | Aim::Leave | Aim::Resume(_) | Aim::Finish => (),
        }
    }

    /// The time to leave is up: heaters off without waiting for anything. Returns what to write.
    pub fn leave_anyway(&mut self) -> Vec<String> {
        let card = self.prints_alone().then(|| "M25".to_owned());
        let off = self.heaters_off_lines();
        self.leave_now();
        card.into_iter().chain(off).collect()
    }

    /// Returns what to write, without numbers, to a port that may still take bytes though nothing answers.
    /// Nothing for a print that goes on without us: it would go on cold.
    pub fn last_words(&self) -> Vec<String> {
        if self.prints_alone() { Vec::new() } else { self.heaters_off_lines() }
    }

    fn heaters_off_lines(&self) -> Vec<String> {
        let off = crate::recipe::heaters_off(&self.known, |_| true);
        off.into_iter().map(|(line, _)| line).chain(["M107".to_owned()]).collect()
    }

    /// The machine slept or its clock jumped: nobody knows what the printer did meanwhile.
    pub fn slept(&mut self, gap_ms: Millis) {
        if self.stage == Stage::Closed || self.stage == Stage::Halted {
            return;
        }
        let secs = gap_ms / 1000;
        let why =
            format!("this computer slept or stood still for {secs} s; turn its sleep off while printing");
        self.broken.get_or_insert(why);
    }
}
