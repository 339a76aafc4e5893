//! What a crash or a full disk in the middle of a film or of erasing leaves behind: all that was there, and nothing
//! half made.
#![cfg(unix)]

use anyhow::{Context, bail};
use domain::{EndedBy, FrameId, FrameRow, Print, PrintId, PrinterId, Timestamp};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use store::Store;
use tests::cores::{Core, command};

/// Pictures of the long film.
const PICTURES: i64 = 240;
/// The first made-up print.
const FIRST: i64 = 500;
/// 2030-01-01: tidying up takes nothing of it for old.
const BEGAN: i64 = 1_893_456_000_000_000;

/// A data folder with a demo printer, as a core leaves it.
fn folder() -> anyhow::Result<tempfile::TempDir> {
    let data = tempfile::tempdir()?;
    let mut core = Core::start(data.path())?;
    core.until("Ready")?;
    core.signal("-TERM")?;
    core.ended(12)?;
    Ok(data)
}

/// Adds a past print with so many pictures, each with this content.
fn past_print(data: &Path, id: i64, pictures: i64, jpeg: impl Fn(i64) -> Vec<u8>) -> anyhow::Result<()> {
    let began = Timestamp::from_micros(BEGAN).plus_secs(id as f64 * 7200.0);
    let mut print = Print::begin(PrintId(id), PrinterId(1), None, format!("part {id}.gcode"), began);
    let ended = began.plus_secs(pictures as f64 * 10.0);
    (print.finished_at, print.ended_by) = (Some(ended), Some(EndedBy::Finished));
    let mut rows = Vec::new();
    for n in 0..pictures {
        let frame = FrameId(id * 10_000 + n);
        let path = format!("media/prints/{id}/frames/{frame}.jpg");
        let (file, content) = (data.join(&path), jpeg(n));
        std::fs::create_dir_all(file.parent().context("a folder")?)?;
        std::fs::write(&file, &content)?;
        rows.push(FrameRow {
            id: frame,
            print: PrintId(id),
            camera: domain::CameraId(1),
            taken_at: began.plus_secs(n as f64 * 10.0),
            path,
            width: 1280,
            height: 720,
            num_bytes: content.len() as u64,
            why: "film".into(),
            line: None,
            layer_idx: None,
        });
    }
    let (store, _) = Store::open(data, began, |_| ())?;
    store.write_now(move |tx| {
        store::print::put(tx, &print)?;
        rows.iter().try_for_each(|row| store::frame::insert(tx, row))
    })?;
    store.close(Duration::from_secs(10))?;
    Ok(())
}

/// A picture with detail everywhere, another for each number: films of them take time and room.
fn detailed(n: i64) -> Vec<u8> {
    let (width, height) = (1280, 720);
    let mut seed = (n as u32).wrapping_mul(2_654_435_761) | 1;
    let pixels = (0..width * height * 3)
        .map(|at| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (at / 64) as u8 ^ (seed >> 27) as u8
        })
        .collect();
    camera::encode_jpeg(&camera::Rgb { width, height, pixels }, 80).expect("a picture")
}

fn film(core: &Core, print: i64) -> anyhow::Result<Value> {
    core.get(&format!("/api/v1/vigil/prints/{print}/film/"))
}

fn until_film(core: &Core, print: i64, is: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
    let mut seen = Value::Null;
    for _ in 0..2_400 {
        seen = film(core, print)?;
        if is(&seen) {
            return Ok(seen);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    bail!("the film stays so: {seen}")
}

/// Names of files below a print's folder, pictures left out.
fn files(data: &Path, print: i64) -> Vec<String> {
    let folder = data.join(format!("media/prints/{print}"));
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

fn pictures_of(film: &Path) -> anyhow::Result<usize> {
    let mut whole = 0;
    for picture in timelapse::Clip::open(film, &sandbox::Decoders::here())? {
        picture?;
        whole += 1;
    }
    Ok(whole)
}

#[test]
fn killed_in_the_middle_of_a_film_it_is_made_at_the_next_start_and_nothing_half_made_is_shown()
-> anyhow::Result<()> {
    let data = folder()?;
    past_print(data.path(), FIRST, PICTURES, detailed)?;
    let mut core = Core::start(data.path())?;
    core.post(&format!("/api/v1/vigil/prints/{FIRST}/film/"), &json!({"end_hold_secs": 0.0}))?;
    let middle = |share: f64| (0.1..0.9).contains(&share);
    until_film(&core, FIRST, |film| film["progress"].as_f64().is_some_and(middle))?;
    let shown = core.get(&format!("/api/v1/prints/{FIRST}/"))?;
    assert!(shown["video_url"].is_null() && shown["tagged_video_url"].is_null(), "{shown}");
    core.signal("-KILL")?;
    core.ended(5)?;
    assert!(files(data.path(), FIRST).iter().any(|name| name.ends_with(".part")), "it was under way");

    let again = Core::start(data.path())?;
    until_film(&again, FIRST, |film| film["state"] == "made")?;
    let shown = again.get(&format!("/api/v1/prints/{FIRST}/"))?;
    for key in ["video_url", "tagged_video_url"] {
        let url = shown[key].as_str().with_context(|| format!("{key} is there: {shown}"))?;
        let pictures = pictures_of(&data.path().join(url.trim_start_matches('/')))?;
        assert_eq!(pictures, PICTURES as usize, "{key}");
    }
    let left = files(data.path(), FIRST);
    assert!(!left.iter().any(|name| name.ends_with(".part")), "{left:?}");
    Ok(())
}

#[test]
fn a_disk_that_fills_in_the_middle_of_a_film_says_so_and_the_film_before_stays() -> anyhow::Result<()> {
    let data = folder()?;
    past_print(data.path(), FIRST, 60, detailed)?;
    let mut core = Core::start(data.path())?;
    let small = json!({"max_side_px": 320, "quality": "small", "end_hold_secs": 0.0});
    let path = format!("/api/v1/vigil/prints/{FIRST}/film/");
    core.post(&path, &small)?;
    until_film(&core, FIRST, |film| film["state"] == "made")?;
    core.signal("-TERM")?;
    core.ended(12)?;
    let before = files(data.path(), FIRST);

    // No file of this core grows beyond 1.5 MiB: the film breaks off in its middle, as on a full disk.
    let plain = command(data.path())?;
    let mut limited = Command::new("bash");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 1536; exec \"$@\"", "bash"]);
    limited.arg(plain.get_program()).args(plain.get_args());
    let core = Core::start_as(limited)?;
    core.post(&path, &json!({"quality": "fine", "end_hold_secs": 0.0}))?;
    let told = until_film(&core, FIRST, |film| film["state"] == "failed" || film["state"] == "made")?;
    let sizes = ["film.mp4", "tagged.mp4"].map(|name| {
        data.path().join(format!("media/prints/{FIRST}/{name}")).metadata().map_or(0, |file| file.len())
    });
    assert_eq!(told["state"], "failed", "{sizes:?} bytes: {told}");
    let why = told["why"].as_str().context("says why")?;
    assert!(why.contains("disk") || why.contains("space") || why.contains("room"), "and what to do: {why}");
    assert_eq!(files(data.path(), FIRST), before, "nothing half made lies there");
    let shown = core.get(&format!("/api/v1/prints/{FIRST}/"))?;
    let url = shown["video_url"].as_str().with_context(|| format!("the film before is shown: {shown}"))?;
    assert_eq!(pictures_of(&data.path().join(url.trim_start_matches('/')))?, 60, "and plays");
    let frames = core.get(&format!("/api/v1/vigil/prints/{FIRST}/frames/"))?;
    assert_eq!(frames["id"].as_array().map(Vec::len), Some(60), "the pictures are there for another try");
    Ok(())
}

#[test]
fn killed_in_the_middle_of_erasing_a_print_is_there_whole_or_gone() -> anyhow::Result<()> {
    let data = folder()?;
    let pictures = 3_000;
    // From before it begins to after it has ended on any disk.
    let delays_ms = [0, 3, 10, 25, 60, 150];
    for n in 0..delays_ms.len() as i64 {
        past_print(data.path(), FIRST + n, pictures, |_| vec![7; 200])?;
    }
    let (mut whole, mut gone) = (0, 0);
    for (id, delay) in (FIRST..).zip(delays_ms) {
        let mut core = Core::start(data.path())?;
        core.until("Ready")?;
        std::thread::scope(|scope| -> anyhow::Result<()> {
            // It may be answered or not.
            scope.spawn(|| drop(core.delete(&format!("/api/v1/prints/{id}/?for_good=true"))));
            std::thread::sleep(Duration::from_millis(delay));
            core.signal("-KILL")
        })?;
        core.ended(5)?;
        let mut again = Core::start(data.path())?;
        again.until("Ready")?;
        let listed = again.get(&format!("/api/v1/prints/?q=part%20{id}"))?;
        let frames = data.path().join(format!("media/prints/{id}/frames"));
        let left = || std::fs::read_dir(&frames).map_or(0, Iterator::count);
        if listed.as_array().is_some_and(|prints| prints.len() == 1) {
            whole += 1;
            assert_eq!(left() as i64, pictures, "print {id} is listed, so all of it is there");
        } else {
            gone += 1;
            // What is swept up behind a crash goes soon after the start.
            for _ in 0..200 {
                if left() == 0 {
                    break;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
            assert_eq!(left(), 0, "print {id} is not listed, so nothing of it is there");
        }
        again.signal("-TERM")?;
        again.ended(12)?;
    }
    println!("{whole} prints were still there, {gone} gone");
    Ok(())
}
