//! What OctoPrint kept, brought in from a backup that it made of itself: G-code files with their folders, timelapses, and
//! what was printed when. A person sees what would come before anything is written, and chooses.
//!
//! What is here already stays as it is, so the same backup can be brought in twice. One backup at a time.

mod archive;
mod here;
mod history;
mod view;

pub use view::{OctoPrintBackup, OctoPrintProgress, OctoPrintTake, OctoPrintTaken};

use crate::command::{Command, CoreHandle};
use crate::error::{StationError, blocking};
use crate::jobs::{FilmBrought, Films};
use crate::library::{Library, SameName, TakenIn, Unpacking, Upload};
use crate::live::Snapshot;
use crate::media::{Room, free_bytes};
use crate::trial::Brought;
use archive::{Backup, Entry, Survey};
use domain::{Clock, FileId, FolderId, PrinterId};
use here::{has_film, starts_of};
use history::PastPrint;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::Store;
use tempfile::TempPath;
use tokio::sync::watch;

/// All that is brought in lies in this folder of the library.
const FOLDER: &str = "From OctoPrint";
/// Failures that are told by name.
const MOST_TOLD: usize = 20;
/// Rows written in one go.
const BATCH: usize = 200;

/// A backup that a person looks at, or that is being brought in. Cheap to clone.
#[derive(Clone)]
pub(crate) struct OctoPrint {
    with: OctoPrintParts,
    open: Arc<Mutex<Option<Open>>>,
}

struct Open {
    /// The upload; gone when nobody needs it any more.
    part: Arc<TempPath>,
    survey: Arc<Survey>,
    prints: Arc<Vec<PastPrint>>,
    view: OctoPrintBackup,
}

impl Open {
    fn is_being_taken(&self) -> bool {
        self.view.taking.is_some()
    }
}

fn busy() -> StationError {
    let message = "a backup of OctoPrint is being brought in";
    StationError::refused("busy", message, "Wait until it is done.")
}

/// What the import works with.
#[derive(Clone)]
pub(crate) struct OctoPrintParts {
    pub(crate) root: Arc<Path>,
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) room: Room,
    pub(crate) core: CoreHandle,
    pub(crate) live: watch::Receiver<Arc<Snapshot>>,
    pub(crate) library: Library,
    pub(crate) films: Films,
}

impl OctoPrint {
    pub(crate) fn new(with: OctoPrintParts) -> Self {
        Self { with, open: Arc::default() }
    }

    fn held(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the backup that is looked at, and how far it is brought in.
    pub(crate) fn view(&self) -> Option<OctoPrintBackup> {
        self.held().as_ref().map(|open| open.view.clone())
    }

    /// Looks into the backup at `temp`, which is kept until it was brought in, forgotten, or another one comes. Blocks.
    ///
    /// # Errors
    /// Refused when it is none, or while another one is being brought in.
    pub(crate) fn look(&self, temp: &Path, name: &str) -> Result<OctoPrintBackup, StationError> {
        let none = |why: String| {
            let hint = "In OctoPrint: Settings, Backup & Restore, Create backup now; then download the ZIP.";
            StationError::refused("no_backup", why, hint)
        };
        let survey = Backup::open(temp).map_err(none)?.survey();
        let now = self.with.clock.now().utc;
        let (mut prints, mut odd) = (Vec::new(), false);
        for (folders, list) in &survey.lists {
            let (read, some_odd) = history::read(folders, list, now);
            prints.extend(read);
            odd |= some_odd;
        }
        let mut view = OctoPrintBackup::of(domain::display_name(name), &survey, prints.len());
        if odd {
            view.left_out.push("Some notes of past prints cannot be read.".into());
        }
        // Kept beyond the request that sent it.
        let part = self.temp().and_then(|part| std::fs::rename(temp, &part).map(|()| part));
        let part = part.map_err(|error| {
            let message = format!("the backup could not be kept: {error}");
            StationError::refused("disk", message, "Make room on the disk, then try again.")
        })?;
        let (part, survey, prints) = (Arc::new(part), Arc::new(survey), Arc::new(prints));
        let mut held = self.held();
        if held.as_ref().is_some_and(Open::is_being_taken) {
            return Err(busy());
        }
        *held = Some(Open { part, survey, prints, view: view.clone() });
        Ok(view)
    }

    /// Forgets the backup.
    ///
    /// # Errors
    /// Refused while it is being brought in.
    pub(crate) fn forget(&self) -> Result<(), StationError> {
        let mut held = self.held();
        if held.as_ref().is_some_and(Open::is_being_taken) {
            return Err(busy());
        }
        *held = None;
        Ok(())
    }

    /// Begins to bring in what was chosen; how far it is tells [`Self::view`].
    ///
    /// # Errors
    /// Refused when there is nothing to bring in, no such printer, or no room on the disk.
    pub(crate) fn take(&self, wanted: OctoPrintTake) -> Result<OctoPrintBackup, StationError> {
        if wanted.prints_of.is_some_and(|printer| !self.with.live.borrow().printers.contains_key(&printer)) {
            return Err(StationError::not_found("this printer"));
        }
        let mut held = self.held();
        let Some(open) = held.as_mut() else {
            let hint = "Choose the backup again.";
            return Err(StationError::refused("not_found", "there is no backup to bring in", hint));
        };
        if open.is_being_taken() {
            return Err(busy());
        }
        let of = |chosen: bool, all: &[Entry]| if chosen { all.len() } else { 0 };
        let bytes = |chosen: bool, all: &[Entry]| -> u64 {
            if chosen { all.iter().fold(0, |sum, entry| sum.saturating_add(entry.num_bytes)) } else { 0 }
        };
        let steps = of(wanted.files, &open.survey.files) + of(wanted.films, &open.survey.films);
        if steps == 0 && (wanted.prints_of.is_none() || open.prints.is_empty()) {
            let message = "nothing was chosen that is in this backup";
            return Err(StationError::refused("bad_request", message, "Choose files, timelapses or prints."));
        }
        let needed = bytes(wanted.files, &open.survey.files) + bytes(wanted.films, &open.survey.films);
        let reserve = self.with.room.reserve_bytes();
        if free_bytes(&self.with.root).is_some_and(|free| free < needed.saturating_add(reserve)) {
            let message = format!("it needs {} MB more than this disk has", needed / 1_000_000);
            return Err(StationError::refused(
                "disk_full",
                message,
                "Make room on the disk, then try again.",
            ));
        }
        open.view.taken = None;
        open.view.taking = Some(OctoPrintProgress { done: 0, of: steps as u32, name: String::new() });
        let (part, survey, prints) = (open.part.clone(), open.survey.clone(), open.prints.clone());
        let view = open.view.clone();
        drop(held);
        let this = self.clone();
        tokio::spawn(async move {
            let taken = this.bring_in(wanted, part, survey, prints).await;
            if let Some(open) = this.held().as_mut() {
                open.view.taking = None;
                open.view.taken = Some(taken);
            }
        });
        Ok(view)
    }

    async fn bring_in(
        &self,
        wanted: OctoPrintTake,
        part: Arc<TempPath>,
        survey: Arc<Survey>,
        prints: Arc<Vec<PastPrint>>,
    ) -> OctoPrintTaken {
        let mut taken = OctoPrintTaken::default();
        let mut known = BTreeMap::new();
        if wanted.files {
            let (this, part, survey) = (self.clone(), part.clone(), survey.clone());
            let done = blocking(move || {
                let mut taken = OctoPrintTaken::default();
                let known = this.bring_files(&part, &survey, &mut taken);
                (known, taken)
            });
            match done.await {
                Ok(done) => (known, taken) = done,
                Err(error) => fail(&mut taken, error.to_string()),
            }
        }
        if wanted.films {
            for film in &survey.films {
                self.bring_film(&part, film, &mut taken).await;
            }
        }
        if let Some(printer) = wanted.prints_of {
            match self.bring_prints(printer, &prints, known).await {
                Ok((new, there)) => (taken.prints, taken.prints_there) = (new, there),
                Err(error) => fail(&mut taken, format!("The past prints: {error}.")),
            }
        }
        taken
    }

    fn step(&self, name: &str) {
        if let Some(taking) = self.held().as_mut().and_then(|open| open.view.taking.as_mut()) {
            taking.done += 1;
            name.clone_into(&mut taking.name);
        }
    }

    /// A file that is gone when it is dropped; what a crash leaves of it the next start sweeps by its name.
    fn temp(&self) -> io::Result<TempPath> {
        let named =
            tempfile::Builder::new().prefix("upload-").suffix(".part").tempfile_in(&self.with.root)?;
        Ok(named.into_temp_path())
    }

    /// Brings the files in; returns where each is now, by its path in OctoPrint. Blocks.
    fn bring_files(
        &self,
        part: &Path,
        survey: &Survey,
        taken: &mut OctoPrintTaken,
    ) -> BTreeMap<Vec<String>, FileId> {
        let (mut known, mut folders) = (BTreeMap::new(), BTreeMap::new());
        let Ok(mut backup) = Backup::open(part) else {
            fail(taken, "The backup cannot be read any more.".into());
            return known;
        };
        for entry in &survey.files {
            self.step(&entry.name);
            let unpacked = self.temp().and_then(|temp| backup.unpack(entry, &temp).map(|()| temp));
            let brought = unpacked.map_err(|error| error.to_string()).and_then(|temp| {
                let folder = self.folder(&entry.folders, &mut folders)?;
                let unpacking = Unpacking::default();
                let upload = Upload {
                    temp: &temp,
                    name: &entry.name,
                    folder: Some(folder),
                    same_name: SameName::KeepBoth,
                    unpacking: &unpacking,
                };
                self.with.library.take_in(&upload).map_err(|error| error.to_string())
            });
            let id = match brought {
                Ok(TakenIn::Added(file)) => {
                    taken.files += 1;
                    file.id
                }
                Ok(TakenIn::There(file)) => {
                    taken.files_there += 1;
                    file.id
                }
                Err(why) => {
                    fail(taken, format!("{}: {why}.", entry.shown()));
                    continue;
                }
            };
            let path = entry.folders.iter().cloned().chain([domain::display_name(&entry.name)]).collect();
            known.insert(path, id);
        }
        known
    }

    /// Returns the folder of the library for a folder of OctoPrint, made where it is not there yet.
    fn folder(
        &self,
        folders: &[String],
        made: &mut BTreeMap<Vec<String>, FolderId>,
    ) -> Result<FolderId, String> {
        if let Some(id) = made.get(folders) {
            return Ok(*id);
        }
        let (parent, name) = match folders.split_last() {
            Some((name, above)) => (Some(self.folder(above, made)?), name.as_str()),
            None => (None, FOLDER),
        };
        let there =
            self.with.store.read(|conn| store::folder::list(conn, parent)).map_err(|e| e.to_string())?;
        let wanted = domain::display_name(name);
        let id = match there.into_iter().find(|folder| folder.name == wanted) {
            Some(folder) => folder.id,
            None => self.with.library.add_folder(name, parent).map_err(|error| error.to_string())?.id,
        };
        made.insert(folders.to_vec(), id);
        Ok(id)
    }

    async fn bring_film(&self, part: &Arc<TempPath>, film: &Entry, taken: &mut OctoPrintTaken) {
        self.step(&film.name);
        let name = domain::display_name(&film.name);
        let (store, named) = (self.with.store.clone(), name.clone());
        let there = blocking(move || has_film(&store, &named));
        if matches!(there.await, Ok(Ok(true))) {
            taken.films_there += 1;
            return;
        }
        let (this, from, entry) = (self.clone(), part.clone(), film.clone());
        let unpacked = blocking(move || {
            let mut backup = Backup::open(&from)?;
            let unpacked = this.temp().and_then(|temp| backup.unpack(&entry, &temp).map(|()| temp));
            unpacked.map_err(|error| error.to_string())
        });
        let unpacked = unpacked.await.map_err(|error| error.to_string()).and_then(|done| done);
        let brought = match unpacked {
            Ok(temp) => {
                let film = Brought { path: temp.to_path_buf(), name: name.clone() };
                self.with.films.import(FilmBrought { film, secs_per_picture: None }).await
            }
            Err(why) => return fail(taken, format!("{name}: {why}.")),
        };
        match brought {
            Ok(Ok(_)) => taken.films += 1,
            Ok(Err(error)) => fail(taken, domain::one_line(&error.to_string(), 300)),
            Err(error) => fail(taken, format!("{name}: {error}.")),
        }
    }

    /// Writes the past prints of a printer; returns how many are new, and how many were here.
    async fn bring_prints(
        &self,
        printer: PrinterId,
        prints: &Arc<Vec<PastPrint>>,
        files: BTreeMap<Vec<String>, FileId>,
    ) -> Result<(u32, u32), StationError> {
        let (store, all) = (self.with.store.clone(), prints.clone());
        let here = blocking(move || starts_of(&store, printer)).await??;
        let new: Vec<usize> = (0..all.len())
            .filter(|at| {
                let print = all[*at].record(domain::PrintId(0), printer);
                !here.contains(&(print.ext_id, print.filename))
            })
            .collect();
        let there = all.len() - new.len();
        for batch in new.chunks(BATCH) {
            let first =
                self.with.core.call(|reply| Command::ReservePrints(batch.len() as i64, reply)).await?;
            let mut rows = Vec::new();
            for (at, index) in batch.iter().enumerate() {
                let mut row = all[*index].record(domain::PrintId(first.get() + at as i64), printer);
                row.g_code_file = files.get(&all[*index].path).copied();
                rows.push(row);
            }
            let store = self.with.store.clone();
            let written = blocking(move || {
                store.write_now(move |tx| rows.iter().try_for_each(|row| store::print::put(tx, row)))
            });
            written.await??;
        }
        Ok((new.len() as u32, there as u32))
    }
}

fn fail(taken: &mut OctoPrintTaken, why: String) {
    taken.failed += 1;
    if taken.reasons.len() < MOST_TOLD {
        taken.reasons.push(why);
    }
}
