//! What filament of a file weighs, by what the file says of it and else by what is usual.

use super::facts::Facts;
use domain::{GCodeFile, grams_per_mm};
use gcode::{Weight, weigh_for};

/// Of PLA, g/cm³.
const USUAL_DENSITY: f64 = 1.24;

/// The filament of a file, or of a print whose file is not known.
#[derive(Debug, Default)]
pub(crate) struct FileWeight {
    total_mm: f64,
    facts: Option<Facts>,
}

impl FileWeight {
    /// Reads what is kept of a file; of one that is gone nothing is known.
    pub(crate) fn of(file: Option<&GCodeFile>) -> Self {
        let Some(file) = file else { return Self::default() };
        let facts = file.metadata_json.as_deref().and_then(Facts::kept);
        Self { total_mm: file.filament_total.unwrap_or(0.0), facts }
    }

    /// Returns what each tool pushes, mm; tools that push nothing are left out.
    pub(crate) fn by_tool(&self) -> Vec<(u8, f64)> {
        let tools = self.facts.as_ref().map(|facts| facts.summary.filament_per_tool_mm.as_slice());
        let tools = tools.filter(|tools| tools.iter().any(|mm| *mm > 0.0)).unwrap_or_default();
        let known = (0_u8..).zip(tools).map(|(tool, mm)| (tool, *mm));
        let all = Some((0, self.total_mm)).filter(|_| tools.is_empty());
        known.chain(all).filter(|(_, mm)| *mm > 0.0).collect()
    }

    /// Returns the material that a tool was sliced for.
    pub(crate) fn material(&self, tool: u8) -> Option<&str> {
        let all = self.facts.as_ref()?.metadata.material.as_deref()?;
        // Of a file for several tools the first one's is kept: of the others nothing is claimed.
        all.split(';').map(str::trim).nth(usize::from(tool)).filter(|word| !word.is_empty())
    }

    /// Returns what so much of it weighs. `diameter_mm`: that of the printer's filament, where the file names none.
    pub(crate) fn grams(&self, mm: f64, diameter_mm: f64) -> Weight {
        let whole = self.facts.as_ref().map(|facts| {
            (weigh_for(&facts.summary, &facts.metadata, diameter_mm), facts.summary.filament_mm)
        });
        match whole {
            Some((weight, length)) if length > 0.0 => Weight { grams: weight.grams * mm / length, ..weight },
            Some(_) | None => Weight { grams: mm * grams_per_mm(diameter_mm, USUAL_DENSITY), assumed: true },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{FileId, Timestamp, UserId};
    use std::io::Write;

    fn file(text: &str) -> GCodeFile {
        let mut content = tempfile::tempfile().expect("a file");
        content.write_all(text.as_bytes()).expect("written");
        std::io::Seek::rewind(&mut content).expect("from its begin");
        let facts = Facts::read(content, &[]).expect("G-code");
        GCodeFile {
            id: FileId(1),
            user: UserId(1),
            filename: "a.gcode".into(),
            safe_filename: "a.gcode".into(),
            parent_folder: None,
            url: String::new(),
            num_bytes: 1,
            agent_signature: None,
            metadata_json: Some(facts.to_json().to_string()),
            filament_total: Some(facts.summary.filament_mm),
            estimated_time: None,
            thumbnail1_url: None,
            created_at: Timestamp::from_micros(0),
            updated_at: Timestamp::from_micros(0),
            deleted: None,
        }
    }

    #[test]
    fn filament_of_285_counts_where_the_file_names_no_diameter() {
        let plain = file("M82\nG28\nG1 X10 E1000 F600\n");
        let weight = FileWeight::of(Some(&plain));
        assert!((weight.grams(1000.0, 1.75).grams - 2.983).abs() < 0.001);
        assert!((weight.grams(1000.0, 2.85).grams - 7.910).abs() < 0.001);
        let named =
            file("M82\nG28\nG1 X10 E1000 F600\n; filament_diameter = 1.75\n; filament_density = 1.24\n");
        let weight = FileWeight::of(Some(&named)).grams(500.0, 2.85);
        assert!((weight.grams - 1.491).abs() < 0.001 && !weight.assumed, "{weight:?}");
        assert!((FileWeight::of(None).grams(1000.0, 2.85).grams - 7.910).abs() < 0.001);
    }

    #[test]
    fn each_tool_has_its_length_and_its_material() {
        let two = file("M83\nG28\nT0\nG1 X10 E100 F600\nT1\nG1 X20 E40\n; filament_type = PLA;PETG\n");
        let weight = FileWeight::of(Some(&two));
        assert_eq!(weight.by_tool(), [(0, 100.0), (1, 40.0)]);
        assert_eq!((weight.material(0), weight.material(1)), (Some("PLA"), None));
        assert_eq!(FileWeight::of(None).by_tool(), []);
    }
}
