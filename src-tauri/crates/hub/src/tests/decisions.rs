//! From looks to pauses and alerts.

use super::desk::{Desk, ID, boot, look_at, printer};
use super::{told, whole};
use domain::{
    ActionOnFailure, AlertOverwrite, Effect, Event, FrameId, Initiator, JobEnd, KeepWhy, LinkChange, PrintId,
    PrinterState, Request,
};
use expect_test::expect;

fn orders(effects: &[Effect]) -> usize {
    effects.iter().filter(|e| matches!(e, Effect::Order(..))).count()
}

fn notices(effects: &[Effect]) -> usize {
    effects.iter().filter(|e| matches!(e, Effect::Notify(_))).count()
}

#[test]
fn a_sure_failure_pauses_first_and_then_records_and_tells() {
    let mut desk = Desk::printing();
    // Two frames: the first alert comes with the first.
    desk.look(0.02);
    let (n, effects) = desk.fail_until_pause(2.5);
    assert_eq!(n, 2);
    expect![[r#"
        ORDER 1 pause by Detection: retract 6.5 lift 2.5 of 250 hotend_off true bed_off false
        keep look at frame 403: p 2.5 counted 2.50
        keep frame 403 of print 7: alert Some(10) Some(0)
        evidence at frame 403 of print 7, printer 1
        print row: 7 "benchy.gcode" from 0, alerted 3030, paused 3030
        decision at frame 403 by Obico: Pause, level 0.703 of 0.380
        log FAILURE_ALERTED ERROR Detection print Some(7): Possible failure, print is being paused | Seen 2 times in 10 seconds. Say what you see: resume, or cancel the print. [/api/v1/vigil/frames/403.jpg]
        NOTICE FailurePaused: Ender: possible failure, print is being paused | Seen 2 times in 10 seconds. Say what you see: resume, or cancel the print. [frame 403]
        look at frame 403: p 2.5 frames 303
        means: 303 of 3303 frames
        show 1 Pausing
    "#]].assert_eq(&whole(&effects));
    let view = desk.view();
    assert_eq!(view.vigil.state, PrinterState::Pausing, "until the printer confirms");
    assert!(view.status.state.flags.pausing && !view.vigil.pause_confirmed);
    let alert = view.vigil.alert.expect("an alert is open");
    assert!(alert.paused);
    assert_eq!(alert.img_url, crate::frame_url(alert.frame));
    assert_eq!(alert.before.len(), 6, "the frames of the minute before");
    assert!(alert.curve.len() >= 12, "two minutes of curve and more: {}", alert.curve.len());

    // The printer still says what it said: it stays Pausing, and Paused alone is not yet the confirmation.
    desk.state(PrinterState::Printing);
    assert_eq!(desk.view().vigil.state, PrinterState::Pausing);
    desk.state(PrinterState::Paused);
    assert_eq!(desk.view().vigil.state, PrinterState::Pausing);
    let effects = desk.link(LinkChange::Paused(PrintId(7), Initiator::Detection));
    expect![[r#"
        log PAUSED INFO Detection print Some(7): Paused | Paused by the watch.
        watch 1 off
    "#]]
    .assert_eq(&told(&effects));
    assert_eq!(desk.view().vigil.state, PrinterState::Paused);
    assert!(desk.view().vigil.pause_confirmed);
}

#[test]
fn an_unsure_failure_alerts_once_until_it_is_answered() {
    let mut desk = Desk::printing();
    let mut alerts = Vec::new();
    for n in 1..=40 {
        let effects = desk.look(0.5);
        assert_eq!(orders(&effects), 0, "p 0.5 never pauses");
        if notices(&effects) > 0 {
            alerts.push(n);
        }
        if n == 10 {
            expect![[r#"
                keep look at frame 410: p 0.5 counted 0.50
                keep frame 410 of print 7: alert Some(10) Some(0)
                evidence at frame 410 of print 7, printer 1
                print row: 7 "benchy.gcode" from 0, alerted 3100
                decision at frame 410 by Obico: Alert, level 0.388 of 0.380
                log FAILURE_ALERTED ERROR Detection print Some(7): Possible failure | Seen 7 times in 60 seconds. The print goes on. Have a look, and say what you see. [/api/v1/vigil/frames/410.jpg]
                NOTICE FailureAlert: Ender: possible failure | Seen 7 times in 60 seconds. The print goes on. Have a look, and say what you see. [frame 410]
            "#]].assert_eq(&told(&effects));
        }
    }
    assert_eq!(alerts, [10], "one alert, however long it lasts");
    assert_eq!(desk.view().vigil.state_detail, "possible failure, still printing");
}

#[test]
fn after_an_answer_the_next_alert_waits_for_the_cooldown() {
    let mut desk = Desk::printing();
    for _ in 0..10 {
        desk.look(0.5);
    }
    assert!(desk.view().vigil.alert.is_some());
    desk.ask(Request::Acknowledge(ID, None));
    assert!(desk.view().vigil.alert.is_none());
    let again: Vec<usize> = (1..=12).filter(|_| notices(&desk.look(0.5)) > 0).collect();
    // The alert before was 10 s ago at the first of these: 90 s after it is the ninth.
    assert_eq!(again, [9]);
}

#[test]
fn a_pause_is_held_back_for_90_seconds_after_an_answer_and_so_is_the_alert() {
    let mut desk = Desk::printing();
    for _ in 0..10 {
        desk.look(0.5);
    }
    desk.tick_secs(5);
    desk.ask(Request::Acknowledge(ID, Some(AlertOverwrite::NotFailed)));
    // The answer came 5 s after the look: looks 1 to 9 lie within 90 s of it.
    for n in 1..=8 {
        let effects = desk.look(2.5);
        assert_eq!((orders(&effects), notices(&effects)), (0, 0), "look {n} after the answer");
    }
    let effects = desk.look(2.5);
    assert_eq!(orders(&effects), 1, "{}", told(&effects));
}

#[test]
fn action_none_alerts_and_never_pauses() {
    let mut settings = printer();
    settings.action_on_failure = ActionOnFailure::None;
    let mut desk = Desk::printing_with(boot(settings, Vec::new()));
    let told: Vec<(usize, usize)> =
        (0..30).map(|_| desk.look(2.5)).map(|e| (orders(&e), notices(&e))).collect();
    assert_eq!(told.iter().map(|t| t.0).sum::<usize>(), 0, "no order");
    assert_eq!(told.iter().map(|t| t.1).sum::<usize>(), 1, "one alert");
    assert_eq!(desk.print().paused_at, None);
}

/// What happens after a pause by detection and an answer, with and without our two differences.
fn second_failure(rearm: bool, answer: AlertOverwrite) -> (bool, usize) {
    let mut settings = printer();
    settings.watch.rearm_after_not_failed = rearm;
    let mut desk = Desk::printing_with(boot(settings, Vec::new()));
    desk.fail_until_pause(2.5);
    desk.confirm_pause(Initiator::Detection);
    desk.ask(Request::Acknowledge(ID, Some(answer)));
    desk.resume();
    for _ in 0..100 {
        desk.look(0.02);
    }
    let effects: Vec<Effect> = (0..20).flat_map(|_| desk.look(2.5)).collect();
    (orders(&effects) > 0, notices(&effects))
}

#[test]
fn the_watch_rearms_after_not_a_failure_if_so_set() {
    // Re-arm, answer: paused again, notices.
    for (rearm, answer, expected) in [
        (true, AlertOverwrite::NotFailed, (true, 2)),
        (false, AlertOverwrite::NotFailed, (false, 1)),
        (true, AlertOverwrite::Failed, (false, 1)),
    ] {
        let (paused, notices) = second_failure(rearm, answer);
        assert_eq!(paused, expected.0, "re-arm {rearm}, {answer:?}");
        assert!(notices >= 1, "it is told in any case");
    }
}

#[test]
fn a_second_pause_moves_paused_at() {
    let mut desk = Desk::printing();
    desk.fail_until_pause(2.5);
    let first = desk.print().paused_at.unwrap();
    desk.confirm_pause(Initiator::Detection);
    desk.resume();
    for _ in 0..60 {
        desk.look(0.02);
    }
    desk.fail_until_pause(2.5);
    assert!(desk.print().paused_at.unwrap() > first, "the last pause by detection");
}

#[test]
fn a_persons_pause_never_sets_paused_at() {
    let mut desk = Desk::printing();
    let (_, effects) = desk.ask(Request::Pause(ID));
    assert_eq!(orders(&effects), 1);
    desk.confirm_pause(Initiator::Person);
    assert_eq!(desk.print().paused_at, None);
    assert!(!desk.view().vigil.watch.watching);
    assert_eq!(desk.view().not_watching_reason.as_deref(), Some("Printer is not actively printing"));
}

#[test]
fn a_look_counts_only_ten_seconds_after_the_last_one_that_did() {
    let mut desk = Desk::ready();
    desk.start();
    let mut counted = Vec::new();
    for ms in [0, 9_999, 10_000, 10_001, 19_999, 20_000, 45_000, 54_999, 55_001] {
        desk.ms = ms;
        let effects = desk.look_now(0.02);
        if whole(&effects).lines().any(|line| line.starts_with("look at frame")) {
            counted.push(ms);
        }
    }
    assert_eq!(
        counted,
        [10_000, 20_000, 45_000, 55_001],
        "by when the frame was taken; the start counts as a look"
    );
}

#[test]
fn looks_are_ignored_when_the_print_is_not_to_be_watched() {
    type Case = (&'static str, fn(&mut Desk));
    let cases: [Case; 6] = [
        ("muted", |desk| drop(desk.ask(Request::Mute(ID, true)))),
        ("paused", |desk| {
            desk.ask(Request::Pause(ID));
            desk.confirm_pause(Initiator::Person);
        }),
        ("ended", |desk| drop(desk.link(LinkChange::Ended(PrintId(7), JobEnd::Finished)))),
        ("no hours", |desk| drop(desk.hub.set_dh_balance(0.0, desk.now()))),
        ("no link", |desk| drop(desk.link(LinkChange::Lost { why: "unplugged".into() }))),
        ("other camera", |desk| {
            let mut frame = desk.frame();
            frame.camera = domain::CameraId(9);
            assert_eq!(told(&desk.event(Event::Looked(look_at(frame, 2.0)))), "");
            desk.ask(Request::Mute(ID, true));
        }),
    ];
    for (name, prepare) in cases {
        let mut desk = Desk::printing();
        prepare(&mut desk);
        for _ in 0..5 {
            let effects = desk.look(2.5);
            let lines = whole(&effects);
            assert!(!lines.contains("look at") && !lines.contains("ORDER"), "{name}: {lines}");
        }
    }
}

#[test]
fn a_score_that_is_no_number_is_no_look() {
    let mut desk = Desk::printing();
    let before = desk.view().vigil.watch.lifetime_frame_num;
    for p in [f64::NAN, f64::INFINITY, -1.0] {
        let effects = desk.look(p);
        assert!(!whole(&effects).contains("look at"), "p {p}");
    }
    assert_eq!(desk.view().vigil.watch.lifetime_frame_num, before);
}

#[test]
fn nothing_is_paused_while_it_is_being_paused_or_cancelled() {
    for (state, orders_expected, may_tell) in [
        (PrinterState::Heating, 1, true),
        (PrinterState::Printing, 1, true),
        (PrinterState::Pausing, 0, true),
        (PrinterState::Resuming, 1, true),
        (PrinterState::Finishing, 0, true),
        (PrinterState::Cancelling, 0, false),
        (PrinterState::Paused, 0, false),
    ] {
        let mut desk = Desk::printing();
        desk.state(state);
        let effects: Vec<Effect> = (0..6).flat_map(|_| desk.look(2.5)).collect();
        assert_eq!(orders(&effects), orders_expected, "{state:?}");
        assert_eq!(notices(&effects) > 0, may_tell, "{state:?}");
    }
}

#[test]
fn pictures_are_kept_for_the_film_for_suspicion_and_for_the_alert() {
    let mut desk = Desk::ready();
    desk.start();
    let mut kept = Vec::new();
    let mut note = |effects: Vec<Effect>, ms: u64| {
        for effect in effects {
            if let Effect::KeepFrame { why, .. } = effect {
                kept.push((ms, why));
            }
        }
    };
    // Frames come every five seconds, looks every ten.
    for ms in (0..=40_000).step_by(5000) {
        desk.ms = ms;
        let frame = desk.frame();
        note(desk.event(Event::Frame(ID, frame)), ms);
        if ms % 10_000 == 0 && ms > 0 {
            let p = if ms == 30_000 { 0.21 } else { 0.2 };
            note(desk.event(Event::Looked(look_at(frame, p))), ms);
        }
    }
    use KeepWhy::{Film, Suspicious};
    assert_eq!(
        kept,
        [(0, Film), (10_000, Film), (20_000, Film), (30_000, Film), (30_000, Suspicious), (40_000, Film)]
    );
}

#[test]
fn the_factor_for_experts_bends_every_confidence() {
    let mut settings = printer();
    settings.detection_bending_factor = Some(0.1);
    let mut desk = Desk::printing_with(boot(settings, Vec::new()));
    let effects: Vec<Effect> = (0..30).flat_map(|_| desk.look(2.5)).collect();
    assert_eq!(orders(&effects), 0, "2.5 is bent to 0.25");
    assert_eq!(desk.view().vigil.watch.p, Some(0.25));
}

#[test]
fn the_alert_says_how_often_it_was_seen() {
    let mut desk = Desk::printing();
    for _ in 0..10 {
        desk.look(0.5);
    }
    let alert = desk.view().vigil.alert.unwrap();
    assert_eq!(alert.text, "Seen 7 times in 60 seconds.");
    assert_eq!(alert.layer, Some(1));
    assert_eq!(alert.frame_size, (1280, 720));
    assert_eq!(alert.frame, FrameId(100 + 300 + 10));
}
