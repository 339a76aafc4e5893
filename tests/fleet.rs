//! Several printers on one computer: what is done to one is done to it alone.

use domain::{
    AlertSound, CameraSource, PrinterId, PrinterKind, PrinterPatch, PrinterState, QuietHours, Request,
};
use station::BringBack;
use tests::world::{Options, World, another_demo};

/// Returns how many commands a simulated printer has executed.
fn done(world: &World, printer: PrinterId) -> usize {
    world.sim_of(printer).commands().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn pausing_one_printer_leaves_the_other_printing() {
    let world = World::start(Options::default()).await;
    let (first, second) = (world.printer, world.add_demo().await);
    assert_eq!(world.view_of(first).name, "Demo printer");
    assert_eq!(world.view_of(second).name, "Demo printer 2", "two with one name could not be told apart");
    let camera_of = |printer| world.view_of(printer).vigil.camera.as_ref().expect("a camera").camera.clone();
    assert_ne!(camera_of(first).id, camera_of(second).id, "each has its own");
    assert_eq!(camera_of(second).source, CameraSource::Demo { printer: Some(second) });

    let print_1 = world.print_sample_on(first).await;
    let print_2 = world.print_sample_on(second).await;
    assert_ne!(print_1, print_2);
    world.until_of(second, "watched", 60, |v| v.vigil.watch.watching && v.vigil.watch.frame_num > 2).await;

    world.ask(Request::Pause(first)).await;
    world.until_of(first, "paused", 60, |v| v.status.state.flags.paused && v.vigil.pause_confirmed).await;
    let (still, goes_on) = (done(&world, first), done(&world, second));
    let lifted = world.sim_of(first).commands().iter().any(|command| command.text.starts_with("M84 S0"));
    assert!(lifted, "the pause reached the first");
    world.until_sim_of(second, "prints on", 30, |sim| sim.commands().len() > goes_on + 100).await;
    let other = world.view_of(second);
    assert!(
        other.status.state.flags.printing && !other.status.state.flags.paused,
        "{:?}",
        other.status.state
    );
    assert_eq!(other.current_print.as_ref().map(|print| print.id), Some(print_2));
    let paused = world.sim_of(first).commands();
    let moves = paused.iter().skip(still).filter(|c| c.text.starts_with("G0") || c.text.starts_with("G1"));
    assert_eq!(moves.count(), 0, "the paused one does not move");

    // A stop stops one.
    let halts = |printer| world.sim_of(printer).commands().iter().any(|c| c.text.starts_with("M112"));
    world.station.emergency_stop(first).await.expect("the port is open");
    world.until_of(first, "stopped", 30, |v| v.vigil.alarm.is_some()).await;
    let goes_on = done(&world, second);
    world.until_sim_of(second, "still prints", 30, |sim| sim.commands().len() > goes_on + 100).await;
    assert!(!halts(second), "nobody stopped this one");
    world.end().await;
}

/// Changes a printer.
async fn patch(world: &World, printer: PrinterId, edit: impl FnOnce(&mut PrinterPatch)) {
    let mut patch = PrinterPatch::default();
    edit(&mut patch);
    world.ask(Request::Patch(printer, Box::new(patch))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_serves_two_printers_and_a_printer_has_several_of_which_one_is_watched() {
    let world = World::start(Options::default()).await;
    let (first, second) = (world.printer, world.add_demo().await);
    let camera_of = |printer| world.view_of(printer).vigil.camera.as_ref().expect("a camera").id;
    let (one, two) = (camera_of(first), camera_of(second));

    // Both watch with the first camera.
    patch(&world, second, |p| p.camera = Some(one)).await;
    world.print_sample_on(first).await;
    world.print_sample_on(second).await;
    for printer in [first, second] {
        let looked = |v: &domain::PrinterView| v.vigil.watch.watching && v.vigil.watch.frame_num > 2;
        world.until_of(printer, "watched", 60, looked).await;
        assert_eq!(camera_of(printer), one);
    }

    // Nobody watches with the second camera, so it is closed; one that shows no printer is opened for nobody.
    assert!(world.station.frames(two).is_none());
    assert!(world.station.look_at(two).await.expect("the core runs").is_none());
    patch(&world, first, |p| p.other_cameras = Some(vec![two])).await;
    let shown = |v: &domain::PrinterView| v.vigil.other_cameras.iter().map(|other| other.id).eq([two]);
    world.until_of(first, "it shows the printer", 10, shown).await;
    assert!(world.station.frames(two).is_none(), "it is open while somebody looks, and not before");
    let mut frames = world.station.look_at(two).await.expect("the core runs").expect("it is opened");
    let soon = std::time::Duration::from_secs(30);
    tokio::time::timeout(soon, frames.wait_for(Option::is_some)).await.expect("in time").expect("it is open");

    // The two change places while it prints.
    patch(&world, first, |p| p.camera = Some(two)).await;
    let changed = |v: &domain::PrinterView| {
        v.vigil.camera.as_ref().is_some_and(|camera| camera.id == two)
            && v.vigil.other_cameras.iter().map(|other| other.id).eq([one])
    };
    world.until_of(first, "they have changed places", 10, changed).await;
    let num = world.view_of(first).vigil.watch.frame_num;
    world.until_of(first, "watched by the other", 60, |v| v.vigil.watch.frame_num > num + 2).await;
    assert_eq!(camera_of(second), one, "the other printer keeps its camera");

    // Nobody looks at it from here on.
    patch(&world, first, |p| p.camera = Some(one)).await;
    let closed = tokio::time::timeout(soon, async {
        while world.station.frames(two).is_some() {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    });
    closed.await.expect("closed once nobody looks");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_of_all_reaches_each_printer_and_says_which_it_could_not_tell() {
    let world = World::start(Options::default()).await;
    let (first, second, third) = (world.printer, world.add_demo().await, world.add_demo().await);
    world.print_sample_on(first).await;
    world.ask(Request::Disconnect(third)).await;
    world.until_of(third, "not connected", 30, |v| v.vigil.state == PrinterState::Offline).await;

    let stopped = world.station.emergency_stop_all().await;
    let told = |printer| stopped.iter().find(|one| one.printer == printer).map(|one| one.told.is_ok());
    assert_eq!((told(first), told(second)), (Some(true), Some(true)), "{stopped:?}");
    assert_ne!(told(third), Some(true), "nothing was said to it: {stopped:?}");
    for printer in [first, second] {
        world.until_of(printer, "halted", 30, |v| v.vigil.state == PrinterState::Halted).await;
        assert!(world.sim_of(printer).state().halted);
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_printer_takes_its_camera_along_and_brings_it_back() {
    let world = World::start(Options::default()).await;
    let second = world.add_demo().await;
    let rename = |name: &str| {
        let patch = PrinterPatch { name: Some(name.into()), ..PrinterPatch::default() };
        world.station.ask(Request::Patch(second, Box::new(patch)))
    };
    let refused = rename(" demo PRINTER").await.expect_err("it is the first one's name");
    assert!(refused.to_string().contains("already"), "{refused}");
    rename("Left one").await.expect("a free name");

    world.station.remove_printer(second).await.expect("it does not print");
    let cameras = world.station.store().read(store::camera::list).expect("readable");
    assert_eq!(cameras.len(), 1, "nothing is left that it could show: {cameras:#?}");

    let back = BringBack { printers: vec![second], ..BringBack::default() };
    assert_eq!(world.station.bring_back(back).await.expect("within the hour").printers, 1);
    let seen =
        world.until_of(second, "seen again", 20, |v| v.vigil.camera.as_ref().is_some_and(|c| c.live)).await;
    assert_eq!(seen.name, "Left one");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn how_alerts_are_heard_is_kept_and_everyone_is_told() {
    let world = World::start(Options::default()).await;
    let usual = world.station.snapshot().system.sound;
    assert_eq!(usual, AlertSound::default());
    let wrong = AlertSound { volume: 0, ..usual };
    assert!(world.station.set_alert_sound(wrong).await.is_err());
    let quiet = Some(QuietHours { from: 22 * 60, until: 7 * 60 });
    let mine = AlertSound { volume: 30, quiet, remind_after_mins: Some(3), ..usual };
    world.station.set_alert_sound(mine).await.expect("stored");
    let mut changes = world.station.subscribe();
    let told = changes.wait_for(|now| now.system.sound == mine);
    tokio::time::timeout(std::time::Duration::from_secs(5), told).await.expect("told").expect("it runs");
    let kept = world.station.store().read(|conn| store::setting::get::<AlertSound>(conn, "alert_sound"));
    assert_eq!(kept.expect("readable"), Some(mine));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_eight_demo_printers_at_most() {
    let world = World::start(Options::default()).await;
    for _ in 1..8 {
        world.station.add_printer(another_demo()).await.expect("up to eight");
    }
    let refused = world.station.add_printer(another_demo()).await.expect_err("one too many");
    assert!(refused.to_string().contains("as many as there may be"), "{refused}");
    let snapshot = world.station.snapshot();
    assert_eq!(snapshot.printers.len(), 8);
    assert!(snapshot.printers.values().all(|view| view.vigil.kind == PrinterKind::Demo));
    let names: std::collections::BTreeSet<&str> =
        snapshot.printers.values().map(|view| view.name.as_str()).collect();
    assert_eq!(names.len(), 8, "{names:?}");
    // Only the first has a past: the others would fill the history with prints that never were.
    let query = store::print_list::PrintQuery { limit: 100, ..Default::default() };
    let prints =
        world.station.store().read(move |conn| store::print_list::list(conn, &query)).expect("readable");
    assert_eq!(prints.len(), 4);
    world.end().await;
}
