//! What goes out to the hub, without ever waiting for it.

use crate::heard::Heard;
use domain::{
    LONGEST_TRAFFIC, LinkChange, PrinterId, PrinterReport, PrinterState, Traffic, TrafficDirection,
};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;

/// Changes that may wait.
const BACKLOG: usize = 4096;
/// Reports are at least so far apart, real time.
const REPORT_EVERY: Duration = Duration::from_millis(200);
/// Lines on the wire are shown together, so far apart, real time.
const TRAFFIC_EVERY: Duration = Duration::from_millis(50);
/// What nobody took is offered again after this, real time.
const OFFER_AGAIN: Duration = Duration::from_millis(20);
/// More lines in that time than this are not shown.
const MOST_TRAFFIC: usize = 500;

/// Changes wait here, reports coalesce, traffic is dropped.
#[derive(Debug)]
pub(crate) struct Outbox {
    id: PrinterId,
    heard: Sender<(PrinterId, Heard)>,
    changes: VecDeque<LinkChange>,
    traffic: Vec<Traffic>,
    shown_at: Duration,
    reported: Option<PrinterReport>,
    reported_at: Duration,
    /// A change went out, or the printer does something else now: the report that belongs to it follows at once.
    report_due: bool,
    state: Option<PrinterState>,
    /// When there is something to hand over, as far as is known.
    due_at: Option<Duration>,
}

impl Outbox {
    pub(crate) fn new(id: PrinterId, heard: Sender<(PrinterId, Heard)>) -> Self {
        Self {
            id,
            heard,
            changes: VecDeque::new(),
            traffic: Vec::new(),
            shown_at: Duration::ZERO,
            reported: None,
            reported_at: Duration::ZERO,
            report_due: true,
            state: None,
            due_at: None,
        }
    }

    /// Takes a change. None is lost, but for small talk when thousands wait.
    pub(crate) fn change(&mut self, change: LinkChange) {
        if self.changes.len() >= BACKLOG {
            let small_talk = self.changes.iter().position(|c| matches!(c, LinkChange::Says(_)));
            match small_talk {
                Some(at) => drop(self.changes.remove(at)),
                None if matches!(change, LinkChange::Says(_)) => return,
                None => tracing::error!(id = %self.id, "nobody takes the printer's changes"),
            }
        }
        self.report_due = true;
        self.changes.push_back(change);
    }

    /// Takes what the printer is doing.
    pub(crate) fn state(&mut self, state: PrinterState) {
        self.report_due |= self.state.replace(state) != Some(state);
    }

    /// Shows a line on the wire, soon and with others, as long as somebody keeps up.
    pub(crate) fn traffic(&mut self, direction: TrafficDirection, text: &str) {
        if self.traffic.len() < MOST_TRAFFIC {
            self.traffic.push(Traffic { direction, text: printable(text) });
        }
    }

    fn flush_traffic(&mut self, real: Duration) {
        if self.traffic.is_empty() || real < self.shown_at + TRAFFIC_EVERY {
            return;
        }
        self.shown_at = real;
        let traffic = std::mem::take(&mut self.traffic);
        // Room is kept for what matters.
        if self.heard.capacity() * 4 > self.heard.max_capacity() {
            drop(self.heard.try_send((self.id, Heard::Traffic(traffic))));
        }
    }

    /// Hands over what the channel takes. `real` is the time since the thread began.
    pub(crate) fn flush(&mut self, real: Duration, report: impl FnOnce() -> PrinterReport) {
        self.flush_traffic(real);
        self.due_at = self.flush_state(real, report);
    }

    /// Hands over changes and the report. Returns when to come back.
    fn flush_state(&mut self, real: Duration, report: impl FnOnce() -> PrinterReport) -> Option<Duration> {
        while let Some(change) = self.changes.pop_front() {
            match self.heard.try_send((self.id, Heard::Change(change))) {
                Ok(()) => (),
                Err(TrySendError::Full((_, Heard::Change(change)))) => {
                    self.changes.push_front(change);
                    return Some(real + OFFER_AGAIN);
                }
                Err(TrySendError::Full(_) | TrySendError::Closed(_)) => return None,
            }
        }
        if !self.report_due && real < self.reported_at + REPORT_EVERY {
            return Some(self.reported_at + REPORT_EVERY);
        }
        let report = report();
        if self.reported.as_ref() == Some(&report) {
            self.report_due = false;
            return None;
        }
        // The clock of a print runs though nothing else happens.
        let runs = report.job.is_some();
        let sent = self.heard.try_send((self.id, Heard::Report(Box::new(report.clone()))));
        if sent.is_err() {
            return Some(real + OFFER_AGAIN);
        }
        (self.reported, self.reported_at, self.report_due) = (Some(report), real, false);
        runs.then_some(real + REPORT_EVERY)
    }

    /// Returns when `flush` is to be called again though nothing happens, real time.
    pub(crate) fn poll_timeout(&self) -> Option<Duration> {
        let traffic = (!self.traffic.is_empty()).then_some(self.shown_at + TRAFFIC_EVERY);
        self.due_at.into_iter().chain(traffic).min()
    }

    /// Returns whether something still waits and somebody still listens.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.changes.is_empty() && !self.heard.is_closed()
    }
}

/// Returns a line as it may be shown: printable ASCII, not too long.
fn printable(text: &str) -> String {
    text.trim()
        .chars()
        .take(LONGEST_TRAFFIC)
        .map(|c| if (' '..='~').contains(&c) { c } else { '?' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_listener_loses_traffic_but_no_change() {
        let (heard, mut listener) = tokio::sync::mpsc::channel(4);
        let mut out = Outbox::new(PrinterId(1), heard);
        for n in 0..10 {
            out.change(LinkChange::Says(n.to_string()));
            out.traffic(TrafficDirection::Sent, "M105");
        }
        let mut said = Vec::new();
        for _ in 0..20 {
            out.flush(Duration::ZERO, || marlin::Link::new(domain::Now::at(0)).report(domain::Now::at(0)));
            while let Ok((_, heard)) = listener.try_recv() {
                if let Heard::Change(LinkChange::Says(text)) = heard {
                    said.push(text);
                }
            }
        }
        assert_eq!(said.join(""), "0123456789");
    }

    #[test]
    fn hostile_lines_become_harmless() {
        assert_eq!(printable("a\u{1b}[31mb\0é"), "a?[31mb??");
        assert_eq!(printable(&"x".repeat(999)).len(), 256);
    }
}
