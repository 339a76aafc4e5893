//! What people say to an alert.

use super::desk::{Desk, ID, boot, printer};
use super::told;
use domain::{AlertOverwrite, Initiator, LinkChange, PrintId, Request, StoreFault};
use expect_test::expect;

fn paused_by_watch() -> Desk {
    let mut desk = Desk::printing();
    desk.fail_until_pause(2.5);
    desk.confirm_pause(Initiator::Detection);
    desk.tick_secs(60);
    desk
}

#[test]
fn resume_is_the_answer_not_a_failure() {
    let mut desk = paused_by_watch();
    let (answer, effects) = desk.ask(Request::Resume(ID));
    assert_eq!(answer, Some(Ok(Some(PrintId(7)))));
    expect![[r#"
        ORDER 1 resume by Person
        frame 402 answered Fine
        print row: 7 "benchy.gcode" from 0, alerted 3020, answered 3080, paused 3020, word NotFailed
        log ANSWERED INFO Person print Some(7): Answered: not a failure | 
        answer 2: yes Some(PrintId(7))
        watch 1 every 10000 ms
    "#]]
    .assert_eq(&told(&effects));
    assert!(desk.view().vigil.alert.is_none());
}

#[test]
fn cancel_is_the_answer_it_failed() {
    let mut desk = paused_by_watch();
    let (_, effects) = desk.ask(Request::Cancel(ID));
    expect![[r#"
        ORDER 1 cancel by Person
        frame 402 answered Failure
        print row: 7 "benchy.gcode" from 0, alerted 3020, answered 3080, paused 3020, word Failed
        log ANSWERED INFO Person print Some(7): Answered: it failed | 
        answer 2: yes Some(PrintId(7))
    "#]]
    .assert_eq(&told(&effects));
}

#[test]
fn resume_and_cancel_without_an_alert_answer_nothing() {
    let mut desk = Desk::printing();
    desk.ask(Request::Pause(ID));
    desk.confirm_pause(Initiator::Person);
    desk.resume();
    desk.ask(Request::Cancel(ID));
    assert_eq!((desk.print().alert_acknowledged_at, desk.print().alert_overwrite), (None, None));
}

#[test]
fn seen_and_not_decided_closes_the_alert_without_a_word() {
    let mut desk = paused_by_watch();
    let (_, effects) = desk.ask(Request::Acknowledge(ID, None));
    expect![[r#"
        frame 402 answered Unsure
        print row: 7 "benchy.gcode" from 0, alerted 3020, answered 3080, paused 3020
        log ANSWERED INFO Person print Some(7): Alert seen, not decided | 
        answer 2: yes Some(PrintId(7))
    "#]]
    .assert_eq(&told(&effects));
    assert_eq!(desk.print().alert_overwrite, None);
    assert!(desk.view().vigil.alert.is_none());
}

#[test]
fn a_resume_at_the_printer_answers_if_so_set() {
    for (answers, expected) in [(true, Some(AlertOverwrite::NotFailed)), (false, None)] {
        let mut settings = printer();
        settings.watch.printer_resume_answers = answers;
        let mut desk = Desk::printing_with(boot(settings, Vec::new()));
        desk.fail_until_pause(2.5);
        desk.confirm_pause(Initiator::Detection);
        desk.link(LinkChange::Resumed(PrintId(7), Initiator::Printer));
        assert_eq!(desk.print().alert_overwrite, expected, "the setting is {answers}");
        assert_eq!(desk.view().vigil.alert.is_none(), answers, "an alert stays open until it is answered");
    }
}

#[test]
fn our_own_resume_of_a_persons_pause_at_an_open_alert_does_not_answer_twice() {
    let mut desk = paused_by_watch();
    desk.ask(Request::Resume(ID));
    let at = desk.print().alert_acknowledged_at;
    desk.tick_secs(2);
    desk.link(LinkChange::Resumed(PrintId(7), Initiator::Printer));
    assert_eq!(desk.print().alert_acknowledged_at, at);
}

#[test]
fn mute_stops_the_watch_and_unmute_goes_on() {
    let mut desk = Desk::printing();
    let (_, effects) = desk.ask(Request::Mute(ID, true));
    expect![[r#"
        print row: 7 "benchy.gcode" from 0, muted 3000
        log ALERT_MUTED WARNING Person print Some(7): Watching muted for this print | This print is not watched any more. The next one is.
        answer 2: yes Some(PrintId(7))
        watch 1 off
    "#]].assert_eq(&told(&effects));
    let view = desk.view();
    assert_eq!(view.not_watching_reason.as_deref(), Some("Alerts are muted for current print"));
    assert_eq!(view.vigil.dots[2].label, "NOT watched");
    let (_, effects) = desk.ask(Request::Mute(ID, false));
    expect![[r#"
        print row: 7 "benchy.gcode" from 0
        log ALERT_UNMUTED INFO Person print Some(7): Watching unmuted | 
        answer 3: yes Some(PrintId(7))
        gap of 0 s: Alerts are muted for current print
        coverage 3000 of 3000 s
        watch 1 every 10000 ms
    "#]]
    .assert_eq(&told(&effects));
    let (_, effects) = desk.ask(Request::Mute(ID, false));
    expect![[r#"
        answer 4: yes Some(PrintId(7))
    "#]]
    .assert_eq(&told(&effects));
}

#[test]
fn the_person_has_the_last_word_on_a_print_under_way() {
    let mut desk = Desk::printing();
    let request = || Request::Overwrite(PrintId(7), Some(AlertOverwrite::Failed));
    let (answer, effects) = desk.ask_stored(request(), Ok(()));
    assert_eq!(answer, Ok(Some(PrintId(7))));
    assert!(told(&effects).contains("word Failed (answer when stored)"), "{}", told(&effects));
    let (answer, _) = desk.ask_stored(Request::Overwrite(PrintId(7), None), Err(StoreFault::DiskFull));
    assert_eq!(answer.unwrap_err().code, "not_stored");
    assert_eq!(
        desk.print().alert_overwrite,
        Some(AlertOverwrite::Failed),
        "what was not stored does not hold"
    );
    let (answer, _) = desk.ask(Request::Overwrite(PrintId(3), None));
    assert_eq!(answer.unwrap().unwrap_err().code, "not_here", "the history answers for past prints");
}

#[test]
fn a_print_without_an_alert_has_nothing_to_answer() {
    let mut desk = Desk::printing();
    let (answer, _) = desk.ask(Request::Acknowledge(ID, Some(AlertOverwrite::Failed)));
    assert_eq!(answer.unwrap().unwrap_err().code, "no_alert");
    assert_eq!(desk.print().alert_overwrite, None);
}
