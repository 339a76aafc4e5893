//! Which of the kept pictures of a print go into its film, and where the head was in each.

use crate::library::content_path;
use domain::{FileId, FilmPick, FrameRow, TimelapseOptions};
use std::fs::File;
use std::path::Path;
use timelapse::{Moment, Pick};

/// Returns the pictures that go into the film, in their order. `file` is what was printed; where it is gone, a steady
/// head cannot be had and each layer gives its first picture.
pub(crate) fn picked<'a>(
    root: &Path,
    frames: &'a [FrameRow],
    file: Option<FileId>,
    options: &TimelapseOptions,
) -> Vec<&'a FrameRow> {
    let Some(first) = frames.first() else { return Vec::new() };
    let heads = match options.pick {
        FilmPick::Seconds | FilmPick::Layer => Vec::new(),
        FilmPick::Steady => heads(root, frames, file),
    };
    let (mut last, mut seconds) = (first.taken_at, 0.0);
    let moments: Vec<Moment> = frames
        .iter()
        .enumerate()
        .map(|(at, frame)| {
            // A wall clock that was set back in mid-print makes no picture earlier than the one before.
            seconds += frame.taken_at.secs_since(last).max(0.0);
            last = frame.taken_at;
            Moment { seconds, layer: frame.layer_idx, head: heads.get(at).copied().flatten() }
        })
        .collect();
    let pick = match options.pick {
        FilmPick::Seconds => Pick::Seconds(options.every_secs),
        FilmPick::Layer => Pick::Layer,
        FilmPick::Steady => Pick::Steady,
    };
    timelapse::pick(&moments, pick).into_iter().map(|at| &frames[at]).collect()
}

/// Returns where the head was in each picture, by its line in the file; empty where that cannot be told.
fn heads(root: &Path, frames: &[FrameRow], file: Option<FileId>) -> Vec<Option<[f64; 2]>> {
    let Some(file) = file else { return Vec::new() };
    let mut lines: Vec<u64> = frames.iter().filter_map(|frame| frame.line).collect();
    lines.sort_unstable();
    let found = File::open(content_path(root, file))
        .map_err(|error| error.to_string())
        .and_then(|content| gcode::preview::heads(content, &lines).map_err(|error| error.to_string()));
    let heads = match found {
        Ok(heads) => heads,
        Err(why) => {
            tracing::info!(%file, why, "the file of a print is gone: one picture a layer goes into its film");
            return Vec::new();
        }
    };
    frames.iter().map(|frame| heads.get(lines.binary_search(&frame.line?).ok()?).copied().flatten()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{CameraId, FrameId, PrintId, Timestamp};

    /// Three pictures a layer, ten seconds apart: the head goes from left to right and back.
    fn frame(n: u32) -> FrameRow {
        FrameRow {
            id: FrameId(i64::from(n)),
            print: PrintId(1),
            camera: CameraId(1),
            taken_at: Timestamp::from_micros(i64::from(n) * 10_000_000),
            path: format!("{n}.jpg"),
            width: 64,
            height: 48,
            num_bytes: 1,
            why: "film".into(),
            line: Some(u64::from(n) + 1),
            layer_idx: Some(n / 3),
        }
    }

    #[test]
    fn a_steady_head_is_looked_up_in_the_file_and_without_it_each_layer_gives_its_first() {
        let dir = tempfile::tempdir().unwrap();
        let frames: Vec<FrameRow> = (0..12).map(frame).collect();
        let steady = TimelapseOptions { pick: FilmPick::Steady, ..TimelapseOptions::default() };
        let numbers = |file: Option<FileId>, options: &TimelapseOptions| -> Vec<i64> {
            picked(dir.path(), &frames, file, options).iter().map(|frame| frame.id.0).collect()
        };
        assert_eq!(numbers(Some(FileId(7)), &steady), [0, 3, 6, 9, 11], "the file is gone");
        assert_eq!(numbers(None, &steady), [0, 3, 6, 9, 11]);

        let path = content_path(dir.path(), FileId(7));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        // Every second layer is laid from right to left.
        let xs = [0, 50, 100, 100, 50, 0, 0, 50, 100, 100, 50, 0];
        let text: String = xs.iter().map(|x| format!("G1 X{x} Y5\n")).collect();
        std::fs::write(path, text).unwrap();
        let chosen = numbers(Some(FileId(7)), &steady);
        let at: Vec<i32> = chosen.iter().take(4).map(|id| xs[*id as usize]).collect();
        assert!(at == [0; 4] || at == [100; 4], "the head stays where it is: {at:?}");

        let slow = TimelapseOptions { every_secs: 50.0, ..TimelapseOptions::default() };
        assert_eq!(numbers(None, &slow), [0, 5, 10, 11]);
        assert!(picked(dir.path(), &[], None, &slow).is_empty());
    }
}
