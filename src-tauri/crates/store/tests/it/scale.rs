//! The scales of cameras: by what a print was judged stays as it was, and what teaches follows from its end and from
//! what a person says.

use crate::rows::*;
use domain::*;
use store::{camera, print, printer, scale};

fn calm(level: i16) -> CameraScale {
    let whole = Calm { level, secs: 1800.0, columns: 28, map: (0..784).map(|n| level - n % 7).collect() };
    CameraScale { model: "a model".into(), whole, small: vec![7; 768], prints: 1, ..CameraScale::default() }
}

fn judged(print: i64, known: Option<CameraScale>) -> PrintScale {
    let p_map = PMap::parse("[[0, 0], [0.9, 0.35], [1, 2.5]]").unwrap();
    PrintScale {
        print: PrintId(print),
        camera: Some(CameraId(1)),
        since: at(3),
        calibration: Calibration { model: "a model".into(), p_map, levels: Levels::default() },
        bend: 1.1,
        known,
    }
}

fn webcam() -> Camera {
    Camera {
        id: CameraId(0),
        name: "Webcam".into(),
        source: CameraSource::Snapshot { url: "http://192.168.1.9/".into(), certificate: None },
        rotation: Rotation::Deg0,
        flip_h: false,
        flip_v: false,
        crop: None,
    }
}

/// A finished print.
fn finished(id: i64) -> Print {
    Print { finished_at: Some(at(id * 100)), ended_by: Some(EndedBy::Finished), ..plain_print(id, 1) }
}

fn teaches(store: &store::Store) -> Vec<(i64, Teaches)> {
    let taught = store.read(scale::taught).unwrap().remove(&CameraId(1)).unwrap_or_default();
    taught.iter().map(|taught| (taught.print.get(), taught.teaches)).collect()
}

#[test]
fn what_was_known_and_what_was_taught_come_back_and_answers_decide() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, outcomes) = open(dir.path());
    store
        .write_now(|tx| {
            camera::insert(tx, &webcam())?;
            printer::put(tx, &plain_printer(1))?;
            (7..=10).try_for_each(|id| print::put(tx, &finished(id)))
        })
        .unwrap();
    for write in [
        Write::Scale(Box::new(judged(7, None))),
        Write::Scale(Box::new(judged(8, Some(calm(-210))))),
        // The first one stays: later looks are judged by it, too.
        Write::Scale(Box::new(judged(8, Some(calm(50))))),
        Write::Scale(Box::new(judged(9, None))),
        Write::Scale(Box::new(judged(10, None))),
        Write::Taught(PrintId(7), Box::new(calm(-200))),
        Write::Taught(PrintId(8), Box::new(calm(-220))),
        Write::Taught(PrintId(9), Box::new(calm(300))),
    ] {
        record(&store, &outcomes, write).unwrap();
    }
    assert_eq!(
        store.read(|conn| scale::of_print(conn, PrintId(8))).unwrap(),
        Some(judged(8, Some(calm(-210))))
    );
    assert_eq!(
        store.read(|conn| scale::of_print(conn, PrintId(1))).unwrap(),
        None,
        "of before there were scales"
    );
    assert_eq!(store.read(scale::judged).unwrap().len(), 4);
    let well = Teaches::EndedWell;
    assert_eq!(teaches(&store), [(9, well), (8, well), (7, well)], "the tenth taught nothing");
    assert_eq!(store.read(scale::taught).unwrap()[&CameraId(1)][2].scale, calm(-200));

    store
        .write_now(|tx| {
            print::set_alert_overwrite(tx, PrintId(9), Some(AlertOverwrite::Failed))?;
            print::put(tx, &Print { alerted_at: Some(at(750)), ..finished(8) })?;
            print::set_alert_overwrite(tx, PrintId(7), Some(AlertOverwrite::NotFailed))
        })
        .unwrap();
    assert_eq!(teaches(&store), [(9, Teaches::Not), (8, Teaches::Not), (7, Teaches::Answered)]);
    store
        .write_now(|tx| print::set_alert_overwrite(tx, PrintId(8), Some(AlertOverwrite::NotFailed)))
        .unwrap();
    assert_eq!(teaches(&store)[1], (8, Teaches::Answered), "an alert that a person took back");
}

#[test]
fn a_camera_that_is_turned_or_forgotten_keeps_nothing_and_prints_keep_theirs() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, outcomes) = open(dir.path());
    let id = store.write_now(|tx| camera::insert(tx, &webcam())).unwrap();
    let learn = |print: i64| {
        let row = finished(print);
        store
            .write_now(move |tx| printer::put(tx, &plain_printer(1)).and_then(|()| print::put(tx, &row)))
            .unwrap();
        record(&store, &outcomes, Write::Scale(Box::new(judged(print, Some(calm(1)))))).unwrap();
        record(&store, &outcomes, Write::Taught(PrintId(print), Box::new(calm(-200)))).unwrap();
        assert_eq!(teaches(&store).len(), 1);
    };
    learn(7);
    let named = Camera { id, name: "By the door".into(), ..webcam() };
    store.write_now(move |tx| camera::update(tx, &named)).unwrap();
    assert_eq!(teaches(&store).len(), 1, "a name changes no picture");
    let turned = Camera { id, rotation: Rotation::Deg180, ..webcam() };
    store.write_now(move |tx| camera::update(tx, &turned)).unwrap();
    assert_eq!(teaches(&store), []);
    learn(8);
    record(&store, &outcomes, Write::ForgetScale(id)).unwrap();
    assert_eq!(teaches(&store), []);
    learn(9);
    store.write_now(move |tx| camera::delete(tx, id)).unwrap();
    assert_eq!(teaches(&store), []);
    let kept = store.read(|conn| scale::of_print(conn, PrintId(9))).unwrap().unwrap();
    assert_eq!(kept.known, Some(calm(1)), "by what a print was judged stays known");
}
