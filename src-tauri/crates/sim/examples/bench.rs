//! The stream to a printer, beside a plain host that waits for each `ok`, on boards that answer at once.

use domain::{Clock, Initiator, JobEnd, LinkChange, Now, Order, PrintId, PrinterId, StartJob};
use printer::{Heard, SerialOpener};
use sim::ack::{AckBoard, AckStats};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Real time.
struct RealClock(Instant);

impl Clock for RealClock {
    fn now(&self) -> Now {
        Now::at(self.0.elapsed().as_millis() as u64)
    }
}

#[allow(clippy::disallowed_methods)] // A measurement is about real time.
fn begin() -> Instant {
    Instant::now()
}

/// Moves of the file.
const MOVES: u64 = 100_000;

/// Streams the same file in four ways and prints lines a second.
fn main() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("arcs.gcode");
    let text: String = (0..MOVES).map(arc).collect();
    std::fs::write(&file, &text).expect("written");
    let plain = measured(0, |port| one_line_host(port, &text));
    let ours = measured(0, |port| our_host(port, &file));
    let refused = measured(500, |port| our_host(port, &file));
    let rate = |stats: AckStats| stats.moves as f64 / stats.secs.max(1e-9);
    println!(
        "serial: {:.0} lines a second, a host with one line in flight {:.0} (ratio {:.2}); with one line in 500 \
         refused {:.0} (time {:.2} of the clean run, {} refused)",
        rate(ours),
        rate(plain),
        rate(ours) / rate(plain),
        rate(refused),
        refused.secs / ours.secs,
        refused.refused
    );
    assert_eq!(
        (ours.moves, ours.out_of_order, refused.moves),
        (MOVES, 0, MOVES),
        "each line once and in order"
    );
    if Command::new("printcore.py").arg("--help").output().is_err() {
        return println!("serial: Printrun is not installed, so it is not measured beside it");
    }
    let theirs = measured(0, |port| {
        let arguments = ["-b", "115200", port];
        drop(Command::new("printcore.py").args(arguments).arg(&file).output());
    });
    println!("serial: Printrun {:.0} lines a second", rate(theirs));
}

fn arc(n: u64) -> String {
    let turn = n as f64 / 250.0;
    format!(
        "G1 X{:.3} Y{:.3} E{:.5} F3000\n",
        100.0 + 10.0 * turn.cos(),
        100.0 + 10.0 * turn.sin(),
        turn / 5.0
    )
}

fn measured(refuse_every: u64, host: impl FnOnce(&str)) -> AckStats {
    let board = AckBoard::start(refuse_every).expect("a pseudo terminal");
    host(board.path());
    board.end()
}

fn one_line_host(path: &str, text: &str) {
    let mut port = std::fs::OpenOptions::new().read(true).write(true).open(path).expect("it opens");
    let mut said = BufReader::new(port.try_clone().expect("a second handle"));
    let mut answer = String::new();
    for (n, line) in std::iter::once("M110 N0").chain(text.lines()).enumerate() {
        let framed = format!("N{n} {line}");
        let sum = framed.bytes().fold(0u8, |sum, b| sum ^ b);
        port.write_all(format!("{framed}*{sum}\n").as_bytes()).expect("written");
        answer.clear();
        while !answer.starts_with("ok") {
            answer.clear();
            said.read_line(&mut answer).expect("answered");
        }
    }
}

fn our_host(port: &str, file: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (heard, mut inbox) = tokio::sync::mpsc::channel(256);
        let clock = Arc::new(RealClock(begin()));
        let opener = Box::new(SerialOpener::new(port, 115_200));
        let handle = printer::spawn(PrinterId(1), opener, clock, heard).expect("a thread");
        while let Some((_, heard)) = inbox.recv().await {
            let Heard::Change(change) = heard else { continue };
            if let LinkChange::Up { .. } = change {
                let start = StartJob {
                    print: PrintId(1),
                    file: None,
                    path: file.into(),
                    name: "arcs".into(),
                    initiator: Initiator::Person,
                    past: domain::PastTimes::default(),
                    done_lines: 0,
                    left_out: Vec::new(),
                };
                handle.order(Order::Start(start)).expect("taken");
            } else if let LinkChange::Ended(_, end) = change {
                assert_eq!(end, JobEnd::Finished);
                break;
            }
        }
        tokio::task::spawn_blocking(move || handle.join(Duration::from_secs(5))).await.expect("it ends");
    });
}
