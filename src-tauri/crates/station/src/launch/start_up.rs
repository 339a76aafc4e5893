//! What is looked after before and while the core runs: room to start in, prints of which only the ledger tells, and
//! that the database is still where it was.

use crate::devices::Secrets;
use crate::error::{StationError, blocking};
use crate::library::cut_short;
use crate::media::{make_room, what_is_passing};
use domain::{Event, PrintId, StoreFault, Timestamp};
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;
use store::{Boot, Store, StoreError, StoreOutcome};
use tokio::sync::mpsc;

/// How often it is looked whether the database is still there.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// The data folder, opened and looked after.
pub(super) struct Opened {
    pub(super) store: Arc<Store>,
    pub(super) boot: Boot,
    /// The passwords of its cameras.
    pub(super) secrets: Arc<Secrets>,
}

/// Makes room on a full disk, so that the core starts and people can tidy up in it; then opens the database and does what it
/// needs before the core starts. What becomes of writes is told to `events`.
///
/// # Errors
/// When the database cannot be read, or no thread can be started.
pub(super) async fn open(
    data_dir: &Path,
    now: Timestamp,
    events: mpsc::Sender<Event>,
) -> Result<Opened, StationError> {
    let outcomes = events.clone();
    let on_outcome = Box::new(move |outcome| {
        let _ = outcomes.blocking_send(match outcome {
            StoreOutcome::Stored(reply, result) => Event::Stored(reply, result),
            StoreOutcome::Lost(fault) => Event::HistoryLost(fault),
        });
    });
    let root = data_dir.to_path_buf();
    let opened = blocking(move || {
        if make_room(&root) {
            what_is_passing(&root);
        }
        Store::open(&root, now, on_outcome)
    });
    let (store, mut boot) = opened.await??;
    let store = Arc::new(store);
    check_ledgers(data_dir, &store, &mut boot)?;
    watch_files(&store, events)?;
    let secrets = Arc::new(Secrets::open(data_dir));
    if let Err(error) = secrets.take_out(&store, data_dir, &mut boot.cameras) {
        tracing::error!(%error, "passwords of cameras are still in the database");
    }
    Ok(Opened { store, boot, secrets })
}

/// Looks for prints that were under way and whose record is lost, such as by a damaged journal. Says so, and keeps
/// their numbers from being given again.
///
/// # Errors
/// When the database cannot be read.
fn check_ledgers(data_dir: &Path, store: &Store, boot: &mut Boot) -> Result<(), StoreError> {
    let cut: Vec<_> = cut_short(data_dir, &[]).into_iter().map(|cut| cut.recovery).collect();
    let ids: Vec<PrintId> = cut.iter().map(|cut| cut.print).collect();
    let (known, erased) =
        store.read(|conn| Ok((store::erase::known(conn, &ids)?, store::erased::largest_print(conn)?)))?;
    let lost = |id: PrintId| id.get() > erased && known.iter().all(|(known, _)| *known != id);
    let names: Vec<&str> = cut.iter().filter(|cut| lost(cut.print)).map(|cut| cut.name.as_str()).collect();
    if !names.is_empty() {
        let said = format!(
            "The last entries of the history could not be read, and are lost. Of {}, which was being printed then, \
             only how far it came is known.",
            names.join(", ")
        );
        tracing::error!(prints = names.len(), "the history lost the record of a print");
        boot.damage = Some(boot.damage.take().map_or(said.clone(), |before| format!("{before} {said}")));
    }
    let largest = ids.iter().map(|id| id.get()).max().unwrap_or(0);
    boot.next_print = PrintId(boot.next_print.get().max(largest.saturating_add(1)));
    Ok(())
}

/// Says when the database is removed while the core runs; ends with the store.
///
/// # Errors
/// When no thread can be started.
fn watch_files(store: &Arc<Store>, events: mpsc::Sender<Event>) -> std::io::Result<()> {
    let store: Weak<Store> = Arc::downgrade(store);
    let look = move || {
        let mut said = false;
        loop {
            std::thread::sleep(LOOK_EVERY);
            let Some(store) = store.upgrade() else { return };
            let missing = store.missing();
            drop(store);
            if missing.is_some() == said {
                continue;
            }
            said = missing.is_some();
            let fault = missing.map(|name| {
                tracing::error!(name, "a file of the history was removed or replaced");
                StoreFault::Failed(format!(
                    "the file {name} was removed or replaced while Printvigil runs, and what happens now is lost. \
                     Close Printvigil, put the file back if you can, and start it again."
                ))
            });
            if events.blocking_send(Event::HistoryLost(fault)).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("files".into()).spawn(look).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_print_of_which_only_the_ledger_tells_is_said_and_its_number_not_given_again() {
        let dir = tempfile::tempdir().unwrap();
        let (store, mut boot) = Store::open(dir.path(), Timestamp::from_micros(0), |_| ()).unwrap();
        check_ledgers(dir.path(), &store, &mut boot).unwrap();
        assert_eq!((boot.damage.clone(), boot.next_print), (None, PrintId(1)));
        fs::create_dir(dir.path().join("ledger")).unwrap();
        let head =
            r#"{"print":7,"printer":1,"file":3,"name":"part.gcode","lines":900,"file_bytes":9,"layers":2}"#;
        let at = Timestamp::from_micros(0);
        let note =
            format!(r#"{{"at":"{at}","line":5,"filepos":50,"layer_idx":0,"z_mm":0.2,"heaters":{{}}}}"#);
        fs::write(dir.path().join("ledger/7.jsonl"), format!("{head}\n{note}\n")).unwrap();
        check_ledgers(dir.path(), &store, &mut boot).unwrap();
        assert!(boot.damage.as_ref().is_some_and(|said| said.contains("part.gcode")), "{:?}", boot.damage);
        assert_eq!(boot.next_print, PrintId(8));
        // One that a person erased is no loss.
        let (erased, mut boot) = (PrintId(7), Boot { damage: None, ..boot });
        store
            .write_now(move |tx| {
                tx.execute("insert into print (id, ext_id, filename, started_at, uploaded_at) values (7, 1, 'a', 0, 0)", [])?;
                store::erase::prints(tx, &[erased])
            })
            .unwrap();
        check_ledgers(dir.path(), &store, &mut boot).unwrap();
        assert_eq!(boot.damage, None);
    }
}
