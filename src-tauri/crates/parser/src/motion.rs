//! The state that a file's commands build up: where the nozzle is, in which modes, and what was asked of heaters and fan.

use crate::arc::{Arc, Turn};
use crate::parse::{Command, NAMED};
use std::f64::consts::PI;

/// mm in an inch.
const INCH_MM: f64 = 25.4;
/// Diameter of filament where M200 names none, mm: Marlin's own.
const FILAMENT_MM: f64 = 1.75;
/// Tools whose targets are kept.
const TOOLS: usize = 16;

/// What G90 does to the extruder's mode, which depends on the firmware.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FirmwareG90 {
    /// It ends M83: the extruder counts absolutely again, and G91 makes it relative (Marlin 2, Smoothieware).
    EndsM83,
    /// M83 outlasts it; within G91 the extruder is relative in any case (Marlin 1, Prusa, Klipper, RepRapFirmware).
    ///
    /// Also taken where the firmware is not known: slicers write one M83 at the beginning and mean it for the whole file.
    #[default]
    KeepsM83,
}

impl FirmwareG90 {
    /// Returns what a firmware does by the name and version that it states (M115); `None` when the name says nothing.
    pub fn of_firmware(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let has = |word: &str| name.contains(word);
        if ["prusa", "klipper", "reprapfirmware", "repetier", "buddy"].iter().any(|word| has(word)) {
            return Some(Self::KeepsM83);
        }
        if has("smoothie") {
            return Some(Self::EndsM83);
        }
        let version =
            name[name.find("marlin")? + "marlin".len()..].trim_start_matches([' ', '-', '_', 'v', '(']);
        match version.bytes().next() {
            Some(b'1' | b'0') => Some(Self::KeepsM83),
            Some(b'2'..=b'9' | b'b') => Some(Self::EndsM83),
            Some(_) | None => None,
        }
    }
}

/// The state that commands have built up so far. All lengths are mm, whatever units the file uses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MotionState {
    /// Logical X, Y, Z: what M114 reports.
    pub at: [f64; 3],
    /// What G92 has shifted: logical plus this is where the machine is.
    pub shift: [f64; 3],
    /// Whether each axis is where it says: an absolute move has led it there since it was homed, or since a command that
    /// moves as it likes (G28, G29, a change of tool or filament, a macro).
    pub known: [bool; 3],
    /// Logical E of the active tool; mm³ while `volumetric_mm2` is set.
    pub e: f64,
    /// Feed rate, mm/min; 0 until one is given.
    pub feed: f64,
    /// G90 (`true`) or G91.
    pub absolute: bool,
    /// Whether E is absolute now, G91 counted.
    pub e_absolute: bool,
    /// M82 (`true`) or M83, which is what has to be given again to come back here.
    pub e_mode_absolute: bool,
    /// G20 (`true`) or G21.
    pub inches: bool,
    /// Cross-section of the filament, mm², while E is a volume (M200).
    pub volumetric_mm2: Option<f64>,
    /// Active tool; `None` until a T command.
    pub tool: Option<u8>,
    /// Speed of the part fan, 0 to 255; `None` until one is given.
    pub fan: Option<u8>,
    /// Target of the bed, degrees Celsius; `None` until one is given.
    pub bed_c: Option<f64>,
    /// Target of the chamber.
    pub chamber_c: Option<f64>,
    /// The last target that a hotend was given, whichever it was: tools may share one nozzle.
    pub hotend_last_c: Option<f64>,
    /// Targets of the hotends by tool.
    hotends_c: [f32; TOOLS],
    /// A bit for each hotend that was given a target.
    hotends_set: u16,
    /// The firmware has pulled filament back by itself (G10) and not pushed it again (G11).
    pub firmware_retracted: bool,
    /// Filament pushed so far less retractions.
    pub pushed_mm: f64,
    /// The most that `pushed_mm` has been: the filament used.
    pub filament_mm: f64,
    /// Diameter that M200 named last.
    diameter_mm: f64,
    g90: FirmwareG90,
}

/// A move, G0 to G3 or G5.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Move {
    /// Where the machine was, mm.
    pub from: [f64; 3],
    /// Where it is, mm.
    pub to: [f64; 3],
    /// Which axes of `from` were known, as [`MotionState::known`] has it.
    pub from_known: [bool; 3],
    /// Filament pushed, mm; pulled back when below 0.
    pub pushed_mm: f64,
    /// The part of a circle that it is.
    pub arc: Option<Arc>,
}

impl Move {
    /// Returns how far each axis goes, mm.
    #[inline]
    pub fn steps(&self) -> [f64; 3] {
        [0, 1, 2].map(|axis| self.to[axis] - self.from[axis])
    }

    /// Returns the length in the XY plane, mm.
    pub fn flat_mm(&self) -> f64 {
        let [dx, dy, _] = self.steps();
        self.arc.map_or_else(|| (dx * dx + dy * dy).sqrt(), |arc| arc.length())
    }

    /// Returns its length, mm; that of the filament when only that moves.
    pub fn length_mm(&self) -> f64 {
        let (flat, dz) = (self.flat_mm(), self.to[2] - self.from[2]);
        let path = if dz == 0.0 { flat } else { (flat * flat + dz * dz).sqrt() };
        if path > 0.0 { path } else { self.pushed_mm.abs() }
    }

    /// Returns whether it lays material down between two places of the plane.
    #[inline]
    pub fn is_extruding(&self) -> bool {
        self.pushed_mm > 0.0
            && (self.arc.is_some() || self.from[0] != self.to[0] || self.from[1] != self.to[1])
    }
}

impl Default for MotionState {
    fn default() -> Self {
        Self::new(FirmwareG90::default())
    }
}

impl MotionState {
    /// Returns the state before the first command: absolute, mm, nothing known of place and heat.
    pub fn new(g90: FirmwareG90) -> Self {
        Self {
            at: [0.0; 3],
            shift: [0.0; 3],
            known: [false; 3],
            e: 0.0,
            feed: 0.0,
            absolute: true,
            e_absolute: true,
            e_mode_absolute: true,
            inches: false,
            volumetric_mm2: None,
            tool: None,
            fan: None,
            bed_c: None,
            chamber_c: None,
            hotend_last_c: None,
            hotends_c: [0.0; TOOLS],
            hotends_set: 0,
            firmware_retracted: false,
            pushed_mm: 0.0,
            filament_mm: 0.0,
            diameter_mm: FILAMENT_MM,
            g90,
        }
    }

    /// Returns where the machine is: logical without what G92 has shifted.
    #[inline]
    pub fn machine(&self) -> [f64; 3] {
        [0, 1, 2].map(|axis| self.at[axis] + self.shift[axis])
    }

    /// Returns what M114 reports when the commands are done, X, Y, Z and E, mm (mm³ of E while it is a volume); `None` for
    /// an axis whose place the commands do not say.
    pub fn reported(&self) -> [Option<f64>; 4] {
        let axis = |axis: usize| self.known[axis].then_some(self.at[axis]);
        [axis(0), axis(1), axis(2), Some(self.e)]
    }

    /// Returns the state before its last command, which was this move. Feed rate and filament used stay.
    pub fn before(&self, moved: &Move) -> Self {
        let mut before = *self;
        before.at = [0, 1, 2].map(|axis| moved.from[axis] - self.shift[axis]);
        before.known = moved.from_known;
        before.e -= moved.pushed_mm * self.volumetric_mm2.unwrap_or(1.0);
        before
    }

    /// Returns the target of a hotend, degrees Celsius; `None` until one is given.
    pub fn hotend_c(&self, tool: u8) -> Option<f64> {
        let target = self.hotends_c.get(usize::from(tool))?;
        (self.hotends_set & 1 << tool != 0).then_some(f64::from(*target))
    }

    /// Returns the commands that bring units and modes back to these, in the order in which they have to be sent.
    pub fn mode_commands(&self) -> [&'static str; 3] {
        [
            if self.inches { "G20" } else { "G21" },
            if self.absolute { "G90" } else { "G91" },
            if self.e_mode_absolute { "M82" } else { "M83" },
        ]
    }

    /// Takes in one command. Returns the move when it is one.
    #[inline]
    pub fn follow(&mut self, command: &Command<'_>) -> Option<Move> {
        match command.code() {
            ('G', 0 | 1 | 5) => return Some(self.travel(command, None)),
            ('G', 2) => return Some(self.travel(command, Some(Turn::Clockwise))),
            ('G', 3) => return Some(self.travel(command, Some(Turn::Counterclockwise))),
            ('G', 10) if command.has('P') || command.has('L') => (),
            ('G', 10) => self.firmware_retracted = true,
            ('G', 11) => self.firmware_retracted = false,
            ('G', 20) => self.inches = true,
            ('G', 21) => self.inches = false,
            ('G', 28) => self.home(command),
            ('G', 12 | 27 | 29 | 30 | 32..=35 | 61 | 76 | 80 | 425) | ('M', 48 | 125 | 600 | 701 | 702) => {
                self.known = [false; 3];
            }
            ('G', 90) => self.set_absolute(true),
            ('G', 91) => self.set_absolute(false),
            ('G', 92) => self.redefine(command),
            ('M', 82) => self.set_e_mode(true),
            ('M', 83) => self.set_e_mode(false),
            ('M', 104 | 109 | 140 | 141 | 190 | 191) => self.heat(command),
            // A second fan is none of the part's.
            ('M', 106) if command.value('P').unwrap_or(0.0) == 0.0 => {
                // `as` saturates: 300 is full speed.
                self.fan = Some(command.value('S').unwrap_or(255.0) as u8);
            }
            ('M', 107) if command.value('P').unwrap_or(0.0) == 0.0 => self.fan = Some(0),
            ('M', 200) => self.volume(command),
            ('T', _) => {
                self.tool = command.tool().or(self.tool);
                self.known = [false; 3];
            }
            (NAMED, _) => self.known = [false; 3],
            _ => (),
        }
        None
    }

    fn travel(&mut self, command: &Command<'_>, turn: Option<Turn>) -> Move {
        let unit = self.unit();
        let (from, from_known, e) = (self.machine(), self.known, self.e);
        if command.has_axis() {
            for (axis, letter) in [(0, 'X'), (1, 'Y'), (2, 'Z')] {
                if let Some(value) = command.value(letter) {
                    if self.absolute {
                        self.at[axis] = value * unit;
                        self.known[axis] = true;
                    } else {
                        self.at[axis] += value * unit;
                    }
                }
            }
        }
        let mut pushed_mm = 0.0;
        if let Some(value) = command.value('E') {
            let value = value * self.e_unit();
            self.e = if self.e_absolute { value } else { self.e + value };
            pushed_mm = self.volumetric_mm2.map_or(1.0, |area| 1.0 / area) * (self.e - e);
            self.pushed_mm += pushed_mm;
            self.filament_mm = self.filament_mm.max(self.pushed_mm);
        }
        // Marlin passes over a feed rate of nothing.
        if let Some(feed) = command.value('F').filter(|feed| *feed > 0.0) {
            self.feed = feed * unit;
        }
        let to = self.machine();
        let arc = turn.and_then(|turn| {
            let offset = |letter| command.value(letter).unwrap_or(0.0) * unit;
            let ([x, y, _], [to_x, to_y, _]) = (from, to);
            match command.value('R') {
                Some(radius) => Arc::of_radius([x, y], [to_x, to_y], radius * unit, turn),
                None => Arc::around([x, y], [to_x, to_y], [offset('I'), offset('J')], turn),
            }
        });
        Move { from, to, from_known, pushed_mm, arc }
    }

    fn unit(&self) -> f64 {
        if self.inches { INCH_MM } else { 1.0 }
    }

    /// A volume has the unit three times.
    fn e_unit(&self) -> f64 {
        let unit = self.unit();
        if self.volumetric_mm2.is_some() { unit * unit * unit } else { unit }
    }

    fn home(&mut self, command: &Command<'_>) {
        // Only what is not homed yet.
        if command.has('O') && self.known == [true; 3] {
            return;
        }
        let all = !command.has_axis();
        for (axis, letter) in [(0, 'X'), (1, 'Y'), (2, 'Z')] {
            if all || command.has(letter) {
                (self.at[axis], self.shift[axis]) = (0.0, 0.0);
                self.known[axis] = false;
            }
        }
        // Z is often homed in the middle of the bed.
        if all || command.has('Z') {
            self.known = [false; 3];
        }
    }

    fn redefine(&mut self, command: &Command<'_>) {
        let unit = self.unit();
        for (axis, letter) in [(0, 'X'), (1, 'Y'), (2, 'Z')] {
            if let Some(value) = command.value(letter) {
                let value = value * unit;
                self.shift[axis] += self.at[axis] - value;
                self.at[axis] = value;
                // Wherever the machine is, this is what it says.
            }
        }
        if let Some(value) = command.value('E') {
            self.e = value * self.e_unit();
        }
    }

    fn set_absolute(&mut self, absolute: bool) {
        self.absolute = absolute;
        match self.g90 {
            FirmwareG90::EndsM83 => (self.e_absolute, self.e_mode_absolute) = (absolute, absolute),
            FirmwareG90::KeepsM83 => self.e_absolute = absolute && self.e_mode_absolute,
        }
    }

    fn set_e_mode(&mut self, absolute: bool) {
        self.e_mode_absolute = absolute;
        self.e_absolute = match self.g90 {
            FirmwareG90::EndsM83 => absolute,
            FirmwareG90::KeepsM83 => absolute && self.absolute,
        };
    }

    fn heat(&mut self, command: &Command<'_>) {
        let (_, number) = command.code();
        let waits = matches!(number, 109 | 190 | 191);
        let target = command.value('S').or_else(|| command.value('R').filter(|_| waits));
        let Some(target) = target.map(|c| c.max(0.0)) else { return };
        match number {
            140 | 190 => self.bed_c = Some(target),
            141 | 191 => self.chamber_c = Some(target),
            _ => {
                let tool =
                    command.value('T').map_or(usize::from(self.tool.unwrap_or(0)), |t| t.max(0.0) as usize);
                self.hotend_last_c = Some(target);
                if let Some(kept) = self.hotends_c.get_mut(tool) {
                    *kept = target as f32;
                    self.hotends_set |= 1 << tool;
                }
            }
        }
    }

    fn volume(&mut self, command: &Command<'_>) {
        let mut on = self.volumetric_mm2.is_some();
        if let Some(diameter) = command.value('D').map(|d| d * self.unit()) {
            on = diameter > 0.0;
            if on {
                self.diameter_mm = diameter;
            }
        }
        if let Some(switch) = command.value('S') {
            on = switch != 0.0;
        }
        self.volumetric_mm2 = on.then(|| PI * self.diameter_mm * self.diameter_mm / 4.0);
    }
}

#[cfg(test)]
#[path = "motion/tests.rs"]
mod tests;
