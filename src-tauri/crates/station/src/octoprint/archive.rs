//! A backup that OctoPrint made of itself: a ZIP with its whole folder below `basedir`. Only lists are read here; nothing of
//! it is believed, and nothing is unpacked but what is asked for, as long as it is no larger than it says.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;
use zip::ZipArchive;

/// Files in a backup at most.
const MOST_ENTRIES: usize = 200_000;
/// Folders in folders at most, and the longest name, characters.
const DEEPEST: usize = 12;
const LONGEST_NAME: usize = 200;
/// Largest file that is taken, bytes.
const LARGEST: u64 = 2 * 1024 * 1024 * 1024;
/// G-code is packed to a tenth, a film hardly at all: what is packed tighter than this is made to fill a disk.
const TIGHTEST: u64 = 200;
/// Whatever it is packed to, so many bytes do no harm.
const HARMLESS: u64 = 4 * 1024 * 1024;
/// Largest list of what was printed, bytes.
const LARGEST_LIST: u64 = 32 * 1024 * 1024;

const GCODE: &[&str] = &[".gcode", ".gco", ".g", ".bgcode", ".gcode.3mf", ".ufp"];

/// One file of a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    index: usize,
    /// Folders below `uploads`; none of a film.
    pub(super) folders: Vec<String>,
    pub(super) name: String,
    pub(super) num_bytes: u64,
}

impl Entry {
    /// As a person reads it.
    pub(super) fn shown(&self) -> String {
        let mut parts = self.folders.clone();
        parts.push(self.name.clone());
        parts.join("/")
    }
}

/// What a backup has that can be taken.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) version: Option<String>,
    pub(super) files: Vec<Entry>,
    pub(super) films: Vec<Entry>,
    /// OctoPrint's own notes on the files of each folder.
    pub(super) lists: Vec<(Vec<String>, Vec<u8>)>,
    /// What stays behind, and why.
    pub(super) left_out: Vec<String>,
}

pub(super) struct Backup(ZipArchive<BufReader<File>>);

impl Backup {
    /// Opens a backup.
    ///
    /// # Errors
    /// A sentence: it is none.
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        let none = |why: &dyn std::fmt::Display| format!("this is no backup of OctoPrint: {why}");
        let file = File::open(path).map_err(|error| none(&error))?;
        let zip = ZipArchive::new(BufReader::new(file)).map_err(|error| none(&error))?;
        if zip.len() > MOST_ENTRIES {
            return Err(none(&"it has too many files"));
        }
        if !zip.file_names().any(|name| name.is_ok_and(|name| name.starts_with("basedir/"))) {
            return Err(none(&"a folder `basedir` is missing in it"));
        }
        Ok(Self(zip))
    }

    /// Looks through the whole list.
    pub(super) fn survey(&mut self) -> Survey {
        let mut survey = Survey::default();
        // What stays behind, and how much of it.
        let mut behind: BTreeMap<&'static str, (usize, String)> = BTreeMap::new();
        let mut excluded = Vec::new();
        for index in 0..self.0.len() {
            let Ok(entry) = self.0.by_index_raw(index) else { continue };
            if entry.is_dir() {
                continue;
            }
            // A name that is no text is no path below.
            let name = entry.name().map(|name| name.into_owned()).unwrap_or_default();
            let (num_bytes, packed) = (entry.size(), entry.compressed_size());
            let whole = entry.is_file() && !entry.encrypted();
            drop(entry);
            if name == "metadata.json" {
                (survey.version, excluded) = self.metadata(index);
                continue;
            }
            let Some(parts) = parts(&name) else {
                note(&mut behind, "named like no file of OctoPrint", &name);
                continue;
            };
            let (place, rest) = match parts.as_slice() {
                [base, place, rest @ ..] if base == "basedir" && !rest.is_empty() => (place.as_str(), rest),
                _ => continue,
            };
            let Some((file, folders)) = rest.split_last() else { continue };
            if place != "uploads" && place != "timelapse" {
                continue;
            }
            if place == "uploads" && file == ".metadata.json" {
                match self.read(index, LARGEST_LIST) {
                    Ok(list) => survey.lists.push((folders.to_vec(), list)),
                    Err(_) => note(&mut behind, "a list of what was printed that cannot be read", &name),
                }
                continue;
            }
            if file.starts_with('.') {
                continue;
            }
            let lower = file.to_ascii_lowercase();
            let film = place == "timelapse";
            if !film && !GCODE.iter().any(|end| lower.ends_with(end)) {
                note(&mut behind, "no G-code", file);
            } else if film && !lower.ends_with(".mp4") {
                // Beside each film lies its picture.
                if !lower.contains(".thumb.") && !lower.ends_with(".jpg") {
                    note(&mut behind, "no MP4: convert it, with HandBrake for example", file);
                }
            } else if !whole {
                note(&mut behind, "a link, or locked with a password", file);
            } else if num_bytes > LARGEST {
                note(&mut behind, "larger than 2 GB", file);
            } else if num_bytes > HARMLESS.max(packed.saturating_mul(TIGHTEST)) {
                note(&mut behind, "packed so tight that it looks made to fill the disk", file);
            } else if film {
                survey.films.push(Entry { index, folders: Vec::new(), name: file.clone(), num_bytes });
            } else {
                let folders = folders.to_vec();
                survey.files.push(Entry { index, folders, name: file.clone(), num_bytes });
            }
        }
        for (what, list) in [("uploads", "The G-code files"), ("timelapse", "The timelapses")] {
            if excluded.iter().any(|out| out == what) {
                survey
                    .left_out
                    .push(format!("{list} are not in this backup: they were left out when it was made."));
            }
        }
        survey.left_out.extend(behind.into_iter().map(|(why, (count, first))| match count {
            1 => format!("{first}: {why}."),
            _ => format!("{first} and {} more: {why}.", count - 1),
        }));
        survey
    }

    /// OctoPrint's version, and what was left out when the backup was made.
    fn metadata(&mut self, index: usize) -> (Option<String>, Vec<String>) {
        let read = self.read(index, 1024 * 1024).ok();
        let told: Option<serde_json::Value> = read.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let version = told.as_ref().and_then(|told| told["version"].as_str());
        let out = told.as_ref().and_then(|told| told["excludes"].as_array());
        let out = out.into_iter().flatten().filter_map(|out| out.as_str().map(str::to_owned)).collect();
        (version.map(|version| domain::one_line(version, 40)), out)
    }

    fn read(&mut self, index: usize, most: u64) -> io::Result<Vec<u8>> {
        let entry = self.0.by_index(index).map_err(io::Error::other)?;
        let mut read = Vec::new();
        entry.take(most + 1).read_to_end(&mut read)?;
        if read.len() as u64 > most { Err(io::Error::other("too long")) } else { Ok(read) }
    }

    /// Unpacks one file to `path`; one that is longer than it said is none.
    ///
    /// # Errors
    /// When it is damaged, or the disk does not take it; what was written stays for the caller to remove.
    pub(super) fn unpack(&mut self, entry: &Entry, path: &Path) -> io::Result<()> {
        let mut from = self.0.by_index(entry.index).map_err(io::Error::other)?.take(entry.num_bytes + 1);
        let mut to = File::create(path)?;
        let written = io::copy(&mut from, &mut to)?;
        to.flush()?;
        if written == entry.num_bytes { Ok(()) } else { Err(io::Error::other("it is damaged")) }
    }
}

fn note(behind: &mut BTreeMap<&'static str, (usize, String)>, why: &'static str, name: &str) {
    let first = || (0, domain::one_line(name, LONGEST_NAME));
    behind.entry(why).or_insert_with(first).0 += 1;
}

/// The parts of a path, none of which leads anywhere else.
fn parts(name: &str) -> Option<Vec<String>> {
    let fit = |part: &str| {
        !matches!(part, "" | "." | "..")
            && part.chars().count() <= LONGEST_NAME
            && !part.contains(['\\', ':'])
            && !part.chars().any(char::is_control)
    };
    let parts: Vec<&str> = name.split('/').collect();
    let sound = parts.len() <= DEEPEST + 3 && parts.iter().all(|part| fit(part));
    sound.then(|| parts.into_iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_elsewhere() {
        for bad in [
            "basedir/uploads/../../etc/passwd",
            "/basedir/uploads/a.gcode",
            "basedir/uploads/a\\..\\b.gcode",
            "basedir/uploads/C:x.gcode",
            "basedir//uploads/a.gcode",
            "basedir/uploads/a\u{1b}.gcode",
        ] {
            assert_eq!(parts(bad), None, "{bad}");
        }
        let deep = format!("basedir/uploads/{}a.gcode", "x/".repeat(40));
        assert_eq!(parts(&deep), None);
        let good = parts("basedir/uploads/Größe/a b.gcode").expect("a path");
        assert_eq!(good, ["basedir", "uploads", "Größe", "a b.gcode"]);
    }
}
