//! What the printer's thread tells beyond the plain life of a print.

use super::desk::{Desk, ID};
use super::told;
use domain::{
    Effect, HaltCause, Initiator, JobEnd, LinkChange, LinkState, OrderKind, PrintId, PrinterState,
    RefusedReason, Request, Sure, Tool,
};
use expect_test::expect;

#[test]
fn a_pause_that_is_not_confirmed_is_an_alarm_until_it_is() {
    let mut desk = Desk::printing();
    desk.fail_until_pause(2.5);
    desk.state(PrinterState::Pausing);
    let effects = desk.link(LinkChange::PauseUnconfirmed(PrintId(7), "M400 was not answered".into()));
    expect![[r#"
        log PRINTER_ERROR ERROR Printer print Some(7): Pause not confirmed | Pause not confirmed. M400 was not answered. Have a look at the printer now. If it is still printing, press STOP.
        NOTICE PauseUnconfirmed: Ender: pause not confirmed | Pause not confirmed. M400 was not answered. Have a look at the printer now. If it is still printing, press STOP.
    "#]].assert_eq(&told(&effects));
    let view = desk.view();
    assert_eq!(view.vigil.state, PrinterState::Pausing);
    assert!(view.vigil.alarm.unwrap().starts_with("Pause not confirmed"));
    let again = desk.link(LinkChange::PauseUnconfirmed(PrintId(7), "still not".into()));
    assert_eq!(told(&again), "", "told once");
    desk.confirm_pause(Initiator::Detection);
    assert_eq!(desk.view().vigil.alarm, None);
}

#[test]
fn a_pause_that_the_printers_thread_never_took_up_is_an_alarm_after_15_seconds() {
    let mut desk = Desk::printing();
    desk.fail_until_pause(2.5);
    desk.tick_secs(14);
    assert_eq!(desk.view().vigil.alarm, None);
    let effects = desk.tick_secs(1);
    assert!(told(&effects).contains("NOTICE PauseUnconfirmed"), "{}", told(&effects));
    assert!(told(&effects).contains("press STOP"), "it says what to do");
    assert!(!told(&desk.tick_secs(60)).contains("PauseUnconfirmed"), "told once");
    assert!(!told(&desk.tick_secs(60)).contains("ORDER"), "and no move is repeated");
}

#[test]
fn a_pause_that_takes_ten_minutes_is_an_alarm_whatever_the_thread_says() {
    let mut desk = Desk::printing();
    desk.ask(Request::Pause(ID));
    desk.state(PrinterState::Pausing);
    assert!(!told(&desk.tick_secs(599)).contains("PauseUnconfirmed"));
    assert!(told(&desk.tick_secs(1)).contains("NOTICE PauseUnconfirmed"));
}

#[test]
fn a_refused_pause_is_an_alarm() {
    let mut desk = Desk::printing();
    desk.fail_until_pause(2.5);
    let (order, reason) = (OrderKind::Pause, RefusedReason::QueueFull);
    let effects = desk.link(LinkChange::Refused { order, reason, why: "the port's queue is full".into() });
    expect![[r#"
        log PRINTER_ERROR WARNING Printer print Some(7): An order was refused | The port's queue is full.
        log PRINTER_ERROR ERROR Printer print Some(7): Pause not confirmed | Pause not confirmed. The port's queue is full. Have a look at the printer now. If it is still printing, press STOP.
        NOTICE PauseUnconfirmed: Ender: pause not confirmed | Pause not confirmed. The port's queue is full. Have a look at the printer now. If it is still printing, press STOP.
    "#]].assert_eq(&told(&effects));
    assert_eq!(desk.view().vigil.state, PrinterState::Printing, "it prints on, and that is what is shown");
}

#[test]
fn a_pause_that_is_refused_because_it_stands_still_is_no_alarm() {
    let mut desk = Desk::printing();
    desk.ask(Request::Pause(ID));
    desk.confirm_pause(Initiator::Person);
    desk.ask(Request::Resume(ID));
    desk.ask(Request::Pause(ID));
    let why = "the print is paused already".to_owned();
    let effects =
        desk.link(LinkChange::Refused { order: OrderKind::Pause, reason: RefusedReason::AlreadyPaused, why });
    assert!(!told(&effects).contains("NOTICE"), "{}", told(&effects));
    assert_eq!((desk.view().vigil.state, desk.view().vigil.alarm), (PrinterState::Paused, None));
}

#[test]
fn a_lost_link_ends_the_print_and_is_shown_until_it_is_back() {
    let mut desk = Desk::printing();
    let why = "The USB cable was pulled. Plug it in again.".to_owned();
    desk.report.link = LinkState::Lost { why: why.clone() };
    desk.state(PrinterState::LinkLost);
    // The end comes first; should it ever not, the loss ends the print all the same.
    let effects = desk.link(LinkChange::Lost { why });
    expect![[r#"
        coverage 3000 of 3000 s
        log ENDED ERROR Printer print Some(7): Print interrupted | The USB cable was pulled. Plug it in again.
        NOTICE PrintInterrupted: Ender: benchy.gcode was interrupted | The USB cable was pulled. Plug it in again.
        printer row: "Ender", print None
        print row: 7 "benchy.gcode" from 0, cancelled 0, by Interrupted, why The USB cable was pulled. Plug it in again., time 5, filament 12.5
        film of 7: Waiting 
        film of print 7
        log PRINTER_ERROR ERROR Printer print None: Link to the printer lost | The USB cable was pulled. Plug it in again.
    "#]].assert_eq(&told(&effects));
    assert!(desk.view().vigil.alarm.is_some());
    desk.report.link = LinkState::Up;
    desk.report.job = None;
    desk.state(PrinterState::Operational);
    let effects = desk.link(LinkChange::Up { hot: true });
    expect![[r#"
        log CONNECTED INFO App print None: Printer connected | Marlin 2.1.2 on /dev/ttyUSB0 at 115200 baud
        log PRINTER_ERROR WARNING Printer print None: Found with its heaters on | The heaters are on though nothing is printed: the bed is at 60 °C and set to 60 °C, nozzle 1 is at 205 °C and set to 205 °C. They go off after 15 minutes unless you want them warm.
        NOTICE HeaterFault: Ender: the heaters are on | The heaters are on though nothing is printed: the bed is at 60 °C and set to 60 °C, nozzle 1 is at 205 °C and set to 205 °C. They go off after 15 minutes unless you want them warm.
    "#]]
    .assert_eq(&told(&effects));
    assert!(
        desk.view().vigil.alarm.unwrap().contains("It answers again"),
        "the print died: it stays to be seen"
    );
    assert!(!told(&effects).contains("ORDER"), "nothing resumes by itself");
}

#[test]
fn a_reboot_ends_the_print_and_is_never_replayed() {
    let mut desk = Desk::printing();
    let why = "The printer restarted.".to_owned();
    desk.link(LinkChange::Ended(PrintId(7), JobEnd::Interrupted { why }));
    let effects = desk.link(LinkChange::Rebooted);
    assert!(told(&effects).contains("log PRINTER_ERROR ERROR Printer"), "{}", told(&effects));
    assert!(!told(&effects).contains("ORDER"));
    assert!(!told(&effects).contains("print row"), "the end was told already");
    assert!(desk.view().vigil.alarm.unwrap().contains("restarted by itself"));
    desk.report.job = None;
    desk.state(PrinterState::Operational);
    desk.link(LinkChange::Up { hot: false });
    assert!(desk.view().vigil.alarm.is_some(), "it answers again at once, but the print is gone");
    desk.start();
    assert_eq!(desk.view().vigil.alarm, None);
}

#[test]
fn a_halted_printer_that_cannot_be_reached_is_to_be_switched_off() {
    let mut desk = Desk::printing();
    let text = "Thermal runaway, system stopped! Heater_ID: 0".to_owned();
    let effects = desk.link(LinkChange::Halted { cause: HaltCause::Firmware, text, switch_off_now: true });
    expect![[r#"
        coverage 3000 of 3000 s
        log ENDED ERROR Printer print Some(7): Print interrupted | The printer stopped: Thermal runaway, system stopped! Heater_ID: 0.
        NOTICE PrintInterrupted: Ender: benchy.gcode was interrupted | The printer stopped: Thermal runaway, system stopped! Heater_ID: 0.
        printer row: "Ender", print None
        print row: 7 "benchy.gcode" from 0, cancelled 0, by Interrupted, why The printer stopped: Thermal runaway, system stopped! Heater_ID: 0., time 5, filament 12.5
        film of 7: Waiting 
        film of print 7
        log PRINTER_ERROR ERROR Printer print None: The printer stopped | The printer stopped: Thermal runaway, system stopped! Heater_ID: 0. Switch the printer off now.
        NOTICE PrinterHalted: Ender: the printer stopped | The printer stopped: Thermal runaway, system stopped! Heater_ID: 0. Switch the printer off now.
        watch 1 off
    "#]].assert_eq(&told(&effects));
    assert!(desk.view().vigil.switch_off_now);
    desk.link(LinkChange::Up { hot: false });
    assert!(!desk.view().vigil.switch_off_now, "it answers again");
    let (cause, text) = (HaltCause::Firmware, "kill".into());
    let effects = desk.link(LinkChange::Halted { cause, text, switch_off_now: false });
    assert!(!desk.view().vigil.switch_off_now && told(&effects).contains("reset the printer"));
}

#[test]
fn a_stopped_printer_can_be_cooled_down_and_restarted() {
    let mut desk = Desk::printing();
    let (cause, text) = (HaltCause::Firmware, "// Klipper state: Shutdown".to_owned());
    desk.report.link = LinkState::Halted { cause, text: text.clone() };
    desk.state(PrinterState::Halted);
    desk.link(LinkChange::Halted { cause, text, switch_off_now: false });
    let restart = Tool::Send { line: "FIRMWARE_RESTART".into(), sure: Sure::Ask };
    for request in [Request::CoolDown(ID), Request::Tool(ID, restart)] {
        let (answer, effects) = desk.ask(request);
        assert!(matches!(answer, Some(Ok(_))), "{answer:?}");
        assert!(effects.iter().any(|effect| matches!(effect, Effect::Order(..))));
    }
}

#[test]
fn a_filament_change_is_told_and_chatter_is_not() {
    let mut desk = Desk::printing();
    let text = "The printer asks for new filament.".to_owned();
    expect![[r#"
        log FILAMENT_CHANGE WARNING Printer print Some(7): Filament change | The printer asks for new filament.
        NOTICE FilamentChange: Ender: filament change | The printer asks for new filament.
    "#]].assert_eq(&told(&desk.link(LinkChange::FilamentChange { text })));
    assert_eq!(told(&desk.link(LinkChange::Says("echo:SD card ok".into()))), "");
}

#[test]
fn words_about_another_print_change_nothing() {
    let mut desk = Desk::printing();
    for change in [
        LinkChange::Paused(PrintId(3), Initiator::Person),
        LinkChange::Resumed(PrintId(3), Initiator::Person),
        LinkChange::PauseUnconfirmed(PrintId(3), "old".into()),
        LinkChange::Ended(PrintId(3), JobEnd::Finished),
        LinkChange::Started(PrintId(7)),
    ] {
        let effects = desk.link(change.clone());
        assert_eq!(told(&effects), "", "{change:?}");
    }
    assert_eq!(desk.print().id, PrintId(7));
}

#[test]
fn a_print_begun_elsewhere_is_recorded_too() {
    let mut desk = Desk::ready();
    let effects = desk.link(LinkChange::Started(PrintId(20)));
    assert!(told(&effects).contains("print row: 20"), "{}", told(&effects));
    let mut effects = desk.link(LinkChange::Started(PrintId(21)));
    assert!(told(&effects).contains("Another print began on this printer."), "{}", told(&effects));
    effects.extend(desk.link(LinkChange::Ended(PrintId(21), JobEnd::Finished)));
    assert_eq!(desk.hub.reserve_prints(1), PrintId(22), "numbers go on behind it");
    assert!(effects.iter().any(|e| matches!(e, Effect::Notify(_))));
}
