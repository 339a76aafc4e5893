//! The models that the user brought, on the disk: a folder each, named after the content, with `model.onnx`,
//! `model.json` (what the user chose) and `check.json` (what the check found).

use crate::{CHECK_LIMIT, CheckReport, ModelSettings, check_in_child, darknet};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Letters of a model's id: the beginning of its SHA-256.
const ID_LEN: usize = 12;

/// Letters of a name at most.
const MAX_NAME: usize = 60;

/// A model that was brought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS, schemars::JsonSchema)]
pub struct ImportedModel {
    /// The first twelve digits of its SHA-256.
    pub id: String,
    /// What the user chose.
    pub settings: ModelSettings,
    /// What the check found.
    pub report: CheckReport,
}

/// The folder of brought models.
#[derive(Debug, Clone)]
pub struct Imports {
    dir: PathBuf,
}

impl Imports {
    /// The models in the data folder `data_dir`.
    pub fn of(data_dir: &Path) -> Self {
        Self { dir: data_dir.join("models") }
    }

    /// Returns all, by name; what cannot be read is left out and logged.
    pub fn list(&self) -> Vec<ImportedModel> {
        let entries = fs::read_dir(&self.dir).into_iter().flatten().flatten();
        let ids = entries.filter_map(|entry| entry.file_name().into_string().ok()).filter(|id| is_id(id));
        let mut all: Vec<ImportedModel> = ids.filter_map(|id| self.get(&id)).collect();
        all.sort_by(|a, b| (&a.settings.name, &a.id).cmp(&(&b.settings.name, &b.id)));
        all
    }

    /// Returns one; `None` when there is none of that id.
    pub fn get(&self, id: &str) -> Option<ImportedModel> {
        let dir = self.folder(id)?;
        let settings = read(&dir.join("model.json"))?;
        Some(ImportedModel { id: id.to_owned(), settings, report: read(&dir.join("check.json"))? })
    }

    /// Returns where a model's file lies.
    pub fn file(&self, id: &str) -> Option<PathBuf> {
        self.folder(id).map(|dir| dir.join("model.onnx"))
    }

    /// Takes a file in: converts it where it is Obico's `.darknet`, has it checked in a child, and keeps it.
    /// One that is there already is checked again and keeps its settings.
    ///
    /// # Errors
    /// In words for people: what does not fit, or what the disk says.
    pub fn import(&self, exe: &Path, file: &Path, name: &str) -> Result<ImportedModel, String> {
        let id = digest(file).map_err(disk)?;
        let (new, dir) = (self.dir.join(format!("{id}.new")), self.dir.join(&id));
        let _ = fs::remove_dir_all(&new);
        fs::create_dir_all(&new).map_err(disk)?;
        let taken = self.take(exe, file, name, &id, &new);
        if taken.is_ok() {
            let moved = if dir.is_dir() { fs::remove_dir_all(&dir) } else { Ok(()) };
            moved.and_then(|()| fs::rename(&new, &dir)).map_err(disk)?;
        } else {
            let _ = fs::remove_dir_all(&new);
        }
        taken
    }

    fn take(
        &self,
        exe: &Path,
        file: &Path,
        name: &str,
        id: &str,
        new: &Path,
    ) -> Result<ImportedModel, String> {
        let model = new.join("model.onnx");
        if darknet::is_darknet(name) {
            darknet::convert(file, &model)?;
        } else {
            fs::copy(file, &model).map_err(disk)?;
        }
        let report = check_in_child(exe, &model, CHECK_LIMIT)?;
        let settings = match self.get(id) {
            Some(before) => before.settings,
            None => ModelSettings {
                kind: report.kind,
                name: tidy(name),
                failure_classes: report.failure_classes.clone(),
                confidence_above: report.confidence_above,
            },
        };
        write(&new.join("model.json"), &settings)?;
        write(&new.join("check.json"), &report)?;
        Ok(ImportedModel { id: id.to_owned(), settings, report })
    }

    /// Changes what the user chose about a model.
    ///
    /// # Errors
    /// In words for people.
    pub fn change(&self, id: &str, settings: &ModelSettings) -> Result<ImportedModel, String> {
        let before = self.get(id).ok_or("This model does not exist; it may have been removed.")?;
        if let Some(unknown) = settings.failure_classes.iter().find(|c| !before.report.classes.contains(c)) {
            return Err(format!("This model has no class {unknown:?}."));
        }
        if !(0.01..=0.99).contains(&settings.confidence_above) {
            return Err("The confidence must lie between 0.01 and 0.99.".into());
        }
        let settings =
            ModelSettings { kind: before.settings.kind, name: tidy(&settings.name), ..settings.clone() };
        let dir = self.folder(id).ok_or("This model does not exist.")?;
        write(&dir.join("model.json"), &settings)?;
        Ok(ImportedModel { settings, ..before })
    }

    /// Forgets a model. Returns whether there was one.
    ///
    /// # Errors
    /// In words for people, when the disk refuses.
    pub fn remove(&self, id: &str) -> Result<bool, String> {
        match self.folder(id) {
            Some(dir) => fs::remove_dir_all(dir).map(|()| true).map_err(disk),
            None => Ok(false),
        }
    }

    /// Ids come from outside: only what looks like one becomes a path.
    fn folder(&self, id: &str) -> Option<PathBuf> {
        is_id(id).then(|| self.dir.join(id)).filter(|dir| dir.is_dir())
    }
}

fn is_id(id: &str) -> bool {
    id.len() == ID_LEN && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn digest(file: &Path) -> io::Result<String> {
    let mut file = fs::File::open(file)?;
    let mut sha = Sha256::new();
    let mut chunk = vec![0; 1 << 16];
    loop {
        match file.read(&mut chunk)? {
            0 => break,
            read => sha.update(&chunk[..read]),
        }
    }
    let hex: String = sha.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(hex[..ID_LEN].to_owned())
}

/// Makes a name for people of a file's.
fn tidy(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem =
        [".onnx", ".darknet", ".weights"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    let clean: String = stem.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
    if clean.trim().is_empty() { "a model".into() } else { clean.trim().to_owned() }
}

fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let about = |error: &dyn std::fmt::Display| tracing::warn!(path = %path.display(), %error, "not read");
    let text = fs::read(path).inspect_err(|e| about(e)).ok()?;
    serde_json::from_slice(&text).inspect_err(|e| about(e)).ok()
}

fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), String> {
    let text = serde_json::to_vec_pretty(value).map_err(|e| format!("It could not be written down: {e}."))?;
    let part = path.with_extension("part");
    fs::write(&part, text).and_then(|()| fs::rename(&part, path)).map_err(disk)
}

fn disk(error: io::Error) -> String {
    format!("The disk refuses: {error}. Make room, then try again.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_from_outside_never_leave_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("models/0123456789ab")).unwrap();
        let imports = Imports::of(dir.path());
        assert!(imports.file("0123456789ab").is_some());
        for id in ["", "..", "../models/012", "0123456789AB", "0123456789abc", "abcdefabcdef", "/etc/passwd/"]
        {
            assert_eq!(imports.file(id), None, "{id}");
            assert_eq!(imports.remove(id), Ok(false), "{id}");
        }
        assert_eq!(imports.list(), [], "a folder without words about it is no model");
    }

    #[test]
    fn names_of_files_become_names_for_people() {
        for (file, name) in [
            ("best.onnx", "best"),
            ("C:\\x\\model-weights-ef.darknet", "model-weights-ef"),
            ("../../etc/x\u{7}y.onnx", "xy"),
            (".onnx", "a model"),
        ] {
            assert_eq!(tidy(file), name);
        }
    }
}
