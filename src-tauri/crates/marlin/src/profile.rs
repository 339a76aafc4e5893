//! What the machine tells of itself, gathered line by line: M115, M503, M211.

use crate::Link;
use crate::link::Tag;
use domain::{Area, MachineProfile};

/// Firmwares that answer these questions in other words or other units.
const OTHERS: [&str; 7] = ["klipper", "reprapfirmware", "repetier", "smoothie", "teacup", "grbl", "malyan"];

/// A profile in the making.
#[derive(Debug, Default)]
pub(crate) struct Learner {
    told: MachineProfile,
    /// The machine has told all it will.
    pub(crate) complete: bool,
}

impl Learner {
    /// Takes in what a line tells of the machine; most lines tell nothing.
    pub(crate) fn take(&mut self, raw: &str) {
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
                .filter(|v: &f64| sane(*v))
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

impl Link {
    /// Asks the machine for its limits, once, when nothing prints.
    pub(crate) fn ask_profile(&mut self) {
        if self.learner.complete || self.is_at_work() {
            return;
        }
        let name = self.firmware.as_ref().map(|f| f.name.to_ascii_lowercase()).unwrap_or_default();
        if self.job.is_some() || name.is_empty() || OTHERS.iter().any(|other| name.contains(other)) {
            self.learner.complete = true;
            return;
        }
        self.side.push_back(("M503".into(), Tag::Side));
        self.side.push_back(("M211".into(), Tag::Learnt));
    }

    /// Returns what the machine told of itself, once it has told all.
    pub(crate) fn profile(&self) -> Option<Box<MachineProfile>> {
        let firmware = self.firmware.clone().filter(|_| self.learner.complete)?;
        let heaters: Vec<String> = self.known.keys().cloned().collect();
        let hotends = heaters.iter().filter(|name| name.starts_with("tool")).count().min(32) as u8;
        Some(Box::new(MachineProfile {
            firmware: firmware.name,
            machine: firmware.machine,
            capabilities: firmware.capabilities,
            extruders: self.learner.told.extruders.max(hotends),
            heaters,
            ..self.learner.told.clone()
        }))
    }

    /// The firmware was heard to say that it works.
    pub(crate) fn heard_busy(&mut self) {
        self.learner.told.busy_protocol = true;
    }
}

fn keep<T>(field: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *field = value;
    }
}

/// Reads the number at the start.
fn leading(text: &str) -> Option<f64> {
    let text = text.trim_start();
    let len = text.find(|c: char| !(c.is_ascii_digit() || ".-+".contains(c))).unwrap_or(text.len());
    text[..len].parse().ok()
}

fn sane(value: f64) -> bool {
    value.is_finite() && value.abs() < 1e7
}

/// Reads `{full:{min:{x:..,y:..,z:..},max:{..}},work:..}`; what the machine can reach is `full`.
pub(crate) fn area(text: &str) -> Option<Area> {
    let place = |part: &str| {
        let axis = |name: &str| leading(part.split(name).nth(1)?).filter(|v| sane(*v));
        Some([axis("x:")?, axis("y:")?, axis("z:")?])
    };
    let min = place(text.split("min:{").nth(1)?.split('}').next()?)?;
    let max = place(text.split("max:{").nth(1)?.split('}').next()?)?;
    real(Area { min, max })
}

/// Reads M211's `Soft endstops: On  Min: X0.00 Y0.00 Z0.00  Max: X200.00 Y200.00 Z200.00`, with or without blanks.
fn soft_ends(line: &str) -> Option<Area> {
    let (_, ends) = line.split_once("Min:")?;
    let (min, max) = ends.split_once("Max:")?;
    let place = |part: &str| {
        let axis = |name: char| {
            leading(part.split(name).nth(1)?.trim_start_matches([':', ' '])).filter(|v| sane(*v))
        };
        Some([axis('X')?, axis('Y')?, axis('Z')?])
    };
    real(Area { min: place(min)?, max: place(max)? })
}

/// A machine has some size, and none is larger than a room.
fn real(area: Area) -> Option<Area> {
    let fits = |i: usize| (1.0..=10_000.0).contains(&(area.max[i] - area.min[i]));
    (0..3).all(fits).then_some(area)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learn(lines: &str) -> MachineProfile {
        let mut learner = Learner::default();
        lines.lines().for_each(|line| learner.take(line));
        learner.told
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
}
