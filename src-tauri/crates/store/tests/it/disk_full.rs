//! A full disk: said at once, tried again, and nothing that fits the backlog is lost.

use crate::rows::*;
use domain::*;
use rusqlite_pages::*;
use store::{Store, StoreError, StoreOutcome, event, print, setting};

/// SQLite's own way to run out of room: a limit on the number of pages.
mod rusqlite_pages {
    use super::*;

    pub(crate) fn let_no_page_be_added(store: &Store) {
        let set = store.write_now(|tx| {
            let pages: i64 = tx.query_row("pragma page_count", [], |row| row.get(0))?;
            tx.query_row(&format!("pragma max_page_count = {pages}"), [], |_| Ok(()))?;
            Ok(())
        });
        set.unwrap();
    }

    pub(crate) fn give_room(store: &Store) {
        let set =
            store.write_now(|tx| Ok(tx.query_row("pragma max_page_count = 1000000", [], |_| Ok(()))?));
        set.unwrap();
    }
}

fn long_event(id: i64) -> Write {
    Write::Event(Box::new(PrinterEvent { event_text: "x".repeat(3000), ..full_event(id, 1, 1) }))
}

#[test]
fn history_waits_while_the_disk_is_full_and_is_kept_afterwards() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, outcomes) = open(dir.path());
    record(&store, &outcomes, Write::Printer(Box::new(plain_printer(1)))).unwrap();
    record(&store, &outcomes, Write::Print(Box::new(plain_print(1, 1)))).unwrap();
    let_no_page_be_added(&store);

    for id in 1..=50 {
        store.record(long_event(id), None);
    }
    let first = outcomes.recv_timeout(SOON).unwrap();
    assert_eq!(first, StoreOutcome::Lost(Some(StoreFault::DiskFull)), "said at once, and said once");
    assert_eq!(
        record(&store, &outcomes, long_event(51)),
        Err(StoreFault::DiskFull),
        "a person is not kept waiting"
    );
    let refused = store.write_now(|tx| setting::set(tx, "big", &"x".repeat(100_000)));
    assert_eq!(refused.unwrap_err().fault(), StoreFault::DiskFull);
    assert!(store.read(print::open).unwrap().len() == 1, "one can still read");
    assert!(store.waiting() > 0);

    give_room(&store);
    assert_eq!(outcomes.recv_timeout(SOON).unwrap(), StoreOutcome::Lost(None));
    record(&store, &outcomes, long_event(52)).unwrap();
    let query = event::EventQuery { limit: 100, ..Default::default() };
    let ids: Vec<i64> =
        store.read(|conn| event::list(conn, &query)).unwrap().iter().map(|e| e.id.get()).collect();
    assert_eq!(ids, (1..=52).rev().collect::<Vec<_>>(), "all of them, each once");
}

#[test]
fn closing_on_a_full_disk_says_how_much_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, outcomes) = open(dir.path());
    record(&store, &outcomes, Write::Printer(Box::new(plain_printer(1)))).unwrap();
    record(&store, &outcomes, Write::Print(Box::new(plain_print(1, 1)))).unwrap();
    let_no_page_be_added(&store);
    for id in 1..=20 {
        store.record(long_event(id), None);
    }
    let closed = store.close(SOON);
    let Err(StoreError::Unsaved { writes }) = closed else { panic!("{closed:?}") };
    // The room left in the last page may take the first of them, if it was written alone.
    let (again, _, _) = open(dir.path());
    let kept = again
        .read(|conn| event::list(conn, &event::EventQuery { limit: 100, ..Default::default() }))
        .unwrap();
    assert!(writes >= 15, "{writes}");
    assert_eq!(kept.len() + writes, 20, "what is lost is told exactly");
}

#[test]
fn one_bad_row_does_not_hold_up_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, outcomes) = open(dir.path());
    record(&store, &outcomes, Write::Printer(Box::new(plain_printer(1)))).unwrap();
    let foreign = Write::Print(Box::new(plain_print(1, 99)));
    let refused = record(&store, &outcomes, foreign).unwrap_err();
    assert!(matches!(&refused, StoreFault::Failed(why) if why.contains("FOREIGN KEY")), "{refused:?}");
    assert!(matches!(outcomes.recv_timeout(SOON).unwrap(), StoreOutcome::Lost(Some(StoreFault::Failed(_)))));
    store.record(Write::Print(Box::new(plain_print(2, 1))), Some(ReplyTo(5)));
    assert_eq!(outcomes.recv_timeout(SOON).unwrap(), StoreOutcome::Stored(ReplyTo(5), Ok(())));
    assert_eq!(outcomes.recv_timeout(SOON).unwrap(), StoreOutcome::Lost(None));
}
