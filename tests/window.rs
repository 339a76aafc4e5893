//! The real window, driven through WebKit's own driver on a display without a screen.
#![cfg(unix)]

use anyhow::Context;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tests::programs::{CoreOf, Program, display, free_port, missing, ours};
use tests::webdriver::{Session, screens};

#[test]
fn the_demo_is_set_up_printed_paused_and_answered_in_the_window() -> anyhow::Result<()> {
    in_the_window("window", |page, _| tests::story::play(page))
}

#[test]
fn a_core_that_fell_is_told_and_started_again_on_request() -> anyhow::Result<()> {
    in_the_window("fallen", |page, data| {
        let soon = Duration::from_secs(45);
        page.wait_for("wizard", soon)?;
        let before = pid(data)?;
        Command::new("kill").args(["-KILL", &before.to_string()]).status()?;
        let told = page.wait_for("no-core", soon)?;
        anyhow::ensure!(
            told.contains("Printvigil has stopped") && told.contains("Look at the printer"),
            "{told}"
        );
        page.picture("1-fallen")?;
        // Nothing is started behind the person's back.
        std::thread::sleep(Duration::from_secs(3));
        anyhow::ensure!(pid(data)? == before && page.text("start-again")?.is_some(), "it waits for a person");
        page.click("start-again")?;
        page.wait_for("wizard", soon)?;
        anyhow::ensure!(pid(data)? != before, "another core runs");
        Ok(())
    })
}

/// Returns the process of a folder's core.
fn pid(data: &Path) -> anyhow::Result<u64> {
    let told: Value = serde_json::from_str(&std::fs::read_to_string(data.join("core.json"))?)?;
    told["pid"].as_u64().context("announced")
}

/// Opens the window on a fresh data folder and plays something in it.
fn in_the_window(name: &str, play: impl FnOnce(&Session, &Path) -> anyhow::Result<()>) -> anyhow::Result<()> {
    if let Some(program) = missing(&["Xvfb", "WebKitWebDriver"]) {
        println!("skipped: {program} is not installed (cargo xtask setup --test)");
        return Ok(());
    }
    let data = tempfile::tempdir()?;
    let home = tempfile::tempdir()?;
    let _core = CoreOf(data.path());
    let (_display, display) = display()?;
    let port = free_port()?;
    let mut command = Command::new("WebKitWebDriver");
    command.arg(format!("--port={port}"));
    command.envs([("TAURI_AUTOMATION", "true"), ("TAURI_WEBVIEW_AUTOMATION", "true")]);
    command.envs([("DISPLAY", display.as_str()), ("GDK_BACKEND", "x11"), ("LANG", "en_US.UTF-8")]);
    for folder in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"] {
        command.env(folder, home.path());
    }
    // Nothing of the desktop that this test may run on takes part.
    command.env_remove("WAYLAND_DISPLAY").env_remove("DBUS_SESSION_BUS_ADDRESS").env_remove("LC_ALL");
    let _driver = Program::start(&mut command)?;
    let window = json!({"binary": ours("printvigil")?, "args": ["--data", data.path()]});
    let page = Session::open(
        &format!("http://127.0.0.1:{port}"),
        &json!({"webkitgtk:browserOptions": window}),
        screens(name),
    )?;
    play(&page, data.path())
}
