//! Clocks that are set while a print runs: only a machine that slept is a broken link.

use crate::fake::{FakePort, TestPrinter};
use domain::{JobEnd, LinkChange, PrinterState};
use std::sync::atomic::Ordering;

/// Starts a print that lasts, and waits until its lines go out.
fn printing() -> (TestPrinter, tempfile::NamedTempFile) {
    let mut desk = TestPrinter::up(FakePort::default());
    let file = desk.print(&"G1 X1 E1\n".repeat(20_000));
    desk.until(|d| d.is(PrinterState::Printing));
    (desk, file)
}

fn sent(desk: &TestPrinter) -> usize {
    desk.port.get(|f| f.taken.iter().filter(|(_, text)| text.starts_with("G1")).count())
}

/// Waits until the print has gone on by many lines.
#[track_caller]
fn goes_on(desk: &mut TestPrinter, after: &str) {
    let from = sent(desk);
    desk.until(|d| sent(d) > from + 300 || d.ended().is_some());
    assert_eq!(desk.ended(), None, "{after}: {:?}", desk.changes);
    assert!(
        !desk.changes.iter().any(|c| matches!(c, LinkChange::Lost { .. })),
        "{after}: {:?}",
        desk.changes
    );
}

#[test]
fn a_wall_clock_that_is_set_ends_no_print() {
    let (mut desk, _file) = printing();
    // A correction, an hour of daylight saving either way, a day back, a wrong year put right.
    for secs in [2, 6, 10, 3_600, -3_600, -86_400, 86_400, -7, 31_536_000, -31_536_000] {
        desk.clock.wall_secs.fetch_add(secs, Ordering::SeqCst);
        goes_on(&mut desk, &format!("the wall clock set by {secs} s"));
    }
    assert!(desk.changes.iter().all(|c| !matches!(c, LinkChange::Says(_))), "{:?}", desk.changes);
}

#[test]
fn a_standstill_on_an_intact_link_asks_the_printer_first_and_goes_on() {
    let (mut desk, _file) = printing();
    for secs in [6, 20, 600] {
        // The printer goes on answering, but the answer to the question is awaited. Counted behind the last answer: until
        // then the print goes on.
        desk.port.set(|f| f.stalled = true);
        let (asked, before) = (questions(&desk), sent(&desk));
        desk.clock.stood_secs.fetch_add(secs, Ordering::SeqCst);
        desk.until(|d| questions(d) > asked);
        std::thread::sleep(std::time::Duration::from_millis(20));
        let window = 16;
        let fed = sent(&desk) - before;
        assert!(fed <= window, "nothing is fed before the answer to {secs} s, but {fed} lines were");
        desk.port.set(|f| {
            f.stalled = false;
            let open = f.unanswered.drain(..).collect::<String>();
            f.answers.extend_from_slice(open.as_bytes());
        });
        goes_on(&mut desk, &format!("a standstill of {secs} s"));
    }
}

fn questions(desk: &TestPrinter) -> usize {
    desk.port.get(|f| f.taken.iter().filter(|(_, text)| text == "M105").count())
}

#[test]
fn a_printer_that_restarted_during_a_standstill_is_found_out() {
    let (mut desk, _file) = printing();
    desk.port.set(|f| f.answers.extend_from_slice(b"start\n"));
    desk.clock.stood_secs.fetch_add(20, Ordering::SeqCst);
    desk.until(|d| d.ended().is_some());
    assert!(
        matches!(desk.ended(), Some(JobEnd::Interrupted { why }) if why.contains("restarted")),
        "{:?}",
        desk.ended()
    );
}

#[test]
fn a_machine_that_slept_is_a_broken_link_with_the_heaters_off() {
    let (mut desk, _file) = printing();
    desk.clock.slept_secs.fetch_add(20, Ordering::SeqCst);
    desk.until(|d| d.ended().is_some());
    assert!(
        matches!(desk.ended(), Some(JobEnd::Interrupted { why }) if why.contains("slept for 20 s")),
        "{:?}",
        desk.ended()
    );
    assert!(desk.port.took("M104 S0").is_some() && desk.port.took("M140 S0").is_some());
    desk.until(|d| d.is(PrinterState::Operational));
    let moved = sent(&desk);
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert_eq!(sent(&desk), moved, "nothing resumes by itself");
}

#[test]
fn a_nap_of_a_second_asks_first_and_goes_on() {
    let (mut desk, _file) = printing();
    desk.clock.slept_secs.fetch_add(1, Ordering::SeqCst);
    goes_on(&mut desk, "a second of sleep");
}
