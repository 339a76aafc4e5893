//! What a machine can do at most: feed rates, accelerations, corners.

use parser::{Command, NAMED};
use serde::{Deserialize, Serialize};

/// How fast a corner may be taken.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Corner {
    /// The speed of X, Y, Z and E may jump by this much, mm/s (Marlin with `CLASSIC_JERK`, M205 X Y Z E).
    Jerk([f64; 4]),
    /// The path may be left by this much, mm (Marlin's junction deviation, M205 J).
    Deviation(f64),
    /// Speed of a right-angled corner, mm/s (Klipper's `square_corner_velocity`).
    Square(f64),
}

/// A machine's limits; lists are X, Y, Z, E.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// mm/s.
    pub feed_mm_s: [f64; 4],
    /// mm/s².
    pub accel_mm_s2: [f64; 4],
    /// mm/s² while laying material down.
    pub print_mm_s2: f64,
    /// mm/s² of filament alone.
    pub retract_mm_s2: f64,
    /// mm/s² without material.
    pub travel_mm_s2: f64,
    /// How corners are taken.
    pub corner: Corner,
    /// Seconds to pull a filament out and to push one in, on machines that change filaments by themselves.
    pub change_secs: (f64, f64),
}

impl Default for Limits {
    /// Returns what Marlin 2.1's `Configuration.h` ships with: a machine of which nothing else is known.
    fn default() -> Self {
        Self {
            feed_mm_s: [300.0, 300.0, 5.0, 25.0],
            accel_mm_s2: [3000.0, 3000.0, 100.0, 10_000.0],
            print_mm_s2: 3000.0,
            retract_mm_s2: 3000.0,
            travel_mm_s2: 3000.0,
            corner: Corner::Jerk([10.0, 10.0, 0.3, 5.0]),
            change_secs: (0.0, 0.0),
        }
    }
}

impl Limits {
    /// Reads the machine's limits among a slicer's settings; `None` when it wrote none, or did not use them.
    pub fn of_settings<'a>(setting: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        if setting("machine_limits_usage").is_some_and(|usage| usage == "ignore") {
            return None;
        }
        // Per mode (normal, silent); the printer is in its normal one.
        let number = |name: &str| first_number(setting(name)?).filter(|n| *n > 0.0);
        let axes = |what: &str, old: [f64; 4]| {
            let mut axes = ["x", "y", "z", "e"].iter().zip(old);
            let mut next =
                || axes.next().map_or(0.0, |(a, old)| number(&format!("{what}_{a}")).unwrap_or(old));
            [next(), next(), next(), next()]
        };
        number("machine_max_acceleration_x")?;
        let base = Self::default();
        let print = number("machine_max_acceleration_extruding").unwrap_or(base.print_mm_s2);
        // The older Marlins travel with what they print with.
        let legacy = setting("gcode_flavor") == Some("marlin");
        let travel = number("machine_max_acceleration_travel").filter(|_| !legacy).unwrap_or(print);
        let jerk = axes("machine_max_jerk", [10.0, 10.0, 0.3, 5.0]);
        let deviation = number("machine_max_junction_deviation");
        let feed = axes("machine_max_feedrate", axes("machine_max_speed", base.feed_mm_s));
        let changes = |name: &str| {
            // Of one filament there is nothing to change.
            setting(name).filter(|list| list.contains(',')).and_then(first_number).unwrap_or(0.0)
        };
        Some(Self {
            feed_mm_s: feed,
            accel_mm_s2: axes("machine_max_acceleration", base.accel_mm_s2),
            print_mm_s2: print,
            retract_mm_s2: number("machine_max_acceleration_retracting").unwrap_or(print),
            travel_mm_s2: travel,
            corner: deviation.map_or(Corner::Jerk(jerk), Corner::Deviation),
            change_secs: (changes("filament_unload_time"), changes("filament_load_time")),
        })
    }

    /// Takes in a command that sets limits. Returns whether it was one.
    pub fn follow(&mut self, command: &Command<'_>) -> bool {
        match command.code() {
            ('M', 201) => set_axes(&mut self.accel_mm_s2, command, 1.0),
            ('M', 203) => set_axes(&mut self.feed_mm_s, command, 1.0),
            ('M', 204) => self.accelerations(command),
            ('M', 205) => self.corners(command),
            // RepRapFirmware's jerk, mm/min.
            ('M', 566) => {
                if let Corner::Jerk(jerk) = &mut self.corner {
                    set_axes(jerk, command, 1.0 / 60.0);
                }
            }
            (NAMED, _) if command.name().eq_ignore_ascii_case("SET_VELOCITY_LIMIT") => self.klipper(command),
            _ => return false,
        }
        true
    }

    fn accelerations(&mut self, command: &Command<'_>) {
        let value = |letter| command.value(letter).filter(|v| *v > 0.0);
        if let Some(both) = value('S') {
            (self.print_mm_s2, self.travel_mm_s2) = (both, both);
        }
        self.print_mm_s2 = value('P').unwrap_or(self.print_mm_s2);
        self.retract_mm_s2 = value('R').unwrap_or(self.retract_mm_s2);
        self.travel_mm_s2 = value('T').unwrap_or(self.travel_mm_s2);
    }

    fn corners(&mut self, command: &Command<'_>) {
        if let Some(deviation) = command.value('J').filter(|d| *d > 0.0) {
            self.corner = Corner::Deviation(deviation);
        } else if let Corner::Jerk(jerk) = &mut self.corner {
            // A firmware with junction deviation does not listen to these.
            set_axes(jerk, command, 1.0);
        }
    }

    fn klipper(&mut self, command: &Command<'_>) {
        let value = |key| command.named(key)?.parse::<f64>().ok().filter(|v| *v > 0.0 && *v <= parser::MOST);
        if let Some(speed) = value("VELOCITY") {
            (self.feed_mm_s[0], self.feed_mm_s[1]) = (speed, speed);
        }
        if let Some(accel) = value("ACCEL") {
            (self.print_mm_s2, self.travel_mm_s2) = (accel, accel);
            (self.accel_mm_s2[0], self.accel_mm_s2[1]) = (accel, accel);
        }
        if let Some(corner) = value("SQUARE_CORNER_VELOCITY") {
            self.corner = Corner::Square(corner);
        }
    }
}

fn set_axes(limits: &mut [f64; 4], command: &Command<'_>, unit: f64) {
    for (limit, letter) in limits.iter_mut().zip(['X', 'Y', 'Z', 'E']) {
        // A limit of nothing would stop the clock for ever.
        if let Some(value) = command.value(letter).filter(|v| *v > 0.0) {
            *limit = value * unit;
        }
    }
}

/// Returns the first number of a list.
pub(crate) fn first_number(list: &str) -> Option<f64> {
    let first = list.split([',', ';']).next()?.trim().trim_end_matches('%');
    first.parse::<f64>().ok().filter(|n| n.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_change_limits() {
        let mut limits = Limits::default();
        let mut take = |text| limits.follow(&Command::of(text).unwrap());
        for text in ["M201 X500 Y0", "M203Z12", "M 204 S800", "M204 P700 R90", "M205 X8.00 E2"] {
            assert!(take(text), "{text}");
        }
        assert!(!take("M104 S200") && !take("G1 X1"));
        assert_eq!(limits.accel_mm_s2[..2], [500.0, 3000.0], "nothing is no limit");
        assert_eq!(limits.feed_mm_s[2], 12.0);
        assert_eq!((limits.print_mm_s2, limits.retract_mm_s2, limits.travel_mm_s2), (700.0, 90.0, 800.0));
        assert_eq!(limits.corner, Corner::Jerk([8.0, 10.0, 0.3, 2.0]));
        let mut take = |text| limits.follow(&Command::of(text).unwrap());
        assert!(take("M205 J0.02") && take("M205 X30"));
        assert_eq!(limits.corner, Corner::Deviation(0.02));
        let mut take = |text| limits.follow(&Command::of(text).unwrap());
        take("SET_VELOCITY_LIMIT ACCEL=4000 SQUARE_CORNER_VELOCITY=6 VELOCITY=nan");
        assert_eq!((limits.print_mm_s2, limits.corner), (4000.0, Corner::Square(6.0)));
    }

    #[test]
    fn a_slicers_settings_hold_the_machines_limits() {
        let settings = |name: &str| match name {
            "machine_max_acceleration_x" => Some("9000,1000"),
            "machine_max_acceleration_extruding" => Some("1500,1250"),
            "machine_max_acceleration_travel" => Some("2500,1250"),
            "machine_max_speed_x" => Some("200"),
            "machine_max_jerk_z" => Some("0.2,0.4"),
            "filament_load_time" => Some("15,15"),
            _ => None,
        };
        let limits = Limits::of_settings(settings).unwrap();
        assert_eq!((limits.accel_mm_s2[0], limits.accel_mm_s2[1]), (9000.0, 3000.0));
        assert_eq!((limits.print_mm_s2, limits.travel_mm_s2, limits.retract_mm_s2), (1500.0, 2500.0, 1500.0));
        assert_eq!((limits.feed_mm_s[0], limits.change_secs), (200.0, (0.0, 15.0)));
        assert_eq!(limits.corner, Corner::Jerk([10.0, 10.0, 0.2, 5.0]));
        let ignored =
            |name: &str| if name == "machine_limits_usage" { Some("ignore") } else { settings(name) };
        assert_eq!(Limits::of_settings(ignored), None);
        assert_eq!(Limits::of_settings(|_| None), None);
    }
}
