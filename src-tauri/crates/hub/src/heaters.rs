//! Heaters: a bed held warm while paused, heaters that nobody watches, and those that are not as they should be.

use crate::checks::is_on;
use crate::countdown::Countdown;
use crate::facts::Facts;
use crate::message::{Message, PauseBy};
use crate::out::{Entry, Out};
use crate::refusal::refusal;
use crate::words::lower_first;
use domain::limits::{self, Limit};
use domain::{
    ActionOnFailure, AlarmKind, EventClass, EventType, Heater, HeaterFault, Initiator, NoticeKind, Now,
    Order, PrinterState, Refusal, Temperatures, Timestamp, sentences,
};

/// What is known of the heaters of one printer beyond its reports, with the countdowns to a cold machine.
#[derive(Debug)]
pub(crate) struct Heaters {
    /// Heaters that are on while nothing prints go off after so many minutes.
    idle_mins: u32,
    /// When the bed goes off while paused.
    bed: Option<Countdown>,
    /// When idle heaters go off.
    idle: Option<Countdown>,
    /// The link has come up; whether the board is hot is said with the next report.
    hot_unsaid: bool,
    /// Heaters that were switched off and not read back as off.
    unconfirmed: Vec<Heater>,
}

impl Heaters {
    pub(crate) fn new(idle_mins: u32) -> Self {
        Self { idle_mins, bed: None, idle: None, hot_unsaid: false, unconfirmed: Vec::new() }
    }

    /// Keeps what is known to be left on, when all else is set up anew.
    pub(crate) fn rebuilt(broken: Self, idle_mins: u32) -> Self {
        Self { unconfirmed: broken.unconfirmed, ..Self::new(idle_mins) }
    }

    /// The limit changed: a countdown under way begins anew.
    pub(crate) fn set_idle_mins(&mut self, mins: u32, now: Now) {
        self.idle_mins = mins;
        self.idle = self.idle.filter(|idle| !idle.is_over()).map(|_| Countdown::begin(now, mins));
    }

    pub(crate) fn idle_mins(&self) -> u32 {
        self.idle_mins
    }

    pub(crate) fn bed_off_at(&self) -> Option<Timestamp> {
        self.bed.and_then(|bed| bed.due_at())
    }

    pub(crate) fn heaters_off_at(&self) -> Option<Timestamp> {
        self.idle.and_then(|idle| idle.due_at())
    }

    /// Says what is left on after a print, for people.
    pub(crate) fn off_words(&self) -> String {
        match self.unconfirmed.as_slice() {
            [] => "Heaters and fan are off.".to_owned(),
            unconfirmed => unconfirmed_words(unconfirmed),
        }
    }

    /// The link has come up.
    pub(crate) fn on_up(&mut self, hot: bool, facts: &Facts<'_>, out: &mut Out) {
        self.hot_unsaid = true;
        if hot && facts.print.is_none() {
            self.found_hot(facts.now);
        }
        self.say_hot(facts, out);
    }

    pub(crate) fn on_status(&mut self, facts: &Facts<'_>, out: &mut Out) {
        self.compare(facts, out);
        self.say_hot(facts, out);
    }

    /// A print begins.
    pub(crate) fn print_begins(&mut self) {
        self.unconfirmed.clear();
    }

    /// The print stands still no more: it goes on, or has ended.
    pub(crate) fn end_hold(&mut self) {
        self.bed = None;
    }

    /// Countdowns hold no more: somebody saw to the heaters, or nobody can.
    pub(crate) fn forget(&mut self) {
        (self.bed, self.idle) = (None, None);
    }

    /// Begins to hold the bed of a paused print, unless it is cold.
    pub(crate) fn begin_hold(&mut self, facts: &Facts<'_>, out: &mut Out) {
        self.bed = Some(Countdown::begin(facts.now, facts.settings.bed_hold_mins));
        self.compare(facts, out);
    }

    fn found_hot(&mut self, now: Now) {
        let idle_mins = self.idle_mins;
        self.idle.get_or_insert_with(|| Countdown::begin(now, idle_mins));
    }

    /// Compares the countdowns with what the printer reports of its heaters.
    pub(crate) fn compare(&mut self, facts: &Facts<'_>, out: &mut Out) {
        let Some(report) = facts.report() else { return };
        let temperatures = &report.temperatures;
        if !temperatures.is_empty() {
            let bed_on = is_on(temperatures, &Heater::Bed.key());
            if !bed_on {
                self.bed = None;
            } else if self.bed.is_none() && is_held(facts) {
                // Somebody heated it again: a new hour.
                self.bed = Some(Countdown::begin(facts.now, facts.settings.bed_hold_mins));
            }
        }
        let on = temperatures.keys().any(|name| is_on(temperatures, name));
        let known_off = !temperatures.is_empty() && !on;
        if !facts.is_free() || known_off {
            self.idle = None;
        } else if on && report.state == PrinterState::Operational {
            self.found_hot(facts.now);
        }
        if known_off && facts.link_up() {
            out.clear(&[AlarmKind::Hot]);
        }
    }

    /// Somebody set a heater: the countdown begins anew.
    pub(crate) fn was_set(&mut self, heater: Heater, facts: &Facts<'_>) {
        if heater == Heater::Bed {
            self.bed = self.bed.map(|_| Countdown::begin(facts.now, facts.settings.bed_hold_mins));
        }
        let fresh = Countdown::begin(facts.now, self.idle_mins);
        // What a person allowed to stay warm longer stays so.
        self.idle = self.idle.map(|old| old.later(fresh));
    }

    /// A person wants idle heaters to stay on for longer.
    pub(crate) fn keep_warm(&mut self, mins: u32, now: Now) -> Result<(), Refusal> {
        let Limit { min, max, .. } = limits::KEEP_WARM;
        if !limits::KEEP_WARM.has(f64::from(mins)) {
            let message = format!("heaters can be kept warm for {min} to {max} minutes, not {mins}");
            return Err(refusal("out_of_range", message, "Choose a time within the range."));
        }
        let Some(idle) = self.idle else {
            let hint = "There is nothing to do.";
            return Err(refusal("not_hot", "no heater is about to be switched off", hint));
        };
        self.idle = Some(idle.put_off(now, mins));
        Ok(())
    }

    /// The limit for holding the bed changed: the countdown under way follows.
    pub(crate) fn hold_limit_changed(&mut self, before_mins: u32, facts: &Facts<'_>) {
        let change = i64::from(facts.settings.bed_hold_mins) - i64::from(before_mins);
        self.bed.iter_mut().for_each(|bed| bed.lengthen(change));
    }

    /// Switches off what has been hot for too long.
    pub(crate) fn on_tick(&mut self, facts: &Facts<'_>, out: &mut Out) {
        if !facts.link_up() {
            return;
        }
        if let Some(due) = self.bed.as_mut().and_then(|bed| bed.check(facts.now)) {
            out.order(Order::BedOff);
            if due.first {
                let mins = facts.settings.bed_hold_mins;
                let text =
                    format!("It was held warm for {mins} minutes. The part may come loose as the bed cools.");
                let entry =
                    Entry::new(EventType::Paused, EventClass::Warning, "Bed switched off while paused");
                out.log(entry.text(text.clone()));
                out.notify(NoticeKind::BedOff, "bed switched off", text);
            }
        }
        let idle = self.idle.as_mut().filter(|_| facts.is_free());
        if let Some(due) = idle.and_then(|idle| idle.check(facts.now)) {
            out.order(Order::CoolDown);
            if due.first {
                let text = format!("They were hot for {} minutes and nothing was printed.", due.mins);
                let entry =
                    Entry::new(EventType::PrinterError, EventClass::Warning, "Idle heaters switched off");
                out.log(entry.text(text.clone()));
                out.notify(NoticeKind::BedOff, "heaters switched off", text);
            }
            // Nothing more to do when the printer does not say what its heaters do.
            if facts.temperatures().is_none_or(Temperatures::is_empty) {
                self.idle = None;
            }
        }
    }

    /// A heater is not as it was set: an alarm, and a pause where the person wants failing prints paused.
    pub(crate) fn on_fault(&mut self, fault: &HeaterFault, facts: &Facts<'_>, out: &mut Out) {
        let printing = facts.print.is_some();
        let pauses = printing && facts.moves() && facts.settings.action_on_failure == ActionOnFailure::Pause;
        let then = match (pauses, printing) {
            (true, _) => "The print is being paused",
            (false, true) => "The print goes on",
            (false, false) => "",
        };
        if pauses {
            out.ask(Message::Pause(PauseBy::HeaterFault));
        }
        let words = sentences(&[&fault.words(), then, "Look at the printer now"]);
        let title = "A heater is not as it was set";
        let entry = Entry::new(EventType::PrinterError, EventClass::Error, title);
        out.log(entry.text(words.clone()).by(Initiator::Printer));
        out.notify(NoticeKind::HeaterFault, "a heater is not as it was set", words.clone());
        out.raise(AlarmKind::HeaterFault, words);
    }

    /// All heaters were switched off and asked about.
    pub(crate) fn on_heaters_off(&mut self, unconfirmed: &[Heater], out: &mut Out) {
        self.unconfirmed = unconfirmed.to_vec();
        if unconfirmed.is_empty() {
            return out.clear(&[AlarmKind::HeatersOn]);
        }
        let words = format!(
            "{} Look at the printer, and switch it off if the temperatures do not fall.",
            unconfirmed_words(unconfirmed)
        );
        let entry = Entry::new(EventType::PrinterError, EventClass::Error, "Heaters not confirmed off");
        out.log(entry.text(words.clone()).by(Initiator::Printer));
        out.notify(NoticeKind::HeaterFault, "heaters not confirmed off", words.clone());
        out.raise(AlarmKind::HeatersOn, words);
    }

    /// Says what a board is found at that nobody prints on, once a connection.
    fn say_hot(&mut self, facts: &Facts<'_>, out: &mut Out) {
        let Some(report) = facts.reported.when_up() else { return };
        if report.temperatures.is_empty() || !std::mem::take(&mut self.hot_unsaid) {
            return;
        }
        let on: Vec<String> = on_words(&report.temperatures);
        if on.is_empty() || !facts.is_free() || report.state != PrinterState::Operational {
            return;
        }
        let words = format!(
            "The heaters are on though nothing is printed: {}. They go off after {} minutes unless you want them warm.",
            on.join(", "),
            self.idle_mins
        );
        let entry = Entry::new(EventType::PrinterError, EventClass::Warning, "Found with its heaters on");
        out.log(entry.text(words.clone()).by(Initiator::Printer));
        out.notify(NoticeKind::HeaterFault, "the heaters are on", words.clone());
        out.raise(AlarmKind::Hot, words);
    }
}

/// Returns whether the print stands still with its pause confirmed.
fn is_held(facts: &Facts<'_>) -> bool {
    facts.print.is_some() && facts.pause_confirmed && facts.reported_state() == PrinterState::Paused
}

/// "Not confirmed to be off: nozzle 1, the bed."
fn unconfirmed_words(heaters: &[Heater]) -> String {
    let names: Vec<String> = heaters.iter().map(|heater| lower_first(&heater.name())).collect();
    format!("Not confirmed to be off: {}.", names.join(", "))
}

fn on_words(temperatures: &Temperatures) -> Vec<String> {
    let on = temperatures.iter().filter(|(name, _)| is_on(temperatures, name));
    on.map(|(key, t)| {
        let name = Heater::from_key(key).map_or_else(|| key.clone(), |heater| lower_first(&heater.name()));
        format!("{name} is at {:.0} °C and set to {:.0} °C", t.actual, t.target.unwrap_or_default())
    })
    .collect()
}
