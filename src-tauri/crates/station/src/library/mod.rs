//! The library beyond single rows: namesakes, twins, folders, and what is deleted but may still come back.
//!
//! Deleting hides. The content stays for an hour, so that it can be undone, and goes with the next sweep.

mod error;
mod facts;
mod files;
mod ledger;
mod names;
mod preflight;
mod preview;
mod recoveries;
mod unpack;
mod weight;

pub use error::LibraryError;
pub use files::UploadError;
pub(crate) use files::content_path;
pub(crate) use ledger::{Ledger, forget as forget_ledger, recoveries as cut_short};
pub use preview::{FileLines, LayerEntry, LayerList};
pub(crate) use recoveries::Recoveries;
pub use unpack::{Unpacking, picture_type};
pub(crate) use weight::FileWeight;

use crate::live::Snapshot;
use crate::media::Room;
use domain::{Clock, FileId, FolderId, GCodeFile, GCodeFolder, PrintId, PrinterId, Timestamp};
use gcode::preflight::Finding;
use names::{file_name, folder_name};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Store, StoreError, file, folder, library};
use tokio::sync::watch;
use unpack::{Unpacked, unpack};

/// How long what was deleted can be brought back.
pub(crate) const UNDO_SECS: f64 = 3600.0;

/// What to do when a file of the same name lies there already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SameName {
    /// Both stay; the new one gets a number.
    #[default]
    KeepBoth,
    /// The old one is deleted; its prints stay.
    Replace,
}

/// A finished upload.
#[derive(Debug)]
pub struct Upload<'a> {
    /// Where it lies; moved away when it is taken.
    pub temp: &'a Path,
    /// The name it came with.
    pub name: &'a str,
    /// Where it shall lie, `None` at the top.
    pub folder: Option<FolderId>,
    /// What to do about a namesake.
    pub same_name: SameName,
    /// Followed by whoever waits for it.
    pub unpacking: &'a Unpacking,
}

/// What became of an upload.
#[derive(Debug, Clone, PartialEq)]
pub enum TakenIn {
    /// It is in the library now.
    Added(GCodeFile),
    /// The same file, content and name, lay there already.
    There(GCodeFile),
}

/// The library. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Library {
    root: Arc<Path>,
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    room: Room,
    /// Tells which files are being printed.
    live: watch::Receiver<Arc<Snapshot>>,
}

impl Library {
    /// The library of a data folder.
    pub(crate) fn new(
        root: Arc<Path>,
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        room: Room,
        live: watch::Receiver<Arc<Snapshot>>,
    ) -> Self {
        Self { root, store, clock, room, live }
    }

    fn now(&self) -> Timestamp {
        self.clock.now().utc
    }

    fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the prints that are under way now.
    fn running(&self) -> Vec<PrintId> {
        self.live.borrow().running().collect()
    }

    /// Returns the file with this signature, if there is one; blocks.
    pub(crate) fn by_signature(&self, signature: &str) -> Option<GCodeFile> {
        self.store.read(|conn| file::by_signature(conn, signature)).ok().flatten()
    }

    /// Adds a file of our own. Blocks.
    ///
    /// # Errors
    /// Nothing is kept then.
    pub(crate) fn add_content(
        &self,
        content: &[u8],
        name: &str,
        signature: String,
    ) -> Result<GCodeFile, UploadError> {
        let temp = self.root.join("sample.part");
        let disk = |source| UploadError::Disk { name: name.to_owned(), source };
        std::fs::write(&temp, content).map_err(disk)?;
        files::add(&self.root, &self.store, &temp, name, Some(signature), self.now(), &[])
    }

    /// Takes a finished upload into the library; blocks.
    ///
    /// # Errors
    /// Nothing is changed then.
    pub(crate) fn take_in(&self, upload: &Upload<'_>) -> Result<TakenIn, LibraryError> {
        let name = file_name(upload.name)?;
        self.check_folder(upload.folder)?;
        let disk = |source| UploadError::Disk { name: name.clone(), source };
        let signature = files::signature(upload.temp).map_err(disk)?;
        let (store, folder) = (&self.store, upload.folder);
        let old = store.read(|conn| library::named(conn, &name, folder))?;
        if let Some(old) = &old
            && old.agent_signature.as_ref() == Some(&signature)
        {
            let _ = std::fs::remove_file(upload.temp);
            return Ok(TakenIn::There(old.clone()));
        }
        let replaced = old.filter(|_| upload.same_name == SameName::Replace);
        if let Some(old) = &replaced {
            self.refuse_in_use(&[old.id])?;
        }
        let name = if replaced.is_some() { name } else { self.free_name(&name, folder)? };
        let now = self.now();
        let Unpacked { plain, thumbnail, beside } =
            unpack(upload.temp, &name, upload.unpacking, || self.room.left())?;
        let content = plain.as_ref().map_or(upload.temp, |plain| &plain.0);
        let mut added = files::add(&self.root, store, content, &name, Some(signature), now, &beside)?;
        let id = added.id;
        if plain.is_some()
            && let Err(error) = std::fs::rename(upload.temp, self.original_path(id))
        {
            tracing::warn!(%error, "the uploaded file is not kept beside its G-code");
        }
        self.keep_picture(&mut added, thumbnail)?;
        // Asked for in a moment anyway; a file without layers is still a file.
        if let Err(error) = preview::index(&self.root, id, &self.file_path(id)) {
            tracing::warn!(%error, "the file has no preview");
        }
        store.write_now(move |tx| {
            file::move_to(tx, &[id], folder, now)?;
            if let Some(old) = replaced {
                file::delete(tx, &[old.id], now)?;
            }
            Ok::<_, StoreError>(())
        })?;
        added.parent_folder = folder;
        Ok(TakenIn::Added(added))
    }

    /// Returns where the content of a file lies.
    pub(crate) fn file_path(&self, file: FileId) -> PathBuf {
        content_path(&self.root, file)
    }

    /// Returns where the picture of a file lies.
    pub(crate) fn thumbnail_path(&self, file: FileId) -> PathBuf {
        self.root.join("files").join(format!("{file}.thumbnail"))
    }

    /// Returns where a file lies as it was uploaded, if it was no plain G-code.
    pub(crate) fn original_path(&self, file: FileId) -> PathBuf {
        self.root.join("files").join(format!("{file}.original"))
    }

    /// Keeps the picture of a file that was just added.
    fn keep_picture(&self, added: &mut GCodeFile, picture: Option<Vec<u8>>) -> Result<(), LibraryError> {
        let Some(picture) = picture else { return Ok(()) };
        if let Err(error) = std::fs::write(self.thumbnail_path(added.id), picture) {
            tracing::warn!(%error, "the picture of a file is not kept");
            return Ok(());
        }
        added.thumbnail1_url = Some(format!("/api/v1/g_code_files/{}/thumbnail/", added.id));
        let stored = added.clone();
        Ok(self.store.write_now(move |tx| file::update(tx, &stored))?)
    }

    /// Renames a file, or puts it into another folder; blocks.
    ///
    /// # Errors
    /// When there is no such file or folder, or the name cannot be.
    pub(crate) fn change_file(
        &self,
        id: FileId,
        name: Option<&str>,
        folder: Option<Option<FolderId>>,
    ) -> Result<(), LibraryError> {
        let mut changed = self.found(id)?;
        if let Some(name) = name {
            changed.filename = file_name(name)?;
            changed.safe_filename = domain::safe_filename(&changed.filename);
        }
        if let Some(folder) = folder {
            self.check_folder(folder)?;
            changed.parent_folder = folder;
        }
        changed.updated_at = self.now();
        Ok(self.store.write_now(move |tx| file::update(tx, &changed))?)
    }

    /// Puts files into a folder, or to the top; blocks.
    ///
    /// # Errors
    /// When there is no such folder.
    pub(crate) fn move_files(&self, ids: Vec<FileId>, folder: Option<FolderId>) -> Result<(), LibraryError> {
        self.check_folder(folder)?;
        let now = self.now();
        self.store.write_now(move |tx| file::move_to(tx, &ids, folder, now))?;
        Ok(())
    }

    /// Deletes files; blocks. See [`Library::undelete_files`].
    ///
    /// # Errors
    /// When one of them is being printed: then none is deleted.
    pub(crate) fn delete_files(&self, ids: Vec<FileId>) -> Result<(), LibraryError> {
        self.refuse_in_use(&ids)?;
        self.room.make();
        let now = self.now();
        self.store.write_now(move |tx| file::delete(tx, &ids, now))?;
        self.sweep_files();
        Ok(())
    }

    /// Brings deleted files back; those whose content is gone stay deleted. Blocks. Returns how many came back.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) fn undelete_files(&self, ids: Vec<FileId>) -> Result<usize, LibraryError> {
        let whole: Vec<FileId> = ids.into_iter().filter(|id| self.file_path(*id).is_file()).collect();
        Ok(self.store.write_now(move |tx| file::undelete(tx, &whole))?)
    }

    /// Makes a folder; blocks.
    ///
    /// # Errors
    /// When the name cannot be, or there is no such parent.
    pub(crate) fn add_folder(
        &self,
        name: &str,
        parent: Option<FolderId>,
    ) -> Result<GCodeFolder, LibraryError> {
        let name = folder_name(name)?;
        self.check_folder(parent)?;
        let (now, safe_name) = (self.now(), domain::safe_filename(&name));
        let made = GCodeFolder { id: FolderId(0), name, safe_name, parent_folder: parent };
        let stored = made.clone();
        let id = self.store.write_now(move |tx| folder::insert(tx, &stored.name, parent, now))?;
        Ok(GCodeFolder { id, ..made })
    }

    /// Renames a folder, or puts it into another; blocks.
    ///
    /// # Errors
    /// When there is none, the name cannot be, or it would lie in itself.
    pub(crate) fn change_folder(
        &self,
        id: FolderId,
        name: Option<&str>,
        parent: Option<Option<FolderId>>,
    ) -> Result<GCodeFolder, LibraryError> {
        let found = self.store.read(|conn| folder::get(conn, id))?;
        let mut changed = found.ok_or(LibraryError::NotFound { what: "this folder" })?;
        if let Some(name) = name {
            changed.name = folder_name(name)?;
            changed.safe_name = domain::safe_filename(&changed.name);
        }
        if let Some(parent) = parent {
            self.check_folder(parent)?;
            changed.parent_folder = parent;
        }
        let (stored, now) = (changed.clone(), self.now());
        self.store.write_now(move |tx| folder::update(tx, &stored, now))?;
        Ok(changed)
    }

    /// Deletes a folder with all that lies in it; blocks.
    ///
    /// # Errors
    /// When there is none, or a file in it is being printed.
    pub(crate) fn delete_folder(&self, id: FolderId) -> Result<(), LibraryError> {
        let inside = self.store.read(|conn| library::files_below(conn, id))?;
        self.refuse_in_use(&inside)?;
        let now = self.now();
        self.store.write_now(move |tx| folder::delete(tx, id, now))?;
        self.sweep_files();
        Ok(())
    }

    /// Returns the files that are being printed now.
    pub(crate) fn files_in_use(&self) -> Vec<FileId> {
        let live = self.live.borrow().clone();
        live.printers.values().filter_map(|printer| printer.current_print.as_ref()?.vigil.file).collect()
    }

    /// Returns the layers of a file; blocks, and reads the file through when it is asked the first time.
    ///
    /// # Errors
    /// When the content is gone or cannot be read.
    pub(crate) fn layers(&self, file: FileId) -> Result<LayerList, LibraryError> {
        preview::layers(&self.root, file)
    }

    /// Returns one layer as bytes for drawing; blocks.
    ///
    /// # Errors
    /// When there is no such layer, or the content cannot be read.
    pub(crate) fn layer(&self, file: FileId, at: usize) -> Result<Vec<u8>, LibraryError> {
        preview::layer(&self.root, file, at)
    }

    /// Returns `count` lines of a file from the command number `first` on; blocks.
    ///
    /// # Errors
    /// When the content is gone or cannot be read.
    pub(crate) fn lines(&self, file: FileId, first: u64, count: usize) -> Result<FileLines, LibraryError> {
        preview::lines(&self.root, file, first, count)
    }

    /// Looks a file over for a printer; blocks.
    ///
    /// # Errors
    /// When there is no such file or printer, or the content of the file is gone.
    pub(crate) fn preflight(&self, file: FileId, printer: PrinterId) -> Result<Vec<Finding>, LibraryError> {
        let found = self.found(file)?;
        let live = self.live.borrow().clone();
        let view = live.printers.get(&printer).ok_or(LibraryError::NotFound { what: "this printer" })?;
        preflight::looked_over(&self.file_path(file), &found, view)
    }

    /// Returns the row of a file that is not deleted; blocks.
    fn found(&self, id: FileId) -> Result<GCodeFile, LibraryError> {
        let found = self.store.read(|conn| file::get(conn, id))?.filter(|file| file.deleted.is_none());
        found.ok_or(LibraryError::NotFound { what: "this file" })
    }

    /// Removes the contents of files that were deleted over an hour ago, but of none that is being printed.
    fn sweep_files(&self) {
        let before = self.now().plus_secs(-UNDO_SECS);
        let Ok(gone) = self.store.read(|conn| library::hidden_before(conn, before)) else { return };
        let in_use = self.files_in_use();
        for id in gone.into_iter().filter(|id| !in_use.contains(id)) {
            files::remove_contents(&self.root, id);
        }
    }

    fn refuse_in_use(&self, ids: &[FileId]) -> Result<(), LibraryError> {
        let Some(used) = self.files_in_use().into_iter().find(|id| ids.contains(id)) else { return Ok(()) };
        let found = self.store.read(|conn| file::get(conn, used))?;
        Err(LibraryError::InUse { name: found.map_or_else(|| "this file".into(), |file| file.filename) })
    }

    fn check_folder(&self, folder: Option<FolderId>) -> Result<(), LibraryError> {
        let Some(id) = folder else { return Ok(()) };
        let found = self.store.read(|conn| folder::get(conn, id))?;
        found.map(|_| ()).ok_or(LibraryError::NotFound { what: "this folder" })
    }

    /// Returns `name`, or `name (2)` and so on while that one is taken.
    fn free_name(&self, name: &str, folder: Option<FolderId>) -> Result<String, LibraryError> {
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
        let dot = if ending.is_empty() { "" } else { "." };
        for n in 1..1000 {
            let tried = if n == 1 { name.to_owned() } else { format!("{stem} ({n}){dot}{ending}") };
            if self.store.read(|conn| library::named(conn, &tried, folder))?.is_none() {
                return Ok(tried);
            }
        }
        Ok(name.to_owned())
    }
}
