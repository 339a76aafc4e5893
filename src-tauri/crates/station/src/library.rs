//! The library beyond single rows: namesakes, twins, folders, and what is deleted but may still come back.
//!
//! Deleting hides. The content stays for an hour, so that it can be undone, and goes with the next sweep.

use crate::files::{self, UploadError};
use crate::unpack::{Unpacked, Unpacking, unpack};
use crate::{Station, preview};
use domain::{FileId, FolderId, GCodeFile, GCodeFolder};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::Read;
use std::path::{Path, PathBuf};
use store::{StoreError, file, folder, library};

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

/// Why the library is not changed as asked.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The file cannot be taken.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// It is being printed.
    #[error("{name} is being printed")]
    InUse {
        /// Its name.
        name: String,
    },
    /// There is no such file or folder.
    #[error("{what} does not exist")]
    NotFound {
        /// Such as "this folder".
        what: &'static str,
    },
    /// A name that cannot be.
    #[error("{why}")]
    BadName {
        /// What is wrong.
        why: &'static str,
    },
    /// A folder would lie in itself.
    #[error("a folder cannot be moved into itself")]
    FolderInItself,
    /// The database.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for LibraryError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { what: "folder", .. } => Self::NotFound { what: "this folder" },
            StoreError::NotFound { .. } => Self::NotFound { what: "this file" },
            StoreError::FolderInItself { .. } => Self::FolderInItself,
            StoreError::InUse { .. }
            | StoreError::TooNew { .. }
            | StoreError::TooOld { .. }
            | StoreError::File { .. }
            | StoreError::Sqlite(_)
            | StoreError::Migration(_)
            | StoreError::Json(_)
            | StoreError::Damaged { .. }
            | StoreError::Busy { .. }
            | StoreError::Closed
            | StoreError::Unsaved { .. }
            | StoreError::CloseTimedOut { .. } => Self::Store(error),
        }
    }
}

impl Station {
    /// Takes a finished upload into the library; blocks.
    ///
    /// # Errors
    /// Nothing is changed then.
    pub fn take_in(&self, upload: &Upload<'_>) -> Result<TakenIn, LibraryError> {
        let name = file_name(upload.name)?;
        self.check_folder(upload.folder)?;
        let disk = |source| UploadError::Disk { name: name.clone(), source };
        let signature = signature(upload.temp).map_err(disk)?;
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
            unpack(upload.temp, &name, upload.unpacking, || self.room_left())?;
        let content = plain.as_ref().map_or(upload.temp, |plain| &plain.0);
        let mut added =
            files::add_beside(&self.data_dir, store, content, &name, Some(signature), now, &beside)?;
        let id = added.id;
        if plain.is_some()
            && let Err(error) = std::fs::rename(upload.temp, self.original_path(id))
        {
            tracing::warn!(%error, "the uploaded file is not kept beside its G-code");
        }
        self.keep_picture(&mut added, thumbnail)?;
        // Asked for in a moment anyway; a file without layers is still a file.
        if let Err(error) = preview::index(&self.data_dir, id, &self.file_path(id)) {
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

    /// Returns where the picture of a file lies.
    pub fn thumbnail_path(&self, file: FileId) -> PathBuf {
        self.data_dir.join("files").join(format!("{file}.thumbnail"))
    }

    /// Returns where a file lies as it was uploaded, if it was no plain G-code.
    pub fn original_path(&self, file: FileId) -> PathBuf {
        self.data_dir.join("files").join(format!("{file}.original"))
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
    pub fn change_file(
        &self,
        id: FileId,
        name: Option<&str>,
        folder: Option<Option<FolderId>>,
    ) -> Result<(), LibraryError> {
        let found = self.store.read(|conn| file::get(conn, id))?.filter(|file| file.deleted.is_none());
        let mut changed = found.ok_or(LibraryError::NotFound { what: "this file" })?;
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
    pub fn move_files(&self, ids: Vec<FileId>, folder: Option<FolderId>) -> Result<(), LibraryError> {
        self.check_folder(folder)?;
        let now = self.now();
        self.store.write_now(move |tx| file::move_to(tx, &ids, folder, now))?;
        Ok(())
    }

    /// Deletes files; blocks. See [`Station::undelete_files`].
    ///
    /// # Errors
    /// When one of them is being printed: then none is deleted.
    pub fn delete_files(&self, ids: Vec<FileId>) -> Result<(), LibraryError> {
        self.refuse_in_use(&ids)?;
        self.make_room();
        let now = self.now();
        self.store.write_now(move |tx| file::delete(tx, &ids, now))?;
        self.sweep_files();
        Ok(())
    }

    /// Brings deleted files back; those whose content is gone stay deleted. Blocks. Returns how many came back.
    ///
    /// # Errors
    /// When the database fails.
    pub fn undelete_files(&self, ids: Vec<FileId>) -> Result<usize, LibraryError> {
        let whole: Vec<FileId> = ids.into_iter().filter(|id| self.file_path(*id).is_file()).collect();
        Ok(self.store.write_now(move |tx| file::undelete(tx, &whole))?)
    }

    /// Makes a folder; blocks.
    ///
    /// # Errors
    /// When the name cannot be, or there is no such parent.
    pub fn add_folder(&self, name: &str, parent: Option<FolderId>) -> Result<GCodeFolder, LibraryError> {
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
    pub fn change_folder(
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
    pub fn delete_folder(&self, id: FolderId) -> Result<(), LibraryError> {
        let inside = self.store.read(|conn| library::files_below(conn, id))?;
        self.refuse_in_use(&inside)?;
        let now = self.now();
        self.store.write_now(move |tx| folder::delete(tx, id, now))?;
        self.sweep_files();
        Ok(())
    }

    /// Returns the files that are being printed now.
    pub fn files_in_use(&self) -> Vec<FileId> {
        let live = self.snapshot();
        live.printers.values().filter_map(|printer| printer.current_print.as_ref()?.vigil.file).collect()
    }

    /// Removes the contents of files that were deleted over an hour ago, but of none that is being printed.
    fn sweep_files(&self) {
        let before = self.now().plus_secs(-UNDO_SECS);
        let Ok(gone) = self.store.read(|conn| library::hidden_before(conn, before)) else { return };
        let in_use = self.files_in_use();
        for id in gone.into_iter().filter(|id| !in_use.contains(id)) {
            files::remove_contents(&self.data_dir, id);
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

fn file_name(name: &str) -> Result<String, LibraryError> {
    let name = domain::display_name(name);
    if name.is_empty() { Err(LibraryError::BadName { why: "a file needs a name" }) } else { Ok(name) }
}

fn folder_name(name: &str) -> Result<String, LibraryError> {
    if name.contains(['/', '\\']) {
        return Err(LibraryError::BadName { why: "a folder's name cannot hold / or \\" });
    }
    let name = domain::display_name(name);
    if name.is_empty() { Err(LibraryError::BadName { why: "a folder needs a name" }) } else { Ok(name) }
}

/// Returns `sha256:` and the digest of a file.
pub(crate) fn signature(path: &Path) -> std::io::Result<String> {
    let mut content = std::fs::File::open(path)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 64 * 1024]);
    loop {
        let read = content.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
    }
    Ok(hash.finalize().iter().fold("sha256:".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}
