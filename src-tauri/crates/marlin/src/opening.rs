//! Before the firmware answers: whether it ever will at this rate, and what it is found doing.

use crate::link::{Link, Stage};
use crate::reply::{Busy, Reply};

impl Link {
    /// Returns whether hello was answered: the rate is right.
    pub fn is_greeted(&self) -> bool {
        match self.stage {
            Stage::Asking | Stage::Up | Stage::Halted => true,
            Stage::Closed | Stage::Waiting { .. } | Stage::Greeting { .. } => false,
        }
    }

    /// Returns how many hellos stayed without an answer since the port was opened.
    pub fn unanswered_hellos(&self) -> u32 {
        self.hello_tries
    }

    /// Returns whether the printer was found at work of its own, so that it may answer late and must not be reset.
    pub fn is_at_work(&self) -> bool {
        self.at_work.is_some() || self.prints_alone()
    }

    /// Notes what the printer was doing before we said anything it understood.
    pub(crate) fn note_work(&mut self, raw: &str, reply: &Reply) {
        if self.is_greeted() || self.stage == Stage::Closed {
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
}
