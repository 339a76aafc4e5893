//! The story the app exists for, without a window: print, watch, notice, pause, answer, resume, film.

use domain::{AlertOverwrite, DemoFault, EventType, Request};
use store::event::EventQuery;
use tests::world::{Options, World};

/// Returns the height that a move goes to, if it says so.
fn height(line: &str) -> Option<f64> {
    let words = line.strip_prefix("G1 ").or_else(|| line.strip_prefix("G0 "))?;
    words.split(' ').find_map(|word| word.strip_prefix('Z'))?.parse().ok()
}

/// Returns where the one line that begins so is; fails when there is none or more than one.
fn only(lines: &[String], start: &str) -> usize {
    let found: Vec<usize> =
        lines.iter().enumerate().filter(|(_, line)| line.starts_with(start)).map(|(at, _)| at).collect();
    assert_eq!(found.len(), 1, "{start:?} is executed exactly once: {lines:#?}");
    found[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tangle_is_noticed_paused_answered_and_the_print_goes_on() {
    let world = World::start(Options::default()).await;
    let print = world.print_sample().await;
    world.until_looks(35, 60).await;
    let calm = world.view();
    assert!(calm.vigil.watch.watching && calm.vigil.alert.is_none(), "{:#?}", calm.vigil.watch);
    assert_eq!(calm.not_watching_reason, None);
    assert!(calm.normalized_p < 1.0 / 3.0, "a good print stays in the first zone");

    let before = world.sim().commands().len();
    world.station.demo_fault(world.printer, DemoFault::Tangle, true).expect("the demo has a tangle");
    let paused = world
        .until("paused and confirmed", 60, |v| v.status.state.flags.paused && v.vigil.pause_confirmed)
        .await;

    // What everyone sees.
    let alert = paused.vigil.alert.as_ref().expect("an alert is open");
    assert!(alert.paused && !alert.boxes.is_empty() && !alert.img_url.is_empty(), "{alert:#?}");
    assert_eq!(paused.not_watching_reason.as_deref(), Some("Printer is not actively printing"));
    assert!(paused.vigil.steps.iter().all(|step| step.done), "{:#?}", paused.vigil.steps);
    let current = paused.current_print.as_ref().expect("the print is still open");
    assert!(current.alerted_at.is_some() && current.paused_at.is_some() && current.ended_at.is_none());

    // On the wire: each move of the pause once, in its order, then nothing but queries.
    let lines = world.executed_since(before);
    let recipe =
        lines.iter().rposition(|line| line.starts_with("M400")).expect("waits for the moves in flight");
    let steppers = only(&lines, "M84 S0");
    let hotend_off = only(&lines, "M104 S0");
    assert!(steppers < hotend_off, "{lines:#?}");
    let retracts: Vec<&String> = lines.iter().filter(|line| line.starts_with("G1 E-6.5")).collect();
    assert_eq!(retracts.len(), 1, "retracted once: {lines:#?}");
    assert!(!lines.iter().any(|line| line.starts_with("M140 S0")), "the bed is held: {lines:#?}");
    assert!(recipe > 0);
    let sim = world.sim().state();
    assert!(sim.hotend_target_c == 0.0 && sim.bed_target_c > 0.0 && sim.steppers_on, "{sim:?}");
    // As commanded: the head itself may still be on its way up.
    let lifted_mm = lines.iter().rev().find_map(|line| height(line)).expect("the head is lifted");

    // Answered: heats before it moves, and goes on where it was.
    let before = world.sim().commands().len();
    world.station.demo_fault(world.printer, DemoFault::Tangle, false).expect("mended");
    world.ask(Request::Resume(world.printer)).await;
    let resumed = world.until("printing again", 60, |v| v.vigil.state_word == "Printing").await;
    assert!(resumed.vigil.alert.is_none(), "answered");
    let current = resumed.current_print.as_ref().expect("still the same print");
    assert_eq!(current.id, print);
    assert_eq!(current.alert_overwrite, Some(AlertOverwrite::NotFailed));
    let lines = world.executed_since(before);
    let bed = only(&lines, "M190");
    let hotend = only(&lines, "M109");
    let first_move =
        lines.iter().position(|line| line.starts_with("G0") || line.starts_with("G1")).expect("moves");
    assert!(bed < hotend && hotend < first_move, "heat comes before any move: {lines:#?}");
    // By its commands: on a busy machine the print may have grown beyond that height before we look.
    let lowered = |sim: &sim::SimHandle| {
        sim.commands().iter().skip(before).any(|command| height(&command.text).is_some_and(|z| z < lifted_mm))
    };
    world.until_sim("back down at the part", 10, lowered).await;

    // Ended by the person; rows and pictures are there.
    world.ask(Request::Cancel(world.printer)).await;
    world.until("ready again", 60, |v| v.vigil.can.start && v.current_print.is_none()).await;
    let sim = world.sim().state();
    assert!(sim.hotend_target_c == 0.0 && sim.bed_target_c == 0.0 && sim.fan == 0, "{sim:?}");
    world
        .until_row("cancelled with its film", print, |row| {
            row.cancelled_at.is_some() && row.video_url.is_some()
        })
        .await;
    let store = world.station.store();
    let row = store.read(|conn| store::print::get(conn, print)).expect("readable").expect("there");
    assert!(
        row.alerted_at.is_some() && row.paused_at.is_some() && row.alert_acknowledged_at.is_some(),
        "{row:#?}"
    );
    let looks = store.read(|conn| store::look::of_print(conn, print)).expect("readable");
    assert!(looks.len() >= 35 && looks.iter().any(|look| look.p > 1.0 && !look.boxes.is_empty()));
    let frames = store.read(|conn| store::frame::of_print(conn, print, &[])).expect("readable");
    assert!(frames.len() >= 30 && frames.iter().all(|frame| world.dir.path().join(&frame.path).is_file()));
    let query = EventQuery { limit: 100, print: Some(print), ..EventQuery::default() };
    let events = store.read(|conn| store::event::list(conn, &query)).expect("readable");
    let kinds: Vec<EventType> = events.iter().rev().map(|event| event.event_type).collect();
    for kind in [
        EventType::Started,
        EventType::FailureAlerted,
        EventType::Paused,
        EventType::Resumed,
        EventType::Ended,
    ] {
        assert!(kinds.contains(&kind), "{kind:?} is in the log: {kinds:?}");
    }
    let video = row.video_url.expect("a film");
    let film = world.dir.path().join(video.trim_start_matches('/'));
    assert!(film.metadata().is_ok_and(|file| file.len() > 10_000), "{}", film.display());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_pauses_is_no_detection() {
    let world = World::start(Options::default()).await;
    world.print_sample().await;
    world.ask(Request::Pause(world.printer)).await;
    let paused = world.until("paused", 60, |v| v.status.state.flags.paused).await;
    let current = paused.current_print.as_ref().expect("open");
    assert!(current.paused_at.is_none() && current.alerted_at.is_none(), "only detection sets these");
    assert!(paused.vigil.alert.is_none());
    let refused = world.station.ask(Request::Pause(world.printer)).await.expect_err("paused already");
    assert!(!refused.to_string().is_empty());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_no_action_wanted_a_failure_only_alerts() {
    let world = World::start(Options::default()).await;
    let patch = domain::PrinterPatch {
        action_on_failure: Some(domain::ActionOnFailure::None),
        ..domain::PrinterPatch::default()
    };
    world.ask(Request::Patch(world.printer, Box::new(patch))).await;
    world.print_sample().await;
    world.until_looks(35, 60).await;
    world.station.demo_fault(world.printer, DemoFault::Tangle, true).expect("the demo has a tangle");
    let alerted = world.until("alerted", 60, |v| v.vigil.alert.is_some()).await;
    assert!(!alerted.vigil.alert.as_ref().is_some_and(|alert| alert.paused));
    world.until("in the last zone", 30, |v| v.normalized_p > 2.0 / 3.0).await;
    assert!(world.view().status.state.flags.printing, "nothing was paused");
    assert!(!world.executed_since(0).iter().any(|line| line.starts_with("M84 S0")));
    world.end().await;
}
