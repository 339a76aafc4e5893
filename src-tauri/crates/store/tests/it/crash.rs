//! The process is killed in the middle of writing: what was answered is there, and the print is found open.

use crate::rows::*;
use domain::*;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use store::{look, print};

const FOLDER: &str = "STORE_CRASH_TEST_FOLDER";

/// Does nothing unless the test below starts it as a process of its own.
#[test]
fn victim() {
    let Some(dir) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let (store, _, outcomes) = open(&dir);
    record(&store, &outcomes, Write::Printer(Box::new(plain_printer(1)))).unwrap();
    record(&store, &outcomes, Write::Print(Box::new(plain_print(1, 1)))).unwrap();
    for frame in 1.. {
        record(&store, &outcomes, Write::Look(Box::new(full_look(1, 1, frame)))).unwrap();
        println!("kept {frame}");
    }
}

#[test]
fn what_was_answered_survives_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::victim", "--nocapture"])
        .env(FOLDER, dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(|line| line.unwrap());
    // The harness writes its own words before the first line, without a line end.
    let kept = lines.filter_map(|line| line.rsplit_once("kept ").map(|(_, n)| n.parse::<usize>().unwrap()));
    let kept = kept.take_while(|n| *n < 100).last().unwrap() + 1;
    child.kill().unwrap();
    child.wait().unwrap();

    let (store, boot, _) = open(dir.path());
    assert_eq!(boot.damage, None);
    assert_eq!(boot.open_prints, [plain_print(1, 1)], "the hub closes it as interrupted");
    let looks = store.read(|conn| look::of_print(conn, PrintId(1))).unwrap();
    assert!(looks.len() >= kept, "{kept} were answered, {} are there", looks.len());
    assert_eq!(boot.next_frame, FrameId(looks.len() as i64 + 1));
    assert_eq!(store.read(print::next_id).unwrap(), PrintId(2));
}

#[test]
fn a_store_that_is_dropped_keeps_what_waits() {
    let dir = tempfile::tempdir().unwrap();
    let (store, ..) = open(dir.path());
    store.record(Write::Printer(Box::new(plain_printer(1))), None);
    for id in 1..=700 {
        store.record(Write::Print(Box::new(plain_print(id, 1))), None);
    }
    drop(store);
    let (_, boot, _) = open(dir.path());
    assert_eq!(boot.open_prints.len(), 700);
    assert!(!dir.path().join("printvigil.db-wal").metadata().is_ok_and(|m| m.len() > 0), "one file is left");
}
