//! Notices of the desktop, by a real daemon for them (dunst) on a bus of its own: an alert comes with its picture while no
//! window is open, and what is pressed on it reaches the printer.

#![cfg(target_os = "linux")]

use anyhow::Context;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tests::cores::Core;
use tests::programs::{Program, display, missing, ours};

/// How long anything may take on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(150);
/// What is waited for is looked at so often.
const LOOK: Duration = Duration::from_millis(200);

/// A desktop that shows notices; it ends when dropped.
struct Desktop {
    dir: tempfile::TempDir,
    bus: String,
    display: String,
    _programs: [Program; 3],
}

impl Desktop {
    fn start() -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let (screen, display) = display()?;
        let mut command = Command::new("dbus-daemon");
        command.args(["--session", "--nofork", "--print-address"]);
        let (bus_program, bus) = Program::start_and_read_line(&mut command)?;
        // Keeps what each notice says, and its picture.
        let shown = script(
            dir.path(),
            "shown",
            "printf '%s\\t%s\\t%s\\n' \"$DUNST_SUMMARY\" \"$DUNST_BODY\" \"$DUNST_URGENCY\" >> \"$HERE/notices\"\n\
             [ -f \"$DUNST_ICON_PATH\" ] && cp \"$DUNST_ICON_PATH\" \"$HERE/picture.jpg\"\n",
        )?;
        // Stands for the menu of buttons: takes the first that says what is wanted.
        let menu =
            script(dir.path(), "menu", "tee \"$HERE/buttons\" | grep -m 1 -F \"$(cat \"$HERE/wanted\")\"\n")?;
        let config = dir.path().join("dunstrc");
        std::fs::write(
            &config,
            format!(
                "[global]\ndmenu = {}\nalways_run_script = true\n[every]\nsummary = \"*\"\nscript = {}\n",
                menu.display(),
                shown.display()
            ),
        )?;
        let mut command = Command::new("dunst");
        command.arg("-conf").arg(&config).env("DISPLAY", &display).env("DBUS_SESSION_BUS_ADDRESS", &bus);
        let daemon = Program::start(command.env_remove("WAYLAND_DISPLAY"))?;
        Ok(Self { dir, bus, display, _programs: [screen, bus_program, daemon] })
    }

    fn core(&self, data: &Path) -> anyhow::Result<Core> {
        let mut command = Command::new(ours("vigil")?);
        command.args(["serve", "--demo", "--demo-speed", "20", "--announce-json", "--data"]).arg(data);
        command.env("DISPLAY", &self.display).env("DBUS_SESSION_BUS_ADDRESS", &self.bus);
        Core::start_as(command)
    }

    /// Presses a button of whichever notice has it.
    fn press(&self, label: &str) -> anyhow::Result<()> {
        std::fs::write(self.dir.path().join("wanted"), label)?;
        let mut command = Command::new("dunstctl");
        let pressed = command.arg("context").env("DBUS_SESSION_BUS_ADDRESS", &self.bus).status()?;
        anyhow::ensure!(pressed.success(), "dunstctl: {pressed}");
        Ok(())
    }

    /// Returns the buttons of all notices that are shown, and presses none.
    fn buttons(&self) -> anyhow::Result<String> {
        // With no button on the screen the menu does not come up at all.
        let _ = std::fs::remove_file(self.dir.path().join("buttons"));
        self.press("a button that nobody has")?;
        std::thread::sleep(Duration::from_secs(1));
        Ok(self.read("buttons"))
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.dir.path().join(name)).unwrap_or_default()
    }

    /// Waits for a notice whose title holds a word; returns its line.
    fn notice(&self, word: &str) -> anyhow::Result<String> {
        until(|| Ok(self.read("notices").lines().find(|line| line.contains(word)).map(str::to_owned)))
            .with_context(|| format!("no notice of {word:?} among {:?}", self.read("notices")))
    }
}

fn script(dir: &Path, name: &str, text: &str) -> anyhow::Result<PathBuf> {
    let path = dir.join(name);
    std::fs::write(&path, format!("#!/bin/sh\nHERE={}\n{text}", dir.display()))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700))?;
    Ok(path)
}

fn until<T>(mut look: impl FnMut() -> anyhow::Result<Option<T>>) -> anyhow::Result<T> {
    for _ in 0..PATIENCE.as_millis() / LOOK.as_millis() {
        if let Some(found) = look()? {
            return Ok(found);
        }
        std::thread::sleep(LOOK);
    }
    anyhow::bail!("waited {} s", PATIENCE.as_secs())
}

fn printer(core: &Core) -> anyhow::Result<Value> {
    core.get("/api/v1/printers/1/")
}

#[test]
fn an_alert_comes_with_its_picture_and_is_answered_while_no_window_is_open() -> anyhow::Result<()> {
    if let Some(name) = missing(&["dunst", "dbus-daemon", "Xvfb"]) {
        println!("skipped: {name} is not installed");
        return Ok(());
    }
    let desktop = Desktop::start()?;
    let data = tempfile::tempdir()?;
    let core = desktop.core(data.path())?;
    core.print()?;
    let completion =
        || Ok(printer(&core)?["status"]["progress"]["completion"].as_f64().filter(|done| *done >= 25.0));
    until(completion).context("a quarter is printed")?;
    core.post("/api/v1/vigil/printers/1/demo/", &json!({"fault": "tangle", "on": true}))?;
    core.until("Paused")?;
    let notice = desktop.notice("possible failure")?;
    assert!(notice.ends_with("CRITICAL"), "it stays until somebody has seen it: {notice}");
    let picture = until(|| {
        Ok(std::fs::read(desktop.dir.path().join("picture.jpg")).ok().filter(|jpeg| jpeg.len() > 1000))
    })
    .context("it comes with its picture")?;
    assert_eq!(picture[..2], [0xff, 0xd8], "a JPEG");

    desktop.press("Not a failure")?;
    let answered = until(|| {
        let printer = printer(&core)?;
        Ok((printer["current_print"]["alert_overwrite"] == "NOT_FAILED").then_some(printer))
    });
    answered.with_context(|| format!("answered; the buttons were {:?}", desktop.read("buttons")))?;
    // Answered, the other notice of this alert goes, too: nobody is to answer it twice.
    until(|| Ok((!desktop.buttons()?.contains("Not a failure")).then_some(())))
        .with_context(|| format!("still shown: {:?}", desktop.read("buttons")))
}
