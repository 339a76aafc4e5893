//! Sliced plates in a zip archive: `Metadata/plate_1.gcode` and what lies beside it.
//!
//! The archive's own checksum is compared; the `.md5` beside a plate says the same once more and is not read.

use super::{
    ContainerError, MAX_METADATA, MAX_PAIRS, MAX_PLAIN, MAX_THUMBNAIL, MAX_THUMBNAILS, Program, ProgramKind,
    Thumbnail, ThumbnailFormat, check_ratio, zip,
};
use std::io::{self, Read, Seek};

pub(super) fn open(
    mut file: impl Read + Seek + Send + 'static,
    entries: &[zip::Entry],
) -> Result<Program, ContainerError> {
    let mut plates: Vec<u32> = entries.iter().filter_map(|e| plate_number(&e.name)).collect();
    plates.sort_unstable();
    plates.dedup();
    // Ascending from 1: the first is plate 1 where there is one.
    let plate = *plates.first().ok_or(ContainerError::NoPlate)?;
    let find = |name: &str| entries.iter().find(|e| e.name == name);
    let gcode = find(&format!("Metadata/plate_{plate}.gcode")).ok_or(ContainerError::NoPlate)?;
    if gcode.size > MAX_PLAIN {
        return Err(ContainerError::TooLarge { what: gcode.name.clone(), most_mib: MAX_PLAIN >> 20 });
    }
    check_ratio(&gcode.name, gcode.packed_size, gcode.size)?;
    let mut thumbnails = Vec::new();
    for name in [format!("Metadata/plate_{plate}.png"), format!("Metadata/plate_{plate}_small.png")] {
        // A print does not fail for a picture.
        let Some(bytes) = find(&name).and_then(|e| small(&mut file, e, MAX_THUMBNAIL)) else { continue };
        if let Some((width, height)) = png_size(&bytes).filter(|_| thumbnails.len() < MAX_THUMBNAILS) {
            thumbnails.push(Thumbnail { format: ThumbnailFormat::Png, width, height, bytes });
        }
    }
    let config = find("Metadata/slice_info.config").and_then(|e| small(&mut file, e, MAX_METADATA));
    let metadata =
        config.map(|xml| plate_metadata(&String::from_utf8_lossy(&xml), plate)).unwrap_or_default();
    let reader = Box::new(zip::open(file, gcode)?);
    let left_out = Vec::new();
    Ok(Program { reader, kind: ProgramKind::ThreeMf, thumbnails, metadata, plates, left_out })
}

/// Returns the number in `Metadata/plate_7.gcode`.
fn plate_number(name: &str) -> Option<u32> {
    let number = name.strip_prefix("Metadata/plate_")?.strip_suffix(".gcode")?;
    // `01` would be another name than the one that is opened.
    number.parse().ok().filter(|n: &u32| *n > 0 && n.to_string() == number)
}

/// Reads an entry of at most `most` bytes.
pub(super) fn small(file: &mut (impl Read + Seek), entry: &zip::Entry, most: u64) -> Option<Vec<u8>> {
    if entry.size > most {
        return None;
    }
    let mut bytes = Vec::new();
    let read = |bytes: &mut Vec<u8>| -> io::Result<usize> { zip::open(file, entry)?.read_to_end(bytes) };
    read(&mut bytes).ok()?;
    Some(bytes)
}

pub(super) fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let rest = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    let four = |at: usize| Some(u32::from_be_bytes(rest.get(at..at + 4)?.try_into().ok()?));
    Some((four(8)?, four(12)?))
}

/// Returns keys and values of the header and of one plate, and `filament.N.key` for what the plate uses.
fn plate_metadata(xml: &str, plate: u32) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut of_plate: Option<Vec<(String, String)>> = None;
    for tag in xml.split('<').skip(1).filter_map(|t| t.split('>').next()) {
        let name = tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        match name {
            "plate" => of_plate = Some(Vec::new()),
            // What the closing tag of a plate leaves behind.
            "" if tag.starts_with("/plate") => {
                let pairs = of_plate.take().unwrap_or_default();
                if pairs.iter().any(|(key, value)| key == "index" && *value == plate.to_string()) {
                    all.extend(pairs);
                }
            }
            "metadata" | "header_item" => {
                if let (Some(key), Some(value)) = (attribute(tag, "key"), attribute(tag, "value")) {
                    of_plate.as_mut().unwrap_or(&mut all).push((key, value));
                }
            }
            "filament" => {
                let id = attribute(tag, "id").unwrap_or_default();
                for key in ["type", "color", "used_m", "used_g"] {
                    if let (Some(pairs), Some(value)) = (of_plate.as_mut(), attribute(tag, key)) {
                        pairs.push((format!("filament.{id}.{key}"), value));
                    }
                }
            }
            _ => (),
        }
    }
    all.truncate(MAX_PAIRS);
    all
}

/// Returns the value of an attribute, its escapes undone.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = tag.match_indices(name).find(|(at, _)| {
        let before = tag[..*at].ends_with(char::is_whitespace);
        before && tag[at + name.len()..].trim_start().starts_with('=')
    })?;
    let rest = tag[at.0 + name.len()..].trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let value = rest[1..].split(quote).next()?;
    let plain =
        value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    Some(plain.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plates_own_metadata_is_found() {
        let xml = r##"<?xml version="1.0"?><config><header><header_item key="X-BBL-Client-Type" value="slicer"/></header>
            <plate><metadata key="index" value="1"/><metadata key="weight" value="3.5"/></plate>
            <plate><metadata key="index" value="2"/><metadata key="note" value="a &lt; b &amp;amp;"/>
            <filament id="1" type="PLA" color="#FF0000" used_m="1.20" used_g="3.6" /></plate></config>"##;
        let pairs = plate_metadata(xml, 2);
        let seen: Vec<_> = pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(
            seen,
            [
                ("X-BBL-Client-Type", "slicer"),
                ("index", "2"),
                ("note", "a < b &amp;"),
                ("filament.1.type", "PLA"),
                ("filament.1.color", "#FF0000"),
                ("filament.1.used_m", "1.20"),
                ("filament.1.used_g", "3.6"),
            ]
        );
    }

    #[test]
    fn only_sliced_plates_are_plates() {
        let table = [
            ("Metadata/plate_1.gcode", Some(1)),
            ("Metadata/plate_12.gcode", Some(12)),
            ("Metadata/plate_01.gcode", None),
            ("Metadata/plate_0.gcode", None),
            ("Metadata/plate_1.gcode.md5", None),
            ("../Metadata/plate_1.gcode", None),
        ];
        for (name, want) in table {
            assert_eq!(plate_number(name), want, "{name}");
        }
    }
}
