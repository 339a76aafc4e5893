//! A board at the end of a cable, in time: bytes take as long as they take, the receive ring and the command slots are
//! small, the planner is full. The figures are those of an 8-bit board at 115200 baud.

use super::firmware::Make;
use std::collections::VecDeque;

/// Bytes a millisecond: 115200 baud, ten bits a byte.
const BYTES_A_MS: f64 = 11.52;
const RING: usize = 128;
const SLOTS: usize = 4;
const BLOCKS: usize = 15;

/// A small generator of chances, the same for the same seed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }

    /// Returns true once in `n`, never for 0.
    fn once_in(&mut self, n: u32) -> bool {
        n > 0 && self.next().is_multiple_of(u64::from(n))
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// How often something goes wrong: once in so many lines, 0 is never.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Harm {
    pub(crate) sent: u32,
    pub(crate) heard: u32,
    pub(crate) lost_ok: u32,
    /// No `ok` follows a `Resend`.
    pub(crate) bare_resend: bool,
    /// `ok N12 P15 B3`.
    pub(crate) advanced: bool,
}

/// The cable and the board.
#[derive(Debug)]
pub(crate) struct Board {
    make: Make,
    harm: Harm,
    chance: Chance,
    /// Milliseconds that each move lasts.
    move_ms: f64,
    now: f64,
    harmed: bool,
    up: VecDeque<(f64, u8)>,
    up_free_at: f64,
    down: VecDeque<(f64, String)>,
    down_free_at: f64,
    ring: VecDeque<u8>,
    slots: VecDeque<(i64, String)>,
    /// Ends of the moves that are planned.
    blocks: VecDeque<f64>,
    last: i64,
    pub(crate) executed: Vec<String>,
    /// Bytes that found the ring full.
    pub(crate) overflown: usize,
    /// The heaters were switched off.
    off: bool,
    /// Milliseconds in which the planner ran dry between moves.
    pub(crate) starved_ms: f64,
    pub(crate) resends: u32,
}

impl Board {
    pub(crate) fn new(make: Make, move_ms: f64, harm: Harm, seed: u64) -> Self {
        Self {
            make,
            harm,
            chance: Chance::new(seed),
            move_ms,
            now: 0.0,
            harmed: false,
            up: VecDeque::new(),
            up_free_at: 0.0,
            down: VecDeque::new(),
            down_free_at: 0.0,
            ring: VecDeque::new(),
            slots: VecDeque::new(),
            blocks: VecDeque::new(),
            last: 0,
            executed: Vec::new(),
            overflown: 0,
            off: false,
            starved_ms: 0.0,
            resends: 0,
        }
    }

    /// Puts a line on the cable.
    pub(crate) fn send(&mut self, line: &str) {
        let mut bytes = format!("{line}\n").into_bytes();
        let harmless = line.contains("M110") || line.contains("M115");
        // Not two in a row: a lost line end makes one line of both, and two harms may cancel out in eight bits.
        self.harmed = !harmless && !self.harmed && self.chance.once_in(self.harm.sent);
        if self.harmed {
            let at = self.chance.below(bytes.len());
            let mask = 1 << self.chance.below(7);
            match self.chance.below(3) {
                0 => drop(bytes.remove(at)),
                1 => bytes.insert(at, b'G'),
                // A line end just before the command makes 2.1 run what follows unchecked: no host can help that.
                _ if matches!(bytes[at] ^ mask, b'\r' | b'\n') => (),
                // Nor can it help a line without a star whose beginning the board has thrown away.
                _ if bytes[at] == b'*' => (),
                _ => bytes[at] ^= mask,
            }
        }
        for byte in bytes {
            self.up_free_at = self.up_free_at.max(self.now) + 1.0 / BYTES_A_MS;
            self.up.push_back((self.up_free_at, byte));
        }
    }

    /// Lets a millisecond pass. Returns the lines that have arrived.
    pub(crate) fn pass(&mut self) -> Vec<String> {
        self.now += 1.0;
        while self.up.front().is_some_and(|(at, _)| *at <= self.now) {
            let Some((_, byte)) = self.up.pop_front() else { break };
            if self.ring.len() < RING {
                self.ring.push_back(byte);
            } else {
                self.overflown += 1;
            }
        }
        while self.blocks.front().is_some_and(|end| *end <= self.now) {
            self.blocks.pop_front();
        }
        loop {
            self.read();
            if !self.work() {
                break;
            }
        }
        let mut heard = Vec::new();
        while self.down.front().is_some_and(|(at, _)| *at <= self.now) {
            heard.extend(self.down.pop_front().map(|(_, line)| line));
        }
        heard
    }

    fn say(&mut self, line: String) {
        if line.starts_with("ok") && self.chance.once_in(self.harm.lost_ok) {
            return;
        }
        self.down_free_at = self.down_free_at.max(self.now) + (line.len() + 1) as f64 / BYTES_A_MS;
        let mut bytes = line.into_bytes();
        if self.chance.once_in(self.harm.heard) {
            let at = self.chance.below(bytes.len());
            bytes[at] ^= 1 << self.chance.below(7);
        }
        self.down.push_back((self.down_free_at, String::from_utf8_lossy(&bytes).into_owned()));
    }

    fn ok(&mut self, n: i64) {
        let free = SLOTS - 1 - self.slots.len().min(SLOTS - 1);
        match self.harm.advanced {
            true => self.say(format!("ok N{n} P{} B{free}", BLOCKS - self.blocks.len().min(BLOCKS))),
            false => self.say("ok".into()),
        }
    }

    /// Reads lines from the ring while a command slot is free.
    fn read(&mut self) {
        while self.slots.len() < SLOTS {
            let Some(end) = self.ring.iter().position(|b| *b == b'\n') else { return };
            let line: String = self.ring.drain(..=end).map(char::from).collect();
            let line = line.split(';').next().unwrap_or_default().trim().to_owned();
            if line.is_empty() {
                continue;
            }
            match self.understand(&line) {
                Ok(Some(command)) => self.slots.push_back(command),
                Ok(None) => (),
                Err(what) => self.refuse(what),
            }
        }
    }

    fn refuse(&mut self, what: &str) {
        self.resends += 1;
        self.say(format!("Error:{what}, Last Line: {}", self.last));
        if self.make == Make::One {
            self.ring.clear();
        }
        self.say(format!("Resend: {}", self.last + 1));
        if !self.harm.bare_resend {
            self.say("ok".into());
        }
    }

    fn understand(&mut self, line: &str) -> Result<Option<(i64, String)>, &'static str> {
        let star = line.rfind('*');
        let Some(rest) = line.strip_prefix('N') else {
            // 1.1 says so without asking for it again; 2.1 would run it unchecked, which no host can help.
            return if star.is_some() {
                Err("No Line Number with checksum")
            } else {
                Ok(Some((-1, line.into())))
            };
        };
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let n: i64 = rest[..digits].parse().unwrap_or(0);
        let star = star.ok_or("No Checksum with line number")?;
        let sum = line[..star].chars().fold(0, |sum, c| sum ^ c as u8);
        if line[star + 1..].parse() != Ok(sum) {
            return Err("checksum mismatch");
        }
        let text = line[1 + digits..star].trim().to_owned();
        if !text.starts_with("M110") && n != self.last + 1 {
            let repeated = self.make == Make::Two && (n == self.last || n == self.last - 1);
            return if repeated { Ok(None) } else { Err("Line Number is not Last Line Number+1") };
        }
        self.last = n;
        Ok(Some((n, text)))
    }

    /// Executes the next command. Returns whether there was one that could be.
    fn work(&mut self) -> bool {
        let Some((n, text)) = self.slots.front().cloned() else { return false };
        let is_move = text.starts_with("G1");
        if (is_move && self.blocks.len() >= BLOCKS) || (text == "M400" && !self.blocks.is_empty()) {
            return false;
        }
        self.slots.pop_front();
        if is_move {
            let starts = self.blocks.back().copied().unwrap_or(self.now);
            if self.blocks.is_empty() && self.executed.len() > 50 {
                self.starved_ms += 1.0;
            }
            self.blocks.push_back(starts + self.move_ms);
            self.executed.push(text);
            self.ok(n);
            return true;
        }
        match text.as_str() {
            "M104 S0" | "M140 S0" => {
                self.off = true;
                self.ok(n);
            }
            "M105" if self.off => self.say("ok T:205.00 /0.00 B:60.00 /0.00 @:0 B@:0".into()),
            "M105" => self.say("ok T:205.00 /205.00 B:60.00 /60.00 @:0 B@:0".into()),
            "M114" => {
                self.say("X:0.00 Y:0.00 Z:0.00 E:0.00 Count X:0 Y:0 Z:0".into());
                self.ok(n);
            }
            "M115" => {
                self.say("FIRMWARE_NAME:Marlin 2.1.2 (x) MACHINE_TYPE:Test EXTRUDER_COUNT:1".into());
                self.ok(n);
            }
            _ => self.ok(n),
        }
        true
    }
}
