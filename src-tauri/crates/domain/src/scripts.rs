//! Scripts: a few commands that a person has sent whenever a print begins, pauses, goes on or ends. Data, never a program,
//! and never a move or heat: those are the file's and the app's own.

use crate::command::expand_macro;
use parser::Command;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// Most commands of a script.
const MOST_SCRIPT_LINES: usize = 20;
/// Longest script, characters.
const LONGEST_SCRIPT: usize = 2_000;

/// When a script is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScriptAt {
    /// The first line of the print is out.
    Start,
    /// The printer has confirmed the pause.
    Pause,
    /// It has confirmed that it goes on.
    Resume,
    /// The print was finished or cancelled, and the printer is still connected.
    End,
}

impl ScriptAt {
    /// All, in the order of a print.
    pub const ALL: [Self; 4] = [Self::Start, Self::Pause, Self::Resume, Self::End];

    /// Returns it in a sentence: "the script at the start".
    pub fn text(self) -> &'static str {
        match self {
            Self::Start => "the script at the start",
            Self::Pause => "the script at a pause",
            Self::Resume => "the script at a resume",
            Self::End => "the script at the end",
        }
    }
}

/// The scripts of a printer; an empty one does nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Scripts {
    /// When a print has begun.
    pub start: String,
    /// When a pause is confirmed, after the moves of the pause.
    pub pause: String,
    /// When a print goes on again.
    pub resume: String,
    /// When a print was finished or cancelled, after the heaters were switched off.
    pub end: String,
}

impl Scripts {
    /// Returns the text of one of them.
    pub fn text(&self, at: ScriptAt) -> &str {
        match at {
            ScriptAt::Start => &self.start,
            ScriptAt::Pause => &self.pause,
            ScriptAt::Resume => &self.resume,
            ScriptAt::End => &self.end,
        }
    }

    /// Returns the commands of one of them; none when it is empty.
    ///
    /// # Errors
    /// A text for people: which line cannot be in a script, and why.
    pub fn lines(&self, at: ScriptAt) -> Result<Vec<String>, String> {
        let fault = |why: String| format!("{}: {why}", at.text());
        let text = self.text(at);
        if text.chars().count() > LONGEST_SCRIPT {
            return Err(fault(format!("it has more than {LONGEST_SCRIPT} characters")));
        }
        if text.lines().all(|line| line.split(';').next().unwrap_or_default().trim().is_empty()) {
            return Ok(Vec::new());
        }
        if text.contains('{') {
            return Err(fault("no words in braces are filled in here".into()));
        }
        let lines = expand_macro(text, &BTreeMap::new()).map_err(fault)?;
        if lines.len() > MOST_SCRIPT_LINES {
            return Err(fault(format!("it has {} commands, more than {MOST_SCRIPT_LINES}", lines.len())));
        }
        match lines.iter().find(|line| !is_harmless(line)) {
            Some(line) => Err(fault(format!(
                "{line} moves, heats or may change the print; a script has lights, sounds, other fans and the display only \
                 (M42, M106 with a P above 0, M107 with one, M117, M118, M150, M300, M355)"
            ))),
            None => Ok(lines),
        }
    }
}

/// Returns whether a command touches neither motion nor heat, nor what the print has set.
fn is_harmless(line: &str) -> bool {
    let Some(command) = Command::of(line) else { return false };
    match command.code() {
        ('M', 42 | 117 | 118 | 150 | 300 | 355) => true,
        // Fan 0 cools the part: the file rules it.
        ('M', 106 | 107) => command.value('P').is_some_and(|fan| fan >= 1.0),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pause: &str) -> Result<Vec<String>, String> {
        Scripts { pause: pause.into(), ..Scripts::default() }.lines(ScriptAt::Pause)
    }

    #[test]
    fn lights_sounds_other_fans_and_the_display_may_be_in_a_script() {
        let text = "M150 R255 ; red\n\nm300 S440 P200\nM106 P1 S128\nM107 P2\nM117 Paused\nM42 P4 S255";
        let expected =
            ["M150 R255", "M300 S440 P200", "M106 P1 S128", "M107 P2", "M117 Paused", "M42 P4 S255"];
        assert_eq!(lines(text).unwrap(), expected);
        assert_eq!(lines("").unwrap(), Vec::<String>::new());
        assert_eq!(lines("; nothing\n\n").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn whatever_moves_heats_or_changes_the_print_may_not() {
        for line in [
            "G28",
            "G1 X10",
            "T1",
            "M104 S200",
            "M140 S0",
            "M109 S200",
            "M84",
            "M106 S255",
            "M107",
            "M106 P0",
            "M220 S50",
            "M112",
            "M25",
            "M600",
            "M500",
            "PARK_HEAD",
            "M 84",
            "M0084",
        ] {
            let why = lines(&format!("M117 ok\n{line}")).expect_err(line);
            assert!(why.starts_with("the script at a pause"), "{line}: {why}");
        }
        assert!(lines("M117 {bed_temp}").is_err(), "words are not filled in");
        assert!(lines(&"M300\n".repeat(21)).unwrap_err().contains("more than 20"));
        assert!(lines(&"M117 ".repeat(500)).is_err());
    }
}
