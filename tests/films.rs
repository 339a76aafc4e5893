//! What is made of a print's pictures: both films, poster, figures frame by frame, shots; again, broken off, and on a
//! disk without room.

use domain::{DemoFault, Request};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use tests::visitor::Door;
use tests::world::World;

/// Prints the sample with a tangle in the middle, and ends it by hand; returns its number as text.
async fn a_failed_print(door: &Door) -> String {
    let world = &door.world;
    let print = world.print_sample().await;
    world.until_looks(35, 60).await;
    world.station.demo_fault(world.printer, DemoFault::Tangle, true).expect("the demo has a tangle");
    world.until("paused", 60, |v| v.status.state.flags.paused && v.vigil.pause_confirmed).await;
    world.ask(Request::Cancel(world.printer)).await;
    world.until("ready again", 60, |v| v.vigil.can.start && v.current_print.is_none()).await;
    print.to_string()
}

async fn until_film(door: &Door, print: &str, state: &str) -> Value {
    let path = format!("/api/v1/vigil/prints/{print}/film/");
    for _ in 0..600 {
        let (_, film) = door.get(&path);
        if film["state"] == state {
            return film;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the film never was {state}: {}", door.get(&path).1);
}

fn file(world: &World, url: &Value) -> std::path::PathBuf {
    world.dir.path().join(url.as_str().expect("a URL").trim_start_matches('/'))
}

/// Returns length, pictures and size of a film, and whether its index comes first.
fn clip(path: &Path) -> (f64, usize, bool) {
    let clip = timelapse::Clip::open(path, &sandbox::Decoders::here()).expect("a film that can be read");
    let seconds = clip.seconds();
    let pictures = clip.inspect(|picture| assert!(picture.is_ok(), "whole")).count();
    let bytes = std::fs::read(path).expect("readable");
    let place = |what: &[u8]| bytes.windows(4).position(|four| four == what).expect("a box of the file");
    (seconds, pictures, place(b"moov") < place(b"mdat"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_print_leaves_its_films_shots_and_figures_behind() {
    let door = Door::open().await;
    let print = a_failed_print(&door).await;
    let film = until_film(&door, &print, "made").await;
    let frames = film["frames"].as_u64().expect("a number");
    assert!(frames >= 35 && film["why"].is_null(), "{film}");
    let (_, shown) = door.get(&format!("/api/v1/prints/{print}/"));
    let (plain, tagged) =
        (file(&door.world, &shown["video_url"]), file(&door.world, &shown["tagged_video_url"]));
    let (secs, pictures, index_first) = clip(&plain);
    // One picture in ten seconds; of the doubtful times more are kept.
    assert!(index_first && pictures >= 30 && pictures as u64 <= frames, "{pictures} of {frames}");
    assert!((secs - pictures as f64 / 30.0).abs() < 0.1, "{secs} s");
    let (tagged_secs, tagged_pictures, index_first) = clip(&tagged);
    assert!(index_first && tagged_pictures == pictures && (tagged_secs - secs).abs() < 0.1);
    assert_ne!(
        std::fs::read(&plain).expect("read"),
        std::fs::read(&tagged).expect("read"),
        "boxes are drawn"
    );
    for url in ["video_url", "tagged_video_url", "poster_url"] {
        assert_eq!(door.raw(shown[url].as_str().expect("a URL")).status().as_u16(), 200, "{url}");
    }

    // The figures go with the film with boxes, picture by picture.
    let (_, figures) = door.get(shown["prediction_json_url"].as_str().expect("a URL"));
    let figures = figures.as_array().expect("an array");
    assert_eq!(figures.len(), pictures);
    let ps: Vec<f64> = figures.iter().filter_map(|item| item["fields"]["current_p"].as_f64()).collect();
    assert!(ps.len() > pictures / 2 && ps.iter().any(|p| *p > 1.0) && ps.iter().any(|p| *p < 0.1), "{ps:?}");

    // What the person is asked about.
    assert_eq!(shown["need_print_shot_feedback"], true);
    let shots = shown["printshotfeedback_set"].as_array().expect("an array");
    assert!((1..=7).contains(&shots.len()), "{shots:#?}");
    for shot in shots {
        assert_eq!(door.raw(shot["image_url"].as_str().expect("a URL")).status().as_u16(), 200);
        let path = format!("/api/v1/printshotfeedbacks/{}/?print_id={print}", shot["id"]);
        let (status, told) = door.put(&path, &json!({"answer": "LOOKS_BAD"}));
        assert_eq!((status, &told["credited_dhs"]), (200, &json!(0)), "hours are a person's to set: {told}");
        assert!(told["instance"]["answered_at"].is_string());
    }
    assert_eq!(door.get(&format!("/api/v1/prints/{print}/")).1["need_print_shot_feedback"], false);

    // Made again in another way; what makes no sense is refused.
    let path = format!("/api/v1/vigil/prints/{print}/film/");
    assert_eq!(door.post(&path, &json!({"fps": 0})).0, 400);
    assert_eq!(door.post("/api/v1/vigil/prints/999/film/", &json!({})).0, 404);
    let again = json!({"fps": 10.0, "max_side_px": 320, "end_hold_secs": 0.0, "tagged": false});
    let (status, asked) = door.post(&path, &again);
    assert_eq!(status, 202, "{asked}");
    let made = until_film(&door, &print, "made").await;
    assert_eq!(made["options"]["fps"], 10.0, "{made}");
    let (slow, _, _) = clip(&plain);
    assert!((slow - pictures as f64 / 10.0).abs() < 0.2, "{slow} s");
    let steady = json!({"pick": "steady", "fps": 10.0, "quality": "small", "deflicker": true});
    assert_eq!(door.post(&path, &steady).0, 202);
    until_film(&door, &print, "made").await;
    let (_, layers, _) = clip(&plain);
    let (_, listed) = door.get(&format!("/api/v1/vigil/prints/{print}/frames/"));
    let mut distinct: Vec<i64> =
        listed["layer"].as_array().expect("layers").iter().filter_map(Value::as_i64).collect();
    distinct.dedup();
    assert!(layers.abs_diff(distinct.len()) <= 1 && layers < pictures, "{layers} of {distinct:?}");
    let shots_after = door.get(&format!("/api/v1/printshotfeedbacks/?print_id={print}")).1;
    assert_eq!(shots_after.as_array().map(Vec::len), Some(shots.len()), "answers stay");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_print_too_short_for_a_film_says_so_and_has_its_poster() {
    let door = Door::open().await;
    let patch = json!({"min_timelapse_secs_on_cancel": -1});
    assert_eq!(door.patch(&format!("/api/v1/printers/{}/", door.world.printer), &patch).0, 200);
    let print = a_failed_print(&door).await;
    let film = until_film(&door, &print, "too_short").await;
    assert!(film["why"].as_str().is_some_and(|why| why.contains("settings")), "{film}");
    let mut shown = Value::Null;
    for _ in 0..100 {
        shown = door.get(&format!("/api/v1/prints/{print}/")).1;
        if shown["poster_url"].is_string() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(shown["poster_url"].is_string() && shown["video_url"].is_null(), "{shown}");
    let (_, events) = door.get("/api/v1/printer_events/");
    assert!(events.to_string().contains("Print cancelled"), "the notice needs no film: {events}");

    // A person may want one all the same.
    assert_eq!(door.post(&format!("/api/v1/vigil/prints/{print}/film/"), &json!({})).0, 202);
    until_film(&door, &print, "made").await;
    door.world.end().await;
}
