//! Who waits for an answer of the hub, and what an order that nobody took is answered with.

use domain::{Answer, LinkChange, Refusal, RefusedReason, ReplyTo};
use std::collections::HashMap;
use tokio::sync::oneshot;

/// Those who wait, by number.
#[derive(Debug, Default)]
pub(super) struct Replies {
    waiting: HashMap<ReplyTo, oneshot::Sender<Answer>>,
    last: u64,
}

impl Replies {
    /// Notes that somebody waits; returns the number that the answer comes with.
    pub(super) fn wait(&mut self, reply: oneshot::Sender<Answer>) -> ReplyTo {
        self.last += 1;
        let to = ReplyTo(self.last);
        self.waiting.insert(to, reply);
        to
    }

    /// Answers, if somebody still waits.
    pub(super) fn answer(&mut self, to: ReplyTo, answer: Answer) {
        if let Some(reply) = self.waiting.remove(&to) {
            let _ = reply.send(answer);
        }
    }
}

/// Returns the answer for a person whose order was not taken by the printer's thread.
pub(super) fn refusal_of(change: &LinkChange) -> Option<Refusal> {
    let LinkChange::Refused { reason, why, .. } = change else { return None };
    let code = if *reason == RefusedReason::ThreadEnded {
        "printer_thread_ended"
    } else if *reason == RefusedReason::NotConnected {
        "not_connected"
    } else {
        "busy"
    };
    Some(Refusal { code, message: why.clone(), hint: "If it is moving or hot, press STOP.".into() })
}
