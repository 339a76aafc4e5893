//! Trying the detection on pictures and films, without a printer: one at a time, on a thread of its own.
//!
//! What was brought lies in a folder of its own below the data folder, gone with the trial and at the next start.
//! Pictures are looked at by the same detector as the cameras', between their turns: a watched print never waits.

use super::ask::{BUSY, asked};
use super::dir::TryDir;
use super::pictures::{Brought, Shot, Shots, TryError};
use super::rules::{Rules, Stand, together};
use crate::media::free_bytes;
use detect::{DetectError, DetectHandle, Findings};
use domain::{Detection, View};
use sandbox::Decoders;
use serde::Serialize;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Looks at most: two hours of a film at one a second, and some.
pub const MAX_LOOKS: usize = 10_000;

/// Pictures that could not be read are named up to here, and counted beyond.
const NAMED: usize = 20;

/// How far a trial is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TryState {
    /// Looks are being taken.
    Running,
    /// All was looked at.
    Finished,
    /// It ended early; `fault` says why.
    Failed,
}

/// One look.
#[derive(Debug, Clone, PartialEq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct TryPoint {
    /// From 0; its picture is `frames/N.jpg`.
    pub n: usize,
    /// Since the first picture.
    pub seconds: f64,
    /// Which file.
    pub name: String,
    /// The rule's input.
    pub p: f64,
    /// Of the whole picture, 0 to 1.
    pub score: f64,
    /// Boxes, best first.
    pub boxes: Vec<Detection>,
    /// Pixels of the picture.
    pub frame_size: (u32, u32),
    /// Printvigil's rule.
    pub printvigil: Stand,
    /// Obico's.
    pub obico: Stand,
}

/// A trial as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct TryView {
    /// Its number.
    pub id: u64,
    /// How far it is.
    pub state: TryState,
    /// Pictures looked at or left out.
    pub done: usize,
    /// Pictures in all, at most.
    pub total: usize,
    /// Looks after the number that was asked for.
    pub points: Vec<TryPoint>,
    /// Pictures that could not be read, with the reason.
    pub skipped: Vec<String>,
    /// How many could not be read.
    pub num_skipped: usize,
    /// Why it ended early, and what to do.
    pub fault: Option<String>,
}

/// The one trial there is.
pub(crate) struct Trials {
    root: PathBuf,
    reserve_bytes: u64,
    next: AtomicU64,
    current: Mutex<Option<Arc<Trial>>>,
}

struct Trial {
    dir: TryDir,
    reserve_bytes: u64,
    stop: AtomicBool,
    so_far: Mutex<TryView>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Trials {
    /// Removes what an earlier run left. With less than `reserve_bytes` free nothing is tried.
    pub(crate) fn new(data_dir: &Path, reserve_bytes: u64) -> Self {
        let root = data_dir.join("try");
        match fs::remove_dir_all(&root) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, "what was tried earlier could not be removed");
            }
            Ok(()) | Err(_) => (),
        }
        Self { root, reserve_bytes, next: AtomicU64::new(1), current: Mutex::new(None) }
    }

    /// Makes a folder for what is brought, unless something is being tried.
    pub(crate) fn folder(&self) -> Result<TryDir, TryError> {
        drop(self.free()?);
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let dir = self.root.join(number.to_string());
        let disk = |error: io::Error| {
            let full = error.kind() == io::ErrorKind::StorageFull;
            let code = if full { "disk_full" } else { "disk" };
            let message = format!("there is no place for what you want to try: {error}");
            TryError::new(code, message, "Make room on the disk, then try again.")
        };
        fs::create_dir_all(&dir).map_err(disk)?;
        let dir = TryDir::at(dir);
        room(&dir, self.reserve_bytes).map_err(disk)?;
        Ok(dir)
    }

    /// One at a time.
    fn free(&self) -> Result<MutexGuard<'_, Option<Arc<Trial>>>, TryError> {
        let current = locked(&self.current);
        let running = |trial: &Arc<Trial>| locked(&trial.so_far).state == TryState::Running;
        if current.as_ref().is_some_and(running) {
            let hint = "Wait until it has ended, or cancel it.";
            return Err(TryError::new("busy", "something is being tried already", hint));
        }
        Ok(current)
    }

    /// Begins; one that has ended makes room.
    pub(crate) fn start(
        &self,
        dir: TryDir,
        files: Vec<Brought>,
        every: Option<f64>,
        detect: Arc<DetectHandle>,
        decoders: &Decoders,
    ) -> Result<TryView, TryError> {
        let mut current = self.free()?;
        let (shots, total) = Shots::open(files, every, decoders)?;
        if total > MAX_LOOKS {
            let hint = "Cut the film, or choose fewer pictures or more seconds between two looks.";
            let message = format!("{total} pictures are too many; {MAX_LOOKS} can be tried at once");
            return Err(TryError::new("too_many", message, hint));
        }
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let view = TryView {
            id,
            state: TryState::Running,
            done: 0,
            total,
            points: Vec::new(),
            skipped: Vec::new(),
            num_skipped: 0,
            fault: None,
        };
        let trial = Arc::new(Trial {
            dir,
            reserve_bytes: self.reserve_bytes,
            stop: AtomicBool::new(false),
            so_far: Mutex::new(view.clone()),
        });
        let running = trial.clone();
        let run = move || running.run(shots, |jpeg, view| asked(&detect, &jpeg, view));
        std::thread::Builder::new().name("try".into()).spawn(run).map_err(|error| {
            TryError::new("busy", format!("no thread could be started: {error}"), "Close other programs.")
        })?;
        *current = Some(trial);
        Ok(view)
    }

    /// Returns how far a trial is, with its looks from number `from` on.
    pub(crate) fn view(&self, id: u64, from: usize) -> Option<TryView> {
        self.trial(id).map(|trial| trial.view(from))
    }

    /// Returns where the picture of a look lies.
    pub(crate) fn picture(&self, id: u64, n: usize) -> Option<PathBuf> {
        let trial = self.trial(id)?;
        let known = n < locked(&trial.so_far).points.len();
        known.then(|| trial.picture(n))
    }

    /// Breaks a trial off and forgets it. Returns whether there was one.
    pub(crate) fn drop_one(&self, id: u64) -> bool {
        let mut current = locked(&self.current);
        match current.take() {
            Some(trial) if locked(&trial.so_far).id == id => {
                trial.stop.store(true, Ordering::Relaxed);
                true
            }
            other => {
                *current = other;
                false
            }
        }
    }

    /// The core ends: whatever is tried is broken off and forgotten.
    pub(crate) fn close(&self) {
        if let Some(trial) = locked(&self.current).take() {
            trial.stop.store(true, Ordering::Relaxed);
        }
    }

    fn trial(&self, id: u64) -> Option<Arc<Trial>> {
        locked(&self.current).as_ref().filter(|trial| locked(&trial.so_far).id == id).cloned()
    }
}

/// History and pictures of prints come first.
fn room(dir: &TryDir, reserve_bytes: u64) -> io::Result<()> {
    match free_bytes(dir.path()) {
        Some(free) if free < reserve_bytes => Err(io::ErrorKind::StorageFull.into()),
        Some(_) | None => Ok(()),
    }
}

impl Trial {
    fn view(&self, from: usize) -> TryView {
        let so_far = locked(&self.so_far);
        let points = so_far.points.get(from..).unwrap_or_default().to_vec();
        TryView { points, skipped: so_far.skipped.clone(), fault: so_far.fault.clone(), ..*so_far }
    }

    fn picture(&self, n: usize) -> PathBuf {
        self.dir.path().join(format!("{n}.jpg"))
    }

    fn run(
        &self,
        mut shots: Shots,
        mut ask: impl FnMut(bytes::Bytes, View) -> Option<Result<Findings, DetectError>>,
    ) {
        let film = matches!(shots, Shots::Film { .. });
        let gap_secs = shots.gap_secs();
        let mut rules = Rules::new();
        while let Some(shot) = shots.next_unless(&self.stop) {
            let outcome =
                shot.map_err(Trouble::Shot).and_then(|shot| self.look(shot, gap_secs, &mut rules, &mut ask));
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            let mut so_far = locked(&self.so_far);
            match outcome {
                Ok(point) => so_far.points.push(point),
                // A torn film has no more; of many pictures one may be bad.
                Err(Trouble::Shot(error)) if !film && so_far.total > 1 => {
                    so_far.num_skipped += 1;
                    if so_far.skipped.len() < NAMED {
                        so_far.skipped.push(error.message);
                    }
                }
                Err(trouble) => {
                    so_far.state = TryState::Failed;
                    so_far.fault = Some(trouble.for_people());
                    return;
                }
            }
            so_far.done += 1;
        }
        if self.stop.load(Ordering::Relaxed) {
            return;
        }
        let mut so_far = locked(&self.so_far);
        so_far.total = so_far.done;
        so_far.state = TryState::Finished;
        if so_far.points.is_empty() {
            so_far.state = TryState::Failed;
            so_far.fault = Some("None of these pictures can be read. Choose JPEG or PNG pictures.".into());
        }
    }

    fn look(
        &self,
        shot: Shot,
        gap_secs: f64,
        rules: &mut Rules,
        ask: &mut impl FnMut(bytes::Bytes, View) -> Option<Result<Findings, DetectError>>,
    ) -> Result<TryPoint, Trouble> {
        let found = rules.look_at(shot.seconds, gap_secs, |view| {
            loop {
                match ask(shot.jpeg.clone(), view) {
                    Some(found) => break found,
                    None if self.stop.load(Ordering::Relaxed) => break Err(DetectError::Busy),
                    None => std::thread::sleep(BUSY),
                }
            }
        });
        let hint = "Save it again as a JPEG, then try that.";
        let looks = found.map_err(|error| {
            if matches!(error, DetectError::Picture { .. }) {
                return Trouble::Shot(TryError::new("unusable", format!("{}: {error}", shot.name), hint));
            }
            Trouble::Detector(error)
        })?;
        let n = locked(&self.so_far).points.len();
        room(&self.dir, self.reserve_bytes).map_err(Trouble::Disk)?;
        fs::write(self.picture(n), &shot.jpeg).map_err(Trouble::Disk)?;
        let ours =
            looks.last().map(|look| Stand { gauge: look.reasons.gauge, verdict: look.reasons.verdict });
        let printvigil = ours.unwrap_or(Stand { gauge: 0.0, verdict: domain::GaugeZone::Fine });
        let obico = rules.obicos();
        let (name, seconds, frame_size) = (shot.name, shot.seconds, shot.size);
        let (p, score, boxes) = together(&looks);
        Ok(TryPoint { n, seconds, name, p, score, boxes, frame_size, printvigil, obico })
    }
}

enum Trouble {
    Shot(TryError),
    Detector(DetectError),
    Disk(io::Error),
}

impl Trouble {
    fn for_people(&self) -> String {
        match self {
            Self::Shot(error) => format!("{}. {}", error.message, error.hint),
            Self::Detector(error) => error.for_people(),
            Self::Disk(error) => format!("The picture could not be kept: {error}. Make room on the disk."),
        }
    }
}

#[cfg(test)]
#[path = "trials_tests.rs"]
mod tests;
