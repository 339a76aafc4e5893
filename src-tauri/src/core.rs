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

/// How long a core may take until it has ended, and how often that is looked at.
const END: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(200);

/// Where a core's complaints go, in the data folder.
const COMPLAINTS: &str = "core-start.log";

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
    /// The core ended out of order: none is started before a person wants it.
    fallen: Option<Fallen>,
}

/// A core that ended, and not because anyone wanted it to.
#[derive(Clone, Debug)]
pub(crate) struct Fallen {
    /// Its own last words; empty when it had none.
    said: String,
}

impl std::fmt::Display for Fallen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Printvigil’s background service has ended unexpectedly, and nothing is watched. {}{}Look at the printer: it \
             may still be hot. Then start the service again; nothing moves or heats by that.",
            self.said,
            if self.said.is_empty() { "" } else { " " }
        )
    }
}

impl std::error::Error for Fallen {}

impl Core {
    /// Names the data folder whose core is meant.
    pub(crate) fn new(data_dir: PathBuf, with_demo: bool) -> Self {
        Self { data_dir, with_demo, known: Mutex::default() }
    }

    /// Returns where the core is; joins or starts one when the known one does not answer.
    ///
    /// # Errors
    /// [`Fallen`] when the core ended out of order and nobody has wanted another one since; and when none can be started.
    pub(crate) fn address(&self) -> anyhow::Result<Address> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(address) = known.address.as_ref().filter(|address| address.answers()) {
            return Ok(address.clone());
        }
        let address = match announced(&self.data_dir).filter(Address::answers) {
            Some(address) => address,
            None => {
                known.note_end(&self.data_dir);
                if let Some(fallen) = &known.fallen {
                    return Err(fallen.clone().into());
                }
                let (address, child) = start(&self.data_dir, self.with_demo)?;
                // Dropping the one before is all that is left to do for it: it has ended.
                known.child = Some(child);
                address
            }
        };
        known.address = Some(address.clone());
        known.fallen = None;
        Ok(address)
    }

    /// Starts a core after one has fallen.
    ///
    /// # Errors
    /// As [`Core::address`].
    pub(crate) fn start_again(&self) -> anyhow::Result<Address> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.fallen = None;
        drop(known);
        self.address()
    }

    /// Returns the core that runs, if any; starts none.
    pub(crate) fn running(&self) -> Option<Address> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.address.clone().filter(Address::answers)
    }

    /// Returns where the core was last found, without asking it.
    pub(crate) fn known(&self) -> Option<Address> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).address.clone()
    }

    /// Returns the data folder whose core is meant.
    pub(crate) fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Returns whether this window started the core that runs. One that was joined is not ours to end.
    pub(crate) fn is_ours(&self) -> bool {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).has_child()
    }
}

impl Core {
    /// Ends the core in order, and works on the data folder while none runs: a page that asks for a core meanwhile waits.
    /// The next who asks starts one.
    ///
    /// # Errors
    /// When a print runs, or the core does not end; and what the work says.
    pub(crate) fn while_ended<T>(&self, work: impl FnOnce(&Path) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let address = known.address.clone().or_else(|| announced(&self.data_dir));
        if let Some(address) = address.filter(Address::answers) {
            if address.get("vigil/shutdown/")?["printing"] == true {
                bail!("A print is running. Wait until it has ended: it is never interrupted for this.");
            }
            // Refused when a print has begun meanwhile.
            address.post("vigil/shutdown/", &serde_json::json!({ "leave": "as_it_is" }))?;
        }
        let mut looks = END.as_millis() / LOOK.as_millis();
        while announced(&self.data_dir).is_some_and(|address| address.answers()) || known.has_child() {
            if looks == 0 {
                bail!("The background service does not end.");
            }
            looks -= 1;
            std::thread::sleep(LOOK);
        }
        known.address = None;
        work(&self.data_dir)
    }
}

impl Known {
    /// Whether the core that this window has started still lives.
    fn has_child(&mut self) -> bool {
        let lives = self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)));
        if !lives {
            self.child = None;
        }
        lives
    }

    /// The known core does not answer: notes whether it ended out of order.
    fn note_end(&mut self, data_dir: &Path) {
        let before = self.address.take();
        let Some(child) = self.child.as_mut() else {
            // One that ends in order takes its announcement away.
            if before.is_some() && before == announced(data_dir) {
                self.fallen = Some(Fallen { said: String::new() });
            }
            return;
        };
        match child.try_wait() {
            Ok(Some(status)) => {
                self.child = None;
                if !status.success() {
                    let said = std::fs::read_to_string(data_dir.join(COMPLAINTS)).unwrap_or_default();
                    self.fallen = Some(Fallen { said: last_words(&said).unwrap_or_default() });
                }
            }
            // It lives and does not answer: a second one would say so, since the first holds the folder.
            Ok(None) => (),
            Err(error) => eprintln!("printvigil: nobody knows what became of the core: {error}"),
        }
    }
}

/// Returns what a core said for people when it ended: its last line, if it is one of its own.
pub(crate) fn last_words(complaints: &str) -> Option<String> {
    let last = complaints.lines().rev().find(|line| !line.trim().is_empty())?;
    last.strip_prefix("vigil: ").map(str::to_owned)
}

/// Reads where the core of this folder said that it listens.
fn announced(data_dir: &Path) -> Option<Address> {
    let text = std::fs::read_to_string(data_dir.join("core.json")).ok()?;
    serde_json::from_str(&text).ok()
}

/// Starts a core that outlives this window when a print runs.
fn start(data_dir: &Path, with_demo: bool) -> anyhow::Result<(Address, Child)> {
    let mut command = vigil();
    let program = command.get_program().to_owned();
    command.args(["serve", "--announce-json", "--until-closed", "--data"]).arg(data_dir);
    if with_demo {
        command.arg("--demo");
    }
    // A group of its own: what interrupts the window in a terminal does not reach the core.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    // Into a file: a pipe would break under the core when the window goes.
    std::fs::create_dir_all(data_dir).with_context(|| format!("{} cannot be made", data_dir.display()))?;
    let complaints = data_dir.join(COMPLAINTS);
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

/// The core's program, which lies beside this one.
pub(crate) fn vigil() -> Command {
    Command::new(beside().join(format!("vigil{}", std::env::consts::EXE_SUFFIX)))
}

/// The folder of this program.
fn beside() -> PathBuf {
    let exe = std::env::current_exe().unwrap_or_default();
    exe.parent().map(Path::to_path_buf).unwrap_or_default()
}

#[cfg(all(test, unix))]
mod tests {
    use super::{COMPLAINTS, Core, Fallen, last_words};
    use crate::http::Address;
    use std::process::Command;

    /// A window whose core has ended with this status.
    fn ended(dir: &std::path::Path, exit: &str) -> Core {
        let core = Core::new(dir.to_owned(), false);
        let mut known = core.known.lock().expect("free");
        let mut child = Command::new("sh").args(["-c", exit]).spawn().expect("a shell");
        child.wait().expect("it ends");
        known.child = Some(child);
        known.address = Some(Address { base_url: "http://127.0.0.1:9".into(), token: "abc".into() });
        drop(known);
        core
    }

    #[test]
    fn a_core_that_fell_is_told_and_not_started_before_a_person_wants_it() {
        let dir = std::env::temp_dir().join(format!("printvigil-fallen-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a folder");
        for exit in ["exit 2", "kill -9 $$"] {
            std::fs::write(dir.join(COMPLAINTS), "\nthread panicked\nvigil: It failed ten times.\n")
                .expect("written");
            let core = ended(&dir, exit);
            for _ in 0..2 {
                let error = core.address().expect_err("it fell");
                let words = error.downcast_ref::<Fallen>().expect("told as that").to_string();
                assert!(
                    words.contains("It failed ten times.") && words.contains("Look at the printer"),
                    "{words}"
                );
            }
            let again = core.start_again().expect_err("there is no core beside this test");
            assert!(again.downcast_ref::<Fallen>().is_none(), "it was tried: {again:#}");
        }
        // One that ended in order, such as when nothing printed, is simply started again.
        let error = ended(&dir, "exit 0").address().expect_err("there is no core beside this test");
        assert!(error.downcast_ref::<Fallen>().is_none(), "{error:#}");
        std::fs::remove_dir_all(&dir).expect("ours to remove");
    }

    #[test]
    fn only_its_own_words_are_shown() {
        assert_eq!(last_words("vigil: a: b\n\n").as_deref(), Some("a: b"));
        assert_eq!(last_words("note: run with RUST_BACKTRACE=1\n"), None);
        assert_eq!(last_words(""), None);
    }
}
