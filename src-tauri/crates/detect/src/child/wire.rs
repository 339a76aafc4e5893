//! What the core and its process that looks at pictures say to each other: lines of JSON over its standard input and
//! output. Behind the line of a request its JPEG follows; an answer is what was asked for, or why there is none.

use crate::{DetectError, Findings, Sight};
use domain::{Scene, View};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Read, Write};

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
