//! Heaters with thermal lag.

const ROOM_C: f64 = 20.0;

/// How a heater behaves.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeaterKind {
    /// °C a second at full power.
    pub(super) rise_c: f64,
    /// Share of the way down to room temperature that is lost each second when off.
    pub(super) loss: f64,
    /// The firmware clamps targets to this.
    pub(super) max_c: f64,
}

/// The hotend of a small printer.
pub(super) const HOTEND: HeaterKind = HeaterKind { rise_c: 2.6, loss: 0.009, max_c: 260.0 };
/// Its bed.
pub(super) const BED: HeaterKind = HeaterKind { rise_c: 0.7, loss: 0.0018, max_c: 110.0 };

/// One heater and its sensor.
#[derive(Debug, Clone)]
pub(super) struct Heater {
    kind: HeaterKind,
    actual_c: f64,
    target_c: f64,
    power: u8,
}

impl Heater {
    pub(super) fn new(kind: HeaterKind) -> Self {
        Self { kind, actual_c: ROOM_C, target_c: 0.0, power: 0 }
    }

    /// Takes a target as the firmware does: clamped without a word.
    pub(super) fn set_target(&mut self, c: f64) {
        self.target_c = c.clamp(0.0, self.kind.max_c);
    }

    pub(super) fn actual_c(&self) -> f64 {
        self.actual_c
    }

    pub(super) fn target_c(&self) -> f64 {
        self.target_c
    }

    /// PWM from 0 to 127.
    pub(super) fn power(&self) -> u8 {
        self.power
    }

    /// Within 1 °C below its target, or above it.
    pub(super) fn is_hot_enough(&self) -> bool {
        self.actual_c >= self.target_c - 1.0
    }

    /// Within 1 °C above its target, or below it.
    pub(super) fn is_cool_enough(&self) -> bool {
        self.actual_c <= self.target_c.max(ROOM_C) + 1.0
    }

    /// Lets `secs` pass, short ones. `broken`: the cartridge is dead.
    pub(super) fn step(&mut self, secs: f64, broken: bool) {
        let lost = (self.actual_c - ROOM_C) * self.kind.loss * secs;
        let missing = self.target_c - self.actual_c;
        if self.target_c > 0.0 && missing > 0.0 && !broken {
            // Full power until a few degrees below, then a proportional end: no overshoot, a visible lag.
            let share = (missing / 4.0).clamp(0.02, 1.0);
            self.actual_c += (self.kind.rise_c * share * secs).min(missing);
            self.power = (share * 127.0) as u8;
        } else {
            self.actual_c = (self.actual_c - lost).max(ROOM_C.min(self.actual_c));
            if self.target_c > 0.0 && !broken && self.actual_c < self.target_c {
                self.actual_c = self.target_c;
            }
            self.power = if broken && self.target_c > 0.0 { 127 } else { 0 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds_to(heater: &mut Heater, c: f64, most: u32) -> Option<u32> {
        (1..=most).find(|_| {
            (0..100).for_each(|_| heater.step(0.01, false));
            (heater.actual_c() - c).abs() <= 1.0
        })
    }

    #[test]
    fn heaters_lag_as_real_ones_do() {
        // kind, from the room to, at least so many seconds, at most
        for (kind, c, least, most) in [(HOTEND, 200.0, 60, 90), (BED, 60.0, 50, 75)] {
            let mut heater = Heater::new(kind);
            heater.set_target(c);
            let secs = seconds_to(&mut heater, c, 600).expect("it gets there");
            assert!((least..=most).contains(&secs), "{c} °C took {secs} s");
            heater.set_target(0.0);
            let down = seconds_to(&mut heater, c / 2.0, 3600).expect("it cools");
            assert!(down > 30, "cooling is slow, took {down} s");
        }
    }

    #[test]
    fn a_broken_heater_stays_cold_at_full_power() {
        let mut heater = Heater::new(HOTEND);
        heater.set_target(200.0);
        (0..3000).for_each(|_| heater.step(0.01, true));
        assert!(heater.actual_c() < 21.0);
        assert_eq!(heater.power(), 127);
    }

    #[test]
    fn targets_are_clamped_without_a_word() {
        let mut heater = Heater::new(HOTEND);
        heater.set_target(999.0);
        assert_eq!(heater.target_c(), 260.0);
    }
}
