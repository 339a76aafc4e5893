//! The library as slicers see it: files and folders by their paths.

use crate::files::percent_encoded;
use domain::{FileId, FileSorting, FolderId, GCodeFile, GCodeFolder};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::file::{FileQuery, InFolder};
use store::{Connection, StoreError};

/// Files that a list has at most, the newest.
const MOST_FILES: u32 = 5_000;
/// Folders below each other that are followed.
const DEEPEST: usize = 32;

/// What a path leads to.
pub(crate) enum Found {
    File(Box<GCodeFile>),
    Folder(FolderId),
}

/// Returns the folder of a name in another, or at the top.
///
/// # Errors
/// When the database fails.
pub(crate) fn folder(
    conn: &Connection,
    parent: Option<FolderId>,
    name: &str,
) -> Result<Option<FolderId>, StoreError> {
    let inside = store::folder::list(conn, parent)?;
    Ok(inside.into_iter().find(|folder| folder.name == name).map(|folder| folder.id))
}

/// Returns what lies at a path, names with `/` between them.
///
/// # Errors
/// When the database fails.
pub(crate) fn at(conn: &Connection, path: &str) -> Result<Option<Found>, StoreError> {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut parent = None;
    for part in folders.split('/').filter(|part| !part.is_empty()) {
        let Some(id) = folder(conn, parent, part)? else { return Ok(None) };
        parent = Some(id);
    }
    if let Some(file) = store::library::named(conn, name, parent)? {
        return Ok(Some(Found::File(Box::new(file))));
    }
    Ok(folder(conn, parent, name)?.map(Found::Folder))
}

/// Returns the path of a file.
///
/// # Errors
/// When the database fails.
pub(crate) fn path_of(conn: &Connection, file: &GCodeFile) -> Result<String, StoreError> {
    let mut names = vec![file.filename.clone()];
    let mut parent = file.parent_folder;
    while let Some(id) = parent.filter(|_| names.len() < DEEPEST) {
        let Some(folder) = store::folder::get(conn, id)? else { break };
        parent = folder.parent_folder;
        names.push(folder.name);
    }
    names.reverse();
    Ok(names.join("/"))
}

/// Returns the address of what lies at a path.
pub(crate) fn address(base: &str, path: &str) -> String {
    let parts: Vec<String> = path.split('/').map(percent_encoded).collect();
    format!("{base}/api/files/local/{}", parts.join("/"))
}

/// Returns a file as OctoPrint shows it.
pub(crate) fn file_entry(base: &str, path: &str, file: &GCodeFile) -> Value {
    let filament = file.filament_total.map(|mm| json!({"tool0": {"length": mm}}));
    json!({
        "name": file.filename,
        "display": file.filename,
        "path": path,
        "origin": "local",
        "type": "machinecode",
        "typePath": ["machinecode", "gcode"],
        "size": file.num_bytes,
        "date": file.created_at.micros() / 1_000_000,
        "hash": file.agent_signature,
        "refs": {
            "resource": address(base, path),
            "download": format!("{}/api/v1/g_code_files/{}/content/", without_printer(base), file.id),
        },
        "gcodeAnalysis": {"estimatedPrintTime": file.estimated_time, "filament": filament.unwrap_or(json!({}))},
    })
}

/// The library is the same for all printers.
fn without_printer(base: &str) -> &str {
    base.find("/printers/").map_or(base, |at| &base[..at])
}

/// The whole library.
pub(crate) struct Library {
    files: BTreeMap<Option<FolderId>, Vec<GCodeFile>>,
    folders: BTreeMap<Option<FolderId>, Vec<GCodeFolder>>,
}

impl Library {
    /// Reads it.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) fn read(conn: &Connection) -> Result<Self, StoreError> {
        let query = FileQuery {
            limit: MOST_FILES,
            folder: InFolder::Any,
            sorting: FileSorting::CreatedAtDesc,
            ..FileQuery::default()
        };
        let mut files: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for file in store::file::list(conn, &query)?.0 {
            files.entry(file.parent_folder).or_default().push(file);
        }
        let mut folders: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for folder in store::folder::all(conn)? {
            folders.entry(folder.parent_folder).or_default().push(folder);
        }
        Ok(Self { files, folders })
    }

    /// Returns what lies in a folder, or at the top; `recursive`: and in the folders there.
    pub(crate) fn entries(
        &self,
        base: &str,
        at: Option<FolderId>,
        path: &str,
        recursive: bool,
    ) -> Vec<Value> {
        self.entries_below(base, at, path, if recursive { DEEPEST } else { 1 })
    }

    fn entries_below(&self, base: &str, at: Option<FolderId>, path: &str, depth: usize) -> Vec<Value> {
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
        let files = self.files.get(&at).into_iter().flatten();
        let mut all: Vec<Value> = files.map(|file| file_entry(base, &below(&file.filename), file)).collect();
        for folder in self.folders.get(&at).into_iter().flatten() {
            let path = below(&folder.name);
            let mut entry = json!({
                "name": folder.name,
                "display": folder.name,
                "path": path,
                "origin": "local",
                "type": "folder",
                "typePath": ["folder"],
                "refs": {"resource": address(base, &path)},
            });
            if depth > 1 {
                entry["children"] = self.entries_below(base, Some(folder.id), &path, depth - 1).into();
            }
            all.push(entry);
        }
        all
    }
}

/// Returns a file that is not deleted, and its path.
///
/// # Errors
/// When the database fails.
pub(crate) fn with_path(conn: &Connection, id: FileId) -> Result<Option<(GCodeFile, String)>, StoreError> {
    let found = store::file::get(conn, id)?.filter(|file| file.deleted.is_none());
    found.map(|file| path_of(conn, &file).map(|path| (file, path))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_no_sign_that_could_end_a_header() {
        let made = address("http://a:1/printers/2", "ä b/\r\nSet-Cookie: x.gcode");
        assert_eq!(made, "http://a:1/printers/2/api/files/local/%C3%A4%20b/%0D%0ASet-Cookie%3A%20x.gcode");
        assert_eq!(without_printer("http://a:1/printers/2"), "http://a:1");
    }
}
