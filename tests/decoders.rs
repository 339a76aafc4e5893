//! A camera that streams H.264, watched by the whole core: what decodes it is killed, hangs, is fed hostile bytes, and is not
//! left behind. The print goes on.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // Helpers of tests.

#[path = "../src-tauri/crates/camera/tests/rtsp_server/mod.rs"]
mod rtsp_server;

use anyhow::{Context, bail, ensure};
use domain::{Camera, CameraId, CameraSource, PrinterPatch, Request, Rotation};
use rtsp_server::{GOP, Plan, Sender, serve};
use sandbox::Decoders;
use serde_json::json;
use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tests::cores::Core;
use tests::programs::ours;
use tests::world::{Options, World};

/// The print is to last longer than all that happens to its camera.
const SPEED: f64 = 10.0;

/// Returns the decoders of a process, by their numbers.
fn decoders_of(parent: u32) -> anyhow::Result<Vec<u32>> {
    let found = Command::new("pgrep").args(["-P", &parent.to_string(), "-f", "vigil decode"]).output()?;
    Ok(String::from_utf8(found.stdout)?.lines().filter_map(|line| line.parse().ok()).collect())
}

/// Waits for the one decoder of a process, another one than `before`.
fn decoder_of(parent: u32, before: Option<u32>) -> anyhow::Result<u32> {
    for _ in 0..600 {
        match decoders_of(parent)?.as_slice() {
            [one] if Some(*one) != before => return Ok(*one),
            _ => std::thread::sleep(Duration::from_millis(50)),
        }
    }
    bail!("there is not one decoder but {:?}", decoders_of(parent)?)
}

fn signal(id: u32, signal: &str) -> anyhow::Result<()> {
    ensure!(Command::new("kill").args([signal, &id.to_string()]).status()?.success(), "{id} was not there");
    Ok(())
}

/// Returns whether a process runs, or waits to.
fn runs(id: u32) -> bool {
    // One that has ended may wait for somebody to ask how.
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['Z', 'X']))
}

/// Plays a stream of five pictures a second, too few whole ones to see by these alone; while `hostile`, each frame is damaged in another way.
fn playing(hostile: Arc<AtomicBool>) -> Plan {
    let play = move |stream: &mut TcpStream, frames: &[Vec<Vec<u8>>]| {
        let (mut sender, mut seed) = (Sender::default(), 1_u64);
        let mut next = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        for n in 0_usize.. {
            let mut units = frames[n % GOP].clone();
            if hostile.load(Ordering::Relaxed) {
                for unit in &mut units {
                    let whole = unit.len();
                    unit.truncate(whole.min(2 + next(whole)));
                    for _ in 0..30 {
                        let at = 1 + next(unit.len() - 1);
                        unit[at] = next(256) as u8;
                    }
                }
            }
            sender.send(stream, &units)?;
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    };
    Plan { play: Arc::new(play), ..Plan::default() }
}

fn camera(url: String) -> Camera {
    let source = CameraSource::Rtsp { url };
    let id = CameraId(0);
    Camera {
        id,
        name: "Stream".into(),
        source,
        rotation: Rotation::Deg0,
        flip_h: false,
        flip_v: false,
        crop: None,
    }
}

/// A demo printer that is watched through a stream, and prints.
async fn watched(hostile: &Arc<AtomicBool>) -> anyhow::Result<(World, CameraId)> {
    let program = ours("vigil")?;
    let decoders = Decoders::apart(move || {
        let mut command = Command::new(&program);
        command.arg("decode");
        Ok(command)
    });
    let (base, _asked) = serve(playing(hostile.clone()));
    let options = Options { decoders: Some(decoders), demo_scale: SPEED, ..Options::default() };
    let world = World::start(options).await;
    let camera = world.station.put_camera(camera(format!("rtsp://{base}/live"))).await?;
    let patch = PrinterPatch { camera: Some(camera.id), ..PrinterPatch::default() };
    world.ask(Request::Patch(world.printer, Box::new(patch))).await;
    world.print_sample().await;
    let of_it = move |v: &domain::PrinterView| {
        v.vigil.watch.watching && v.vigil.camera.as_ref().is_some_and(|c| c.id == camera.id && c.live)
    };
    world.until("watched through the stream", 60, of_it).await;
    Ok((world, camera.id))
}

/// The moves of the sample, as they are to reach the printer.
fn moves() -> Vec<String> {
    let lines = sim::sample_gcode().lines().map(|line| line.split(';').next().unwrap_or_default().trim());
    lines.filter(|line| is_move(line)).map(str::to_owned).collect()
}

fn is_move(line: &str) -> bool {
    line.starts_with("G0 ") || line.starts_with("G1 ")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_a_decoder_is_told_it_is_replaced_and_the_print_loses_no_line() -> anyhow::Result<()>
{
    let hostile = Arc::new(AtomicBool::new(false));
    let (world, camera) = watched(&hostile).await?;
    let we = std::process::id();
    let executed = |world: &World| -> Vec<String> {
        world.sim().commands().into_iter().map(|one| one.text).filter(|line| is_move(line)).collect()
    };
    world
        .until_sim("hot, and printing", 90, |sim| {
            sim.commands().iter().filter(|c| is_move(&c.text)).count() > 20
        })
        .await;
    let mut before = executed(&world).len();
    let mut decoder = decoder_of(we, None)?;

    for (how, words) in [("-KILL", "has ended (signal: 9"), ("-STOP", "did not answer within 3 seconds")] {
        signal(decoder, how)?;
        let told =
            world.until(words, 8, |v| !v.vigil.watch.watching && v.vigil.watch.reason.contains(words)).await;
        let dead = told.vigil.camera.as_ref().context("a camera")?;
        assert!(!dead.live, "{dead:?}");
        world.until("watched again", 60, |v| v.vigil.watch.watching).await;
        let another = decoder_of(we, Some(decoder))?;
        assert!(!runs(decoder), "{how}: the other one is gone");
        decoder = another;
        let now = executed(&world).len();
        assert!(now > before, "{how}: it printed on, {before} moves and then {now}");
        before = now;
    }

    hostile.store(true, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(8)).await;
    hostile.store(false, Ordering::Relaxed);
    world
        .until("watched after hostile bytes", 90, |v| {
            v.vigil.watch.watching && v.vigil.camera.as_ref().is_some_and(|c| c.live)
        })
        .await;
    decoder = decoder_of(we, None)?;

    let (done, wanted) = (executed(&world), moves());
    assert!(done.len() > before, "it printed on");
    assert_eq!(done, wanted[..done.len()], "each move once and in its order");
    assert!(world.view().current_print.is_some(), "still printing");

    // What is not wanted any more is closed.
    let patch = PrinterPatch { camera: Some(CameraId(1)), ..PrinterPatch::default() };
    world.ask(Request::Patch(world.printer, Box::new(patch))).await;
    world.station.remove_camera(camera).await?;
    for _ in 0..100 {
        if !runs(decoder) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(!runs(decoder) && decoders_of(we)?.is_empty(), "it ends with its camera");
    world.end().await;
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn no_decoder_outlives_a_core_that_is_killed() -> anyhow::Result<()> {
    for stopped in [false, true] {
        let data = tempfile::tempdir()?;
        let mut core = Core::start(data.path())?;
        let (base, _asked) = serve(Plan::default());
        let source = json!({"kind": "rtsp", "url": format!("rtsp://{base}/live")});
        core.post("/api/v1/vigil/cameras/", &json!({"name": "Stream", "source": source}))?;
        let listed = core.get("/api/v1/vigil/cameras/")?;
        let cameras = listed["cameras"].as_array().context("a list")?;
        let added = cameras.iter().find(|camera| camera["name"] == "Stream").context("added")?;
        core.patch("/api/v1/printers/1/", &json!({"camera": added["id"]}))?;
        let decoder = decoder_of(core.child.id(), None)?;
        if stopped {
            signal(decoder, "-STOP")?;
        }
        core.signal("-KILL")?;
        core.ended(5)?;
        for _ in 0..60 {
            if !runs(decoder) {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(!runs(decoder), "stopped: {stopped}");
    }
    Ok(())
}
