//! A board that takes numbered lines, says `ok`, and does nothing else, behind a pseudo terminal: for measuring hosts. Asked
//! where its head is, it says where the last move led, since a host holds that against the end of the file.

use serialport::{SerialPort, TTYPort};
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A host that takes longer for its next line is late, seconds.
const LATE_SECS: f64 = 0.02;

/// What such a board saw.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct AckStats {
    /// Moves taken, each once and in order.
    pub moves: u64,
    /// Seconds from the first to the last of them.
    pub secs: f64,
    /// Longest time from an answer to the next bytes while moves came, seconds.
    pub longest_wait_secs: f64,
    /// Answers after which the next bytes took longer than 20 ms while moves came.
    pub late: u64,
    /// Lines that were refused on purpose.
    pub refused: u64,
    /// Lines that came twice, or ahead of one that was missing.
    pub out_of_order: u64,
}

/// The board. Dropping it pulls the cable.
pub struct AckBoard {
    path: String,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<AckStats>>,
}

impl AckBoard {
    /// Starts a board that refuses one numbered line in `refuse_every`, 0 for none.
    ///
    /// # Errors
    /// When the system has no pseudo terminal left, or no thread.
    pub fn start(refuse_every: u64) -> io::Result<Self> {
        let (mut ours, theirs) = TTYPort::pair()?;
        let path = theirs.name().ok_or_else(|| io::Error::other("the pseudo terminal has no name"))?;
        ours.set_timeout(Duration::from_millis(50))?;
        let stop = Arc::new(AtomicBool::new(false));
        let over = stop.clone();
        let work = move || Work { refuse_every, ..Work::default() }.run(ours, theirs, &over);
        let thread = std::thread::Builder::new().name("ack-board".into()).spawn(work)?;
        Ok(Self { path, stop, thread: Some(thread) })
    }

    /// Returns the port's path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Ends it and returns what it saw.
    pub fn end(mut self) -> AckStats {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.take().and_then(|thread| thread.join().ok()).unwrap_or_default()
    }
}

impl Drop for AckBoard {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
    }
}

#[derive(Default)]
struct Work {
    refuse_every: u64,
    stats: AckStats,
    last: u64,
    numbered: u64,
    victim: u64,
    began: Option<Instant>,
    /// The last move, as it came.
    last_move: String,
}

impl Work {
    /// `_theirs` stays open: without it, reads would fail whenever nobody has the port open.
    fn run(mut self, mut port: TTYPort, _theirs: TTYPort, stop: &AtomicBool) -> AckStats {
        let (mut partial, mut buffer) = (Vec::new(), [0; 4096]);
        let mut answered: Option<(Instant, u64)> = None;
        while !stop.load(Ordering::SeqCst) {
            let Ok(len) = port.read(&mut buffer) else { continue };
            let waited = answered.map(|(at, moves)| (now().duration_since(at).as_secs_f64(), moves));
            let moves = self.stats.moves;
            partial.extend_from_slice(&buffer[..len]);
            let mut said = String::new();
            while let Some(end) = partial.iter().position(|b| *b == b'\n') {
                let line: Vec<u8> = partial.drain(..=end).collect();
                self.line(String::from_utf8_lossy(&line).trim(), &mut said);
            }
            // A host that has gone hears nothing.
            drop(port.write_all(said.as_bytes()));
            // Only between moves: before the first and after the last nobody waits.
            if let Some((secs, before)) = waited
                && before > 0
                && self.stats.moves > moves
            {
                self.stats.longest_wait_secs = self.stats.longest_wait_secs.max(secs);
                self.stats.late += u64::from(secs > LATE_SECS);
            }
            answered = Some((now(), self.stats.moves));
        }
        self.stats
    }

    fn line(&mut self, line: &str, said: &mut String) {
        let Some((framed, sum)) = line.rsplit_once('*') else { return said.push_str("ok\n") };
        let n_and_text = framed.strip_prefix('N').and_then(|rest| rest.split_once(' '));
        let Some((n, text)) = n_and_text.and_then(|(n, text)| Some((n.parse::<u64>().ok()?, text))) else {
            return;
        };
        if text.starts_with("M110") {
            self.last = n;
            return said.push_str("ok\n");
        }
        let fits = sum.parse() == Ok(framed.bytes().fold(0u8, |sum, b| sum ^ b));
        self.numbered += 1;
        let refused =
            self.refuse_every > 0 && self.numbered.is_multiple_of(self.refuse_every) && n != self.victim;
        if refused {
            (self.victim, self.stats.refused) = (n, self.stats.refused + 1);
        } else if n != self.last + 1 {
            self.stats.out_of_order += 1;
        }
        if refused || !fits || n != self.last + 1 {
            let next = self.last + 1;
            return said.push_str(&format!(
                "Error:checksum mismatch, Last Line: {}\nResend: {next}\nok\n",
                self.last
            ));
        }
        self.last = n;
        if text.starts_with("G1") {
            let now = now();
            self.stats.moves += 1;
            self.last_move.clear();
            self.last_move.push_str(text);
            self.stats.secs = now.duration_since(*self.began.get_or_insert(now)).as_secs_f64();
        }
        if text == "M114" {
            let [x, y, z, e] = ['X', 'Y', 'Z', 'E'].map(|axis| self.place(axis));
            return said.push_str(&format!("X:{x:.2} Y:{y:.2} Z:{z:.2} E:{e:.2} Count X:0 Y:0 Z:0\nok\n"));
        }
        said.push_str(match text {
            "M105" => "ok T:210.00 /210.00 B:60.00 /60.00 @:0 B@:0\n",
            "M115" => "FIRMWARE_NAME:Marlin 2.1.2 (x) MACHINE_TYPE:Ack EXTRUDER_COUNT:1\nCap:AUTOREPORT_TEMP:1\nok\n",
            _ => "ok\n",
        });
    }
}

impl Work {
    /// Returns where the last move led on an axis, mm; 0 where it does not say.
    fn place(&self, axis: char) -> f64 {
        let mut words = self.last_move.split(' ');
        words.find_map(|word| word.strip_prefix(axis)?.parse().ok()).unwrap_or(0.0)
    }
}

#[allow(clippy::disallowed_methods)] // A measurement is about real time.
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_what_comes_once_and_in_order() {
        let (mut work, mut said) = (Work { refuse_every: 3, ..Work::default() }, String::new());
        for line in ["N0 M110 N0*125", "N1 G92 E0*70", "N3 G1 X3*96", "N2 G1 X2*96"] {
            work.line(line, &mut said);
        }
        assert_eq!(said.matches("Resend: 2").count(), 2, "one ahead, one refused: {said}");
        assert_eq!((work.stats.moves, work.stats.refused, work.stats.out_of_order), (0, 1, 1));
    }

    #[test]
    fn it_says_where_the_last_move_led() {
        let (mut board, mut said) = (Work::default(), String::new());
        for (n, text) in [(1, "G28"), (2, "G1 X94.713 Y91.5 E79.9992 F3000"), (3, "M114")] {
            said.clear();
            let framed = format!("N{n} {text}");
            let sum = framed.bytes().fold(0u8, |sum, b| sum ^ b);
            board.line(&format!("{framed}*{sum}"), &mut said);
        }
        assert!(said.starts_with("X:94.71 Y:91.50 Z:0.00 E:80.00 "), "{said}");
    }
}
