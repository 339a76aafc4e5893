//! Films made elsewhere become past prints: looked through, shown, answered; refused, broken off, taken up again.

use domain::Leave;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tests::pictures::demo_pictures;
use tests::visitor::Door;
use tests::world::{Eye, Options, start_at};

const IMPORT: &str = "/api/v1/vigil/prints/import/";

/// A timelapse of the demo, one picture in ten seconds: the print comes loose in its middle.
fn timelapse_of(dir: &Path, pictures: usize) -> Vec<u8> {
    let loose_after_ms = pictures as u64 / 2 * 10_000;
    let seen = demo_pictures(Some(loose_after_ms), 200_000, 10_000, pictures);
    let frames: Vec<PathBuf> = (0..pictures).map(|n| dir.join(format!("{n}.jpg"))).collect();
    for (rgb, path) in seen.iter().zip(&frames) {
        std::fs::write(path, camera::encode_jpeg(rgb, 85).expect("encodes")).expect("written");
    }
    let options = timelapse::FilmOptions { fps: 30.0, quality: 2.0, ..timelapse::FilmOptions::default() };
    let go_on = &mut |_: f32| timelapse::Continue::Yes;
    let film = timelapse::render(&frames, dir, &options, go_on).expect("a film");
    std::fs::read(film.video).expect("readable")
}

async fn until_film(door: &Door, print: i64, is: impl Fn(&Value) -> bool) -> Value {
    let path = format!("/api/v1/vigil/prints/{print}/film/");
    for _ in 0..1200 {
        let (_, film) = door.get(&path);
        if is(&film) {
            return film;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the film stays so: {}", door.get(&path).1);
}

fn pictures_of(door: &Door, url: &Value) -> (usize, f64) {
    let url = url.as_str().expect("a URL").trim_start_matches('/');
    let clip = timelapse::Clip::open(&door.world.dir.path().join(url), &sandbox::Decoders::here())
        .expect("a film that can be read");
    let secs = clip.seconds();
    (clip.inspect(|picture| assert!(picture.is_ok(), "whole")).count(), secs)
}

fn imported(door: &Door, film: &[u8], fields: &[(&str, &str)]) -> i64 {
    let (status, told) = door.upload_to(IMPORT, &[("../A friend's print.mp4", film)], fields);
    assert_eq!(status, 202, "{told}");
    told["print"].as_i64().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_becomes_a_past_print_with_all_that_a_watched_one_has() {
    let door = Door::open_as(Options { eye: Eye::Model, ..Options::default() }).await;
    let dir = tempfile::tempdir().expect("a folder");
    let film = timelapse_of(dir.path(), 60);
    let before = door.get("/api/v1/vigil/prints/stats/").1;
    let print = imported(&door, &film, &[]);
    until_film(&door, print, |film| film["state"] == "analysing" || film["state"] == "made").await;
    until_film(&door, print, |film| film["state"] == "made").await;

    let (_, shown) = door.get(&format!("/api/v1/prints/{print}/"));
    assert!(shown["uploaded_at"].is_string() && shown["printer"].is_null(), "{shown}");
    assert!(shown["finished_at"].is_null() && shown["cancelled_at"].is_null(), "it was no print of ours");
    assert_eq!(shown["filename"], "A friend's print.mp4", "the name, without folders");
    assert!(shown["alerted_at"].is_string() && shown["paused_at"].is_null(), "nothing was paused: {shown}");
    let (plain, secs) = pictures_of(&door, &shown["video_url"]);
    let (tagged, tagged_secs) = pictures_of(&door, &shown["tagged_video_url"]);
    assert_eq!((plain, tagged), (60, 60));
    assert!((secs - tagged_secs).abs() < 0.2, "as long: {secs} s, {tagged_secs} s");
    assert_eq!(door.raw(shown["poster_url"].as_str().expect("a poster")).status().as_u16(), 200);
    let (_, figures) = door.get(&format!("/api/v1/prints/{print}/prediction_json/"));
    let figures = figures.as_array().expect("frame by frame");
    assert_eq!(figures.len(), tagged, "in step with the film with boxes");
    assert!(figures[59]["fields"]["current_p"].as_f64() > Some(0.3), "{}", figures[59]);
    assert!(figures[59]["pk"].is_null(), "of no printer");

    let (_, curve) = door.get(&format!("/api/v1/vigil/prints/{print}/curve/"));
    let t: Vec<f64> = curve["t"].as_array().expect("a column").iter().filter_map(Value::as_f64).collect();
    assert_eq!(t.len(), 60);
    assert!(t.windows(2).all(|two| (two[1] - two[0] - 10.0).abs() < 0.6), "ten seconds apart: {t:?}");
    let (_, review) = door.get("/api/v1/vigil/review/?kind=alert&reviewed=false");
    let alert = review["items"].as_array().expect("a list").iter().find(|item| item["print"] == print);
    let alert = alert.unwrap_or_else(|| panic!("its alert is to be looked at: {review}"));
    assert!(alert["printer"].is_null() && alert["reasons"].is_object(), "{alert}");
    assert_eq!(door.raw(alert["image_url"].as_str().expect("a picture")).status().as_u16(), 200);
    assert!(
        shown["printshotfeedback_set"].as_array().is_some_and(|shots| !shots.is_empty()),
        "asked about: {shown}"
    );
    let answer = json!({"alert_overwrite": "FAILED"});
    assert_eq!(door.patch(&format!("/api/v1/prints/{print}/"), &answer).0, 200);
    assert_eq!(door.get("/api/v1/vigil/prints/stats/").1["groups"], before["groups"], "counted nowhere");
    for what in ["frames", "looks", "temperatures", "evidence", "watch"] {
        assert_eq!(door.get(&format!("/api/v1/vigil/prints/{print}/{what}/")).0, 200, "{what}");
    }
    for what in ["export.zip", "export.html"] {
        assert_eq!(
            door.raw(&format!("/api/v1/vigil/prints/{print}/{what}")).status().as_u16(),
            200,
            "{what}"
        );
    }

    // Looked through again: as many pictures as before, and the answers stay.
    assert_eq!(door.post(&format!("/api/v1/vigil/prints/{print}/film/"), &json!({})).0, 202);
    until_film(&door, print, |film| film["state"] == "made").await;
    let (_, frames) = door.get(&format!("/api/v1/vigil/prints/{print}/frames/"));
    assert_eq!(frames["id"].as_array().map(Vec::len), Some(60));
    assert_eq!(door.get(&format!("/api/v1/prints/{print}/")).1["alert_overwrite"], "FAILED");
    let folder = door.world.dir.path().join(format!("media/prints/{print}"));
    assert!(folder.join("brought.mp4").is_file());
    assert_eq!(door.delete(&format!("/api/v1/prints/{print}/?keep_record=true")).0, 204);
    let films = std::fs::read_dir(&folder).expect("the record has its folder").flatten();
    let films: Vec<_> =
        films.filter(|file| file.path().extension().is_some_and(|end| end == "mp4")).collect();
    assert!(films.is_empty(), "what was brought goes with the pictures: {films:?}");
    assert_eq!(door.delete(&format!("/api/v1/prints/{print}/?for_good=true")).0, 204);
    assert!(!door.world.dir.path().join(format!("media/prints/{print}")).exists(), "gone with its film");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_fast_as_life_it_is_looked_at_once_a_second() {
    let door = Door::open().await;
    let dir = tempfile::tempdir().expect("a folder");
    let film = timelapse_of(dir.path(), 90);
    let print = imported(&door, &film, &[("secs_per_picture", "0")]);
    until_film(&door, print, |film| film["state"] == "made").await;
    let (_, curve) = door.get(&format!("/api/v1/vigil/prints/{print}/curve/"));
    let t: Vec<f64> = curve["t"].as_array().expect("a column").iter().filter_map(Value::as_f64).collect();
    assert!((3..=4).contains(&t.len()) && t.last().is_some_and(|last| *last < 3.2), "three seconds: {t:?}");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_film_is_refused_with_a_cure_and_leaves_nothing() {
    let door = Door::open().await;
    let dir = tempfile::tempdir().expect("a folder");
    let film = timelapse_of(dir.path(), 12);
    let jpeg = std::fs::read(dir.path().join("1.jpg")).expect("a picture");
    let hevc: Vec<u8> = film.windows(4).rposition(|four| four == b"avc1").map_or_else(Vec::new, |at| {
        let mut other = film.clone();
        other[at..at + 4].copy_from_slice(b"hvc1");
        other
    });
    let before = door.get("/api/v1/vigil/prints/count/").1;
    for (what, content) in
        [("a picture", &jpeg[..]), ("nothing", b""), ("its head", &film[..200]), ("HEVC", &hevc)]
    {
        let (status, told) = door.upload_to(IMPORT, &[("a.mp4", content)], &[]);
        assert_eq!(status, 422, "{what}: {told}");
        let text = |key: &str| told[key].as_str().unwrap_or_default().to_owned();
        assert!(text("message").contains("a.mp4") && !text("hint").is_empty(), "{what}: {told}");
        assert!(
            what != "HEVC" || text("message").contains("hvc1") || text("message").contains("HEVC"),
            "{told}"
        );
    }
    let (status, told) = door.upload_to(IMPORT, &[("a.mp4", &film)], &[("secs_per_picture", "-3")]);
    assert_eq!(status, 422, "{told}");
    assert_eq!(door.upload_to(IMPORT, &[], &[("secs_per_picture", "3")]).0, 400);
    assert_eq!(door.get("/api/v1/vigil/prints/count/").1, before, "no print came of it");
    let left = std::fs::read_dir(door.world.dir.path()).expect("readable").flatten();
    let left: Vec<_> = left.filter(|entry| entry.file_name().to_string_lossy().ends_with(".part")).collect();
    assert!(left.is_empty(), "{left:?}");
    // H.264 that the decoder does not take: named, and no empty print is left.
    let films = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/crates/timelapse/tests/data");
    for (name, word) in [("10-bit", "10-bit"), ("422", "4:2:2"), ("444", "4:4:4"), ("lossless", "lossless")] {
        let film = std::fs::read(films.join(format!("{name}.mp4"))).expect("a film of the tests");
        let (status, told) = door.upload_to(IMPORT, &[("film.mp4", &film)], &[]);
        let said = told.to_string();
        assert!(status >= 400 && said.contains(word) && said.contains("HandBrake"), "{status} {said}");
    }
    assert_eq!(door.get("/api/v1/vigil/prints/count/").1, before, "nothing became a print");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_off_it_stays_and_a_core_that_ends_takes_it_up_again() {
    let door = Door::open_as(Options { eye: Eye::Model, ..Options::default() }).await;
    let dir = tempfile::tempdir().expect("a folder");
    let film = timelapse_of(dir.path(), 80);
    let path = |print: i64| format!("/api/v1/vigil/prints/{print}/film/");
    let middle = |film: &Value| film["progress"].as_f64().is_some_and(|share| share > 0.1);
    let print = imported(&door, &film, &[]);
    until_film(&door, print, middle).await;
    let busy = door.delete(&format!("/api/v1/prints/{print}/"));
    assert_eq!(busy.0, 409, "not while it is looked at: {}", busy.1);
    assert_eq!(door.delete(&path(print)).0, 200);
    until_film(&door, print, |film| film["state"] == "cancelled").await;
    assert_eq!(door.post(&path(print), &json!({})).0, 202, "and again");
    until_film(&door, print, middle).await;

    let Door { world, .. } = door;
    world.station.shutdown(Leave::AsItIs).await;
    let tests::world::World { dir: data, .. } = world;
    let (station, _far) = start_at(data.path(), &Options { eye: Eye::Model, ..Options::default() }).await;
    let mut seen = None;
    for _ in 0..1200 {
        let read = station.film_view(domain::PrintId(print)).expect("readable").expect("there");
        seen = read.state;
        if seen == Some(domain::FilmStep::Made) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(seen, Some(domain::FilmStep::Made));
    let frames = station.store().read(|conn| store::frame::of_print(conn, domain::PrintId(print), &[]));
    assert_eq!(frames.expect("readable").len(), 80, "each picture once");
    station.shutdown(Leave::AsItIs).await;
}
