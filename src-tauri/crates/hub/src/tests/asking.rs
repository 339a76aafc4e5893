//! What people ask, when it is done, and how it is refused.

use super::desk::{Desk, ID, boot, job, printer, start_request};
use super::told;
use domain::{
    Axis, Effect, Heater, LinkChange, LinkState, Order, OrderKind, PrintId, PrinterId, PrinterState,
    RefusedReason, Request,
};
use expect_test::expect;

fn code(desk: &mut Desk, request: Request) -> &'static str {
    let (answer, effects) = desk.ask(request);
    match answer.expect("it is answered at once") {
        Ok(_) => "yes",
        Err(refused) => {
            assert!(
                !refused.message.is_empty() && refused.hint.ends_with('.'),
                "{refused:?} says what to do"
            );
            assert!(!effects.iter().any(|e| matches!(e, Effect::Order(..))), "a refusal orders nothing");
            refused.code
        }
    }
}

#[test]
fn each_request_in_each_state() {
    // What is reported while print 7 runs (or none), and the answers to: start, pause, resume, cancel, home, target,
    // cool down, disconnect.
    let table: &[(PrinterState, bool, [&str; 8])] = &[
        (
            PrinterState::Operational,
            false,
            ["yes", "not_printing", "not_printing", "not_printing", "yes", "yes", "yes", "yes"],
        ),
        (PrinterState::Heating, true, ["busy", "yes", "not_paused", "yes", "busy", "yes", "yes", "busy"]),
        (PrinterState::Printing, true, ["busy", "yes", "not_paused", "yes", "busy", "yes", "yes", "busy"]),
        (PrinterState::Pausing, true, ["busy", "busy", "not_paused", "yes", "busy", "yes", "yes", "busy"]),
        (PrinterState::Paused, true, ["busy", "busy", "yes", "yes", "busy", "yes", "yes", "busy"]),
        (PrinterState::Resuming, true, ["busy", "yes", "not_paused", "yes", "busy", "yes", "yes", "busy"]),
        (
            PrinterState::Cancelling,
            true,
            ["busy", "busy", "not_paused", "busy", "busy", "busy", "yes", "busy"],
        ),
        (PrinterState::Finishing, true, ["busy", "busy", "not_paused", "yes", "busy", "busy", "yes", "busy"]),
    ];
    let requests: [fn() -> Request; 8] = [
        start_request,
        || Request::Pause(ID),
        || Request::Resume(ID),
        || Request::Cancel(ID),
        || Request::Home(ID, vec![Axis::X]),
        || Request::SetTarget(ID, Heater::Bed, 60.0),
        || Request::CoolDown(ID),
        || Request::Disconnect(ID),
    ];
    for (state, prints, expected) in table {
        for (request, expected) in requests.iter().zip(expected) {
            let mut desk = Desk::ready();
            if *prints {
                desk.start();
                desk.state(*state);
            }
            let can = desk.view().vigil.can;
            let request = request();
            let shown = match &request {
                Request::Start { .. } | Request::StartQueued { .. } => Some(can.start),
                Request::Pause(_) => Some(can.pause),
                Request::Resume(_) => Some(can.resume),
                Request::Cancel(_) => Some(can.cancel),
                Request::Home(..) => Some(can.home),
                Request::SetTarget(..) => Some(can.heat),
                Request::Disconnect(_) => Some(can.disconnect),
                Request::Drill(_) => Some(can.drill),
                Request::Mute(..)
                | Request::Acknowledge(..)
                | Request::Overwrite(..)
                | Request::CoolDown(_)
                | Request::Connect(_)
                | Request::Patch(..)
                | Request::KeepWarm(..)
                | Request::Tool(..)
                | Request::SdList(_)
                | Request::SdPrint(..)
                | Request::Seen(..)
                | Request::LoadSpool(..)
                | Request::Queue(..)
                | Request::EmergencyStopped(_) => None,
            };
            let answer = code(&mut desk, request.clone());
            assert_eq!(answer, *expected, "{request:?} while {state:?}");
            assert!(
                shown.is_none_or(|shown| shown == (answer == "yes")),
                "{request:?} while {state:?}: the button lies"
            );
        }
    }
}

#[test]
fn without_a_link_only_connecting_is_possible() {
    for (link, state) in [
        (LinkState::Closed, PrinterState::Offline),
        (LinkState::Opening, PrinterState::Connecting),
        (LinkState::Lost { why: "unplugged".into() }, PrinterState::LinkLost),
        (LinkState::Halted { cause: domain::HaltCause::Firmware, text: "kill".into() }, PrinterState::Halted),
    ] {
        let mut desk = Desk::ready();
        desk.report.link = link.clone();
        desk.state(state);
        assert_eq!(code(&mut desk, start_request()), "not_connected", "{link:?}");
        // One that says it has stopped may still take what switches it off.
        let cooled = if state == PrinterState::Halted { "yes" } else { "not_connected" };
        assert_eq!(code(&mut desk, Request::CoolDown(ID)), cooled, "{link:?}");
        assert_eq!(code(&mut desk, Request::SetTarget(ID, Heater::Bed, 50.0)), "not_connected", "{link:?}");
        assert_eq!(code(&mut desk, Request::Home(ID, vec![])), "not_connected", "{link:?}");
        assert!(desk.view().vigil.can.connect, "{link:?}");
        let expected = if link == LinkState::Closed { "not_connected" } else { "yes" };
        assert_eq!(code(&mut desk, Request::Disconnect(ID)), expected, "{link:?}");
        assert_eq!(code(&mut desk, Request::Connect(ID)), "yes", "{link:?}");
    }
    let mut desk = Desk::ready();
    assert_eq!(code(&mut desk, Request::Connect(ID)), "busy", "connected already");
    let mut settings = printer();
    settings.port = None;
    let mut desk = Desk::booted(boot(settings, Vec::new()));
    assert_eq!(code(&mut desk, Request::Connect(ID)), "no_port");
}

#[test]
fn targets_have_a_range_and_an_offset() {
    let mut settings = printer();
    settings.temperature_offsets = [("tool0".to_owned(), 5.0), ("bed".to_owned(), -2.5)].into();
    let mut desk = Desk::ready_with(boot(settings, Vec::new()));
    // Heater, asked, sent.
    for (heater, asked, sent) in [
        (Heater::Hotend(0), 200.0, Some(205.0)),
        (Heater::Hotend(0), 315.0, Some(320.0)),
        (Heater::Hotend(0), 316.0, None),
        (Heater::Hotend(0), 0.0, Some(0.0)),
        (Heater::Hotend(1), 320.0, Some(320.0)),
        (Heater::Hotend(0), -1.0, None),
        (Heater::Hotend(0), f64::NAN, None),
        (Heater::Hotend(0), f64::INFINITY, None),
        (Heater::Bed, 60.0, Some(57.5)),
        (Heater::Bed, 1.0, None),
        (Heater::Bed, 140.0, Some(137.5)),
        (Heater::Bed, 140.5, None),
        (Heater::Chamber, 100.0, Some(100.0)),
        (Heater::Chamber, 101.0, None),
    ] {
        let (answer, effects) = desk.ask(Request::SetTarget(ID, heater, asked));
        let order = effects.iter().find_map(|effect| {
            if let Effect::Order(_, Order::SetTarget(_, c)) = effect { Some(*c) } else { None }
        });
        assert_eq!(order, sent, "{heater:?} {asked}");
        let answer = answer.unwrap().map_err(|refused| refused.code);
        assert_eq!(answer.is_ok(), sent.is_some(), "{heater:?} {asked}");
        assert!(answer.is_ok() || answer == Err("out_of_range"));
    }
    assert_eq!(desk.view().status.temperatures["tool0"].offset, 5.0, "the offset is shown");
}

#[test]
fn a_start_is_given_once() {
    let mut desk = Desk::ready();
    let (answer, effects) = desk.ask(start_request());
    assert_eq!(answer, Some(Ok(Some(PrintId(7)))));
    expect![[r#"
        ORDER 1 start print 7 "benchy.gcode" at "/files/3" by Person
        answer 1: yes Some(PrintId(7))
    "#]]
    .assert_eq(&told(&effects));
    assert_eq!(desk.view().vigil.state_detail, "starting benchy.gcode");
    assert_eq!(code(&mut desk, start_request()), "busy", "one at a time");
    let why = "The file is empty.".into();
    desk.link(LinkChange::Refused { order: OrderKind::Start, reason: RefusedReason::BadFile, why });
    assert_eq!(desk.view().vigil.alarm.as_deref(), Some("The file is empty."));
    assert_eq!(code(&mut desk, start_request()), "yes", "it may be tried again");
    assert_eq!(desk.view().vigil.alarm, None);
    desk.tick_secs(61);
    assert!(desk.view().vigil.alarm.unwrap().contains("did not start"), "a start is never forgotten");
    assert!(desk.view().vigil.can.start);
}

#[test]
fn a_pause_uses_the_printers_options() {
    let mut settings = printer();
    settings.retract_on_pause = 2.0;
    settings.lift_z_on_pause = 0.0;
    settings.max_z_mm = 180.0;
    settings.tools_off_on_pause = false;
    settings.bed_off_on_pause = true;
    let mut desk = Desk::ready_with(boot(settings, Vec::new()));
    desk.start();
    let (_, effects) = desk.ask(Request::Pause(ID));
    expect![[r#"
        ORDER 1 pause by Person: retract 2 lift 0 of 180 hotend_off false bed_off true
        answer 2: yes Some(PrintId(7))
    "#]]
    .assert_eq(&told(&effects));
    assert_eq!(desk.view().vigil.state, PrinterState::Pausing);
}

#[test]
fn an_order_that_nothing_comes_of_is_said() {
    let mut desk = Desk::printing();
    desk.ask(Request::Cancel(ID));
    assert_eq!(desk.view().vigil.state, PrinterState::Cancelling);
    desk.tick_secs(16);
    assert_eq!(desk.view().vigil.state, PrinterState::Printing, "the screen shows what the printer reports");
    assert!(desk.view().vigil.alarm.unwrap().contains("press STOP"));

    let mut desk = Desk::printing();
    desk.ask(Request::Pause(ID));
    desk.confirm_pause(domain::Initiator::Person);
    desk.ask(Request::Resume(ID));
    assert_eq!(desk.view().vigil.state, PrinterState::Resuming);
    desk.tick_secs(16);
    assert_eq!(desk.view().vigil.state, PrinterState::Paused);
    assert!(desk.view().vigil.alarm.unwrap().contains("press Resume again"));
}

#[test]
fn a_refused_resume_says_why_and_stays_paused() {
    let mut desk = Desk::printing();
    desk.ask(Request::Pause(ID));
    desk.confirm_pause(domain::Initiator::Person);
    desk.ask(Request::Resume(ID));
    let why = "The steppers were off, so the head may have moved. Cancel, and start again.";
    let reason = RefusedReason::PlaceUnknown;
    desk.link(LinkChange::Refused { order: OrderKind::Resume, reason, why: why.into() });
    assert_eq!(desk.view().vigil.state, PrinterState::Paused);
    assert_eq!(desk.view().vigil.alarm.as_deref(), Some(why));
}

#[test]
fn an_unknown_printer_is_refused_and_an_emergency_stop_is_recorded() {
    let mut desk = Desk::printing();
    assert_eq!(code(&mut desk, Request::Pause(PrinterId(9))), "unknown_printer");
    let (_, effects) = desk.ask(Request::EmergencyStopped(ID));
    expect![[r#"
        log PRINTER_ERROR ERROR Person print Some(7): Emergency stop pressed | The printer is told to stop at once.
        answer 3: yes Some(PrintId(7))
    "#]].assert_eq(&told(&effects));
}

#[test]
fn cool_down_is_always_possible() {
    let mut desk = Desk::printing();
    let (_, effects) = desk.ask(Request::CoolDown(ID));
    assert!(told(&effects).starts_with("ORDER 1 cool down\n"), "{}", told(&effects));
    assert_eq!(desk.report.job.as_ref().map(|j| j.print), Some(job().print), "and ends no print");
}
