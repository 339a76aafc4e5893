//! Speed, flow and part fan: what was ordered, what acknowledged lines have set, and what the firmware tells.
//!
//! Speed and flow are asked for now and then while a print runs, since a person may turn them at the printer's display.
//! No firmware is asked for its fan: most take the question for an order. Nor is one asked that takes a plain M220 for
//! an order, as Klipper and Repetier do, or that was heard not to know it.

use crate::facts::Facts;
use crate::number;
use crate::out::Out;
use crate::tag::{Asked, Tag};
use domain::{Dial, DialSource, JobPhase, Millis, Tools};
use parser::Command;

/// Speed and flow are asked for as often while a print runs.
const ASK_EVERY_MS: Millis = 25_000;
/// As many questions without an answer: it does not tell.
const MOST_UNANSWERED: u8 = 2;
/// Firmwares that are known to answer a plain M220 and M221, or to pass over it.
const ANSWERING: [&str; 4] = ["marlin", "prusa", "smoothie", "reprapfirmware"];

/// What is known of the three.
#[derive(Debug, Default)]
pub(crate) struct Dials {
    speed: Dial,
    flow: Dial,
    fan: Dial,
    /// What `M220 B` has put aside.
    speed_aside: Option<u16>,
    /// The firmware has just said that it does not know this command.
    refused: Option<u16>,
    /// The question that is out.
    asking: Option<Asked>,
    /// That question was answered.
    told: bool,
    /// When the last round of questions began, or the print did.
    round_at: Option<Millis>,
    /// The flow of this round is still to be asked for.
    flow_next: bool,
    /// Questions in a row that brought nothing, for speed and flow.
    unanswered: [u8; 2],
}

impl Dials {
    /// A print has ended: the next one is asked about anew. Whatever ends it may have dropped what was ordered.
    pub(crate) fn print_over(&mut self) {
        (self.round_at, self.flow_next) = (None, false);
        for dial in [&mut self.speed, &mut self.flow, &mut self.fan] {
            dial.ordered = None;
        }
    }

    /// Sets the part fan.
    pub(crate) fn order_fan(&mut self, percent: u16, out: &mut Out) {
        let percent = percent.min(100);
        let speed = (f64::from(percent) * 2.55).round() as u8;
        self.fan.ordered = Some(percent);
        out.line(if speed == 0 { "M107".into() } else { format!("M106 S{speed}") }, Tag::Side);
    }

    /// Sets the speed or the flow, and has the firmware say what it made of it.
    pub(crate) fn order(&mut self, which: Asked, percent: u16, facts: &Facts<'_>, out: &mut Out) {
        let question = which.question();
        self.dial_mut(which).ordered = Some(percent);
        out.line(format!("{question} S{percent}"), Tag::Side);
        if self.answers(which, facts) {
            out.line(question, Tag::Dial(which));
        }
    }

    /// A line was acknowledged, whoever sent it: what it sets holds.
    pub(crate) fn on_acknowledged(&mut self, command: &Command<'_>, source: DialSource) {
        let ('M', number @ (106 | 107 | 220 | 221)) = command.code() else { return };
        let refused = self.refused.take() == Some(number);
        let set = |dial: &mut Dial, percent: u16| {
            dial.ordered = dial.ordered.filter(|ordered| *ordered != percent);
            // Put back as it was, as after a pause, it is still set by whom it was.
            if !refused && dial.percent != Some(percent) {
                (dial.percent, dial.source) = (Some(percent), source);
            }
        };
        match (number, command.value('S').and_then(percent)) {
            (106 | 107, _) => {
                if let Some(speed) = part_fan(command) {
                    set(&mut self.fan, (f64::from(speed) / 2.55).round() as u16);
                }
            }
            (220, percent) => {
                if command.has('B') {
                    self.speed_aside = self.speed.percent;
                }
                if command.has('R') && !refused {
                    (self.speed.percent, self.speed.source) = match self.speed_aside {
                        Some(percent) => (Some(percent), source),
                        None => (None, DialSource::Unknown),
                    };
                }
                if let Some(percent) = percent {
                    set(&mut self.speed, percent);
                }
            }
            (_, Some(percent)) => set(&mut self.flow, percent),
            (_, None) => (),
        }
    }

    /// Takes what a line tells of them; most lines tell nothing.
    pub(crate) fn on_line(&mut self, line: &str) {
        if let Some(text) = line.strip_prefix("Fanspeed:") {
            // Repetier, of 255.
            if let Some((speed, _)) = number::leading(text.trim()).filter(|(speed, _)| *speed <= 255.0) {
                self.fan.percent = percent(speed / 2.55).or(self.fan.percent);
                self.fan.source = DialSource::Printer;
            }
        } else if let Some((which, told)) = told(line, self.asking) {
            let dial = self.dial_mut(which);
            (dial.percent, dial.source) = (Some(told), DialSource::Printer);
            self.told |= self.asking == Some(which);
        }
    }

    /// The firmware says that it does not know this command.
    pub(crate) fn on_unknown(&mut self, line: &str) {
        for number in [106, 107, 220, 221] {
            if line.contains(&format!("\"M{number}")) {
                self.refused = Some(number);
                match number {
                    220 => self.unanswered[0] = MOST_UNANSWERED,
                    221 => self.unanswered[1] = MOST_UNANSWERED,
                    _ => (),
                }
            }
        }
    }

    /// A question was acknowledged: what it brought has come.
    pub(crate) fn on_answered(&mut self, which: Asked) {
        (self.asking, self.refused) = (None, None);
        let unanswered = &mut self.unanswered[which as usize];
        *unanswered = if std::mem::take(&mut self.told) { 0 } else { unanswered.saturating_add(1) };
    }

    /// Notes that a question goes out.
    pub(crate) fn on_sent(&mut self, which: Asked) {
        (self.asking, self.told) = (Some(which), false);
    }

    /// Returns the question that is due.
    pub(crate) fn poll_transmit(&mut self, facts: &Facts<'_>) -> Option<(String, Tag)> {
        if !is_running(facts) {
            return None;
        }
        let now = facts.now.mono_ms;
        self.round_at.get_or_insert(now);
        if now < self.ask_at(facts)? {
            return None;
        }
        let which = if self.flow_next || !self.answers(Asked::Speed, facts) {
            self.flow_next = false;
            Asked::Flow
        } else {
            self.flow_next = self.answers(Asked::Flow, facts);
            Asked::Speed
        };
        if !self.flow_next {
            self.round_at = Some(now);
        }
        Some((which.question().into(), Tag::Dial(which)))
    }

    /// Returns when it has a question, as long as lines may go out.
    pub(crate) fn poll_transmit_timeout(&self, facts: &Facts<'_>) -> Option<Millis> {
        self.ask_at(facts).filter(|_| is_running(facts))
    }

    fn ask_at(&self, facts: &Facts<'_>) -> Option<Millis> {
        let answers = self.answers(Asked::Speed, facts) || self.answers(Asked::Flow, facts);
        self.round_at.filter(|_| answers).map(|at| at.saturating_add(ASK_EVERY_MS))
    }

    /// Returns whether the firmware may be asked, and is not known to stay silent.
    fn answers(&self, which: Asked, facts: &Facts<'_>) -> bool {
        let name = facts.machine.firmware_name().to_ascii_lowercase();
        self.unanswered[which as usize] < MOST_UNANSWERED && ANSWERING.iter().any(|word| name.contains(word))
    }

    fn dial_mut(&mut self, which: Asked) -> &mut Dial {
        match which {
            Asked::Speed => &mut self.speed,
            Asked::Flow => &mut self.flow,
        }
    }

    /// Returns what is known of these; the rest is left as it is by default.
    pub(crate) fn report(&self) -> Tools {
        Tools { fan: self.fan, speed: self.speed, flow: self.flow, ..Tools::default() }
    }
}

/// Returns whether a print runs, and nothing is under way that a question could hold up: neither heating at its start nor
/// a pause, a resume or an end.
fn is_running(facts: &Facts<'_>) -> bool {
    facts.is_up() && facts.phase() == Some(JobPhase::Printing) && facts.aim.is_none()
}

/// Returns a percentage as it is shown.
fn percent(value: f64) -> Option<u16> {
    (0.0..=999.0).contains(&value).then(|| value.round() as u16)
}

/// Returns what a line tells of speed or flow. `asking`: the question that is out, for firmwares that answer with nothing
/// but a number.
fn told(line: &str, asking: Option<Asked>) -> Option<(Asked, u16)> {
    use Asked::{Flow, Speed};
    for (key, which) in [("SpeedMultiply:", Speed), ("FlowMultiply:", Flow)] {
        if let Some(text) = line.strip_prefix(key) {
            return Some((which, percent(number::leading(text.trim())?.0)?));
        }
    }
    let text = line.strip_suffix('%')?.trim_end();
    let at = text.rfind(|c: char| !(c.is_ascii_digit() || c == '.')).map_or(0, |at| at + 1);
    let value = percent(text.get(at..)?.parse().ok()?)?;
    let words = text.get(..at)?.trim().to_ascii_lowercase();
    let which = match words.as_str() {
        "" => asking?,
        "fr:" => Speed,
        "flow:" => Flow,
        words if words.starts_with("speed factor") => Speed,
        words if words.starts_with("flow rate") || words.starts_with("extrusion factor") => Flow,
        words if words.starts_with('e') && words.ends_with(" flow:") => Flow,
        _ => return None,
    };
    Some((which, value))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_firmware_tells_speed_and_flow_in_its_own_words() {
        let (speed, flow) = (Asked::Speed, Asked::Flow);
        for (line, asking, want) in [
            ("FR:100%", None, Some((speed, 100))),
            ("E0 Flow: 95%", None, Some((flow, 95))),
            ("Speed factor at  80.00 %", None, Some((speed, 80))),
            ("Flow rate at 102.50 %", None, Some((flow, 103))),
            ("Speed factor override: 100.0%", None, Some((speed, 100))),
            ("Extrusion factor override for extruder 0: 99.0%", None, Some((flow, 99))),
            ("SpeedMultiply:120", None, Some((speed, 120))),
            ("FlowMultiply:90", None, Some((flow, 90))),
            ("75%", Some(speed), Some((speed, 75))),
            ("75%", Some(flow), Some((flow, 75))),
            ("75%", None, None),
            ("FR:nan%", None, None),
            ("FR:-5%", None, None),
            ("FR:99999999999%", None, None),
            ("Printed: 45%", Some(speed), None),
            ("%", Some(speed), None),
            ("é%", Some(speed), None),
            ("SpeedMultiply:1e9", None, Some((speed, 1))),
            ("", Some(speed), None),
        ] {
            assert_eq!(told(line, asking), want, "{line}");
        }
    }

    #[test]
    fn a_file_may_put_the_speed_aside_and_take_it_back() {
        let mut dials = Dials::default();
        let mut take = |line: &str| {
            dials.on_acknowledged(&Command::of(line).expect("a command"), DialSource::File);
            dials.speed
        };
        take("M220 S90");
        take("M220 B");
        assert_eq!(take("M220 S50").percent, Some(50));
        assert_eq!(take("M220 R").percent, Some(90));
        assert_eq!(take("M220 B S70").percent, Some(70));
        assert_eq!(take("M220 R").percent, Some(90));
        let mut fresh = Dials::default();
        fresh.on_line("FR:80%");
        fresh.on_acknowledged(&Command::of("M220 R").expect("a command"), DialSource::File);
        assert_eq!((fresh.speed.percent, fresh.speed.source), (None, DialSource::Unknown), "not guessed");
    }

    #[test]
    fn a_command_that_the_firmware_does_not_know_sets_nothing() {
        let mut dials = Dials::default();
        dials.flow.ordered = Some(95);
        dials.on_unknown("echo:Unknown command: \"M221 S95\"");
        dials.on_acknowledged(&Command::of("M221 S95").expect("a command"), DialSource::Here);
        assert_eq!(dials.flow, Dial::default());
    }
}
