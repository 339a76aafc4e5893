//! All that is known of a printer, as one report.

use super::Link;
use crate::facts::Facts;
use crate::heaters::{SetTarget, set_target};
use crate::patience::{Class, class};
use domain::{JobPhase, JobReport, LinkState, Now, PrinterReport, PrinterState, Tools};

impl Link {
    /// Returns everything known; port and rate are left to the port's owner.
    pub fn report(&self, now: Now) -> PrinterReport {
        let [resends, lost_answers, lines_sent] = self.wire.counts();
        PrinterReport {
            state: self.state(),
            link: self.startup.state().clone(),
            port: None,
            baud: None,
            firmware: self.machine.firmware().cloned(),
            temperatures: self.machine.temperatures().clone(),
            temperatures_at: self.machine.temperatures_at(),
            sd_ready: self.card.is_ready(),
            sd: self.card.report(&facts!(self)),
            job: self.feed.job().map(|job| {
                let mut report = JobReport { steps: self.control.ticks().to_vec(), ..job.report(now) };
                self.say_what_it_waits_for(&mut report, now);
                report
            }),
            position_mm: self.machine.position().map(|[x, y, z, _]| [x, y, z]),
            resends,
            lost_answers,
            lines_sent,
            machine: self.profile.report(&self.machine),
            usb: None,
            at_work: self.startup.at_work().cloned(),
            tools: self.tools(),
            agent: None,
        }
    }

    fn tools(&self) -> Tools {
        let (objects, objects_unfit) = self.feed.job().map(|job| job.objects().report()).unwrap_or_default();
        Tools { objects, objects_unfit, ..self.manual.report(&facts!(self), self.outbox.waiting()) }
    }

    /// Returns what the printer is doing.
    pub fn state(&self) -> PrinterState {
        match self.startup.state() {
            LinkState::Closed => return PrinterState::Offline,
            LinkState::Opening => return PrinterState::Connecting,
            // What never answered is not lost.
            LinkState::Lost { .. } if !self.startup.was_up() => return PrinterState::Offline,
            LinkState::Lost { .. } => return PrinterState::LinkLost,
            LinkState::Halted { .. } => return PrinterState::Halted,
            LinkState::Up => (),
        }
        match self.feed.job().map(|job| job.phase()) {
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

    /// Says on the screen's steps what a pause or a cancel waits for: a command that the printer does not interrupt.
    fn say_what_it_waits_for(&self, report: &mut JobReport, now: Now) {
        let waits = matches!(report.phase, JobPhase::Pausing | JobPhase::Cancelling);
        let Some(step) = report.steps.iter_mut().find(|step| !step.done).filter(|_| waits) else { return };
        let Some((text, _)) = self.wire.in_flight(now) else { return };
        step.detail = match class(text) {
            Class::Heat => self.heat_words(text),
            Class::Home => format!("the printer homes or levels first and cannot be interrupted ({text})"),
            Class::Dwell(_) => {
                format!("the printer waits as the file says and cannot be interrupted ({text})")
            }
            Class::Person => "the printer waits for you at its display".into(),
            Class::Unknown => format!("the printer works on {text} first and cannot be interrupted"),
            Class::Quick | Class::Move | Class::Drain => return,
        };
    }

    fn heat_words(&self, text: &str) -> String {
        let Some(SetTarget::To { heater, target_c, .. }) = set_target(text, self.manual.active_tool()) else {
            return format!("the printer heats first and cannot be interrupted ({text})");
        };
        let known = self.machine.temperatures().get(&heater.key());
        let at = known.map(|t| format!("{:.0} of ", t.actual)).unwrap_or_default();
        let left = self.heating.secs_left(heater, target_c);
        let left = left.map(|secs| format!(", about {secs:.0} s more")).unwrap_or_default();
        format!(
            "the printer heats first and did not let that be ended: {} at {at}{target_c:.0} °C{left}",
            heater.name().to_lowercase()
        )
    }
}
