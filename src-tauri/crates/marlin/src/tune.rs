//! Baby steps, tools, and the size of the machine: what was acknowledged, and what the firmware says.

use crate::area::area;
use crate::number;
use domain::{Able, Area, Tools};
use parser::Command;

/// Further than this no baby step leads, in all, mm.
pub(crate) const MOST_BABY_MM: f64 = 2.0;

/// What is set beside the file.
#[derive(Debug, Default)]
pub(crate) struct Tune {
    baby: Able,
    baby_mm: f64,
    tool: u8,
    tool_count: Option<u8>,
    area: Option<Area>,
}

impl Tune {
    /// A line that sets something was acknowledged.
    pub(crate) fn on_acknowledged(&mut self, command: &Command<'_>) {
        match command.code() {
            ('M', 290) if self.baby != Able::No => {
                if let Some(mm) = command.value('Z').filter(|mm| number::is_sane(*mm)) {
                    self.baby = Able::Yes;
                    // Steps are hundredths; sums of them would show crumbs.
                    self.baby_mm = ((self.baby_mm + mm) * 1000.0).round() / 1000.0;
                }
            }
            _ => self.tool = command.tool().unwrap_or(self.tool),
        }
    }

    /// Takes `area:{..}`, the number of tools and whether there are baby steps from a line. Returns that number, as far
    /// as it is known, when the line tells it.
    pub(crate) fn on_line(&mut self, line: &str) -> Option<u8> {
        if let Some(text) = line.strip_prefix("area:") {
            self.area = area(text).or(self.area);
        } else if let Some((_, text)) = line.split_once("EXTRUDER_COUNT:") {
            self.tool_count = text.split(' ').next().and_then(|n| n.parse().ok()).filter(|n| *n > 0);
            return self.tool_count;
        } else if let Some(on) = line.strip_prefix("Cap:BABYSTEPPING:") {
            self.baby = if on == "1" { Able::Yes } else { Able::No };
        }
        None
    }

    /// The firmware does not know baby steps.
    pub(crate) fn no_baby_steps(&mut self) {
        self.baby = Able::No;
    }

    /// Returns whether the firmware is known not to know baby steps.
    pub(crate) fn has_no_baby_steps(&self) -> bool {
        self.baby == Able::No
    }

    /// Returns whether another baby step stays within what is sensible.
    pub(crate) fn may_baby_step(&self, mm: f64) -> bool {
        (self.baby_mm + mm).abs() <= MOST_BABY_MM + 1e-6
    }

    /// Returns the active tool.
    pub(crate) fn tool(&self) -> u8 {
        self.tool
    }

    /// Returns where the head can go, when the firmware tells it.
    pub(crate) fn area(&self) -> Option<Area> {
        self.area
    }

    /// Returns what is known of these, besides what is known of the dials.
    pub(crate) fn report(&self, dials: Tools) -> Tools {
        Tools {
            baby: self.baby,
            baby_mm: self.baby_mm,
            tool: self.tool,
            tool_count: self.tool_count,
            area: self.area,
            ..dials
        }
    }
}
