//! The G-code files that lie at a host, as its agent lists them: OctoPrint tells one folder, Klipper all files at once.

use domain::one_line;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Most entries of a folder that are shown.
const MOST: usize = 2_000;
/// Longest name that is shown, characters.
const LONGEST_NAME: usize = 300;

/// A file or folder at the host. Hostile text: shown, never interpreted.
#[derive(Debug, Clone, PartialEq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub(crate) struct HostFile {
    name: String,
    /// By which it is asked for.
    path: String,
    folder: bool,
    #[ts(type = "number | null")]
    bytes: Option<u64>,
    /// When it was changed last, Unix seconds.
    modified: Option<f64>,
    /// How long the host thinks that it takes.
    estimated_secs: Option<f64>,
    /// By which the host knows that it is still the same; to be given back with a print.
    signature: Option<String>,
}

/// A folder at the host.
#[derive(Debug, PartialEq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub(crate) struct HostFiles {
    /// Its path; empty is the topmost.
    folder: String,
    /// Folders first, each by name.
    files: Vec<HostFile>,
}

/// Reads what a host told.
pub(super) fn read(told: &Value, folder: String) -> HostFiles {
    let mut files = match told.as_array() {
        Some(all) => of_klipper(all, &folder),
        None => of_octoprint(&told["local"]),
    };
    files.sort_by_cached_key(|file| (!file.folder, file.name.to_lowercase()));
    files.truncate(MOST);
    HostFiles { folder, files }
}

fn of_octoprint(entries: &Value) -> Vec<HostFile> {
    let read = |(key, entry): (&String, &Value)| {
        let folder = entry["type"].as_str() == Some("folder");
        if !folder && entry["type"].as_str() != Some("machinecode") {
            return None;
        }
        let name = entry["display"].as_str().or(entry["name"].as_str()).unwrap_or(key);
        let hash = entry["hash"].as_str().filter(|hash| hash.chars().all(|c| c.is_ascii_hexdigit()));
        Some(HostFile {
            name: one_line(name, LONGEST_NAME),
            path: entry["path"].as_str().unwrap_or(key).to_owned(),
            folder,
            bytes: entry["size"].as_u64().filter(|_| !folder),
            modified: entry["date"].as_f64(),
            estimated_secs: entry["analysis"]["estimatedPrintTime"].as_f64().filter(|secs| *secs > 0.0),
            signature: hash.map(|hash| format!("md5:{hash}")),
        })
    };
    entries.as_object().into_iter().flatten().filter_map(read).collect()
}

/// Klipper tells paths: what lies in a folder, and which folders there are, follows from them.
fn of_klipper(all: &[Value], folder: &str) -> Vec<HostFile> {
    let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let mut found: BTreeMap<String, HostFile> = BTreeMap::new();
    for entry in all {
        let Some(path) = entry["path"].as_str() else { continue };
        let Some(rest) = path.strip_prefix(&start).filter(|rest| !rest.is_empty()) else { continue };
        let (name, is_folder) = rest.split_once('/').map_or((rest, false), |(first, _)| (first, true));
        let told = |key: &str| entry[key].as_f64().filter(|_| !is_folder);
        found.entry(name.to_owned()).or_insert_with(|| HostFile {
            name: one_line(name, LONGEST_NAME),
            path: format!("{start}{name}"),
            folder: is_folder,
            bytes: entry["size"].as_u64().filter(|_| !is_folder),
            modified: told("modified"),
            estimated_secs: None,
            signature: told("modified").map(|at| format!("ts:{at}")),
        });
    }
    found.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn names(files: &HostFiles) -> Vec<(&str, &str, bool)> {
        files.files.iter().map(|file| (file.name.as_str(), file.path.as_str(), file.folder)).collect()
    }

    #[test]
    fn a_folder_of_octoprint_has_its_folders_first() {
        let told = json!({"local": {
            "b.gcode": {"name": "b.gcode", "display": "B \u{7} x.gcode", "path": "in/b.gcode", "type": "machinecode",
                "size": 10, "date": 1_700_000_000, "hash": "abc123", "analysis": {"estimatedPrintTime": 61.5}},
            "old": {"name": "old", "path": "in/old", "type": "folder", "children": {}},
            "c.stl": {"name": "c.stl", "path": "in/c.stl", "type": "model"},
            "odd": 7,
        }});
        let files = read(&told, "in".into());
        assert_eq!(names(&files), [("old", "in/old", true), ("B   x.gcode", "in/b.gcode", false)]);
        let file = &files.files[1];
        assert_eq!((file.bytes, file.estimated_secs), (Some(10), Some(61.5)));
        assert_eq!(file.signature.as_deref(), Some("md5:abc123"));
    }

    #[test]
    fn folders_of_klipper_follow_from_paths() {
        let told = json!([
            {"path": "a.gcode", "size": 5, "modified": 1.5},
            {"path": "sub/b.gcode", "size": 6, "modified": 2.5},
            {"path": "sub/deep/c.gcode", "size": 7, "modified": 3.5},
            {"size": 7}, 7, {"path": "sub/"},
        ]);
        let top = read(&told, String::new());
        assert_eq!(names(&top), [("sub", "sub", true), ("a.gcode", "a.gcode", false)]);
        let sub = read(&told, "sub".into());
        assert_eq!(names(&sub), [("deep", "sub/deep", true), ("b.gcode", "sub/b.gcode", false)]);
        assert_eq!(sub.files[1].signature.as_deref(), Some("ts:2.5"));
        assert!(read(&json!({"local": 7}), String::new()).files.is_empty());
    }
}
