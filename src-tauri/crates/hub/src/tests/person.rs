//! What a person sets beyond the watch itself: a budget of detection hours, offsets, presets, a printer put away; and
//! what a print under way shows of its file and its shots.

use super::desk::{Desk, ID, boot, printer};
use domain::{
    Effect, Event, EventType, FileId, GCodeFile, LinkChange, NoticeKind, Now, Order, PrintId,
    PrintShotFeedback, PrinterPatch, PrinterState, Request, ShotId, UserId, Write,
};

fn patch(edit: impl FnOnce(&mut PrinterPatch)) -> Request {
    let mut patch = PrinterPatch::default();
    edit(&mut patch);
    Request::Patch(ID, Box::new(patch))
}

fn hours_written(effects: &[Effect]) -> Vec<f64> {
    let hours = |effect: &Effect| {
        if let Effect::Record(Write::DetectionHours(hours), None) = effect { Some(*hours) } else { None }
    };
    effects.iter().filter_map(hours).collect()
}

fn lost_notices(effects: &[Effect]) -> usize {
    let lost =
        |effect: &&Effect| matches!(effect, Effect::Notify(notice) if notice.kind == NoticeKind::NotWatching);
    effects.iter().filter(lost).count()
}

#[test]
fn detection_hours_count_down_while_a_print_is_watched_and_then_it_is_said() {
    let mut boot = boot(printer(), Vec::new());
    // 100 seconds.
    boot.dh_balance = 100.0 / 3600.0;
    let mut desk = Desk::ready_with(boot);
    assert_eq!(desk.view().vigil.detection_hours, Some(0.03));
    desk.tick_secs(1000);
    assert_eq!(desk.view().vigil.detection_hours, Some(0.03), "nothing is charged while nothing prints");
    desk.start();
    let mut effects = Vec::new();
    for _ in 0..9 {
        effects.extend(desk.look(0.02));
    }
    let written = hours_written(&effects);
    assert_eq!(written.len(), 2, "in steps of 36 seconds: {written:?}");
    assert!((written[1] - 20.0 / 3600.0).abs() < 1e-6, "{written:?}");
    assert_eq!((lost_notices(&effects), desk.view().not_watching_reason), (0, None));

    let effects = desk.look(0.02);
    assert_eq!(hours_written(&effects), [0.0]);
    assert_eq!(lost_notices(&effects), 1, "it is never silence");
    let view = desk.view();
    assert_eq!(view.not_watching_reason.as_deref(), Some("You have run out of AI Detection Hours"));
    assert_eq!((view.vigil.detection_hours, view.vigil.watch.watching), (Some(0.0), false));
    assert!(view.vigil.watch.fix.contains("hours"), "{}", view.vigil.watch.fix);
    let logged = |effect: &Effect| {
        matches!(effect, Effect::Record(Write::Event(event), None)
            if event.event_type == EventType::WatchLost && event.event_title.contains("used up"))
    };
    assert!(effects.iter().any(logged));
    assert_eq!(lost_notices(&desk.tick_secs(60)), 0, "told once");

    desk.hub.set_dh_balance(1e8, desk.now());
    assert_eq!((desk.view().vigil.detection_hours, desk.view().not_watching_reason), (None, None));
    let effects: Vec<Effect> = (0..100).flat_map(|_| desk.look(0.02)).collect();
    assert_eq!(hours_written(&effects), [0.0; 0], "unlimited hours are not counted");
}

fn offset_orders(effects: &[Effect]) -> Vec<Option<f64>> {
    let told = |effect: &Effect| {
        if let Effect::Order(_, Order::Offsets(all)) = effect {
            Some(all.get("tool0").copied())
        } else {
            None
        }
    };
    effects.iter().filter_map(told).collect()
}

#[test]
fn offsets_are_given_before_a_print_and_when_they_change_in_one() {
    let mut desk = Desk::ready();
    assert_eq!(offset_orders(&desk.start()), [], "none are set");
    let set = |c: f64| patch(|p| p.temperature_offsets = Some([("tool0".to_owned(), c)].into()));
    let (answer, effects) = desk.ask_stored(set(4.0), Ok(()));
    answer.unwrap();
    assert_eq!(offset_orders(&effects), [Some(4.0)]);
    assert_eq!(desk.view().status.temperatures["tool0"].offset, 4.0);
    assert_eq!(desk.view().vigil.temperature_offsets["tool0"], 4.0);
    let (_, effects) = desk.ask_stored(set(0.0), Ok(()));
    assert_eq!(offset_orders(&effects), [Some(0.0)], "what was told is taken back");
    let mut settings = printer();
    settings.temperature_offsets = [("tool0".to_owned(), 4.0)].into();
    let effects = Desk::ready_with(boot(settings, Vec::new())).start();
    let place = |wanted: fn(&Order) -> bool| {
        effects.iter().position(|effect| matches!(effect, Effect::Order(_, order) if wanted(order)))
    };
    let (offsets, start) =
        (place(|o| matches!(o, Order::Offsets(_))), place(|o| matches!(o, Order::Start(_))));
    assert!(offsets.is_some() && offsets < start, "before the first line");
}

#[test]
fn presets_are_those_that_a_person_set() {
    let mut desk = Desk::ready();
    let profile = |name: &str, extruder: f64| {
        [
            ("name".to_owned(), name.into()),
            ("extruder".to_owned(), extruder.into()),
            ("bed".to_owned(), 45.into()),
        ]
        .into()
    };
    let usual = desk.view().settings.temp_profiles;
    assert!(usual.len() == 4 && usual[0]["name"] == "PLA", "{usual:?}");
    for (wrong, why) in [
        (vec![], "1 to 20 presets"),
        (vec![profile("", 200.0)], "name"),
        (vec![profile("hot", 321.0)], "0 to 320"),
        (vec![profile("none", f64::NAN)], "0 to 320"),
        (vec![[("name".to_owned(), "x".into()), ("nozzle".to_owned(), 1.into())].into()], "nozzle"),
    ] {
        let refused = desk.ask(patch(|p| p.temp_profiles = Some(wrong))).0.unwrap().unwrap_err();
        assert!(refused.message.contains(why), "{refused:?}");
    }
    let mine = vec![profile("PLA silk", 222.0)];
    desk.ask_stored(patch(|p| p.temp_profiles = Some(mine.clone())), Ok(())).0.unwrap();
    assert_eq!(desk.view().settings.temp_profiles, mine);
    assert_eq!(desk.hub.printer(ID).unwrap().temp_profiles, mine, "and that is what is stored");
}

#[test]
fn a_printer_is_put_away_cold_and_at_rest_and_comes_back() {
    let mut desk = Desk::printing();
    let archive = |on: bool| patch(|p| p.archived = Some(on));
    assert_eq!(desk.ask(archive(true)).0.unwrap().unwrap_err().code, "busy");
    let mut desk = Desk::ready();
    desk.target("bed", 60.0);
    assert_eq!(desk.ask(archive(true)).0.unwrap().unwrap_err().code, "hot");
    desk.target("bed", 0.0);
    let (answer, effects) = desk.ask_stored(archive(true), Ok(()));
    answer.unwrap();
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Order(_, Order::Disconnect))));
    let view = desk.view();
    assert_eq!((view.archived_at, view.pic), (Some(desk.now().utc), None), "nobody looks at it");
    desk.report.link = domain::LinkState::Closed;
    desk.state(PrinterState::Offline);
    assert!(!desk.view().vigil.can.connect);
    assert_eq!(desk.ask(Request::Connect(ID)).0.unwrap().unwrap_err().code, "archived");
    desk.ask_stored(archive(false), Ok(())).0.unwrap();
    assert_eq!((desk.view().archived_at, desk.view().vigil.can.connect), (None, true));
}

fn file(name: &str) -> GCodeFile {
    let now = Now::at(0).utc;
    GCodeFile {
        id: FileId(3),
        user: UserId(1),
        filename: name.into(),
        safe_filename: name.into(),
        parent_folder: None,
        url: "/api/v1/g_code_files/3/content/".into(),
        num_bytes: 50_000,
        agent_signature: None,
        metadata_json: None,
        filament_total: None,
        estimated_time: None,
        thumbnail1_url: None,
        created_at: now,
        updated_at: now,
        deleted: None,
    }
}

#[test]
fn a_print_under_way_shows_its_file_and_its_shots() {
    let mut desk = Desk::ready();
    desk.event(Event::FileKnown(Box::new(file("benchy.gcode"))));
    desk.start();
    let shown = |desk: &Desk| desk.view().current_print.expect("it prints");
    let name = |desk: &Desk| shown(desk).g_code_file.map(|file| file.filename);
    assert_eq!(name(&desk).as_deref(), Some("benchy.gcode"));
    desk.event(Event::FileKnown(Box::new(file("boat.gcode"))));
    assert_eq!(name(&desk).as_deref(), Some("boat.gcode"), "renamed while it prints");
    desk.event(Event::FileKnown(Box::new(GCodeFile { id: FileId(4), ..file("other.gcode") })));
    assert_eq!(name(&desk).as_deref(), Some("boat.gcode"), "the next one takes nothing away");

    let shot = PrintShotFeedback {
        id: ShotId(1),
        print_id: PrintId(7),
        image_url: "/media/x.jpg".into(),
        answer: None,
        answered_at: None,
    };
    desk.event(Event::Shots(PrintId(6), vec![shot.clone()]));
    assert!(shown(&desk).printshotfeedback_set.is_empty(), "of another print");
    desk.event(Event::Shots(PrintId(7), vec![shot.clone()]));
    assert_eq!(shown(&desk).printshotfeedback_set, std::slice::from_ref(&shot));
    assert!(shown(&desk).need_print_shot_feedback);
    let answered = PrintShotFeedback { answer: Some(domain::ShotAnswer::LooksBad), ..shot };
    desk.event(Event::Shots(PrintId(7), vec![answered]));
    assert!(!shown(&desk).need_print_shot_feedback);
    desk.link(LinkChange::Ended(PrintId(7), domain::JobEnd::Finished));
    assert!(desk.view().current_print.is_none());
}
