//! How long a command may take before its `ok` counts as lost, and before that is an alarm.

use domain::Millis;

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
}

/// Returns the class of a command.
pub(crate) fn class(text: &str) -> Class {
    let mut words = text.split_ascii_whitespace();
    match words.next().unwrap_or_default() {
        "G0" | "G1" | "G2" | "G3" | "G5" | "G10" | "G11" => Class::Move,
        "M400" | "M18" | "M84" | "G92" | "M20" | "M21" | "M23" | "M25" | "M524" => Class::Drain,
        "G4" => {
            let read = |letter: char, unit: f64| {
                let word = text.split_ascii_whitespace().find_map(|w| w.strip_prefix(letter));
                word.and_then(|v| v.parse::<f64>().ok()).unwrap_or(0.0).max(0.0) * unit
            };
            Class::Dwell((read('S', 1000.0) + read('P', 1.0)) as Millis)
        }
        "G28" | "G29" | "G30" | "G32" | "G33" | "G34" | "G76" | "M48" | "M80" | "M500" => Class::Home,
        "M109" | "M190" | "M191" | "M303" | "M701" | "M702" | "M116" => Class::Heat,
        "M0" | "M1" | "M226" | "M600" | "M125" => Class::Person,
        // A change of tools may move first.
        tool if tool.starts_with('T') => Class::Drain,
        _ => Class::Quick,
    }
}

/// Returns the times of a command; `busy_protocol`: the firmware says `busy` while it works.
pub(crate) fn patience(class: Class, busy_protocol: bool) -> Patience {
    let (ask_secs, deadline_secs) = match class {
        Class::Quick => (1, 10),
        // A planner full of long, slow moves frees a block only now and then; asking costs one short line.
        Class::Move => (1, 120),
        Class::Drain => (5, 180),
        Class::Dwell(ms) => (10 + ms / 1000, 60 + ms / 1000),
        Class::Home => (if busy_protocol { 10 } else { 60 }, 600),
        Class::Heat => (if busy_protocol { 10 } else { 60 }, 1800),
        Class::Person => return Patience { ask_ms: None, deadline_ms: None },
    };
    Patience { ask_ms: Some(ask_secs * 1000), deadline_ms: Some(deadline_secs * 1000) }
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
            ("G28", Some(600_000)),
            ("M109 S215", Some(1_800_000)),
            ("M600", None),
        ];
        for (text, deadline) in table {
            assert_eq!(patience(class(text), false).deadline_ms, deadline, "{text}");
        }
    }
}
