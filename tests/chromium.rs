//! The same page as a browser shows it, served by the core, in Chromium without a display.
#![cfg(unix)]

use serde_json::json;
use std::process::Command;
use tests::programs::{Program, free_port, missing, ours};
use tests::webdriver::{Session, screens};

#[test]
fn the_demo_is_set_up_printed_paused_and_answered_in_a_browser() -> anyhow::Result<()> {
    if let Some(program) = missing(&["chromium", "chromedriver"]) {
        println!("skipped: {program} is not installed (cargo xtask setup --test)");
        return Ok(());
    }
    let data = tempfile::tempdir()?;
    let mut core = Command::new(ours("vigil")?);
    core.arg("serve").arg("--data").arg(data.path());
    let (_core, line) = Program::start_and_read_line(&mut core)?;
    let address = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap_or_default();

    let home = tempfile::tempdir()?;
    let port = free_port()?;
    let mut command = Command::new("chromedriver");
    command.arg(format!("--port={port}")).env("HOME", home.path()).env("LANG", "en_US.UTF-8");
    // What the browser leaves behind goes with the folder.
    command.env("TMPDIR", home.path());
    let _driver = Program::start(&mut command)?;
    let options = json!({"args": [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--window-size=1280,860", "--lang=en-US",
    ]});
    let page = Session::open(
        &format!("http://127.0.0.1:{port}"),
        &json!({"browserName": "chrome", "goog:chromeOptions": options}),
        screens("chromium"),
    )?;
    page.go(address)?;
    tests::story::play(&page)
}
