//! Trying the detection without a printer, through the door: pictures, a film, and what is neither.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tests::visitor::{Door, TOKEN};

/// Names and contents.
type Files<'a> = Vec<(&'a str, &'a [u8])>;

const TRY: &str = "/api/v1/vigil/try/";

fn jpeg(grey: u8, side: u32) -> Vec<u8> {
    let pixels = vec![grey; side as usize * side as usize * 3];
    camera::encode_jpeg(&camera::Rgb { width: side, height: side, pixels }, 80).expect("encodes")
}

/// A film of `count` pictures, four a second.
fn film(dir: &Path, count: u8) -> Vec<u8> {
    let frames: Vec<PathBuf> = (0..count).map(|n| dir.join(format!("{n}.jpg"))).collect();
    for (n, path) in frames.iter().enumerate() {
        std::fs::write(path, jpeg(n as u8 * 4, 160)).expect("written");
    }
    let options = timelapse::FilmOptions { fps: 4.0, ..timelapse::FilmOptions::default() };
    let go_on = &mut |_: f32| timelapse::Continue::Yes;
    let film = timelapse::render(&frames, dir, &options, go_on).expect("a film");
    std::fs::read(film.video).expect("readable")
}

async fn ended(door: &Door, id: u64) -> Value {
    for _ in 0..400 {
        let (status, view) = door.get(&format!("{TRY}{id}/"));
        assert_eq!(status, 200, "{view}");
        if view["state"] != "running" {
            return view;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not end");
}

fn folders(door: &Door) -> usize {
    std::fs::read_dir(door.world.dir.path().join("try")).map_or(0, |inside| inside.count())
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_and_a_film_are_looked_at_one_trial_at_a_time() {
    let door = Door::open().await;
    let pictures: Vec<Vec<u8>> = (0..4).map(|n| jpeg(n * 40, 64)).collect();
    let files: Vec<(&str, &[u8])> = ["a.jpg", "b.jpg", "sub/c.jpg", "d.jpg"]
        .into_iter()
        .zip(pictures.iter().map(Vec::as_slice))
        .collect();
    let (status, begun) = door.upload_to(TRY, &files, &[]);
    assert_eq!((status, &begun["total"]), (201, &json!(4)), "{begun}");
    let id = begun["id"].as_u64().expect("a number");
    let view = ended(&door, id).await;
    assert_eq!((&view["state"], &view["done"]), (&json!("finished"), &json!(4)), "{view}");
    let times: Vec<f64> =
        view["points"].as_array().expect("looks").iter().filter_map(|p| p["seconds"].as_f64()).collect();
    assert_eq!(times, [0.0, 10.0, 20.0, 30.0], "ten seconds apart, unless said otherwise");
    assert_eq!(view["points"][2]["printvigil"]["verdict"], "fine", "{view}");
    assert_eq!(door.get(&format!("{TRY}{id}/?from=3")).1["points"].as_array().map(Vec::len), Some(1));
    let picture = door.agent.get(door.url(&format!("{TRY}{id}/frames/3.jpg")));
    let mut picture = picture.header("Authorization", format!("Bearer {TOKEN}")).call().expect("answered");
    assert_eq!(picture.body_mut().read_to_vec().expect("bytes"), pictures[3]);
    for wrong in ["4.jpg", "..%2f0.jpg", "brought-0"] {
        assert_eq!(door.get(&format!("{TRY}{id}/frames/{wrong}")).0, 404, "{wrong}");
    }

    let dir = tempfile::tempdir().expect("a folder");
    let clip = film(dir.path(), 60);
    let (status, begun) = door.upload_to(TRY, &[("../clip.mp4", &clip)], &[]);
    assert_eq!(
        (status, &begun["total"]),
        (201, &json!(15)),
        "once a second; the old trial makes room: {begun}"
    );
    let second = begun["id"].as_u64().expect("a number");
    assert_eq!(door.get(&format!("{TRY}{id}/")).0, 404, "the one before is gone");
    let (status, busy) = door.upload_to(TRY, &[("a.jpg", &pictures[0])], &[]);
    // It may have ended by now: then this one takes its place.
    assert!(
        status == 201 || (status == 409 && busy["hint"].as_str().is_some_and(|h| !h.is_empty())),
        "{busy}"
    );
    if status == 409 {
        let view = ended(&door, second).await;
        assert_eq!((&view["state"], &view["done"]), (&json!("finished"), &json!(15)), "{view}");
    }
    let last = if status == 201 { busy["id"].as_u64().expect("a number") } else { second };
    ended(&door, last).await;
    assert_eq!(folders(&door), 1, "only that of the last trial is left");
    assert_eq!(door.delete(&format!("{TRY}{last}/")).0, 204);
    assert_eq!((folders(&door), door.delete(&format!("{TRY}{last}/")).0), (0, 404));
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_tried_is_refused_with_a_cure_and_leaves_nothing() {
    let door = Door::open().await;
    let dir = tempfile::tempdir().expect("a folder");
    let clip = film(dir.path(), 40);
    let (torn, good) = (&clip[..clip.len() / 2], jpeg(9, 64));
    let cases: [(&str, Files<'_>, u16); 5] = [
        ("no file", vec![], 400),
        ("an empty one", vec![("a.jpg", b"")], 422),
        ("a text", vec![("a.jpg", b"hello, world")], 422),
        ("the head of a film", vec![("a.mp4", &clip[..100])], 422),
        ("film and picture", vec![("a.mp4", &clip), ("b.jpg", &good)], 422),
    ];
    for (what, files, wanted) in cases {
        let (status, error) = door.upload_to(TRY, &files, &[("note", "x")]);
        assert_eq!(status, wanted, "{what}: {error}");
        assert!(error["hint"].as_str().is_some_and(|hint| hint.ends_with('.')), "{what}: {error}");
        assert_eq!(folders(&door), 0, "{what}");
    }
    for every in ["0", "-1", "nan", "soon", "1e9"] {
        let (status, error) = door.upload_to(TRY, &[("a.jpg", &good)], &[("every", every)]);
        assert_eq!((status, folders(&door)), (400, 0), "{every}: {error}");
    }
    let (status, begun) = door.upload_to(TRY, &[("a.mp4", torn)], &[]);
    assert_eq!(status, 201, "its table of contents is whole: {begun}");
    let view = ended(&door, begun["id"].as_u64().expect("a number")).await;
    assert_eq!(view["state"], "failed", "{view}");
    assert!(view["fault"].as_str().is_some_and(|fault| fault.contains("Copy the film again")), "{view}");
    let looks = view["points"].as_array().map_or(0, Vec::len);
    assert!((1..10).contains(&looks), "what is there is looked at: {looks}");
    let two: Files<'_> = vec![("torn.jpg", &good[..good.len() / 4]), ("a.jpg", &good)];
    let begun = door.upload_to(TRY, &two, &[]).1;
    let view = ended(&door, begun["id"].as_u64().expect("a number")).await;
    assert_eq!((&view["state"], &view["num_skipped"]), (&json!("finished"), &json!(1)), "{view}");
    door.world.end().await;
}
