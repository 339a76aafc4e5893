//! Everything that OctoPrint's virtual printer can be made to do, and what becomes of a print: see
//! `tests/virtual_printer/table.md`.

use anyhow::{Context, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Moves of the file, and after how many of them a row's deed is done.
const MOVES: usize = 400;
const DEED_AFTER: usize = 100;
/// Rows at once: each is mostly waiting.
const AT_ONCE: usize = 6;
/// A row is given up after this.
const PATIENCE: Duration = Duration::from_secs(150);

/// A row of the table.
#[derive(Debug, Clone)]
struct Row {
    printer: String,
    deeds: Vec<String>,
    end: String,
    words: String,
}

fn rows() -> Vec<Row> {
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [printer, deeds, end, words] = cells[..] else { panic!("four cells: {line}") };
        let deeds = deeds.split(", ").filter(|deed| !deed.is_empty()).map(str::to_owned).collect();
        Row { printer: printer.into(), deeds, end: end.into(), words: words.into() }
    };
    let table = include_str!("virtual_printer/table.md").lines().filter(|line| line.starts_with('|'));
    table.skip(2).map(row).collect()
}

fn file_moves() -> Vec<String> {
    (1..=MOVES)
        .map(|n| format!("G1 X{} Y{} E{:.2} F6000", n % 50 + 10, n / 50 + 10, n as f64 / 100.0))
        .collect()
}

/// A program that ends with its owner.
struct Ends(Child);

impl Ends {
    fn ask_to_end(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        let _ = self.0.wait();
    }
}

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[allow(clippy::disallowed_methods)] // How long a row may take is about real time.
fn run(row: &Row, python: &Path, vigil: &Path) -> anyhow::Result<Duration> {
    let folder = tempfile::tempdir()?;
    let (tty, record, said) =
        (folder.path().join("tty"), folder.path().join("record"), folder.path().join("said"));
    let moves = file_moves();
    let file = folder.path().join("moves.gcode");
    std::fs::write(&file, format!("M104 S0\nG28 X Y\nG90\nM82\nG92 E0\n{}\n", moves.join("\n")))?;

    let mut bridge = Command::new(python);
    bridge.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/virtual_printer/bridge.py")).args([&tty, &record]);
    bridge.arg(&row.printer);
    for deed in &row.deeds {
        bridge.arg("--at").arg(format!("{DEED_AFTER}={deed}"));
    }
    let complaints = std::fs::File::create(folder.path().join("bridge"))?;
    let mut bridge =
        Ends(bridge.stdin(Stdio::null()).stdout(complaints.try_clone()?).stderr(complaints).spawn()?);
    let begun = Instant::now();
    while !tty.exists() {
        let bridge_said = || std::fs::read_to_string(folder.path().join("bridge")).unwrap_or_default();
        ensure!(begun.elapsed() < Duration::from_secs(60), "the bridge does not start: {}", bridge_said());
        std::thread::sleep(Duration::from_millis(50));
    }
    let out = std::fs::File::create(&said)?;
    let mut host = Command::new(vigil);
    host.arg("print").arg("--port").arg(&tty).arg(&file).stdin(Stdio::null());
    let mut host = Ends(host.stdout(out.try_clone()?).stderr(out).spawn()?);
    let begun = Instant::now();
    let status = loop {
        let text = std::fs::read_to_string(&said)?;
        if let Some(status) = host.0.try_wait()? {
            break Some(status);
        }
        if row.end == "pauses" && text.contains("  Paused") {
            break None;
        }
        ensure!(begun.elapsed() < PATIENCE, "no end in sight:\n{text}");
        std::thread::sleep(Duration::from_millis(50));
    };
    let took = begun.elapsed();
    if row.end == "pauses" {
        // What would go on would do so now.
        std::thread::sleep(Duration::from_secs(1));
    }
    bridge.ask_to_end();
    judge(row, status.map(|s| s.success()), &std::fs::read_to_string(&said)?, &record, &moves)?;
    Ok(took)
}

/// Compares what came about with what the row says.
fn judge(
    row: &Row,
    success: Option<bool>,
    said: &str,
    record: &Path,
    moves: &[String],
) -> anyhow::Result<()> {
    let record = std::fs::read_to_string(record).context("the bridge left no record")?;
    let record: serde_json::Value = serde_json::from_str(&record)?;
    let list = |name: &str| -> Vec<String> {
        let all = record[name].as_array().into_iter().flatten();
        all.filter_map(|v| v.as_str()).map(str::to_owned).collect()
    };
    let executed: Vec<String> =
        list("moves").into_iter().filter(|m| m.contains(" E") && m.ends_with(" F6000")).collect();
    let (mut at, mut repeated, mut left_out) = (0_usize, 0, 0);
    for done in &executed {
        let found = moves.iter().position(|m| m == done).context("a move that is not in the file")?;
        repeated += at.saturating_sub(found);
        left_out += found.saturating_sub(at);
        at = found + 1;
    }
    let right = match row.end.as_str() {
        "finishes, moves repeated" => (repeated, left_out) == (1, 0),
        "finishes, moves left out" => repeated == 0 && (1..=MOVES / 5).contains(&left_out),
        _ => (repeated, left_out) == (0, 0),
    };
    ensure!(right, "{repeated} moves repeated, {left_out} left out\n{said}");
    let finishes = row.end.starts_with("finishes");
    let to_the_end = if left_out > 0 { at + MOVES / 20 >= MOVES } else { at == MOVES };
    ensure!(!finishes || to_the_end, "{at} moves executed\n{said}");
    ensure!(list("done") == row.deeds || row.printer == "locked", "not all was provoked: {:?}", list("done"));
    ensure!(said.contains(&row.words), "other words:\n{said}");
    let fits = match row.end.as_str() {
        _ if finishes => success == Some(true),
        "pauses" => success.is_none() && (DEED_AFTER..MOVES).contains(&executed.len()),
        "is cancelled" => {
            success.is_some() && executed.len() < MOVES && record["targets"] == serde_json::json!([0.0, 0.0])
        }
        "stops" => success == Some(false) && executed.len() < MOVES,
        other => bail!("the table knows no end {other:?}"),
    };
    ensure!(fits, "another end: success {success:?}, {} moves\n{said}", executed.len());
    if finishes && at == MOVES {
        let n = MOVES as f64;
        let place: Vec<f64> =
            record["position"].as_array().into_iter().flatten().filter_map(|v| v.as_f64()).collect();
        ensure!(place == [10.0, n / 50.0 + 10.0, place[2], n / 100.0], "it stands at {place:?}");
    }
    Ok(())
}

#[test]
fn whatever_is_provoked_each_move_is_executed_once_or_the_print_ends_with_a_text() {
    let Some(python) = std::env::var_os("VIGIL_TEST_OCTOPRINT").map(PathBuf::from) else {
        println!("skipped: VIGIL_TEST_OCTOPRINT names no Python with OctoPrint in it");
        return;
    };
    let vigil = tests::programs::ours("vigil").unwrap();
    let only = std::env::var("VIGIL_TEST_ROW").unwrap_or_default();
    let rows: Vec<Row> = rows().into_iter().filter(|row| format!("{row:?}").contains(&only)).collect();
    let (waiting, faults) = (Mutex::new(rows.iter()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(row) = waiting.lock().unwrap().next() else { break };
                    let name = format!("{}, {}", row.printer, row.deeds.join(", "));
                    match run(row, &python, &vigil) {
                        Ok(took) => println!("{name}: {} after {:.1} s", row.end, took.as_secs_f64()),
                        Err(fault) => faults.lock().unwrap().push(format!("{name}: {fault:#}")),
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}
