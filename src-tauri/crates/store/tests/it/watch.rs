//! What is kept of the watch: it comes back as it went in, and newer replaces older where it should.

use crate::rows::*;
use domain::*;
use store::{answer, camera, print, printer, watch};

pub(crate) fn reasons(p: f64) -> Reasons {
    Reasons {
        rule: Rule::Printvigil,
        verdict: GaugeZone::Pause,
        p,
        scaled: Some(0.25),
        scale: ScaleSource::Camera,
        counted: 0.8,
        ignored: 0.1,
        known: 0.2,
        passing: 0.0,
        level: 0.9,
        warn_above: 0.4,
        pause_above: 0.7,
        gauge: 0.95,
        place: Some(Place { x: 0.25, y: 0.5, w: 0.125, h: 0.25 }),
        for_secs: 42.0,
        may_alert_in_secs: 0.0,
    }
}

#[test]
fn decisions_gaps_coverage_and_answers_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, outcomes) = open(dir.path());
    let (printer, one) = (plain_printer(1), plain_print(7, 1));
    store.write_now(move |tx| printer::put(tx, &printer).and_then(|()| print::put(tx, &one))).unwrap();
    let print = PrintId(7);
    let decision = |frame, p| Decision {
        print,
        frame: FrameId(frame),
        at: at(frame),
        paused: true,
        reasons: reasons(p),
    };
    let gap = |from: i64, why: &str| WatchGap { print, from: at(from), to: at(from + 5), why: why.into() };
    let coverage = |watched_secs| WatchCoverage { print, printing_secs: 100.0, watched_secs };
    let answer = |answer| FrameFeedback { print, frame: FrameId(4), answer, answered_at: at(9) };

    for write in [
        Write::Decision(Box::new(decision(4, 1.5))),
        Write::Decision(Box::new(decision(9, 1.25))),
        Write::Decision(Box::new(decision(4, 0.5))),
        Write::Gap(Box::new(gap(20, "The camera's cable is out."))),
        Write::Gap(Box::new(gap(2, "'; drop table print; --"))),
        Write::Coverage(coverage(10.0)),
        Write::Coverage(coverage(90.0)),
        Write::Feedback(Box::new(answer(FrameAnswer::Failure))),
        Write::Feedback(Box::new(answer(FrameAnswer::Unsure))),
    ] {
        record(&store, &outcomes, write).unwrap();
    }

    let read = |conn: &store::Connection| {
        Ok((
            watch::decisions(conn, print)?,
            watch::gaps(conn, print)?,
            watch::coverage(conn, print)?,
            answer::of_print(conn, print)?,
        ))
    };
    let (decisions, gaps, covered, answers) = store.read(read).unwrap();
    assert_eq!(decisions, [decision(4, 1.5), decision(9, 1.25)], "what decided stays as it was");
    assert_eq!(gaps, [gap(2, "'; drop table print; --"), gap(20, "The camera's cable is out.")]);
    assert_eq!(covered, Some(coverage(90.0)));
    assert_eq!(answers, [answer(FrameAnswer::Unsure)]);
}

#[test]
fn ignored_areas_are_there_at_the_next_start_and_go_with_their_camera() {
    let dir = tempfile::tempdir().unwrap();
    let (store, ..) = open(dir.path());
    let area = |x| IgnoreArea { x, y: 10, w: 200, h: 300 };
    let camera = store
        .write_now(move |tx| {
            let id = camera::insert(tx, &full_camera("bench"))?;
            watch::ignore(tx, id, &[area(1)], at(1))?;
            watch::ignore(tx, id, &[area(2), area(3)], at(2))?;
            Ok(id)
        })
        .unwrap();
    store.close(SOON).unwrap();

    let (store, boot, _) = open(dir.path());
    assert_eq!(boot.ignored.get(&camera), Some(&vec![area(2), area(3)]));
    store.write_now(move |tx| camera::delete(tx, camera)).unwrap();
    assert!(store.read(watch::ignored).unwrap().is_empty());
}
