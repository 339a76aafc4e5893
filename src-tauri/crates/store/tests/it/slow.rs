//! A database that takes nothing for seconds: who records never waits, and nothing is lost without a word.

use crate::rows::*;
use domain::*;
use std::time::{Duration, Instant};
use store::{Connection, DATABASE, StoreOutcome};

/// More than may wait: changes of state, and looks.
const STATE: i64 = 4096 + 40;
const LOOKS: i64 = 1024 + 9;

fn event(n: i64) -> Write {
    Write::Event(Box::new(PrinterEvent {
        id: EventId(0),
        event_title: format!("entry {n}"),
        ..full_event(0, 1, 1)
    }))
}

#[test]
#[allow(clippy::disallowed_methods)]
fn a_full_inbox_refuses_aloud_and_what_it_took_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, outcomes) = open(dir.path());
    record(&store, &outcomes, Write::Printer(Box::new(plain_printer(1)))).unwrap();
    record(&store, &outcomes, Write::Print(Box::new(plain_print(1, 1)))).unwrap();
    let other = Connection::open(dir.path().join(DATABASE)).unwrap();
    other.execute_batch("begin immediate").unwrap();

    let began = Instant::now();
    for n in 0..STATE {
        store.record(event(n), Some(ReplyTo(1_000 + n as u64)));
    }
    for n in 0..LOOKS {
        store.record(Write::Look(Box::new(full_look(1, 1, n))), None);
    }
    assert!(began.elapsed() < Duration::from_secs(3), "who records never waits: {:?}", began.elapsed());
    std::thread::sleep(Duration::from_millis(5_500));
    other.execute_batch("rollback").unwrap();

    // Each who waits for an answer gets one; what was refused is told as lost, and the end of it too.
    let (mut kept, mut refused, mut lost, mut again) = (0, 0, 0, 0);
    while kept + refused < STATE || again == 0 {
        match outcomes.recv_timeout(SOON).expect("all are answered") {
            StoreOutcome::Stored(_, Ok(())) => kept += 1,
            StoreOutcome::Stored(_, Err(_)) => refused += 1,
            StoreOutcome::Lost(Some(_)) => lost += 1,
            StoreOutcome::Lost(None) => again += 1,
        }
    }
    assert!(lost >= 1 && refused >= 40 - 1, "{lost} times said, {refused} refused, {kept} kept");
    assert!(store.dropped_looks() >= 9);
    store.close(SOON).unwrap();
    let stored = |sql: &str| -> i64 { other.query_row(sql, [], |row| row.get(0)).unwrap() };
    let entries = stored("select count(*) from printer_event where event_title like 'entry %'");
    // What was refused for the lock's sake was tried again; what found no room is gone, and was said to be.
    assert!((4096..=STATE).contains(&entries), "{entries} entries");
    let looks = stored("select count(*) from look");
    assert_eq!(looks + store.dropped_looks() as i64, LOOKS, "each is kept or counted as lost");
}
