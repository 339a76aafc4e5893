//! What the parts of a link emit: messages to the agent, and changes for those who listen.

use domain::{LinkChange, Now, OrderKind, RefusedReason};
use serde_json::Value;
use std::collections::VecDeque;

/// Messages to the agent that wait at most.
const MOST_WAITING: usize = 64;

#[derive(Debug)]
pub(crate) struct Out {
    /// Agents leave a number out that they have heard of late, also of the app before it was started again.
    since: i64,
    references: u64,
    messages: VecDeque<String>,
    changes: VecDeque<LinkChange>,
}

impl Out {
    pub(crate) fn new(now: Now) -> Self {
        Self { since: now.utc.micros(), references: 0, messages: VecDeque::new(), changes: VecDeque::new() }
    }

    /// Returns a number for something that is passed through.
    pub(crate) fn reference(&mut self) -> String {
        self.references += 1;
        format!("pv{:x}.{}", self.since, self.references)
    }
    pub(crate) fn send(&mut self, message: &Value) {
        if self.messages.len() < MOST_WAITING {
            self.messages.push_back(message.to_string());
        }
    }

    /// What was not sent yet is not sent any more.
    pub(crate) fn clear_messages(&mut self) {
        self.messages.clear();
    }

    pub(crate) fn next_message(&mut self) -> Option<String> {
        self.messages.pop_front()
    }

    pub(crate) fn change(&mut self, change: LinkChange) {
        self.changes.push_back(change);
    }

    pub(crate) fn next_change(&mut self) -> Option<LinkChange> {
        self.changes.pop_front()
    }

    pub(crate) fn refuse(&mut self, order: OrderKind, reason: RefusedReason, why: String) {
        self.change(LinkChange::Refused { order, reason, why });
    }
}
