//! The thread with a port in memory: emergency stop, a pulled cable, a port that takes no bytes, a print.

use crate::fake::{FakePort, TestPrinter, real_now};
use domain::{HaltCause, JobEnd, Leave, LinkChange, Order, PrintId, PrinterState};
use std::time::Duration;

#[test]
fn a_file_is_printed_and_its_last_line_is_counted() {
    let mut desk = TestPrinter::up(FakePort::default());
    let gcode = ";LAYER:0\nG1 X1 E1\nM112\n;LAYER:1\nG1 X2 E2\n".to_owned() + &"G1 X1\n".repeat(300);
    let _file = desk.print(&gcode);
    desk.until(|d| d.ended().is_some());
    assert_eq!(desk.ended(), Some(&JobEnd::Finished));
    let sent = desk.port.get(|f| f.taken.iter().filter(|(_, t)| t.starts_with("G1")).count());
    assert_eq!(sent, 302);
    assert!(desk.port.took("M112").is_none(), "a file may not halt the printer");
}

#[test]
fn a_file_that_does_not_fit_is_refused_before_anything_is_sent() {
    let mut desk = TestPrinter::up(FakePort::default());
    let before = desk.port.get(|f| f.taken.iter().filter(|(_, t)| t.starts_with('G')).count());
    let _file = desk.print(&format!("G28\nG1 X1 E1\nG1 X{}\n", "1".repeat(90)));
    desk.until(|d| d.changes.iter().any(|c| matches!(c, LinkChange::Refused { .. })));
    assert_eq!(desk.port.get(|f| f.taken.iter().filter(|(_, t)| t.starts_with('G')).count()), before);
    let said = format!("{:?}", desk.changes);
    assert!(said.contains("line 3 is too long"), "{said}");
}

#[test]
fn an_emergency_stop_overtakes_everything() {
    let mut desk = TestPrinter::up(FakePort::default());
    let _file = desk.print(&"G1 X1 E1\n".repeat(5_000));
    desk.until(|d| d.is(PrinterState::Printing));
    desk.port.set(|f| f.stalled = true);
    while desk.handle.order(Order::CoolDown).is_ok() {}
    let pressed = real_now();
    assert_eq!(desk.handle.emergency_stop(), Ok(()));
    desk.until(|d| d.port.took("M112").is_some());
    let took = desk.port.took("M112").expect("seen") - pressed;
    assert!(took < Duration::from_millis(100), "M112 left after {took:?}");
    desk.until(|d| d.halted().is_some());
    assert_eq!((desk.halted(), desk.port.get(|f| f.resets)), (Some(HaltCause::EmergencyStop), 0));
    assert!(matches!(desk.ended(), Some(JobEnd::Interrupted { .. })));
    // The cool-downs that waited may follow: they only switch off and ask.
    let after = desk.port.get(|f| {
        let stopped = f.taken.iter().position(|(_, t)| t == "M112").expect("seen");
        f.taken[stopped + 1..].iter().map(|(_, t)| t.clone()).collect::<Vec<_>>()
    });
    let safe = |t: &String| t == "M105" || t == "M107" || (t.starts_with("M1") && t.ends_with(" S0"));
    assert!(after.iter().all(safe), "nothing that moves or heats follows: {after:?}");
}

#[test]
fn a_firmware_that_ignores_the_stop_is_reset_within_two_seconds() {
    let mut desk = TestPrinter::up(FakePort::default());
    desk.port.set(|f| f.deaf = true);
    let pressed = real_now();
    assert_eq!(desk.handle.emergency_stop(), Ok(()));
    desk.until(|d| d.halted().is_some());
    assert!(pressed.elapsed() < Duration::from_secs(2), "{:?}", pressed.elapsed());
    assert_eq!((desk.halted(), desk.port.get(|f| f.resets)), (Some(HaltCause::EmergencyStop), 1));
    desk.port.set(|f| f.deaf = false);
    desk.handle.order(Order::Connect).expect("taken");
    desk.until(|d| d.is(PrinterState::Operational));
    assert_eq!(desk.port.get(|f| f.resets), 2, "what was stopped is reset before it is used again");
}

#[test]
fn native_usb_that_ignores_the_stop_must_be_switched_off() {
    let mut desk = TestPrinter::up(FakePort::default());
    desk.port.set(|f| (f.deaf, f.native_usb) = (true, true));
    assert_eq!(desk.handle.emergency_stop(), Ok(()));
    desk.until(|d| d.halted().is_some());
    assert_eq!((desk.halted(), desk.port.get(|f| f.resets)), (Some(HaltCause::EmergencyUnanswered), 0));
}

#[test]
fn an_emergency_stop_leaves_as_soon_as_a_blocked_port_takes_bytes() {
    let mut desk = TestPrinter::up(FakePort::default());
    let _file = desk.print(&"G1 X1 E1\n".repeat(5_000));
    desk.until(|d| d.is(PrinterState::Printing));
    desk.port.set(|f| f.blocked = true);
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(desk.handle.emergency_stop(), Ok(()));
    std::thread::sleep(Duration::from_millis(50));
    let freed = real_now();
    desk.port.set(|f| f.blocked = false);
    desk.until(|d| d.port.took("M112").is_some());
    let took = desk.port.took("M112").expect("seen") - freed;
    assert!(took < Duration::from_millis(100), "M112 left after {took:?}");
}

#[test]
fn a_pulled_cable_ends_the_print_and_nothing_resumes_by_itself() {
    let mut desk = TestPrinter::up(FakePort::default());
    let _file = desk.print(&"G1 X1 E1\n".repeat(5_000));
    desk.until(|d| d.is(PrinterState::Printing));
    desk.port.set(|f| f.pulled = true);
    desk.until(|d| d.is(PrinterState::LinkLost));
    let kinds: Vec<bool> =
        desk.changes.iter().rev().take(2).map(|c| matches!(c, LinkChange::Lost { .. })).collect();
    assert!(desk.ended().is_some() && kinds.contains(&true), "{:?}", desk.changes);
    desk.port.set(|f| {
        f.pulled = false;
        f.taken.clear();
    });
    desk.until(|d| d.is(PrinterState::Operational));
    std::thread::sleep(Duration::from_millis(50));
    let sent: Vec<String> = desk.port.get(|f| f.taken.iter().map(|(_, t)| t.clone()).collect());
    assert_eq!(sent[..2], ["M110 N0", "M105"], "temperatures are asked first");
    assert!(!sent.iter().any(|t| t.starts_with('G')), "{sent:?}");
}

#[test]
fn a_listener_that_sleeps_does_not_stop_the_port() {
    let mut desk = TestPrinter::up(FakePort::default());
    let _file = desk.print(&"G1 X1 E1\n".repeat(2_000));
    // Nobody takes what the thread says, but the lines go out.
    let from = real_now();
    while desk.port.get(|f| f.taken.len()) < 1_900 {
        assert!(from.elapsed() < Duration::from_secs(15), "the port stands");
        std::thread::sleep(Duration::from_millis(5));
    }
    desk.until(|d| d.ended().is_some());
    assert_eq!(
        desk.changes[1..],
        [
            LinkChange::Started(PrintId(7)),
            LinkChange::HeatersOff { unconfirmed: Vec::new() },
            LinkChange::Ended(PrintId(7), JobEnd::Finished)
        ]
    );
}

#[test]
fn stopping_leaves_the_heaters_off_and_the_thread_ends() {
    let mut desk = TestPrinter::up(FakePort::default());
    let _file = desk.print(&"G1 X1 E1\n".repeat(50_000));
    desk.until(|d| d.is(PrinterState::Printing));
    desk.handle.order(Order::Stop(Leave::HeatersOff)).expect("taken");
    let port = desk.port.clone();
    assert!(desk.handle.join(Duration::from_secs(10)), "it answers before it ends");
    let lines: Vec<String> = port.get(|f| f.taken.iter().map(|(_, t)| t.clone()).collect());
    let at = |text: &str| lines.iter().rposition(|line| line == text);
    // Off first, whatever is awaited behind it, and read back last of all.
    assert!(at("M104 S0").is_some() && at("M140 S0").is_some(), "{lines:?}");
    assert!(at("M104 S0") > at("G1 X1 E1"), "nothing of the file follows: {lines:?}");
    assert_eq!(lines.last().map(String::as_str), Some("M105"));
}

#[test]
fn a_printer_that_never_answers_any_more_does_not_keep_the_thread() {
    let desk = TestPrinter::up(FakePort::default());
    desk.port.set(|f| f.stalled = true);
    desk.handle.order(Order::Stop(Leave::HeatersOff)).expect("taken");
    assert!(desk.handle.join(Duration::from_secs(12)));
}

#[test]
fn a_printer_that_starts_anew_as_we_leave_is_told_to_switch_off() {
    let desk = TestPrinter::up(FakePort::default());
    // Up before, and not answering again yet.
    desk.port.set(|f| {
        f.deaf = true;
        f.answers.extend_from_slice(b"start\necho: Free Memory: 1200\n");
    });
    std::thread::sleep(Duration::from_millis(100));
    desk.handle.order(Order::Stop(Leave::HeatersOff)).expect("taken");
    let port = desk.port.clone();
    assert!(desk.handle.join(Duration::from_secs(10)));
    let lines: Vec<String> = port.get(|f| f.taken.iter().map(|(_, t)| t.clone()).collect());
    assert!(lines.iter().any(|line| line == "M104 S0"), "{lines:?}");
    assert!(lines.iter().any(|line| line == "M140 S0"), "{lines:?}");
}
