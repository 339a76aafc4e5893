//! The media thread: writes kept frames from the rings and looks with their heat maps to disk. Nobody waits for it.

use super::look_files::LookFiles;
use super::paths::{FRAMES, frame_path, print_folder, slashed};
use super::room::free_bytes;
use super::shots;
use camera::Frame;
use domain::{Event, FrameInfo, FrameRow, HeatLook, KeepWhy, PrintId, StoreFault, Write};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use store::{Store, StoreError};

/// Pictures waiting at most; more are dropped and counted.
const INBOX: usize = 64;

/// A picture to keep.
pub(crate) struct Keep {
    pub(crate) frame: Arc<Frame>,
    pub(crate) print: PrintId,
    pub(crate) why: KeepWhy,
    pub(crate) line: Option<u64>,
    pub(crate) layer_idx: Option<u32>,
}

/// Who hears what the thread did.
pub(crate) struct MediaEvents {
    /// Pictures stop being kept, or are kept again; shots were taken.
    pub(crate) tell: Box<dyn Fn(Event) + Send>,
    /// All looks of a print that is over are written.
    pub(crate) looks_written: Box<dyn Fn(PrintId) + Send>,
}

enum Message {
    Keep(Box<Keep>),
    Look(Box<HeatLook>),
    /// Every second picture for the film is dropped.
    Thin(PrintId),
    /// The print is over: its looks are written out.
    Over(PrintId),
    /// Answers when everything before it is on disk.
    Flush(SyncSender<()>),
}

/// Handle of the media thread.
pub(crate) struct Media {
    inbox: Option<SyncSender<Message>>,
    dropped: u64,
    thread: Option<JoinHandle<()>>,
}

impl Media {
    /// Starts the thread. With less than `reserve_bytes` free no more pictures are kept: database and print come
    /// first.
    pub(crate) fn spawn(
        data_dir: &Path,
        reserve_bytes: u64,
        store: Arc<Store>,
        events: MediaEvents,
    ) -> io::Result<Self> {
        let (inbox, messages) = sync_channel(INBOX);
        let root = data_dir.to_path_buf();
        let thread = std::thread::Builder::new()
            .name("media".into())
            .spawn(move || run(&root, reserve_bytes, &messages, &store, &events))?;
        Ok(Self { inbox: Some(inbox), dropped: 0, thread: Some(thread) })
    }

    /// Hands a picture over; drops and counts it when the disk cannot keep up.
    pub(crate) fn keep(&mut self, keep: Keep) {
        let Some(inbox) = &self.inbox else { return };
        match inbox.try_send(Message::Keep(Box::new(keep))) {
            Ok(()) => (),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.dropped += 1;
                tracing::warn!(dropped = self.dropped, "a picture was not kept: the disk is too slow");
            }
        }
    }

    /// Hands a look over; drops and counts it when the disk cannot keep up.
    pub(crate) fn keep_look(&mut self, look: Box<HeatLook>) {
        let Some(inbox) = &self.inbox else { return };
        if inbox.try_send(Message::Look(look)).is_err() {
            self.dropped += 1;
            tracing::warn!(dropped = self.dropped, "a look was not kept: the disk is too slow");
        }
    }

    /// Drops every second of the pictures that were kept for the film of a print.
    pub(crate) fn thin(&self, print: PrintId) {
        if let Some(inbox) = &self.inbox
            && inbox.try_send(Message::Thin(print)).is_err()
        {
            tracing::warn!(%print, "a film was not thinned out: the disk is too slow");
        }
    }

    /// The print is over: what waits of its looks is written.
    pub(crate) fn print_over(&mut self, print: PrintId) {
        if let Some(inbox) = &self.inbox {
            // Should the inbox be full, the looks are written with the next flush or at the end.
            let _ = inbox.try_send(Message::Over(print));
        }
    }

    /// Returns a function that waits until all pictures handed over so far are on disk.
    pub(crate) fn flusher(&self) -> impl FnOnce() + Send + 'static {
        let inbox = self.inbox.clone();
        move || {
            let (done, wait) = sync_channel(1);
            if inbox.is_some_and(|inbox| inbox.send(Message::Flush(done)).is_ok()) {
                let _ = wait.recv();
            }
        }
    }

    /// Writes what waits and ends.
    pub(crate) fn close(&mut self) {
        self.inbox = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(root: &Path, reserve_bytes: u64, messages: &Receiver<Message>, store: &Store, events: &MediaEvents) {
    let MediaEvents { tell, looks_written } = events;
    let mut failing = false;
    let mut looks = LookFiles::new(root);
    while let Ok(message) = messages.recv() {
        let keep = match message {
            Message::Keep(keep) => keep,
            Message::Look(look) => {
                looks.keep(*look);
                continue;
            }
            Message::Thin(print) => {
                if let Err(error) = thin(root, store, print) {
                    tracing::warn!(%print, %error, "a film was not thinned out");
                }
                continue;
            }
            Message::Over(print) => {
                looks.close(print);
                looks_written(print);
                continue;
            }
            Message::Flush(done) => {
                let _ = done.send(());
                continue;
            }
        };
        match write(root, reserve_bytes, &keep) {
            Ok(row) => {
                if std::mem::take(&mut failing) {
                    tell(Event::HistoryLost(None));
                }
                store.record(Write::Frame(Box::new(row.clone())), None);
                if keep.why == KeepWhy::Alert {
                    match shots::keep_one(root, store, &row) {
                        Ok(all) => tell(Event::Shots(row.print, all)),
                        Err(error) => tracing::warn!(print = %row.print, %error, "no shot of an alert"),
                    }
                }
            }
            Err(error) => {
                if !std::mem::replace(&mut failing, true) {
                    tracing::warn!(print = %keep.print, %error, "pictures are not kept");
                    tell(Event::HistoryLost(Some(fault(&error))));
                }
            }
        }
    }
}

/// Drops every second of the pictures that were kept for the film: their rows first, so that none names a picture that
/// is gone.
fn thin(root: &Path, store: &Store, print: PrintId) -> Result<(), StoreError> {
    // Behind the rows of the last pictures, which wait in the store's queue.
    let dropped = store.write_now(move |tx| {
        let ids = store::frame::every_second(tx, print)?;
        store::frame::delete(tx, print, &ids)?;
        Ok(ids)
    })?;
    for id in &dropped {
        let path = root.join(frame_path(print, *id));
        if let Err(error) = fs::remove_file(&path) {
            tracing::warn!(path = %path.display(), %error, "a picture was not removed");
        }
    }
    tracing::info!(%print, dropped = dropped.len(), "the pictures of a long print were thinned out");
    Ok(())
}

fn fault(error: &io::Error) -> StoreFault {
    if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        return StoreFault::DiskFull;
    }
    StoreFault::Failed(error.to_string())
}

fn write(root: &Path, reserve_bytes: u64, keep: &Keep) -> io::Result<FrameRow> {
    let info: FrameInfo = keep.frame.info;
    let folder = print_folder(keep.print).join(FRAMES);
    fs::create_dir_all(root.join(&folder))?;
    if free_bytes(root).is_some_and(|free| free < reserve_bytes) {
        return Err(io::Error::from(io::ErrorKind::StorageFull));
    }
    let path = frame_path(keep.print, info.id);
    // A picture is whole or not there: a reader never sees half of one.
    let part = root.join(path.with_extension("part"));
    fs::write(&part, &keep.frame.jpeg).inspect_err(|_| {
        let _ = fs::remove_file(&part);
    })?;
    fs::rename(&part, root.join(&path))?;
    Ok(FrameRow {
        id: info.id,
        print: keep.print,
        camera: info.camera,
        taken_at: info.taken.utc,
        path: slashed(&path),
        width: info.width,
        height: info.height,
        num_bytes: keep.frame.jpeg.len() as u64,
        why: keep.why.word().into(),
        line: keep.line,
        layer_idx: keep.layer_idx,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{CameraId, FrameId, Print, Printer, PrinterId, PrinterKind, Timestamp};

    #[test]
    fn thinned_out_rows_and_pictures_go_together() {
        let dir = tempfile::tempdir().unwrap();
        let now = Timestamp::from_micros(1_000_000);
        let (store, _) = Store::open(dir.path(), now, Box::new(|_| ())).unwrap();
        let printer = Printer::new(PrinterId(1), "P", PrinterKind::Demo, now, "0".repeat(20));
        let print = Print::begin(PrintId(1), PrinterId(1), None, "a.gcode".into(), now);
        fs::create_dir_all(dir.path().join(print_folder(PrintId(1))).join(FRAMES)).unwrap();
        let rows: Vec<FrameRow> = (1..=7)
            .map(|id| {
                let path = frame_path(PrintId(1), FrameId(id));
                fs::write(dir.path().join(&path), "picture").unwrap();
                FrameRow {
                    id: FrameId(id),
                    print: PrintId(1),
                    camera: CameraId(1),
                    taken_at: Timestamp::from_micros(id * 1_000_000),
                    path: path.to_string_lossy().into_owned(),
                    width: 64,
                    height: 48,
                    num_bytes: 7,
                    why: if id == 4 { "alert" } else { "film" }.into(),
                    line: None,
                    layer_idx: None,
                }
            })
            .collect();
        let kept = store.write_now(move |tx| {
            store::printer::put(tx, &printer)?;
            store::print::put(tx, &print)?;
            rows.iter().try_for_each(|row| store::frame::insert(tx, row))
        });
        kept.unwrap();
        // One that is gone already is no reason to leave the others.
        fs::remove_file(dir.path().join(frame_path(PrintId(1), FrameId(2)))).unwrap();
        thin(dir.path(), &store, PrintId(1)).unwrap();
        let left = store.read(|conn| store::frame::of_print(conn, PrintId(1), &[])).unwrap();
        assert_eq!(left.iter().map(|row| row.id.get()).collect::<Vec<_>>(), [1, 3, 4, 6]);
        for row in &left {
            assert!(dir.path().join(&row.path).is_file(), "frame {}", row.id);
        }
        let folder = dir.path().join(print_folder(PrintId(1))).join(FRAMES);
        assert_eq!(fs::read_dir(folder).unwrap().count(), 4);
    }
}
