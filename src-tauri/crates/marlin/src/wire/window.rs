//! Lines in flight: sent, and not acknowledged.
//!
//! Several may be at once, so that the printer parses one while the next is on the cable. What limits them is the
//! smallest receive buffer in use: whatever the firmware is busy with, all that is in flight fits into it.

use super::frame::FRAME_BYTES;
use crate::patience::Class;
use domain::Now;
use std::collections::VecDeque;

/// Command slots of the smallest boards.
const SLOTS: usize = 4;
/// More lines than this bring nothing, however many slots a board has.
const MOST_SLOTS: usize = 16;
/// Bytes that may be in flight: the receive ring of 8-bit boards holds 128.
const RING_BYTES: usize = 120;
/// The same where USB itself holds back what the board cannot take.
const USB_BYTES: usize = 480;

/// A line in flight.
#[derive(Debug, Clone)]
pub(super) struct InFlight {
    /// `None` for a line that went out without number.
    pub(super) n: Option<u32>,
    /// The text of a line without a number.
    pub(super) raw: String,
    pub(super) class: Class,
    pub(super) query: bool,
    /// Bytes that may still wait in the printer's receive buffer.
    pub(super) bytes: usize,
    pub(super) sent_at: Now,
}

/// The send window.
#[derive(Debug)]
pub(super) struct Window {
    /// Oldest first.
    lines: VecDeque<InFlight>,
    /// Lines that may be in flight at once, and their bytes.
    slots: usize,
    ring_bytes: usize,
}

impl Window {
    /// Returns an empty window. `holds_back`: USB itself holds back what the board cannot take.
    pub(super) fn new(holds_back: bool) -> Self {
        let ring_bytes = if holds_back { USB_BYTES } else { RING_BYTES };
        Self { lines: VecDeque::new(), slots: SLOTS, ring_bytes }
    }

    /// Nothing is in flight; what was learnt of the board stays.
    pub(super) fn clear(&mut self) {
        self.lines.clear();
    }

    /// So many command slots are free after a command was acknowledged, which still has its own.
    pub(super) fn free_slots(&mut self, free: usize) {
        self.slots = self.slots.max(free.saturating_add(1).min(MOST_SLOTS));
    }

    pub(super) fn push(&mut self, line: InFlight) {
        self.lines.push_back(line);
    }

    pub(super) fn pop(&mut self) -> Option<InFlight> {
        self.lines.pop_front()
    }

    /// Returns the command that the printer is busy with.
    pub(super) fn front(&self) -> Option<&InFlight> {
        self.lines.front()
    }

    pub(super) fn iter(&self) -> std::collections::vec_deque::Iter<'_, InFlight> {
        self.lines.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(super) fn has(&self, n: u32) -> bool {
        self.lines.iter().any(|line| line.n == Some(n))
    }

    pub(super) fn queries(&self) -> usize {
        self.lines.iter().filter(|line| line.query).count()
    }

    /// Queries that bring nothing are not waited for.
    pub(super) fn drop_queries(&mut self) {
        self.lines.retain(|line| !line.query);
    }

    /// The printer refused line `n`: it and what was behind it are lost. What is before it has left the receive buffer;
    /// its `ok`s are still to come. Returns how many lines were behind it.
    pub(super) fn cut_at(&mut self, n: u32) -> usize {
        let first = self.lines.iter().position(|line| line.n.is_some_and(|line| line >= n));
        let behind = first.map_or(0, |at| self.lines.len() - at - 1);
        self.lines.truncate(first.unwrap_or(self.lines.len()));
        self.lines.iter_mut().for_each(|line| line.bytes = 0);
        behind
    }

    /// Returns the longest command that may go out, bytes. `one_by_one`: the cable is bad.
    pub(super) fn free_bytes(&self, one_by_one: bool) -> usize {
        if self.lines.is_empty() {
            return usize::MAX;
        }
        let slots = if one_by_one { 1 } else { self.slots };
        if self.lines.len() >= slots {
            return 0;
        }
        let waiting: usize = self.lines.iter().map(|line| line.bytes).sum();
        self.ring_bytes.saturating_sub(waiting + FRAME_BYTES)
    }

    /// Returns whether a command is out that no other may wait behind: what is in the printer's buffer cannot be taken
    /// back when a person cancels while it heats, homes, or waits.
    pub(super) fn is_blocked(&self) -> bool {
        self.lines.iter().any(|line| match line.class {
            Class::Heat | Class::Home | Class::Person | Class::Dwell(_) | Class::Unknown => true,
            Class::Quick | Class::Move | Class::Drain => false,
        })
    }
}
