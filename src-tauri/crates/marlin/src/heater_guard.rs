//! Holds what the file, a person or a report set against what is reported: a target that falls, heat that is lost,
//! heat that never comes.
//!
//! Invariant: a target above 0 that is reported is believed, whoever set it. Only what is off or cold against all that
//! is known is a fault, and it takes two reports.

use crate::heaters::{OFF_C, SetTarget, set_target};
use crate::temperature::Reading;
use domain::{Heater, HeaterFault, HeaterFaultKind, Millis, Now, Temperature, Temperatures};
use std::collections::BTreeMap;

/// A report so soon after a change may be from before it.
const SETTLED_MS: Millis = 3_000;
/// Two reports that are to agree are so far apart.
const APART_MS: Millis = 400;
/// Nothing is fed while a fault is being made sure of, for so long at most.
const HOLD_MS: Millis = 4_000;
/// So far below its target, for so long, a heater that was hot loses its heat.
const LOST_MS: Millis = 10_000;

/// How a kind of heater behaves.
#[derive(Debug, Clone, Copy)]
struct Habit {
    /// So near its target it has reached it, degrees.
    near_c: f64,
    /// So far below its target it is too cold, degrees.
    lost_c: f64,
    /// It gets warmer by so much ...
    rise_c: f64,
    /// ... within this time, until it has reached its target.
    rise_ms: Millis,
}

fn habit(heater: Heater) -> Habit {
    match heater {
        Heater::Hotend(_) => Habit { near_c: 10.0, lost_c: 20.0, rise_c: 2.0, rise_ms: 90_000 },
        // Large beds take long for the last degrees.
        Heater::Bed => Habit { near_c: 6.0, lost_c: 12.0, rise_c: 1.0, rise_ms: 300_000 },
        // Some are warmed by the bed alone.
        Heater::Chamber => Habit { near_c: 10.0, lost_c: f64::INFINITY, rise_c: 0.0, rise_ms: Millis::MAX },
    }
}

/// What may be concluded from a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judging {
    /// Nothing: somebody or something else is at the heaters.
    No,
    /// Whether heat comes and stays. The targets are whatever is reported: the printer reads the print from its own card.
    Heat,
    /// Targets too: every line of the print is known.
    TargetsToo,
}

/// A heater that is to be hot.
#[derive(Debug, Clone, Copy)]
struct Held {
    target_c: f64,
    /// Since when: reports from before tell nothing.
    since: Now,
    /// This target was reported.
    seen: bool,
    reached: bool,
    /// The firmware acknowledged that it had waited for the heat.
    waited: bool,
    /// The highest temperature so far, and when it was first seen.
    best: Option<(f64, Now)>,
    /// First report of a target that has fallen.
    fallen: Option<Now>,
    /// First report of a temperature that is too low.
    low: Option<Now>,
    told: bool,
}

impl Held {
    fn new(target_c: f64, waited: bool, since: Now) -> Self {
        Self {
            target_c,
            since,
            seen: false,
            reached: false,
            waited,
            best: None,
            fallen: None,
            low: None,
            told: false,
        }
    }
}

/// What the print's heaters are to be.
#[derive(Debug, Default)]
pub(crate) struct HeaterGuard {
    held: BTreeMap<Heater, Held>,
    /// Something may have changed them: the next reports tell what they are now.
    follows: bool,
    suspect_until: Option<Now>,
}

impl HeaterGuard {
    /// A print begins, with what is on already.
    pub(crate) fn begin(&mut self, known: &Temperatures, now: Now) {
        *self = Self::default();
        for (key, temperature) in known {
            if let (Some(heater), Some(c)) =
                (Heater::from_key(key), temperature.target.filter(|c| *c > OFF_C))
            {
                self.held.insert(heater, Held::new(c, false, now));
            }
        }
    }

    /// The print ended.
    pub(crate) fn end(&mut self) {
        *self = Self::default();
    }

    /// A line of the file or of a person was acknowledged. `cut_short`: we ended its wait ourselves.
    pub(crate) fn acknowledged(&mut self, text: &str, tool: u8, cut_short: bool, now: Now) {
        match set_target(text, tool) {
            Some(SetTarget::To { heater, target_c, .. }) if target_c <= OFF_C => {
                self.held.remove(&heater);
            }
            Some(SetTarget::To { heater, target_c, waits }) => {
                let waited = waits && !cut_short;
                match self.held.get_mut(&heater).filter(|held| (held.target_c - target_c).abs() < OFF_C) {
                    Some(held) => (held.since, held.waited) = (now, held.waited || waited),
                    None => drop(self.held.insert(heater, Held::new(target_c, waited, now))),
                }
            }
            Some(SetTarget::Floats(heater)) => drop(self.held.remove(&heater)),
            Some(SetTarget::Unknown) if text == format!("T{tool}") => (),
            Some(SetTarget::Unknown) => self.follows = true,
            None => (),
        }
    }

    /// The print goes on with these targets, which were waited for.
    pub(crate) fn resumed(&mut self, targets: &Temperatures, now: Now) {
        self.begin(targets, now);
    }

    /// Returns the targets that the print wants, over what is reported.
    pub(crate) fn targets(&self, known: &Temperatures) -> Temperatures {
        let mut targets = known.clone();
        for (heater, held) in &self.held {
            let fresh = Temperature { actual: 0.0, target: None, offset: 0.0 };
            targets.entry(heater.key()).or_insert(fresh).target = Some(held.target_c);
        }
        targets
    }

    /// Returns until when a fault is being made sure of: nothing more is fed, and the heaters are asked for at once.
    pub(crate) fn suspect_until(&self, now: Now) -> Option<Millis> {
        self.suspect_until.map(|until| until.mono_ms).filter(|until| now.mono_ms < *until)
    }

    /// Takes a report.
    pub(crate) fn reported(
        &mut self,
        readings: &[Reading],
        tool: u8,
        judging: Judging,
        now: Now,
    ) -> Vec<HeaterFault> {
        if judging == Judging::No {
            for held in self.held.values_mut() {
                // Probing with heaters off and a person at the display leave any temperature behind.
                (held.best, held.fallen, held.low, held.since, held.reached) = (None, None, None, now, false);
            }
            self.suspect_until = None;
            return Vec::new();
        }
        let mut found = Vec::new();
        // Some boards heat the bed first, for want of power.
        let bed_first = self.held.get(&Heater::Bed).is_some_and(|bed| !bed.reached && !bed.told);
        let follows = std::mem::take(&mut self.follows) && readings.iter().any(|r| r.target_c.is_some());
        for reading in readings {
            // A lone T tells the active tool.
            let heater = match reading.heater {
                Heater::Hotend(_) if reading.unnumbered => Heater::Hotend(tool),
                heater @ (Heater::Hotend(_) | Heater::Bed | Heater::Chamber) => heater,
            };
            if follows || judging == Judging::Heat {
                self.follow(heater, reading.target_c, now);
            }
            match self.held.get_mut(&heater) {
                None => self.follow(heater, reading.target_c, now),
                Some(held) => {
                    if bed_first && matches!(heater, Heater::Hotend(_)) && !held.waited {
                        held.best = None;
                    }
                    let fault = judge(held, habit(heater), reading, now);
                    if let Some(fault) = fault.filter(|_| !std::mem::replace(&mut held.told, true)) {
                        found.push(HeaterFault {
                            heater: Some(heater),
                            kind: fault,
                            wanted_c: Some(held.target_c),
                            actual_c: reading.actual_c,
                            said: None,
                        });
                    }
                }
            }
        }
        let suspect = self.held.values().any(|held| held.fallen == Some(now));
        if suspect {
            self.suspect_until = Some(Now { mono_ms: now.mono_ms.saturating_add(HOLD_MS), ..now });
        } else if !self.held.values().any(|held| held.fallen.is_some()) || !found.is_empty() {
            self.suspect_until = None;
        }
        found
    }

    /// Believes what is reported.
    fn follow(&mut self, heater: Heater, target_c: Option<f64>, now: Now) {
        match target_c {
            Some(c) if c > OFF_C => {
                let same = self.held.get(&heater).is_some_and(|held| (held.target_c - c).abs() < OFF_C);
                if !same {
                    self.held.insert(heater, Held::new(c, false, now));
                }
            }
            Some(_) => drop(self.held.remove(&heater)),
            None => (),
        }
    }
}

fn judge(held: &mut Held, habit: Habit, reading: &Reading, now: Now) -> Option<HeaterFaultKind> {
    if now.since(held.since) < SETTLED_MS {
        return None;
    }
    match reading.target_c {
        Some(c) if c <= OFF_C => {
            let first = *held.fallen.get_or_insert(now);
            let kind = if held.seen { HeaterFaultKind::TargetLost } else { HeaterFaultKind::TargetMissing };
            return (now.since(first) >= APART_MS).then_some(kind);
        }
        // Changed at the printer, or by the firmware itself: it is on, and that is what it is to be.
        Some(c) if (c - held.target_c).abs() >= OFF_C => {
            *held =
                Held { reached: held.reached && c <= held.target_c, seen: true, ..Held::new(c, false, now) };
            return None;
        }
        Some(_) => (held.fallen, held.seen) = (None, true),
        None => held.fallen = None,
    }
    let actual_c = reading.actual_c?;
    if actual_c >= held.target_c - habit.near_c {
        // What it does from here on is told anew.
        (held.reached, held.low, held.told) = (true, None, false);
        return None;
    }
    let too_cold = actual_c < held.target_c - habit.lost_c;
    if held.reached {
        if !too_cold {
            held.low = None;
            return None;
        }
        let first = *held.low.get_or_insert(now);
        return (now.since(first) >= LOST_MS).then_some(HeaterFaultKind::Cooling);
    }
    let (best_c, at) = *held.best.get_or_insert((actual_c, now));
    if actual_c >= best_c + habit.rise_c {
        held.best = Some((actual_c, now));
    }
    if held.waited && too_cold {
        // It was said to be hot.
        let first = *held.low.get_or_insert(now);
        let rising = actual_c > best_c + 0.5;
        return (!rising && now.since(first) >= SETTLED_MS).then_some(HeaterFaultKind::NotHeating);
    }
    (now.since(at) >= habit.rise_ms && actual_c < best_c + habit.rise_c)
        .then_some(HeaterFaultKind::NotHeating)
}
