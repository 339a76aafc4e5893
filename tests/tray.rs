//! The window in the background: a desktop with a tray, the real window, and no person but this test.

#![cfg(target_os = "linux")]

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tests::programs::{CoreOf, Program, display, missing, ours};
use tests::tray_host::Tray;
use tests::webdriver::until;

/// The end of the main window's title; before it stands what the printer does.
const MAIN: &str = "· Printvigil";

/// How long anything may take on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(150);

/// A display and a bus with a tray, and a home of its own.
struct Desktop {
    tray: Tray,
    bus: String,
    display: String,
    home: tempfile::TempDir,
    _programs: [Program; 2],
}

impl Desktop {
    fn start() -> anyhow::Result<Self> {
        let (screen, display) = display()?;
        let mut command = Command::new("dbus-daemon");
        command.args(["--session", "--nofork", "--print-address"]);
        let (bus_program, bus) = Program::start_and_read_line(&mut command)?;
        let tray = Tray::open(&bus)?;
        Ok(Self { tray, bus, display, home: tempfile::tempdir()?, _programs: [screen, bus_program] })
    }

    fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    fn window(&self, more: &[&str]) -> anyhow::Result<Window> {
        let mut command = Command::new(ours("printvigil")?);
        command.args(["--demo", "--data"]).arg(self.data()).args(more);
        for folder in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"] {
            command.env(folder, self.home.path());
        }
        command.envs([("DISPLAY", self.display.as_str()), ("DBUS_SESSION_BUS_ADDRESS", &self.bus)]);
        command.envs([("GDK_BACKEND", "x11"), ("LANG", "en_US.UTF-8"), ("NO_AT_BRIDGE", "1")]);
        command.env_remove("WAYLAND_DISPLAY").env_remove("LC_ALL");
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        Ok(Window(child))
    }

    /// What a person does to a window.
    fn screen(&self, words: &[&str]) -> anyhow::Result<String> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tray/screen.py");
        let done = Command::new("python3").arg(script).args(words).env("DISPLAY", &self.display).output()?;
        ensure!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
        Ok(String::from_utf8(done.stdout)?)
    }

    fn is_shown(&self, name: &str) -> anyhow::Result<bool> {
        Ok(self.screen(&["names"])?.lines().any(|line| line.contains(name)))
    }

    fn until_shown(&self, name: &str, shown: bool) -> anyhow::Result<()> {
        until(PATIENCE, || Ok((self.is_shown(name)? == shown).then_some(()))).with_context(|| {
            format!("{name:?} is shown: {}; the windows are {:?}", !shown, self.screen(&["names"]))
        })
    }

    /// Waits until the tray's first line is as wanted.
    fn until_said(&self, wanted: impl Fn(&str) -> bool) -> anyhow::Result<String> {
        // Before there is an icon, nothing is said.
        let first = || self.tray.menu().ok().and_then(|menu| Some(menu.first()?.1.clone()));
        until(PATIENCE, || Ok(first().filter(|line| wanted(line))))
            .with_context(|| format!("the tray says {:?}", self.tray.menu()))
    }

    fn core(&self) -> anyhow::Result<Core> {
        let told: Value = serde_json::from_str(&std::fs::read_to_string(self.data().join("core.json"))?)?;
        let text = |key: &str| told[key].as_str().map(str::to_owned).context("announced");
        Ok(Core { base_url: text("base_url")?, token: text("token")? })
    }
}

struct Core {
    base_url: String,
    token: String,
}

impl Core {
    fn post(&self, path: &str, body: &Value) -> anyhow::Result<()> {
        let request = ureq::post(format!("{}/api/v1/{path}", self.base_url));
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        request.header("Content-Type", "application/json").send(body.to_string())?;
        Ok(())
    }
}

struct Window(Child);

impl Window {
    fn lives(&mut self) -> anyhow::Result<bool> {
        Ok(self.0.try_wait()?.is_none())
    }

    fn until_ended(&mut self) -> anyhow::Result<()> {
        until(PATIENCE, || Ok(self.0.try_wait()?.map(drop))).context("the window ends")
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn cannot() -> bool {
    let missing = missing(&["dbus-daemon", "Xvfb", "python3"]);
    if let Some(name) = missing {
        println!("skipped: {name} is not installed");
    }
    missing.is_some()
}

fn is_percent(line: &str, word: &str) -> bool {
    line.strip_prefix(word)
        .and_then(|rest| rest.trim_start().split(' ').next()?.parse::<u32>().ok())
        .is_some()
}

#[test]
fn a_print_goes_on_in_the_tray_which_tells_pauses_and_asks_before_it_ends() -> anyhow::Result<()> {
    if cannot() {
        return Ok(());
    }
    let desktop = Desktop::start()?;
    let data = desktop.data();
    let _core = CoreOf(&data);
    let mut window = desktop.window(&[])?;
    desktop.until_said(|line| line == "Ready")?;
    desktop.until_shown(MAIN, true)?;
    desktop.core()?.post("vigil/printers/1/start/", &json!({"file_id": 1}))?;
    let line = desktop.until_said(|line| is_percent(line, "Printing") && line.contains(", done about "))?;
    ensure!(
        desktop.tray.label()?.ends_with(" %"),
        "beside the icon: {:?}, in its menu: {line}",
        desktop.tray.label()
    );

    // Closed, it is only out of the way: the tray goes on telling.
    desktop.screen(&["close", MAIN])?;
    desktop.until_shown(MAIN, false)?;
    desktop.until_said(|now| now != line && is_percent(now, "Printing"))?;
    ensure!(window.lives()?, "the icon is its own");

    // A pause from the tray asks nothing, and is said once the printer has confirmed it.
    desktop.tray.press("Pause")?;
    desktop.until_said(|line| is_percent(line, "Paused"))?;
    ensure!(desktop.tray.press("Pause").is_err(), "what is paused cannot be paused");
    desktop.core()?.post("printers/1/resume_print/", &json!({}))?;
    desktop.until_said(|line| is_percent(line, "Printing"))?;

    // A failure is seen from afar, and that somebody has seen it is said there, too.
    desktop.core()?.post("vigil/printers/1/demo/", &json!({"fault": "tangle", "on": true}))?;
    desktop.until_said(|line| line.starts_with("ALERT: possible failure. Paused"))?;
    ensure!(desktop.tray.label()? == "ALERT", "{:?}", desktop.tray.label());
    desktop.tray.press("I have seen the alert")?;
    desktop.until_said(|line| is_percent(line, "Paused"))?;

    // Put away, the question decides nothing.
    desktop.tray.press("Quit")?;
    desktop.until_shown("Quit Printvigil?", true)?;
    desktop.screen(&["type", "Quit Printvigil?", "Escape"])?;
    desktop.until_shown("Quit Printvigil?", false)?;
    ensure!(window.lives()? && desktop.is_shown(MAIN)?, "it stays");

    // Cancelled by a person's word, the print ends first, and everything else behind it.
    desktop.tray.press("Quit")?;
    desktop.until_shown("Quit Printvigil?", true)?;
    desktop.screen(&["middle", "Quit Printvigil?"])?;
    window.until_ended()?;
    until(PATIENCE, || Ok((!data.join("core.json").exists()).then_some(())))
        .context("the core ends in order")?;
    let prints = Command::new(ours("vigil")?).args(["prints", "--json", "--data"]).arg(&data).output()?;
    let prints: Value = serde_json::from_slice(&prints.stdout)?;
    if prints[0]["cancelled_at"].is_null() {
        bail!("the print was not cancelled: {prints}");
    }
    Ok(())
}

#[test]
fn started_in_the_background_it_watches_without_a_window_until_it_is_opened() -> anyhow::Result<()> {
    if cannot() {
        return Ok(());
    }
    let desktop = Desktop::start()?;
    let data = desktop.data();
    let _core = CoreOf(&data);
    let mut window = desktop.window(&["--background"])?;
    desktop.until_said(|line| line == "Ready")?;
    // Longer than a core lives that nobody is with.
    std::thread::sleep(Duration::from_secs(25));
    ensure!(!desktop.is_shown(MAIN)?, "no window was asked for");
    desktop.core().context("the core lives")?;
    desktop.until_said(|line| line == "Ready")?;

    // As the desktop would at the next login; then as a person does.
    desktop.window(&["--background"])?.until_ended()?;
    ensure!(!desktop.is_shown(MAIN)?, "one is enough");
    desktop.window(&[])?.until_ended()?;
    desktop.until_shown(MAIN, true)?;

    // Nothing prints and nothing else was chosen: closing it is the end.
    desktop.screen(&["close", MAIN])?;
    window.until_ended()?;
    until(PATIENCE, || Ok((!data.join("core.json").exists()).then_some(())))
        .context("the core ends with it")?;

    // Chosen, it stays in the tray.
    let config = desktop.home.path().join("io.printvigil.window");
    std::fs::create_dir_all(&config)?;
    std::fs::write(config.join("background.json"), r#"{"keep_watching":true}"#)?;
    let mut window = desktop.window(&[])?;
    desktop.until_shown(MAIN, true)?;
    desktop.until_said(|line| line == "Ready")?;
    desktop.screen(&["close", MAIN])?;
    desktop.until_shown(MAIN, false)?;
    ensure!(window.lives()?, "it stays in the tray");
    desktop.tray.press("Quit")?;
    window.until_ended()
}
