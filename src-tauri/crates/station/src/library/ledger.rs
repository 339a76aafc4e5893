//! The ledger: how far each print under way has come, in an append-only file of its own, for the day when the power goes.
//!
//! One file a print, `ledger/<print>.jsonl` in the data folder: first the print, then what the printer had taken, a few
//! times a second at most, synced to the disk once a second on a thread of its own. A print that ends well takes its
//! file with it; a file that is still there tells of one that was cut short.

use super::files::{content_path, signature};
use domain::{JobEnd, JobReport, LinkChange, PrintId, PrinterId, Recovery, Temperatures, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Notes waiting at most; the newest replaces what did not fit a moment later.
const INBOX: usize = 64;
/// What was noted is on the disk after this.
const SYNC_EVERY: Duration = Duration::from_secs(1);
/// The end of a ledger that is read, bytes: some dozens of notes.
const TAIL_BYTES: u64 = 16 * 1024;

/// The first line: which print.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Head {
    print: PrintId,
    printer: PrinterId,
    file: Option<domain::FileId>,
    name: String,
    lines: u64,
    file_bytes: u64,
    layers: Option<u32>,
    /// Of the file's content; absent in ledgers of earlier versions, and when it could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

/// A print that was cut short, with what its file must be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CutShort {
    pub(crate) recovery: Recovery,
    pub(crate) file_bytes: u64,
    /// As [`signature`] makes it.
    pub(crate) sha256: Option<String>,
}

/// Each further line: what the printer had taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Note {
    at: Timestamp,
    line: u64,
    filepos: u64,
    layer_idx: Option<u32>,
    z_mm: Option<f64>,
    /// Objects that are left out; absent in ledgers of earlier versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<u32>,
    heaters: Temperatures,
}

enum Message {
    Note(Box<(Head, Note)>),
    Over(PrintId),
}

/// Handle of the ledger's thread.
pub(crate) struct Ledger {
    inbox: Option<SyncSender<Message>>,
    thread: Option<JoinHandle<()>>,
    /// Prints that ended while the disk was behind: their ledgers must go, or they would be offered as cut short.
    over: Vec<PrintId>,
}

impl Ledger {
    /// Starts the thread.
    pub(crate) fn spawn(data_dir: &Path) -> io::Result<Self> {
        let dir = folder(data_dir);
        fs::create_dir_all(&dir)?;
        let (inbox, messages) = sync_channel(INBOX);
        let thread = std::thread::Builder::new().name("ledger".into()).spawn(move || run(&dir, &messages))?;
        Ok(Self { inbox: Some(inbox), thread: Some(thread), over: Vec::new() })
    }

    /// Notes how far a print is. Never waits: a disk that is behind gets the next note.
    pub(crate) fn note(
        &mut self,
        printer: PrinterId,
        job: &JobReport,
        heaters: &Temperatures,
        at: Timestamp,
    ) {
        self.tell_over();
        if job.line == 0 {
            return;
        }
        let head = Head {
            print: job.print,
            printer,
            file: job.file,
            name: job.name.clone(),
            lines: job.lines,
            file_bytes: job.file_bytes,
            layers: job.layers,
            sha256: None,
        };
        let (line, filepos, layer_idx, z_mm) = (job.line, job.filepos, job.layer_idx, job.z_mm);
        let (left_out, heaters) = (job.left_out.clone(), heaters.clone());
        let note = Note { at, line, filepos, layer_idx, z_mm, left_out, heaters };
        self.send(Message::Note(Box::new((head, note))));
    }

    /// Takes in what happened: a print that ended as a person wanted needs no ledger any more.
    pub(crate) fn heard(&mut self, change: &LinkChange) {
        if let LinkChange::Ended(print, JobEnd::Finished | JobEnd::Cancelled(_)) = change {
            self.over.push(*print);
            self.tell_over();
        }
    }

    /// Tells the thread of the prints that have ended; those that it cannot take now are told with the next note.
    fn tell_over(&mut self) {
        let Some(inbox) = &self.inbox else { return };
        self.over.retain(|print| inbox.try_send(Message::Over(*print)).is_err());
    }

    fn send(&self, message: Message) {
        if self.inbox.as_ref().is_some_and(|inbox| inbox.try_send(message).is_err()) {
            tracing::warn!("the disk is too slow for the ledger of a print");
        }
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        if let Some(inbox) = &self.inbox {
            for print in self.over.drain(..) {
                let _ = inbox.send(Message::Over(print));
            }
        }
        self.inbox = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join("ledger")
}

fn path(dir: &Path, print: PrintId) -> PathBuf {
    dir.join(format!("{print}.jsonl"))
}

struct Open {
    file: File,
    line: u64,
    left_out: Vec<u32>,
    unsynced: bool,
    synced_at: Timestamp,
}

impl Open {
    fn sync(&mut self, now: Timestamp) {
        if let Err(error) = self.file.sync_data() {
            tracing::warn!(%error, "the ledger of a print is not on the disk");
        }
        (self.unsynced, self.synced_at) = (false, now);
    }
}

fn run(dir: &Path, messages: &Receiver<Message>) {
    let mut open: BTreeMap<PrintId, Open> = BTreeMap::new();
    // Told when it begins and when it is over: notes come several times a second, and a full disk has no room for them.
    let mut failing = false;
    loop {
        match messages.recv_timeout(SYNC_EVERY) {
            Ok(Message::Note(note)) => {
                let (head, note) = *note;
                let written = write(dir, &mut open, &head, &note);
                match &written {
                    Err(error) if !failing => {
                        tracing::warn!(%error, print = %head.print, "the ledger of a print is not written");
                    }
                    Ok(()) if failing => tracing::info!("the ledger is written again"),
                    Ok(()) | Err(_) => (),
                }
                failing = written.is_err();
            }
            Ok(Message::Over(print)) => {
                open.remove(&print);
                drop(fs::remove_file(path(dir, print)));
            }
            // Nothing new for a while.
            Err(RecvTimeoutError::Timeout) => sync_all(&mut open),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    sync_all(&mut open);
}

fn sync_all(open: &mut BTreeMap<PrintId, Open>) {
    open.values_mut().filter(|ledger| ledger.unsynced).for_each(|ledger| ledger.sync(ledger.synced_at));
}

fn write(dir: &Path, open: &mut BTreeMap<PrintId, Open>, head: &Head, note: &Note) -> io::Result<()> {
    let ledger = match open.entry(head.print) {
        std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
        std::collections::btree_map::Entry::Vacant(new) => {
            forget_older(dir, head);
            let mut file = OpenOptions::new().create(true).append(true).open(path(dir, head.print))?;
            // The number of a file says little: after a damaged database another file may get it.
            let content = head.file.zip(dir.parent()).map(|(id, data_dir)| content_path(data_dir, id));
            let sha256 = content.and_then(|content| signature(&content).ok());
            file.write_all(&json_line(&Head { sha256, ..head.clone() })?)?;
            new.insert(Open { file, line: 0, left_out: Vec::new(), unsynced: true, synced_at: note.at })
        }
    };
    if ledger.line != note.line || ledger.left_out != note.left_out {
        ledger.file.write_all(&json_line(note)?)?;
        (ledger.line, ledger.unsynced) = (note.line, true);
        ledger.left_out.clone_from(&note.left_out);
        if note.at.secs_since(ledger.synced_at).abs() >= SYNC_EVERY.as_secs_f64() {
            ledger.sync(note.at);
        }
    }
    Ok(())
}

/// Once a printer prints again, what was cut short on it before cannot be taken up any more.
fn forget_older(dir: &Path, head: &Head) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let older = read(&entry.path()).ok().flatten().map(|older| older.recovery);
        if older.is_some_and(|older| older.printer == head.printer && older.print != head.print) {
            drop(fs::remove_file(entry.path()));
        }
    }
}

fn json_line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

/// Returns the prints that were cut short, newest first. `running` are under way now.
pub(crate) fn recoveries(data_dir: &Path, running: &[PrintId]) -> Vec<CutShort> {
    let Ok(entries) = fs::read_dir(folder(data_dir)) else { return Vec::new() };
    let mut found: Vec<CutShort> = entries
        .flatten()
        .filter_map(|entry| read(&entry.path()).ok().flatten())
        .filter(|cut| !running.contains(&cut.recovery.print) && began(&cut.recovery))
        .collect();
    found.sort_by_key(|cut| std::cmp::Reverse(cut.recovery.print));
    found
}

/// Returns whether something of the print lies on the bed: below the first layer there is nothing to take up.
fn began(recovery: &Recovery) -> bool {
    recovery.z_mm.is_some_and(|z| z > 0.0)
}

/// Forgets a print that was cut short. Returns whether there was one.
pub(crate) fn forget(data_dir: &Path, print: PrintId) -> bool {
    fs::remove_file(path(&folder(data_dir), print)).is_ok()
}

/// Reads what is certain: the last note that is whole. A torn one at the end is passed over.
fn read(path: &Path) -> io::Result<Option<CutShort>> {
    let mut file = File::open(path)?;
    let mut first = String::new();
    BufReader::new(&mut file).take(TAIL_BYTES).read_line(&mut first)?;
    let Ok(head) = serde_json::from_str::<Head>(&first) else { return Ok(None) };
    let len = file.metadata()?.len();
    file.seek(SeekFrom::Start(len.saturating_sub(TAIL_BYTES).max(first.len() as u64)))?;
    let mut tail = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut tail)?;
    let note =
        tail.split(|byte| *byte == b'\n').rev().find_map(|line| serde_json::from_slice::<Note>(line).ok());
    let Some(note) = note else { return Ok(None) };
    let actual = |key: &str| note.heaters.get(key).map(|t| t.actual);
    let recovery = Recovery {
        print: head.print,
        printer: head.printer,
        file: head.file,
        name: head.name,
        at: note.at,
        line: note.line,
        lines: head.lines,
        layer_idx: note.layer_idx,
        layers: head.layers,
        left_out: note.left_out,
        z_mm: note.z_mm,
        hotend_c: actual("tool0"),
        bed_c: actual("bed"),
    };
    Ok(Some(CutShort { recovery, file_bytes: head.file_bytes, sha256: head.sha256 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head {
        let (print, printer) = (PrintId(7), PrinterId(1));
        Head {
            print,
            printer,
            file: None,
            name: "a.gcode".into(),
            lines: 900,
            file_bytes: 9_000,
            layers: Some(9),
            sha256: None,
        }
    }

    fn note(line: u64) -> Note {
        let at = Timestamp::from_micros(line as i64 * 1_000_000);
        Note {
            at,
            line,
            filepos: line * 10,
            layer_idx: Some(2),
            z_mm: Some(0.6),
            left_out: vec![2],
            heaters: Temperatures::new(),
        }
    }

    #[test]
    fn what_was_noted_last_is_found_again_even_behind_a_torn_line() {
        let data = tempfile::tempdir().unwrap();
        let dir = folder(data.path());
        fs::create_dir_all(&dir).unwrap();
        let mut open = BTreeMap::new();
        for line in 1..=2_000 {
            write(&dir, &mut open, &head(), &note(line)).unwrap();
        }
        let ledger = path(&dir, PrintId(7));
        let whole = fs::read(&ledger).unwrap();
        for torn in [0, 1, 20, 60] {
            fs::write(&ledger, &whole[..whole.len() - torn]).unwrap();
            let found = recoveries(data.path(), &[]);
            let line = if torn < 2 { 2_000 } else { 1_999 };
            assert_eq!(
                (found[0].recovery.line, found[0].recovery.print, found[0].recovery.z_mm),
                (line, PrintId(7), Some(0.6)),
                "{torn}"
            );
            assert_eq!(found[0].recovery.left_out, [2], "{torn}");
        }
        assert_eq!(recoveries(data.path(), &[PrintId(7)]), []);
        assert!(forget(data.path(), PrintId(7)) && recoveries(data.path(), &[]).is_empty());
    }

    #[test]
    fn a_print_that_ends_well_leaves_nothing() {
        let data = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::spawn(data.path()).unwrap();
        ledger.send(Message::Note(Box::new((head(), note(5)))));
        let over = LinkChange::Ended(PrintId(7), JobEnd::Finished);
        ledger.heard(&LinkChange::Ended(PrintId(7), JobEnd::Interrupted { why: String::new() }));
        drop(ledger);
        assert_eq!(recoveries(data.path(), &[]).len(), 1, "cut short: kept");
        let mut ledger = Ledger::spawn(data.path()).unwrap();
        ledger.heard(&over);
        drop(ledger);
        assert_eq!(recoveries(data.path(), &[]), []);
    }
}
