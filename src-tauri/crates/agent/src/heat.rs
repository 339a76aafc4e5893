//! Heaters of a paused print beside Klipper, whose agent leaves out what a pause is to switch off: done by lines of G-code
//! once the pause is confirmed, and undone before the print goes on.

use domain::{Heater, Millis, Now, PauseRecipe, PauseStep, Temperatures};
use std::collections::BTreeMap;

/// So near to its target a heater is hot enough, degrees Celsius.
const NEAR_C: f64 = 3.0;
/// Longest wait for heat before a resume is given up, milliseconds.
const LONGEST_MS: Millis = 900_000;

/// What was switched off, and the way back.
#[derive(Debug, Default)]
pub(crate) struct PausedHeat {
    /// Targets before the pause, by heater.
    off: BTreeMap<Heater, f64>,
    /// Since when it is heated up again.
    heating_since: Option<Millis>,
}

/// How far a resume is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ready {
    /// It may go on.
    Now,
    Heating,
    /// It did not get hot.
    GivenUp,
}

impl PausedHeat {
    /// Returns the lines that switch off what the recipe wants off.
    pub(crate) fn switch_off(&mut self, recipe: PauseRecipe, temperatures: &Temperatures) -> Option<String> {
        self.heating_since = None;
        let wanted = |heater: Heater| match heater {
            Heater::Hotend(_) => recipe.hotend_off,
            Heater::Bed => recipe.bed_off,
            Heater::Chamber => false,
        };
        let on = temperatures.iter().filter_map(|(key, told)| {
            let heater = Heater::from_key(key).filter(|heater| wanted(*heater))?;
            Some((heater, told.target.filter(|target| *target > 0.0)?))
        });
        self.off = on.collect();
        self.lines(|_| 0.0)
    }

    /// The print goes on: returns the lines that heat it up again.
    pub(crate) fn heat_up(&mut self, now: Now) -> Option<String> {
        let lines = self.lines(|target| target)?;
        self.heating_since = Some(now.mono_ms);
        Some(lines)
    }

    pub(crate) fn is_heating(&self) -> bool {
        self.heating_since.is_some()
    }

    /// Returns whether the print may go on by now.
    pub(crate) fn ready(&self, temperatures: &Temperatures, now: Now) -> Ready {
        let Some(since) = self.heating_since else { return Ready::Now };
        let hot = |(heater, target): (&Heater, &f64)| {
            temperatures.get(&heater.key()).is_some_and(|told| told.actual >= target - NEAR_C)
        };
        if self.off.iter().all(hot) {
            Ready::Now
        } else if now.mono_ms.saturating_sub(since) >= LONGEST_MS {
            Ready::GivenUp
        } else {
            Ready::Heating
        }
    }

    /// It does not matter any more.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Returns what is shown of it; a step is done when the printer reports it.
    pub(crate) fn steps(&self, temperatures: &Temperatures) -> Vec<PauseStep> {
        let step = |(heater, before): (&Heater, &f64)| {
            let target = temperatures.get(&heater.key()).and_then(|told| told.target).unwrap_or_default();
            let (label, done) = match self.heating_since {
                Some(_) => (format!("{} heats up", heater.name()), false),
                None => (format!("{} off", heater.name()), target <= 0.0),
            };
            PauseStep { label, detail: format!("{before:.0} °C before"), done }
        };
        self.off.iter().map(step).collect()
    }

    fn lines(&self, target: impl Fn(f64) -> f64) -> Option<String> {
        let line = |(heater, before): (&Heater, &f64)| {
            let target = target(*before);
            match heater {
                Heater::Hotend(tool) => format!("M104 T{tool} S{target:.0}"),
                Heater::Bed => format!("M140 S{target:.0}"),
                Heater::Chamber => format!("M141 S{target:.0}"),
            }
        };
        let lines: Vec<String> = self.off.iter().map(line).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}
