//! What follows when lines no longer get through.

use super::Link;
use crate::message::Message;
use crate::tag::Tag;
use crate::wire::WireError;

impl Link {
    pub(super) fn wire_failed(&mut self, error: WireError) {
        match error {
            WireError::Rebooted => self.out.ask(Message::Rebooted),
            WireError::Stuck => self.line_never_taken(),
            WireError::Silent => {
                let why =
                    "the printer no longer answers: check that it is on and that the USB cable sits well";
                self.complaints.give_up(why, &mut self.out);
            }
        }
    }

    /// The printer asks for one line again and again.
    pub(super) fn line_never_taken(&mut self) {
        let (n, text) = self.wire.asked_for();
        let line = match self.wire.tag_of(n) {
            Some(Tag::Program(line)) => Some(line.index),
            Some(_) | None => None,
        };
        self.complaints.line_never_taken(&text, line, self.feed.job().is_some(), &mut self.out);
    }
}
