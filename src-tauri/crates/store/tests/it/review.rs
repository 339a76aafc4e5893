//! What a person is to look at: all kinds in one list, what was looked at, and answers.

use crate::rows::*;
use domain::*;
use store::review::{self, Answered, ReviewQuery};
use store::{Store, answer, look, print, printer, watch};

fn refer(kind: ReviewKind, print: i64, id: i64) -> ReviewRef {
    ReviewRef { kind, print: PrintId(print), id }
}

/// Two prints of two printers: an alert each at 10 and 20 s, a sighting at 15 s, a gap at 12 s.
fn filled(store: &Store) {
    let frame = FrameRow {
        id: FrameId(4),
        print: PrintId(7),
        camera: CameraId(1),
        taken_at: at(10),
        path: "media/prints/7/frames/4.jpg".into(),
        width: 640,
        height: 480,
        num_bytes: 9,
        why: "alert".into(),
        line: Some(77),
        layer_idx: Some(3),
    };
    let seen = LookRow {
        print: PrintId(7),
        frame: FrameId(3),
        taken_at: at(8),
        probability: 0.5,
        p: 0.5,
        state: PredictionState::fresh(PrinterId(1), at(8)),
        boxes: vec![Detection {
            class: "failure".into(),
            confidence: 0.5,
            area: PixelBox { x: 1.0, y: 2.0, w: 3.0, h: 4.0 },
        }],
        line: None,
        layer_idx: None,
    };
    let decision = |print, frame, secs| Decision {
        print: PrintId(print),
        frame: FrameId(frame),
        at: at(secs),
        paused: print == 7,
        reasons: crate::watch::reasons(1.0),
    };
    let sighting =
        Sighting { print: PrintId(7), frame: FrameId(5), from: at(15), until: at(16), level: 0.25 };
    let gap = WatchGap { print: PrintId(8), from: at(12), to: at(14), why: "The cable is out.".into() };
    store
        .write_now(move |tx| {
            for id in [1, 2] {
                printer::put(tx, &plain_printer(id))?;
            }
            print::put(tx, &plain_print(7, 1))?;
            print::put(tx, &plain_print(8, 2))?;
            store::frame::insert(tx, &frame)?;
            look::insert(tx, &seen)?;
            watch::decide(tx, &decision(7, 4, 10))?;
            watch::decide(tx, &decision(8, 9, 20))?;
            review::add_sighting(tx, &sighting)?;
            watch::add_gap(tx, &gap)
        })
        .unwrap();
}

fn all() -> ReviewQuery {
    ReviewQuery { limit: 100, ..ReviewQuery::default() }
}

fn names(store: &Store, query: &ReviewQuery) -> Vec<(ReviewKind, i64)> {
    let items = store.read(|conn| review::list(conn, query)).unwrap();
    let (count, _) = store.read(|conn| review::count(conn, query)).unwrap();
    assert_eq!(count as usize, items.len(), "{query:?}");
    items.iter().map(|item| (item.kind, item.id)).collect()
}

#[test]
fn all_kinds_are_listed_the_newest_first_and_filters_hold() {
    use ReviewKind::{Alert, Gap, Sighting};
    let dir = tempfile::tempdir().unwrap();
    let (store, _, _) = open(dir.path());
    filled(&store);
    let gap = store.read(|conn| review::list(conn, &all())).unwrap()[2].id;
    assert_eq!(names(&store, &all()), [(Alert, 9), (Sighting, 5), (Gap, gap), (Alert, 4)]);
    let only = |kind| ReviewQuery { kind: Some(kind), ..all() };
    assert_eq!(names(&store, &only(Alert)), [(Alert, 9), (Alert, 4)]);
    assert_eq!(
        names(&store, &ReviewQuery { printer: Some(PrinterId(2)), ..all() }),
        [(Alert, 9), (Gap, gap)]
    );
    let from_to = ReviewQuery { from: Some(at(12)), to: Some(at(16)), ..all() };
    assert_eq!(names(&store, &from_to), [(Sighting, 5), (Gap, gap)]);

    let alert = &store.read(|conn| review::list(conn, &only(Alert))).unwrap()[1];
    assert_eq!(alert.image_url.as_deref(), Some("/media/prints/7/frames/4.jpg"));
    assert_eq!(
        (alert.size, alert.line, alert.layer, alert.paused),
        (Some((640, 480)), Some(77), Some(3), true)
    );
    assert_eq!(alert.boxes.len(), 1, "of the look two seconds before");
    assert!((alert.level.unwrap() - 0.95).abs() < 1e-9 && alert.reasons.is_some());
}

#[test]
fn what_was_looked_at_goes_behind_and_comes_back() {
    use ReviewKind::{Alert, Gap, Sighting};
    let dir = tempfile::tempdir().unwrap();
    let (store, _, _) = open(dir.path());
    filled(&store);
    let gap = store.read(|conn| review::list(conn, &all())).unwrap()[2].id;
    let seen = [refer(Alert, 8, 9), refer(Sighting, 7, 5), refer(Gap, 8, gap), refer(Alert, 99, 1)];
    let changed = store.write_now(move |tx| answer::mark(tx, &seen, Some(at(50)))).unwrap();
    assert_eq!(changed, 3, "one of them does not exist");
    assert_eq!(names(&store, &all()), [(Alert, 4), (Alert, 9), (Sighting, 5), (Gap, gap)]);
    assert_eq!(names(&store, &ReviewQuery { reviewed: Some(false), ..all() }), [(Alert, 4)]);
    let counts = store.read(review::counts).unwrap();
    assert_eq!((counts.alerts, counts.sightings, counts.gaps), (1, 0, 0));
    assert_eq!(counts.days.iter().map(|day| day.alerts + day.sightings + day.gaps).sum::<u32>(), 4);

    store.write_now(move |tx| answer::mark(tx, &[refer(Alert, 8, 9)], Some(at(99)))).unwrap();
    let items = store.read(|conn| review::list(conn, &all())).unwrap();
    assert_eq!(items[1].reviewed_at, Some(at(50)), "the first look stays");
    store.write_now(move |tx| answer::mark(tx, &[refer(Alert, 8, 9)], None)).unwrap();
    assert_eq!(store.read(review::counts).unwrap().alerts, 2);
}

#[test]
fn an_answer_is_kept_with_the_frame_and_counts_as_looked_at() {
    use ReviewKind::{Alert, Sighting};
    let dir = tempfile::tempdir().unwrap();
    let (store, _, _) = open(dir.path());
    filled(&store);
    let items = [refer(Alert, 7, 4), refer(Sighting, 7, 5)];
    let fine = Some(FrameAnswer::Fine);
    store.write_now(move |tx| answer::put_all(tx, &items, fine, at(60))).unwrap();
    let with = |answer| ReviewQuery { answer: Some(answer), ..all() };
    assert_eq!(names(&store, &with(Answered::With(FrameAnswer::Fine))), [(Sighting, 5), (Alert, 4)]);
    assert_eq!(names(&store, &with(Answered::Not)).len(), 2);
    assert_eq!(store.read(|conn| answer::of_print(conn, PrintId(7))).unwrap().len(), 2);
    store.write_now(move |tx| answer::put_all(tx, &items[..1], None, at(70))).unwrap();
    assert_eq!(names(&store, &with(Answered::With(FrameAnswer::Fine))), [(Sighting, 5)]);
}

#[test]
fn items_of_deleted_prints_are_gone_and_old_ones_may_be_answered_already() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, _) = open(dir.path());
    filled(&store);
    let ended = Print { finished_at: Some(at(90)), ..plain_print(8, 2) };
    store
        .write_now(move |tx| {
            print::put(tx, &ended)?;
            print::delete(tx, &[PrintId(8)], at(99))
        })
        .unwrap();
    assert_eq!(names(&store, &all()), [(ReviewKind::Sighting, 5), (ReviewKind::Alert, 4)]);
    assert_eq!(store.read(review::counts).unwrap().gaps, 0);
}

#[test]
fn temperatures_come_back_in_their_order() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, outcomes) = open(dir.path());
    filled(&store);
    let row = |secs: i64, tool: f64| TemperatureRow {
        print: PrintId(7),
        at: at(secs),
        heaters: [("tool0".to_owned(), (tool, Some(210.0))), ("bed".to_owned(), (60.5, None))].into(),
    };
    for (secs, tool) in [(20, 205.5), (10, 25.0), (20, 999.0)] {
        record(&store, &outcomes, Write::Temperature(Box::new(row(secs, tool)))).unwrap();
    }
    let kept = store.read(|conn| store::temperature::of_print(conn, PrintId(7))).unwrap();
    assert_eq!(kept, [row(10, 25.0), row(20, 205.5)], "the second of one moment is dropped");
}

#[test]
fn who_answers_an_alert_has_looked_at_it() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, _) = open(dir.path());
    filled(&store);
    let answer = FrameFeedback {
        print: PrintId(7),
        frame: FrameId(4),
        answer: FrameAnswer::Fine,
        answered_at: at(30),
    };
    store.write_now(move |tx| answer::put(tx, &answer)).unwrap();
    let seen = store.read(|conn| review::list(conn, &ReviewQuery { reviewed: Some(true), ..all() })).unwrap();
    let seen: Vec<_> = seen.iter().map(|item| (item.kind, item.id, item.reviewed_at)).collect();
    assert_eq!(seen, [(ReviewKind::Alert, 4, Some(at(30)))]);
}
