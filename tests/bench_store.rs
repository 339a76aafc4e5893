//! The database on a history of years: what people wait for, how large it grows, and that writing never keeps a
//! printer waiting. Each answer is beside that of a request for nothing over the same connection.

use crate::now;
use domain::{
    EndedBy, FileId, FrameId, FrameRow, HeatLook, LookRow, PredictionState, Print, PrintId, Printer,
    PrinterId, PrinterKind, Request, TemperatureRow, Timestamp, Write,
};
use sim::ack::{AckBoard, AckStats};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::{Store, StoreError};
use tests::visitor::Door;
use tests::world::World;

/// Prints of the made-up history.
const PRINTS: i64 = 10_000;
/// Frames a print: one in ten seconds, each kept and looked at.
const FRAMES: i64 = 500;
/// Seconds from frame to frame.
const EVERY_SECS: f64 = 10.0;
/// The first print of the made-up history.
const FIRST: i64 = 1_000;
/// Prints written in one go.
const BATCH: i64 = 100;
/// Times each page is asked for, with another print or page each time.
const TIMES: i64 = 31;
/// Moves of the printed file.
const MOVES: u32 = 40_000;
/// Rows a second while the printer is fed: a thousand times what one printer writes.
const ROWS_PER_SEC: u32 = 1_000;

/// Runs all of it.
pub(crate) fn run() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let door = Door::open().await;
        history(&door);
        pages(&door);
        lines(&door).await;
        door.world.end().await;
    });
}

fn history(door: &Door) {
    let store = door.world.station.store();
    let (start, before) = (now(), size(&door.world));
    let began = Timestamp::from_micros(1_704_067_200_000_000);
    let file = store.read(|conn| store::file::list(conn, &one_file())).expect("files");
    let file = file.0.first().expect("the sample").id;
    store.write_now(move |tx| other_printer(tx, began)).expect("written");
    for batch in 0..PRINTS / BATCH {
        let rows = move |tx: &store::Transaction<'_>| -> Result<(), StoreError> {
            (0..BATCH).try_for_each(|n| a_print(tx, file, FIRST + batch * BATCH + n, began))
        };
        store.write_now(rows).expect("written");
    }
    // A print's looks at one a second lie in a file of their own; one print's are enough to read.
    for id in asked_prints() {
        look_file(&door.world, PrintId(id));
    }
    let hours = (PRINTS * FRAMES) as f64 * EVERY_SECS / 3600.0;
    let grown = (size(&door.world) - before) as f64;
    println!(
        "store: {PRINTS} prints, {} frames, as many looks and temperatures, written in {:.0} s; the database grew by \
         {:.0} MB, {:.1} kB a watched hour ({hours:.0} hours)",
        PRINTS * FRAMES,
        start.elapsed().as_secs_f64(),
        grown / 1e6,
        grown / hours / 1e3
    );
}

fn one_file() -> store::file::FileQuery {
    store::file::FileQuery { limit: 1, ..Default::default() }
}

fn other_printer(tx: &store::Transaction<'_>, at: Timestamp) -> Result<(), StoreError> {
    let token = "00000000000000000002".to_owned();
    store::printer::put(tx, &Printer::new(PrinterId(2), "Second printer", PrinterKind::Serial, at, token))
}

fn a_print(tx: &store::Transaction<'_>, file: FileId, id: i64, began: Timestamp) -> Result<(), StoreError> {
    let started = began.plus_secs((id - FIRST) as f64 * 7200.0);
    let ended = Some(started.plus_secs(FRAMES as f64 * EVERY_SECS));
    let printer = PrinterId(1 + id % 2);
    let mut print =
        Print::begin(PrintId(id), printer, Some(file), format!("part {}.gcode", id % 97), started);
    (print.print_time, print.filament_used) =
        (Some(FRAMES as f64 * EVERY_SECS), Some(4000.0 + (id % 31) as f64));
    if id % 5 == 0 {
        (print.cancelled_at, print.ended_by) = (ended, Some(EndedBy::Cancelled));
    } else {
        (print.finished_at, print.ended_by) = (ended, Some(EndedBy::Finished));
    }
    if id % 20 == 0 {
        print.alerted_at = ended;
    }
    store::print::put(tx, &print)?;
    let heaters = BTreeMap::from([
        ("tool0".to_owned(), (209.87, Some(210.0))),
        ("bed".to_owned(), (60.02, Some(60.0))),
    ]);
    for n in 0..FRAMES {
        let (at, frame) = (started.plus_secs(n as f64 * EVERY_SECS), FrameId(id * FRAMES + n));
        store::frame::insert(tx, &frame_of(print.id, frame, at, n))?;
        store::look::insert(tx, &look_of(print.id, printer, frame, at))?;
        store::temperature::insert(tx, &TemperatureRow { print: print.id, at, heaters: heaters.clone() })?;
    }
    Ok(())
}

fn frame_of(print: PrintId, id: FrameId, taken_at: Timestamp, n: i64) -> FrameRow {
    FrameRow {
        id,
        print,
        camera: domain::CameraId(1),
        taken_at,
        path: format!("media/prints/{print}/frames/{id}.jpg"),
        width: 1280,
        height: 720,
        num_bytes: 120_000,
        why: "film".into(),
        line: Some(n as u64 * 60),
        layer_idx: Some(n as u32 / 3),
    }
}

fn look_of(print: PrintId, printer: PrinterId, frame: FrameId, taken_at: Timestamp) -> LookRow {
    LookRow {
        print,
        frame,
        taken_at,
        probability: 0.031_25,
        p: 0.043_125,
        state: PredictionState::fresh(printer, taken_at),
        boxes: Vec::new(),
        line: Some(1),
        layer_idx: Some(1),
    }
}

fn look_file(world: &World, print: PrintId) {
    let folder = world.dir.path().join(format!("media/prints/{print}"));
    let mut file = store::look_file::LookFile::open(&folder).expect("a file");
    for n in 0..(FRAMES as f64 * EVERY_SECS) as u32 {
        let cells = (0..14 * 14).map(|cell| ((cell * 7 + n) % 11) as u8).collect();
        let (at_ms, frame) = (n * 1000, FrameId(i64::from(n)));
        let look = HeatLook {
            print,
            at_ms,
            frame,
            p: 0.04,
            counted: 0.02,
            before: false,
            view: domain::View::Whole,
            columns: 14,
            cells,
        };
        file.append(look).expect("written");
    }
}

fn asked_print(n: i64) -> i64 {
    FIRST + n * (PRINTS / TIMES)
}

/// The prints whose pages are asked for: spread over the whole history.
fn asked_prints() -> impl Iterator<Item = i64> {
    (0..TIMES).map(asked_print)
}

fn pages(door: &Door) {
    let api = "/api/v1";
    let nothing = asked(door, |_| vec![format!("{api}/prints/0/")]);
    let told = |what: &str, ms: f64| {
        println!("store: {what}: {ms:.1} ms ({:.1} times a request for nothing)", ms / nothing);
    };
    told(
        "first page of the history",
        asked(door, |_| vec![format!("{api}/prints/?limit=24&sorting=date_desc")]),
    );
    let deep = |n| vec![format!("{api}/prints/?start={}&limit=24&sorting=date_desc", n * 300)];
    told("a page further down", asked(door, deep));
    let filter = "result=cancelled&filter_by_printer_ids[]=2";
    let filtered = |n| vec![format!("{api}/prints/?{filter}&q=part%20{n}&limit=24&sorting=date_desc")];
    told("filtered by printer, result and words", asked(door, filtered));
    let count = |n| vec![format!("{api}/vigil/prints/count/?{filter}&q=part%20{n}")];
    told("how many those are", asked(door, count));
    let zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"];
    let stats = |n: i64| {
        let zone = zones[n as usize % zones.len()];
        let query = format!("from_date=2025-01-01&to_date=2026-01-01&group_by=month&timezone={zone}");
        vec![format!("{api}/vigil/prints/stats/?{query}")]
    };
    told("statistics of a year by month", asked(door, stats));
    let all = |_| vec![format!("{api}/vigil/prints/stats/?group_by=year&timezone=Europe/Berlin")];
    told("statistics of everything", asked(door, all));
    let page = |n: i64| {
        let id = asked_print(n);
        let parts = ["curve", "temperatures", "frames", "looks", "watch", "film", "evidence"];
        let mut all: Vec<String> =
            parts.iter().map(|part| format!("{api}/vigil/prints/{id}/{part}/")).collect();
        all.push(format!("{api}/prints/{id}/"));
        all
    };
    told("a print's page with its curves, all requests one after the other", asked(door, page));
    told(
        "space on the disk, largest prints first",
        asked(door, |_| vec![format!("{api}/vigil/storage/?limit=24")]),
    );
    let review = |n| vec![format!("{api}/vigil/review/?start={}&limit=24", n * 10)];
    told("what is to be reviewed", asked(door, review));
}

/// Returns the median of the milliseconds that these requests take together.
fn asked(door: &Door, paths: impl Fn(i64) -> Vec<String>) -> f64 {
    let mut took: Vec<f64> = (0..TIMES)
        .map(|n| {
            let start = now();
            for path in paths(n) {
                let (status, answer) = door.get(&path);
                assert!(status == 200 || path.ends_with("/prints/0/"), "{path}: {status} {answer}");
            }
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    took.sort_by(f64::total_cmp);
    took[took.len() / 2]
}

/// A file streamed to a board that answers at once: by the whole core, quiet, and while the database takes in rows.
async fn lines(door: &Door) {
    let (file, name) = arcs(door);
    let quiet = streamed(door, file, name, "0123456789abcdef0124").await;
    let stop = Arc::new(AtomicBool::new(false));
    let (over, store) = (stop.clone(), door.world.station.store().clone());
    let writer = std::thread::Builder::new().name("writer".into()).spawn(move || flood(&store, &over));
    let busy = streamed(door, file, name, "0123456789abcdef0125").await;
    stop.store(true, Ordering::Relaxed);
    let rows = writer.expect("a thread").join().expect("it ends");
    let rate = |stats: AckStats| f64::from(MOVES) / stats.secs.max(1e-9);
    println!(
        "store: a printer gets {:.0} lines a second, {:.0} while {rows} rows are written meanwhile (ratio {:.2}); it \
         waited {:.1} ms for a line at most, {:.1} ms meanwhile",
        rate(quiet),
        rate(busy),
        rate(busy) / rate(quiet),
        quiet.longest_wait_secs * 1e3,
        busy.longest_wait_secs * 1e3
    );
    assert_eq!(
        (quiet.moves, busy.moves),
        (u64::from(MOVES), u64::from(MOVES)),
        "each line once and in order"
    );
}

/// Adds a file of short moves; returns it and its name.
pub(crate) fn arcs(door: &Door) -> (FileId, &'static str) {
    let name = "arcs.gcode";
    let text: String = (0..MOVES).map(arc).collect();
    let (status, file) = door.upload(name, text.as_bytes(), &[]);
    assert_eq!(status, 201, "{file}");
    (FileId(file["id"].as_i64().expect("a number")), name)
}

fn arc(n: u32) -> String {
    let turn = f64::from(n) / 250.0;
    format!(
        "G1 X{:.3} Y{:.3} E{:.5} F3000\n",
        100.0 + 10.0 * turn.cos(),
        100.0 + 10.0 * turn.sin(),
        turn / 5.0
    )
}

/// Prints a file on a board that answers at once; returns what the board saw.
pub(crate) async fn streamed(door: &Door, file: FileId, name: &str, auth_token: &str) -> AckStats {
    let board = AckBoard::start(0).expect("a pseudo terminal");
    let station = &door.world.station;
    let new = station::NewPrinter {
        name: "Board".into(),
        kind: PrinterKind::Serial,
        port: Some(domain::PortChoice { path: board.path().into(), baud: 115_200 }),
        camera: None,
        auth_token: auth_token.into(),
    };
    let printer = station.add_printer(new).await.expect("added");
    let view = || station.snapshot().printers.get(&printer).cloned().expect("there");
    until(|| view().vigil.can.start).await;
    let (path, past) = (station.file_path(file), domain::PastTimes::default());
    let start = Request::Start {
        printer,
        file: Some(file),
        path,
        name: name.into(),
        past,
        done_lines: 0,
        left_out: Vec::new(),
    };
    station.ask(start).await.expect("begun");
    until(|| view().current_print.is_some()).await;
    until(|| view().current_print.is_none()).await;
    station.remove_printer(printer).await.expect("removed");
    board.end()
}

async fn until(is: impl Fn() -> bool) {
    for _ in 0..6_000 {
        if is() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it was not so within two minutes");
}

/// Writes looks, frames and temperatures until it is told to stop; returns how many rows.
fn flood(store: &Store, stop: &AtomicBool) -> u64 {
    let (mut rows, mut frame) = (0, (FIRST + PRINTS + 1) * FRAMES);
    let print = PrintId(FIRST);
    while !stop.load(Ordering::Relaxed) {
        for _ in 0..ROWS_PER_SEC / 100 / 2 {
            frame += 1;
            let at = Timestamp::from_micros(frame * 1_000);
            store.record(Write::Look(Box::new(look_of(print, PrinterId(1), FrameId(frame), at))), None);
            store.record(Write::Frame(Box::new(frame_of(print, FrameId(frame), at, 1))), None);
            rows += 2;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    rows
}

fn size(world: &World) -> u64 {
    // What waits in the journal belongs to it.
    let file = |end: &str| world.dir.path().join(format!("{}{end}", store::DATABASE));
    ["", "-wal"].iter().filter_map(|end| file(end).metadata().ok()).map(|file| file.len()).sum()
}
