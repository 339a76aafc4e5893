//! The card in the printer: a few files that it really prints.

use super::{QUEUE, STEP_MS, SimPrinter};
use domain::Millis;
use std::fmt::Write as _;

/// What lies on the card: path, long name, date as cards keep it, towers.
const FILES: [(&str, &str, u32, usize); 3] = [
    ("CALIB~1.GCO", "Calibration tower.gcode", 0x5d76_7a20, 40),
    ("COASTER.GCO", "Coaster.gcode", 0x5d75_6b00, 12),
    ("/PARTS/BRACK~1.GCO", "Bracket for the shelf.gcode", 0x5d6a_5c40, 24),
];

/// Where a command came from: only the host is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// With its number, if it had one.
    Host(Option<i64>),
    /// A line of the card.
    Card,
}

/// The card, and the print from it.
#[derive(Debug, Clone, Default)]
pub(super) struct Card {
    open: Option<&'static str>,
    text: String,
    at: usize,
    prints: bool,
    report_every: Option<Millis>,
    report_at: Millis,
}

impl Card {
    /// The firmware has started anew.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

/// Returns a small print of our own: a square tower of so many layers.
fn file(layers: usize) -> String {
    let mut text =
        String::from("M140 S60\nM104 S205\nG28\nM190 S60\nM109 S205\nG90\nM82\nG92 E0\nM106 S128\n");
    let mut e = 0.0;
    for layer in 0..layers {
        let z = 0.2 + layer as f64 * 0.2;
        let _ = writeln!(text, "G1 Z{z:.2} F600\nG1 X80 Y80 F6000");
        for ring in 0..6 {
            let (low, high) = (80.0 + f64::from(ring) * 0.5, 130.0 - f64::from(ring) * 0.5);
            for (x, y) in [(high, low), (high, high), (low, high), (low, low)] {
                e += (high - low) * 0.033;
                let _ = writeln!(text, "G1 X{x:.1} Y{y:.1} E{e:.4} F1800");
            }
        }
    }
    text + "M107\nM104 S0\nM140 S0\nG1 X10 Y200 F6000\nM84\n"
}

impl SimPrinter {
    /// Does what a command about the card says.
    pub(super) fn use_card(&mut self, code: &str, words: &str) {
        match code {
            "M21" => self.say("echo:SD card ok"),
            "M20" => self.say_card(words),
            "M23" if self.open_file(words.trim()) => (),
            "M23" => self.say(&format!("open failed, File: {}.", words.trim())),
            "M24" if self.card.open.is_some() => self.card.prints = true,
            "M24" => self.say("echo:No file is selected"),
            "M25" => self.card.prints = false,
            "M26" => self.card.at = 0,
            "M27" => match words.trim().strip_prefix('S').map(|secs| secs.parse::<u64>().unwrap_or(0)) {
                Some(secs) => {
                    self.card.report_every = (secs > 0).then_some(secs.min(60) * 1_000);
                    self.card.report_at = self.now.mono_ms;
                }
                None => self.say_card_status(),
            },
            "M524" if self.card.prints || self.card.open.is_some() => {
                (self.card.prints, self.card.open) = (false, None);
                self.queue.retain(|(source, _)| *source != Source::Card);
            }
            _ => (),
        }
    }

    fn open_file(&mut self, path: &str) -> bool {
        let same = |file: &&(&str, &str, u32, usize)| {
            file.0.trim_matches('/').eq_ignore_ascii_case(path.trim_matches('/'))
        };
        let Some((path, _, _, layers)) = FILES.iter().find(same) else { return false };
        let text = file(*layers);
        let size = text.len();
        self.card = Card { open: Some(path), text, report_every: self.card.report_every, ..Card::default() };
        let name = path.rsplit('/').next().unwrap_or_default();
        self.say(&format!("echo:Now fresh file: {name}"));
        self.say(&format!("File opened: {name} Size: {size}"));
        self.say("File selected");
        true
    }

    /// Starts a file as a person does at the display.
    pub(crate) fn print_from_card(&mut self, path: &str) -> bool {
        let opened = self.open_file(path);
        self.card.prints = opened;
        opened
    }

    fn say_card(&mut self, words: &str) {
        self.say("Begin file list");
        for (path, name, date, layers) in FILES {
            let size = file(layers).len();
            let line = match (words.contains('T'), words.contains('L')) {
                (true, true) => format!("{path} {size} 0x{date:08X} \"{name}\""),
                (false, true) => format!("{path} {size} \"{name}\""),
                (true | false, false) => format!("{path} {size}"),
            };
            self.say(&line);
        }
        self.say("End file list");
    }

    fn say_card_status(&mut self) {
        match self.card.open {
            Some(_) => self.say(&format!("SD printing byte {}/{}", self.card.at, self.card.text.len())),
            None => self.say("Not SD printing"),
        }
    }

    pub(super) fn report_card(&mut self) {
        let Some(every) = self.card.report_every else { return };
        if self.card.prints && self.now.mono_ms + STEP_MS > self.card.report_at {
            self.card.report_at = self.now.mono_ms + every;
            self.say_card_status();
        }
    }

    /// Puts lines of the card into the queue; the host's find room too.
    pub(super) fn read_card(&mut self) {
        while self.card.prints && self.held() < QUEUE - 1 {
            let rest = &self.card.text[self.card.at..];
            let Some(line) = rest.lines().next() else {
                (self.card.prints, self.card.open) = (false, None);
                self.say("Done printing file");
                return;
            };
            let line = line.to_owned();
            self.card.at += line.len() + 1;
            self.queue.push_back((Source::Card, line));
            self.start_next();
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{SimOptions, machine::SimPrinter};
    use domain::Now;

    fn say(printer: &mut SimPrinter, line: &str, ms: &mut u64) -> String {
        printer.receive(format!("{line}\n").as_bytes(), Now::at(*ms));
        // Its answer waits behind what it reads from its card.
        *ms += 20_000;
        printer.advance(Now::at(*ms));
        String::from_utf8(printer.take_output(usize::MAX)).expect("plain text")
    }

    #[test]
    fn a_file_of_the_card_is_printed_paused_and_done() {
        let mut printer = SimPrinter::new(SimOptions::default(), Now::at(0));
        let mut ms = 5_000;
        let list = say(&mut printer, "M20 L T", &mut ms);
        assert!(list.contains("CALIB~1.GCO") && list.contains("\"Coaster.gcode\""), "{list}");
        assert!(say(&mut printer, "M23 NOPE.GCO", &mut ms).contains("open failed"));
        assert!(say(&mut printer, "M23 calib~1.gco", &mut ms).contains("File opened: CALIB~1.GCO Size:"));
        say(&mut printer, "M24", &mut ms);
        ms += 600_000;
        printer.advance(Now::at(ms));
        say(&mut printer, "M25", &mut ms);
        assert!(!printer.bed().strands().is_empty(), "material lies on the bed");
        let at = say(&mut printer, "M27", &mut ms);
        ms += 60_000;
        printer.advance(Now::at(ms));
        printer.take_output(usize::MAX);
        let line = |said: &str| said.lines().find(|l| l.starts_with("SD printing")).map(str::to_owned);
        assert!(line(&at).is_some());
        assert_eq!(line(&at), line(&say(&mut printer, "M27", &mut ms)), "it stands still");
        say(&mut printer, "M24", &mut ms);
        ms += 3_000_000;
        printer.advance(Now::at(ms));
        let said = String::from_utf8(printer.take_output(usize::MAX)).expect("plain text");
        assert!(said.contains("Done printing file"), "{said}");
    }
}
