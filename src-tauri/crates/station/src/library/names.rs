//! Names that people give to files and folders.

use super::error::LibraryError;

/// Returns the name of a file as it is kept.
pub(super) fn file_name(name: &str) -> Result<String, LibraryError> {
    let name = domain::display_name(name);
    if name.is_empty() { Err(LibraryError::BadName { why: "a file needs a name" }) } else { Ok(name) }
}

/// Returns the name of a folder as it is kept.
pub(super) fn folder_name(name: &str) -> Result<String, LibraryError> {
    if name.contains(['/', '\\']) {
        return Err(LibraryError::BadName { why: "a folder's name cannot hold / or \\" });
    }
    let name = domain::display_name(name);
    if name.is_empty() { Err(LibraryError::BadName { why: "a folder needs a name" }) } else { Ok(name) }
}
