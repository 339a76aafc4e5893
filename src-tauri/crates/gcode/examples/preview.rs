//! Indexes files for the preview and says how long it takes, then draws every layer from the index alone and compares.

use gcode::preview;
use std::error::Error;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::time::Instant;

#[allow(clippy::disallowed_methods)] // An example may look at the clock.
fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args_os().skip(1) {
        let mut file = File::open(&path)?;
        let begun = Instant::now();
        let index = preview::index(&mut file)?;
        let indexed = begun.elapsed();
        let stored = index.to_bytes();
        let index = preview::LayerIndex::from_bytes(&stored).ok_or("the stored index cannot be read")?;
        let (begun, mut drawn, mut largest) = (Instant::now(), 0, 0);
        for (at, start) in index.layers.iter().enumerate() {
            let range = index.range(at).ok_or("a layer has a range")?;
            file.seek(SeekFrom::Start(range.start))?;
            let layer = preview::layer((&mut file).take(range.end - range.start), start)?;
            if layer.complete && layer.segments.len() != start.segments as usize {
                return Err(
                    format!("layer {at}: {} of {} segments", layer.segments.len(), start.segments).into()
                );
            }
            drawn += layer.segments.len();
            largest = largest.max(layer.to_bytes().len());
        }
        compare(&index, &path)?;
        println!(
            "{:.1} MB, {} commands, {} layers indexed in {indexed:.1?} ({} kB), {drawn} segments drawn in {:.1?}, largest layer {} kB, {}",
            index.bytes as f64 / 1e6,
            index.commands,
            index.layers.len(),
            stored.len() / 1000,
            begun.elapsed(),
            largest / 1000,
            path.to_string_lossy(),
        );
    }
    Ok(())
}

/// The numbers of layers and commands are those that the printer's thread sees.
fn compare(index: &preview::LayerIndex, path: &std::ffi::OsStr) -> Result<(), Box<dyn Error>> {
    let mut starts = index.layers.iter().peekable();
    let (mut number, mut count) = (None, 0);
    for command in gcode::Commands::new(File::open(path)?) {
        let command = command?;
        while let Some(start) = starts.next_if(|start| start.line <= command.line) {
            number = start.number;
            if start.commands_before != count {
                return Err(
                    format!("line {}: command {count}, not {}", start.line, start.commands_before).into()
                );
            }
        }
        count += 1;
        // A purge line counts as a layer in the stream until the slicer's first mark.
        if command.layer_idx != number && number.is_some() {
            return Err(
                format!("line {}: layer {:?}, not {number:?}", command.line, command.layer_idx).into()
            );
        }
    }
    if count == index.commands { Ok(()) } else { Err("commands are counted differently".into()) }
}
