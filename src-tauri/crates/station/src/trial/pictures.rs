//! What is tried: pictures in their order, or one MP4 film, each picture as a JPEG. What it is, its first bytes tell.

use bytes::Bytes;
use detect::Picture;
use sandbox::Decoders;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use timelapse::{Clip, ClipError, Continue};

/// Quality of pictures that came as something else than JPEG.
pub(crate) const QUALITY: u8 = 88;

/// Seconds from picture to picture, unless said otherwise.
const PICTURES_EVERY: f64 = 10.0;
/// Seconds between two looks at a film, unless said otherwise.
const FILM_EVERY: f64 = 1.0;

/// A file that was brought: where it lies, and what it is called.
#[derive(Debug, Clone)]
pub struct Brought {
    /// Where it lies.
    pub path: PathBuf,
    /// Its name, for people only.
    pub name: String,
}

/// Why something cannot be tried: what is wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TryError {
    /// For programs.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl TryError {
    pub(crate) fn new(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: hint.into() }
    }

    pub(crate) fn unusable(name: &str, what: impl std::fmt::Display, hint: impl Into<String>) -> Self {
        Self::new("unusable", format!("{}: {what}", short(name)), hint)
    }
}

/// One picture to look at.
pub(crate) struct Shot {
    pub(crate) name: String,
    pub(crate) seconds: f64,
    pub(crate) jpeg: Bytes,
    pub(crate) size: (u32, u32),
}

/// What was brought, checked as far as its first bytes and a film's table of contents go.
pub(crate) enum Shots {
    Pictures { left: std::vec::IntoIter<Brought>, every: f64, seconds: f64 },
    Film { name: String, clip: Box<Clip>, every: f64 },
}

/// Opens a film that is not to be anything else.
pub(crate) fn film(file: &Brought, decoders: &Decoders) -> Result<Clip, TryError> {
    if !matches!(kind(file)?, Kind::Film) {
        let hint = "Choose one MP4 film with H.264 pictures.";
        return Err(TryError::unusable(&file.name, "this is no film but a picture", hint));
    }
    Clip::open(&file.path, decoders).map_err(|error| TryError::unusable(&file.name, &error, error.cure()))
}

enum Kind {
    Jpeg,
    Png,
    Film,
}

impl Shots {
    /// Opens it; `every` is the seconds from picture to picture, 10 unless said otherwise, and between two looks at a
    /// film, 1 unless said otherwise. Returns how many looks there will be at most, too.
    pub(crate) fn open(
        mut files: Vec<Brought>,
        every: Option<f64>,
        decoders: &Decoders,
    ) -> Result<(Self, usize), TryError> {
        if files.is_empty() {
            let hint = "Choose a picture, several pictures or a folder of them, or one MP4 film.";
            return Err(TryError::new("nothing", "no file was chosen", hint));
        }
        let mut films = 0;
        for file in &files {
            films += usize::from(matches!(kind(file)?, Kind::Film));
        }
        if films == 0 {
            let (count, every) = (files.len(), every.unwrap_or(PICTURES_EVERY));
            return Ok((Self::Pictures { left: files.into_iter(), every, seconds: 0.0 }, count));
        }
        let Some(film) = files.pop().filter(|_| files.is_empty()) else {
            let hint = "Choose one MP4 film, or pictures only.";
            return Err(TryError::new("mixed", "a film can only be tried by itself", hint));
        };
        let every = every.unwrap_or(FILM_EVERY);
        let clip = self::film(&film, decoders)?.every(every);
        let looks = ((clip.seconds() / every) as usize + 1).min(clip.num_pictures());
        Ok((Self::Film { name: film.name, clip: Box::new(clip), every }, looks))
    }
}

impl Shots {
    /// Returns the seconds from one to the next.
    pub(crate) fn gap_secs(&self) -> f64 {
        match self {
            Self::Pictures { every, .. } | Self::Film { every, .. } => *every,
        }
    }

    /// Returns the next one; `None` at the end, and soon after `stop` was set.
    pub(crate) fn next_unless(&mut self, stop: &AtomicBool) -> Option<Result<Shot, TryError>> {
        let go_on = || if stop.load(Ordering::Relaxed) { Continue::No } else { Continue::Yes };
        if go_on() == Continue::No {
            return None;
        }
        match self {
            Self::Pictures { left, every, seconds } => {
                let file = left.next()?;
                let at = *seconds;
                *seconds += *every;
                Some(picture(&file).map(|(jpeg, size)| Shot { name: file.name, seconds: at, jpeg, size }))
            }
            Self::Film { name, clip, .. } => match clip.next_picture(&mut |_| go_on()) {
                Ok(None) | Err(ClipError::BrokenOff) => None,
                Ok(Some(p)) => {
                    let (seconds, size) = (p.seconds, (p.width, p.height));
                    Some(encode(name, p.width, p.height, p.rgb).map(|jpeg| Shot {
                        name: name.clone(),
                        seconds,
                        jpeg,
                        size,
                    }))
                }
                Err(error) => Some(Err(TryError::unusable(name, &error, error.cure()))),
            },
        }
    }
}

fn kind(file: &Brought) -> Result<Kind, TryError> {
    let mut head = Vec::with_capacity(12);
    let read = File::open(&file.path).and_then(|content| content.take(12).read_to_end(&mut head));
    read.map_err(|error| TryError::unusable(&file.name, error, "Try again."))?;
    if head.is_empty() {
        return Err(TryError::unusable(
            &file.name,
            "this file is empty",
            "Copy it again from where it came from.",
        ));
    }
    if head.starts_with(&[0xFF, 0xD8]) {
        Ok(Kind::Jpeg)
    } else if head.starts_with(b"\x89PNG") {
        Ok(Kind::Png)
    } else if head.get(4..8) == Some(b"ftyp") {
        Ok(Kind::Film)
    } else {
        let hint = "Choose JPEG or PNG pictures, or one MP4 film with H.264 pictures.";
        Err(TryError::unusable(&file.name, "this is neither a JPEG or PNG picture nor an MP4 film", hint))
    }
}

fn picture(file: &Brought) -> Result<(Bytes, (u32, u32)), TryError> {
    let hint = "Save it again as a JPEG of at most 8192 pixels a side, then try that.";
    let bad = |error: &dyn std::fmt::Display| TryError::unusable(&file.name, error, hint);
    match kind(file)? {
        Kind::Png => {
            let png = fs::read(&file.path).map_err(|error| bad(&error))?;
            let picture = Picture::from_png(&png).map_err(|error| bad(&error))?;
            let size = (picture.width, picture.height);
            Ok((encode(&file.name, picture.width, picture.height, picture.pixels)?, size))
        }
        Kind::Jpeg | Kind::Film => {
            let jpeg = Bytes::from(fs::read(&file.path).map_err(|error| bad(&error))?);
            let head = camera::read_head(&jpeg).map_err(|error| bad(&error))?;
            Ok((jpeg, head.shown_size()))
        }
    }
}

fn encode(name: &str, width: u32, height: u32, pixels: Vec<u8>) -> Result<Bytes, TryError> {
    let rgb = camera::Rgb { width, height, pixels };
    camera::encode_jpeg(&rgb, QUALITY)
        .map(Bytes::from)
        .map_err(|error| TryError::unusable(name, error, "Convert it to a JPEG, then try that."))
}

/// A file's name as it is shown: without folders, no longer than fits a line.
pub(crate) fn short(name: &str) -> String {
    let name =
        Path::new(name).file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    name.chars().filter(|letter| !letter.is_control()).take(80).collect()
}
