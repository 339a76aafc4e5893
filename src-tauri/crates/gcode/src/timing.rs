//! The seconds of a file's commands: moves by the planner, waits, changes of filament, homing.

use crate::limits::Limits;
use crate::planner::{Kind, Planner};
use parser::{Arc, Command, Move};

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

/// Longest chord of an arc, mm: Marlin's `MM_PER_ARC_SEGMENT` as shipped.
const CHORD_MM: f64 = 1.0;

/// Most chords of one arc: beyond, they only get longer, and no file can make us count for ever.
const MOST_CHORDS: f64 = 100.0;

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

    /// Takes in a move at this feed rate, mm/min. Only filament that is pushed or pulled counts when nothing else moves.
    pub(crate) fn moved(&mut self, moved: &Move, feed: f64, slot: u32) {
        let asked = if feed > 0.0 { feed / 60.0 } else { FEED_UNKNOWN };
        let feed = asked * self.pace.unwrap_or(1.0);
        let de = moved.pushed_mm;
        if let Some(arc) = &moved.arc {
            return self.round(arc, moved, feed, slot);
        }
        let [dx, dy, dz] = moved.steps();
        let kind = match (dx == 0.0 && dy == 0.0 && dz == 0.0, de == 0.0) {
            (true, _) => Kind::Retract,
            (false, true) => Kind::Travel,
            (false, false) => Kind::Print,
        };
        let path = (dx * dx + dy * dy + dz * dz).sqrt();
        let length = if path > 0.0 { path } else { de.abs() };
        self.planner.add([dx, dy, dz, de], length, feed, kind, &self.limits, slot);
    }

    /// Returns the seconds by slot, and those of homing and probing, which are not among them.
    pub(crate) fn finish(mut self) -> (Vec<f64>, f64) {
        (self.planner.finish(), self.homing_secs)
    }

    fn round(&mut self, arc: &Arc, moved: &Move, feed: f64, slot: u32) {
        let (dz, de) = (moved.to[2] - moved.from[2], moved.pushed_mm);
        let count = (arc.length() / CHORD_MM).ceil().clamp(1.0, MOST_CHORDS);
        let share = 1.0 / count;
        let kind = if de == 0.0 { Kind::Travel } else { Kind::Print };
        let mut last = [moved.from[0], moved.from[1]];
        for next in arc.chords(count as u32) {
            let steps = [next[0] - last[0], next[1] - last[1], dz * share, de * share];
            last = next;
            let length = (steps[0] * steps[0] + steps[1] * steps[1] + steps[2] * steps[2]).sqrt();
            self.planner.add(steps, length, feed, kind, &self.limits, slot);
        }
    }

    /// Takes in a command that moves nothing.
    pub(crate) fn other(&mut self, command: &Command<'_>, slot: u32) {
        if self.limits.follow(command) {
            return;
        }
        let value = |letter| command.value(letter).filter(|v| *v >= 0.0);
        match command.code() {
            ('G', 4) | ('M', 400) => {
                let secs = value('S').unwrap_or(0.0) + value('P').unwrap_or(0.0) / 1000.0;
                self.dwell(secs, slot);
            }
            ('G', 10 | 11) if !command.has('P') && !command.has('L') => {
                let (length, feed) = self.retract.unwrap_or((3.0, 45.0));
                let step = if command.code() == ('G', 10) { -length } else { length };
                self.planner.add([0.0, 0.0, 0.0, step], length, feed, Kind::Retract, &self.limits, slot);
            }
            ('G', 28) => {
                self.planner.stop(0.0, slot);
                let homes = |axis| !command.has_axis() || command.has(axis);
                let secs = [('X', HOME_XY_SECS), ('Y', HOME_XY_SECS), ('Z', HOME_Z_SECS)];
                self.homing_secs += secs.iter().filter(|(a, _)| homes(*a)).map(|(_, secs)| secs).sum::<f64>();
            }
            ('G', 29) => {
                self.planner.stop(0.0, slot);
                self.homing_secs += PROBE_SECS;
            }
            ('M', 109 | 190 | 191 | 116) => self.planner.stop(0.0, slot),
            ('M', 207) => {
                let (length, feed) = self.retract.unwrap_or((3.0, 45.0));
                let feed = value('F').map_or(feed, |f| f / 60.0);
                self.retract = Some((value('S').unwrap_or(length), feed));
            }
            ('M', 220) => self.pace = value('S').filter(|s| *s > 0.0).map(|s| s / 100.0).or(self.pace),
            ('M', 702) if self.tool.take().is_some() => self.planner.stop(self.limits.change_secs.0, slot),
            ('T', _) => self.change(command.tool(), slot),
            _ => (),
        }
    }

    /// Waits.
    pub(crate) fn dwell(&mut self, secs: f64, slot: u32) {
        self.planner.stop(secs.min(MOST_WAIT_SECS), slot);
    }

    /// A tool is taken: what was loaded is pulled out, the new filament pushed in.
    fn change(&mut self, tool: Option<u8>, slot: u32) {
        if tool.is_none() || self.tool == tool {
            return;
        }
        let (out, into) = self.limits.change_secs;
        let secs = if self.tool.is_some() { out + into } else { into };
        self.tool = tool;
        if secs > 0.0 {
            self.planner.stop(secs, slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parser::MotionState;

    fn secs(file: &str, limits: Limits) -> (f64, f64) {
        let (mut timing, mut state) = (Timing::new(limits), MotionState::default());
        for text in file.split('|') {
            let command = Command::of(text).unwrap();
            match state.follow(&command) {
                Some(moved) => timing.moved(&moved, state.feed, 0),
                None => timing.other(&command, 0),
            }
        }
        let (secs, homing) = timing.finish();
        (secs.iter().sum(), homing)
    }

    #[test]
    fn waits_count() {
        assert_eq!(secs("G4 S2|G4 P500|M400", Limits::default()).0, 2.5);
        assert_eq!(secs("G4S2|G04P500|G 4 S1", Limits::default()).0, 3.5);
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
