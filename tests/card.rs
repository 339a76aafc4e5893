//! Prints from the printer's own card: listed, started, watched, paused, found, and not lost with the cable.

use domain::{DemoFault, EndedBy, PrinterState, PrinterView, Request};
use std::time::Duration;
use tests::world::{Options, World};

fn has_files(view: &PrinterView) -> bool {
    view.vigil.sd.as_ref().is_some_and(|card| card.files.as_ref().is_some_and(|files| !files.is_empty()))
}

fn prints(view: &PrinterView) -> bool {
    view.vigil.state == PrinterState::Printing && view.current_print.is_some()
}

/// Bytes of the card's file that the printer has read.
fn read(view: &PrinterView) -> u64 {
    view.status.progress.filepos.unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_print_from_the_card_is_listed_started_watched_paused_resumed_and_recorded() {
    let world = World::start(Options::default()).await;
    world.ask(Request::SdList(world.printer)).await;
    let view = world.until("the list", 20, has_files).await;
    let files = view.vigil.sd.clone().expect("a card").files.expect("listed");
    let coaster = files.iter().find(|file| file.name == "Coaster.gcode").expect("its long name is told");
    assert!(coaster.printable && coaster.bytes.is_some_and(|bytes| bytes > 500), "{coaster:?}");
    assert!(files.iter().any(|file| file.path.contains("PARTS")), "a folder's files too: {files:?}");

    world.ask(Request::SdPrint(world.printer, coaster.path.clone())).await;
    let view = world.until("printing", 60, |v| prints(v) && read(v) > 300).await;
    let print = view.current_print.clone().expect("a print");
    assert_eq!(print.filename, "Coaster.gcode");
    let home = world.station.ask(Request::Home(world.printer, vec![])).await;
    assert!(home.is_err(), "no moves by hand meanwhile");
    world.until_looks(2, 60).await;

    world.ask(Request::Pause(world.printer)).await;
    let paused = world.until("paused", 60, |v| v.vigil.pause_confirmed).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(read(&world.view()), read(&paused), "the card is read no further");
    world.ask(Request::Resume(world.printer)).await;
    world.until("printing on", 60, |v| prints(v) && read(v) > read(&paused)).await;
    world.until("done", 180, |v| v.current_print.is_none()).await;
    world.until_row("finished", print.id, |row| row.ended_by == Some(EndedBy::Finished)).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_print_begun_at_the_printers_display_is_found_and_can_be_cancelled() {
    let world = World::start(Options::default()).await;
    world.until("ready", 20, |v| v.vigil.state == PrinterState::Operational).await;
    assert!(world.sim().print_from_card("COASTER.GCO"));
    let view = world.until("found", 60, |v| v.current_print.is_some()).await;
    let print = view.current_print.clone().expect("a print");
    assert!(print.filename.to_lowercase().contains("coaster"), "{}", print.filename);
    world.until_looks(1, 60).await;
    world.ask(Request::Cancel(world.printer)).await;
    world.until_row("cancelled", print.id, |row| row.ended_by == Some(EndedBy::Cancelled)).await;
    let state = world.sim().state();
    assert!(state.hotend_target_c == 0.0 && state.bed_target_c == 0.0, "{state:?}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pulled_cable_ends_no_print_from_the_card_and_says_that_it_may_go_on() {
    let world = World::start(Options::default()).await;
    world.ask(Request::SdList(world.printer)).await;
    let view = world.until("the list", 20, has_files).await;
    let files = view.vigil.sd.clone().expect("a card").files.expect("listed");
    let tower = files.iter().find(|file| file.name.starts_with("Calibration")).expect("there");
    world.ask(Request::SdPrint(world.printer, tower.path.clone())).await;
    let view = world.until("printing", 60, |v| prints(v) && read(v) > 300).await;
    let print = view.current_print.clone().expect("a print").id;
    world.station.demo_fault(world.printer, DemoFault::CablePulled, true).expect("the demo has a cable");
    let lost = world.until("link lost", 20, |v| v.vigil.state == PrinterState::LinkLost).await;
    let words = format!("{:?} {:?}", lost.vigil.dots, lost.vigil.alarm);
    assert!(words.contains("card"), "says that it may print on: {words}");
    let before = world.sim().commands().len();
    world.station.demo_fault(world.printer, DemoFault::CablePulled, false).expect("plugged in");
    tokio::time::sleep(Duration::from_millis(300)).await;
    // A board that opening the port restarts is opened by a person's order only, who was told so first.
    for _ in 0..2 {
        drop(world.station.ask(Request::Connect(world.printer)).await);
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    world.until("connected", 30, |v| v.vigil.state != PrinterState::LinkLost).await;
    let moves = world.executed_since(before).iter().filter(|line| line.starts_with("G28")).count();
    assert_eq!(moves, 0, "nothing begins by itself");
    let row = |row: &domain::Print| row.id == print;
    world.until_row("kept", print, row).await;
    world.end().await;
}
