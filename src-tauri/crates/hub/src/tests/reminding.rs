//! What nobody has answered is said again.

use super::desk::{Desk, ID};
use domain::{Effect, Initiator, Notice, NoticeKind, Request};

fn notices(effects: &[Effect]) -> Vec<Notice> {
    let notice =
        |effect: &Effect| if let Effect::Notify(notice) = effect { Some(notice.clone()) } else { None };
    effects.iter().filter_map(notice).collect()
}

fn paused_by_watch() -> Desk {
    let mut desk = Desk::printing();
    let now = desk.now();
    desk.hub.set_remind_after_mins(Some(10), now);
    desk.fail_until_pause(2.5);
    desk.confirm_pause(Initiator::Detection);
    desk
}

/// Ticks for so many minutes; returns what was told.
fn pass_mins(desk: &mut Desk, mins: u32) -> Vec<Notice> {
    (0..mins).flat_map(|_| notices(&desk.tick_secs(60))).collect()
}

#[test]
fn an_alert_without_an_answer_is_said_again_and_not_for_ever() {
    let mut desk = paused_by_watch();
    assert_eq!(pass_mins(&mut desk, 8), [], "not yet");
    let told = pass_mins(&mut desk, 4);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!(told[0].kind, NoticeKind::FailurePaused);
    assert!(
        told[0].title.ends_with("possible failure, paused, no answer for 10 minutes"),
        "{}",
        told[0].title
    );
    assert!(told[0].frame.is_some(), "with its picture");
    assert_eq!(desk.view().vigil.reminders, 1);
    let failures = |told: Vec<Notice>| told.iter().filter(|n| n.kind == NoticeKind::FailurePaused).count();
    assert_eq!(failures(pass_mins(&mut desk, 300)), 5, "six in all");
    assert_eq!(desk.view().vigil.reminders, 6);
}

#[test]
fn an_answer_ends_it() {
    let mut desk = paused_by_watch();
    pass_mins(&mut desk, 12);
    desk.ask(Request::Acknowledge(ID, None));
    assert_eq!(desk.view().vigil.reminders, 0);
    let told = pass_mins(&mut desk, 40);
    assert!(told.iter().all(|notice| notice.kind != NoticeKind::FailurePaused), "{told:#?}");
}

#[test]
fn who_wants_no_reminder_gets_none() {
    let mut desk = paused_by_watch();
    let now = desk.now();
    desk.hub.set_remind_after_mins(None, now);
    let told = pass_mins(&mut desk, 50);
    assert!(told.iter().all(|notice| notice.kind != NoticeKind::FailurePaused), "{told:#?}");
    assert_eq!(desk.view().vigil.reminders, 0);
}
