//! Lines that speak of trouble: a bad line, a command that was refused, a fault, a halt.
//!
//! An error that ends one command is no halt, and a fault is none by itself: a halt is what takes no more lines.

use crate::reply::Reply;
use crate::shown::readable;

/// Whoever says this takes no more lines, in lower case.
const HALTS: [&str; 13] = [
    "kill caused",
    "kill()",
    "killed",
    "printer halted",
    "system stopped",
    "halt asserted",
    "watchdog barked",
    "emergency stop",
    "shutdown",
    "fatal:",
    "lost communication with mcu",
    "firmware_restart",
    "internal error",
];
/// Faults of heaters, sensors and drives, in lower case. Some firmwares stop at them, others go on.
const FAULTS: [&str; 24] = [
    "thermal runaway",
    "temperature runaway",
    "thermal malfunction",
    "heating failed",
    "heating fault",
    "heater fault",
    "preheat error",
    "not heating",
    "not heated",
    "decoupled",
    "maxtemp",
    "max temp",
    "mintemp",
    "min temp",
    "overheat",
    "over temperature",
    "overtemperature",
    "too hot",
    "temperature reading",
    "thermistor",
    "thermocouple",
    "sensor defect",
    "switched off",
    "stopped due to errors",
];
/// The command under way failed, whatever the firmware is, in lower case.
const REFUSALS: [&str; 14] = [
    "probing failed",
    "homing failed",
    "failed to home",
    "failed to reach",
    "must home",
    "not homed",
    "axes homed",
    "home first",
    "machine limits",
    "out of range",
    "out of bounds",
    "exceeds maximum",
    "cold extru",
    "long extru",
];

/// Understands a line of trouble; `raw` is the line as it came, for people.
pub(crate) fn parse(line: &str, raw: &str) -> Option<Reply> {
    let lower = line.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let said = || readable(raw);
    let error = lower.starts_with("error") && !lower[5..].starts_with(|c: char| c.is_ascii_alphanumeric());
    let shout = lower.starts_with("!!");
    if let Some((_, last)) = lower.split_once("last line: ").filter(|_| nearly_error(&lower)) {
        return Some(Reply::BadLine(last.trim_end().parse().ok()));
    }
    if (error || shout) && has(&["last line", "checksum"]) {
        return Some(Reply::BadLine(None));
    }
    // What a file or a person lets the firmware echo ends nothing, whatever it says.
    if ["echo:m112 shutdown", "// klipper state: shutdown"].iter().any(|words| lower.starts_with(words)) {
        return Some(Reply::Halted(said()));
    }
    // Klipper tells its state in several lines, the last of which is a shout.
    if shout || lower.starts_with("//") {
        if has(&["printer is not ready", "attempting to connect", "retry in a few moments"]) {
            return Some(Reply::NotReady(said()));
        }
        if has(&["once the underlying issue", "printer is shutdown", "printer is halted"]) {
            return Some(Reply::Halted(said()));
        }
    }
    // Some firmwares break such an error over two lines, so one half may stand alone.
    let alone = lower.starts_with(':') || has_start(&lower, &["thermal", "kill", "fatal:"]);
    if error || shout || alone {
        // What says that it is stopped outranks why.
        if has(&HALTS) {
            return Some(Reply::Halted(said()));
        }
        let heater = lower.contains("heater") && has(&["fault", "failed", "error"]);
        if heater || has(&FAULTS) {
            return Some(Reply::Fault(said()));
        }
    }
    if line.trim_end() == "!!" {
        return Some(Reply::Halted(said()));
    }
    if lower.starts_with("echo:printer locked") {
        return Some(Reply::Locked);
    }
    if lower.contains("unknown command") && (shout || error || has_start(&lower, &["echo:", "//"])) {
        return Some(Reply::Harmless(said()));
    }
    let home_first = lower.starts_with("echo:home ") && lower.contains("first");
    let echoed = lower.starts_with("echo:") && has(&["cold extru", "long extru"]);
    if shout || home_first || echoed || (error && (has(&REFUSALS) || names_command(&lower))) {
        return Some(Reply::Refused(said()));
    }
    let notable = has(&["invalid extruder"]) && has_start(&lower, &["echo:", "//"]);
    (error || notable).then(|| Reply::Harmless(said()))
}

/// Returns whether a refusal is about material that was not pushed since the hotend is cold.
pub(crate) fn is_cold_extrusion(text: &str) -> bool {
    text.to_ascii_lowercase().contains("cold extru")
}

/// RepRapFirmware names the command: `Error: G1: target position not reachable`.
fn names_command(lower: &str) -> bool {
    let rest = lower["error".len()..].trim_start_matches([':', ' ']);
    let mut letters = rest.chars();
    letters.next().is_some_and(|c| "gmt".contains(c))
        && letters.next().is_some_and(|c| c.is_ascii_digit())
        && rest.contains(':')
}

fn has_start(lower: &str, words: &[&str]) -> bool {
    words.iter().any(|word| lower.starts_with(word))
}

/// Returns whether a line starts with `error:`, of which at most one letter is damaged.
fn nearly_error(lower: &str) -> bool {
    let word = "error:";
    lower.len() >= word.len() && lower.bytes().zip(word.bytes()).filter(|(a, b)| a != b).count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_halt_a_fault_a_refusal_and_small_talk_are_told_apart() {
        let halted: &[&str] = &[
            "Error:Thermal Runaway, system stopped! Heater_ID: 0",
            "Error:Heating failed, system stopped! Heater_ID: bed",
            "Error:Printer halted. kill() called!",
            "Error:MAXTEMP triggered, system stopped! Heater_ID: 0",
            "echo:M112 Shutdown",
            "!! Lost communication with MCU 'mcu'",
            "!! MCU 'mcu' shutdown: Timer too close",
            "!! Once the underlying issue is corrected, use the",
            "!! Printer is shutdown",
            "!!",
            "fatal: heater/sensor error",
            "// Klipper state: Shutdown",
            "ERROR: Temperature reading is unreliable on T HALT asserted - reset or M999 required",
        ];
        let faults: &[&str] = &[
            "Error:MAXTEMP triggered",
            ": Extruder switched off. MAXTEMP triggered !",
            "Error:Temperature heated bed switched off. MAXTEMP triggered !!",
            "Error:Printer stopped due to errors. Fix the error and use M999 to restart.",
            "Error: heating fault on heater 1, temperature rising much more slowly than the expected 1.2\u{b0}C/sec",
            "Error: Heater 1 fault: temperature excursion exceeded 15.0\u{b0}C",
            "Error:Heater decoupled",
            "!! Heater extruder not heating at expected rate",
            "Error:THERMAL RUNAWAY",
            "Error: Temperature sensor defect on extruder 0",
        ];
        let refused: &[&str] = &[
            "!! Move exceeds maximum extrusion (2.040mm^2 vs 0.640mm^2)",
            "!! Move out of range: 999.0 0.0 0.0 [0.0]",
            "!! Must home axis first: 10.000 10.000 0.200 [0.000]",
            "!! Extrude below minimum temp",
            "Error:Probing Failed",
            "Error:Homing Failed",
            "echo: cold extrusion prevented",
            "echo:Home XYZ First",
            "Error: G1: insufficient axes homed",
        ];
        let harmless: &[&str] = &[
            "Error:volume.init failed",
            "echo:Unknown command: \"g1 x2\"",
            "// Unknown command:\"M900\"",
            "echo:T5 Invalid extruder",
            "Error:Erreur inconnue",
        ];
        let other: &[&str] = &[
            "echo:Now fresh file: mintemp.g",
            "echo:Runout sensor switched off",
            "// kill() it",
            "// probe at 10.000,20.000 is z=0.012500",
            "echo:probe temperature reading",
        ];
        let not_ready: &[&str] = &["!! Printer is not ready", "// retry in a few moments."];
        type Is = fn(&Reply) -> bool;
        let table: [(&[&str], Is); 6] = [
            (halted, |r| matches!(r, Reply::Halted(_))),
            (faults, |r| matches!(r, Reply::Fault(_))),
            (refused, |r| matches!(r, Reply::Refused(_))),
            (harmless, |r| matches!(r, Reply::Harmless(_))),
            (other, |r| *r == Reply::Other),
            (not_ready, |r| matches!(r, Reply::NotReady(_))),
        ];
        for (lines, is) in table {
            for line in lines {
                assert!(is(&Reply::parse(line)), "{line}: {:?}", Reply::parse(line));
            }
        }
    }

    #[test]
    fn what_people_read_keeps_the_letters_of_other_languages() {
        let said = "Error:Erreur somme de contr\u{f4}le \u{e0} la ligne";
        assert_eq!(Reply::parse(said), Reply::Harmless(said.into()));
    }
}
