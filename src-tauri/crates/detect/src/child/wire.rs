//! What the core and its process that looks at pictures say to each other. Behind the line of a request its JPEG follows; an
//! answer is what was asked for, or why there is none.

use crate::{DetectError, Findings, Sight};
use domain::{Scene, View};
use sandbox::Confined;
use sandbox::wire::Following;
use serde::{Deserialize, Serialize};

/// A line is so long at most, bytes: heat map and small pictures take some sixty thousand.
pub(super) const MAX_LINE: u64 = 4 << 20;

/// A picture is so long at most, bytes.
pub(super) const MAX_JPEG: u32 = 64 << 20;

/// More boxes than this are nonsense: a detector tells twenty at most.
const MAX_BOXES: usize = 64;

/// A picture to look at; its JPEG follows.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) view: View,
    pub(super) jpeg: Following,
}

/// What is said of a model once it is loaded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Loaded {
    pub(super) name: String,
    pub(super) sight: Sight,
    pub(super) confined: Confined,
}

/// Returns the findings, if they can be true: a process that a hostile picture has taken over may say anything.
pub(super) fn checked(found: Findings) -> Result<Findings, DetectError> {
    let whole_rows = match usize::from(found.cell_columns) {
        0 => found.cells.is_empty(),
        columns => found.cells.len().is_multiple_of(columns),
    };
    let sound = (0.0..=1.0).contains(&found.probability)
        && (0.0..1e3).contains(&found.p)
        && found.boxes.len() <= MAX_BOXES
        && found.boxes.iter().all(|one| one.confidence.is_finite() && one.area.is_finite())
        && whole_rows
        && found.scene.as_ref().is_none_or(Scene::is_sound);
    if sound { Ok(found) } else { Err(DetectError::inference("it gave numbers that cannot be")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found() -> Findings {
        Findings {
            probability: 0.5,
            p: 0.1,
            boxes: vec![],
            view: View::Whole,
            cells: vec![1; 12],
            cell_columns: 4,
            calibration: None,
            scene: None,
            inference_ms: 1.0,
            total_ms: 2.0,
        }
    }

    #[test]
    fn findings_that_cannot_be_are_refused() {
        assert!(checked(found()).is_ok());
        let bad = [
            Findings { probability: 1.5, ..found() },
            Findings { p: -0.1, ..found() },
            Findings { p: f64::INFINITY, ..found() },
            Findings { cell_columns: 5, ..found() },
            Findings { cell_columns: 0, ..found() },
            Findings {
                scene: Some(Scene {
                    mean: 1.0,
                    dark: 0.0,
                    bright: 0.0,
                    sharpness: 1.0,
                    contrast: 1.0,
                    small: vec![0; 5],
                    colours: vec![],
                }),
                ..found()
            },
        ];
        for found in bad {
            let told = format!("{found:?}");
            assert!(checked(found).is_err(), "{told}");
        }
    }
}
