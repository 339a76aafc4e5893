//! G-code files and folders.

use crate::{FileId, FolderId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A G-code file of the library.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
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
}
