//! The pages: node modules, and `ui/dist`, which cargo embeds.

use crate::{Fault, paths, shell};
use std::path::Path;
use std::time::SystemTime;

/// Builds `ui/dist` when a source is newer.
///
/// # Errors
/// When npm fails.
pub(crate) fn build() -> Result<(), Fault> {
    let ui = paths::root().join("ui");
    let built = modified(&ui.join("dist/index.html"));
    // Its list of licences names the Rust packages, too.
    let newest = newest(&ui).max(modified(&paths::root().join("Cargo.lock")));
    if built.is_some() && built >= newest {
        return Ok(());
    }
    modules()?;
    shell::run(shell::npm().args(["run", "build"]))
}

/// Installs the node modules when the lock file changed since the last time.
///
/// # Errors
/// When npm fails.
pub(crate) fn modules() -> Result<(), Fault> {
    let lock = paths::root().join("ui/package-lock.json");
    let stamp = paths::target().join("node-modules.lock");
    let wanted = std::fs::read(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    let there = paths::root().join("ui/node_modules").is_dir();
    if there && std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    shell::run(shell::npm().args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
    shell::place(&lock, &stamp)
}

/// When the newest source was written.
fn newest(dir: &Path) -> Option<SystemTime> {
    let entries = std::fs::read_dir(dir).ok()?;
    entries
        .flatten()
        .filter(|entry| !["node_modules", "dist"].iter().any(|name| entry.file_name() == *name))
        .filter_map(|entry| {
            let path = entry.path();
            if path.is_dir() { newest(&path) } else { modified(&path) }
        })
        .max()
}

fn modified(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file).and_then(|data| data.modified()).ok()
}
