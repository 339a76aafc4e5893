//! Which object of the print a line belongs to, by the labels that slicers write.
//!
//! Labels are M486, `EXCLUDE_OBJECT_START`, `; printing object …` or `;MESH:…`. Some files have two kinds of them: the
//! first that begins an object counts, the other is passed over.

use crate::lines::comment;
use parser::{Command, NAMED};
use std::collections::HashMap;

/// Objects that are told apart; a print with more has none to choose from.
pub const MOST_OBJECTS: usize = 200;
/// Longest name that is kept, characters.
const LONGEST_NAME: usize = 60;

/// How a file labels its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `M486 S0`, ended by `M486 S-1`.
    M486,
    /// `EXCLUDE_OBJECT_START NAME=a`, ended by `EXCLUDE_OBJECT_END`.
    Klipper,
    /// `; printing object a id:0 copy 0`, ended by `; stop printing object`.
    Printing,
    /// `;MESH:a`, ended by `;MESH:NONMESH`.
    Mesh,
}

/// Follows the labels of a file, line by line. One count for all who read it: an object has the number in which its first
/// label stands in the file, from 0.
#[derive(Debug, Clone, Default)]
pub(crate) struct Labels {
    style: Option<Style>,
    /// Numbers by the label's own name or number.
    known: HashMap<Box<[u8]>, u32>,
    pub(crate) names: Vec<String>,
    current: Option<u32>,
    pub(crate) too_many: bool,
}

impl Labels {
    /// Returns the object that the lines belong to.
    pub(crate) fn current(&self) -> Option<u32> {
        self.current
    }

    /// Takes in a line that is a comment.
    pub(crate) fn mark(&mut self, raw: &[u8]) {
        let Some(text) = comment(raw) else { return };
        if let Some(name) = text.strip_prefix(b"MESH:") {
            match name.trim_ascii() {
                b"NONMESH" | b"" => self.ends(Style::Mesh),
                name => self.begins(Style::Mesh, name, name),
            }
        } else if text.starts_with(b"stop printing object") {
            self.ends(Style::Printing);
        } else if let Some(name) = text.strip_prefix(b"printing object ") {
            self.begins(Style::Printing, name.trim_ascii(), name.trim_ascii());
        }
    }

    /// Takes in a command.
    pub(crate) fn command(&mut self, command: &Command<'_>) {
        match command.code() {
            ('M', 486) => self.m486(command),
            (NAMED, _) if command.name().len() >= 18 => {
                let name = command.name().to_ascii_uppercase();
                match name.as_str() {
                    "EXCLUDE_OBJECT_START" => {
                        if let Some(name) = command.named("NAME") {
                            self.begins(Style::Klipper, name.as_bytes(), name.as_bytes());
                        }
                    }
                    "EXCLUDE_OBJECT_END" => self.ends(Style::Klipper),
                    _ => (),
                }
            }
            _ => (),
        }
    }

    fn m486(&mut self, command: &Command<'_>) {
        let text = command.arguments().trim_ascii();
        let Some((letter, rest)) = text.split_first() else { return };
        match letter.to_ascii_uppercase() {
            b'S' => {
                let number = rest.trim_ascii();
                if number.starts_with(b"-") {
                    return self.ends(Style::M486);
                }
                let name = [b"Object ", number].concat();
                self.begins(Style::M486, number, &name);
            }
            // The name of the object whose lines begin.
            b'A' if self.style == Some(Style::M486) => {
                let name = shown(rest);
                if let (Some(known), false) =
                    (self.current.and_then(|n| self.names.get_mut(n as usize)), name.is_empty())
                {
                    *known = name;
                }
            }
            _ => (),
        }
    }

    fn begins(&mut self, style: Style, key: &[u8], name: &[u8]) {
        if *self.style.get_or_insert(style) != style {
            return;
        }
        if let Some(known) = self.known.get(key) {
            self.current = Some(*known);
            return;
        }
        if self.names.len() >= MOST_OBJECTS {
            (self.too_many, self.current) = (true, None);
            return;
        }
        let number = self.names.len() as u32;
        self.known.insert(key.into(), number);
        self.names.push(shown(name));
        self.current = Some(number);
    }

    fn ends(&mut self, style: Style) {
        if self.style == Some(style) {
            self.current = None;
        }
    }
}

/// Returns a name as it is shown: one line, no control characters, cut.
fn shown(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    text.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect::<String>().trim().to_owned()
}
