//! A look at a file before anything heats: what is wrong with it for this printer, in plain words.

use crate::{LibraryError, Station};
use domain::{FileId, GCodeFile, PrinterId};
use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Printing it would fail or do harm.
    Stop,
    /// It may be meant so.
    Warn,
    /// Good to know.
    Note,
}

/// Something that was found in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    #[serde(rename = "do")]
    pub advice: String,
}

/// What was read from the file when it was added.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Facts {
    layer_count: Option<u32>,
    object_height: Option<f64>,
    max_hotend_c: Option<f64>,
    max_bed_c: Option<f64>,
}

/// Hotter than a usual hotend with a PTFE tube stands, degrees Celsius.
const PTFE_LIMIT_C: f64 = 260.0;

impl Station {
    /// Looks a file over for a printer; blocks.
    ///
    /// # Errors
    /// When there is no such file or printer, or the content of the file is gone.
    pub fn preflight(&self, file: FileId, printer: PrinterId) -> Result<Vec<Finding>, LibraryError> {
        let found = self.store.read(|conn| store::file::get(conn, file))?.filter(|f| f.deleted.is_none());
        let found = found.ok_or(LibraryError::NotFound { what: "this file" })?;
        let live = self.snapshot();
        let view = live.printers.get(&printer).ok_or(LibraryError::NotFound { what: "this printer" })?;
        let size = std::fs::metadata(self.file_path(file))
            .map_err(|_| LibraryError::NotFound { what: "the content of this file" })?
            .len();
        Ok(findings(&found, size, view.vigil.max_z_mm))
    }
}

fn findings(file: &GCodeFile, bytes_there: u64, max_z_mm: f64) -> Vec<Finding> {
    let facts: Facts =
        file.metadata_json.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let mut all = Vec::new();
    let mut say = |severity, what: String, advice: &str| {
        all.push(Finding { severity, what, advice: advice.into() });
    };
    if bytes_there != file.num_bytes {
        say(
            Severity::Stop,
            "the file on the disk is not the one that was added".into(),
            "Add it again: it may be cut off.",
        );
    }
    if facts.layer_count == Some(0) || file.filament_total == Some(0.0) {
        say(
            Severity::Stop,
            "the file lays no plastic".into(),
            "Slice the model again; this may be a calibration or a broken export.",
        );
    }
    if let Some(height) = facts.object_height.filter(|z| max_z_mm > 0.0 && *z > max_z_mm + 0.05) {
        say(
            Severity::Stop,
            format!("it goes up to {height:.1} mm, the printer reaches {max_z_mm:.0} mm"),
            "Slice it for this printer, or correct the printer's height in Settings.",
        );
    }
    match facts.max_hotend_c {
        None => say(
            Severity::Warn,
            "the file never heats the nozzle itself".into(),
            "Fine if the printer does so by a macro; else slice it again with a start G-code.",
        ),
        Some(hot) if hot > PTFE_LIMIT_C => say(
            Severity::Warn,
            format!("the nozzle goes up to {hot:.0} °C"),
            "Only an all-metal hotend stands this. With a PTFE tube inside, choose another profile.",
        ),
        Some(_) => (),
    }
    if facts.max_hotend_c.is_some() && facts.max_bed_c.is_none() {
        say(
            Severity::Note,
            "the bed stays cold".into(),
            "Fine on a printer without a heated bed, or with the right glue.",
        );
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Timestamp, UserId};

    fn found(metadata: &str, bytes_there: u64) -> Vec<(Severity, String)> {
        let now = Timestamp::from_micros(0);
        let file = GCodeFile {
            id: FileId(1),
            user: UserId(1),
            filename: "a.gcode".into(),
            safe_filename: "a.gcode".into(),
            parent_folder: None,
            url: String::new(),
            num_bytes: 10,
            agent_signature: None,
            metadata_json: Some(metadata.into()),
            filament_total: Some(5.0),
            estimated_time: None,
            thumbnail1_url: None,
            created_at: now,
            updated_at: now,
            deleted: None,
        };
        findings(&file, bytes_there, 250.0).into_iter().map(|f| (f.severity, f.what)).collect()
    }

    #[test]
    fn a_usual_file_has_nothing_to_say() {
        let usual = r#"{"layer_count": 3, "object_height": 249.9, "max_hotend_c": 205, "max_bed_c": 60}"#;
        assert_eq!(found(usual, 10), []);
    }

    #[test]
    fn each_fault_is_found_with_its_weight() {
        let table = [
            (r#"{"layer_count": 0, "max_hotend_c": 205, "max_bed_c": 60}"#, Severity::Stop, "no plastic"),
            (r#"{"object_height": 251, "max_hotend_c": 205, "max_bed_c": 60}"#, Severity::Stop, "251.0 mm"),
            (r#"{"max_bed_c": 60}"#, Severity::Warn, "never heats"),
            (r#"{"max_hotend_c": 300, "max_bed_c": 60}"#, Severity::Warn, "300 °C"),
            (r#"{"max_hotend_c": 205}"#, Severity::Note, "cold"),
        ];
        for (metadata, severity, words) in table {
            let all = found(metadata, 10);
            assert_eq!(all.len(), 1, "{metadata}: {all:?}");
            assert!(all[0].0 == severity && all[0].1.contains(words), "{metadata}: {all:?}");
        }
    }

    #[test]
    fn a_file_that_shrank_stops() {
        let usual = r#"{"max_hotend_c": 205, "max_bed_c": 60}"#;
        assert_eq!(found(usual, 9)[0].0, Severity::Stop);
    }
}
