//! Measures the database on this computer's disk: `cargo run --release -p store --example store_bench [FOLDER]`.
//!
//! Fills a history of 10,000 prints and 500,000 looks in a new folder below FOLDER (default: the system's folder for
//! temporary files), then times what people and the watch wait for.

#![allow(clippy::disallowed_methods, reason = "a measurement asks the clock; no rule depends on it")]

use domain::{
    FrameId, LookRow, PredictionState, Print, PrintId, Printer, PrinterId, PrinterKind, Timestamp, Write,
};
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};
use store::print_list::{Filter, PrintQuery};
use store::{Store, StoreError, StoreOutcome, look, print, print_list, printer};

const PRINTS: i64 = 10_000;
const LOOKS_PER_PRINT: i64 = 50;
const DEADLINE: Duration = Duration::from_secs(60);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let below = std::env::args().nth(1).map_or_else(std::env::temp_dir, Into::into);
    let folder = tempfile::tempdir_in(below)?;
    let now = Timestamp::from_micros(1_767_225_600_000_000);
    let (send, outcomes) = sync_channel(64);
    let (store, _) = Store::open(folder.path(), now, move |outcome| drop(send.send(outcome)))?;

    timed(&format!("writing {PRINTS} prints, {} looks", PRINTS * LOOKS_PER_PRINT), 1, || fill(&store, now))?;
    let page = PrintQuery { limit: 12, ..PrintQuery::default() };
    let last = PrintQuery { start: PRINTS as u32 - 12, ..page.clone() };
    let filtered =
        PrintQuery { filter: Some(Filter::Cancelled), printers: vec![PrinterId(2)], ..page.clone() };
    timed("first page of prints", 200, || store.read(|conn| print_list::list(conn, &page)))?;
    timed("last page of prints", 50, || store.read(|conn| print_list::list(conn, &last)))?;
    timed("page of one printer's cancelled", 200, || store.read(|conn| print_list::list(conn, &filtered)))?;
    timed("count of all prints", 50, || store.read(|conn| print_list::count(conn, &page)))?;
    timed("figures of all prints", 10, || {
        store.read(|conn| store::print_stats::figures(conn, &[], None, None))
    })?;
    timed("prediction json of a print", 50, || {
        store.read(|conn| look::prediction_json(conn, PrintId(PRINTS / 2)))
    })?;
    let mut frame = (PRINTS + 1) * LOOKS_PER_PRINT;
    timed("a look, until it is on the disk", 100, || {
        frame += 1;
        store.record(Write::Look(Box::new(look_of(PRINTS, frame, now))), Some(domain::ReplyTo(1)));
        match outcomes.recv_timeout(DEADLINE) {
            Ok(StoreOutcome::Stored(_, Ok(()))) => Ok(()),
            other => Err(format!("not stored: {other:?}")),
        }
    })?;
    store.close(DEADLINE)?;
    let bytes = folder.path().join(store::DATABASE).metadata()?.len();
    println!("{:<48} {:>10.1} MB", "size of the database", bytes as f64 / 1e6);
    timed("start with the check of the whole file", 3, || {
        let (store, _) = Store::open(folder.path(), now, |_| ())?;
        store.close(DEADLINE)
    })?;
    Ok(())
}

fn fill(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    store.write_now(move |tx| {
        for id in [1, 2] {
            let token = format!("{id:020x}");
            printer::put(tx, &Printer::new(PrinterId(id), "Printer", PrinterKind::Serial, now, token))?;
        }
        for id in 1..=PRINTS {
            let started = now.plus_secs(id as f64 * 3600.0);
            let ended = Some(started.plus_secs(3000.0));
            let begun =
                Print::begin(PrintId(id), PrinterId(1 + id % 2), None, format!("part {id}.gcode"), started);
            let finished = if id % 5 == 0 { None } else { ended };
            let cancelled = if id % 5 == 0 { ended } else { None };
            print::put(tx, &Print { finished_at: finished, cancelled_at: cancelled, ..begun })?;
            for n in 0..LOOKS_PER_PRINT {
                look::insert(tx, &look_of(id, id * LOOKS_PER_PRINT + n, started))?;
            }
        }
        Ok(())
    })
}

fn look_of(print: i64, frame: i64, taken_at: Timestamp) -> LookRow {
    LookRow {
        print: PrintId(print),
        frame: FrameId(frame),
        taken_at,
        probability: 0.03,
        p: 0.04,
        state: PredictionState::fresh(PrinterId(1 + print % 2), taken_at),
        boxes: Vec::new(),
        line: Some(1),
        layer_idx: Some(1),
    }
}

fn timed<T, E>(what: &str, times: u32, mut f: impl FnMut() -> Result<T, E>) -> Result<(), E> {
    let start = Instant::now();
    for _ in 0..times {
        f()?;
    }
    let each = start.elapsed() / times;
    println!("{what:<48} {:>10.3} ms", each.as_secs_f64() * 1e3);
    Ok(())
}
