//! What a file's commands give away beside moves: heat, homing, tools, the firmware that they are meant for, the end.

use crate::words::words;
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
}

impl Signs {
    /// Takes in a command that moves nothing.
    pub(crate) fn follow(&mut self, text: &str, line: u64, tool: u8) {
        self.ended = true;
        let code = text.split([' ', '\t']).next().unwrap_or_default();
        if let Some(dialect) = dialect_of(code, text) {
            if self.foreign.iter().all(|f| f.dialect != dialect) {
                let text = text.chars().take(MOST_TEXT).collect();
                self.foreign.push(Foreign { dialect, line, text });
            }
            return;
        }
        match code {
            "G28" => self.homed_line = self.homed_line.or(Some(line)),
            "M104" | "M109" => self.hotend(text, tool),
            "M140" | "M190" => {
                if let Some(target) = target(text) {
                    self.bed_at_end_c = target;
                }
            }
            _ => (),
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

    /// Returns whether a macro may do what is not seen: heat, home, end.
    pub fn has_macros(&self) -> bool {
        self.foreign.iter().any(|f| f.dialect == Dialect::Klipper)
    }

    fn hotend(&mut self, text: &str, tool: u8) {
        let named = words(text).find(|w| w.letter == 'T').and_then(|w| w.value);
        let tool = named.map_or(usize::from(tool), |t| (t.max(0.0) as usize).min(15));
        let Some(target) = target(text) else { return };
        if self.hotends_at_end_c.len() <= tool {
            self.hotends_at_end_c.resize(tool + 1, 0.0);
        }
        self.hotends_at_end_c[tool] = target;
        self.hotend_last_c = target;
    }
}

/// Returns the target that a heating command sets.
pub(crate) fn target(text: &str) -> Option<f64> {
    words(text).skip(1).find(|w| matches!(w.letter, 'S' | 'R')).and_then(|w| w.value)
}

fn dialect_of(code: &str, text: &str) -> Option<Dialect> {
    let bytes = code.as_bytes();
    // A word and not a letter with a number.
    if bytes.len() > 2 && bytes[..2].iter().all(u8::is_ascii_alphabetic) {
        let named = bytes.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
        return named.then_some(Dialect::Klipper);
    }
    match code {
        "M98" | "M291" | "M558" | "M563" | "M566" | "M567" | "M568" | "M574" | "M584" | "M587" => {
            Some(Dialect::RepRapFirmware)
        }
        // Prusa's printers know it too, but name no drive.
        "M572" => words(text).any(|w| w.letter == 'D').then_some(Dialect::RepRapFirmware),
        // G10 with a tool sets its temperatures.
        "G10" if words(text).any(|w| w.letter == 'P') => Some(Dialect::RepRapFirmware),
        "M620" | "M621" | "M622" | "M622.1" | "M623" | "M970" | "M970.3" | "M971" | "M973" | "M974"
        | "M975" | "M983" | "M984" | "M991" | "M1002" | "G380" | "G392" => Some(Dialect::Bambu),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(file: &str) -> Signs {
        let mut signs = Signs::default();
        for (line, text) in (1..).zip(file.split('|')) {
            if text == "G1" {
                signs.extruded(line, 0);
            } else {
                signs.follow(text, line, 0);
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
            ("G29", None),
        ];
        for (text, want) in table {
            let found = signs(text).foreign.first().map(|f| f.dialect);
            assert_eq!(found, want, "{text}");
        }
    }
}
