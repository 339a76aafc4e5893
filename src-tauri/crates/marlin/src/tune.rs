//! Fan, speed and flow: what was acknowledged, and what the firmware says when it is asked; the size of the machine.

use crate::area::area;
use crate::number;
use domain::{Able, Area, Dial, Tools};
use parser::Command;

/// Further than this no baby step leads, in all, mm.
pub(crate) const MOST_BABY_MM: f64 = 2.0;

/// What is set beside the file.
#[derive(Debug, Default)]
pub(crate) struct Tune {
    fan: Option<Dial>,
    speed: Option<Dial>,
    flow: Option<Dial>,
    baby: Able,
    baby_mm: f64,
    tool: u8,
    tool_count: Option<u8>,
    area: Option<Area>,
}

impl Tune {
    /// A line that sets something was acknowledged.
    pub(crate) fn on_acknowledged(&mut self, command: &Command<'_>) {
        let taken =
            |percent: f64| Some(Dial { percent: percent.round().clamp(0.0, 999.0) as u16, read_back: false });
        match (command.code(), command.value('S')) {
            (('M', 106 | 107), _) => {
                if let Some(speed) = part_fan(command) {
                    self.fan = taken(f64::from(speed) / 2.55);
                }
            }
            (('M', 220), Some(percent)) => self.speed = taken(percent),
            (('M', 221), Some(percent)) => self.flow = taken(percent),
            (('M', 290), _) if self.baby != Able::No => {
                if let Some(mm) = command.value('Z').filter(|mm| number::is_sane(*mm)) {
                    self.baby = Able::Yes;
                    // Steps are hundredths; sums of them would show crumbs.
                    self.baby_mm = ((self.baby_mm + mm) * 1000.0).round() / 1000.0;
                }
            }
            _ => self.tool = command.tool().unwrap_or(self.tool),
        }
    }

    /// Takes `FR:100%`, `E0 Flow: 100%`, `area:{..}` and the number of tools from a line. Returns that number, as far as
    /// it is known, when the line tells it.
    pub(crate) fn on_line(&mut self, line: &str) -> Option<u8> {
        let line = line.trim().trim_start_matches("echo:");
        let percent = |text: &str| {
            let text = text.trim().strip_suffix('%')?;
            let percent = text.trim().parse::<f64>().ok().filter(|p| (0.0..=999.0).contains(p))?;
            Some(Dial { percent: percent.round() as u16, read_back: true })
        };
        if let Some(text) = line.strip_prefix("FR:") {
            self.speed = percent(text).or(self.speed);
        } else if let Some((_, text)) = line.split_once("Flow:") {
            self.flow = percent(text).or(self.flow);
        } else if let Some(text) = line.strip_prefix("area:") {
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

    /// Returns what is known of these; the rest is left as it is by default.
    pub(crate) fn report(&self) -> Tools {
        Tools {
            fan: self.fan,
            speed: self.speed,
            flow: self.flow,
            baby: self.baby,
            baby_mm: self.baby_mm,
            tool: self.tool,
            tool_count: self.tool_count,
            area: self.area,
            ..Tools::default()
        }
    }
}

/// Returns the speed that a command gives the part fan, 0 to 255. Other fans are none of the part's.
pub(crate) fn part_fan(command: &Command<'_>) -> Option<u8> {
    let other = command.value('P').is_some_and(|p| p != 0.0);
    match command.code() {
        ('M', 106) if !other => Some(command.value('S').unwrap_or(255.0).clamp(0.0, 255.0).round() as u8),
        ('M', 107) if !other => Some(0),
        _ => None,
    }
}
