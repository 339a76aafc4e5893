//! A link and a firmware on one table, with a hand-driven clock.

use super::firmware::{Firmware, Make};
use crate::{JobFacts, LineKind, Link, Place, ProgramLine};
use domain::{
    Initiator, LinkChange, Millis, Now, Order, PauseRecipe, PrintId, PrinterState, StartJob, Tools,
};
use std::collections::VecDeque;

/// What happens to a line on its way to the printer.
pub(crate) type Wire = Box<dyn FnMut(&mut Vec<u8>)>;

/// A link and a firmware, wired up.
pub(crate) struct Bench {
    pub(crate) link: Link,
    pub(crate) fw: Firmware,
    pub(crate) now: Millis,
    /// Lines sent, as written, newest last.
    pub(crate) sent: Vec<String>,
    pub(crate) changes: Vec<LinkChange>,
    pub(crate) wire: Wire,
    /// Answers that the link does not get to hear, by number of `ok`s to drop.
    pub(crate) lose_oks: u32,
    pub(crate) mute: bool,
    program: VecDeque<ProgramLine>,
}

pub(crate) fn recipe() -> PauseRecipe {
    PauseRecipe { retract_mm: 6.5, lift_z_mm: 2.5, max_z_mm: 250.0, hotend_off: true, bed_off: false }
}

impl Bench {
    /// Returns what is done by hand, as it is reported now.
    pub(crate) fn tools(&self) -> Tools {
        self.link.report(Now::at(self.now)).tools
    }

    /// Returns why what was asked last was refused.
    #[track_caller]
    pub(crate) fn refused(&self) -> &str {
        match self.changes.last() {
            Some(LinkChange::Refused { why, .. }) => why,
            other => panic!("not refused: {other:?}"),
        }
    }

    /// A link whose port was just opened to a printer that boots.
    pub(crate) fn new(make: Make, caps: &[&'static str]) -> Self {
        let mut fw = Firmware::new(make);
        fw.caps = caps.to_vec();
        let mut link = Link::new(Now::at(0));
        link.opened(false, Now::at(0));
        let boot = fw.boot();
        let mut bench = Self {
            link,
            fw,
            now: 0,
            sent: Vec::new(),
            changes: Vec::new(),
            wire: Box::new(|_| ()),
            lose_oks: 0,
            mute: false,
            program: VecDeque::new(),
        };
        bench.hear(boot);
        bench
    }

    /// A printer that is up and idle.
    pub(crate) fn up(make: Make, caps: &[&'static str]) -> Self {
        let mut bench = Self::new(make, caps);
        bench.run(5_000);
        assert_eq!(bench.state(), PrinterState::Operational);
        bench.forget();
        bench
    }

    /// A printer in mid-print: hot, and some lines done.
    pub(crate) fn printing(caps: &[&'static str], behind: &str) -> Self {
        let mut bench = Self::up(Make::Two, caps);
        let head = "M140 S60|M104 S205|G28|M190 S60|M109 S205|M106 S128|G1 X10 Y20 Z0.4 E1.23456 F1800";
        bench.start(&format!("{head}|{behind}"));
        bench.run_until(|b| b.fw.done.iter().any(|l| l.starts_with("G1 X10")));
        bench.forget();
        bench
    }

    pub(crate) fn forget(&mut self) {
        self.sent.clear();
        self.changes.clear();
        self.fw.done.clear();
    }

    pub(crate) fn start(&mut self, program: &str) {
        let start = StartJob {
            print: PrintId(7),
            file: None,
            path: "x.gcode".into(),
            name: "x".into(),
            initiator: Initiator::Person,
            past: domain::PastTimes::default(),
            done_lines: 0,
            left_out: Vec::new(),
        };
        self.order(Order::Start(start));
        self.link.poll_fetch().expect("a print was ordered");
        let mut after = Place::default();
        self.program = VecDeque::new();
        for (i, text) in program.split('|').filter(|l| !l.is_empty()).enumerate() {
            follow(&mut after, text);
            self.program.push_back(program_line(text, i as u64 + 1, after));
        }
        self.link.begin(JobFacts { lines: self.program.len() as u64, ..JobFacts::default() });
    }

    pub(crate) fn order(&mut self, order: Order) {
        self.link.handle_order(order, Now::at(self.now));
        self.collect();
    }

    pub(crate) fn pause(&mut self) {
        self.order(Order::Pause(recipe(), Initiator::Detection));
    }

    pub(crate) fn hear(&mut self, lines: Vec<String>) {
        for line in lines {
            if self.mute {
                continue;
            }
            if self.lose_oks > 0 && line.starts_with("ok") {
                self.lose_oks -= 1;
                continue;
            }
            self.link.handle_line(&line, Now::at(self.now));
        }
    }

    pub(crate) fn say(&mut self, line: &str) {
        self.hear(vec![line.to_owned()]);
        self.collect();
    }

    pub(crate) fn release(&mut self) {
        let lines = self.fw.release();
        self.hear(lines);
    }

    /// Hands the link as much of the file as it wants.
    pub(crate) fn feed(&mut self) {
        while self.link.wants_lines() {
            match self.program.pop_front() {
                Some(line) => self.link.feed(line),
                None => self.link.feed_end(),
            }
        }
    }

    pub(crate) fn collect(&mut self) {
        while let Some(change) = self.link.poll_change() {
            self.changes.push(change);
        }
    }

    /// One round of the port's loop, 10 ms later. Nothing happens by time alone that the link has not told of.
    pub(crate) fn round(&mut self) {
        self.collect();
        let due = self.link.poll_timeout();
        let so_far = (self.sent.len(), self.changes.len());
        self.now += 10;
        self.pass();
        let acted = so_far != (self.sent.len(), self.changes.len());
        let is_due = due.is_some_and(|due| due <= self.now);
        assert!(
            is_due || !acted,
            "nothing was due before {due:?}, but at {} it acts: {:?}",
            self.now,
            self.sent.last()
        );
    }

    /// One round of the port's loop when the link next wants to be called.
    pub(crate) fn sleep(&mut self) {
        let due = self.link.poll_timeout().expect("something is due");
        assert!(due > self.now, "it wants to be called again at once");
        self.now = due;
        self.pass();
    }

    fn pass(&mut self) {
        let now = Now::at(self.now);
        self.link.handle_timeout(now);
        self.feed();
        // One line a round: some 100 a second, as over a real wire.
        if let Some(line) = self.link.poll_transmit(now) {
            self.sent.push(line.clone());
            let mut bytes = format!("{line}\n").into_bytes();
            (self.wire)(&mut bytes);
            let answer = self.fw.take(&bytes);
            self.hear(answer);
        }
        self.collect();
    }

    pub(crate) fn run(&mut self, ms: Millis) {
        for _ in 0..ms / 10 {
            self.round();
        }
    }

    #[track_caller]
    pub(crate) fn run_until(&mut self, done: impl Fn(&Self) -> bool) {
        for _ in 0..200_000 {
            if done(self) {
                return;
            }
            self.round();
        }
        panic!("never happened; sent {:?}, heard of {:?}", self.sent, self.changes);
    }

    pub(crate) fn state(&self) -> PrinterState {
        self.link.report(Now::at(self.now)).state
    }

    /// Texts sent, without numbers and checksums.
    pub(crate) fn texts(&self) -> Vec<String> {
        let bare = |line: &String| {
            let text = line.trim().split('*').next().unwrap_or_default();
            match text.split_once(' ') {
                Some((n, rest)) if n.starts_with('N') => rest.to_owned(),
                Some(_) | None => text.to_owned(),
            }
        };
        self.sent.iter().map(bare).collect()
    }

    /// What was executed, without queries.
    pub(crate) fn moves(&self) -> Vec<&str> {
        let query =
            |l: &&str| ["M105", "M114", "M115", "M110", "M155", "M27"].iter().any(|q| l.starts_with(q));
        self.fw.done.iter().map(String::as_str).filter(|l| !query(l)).collect()
    }
}

/// Returns a command of a file, the `index`th of it.
pub(crate) fn program_line(text: &str, index: u64, after: Place) -> ProgramLine {
    let kind = match text {
        "M0" => LineKind::Pause,
        "M112" => LineKind::Skip,
        _ => LineKind::Send,
    };
    let (analysed_secs, layer_idx) = (None, None);
    ProgramLine {
        text: text.into(),
        index,
        end: index * 10,
        analysed_secs,
        layer_idx,
        object: None,
        after,
        kind,
    }
}

fn follow(after: &mut Place, text: &str) {
    after.extruding = false;
    for word in text.split(' ') {
        let (letter, value) = word.split_at(1);
        let Ok(value) = value.parse::<f64>() else { continue };
        match (text.split(' ').next(), letter) {
            (Some("G1"), "X") => after.x = value,
            (Some("G1"), "Y") => after.y = value,
            (Some("G1"), "Z") => after.z = value,
            (Some("G1"), "E") => (after.e, after.extruding) = (value, true),
            (Some("G1"), "F") => after.feed = value,
            (Some("G20"), "G") => after.inches = true,
            (Some("M106"), "S") => after.fan = Some(value as u8),
            _ => (),
        }
    }
}
