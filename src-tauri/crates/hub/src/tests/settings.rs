//! Changes of settings.

use super::desk::{CAMERA, Desk, ID, camera};
use super::told;
use crate::KeptOfPrinter;
use domain::{
    Camera, CameraHealth, CameraId, Effect, Event, LinkChange, PortChoice, PrintId, PrinterPatch, Request,
    StoreFault, WatchSettings, Write,
};

fn patch(edit: impl FnOnce(&mut PrinterPatch)) -> Request {
    let mut patch = PrinterPatch::default();
    edit(&mut patch);
    Request::Patch(ID, Box::new(patch))
}

#[test]
fn a_setting_holds_when_it_is_on_disk_and_not_before() {
    let mut desk = Desk::ready();
    let (early, effects) = desk.ask(patch(|p| p.name = Some("  Prusa  ".into())));
    assert_eq!(early, None, "not answered yet");
    assert_eq!(told(&effects), "printer row: \"Prusa\", print None (answer when stored)\n");
    assert_eq!(desk.view().name, "Ender", "not in force yet");

    let (answer, _) = desk.ask_stored(patch(|p| p.name = Some("Bambi".into())), Ok(()));
    assert_eq!(answer, Ok(None));
    assert_eq!(desk.view().name, "Bambi");
}

#[test]
fn what_could_not_be_stored_is_refused_and_does_not_hold() {
    let mut desk = Desk::ready();
    for (fault, says) in [
        (StoreFault::DiskFull, "it could not be saved: the disk is full"),
        (StoreFault::Failed("busy".into()), "it could not be saved: busy"),
    ] {
        let (answer, _) = desk.ask_stored(patch(|p| p.detective_sensitivity = Some(1.2)), Err(fault));
        let refused = answer.unwrap_err();
        assert_eq!((refused.code, refused.message.as_str()), ("not_stored", says));
        assert_eq!(desk.view().detective_sensitivity, 1.0);
    }
}

/// Returns the rows of the printer that are to be written.
fn rows(effects: &[Effect]) -> Vec<domain::Printer> {
    let row = |effect: &Effect| {
        if let Effect::Record(Write::Printer(row), _) = effect { Some((**row).clone()) } else { None }
    };
    effects.iter().filter_map(row).collect()
}

#[test]
fn what_was_refused_is_not_left_for_the_next_start() {
    let mut desk = Desk::ready();
    let port = |path: &str| Some(PortChoice { path: path.into(), baud: 115_200 });
    let (_, first) = desk.ask(patch(|p| p.port = port("/dev/ttyACM7")));
    let (_, second) = desk.ask(patch(|p| p.name = Some("B".into())));
    assert_eq!((rows(&first).len(), rows(&second)[0].port.clone()), (1, port("/dev/ttyACM7")));
    let refused = Err(StoreFault::Failed("database is locked".into()));
    // A write that failed waits for the disk to take it after all: the last one written is what holds.
    let after = rows(&desk.event(domain::Event::Stored(domain::ReplyTo(1), refused.clone())));
    let last = after.last().expect("what holds is written again");
    assert_eq!((last.port.clone(), last.name.as_str()), (port("/dev/ttyUSB0"), "B"));
    desk.event(domain::Event::Stored(domain::ReplyTo(2), Ok(())));
    let settings = desk.hub.printer(ID).unwrap();
    assert_eq!((settings.port.clone(), settings.name.as_str()), (port("/dev/ttyUSB0"), "B"));
    // A word on a print is taken back on the disk too.
    desk.start();
    let overwrite = Request::Overwrite(PrintId(7), Some(domain::AlertOverwrite::Failed));
    let (_, effects) = desk.ask_stored(overwrite, refused);
    let words: Vec<_> = effects
        .iter()
        .filter_map(|effect| {
            if let Effect::Record(Write::Print(print), _) = effect {
                Some(print.alert_overwrite)
            } else {
                None
            }
        })
        .collect();
    assert_eq!(words.last(), Some(&None), "{words:?}");
}

#[test]
fn every_setting_arrives() {
    let mut desk = Desk::ready();
    let all = patch(|p| {
        p.name = Some("New".into());
        p.action_on_failure = Some(domain::ActionOnFailure::None);
        p.watching_enabled = Some(false);
        p.tools_off_on_pause = Some(false);
        p.bed_off_on_pause = Some(true);
        p.retract_on_pause = Some(50.0);
        p.lift_z_on_pause = Some(100.0);
        p.detective_sensitivity = Some(0.8);
        p.min_timelapse_secs_on_finish = Some(-1);
        p.min_timelapse_secs_on_cancel = Some(0);
        p.port = Some(PortChoice { path: "/dev/ttyACM0".into(), baud: 250_000 });
        p.camera = Some(CAMERA);
        p.watch = Some(WatchSettings {
            rearm_after_not_failed: false,
            printer_resume_answers: false,
            ..WatchSettings::default()
        });
        p.bed_hold_mins = Some(5);
        p.max_z_mm = Some(300.0);
        p.filament_diameter_mm = Some(2.85);
        p.temperature_offsets = Some([("bed".to_owned(), 3.0)].into());
        p.temp_profiles =
            Some(vec![[("name".to_owned(), "PLA".into()), ("bed".to_owned(), 50.into())].into()]);
        p.scripts = Some(domain::Scripts { end: "M300".into(), ..Default::default() });
        p.archived = Some(true);
    });
    let before = desk.hub.printer(ID).unwrap().clone();
    let (answer, _) = desk.ask_stored(all, Ok(()));
    answer.unwrap();
    let after = desk.hub.printer(ID).unwrap();
    let same = |field: &str| {
        let json = |p: &domain::Printer| serde_json::to_value(p).unwrap()[field].clone();
        json(&before) == json(after)
    };
    for field in ["id", "created_at", "updated_at", "auth_token", "current_print", "kind", "camera"] {
        assert!(same(field), "{field} is not the person's to change (or was the same)");
    }
    for field in [
        "name",
        "action_on_failure",
        "watching_enabled",
        "tools_off_on_pause",
        "bed_off_on_pause",
        "retract_on_pause",
        "lift_z_on_pause",
        "detective_sensitivity",
        "min_timelapse_secs_on_finish",
        "min_timelapse_secs_on_cancel",
        "port",
        "watch",
        "bed_hold_mins",
        "max_z_mm",
        "filament_diameter_mm",
        "temperature_offsets",
        "temp_profiles",
        "scripts",
        "archived_at",
    ] {
        assert!(!same(field), "{field} arrived");
    }
}

#[test]
fn values_out_of_range_are_refused_with_a_text() {
    type Case = (fn(&mut PrinterPatch), &'static str);
    let cases: &[Case] = &[
        (|p| p.name = Some("   ".into()), "the name must have 1 to 256 characters"),
        (|p| p.name = Some("ä".repeat(257)), "the name must have 1 to 256 characters"),
        (|p| p.detective_sensitivity = Some(0.79), "the sensitivity must be 0.8 to 1.2, not 0.79"),
        (|p| p.detective_sensitivity = Some(1.21), "the sensitivity must be 0.8 to 1.2, not 1.21"),
        (|p| p.detective_sensitivity = Some(f64::NAN), "the sensitivity must be 0.8 to 1.2, not NaN"),
        (|p| p.retract_on_pause = Some(-0.1), "retract on pause must be 0 to 50 mm, not -0.1"),
        (|p| p.retract_on_pause = Some(50.1), "retract on pause must be 0 to 50 mm, not 50.1"),
        (|p| p.lift_z_on_pause = Some(101.0), "lift on pause must be 0 to 100 mm, not 101"),
        (|p| p.max_z_mm = Some(5.0), "the height of the machine must be 10 to 5000 mm, not 5"),
        (|p| p.filament_diameter_mm = Some(0.0), "the diameter of the filament must be 1 to 4 mm, not 0"),
        (
            |p| p.min_timelapse_secs_on_finish = Some(-2),
            "the shortest print with a film must be -1 to 604800 seconds (-1 is never), not -2",
        ),
        (
            |p| p.min_timelapse_secs_on_cancel = Some(i64::MAX),
            "the shortest print with a film must be -1 to 604800 seconds (-1 is never), not 9223372036854776000",
        ),
        (|p| p.bed_hold_mins = Some(1441), "the time the bed is held must be 0 to 1440 minutes, not 1441"),
        (
            |p| p.temperature_offsets = Some([("nozzle".to_owned(), 1.0)].into()),
            "there is no heater \"nozzle\"; use tool0, bed or chamber",
        ),
        (
            |p| p.temperature_offsets = Some([("bed".to_owned(), 51.0)].into()),
            "an offset must be -50 to 50 °C, not 51",
        ),
        (|p| p.port = Some(PortChoice { path: " ".into(), baud: 115_200 }), "the port has no name"),
        (
            |p| p.port = Some(PortChoice { path: "COM4".into(), baud: 3 }),
            "the baud rate must be 1200 to 2000000, not 3",
        ),
    ];
    let mut desk = Desk::ready();
    let before = desk.hub.printer(ID).unwrap().clone();
    for (edit, says) in cases {
        let (answer, effects) = desk.ask(patch(edit));
        let refused = answer.expect("refused at once").unwrap_err();
        assert_eq!((refused.code, refused.message.as_str()), ("out_of_range", *says));
        assert!(!effects.iter().any(|e| matches!(e, Effect::Record(..))), "{says}: nothing is written");
    }
    let (answer, _) = desk.ask(patch(|p| p.camera = Some(CameraId(99))));
    assert_eq!(answer.unwrap().unwrap_err().code, "unknown_camera");
    assert_eq!(desk.hub.printer(ID), Some(&before));
}

#[test]
fn one_of_several_cameras_is_watched_and_another_takes_its_place_at_once() {
    let mut desk = Desk::ready();
    let now = domain::Now::at(desk.ms);
    for id in 2..=3 {
        desk.hub.put_camera(Camera { id: CameraId(id), name: format!("Camera {id}"), ..camera() }, now);
    }
    let set = |desk: &mut Desk, edit: fn(&mut PrinterPatch)| {
        desk.ask_stored(patch(edit), Ok(())).0.unwrap();
        let vigil = &desk.view().vigil;
        let others: Vec<i64> = vigil.other_cameras.iter().map(|other| other.id.get()).collect();
        (vigil.camera.as_ref().map(|watched| watched.id.get()), others)
    };
    let others = set(&mut desk, |p| p.other_cameras = Some([3, 2, 1, 3].map(CameraId).into()));
    assert_eq!(others, (Some(1), vec![3, 2]), "each once, and the watched one is none of the others");
    let lost = CameraHealth::Lost { why: "It was unplugged.".into() };
    desk.event(Event::Camera(CameraId(2), lost));
    assert_eq!(desk.view().vigil.other_cameras[1].reason, "It was unplugged.");
    assert!(desk.view().vigil.camera.as_ref().is_some_and(|watched| watched.live), "the watched one is not");

    assert_eq!(set(&mut desk, |p| p.camera = Some(CameraId(3))), (Some(3), vec![1, 2]), "they change places");
    let effects = desk.hub.remove_camera(CameraId(1), now);
    assert!(rows(&effects).is_empty(), "the watched one stays");
    let both = |p: &mut PrinterPatch| {
        (p.camera, p.other_cameras) = (Some(CameraId(2)), Some(vec![CameraId(2), CameraId(1)]));
    };
    assert_eq!(set(&mut desk, both), (Some(2), vec![3]), "one that is gone is not shown");
    let (answer, _) = desk.ask(patch(|p| p.other_cameras = Some(vec![CameraId(99)])));
    assert_eq!(answer.unwrap().unwrap_err().code, "unknown_camera");
    let (answer, _) = desk.ask(patch(|p| p.other_cameras = Some(vec![CameraId(3); 8])));
    assert_eq!(answer.unwrap().unwrap_err().code, "out_of_range");
}

#[test]
fn the_port_stays_while_it_prints() {
    let mut desk = Desk::printing();
    let (answer, _) = desk.ask(patch(|p| p.port = Some(PortChoice { path: "COM5".into(), baud: 115_200 })));
    assert_eq!(answer.unwrap().unwrap_err().code, "busy");
}

#[test]
fn two_changes_on_their_way_do_not_undo_each_other() {
    let mut desk = Desk::ready();
    let (_, first) = desk.ask(patch(|p| p.name = Some("A".into())));
    let (_, second) = desk.ask(patch(|p| p.detective_sensitivity = Some(1.1)));
    // A print starts before either is stored: its row must carry both.
    let third = desk.start();
    let rows: Vec<(String, f64)> = [first, second, third.clone()]
        .iter()
        .flatten()
        .filter_map(|effect| {
            if let Effect::Record(Write::Printer(p), _) = effect {
                Some((p.name.clone(), p.detective_sensitivity))
            } else {
                None
            }
        })
        .collect();
    assert_eq!(rows, [("A".into(), 1.0), ("A".into(), 1.1), ("A".into(), 1.1)]);
    let marked = third.iter().any(|effect| {
        matches!(effect, Effect::Record(Write::Printer(p), _) if p.current_print == Some(PrintId(7)))
    });
    assert!(marked, "and the print under way");
    desk.event(domain::Event::Stored(domain::ReplyTo(1), Ok(())));
    desk.event(domain::Event::Stored(domain::ReplyTo(2), Ok(())));
    let settings = desk.hub.printer(ID).unwrap();
    assert_eq!((settings.name.as_str(), settings.detective_sensitivity), ("A", 1.1));
    assert_eq!(settings.current_print, Some(PrintId(7)), "the print under way is not forgotten");
}

#[test]
fn switching_the_watch_off_and_on_takes_effect_at_once() {
    let mut desk = Desk::printing();
    let (_, effects) = desk.ask_stored(patch(|p| p.watching_enabled = Some(false)), Ok(()));
    assert!(told(&effects).contains("watch 1 off"), "{}", told(&effects));
    assert_eq!(desk.view().not_watching_reason.as_deref(), Some("AI failure detection is disabled"));
    let (_, effects) = desk.ask_stored(patch(|p| p.watching_enabled = Some(true)), Ok(()));
    assert!(told(&effects).contains("watch 1 every 10000 ms"), "{}", told(&effects));
}

#[test]
fn a_camera_that_is_removed_is_watched_no_more() {
    let mut desk = Desk::ready();
    let effects = desk.hub.remove_camera(CAMERA, desk.now());
    assert_eq!(told(&effects), "printer row: \"Ender\", print None\n");
    assert_eq!(desk.view().vigil.camera, None);
    assert_eq!(desk.hub.printer_of_camera(CAMERA), None);
    desk.hub.put_camera(camera(), desk.now());
    desk.ask_stored(patch(|p| p.camera = Some(CAMERA)), Ok(())).0.unwrap();
    assert_eq!(desk.hub.printer_of_camera(CAMERA), Some(ID));
}

#[test]
fn printers_come_and_go() {
    let mut desk = Desk::ready();
    let mut second = super::desk::printer();
    second.id = domain::PrinterId(2);
    second.camera = None;
    let effects = desk.hub.add_printer(second, KeptOfPrinter::default(), desk.now());
    assert!(matches!(effects.last(), Some(Effect::Publish(view)) if view.id.get() == 2), "it is shown");
    assert_eq!(desk.hub.printer_ids().len(), 2);
    desk.start();
    assert_eq!(desk.hub.begin_removal(ID).unwrap_err().code, "busy");
    desk.link(LinkChange::Ended(PrintId(7), domain::JobEnd::Finished));
    desk.state(domain::PrinterState::Operational);
    let (_, changing) = desk.ask(patch(|p| p.name = Some("C".into())));
    assert_eq!(rows(&changing).len(), 1);
    desk.hub.begin_removal(ID).unwrap();
    assert!(desk.hub.view(ID).is_some(), "it is there until its removal is stored");
    let (answer, _) = desk.ask(Request::Home(ID, Vec::new()));
    assert_eq!(answer.unwrap().unwrap_err().message, "the printer is being removed");
    assert_eq!(desk.ask(Request::CoolDown(ID)).0.unwrap(), Ok(None), "it can still be cooled");
    desk.hub.keep_printer(ID);
    assert!(desk.ask(Request::Home(ID, Vec::new())).0.unwrap().is_ok(), "the disk refused: as before");
    desk.hub.begin_removal(ID).unwrap();
    let gone = desk.hub.remove_printer(ID);
    let answered =
        |effect: &Effect| matches!(effect, Effect::Reply(_, Err(why)) if why.code == "unknown_printer");
    assert_eq!(gone.iter().filter(|effect| answered(effect)).count(), 1, "nobody is left waiting: {gone:?}");
    assert_eq!(desk.hub.begin_removal(ID).unwrap_err().code, "unknown_printer");
    assert_eq!(desk.hub.view(ID), None);
    assert_eq!(told(&desk.link(LinkChange::Rebooted)), "", "what is gone is not heard");
}
