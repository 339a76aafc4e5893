//! The film itself: decode, fit, encode, mp4. Films that differ in what is drawn in are made side by side, so that each
//! picture is decoded once.

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

/// One of the films that are made of the same pictures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Version<'a> {
    /// File name of the film.
    pub video_name: &'a str,
    /// What is drawn into each picture; those without any stay as they are.
    pub marks: &'a [Marks],
}

/// Makes the film `film.mp4` of pictures as they are; see [`render_versions`].
///
/// # Errors
/// As there.
pub fn render(
    frames: &[PathBuf],
    out_dir: &Path,
    options: &FilmOptions,
    progress: &mut dyn FnMut(f32) -> Continue,
) -> Result<Film, FilmError> {
    let plain = [Version { video_name: "film.mp4", marks: &[] }];
    render_versions(frames, &plain, out_dir, options, progress)
        .and_then(|films| films.into_iter().next().ok_or(FilmError::NoFrames { skipped: frames.len() }))
}

/// Makes films of `frames`, in their order, in the folder `out_dir`, each version with its marks drawn in. Each picture is
/// read and decoded once for all of them, and one is held in memory. `progress` hears the share done, 0 to 1, after each
/// picture, and may stop it. Missing and damaged pictures are left out and counted. Returns the films in the order of the
/// versions.
///
/// # Errors
/// When no picture can be read, the files cannot be written, or `progress` says [`Continue::No`]. Nothing is
/// left behind then, and older films of these names stay as they were.
pub fn render_versions(
    frames: &[PathBuf],
    versions: &[Version<'_>],
    out_dir: &Path,
    options: &FilmOptions,
    progress: &mut dyn FnMut(f32) -> Continue,
) -> Result<Vec<Film>, FilmError> {
    let mut strips: Vec<Strip<'_>> = versions.iter().map(|version| Strip::new(*version, out_dir)).collect();
    let result = shoot(frames, &mut strips, options, progress).and_then(|shot| {
        let poster = out_dir.join(&options.poster_name);
        copy(&shot.last, &poster)?;
        strips
            .iter()
            .map(|strip| {
                std::fs::rename(&strip.part, &strip.video).map_err(|e| FilmError::write(&strip.video, e))?;
                Ok(Film {
                    video: strip.video.clone(),
                    poster: poster.clone(),
                    frames: shot.frames,
                    seconds: shot.frames as f64 / options.fps + options.end_hold_secs,
                    skipped: shot.skipped.clone(),
                    size: shot.size,
                })
            })
            .collect()
    });
    if result.is_err() {
        for strip in &strips {
            // There may be none yet.
            let _ = std::fs::remove_file(&strip.part);
        }
    }
    result
}

/// A version being made.
struct Strip<'a> {
    marks: &'a [Marks],
    video: PathBuf,
    /// Where it is written until it is whole.
    part: PathBuf,
    /// From the first picture on.
    film: Option<FilmWriter>,
}

impl<'a> Strip<'a> {
    fn new(version: Version<'a>, out_dir: &Path) -> Self {
        let video = out_dir.join(version.video_name);
        Self { marks: version.marks, part: part_of(&video), video, film: None }
    }

    /// Adds a picture, brought to the size of the first.
    fn push(&mut self, picture: &Picture, options: &FilmOptions) -> Result<(), FilmError> {
        let film = match &mut self.film {
            Some(film) => film,
            None => self.film.insert(FilmWriter::open(&self.part, coding(picture, options))?),
        };
        let at = film.frames as f64 / options.fps;
        film.push(picture, at)
    }
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
    strips: &mut [Strip<'_>],
    options: &FilmOptions,
    progress: &mut dyn FnMut(f32) -> Continue,
) -> Result<Shot, FilmError> {
    let (mut last, mut skipped) = (None, Vec::new());
    let mut deflicker = options.deflicker.then(Deflicker::default);
    for (index, path) in frames.iter().enumerate() {
        match Picture::read(path) {
            None => skipped.push(index),
            Some(mut picture) => {
                if let Some(deflicker) = &mut deflicker {
                    deflicker.even(&mut picture);
                }
                push_all(strips, index, picture, options)?;
                last = Some(path);
            }
        }
        if progress((index + 1) as f32 / frames.len() as f32) == Continue::No {
            return Err(FilmError::Cancelled);
        }
    }
    let none = FilmError::NoFrames { skipped: frames.len() };
    let Some(last) = last else { return Err(none) };
    let mut shot = Shot { frames: 0, size: (0, 0), last: last.clone(), skipped };
    for strip in strips {
        let Some(film) = strip.film.take() else { continue };
        (shot.frames, shot.size) = (film.frames, film.size);
        film.close(1.0 / options.fps + options.end_hold_secs)?;
    }
    Ok(shot)
}

/// Adds a picture to all versions. What is drawn in goes into the picture itself for the last of them, into a copy for
/// others.
fn push_all(
    strips: &mut [Strip<'_>],
    index: usize,
    mut picture: Picture,
    options: &FilmOptions,
) -> Result<(), FilmError> {
    let Some((last, others)) = strips.split_last_mut() else { return Ok(()) };
    for strip in others {
        match strip.marks.get(index) {
            None => strip.push(&picture, options)?,
            Some(marks) => {
                let mut marked = picture.clone();
                marks.burn(&mut marked);
                strip.push(&marked, options)?;
            }
        }
    }
    if let Some(marks) = last.marks.get(index) {
        marks.burn(&mut picture);
    }
    last.push(&picture, options)
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
