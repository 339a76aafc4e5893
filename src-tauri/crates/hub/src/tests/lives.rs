//! A print from its start to each of its ends.

use super::desk::{Desk, ID, boot, job, printer, start_request};
use super::{told, whole};
use domain::{
    AlertOverwrite, Effect, EndedBy, Event, Film, FilmWish, Initiator, JobEnd, LinkChange, Now, Print,
    PrintId, PrinterKind, PrinterState, Request, Write,
};
use expect_test::expect;

#[test]
fn a_print_starts_and_finishes() {
    let mut desk = Desk::ready();
    expect![[r#"
        ORDER 1 start print 7 "benchy.gcode" at "/files/3" by Person
        answer 1: yes Some(PrintId(7))
        print row: 7 "benchy.gcode" from 0
        printer row: "Ender", print Some(7)
        log STARTED INFO Person print Some(7): benchy.gcode started | 
        watch 1 every 10000 ms
    "#]]
    .assert_eq(&told(&desk.start()));
    desk.pass_secs(900.0);
    desk.look_now(0.02);
    let mut last = job();
    last.line = 1000;
    last.print_secs = 899.0;
    last.filament_mm = 4000.0;
    desk.report.job = Some(last);
    desk.state(PrinterState::Finishing);
    let effects = desk.link(LinkChange::Ended(PrintId(7), JobEnd::Finished));
    expect![[r#"
        coverage 900 of 900 s
        log ENDED SUCCESS Printer print Some(7): Print finished | It took 15 minutes.
        NOTICE PrintDone: Ender: benchy.gcode is done | It took 15 minutes.
        printer row: "Ender", print None
        print row: 7 "benchy.gcode" from 0, finished 900, by Finished, time 899, filament 4000
        film of 7: Waiting 
        film of print 7
        watch 1 off
    "#]]
    .assert_eq(&told(&effects));
    assert_eq!(desk.view().current_print, None);
}

#[test]
fn a_short_print_gets_no_film_and_minus_one_is_never() {
    // Secs printed, shortest finished, shortest cancelled, how it ends, a film follows.
    let cancelled = || JobEnd::Cancelled(Initiator::Person);
    for (secs, finish, cancel, end, film) in [
        (599.0, 600, 300, JobEnd::Finished, false),
        (601.0, 600, 300, JobEnd::Finished, true),
        (301.0, 600, 300, cancelled(), true),
        (299.0, 600, 300, cancelled(), false),
        (301.0, 600, 300, JobEnd::Interrupted { why: "gone".into() }, true),
        (9000.0, -1, 300, JobEnd::Finished, false),
        (9000.0, 600, -1, cancelled(), false),
        (1.0, 0, 0, JobEnd::Finished, true),
    ] {
        let mut settings = printer();
        settings.min_timelapse_secs_on_finish = finish;
        settings.min_timelapse_secs_on_cancel = cancel;
        let mut desk = Desk::ready_with(boot(settings, Vec::new()));
        desk.start();
        let frame = desk.frame();
        desk.event(Event::Frame(ID, frame));
        desk.pass_secs(secs);
        // An interrupted print ends with its last acknowledged line.
        desk.report.job.as_mut().unwrap().line += 1;
        desk.state(PrinterState::Printing);
        let effects = desk.link(LinkChange::Ended(PrintId(7), end.clone()));
        let made = effects.iter().any(|e| matches!(e, Effect::Film(PrintId(7), FilmWish::Film)));
        assert_eq!(made, film, "{secs} s, {finish}/{cancel}, {end:?}");
    }
}

#[test]
fn without_a_picture_there_is_no_film() {
    let mut desk = Desk::ready();
    desk.start();
    desk.pass_secs(5000.0);
    let effects = desk.link(LinkChange::Ended(PrintId(7), JobEnd::Finished));
    assert!(!effects.iter().any(|e| matches!(e, Effect::Film(_, FilmWish::Film))), "{}", told(&effects));
}

#[test]
fn an_interrupted_print_ends_with_its_last_acknowledged_line() {
    let mut desk = Desk::ready();
    desk.start();
    desk.pass_secs(100.0);
    desk.report.job.as_mut().unwrap().line = 400;
    desk.state(PrinterState::Printing);
    desk.pass_secs(35.0);
    // No new line: only the temperature changed.
    desk.target("bed", 61.0);
    let why = "The USB cable was pulled.".to_owned();
    let effects = desk.link(LinkChange::Ended(PrintId(7), JobEnd::Interrupted { why }));
    expect![[r#"
        gap of 35 s: No new picture was analysed for 15 seconds.
        coverage 0 of 135 s
        log ENDED ERROR Printer print Some(7): Print interrupted | The USB cable was pulled.
        NOTICE PrintInterrupted: Ender: benchy.gcode was interrupted | The USB cable was pulled.
        printer row: "Ender", print None
        print row: 7 "benchy.gcode" from 0, cancelled 100, by Interrupted, why The USB cable was pulled., time 5, filament 12.5
        watch 1 off
    "#]].assert_eq(&told(&effects));
}

#[test]
fn a_cancelled_print_says_who_cancelled() {
    let mut desk = Desk::ready();
    desk.start();
    desk.pass_secs(20.0);
    let effects = desk.link(LinkChange::Ended(PrintId(7), JobEnd::Cancelled(Initiator::Printer)));
    expect![[r#"
        coverage 0 of 20 s
        log ENDED WARNING Printer print Some(7): Print cancelled | Cancelled at the printer. Heaters and fan are off.
        NOTICE PrintCancelled: Ender: benchy.gcode was cancelled | Cancelled at the printer. Heaters and fan are off.
        printer row: "Ender", print None
        print row: 7 "benchy.gcode" from 0, cancelled 20, by Cancelled, time 5, filament 12.5
        watch 1 off
    "#]].assert_eq(&told(&effects));
}

#[test]
fn prints_open_at_boot_are_closed_as_interrupted_at_the_last_look() {
    let day_before = Now::at(0).utc.plus_secs(-86_400.0);
    let print = Print::begin(PrintId(5), ID, None, "vase.gcode".into(), day_before);
    let mut settings = printer();
    settings.current_print = Some(PrintId(5));
    let mut boot = boot(settings, vec![print]);
    boot.predictions[0].updated_at = day_before.plus_secs(1234.0);
    boot.predictions[0].current_frame_num = 120;
    let desk = Desk::booted(boot);
    expect![[r#"
        printer row: "Ender", print None
        log ENDED ERROR App print Some(5): Print interrupted | The app ended in the middle of it. Nothing moves or heats by itself: have a look at the printer.
        NOTICE PrintInterrupted: Ender: vase.gcode was interrupted | The app ended in the middle of it. Nothing moves or heats by itself: have a look at the printer.
        print row: 5 "vase.gcode" from -86400, cancelled -85166, by Interrupted, why The app ended in the middle of this print., time 1234
        film of 5: Waiting 
        film of print 5
        card of 1: Some(5)
        means: 0 of 3000 frames
        show 1 Not connected
    "#]].assert_eq(&whole(&desk.boot_effects));
    assert_eq!(desk.hub.printer(ID).unwrap().current_print, None);
}

#[test]
fn a_clock_that_was_set_back_does_not_make_a_print_short() {
    let later = Now::at(0).utc.plus_secs(7200.0);
    let print = Print::begin(PrintId(5), ID, None, "vase.gcode".into(), later);
    let mut boot = boot(printer(), vec![print]);
    boot.predictions[0].updated_at = later.plus_secs(1500.0);
    let desk = Desk::booted(boot);
    let told = whole(&desk.boot_effects);
    assert!(told.contains("cancelled 8700") && told.contains("time 1500"), "{told}");
    assert!(told.contains("film of 5: Waiting"), "{told}");
}

#[test]
fn a_print_open_at_boot_without_a_look_or_without_its_printer_is_closed_too() {
    let before = Now::at(0).utc.plus_secs(-500.0);
    let ours = Print::begin(PrintId(5), ID, None, "vase.gcode".into(), before);
    let orphan = Print { printer: None, ..Print::begin(PrintId(4), ID, None, "old.gcode".into(), before) };
    let mut boot = boot(printer(), vec![ours, orphan]);
    boot.predictions.clear();
    let (hub, effects) = crate::Hub::new(boot, Now::at(0));
    let closed: Vec<(i64, Option<EndedBy>, f64)> = effects
        .iter()
        .filter_map(|effect| {
            if let Effect::Record(Write::Print(p), _) = effect {
                Some((p.id.get(), p.ended_by, p.cancelled_at.unwrap().secs_since(before)))
            } else {
                None
            }
        })
        .collect();
    let interrupted = Some(EndedBy::Interrupted);
    assert_eq!(closed, [(5, interrupted, 500.0), (4, interrupted, 500.0)]);
    assert!(hub.view(ID).unwrap().current_print.is_none());
}

#[test]
fn the_row_of_a_print_that_has_ended_is_not_written_from_here_again() {
    let mut desk = Desk::ready();
    desk.start();
    let frame = desk.frame();
    desk.event(Event::Frame(ID, frame));
    desk.pass_secs(700.0);
    desk.link(LinkChange::Ended(PrintId(7), JobEnd::Finished));
    desk.report.job = None;
    desk.state(PrinterState::Operational);
    let word = Request::Overwrite(PrintId(7), Some(AlertOverwrite::NotFailed));
    let (answer, effects) = desk.ask_stored(word, Ok(()));
    assert_eq!(answer, Ok(Some(PrintId(7))));
    assert!(told(&effects).contains("word on print 7: Some(NotFailed) (answer when stored)"), "{effects:?}");
    let word = Request::Overwrite(PrintId(7), Some(AlertOverwrite::Failed));
    let (answer, effects) = desk.ask_stored(word, Err(domain::StoreFault::DiskFull));
    assert_eq!(answer.unwrap_err().code, "not_stored");
    let said = told(&effects);
    assert!(said.contains("word on print 7: Some(NotFailed)\n"), "the one before holds again: {said}");
    let film = Film { video: Some("films/7.mp4".into()), tagged: None, poster: Some("films/7.jpg".into()) };
    assert_eq!(
        told(&desk.event(Event::Filmed(PrintId(7), film.clone()))),
        "",
        "its row has the film already"
    );
    let last = desk.view().vigil.last_print.expect("its card").print;
    assert_eq!(last.poster_url.as_deref(), Some("films/7.jpg"), "and its card shows it");
    desk.ask(start_request());
    desk.link(LinkChange::Started(PrintId(8)));
    assert_eq!(desk.hub.printer_of_print(PrintId(7)), None, "the history answers for it");
    assert_eq!(told(&desk.event(Event::Filmed(PrintId(7), film))), "");
    assert_eq!(desk.print().id, PrintId(8));
}

#[test]
fn numbers_of_prints_are_never_given_twice() {
    let mut desk = Desk::ready();
    assert_eq!(desk.hub.reserve_prints(4), PrintId(7));
    let (answer, _) = desk.ask(start_request());
    assert_eq!(answer, Some(Ok(Some(PrintId(11)))));
    desk.link(LinkChange::Ended(PrintId(11), JobEnd::Interrupted { why: "the file is gone".into() }));
    assert!(desk.view().vigil.alarm.unwrap().contains("The file is gone."), "it says why it did not start");
    let (answer, _) = desk.ask(start_request());
    assert_eq!(answer, Some(Ok(Some(PrintId(12)))));
}

#[test]
fn an_end_that_was_missed_closes_the_print_after_half_a_minute() {
    let mut desk = Desk::ready();
    desk.start();
    desk.report.job = None;
    desk.state(PrinterState::Operational);
    let effects = desk.tick_secs(29);
    assert!(!told(&effects).contains("interrupted"), "patience first");
    let effects = desk.tick_secs(3);
    assert!(told(&effects).contains("The printer no longer knows of this print."), "{}", told(&effects));
    assert!(desk.view().current_print.is_none());
}

#[test]
fn the_rule_forgets_the_print_and_keeps_the_printer() {
    let mut desk = Desk::printing();
    let before = desk.view().vigil.watch;
    assert_eq!((before.frame_num, before.lifetime_frame_num), (300, 3300));
    desk.link(LinkChange::Ended(PrintId(7), JobEnd::Finished));
    let after = desk.view().vigil.watch;
    assert_eq!((after.frame_num, after.ewm_mean, after.lifetime_frame_num), (0, 0.0, 3300));
    assert_eq!(after.rolling_mean_long, before.rolling_mean_long, "what was learned of the printer stays");
}

#[test]
fn a_demo_counts_its_own_clock() {
    let mut settings = printer();
    settings.kind = PrinterKind::Demo;
    let mut desk = Desk::ready_with(boot(settings, Vec::new()));
    desk.start();
    assert!(desk.print().demo, "its prints are marked");
    let frame = desk.frame();
    desk.event(Event::Frame(ID, frame));
    // Seventy real seconds at ten times the speed.
    desk.pass_secs(700.0);
    let effects = desk.link(LinkChange::Ended(PrintId(7), JobEnd::Finished));
    assert!(
        effects.iter().any(|e| matches!(e, Effect::Film(_, FilmWish::Film))),
        "700 of its seconds are long enough"
    );
    let Some(Effect::Notify(notice)) = effects.iter().find(|e| matches!(e, Effect::Notify(_))) else {
        panic!("the end is noticed: {}", told(&effects))
    };
    assert!(notice.demo, "a notice of the demo says so");
    assert_eq!(desk.view().vigil.clock_scale, 10.0);
}
