//! What is kept of a file's content beside its name: what it needs, and what it says of itself.

use gcode::{GcodeError, Limits, Metadata, Summary, weigh};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufReader, Seek};

/// What is known of a file.
#[derive(Debug)]
pub(crate) struct Facts {
    /// What it needs; when kept, without its long lists.
    pub(crate) summary: Summary,
    /// What it says of itself.
    pub(crate) metadata: Metadata,
}

impl Facts {
    /// Reads a file of plain G-code through once; `beside` is what its container held.
    ///
    /// # Errors
    /// When it cannot be printed or read.
    pub(crate) fn read(mut content: File, beside: &[(String, String)]) -> Result<Self, GcodeError> {
        let metadata = gcode::metadata_beside(&content, beside)?;
        let of_container =
            || Limits::of_settings(|key| Some(beside.iter().find(|(k, _)| k == key)?.1.as_str()));
        let limits = gcode::tail_limits(&content)?.or_else(of_container);
        content.rewind()?;
        let summary = gcode::summarise_for(BufReader::new(content), limits.unwrap_or_default())?;
        Ok(Self { summary, metadata })
    }

    /// Reads what was kept; `None` for a file that was added before all of this was.
    pub(crate) fn kept(json: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Kept {
            claims: Metadata,
            vigil: Ours,
        }
        #[derive(Deserialize)]
        struct Ours {
            summary: Summary,
        }
        let kept: Kept = serde_json::from_str(json).ok()?;
        Some(Self { summary: kept.vigil.summary, metadata: kept.claims })
    }

    /// Returns what is kept: what is shown, the file's own claims, and under `vigil` all that we counted.
    pub(crate) fn to_json(&self) -> Value {
        let (sum, metadata) = (&self.summary, &self.metadata);
        let weight = weigh(sum, metadata);
        json!({
            "layer_count": sum.layers,
            "filament_total": sum.filament_mm,
            "filament_g": weight.grams,
            "filament_g_assumed": weight.assumed,
            "filament_type": metadata.material,
            "estimated_time": sum.estimated_secs,
            "object_height": sum.z_max,
            "layer_height": metadata.layer_height_mm,
            "nozzle_diameter": metadata.nozzle_mm,
            "slicer": metadata.slicer,
            "max_hotend_c": sum.max_hotend_c,
            "max_bed_c": sum.max_bed_c,
            "extents": sum.extents,
            "filament_per_tool_mm": sum.filament_per_tool_mm,
            "claims": metadata,
            "vigil": {"summary": sum.brief()},
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn what_is_kept_is_read_again() {
        let mut content = tempfile::tempfile().unwrap();
        let text = ";Generated with Cura_SteamEngine 5.2.1\n;TIME:60\nM104 S200\nG28\n;LAYER:0\nG1 X10 Y10 Z0.2 E5 F600\n";
        content.write_all(text.as_bytes()).unwrap();
        let beside = [("filament_type".to_owned(), "PETG".to_owned())];
        let facts = Facts::read(content, &beside).unwrap();
        let json = facts.to_json();
        assert_eq!((&json["slicer"]["name"], &json["layer_count"]), (&json!("Cura"), &json!(1)));
        assert!(json["filament_g"].as_f64().unwrap() > 0.01, "{json}");
        assert_eq!(json["filament_g_assumed"], true);
        let kept = Facts::kept(&json.to_string()).unwrap();
        assert_eq!((kept.summary, kept.metadata), (facts.summary.brief(), facts.metadata));
        assert!(Facts::kept(r#"{"layer_count": 3}"#).is_none());
    }
}
