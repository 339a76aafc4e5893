//! What slicers write about a file at its end: `; key = value`.

use crate::limits::Limits;
use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};

/// How much of the end is read, bytes: slicers need some 40 kB.
const TAIL: u64 = 256 * 1024;

/// Reads the settings at the end of a file; nothing else of it is read.
///
/// # Errors
/// When the file system fails.
pub fn tail_settings(mut reader: impl Read + Seek) -> io::Result<BTreeMap<String, String>> {
    let len = reader.seek(SeekFrom::End(0))?;
    reader.seek(SeekFrom::Start(len.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    reader.take(TAIL).read_to_end(&mut tail)?;
    let tail = String::from_utf8_lossy(&tail);
    let pairs = tail.split(['\n', '\r']).filter_map(|line| line.strip_prefix(';')?.split_once('='));
    Ok(pairs.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned())).collect())
}

/// Returns the limits of the machine that a file was sliced for, when its slicer wrote them at the end.
///
/// # Errors
/// When the file system fails.
pub fn tail_limits(reader: impl Read + Seek) -> io::Result<Option<Limits>> {
    let settings = tail_settings(reader)?;
    Ok(Limits::of_settings(|key| settings.get(key).map(String::as_str)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn limits_are_found_behind_a_long_file() {
        let end = "; machine_max_acceleration_x = 900,1\n; machine_max_acceleration_extruding = 700\n";
        let file = "G1 X1\n".repeat(100_000) + end;
        let limits = tail_limits(Cursor::new(file)).unwrap().expect("they are there");
        assert_eq!((limits.accel_mm_s2[0], limits.print_mm_s2), (900.0, 700.0));
        assert_eq!(tail_limits(Cursor::new("G28\n")).unwrap(), None);
    }
}
