//! The printer's whole state, as it is told.

use super::AgentLink;
use crate::facts::Facts;
use domain::{LinkState, Now, PrinterReport, PrinterState, Tools};

impl AgentLink {
    /// The state is told again, though it has not changed.
    pub fn repeat_report(&mut self) {
        self.reported = None;
    }

    /// Returns the state, when it has changed since it was asked last.
    pub fn poll_report(&mut self, now: Now) -> Option<Box<PrinterReport>> {
        let report = Box::new(self.report(now));
        if self.reported.as_ref() == Some(&report) {
            return None;
        }
        self.reported = Some(report.clone());
        Some(report)
    }

    fn report(&self, now: Now) -> PrinterReport {
        let facts = facts!(self, now);
        let link = self.presence.link_state(&facts);
        let state = match (&link, &self.status) {
            (LinkState::Up, Some(status)) => self.orders.state(status.state),
            (LinkState::Opening, Some(status)) if facts.print.is_some() => self.orders.state(status.state),
            (LinkState::Opening, _) => PrinterState::Connecting,
            (LinkState::Lost { .. }, _) if self.up || self.lost => PrinterState::LinkLost,
            _ => PrinterState::Offline,
        };
        let job = self.status.as_ref().and_then(|status| {
            let (print, name) = self.prints.open()?;
            let mut job = status.job(print?, name, state);
            job.steps = self.orders.steps(&facts);
            Some(job)
        });
        PrinterReport {
            state,
            link,
            port: None,
            baud: None,
            firmware: None,
            temperatures: facts.temperatures(),
            temperatures_at: self.temperatures_at,
            sd_ready: false,
            sd: None,
            job,
            position_mm: None,
            resends: 0,
            lost_answers: 0,
            lines_sent: 0,
            machine: None,
            usb: None,
            at_work: None,
            tools: Tools::default(),
            agent: (!self.agent.name.is_empty()).then(|| self.agent.clone()),
        }
    }
}
