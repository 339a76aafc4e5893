//! The real window, driven through WebKit's own driver on a display without a screen.
#![cfg(unix)]

use serde_json::json;
use std::process::Command;
use tests::programs::{CoreOf, Program, display, free_port, missing, ours};
use tests::webdriver::{Session, screens};

#[test]
fn the_demo_is_set_up_printed_paused_and_answered_in_the_window() -> anyhow::Result<()> {
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
        screens("window"),
    )?;
    tests::story::play(&page)
}
