//! The machine's heat: what is asked of it and when, held against what was set, and switched off.

use crate::facts::Facts;
use crate::heat_pace::HeatPace;
use crate::heater_guard::{HeaterGuard, Judging};
use crate::heaters::Heaters;
use crate::out::Out;
use crate::patience::{Class, class};
use crate::tag::Tag;
use crate::temperature::Reading;
use domain::{Heater, LinkChange, Millis, Now, Temperatures};

/// Temperatures are asked for as often when the firmware does not report by itself.
const POLL_MS: Millis = 5_000;
const POLL_HOT_MS: Millis = 2_000;
/// A heater that seems to fail is asked about again after this.
const ASK_SURE_MS: Millis = 500;
/// Reports that stop coming are asked for.
const REPORTS_LATE_MS: Millis = 10_000;

/// All that concerns heat.
#[derive(Debug, Default)]
pub(crate) struct Heating {
    /// Which heaters there are, and what switches them off.
    heaters: Heaters,
    /// Holds what was set against what is reported.
    guard: HeaterGuard,
    /// How fast heaters get warm.
    pace: HeatPace,
    /// The wait for heat that is in flight was ended from here.
    wait_cut: bool,
    /// The firmware reports temperatures by itself.
    autoreport: bool,
    reported_at: Option<Now>,
    asked_at: Option<Now>,
}

impl Heating {
    /// The firmware starts anew.
    pub(crate) fn start_over(&mut self) {
        self.heaters = Heaters::default();
        self.guard = HeaterGuard::default();
        (self.wait_cut, self.autoreport) = (false, false);
    }

    /// The firmware is up.
    pub(crate) fn on_up(&mut self, autoreport: bool, out: &mut Out) {
        self.autoreport = autoreport;
        if autoreport {
            out.line("M155 S2", Tag::Side);
        }
    }

    /// The print's file was checked: what is on already is what it begins with.
    pub(crate) fn print_begins(&mut self, known: &Temperatures, now: Now) {
        self.guard.begin(known, now);
    }

    pub(crate) fn print_resumed(&mut self, targets: &Temperatures, now: Now) {
        self.guard.resumed(targets, now);
    }

    pub(crate) fn print_over(&mut self) {
        self.guard.end();
    }

    /// The firmware told how many tools it has.
    pub(crate) fn on_tool_count(&mut self, count: u8) {
        for tool in 0..count {
            self.heaters.name_tool(tool);
        }
    }

    /// A line goes out.
    pub(crate) fn on_sent(&mut self, text: &str, tag: &Tag, tool: u8) {
        self.heaters.sent(text, tool);
        // From here on only new reports count.
        if *tag == Tag::OffReadBack || (matches!(tag, Tag::Step(..)) && text == "M105") {
            self.heaters.mark();
        }
    }

    /// A line was acknowledged.
    pub(crate) fn on_acknowledged(&mut self, text: &str, tag: &Tag, facts: &Facts<'_>) {
        self.heaters.acknowledged(text, facts.tool);
        if matches!(tag, Tag::Program(_) | Tag::Side) && facts.print.is_some() {
            self.guard.acknowledged(text, facts.tool, self.wait_cut, facts.now);
        }
        if class(text) == Class::Heat {
            self.wait_cut = false;
        }
    }

    /// The wait for heat that is in flight was ended from here, or another wait was.
    pub(crate) fn wait_ended(&mut self, for_heat: bool) {
        self.wait_cut = for_heat;
    }

    /// Takes a report.
    pub(crate) fn on_reported(&mut self, readings: &[Reading], facts: &Facts<'_>, out: &mut Out) {
        self.reported_at = Some(facts.now);
        self.heaters.reported(readings);
        self.pace.reported(readings, facts.now);
        let faults = self.guard.reported(readings, facts.tool, judging(facts), facts.now);
        faults.into_iter().for_each(|fault| out.change(LinkChange::HeaterFault(fault)));
    }

    pub(crate) fn switch_off(&mut self, fan: bool, out: &mut Out) {
        self.heaters.switch_off(fan, out);
    }

    /// The question after a switch-off was answered.
    pub(crate) fn read_back_answered(&mut self, now: Now, out: &mut Out) {
        self.heaters.read_back_answered(now, out);
    }

    pub(crate) fn handle_timeout(&mut self, now: Now, out: &mut Out) {
        self.heaters.handle_timeout(now, out);
    }

    /// Returns the question for temperatures, when it is due.
    pub(crate) fn poll_transmit(&mut self, facts: &Facts<'_>) -> Option<(String, Tag)> {
        if facts.now.mono_ms < self.ask_at(facts) {
            return None;
        }
        self.asked_at = Some(facts.now);
        Some(("M105".into(), Tag::Heaters))
    }

    /// Returns when the question for temperatures is due.
    fn ask_at(&self, facts: &Facts<'_>) -> Millis {
        let after = |at: Option<Now>, ms: Millis| at.map_or(0, |at| at.mono_ms.saturating_add(ms));
        if self.is_suspect(facts.now) {
            return after(self.asked_at, ASK_SURE_MS);
        }
        let every = match (self.autoreport, facts.machine.heats()) {
            (true, _) => REPORTS_LATE_MS,
            (false, true) if facts.print.is_none() => POLL_HOT_MS,
            (false, _) => POLL_MS,
        };
        after(self.reported_at, every).max(after(self.asked_at, every))
    }

    /// Returns when a switch-off is asked about again.
    pub(crate) fn poll_timeout(&self) -> Option<Millis> {
        self.heaters.poll_timeout()
    }

    /// Returns when it has something to send, as long as lines may go out.
    pub(crate) fn poll_transmit_timeout(&self, facts: &Facts<'_>) -> Millis {
        let sure_at = self.guard.suspect_until(facts.now).unwrap_or(Millis::MAX);
        self.ask_at(facts).min(sure_at)
    }

    /// Returns whether a fault is being made sure of: nothing more is fed, and the heaters are asked for at once.
    pub(crate) fn is_suspect(&self, now: Now) -> bool {
        self.guard.suspect_until(now).is_some()
    }

    /// Returns what to write, without numbers, to switch everything off.
    pub(crate) fn all_off(&self) -> Vec<String> {
        self.all_off_lines().into_iter().map(|(line, _)| line).chain(["M107".to_owned()]).collect()
    }

    /// Returns the lines that switch everything off, with what they switch off.
    pub(crate) fn all_off_lines(&self) -> Vec<(String, Heater)> {
        self.heaters.all_off_lines()
    }

    /// Returns the lines that switch the hotends off.
    pub(crate) fn hotends_off_lines(&self) -> Vec<(String, Heater)> {
        self.heaters.off_lines(|heater| matches!(heater, Heater::Hotend(_)))
    }

    /// Returns which of these were not read back as off since it was asked.
    pub(crate) fn not_confirmed(&self, heaters: &[Heater]) -> Vec<Heater> {
        self.heaters.not_confirmed(heaters)
    }

    /// Returns whether a heater was read back as on since it was asked.
    pub(crate) fn stays_on(&self, heater: Heater) -> bool {
        self.heaters.stays_on(heater)
    }

    /// Returns the heaters that were set or reported on since the link came up.
    pub(crate) fn used(&self) -> Vec<Heater> {
        self.heaters.used()
    }

    /// Returns what a finished file has left on, as far as lines and reports tell.
    pub(crate) fn left_on(&self) -> Vec<Heater> {
        self.heaters.left_on()
    }

    /// Returns the targets that the print wants, over what is reported.
    pub(crate) fn wanted(&self, known: &Temperatures) -> Temperatures {
        self.guard.targets(known)
    }

    /// Returns the seconds until a heater is at its target, when that can be told.
    pub(crate) fn secs_left(&self, heater: Heater, target_c: f64) -> Option<f64> {
        self.pace.secs_left(heater, target_c)
    }
}

/// Nothing is judged unless the print runs and nothing is at work that may switch heaters off for a while: probing, homing,
/// a change of filament, a macro. What a print from the card does is not known; its targets are, as reported, and that it
/// goes on shows when the card is read on.
fn judging(facts: &Facts<'_>) -> Judging {
    let Some(print) = facts.print.filter(|print| print.feeds && print.started) else { return Judging::No };
    let own_work = facts.in_flight.is_some_and(|class| match class {
        Class::Home | Class::Person | Class::Unknown => true,
        Class::Quick | Class::Move | Class::Drain | Class::Dwell(_) | Class::Heat => false,
    });
    match (facts.is_up() && !own_work, print.on_card) {
        (true, false) => Judging::TargetsToo,
        (true, true) if facts.card_moves => Judging::Heat,
        (true, true) | (false, _) => Judging::No,
    }
}
