//! Tools, and the size of the machine: what was acknowledged, and what the firmware says.

use crate::area::area;
use domain::{Area, Tools};
use parser::Command;

/// What is known of the machine beside the print.
#[derive(Debug, Default)]
pub(crate) struct Tune {
    tool: u8,
    tool_count: Option<u8>,
    area: Option<Area>,
}

impl Tune {
    /// A line was acknowledged.
    pub(crate) fn on_acknowledged(&mut self, command: &Command<'_>) {
        self.tool = command.tool().unwrap_or(self.tool);
    }

    /// Takes `area:{..}` and the number of tools from a line. Returns that number, as far as it is known, when the line
    /// tells it.
    pub(crate) fn on_line(&mut self, line: &str) -> Option<u8> {
        if let Some(text) = line.strip_prefix("area:") {
            self.area = area(text).or(self.area);
        } else if let Some((_, text)) = line.split_once("EXTRUDER_COUNT:") {
            self.tool_count = text.split(' ').next().and_then(|n| n.parse().ok()).filter(|n| *n > 0);
            return self.tool_count;
        }
        None
    }

    /// Returns the active tool.
    pub(crate) fn tool(&self) -> u8 {
        self.tool
    }

    /// Returns where the head can go, when the firmware tells it.
    pub(crate) fn area(&self) -> Option<Area> {
        self.area
    }

    /// Returns what is known of these, besides what is known of the rest.
    pub(crate) fn report(&self, rest: Tools) -> Tools {
        Tools { tool: self.tool, tool_count: self.tool_count, area: self.area, ..rest }
    }
}
