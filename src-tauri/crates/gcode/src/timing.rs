//! The seconds of a file's commands: moves by the planner, waits, changes of filament, homing.

use crate::limits::Limits;
use crate::motion::Motion;
use crate::planner::{Kind, Planner};
use crate::words::words;

/// Feed rate assumed until the file gives one, mm/s: Marlin starts with 1500 mm/min.
const FEED_UNKNOWN: f64 = 25.0;

/// Longest wait that is believed: a day.
const MOST_WAIT_SECS: f64 = 86_400.0;

/// Homing of X or Y, s: half a bed of 220 mm at 50 mm/s, back, and again slowly.
const HOME_XY_SECS: f64 = 4.0;

/// Homing of Z, s: some mm at 4 mm/s, twice.
const HOME_Z_SECS: f64 = 10.0;

/// Probing a bed (G29), s: 16 points of 3 s.
const PROBE_SECS: f64 = 48.0;

/// Takes in commands and counts seconds by slot: 0 is before the first layer.
#[derive(Debug, Default)]
pub(crate) struct Timing {
    pub(crate) limits: Limits,
    planner: Planner,
    /// M220, as a factor.
    pace: Option<f64>,
    tool: Option<u8>,
    /// M207: length, mm, and feed rate, mm/s, of the firmware's own retraction.
    retract: Option<(f64, f64)>,
    homing_secs: f64,
}

impl Timing {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Takes in one command, and where it led.
    pub(crate) fn follow(&mut self, text: &str, motion: &Motion, slot: u32) {
        if motion.moved_mm > 0.0 {
            self.travel(motion, slot);
        } else {
            self.other(text, slot);
        }
    }

    /// Returns the seconds by slot, and those of homing and probing, which are not among them.
    pub(crate) fn finish(mut self) -> (Vec<f64>, f64) {
        (self.planner.finish(), self.homing_secs)
    }

    fn travel(&mut self, motion: &Motion, slot: u32) {
        let asked = if motion.feed > 0.0 { motion.feed / 60.0 } else { FEED_UNKNOWN };
        let feed = asked * self.pace.unwrap_or(1.0);
        let [_, _, dz, de] = motion.steps;
        if let Some(arc) = motion.arc {
            let chords = arc.chords();
            let share = 1.0 / chords.len() as f64;
            let kind = if de == 0.0 { Kind::Travel } else { Kind::Print };
            for [x, y] in chords {
                let steps = [x, y, dz * share, de * share];
                let length = (x * x + y * y + steps[2] * steps[2]).sqrt();
                self.planner.add(steps, length, feed, kind, &self.limits, slot);
            }
            return;
        }
        let [dx, dy, ..] = motion.steps;
        let kind = match (dx == 0.0 && dy == 0.0 && dz == 0.0, de == 0.0) {
            (true, _) => Kind::Retract,
            (false, true) => Kind::Travel,
            (false, false) => Kind::Print,
        };
        self.planner.add(motion.steps, motion.moved_mm, feed, kind, &self.limits, slot);
    }

    fn other(&mut self, text: &str, slot: u32) {
        if self.limits.follow(text) {
            return;
        }
        let code = text.split([' ', '\t']).next().unwrap_or_default();
        let word = |letter| words(text).skip(1).find(|w| w.letter == letter);
        let value = |letter| word(letter).and_then(|w| w.value).filter(|v| *v >= 0.0);
        match code {
            "G4" | "G04" | "M400" => {
                let secs = value('S').unwrap_or(0.0) + value('P').unwrap_or(0.0) / 1000.0;
                self.planner.stop(secs.min(MOST_WAIT_SECS), slot);
            }
            "G10" | "G11" if word('P').is_none() && word('L').is_none() => {
                let (length, feed) = self.retract.unwrap_or((3.0, 45.0));
                let sign = if code == "G10" { -1.0 } else { 1.0 };
                self.planner.add(
                    [0.0, 0.0, 0.0, sign * length],
                    length,
                    feed,
                    Kind::Retract,
                    &self.limits,
                    slot,
                );
            }
            "G28" => {
                self.planner.stop(0.0, slot);
                let all = !['X', 'Y', 'Z'].into_iter().any(|axis| word(axis).is_some());
                let homes = |axis| all || word(axis).is_some();
                let secs = [('X', HOME_XY_SECS), ('Y', HOME_XY_SECS), ('Z', HOME_Z_SECS)];
                self.homing_secs += secs.iter().filter(|(a, _)| homes(*a)).map(|(_, secs)| secs).sum::<f64>();
            }
            "G29" => {
                self.planner.stop(0.0, slot);
                self.homing_secs += PROBE_SECS;
            }
            "M109" | "M190" | "M191" | "M116" => self.planner.stop(0.0, slot),
            "M207" => {
                let (length, feed) = self.retract.unwrap_or((3.0, 45.0));
                let feed = value('F').map_or(feed, |f| f / 60.0);
                self.retract = Some((value('S').unwrap_or(length), feed));
            }
            "M220" => self.pace = value('S').filter(|s| *s > 0.0).map(|s| s / 100.0).or(self.pace),
            "M702" if self.tool.take().is_some() => self.planner.stop(self.limits.change_secs.0, slot),
            _ => self.change(text, slot),
        }
    }

    /// A tool is taken: what was loaded is pulled out, the new filament pushed in.
    fn change(&mut self, text: &str, slot: u32) {
        let Some(tool) = text.strip_prefix('T').and_then(|n| n.trim().parse::<u8>().ok()) else { return };
        if self.tool == Some(tool) {
            return;
        }
        let (out, into) = self.limits.change_secs;
        let secs = if self.tool.replace(tool).is_some() { out + into } else { into };
        if secs > 0.0 {
            self.planner.stop(secs, slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(file: &str, limits: Limits) -> (f64, f64) {
        let (mut timing, mut motion) = (Timing::new(limits), Motion::default());
        for text in file.split('|') {
            motion.follow(text);
            timing.follow(text, &motion, 0);
        }
        let (secs, homing) = timing.finish();
        (secs.iter().sum(), homing)
    }

    #[test]
    fn waits_count() {
        assert_eq!(secs("G4 S2|G4 P500|M400", Limits::default()).0, 2.5);
        assert_eq!(secs("G4 S99999999999", Limits::default()).0, MOST_WAIT_SECS);
    }

    #[test]
    fn homing_is_counted_by_itself() {
        assert_eq!(secs("G28", Limits::default()), (0.0, 18.0));
        assert_eq!(secs("G28 X Y|G28 Z|G29", Limits::default()), (0.0, 66.0));
    }

    #[test]
    fn filaments_are_changed_in_the_time_the_machine_needs() {
        let limits = Limits { change_secs: (12.0, 15.0), ..Limits::default() };
        assert_eq!(secs("T0|T0|T2|M702", limits).0, 15.0 + 27.0 + 12.0);
        assert_eq!(secs("T0|T1", Limits::default()).0, 0.0);
    }

    #[test]
    fn pace_and_accelerations_of_the_file_count() {
        let at = |before: &str| secs(&format!("{before}|G1 X200 F6000"), Limits::default()).0;
        let plain = at("M105");
        assert!((2.0..2.1).contains(&plain), "{plain}");
        assert!(at("M220 S50") > plain * 1.9);
        assert!(at("M204 S50") > plain * 1.5);
    }

    #[test]
    fn an_arc_takes_about_as_long_as_its_length() {
        let arc = secs("G2 X100 Y0 I50 J0 F1200", Limits::default()).0;
        assert!((7.8..8.2).contains(&arc), "157 mm at 20 mm/s: {arc}");
        assert!(secs("G10|G11", Limits::default()).0 > 0.2);
    }
}
