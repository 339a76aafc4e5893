//! Where the log goes: to the terminal, or beside the data when the window started us.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::sync::Mutex;
use tracing_subscriber::EnvFilter;

/// A longer log is set aside at the start, bytes.
const LONGEST: u64 = 4 * 1024 * 1024;

fn filter() -> EnvFilter {
    EnvFilter::try_from_env("VIGIL_LOG").unwrap_or_else(|_| EnvFilter::new("info,ort=warn"))
}

/// Logs to the terminal.
pub(crate) fn to_terminal() {
    let _ = tracing_subscriber::fmt().with_env_filter(filter()).with_writer(std::io::stderr).try_init();
    log_panics();
}

/// Logs to `core.log` in the data folder; the one before it is kept as `core.log.1`.
///
/// # Errors
/// When the file cannot be opened.
pub(crate) fn to_file(data_dir: &Path) -> std::io::Result<()> {
    let path = data_dir.join("core.log");
    if fs::metadata(&path).is_ok_and(|log| log.len() > LONGEST) {
        fs::rename(&path, data_dir.join("core.log.1"))?;
    }
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter())
        .with_ansi(false)
        .with_writer(Mutex::new(file))
        .try_init();
    log_panics();
    Ok(())
}

/// A panic in any thread is logged with its thread and its place, before whoever supervises that thread acts.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let thread = std::thread::current().name().unwrap_or("unnamed").to_owned();
        let payload = panic.payload();
        let words = payload.downcast_ref::<&str>().copied();
        let words =
            words.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no words");
        tracing::error!(thread, place, words, "a part of the app failed");
    }));
}
