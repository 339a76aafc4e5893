//! The printer's answers, as transcripts: `>` is sent, what follows came back, `+` lets seconds pass.

mod answers;
mod faults;
mod motion;

use super::{SimOptions, SimPrinter};
use domain::Now;
use std::fmt::Write;

/// A booted printer and its clock.
pub(super) struct Bench {
    pub(super) printer: SimPrinter,
    pub(super) ms: u64,
}

impl Bench {
    pub(super) fn new(options: SimOptions) -> Self {
        let mut bench = Self { printer: SimPrinter::new(options, Now::at(0)), ms: 0 };
        bench.pass(2.0);
        bench.heard();
        bench
    }

    pub(super) fn pass(&mut self, secs: f64) {
        self.ms += (secs * 1e3) as u64;
        self.printer.advance(Now::at(self.ms));
    }

    pub(super) fn send(&mut self, text: &str) {
        self.printer.receive(text.as_bytes(), Now::at(self.ms));
    }

    /// Sends a line and returns what came back at once.
    pub(super) fn ask(&mut self, line: &str) -> String {
        self.send(&format!("{line}\n"));
        self.heard()
    }

    pub(super) fn heard(&mut self) -> String {
        String::from_utf8(self.printer.take_output(usize::MAX)).expect("the printer speaks ASCII")
    }

    /// Passes time until `sought` is said, and returns the seconds.
    pub(super) fn until(&mut self, sought: &str, most_secs: f64) -> Option<f64> {
        let start = self.ms;
        while (self.ms - start) as f64 <= most_secs * 1e3 {
            self.pass(0.05);
            if self.heard().contains(sought) {
                return Some((self.ms - start) as f64 / 1e3);
            }
        }
        None
    }
}

/// Plays `script` and returns the conversation. `\n` inside a line of the script sends several lines at once.
pub(super) fn play(options: SimOptions, script: &str) -> String {
    let mut bench = Bench::new(options);
    let mut talk = String::new();
    for line in script.lines().map(str::trim).filter(|l| !l.is_empty()) {
        match line.strip_prefix('+') {
            Some(secs) => bench.pass(secs.trim().parse().expect("+ is followed by seconds")),
            None => bench.send(&format!("{}\n", line.replace("\\n", "\n"))),
        }
        writeln!(talk, "> {line}").expect("a string takes everything");
        talk.push_str(&bench.heard());
    }
    talk
}
