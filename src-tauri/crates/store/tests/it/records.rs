//! Every field of every record comes back as it was given.

use crate::rows::*;
use domain::*;
use store::{
    StoreError, camera, event, file, folder, frame, look, macros, notification, prediction, print, printer,
    setting, shot, user,
};

#[test]
fn what_the_hub_records_comes_back_field_by_field() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, outcomes) = open(dir.path());
    let camera = store.write_now(|tx| camera::insert(tx, &full_camera("top"))).unwrap();
    let file = store.write_now(|tx| file::insert(tx, &full_file("vase.gcode", None))).unwrap();
    // Before its print: the order in which they come does not matter.
    record(&store, &outcomes, Write::Printer(Box::new(full_printer(3, camera)))).unwrap();
    record(&store, &outcomes, Write::Print(Box::new(full_print(41, 3, file)))).unwrap();
    record(&store, &outcomes, Write::Event(Box::new(full_event(8, 41, 3)))).unwrap();
    record(&store, &outcomes, Write::Look(Box::new(full_look(41, 3, 500)))).unwrap();
    record(&store, &outcomes, Write::Prediction(state(3, 32))).unwrap();
    record(&store, &outcomes, Write::Frame(Box::new(full_frame(41, 501, KeepWhy::Alert)))).unwrap();

    let read = |store: &store::Store| {
        store
            .read(|conn| {
                assert_eq!(printer::get(conn, PrinterId(3))?, Some(full_printer(3, camera)));
                assert_eq!(print::get(conn, PrintId(41))?, Some(full_print(41, 3, file)));
                let events = event::EventQuery { limit: 10, ..Default::default() };
                assert_eq!(event::list(conn, &events)?, [full_event(8, 41, 3)]);
                assert_eq!(look::of_print(conn, PrintId(41))?, [full_look(41, 3, 500)]);
                assert_eq!(prediction::list(conn)?, [state(3, 32)]);
                assert_eq!(frame::get(conn, FrameId(501))?, Some(full_frame(41, 501, KeepWhy::Alert)));
                assert_eq!(frame::total_bytes(conn, None)?, 123_456);
                Ok(())
            })
            .unwrap();
    };
    read(&store);
    store.close(SOON).unwrap();

    let (store, boot, _) = open(dir.path());
    read(&store);
    assert_eq!(boot.printers, [full_printer(3, camera)]);
    assert_eq!(boot.cameras, [Camera { id: camera, ..full_camera("top") }]);
    assert_eq!(boot.predictions, [state(3, 32)]);
    assert_eq!(boot.open_prints, [], "it was interrupted, so it is not open");
    assert_eq!(boot.next_print, PrintId(42));
    assert_eq!(boot.next_printer, PrinterId(4));
    assert_eq!(boot.next_frame, FrameId(502), "above the kept and the looked at");
    assert_eq!(boot.next_event, EventId(9));
    assert_eq!(boot.user.unseen_printer_events, 1);
    assert!(!boot.first_run);
}

#[test]
fn the_second_version_of_a_record_replaces_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, outcomes) = open(dir.path());
    let camera = store.write_now(|tx| camera::insert(tx, &full_camera("top"))).unwrap();
    let file = store.write_now(|tx| file::insert(tx, &full_file("vase.gcode", None))).unwrap();
    record(&store, &outcomes, Write::Printer(Box::new(plain_printer(3)))).unwrap();
    record(&store, &outcomes, Write::Printer(Box::new(full_printer(3, camera)))).unwrap();
    let mut later = full_print(41, 3, file);
    record(&store, &outcomes, Write::Print(Box::new(plain_print(41, 3)))).unwrap();
    // Films and consent are not the hub's to write.
    let film = Film { video: Some("media/41.mp4".into()), ..Film::default() };
    store.write_now(move |tx| print::set_film(tx, PrintId(41), &film)).unwrap();
    record(&store, &outcomes, Write::Print(Box::new(later.clone()))).unwrap();
    later.ext_id = plain_print(41, 3).ext_id;
    later.video_url = Some("media/41.mp4".into());
    (later.tagged_video_url, later.poster_url, later.access_consented_at) = (None, None, None);
    store
        .read(|conn| {
            let created_once = Printer { created_at: at(1), ..full_printer(3, camera) };
            assert_eq!(printer::get(conn, PrinterId(3))?, Some(created_once));
            assert_eq!(
                print::get(conn, PrintId(41))?,
                Some(later.clone()),
                "all but the number of its start, and what others write"
            );
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_clock_set_back_loses_no_print() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, outcomes) = open(dir.path());
    record(&store, &outcomes, Write::Printer(Box::new(plain_printer(1)))).unwrap();
    for id in 1..=3 {
        let print = Print { ext_id: 1000, ..plain_print(id, 1) };
        record(&store, &outcomes, Write::Print(Box::new(print.clone()))).unwrap();
        record(&store, &outcomes, Write::Print(Box::new(print))).unwrap();
    }
    let ext_ids = store.read(|conn| {
        (1..=3).map(|id| Ok(print::get(conn, PrintId(id))?.unwrap().ext_id)).collect::<Result<Vec<_>, _>>()
    });
    assert_eq!(ext_ids.unwrap(), [1000, 1001, 1002]);
}

#[test]
fn an_absurd_file_name_is_cut_rather_than_lost() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, outcomes) = open(dir.path());
    record(&store, &outcomes, Write::Printer(Box::new(plain_printer(1)))).unwrap();
    let print = Print { filename: "ä".repeat(1500), ..plain_print(1, 1) };
    record(&store, &outcomes, Write::Print(Box::new(print))).unwrap();
    let kept = store.read(|conn| print::get(conn, PrintId(1))).unwrap().unwrap();
    assert_eq!(kept.filename, "ä".repeat(1000));
}

#[test]
fn the_first_start_makes_the_user_and_the_desktop_notices() {
    let dir = tempfile::tempdir().unwrap();
    let (store, boot, _) = open(dir.path());
    assert!(boot.first_run);
    let expected = User {
        id: UserId(1),
        email: String::new(),
        first_name: String::new(),
        last_name: String::new(),
        consented_at: at(0),
        last_active_at: None,
        is_pro: true,
        dh_balance: 1e8,
        is_dh_unlimited: true,
        unseen_printer_events: 0,
        notification_enabled: true,
    };
    assert_eq!(boot.user, expected);
    assert_eq!((boot.next_print, boot.next_frame, boot.next_event), (PrintId(1), FrameId(1), EventId(1)));
    let ways = store.read(notification::list).unwrap();
    assert_eq!(ways, [NotificationSetting { id: 1, ..notification::with_defaults("desktop") }]);

    let changed =
        User { email: "a@b.c".to_owned(), unseen_printer_events: 4, notification_enabled: false, ..expected };
    let kept = changed.clone();
    store.write_now(move |tx| user::update(tx, &kept)).unwrap();
    assert_eq!(store.read(user::get).unwrap(), Some(changed));
    store.write_now(user::mark_events_seen).unwrap();
    assert_eq!(store.read(user::get).unwrap().unwrap().unseen_printer_events, 0);
    store.write_now(|tx| user::mark_active(tx, at(5))).unwrap();
    assert_eq!(store.read(user::get).unwrap().unwrap().last_active_at, Some(at(5)));
}

#[test]
fn what_the_doors_write_comes_back_field_by_field() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, outcomes) = open(dir.path());
    record(&store, &outcomes, Write::Printer(Box::new(plain_printer(1)))).unwrap();
    record(&store, &outcomes, Write::Print(Box::new(plain_print(1, 1)))).unwrap();
    store
        .write_now(|tx| {
            let folder = folder::insert(tx, "Ständer (neu)", None, at(1))?;
            let expected = GCodeFolder {
                id: folder,
                name: "Ständer (neu)".to_owned(),
                safe_name: "Ständer__neu_".to_owned(),
                parent_folder: None,
            };
            assert_eq!(folder::get(tx, folder)?, Some(expected));

            let mut kept = full_file("a.gcode", Some(folder));
            kept.id = file::insert(tx, &kept)?;
            assert_eq!(file::get(tx, kept.id)?, Some(kept.clone()));
            assert_eq!(file::by_signature(tx, "sha256:a.gcode")?, Some(kept.clone()));
            kept.filename = "b.gcode".to_owned();
            file::update(tx, &kept)?;
            assert_eq!(file::get(tx, kept.id)?, Some(kept));

            let mut camera = full_camera("side");
            camera.id = camera::insert(tx, &camera)?;
            assert_eq!(camera::get(tx, camera.id)?, Some(camera.clone()));
            camera.source = CameraSource::Mjpeg { url: "http://cam/stream".to_owned(), certificate: None };
            camera.rotation = Rotation::Deg90;
            camera::update(tx, &camera)?;
            assert_eq!(camera::list(tx)?, [camera.clone()]);

            let mut way = notification::with_defaults("discord");
            way.config = serde_json::json!({"webhook_url": "x"});
            way.notify_on_heater_status = true;
            way.enabled = false;
            way.id = notification::put(tx, &way)?;
            assert_eq!(notification::get(tx, way.id)?, Some(way.clone()));
            assert_eq!(notification::put(tx, &way)?, way.id, "one row a name");
            notification::delete(tx, way.id)?;

            let shot = shot::insert(tx, PrintId(1), "media/frames/3.jpg")?;
            assert_eq!(shot::insert(tx, PrintId(1), "media/frames/3.jpg")?, shot);
            assert_eq!(shot::open_of(tx, &[PrintId(1), PrintId(2)])?, [PrintId(1)]);
            shot::answer(tx, shot, Some(ShotAnswer::Unanswered), at(5))?;
            let expected = PrintShotFeedback {
                id: shot,
                print_id: PrintId(1),
                image_url: "media/frames/3.jpg".to_owned(),
                answer: Some(ShotAnswer::Unanswered),
                answered_at: Some(at(5)),
            };
            assert_eq!(shot::of_print(tx, PrintId(1))?, [expected]);
            assert_eq!(shot::open_of(tx, &[PrintId(1)])?, [], "\"cannot be told\" is an answer");

            setting::set(tx, "lan.enabled", &true)?;
            setting::set(tx, "lan.enabled", &false)?;
            assert_eq!(setting::get::<bool>(tx, "lan.enabled")?, Some(false));
            assert_eq!(setting::all(tx)?.len(), 1);
            setting::remove(tx, "lan.enabled")?;
            assert_eq!(setting::get::<bool>(tx, "lan.enabled")?, None);

            let profiles = vec![[("name".to_owned(), "PLA".into()), ("bed".to_owned(), 60.into())].into()];
            let mut row = printer::get(tx, PrinterId(1))?.expect("there");
            row.temp_profiles.clone_from(&profiles);
            printer::put(tx, &row)?;
            assert_eq!(printer::get(tx, PrinterId(1))?.expect("there").temp_profiles, profiles);
            user::set_detection_hours(tx, 2.5)?;
            assert_eq!(user::get(tx)?.expect("there").dh_balance, 2.5);
            Ok(())
        })
        .unwrap();
}

#[test]
fn macros_come_back_in_their_order() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, outcomes) = open(dir.path());
    let camera = store.write_now(|tx| camera::insert(tx, &full_camera("top"))).unwrap();
    record(&store, &outcomes, Write::Printer(Box::new(full_printer(3, camera)))).unwrap();
    store
        .write_now(|tx| {
            let mut park = Macro {
                id: MacroId(0),
                printer: Some(PrinterId(3)),
                name: "Park".into(),
                body: "G28 X Y\nG1 Z50".into(),
                position: 2,
                colour: Some(MacroColour::Teal),
                confirm: true,
                created_at: at(1),
                updated_at: at(1),
            };
            park.id = macros::insert(tx, &park)?;
            let mut all = Macro {
                printer: None,
                name: "Everywhere".into(),
                position: 1,
                colour: None,
                confirm: false,
                ..park.clone()
            };
            all.id = macros::insert(tx, &all)?;
            assert_eq!(macros::list(tx, Some(PrinterId(3)))?, [all.clone(), park.clone()]);
            assert_eq!(macros::list(tx, None)?, [all.clone()], "one printer's own are not everybody's");
            park.body = "G28".into();
            macros::update(tx, &park)?;
            assert_eq!(macros::get(tx, park.id)?, Some(park.clone()));
            macros::delete(tx, all.id)?;
            assert!(matches!(macros::delete(tx, all.id), Err(StoreError::NotFound { what: "macro", .. })));
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_write_that_fails_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let (store, ..) = open(dir.path());
    let failed: Result<(), _> = store.write_now(|tx| {
        setting::set(tx, "half", &1)?;
        camera::delete(tx, CameraId(99))
    });
    assert!(matches!(failed, Err(StoreError::NotFound { what: "camera", id: 99 })), "{failed:?}");
    assert_eq!(store.read(|conn| setting::get::<i32>(conn, "half")).unwrap(), None);
}
