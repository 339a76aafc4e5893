//! What a file's commands give away beside moves: heat, homing, tools, the firmware that they are meant for, the end.

use parser::{Command, Misread, MotionState, NAMED};
use serde::{Deserialize, Serialize};

/// Words of another firmware kept, one for each.
const MOST_TEXT: usize = 60;

/// A firmware whose commands others do not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// Macros and commands with names.
    Klipper,
    /// Duet's.
    RepRapFirmware,
    /// Bambu Lab's printers.
    Bambu,
}

/// The first command of a dialect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Foreign {
    /// Whose it is.
    pub dialect: Dialect,
    /// Line in the file, from 1.
    pub line: u64,
    /// The command, cut.
    pub text: String,
}

/// Commands that the printer does not read as they are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Misreadings {
    /// Line of the first one, from 1.
    pub line: u64,
    /// It, cut.
    pub text: String,
    /// How many there are.
    pub count: u64,
    /// One of them moves or heats.
    pub moves_or_heats: bool,
}

/// What stood out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Signs {
    /// Line of the first G28.
    pub homed_line: Option<u64>,
    /// Line of the first move that lays material down.
    pub extruded_line: Option<u64>,
    /// Target of each hotend at the end of the file, degrees Celsius.
    pub hotends_at_end_c: Vec<f64>,
    /// The last target that a hotend was given, whichever it was.
    pub hotend_last_c: f64,
    /// Target of the bed at the end.
    pub bed_at_end_c: f64,
    /// A hotend had been given a target before the first extrusion.
    pub heated_first: bool,
    /// Tools that lay material down or are chosen, each once.
    pub tools: Vec<u8>,
    /// Commands of other firmwares, the first of each.
    pub foreign: Vec<Foreign>,
    /// The last line has no end: the file may be cut off there.
    pub open_end: bool,
    /// The slicer's last word on how far the print is (M73), per cent.
    pub last_percent: Option<f64>,
    /// A command other than a move follows the last extrusion.
    pub ended: bool,
    /// Line of a G90 or G91 that ends M83 on some firmwares only, where filament is pushed after it.
    pub g90_after_m83_line: Option<u64>,
    /// Line of the first G20: the file counts in inches.
    pub inches_line: Option<u64>,
    /// Words of the slicer's template that were left where values belong.
    pub placeholders: Option<Misreadings>,
    /// Numbers with an exponent.
    pub exponents: Option<Misreadings>,
    /// The file is of Cura's flavour "UltiGCode": filament is counted as a volume, and the printer heats by itself.
    pub ultigcode: bool,
    /// Line of such a G90 or G91 so far.
    #[serde(skip)]
    g90_line: Option<u64>,
    /// M83 holds.
    #[serde(skip)]
    m83: bool,
}

impl Signs {
    /// Takes in a command that moves nothing, and the state after it.
    pub(crate) fn follow(&mut self, command: &Command<'_>, line: u64, state: &MotionState) {
        self.ended = true;
        if let Some(dialect) = dialect_of(command) {
            if self.foreign.iter().all(|f| f.dialect != dialect) {
                let text = String::from_utf8_lossy(command.bytes()).chars().take(MOST_TEXT).collect();
                self.foreign.push(Foreign { dialect, line, text });
            }
            return;
        }
        match command.code() {
            ('G', 28) => self.homed_line = self.homed_line.or(Some(line)),
            ('G', 20) => self.inches_line = self.inches_line.or(Some(line)),
            ('M', 83) => (self.m83, self.g90_line) = (true, None),
            ('M', 82) => (self.m83, self.g90_line) = (false, None),
            ('G', 90 | 91) if self.m83 => self.g90_line = self.g90_line.or(Some(line)),
            ('M', 104 | 109) => self.hotend(command, state.tool.unwrap_or(0)),
            ('M', 140 | 190) => {
                if let Some(target) = target(command) {
                    self.bed_at_end_c = target;
                }
            }
            _ => (),
        }
    }

    /// Takes in a command that the printer does not read as it is meant.
    pub(crate) fn misread(&mut self, misread: Misread, command: &Command<'_>, line: u64) {
        let kept = match misread {
            Misread::Placeholder => &mut self.placeholders,
            Misread::Exponent => &mut self.exponents,
        };
        let bytes = command.bytes();
        let kept = kept.get_or_insert_with(|| Misreadings {
            line,
            text: String::from_utf8_lossy(bytes).chars().take(MOST_TEXT).collect(),
            count: 0,
            moves_or_heats: false,
        });
        kept.count += 1;
        kept.moves_or_heats |= match command.code() {
            // Of a move without a feed rate, the one before holds.
            ('G', 0..=3 | 5) => {
                misread == Misread::Exponent
                    || "XYZEIJR".chars().any(|letter| command.has(letter) && command.value(letter).is_none())
            }
            ('G', 92) | ('M', 104 | 109 | 140 | 141 | 190 | 191) | (NAMED, _) => true,
            _ => false,
        };
    }

    /// Takes in a move that pushes filament or pulls it back.
    pub(crate) fn pushed(&mut self) {
        if self.g90_after_m83_line.is_none() {
            self.g90_after_m83_line = self.g90_line;
        }
    }

    /// Takes in a move that lays material down.
    pub(crate) fn extruded(&mut self, line: u64, tool: u8) {
        self.ended = false;
        if self.extruded_line.is_none() {
            self.extruded_line = Some(line);
            self.heated_first = self.hotends_at_end_c.iter().any(|c| *c > 0.0);
        }
        if !self.tools.contains(&tool) {
            self.tools.push(tool);
        }
    }

    /// Forgets what only counts on the way.
    pub(crate) fn finish(&mut self) {
        (self.g90_line, self.m83) = (None, false);
    }

    /// Returns whether a macro may do what is not seen: heat, home, end.
    pub fn has_macros(&self) -> bool {
        self.foreign.iter().any(|f| f.dialect == Dialect::Klipper)
    }

    fn hotend(&mut self, command: &Command<'_>, tool: u8) {
        let tool = command.value('T').map_or(usize::from(tool), |t| (t.max(0.0) as usize).min(15));
        let Some(target) = target(command) else { return };
        if self.hotends_at_end_c.len() <= tool {
            self.hotends_at_end_c.resize(tool + 1, 0.0);
        }
        self.hotends_at_end_c[tool] = target;
        self.hotend_last_c = target;
    }
}

/// Returns the target that a heating command sets.
pub(crate) fn target(command: &Command<'_>) -> Option<f64> {
    command.value('S').or_else(|| command.value('R'))
}

fn dialect_of(command: &Command<'_>) -> Option<Dialect> {
    match command.code() {
        (NAMED, _) => Some(Dialect::Klipper),
        ('M', 98 | 291 | 558 | 563 | 566..=568 | 574 | 584 | 587) => Some(Dialect::RepRapFirmware),
        // Prusa's printers know it too, but name no drive.
        ('M', 572) => command.has('D').then_some(Dialect::RepRapFirmware),
        // G10 with a tool sets its temperatures.
        ('G', 10) if command.has('P') => Some(Dialect::RepRapFirmware),
        ('M', 620..=623 | 970 | 971 | 973..=975 | 983 | 984 | 991 | 1002) | ('G', 380 | 392) => {
            Some(Dialect::Bambu)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(file: &str) -> Signs {
        let (mut signs, mut state) = (Signs::default(), MotionState::default());
        for (line, text) in (1..).zip(file.split('|')) {
            let command = Command::of(text).unwrap();
            if state.follow(&command).is_some() {
                signs.pushed();
                signs.extruded(line, 0);
            } else {
                signs.follow(&command, line, &state);
            }
        }
        signs
    }

    #[test]
    fn heat_and_homing_are_seen() {
        let signs = signs("M104 S200|G28|M140 S60|M104 T1 S190|G1|M104 S0|M84");
        assert_eq!((signs.homed_line, signs.extruded_line), (Some(2), Some(5)));
        assert_eq!((signs.hotends_at_end_c, signs.bed_at_end_c), (vec![0.0, 190.0], 60.0));
        assert!(signs.heated_first && signs.ended);
        assert_eq!(signs.hotend_last_c, 0.0);
    }

    #[test]
    fn each_firmware_is_known_by_its_words() {
        let table = [
            ("PRINT_START BED=60", Some(Dialect::Klipper)),
            ("EXCLUDE_OBJECT_START NAME=a", Some(Dialect::Klipper)),
            ("M98 P\"start.g\"", Some(Dialect::RepRapFirmware)),
            ("G10 P0 S200 R150", Some(Dialect::RepRapFirmware)),
            ("M572 D0 S0.05", Some(Dialect::RepRapFirmware)),
            ("M572 S0.05", None),
            ("M620 S0A", Some(Dialect::Bambu)),
            ("G10", None),
            ("M117 PRINT_START", None),
            ("T0", None),
            ("Tx", None),
            ("G29", None),
            ("M 98 P\"start.g\"", Some(Dialect::RepRapFirmware)),
            ("M622.1 S1", Some(Dialect::Bambu)),
        ];
        for (text, want) in table {
            let found = signs(text).foreign.first().map(|f| f.dialect);
            assert_eq!(found, want, "{text}");
        }
    }

    #[test]
    fn heat_and_homing_are_seen_however_they_are_spelt() {
        let found = signs("M104S200|G028|M 140 S60|M104T1S190|G1|M104S0|M84");
        assert_eq!((found.homed_line, found.hotends_at_end_c), (Some(2), vec![0.0, 190.0]));
        assert_eq!(signs("G28O").homed_line, Some(1));
    }

    #[test]
    fn a_mode_that_firmwares_read_in_two_ways_is_noted() {
        let table = [
            ("M83|G1|G91|G90|G1", Some(3)),
            ("G90|M83|G1", None),
            ("M83|G91|G90|M83|G1", None),
            ("M83|G1|G91|G90|M84", None),
            ("M82|G91|G90|G1", None),
        ];
        for (file, want) in table {
            assert_eq!(signs(file).g90_after_m83_line, want, "{file}");
        }
        assert_eq!(signs("G28|G20|G1").inches_line, Some(2));
    }
}
