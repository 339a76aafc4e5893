//! What the core and its process that looks at pictures say to each other: lines of JSON over its standard input and
//! output. Behind the line of a request its JPEG follows.

use crate::{DetectError, Findings, Sight};
use domain::{Calibration, Detection, Scene, View};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Read, Write};
use std::sync::Arc;

/// A line is so long at most, bytes: heat map and small pictures take some sixty thousand.
const MAX_LINE: u64 = 4 << 20;

/// A picture is so long at most, bytes.
pub(super) const MAX_JPEG: u32 = 64 << 20;

/// More boxes than this are nonsense: a detector tells twenty at most.
const MAX_BOXES: usize = 64;

/// A picture to look at; so many bytes of JPEG follow.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) view: View,
    pub(super) bytes: u32,
}

/// What is said of a model once it is loaded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Loaded {
    pub(super) name: String,
    pub(super) sight: Sight,
    pub(super) confined: Confined,
}

/// Whether the system holds the process to what it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Confined {
    /// It opens no file and no connection any more.
    Fully,
    /// Not all of that: the kernel is too old.
    Partly,
    /// It keeps the rights of the user; why.
    No(String),
}

/// An answer, or why there is none.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer<T> {
    Done(T),
    Failed(DetectError),
}

impl<T> From<Result<T, DetectError>> for Answer<T> {
    fn from(result: Result<T, DetectError>) -> Self {
        match result {
            Ok(done) => Self::Done(done),
            Err(error) => Self::Failed(error),
        }
    }
}

impl<T> From<Answer<T>> for Result<T, DetectError> {
    fn from(answer: Answer<T>) -> Self {
        match answer {
            Answer::Done(done) => Ok(done),
            Answer::Failed(error) => Err(error),
        }
    }
}

/// [`Findings`] as they travel.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Found {
    probability: f64,
    p: f64,
    boxes: Vec<Detection>,
    view: View,
    cells: Vec<u8>,
    cell_columns: u16,
    calibration: Option<Arc<Calibration>>,
    scene: Option<Scene>,
    inference_ms: f32,
    total_ms: f32,
}

impl From<Findings> for Found {
    fn from(found: Findings) -> Self {
        let Findings { probability, p, boxes, view, cells, cell_columns, calibration, scene, .. } = found;
        let (inference_ms, total_ms) = (found.inference_ms, found.total_ms);
        Self { probability, p, boxes, view, cells, cell_columns, calibration, scene, inference_ms, total_ms }
    }
}

impl Found {
    /// Returns the findings, if they can be true: a process that a hostile picture has taken over may say anything.
    pub(super) fn checked(self) -> Result<Findings, DetectError> {
        let columns = usize::from(self.cell_columns);
        let whole_rows = match columns {
            0 => self.cells.is_empty(),
            _ => self.cells.len().is_multiple_of(columns),
        };
        let sound = (0.0..=1.0).contains(&self.probability)
            && (0.0..1e3).contains(&self.p)
            && self.boxes.len() <= MAX_BOXES
            && self.boxes.iter().all(|found| found.confidence.is_finite() && found.area.is_finite())
            && whole_rows
            && self.scene.as_ref().is_none_or(Scene::is_sound);
        if !sound {
            return Err(DetectError::inference("it gave numbers that cannot be"));
        }
        let Self { probability, p, boxes, view, cells, cell_columns, calibration, scene, .. } = self;
        let (inference_ms, total_ms) = (self.inference_ms, self.total_ms);
        Ok(Findings {
            probability,
            p,
            boxes,
            view,
            cells,
            cell_columns,
            calibration,
            scene,
            inference_ms,
            total_ms,
        })
    }
}

/// Writes one line, and what follows it.
pub(super) fn write_line<T: Serialize>(out: &mut impl Write, line: &T, then: &[u8]) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    out.write_all(&bytes)?;
    out.write_all(then)?;
    out.flush()
}

/// Reads one line; `None` when nobody speaks any more.
///
/// # Errors
/// When it cannot be read, is too long, or means nothing.
pub(super) fn read_line<T: DeserializeOwned>(from: &mut impl BufRead) -> io::Result<Option<T>> {
    let mut line = Vec::new();
    if from.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.pop() != Some(b'\n') {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a line has no end"));
    }
    Ok(Some(serde_json::from_slice(&line)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found() -> Found {
        Found {
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
        assert!(found().checked().is_ok());
        let bad = [
            Found { probability: 1.5, ..found() },
            Found { p: -0.1, ..found() },
            Found { p: f64::INFINITY, ..found() },
            Found { cell_columns: 5, ..found() },
            Found { cell_columns: 0, ..found() },
            Found {
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
            assert!(found.checked().is_err(), "{told}");
        }
    }

    #[test]
    fn lines_are_read_one_by_one_and_have_an_end() {
        let mut said = b"1\n2\nhalf".as_slice();
        assert_eq!(read_line::<u8>(&mut said).unwrap(), Some(1));
        assert_eq!(read_line::<u8>(&mut said).unwrap(), Some(2));
        assert!(read_line::<u8>(&mut said).is_err(), "cut off");
        assert_eq!(read_line::<u8>(&mut said).unwrap(), None);
        let mut nonsense = b"hello\n".as_slice();
        assert!(read_line::<u8>(&mut nonsense).is_err());
    }
}
