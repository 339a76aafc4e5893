//! The card in the printer: a few files that it really prints.

use super::options::STEP_MS;
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

    /// Does what a command about the card says. Returns what the firmware says to it.
    pub(super) fn obey(&mut self, code: &str, words: &str, now: Millis) -> Vec<String> {
        match code {
            "M21" => vec!["echo:SD card ok".into()],
            "M20" => list(words),
            "M23" => self
                .open(words.trim())
                .unwrap_or_else(|| vec![format!("open failed, File: {}.", words.trim())]),
            "M24" if self.open.is_none() => vec!["echo:No file is selected".into()],
            "M27" => match words.trim().strip_prefix('S').map(|secs| secs.parse::<u64>().unwrap_or(0)) {
                Some(secs) => {
                    self.report_every = (secs > 0).then_some(secs.min(60) * 1_000);
                    self.report_at = now;
                    Vec::new()
                }
                None => vec![self.status()],
            },
            _ => {
                match code {
                    "M24" => self.prints = true,
                    "M25" => self.prints = false,
                    "M26" => self.at = 0,
                    "M524" => self.close(),
                    _ => (),
                }
                Vec::new()
            }
        }
    }

    /// Opens a file. Returns what the firmware says to it; nothing where there is no such file.
    pub(super) fn open(&mut self, path: &str) -> Option<Vec<String>> {
        let same = |file: &&(&str, &str, u32, usize)| {
            file.0.trim_matches('/').eq_ignore_ascii_case(path.trim_matches('/'))
        };
        let (path, _, _, layers) = FILES.iter().find(same)?;
        let text = file(*layers);
        let size = text.len();
        *self = Self { open: Some(path), text, report_every: self.report_every, ..Self::default() };
        let name = path.rsplit('/').next().unwrap_or_default();
        Some(vec![
            format!("echo:Now fresh file: {name}"),
            format!("File opened: {name} Size: {size}"),
            "File selected".into(),
        ])
    }

    /// Begins or goes on with the print of the open file.
    pub(super) fn print(&mut self) {
        self.prints = self.open.is_some();
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    pub(super) fn is_printing(&self) -> bool {
        self.prints
    }

    /// Returns how far the print is, as the firmware says it.
    pub(super) fn status(&self) -> String {
        match self.open {
            Some(_) => format!("SD printing byte {}/{}", self.at, self.text.len()),
            None => "Not SD printing".into(),
        }
    }

    /// Returns whether the status is to be reported in this step, and notes when it is next.
    pub(super) fn report_is_due(&mut self, now: Millis) -> bool {
        let Some(every) = self.report_every else { return false };
        let due = self.prints && now + STEP_MS > self.report_at;
        if due {
            self.report_at = now + every;
        }
        due
    }

    /// Reads a line. At the end of the file the print is done and the file closed.
    pub(super) fn next_line(&mut self) -> Option<String> {
        let Some(line) = self.text[self.at..].lines().next().map(str::to_owned) else {
            self.close();
            return None;
        };
        self.at += line.len() + 1;
        Some(line)
    }

    fn close(&mut self) {
        (self.prints, self.open) = (false, None);
    }
}

fn list(words: &str) -> Vec<String> {
    let line = |(path, name, date, layers): &(&str, &str, u32, usize)| {
        let size = file(*layers).len();
        match (words.contains('T'), words.contains('L')) {
            (true, true) => format!("{path} {size} 0x{date:08X} \"{name}\""),
            (false, true) => format!("{path} {size} \"{name}\""),
            (true | false, false) => format!("{path} {size}"),
        }
    };
    let files = FILES.iter().map(line);
    ["Begin file list".into()].into_iter().chain(files).chain(["End file list".into()]).collect()
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
