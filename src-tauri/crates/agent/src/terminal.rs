//! The terminal: lines that the printer says, which one of the agents sends only while it is asked to, and lines that we
//! send.

use crate::commands::pass;
use domain::{LONGEST_TRAFFIC, Millis, Now, Traffic, TrafficDirection, one_line};
use serde_json::{Value, json};

/// So long after the terminal was read last somebody still counts as reading, milliseconds.
const READS_MS: Millis = 20_000;
/// Lines that wait to be told at most; the oldest go.
const MOST_LINES: usize = 2_000;

#[derive(Debug, Default)]
pub(crate) struct Terminal {
    read_at: Option<Millis>,
    /// The agent was told to send lines.
    on: bool,
    lines: Vec<Traffic>,
}

impl Terminal {
    /// Somebody reads.
    pub(crate) fn read(&mut self, now: Now) {
        self.read_at = Some(now.mono_ms);
    }

    /// Another agent has connected: it sends no lines yet.
    pub(crate) fn forget_told(&mut self) {
        self.on = false;
    }

    /// Returns whether somebody reads.
    pub(crate) fn is_read(&self, now: Now) -> bool {
        self.read_at.is_some_and(|at| now.mono_ms.saturating_sub(at) < READS_MS)
    }

    /// Returns the message that switches lines on or off, when that is due.
    pub(crate) fn poll(&mut self, reference: impl FnOnce() -> String, now: Now) -> Option<Value> {
        let wanted = self.is_read(now);
        if wanted == std::mem::replace(&mut self.on, wanted) {
            return None;
        }
        let word = if wanted { "on" } else { "off" };
        Some(pass(&reference(), "gcode_hooks", "toggle_terminal_feed", &json!([word])))
    }

    pub(crate) fn note(&mut self, direction: TrafficDirection, line: &str) {
        if self.lines.len() >= MOST_LINES {
            self.lines.remove(0);
        }
        self.lines.push(Traffic { direction, text: one_line(line, LONGEST_TRAFFIC) });
    }

    pub(crate) fn take(&mut self) -> Vec<Traffic> {
        std::mem::take(&mut self.lines)
    }
}
