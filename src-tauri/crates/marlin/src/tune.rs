//! Fan, speed and flow: what was taken, and what the firmware says when it is asked; the size of the machine.

use crate::link::Link;
use crate::profile::area;
use domain::{Able, Dial, parameter};

impl Link {
    /// A line that sets something was taken.
    pub(crate) fn dial_taken(&mut self, code: &str, rest: &str) {
        let told = &mut self.tools.told;
        let taken =
            |percent: f64| Some(Dial { percent: percent.round().clamp(0.0, 999.0) as u16, read_back: false });
        match (code, parameter(rest, 'S')) {
            // Other fans are none of the part's.
            ("M106" | "M107", _) if parameter(rest, 'P').is_some_and(|p| p != 0.0) => (),
            ("M106", speed) => told.fan = taken(speed.unwrap_or(255.0).clamp(0.0, 255.0) / 2.55),
            ("M107", _) => told.fan = taken(0.0),
            ("M220", Some(percent)) => told.speed = taken(percent),
            ("M221", Some(percent)) => told.flow = taken(percent),
            ("M290", _) if told.baby != Able::No => {
                if let Some(mm) = parameter(rest, 'Z') {
                    told.baby = Able::Yes;
                    // Steps are hundredths; sums of them would show crumbs.
                    told.baby_mm = ((told.baby_mm + mm) * 1000.0).round() / 1000.0;
                }
            }
            _ => {
                if let Some(tool) = code.strip_prefix('T').and_then(|n| n.parse().ok()) {
                    told.tool = tool;
                }
            }
        }
    }

    /// A line that a person sent was taken: what it did to the part fan outlasts a pause.
    pub(crate) fn fan_taken(&mut self, text: &str) {
        let (code, rest) = domain::cut(text);
        let other = parameter(rest, 'P').is_some_and(|p| p != 0.0);
        match code {
            "M106" if !other => {
                let speed = parameter(rest, 'S').unwrap_or(255.0).clamp(0.0, 255.0);
                self.tools.fan = Some(speed.round() as u8);
            }
            "M107" if !other => self.tools.fan = Some(0),
            _ => (),
        }
    }

    /// Takes `FR:100%`, `E0 Flow: 100%`, `area:{..}` and the number of tools from a line.
    pub(crate) fn dial_heard(&mut self, line: &str) {
        let told = &mut self.tools.told;
        let line = line.trim().trim_start_matches("echo:");
        let percent = |text: &str| {
            let text = text.trim().strip_suffix('%')?;
            let percent = text.trim().parse::<f64>().ok().filter(|p| (0.0..=999.0).contains(p))?;
            Some(Dial { percent: percent.round() as u16, read_back: true })
        };
        if let Some(text) = line.strip_prefix("FR:") {
            told.speed = percent(text).or(told.speed);
        } else if let Some((_, text)) = line.split_once("Flow:") {
            told.flow = percent(text).or(told.flow);
        } else if let Some(text) = line.strip_prefix("area:") {
            told.area = area(text).or(told.area);
        } else if let Some((_, text)) = line.split_once("EXTRUDER_COUNT:") {
            told.tool_count = text.split(' ').next().and_then(|n| n.parse().ok()).filter(|n| *n > 0);
        } else if let Some(on) = line.strip_prefix("Cap:BABYSTEPPING:") {
            told.baby = if on == "1" { Able::Yes } else { Able::No };
        }
    }
}
