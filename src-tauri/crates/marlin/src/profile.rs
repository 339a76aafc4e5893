//! What the machine tells of itself, gathered line by line: M115, M503, M211.

use crate::area::{area, leading, soft_ends};
use crate::facts::{Facts, Machine};
use crate::number;
use crate::out::Out;
use crate::tag::Tag;
use domain::{Firmware, MachineProfile};

/// Firmwares that answer these questions in other words or other units.
const OTHERS: [&str; 7] = ["klipper", "reprapfirmware", "repetier", "smoothie", "teacup", "grbl", "malyan"];

/// What M115, M503 and M211 tell of the machine.
#[derive(Debug, Default)]
pub(crate) struct FirmwareProfile {
    told: MachineProfile,
    /// The machine has told all it will.
    complete: bool,
}

impl FirmwareProfile {
    /// Takes in what a line tells of the machine; most lines tell nothing.
    pub(crate) fn on_line(&mut self, raw: &str) {
        let line = raw.trim().strip_prefix("echo:").unwrap_or(raw.trim()).trim();
        let told = &mut self.told;
        if let Some(count) = line.split("EXTRUDER_COUNT:").nth(1).filter(|_| line.contains("FIRMWARE_NAME:"))
        {
            told.extruders = leading(count).map_or(0, |n| n.clamp(0.0, 32.0) as u8);
            return;
        }
        if let Some(area) = line.strip_prefix("area:").and_then(area) {
            told.area_mm = Some(area);
            return;
        }
        if let Some(area) = soft_ends(line) {
            // `area:` is the better source, where it is.
            told.area_mm.get_or_insert(area);
            return;
        }
        let mut words = line.split(';').next().unwrap_or_default().split_ascii_whitespace();
        let code = words.next().unwrap_or_default();
        let words: Vec<&str> = words.collect();
        let value = |letter: char| {
            words
                .iter()
                .find_map(|w| w.strip_prefix(letter))
                .and_then(|v| v.parse().ok())
                .filter(|v: &f64| number::is_sane(*v))
        };
        let axes = || Some([value('X')?, value('Y')?, value('Z')?, value('E')?]);
        let three = |a, b, c| Some([value(a)?, value(b)?, value(c)?]);
        match code {
            "M92" => keep(&mut told.steps_per_mm, axes()),
            "M203" => keep(&mut told.max_feed, axes()),
            "M201" => keep(&mut told.max_accel, axes()),
            "M204" => {
                // Old ones have one value for all moves that are no retraction.
                let one = value('S').filter(|s| *s > 0.0);
                keep(&mut told.accel_print, value('P').or(one));
                keep(&mut told.accel_retract, value('R').or(value('T').filter(|_| one.is_some())));
                keep(&mut told.accel_travel, value('T').filter(|_| one.is_none()).or(one));
            }
            "M205" => {
                keep(&mut told.junction_dev, value('J'));
                let jerk = |x: f64| Some([x, value('Y').unwrap_or(x), value('Z')?, value('E')?]);
                keep(&mut told.jerk, value('X').and_then(jerk));
            }
            "M301" => keep(&mut told.pid_hotend, three('P', 'I', 'D')),
            "M304" => keep(&mut told.pid_bed, three('P', 'I', 'D')),
            "M851" => keep(&mut told.probe_offset_mm, three('X', 'Y', 'Z')),
            _ => (),
        }
    }
}

impl FirmwareProfile {
    /// The port was opened: it may be another machine.
    pub(crate) fn opened(&mut self) {
        *self = Self::default();
    }

    /// Asks the machine for its limits, once, when nothing prints.
    pub(crate) fn ask(&mut self, facts: &Facts<'_>, out: &mut Out) {
        if self.complete {
            return;
        }
        let name = facts.machine.firmware_name().to_ascii_lowercase();
        if facts.print.is_some() || name.is_empty() || OTHERS.iter().any(|other| name.contains(other)) {
            self.complete = true;
            return;
        }
        out.line("M503", Tag::Side);
        out.line("M211", Tag::Profile);
    }

    /// The last question was answered.
    pub(crate) fn on_answered(&mut self) {
        self.complete = true;
    }

    /// The firmware was heard to say that it works.
    pub(crate) fn on_busy(&mut self) {
        self.told.busy_protocol = true;
    }

    /// Returns what the machine told of itself, once it has told all.
    pub(crate) fn report(&self, machine: &Machine) -> Option<Box<MachineProfile>> {
        let firmware = machine.firmware().cloned().filter(|_| self.complete)?;
        let heaters: Vec<String> = machine.temperatures().keys().cloned().collect();
        let hotends = heaters.iter().filter(|name| name.starts_with("tool")).count().min(32) as u8;
        Some(Box::new(MachineProfile {
            firmware: firmware.name,
            machine: firmware.machine,
            capabilities: firmware.capabilities,
            extruders: self.told.extruders.max(hotends),
            heaters,
            ..self.told.clone()
        }))
    }
}

/// Reads M115's line: keys in capitals, values with blanks in them.
pub(crate) fn firmware(line: &str) -> Firmware {
    let is_key = |word: &&str| {
        word.split_once(':').is_some_and(|(key, _)| {
            key.len() > 2 && key.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        })
    };
    let value = |key: &str| {
        let mut words = line.split(' ').skip_while(|word| !word.starts_with(key));
        let first = words.next().and_then(|word| word.get(key.len()..)).unwrap_or_default();
        let rest = words.take_while(|word| !is_key(word));
        std::iter::once(first).chain(rest).collect::<Vec<_>>().join(" ")
    };
    let name = value("FIRMWARE_NAME:");
    let name = name.split(" (").next().unwrap_or_default().trim().to_owned();
    Firmware { name, machine: value("MACHINE_TYPE:").trim().to_owned(), capabilities: Default::default() }
}

fn keep<T>(field: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *field = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Area;

    fn learn(lines: &str) -> MachineProfile {
        let mut profile = FirmwareProfile::default();
        lines.lines().for_each(|line| profile.on_line(line));
        profile.told
    }

    #[test]
    fn a_new_marlin_is_read() {
        let told = learn(
            "FIRMWARE_NAME:Marlin 2.1 SOURCE_CODE_URL:x MACHINE_TYPE:Box 1 EXTRUDER_COUNT:2 UUID:1\n\
             area:{full:{min:{x:0.00,y:-5.00,z:0.00},max:{x:220.00,y:220.00,z:250.00}},work:{min:{x:1,y:1,z:1},max:{x:2,y:2,z:2}}}\n\
             echo:; Steps per unit:\necho:  M92 X80.00 Y80.50 Z400.00 E93.00\necho:; Max feedrates (units/s):\n\
             echo:  M203 X500.00 Y500.00 Z5.00 E25.00\necho:  M201 X500.00 Y500.00 Z100.00 E5000.00\n\
             echo:  M204 P500.00 R1000.00 T600.00\necho:  M205 B20000.00 S0.00 T0.00 J0.08\n\
             echo:  M301 P21.73 I1.54 D76.55\necho:  M304 P50.71 I9.88 D173.43\necho:  M851 X-44.00 Y-6.00 Z-2.15 ; (mm)\n\
             Soft endstops: On  Min: X0.00 Y0.00 Z0.00   Max: X9.00 Y9.00 Z9.00",
        );
        assert_eq!(told.extruders, 2);
        assert_eq!(told.area_mm, Some(Area { min: [0.0, -5.0, 0.0], max: [220.0, 220.0, 250.0] }));
        assert_eq!(told.steps_per_mm, Some([80.0, 80.5, 400.0, 93.0]));
        assert_eq!(told.max_feed, Some([500.0, 500.0, 5.0, 25.0]));
        assert_eq!(told.max_accel, Some([500.0, 500.0, 100.0, 5000.0]));
        assert_eq!(
            (told.accel_print, told.accel_retract, told.accel_travel),
            (Some(500.0), Some(1000.0), Some(600.0))
        );
        assert_eq!((told.jerk, told.junction_dev), (None, Some(0.08)));
        assert_eq!(told.pid_hotend, Some([21.73, 1.54, 76.55]));
        assert_eq!(told.pid_bed, Some([50.71, 9.88, 173.43]));
        assert_eq!(told.probe_offset_mm, Some([-44.0, -6.0, -2.15]));
    }

    #[test]
    fn an_old_marlin_is_read() {
        let told = learn(
            "echo:Maximum Acceleration (units/s2):\necho:  M201 X3000 Y3000 Z100 E10000\n\
             echo:  M205 S0.00 T0.00 B20000 X20.00 Y18.00 Z0.40 E5.00\necho:Soft endstops: ON  Min:  X: 0.0 Y: 0.0 \
             Z: 0.0   Max:  X: 200.0 Y: 210.0 Z: 180.0",
        );
        assert_eq!(told.max_accel, Some([3000.0, 3000.0, 100.0, 10_000.0]));
        assert_eq!(told.jerk, Some([20.0, 18.0, 0.4, 5.0]));
        assert_eq!(told.area_mm.map(|a| a.max), Some([200.0, 210.0, 180.0]));
        let older = learn("echo:  M204 S800.00 T3000.00");
        assert_eq!((older.accel_print, older.accel_retract), (Some(800.0), Some(3000.0)));
    }

    #[test]
    fn nonsense_teaches_nothing() {
        let told = learn(
            "echo:  M203 X1e999 Y1 Z1 E1\necho:  M203 XNaN Y1 Z1 E1\narea:{full:{min:{x:0},max:{}}}\n\
             Min: X0 Y0 Z0 Max: X0 Y0 Z0\necho:Unknown command: \"M211\"\nM92\n\u{1}\u{2}",
        );
        assert_eq!(told, MachineProfile::default());
    }

    #[test]
    fn m115_is_read_though_values_have_blanks_and_colons() {
        let told = firmware(
            "FIRMWARE_NAME:Marlin bugfix-2.1.x (Nov 22 2026 12:26:21) SOURCE_CODE_URL:github.com/x \
             PROTOCOL_VERSION:1.0 MACHINE_TYPE:Old Ender 3 EXTRUDER_COUNT:1 UUID:cede",
        );
        assert_eq!((told.name.as_str(), told.machine.as_str()), ("Marlin bugfix-2.1.x", "Old Ender 3"));
    }
}
