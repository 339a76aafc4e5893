//! What time alone brings about: orders that are overdue, a bed held warm, heaters nobody watches.

use crate::outlet::{Entry, Outlet, refusal};
use crate::watch::{AlarmKind, PrintWatch, Want};
use domain::{
    Answer, EventClass, EventType, Heater, Millis, NoticeKind, Now, Order, PrinterState, Temperatures,
    Timestamp,
};

/// The printer's thread takes up an order within this, seconds.
const TAKEN_UP_SECS: f64 = 15.0;
/// The longest a pause may take by any command in flight; the printer's thread mostly knows better, milliseconds.
const LONGEST_PAUSE_MS: Millis = 600_000;
/// A start that is heard nothing of is given up after this, seconds.
const START_SECS: f64 = 60.0;
/// Longest that idle heaters may be kept warm at once, minutes.
const LONGEST_WARM_MINS: u32 = 240;
/// Heaters still on this long after they were ordered off are ordered off again, milliseconds.
const AGAIN_MS: Millis = 30_000;

/// Countdowns to a cold machine, on the printer's clock.
#[derive(Debug)]
pub(crate) struct Heat {
    /// Heaters that are on while nothing prints go off after so many minutes.
    idle_mins: u32,
    /// When the bed goes off while paused.
    bed: Option<Countdown>,
    /// When idle heaters go off.
    idle: Option<Countdown>,
}

/// A countdown and whether it has been carried out once.
#[derive(Debug, Clone, Copy)]
struct Countdown {
    since_ms: Millis,
    due_ms: Millis,
    due_at: Timestamp,
    told: bool,
}

impl Countdown {
    fn begin(now: Now, length_ms: Millis) -> Self {
        let due_at = now.utc.plus_secs(length_ms as f64 / 1000.0);
        let since_ms = now.mono_ms;
        Self { since_ms, due_ms: since_ms.saturating_add(length_ms), due_at, told: false }
    }

    /// Puts it off by some minutes, counted from its end, or from now when it is over.
    fn put_off(self, now: Now, mins: u32) -> Self {
        let left_ms = if self.told { 0 } else { self.due_ms.saturating_sub(now.mono_ms) };
        let longest = Millis::from(LONGEST_WARM_MINS) * 60_000;
        Self { since_ms: self.since_ms, ..Self::begin(now, (left_ms + minutes(mins)).min(longest)) }
    }

    fn mins(&self) -> u64 {
        self.due_ms.saturating_sub(self.since_ms) / 60_000
    }
}

impl Heat {
    pub(crate) fn new(idle_mins: u32) -> Self {
        Self { idle_mins, bed: None, idle: None }
    }

    pub(crate) fn found_hot(&mut self, now: Now) {
        let length_ms = minutes(self.idle_mins);
        self.idle.get_or_insert_with(|| Countdown::begin(now, length_ms));
    }

    /// The limit changed: a countdown under way begins anew.
    pub(crate) fn set_idle_mins(&mut self, mins: u32, now: Now) {
        self.idle_mins = mins;
        self.idle = self.idle.filter(|idle| !idle.told).map(|_| Countdown::begin(now, minutes(mins)));
    }

    pub(crate) fn idle_mins(&self) -> u32 {
        self.idle_mins
    }

    pub(crate) fn end_hold(&mut self) {
        self.bed = None;
    }

    pub(crate) fn forget(&mut self) {
        *self = Self::new(self.idle_mins);
    }

    pub(crate) fn bed_off_at(&self) -> Option<Timestamp> {
        self.bed.filter(|bed| !bed.told).map(|bed| bed.due_at)
    }

    pub(crate) fn heaters_off_at(&self) -> Option<Timestamp> {
        self.idle.filter(|idle| !idle.told).map(|idle| idle.due_at)
    }
}

impl PrintWatch {
    /// Begins to hold the bed of a paused print, unless it is cold.
    pub(crate) fn begin_hold(&mut self, now: Now) {
        self.heat.bed = Some(Countdown::begin(now, Millis::from(self.settings.bed_hold_mins) * 60_000));
        self.note_heat(now);
    }

    /// Compares the countdowns with what the printer reports of its heaters.
    pub(crate) fn note_heat(&mut self, now: Now) {
        let Some(report) = &self.report else { return };
        let temperatures = &report.temperatures;
        if !temperatures.is_empty() {
            if self.heat.bed.is_some_and(|_| !is_on(temperatures, &Heater::Bed.key())) {
                self.heat.bed = None;
            } else if self.heat.bed.is_none() && self.is_held() && is_on(temperatures, &Heater::Bed.key()) {
                // Somebody heated it again: a new hour.
                self.heat.bed =
                    Some(Countdown::begin(now, Millis::from(self.settings.bed_hold_mins) * 60_000));
            }
        }
        let printing = self.running.is_some() || self.starting.is_some();
        let on = temperatures.keys().any(|name| is_on(temperatures, name));
        let known_off = !temperatures.is_empty() && !on;
        if printing || known_off {
            self.heat.idle = None;
        } else if on && report.state == PrinterState::Operational {
            self.heat.found_hot(now);
        }
    }

    /// Returns whether the print stands still with its pause confirmed.
    fn is_held(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.pause_confirmed)
            && self.reported_state() == PrinterState::Paused
    }

    /// Somebody set a heater: the countdown begins anew.
    pub(crate) fn heat_was_set(&mut self, heater: Heater, now: Now) {
        if heater == Heater::Bed {
            self.heat.bed = self
                .heat
                .bed
                .map(|_| Countdown::begin(now, Millis::from(self.settings.bed_hold_mins) * 60_000));
        }
        let fresh = Countdown::begin(now, minutes(self.heat.idle_mins));
        // What a person allowed to stay warm longer stays so.
        self.heat.idle = self.heat.idle.map(|old| if old.due_ms > fresh.due_ms { old } else { fresh });
    }

    /// A person wants idle heaters to stay on for longer.
    pub(crate) fn ask_keep_warm(&mut self, mins: u32, now: Now) -> Answer {
        if !(1..=LONGEST_WARM_MINS).contains(&mins) {
            let message =
                format!("heaters can be kept warm for 1 to {LONGEST_WARM_MINS} minutes, not {mins}");
            return Err(refusal("out_of_range", message, "Choose a time within the range."));
        }
        let Some(idle) = self.heat.idle else {
            let hint = "There is nothing to do.";
            return Err(refusal("not_hot", "no heater is about to be switched off", hint));
        };
        self.heat.idle = Some(idle.put_off(now, mins));
        Ok(None)
    }

    /// The limit for holding the bed changed: the countdown under way follows.
    pub(crate) fn hold_limit_changed(&mut self, before_mins: u32) {
        let change = (i64::from(self.settings.bed_hold_mins) - i64::from(before_mins)) * 60_000;
        if let Some(bed) = self.heat.bed.as_mut().filter(|bed| !bed.told) {
            bed.due_ms = bed.due_ms.saturating_add_signed(change);
            bed.due_at = bed.due_at.plus_secs(change as f64 / 1000.0);
        }
    }

    /// Switches off what has been hot for too long. Switching off may be repeated; it moves nothing.
    pub(crate) fn check_heat(&mut self, out: &mut Outlet<'_>) {
        if !self.link_up() {
            return;
        }
        let now_ms = out.now.mono_ms;
        if let Some(bed) = self.heat.bed.as_mut().filter(|bed| bed.due_ms <= now_ms) {
            let first = !std::mem::replace(&mut bed.told, true);
            bed.due_ms = now_ms + AGAIN_MS;
            out.order(self, Order::BedOff);
            if first {
                let mins = self.settings.bed_hold_mins;
                let text =
                    format!("It was held warm for {mins} minutes. The part may come loose as the bed cools.");
                let entry =
                    Entry::new(EventType::Paused, EventClass::Warning, "Bed switched off while paused");
                out.log(self, entry.text(text.clone()));
                out.notify(self, NoticeKind::BedOff, "bed switched off", text);
            }
        }
        let idle = self.running.is_none() && self.starting.is_none();
        if let Some(countdown) =
            self.heat.idle.as_mut().filter(|idle_heat| idle && idle_heat.due_ms <= now_ms)
        {
            let (first, mins) = (!std::mem::replace(&mut countdown.told, true), countdown.mins());
            countdown.due_ms = now_ms + AGAIN_MS;
            out.order(self, Order::CoolDown);
            if first {
                let text = format!("They were hot for {mins} minutes and nothing was printed.");
                let entry =
                    Entry::new(EventType::PrinterError, EventClass::Warning, "Idle heaters switched off");
                out.log(self, entry.text(text.clone()));
                out.notify(self, NoticeKind::BedOff, "heaters switched off", text);
            }
            // Nothing more to do when the printer does not say what its heaters do.
            if self.report.as_ref().is_none_or(|report| report.temperatures.is_empty()) {
                self.heat.idle = None;
            }
        }
    }

    /// An order that nothing came of is said, never forgotten.
    pub(crate) fn check_orders(&mut self, out: &mut Outlet<'_>) {
        let patience = self.patience_ms(TAKEN_UP_SECS);
        let start_patience = self.patience_ms(START_SECS);
        if self.starting.as_ref().is_some_and(|s| out.now.mono_ms.saturating_sub(s.since) >= start_patience) {
            self.starting = None;
            let text = "The print did not start. Check the link to the printer, then start it again.";
            self.raise(AlarmKind::Refused, text);
        }
        let Some(asked) = self.asked else { return };
        let waited = out.now.mono_ms.saturating_sub(asked.since);
        let reported = self.reported_state();
        let taken_up = match asked.want {
            Want::Pause => matches!(reported, PrinterState::Pausing | PrinterState::Paused),
            Want::Resume => reported != PrinterState::Paused,
            Want::Cancel => !matches!(
                reported,
                PrinterState::Heating
                    | PrinterState::Printing
                    | PrinterState::Paused
                    | PrinterState::Resuming
            ),
        };
        match asked.want {
            Want::Pause if taken_up && waited >= LONGEST_PAUSE_MS => {
                self.pause_unconfirmed("the printer has not answered for ten minutes", out);
            }
            Want::Pause if !taken_up && waited >= patience => {
                self.pause_unconfirmed("the printer has not taken up the order", out);
            }
            Want::Resume if !taken_up && waited >= patience => {
                self.asked = None;
                let text = "The printer has not taken up the order to resume. Check the link, then press Resume again.";
                self.raise(AlarmKind::Refused, text);
            }
            Want::Cancel if !taken_up && waited >= patience => {
                self.asked = None;
                let text = "The printer has not taken up the order to cancel. Cancel again, or press STOP.";
                self.raise(AlarmKind::Refused, text);
            }
            Want::Pause | Want::Resume | Want::Cancel => (),
        }
    }
}

fn minutes(mins: u32) -> Millis {
    Millis::from(mins) * 60_000
}

/// Returns whether a heater has a target.
pub(crate) fn is_on(temperatures: &Temperatures, name: &str) -> bool {
    temperatures.get(name).and_then(|t| t.target).is_some_and(|target| target > 0.0)
}
