//! G-code files and folders.

use crate::{FileId, FolderId, PrintId, Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A G-code file of the library.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct GCodeFile {
    /// Id in API paths.
    pub id: FileId,
    /// Whose it is.
    pub user: UserId,
    /// The name it came with; for display only, never a path.
    pub filename: String,
    /// A name that every file system takes.
    pub safe_filename: String,
    /// Folder, null at the top.
    pub parent_folder: Option<FolderId>,
    /// Relative URL of the content.
    pub url: String,
    /// Size in bytes.
    #[ts(type = "number")]
    pub num_bytes: u64,
    /// `md5:` or our own `sha256:` of the content.
    pub agent_signature: Option<String>,
    /// Facts read from the file, a JSON object as text.
    pub metadata_json: Option<String>,
    /// mm over all tools.
    pub filament_total: Option<f64>,
    /// Seconds.
    pub estimated_time: Option<f64>,
    /// Relative URL of the largest thumbnail.
    pub thumbnail1_url: Option<String>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Deleted since.
    pub deleted: Option<Timestamp>,
}

/// A folder of G-code files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct GCodeFolder {
    /// Id in API paths.
    pub id: FolderId,
    /// Display name.
    pub name: String,
    /// A name that every file system takes.
    pub safe_name: String,
    /// Parent, null at the top.
    pub parent_folder: Option<FolderId>,
}

/// How a print of a file ended, a person's word first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileVerdict {
    /// Not ended yet.
    UnderWay,
    /// The last line ran, and nobody called it a failure.
    Finished,
    /// Someone cancelled it.
    Cancelled,
    /// Link, power, firmware or the app ended it.
    Interrupted,
    /// A person says that it failed.
    Failed,
}

/// How a file printed so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct FilePrints {
    /// Prints of it, the one under way too.
    pub count: u32,
    /// Of those finished, and not called a failure.
    pub finished: u32,
    /// Of those failed or interrupted.
    pub failed: u32,
    /// The last one.
    pub last_print: Option<PrintId>,
    /// When it ended, or began if it is under way.
    pub last_at: Option<Timestamp>,
    /// How it ended.
    pub last: Option<FileVerdict>,
}

/// A file as the API shows it: Obico's fields, ours under `vigil`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct FileView {
    /// Obico's.
    #[serde(flatten)]
    pub file: GCodeFile,
    /// Ours.
    pub vigil: FileExtras,
}

/// What Obico does not have of a file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct FileExtras {
    /// How it printed.
    pub prints: FilePrints,
    /// Name of another file of the library with the same content.
    pub same_as: Option<String>,
    /// Relative URL of the file as it was uploaded, where it was no plain G-code.
    pub original_url: Option<String>,
    /// It is being printed now.
    pub printing: bool,
}

/// What lies in a folder, one level deep.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct FolderExtras {
    /// Files.
    #[ts(type = "number")]
    pub files: u64,
    /// Folders.
    #[ts(type = "number")]
    pub folders: u64,
}

/// A folder as the API shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct FolderView {
    /// Obico's.
    #[serde(flatten)]
    pub folder: GCodeFolder,
    /// Ours.
    pub vigil: FolderExtras,
}

/// Returns a name as it may be shown: the last part of a path, nothing unseen in it, at most 200 characters. Empty
/// when nothing is left.
pub fn display_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    // Marks that turn the direction of writing would let `exe.edocg` look like `gcode.exe`.
    let unseen = |c: &char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let clean: String = last.chars().filter(|c| !unseen(c)).take(200).collect();
    clean.trim().to_owned()
}

/// Returns `name` with every character outside letters, digits, `_` and `.` replaced by `_`, at most 200 bytes,
/// never hidden and never empty.
pub fn safe_filename(name: &str) -> String {
    let mut safe = String::new();
    for c in name.chars() {
        let c = if c.is_alphanumeric() || c == '_' || c == '.' { c } else { '_' };
        if safe.len() + c.len_utf8() > 200 {
            break;
        }
        safe.push(c);
    }
    if safe.is_empty() || safe.starts_with('.') {
        safe.insert(0, '_');
    }
    safe
}

/// How a list of files is sorted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // The words are the API's.
pub enum FileSorting {
    #[default]
    #[serde(alias = "")]
    CreatedAtDesc,
    CreatedAtAsc,
    NumBytesDesc,
    NumBytesAsc,
    FilenameDesc,
    FilenameAsc,
}

impl FileSorting {
    /// Returns the word of the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::CreatedAtDesc => "created_at_desc",
            Self::CreatedAtAsc => "created_at_asc",
            Self::NumBytesDesc => "num_bytes_desc",
            Self::NumBytesAsc => "num_bytes_asc",
            Self::FilenameDesc => "filename_desc",
            Self::FilenameAsc => "filename_asc",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_safe_name_can_be_no_path() {
        assert_eq!(safe_filename("../../etc/passwd"), "_.._.._etc_passwd");
        assert_eq!(safe_filename("Würfel (1).gcode"), "Würfel__1_.gcode");
        assert_eq!(safe_filename(""), "_");
        assert!(safe_filename(&"ä".repeat(500)).len() <= 200);
    }

    #[test]
    fn a_shown_name_is_no_path_and_hides_nothing() {
        assert_eq!(display_name("../../etc/my part.gcode"), "my part.gcode");
        assert_eq!(display_name("C:\\Users\\me\\a.gcode"), "a.gcode");
        assert_eq!(display_name(" a\u{202e}b\n.gcode "), "ab.gcode");
        assert_eq!(display_name("folder/"), "");
        assert_eq!(display_name(&"x".repeat(500)).len(), 200);
    }
}
