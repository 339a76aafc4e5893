//! The core beside the window: joined where one runs for this data folder, else started.

use crate::http::Address;
use anyhow::{Context, bail};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long a core may take until it listens: an old database may have to be brought up to date first.
const START: Duration = Duration::from_secs(60);

/// The core of this window. One at a time asks; the others wait and get the same.
pub(crate) struct Core {
    data_dir: PathBuf,
    with_demo: bool,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    address: Option<Address>,
    /// The core, where this window started it.
    child: Option<Child>,
}

impl Core {
    /// Names the data folder whose core is meant.
    pub(crate) fn new(data_dir: PathBuf, with_demo: bool) -> Self {
        Self { data_dir, with_demo, known: Mutex::default() }
    }

    /// Returns where the core is; joins or starts one when the known one does not answer.
    ///
    /// # Errors
    /// When none runs and none can be started.
    pub(crate) fn address(&self) -> anyhow::Result<Address> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(address) = known.address.as_ref().filter(|address| address.answers()) {
            return Ok(address.clone());
        }
        let address = match announced(&self.data_dir) {
            Some(address) => address,
            None => {
                let (address, child) = start(&self.data_dir, self.with_demo)?;
                // Dropping the one before is all that is left to do for it: it has ended.
                known.child = Some(child);
                address
            }
        };
        known.address = Some(address.clone());
        Ok(address)
    }

    /// Returns the core that runs, if any; starts none.
    pub(crate) fn running(&self) -> Option<Address> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.address.clone().filter(Address::answers)
    }

    /// Returns whether this window started the core that runs. One that was joined is not ours to end.
    pub(crate) fn is_ours(&self) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }
}

/// Reads where the core of this folder said that it listens, if it still does.
fn announced(data_dir: &Path) -> Option<Address> {
    let text = std::fs::read_to_string(data_dir.join("core.json")).ok()?;
    serde_json::from_str(&text).ok().filter(Address::answers)
}

/// Starts a core that outlives this window when a print runs.
fn start(data_dir: &Path, with_demo: bool) -> anyhow::Result<(Address, Child)> {
    let program = beside().join(format!("vigil{}", std::env::consts::EXE_SUFFIX));
    let mut command = Command::new(&program);
    command.args(["serve", "--announce-json", "--until-closed", "--data"]).arg(data_dir);
    if with_demo {
        command.arg("--demo");
    }
    // A group of its own: what interrupts the window in a terminal does not reach the core.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    // Into a file: a pipe would break under the core when the window goes.
    std::fs::create_dir_all(data_dir).with_context(|| format!("{} cannot be made", data_dir.display()))?;
    let complaints = data_dir.join("core-start.log");
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&complaints)?)
        .spawn()
        .with_context(|| format!("the core, {}, cannot be started", program.display()))?;
    match first_line(&mut child) {
        Ok(line) => {
            let address = serde_json::from_str(&line).with_context(|| format!("the core said {line:?}"))?;
            Ok((address, child))
        }
        Err(error) => {
            // It was of no use; that it may have ended already is fine.
            child.kill().ok();
            child.wait().ok();
            let said = std::fs::read_to_string(&complaints).unwrap_or_default();
            Err(error.context(said.trim().to_owned()))
        }
    }
}

/// Waits for the core's one line.
fn first_line(child: &mut Child) -> anyhow::Result<String> {
    let out = child.stdout.take().expect("stdout is piped");
    let (sender, line) = sync_channel(1);
    let read = move || {
        let mut line = String::new();
        if BufReader::new(out).read_line(&mut line).is_ok() && !line.is_empty() {
            // Nobody waits any more when the core was too late.
            sender.send(line).ok();
        }
    };
    std::thread::Builder::new().name("core-says".into()).spawn(read)?;
    match line.recv_timeout(START) {
        Ok(line) => Ok(line),
        Err(RecvTimeoutError::Timeout) => bail!("the core did not start within {} s", START.as_secs()),
        Err(RecvTimeoutError::Disconnected) => bail!("the core ended at once"),
    }
}

/// The folder of this program.
fn beside() -> PathBuf {
    let exe = std::env::current_exe().unwrap_or_default();
    exe.parent().map(Path::to_path_buf).unwrap_or_default()
}
