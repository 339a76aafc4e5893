//! Plays a recorded dialogue to a link: what the recorder sent is given to the link to send, and what the firmware said
//! comes back in its own time and order.
//!
//! The link's own queries, which the recording knows nothing of, are answered as soon as all before them is. Numbers of
//! the recording are put into the link's.

use super::bench::{Bench, program_line};
use super::firmware::Make;
use crate::Place;
use domain::{Millis, Now};
use std::collections::VecDeque;
use std::path::PathBuf;

/// A recorded dialogue.
pub(crate) struct Dialogue {
    pub(crate) name: String,
    entries: Vec<(Millis, Side, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Sent,
    Heard,
}

/// Returns all that were recorded, by name.
pub(crate) fn all() -> Vec<Dialogue> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/dialogues");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&root).expect("it lies there").with_extension("");
            let name = name.to_string_lossy().replace('\\', "/");
            found.push(read(name, &std::fs::read_to_string(path).expect("it is text")));
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn read(name: String, text: &str) -> Dialogue {
    let entry = |line: &str| {
        let (secs, rest) = line.trim_start().split_once(' ')?;
        let ms = (secs.parse::<f64>().ok()? * 1000.0) as Millis;
        let (side, text) = rest.split_at_checked(1)?;
        let side = match side {
            ">" => Side::Sent,
            "<" => Side::Heard,
            _ => return None,
        };
        Some((ms, side, text.strip_prefix(' ').unwrap_or(text).replace("\\r", "\r")))
    };
    Dialogue { name, entries: text.lines().filter_map(entry).collect() }
}

impl Dialogue {
    /// What the firmware said before anything was sent, and when, ms.
    pub(crate) fn banner(&self) -> impl Iterator<Item = (Millis, &str)> {
        let heard = self.entries.iter().take_while(|(_, side, _)| *side == Side::Heard);
        heard.map(|(at, _, text)| (*at, text.as_str()))
    }

    /// What the firmware said, line by line.
    pub(crate) fn heard(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter(|(_, side, _)| *side == Side::Heard).map(|(.., text)| text.as_str())
    }
}

/// Takes number, checksum and comment off a line that was sent.
fn bare(line: &str) -> (Option<u32>, String) {
    let text = line.split([';', '*']).next().unwrap_or_default().trim();
    let numbered = text.strip_prefix('N').and_then(|rest| rest.split_once(' '));
    match numbered.and_then(|(n, rest)| Some((n.parse().ok()?, rest))) {
        Some((n, rest)) => (Some(n), rest.to_owned()),
        None => (None, text.to_owned()),
    }
}

/// Returns whether a line is obeyed at once by a firmware that listens while it works.
fn is_emergency(text: &str) -> bool {
    ["M108", "M112", "M876", "M410"].iter().any(|code| text.starts_with(code))
}

/// A line on its way, as the other end sees it.
struct Out {
    n: Option<u32>,
    text: String,
    own: bool,
}

/// How a recording is played.
pub(crate) struct Replay {
    pub(crate) bench: Bench,
    /// Commands of the recording that the link has not sent for the first time, oldest first.
    due: VecDeque<(Option<u32>, String)>,
    out: VecDeque<Out>,
    /// Numbers of the recording, and the link's for the same command.
    numbers: Vec<(u32, u32)>,
    last_n: u32,
    /// The next `ok` belongs to a resend request.
    ok_of_resend: bool,
    /// Commands of the recording in the order in which the other end took them.
    pub(crate) taken: Vec<String>,
    /// Every `ok` that nothing was out for.
    pub(crate) strays: u32,
    /// The next `ok` is for a line that the link has no need of.
    mute_ok: bool,
    /// Where the head is, as was said last.
    place: String,
    /// Lines of the file so far.
    fed: u64,
    /// The number that the other end took last.
    last_taken: Option<u32>,
    ending: &'static str,
}

/// How the commands get to the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum As {
    /// A print of them.
    Program,
    /// Sent by hand.
    ByHand,
}

impl Replay {
    /// Plays a recording, from a printer that is up, with the capabilities given. `ending` stands behind each line.
    pub(crate) fn play(dialogue: &Dialogue, how: As, caps: &[&'static str], ending: &'static str) -> Self {
        let mut bench = Bench::up(Make::Two, caps);
        if how == As::Program {
            bench.start("");
        }
        let mut replay = Self {
            bench,
            due: VecDeque::new(),
            out: VecDeque::new(),
            numbers: Vec::new(),
            last_n: 0,
            ok_of_resend: false,
            taken: Vec::new(),
            strays: 0,
            mute_ok: false,
            place: "X:0.00 Y:0.00 Z:0.00 E:0.00 Count X:0 Y:0 Z:0".into(),
            fed: 0,
            last_taken: None,
            ending,
        };
        let from = dialogue.entries.iter().position(|(_, side, _)| *side == Side::Sent).unwrap_or(0);
        let begun = dialogue.entries.get(from).map_or(0, |e| e.0);
        let zero = replay.bench.now;
        let mut seen = Vec::new();
        for (at, side, text) in &dialogue.entries[from..] {
            while replay.bench.now < zero + at - begun {
                replay.round();
            }
            match side {
                Side::Heard => replay.hear(text),
                Side::Sent => {
                    let (n, text) = bare(text);
                    if text.is_empty() || (n.is_some() && seen.contains(&n)) {
                        continue;
                    }
                    if text.starts_with("M110") {
                        // The link has numbers of its own.
                        replay.mute_ok = true;
                        continue;
                    }
                    seen.push(n);
                    replay.give(n, text, how);
                }
            }
        }
        replay
    }

    fn give(&mut self, n: Option<u32>, text: String, how: As) {
        match how {
            As::ByHand | As::Program if is_emergency(&text) && self.bench.link.can("EMERGENCY_PARSER") => {
                self.due.push_front((n, text.clone()));
                self.bench.link.queue_raw(text);
            }
            As::Program => {
                self.due.push_back((n, text.clone()));
                self.fed += 1;
                self.bench.link.feed(program_line(&text, self.fed, Place::default()));
            }
            As::ByHand => {
                self.due.push_back((n, text.clone()));
                self.bench.link.queue_line(text);
            }
        }
        self.transmit();
    }

    /// Ten milliseconds pass.
    fn round(&mut self) {
        self.bench.now += 10;
        self.bench.link.handle_timeout(Now::at(self.bench.now));
        self.transmit();
    }

    fn transmit(&mut self) {
        while let Some(line) = self.bench.link.poll_transmit(Now::at(self.bench.now)) {
            self.bench.sent.push(line.clone());
            let (n, text) = bare(line.trim_start());
            let again = n.is_some_and(|n| n <= self.last_n && self.last_n > 0);
            let due = self.due.iter().position(|(_, due)| *due == text).filter(|_| !again);
            if let Some((recorded, _)) = due.and_then(|at| self.due.remove(at)) {
                self.numbers.extend(recorded.zip(n));
            }
            let own = due.is_none() && !again;
            self.last_n = self.last_n.max(n.unwrap_or(0));
            self.out.push_back(Out { n, text, own });
        }
        self.answer_own();
        self.bench.collect();
    }

    /// The link's own questions are answered when all before them is.
    fn answer_own(&mut self) {
        if self.bench.link.is_halted() {
            // A board that has stopped answers nothing.
            self.out.retain(|out| !out.own);
        }
        while self.out.front().is_some_and(|out| out.own) {
            let Some(out) = self.out.pop_front() else { break };
            let wanted = self.last_taken.map(|last| last + 1);
            let resend = format!("Resend: {}", wanted.unwrap_or(0));
            let lines = match out.text.as_str() {
                _ if wanted.is_some_and(|n| out.n.is_some_and(|out| out > n)) => {
                    self.out.clear();
                    vec![resend.as_str(), "ok"]
                }
                "M105" => vec!["ok T:20.00 /0.00 B:20.00 /0.00 @:0 B@:0"],
                "M114" => vec![self.place.as_str(), "ok"],
                _ => vec!["ok"],
            };
            if lines[0] != resend {
                self.last_taken = out.n.or(self.last_taken);
            }
            let now = Now::at(self.bench.now);
            lines.into_iter().for_each(|line| self.bench.link.handle_line(line, now));
        }
    }

    fn hear(&mut self, text: &str) {
        let mut text = text.to_owned();
        if text.starts_with("ok") && std::mem::take(&mut self.mute_ok) {
            return;
        }
        if text.starts_with("X:") {
            self.place.clone_from(&text);
        }
        if let Some(n) = text.strip_prefix("Resend: ").and_then(|n| n.parse::<u32>().ok()) {
            let known = self.numbers.iter().find(|(recorded, _)| *recorded == n).map(|(_, n)| *n);
            let wanted = known.unwrap_or(self.last_n + 1);
            let first = self.out.iter().position(|out| out.n.is_some_and(|n| n >= wanted));
            self.out.truncate(first.unwrap_or(self.out.len()));
            self.ok_of_resend = true;
            text = format!("Resend: {wanted}");
        } else if text.starts_with("ok") {
            text = self.hear_ok(text);
        }
        text.push_str(self.ending);
        self.bench.link.handle_line(&text, Now::at(self.bench.now));
        self.transmit();
    }

    /// Returns an `ok` with the number of what it answers, where it had one.
    fn hear_ok(&mut self, text: String) -> String {
        if std::mem::take(&mut self.ok_of_resend) {
            return text;
        }
        // The recorder may have been quicker than the link.
        for _ in 0..200 {
            if !self.out.is_empty() {
                break;
            }
            self.round();
        }
        let Some(out) = self.out.pop_front() else {
            self.strays += 1;
            return text;
        };
        let n = text.strip_prefix("ok N").and_then(|rest| rest.split_once(' '));
        let text = match (n, out.n) {
            (Some((_, rest)), Some(n)) => format!("ok N{n} {rest}"),
            (Some(_) | None, _) => text,
        };
        self.last_taken = out.n.or(self.last_taken);
        self.taken.push(out.text);
        text
    }

    /// Lets the rest of the commands through to a firmware that takes everything.
    pub(crate) fn end_well(&mut self) {
        self.bench.link.feed_end();
        for _ in 0..3_000 {
            self.round();
            while self.out.front().is_some_and(|out| !out.own) {
                let Some(out) = self.out.pop_front() else { break };
                let answer = if out.text == "M105" { "ok T:20.0 /0.0 B:20.0 /0.0" } else { "ok" };
                self.last_taken = out.n.or(self.last_taken);
                self.taken.push(out.text);
                self.bench.link.handle_line(answer, Now::at(self.bench.now));
                self.transmit();
            }
        }
    }

    /// How often each number was sent, most first.
    pub(crate) fn most_sent(&self) -> usize {
        let numbers: Vec<_> = self.bench.sent.iter().filter_map(|line| bare(line.trim_start()).0).collect();
        numbers.iter().map(|n| numbers.iter().filter(|m| *m == n).count()).max().unwrap_or(0)
    }
}
