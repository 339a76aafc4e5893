//! What is known of the cameras: read anew when a print ended, when a person judged one, and when it was forgotten.

use domain::{CameraId, CameraScale, Event, Taught};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Store, StoreError};
use tokio::sync::mpsc;

/// Returns the scale of each camera of which prints taught something.
pub(crate) fn put_together(taught: &BTreeMap<CameraId, Vec<Taught>>) -> BTreeMap<CameraId, CameraScale> {
    taught.iter().filter_map(|(&id, prints)| Some((id, verdict::put_together(prints)?))).collect()
}

/// Reads the scales, after all that waits to be written. Blocks.
pub(crate) fn read(store: &Store) -> Result<BTreeMap<CameraId, CameraScale>, StoreError> {
    store.write_now(|tx| store::scale::taught(tx).map(|taught| put_together(&taught)))
}

/// Has the hub told what is known now.
pub(crate) fn tell(store: Arc<Store>, events: mpsc::Sender<Event>) {
    tokio::task::spawn_blocking(move || match read(&store) {
        Ok(scales) => {
            let _ = events.blocking_send(Event::Scales(scales));
        }
        Err(error) => tracing::debug!(%error, "what is known of the cameras was not read"),
    });
}
