//! Printers that another host drives (OctoPrint, Klipper): who speaks for them, and what it tells.

use crate::EventClass;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Longest name or version of an agent that is kept, characters.
pub const LONGEST_AGENT_WORD: usize = 64;

/// The program beside OctoPrint or Klipper that speaks for a printer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Agent {
    /// `octoprint_obico`, `moonraker_obico`; empty until it has told.
    pub name: String,
    /// Its version; empty until it has told.
    pub version: String,
}

impl Agent {
    /// Returns what the agent runs beside, for people.
    pub fn host(&self) -> &'static str {
        if self.is_moonraker() {
            "Klipper"
        } else if self.name.contains("octoprint") {
            "OctoPrint"
        } else {
            "OctoPrint or Klipper"
        }
    }

    /// Returns whether it runs beside Moonraker, which does some things by another way.
    pub fn is_moonraker(&self) -> bool {
        self.name.contains("moonraker")
    }
}

/// Numbers of one print may differ by this in what an agent tells, seconds: it corrects them as the print begins.
const SAME_PRINT_SECS: u64 = 20;

/// Returns whether two numbers by which a host counts its prints (the second in which each began) may be of one print.
pub fn may_be_same_print(one: i64, other: i64) -> bool {
    one.abs_diff(other) < SAME_PRINT_SECS
}

/// Longest name of a file that a host is given, characters.
const LONGEST_HOST_NAME: usize = 120;

/// Returns the name under which a host is given a file of ours: characters alone that no host changes, so that the print
/// can be recognised by it.
pub fn name_at_host(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let plain: String =
        stem.chars().map(|c| if is_plain(c) { c } else { '_' }).take(LONGEST_HOST_NAME).collect();
    let plain = plain.trim_matches('_');
    format!("{}.gcode", if plain.is_empty() { "print" } else { plain })
}

/// Something that an agent reports by itself, for the log. Hostile text, cut to one line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentEvent {
    /// How grave, by its own words.
    pub class: EventClass,
    /// One line.
    pub title: String,
    /// A sentence or two, may be empty.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_given_names_that_it_does_not_change() {
        for (name, plain) in [
            ("benchy.gcode", "benchy.gcode"),
            ("Würfel (2).GCODE", "W_rfel__2.gcode"),
            ("../../etc/passwd", "passwd.gcode"),
            ("…", "print.gcode"),
            ("a.b.gco", "a_b.gcode"),
        ] {
            assert_eq!(name_at_host(name), plain, "{name}");
        }
        assert!(name_at_host(&"x".repeat(999)).len() <= LONGEST_HOST_NAME + 6);
    }
}
