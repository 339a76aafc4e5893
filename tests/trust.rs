//! What the watch leaves behind, and what can be done with it: coverage, reasons, what-if, ignored areas, fire drill.

use domain::{AlertOverwrite, DemoFault, PrintId, Request};
use serde_json::{Value, json};
use tests::visitor::Door;

/// Prints the sample, lets it tangle, and says that it failed.
async fn failed_print(door: &Door) -> PrintId {
    let world = &door.world;
    let print = world.print_sample().await;
    world.until_looks(12, 60).await;
    world.station.demo_fault(world.printer, DemoFault::Tangle, true).expect("the demo has a tangle");
    world.until("paused and confirmed", 60, |v| v.vigil.pause_confirmed && v.vigil.alert.is_some()).await;
    world.ask(Request::Cancel(world.printer)).await;
    world.until("ready again", 60, |v| v.vigil.can.start && v.current_print.is_none()).await;
    world.station.demo_fault(world.printer, DemoFault::Tangle, false).expect("mended");
    let failed = |row: &domain::Print| {
        row.alert_overwrite == Some(AlertOverwrite::Failed) && row.cancelled_at.is_some()
    };
    world.until_row("failed", print, failed).await;
    print
}

#[tokio::test(flavor = "multi_thread")]
async fn a_print_leaves_its_watch_behind_and_another_setting_can_be_tried_on_it() {
    let door = Door::open().await;
    let print = failed_print(&door).await;
    let printer = door.world.printer;

    let (status, watch) = door.get(&format!("/api/v1/vigil/prints/{print}/watch/"));
    assert_eq!(status, 200, "{watch}");
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let (printing, watched) =
        (number(&watch["coverage"]["printing_secs"]), number(&watch["coverage"]["watched_secs"]));
    assert!(printing > 60.0 && watched > 0.8 * printing && watched <= printing, "{watch}");
    let decision =
        watch["decisions"].as_array().and_then(|all| all.last()).expect("a decision with its reasons");
    assert_eq!(decision["reasons"]["rule"], "printvigil");
    assert!(number(&decision["reasons"]["level"]) > number(&decision["reasons"]["warn_above"]), "{decision}");
    assert!(decision["reasons"]["place"].is_object(), "it says where: {decision}");
    assert_eq!(watch["feedback"][0]["answer"], "failure", "the cancel was the answer: {watch}");

    let (_, curve) = door.get(&format!("/api/v1/vigil/prints/{print}/curve/"));
    let gauges: Vec<f64> = curve["gauge"].as_array().expect("a curve").iter().map(number).collect();
    assert!(gauges.len() >= 20 && gauges.iter().any(|g| *g > 2.0 / 3.0) && gauges[10] < 0.3, "{curve}");

    // The same setting gives what happened; with the whole picture ignored nothing would have been noticed.
    let ask = json!({"printer": printer, "rule": "printvigil", "sensitivity": 1.0, "threshold": 1.0});
    let (status, same) = door.post("/api/v1/vigil/what_if/", &ask);
    assert_eq!((status, same["finished"].as_bool()), (200, Some(true)), "{same}");
    assert_eq!((&same["then"]["caught"], &same["then"]["failed"]), (&json!(1), &json!(1)), "{same}");
    assert_eq!(same["prints"][0]["alert_now"], same["prints"][0]["alert_then"], "{same}");
    let mut blind = ask.clone();
    blind["ignore"] = json!([{"x": 0, "y": 0, "w": 1000, "h": 1000}]);
    let (_, blind) = door.post("/api/v1/vigil/what_if/", &blind);
    assert_eq!(blind["then"]["caught"], 0, "{blind}");
    assert!(blind["text"].as_str().is_some_and(|text| text.contains("would be missed")), "{blind}");
    let again = format!("/api/v1/vigil/what_if/{}/", blind["id"]);
    assert_eq!(door.get(&again).1, blind);
    assert_eq!(door.delete(&again).0, 204);
    assert_eq!(door.get(&again).0, 404);
    let mut wild = ask.clone();
    wild["threshold"] = json!(40.0);
    assert_eq!(door.post("/api/v1/vigil/what_if/", &wild).0, 400);
    wild["printer"] = json!(99);
    wild["threshold"] = json!(1.0);
    assert_eq!(door.post("/api/v1/vigil/what_if/", &wild).0, 404);

    // One answer is too few to fit anything to.
    let (_, fitted) = door.get(&format!("/api/v1/vigil/printers/{printer}/fit/"));
    assert_eq!((fitted["possible"].as_bool(), &fitted["threshold"]), (Some(false), &json!(1.0)), "{fitted}");

    // A person corrects an answer about a picture.
    let frame = &decision["frame"];
    let answer = format!("/api/v1/vigil/prints/{print}/frames/{frame}/answer/");
    assert_eq!(door.post(&answer, &json!({"answer": "unsure"})).0, 200);
    let (_, watch) = door.get(&format!("/api/v1/vigil/prints/{print}/watch/"));
    assert_eq!(watch["feedback"][0]["answer"], "unsure");
    let nowhere = format!("/api/v1/vigil/prints/{print}/frames/999999/answer/");
    assert_eq!(door.post(&nowhere, &json!({"answer": "fine"})).0, 404);
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ignored_area_holds_at_once_and_at_the_next_start() {
    let door = Door::open().await;
    let camera = door.world.view().vigil.camera.as_ref().expect("the demo camera").id;
    let path = format!("/api/v1/vigil/cameras/{camera}/ignore/");
    let all = json!({"areas": [{"x": 0, "y": 0, "w": 1000, "h": 1000}]});
    assert_eq!(door.post(&path, &all), (200, all.clone()));
    for bad in [
        json!({"areas": [{"x": 900, "y": 0, "w": 200, "h": 10}]}),
        json!({"areas": [{"x": 1, "y": 1, "w": 0, "h": 10}]}),
        json!({"areas": vec![json!({"x": 1, "y": 1, "w": 9, "h": 9}); 17]}),
    ] {
        assert_eq!(door.post(&path, &bad).0, 400, "{bad}");
    }
    assert_eq!(door.post("/api/v1/vigil/cameras/77/ignore/", &all).0, 404);
    let world = &door.world;
    assert_eq!(world.view().vigil.camera.as_ref().map(|camera| camera.ignore.len()), Some(1));
    world.print_sample().await;
    world.station.demo_fault(world.printer, DemoFault::Tangle, true).expect("the demo has a tangle");
    world.until_looks(25, 60).await;
    let view = world.view();
    assert!(
        view.vigil.alert.is_none() && view.vigil.watch.p.is_some_and(|p| p > 1.0),
        "{:?}",
        view.vigil.watch
    );
    // Taken away, the same tangle counts.
    assert_eq!(door.post(&path, &json!({"areas": []})).0, 200);
    world.until("alerted", 60, |v| v.vigil.alert.is_some()).await;
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fire_drill_goes_the_whole_way_to_the_demos_pause_and_leaves_no_alert() {
    let door = Door::open().await;
    let world = &door.world;
    let print = world.print_sample().await;
    world.until_looks(8, 60).await;
    let path = format!("/api/v1/vigil/printers/{}/drill/", world.printer);
    assert_eq!(door.post(&path, &json!({})).0, 200);
    assert_eq!(door.post(&path, &json!({})).0, 409, "one at a time");
    let over = world
        .until("the drill is over", 60, |v| v.vigil.watch.drill.as_ref().is_some_and(|drill| drill.over))
        .await;
    let drill = over.vigil.watch.drill.as_ref().expect("shown");
    assert!(drill.passed && drill.steps.len() == 3 && drill.steps.iter().all(|step| step.done), "{drill:#?}");
    assert!(over.vigil.alert.is_none() && over.status.state.flags.paused);
    let snapshot = world.station.snapshot();
    assert!(snapshot.notices.iter().any(|entry| entry.notice.kind == domain::NoticeKind::Drill));
    world.ask(Request::Resume(world.printer)).await;
    world.until("printing again", 60, |v| v.vigil.state_word == "Printing").await;
    world.ask(Request::Cancel(world.printer)).await;
    world.until_row("cancelled", print, |row| row.cancelled_at.is_some()).await;
    let row =
        world.station.store().read(|conn| store::print::get(conn, print)).expect("readable").expect("there");
    assert!(row.alerted_at.is_none() && row.alert_overwrite.is_none(), "a rehearsal is no alert: {row:#?}");
    door.world.end().await;
}
