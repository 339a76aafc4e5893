//! A short film of what the camera saw around an alert, with what was known burnt in.

use crate::draw::{Canvas, GREEN, Rect};
use crate::film::part_of;
use crate::film_writer::{Coding, FilmWriter};
use crate::picture::Picture;
use crate::{Continue, FilmError};
use std::path::Path;

/// Pictures a second at most; a film of a minute and a half has 450.
const FPS: f64 = 5.0;

/// Longest side, pixels.
const MAX_SIDE_PX: u32 = 1280;

/// One moment of the film.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene<J> {
    /// The picture as the camera gave it.
    pub jpeg: J,
    /// When it was taken, seconds on any clock.
    pub seconds: f64,
    /// What was seen in it, in its own pixels.
    pub boxes: Vec<Rect>,
    /// How sure the detection was, 0 to 1, where it is known.
    pub sure: Option<f32>,
    /// What is written below: temperatures, layer, line.
    pub lines: Vec<String>,
}

/// A finished film.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// Pictures in the film.
    pub frames: usize,
    /// From the first picture to the last.
    pub seconds: f64,
}

/// Makes the film `video` of scenes in their order, thinned to five pictures a second. Damaged pictures are left
/// out. One picture is unpacked at a time. `go_on` is asked before each.
///
/// # Errors
/// When no picture can be read, the film cannot be written, or `go_on` says [`Continue::No`]. Nothing is left
/// behind then.
pub fn render_evidence<J: AsRef<[u8]>>(
    scenes: impl IntoIterator<Item = Scene<J>>,
    video: &Path,
    go_on: &mut dyn FnMut() -> Continue,
) -> Result<Evidence, FilmError> {
    let part = part_of(video);
    let result = shoot(scenes, &part, go_on).and_then(|done| {
        std::fs::rename(&part, video).map(|()| done).map_err(|e| FilmError::write(video, e))
    });
    if result.is_err() {
        // There may be none yet.
        let _ = std::fs::remove_file(&part);
    }
    result
}

fn shoot<J: AsRef<[u8]>>(
    scenes: impl IntoIterator<Item = Scene<J>>,
    part: &Path,
    go_on: &mut dyn FnMut() -> Continue,
) -> Result<Evidence, FilmError> {
    let (mut film, mut begin, mut last, mut skipped) = (None::<FilmWriter>, 0.0, 0.0, 0);
    for scene in scenes {
        if go_on() == Continue::No {
            return Err(FilmError::Cancelled);
        }
        // A hair of patience: cameras do not keep time to the millisecond.
        if film.is_some() && scene.seconds - begin < last + 0.9 / FPS {
            continue;
        }
        let Some(mut picture) = Picture::decode(scene.jpeg.as_ref()) else {
            skipped += 1;
            continue;
        };
        burn(&mut picture, &scene);
        let film = match &mut film {
            Some(film) => film,
            None => {
                begin = scene.seconds;
                let coding = Coding { size: picture.film_size(MAX_SIDE_PX), fps: FPS, quality: 1.0 };
                film.insert(FilmWriter::open(part, coding)?)
            }
        };
        last = scene.seconds - begin;
        film.push(&picture, last)?;
    }
    let film = film.ok_or(FilmError::NoFrames { skipped })?;
    let frames = film.frames;
    film.close(1.0 / FPS)?;
    Ok(Evidence { frames, seconds: last })
}

fn burn<J>(picture: &mut Picture, scene: &Scene<J>) {
    let Some(mut canvas) = Canvas::new(picture.width, picture.height, &mut picture.pixels) else { return };
    for rect in &scene.boxes {
        canvas.outline(*rect, GREEN);
    }
    if let Some(sure) = scene.sure {
        canvas.gauge(sure);
    }
    let lines: Vec<&str> = scene.lines.iter().map(String::as_str).collect();
    if !lines.is_empty() {
        canvas.caption(&lines);
    }
}
