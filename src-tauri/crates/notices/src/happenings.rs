//! What happened at a printer, told from how it looked before and how it looks now: begins, pauses, heaters. What the hub
//! gives notice of itself is not looked for here.

use crate::message::Message;
use domain::{MessageTopic, PrintId, PrinterState, PrinterView, Temperatures};
use std::collections::BTreeMap;

/// A heater that is as near to its target has reached it, degrees.
const REACHED_WITHIN_C: f64 = 0.25;
/// A target below counts as off, and a heater below as cold, degrees.
const COLD_C: f64 = 35.0;

/// One printer, as it was last seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// None until it was seen once: what was there before us is no news.
    print: Option<Option<PrintId>>,
    paused: bool,
    heaters: BTreeMap<String, Heater>,
}

/// What was told of a heater.
#[derive(Debug, Default, Clone, Copy)]
struct Heater {
    /// The target that it has reached.
    reached: Option<f64>,
    /// It was hot since it was last told to be cold.
    was_hot: bool,
}

impl Seen {
    /// Takes in how the printer looks now and returns what that tells.
    pub(crate) fn follow(&mut self, view: &PrinterView) -> Vec<Message> {
        let mut messages = Vec::new();
        let mut say = |topic, title: String, text: String| {
            messages.push(Message::new(topic, title, text, Some(view)));
        };
        let print = view.current_print.as_ref();
        let state = view.vigil.state;
        let before = self.print.replace(print.map(|print| print.id));
        let known = before.is_some();
        if let Some(print) = print
            && known
            && before.flatten() != Some(print.id)
        {
            say(
                MessageTopic::PrintStart,
                "Print started".into(),
                format!("{} prints {}.", view.name, print.filename),
            );
            self.paused = false;
        }
        let name = print.map_or("", |print| &print.filename);
        if state == PrinterState::Paused && !self.paused {
            self.paused = true;
            if known {
                say(
                    MessageTopic::PrintPause,
                    "Print paused".into(),
                    format!("{} has paused {name}.", view.name),
                );
            }
        } else if state == PrinterState::Printing && self.paused {
            self.paused = false;
            if known {
                say(
                    MessageTopic::PrintResume,
                    "Print goes on".into(),
                    format!("{} goes on with {name}.", view.name),
                );
            }
        } else if print.is_none() {
            // A pause is over when the print is.
            self.paused = false;
        }
        for (title, text) in self.heaters(&view.status.temperatures, known) {
            say(MessageTopic::HeaterStatus, title, format!("{}: {text}", view.name));
        }
        messages
    }

    fn heaters(&mut self, now: &Temperatures, known: bool) -> Vec<(String, String)> {
        let mut said = Vec::new();
        for (name, heat) in now {
            let (actual, target) = (heat.actual, heat.target.unwrap_or(0.0));
            let heater = self.heaters.entry(name.clone()).or_default();
            let word = word(name);
            if target <= COLD_C {
                heater.reached = None;
            } else if (actual - target).abs() < REACHED_WITHIN_C && heater.reached != Some(target) {
                heater.reached = Some(target);
                if known {
                    said.push((format!("{word} is hot"), format!("{word} has reached {target:.0} °C.")));
                }
            }
            if actual > COLD_C {
                heater.was_hot = true;
            } else if target <= COLD_C && heater.was_hot {
                heater.was_hot = false;
                if known {
                    said.push((
                        format!("{word} is cool"),
                        format!("{word} has cooled down to {actual:.0} °C."),
                    ));
                }
            }
        }
        said
    }
}

fn word(heater: &str) -> String {
    match heater {
        "bed" => "Bed".into(),
        "chamber" => "Chamber".into(),
        "tool0" => "Nozzle".into(),
        other => match other.strip_prefix("tool").and_then(|n| n.parse::<u32>().ok()) {
            Some(n) => format!("Nozzle {}", u64::from(n) + 1),
            None => other.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Temperature;

    fn heat(actual: f64, target: f64) -> Temperatures {
        let heat = Temperature { actual, target: Some(target), offset: 0.0 };
        [("tool0".to_owned(), heat)].into()
    }

    #[test]
    fn a_heater_is_told_once_a_target_and_once_when_it_is_cold() {
        let mut seen = Seen::default();
        let mut step = |actual, target| -> Vec<String> {
            seen.heaters(&heat(actual, target), true).into_iter().map(|(_, text)| text).collect()
        };
        assert_eq!(step(24.0, 0.0), [""; 0], "cold from the start is no news");
        assert_eq!(step(100.0, 205.0), [""; 0]);
        assert_eq!(step(204.9, 205.0), ["Nozzle has reached 205 °C."]);
        assert_eq!(step(205.1, 205.0), [""; 0]);
        assert_eq!(step(210.0, 210.0), ["Nozzle has reached 210 °C."]);
        assert_eq!(step(100.0, 0.0), [""; 0]);
        assert_eq!(step(34.9, 0.0), ["Nozzle has cooled down to 35 °C."]);
        assert_eq!(step(34.0, 0.0), [""; 0]);
        assert_eq!(step(30.0, 30.0), [""; 0], "such a target is none");
        assert_eq!(step(205.0, 205.0), ["Nozzle has reached 205 °C."]);
    }

    #[test]
    fn unknown_temperatures_say_nothing() {
        let mut seen = Seen::default();
        assert!(seen.heaters(&heat(f64::NAN, 205.0), true).is_empty());
    }

    #[test]
    fn heaters_have_names_that_people_use() {
        assert_eq!(
            [word("tool0"), word("tool1"), word("bed"), word("laser")],
            ["Nozzle", "Nozzle 2", "Bed", "laser"]
        );
    }
}
