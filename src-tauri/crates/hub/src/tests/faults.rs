//! Nothing is claimed that is not so: silence, heat, halts, refusals, and what is left of them for a person to see.

use super::desk::{Desk, ID, boot, printer};
use super::told;
use crate::KeptOfPrinter;
use domain::{
    ActionOnFailure, AlarmKind, AlertOverwrite, Effect, Event, HaltCause, Heater, HeaterFault,
    HeaterFaultKind, Initiator, JobEnd, LinkChange, LinkState, Order, OrderKind, PrintId, PrinterId,
    PrinterState, Prompt, RefusedReason, Request, Seen,
};

fn kinds(desk: &Desk) -> Vec<AlarmKind> {
    desk.view().vigil.alarms.iter().map(|alarm| alarm.kind).collect()
}

fn lose(desk: &mut Desk) {
    let why = "the cable was pulled".to_owned();
    desk.report.link = LinkState::Lost { why: why.clone() };
    desk.report.job = None;
    desk.state(PrinterState::LinkLost);
    desk.link(LinkChange::Lost { why });
}

fn come_back(desk: &mut Desk) {
    desk.report.link = LinkState::Up;
    desk.link(LinkChange::Up { hot: false });
    desk.state(PrinterState::Operational);
}

fn fault(kind: HeaterFaultKind) -> LinkChange {
    LinkChange::HeaterFault(HeaterFault {
        heater: Some(Heater::Hotend(0)),
        kind,
        wanted_c: Some(205.0),
        actual_c: Some(120.0),
        said: None,
    })
}

#[test]
fn a_refused_pause_is_judged_by_its_reason_and_never_by_its_words() {
    use RefusedReason::{AlreadyPaused, Ending, NoPrint, NotConnected, QueueFull, ThreadEnded};
    for (reason, alarms) in [
        (AlreadyPaused, vec![]),
        (Ending, vec![AlarmKind::Refused]),
        (NoPrint, vec![AlarmKind::Refused]),
        (QueueFull, vec![AlarmKind::Pause]),
        (ThreadEnded, vec![AlarmKind::Pause]),
        (NotConnected, vec![AlarmKind::Pause]),
    ] {
        let mut desk = Desk::printing();
        desk.ask(Request::Pause(ID));
        let why = "pause resume cancel start: all words at once".to_owned();
        desk.link(LinkChange::Refused { order: OrderKind::Pause, reason, why });
        assert_eq!(kinds(&desk), alarms, "{reason:?}");
    }
    let mut desk = Desk::printing();
    desk.ask(Request::Cancel(ID));
    let why = "paused".to_owned();
    desk.link(LinkChange::Refused { order: OrderKind::BedOff, reason: RefusedReason::NotPausedYet, why });
    assert_eq!(desk.view().vigil.state, PrinterState::Cancelling, "another order is still on its way");
}

#[test]
fn silence_is_said_at_once_and_is_an_alarm_after_15_seconds_of_it() {
    let mut desk = Desk::printing();
    let effects = desk.link(LinkChange::Silent { secs: 6 });
    assert!(told(&effects).contains("WARNING"), "{}", told(&effects));
    assert_eq!(desk.view().vigil.warning.unwrap(), "The printer has not answered for 6 s.");
    assert_eq!(kinds(&desk), []);
    assert!(!told(&desk.tick_secs(8)).contains("NOTICE"));
    assert_eq!(desk.view().vigil.warning.unwrap(), "The printer has not answered for 14 s.");
    let effects = desk.tick_secs(1);
    assert!(told(&effects).contains("NOTICE PrinterSilent"), "{}", told(&effects));
    assert_eq!(kinds(&desk), [AlarmKind::Silent]);
    assert!(!told(&desk.tick_secs(60)).contains("PrinterSilent"), "told once");
    assert_eq!(desk.print().id, PrintId(7), "a printer that is silent is not given up by the hub");
    desk.link(LinkChange::Speaks);
    assert_eq!((desk.view().vigil.warning, kinds(&desk)), (None, vec![]));
}

#[test]
fn a_heater_that_is_not_as_set_is_an_alarm_and_a_pause_where_that_was_chosen() {
    for (action, pauses) in [(ActionOnFailure::Pause, true), (ActionOnFailure::None, false)] {
        let mut settings = printer();
        settings.action_on_failure = action;
        let mut desk = Desk::printing_with(boot(settings, Vec::new()));
        let effects = desk.link(fault(HeaterFaultKind::TargetLost));
        let ordered = effects.iter().any(|e| matches!(e, Effect::Order(ID, Order::Pause(_, Initiator::App))));
        assert_eq!(ordered, pauses, "{}", told(&effects));
        assert!(told(&effects).contains("NOTICE HeaterFault"), "{}", told(&effects));
        assert_eq!(kinds(&desk), [AlarmKind::HeaterFault]);
        let text = desk.view().vigil.alarm.unwrap();
        let then = if pauses { "The print is being paused." } else { "The print goes on." };
        assert_eq!(
            text,
            format!(
                "Nozzle 1 was set to 205 °C and is not any more. It is at 120 °C. {then} Look at the printer now."
            )
        );
        desk.ask(Request::Seen(ID, Seen::Alarms)).0.unwrap().unwrap();
        assert_eq!(kinds(&desk), []);
    }
    let mut paused = Desk::printing();
    paused.ask(Request::Pause(ID));
    paused.confirm_pause(Initiator::Person);
    let effects = paused.link(fault(HeaterFaultKind::NotHeating));
    assert!(!told(&effects).contains("ORDER"), "what stands still is not paused again");
}

#[test]
fn off_is_said_of_what_was_read_back_as_off_only() {
    let mut desk = Desk::printing();
    desk.ask(Request::Cancel(ID));
    desk.link(LinkChange::HeatersOff { unconfirmed: vec![Heater::Hotend(0), Heater::Bed] });
    let effects = desk.link(LinkChange::Ended(PrintId(7), JobEnd::Cancelled(Initiator::Person)));
    let words = told(&effects);
    assert!(words.contains("Cancelled by you. Not confirmed to be off: nozzle 1, the bed."), "{words}");
    assert!(!words.contains("Heaters and fan are off"), "{words}");
    assert_eq!(kinds(&desk), [AlarmKind::HeatersOn]);
    desk.link(LinkChange::HeatersOff { unconfirmed: vec![] });
    assert_eq!(kinds(&desk), []);
}

#[test]
fn the_alarm_of_a_print_that_died_with_its_link_stays_until_it_is_seen() {
    let mut desk = Desk::printing();
    let why = "the link to the printer broke".to_owned();
    desk.link(LinkChange::Ended(PrintId(7), JobEnd::Interrupted { why }));
    lose(&mut desk);
    assert!(desk.view().vigil.alarm.unwrap().contains("may still be on"));
    desk.target("tool0", 0.0);
    desk.target("bed", 0.0);
    come_back(&mut desk);
    assert_eq!(kinds(&desk), [AlarmKind::Past]);
    let text = desk.view().vigil.alarm.unwrap();
    assert!(text.contains("The print ended with it. It answers again"), "{text}");
    desk.tick_secs(3_600);
    assert_eq!(kinds(&desk), [AlarmKind::Past], "an hour later, too");
    desk.ask(Request::Seen(ID, Seen::Alarms)).0.unwrap().unwrap();
    assert_eq!(kinds(&desk), []);

    let mut idle = Desk::ready();
    lose(&mut idle);
    come_back(&mut idle);
    assert_eq!(kinds(&idle), [], "an idle, cold printer that was unplugged and is back needs nobody");
}

#[test]
fn a_cold_idle_printer_that_goes_is_told_without_calling_anybody() {
    let mut idle = Desk::ready();
    lose(&mut idle);
    assert_eq!(kinds(&idle), [AlarmKind::Unreachable]);
    let text = idle.view().vigil.alarm.unwrap();
    assert!(text.starts_with("The link to the printer is lost"), "{text}");
    let before = idle.view().vigil.reminders;
    idle.tick_secs(3_600);
    assert_eq!(idle.view().vigil.reminders, before, "switched off for the night, most likely");
    idle.ask(Request::Seen(ID, Seen::Alarms)).0.unwrap().unwrap();
    assert_eq!(kinds(&idle), []);

    // One that never answered lost nothing: its port is wrong, or it is switched off.
    let mut never = Desk::booted(boot(printer(), Vec::new()));
    lose(&mut never);
    assert_eq!(kinds(&never), [AlarmKind::Unreachable]);
    let text = never.view().vigil.alarm.unwrap();
    assert!(text.starts_with("The printer cannot be reached"), "{text}");

    // With a hot nozzle somebody has to come, print or not.
    let mut hot = Desk::ready();
    hot.target("tool0", 200.0);
    lose(&mut hot);
    assert_eq!(kinds(&hot), [AlarmKind::Printer]);
}

#[test]
fn an_alarm_that_still_holds_cannot_be_put_away() {
    let mut desk = Desk::printing();
    lose(&mut desk);
    let (answer, _) = desk.ask(Request::Seen(ID, Seen::Alarms));
    assert_eq!(answer.unwrap().unwrap_err().code, "no_alarm");
    assert_eq!(kinds(&desk), [AlarmKind::Printer]);
}

#[test]
fn a_board_found_hot_that_nobody_prints_on_is_said_at_once() {
    let mut desk = Desk::ready();
    desk.target("tool0", 200.0);
    assert_eq!(kinds(&desk), [], "heated by hand while connected: only the countdown runs");
    lose(&mut desk);
    come_back(&mut desk);
    assert!(kinds(&desk).contains(&AlarmKind::Hot));
    let hot = desk.view().vigil.alarms.into_iter().find(|alarm| alarm.kind == AlarmKind::Hot).unwrap();
    assert!(hot.text.contains("nozzle 1 is at 200 °C and set to 200 °C"), "{}", hot.text);
    assert!(desk.view().vigil.heaters_off_at.is_some());
    desk.target("tool0", 0.0);
    assert!(!kinds(&desk).contains(&AlarmKind::Hot), "it is off");
}

#[test]
fn temperatures_that_are_not_known_are_never_shown_as_current() {
    let mut desk = Desk::printing();
    desk.target("tool0", 205.0);
    assert_eq!(desk.view().status.temperatures["tool0"].actual, 205.0);
    assert!(desk.view().vigil.heat.known);
    let told_at = desk.now().utc;
    lose(&mut desk);
    let view = desk.view();
    assert!(!view.vigil.heat.known && view.vigil.heat.may_be_on);
    assert_eq!((view.status.temperatures["tool0"].actual, view.vigil.heat.told_at), (205.0, Some(told_at)));

    let mut quiet = Desk::printing();
    quiet.report.temperatures_at = Some(quiet.now());
    quiet.state(PrinterState::Printing);
    quiet.tick_secs(20);
    assert!(quiet.view().vigil.heat.known);
    quiet.pass_secs(1.0);
    quiet.state(PrinterState::Printing);
    assert!(!quiet.view().vigil.heat.known, "a report that repeats them does not make them new");
}

#[test]
fn a_halt_is_told_by_its_cause() {
    let table = [
        (
            HaltCause::EmergencyStop,
            "Emergency stop: the printer has halted.",
            "Emergency stop: the printer has halted. Find",
        ),
        (HaltCause::Firmware, "halted..", "The printer stopped: halted. Find"),
        (HaltCause::PowerOff, "poweroff", "The printer says that it is being switched off: poweroff. Find"),
        (HaltCause::ThreadDied, "the port's thread died", "The port's thread died. Find"),
    ];
    for (cause, text, words) in table {
        let mut desk = Desk::printing();
        desk.link(LinkChange::Halted { cause, text: text.into(), switch_off_now: false });
        let alarm = desk.view().vigil.alarm.unwrap();
        assert!(alarm.starts_with(words), "{cause:?}: {alarm}");
    }
    let mut desk = Desk::ready();
    let text = "The printer did not answer. Switch the printer off now.".to_owned();
    desk.link(LinkChange::Halted {
        cause: HaltCause::EmergencyUnanswered,
        text: text.clone(),
        switch_off_now: true,
    });
    assert_eq!(desk.view().vigil.alarm.unwrap(), text, "said once");
}

#[test]
fn an_alert_that_is_open_when_the_print_ends_stays_to_be_answered() {
    let mut settings = printer();
    settings.action_on_failure = ActionOnFailure::None;
    let mut desk = Desk::printing_with(boot(settings, Vec::new()));
    for _ in 0..60 {
        desk.look(2.5);
    }
    assert!(desk.view().vigil.alert.is_some());
    desk.link(LinkChange::Ended(PrintId(7), JobEnd::Finished));
    desk.report.job = None;
    desk.state(PrinterState::Operational);
    let last = desk.view().vigil.last_print.expect("its card stays");
    assert!(last.alert.is_some() && last.print.finished_at.is_some() && last.text.starts_with("It took"));
    let (answer, effects) = desk.ask(Request::Acknowledge(ID, Some(AlertOverwrite::Failed)));
    assert_eq!(answer, Some(Ok(Some(PrintId(7)))));
    let words = told(&effects);
    assert!(words.contains("answered Failure"), "{words}");
    assert!(words.contains("word on print 7: Some(Failed), the alert answered"), "{words}");
    assert!(!words.contains("print row"), "the row of a print that has ended is not the hub's: {words}");
    let last = desk.view().vigil.last_print.unwrap();
    assert_eq!((last.alert, last.print.alert_overwrite), (None, Some(AlertOverwrite::Failed)));
    // The film comes later, and is in the row already.
    let film = domain::Film { video: Some("/v.mp4".into()), tagged: None, poster: None };
    assert_eq!(told(&desk.event(Event::Filmed(PrintId(7), film))), "");
    assert!(desk.view().vigil.last_print.unwrap().print.video_url.is_some());
    desk.ask(Request::Seen(ID, Seen::LastPrint)).0.unwrap().unwrap();
    assert_eq!(desk.view().vigil.last_print, None);
}

#[test]
fn an_open_question_of_the_printer_is_not_taken_for_a_bad_link() {
    let paused = |prompt: Option<Prompt>, change: bool| {
        let mut desk = Desk::printing();
        if change {
            desk.link(LinkChange::FilamentChange { text: "New filament, please".into() });
        }
        desk.link(LinkChange::Paused(PrintId(7), Initiator::Printer));
        desk.report.tools.prompt = prompt;
        desk.state(PrinterState::Paused);
        desk.ask(Request::Resume(ID));
        desk.tick_secs(60);
        kinds(&desk)
    };
    let prompt = Prompt {
        text: "Paused".into(),
        buttons: vec!["PurgeMore".into(), "Continue".into()],
        answered: None,
    };
    assert_eq!(paused(Some(prompt), false), []);
    assert_eq!(paused(None, true), []);
    assert_eq!(paused(None, false), [AlarmKind::Refused], "without a question it is said");
}

#[test]
fn a_watch_that_panics_is_set_up_anew_and_nothing_else_falls_with_it() {
    let mut desk = Desk::printing();
    let mut second = printer();
    second.id = PrinterId(2);
    desk.hub.add_printer(second, KeptOfPrinter::default(), desk.now());
    let before = desk.hub.view(PrinterId(2));
    let effects = desk.event(Event::Fail(ID));
    assert!(told(&effects).starts_with("FAILED 1: asked to fail"), "{}", told(&effects));
    assert_eq!(kinds(&desk), [AlarmKind::Internal]);
    assert_eq!(desk.print().id, PrintId(7), "the print goes on");
    assert_eq!(desk.hub.view(PrinterId(2)), before);
    let (answer, effects) = desk.ask(Request::Pause(ID));
    assert!(answer.unwrap().is_ok() && told(&effects).contains("ORDER 1 pause"), "orders are carried out");
    for _ in 0..50 {
        let effects = desk.event(Event::Fail(ID));
        assert!(!told(&effects).contains("log"), "it is logged once while the alarm stands");
    }
}

#[test]
fn no_number_that_a_file_or_printer_states_can_make_a_watch_panic() {
    let mut desk = Desk::printing();
    let mut job = super::desk::job();
    (job.layer_idx, job.layers, job.line, job.lines) = (Some(u32::MAX), Some(0), u64::MAX, 0);
    (job.filepos, job.file_bytes) = (u64::MAX, 1);
    (job.print_secs, job.heating_secs, job.filament_mm) = (f64::NAN, f64::INFINITY, -1e300);
    (job.estimated_secs, job.analysed_secs, job.slicer_left_secs) =
        (Some(1e300), Some(f64::NAN), Some(-1e300));
    desk.report.job = Some(job);
    (desk.report.resends, desk.report.lines_sent, desk.report.baud) = (u64::MAX, 1, Some(u32::MAX));
    let mut effects = desk.state(PrinterState::Printing);
    effects.extend(desk.target("tool255", 1e300));
    effects.extend(desk.link(LinkChange::Silent { secs: u32::MAX }));
    effects.extend(desk.ask(Request::SetTarget(ID, Heater::Hotend(255), 1e9)).1);
    effects.extend(desk.ask(Request::KeepWarm(ID, u32::MAX)).1);
    effects.extend(desk.look(f64::INFINITY));
    effects.extend(desk.event(Event::Slept { gap_ms: u64::MAX }));
    effects.extend(desk.link(LinkChange::Started(PrintId(i64::MAX))));
    effects.extend(desk.link(LinkChange::Ended(PrintId(i64::MAX), JobEnd::Finished)));
    assert!(!told(&effects).contains("FAILED"), "{}", told(&effects));
    assert_eq!(desk.view().vigil.alarms.iter().filter(|a| a.kind == AlarmKind::Internal).count(), 0);
}
