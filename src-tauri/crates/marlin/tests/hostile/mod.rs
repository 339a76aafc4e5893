//! What a printer, a bad cable or a hostile device might say, made of recorded dialogues by damage.

#![allow(unreachable_pub)] // Shared by a test and an example.

#[path = "../../src/tests/firmware.rs"]
#[allow(dead_code)]
mod firmware;

use domain::{Initiator, LinkChange, Millis, Now, Order, PastTimes, PrintId, StartJob};
use firmware::{Firmware, Make};
use marlin::{JobFacts, LineKind, Lines, Link, Noise, Place, ProgramLine, Reply, readings};
use std::path::Path;

/// Something that is fed with bytes.
pub struct Target {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Takes bytes, and panics when a promise is broken.
    pub run: fn(&[u8]),
}

/// All that are tried.
pub const TARGETS: &[Target] =
    &[Target { name: "replies", run: read_replies }, Target { name: "link", run: drive_link }];

/// Moves of the print under way.
const MOVES: usize = 60;
/// No state of a link takes more memory than this, told as text, bytes.
const LARGEST: usize = 200_000;

/// Returns what recorded firmwares said.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/dialogues")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).expect("recordings").map(|e| e.expect("an entry").path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("text");
            let said = text.lines().filter_map(|line| line.split_once(" < ")).map(|(_, said)| said);
            found.push((path, said.collect::<Vec<_>>().join("\n").into_bytes()));
        }
    }
    found.sort();
    found.into_iter().map(|(_, said)| said).collect()
}

fn read_replies(bytes: &[u8]) {
    let (mut lines, mut noise) = (Lines::default(), Noise::default());
    for chunk in bytes.chunks(1 + bytes.first().map_or(0, |b| usize::from(b % 63))) {
        noise.take(chunk);
        for line in lines.take(chunk) {
            assert!(line.chars().count() <= 1024);
            let reply = Reply::parse(&line);
            let again = Reply::parse(&format!("{line}\r"));
            // What no number is equals nothing, not even itself.
            assert!(
                reply == again || format!("{reply:?}") == format!("{again:?}"),
                "{line:?}: {reply:?}, {again:?}"
            );
            if let Reply::Resend(Some(_)) = reply {
                assert!(line.bytes().any(|b| b.is_ascii_digit()));
            }
            let known = readings(&line);
            assert!(known.len() <= line.len() / 3, "{line:?}");
        }
    }
    assert!(format!("{lines:?}{noise:?}").len() < LARGEST);
}

/// A link in the middle of a print, a good firmware, and a cable that brings more than the firmware said.
struct Rig {
    link: Link,
    firmware: Firmware,
    lines: Lines,
    now: Millis,
    next: usize,
    /// Whether the firmware's answers get through.
    mute: bool,
    changes: Vec<LinkChange>,
    broken: Option<String>,
}

impl Rig {
    fn new(make: Make) -> Self {
        let mut firmware = Firmware::new(make);
        let boot = firmware.boot();
        let mut link = Link::new(Now::at(0));
        link.opened(false, Now::at(0));
        let (lines, changes) = (Lines::default(), Vec::new());
        let mut rig = Self { link, firmware, lines, now: 0, next: 0, mute: false, changes, broken: None };
        boot.iter().for_each(|line| rig.bring(format!("{line}\n").as_bytes()));
        rig
    }

    fn start(&mut self) {
        let start = StartJob {
            print: PrintId(1),
            file: None,
            path: "x.gcode".into(),
            name: "x".into(),
            initiator: Initiator::Person,
            past: PastTimes::default(),
            done_lines: 0,
            left_out: Vec::new(),
        };
        self.link.handle_order(Order::Start(start), Now::at(self.now));
        if self.link.poll_fetch().is_some() {
            self.link.begin(JobFacts::default());
        }
    }

    fn bring(&mut self, bytes: &[u8]) {
        for line in self.lines.take(bytes) {
            self.link.handle_line(&line, Now::at(self.now));
        }
    }

    fn round(&mut self, ms: Millis) {
        self.now += ms;
        let now = Now::at(self.now);
        self.link.handle_timeout(now);
        while self.link.wants_lines() {
            self.next += 1;
            if self.next > MOVES {
                self.link.feed_end();
                break;
            }
            let (index, after) = (self.next as u64, Place::default());
            self.link.feed(ProgramLine {
                text: format!("G1 X{index} E{index}"),
                index,
                end: index,
                analysed_secs: None,
                layer_idx: None,
                object: None,
                after,
                kind: LineKind::Send,
            });
        }
        for _ in 0..8 {
            let Some(line) = self.link.poll_transmit(now) else { break };
            let text = line.strip_prefix('\n').unwrap_or(&line);
            assert!(text.bytes().all(|b| (b' '..=b'~').contains(&b)) && text.len() <= 96, "sent {line:?}");
            let answers = self.firmware.take(format!("{line}\n").as_bytes());
            let mute = self.mute;
            for answer in answers.iter().filter(|_| !mute) {
                self.bring(format!("{answer}\n").as_bytes());
            }
        }
        while let Some(change) = self.link.poll_change() {
            // A firmware that shouts fills no memory of ours here.
            if self.changes.len() < 10_000 {
                self.changes.push(change);
            }
        }
        if let Some(why) = self.link.poll_broken() {
            assert!(why.len() > 20, "it says why: {why:?}");
            self.link.lost(&why);
            self.broken = Some(why);
        }
    }

    fn is_over(&self) -> bool {
        !self.link.has_job() || self.broken.is_some() || self.link.is_halted()
    }

    /// Runs until the print has ended in some way; `false` when it stands still.
    fn ends_within(&mut self, ms: Millis) -> bool {
        let until = self.now + ms;
        while self.now < until && !self.is_over() {
            self.round(if self.now + ms < until + 20_000 { 10 } else { 100 });
        }
        self.is_over()
    }
}

fn drive_link(bytes: &[u8]) {
    let (mode, size) = bytes.first().map_or((0, 1), |b| (b % 4, 1 + usize::from(b / 4)));
    let mut rig = Rig::new(if mode & 1 == 0 { Make::Two } else { Make::One });
    while !rig.link.is_up() {
        rig.round(10);
        assert!(rig.now < 20_000, "it comes up");
    }
    rig.start();
    rig.mute = mode & 2 == 2;
    for chunk in bytes.chunks(size) {
        rig.bring(chunk);
        rig.round(10);
    }
    assert!(format!("{:?}", rig.link).len() < LARGEST, "it grows without bound");
    rig.mute = false;
    rig.bring(b"\n");
    let mut over = rig.ends_within(400_000);
    // What was said may have been a question, a pause, or a firmware that waits for a person.
    if !over {
        rig.link.handle_order(Order::Cancel(Initiator::Person), Now::at(rig.now));
        over = rig.ends_within(2_400_000);
    }
    let asked = rig.changes.iter().any(|c| matches!(c, LinkChange::FilamentChange { .. }));
    assert!(over || asked, "it stands still: {:?}", rig.link.report(Now::at(rig.now)));
    // Each move was executed at most once, in order, and none was passed over.
    let moves: Vec<usize> = rig
        .firmware
        .done
        .iter()
        .filter_map(|l| l.strip_prefix("G1 X")?.split(' ').next()?.parse().ok())
        .collect();
    assert!(moves.iter().copied().eq(1..=moves.len()), "{moves:?}");
}

/// Damages recordings, the same ones for the same seed.
pub struct Mutator {
    state: u64,
    seeds: Vec<Vec<u8>>,
}

const TOKENS: &[&[u8]] = &[
    b"\n",
    b"\r\n",
    b"\0",
    b"ok\n",
    b"\nok\n",
    b"ok N",
    b"ok T:",
    b" P15 B3",
    b"\nResend: ",
    b"\nResend: 1\n",
    b"\nrs 20\n",
    b"Error:",
    b"\nError:checksum mismatch, Last Line: 7\nResend: 8\nok\n",
    b"\nstart\n",
    b"\necho:busy: processing\n",
    b"\nwait\n",
    b"\n//action:",
    b"\n//action:pause\n",
    b"\n//action:cancel\n",
    b"\n//action:prompt_begin ",
    b"\n T:205.00 /205.00 B:60.00 /60.00 @:0\n",
    b"X:1.0 Y:2.0 Z:3.0 E:4.0 Count",
    b"area:{full:{min:{x:0",
    b"99999999999999999999",
    b"4294967295",
    b"1e308",
    b"nan",
    b"-",
    b"\xff\xfe",
    b"\xe2\x82",
    b"FIRMWARE_NAME:",
    b"Cap:",
    b"Cap:EMERGENCY_PARSER:1\n",
    b" 0 +0.100 -0.200\n",
    b"Bilinear Leveling Grid:\n",
];

impl Mutator {
    /// Begins with what was recorded.
    pub fn new(seed: u64) -> Self {
        Self { state: seed | 1, seeds: seeds() }
    }

    /// Returns the next piece of hostile speech.
    pub fn next_speech(&mut self) -> Vec<u8> {
        let at = self.below(self.seeds.len());
        let seed = &self.seeds[at];
        let mut speech = seed.clone();
        let (from, len) = (self.below(speech.len()), 1 + self.below(1_500));
        speech.drain(..from);
        speech.truncate(len);
        speech.insert(0, self.below(256) as u8);
        for _ in 0..1 + self.below(12) {
            self.damage(&mut speech);
        }
        speech.truncate(4_096);
        speech
    }

    fn damage(&mut self, speech: &mut Vec<u8>) {
        let at = self.below(speech.len() + 1);
        match self.below(7) {
            0 => speech.truncate(at.max(1)),
            1 if at < speech.len() => speech[at] ^= 1 << self.below(8),
            2 if at < speech.len() => drop(speech.remove(at)),
            3 => {
                let end = (at + self.below(80)).min(speech.len());
                let part = speech[at..end].to_vec();
                (0..1 + self.below(20)).for_each(|_| drop(speech.splice(at..at, part.iter().copied())));
            }
            4 => {
                let noise: Vec<u8> = (0..self.below(60)).map(|_| self.below(256) as u8).collect();
                drop(speech.splice(at..at, noise));
            }
            _ => {
                let token = TOKENS[self.below(TOKENS.len())];
                drop(speech.splice(at..at, token.iter().copied()));
            }
        }
    }

    fn below(&mut self, n: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        ((self.state >> 11) % n.max(1) as u64) as usize
    }
}
