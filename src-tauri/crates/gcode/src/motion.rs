//! Follows a file's commands: where the nozzle is, in which modes, and what has been asked of heaters and fan.

use crate::arc::{Arc, Clock};
use crate::words::{Word, words};

/// The state that a file's commands have built up so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Motion {
    /// Logical X, mm.
    pub x: f64,
    /// Logical Y, mm.
    pub y: f64,
    /// Logical Z, mm.
    pub z: f64,
    /// Logical E of the active tool, mm.
    pub e: f64,
    /// Feed rate, mm/min; 0 until one is given.
    pub feed: f64,
    /// G90 (`true`) or G91.
    pub absolute: bool,
    /// M82 (`true`) or M83.
    pub e_absolute: bool,
    /// Active tool; `None` until a T command.
    pub tool: Option<u8>,
    /// Speed of the part fan, 0 to 255; `None` until one is given.
    pub fan: Option<u8>,
    /// Filament pushed so far less retractions, mm.
    pub pushed_mm: f64,
    /// The most that `pushed_mm` has been: the filament used.
    pub filament_mm: f64,
    /// The last command laid material down while moving.
    pub extruding: bool,
    /// Length of the last move, mm; of filament when only that moved.
    pub moved_mm: f64,
    /// Units are inches (G20).
    inches: bool,
    /// How far the last move went in X, Y, Z and E, mm; zeros when nothing moved.
    pub(crate) steps: [f64; 4],
    /// The arc that the last move was.
    pub(crate) arc: Option<Arc>,
}

impl Default for Motion {
    fn default() -> Self {
        Self {
            x: 0.0,
            y: 0.0,
            z: 0.0,
            e: 0.0,
            feed: 0.0,
            absolute: true,
            e_absolute: true,
            tool: None,
            fan: None,
            pushed_mm: 0.0,
            filament_mm: 0.0,
            extruding: false,
            moved_mm: 0.0,
            inches: false,
            steps: [0.0; 4],
            arc: None,
        }
    }
}

impl Motion {
    /// Takes in one command.
    pub fn follow(&mut self, text: &str) {
        self.extruding = false;
        self.moved_mm = 0.0;
        self.steps = [0.0; 4];
        self.arc = None;
        let mut all = words(text);
        let Some(Word { letter, value: Some(code) }) = all.next() else { return };
        match (letter, code as i64) {
            ('G', 0 | 1) => self.travel(all, None),
            ('G', 2) => self.travel(all, Some(Clock::With)),
            ('G', 3) => self.travel(all, Some(Clock::Against)),
            ('G', 20) => self.inches = true,
            ('G', 21) => self.inches = false,
            ('G', 28) => self.home(all),
            ('G', 90) => (self.absolute, self.e_absolute) = (true, true),
            ('G', 91) => (self.absolute, self.e_absolute) = (false, false),
            ('G', 92) => self.redefine(all),
            ('M', 82) => self.e_absolute = true,
            ('M', 83) => self.e_absolute = false,
            ('M', 106) => self.fan = Some(fan_speed(all)),
            ('M', 107) => self.fan = Some(0),
            ('T', tool @ 0..=15) => self.tool = Some(tool as u8),
            _ => (),
        }
    }

    fn travel(&mut self, all: impl Iterator<Item = Word>, round: Option<Clock>) {
        let unit = if self.inches { 25.4 } else { 1.0 };
        let before = [self.x, self.y, self.z, self.e];
        let (mut offset, mut radius) = ([0.0; 2], None);
        for Word { letter, value } in all {
            let Some(value) = value else { continue };
            let to = |from: f64, absolute: bool| if absolute { value * unit } else { from + value * unit };
            match letter {
                'X' => self.x = to(self.x, self.absolute),
                'Y' => self.y = to(self.y, self.absolute),
                'Z' => self.z = to(self.z, self.absolute),
                'E' => self.e = to(self.e, self.e_absolute),
                'F' => self.feed = value * unit,
                'I' => offset[0] = value * unit,
                'J' => offset[1] = value * unit,
                'R' => radius = Some(value * unit),
                _ => (),
            }
        }
        let after = [self.x, self.y, self.z, self.e];
        self.steps = [0, 1, 2, 3].map(|axis| after[axis] - before[axis]);
        let [dx, dy, dz, pushed] = self.steps;
        let ([x, y, ..], to) = (before, [self.x, self.y]);
        self.arc = round.and_then(|clock| match radius {
            Some(radius) => Arc::of_radius([x, y], to, radius, clock),
            None => Arc::around([x, y], to, offset, clock),
        });
        let flat = self.arc.map_or_else(|| (dx * dx + dy * dy).sqrt(), |arc| arc.length());
        self.pushed_mm += pushed;
        self.filament_mm = self.filament_mm.max(self.pushed_mm);
        self.extruding = pushed > 0.0 && flat > 0.0;
        let path = if dz == 0.0 { flat } else { (flat * flat + dz * dz).sqrt() };
        self.moved_mm = if path > 0.0 { path } else { pushed.abs() };
    }

    fn home(&mut self, all: impl Iterator<Item = Word>) {
        let named: Vec<char> = all.map(|w| w.letter).filter(|l| matches!(l, 'X' | 'Y' | 'Z')).collect();
        let homes = |axis| named.is_empty() || named.contains(&axis);
        for (axis, place) in [('X', &mut self.x), ('Y', &mut self.y), ('Z', &mut self.z)] {
            if homes(axis) {
                *place = 0.0;
            }
        }
    }

    fn redefine(&mut self, all: impl Iterator<Item = Word>) {
        for Word { letter, value } in all {
            let value = value.unwrap_or(0.0);
            match letter {
                'X' => self.x = value,
                'Y' => self.y = value,
                'Z' => self.z = value,
                'E' => self.e = value,
                _ => (),
            }
        }
    }
}

fn fan_speed(all: impl Iterator<Item = Word>) -> u8 {
    let mut speed = 255.0;
    for Word { letter, value } in all {
        if let ('S', Some(value)) = (letter, value) {
            speed = value;
        }
    }
    // `as` saturates: 300 is full speed.
    speed as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str) -> Motion {
        let mut motion = Motion::default();
        text.split('|').for_each(|line| motion.follow(line));
        motion
    }

    #[test]
    fn modes_decide_what_a_number_means() {
        // Commands, then the X and E they lead to.
        let table = [
            ("G1 X5|G1 X5", 5.0, 0.0),
            ("G91|G1 X5|G1 X5", 10.0, 0.0),
            ("G1 X1 E2|M83|G1 X2 E2", 2.0, 4.0),
            ("G91|G90|G1 X3 E1|G1 X4 E1", 4.0, 1.0),
            ("G1 X9 E9|G92 E0|G1 X1 E1", 1.0, 1.0),
            ("G20|G1 X1|G21|G1 E1", 25.4, 1.0),
            ("G1 X9|G28 Y", 9.0, 0.0),
            ("G1 X9|G28", 0.0, 0.0),
        ];
        for (text, x, e) in table {
            let motion = after(text);
            assert_eq!((motion.x, motion.e), (x, e), "{text}");
        }
    }

    #[test]
    fn arcs_are_as_long_as_they_are() {
        let motion = after("G1 X0 Y0 F600|G2 X10 Y0 I5 J0 E1");
        assert!((motion.moved_mm - 15.708).abs() < 1e-3, "{}", motion.moved_mm);
        assert!(motion.extruding);
        assert!(after("G3 I5 J0 E1").extruding, "a whole circle ends where it began");
    }

    #[test]
    fn retractions_are_not_filament_used() {
        let motion = after("G1 X10 E10|G1 E4|G1 E10|G92 E0|G1 X0 E5");
        assert_eq!(motion.filament_mm, 15.0);
        assert!(motion.extruding);
        assert!(!after("G1 X10 E10|G1 E4").extruding);
        assert!(!after("G1 E10").extruding, "priming on the spot is no extruding move");
    }

    #[test]
    fn fan_and_tool_are_remembered() {
        let motion = after("M106 S127.5|T1|G1 F1800");
        assert_eq!((motion.fan, motion.tool, motion.feed), (Some(127), Some(1), 1800.0));
        assert_eq!(after("M106|M107").fan, Some(0));
        assert_eq!(after("G1 X1").fan, None, "nobody asked for a fan");
    }
}
