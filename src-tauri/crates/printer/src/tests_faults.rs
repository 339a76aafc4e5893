//! The thread fails at every step it has: the heaters go off, STOP goes on working, and nothing untrue is said.

use crate::fake::{FakePort, TestPrinter, real_now, trip_at};
use crate::{NotTaken, StopError};
use domain::{HaltCause, JobEnd, Leave, LinkChange, Order, OrderKind, PrinterState};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A print on a hot printer.
fn printing() -> (TestPrinter, tempfile::NamedTempFile) {
    let mut desk = TestPrinter::up(FakePort::default());
    let file = desk.print(&("M104 S200\n".to_owned() + &"G1 X1 E1\n".repeat(20_000)));
    desk.until(|d| d.is(PrinterState::Printing) && d.port.get(|f| f.target_c > 0.0));
    (desk, file)
}

#[track_caller]
fn stops_at_once(desk: &mut TestPrinter) {
    desk.port.set(|f| f.taken.clear());
    let pressed = real_now();
    assert_eq!(desk.handle.emergency_stop(), Ok(()));
    desk.until(|d| d.port.took("M112").is_some());
    let took = desk.port.took("M112").expect("seen") - pressed;
    assert!(took < Duration::from_millis(100), "M112 left after {took:?}");
}

/// Whatever failed: the heaters are off, the print has ended with the truth, and a person is told.
#[track_caller]
fn made_safe(desk: &mut TestPrinter, at: &str) {
    desk.until(|d| d.fault().is_some() && d.port.get(|f| f.target_c == 0.0));
    for line in ["M108", "M104 S0", "M140 S0", "M107"] {
        assert!(desk.port.took(line).is_some(), "{at}: no {line}");
    }
    let Some(JobEnd::Interrupted { why }) = desk.ended() else { panic!("{at}: {:?}", desk.changes) };
    assert!(why.contains("a part of the app failed"), "{at}: {why}");
}

const STEPS: [&str; 9] = ["clock", "order", "stop", "time", "file", "write", "read", "line", "tell"];

#[test]
fn a_fault_at_any_step_switches_off_and_keeps_stop() {
    for step in STEPS {
        let (mut desk, _file) = printing();
        trip_at(desk.id, step);
        made_safe(&mut desk, step);
        desk.until(|d| d.is(PrinterState::Operational));
        assert_eq!(desk.port.get(|f| f.opened), 1, "{step}: the port stayed open");
        assert!(desk.port.took("M112").is_none(), "{step}: one fault with the heaters off needs no kill");
        stops_at_once(&mut desk);
        desk.until(|d| d.halted() == Some(HaltCause::EmergencyStop));
    }
}

#[test]
fn stop_works_right_behind_a_fault() {
    for step in STEPS {
        let (mut desk, _file) = printing();
        trip_at(desk.id, step);
        desk.until(|d| d.fault().is_some());
        stops_at_once(&mut desk);
    }
}

#[test]
fn a_fault_in_the_very_moment_of_stop_does_not_lose_it() {
    let (mut desk, _file) = printing();
    trip_at(desk.id, "press");
    stops_at_once(&mut desk);
    desk.port.set(|f| f.panics = Some(("write", 1)));
    stops_at_once(&mut desk);
}

#[test]
fn a_second_fault_halts_the_printer_until_a_person_connects() {
    for step in STEPS {
        let (mut desk, _file) = printing();
        trip_at(desk.id, step);
        desk.until(|d| d.fault().is_some());
        trip_at(desk.id, step);
        if step == "order" || step == "line" {
            desk.handle.order(Order::CoolDown).expect("taken");
        }
        desk.until(|d| d.halted().is_some());
        assert_eq!(desk.halted(), Some(HaltCause::ThreadDied), "{step}");
        assert!(desk.port.took("M112").is_some(), "{step}");
        desk.handle.order(Order::Home(Vec::new())).expect("taken");
        desk.until(|d| {
            d.changes.iter().any(|c| matches!(c, LinkChange::Refused { order: OrderKind::Home, .. }))
        });
        stops_at_once(&mut desk);
        desk.handle.order(Order::Connect).expect("taken");
        desk.until(|d| d.is(PrinterState::Operational));
    }
}

#[test]
fn a_clock_that_panics_for_ever_leaves_stop_and_the_end_of_the_app() {
    let (mut desk, _file) = printing();
    desk.clock.panics.store(i64::MAX, Ordering::SeqCst);
    made_safe(&mut desk, "clock");
    desk.until(|d| d.halted().is_some());
    stops_at_once(&mut desk);
    desk.port.set(|f| f.taken.clear());
    desk.handle.order(Order::Stop(Leave::HeatersOff)).expect("taken");
    let port = desk.port.clone();
    assert!(desk.handle.join(Duration::from_secs(5)), "it ends");
    assert!(port.took("M104 S0").is_some() && port.took("M140 S0").is_some());
}

#[test]
fn a_port_that_panics_is_opened_a_second_time_to_switch_off() {
    let (mut desk, _file) = printing();
    // Once in the stream, and once more when the heaters are to go off.
    desk.port.set(|f| f.panics = Some(("write", 2)));
    made_safe(&mut desk, "write");
    assert_eq!(desk.port.get(|f| f.opened), 2);
    stops_at_once(&mut desk);
    let (mut desk, _file) = printing();
    desk.port.set(|f| f.panics = Some(("read", 1)));
    made_safe(&mut desk, "read");
    stops_at_once(&mut desk);
}

#[test]
fn a_port_that_always_panics_does_not_end_the_thread() {
    let (mut desk, _file) = printing();
    desk.port.set(|f| f.panics = Some(("read", u32::MAX)));
    made_safe(&mut desk, "read");
    desk.until(|d| d.halted().is_some());
    stops_at_once(&mut desk);
    let mut desk = TestPrinter::new(FakePort::default());
    desk.port.set(|f| f.panics = Some(("open", u32::MAX)));
    desk.port.set(|f| f.pulled = true);
    desk.until(|d| {
        d.port.get(|f| f.panics.is_some_and(|(_, left)| left < u32::MAX - 1)) || d.fault().is_some()
    });
    desk.port.set(|f| (f.panics, f.pulled) = (None, false));
    desk.handle.order(Order::Connect).expect("taken");
    desk.until(|d| d.is(PrinterState::Operational));
}

#[test]
fn heaters_that_are_not_read_back_as_off_after_a_fault_halt_the_printer() {
    let (mut desk, _file) = printing();
    desk.port.set(|f| f.stuck_hot = true);
    trip_at(desk.id, "line");
    desk.until(|d| d.halted().is_some());
    assert!(desk.port.took("M112").is_some());
    assert_eq!(desk.halted(), Some(HaltCause::ThreadDied));
}

#[test]
fn an_order_lost_in_a_fault_is_refused_not_done() {
    let mut desk = TestPrinter::up(FakePort::default());
    trip_at(desk.id, "in order");
    desk.handle.order(Order::CoolDown).expect("taken");
    desk.until(|d| d.changes.iter().any(|c| matches!(c, LinkChange::Refused { .. })));
    let refused = desk.changes.iter().any(
        |c| matches!(c, LinkChange::Refused { order: OrderKind::CoolDown, why, .. } if why.contains("failed")),
    );
    assert!(refused, "{:?}", desk.changes);
}

#[test]
fn an_order_to_a_thread_that_has_ended_says_so() {
    let mut desk = TestPrinter::up(FakePort::default());
    desk.handle.order(Order::Stop(Leave::AsItIs)).expect("taken");
    desk.until(|d| d.handle.order(Order::CoolDown) == Err(NotTaken::ThreadEnded));
    assert!(NotTaken::ThreadEnded.to_string().contains("nothing was sent"));
    assert_ne!(NotTaken::ThreadEnded.to_string(), NotTaken::QueueFull.to_string());
    desk.until(|d| d.handle.emergency_stop() == Err(StopError::Ended));
}

#[test]
fn a_thread_that_hangs_in_its_port_is_passed_by() {
    let (mut desk, _file) = printing();
    desk.port.set(|f| f.hangs = true);
    std::thread::sleep(Duration::from_millis(30));
    stops_at_once(&mut desk);
    assert!(desk.port.get(|f| f.past.contains("M112")), "through the second handle");
    desk.until(|d| d.halted().is_some());
    assert_eq!(
        desk.halted(),
        Some(HaltCause::EmergencyUnanswered),
        "nothing is heard of it while the port hangs"
    );
    desk.port.set(|f| f.hangs = false);
    desk.until(|d| {
        d.changes.iter().any(|c| matches!(c, LinkChange::Halted { cause: HaltCause::EmergencyStop, .. }))
    });
}

#[test]
fn stop_while_the_port_is_being_opened_is_answered_and_comes_first() {
    let port = FakePort::default();
    port.set(|f| f.opens_slowly = true);
    let mut desk = TestPrinter::new(port);
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(desk.handle.emergency_stop(), Err(StopError::NotOpen));
    // Another printer is not held up.
    let mut other = TestPrinter::up(FakePort::default());
    stops_at_once(&mut other);
    desk.port.set(|f| f.opens_slowly = false);
    desk.until(|d| d.port.took("M112").is_some());
    let first = desk.port.get(|f| f.taken.first().map(|(_, text)| text.clone()));
    assert_eq!(first.as_deref(), Some("M112"));
}

#[test]
fn stop_without_a_port_says_that_nothing_was_reached() {
    let port = FakePort::default();
    port.set(|f| f.pulled = true);
    let mut desk = TestPrinter::new(port);
    desk.until(|d| d.changes.iter().any(|c| matches!(c, LinkChange::Lost { .. })));
    assert_eq!(desk.handle.emergency_stop(), Err(StopError::NotOpen));
    desk.until(|d| d.halted() == Some(HaltCause::EmergencyUnanswered));
    let text = format!("{:?}", desk.changes);
    assert!(text.contains("nothing reached it"), "{text}");
}

#[test]
fn a_reset_line_that_fails_is_not_a_port_that_is_gone() {
    let mut desk = TestPrinter::up(FakePort::default());
    desk.port.set(|f| (f.deaf, f.no_reset_line) = (true, true));
    assert_eq!(desk.handle.emergency_stop(), Ok(()));
    desk.until(|d| d.halted() == Some(HaltCause::EmergencyUnanswered));
    let text = format!("{:?}", desk.changes);
    assert!(text.contains("cannot be reset from here") && !text.contains("gone from its port"), "{text}");
    assert_eq!(desk.port.get(|f| f.opened), 1, "the port stays open for another STOP");
    stops_at_once(&mut desk);
    // Switched off and on by hand, it is used again though no reset can be made.
    desk.port.set(|f| f.deaf = false);
    desk.handle.order(Order::Connect).expect("taken");
    desk.until(|d| d.is(PrinterState::Operational));
}

#[test]
fn an_app_that_ends_while_the_thread_hangs_switches_off_past_it() {
    for (leave, off) in [(Leave::HeatersOff, true), (Leave::AsItIs, false)] {
        let (desk, _file) = printing();
        desk.port.set(|f| f.hangs = true);
        std::thread::sleep(Duration::from_millis(30));
        desk.handle.order(Order::Stop(leave)).expect("taken");
        let port = desk.port.clone();
        assert!(!desk.handle.join(Duration::from_millis(100)), "it hangs");
        let past = port.get(|f| f.past.clone());
        assert_eq!(past.contains("M104 S0\nM140 S0\nM107"), off, "{leave:?}: {past:?}");
        port.set(|f| f.hangs = false);
    }
}
