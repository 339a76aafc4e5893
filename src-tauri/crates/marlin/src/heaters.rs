//! Which heaters there are, what each was told, and how all are switched off.
//!
//! Invariant: "off" is what a report showed after the switch-off, never what was merely sent.

use crate::klipper::klipper_heater;
use crate::out::Out;
use crate::recipe::target_line;
use crate::tag::Tag;
use crate::temperature::Reading;
use domain::{Heater, LinkChange, Millis, Now};
use parser::{Command, NAMED};
use std::collections::{BTreeMap, BTreeSet};

/// Tools of the largest machines; numbers beyond are damage.
const MOST_TOOLS: u8 = 16;
/// A target at or below this is off, degrees Celsius.
pub(crate) const OFF_C: f64 = 0.5;
/// After a switch-off the targets are asked for as often, then what is not off is told.
const MOST_READ_BACKS: u32 = 8;
/// Time between two of these questions.
const READ_BACK_AGAIN_MS: Millis = 1_000;

/// What is known of the machine's heaters besides their temperatures.
#[derive(Debug, Default)]
pub(crate) struct Heaters {
    /// Tools that the firmware, a line or a report named.
    tools: BTreeSet<u8>,
    chamber: bool,
    /// Set above 0 since the link came up, by whomever.
    used: BTreeSet<Heater>,
    /// The last target that a line set, degrees Celsius.
    last_set: BTreeMap<Heater, f64>,
    /// The last reported target, and the number of that report.
    reported: BTreeMap<Heater, (u64, Option<f64>)>,
    /// Reports so far.
    reports: u64,
    /// Reports before a switch-off tell nothing of it.
    asked_after: u64,
    read_back: Option<ReadBack>,
}

/// A switch-off outside of a sequence, whose effect is being asked for.
#[derive(Debug, Clone, Copy)]
struct ReadBack {
    ask_at: Millis,
    tries: u32,
}

/// What a line does to a heater's target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum SetTarget {
    /// Sets it, degrees Celsius; `waits`: it is acknowledged when the heat is reached.
    To { heater: Heater, target_c: f64, waits: bool },
    /// The firmware changes it as it sees fit from here on.
    Floats(Heater),
    /// It may have changed any of them: a macro, a change of filament.
    Unknown,
}

/// Reads what a line does to targets; `tool` is the active one.
pub(crate) fn set_target(text: &str, tool: u8) -> Option<SetTarget> {
    let command = Command::of(text)?;
    let value = |letter| command.value(letter);
    let numbered = value('T').filter(|n| (0.0..f64::from(MOST_TOOLS)).contains(n)).map(|n| n as u8);
    let hotend = Heater::Hotend(numbered.unwrap_or(tool));
    let to = |heater, target_c: Option<f64>, waits| {
        target_c.map(|c| SetTarget::To { heater, target_c: c.max(0.0), waits })
    };
    match command.code() {
        ('M', 104 | 109) if command.has('F') => Some(SetTarget::Floats(hotend)),
        // R waits while it cools, too, so what is reached is the target either way.
        ('M', 109) => to(hotend, value('S').or(value('R')), true),
        ('M', 104) => to(hotend, value('S'), false),
        ('M', 190) => to(Heater::Bed, value('S').or(value('R')), true),
        ('M', 140) => to(Heater::Bed, value('S'), false),
        ('M', 191) => to(Heater::Chamber, value('S').or(value('R')), true),
        ('M', 141) => to(Heater::Chamber, value('S'), false),
        ('M', 600 | 601 | 701 | 702 | 125 | 303 | 98 | 568 | 0 | 1 | 24) => Some(SetTarget::Unknown),
        // Tool offsets of some firmwares carry temperatures; of others it is a retraction.
        ('G', 10) if command.has('P') => Some(SetTarget::Unknown),
        ('G' | 'M', _) => None,
        (NAMED, _) if command.name().eq_ignore_ascii_case("SET_HEATER_TEMPERATURE") => {
            let heater = command.named("HEATER").and_then(klipper_heater);
            // Without a target it switches off.
            let target_c = command.named("TARGET").map_or(Some(0.0), |c| c.parse().ok());
            match heater.zip(target_c.filter(|c: &f64| c.is_finite())) {
                Some((heater, target_c)) => to(heater, Some(target_c), false),
                None => Some(SetTarget::Unknown),
            }
        }
        // With one hotend for several tools, a change of tool changes its target; a macro may change any.
        _ => Some(SetTarget::Unknown),
    }
}

impl Heaters {
    /// A line goes out: the tools it names exist as far as anybody knows, and it may heat before it is acknowledged.
    pub(crate) fn sent(&mut self, text: &str, tool: u8) {
        if let Some(n) = Command::of(text).and_then(|command| command.tool()) {
            self.name_tool(n);
        }
        match set_target(text, tool) {
            Some(SetTarget::To { heater, target_c, .. }) => {
                self.name(heater);
                if target_c > OFF_C {
                    self.used.insert(heater);
                    self.last_set.insert(heater, target_c);
                }
            }
            Some(SetTarget::Floats(heater)) => {
                self.name(heater);
                self.used.insert(heater);
                self.last_set.remove(&heater);
            }
            Some(SetTarget::Unknown) => self.last_set.clear(),
            None => (),
        }
    }

    /// A line was acknowledged: what it switched off is switched off.
    pub(crate) fn acknowledged(&mut self, text: &str, tool: u8) {
        if let Some(SetTarget::To { heater, target_c, .. }) = set_target(text, tool) {
            self.last_set.insert(heater, target_c);
        }
    }

    fn name(&mut self, heater: Heater) {
        match heater {
            Heater::Hotend(n) => self.name_tool(n),
            Heater::Bed => (),
            Heater::Chamber => self.chamber = true,
        }
    }

    /// Tools are counted from 0, so a number names those before it as well.
    pub(crate) fn name_tool(&mut self, tool: u8) {
        if tool < MOST_TOOLS {
            self.tools.extend(0..=tool);
        }
    }

    /// Takes a report.
    pub(crate) fn reported(&mut self, readings: &[Reading]) {
        self.reports += 1;
        for reading in readings {
            self.name(reading.heater);
            let before = self.reported.get(&reading.heater).and_then(|(_, target)| *target);
            let told = reading.target_c;
            if told.is_some_and(|c| c > OFF_C) {
                self.used.insert(reading.heater);
            }
            // A line without targets says nothing of them.
            let number = if told.is_some() { self.reports } else { 0 };
            let number = number.max(self.reported.get(&reading.heater).map_or(0, |(number, _)| *number));
            self.reported.insert(reading.heater, (number, told.or(before)));
        }
    }

    /// From here on only new reports count as read back.
    pub(crate) fn mark(&mut self) {
        self.asked_after = self.reports;
    }

    /// Returns every heater that is to be switched off, the hotends first: they are what burns.
    pub(crate) fn all(&self) -> Vec<Heater> {
        let mut all: Vec<Heater> = self.tools.iter().map(|n| Heater::Hotend(*n)).collect();
        if all.is_empty() {
            all.push(Heater::Hotend(0));
        }
        all.push(Heater::Bed);
        if self.chamber {
            all.push(Heater::Chamber);
        }
        all
    }

    /// Returns whether lines name the tool: there is more than the first one.
    pub(crate) fn many_tools(&self) -> bool {
        self.tools.iter().any(|n| *n > 0)
    }

    /// Returns the line that switches a heater off.
    pub(crate) fn off_line(&self, heater: Heater) -> String {
        target_line(heater, 0.0, self.many_tools())
    }

    /// Returns whether a heater was read back as off since `mark`.
    pub(crate) fn is_off(&self, heater: Heater) -> bool {
        self.reported
            .get(&heater)
            .is_some_and(|(number, target)| *number > self.asked_after && target.is_some_and(|c| c <= OFF_C))
    }

    /// Returns whether a heater was read back as on since `mark`.
    pub(crate) fn stays_on(&self, heater: Heater) -> bool {
        self.reported
            .get(&heater)
            .is_some_and(|(number, target)| *number > self.asked_after && target.is_some_and(|c| c > OFF_C))
    }

    /// Returns which of these were not read back as off since `mark`. What nobody ever set and no report names is none
    /// that could be on.
    pub(crate) fn not_confirmed(&self, heaters: &[Heater]) -> Vec<Heater> {
        let could_be_on = |heater: &Heater| {
            self.used.contains(heater) || self.reported.contains_key(heater) || *heater == Heater::Hotend(0)
        };
        heaters.iter().copied().filter(|h| could_be_on(h) && !self.is_off(*h)).collect()
    }

    /// Returns the heaters that were set or reported on since the link came up.
    pub(crate) fn used(&self) -> Vec<Heater> {
        self.all().into_iter().filter(|heater| self.used.contains(heater)).collect()
    }

    /// Returns what a finished file has left on, as far as lines and reports tell.
    pub(crate) fn left_on(&self) -> Vec<Heater> {
        let off = |heater: &Heater| {
            let reported = self.reported.get(heater).and_then(|(_, target)| *target);
            match self.last_set.get(heater) {
                // The file's own line switched it off; a report from before that line tells nothing.
                Some(c) => *c <= OFF_C,
                None => match reported {
                    Some(c) => c <= OFF_C,
                    None => !self.used.contains(heater),
                },
            }
        };
        self.all().into_iter().filter(|heater| !off(heater)).collect()
    }
}

impl Heaters {
    /// Returns the lines that switch these heaters off, with what they switch off.
    pub(crate) fn off_lines(&self, which: impl Fn(Heater) -> bool) -> Vec<(String, Heater)> {
        self.all().into_iter().filter(|h| which(*h)).map(|h| (self.off_line(h), h)).collect()
    }

    /// Returns the lines that switch everything off.
    pub(crate) fn all_off_lines(&self) -> Vec<(String, Heater)> {
        self.off_lines(|_| true)
    }

    /// Switches everything off now, whatever else waits, and asks afterwards. Nothing waits for the answer.
    pub(crate) fn switch_off(&mut self, fan: bool, out: &mut Out) {
        let fan = fan.then(|| "M107".to_owned());
        let lines = self.all_off_lines().into_iter().map(|(line, _)| line).chain(fan);
        let mut lines: Vec<_> = lines.map(|line| (line, Tag::Off)).collect();
        lines.push(("M105".into(), Tag::OffReadBack));
        out.lines_first(lines);
        self.read_back = Some(ReadBack { ask_at: Millis::MAX, tries: 0 });
    }

    /// The question after a switch-off was answered.
    pub(crate) fn read_back_answered(&mut self, now: Now, out: &mut Out) {
        let Some(mut read_back) = self.read_back else { return };
        read_back.tries += 1;
        read_back.ask_at = now.mono_ms.saturating_add(READ_BACK_AGAIN_MS);
        let unconfirmed = self.not_confirmed(&self.all());
        if unconfirmed.is_empty() || read_back.tries >= MOST_READ_BACKS {
            self.read_back = None;
            out.change(LinkChange::HeatersOff { unconfirmed });
        } else {
            self.read_back = Some(read_back);
        }
    }

    /// Asks again when it is time. Some firmwares say `ok` first and the answer then.
    pub(crate) fn handle_timeout(&mut self, now: Now, out: &mut Out) {
        let Some(read_back) = &mut self.read_back else { return };
        if now.mono_ms < read_back.ask_at {
            return;
        }
        read_back.ask_at = Millis::MAX;
        // An answer that came behind its `ok` counts.
        let unconfirmed = self.not_confirmed(&self.all());
        if unconfirmed.is_empty() {
            self.read_back = None;
            out.change(LinkChange::HeatersOff { unconfirmed });
        } else {
            out.line("M105", Tag::OffReadBack);
        }
    }

    /// Returns when the question is due again.
    pub(crate) fn poll_timeout(&self) -> Option<Millis> {
        self.read_back.map(|read_back| read_back.ask_at).filter(|at| *at < Millis::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_line_does_to_a_target_is_read() {
        let to = |heater, target_c, waits| Some(SetTarget::To { heater, target_c, waits });
        let table = [
            ("M104 S205", to(Heater::Hotend(1), 205.0, false)),
            ("M104 T0 S205", to(Heater::Hotend(0), 205.0, false)),
            ("M109 R180", to(Heater::Hotend(1), 180.0, true)),
            ("M140 S-5", to(Heater::Bed, 0.0, false)),
            ("M190 R60", to(Heater::Bed, 60.0, true)),
            ("M141 S40", to(Heater::Chamber, 40.0, false)),
            ("M104 S190 B230 F1", Some(SetTarget::Floats(Heater::Hotend(1)))),
            ("M109", None),
            ("M104 Snan", None),
            ("m104s200t0", to(Heater::Hotend(0), 200.0, false)),
            ("M117 M104 S200", None),
            ("M104 T99 S200", to(Heater::Hotend(1), 200.0, false)),
            ("G1 X1 S200", None),
            ("M106 S255", None),
            ("PRINT_START BED=60", Some(SetTarget::Unknown)),
            ("M600", Some(SetTarget::Unknown)),
            ("SET_HEATER_TEMPERATURE HEATER=extruder TARGET=200", to(Heater::Hotend(0), 200.0, false)),
            ("set_heater_temperature heater=extruder1 target=0", to(Heater::Hotend(1), 0.0, false)),
            ("SET_HEATER_TEMPERATURE HEATER=heater_bed", to(Heater::Bed, 0.0, false)),
            ("SET_HEATER_TEMPERATURE HEATER=chamber TARGET=40", Some(SetTarget::Unknown)),
            ("SET_HEATER_TEMPERATURE HEATER=extruder TARGET={a}", Some(SetTarget::Unknown)),
            ("T0", Some(SetTarget::Unknown)),
        ];
        for (text, want) in table {
            assert_eq!(set_target(text, 1), want, "{text}");
        }
    }

    #[test]
    fn every_tool_that_anything_named_is_switched_off() {
        let mut heaters = Heaters::default();
        let lines = |heaters: &Heaters| {
            heaters.all().into_iter().map(|h| heaters.off_line(h)).collect::<Vec<_>>().join("|")
        };
        assert_eq!(lines(&heaters), "M104 S0|M140 S0");
        heaters.sent("M104 S200", 0);
        assert_eq!(lines(&heaters), "M104 S0|M140 S0");
        heaters.sent("M109 T1 S200", 0);
        heaters.sent("M141 S40", 0);
        assert_eq!(lines(&heaters), "M104 T0 S0|M104 T1 S0|M140 S0|M141 S0");
        heaters.name_tool(200);
        assert_eq!(heaters.all().len(), 4, "no machine has so many");
    }

    #[test]
    fn off_is_what_a_report_showed_after_the_switch_off() {
        let mut heaters = Heaters::default();
        let reading =
            |heater, target_c| Reading { heater, actual_c: Some(200.0), target_c, unnumbered: false };
        heaters.sent("M104 S200", 0);
        heaters.reported(&[reading(Heater::Hotend(0), Some(0.0)), reading(Heater::Bed, Some(0.0))]);
        heaters.mark();
        let all = heaters.all();
        assert_eq!(heaters.not_confirmed(&all), [Heater::Hotend(0), Heater::Bed]);
        heaters.reported(&[reading(Heater::Hotend(0), None), reading(Heater::Bed, Some(-273.0))]);
        assert_eq!(heaters.not_confirmed(&all), [Heater::Hotend(0)], "no target is no answer");
        heaters.reported(&[reading(Heater::Hotend(0), Some(0.0))]);
        assert_eq!(heaters.not_confirmed(&all), Vec::<Heater>::new());
    }
}
