//! How long a command may take before its `ok` counts as lost, and before that is an alarm.

use crate::number::wait_ms;
use domain::Millis;
use parser::{Command, NAMED};

/// The times of one command. `None`: it waits for a person and never times out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Patience {
    /// Without `ok` and `busy` for so long, we ask with M105.
    pub(crate) ask_ms: Option<Millis>,
    /// Without `ok` for so long after sending, it failed.
    pub(crate) deadline_ms: Option<Millis>,
}

/// What a command does to the wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Answered at once.
    Quick,
    /// Waits for a free block of the planner.
    Move,
    /// Waits until all moves have ended.
    Drain,
    /// Dwells for so many milliseconds.
    Dwell(Millis),
    /// Homes or levels.
    Home,
    /// Waits for a temperature.
    Heat,
    /// Waits for a person.
    Person,
    /// Nobody knows: it may be a macro of minutes.
    Unknown,
}

/// Commands that every firmware answers at once: `G` and `M` words by number.
const QUICK_G: [u16; 13] = [15, 16, 17, 18, 19, 20, 21, 22, 23, 90, 91, 93, 94];
const QUICK_M: [u16; 67] = [
    22, 24, 26, 27, 31, 42, 73, 74, 75, 76, 77, 78, 81, 82, 83, 85, 92, 104, 105, 106, 107, 108, 110, 111,
    113, 114, 115, 117, 118, 119, 120, 121, 135, 140, 141, 145, 149, 150, 155, 200, 201, 202, 203, 204, 205,
    206, 207, 208, 209, 211, 217, 218, 220, 221, 290, 301, 302, 304, 413, 420, 486, 501, 503, 572, 851, 900,
    906,
];
/// Klipper's own words that are answered at once begin so.
const QUICK_WORDS: [&str; 8] =
    ["SET_", "GET_", "EXCLUDE_OBJECT", "STATUS", "HELP", "SAVE_GCODE_STATE", "RESPOND", "QUERY_"];

/// Returns the class of a command.
pub(crate) fn class(text: &str) -> Class {
    let Some(command) = Command::of(text) else { return Class::Quick };
    match command.code() {
        ('G', 0..=3 | 5 | 10 | 11) => Class::Move,
        ('G', 4) => Class::Dwell(wait_ms(
            command.value('S').unwrap_or(0.0) * 1000.0 + command.value('P').unwrap_or(0.0),
        )),
        ('G', 28..=30 | 32..=34 | 76) => Class::Home,
        ('G', 92) => Class::Drain,
        ('G', n) if QUICK_G.contains(&n) => Class::Quick,
        ('M', 400 | 18 | 84 | 20 | 21 | 23 | 25 | 524) => Class::Drain,
        ('M', 48 | 80 | 500) => Class::Home,
        ('M', 109 | 190 | 191 | 303 | 701 | 702 | 116) => Class::Heat,
        ('M', 0 | 1 | 226 | 600 | 601 | 125) => Class::Person,
        ('M', n) if QUICK_M.contains(&n) => Class::Quick,
        // A change of tools may move first. `Tx` loads filament and may wait for a person.
        ('T', _) if command.tool().is_some() => Class::Drain,
        (NAMED, _) if QUICK_WORDS.iter().any(|word| command.name().starts_with(word)) => Class::Quick,
        _ => Class::Unknown,
    }
}

/// Returns the times of a command; `busy_protocol`: the firmware says `busy` while it works.
pub(crate) fn patience(class: Class, busy_protocol: bool) -> Patience {
    let (ask_secs, deadline_secs): (Millis, Millis) = match class {
        Class::Quick => (1, 10),
        // A planner full of long, slow moves frees a block only now and then; asking costs one short line.
        Class::Move => (1, 120),
        Class::Drain => (5, 180),
        Class::Dwell(ms) => (10 + ms / 1000, 60 + ms / 1000),
        Class::Home => (if busy_protocol { 10 } else { 60 }, 600),
        Class::Heat => (if busy_protocol { 10 } else { 60 }, 1800),
        // It may heat, home and level.
        Class::Unknown => (5, 1800),
        Class::Person => return Patience { ask_ms: None, deadline_ms: None },
    };
    let ms = |secs: Millis| Some(secs.saturating_mul(1000));
    Patience { ask_ms: ms(ask_secs), deadline_ms: ms(deadline_secs) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_gets_the_time_it_needs() {
        let table = [
            ("M105", Some(10_000)),
            ("G1 X1 F60", Some(120_000)),
            ("M400", Some(180_000)),
            ("G4 S30 P500", Some(90_000)),
            ("G4 S1e300", Some(61_000)),
            ("G4 P1e999 S-1", Some(60_000)),
            ("G4 S99999999999999999999", Some(86_460_000)),
            ("G4 P99999999999 S-1", Some(86_460_000)),
            ("G4 SNaN", Some(60_000)),
            ("G28", Some(600_000)),
            ("M109 S215", Some(1_800_000)),
            ("M600", None),
            ("G80", Some(1_800_000)),
            ("G26", Some(1_800_000)),
            ("M860 P1", Some(1_800_000)),
            ("PRINT_START BED=60", Some(1_800_000)),
            ("BED_MESH_CALIBRATE", Some(1_800_000)),
            ("T_LOAD", Some(1_800_000)),
            ("Tx", Some(1_800_000)),
            ("M117 T1", Some(10_000)),
            ("M220 S100", Some(10_000)),
            ("SET_PRESSURE_ADVANCE ADVANCE=0.04", Some(10_000)),
            ("g1 x1", Some(120_000)),
            ("G01 X1", Some(120_000)),
            ("T1", Some(180_000)),
        ];
        for (text, deadline) in table {
            assert_eq!(patience(class(text), false).deadline_ms, deadline, "{text}");
        }
    }
}
