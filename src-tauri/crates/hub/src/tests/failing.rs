//! When parts of the app fail: history, the computer, a watch itself.

use super::desk::{Desk, ID};
use super::told;
use crate::KeptOfPrinter;
use domain::{AlertOverwrite, Event, Initiator, PrintId, Request, StoreFault};
use expect_test::expect;

#[test]
fn lost_history_is_shown_as_long_as_it_lasts_and_told_once() {
    let mut desk = Desk::printing();
    expect![[r#"
        NOTICE HistoryLost: Ender: history is not being kept | The disk is full, so history is not being kept. Printing and watching go on. Free some space.
    "#]].assert_eq(&told(&desk.event(Event::HistoryLost(Some(StoreFault::DiskFull)))));
    assert!(desk.view().vigil.history_lost.is_some());
    let again = desk.event(Event::HistoryLost(Some(StoreFault::Failed("locked".into()))));
    assert_eq!(told(&again), "", "told once");
    assert!(desk.view().vigil.history_lost.unwrap().contains("locked"), "the newest cause is shown");
    expect![[r#"
        log HISTORY_LOST WARNING App print Some(7): History is kept again | For a while it was not: entries, looks and pictures of that time may be missing.
    "#]].assert_eq(&told(&desk.event(Event::HistoryLost(None))));
    assert_eq!(desk.view().vigil.history_lost, None);
    assert_eq!(told(&desk.event(Event::HistoryLost(None))), "");
}

#[test]
fn printing_and_watching_go_on_without_history() {
    let mut desk = Desk::printing();
    desk.event(Event::HistoryLost(Some(StoreFault::DiskFull)));
    let (n, _) = desk.fail_until_pause(2.5);
    assert_eq!(n, 2);
}

#[test]
fn a_computer_that_slept_was_not_watching() {
    let mut desk = Desk::printing();
    expect![[r#"
        log WATCH_LOST WARNING App print Some(7): Not watched any more | The computer slept, or its clock jumped, for 1 h 00 min. The printer was neither fed nor watched in that time. Have a look at the print.
        NOTICE NotWatching: Ender: NOT watched | The computer slept, or its clock jumped, for 1 h 00 min. The printer was neither fed nor watched in that time. Have a look at the print.
    "#]].assert_eq(&told(&desk.event(Event::Slept { gap_ms: 3_600_000 })));
    assert!(!desk.view().vigil.watch.watching);
    assert!(desk.view().vigil.watch.reason.contains("1 h 00 min"));
    let effects = desk.look(0.02);
    assert!(told(&effects).contains("Watched again"), "{}", told(&effects));
    let mut muted = Desk::printing();
    muted.ask(Request::Mute(ID, true));
    let effects = muted.event(Event::Slept { gap_ms: 60_000 });
    assert!(told(&effects).contains("The computer slept"), "a gap is logged in any case: {}", told(&effects));
    let mut idle = Desk::ready();
    assert_eq!(told(&idle.event(Event::Slept { gap_ms: 3_600_000 })), "", "nothing was printed");
}

#[test]
fn a_watch_set_up_anew_keeps_the_print_and_the_rules_memory() {
    let mut desk = Desk::printing();
    for _ in 0..10 {
        desk.look(0.5);
    }
    let before = desk.view();
    let effects = desk.hub.rebuild(ID, desk.now());
    expect![[r#"
        watch 1 off
        log PRINTER_ERROR ERROR App print Some(7): The watch was set up anew | A part of the app failed and was set up anew. The print goes on. Have a look at it, and at the watch.
        watch 1 every 10000 ms
    "#]].assert_eq(&told(&effects));
    let after = desk.view();
    assert!(after.vigil.seq > before.vigil.seq, "clients take the new view");
    assert_eq!(after.current_print, before.current_print);
    assert_eq!(after.vigil.watch.frame_num, before.vigil.watch.frame_num);
    assert!(after.vigil.alarm.unwrap().contains("set up anew"));
    assert!(!after.vigil.watch.watching, "not before a look");

    // The alert before is still unanswered, so there is no second one; and a sure failure is still paused.
    for _ in 0..12 {
        let effects = desk.look(0.5);
        assert!(!told(&effects).contains("NOTICE FailureAlert"), "{}", told(&effects));
    }
    let (_, effects) = desk.fail_until_pause(2.5);
    assert!(told(&effects).contains("NOTICE FailurePaused"));
    desk.confirm_pause(Initiator::Detection);
    let (answer, _) = desk.ask(Request::Acknowledge(ID, Some(AlertOverwrite::Failed)));
    assert_eq!(answer, Some(Ok(Some(PrintId(7)))));
}

#[test]
fn one_watch_set_up_anew_leaves_the_others_alone() {
    let mut desk = Desk::printing();
    let mut second = super::desk::printer();
    second.id = domain::PrinterId(2);
    desk.hub.add_printer(second, KeptOfPrinter::default(), desk.now());
    let before = desk.view();
    let effects = desk.hub.rebuild(domain::PrinterId(2), desk.now());
    assert!(!told(&effects).contains("ORDER"), "{}", told(&effects));
    assert_eq!(desk.view(), before);
    assert_eq!(told(&desk.hub.rebuild(domain::PrinterId(9), desk.now())), "", "an unknown one is no panic");
}

#[test]
fn what_could_not_come_while_the_process_stood_still_is_not_late() {
    let stand_still = |told: bool| {
        let mut desk = Desk::printing();
        desk.ask(Request::Pause(ID));
        // Stopped for 20 s, right after the order.
        desk.ms += 20_000;
        let effects = if told { desk.event(Event::StoodStill { gap_ms: 20_000 }) } else { Vec::new() };
        let said = super::told(&effects);
        desk.event(Event::Tick(ID));
        (said, desk.view().vigil.alarm, desk)
    };
    let (_, alarm, _) = stand_still(false);
    assert!(alarm.unwrap().contains("not taken up"), "a loop that ran for 20 s has waited long enough");
    let (said, alarm, mut desk) = stand_still(true);
    assert_eq!(alarm, None, "nobody could take it up in that time");
    assert!(said.contains("Printvigil stood still for 20 seconds"), "and nobody watched: {said}");
    assert!(!said.contains("goes on unwatched"), "{said}");
    desk.ms += 14_000;
    desk.event(Event::Tick(ID));
    assert_eq!(desk.view().vigil.alarm, None);
    desk.ms += 2_000;
    desk.event(Event::Tick(ID));
    assert!(desk.view().vigil.alarm.unwrap().contains("not taken up"), "its time runs from there on");
    // A short one is nothing to tell.
    let mut short = Desk::printing();
    assert_eq!(super::told(&short.event(Event::StoodStill { gap_ms: 6_000 })), "");
}
