//! A clip of each alert: a minute before, half a minute after, with what was known.

use domain::DemoFault;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tests::visitor::{Door, TOKEN};

/// Files below a folder that are half made.
fn parts(dir: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|file| file.path());
    files
        .flat_map(|path| if path.is_dir() { parts(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|end| end == "part"))
        .collect()
}

fn greenest(rgb: &[u8]) -> i32 {
    rgb.chunks_exact(3).map(|p| i32::from(p[1]) - i32::from(p[0].max(p[2]))).max().unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_leaves_a_clip_that_plays() {
    let door = Door::open().await;
    let world = &door.world;
    let print = world.print_sample().await;
    world.until_looks(35, 60).await;
    let path = format!("/api/v1/vigil/prints/{print}/evidence/");
    assert_eq!(door.get(&path), (200, json!([])), "no alert, no clip");
    world.station.demo_fault(world.printer, DemoFault::Tangle, true).expect("the demo has a tangle");
    let alerted = world.until("alerted", 60, |v| v.vigil.alert.is_some()).await;
    let frame = alerted.vigil.alert.as_ref().expect("open").frame;

    let mut clips = Value::Null;
    for _ in 0..600 {
        clips = door.get(&path).1;
        if clips.as_array().is_some_and(|clips| !clips.is_empty()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let clip = clips.get(0).expect("a clip of the first alert");
    assert_eq!(clip["frame"], frame.get(), "{clip}");
    let seconds = clip["seconds"].as_f64().expect("its length");
    assert!((60.0..=90.0).contains(&seconds), "of the demo's seconds: {clip}");

    let file = world.dir.path().join("media/prints").join(print.to_string());
    let file = file.join("evidence").join(format!("{frame}.mp4"));
    let pictures: Vec<_> = timelapse::Clip::open(&file, &sandbox::Decoders::here())
        .expect("a film")
        .collect::<Result<_, _>>()
        .expect("every picture is whole");
    assert!(pictures.len() >= 5 && pictures.len() <= 451, "{} pictures", pictures.len());
    assert_eq!((pictures[0].width, pictures[0].height), (1280, 720));
    // The detector of this world sees nothing before the tangle and a box at it.
    let boxed = |p: &&timelapse::ClipPicture| greenest(&p.rgb[1280 * 3 * 60..1280 * 3 * 220]) > 100;
    assert!(pictures.iter().any(|p| boxed(&p)) && pictures.iter().any(|p| !boxed(&p)));
    // The pause that follows the alert gets a clip of its own, which may be under way.
    for _ in 0..600 {
        if parts(world.dir.path()).is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(parts(world.dir.path()), Vec::<PathBuf>::new());
    // Counted while the print is open: no film is made meanwhile.
    let counted = || {
        let storage = door.get("/api/v1/vigil/storage/").1;
        storage["prints"].as_array().and_then(|prints| prints.first()?["other_bytes"].as_u64())
    };
    for _ in 0..100 {
        if counted() >= clip["num_bytes"].as_u64() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(counted() >= clip["num_bytes"].as_u64(), "the storage page shows the clip: {:?}", counted());

    let url = clip["url"].as_str().expect("where it is");
    let request = door.agent.get(door.url(url)).header("Authorization", format!("Bearer {TOKEN}"));
    let mut part = request.header("Range", "bytes=4-7").call().expect("answered");
    assert_eq!(part.status().as_u16(), 206, "players jump");
    assert_eq!(part.body_mut().read_to_vec().expect("bytes"), b"ftyp");
    assert_eq!(door.get("/api/v1/vigil/prints/4711/evidence/").0, 404);
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ending_the_core_drops_a_clip_that_waits() {
    let door = Door::open().await;
    let world = &door.world;
    world.print_sample().await;
    world.until_looks(35, 60).await;
    world.station.demo_fault(world.printer, DemoFault::Tangle, true).expect("the demo has a tangle");
    world.until("alerted", 60, |v| v.vigil.alert.is_some()).await;
    let dir = world.dir.path().to_owned();
    world.station.shutdown(domain::Leave::AsItIs).await;
    assert_eq!(parts(&dir), Vec::<PathBuf>::new());
}
