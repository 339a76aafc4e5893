//! The TypeScript types of the API, written from the Rust ones.

use crate::{Fault, paths, shell};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Writes the types again.
///
/// # Errors
/// When they cannot be built or written.
pub(crate) fn write() -> Result<(), Fault> {
    // All of the workspace, so that the libraries are built with one set of features.
    shell::run(shell::cargo().args(["build", "--workspace", "--example", "bindings"]))?;
    let example =
        paths::target().join("debug/examples").join(format!("bindings{}", std::env::consts::EXE_SUFFIX));
    shell::run(shell::command(example).arg(folder()))
}

/// Writes the types again and names those that were not up to date.
///
/// # Errors
/// When they cannot be written, or some had changed.
pub(crate) fn check() -> Result<(), Fault> {
    let before = files();
    write()?;
    let after = files();
    let stale: Vec<&str> = before
        .keys()
        .chain(after.keys())
        .filter(|name| before.get(*name) != after.get(*name))
        .map(String::as_str)
        .collect();
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!("these types were out of date and are written now; commit them: {}", stale.join(" ")))
}

fn folder() -> PathBuf {
    paths::root().join("ui/src/lib/bindings")
}

fn files() -> BTreeMap<String, Vec<u8>> {
    let Ok(entries) = std::fs::read_dir(folder()) else { return BTreeMap::new() };
    entries
        .flatten()
        .filter_map(|entry| {
            Some((entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).ok()?))
        })
        .collect()
}
