//! What each command does.

use super::card::Source;
use super::options::Fault;
use super::state::Machine;
use super::texts::SIZE_MM;
use super::wait::{AfterMotion, Wait};

const COLDEST_EXTRUSION_C: f64 = 170.0;

/// A command cut into its code and its parameters.
struct Words<'a> {
    code: &'a str,
    text: &'a str,
}

impl<'a> Words<'a> {
    fn cut(line: &'a str) -> Self {
        let end = line
            .char_indices()
            .skip(1)
            .find(|(_, c)| !(c.is_ascii_digit() || *c == '.'))
            .map_or(line.len(), |(i, _)| i);
        Self { code: &line[..end], text: line[end..].trim_start() }
    }

    fn has(&self, letter: char) -> bool {
        self.text.contains(letter)
    }

    fn number(&self, letter: char) -> Option<f64> {
        let value = &self.text[self.text.find(letter)? + 1..];
        let end = value
            .char_indices()
            .find(|(i, c)| !(c.is_ascii_digit() || *c == '.' || (*i == 0 && matches!(c, '-' | '+'))))
            .map_or(value.len(), |(i, _)| i);
        value[..end].parse().ok()
    }

    fn millis(&self) -> u64 {
        let secs = self.number('S').map(|s| s * 1e3);
        secs.or(self.number('P')).unwrap_or(0.0).max(0.0) as u64
    }
}

impl Machine {
    /// Carries `line` out as far as that takes no time. Returns what it waits for, and its ok if that is special.
    pub(super) fn execute(&mut self, line: &str) -> (Wait, Option<String>) {
        let words = Words::cut(line);
        let then = |then| (Wait::Motion { then }, None);
        match words.code {
            "G0" | "G1" => return (self.plan(&words), None),
            "G4" => return then(AfterMotion::Dwell(words.millis())),
            "G28" => {
                let named = ['X', 'Y', 'Z'].map(|a| words.has(a));
                let axes = if named == [false; 3] { [true; 3] } else { named };
                return then(AfterMotion::Home(axes));
            }
            "G92" => {
                self.set_position(&words);
                self.say_position();
            }
            "G90" => (self.absolute, self.absolute_e) = (true, true),
            "G91" => (self.absolute, self.absolute_e) = (false, false),
            "M82" => self.absolute_e = true,
            "M83" => self.absolute_e = false,
            "M0" | "M1" => return (self.wait_for_person(&words), None),
            "M18" | "M84" => match words.number('S') {
                Some(secs) => self.stepper_idle = (secs > 0.0).then_some((secs * 1e3) as u64),
                None => return then(AfterMotion::SteppersOff),
            },
            "M85" | "M201" | "M203" | "M204" | "M205" | "M73" | "M117" | "M75" | "M77" | "M108" | "M110"
            | "M211" | "M900" | "M17" | "G21" | "M876" => (),
            "M76" => self.say("//action:pause"),
            "M20" | "M21" | "M23" | "M24" | "M25" | "M26" | "M27" | "M524" => {
                let was_open = self.card.is_open();
                let said = self.card.obey(words.code, words.text, self.now.mono_ms);
                said.iter().for_each(|line| self.say(line));
                if words.code == "M524" {
                    self.queue.retain(|(source, _)| !was_open || *source != Source::Card);
                    return then(AfterMotion::Nothing);
                }
            }
            "M104" => self.hotend.set_target(words.number('S').unwrap_or(self.hotend.target_c())),
            "M140" => self.bed_heater.set_target(words.number('S').unwrap_or(self.bed_heater.target_c())),
            "M109" => {
                let target = words.number('S').or(words.number('R')).unwrap_or(self.hotend.target_c());
                self.hotend.set_target(target);
                let wait = Wait::Hotend { cool_too: words.has('R'), since: None, report_at: 0 };
                return if target > 0.0 { (wait, None) } else { (Wait::Nothing, None) };
            }
            "M190" => {
                let target = words.number('S').or(words.number('R')).unwrap_or(self.bed_heater.target_c());
                self.bed_heater.set_target(target);
                let wait = Wait::Bed { cool_too: words.has('R'), since: None, report_at: 0 };
                return if target > 0.0 { (wait, None) } else { (Wait::Nothing, None) };
            }
            "M105" => {
                let temperatures = self.temperatures();
                return (Wait::Nothing, Some(format!("ok{temperatures}")));
            }
            "M106" => self.fan = words.number('S').unwrap_or(255.0).clamp(0.0, 255.0) as u8,
            "M107" => self.fan = 0,
            "M112" => {
                self.kill("Printer halted. kill() called!");
                return (Wait::Nothing, None);
            }
            "M113" => match words.number('S') {
                Some(secs) => self.busy_every = (secs > 0.0).then_some((secs * 1e3) as u64),
                None => {
                    let secs = self.busy_every.unwrap_or(0) / 1000;
                    self.say(&format!("M113 S{secs}"));
                }
            },
            "M114" => self.say_position(),
            "M115" => self.say_firmware(),
            "M118" => self.say(words.text.trim_start_matches("A1 ").trim_start_matches("E1 ")),
            "M155" => self.set_reports(words.number('S')),
            "M220" => match words.number('S') {
                Some(percent) => self.speed_percent = percent.clamp(10.0, 999.0),
                None => self.say(&format!("FR:{:.0}%", self.speed_percent)),
            },
            "M221" => match words.number('S') {
                Some(percent) => self.flow_percent = percent.clamp(0.0, 999.0),
                None => self.say(&format!("echo:E0 Flow: {:.0}%", self.flow_percent)),
            },
            "M290" => (),
            "M851" => match words.number('Z').filter(|_| words.text.starts_with(['X', 'Y', 'Z'])) {
                Some(z) if (-20.0..=20.0).contains(&z) => self.probe_z = z,
                Some(_) => self.say("?Z out of range (-20 to 20)"),
                None => self.say_probe_offset(),
            },
            "M503" => {
                self.say("echo:; Steps per unit:");
                self.say("echo: M92 X80.00 Y80.00 Z400.00 E93.00");
                self.say("echo:; Z-Probe Offset:");
                self.say_probe_offset();
            }
            "M500" => {
                self.stored_probe_z = self.probe_z;
                self.say("echo:Settings Stored (569 bytes; crc 51723)");
            }
            "G29" => return then(AfterMotion::Dwell(12_000)),
            "M420" if words.has('V') => self.say_mesh(),
            "M420" => (),
            "M600" => return (self.change_filament(), None),
            "M302" => self.cold_extrusion = words.number('P') == Some(1.0) || words.number('S') == Some(0.0),
            "M400" => {
                self.mute |= self.faults.has(Fault::NoOksAfterPause);
                return then(AfterMotion::Nothing);
            }
            "M410" => self.stop_motion(),
            _ if words.code.starts_with('T') => (),
            _ => self.say(&format!("echo:Unknown command: \"{line}\"")),
        }
        (Wait::Nothing, None)
    }

    fn plan(&mut self, words: &Words<'_>) -> Wait {
        if let Some(f) = words.number('F').filter(|f| *f > 0.0) {
            self.feed = f / 60.0;
        }
        let start = self.logical;
        let mut target = start;
        for (i, letter) in ['X', 'Y', 'Z', 'E'].into_iter().enumerate() {
            let Some(value) = words.number(letter) else { continue };
            let absolute = if i == 3 { self.absolute_e } else { self.absolute };
            target[i] = if absolute { value } else { start[i] + value };
            if i < 3 && self.homed {
                // The soft end stops clamp without a word.
                target[i] = target[i].clamp(0.0 - self.origin[i], SIZE_MM[i] - self.origin[i]);
            }
        }
        self.logical = target;
        let (from, mut to) = (self.in_machine(start), self.in_machine(target));
        // The flow changes what comes out, not what the host counts.
        let pushed = (to[3] - from[3]) * self.flow_percent / 100.0;
        let cold = pushed != 0.0 && !self.cold_extrusion && self.hotend.actual_c() < COLDEST_EXTRUSION_C;
        if cold {
            self.say("echo: cold extrusion prevented");
        }
        to[3] = from[3] + if cold { 0.0 } else { pushed };
        Wait::Place { from, to, feed: self.feed * self.speed_percent / 100.0 }
    }

    fn in_machine(&self, logical: [f64; 4]) -> [f64; 4] {
        std::array::from_fn(|i| logical[i] + self.origin[i])
    }

    fn set_position(&mut self, words: &Words<'_>) {
        let machine = self.in_machine(self.logical);
        let all = !['X', 'Y', 'Z', 'E'].iter().any(|l| words.has(*l));
        for (i, letter) in ['X', 'Y', 'Z', 'E'].into_iter().enumerate() {
            let value = if all { Some(0.0) } else { words.number(letter) };
            if let Some(value) = value {
                self.logical[i] = value;
                self.origin[i] = machine[i] - value;
            }
        }
    }

    fn wait_for_person(&mut self, words: &Words<'_>) -> Wait {
        if words.has('S') || words.has('P') {
            return Wait::Motion { then: AfterMotion::Dwell(words.millis()) };
        }
        let text = if words.text.is_empty() { "Click to Resume" } else { words.text };
        for line in [
            "//action:prompt_end",
            &format!("//action:prompt_begin {text}"),
            "//action:prompt_button Continue",
        ] {
            self.say(line);
        }
        self.say("//action:prompt_show");
        Wait::Person
    }

    fn change_filament(&mut self) -> Wait {
        for line in [
            "//action:paused filament_runout 0",
            "//action:prompt_end",
            "//action:prompt_begin Nozzle Parked",
            "//action:prompt_button Continue",
        ] {
            self.say(line);
        }
        self.say("//action:prompt_show");
        Wait::Person
    }

    fn set_reports(&mut self, secs: Option<f64>) {
        self.report_every = secs.filter(|s| *s > 0.0).map(|s| (s.min(60.0) * 1e3) as u64);
        self.report_at = self.now.mono_ms + self.report_every.unwrap_or(0);
    }
}
