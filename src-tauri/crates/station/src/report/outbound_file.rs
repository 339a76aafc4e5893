//! The list of connections that left this computer, kept from one run to the next.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use store::private_file;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

/// The file in the data folder.
const FILE: &str = "outbound.json";
/// What is new is written after so long: a core that is killed loses as much.
const WRITE_EVERY: Duration = Duration::from_secs(60);
/// No file that we wrote is larger, bytes.
const LARGEST: u64 = 1024 * 1024;

/// Goes on with the list of the runs before, and writes it down from then on, as long as the data folder is in use.
pub(crate) async fn keep_outbound(root: &Arc<Path>) {
    let path = root.join(FILE);
    let read = spawn_blocking(move || outbound::restore(read(&path).as_deref())).await;
    if let Err(error) = read {
        tracing::warn!(%error, "the list of connections begins anew");
    }
    let in_use = Arc::downgrade(root);
    tokio::spawn(async move {
        loop {
            sleep(WRITE_EVERY).await;
            let Some(root) = in_use.upgrade() else { return };
            let _ = spawn_blocking(move || write_outbound(&root)).await;
        }
    });
}

fn read(path: &PathBuf) -> Option<Vec<u8>> {
    let small = std::fs::metadata(path).is_ok_and(|about| about.len() <= LARGEST);
    if small { std::fs::read(path).ok() } else { None }
}

/// Writes down what is new.
pub(crate) fn write_outbound(root: &Path) {
    let Some(bytes) = outbound::to_keep() else { return };
    if let Err(error) = private_file::write(&root.join(FILE), &bytes) {
        tracing::warn!(%error, "the list of connections cannot be written");
    }
}
