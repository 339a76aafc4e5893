//! What goes wrong, one by one: each has its state, its words, and leaves the machine safe.

use domain::{DemoFault, DotState, EndedBy, Leave, NoticeKind, PrinterState, PrinterView, Request};
use sim::Fault;
use station::StationError;
use std::time::{Duration, Instant};
use tests::world::{Options, World};

fn has_notice(world: &World, kind: NoticeKind) -> bool {
    world.station.snapshot().notices.iter().any(|entry| entry.notice.kind == kind)
}

fn dot<'a>(view: &'a PrinterView, name: &str) -> &'a domain::HealthDot {
    view.vigil.dots.iter().find(|dot| dot.name == name).expect("the dot is there")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_stop_leaves_within_a_tenth_of_a_second_whatever_is_queued() {
    let world = World::start(Options::default()).await;
    world.print_sample().await;
    #[allow(clippy::disallowed_methods)] // Real time is what is promised.
    let pressed = Instant::now();
    world.station.emergency_stop(world.printer).await.expect("taken");
    let halted = world.until("halted", 10, |v| v.vigil.state == PrinterState::Halted).await;
    let stop = world
        .sim()
        .received()
        .into_iter()
        .find(|r| r.at >= pressed && has(&r.bytes, b"M112"))
        .expect("M112 came");
    let took = stop.at - pressed;
    assert!(took < Duration::from_millis(100), "{took:?}");
    assert!(halted.status.state.flags.error && !halted.vigil.can.start, "{:?}", halted.status.state);
    world.until("the print ended", 10, |v| v.current_print.is_none()).await;
    assert!(world.sim().state().halted);
    world.end().await;
}

fn has(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printer_that_restarts_ends_the_print_and_is_never_fed_again() {
    let world = World::start(Options::default()).await;
    let print = world.print_sample().await;
    world.station.demo_fault(world.printer, DemoFault::Reboot, true).expect("the demo can restart");
    world.until("the print ended", 20, |v| v.current_print.is_none()).await;
    let moves = |world: &World| world.executed_since(0).iter().filter(|line| line.starts_with("G1 ")).count();
    let then = moves(&world);
    world.until_row("interrupted", print, |row| row.ended_by == Some(EndedBy::Interrupted)).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(moves(&world), then, "25 demo seconds later nothing of the file was sent");
    assert!(has_notice(&world, NoticeKind::PrintInterrupted));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_firmware_that_stops_itself_is_shown_as_stopped() {
    let world = World::start(Options::default()).await;
    let print = world.print_sample().await;
    world.sim().set_fault(Fault::ThermalRunaway, true);
    let halted = world.until("halted", 60, |v| v.vigil.state == PrinterState::Halted).await;
    assert!(halted.vigil.alarm.is_some(), "{:#?}", halted.vigil);
    world.until_row("interrupted", print, |row| row.ended_by == Some(EndedBy::Interrupted)).await;
    assert!(has_notice(&world, NoticeKind::PrinterHalted));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_stop_that_reaches_nobody_is_not_answered_as_done() {
    let world = World::start(Options::default()).await;
    world.print_sample().await;
    world.station.demo_fault(world.printer, DemoFault::CablePulled, true).expect("the demo has a cable");
    world.until("link lost", 20, |v| v.vigil.state == PrinterState::LinkLost).await;
    let answer = world.station.emergency_stop(world.printer).await;
    let Err(StationError::Refused(refusal)) = answer else { panic!("answered as done: {answer:?}") };
    assert_eq!(refusal.code, "not_connected");
    assert!(refusal.hint.contains("switch it off"), "{refusal:?}");
    let told = world.until("said", 10, |v| v.vigil.switch_off_now).await;
    assert!(!format!("{:?}", told.vigil.link).contains("stopped itself"), "{:?}", told.vigil.link);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pulled_cable_is_a_state_and_nothing_resumes_by_itself() {
    let world = World::start(Options::default()).await;
    let print = world.print_sample().await;
    world.station.demo_fault(world.printer, DemoFault::CablePulled, true).expect("the demo has a cable");
    let lost = world.until("link lost", 20, |v| v.vigil.state == PrinterState::LinkLost).await;
    assert_eq!(dot(&lost, "usb").state, DotState::Danger);
    assert!(!dot(&lost, "usb").fix.is_empty(), "says what to do: {:?}", dot(&lost, "usb"));
    world
        .until_row("interrupted", print, |row| {
            row.ended_by == Some(EndedBy::Interrupted) && row.ended_why.is_some()
        })
        .await;
    let before = world.sim().commands().len();
    world.station.demo_fault(world.printer, DemoFault::CablePulled, false).expect("plugged in");
    world.until("ready again", 30, |v| v.vigil.state == PrinterState::Operational).await;
    let after = world.executed_since(before);
    assert!(
        !after.iter().any(|line| line.starts_with("G1") || line.starts_with("G28")),
        "nothing moves: {after:#?}"
    );
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_that_is_not_confirmed_is_an_alarm_and_no_move_is_repeated() {
    let world = World::start(Options::default()).await;
    world.print_sample().await;
    world
        .station
        .demo_fault(world.printer, DemoFault::NoOksAfterPause, true)
        .expect("the demo can fall silent");
    let before = world.sim().commands().len();
    world.ask(Request::Pause(world.printer)).await;
    let alarmed = world.until("alarm", 60, |v| v.vigil.alarm.is_some()).await;
    assert!(!alarmed.status.state.flags.paused && !alarmed.vigil.pause_confirmed, "never claimed");
    assert!(has_notice(&world, NoticeKind::PauseUnconfirmed));
    tokio::time::sleep(Duration::from_millis(500)).await;
    let lines = world.executed_since(before);
    let retracts = lines.iter().filter(|line| line.starts_with("G1 E-6.5")).count();
    assert!(retracts <= 1, "{lines:#?}");
    let waits = lines.iter().filter(|line| line.starts_with("M400")).count();
    assert!(waits <= 1, "{lines:#?}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_camera_is_said_at_once_and_the_print_goes_on() {
    let world = World::start(Options::default()).await;
    world.print_sample().await;
    world.until_looks(3, 30).await;
    world.station.demo_fault(world.printer, DemoFault::CameraGone, true).expect("the demo has a camera");
    let blind =
        world.until("not watched", 15, |v| !v.vigil.watch.watching && !v.vigil.watch.reason.is_empty()).await;
    assert!(blind.status.state.flags.printing);
    assert_ne!(dot(&blind, "watch").state, DotState::Ok, "never green");
    world.until("noticed", 15, |_| has_notice(&world, NoticeKind::NotWatching)).await;
    world.station.demo_fault(world.printer, DemoFault::CameraGone, false).expect("plugged in");
    world.until("watched again", 40, |v| v.vigil.watch.watching).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_model_the_app_prints_and_says_that_it_does_not_watch() {
    let options = Options { no_detector: Some("it is not there".into()), ..Options::default() };
    let world = World::start(options).await;
    world.print_sample().await;
    let blind =
        world.until("not watched", 15, |v| !v.vigil.watch.watching && !v.vigil.watch.reason.is_empty()).await;
    assert!(
        blind.vigil.watch.reason.contains("it is not there"),
        "the cause is named: {}",
        blind.vigil.watch.reason
    );
    assert!(!world.station.snapshot().system.detector.ok);
    world.until("noticed", 15, |_| has_notice(&world, NoticeKind::NotWatching)).await;
    assert!(world.view().status.state.flags.printing);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_the_pictures_and_not_the_print() {
    let world = World::start(Options { reserve_bytes: u64::MAX, ..Options::default() }).await;
    let print = world.print_sample().await;
    let full = world.until("said", 30, |v| v.vigil.history_lost.is_some()).await;
    assert!(full.status.state.flags.printing);
    assert!(world.station.snapshot().system.history_lost.is_some());
    world.until_looks(5, 30).await;
    let frames =
        world.station.store().read(|conn| store::frame::of_print(conn, print, &[])).expect("readable");
    assert!(frames.is_empty(), "no picture is kept");
    let looks = world.station.store().read(|conn| store::look::of_print(conn, print)).expect("readable");
    assert!(!looks.is_empty(), "the database goes on");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ending_the_core_in_mid_print_pauses_and_switches_the_heaters_off() {
    let world = World::start(Options::default()).await;
    world.print_sample().await;
    let sim = world.sim();
    world.station.shutdown(Leave::HeatersOff).await;
    let state = sim.state();
    assert!(state.hotend_target_c == 0.0 && state.bed_target_c == 0.0, "{state:?}");
    assert!(
        sim.commands()
            .iter()
            .any(|command| command.text.starts_with("M84 S0") || command.text.starts_with("M140 S0"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_print_cut_short_is_closed_as_interrupted_at_the_next_start() {
    let world = World::start(Options::default()).await;
    let print = world.print_sample().await;
    world.until_row("recorded", print, |row| row.ended_by.is_none()).await;
    // As after a crash: the same folder, copied while the core writes to it, opened by another core.
    let copy = tempfile::tempdir().expect("a folder");
    for name in [store::DATABASE, "printvigil.db-wal", "printvigil.db-shm"] {
        let _ = std::fs::copy(world.dir.path().join(name), copy.path().join(name));
    }
    let (station, _) = tests::world::start_at(copy.path(), &Options::default()).await;
    let mut row = None;
    for _ in 0..100 {
        row = station.store().read(|conn| store::print::get(conn, print)).expect("readable");
        if row.as_ref().is_some_and(|row| row.ended_by.is_some()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let row = row.expect("the print is there");
    assert_eq!(row.ended_by, Some(EndedBy::Interrupted));
    assert!(row.cancelled_at.is_some() && row.finished_at.is_none() && row.ended_why.is_some(), "{row:#?}");
    station.shutdown(Leave::AsItIs).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_print_that_was_cut_short_is_taken_up_where_it_ended_without_homing_z() {
    let world = World::start(Options::default()).await;
    let print = world.print_sample().await;
    world
        .until("some of it is printed", 60, |v| v.status.progress.filepos.is_some_and(|at| at > 20_000))
        .await;
    world.station.demo_fault(world.printer, DemoFault::Reboot, true).expect("the demo can restart");
    world.until("the print ended", 20, |v| v.current_print.is_none()).await;
    world.until("ready again", 20, |v| v.vigil.state == PrinterState::Operational).await;
    let cut = world.station.recoveries();
    assert!(cut.len() == 1 && cut[0].print == print && cut[0].z_mm.is_some_and(|z| z > 0.0), "{cut:?}");
    let from = world.sim().commands().len();
    let (printer, file, name) = (world.printer, cut[0].file, cut[0].name.clone());
    let path = world.station.file_path(file.expect("a file of the library"));
    let done_lines = cut[0].line;
    let start = Request::Start {
        printer,
        file,
        path,
        name,
        past: Default::default(),
        done_lines,
        left_out: Vec::new(),
    };
    world.station.ask(start).await.expect("taken");
    world.until("it prints", 60, |v| v.vigil.state == PrinterState::Printing).await;
    world.until_sim("the rest is under way", 60, |sim| sim.commands().len() > from + 60).await;
    let sent = world.executed_since(from);
    let at = |word: &str| sent.iter().position(|line| line.starts_with(word)).expect(word);
    assert!(at("M109") < at("G92 Z") && at("G92 Z") < at("G28") && sent[at("G28")] == "G28 X Y", "{sent:?}");
    assert_eq!(sent.iter().filter(|line| line.starts_with("G28")).count(), 1, "Z is never homed: {sent:?}");
    assert!(world.station.recoveries().is_empty(), "the new print has its own ledger");
    world.end().await;
}
