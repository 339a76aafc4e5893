//! The film itself: decode, fit, encode, mp4.

use crate::FilmError;
use crate::deflicker::Deflicker;
use crate::draw::{Canvas, GREEN, Rect};
use crate::film_writer::{Coding, FilmWriter};
use crate::picture::Picture;
use std::path::{Path, PathBuf};

/// How a film is made.
#[derive(Debug, Clone, PartialEq)]
pub struct FilmOptions {
    /// Pictures a second.
    pub fps: f64,
    /// Longest side, pixels; larger pictures are made smaller.
    pub max_side_px: u32,
    /// Share of the usual bits, which are 4 Mbit/s at 1280 x 720.
    pub quality: f64,
    /// Seconds for which the last picture stays.
    pub end_hold_secs: f64,
    /// Whether sudden changes of brightness are evened out.
    pub deflicker: bool,
    /// File name of the film.
    pub video_name: String,
    /// File name of the poster.
    pub poster_name: String,
}

impl Default for FilmOptions {
    fn default() -> Self {
        Self {
            fps: 30.0,
            max_side_px: 1280,
            quality: 1.0,
            end_hold_secs: 0.0,
            deflicker: false,
            video_name: "film.mp4".into(),
            poster_name: "poster.jpg".into(),
        }
    }
}

/// Whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Continue {
    /// Go on.
    Yes,
    /// Stop and leave nothing behind.
    No,
}

/// A finished film.
#[derive(Debug, Clone, PartialEq)]
pub struct Film {
    /// The MP4 file.
    pub video: PathBuf,
    /// The last good picture, as it was kept.
    pub poster: PathBuf,
    /// Pictures in the film.
    pub frames: usize,
    /// Its length, with the time for which the last picture stays.
    pub seconds: f64,
    /// Pictures that were missing or damaged, by their place among those that were given.
    pub skipped: Vec<usize>,
    /// Pixels.
    pub size: (u32, u32),
}

/// What is drawn into a picture.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Marks {
    /// Boxes, in the picture's own pixels.
    pub boxes: Vec<Rect>,
    /// How near the watch was to an alarm, 0 to 1; `None` draws no gauge.
    pub gauge: Option<f32>,
}

impl Marks {
    fn burn(&self, picture: &mut Picture) {
        let Some(mut canvas) = Canvas::new(picture.width, picture.height, &mut picture.pixels) else {
            return;
        };
        for rect in &self.boxes {
            canvas.outline(*rect, GREEN);
        }
        if let Some(share) = self.gauge {
            canvas.gauge(share);
        }
    }
}

/// Makes a film of `frames`, in their order, in the folder `out_dir`, with what `marks` has for each drawn in; with no
/// marks they stay as they are. `progress` hears the share done, 0 to 1, after each picture, and may stop it. Missing
/// and damaged pictures are left out and counted.
///
/// # Errors
/// When no picture can be read, the files cannot be written, or `progress` says [`Continue::No`]. Nothing is
/// left behind then, and an older film of that name stays as it was.
pub fn render(
    frames: &[PathBuf],
    marks: &[Marks],
    out_dir: &Path,
    options: &FilmOptions,
    progress: &mut dyn FnMut(f32) -> Continue,
) -> Result<Film, FilmError> {
    let video = out_dir.join(&options.video_name);
    let part = part_of(&video);
    let result = shoot(frames, marks, &part, options, progress).and_then(|shot| {
        let poster = out_dir.join(&options.poster_name);
        copy(&shot.last, &poster)?;
        std::fs::rename(&part, &video).map_err(|e| FilmError::write(&video, e))?;
        Ok(Film {
            video,
            poster,
            frames: shot.frames,
            seconds: shot.frames as f64 / options.fps + options.end_hold_secs,
            skipped: shot.skipped,
            size: shot.size,
        })
    });
    if result.is_err() {
        // There may be none yet.
        let _ = std::fs::remove_file(&part);
    }
    result
}

/// What became of the pictures.
struct Shot {
    frames: usize,
    size: (u32, u32),
    last: PathBuf,
    skipped: Vec<usize>,
}

fn shoot(
    frames: &[PathBuf],
    marks: &[Marks],
    part: &Path,
    options: &FilmOptions,
    progress: &mut dyn FnMut(f32) -> Continue,
) -> Result<Shot, FilmError> {
    let (mut film, mut last, mut skipped) = (None::<FilmWriter>, None, Vec::new());
    let mut deflicker = options.deflicker.then(Deflicker::default);
    for (index, path) in frames.iter().enumerate() {
        match Picture::read(path) {
            None => skipped.push(index),
            Some(mut picture) => {
                if let Some(deflicker) = &mut deflicker {
                    deflicker.even(&mut picture);
                }
                if let Some(marks) = marks.get(index) {
                    marks.burn(&mut picture);
                }
                let film = match &mut film {
                    Some(film) => film,
                    None => film.insert(FilmWriter::open(part, coding(&picture, options))?),
                };
                let at = film.frames as f64 / options.fps;
                film.push(picture, at)?;
                last = Some(path);
            }
        }
        if progress((index + 1) as f32 / frames.len() as f32) == Continue::No {
            return Err(FilmError::Cancelled);
        }
    }
    let (Some(film), Some(last)) = (film, last) else {
        return Err(FilmError::NoFrames { skipped: frames.len() });
    };
    let shot = Shot { frames: film.frames, size: film.size, last: last.clone(), skipped };
    film.close(1.0 / options.fps + options.end_hold_secs)?;
    Ok(shot)
}

fn coding(first: &Picture, options: &FilmOptions) -> Coding {
    Coding { size: first.film_size(options.max_side_px), fps: options.fps, quality: options.quality }
}

fn copy(from: &Path, to: &Path) -> Result<(), FilmError> {
    let part = part_of(to);
    let failed = |e: std::io::Error| {
        let _ = std::fs::remove_file(&part);
        FilmError::write(to, e)
    };
    std::fs::copy(from, &part).map_err(failed)?;
    std::fs::rename(&part, to).map_err(failed)
}

pub(crate) fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}
