//! The watch is never silent.

use super::desk::{CAMERA, Desk, ID, boot, camera, look_at, printer};
use super::told;
use domain::{
    CameraHealth, DotState, Effect, Event, Initiator, JobEnd, LinkChange, NoticeKind, PrintId, PrinterKind,
    PrinterState, Request,
};
use expect_test::expect;

fn watching(desk: &Desk) -> bool {
    desk.view().vigil.watch.watching
}

fn kinds(effects: &[Effect]) -> Vec<NoticeKind> {
    effects
        .iter()
        .filter_map(|effect| if let Effect::Notify(notice) = effect { Some(notice.kind) } else { None })
        .collect()
}

#[test]
fn why_pictures_cannot_be_analysed_is_said_and_forgotten_with_the_next_look() {
    let mut desk = Desk::printing();
    let why = "The picture cannot be read: it is damaged. Check the camera.";
    for _ in 0..15 {
        desk.event(Event::NotAnalysed(ID, why.into()));
        desk.tick_secs(1);
    }
    assert!(!watching(&desk));
    let reason = desk.view().vigil.watch.reason;
    assert!(reason.contains("it is damaged"), "{reason}");
    desk.look_now(0.02);
    assert!(watching(&desk));
    desk.tick_secs(15);
    let reason = desk.view().vigil.watch.reason;
    assert!(reason.contains("No new picture was analysed"), "{reason}");
}

#[test]
fn no_look_for_15_seconds_is_not_watching_and_said_once() {
    let mut desk = Desk::printing();
    assert!(watching(&desk));
    let effects = desk.tick_secs(14);
    assert!(watching(&desk), "14 s may be a slow look");
    assert_eq!(told(&effects), "");
    let effects = desk.tick_secs(1);
    assert!(!watching(&desk));
    expect![[r#"
        log WATCH_LOST WARNING App print Some(7): Not watched any more | No new picture was analysed for 15 seconds. The print goes on unwatched. Check the camera picture. If it is frozen, plug the camera in again.
        NOTICE NotWatching: Ender: NOT watched | No new picture was analysed for 15 seconds. The print goes on unwatched. Check the camera picture. If it is frozen, plug the camera in again.
    "#]].assert_eq(&told(&effects));
    let view = desk.view();
    assert_eq!(
        (view.vigil.dots[2].state, view.vigil.dots[2].label.as_str()),
        (DotState::Danger, "NOT watched")
    );
    assert_eq!(
        (view.vigil.watch.gauge, view.vigil.watch.zone),
        (None, None),
        "a gauge of the past is no gauge"
    );
    assert_eq!(told(&desk.tick_secs(120)), "", "noticed once");

    let effects = desk.look_now(0.02);
    assert!(watching(&desk));
    expect![[r#"
        keep look at frame 401: p 0.02 counted 0.02
        keep frame 401 of print 7: film Some(10) Some(0)
        log WATCH_BACK INFO App print Some(7): Watched again | Watching again. Not watched for 2 minutes.
        NOTICE WatchingAgain: Ender: watched again | Watching again. Not watched for 2 minutes.
        gap of 120 s: No new picture was analysed for 15 seconds.
        coverage 3000 of 3135 s
    "#]]
    .assert_eq(&told(&effects));
}

#[test]
fn before_the_first_look_it_does_not_claim_to_watch() {
    let mut desk = Desk::ready();
    desk.start();
    let view = desk.view();
    assert!(!view.vigil.watch.watching);
    assert_eq!(view.vigil.watch.reason, "Waiting for the first picture.");
    assert_eq!(view.vigil.dots[2].state, DotState::Unknown, "unknown is never green");
    let effects = desk.tick_secs(15);
    assert_eq!(kinds(&effects), [NoticeKind::NotWatching], "a watch that never began is told, too");
}

#[test]
fn the_same_picture_again_is_no_sign_of_life() {
    let mut desk = Desk::printing();
    let frozen = desk.frame();
    let mut effects = Vec::new();
    for _ in 0..3 {
        desk.pass_secs(10.0);
        effects.extend(desk.event(Event::Looked(look_at(frozen, 0.02))));
    }
    assert_eq!(kinds(&effects), [NoticeKind::NotWatching]);
    assert!(!watching(&desk));
}

#[test]
fn a_lost_camera_and_a_broken_detector_are_shown_at_once() {
    let lost = || CameraHealth::Lost { why: "Camera unplugged".into() };
    let live = || CameraHealth::Live { width: 1280, height: 720 };
    let mut desk = Desk::printing();
    expect![[r#"
        log WATCH_LOST WARNING App print Some(7): Not watched any more | Camera unplugged. The print goes on unwatched. Check the camera's cable; it is tried again by itself.
        NOTICE NotWatching: Ender: NOT watched | Camera unplugged. The print goes on unwatched. Check the camera's cable; it is tried again by itself.
    "#]].assert_eq(&told(&desk.event(Event::Camera(CAMERA, lost()))));
    assert_eq!(desk.view().vigil.watch.reason, "Camera unplugged");
    assert_eq!(desk.view().vigil.dots[1].state, DotState::Danger);
    assert_eq!(desk.view().pic, None);
    desk.tick_secs(9);
    // The camera is back; the watch is back with its first look.
    assert_eq!(told(&desk.event(Event::Camera(CAMERA, live()))), "");
    assert!(!watching(&desk));
    let effects = desk.look_now(0.02);
    assert!(told(&effects).contains("Watching again. Not watched for 9 seconds."), "{}", told(&effects));

    let mut desk = Desk::printing();
    let effects = desk.event(Event::Detector(Err("The model file is missing. Install it again.".into())));
    assert!(told(&effects).contains("The model file is missing. Install it again."), "{}", told(&effects));
    assert!(!watching(&desk));
    assert_eq!(desk.view().vigil.watch.model, "The model file is missing. Install it again.");
    desk.event(Event::Detector(Ok("house model 1".into())));
    assert_eq!(kinds(&desk.look(0.02)), [NoticeKind::WatchingAgain]);
}

#[test]
fn a_print_without_a_camera_is_not_watched_and_says_so() {
    let mut settings = printer();
    settings.camera = None;
    let mut desk = Desk::ready_with(boot(settings, Vec::new()));
    let effects = desk.start();
    assert!(kinds(&effects).contains(&NoticeKind::NotWatching), "{}", told(&effects));
    assert!(!told(&effects).contains("watch 1 every"), "nothing to analyse");
    assert_eq!(desk.view().vigil.watch.fix, "Choose a camera in the settings.");
}

#[test]
fn a_pause_is_no_gap_and_a_resume_waits_anew() {
    let mut desk = Desk::printing();
    desk.ask(Request::Pause(ID));
    assert_eq!(told(&desk.confirm_pause(Initiator::Person)).matches("watch 1 off").count(), 1);
    assert_eq!(kinds(&desk.tick_secs(100)), []);
    assert_eq!(desk.view().vigil.dots[2].label, "Detection idle");
    desk.resume();
    assert_eq!(kinds(&desk.tick_secs(14)), []);
    assert_eq!(kinds(&desk.tick_secs(1)), [NoticeKind::NotWatching]);
}

#[test]
fn watching_is_ordered_only_while_it_is_wanted() {
    let mut desk = Desk::ready();
    let effects = desk.start();
    assert_eq!(told(&effects).matches("watch 1 every 10000 ms").count(), 1);
    assert_eq!(told(&desk.look(0.02)).matches("watch").count(), 0, "ordered once");
    let effects = desk.link(LinkChange::Ended(PrintId(7), JobEnd::Finished));
    assert_eq!(told(&effects).matches("watch 1 off").count(), 1);
}

#[test]
fn a_print_that_is_being_cancelled_is_neither_watched_nor_missed() {
    let mut desk = Desk::printing();
    let (_, effects) = desk.ask(Request::Cancel(ID));
    assert!(told(&effects).contains("watch 1 off"), "{}", told(&effects));
    desk.state(PrinterState::Cancelling);
    assert_eq!(kinds(&desk.tick_secs(300)), []);
}

#[test]
fn the_four_reasons_come_in_order() {
    let mut desk = Desk::ready();
    let reason = |desk: &Desk| desk.view().not_watching_reason;
    desk.start();
    desk.look(0.02);
    assert_eq!(reason(&desk), None);
    desk.ask(Request::Mute(ID, true));
    assert_eq!(reason(&desk).as_deref(), Some("Alerts are muted for current print"));
    desk.state(PrinterState::Paused);
    assert_eq!(reason(&desk).as_deref(), Some("Printer is not actively printing"));
    for balance in [0.0, -3.0] {
        desk.hub.set_dh_balance(balance, desk.now());
        assert_eq!(reason(&desk).as_deref(), Some("You have run out of AI Detection Hours"));
    }
    let patch = domain::PrinterPatch { watching_enabled: Some(false), ..Default::default() };
    desk.ask_stored(Request::Patch(ID, Box::new(patch)), Ok(())).0.unwrap();
    assert_eq!(reason(&desk).as_deref(), Some("AI failure detection is disabled"));
    assert_eq!(desk.view().vigil.dots[2].label, "NOT watched", "a print under way that nobody watches");
}

#[test]
fn the_watched_share_counts_looks_and_not_hopes() {
    let percent = |desk: &Desk| desk.view().vigil.watch.watched_percent;
    let mut desk = Desk::ready();
    desk.start();
    for _ in 0..10 {
        desk.look(0.02);
    }
    assert_eq!(percent(&desk), Some(100.0));
    desk.tick_secs(9);
    assert_eq!(percent(&desk), Some(100.0), "the next look is not late yet");
    // 100 s in silence, of 200.
    desk.tick_secs(91);
    assert_eq!(percent(&desk), Some(50.0));
    // A pause does not count, neither way.
    desk.ask(Request::Pause(ID));
    desk.confirm_pause(Initiator::Person);
    desk.tick_secs(1000);
    assert_eq!(percent(&desk), Some(50.0));
    desk.resume();
    for _ in 0..20 {
        desk.look(0.02);
    }
    assert_eq!(percent(&desk), Some(75.0), "300 of 400 s");
}

#[test]
fn the_look_that_ends_a_gap_does_not_fill_it() {
    let mut desk = Desk::ready();
    desk.start();
    for _ in 0..10 {
        desk.look(0.02);
    }
    desk.tick_secs(100);
    desk.look_now(0.02);
    assert_eq!(desk.view().vigil.watch.watched_percent, Some(50.0));
}

#[test]
fn what_concerns_all_printers_is_told_at_each_ones_own_time() {
    let mut desk = Desk::printing();
    // The other clock stands elsewhere.
    let elsewhere = domain::Now::at(5);
    let lost = Event::Camera(CAMERA, CameraHealth::Lost { why: "gone".into() });
    let effects = desk.hub.step(lost, elsewhere);
    let at = effects.iter().find_map(|effect| {
        if let Effect::Record(domain::Write::Event(entry), _) = effect {
            Some(entry.created_at)
        } else {
            None
        }
    });
    assert_eq!(at, Some(desk.now().utc));
}

#[test]
fn a_muted_print_is_printed_unwatched() {
    let mut desk = Desk::ready();
    desk.start();
    for _ in 0..10 {
        desk.look(0.02);
    }
    desk.ask(Request::Mute(ID, true));
    desk.tick_secs(100);
    assert_eq!(desk.view().vigil.watch.watched_percent, Some(50.0));
    desk.ask(Request::Mute(ID, false));
    assert!(!watching(&desk), "not before a look");
    desk.look(0.02);
    assert!(watching(&desk));
}

#[test]
fn a_fast_demo_gets_three_real_seconds() {
    for (scale, silent_secs) in [(1.0, 15), (5.0, 15), (10.0, 30), (60.0, 180)] {
        let mut settings = printer();
        settings.kind = PrinterKind::Demo;
        let mut boot = boot(settings, Vec::new());
        boot.demo_scale = scale;
        let mut desk = Desk::printing_with(boot);
        desk.tick_secs(silent_secs - 1);
        assert!(watching(&desk), "at {scale} times the speed, {silent_secs} s are not over");
        desk.tick_secs(1);
        assert!(!watching(&desk), "at {scale} times the speed");
    }
}

#[test]
fn another_printers_camera_is_not_ours() {
    let mut desk = Desk::printing();
    let mut other = camera();
    other.id = domain::CameraId(2);
    desk.hub.put_camera(other, desk.now());
    let effects = desk.event(Event::Camera(domain::CameraId(2), CameraHealth::Lost { why: "gone".into() }));
    assert_eq!(told(&effects), "");
    assert!(watching(&desk));
}
