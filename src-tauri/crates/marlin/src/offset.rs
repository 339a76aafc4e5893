//! Offsets that a person set: degrees added to each target that a file asks for, since a thermistor reads too high or too
//! low. Off stays off.

use crate::klipper::klipper_heater;
use domain::Heater;
use parser::{Command, NAMED};
use std::collections::BTreeMap;

/// Returns a line of a file with its target raised by the offset of its heater; `None` when nothing changes. `tool` is the
/// active one.
pub(crate) fn with_offset(text: &str, tool: Option<u8>, offsets: &BTreeMap<String, f64>) -> Option<String> {
    if offsets.is_empty() {
        return None;
    }
    let command = Command::of(text)?;
    let named_tool = || command.value('T').filter(|n| (0.0..256.0).contains(n)).map(|n| n as u8);
    let heater = match command.code() {
        ('M', 104 | 109) => Heater::Hotend(named_tool().or(tool).unwrap_or(0)),
        ('M', 140 | 190) => Heater::Bed,
        ('M', 141 | 191) => Heater::Chamber,
        (NAMED, _) => return klipper(&command, offsets),
        _ => return None,
    };
    let offset_c = offsets.get(&heater.key()).copied().filter(|c| *c != 0.0)?;
    let word = command.bytes().len().checked_sub(command.arguments().len())?;
    let mut raised = String::from_utf8_lossy(command.bytes().get(..word)?).trim_end().to_owned();
    let mut changed = false;
    for letter in ('A'..='Z').filter(|letter| command.has(*letter)) {
        let value = command.value(letter);
        let target_c = value.filter(|c| matches!(letter, 'S' | 'R') && *c > 0.0);
        let sent = match target_c {
            Some(c) => Some(raise(c, offset_c, heater)),
            None => value,
        };
        changed |= sent != value;
        raised.push(' ');
        raised.push(letter);
        if let Some(sent) = sent {
            raised.push_str(&((sent * 100.0).round() / 100.0).to_string());
        }
    }
    changed.then_some(raised)
}

/// Never hotter than what can be set by hand, unless the file itself is.
fn raise(c: f64, offset_c: f64, heater: Heater) -> f64 {
    (c + offset_c).clamp(0.0, heater.max_target_c().max(c))
}

/// Klipper's own words: a target, and a wait for it, which would never end if only the target was lowered.
fn klipper(command: &Command<'_>, offsets: &BTreeMap<String, f64>) -> Option<String> {
    let (whose, values): (_, &[&str]) = match command.name().to_ascii_uppercase().as_str() {
        "SET_HEATER_TEMPERATURE" => ("HEATER", &["TARGET"]),
        "TEMPERATURE_WAIT" => ("SENSOR", &["MINIMUM", "MAXIMUM"]),
        _ => return None,
    };
    let heater = klipper_heater(command.named(whose)?)?;
    let offset_c = offsets.get(&heater.key()).copied().filter(|c| *c != 0.0)?;
    let mut changed = false;
    let word = |word: &str| {
        let (key, value) = word.split_once('=')?;
        let is_value = values.iter().any(|value| value.eq_ignore_ascii_case(key));
        let c: f64 = value.parse().ok().filter(|c: &f64| is_value && c.is_finite() && *c > 0.0)?;
        Some(format!("{key}={}", (raise(c, offset_c, heater) * 100.0).round() / 100.0))
    };
    let words: Vec<String> = str::from_utf8(command.bytes())
        .ok()?
        .split_ascii_whitespace()
        .map(|text| match word(text) {
            Some(raised) => {
                changed = true;
                raised
            }
            None => text.to_owned(),
        })
        .collect();
    changed.then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_of_a_file_are_raised_and_nothing_else() {
        let offsets =
            [("tool0".to_owned(), 5.0), ("tool1".to_owned(), -7.5), ("bed".to_owned(), -2.0)].into();
        for (line, active, want) in [
            ("M104 S200", None, "M104 S205"),
            ("M109 R180", None, "M109 R185"),
            ("M104 T1 S200", None, "M104 S192.5 T1"),
            ("M109 S200 T1", Some(0), "M109 S192.5 T1"),
            ("M104 S200", Some(1), "M104 S192.5"),
            ("M104 S200", Some(3), "M104 S200"),
            ("M104S200", None, "M104 S205"),
            ("M 0104 S 200.5", None, "M 0104 S205.5"),
            ("M104 S200 F1 B250", None, "M104 B250 F1 S205"),
            ("M140 S60", None, "M140 S58"),
            ("M190 S1", None, "M190 S0"),
            ("M141 S40", None, "M141 S40"),
            ("M104 S0", None, "M104 S0"),
            ("M104", None, "M104"),
            ("M1045 S200", None, "M1045 S200"),
            ("M104 S318", None, "M104 S320"),
            ("M104 S330", None, "M104 S330"),
            ("M104 S-200", None, "M104 S-200"),
            ("M106 S200", None, "M106 S200"),
            ("G1 X10 S200", None, "G1 X10 S200"),
            ("M117 M104 S200", None, "M117 M104 S200"),
            (
                "SET_HEATER_TEMPERATURE HEATER=extruder TARGET=200",
                Some(1),
                "SET_HEATER_TEMPERATURE HEATER=extruder TARGET=205",
            ),
            (
                "SET_HEATER_TEMPERATURE HEATER=extruder1 TARGET=200.5",
                None,
                "SET_HEATER_TEMPERATURE HEATER=extruder1 TARGET=193",
            ),
            (
                "set_heater_temperature heater=heater_bed target=60",
                None,
                "set_heater_temperature heater=heater_bed target=58",
            ),
            (
                "SET_HEATER_TEMPERATURE HEATER=extruder TARGET=0",
                None,
                "SET_HEATER_TEMPERATURE HEATER=extruder TARGET=0",
            ),
            (
                "SET_HEATER_TEMPERATURE HEATER=fan TARGET=200",
                None,
                "SET_HEATER_TEMPERATURE HEATER=fan TARGET=200",
            ),
            (
                "TEMPERATURE_WAIT SENSOR=heater_bed MINIMUM=60 MAXIMUM=65",
                None,
                "TEMPERATURE_WAIT SENSOR=heater_bed MINIMUM=58 MAXIMUM=63",
            ),
            ("PRINT_START EXTRUDER=200", None, "PRINT_START EXTRUDER=200"),
            ("", None, ""),
        ] {
            let sent = with_offset(line, active, &offsets).unwrap_or_else(|| line.to_owned());
            assert_eq!(sent, want, "{line}");
        }
        assert_eq!(with_offset("M104 S200", None, &BTreeMap::new()), None);
    }
}
