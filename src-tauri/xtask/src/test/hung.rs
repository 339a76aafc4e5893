//! Tells a test program that hangs from a slow one by its silence, and ends it.

use std::process::{Child, Command};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// When something was printed last, and what of it is no whole line yet.
type Last = Arc<Mutex<(Instant, String)>>;

/// How long a program has printed nothing.
pub(super) struct Silence {
    last: Last,
    longest: Duration,
}

/// Notes that something was printed.
pub(super) struct Ear(Last);

impl Silence {
    /// Begins to measure.
    pub(super) fn start(longest: Duration) -> Self {
        Self { last: Arc::new(Mutex::new((now(), String::new()))), longest }
    }

    /// Returns an ear for one of its outputs.
    pub(super) fn ear(&self) -> Ear {
        Ear(self.last.clone())
    }

    /// Returns the last line that it began, when it has printed nothing for too long; then measures anew.
    pub(super) fn too_long(&mut self) -> Option<String> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.0.elapsed() < self.longest {
            return None;
        }
        last.0 = now();
        Some(last.1.clone())
    }
}

impl Ear {
    /// Takes in that something was printed, the last line so far being `begun`.
    pub(super) fn heard(&self, begun: &[u8]) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.0 = now();
        if !begun.is_empty() {
            last.1 = String::from_utf8_lossy(begun).into_owned();
        }
    }
}

/// Ends the programs that `child` (cargo) has started, so that it goes on with the next one; itself when there are none.
/// Returns which it was.
pub(super) fn end_what_it_runs(child: &mut Child) -> &'static str {
    // Linux lists the children of each thread here; elsewhere nothing is found.
    let threads = std::fs::read_dir(format!("/proc/{}/task", child.id())).into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
    let children: String = lists.collect();
    let ended = children.split_whitespace().filter(|child| {
        Command::new("kill").args(["-KILL", child]).status().is_ok_and(|status| status.success())
    });
    if ended.count() > 0 {
        return "the test program";
    }
    // It may have ended meanwhile.
    let _ = child.kill();
    "the whole run"
}

#[expect(clippy::disallowed_methods, reason = "how long a test is silent is about real time")]
fn now() -> Instant {
    Instant::now()
}
