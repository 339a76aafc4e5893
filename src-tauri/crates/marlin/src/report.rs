//! All that is known of a printer, as one report.

use crate::link::Link;
use domain::{JobPhase, LinkState, Now, PrinterReport, PrinterState};

impl Link {
    /// Returns everything known; port and rate are left to the port's owner.
    pub fn report(&self, now: Now) -> PrinterReport {
        PrinterReport {
            state: self.state(),
            link: self.link.clone(),
            port: None,
            baud: None,
            firmware: self.firmware.clone(),
            temperatures: self.known.clone(),
            sd_ready: self.sd_ready,
            sd: self.card_report(),
            job: self.job.as_ref().map(|job| job.report(now)),
            position_mm: self.position.map(|[x, y, z, _]| [x, y, z]),
            resends: self.wire.resends,
            lost_answers: self.wire.lost_answers,
            lines_sent: self.wire.lines_sent,
            machine: self.profile(),
            usb: None,
            at_work: self.at_work.clone(),
            tools: self.tools_report(),
        }
    }

    fn state(&self) -> PrinterState {
        match &self.link {
            LinkState::Closed => return PrinterState::Offline,
            LinkState::Opening => return PrinterState::Connecting,
            // What never answered is not lost.
            LinkState::Lost { .. } if !self.was_up => return PrinterState::Offline,
            LinkState::Lost { .. } => return PrinterState::LinkLost,
            LinkState::Halted { .. } => return PrinterState::Halted,
            LinkState::Up => (),
        }
        match self.job.as_ref().map(|job| job.phase) {
            None => PrinterState::Operational,
            Some(JobPhase::Heating) => PrinterState::Heating,
            Some(JobPhase::Printing) => PrinterState::Printing,
            Some(JobPhase::Pausing) => PrinterState::Pausing,
            Some(JobPhase::Paused) => PrinterState::Paused,
            Some(JobPhase::Resuming) => PrinterState::Resuming,
            Some(JobPhase::Cancelling) => PrinterState::Cancelling,
            Some(JobPhase::Finishing) => PrinterState::Finishing,
        }
    }
}
