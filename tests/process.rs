//! The core as a process: asked to end in mid-print, started twice on one folder, killed.
#![cfg(unix)]

use anyhow::{Context, bail};
use serde_json::Value;
use std::process::Command;
use std::time::Duration;
use tests::cores::{Core, command};

/// Returns the newest print of a core.
fn newest(core: &Core) -> anyhow::Result<Value> {
    Ok(core.get("/api/v1/prints/?limit=1")?[0].take())
}

#[test]
fn asked_by_the_system_to_end_it_leaves_in_order_and_says_so_next_time() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let mut core = Core::start(data.path())?;
    core.print()?;
    core.signal("-TERM")?;
    let status = core.ended(12)?;
    assert!(status.success(), "in order: {status}");
    assert!(!data.path().join("core.json").exists(), "nobody is told of a core that is gone");
    let again = Core::start(data.path())?;
    again.until("Ready")?;
    let print = newest(&again)?;
    assert_eq!(print["vigil"]["ended_by"], "interrupted", "{print}");
    assert!(print["cancelled_at"].is_string() && print["finished_at"].is_null(), "{print}");
    Ok(())
}

/// Stopped by a signal, the process stands still while the printer's link is intact: no sleep of the machine.
#[test]
fn a_core_that_stood_still_goes_on_with_its_print() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let core = Core::start(data.path())?;
    core.print()?;
    // Longer than any round of the port's loop may take, and longer than an order is waited for.
    let stand_still = || {
        core.signal("-STOP")?;
        std::thread::sleep(Duration::from_secs(6));
        core.signal("-CONT")?;
        std::thread::sleep(Duration::from_secs(2));
        anyhow::Ok(())
    };
    stand_still()?;
    let print = newest(&core)?;
    let ended_by = &print["vigil"]["ended_by"];
    assert!(ended_by.is_null() || ended_by == "finished", "{print}");
    if ended_by.is_null() {
        core.post("/api/v1/printers/1/pause_print/", &Value::Null)?;
        stand_still()?;
        core.until("Paused")?;
        let alarm = core.get("/api/v1/printers/1/")?["vigil"]["alarm"].take();
        assert!(!alarm.to_string().contains("taken up"), "nobody could take it up: {alarm}");
    }
    Ok(())
}

#[test]
fn a_second_core_on_the_same_folder_names_the_first_and_leaves() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let core = Core::start(data.path())?;
    let second = command(data.path())?.output()?;
    let words = String::from_utf8_lossy(&second.stderr);
    assert!(!second.status.success(), "it leaves");
    assert!(words.contains("in use") && words.contains(&core.child.id().to_string()), "{words}");
    core.until("Ready")
}

#[test]
fn a_killed_core_loses_no_history_and_resumes_nothing() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let mut core = Core::start(data.path())?;
    core.print()?;
    std::thread::sleep(Duration::from_secs(2));
    core.signal("-KILL")?;
    core.ended(5)?;
    let again = Core::start(data.path())?;
    again.until("Ready")?;
    let print = newest(&again)?;
    assert_eq!(print["vigil"]["ended_by"], "interrupted", "{print}");
    assert!(print["vigil"]["ended_why"].as_str().is_some_and(|why| !why.is_empty()), "says why: {print}");
    let cut = again.get("/api/v1/vigil/recoveries/")?;
    assert_eq!((&cut[0]["print"], &cut[0]["file"]), (&print["id"], &print["vigil"]["file"]), "{cut}");
    assert!(cut[0]["line"].as_u64().is_some_and(|line| line > 20), "what was printed is known: {cut}");
    let looks = again.get(&format!("/api/v1/prints/{}/prediction_json/", print["id"]))?;
    assert!(looks.as_array().is_some_and(|looks| looks.len() >= 3), "what was seen is kept: {looks}");
    std::thread::sleep(Duration::from_millis(500));
    let view = again.get("/api/v1/printers/1/")?;
    assert!(
        view["current_print"].is_null()
            && view["status"]["temperatures"]["tool0"]["target"].as_f64() == Some(0.0)
            || view["status"]["temperatures"]["tool0"]["target"].is_null(),
        "{}",
        view["status"]
    );
    Ok(())
}

/// What a print has done is on the disk within this, with reserve for a slow machine.
const ON_DISK_WITHIN: Duration = Duration::from_millis(2_000);

/// A core killed at a line nobody chose, again and again on one data folder. `VIGIL_TEST_KILLS=200` for a long run.
#[test]
fn killed_at_any_line_the_history_is_whole_and_nothing_moves() -> anyhow::Result<()> {
    let kills: u64 = std::env::var("VIGIL_TEST_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    let data = tempfile::tempdir()?;
    let (mut lines, mut last_id) = (Vec::new(), None);
    for kill in 1..=kills {
        let mut core = Core::start(data.path())?;
        core.print()?;
        // Every second kill comes once something lies on the bed and that is on the disk; the others at any moment.
        let laid = kill % 2 == 0;
        if laid {
            core.until_laid()?;
            std::thread::sleep(ON_DISK_WITHIN);
        }
        // Steps that share no divisor with their range spread over it.
        std::thread::sleep(Duration::from_millis(kill * 389 % 1_500));
        core.signal("-KILL")?;
        core.ended(5)?;

        let again = Core::start(data.path())?;
        again.until("Ready")?;
        let print = newest(&again)?;
        assert_eq!(print["vigil"]["ended_by"], "interrupted", "kill {kill}: {print}");
        let id = print["id"].as_i64().context("numbered")?;
        assert!(last_id.replace(id).is_none_or(|last| id == last + 1), "each print is there once: {id}");
        let cut = again.get("/api/v1/vigil/recoveries/")?;
        // A print of which nothing lies on the bed yet is not offered to be taken up.
        if laid || cut.as_array().is_some_and(|cut| !cut.is_empty()) {
            assert_eq!(cut[0]["print"], print["id"], "kill {kill}: {cut}");
            lines.push(cut[0]["line"].as_u64().context("the line is known")?);
        }
        // What would move by itself would do so now.
        std::thread::sleep(Duration::from_millis(500));
        let sent = again.get("/api/v1/vigil/printers/1/terminal/?limit=5000")?;
        let sent: Vec<&str> = sent["lines"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|line| line["direction"] == "sent")
            .filter_map(|line| line["text"].as_str())
            .collect();
        assert!(!sent.is_empty(), "the printer was asked what it is");
        let queries =
            ["M110", "M115", "M105", "M155", "M503", "M211", "M220", "M221", "M114", "M27", "M20", "M21"];
        let acts = |line: &&&str| !queries.iter().any(|query| line.contains(query));
        assert_eq!(
            sent.iter().filter(acts).collect::<Vec<_>>(),
            Vec::<&&str>::new(),
            "nothing moves or heats"
        );
    }
    let aside: Vec<_> = std::fs::read_dir(data.path())?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.contains("damaged"))
        .collect();
    assert!(aside.is_empty(), "the database was whole each time: {aside:?}");
    lines.sort_unstable();
    println!("{kills} kills, at lines {lines:?}");
    Ok(())
}

/// Returns the process that looks at pictures for a core.
fn eyes_of(core: &Core) -> anyhow::Result<String> {
    for _ in 0..600 {
        let found =
            Command::new("pgrep").args(["-P", &core.child.id().to_string(), "-f", "eyes"]).output()?;
        if let Some(id) = String::from_utf8(found.stdout)?.lines().next() {
            return Ok(id.to_owned());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    bail!("no process looks at pictures")
}

/// Waits until the print is watched, or is not.
fn until_watching(core: &Core, wanted: bool, within: Duration) -> anyhow::Result<Value> {
    let mut watch = Value::Null;
    for _ in 0..within.as_millis() / 50 {
        watch = core.get("/api/v1/printers/1/")?["vigil"]["watch"].take();
        if watch["watching"] == wanted {
            return Ok(watch);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    bail!("watching is not {wanted}: {watch}")
}

#[test]
fn what_looks_at_pictures_may_be_killed_and_the_print_goes_on_watched_again() -> anyhow::Result<()> {
    if let Err(error) = detect::find_runtime(&[]) {
        eprintln!("skipped: {error}");
        return Ok(());
    }
    let data = tempfile::tempdir()?;
    let core = Core::start(data.path())?;
    core.print()?;
    until_watching(&core, true, Duration::from_secs(60))?;
    let first = eyes_of(&core)?;
    anyhow::ensure!(Command::new("kill").args(["-KILL", &first]).status()?.success(), "it was there");
    let watch = until_watching(&core, false, Duration::from_secs(3))?;
    let said = format!("{} {}", watch["reason"], watch["fix"]);
    assert!(said.contains("looks at pictures has ended"), "{watch}");
    until_watching(&core, true, Duration::from_secs(60))?;
    assert_ne!(eyes_of(&core)?, first, "another one looks");
    let print = newest(&core)?;
    assert!(print["vigil"]["ended_by"].is_null(), "the print goes on: {print}");
    Ok(())
}
