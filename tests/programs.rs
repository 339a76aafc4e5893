//! Programs that a test starts: each in a group of its own, ended with everything it started.

use anyhow::{Context, bail};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running program.
pub struct Program {
    child: Child,
}

impl Program {
    /// Starts a program that is only to run. It writes nowhere: what it left behind could hold our output open for ever.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(command: &mut Command) -> anyhow::Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| format!("{name} does not start"))?;
        Ok(Self { child })
    }

    /// Starts a program and returns the first line that it writes.
    ///
    /// # Errors
    /// When it cannot be started, or ends without a line.
    pub fn start_and_read_line(command: &mut Command) -> anyhow::Result<(Self, String)> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| format!("{name} does not start"))?;
        let out = child.stdout.take().context("stdout is piped")?;
        let program = Self { child };
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        if line.is_empty() {
            bail!("{name} ended without a word");
        }
        Ok((program, line.trim().to_owned()))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Asked first, so that a core leaves its printers in order; then without mercy.
        for (signal, pause) in [("-TERM", Duration::from_millis(700)), ("-KILL", Duration::ZERO)] {
            let _ = Command::new("kill")
                .args([signal, "--", &format!("-{}", self.child.id())])
                .stderr(Stdio::null())
                .status();
            std::thread::sleep(pause);
        }
        let _ = self.child.wait();
    }
}

/// A display without a screen.
///
/// # Errors
/// When Xvfb does not start.
pub fn display() -> anyhow::Result<(Program, String)> {
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", "1400x950x24", "-nolisten", "tcp"]);
    let (program, number) = Program::start_and_read_line(&mut command)?;
    Ok((program, format!(":{number}")))
}

/// Returns a port that nobody uses.
///
/// # Errors
/// When there is none.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Returns one of our own programs, built beside the tests.
///
/// # Errors
/// When it is not built.
pub fn ours(name: &str) -> anyhow::Result<PathBuf> {
    let exe = std::env::current_exe()?;
    let path = exe.ancestors().nth(2).context("tests lie in target/debug/deps")?.join(name);
    if !path.is_file() {
        bail!("{} is not built: cargo build --workspace --bins", path.display());
    }
    Ok(path)
}

/// Returns the first of these programs that is not on this machine, or says that all are there.
pub fn missing<'a>(programs: &[&'a str]) -> Option<&'a str> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = |program: &str| std::env::split_paths(&path).any(|dir| dir.join(program).is_file());
    programs.iter().copied().find(|program| !there(program))
}

/// Ends the core of a data folder, which outlives the window that started it.
pub struct CoreOf<'a>(pub &'a Path);

impl Drop for CoreOf<'_> {
    fn drop(&mut self) {
        let Ok(text) = std::fs::read_to_string(self.0.join("core.json")) else { return };
        let Ok(core) = serde_json::from_str::<serde_json::Value>(&text) else { return };
        let Some(pid) = core["pid"].as_u64() else { return };
        // Asked, and given the time to pause what prints.
        let _ = Command::new("kill").args(["-TERM", &pid.to_string()]).stderr(Stdio::null()).status();
        for _ in 0..60 {
            if !Path::new(&format!("/proc/{pid}")).exists() {
                return;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        let _ = Command::new("kill").args(["-KILL", &pid.to_string()]).stderr(Stdio::null()).status();
    }
}
