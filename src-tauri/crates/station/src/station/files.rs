//! The library as the doors use it. Each is what [`Library`](crate::library::Library) says; all of them block.

use super::Station;
use crate::error::StationError;
use crate::library::{FileLines, LayerList, LibraryError, TakenIn, Upload};
use domain::{FileId, FolderId, GCodeFolder, PrintId, PrinterId, Recovery, Request};
use gcode::preflight::Finding;
use std::path::PathBuf;

impl Station {
    /// Takes a finished upload into the library.
    ///
    /// # Errors
    /// Nothing is changed then.
    pub fn take_in(&self, upload: &Upload<'_>) -> Result<TakenIn, LibraryError> {
        self.library.take_in(upload)
    }

    /// Returns where the content of a file lies.
    pub fn file_path(&self, file: FileId) -> PathBuf {
        self.library.file_path(file)
    }

    /// Returns where the picture of a file lies.
    pub fn thumbnail_path(&self, file: FileId) -> PathBuf {
        self.library.thumbnail_path(file)
    }

    /// Returns where a file lies as it was uploaded, if it was no plain G-code.
    pub fn original_path(&self, file: FileId) -> PathBuf {
        self.library.original_path(file)
    }

    /// Renames a file, or puts it into another folder.
    ///
    /// # Errors
    /// When there is no such file or folder, or the name cannot be.
    pub fn change_file(
        &self,
        id: FileId,
        name: Option<&str>,
        folder: Option<Option<FolderId>>,
    ) -> Result<(), LibraryError> {
        self.library.change_file(id, name, folder)
    }

    /// Puts files into a folder, or to the top.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn move_files(&self, ids: Vec<FileId>, folder: Option<FolderId>) -> Result<(), LibraryError> {
        self.library.move_files(ids, folder)
    }

    /// Deletes files; see [`Station::undelete_files`].
    ///
    /// # Errors
    /// When one of them is being printed: then none is deleted.
    pub fn delete_files(&self, ids: Vec<FileId>) -> Result<(), LibraryError> {
        self.library.delete_files(ids)
    }

    /// Brings deleted files back; those whose content is gone stay deleted. Returns how many came back.
    ///
    /// # Errors
    /// When the database fails.
    pub fn undelete_files(&self, ids: Vec<FileId>) -> Result<usize, LibraryError> {
        self.library.undelete_files(ids)
    }

    /// Makes a folder.
    ///
    /// # Errors
    /// When the name cannot be, or there is no such parent.
    pub fn add_folder(&self, name: &str, parent: Option<FolderId>) -> Result<GCodeFolder, LibraryError> {
        self.library.add_folder(name, parent)
    }

    /// Renames a folder, or puts it into another.
    ///
    /// # Errors
    /// When there is none, the name cannot be, or it would lie in itself.
    pub fn change_folder(
        &self,
        id: FolderId,
        name: Option<&str>,
        parent: Option<Option<FolderId>>,
    ) -> Result<GCodeFolder, LibraryError> {
        self.library.change_folder(id, name, parent)
    }

    /// Deletes a folder with all that lies in it.
    ///
    /// # Errors
    /// When there is none, or a file in it is being printed.
    pub fn delete_folder(&self, id: FolderId) -> Result<(), LibraryError> {
        self.library.delete_folder(id)
    }

    /// Returns the files that are being printed now.
    pub fn files_in_use(&self) -> Vec<FileId> {
        self.library.files_in_use()
    }

    /// Returns the layers of a file; reads it through when it is asked the first time.
    ///
    /// # Errors
    /// When the content is gone or cannot be read.
    pub fn layers(&self, file: FileId) -> Result<LayerList, LibraryError> {
        self.library.layers(file)
    }

    /// Returns one layer as bytes for drawing, as [`gcode::preview::LayerGeometry::to_bytes`] describes them.
    ///
    /// # Errors
    /// When there is no such layer, or the content cannot be read.
    pub fn layer(&self, file: FileId, at: usize) -> Result<Vec<u8>, LibraryError> {
        self.library.layer(file, at)
    }

    /// Returns `count` lines of a file from the command number `first` on.
    ///
    /// # Errors
    /// When the content is gone or cannot be read.
    pub fn file_lines(&self, file: FileId, first: u64, count: usize) -> Result<FileLines, LibraryError> {
        self.library.lines(file, first, count)
    }

    /// Looks a file over for a printer.
    ///
    /// # Errors
    /// When there is no such file or printer, or the content of the file is gone.
    pub fn preflight(&self, file: FileId, printer: PrinterId) -> Result<Vec<Finding>, LibraryError> {
        self.library.preflight(file, printer)
    }

    /// Returns the free space below which no pictures and uploads are kept, bytes.
    pub fn reserve_bytes(&self) -> u64 {
        self.room.reserve_bytes()
    }

    /// Checks that so many bytes fit onto the disk beside the reserve.
    ///
    /// # Errors
    /// With what is free now, when they do not.
    pub fn check_room(&self, bytes: u64) -> Result<(), u64> {
        self.room.check(bytes)
    }

    /// Returns the prints that were cut short and not yet dealt with, newest first. One whose file is not in the
    /// library any more names none.
    pub fn recoveries(&self) -> Vec<Recovery> {
        self.recoveries.list()
    }

    /// Returns the request that starts the rest of a print that was cut short. Reads its file through.
    ///
    /// # Errors
    /// Refused when there is no such print, or its file is not in the library, or is another one by now.
    pub fn take_up(&self, print: PrintId) -> Result<Request, StationError> {
        self.recoveries.take_up(print)
    }

    /// Forgets what is known of a print that was cut short. Returns whether there was one.
    pub fn forget_recovery(&self, print: PrintId) -> bool {
        self.recoveries.forget(print)
    }
}
