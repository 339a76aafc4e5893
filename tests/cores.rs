//! Cores in processes of their own.

use crate::programs::ours;
use anyhow::{Context, bail};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// A core in a process of its own; killed when dropped.
pub struct Core {
    /// The process.
    pub child: Child,
    base_url: String,
    token: String,
}

impl Drop for Core {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the command that starts a core on a folder, with the demo printer.
///
/// # Errors
/// When it was not built.
pub fn command(data: &Path) -> anyhow::Result<Command> {
    let mut command = Command::new(ours("vigil")?);
    command.args(["serve", "--demo", "--demo-speed", "50", "--announce-json", "--data"]).arg(data);
    Ok(command)
}

impl Core {
    /// Starts a core on a folder and waits until it says where it can be asked.
    ///
    /// # Errors
    /// When it ends before.
    pub fn start(data: &Path) -> anyhow::Result<Self> {
        Self::start_as(command(data)?)
    }

    /// Starts it with another command.
    ///
    /// # Errors
    /// When it ends before it says where it can be asked.
    pub fn start_as(mut command: Command) -> anyhow::Result<Self> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("piped")?).read_line(&mut line)?;
        let told: Value = serde_json::from_str(&line)?;
        let text = |key: &str| told[key].as_str().map(str::to_owned).context("announced");
        Ok(Self { child, base_url: text("base_url")?, token: text("token")? })
    }

    /// Asks with the token.
    ///
    /// # Errors
    /// When it refuses.
    pub fn get(&self, path: &str) -> anyhow::Result<Value> {
        let request = ureq::get(format!("{}{path}", self.base_url));
        let mut answer = request.header("Authorization", format!("Bearer {}", self.token)).call()?;
        Ok(serde_json::from_str(&answer.body_mut().read_to_string()?)?)
    }

    /// Posts JSON.
    ///
    /// # Errors
    /// When it refuses.
    pub fn post(&self, path: &str, body: &Value) -> anyhow::Result<()> {
        let request = ureq::post(format!("{}{path}", self.base_url));
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        request.header("Content-Type", "application/json").send(body.to_string())?;
        Ok(())
    }

    /// Posts JSON. Returns what it is refused with; nothing when it is taken.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn refused(&self, path: &str, body: &Value) -> anyhow::Result<Option<Value>> {
        let request = ureq::post(format!("{}{path}", self.base_url)).config();
        let request = request.http_status_as_error(false).build();
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        let mut answer = request.header("Content-Type", "application/json").send(body.to_string())?;
        if answer.status().is_success() {
            return Ok(None);
        }
        Ok(Some(serde_json::from_str(&answer.body_mut().read_to_string()?)?))
    }

    /// Changes by JSON.
    ///
    /// # Errors
    /// When it refuses.
    pub fn patch(&self, path: &str, body: &Value) -> anyhow::Result<()> {
        let request = ureq::patch(format!("{}{path}", self.base_url));
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        request.header("Content-Type", "application/json").send(body.to_string())?;
        Ok(())
    }

    /// Erases.
    ///
    /// # Errors
    /// When it refuses, or is killed meanwhile.
    pub fn delete(&self, path: &str) -> anyhow::Result<()> {
        let request = ureq::delete(format!("{}{path}", self.base_url));
        request.header("Authorization", format!("Bearer {}", self.token)).call()?;
        Ok(())
    }

    /// Replaces by JSON.
    ///
    /// # Errors
    /// When it is refused.
    pub fn put(&self, path: &str, body: &Value) -> anyhow::Result<()> {
        let request = ureq::put(format!("{}{path}", self.base_url));
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        request.header("Content-Type", "application/json").send(body.to_string())?;
        Ok(())
    }

    /// Waits until the printer's state has this word.
    ///
    /// # Errors
    /// When it has not within a minute.
    pub fn until(&self, word: &str) -> anyhow::Result<()> {
        let mut seen = Value::Null;
        for _ in 0..600 {
            seen = self.get("/api/v1/printers/1/")?["vigil"]["state_word"].take();
            if seen == word {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("the printer is not {word} but {seen}")
    }

    /// Starts the sample print and waits until it is under way.
    ///
    /// # Errors
    /// When it does not start.
    pub fn print(&self) -> anyhow::Result<()> {
        self.until("Ready")?;
        self.post("/api/v1/vigil/printers/1/start/", &json!({"file_id": 1}))?;
        self.until("Printing")
    }

    /// Waits until the print under way has laid something: the nozzle is above the bed, within the first layer or later.
    ///
    /// # Errors
    /// When it has not within a minute.
    pub fn until_laid(&self) -> anyhow::Result<()> {
        let mut seen = Value::Null;
        for _ in 0..600 {
            seen = self.get("/api/v1/printers/1/")?["vigil"]["progress"].take();
            if seen["z_mm"].as_f64().is_some_and(|z| z > 0.0) && seen["layer"].is_u64() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("nothing was laid: {seen}")
    }

    /// Sends a signal, such as `-KILL`.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn signal(&self, signal: &str) -> anyhow::Result<()> {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status()?;
        if sent.success() { Ok(()) } else { bail!("the signal was not sent") }
    }

    /// Waits for the end, `secs` real seconds at most.
    ///
    /// # Errors
    /// When it goes on.
    pub fn ended(&mut self, secs: u64) -> anyhow::Result<ExitStatus> {
        for _ in 0..secs * 20 {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("the core did not end within {secs} s")
    }
}
