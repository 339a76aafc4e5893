//! The thread that makes clips of alerts: one at a time, with a rest after each picture, so that printing and
//! watching come first.

use super::folders::count_others;
use super::paths::{EVIDENCE, print_folder, prints_folder, url_of};
use super::room::free_bytes;
use domain::{FrameId, PrintId, Timestamp};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};
use store::Store;
use timelapse::{Continue, FilmError, Scene};

/// Clips waiting at most, besides the one that is being made; each holds 32 MiB of pictures at most.
const INBOX: usize = 2;

/// The rest after each picture.
const REST: Duration = Duration::from_millis(10);

/// A clip to make.
pub(crate) struct Job {
    pub(crate) print: PrintId,
    pub(crate) frame: FrameId,
    pub(crate) scenes: Vec<Scene<bytes::Bytes>>,
}

/// Handle of the thread.
pub(crate) struct Clips {
    inbox: Option<SyncSender<Job>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Clips {
    /// Starts the thread, which first removes what an earlier run left half made. With less than `reserve_bytes`
    /// free no clips are made.
    pub(crate) fn spawn(data_dir: &Path, reserve_bytes: u64, store: Arc<Store>) -> io::Result<Self> {
        let (inbox, jobs) = sync_channel(INBOX);
        let stop = Arc::new(AtomicBool::new(false));
        let (root, stopped) = (data_dir.to_path_buf(), stop.clone());
        let run = move || run(&root, reserve_bytes, &store, &jobs, &stopped);
        let thread = std::thread::Builder::new().name("evidence".into()).spawn(run)?;
        Ok(Self { inbox: Some(inbox), stop, thread: Some(thread) })
    }

    /// Hands a clip over; it is dropped, with a line in the log, when too many wait.
    pub(crate) fn make(&self, job: Job) {
        let (print, frame) = (job.print, job.frame);
        let Some(inbox) = &self.inbox else { return };
        match inbox.try_send(job) {
            Ok(()) => (),
            Err(TrySendError::Full(_)) => {
                tracing::warn!(%print, %frame, "no clip of an alert was made: too many wait");
            }
            Err(TrySendError::Disconnected(_)) => {
                tracing::error!(%print, %frame, "no clip of an alert was made: its thread has ended");
            }
        }
    }

    /// Drops what waits, breaks off the clip under way, and ends.
    pub(crate) fn close(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.inbox = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the clips panicked");
        }
    }
}

fn folder(root: &Path, print: PrintId) -> PathBuf {
    root.join(print_folder(print)).join(EVIDENCE)
}

fn run(root: &Path, reserve_bytes: u64, store: &Store, jobs: &Receiver<Job>, stop: &AtomicBool) {
    sweep(root);
    while let Ok(job) = jobs.recv() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let (print, frame, scenes) = (job.print, job.frame, job.scenes.len());
        match make(root, reserve_bytes, job, stop) {
            Ok(made) => {
                tracing::info!(%print, %frame, frames = made.frames, seconds = made.seconds, "clip of an alert made");
                // The film may have been made and counted before.
                if let Err(error) = count_others(root, store, print) {
                    tracing::warn!(%print, %error, "the room that a clip takes could not be noted");
                }
            }
            Err(FilmError::Cancelled) => break,
            Err(error) => {
                tracing::warn!(%print, %frame, scenes, %error, "no clip of an alert was made");
            }
        }
    }
}

fn make(
    root: &Path,
    reserve_bytes: u64,
    job: Job,
    stop: &AtomicBool,
) -> Result<timelapse::Evidence, FilmError> {
    let dir = folder(root, job.print);
    let write = |reason: String| FilmError::Write { path: dir.display().to_string(), reason };
    if free_bytes(root).is_some_and(|free| free < reserve_bytes) {
        return Err(write("the disk is nearly full".into()));
    }
    fs::create_dir_all(&dir).map_err(|error| write(error.to_string()))?;
    let mut go_on = || {
        std::thread::sleep(REST);
        if stop.load(Ordering::Relaxed) { Continue::No } else { Continue::Yes }
    };
    let video = dir.join(format!("{}.mp4", job.frame));
    timelapse::render_evidence(job.scenes, &video, &mut go_on).inspect_err(|_| {
        // Only an empty one goes.
        let _ = fs::remove_dir(&dir);
    })
}

/// Removes clips that an earlier run left half made.
fn sweep(root: &Path) {
    let Ok(prints) = fs::read_dir(prints_folder(root)) else { return };
    for print in prints.flatten() {
        let Ok(files) = fs::read_dir(print.path().join(EVIDENCE)) else { continue };
        for path in files.flatten().map(|file| file.path()) {
            if path.extension().is_some_and(|end| end == "part")
                && let Err(error) = fs::remove_file(&path)
            {
                tracing::warn!(path = %path.display(), %error, "a half made clip could not be removed");
            }
        }
    }
}

/// A clip of an alert.
#[derive(Debug, Clone, PartialEq, serde::Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct EvidenceClip {
    /// The frame that decided.
    pub frame: FrameId,
    /// Relative URL of the MP4 file.
    pub url: String,
    /// Its length.
    pub seconds: f64,
    /// Size in bytes.
    pub num_bytes: u64,
    /// When it was made.
    pub created_at: Option<Timestamp>,
}

/// Returns the clips of a print, in the order of their frames.
pub(crate) fn list(root: &Path, print: PrintId) -> Vec<EvidenceClip> {
    let Ok(files) = fs::read_dir(folder(root, print)) else { return Vec::new() };
    let mut clips: Vec<EvidenceClip> = files.flatten().filter_map(|file| clip(print, &file.path())).collect();
    clips.sort_by_key(|clip| clip.frame);
    clips
}

/// Returns the relative URL of the clip of one alert, if it was made.
pub(crate) fn of(root: &Path, print: PrintId, frame: FrameId) -> Option<String> {
    folder(root, print).join(format!("{frame}.mp4")).is_file().then(|| url(print, frame))
}

fn url(print: PrintId, frame: FrameId) -> String {
    url_of(&print_folder(print).join(EVIDENCE).join(format!("{frame}.mp4")))
}

fn clip(print: PrintId, path: &Path) -> Option<EvidenceClip> {
    let name = path.file_name()?.to_str()?;
    let frame = FrameId(name.strip_suffix(".mp4")?.parse().ok()?);
    let about = fs::metadata(path).ok()?;
    let micros =
        |at: SystemTime| at.duration_since(SystemTime::UNIX_EPOCH).ok().map(|d| d.as_micros() as i64);
    Some(EvidenceClip {
        frame,
        url: url(print, frame),
        seconds: timelapse::seconds(path).ok()?,
        num_bytes: about.len(),
        created_at: about.modified().ok().and_then(micros).map(Timestamp::from_micros),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(print: i64, jpeg: &[u8]) -> Job {
        let scene = |n: i64| Scene {
            jpeg: bytes::Bytes::copy_from_slice(jpeg),
            seconds: n as f64 / 5.0,
            boxes: vec![],
            sure: None,
            lines: vec!["Bed 60 °C".into()],
        };
        Job { print: PrintId(print), frame: FrameId(7), scenes: (0..10).map(scene).collect() }
    }

    fn jpeg() -> Vec<u8> {
        let rgb = camera::Rgb { width: 64, height: 48, pixels: vec![90; 64 * 48 * 3] };
        camera::encode_jpeg(&rgb, 80).unwrap()
    }

    #[test]
    fn a_clip_is_made_and_listed_and_what_was_half_made_goes() {
        let dir = tempfile::tempdir().unwrap();
        let old = folder(dir.path(), PrintId(3));
        fs::create_dir_all(&old).unwrap();
        fs::write(old.join("9.mp4.part"), b"half").unwrap();
        sweep(dir.path());
        assert_eq!(fs::read_dir(&old).unwrap().count(), 0);
        let stop = AtomicBool::new(false);
        make(dir.path(), 0, job(4, &jpeg()), &stop).unwrap();
        let clips = list(dir.path(), PrintId(4));
        assert_eq!((clips.len(), clips[0].frame), (1, FrameId(7)));
        assert_eq!(clips[0].url, "/media/prints/4/evidence/7.mp4");
        assert!((clips[0].seconds - 1.8).abs() < 0.01 && clips[0].num_bytes > 500, "{:?}", clips[0]);
    }

    #[test]
    fn nothing_is_left_by_a_full_disk_bad_pictures_or_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let left = || fs::read_dir(folder(dir.path(), PrintId(4))).is_ok();
        let go = AtomicBool::new(false);
        let full = make(dir.path(), u64::MAX, job(4, &jpeg()), &go).unwrap_err();
        assert!(full.to_string().contains("nearly full"), "{full}");
        assert!(make(dir.path(), 0, job(4, b"no picture"), &go).is_err() && !left());
        let stop = AtomicBool::new(true);
        assert_eq!(make(dir.path(), 0, job(4, &jpeg()), &stop), Err(FilmError::Cancelled));
        assert!(!left());
    }
}
