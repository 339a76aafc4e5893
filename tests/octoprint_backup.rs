//! A backup of OctoPrint: a person sees what is in it, chooses, and finds files, timelapses and past prints; nothing hostile
//! in it does harm.

use domain::PrinterId;
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;
use tests::pictures::demo_pictures;
use tests::visitor::Door;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const BACKUP: &str = "/api/v1/vigil/octoprint_backup/";
const TAKE: &str = "/api/v1/vigil/octoprint_backup/take/";
const CUBE: &str =
    ";LAYER:0\nG28\nM104 S200\nG1 X10 Y10 Z0.2 F3000\nG1 X60 Y10 E5 F1200\nG1 X60 Y60 E10\nM104 S0\n";

/// As OctoPrint 1.11 writes it.
fn backup(extra: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let mut put = |name: &str, content: &[u8]| {
        let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file(name, packed).expect("begun");
        zip.write_all(content).expect("written");
    };
    put("metadata.json", br#"{"version": "1.11.8", "excludes": []}"#);
    put("basedir/config.yaml", b"accessControl:\n  salt: geheim\n");
    put("basedir/users.yaml", b"me: {apikey: geheim, password: geheim}\n");
    put("basedir/uploads/cube.gcode", CUBE.as_bytes());
    put("basedir/uploads/toys/boat.gcode", format!("{CUBE};boat\n").as_bytes());
    put("basedir/uploads/part.stl", b"solid");
    put(
        "basedir/uploads/.metadata.json",
        br#"{"cube.gcode": {"hash": "c3ee", "history": [
            {"timestamp": 1700003600.5, "printTime": 3600.5, "success": true, "printerProfile": "_default"},
            {"timestamp": 1700010000.0, "success": false, "printerProfile": "_default"}]}}"#,
    );
    put(
        "basedir/uploads/toys/.metadata.json",
        br#"{"boat.gcode": {"history": [{"timestamp": 1700100000.0, "printTime": 1200.0, "success": true}]}}"#,
    );
    for (name, content) in extra {
        put(name, content);
    }
    zip.finish().expect("a ZIP").into_inner()
}

fn film() -> Vec<u8> {
    let dir = tempfile::tempdir().expect("a folder");
    let seen = demo_pictures(None, 200_000, 10_000, 12);
    let frames: Vec<PathBuf> = (0..12).map(|n| dir.path().join(format!("{n}.jpg"))).collect();
    for (rgb, path) in seen.iter().zip(&frames) {
        std::fs::write(path, camera::encode_jpeg(rgb, 85).expect("encodes")).expect("written");
    }
    let options = timelapse::FilmOptions::default();
    let go_on = &mut |_: f32| timelapse::Continue::Yes;
    let film = timelapse::render(&frames, dir.path(), &options, go_on).expect("a film");
    std::fs::read(film.video).expect("readable")
}

/// Looks into a backup.
fn look(door: &Door, zip: &[u8]) -> (u16, Value) {
    door.upload_to(BACKUP, &[("octoprint-backup.zip", zip)], &[])
}

/// Brings it in, and returns what came of it.
async fn take(door: &Door, wanted: &Value) -> Value {
    let (status, told) = door.post(TAKE, wanted);
    assert_eq!(status, 202, "{told}");
    for _ in 0..1200 {
        let (_, view) = door.get(BACKUP);
        if view["taking"].is_null() {
            return view["taken"].clone();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it is not done: {}", door.get(BACKUP).1);
}

fn leftovers(door: &Door) -> Vec<String> {
    let left = std::fs::read_dir(door.world.dir.path()).expect("readable").flatten();
    left.map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".part"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_timelapses_and_past_prints_come_after_a_look_and_once() {
    let door = Door::open().await;
    let films: [(&str, &[u8]); 3] = [
        ("basedir/timelapse/boat_20231116020000.mp4", &film()),
        ("basedir/timelapse/boat_20231116020000.thumb.jpg", b"jpeg"),
        ("basedir/timelapse/old.mpg", b"mpeg"),
    ];
    let zip = backup(&films);
    let count = |door: &Door| door.get("/api/v1/vigil/prints/count/").1;
    let before = count(&door);
    let (status, seen) = look(&door, &zip);
    assert_eq!(status, 200, "{seen}");
    assert_eq!(
        (&seen["files"], &seen["films"], &seen["prints"]),
        (&json!(2), &json!(1), &json!(3)),
        "{seen}"
    );
    assert_eq!((&seen["version"], &seen["name"]), (&json!("1.11.8"), &json!("octoprint-backup.zip")));
    assert!(seen["file_names"].to_string().contains("toys/boat.gcode"), "{seen}");
    let behind = seen["left_out"].to_string();
    assert!(behind.contains("part.stl: no G-code") && behind.contains("old.mpg: no MP4"), "{behind}");
    assert!(!seen.to_string().contains("geheim"));
    assert_eq!(count(&door), before, "nothing is written by a look");
    assert_eq!(door.get("/api/v1/g_code_folders/").1["results"].as_array().map(Vec::len), Some(0));

    let PrinterId(printer) = door.world.printer;
    let wanted = json!({"files": true, "films": true, "prints_of": printer});
    let taken = take(&door, &wanted).await;
    assert_eq!(
        (&taken["files"], &taken["films"], &taken["prints"]),
        (&json!(2), &json!(1), &json!(3)),
        "{taken}"
    );
    assert_eq!(taken["failed"], 0, "{taken}");
    let (_, folders) = door.get("/api/v1/g_code_folders/");
    assert_eq!(folders["results"][0]["name"], "From OctoPrint", "{folders}");
    let (_, found) = door.get("/api/v1/g_code_files/?q=boat");
    assert_eq!(found["results"][0]["filename"], "boat.gcode", "{found}");
    let (_, prints) = door.get("/api/v1/prints/?limit=100");
    let of = |name: &str| -> Vec<Value> {
        let all = prints.as_array().expect("a list").iter();
        all.filter(|print| print["filename"] == name).cloned().collect()
    };
    let boat = &of("boat.gcode")[0];
    assert_eq!(boat["started_at"], "2023-11-16T01:40:00.000000Z", "{boat}");
    assert_eq!(boat["finished_at"], "2023-11-16T02:00:00.000000Z", "{boat}");
    assert_eq!(boat["g_code_file"]["id"], found["results"][0]["id"], "it can be printed again: {boat}");
    let cubes = of("cube.gcode");
    assert_eq!(cubes.iter().filter(|print| print["cancelled_at"].is_string()).count(), 1, "{cubes:?}");
    assert_eq!(of("boat_20231116020000.mp4").len(), 1, "{prints}");

    // The same backup again brings nothing twice.
    assert_eq!(look(&door, &zip).0, 200);
    let again = take(&door, &wanted).await;
    assert_eq!(
        (&again["files"], &again["films"], &again["prints"]),
        (&json!(0), &json!(0), &json!(0)),
        "{again}"
    );
    assert_eq!(
        (&again["files_there"], &again["films_there"], &again["prints_there"]),
        (&json!(2), &json!(1), &json!(3)),
        "{again}"
    );
    assert_eq!(door.delete(BACKUP).0, 204);
    assert_eq!((door.get(BACKUP).1, leftovers(&door)), (Value::Null, Vec::new()), "and the upload is gone");
    assert_eq!(door.post(TAKE, &wanted).0, 404);
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_hostile_in_a_backup_does_harm() {
    let door = Door::open().await;
    let bomb = vec![b';'; 64 * 1024 * 1024];
    let mut deep = "basedir/uploads/".to_owned();
    deep.push_str(&"x/".repeat(60));
    deep.push_str("a.gcode");
    let zip = backup(&[
        ("basedir/uploads/../../../escaped.gcode", CUBE.as_bytes()),
        ("/basedir/uploads/rooted.gcode", CUBE.as_bytes()),
        ("basedir/uploads/back\\..\\slash.gcode", CUBE.as_bytes()),
        (&deep, CUBE.as_bytes()),
        ("basedir/uploads/bomb.gcode", &bomb),
        ("basedir/uploads/<img src=x>.gcode", format!("{CUBE};img\n").as_bytes()),
        ("basedir/uploads/no-code.gcode", b"%PDF-1.4 this is no G-code"),
        ("basedir/timelapse/no-film.mp4", b"not a film"),
    ]);
    let (status, seen) = look(&door, &zip);
    assert_eq!(
        (status, &seen["files"]),
        (200, &json!(4)),
        "two good ones, a name of marks, and one that is no code: {seen}"
    );
    let behind = seen["left_out"].to_string();
    assert!(behind.contains("bomb.gcode: packed so tight"), "{behind}");
    assert!(behind.contains("named like no file of OctoPrint"), "{behind}");
    let taken = take(&door, &json!({"files": true, "films": true, "prints_of": null})).await;
    assert_eq!(
        (&taken["files"], &taken["films"], &taken["prints"]),
        (&json!(3), &json!(0), &json!(0)),
        "{taken}"
    );
    assert_eq!(taken["failed"], 2, "{taken}");
    let said = taken["reasons"].to_string();
    assert!(said.contains("no-code.gcode") && said.contains("no-film.mp4"), "{said}");
    let data = door.world.dir.path();
    for outside in
        [data.join("escaped.gcode"), data.with_file_name("escaped.gcode"), PathBuf::from("/escaped.gcode")]
    {
        assert!(!outside.exists(), "{}", outside.display());
    }

    // What is no backup is refused with what to do.
    let no_base = {
        let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
        zip.start_file("uploads/cube.gcode", SimpleFileOptions::default()).expect("begun");
        zip.write_all(CUBE.as_bytes()).expect("written");
        zip.finish().expect("a ZIP").into_inner()
    };
    for (what, content) in
        [("nothing", &b""[..]), ("text", b"PK no"), ("half", &zip[..zip.len() / 2]), ("another", &no_base)]
    {
        let (status, told) = look(&door, content);
        assert!((400..500).contains(&status), "{what}: {status} {told}");
        assert!(told["hint"].as_str().is_some_and(|hint| hint.contains("Backup")), "{what}: {told}");
    }
    let wrong = json!({"files": false, "films": false, "prints_of": null});
    let (status, told) = door.post(TAKE, &wrong);
    assert!((400..500).contains(&status), "nothing was chosen: {status} {told}");
    let nowhere = json!({"files": false, "films": false, "prints_of": 999});
    let (status, told) = door.post(TAKE, &nowhere);
    assert!((400..500).contains(&status), "no such printer: {status} {told}");
    assert_eq!(door.delete(BACKUP).0, 204);
    assert_eq!(leftovers(&door), Vec::<String>::new());
    door.world.end().await;
}
