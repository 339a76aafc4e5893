//! One film: the kept pictures of a print to a film with and without boxes, its poster, the figures frame by frame, and
//! the shots that a person is asked about.

use super::film_pick::picked;
use super::import::{self, Analyzer, NotAnalysed};
use crate::media::{
    BROUGHT, FILM, TAGGED, free_bytes, keep_shots, look_of, print_folder, prints_folder, url_of,
};
use domain::{FileId, Film, FilmQuality, FilmWish, FrameRow, LookRow, PrintId, TimelapseOptions};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use store::{Store, StoreError};
use timelapse::draw::Rect;
use timelapse::{Continue, FilmError, FilmOptions, Marks, Version};

/// Key of the setting: how films are made.
pub(crate) const TIMELAPSE: &str = "timelapse";

/// Boxes below this confidence are not drawn.
const DRAWN_ABOVE: f32 = 0.2;
/// Bytes that a second of a film takes at most, roughly.
const BYTES_PER_SEC: f64 = 1.2e6;

/// File of the figures frame by frame, beside the films.
pub(crate) const PREDICTION_FILE: &str = "prediction.json";

/// What became of a film.
pub(crate) enum Made {
    /// There it is.
    Film(Film),
    /// Nobody wants it any more.
    BrokenOff,
    /// Why there is none, for people.
    Failed(String),
}

/// Removes what an earlier run left half made.
pub(crate) fn sweep(root: &Path) {
    let Ok(prints) = fs::read_dir(prints_folder(root)) else { return };
    for print in prints.flatten() {
        let Ok(files) = fs::read_dir(print.path()) else { continue };
        for path in files.flatten().map(|file| file.path()) {
            if path.is_file()
                && path.extension().is_some_and(|end| end == "part")
                && let Err(error) = fs::remove_file(&path)
            {
                tracing::warn!(path = %path.display(), %error, "a half made film could not be removed");
            }
        }
    }
}

/// The share of an uploaded film's work that looking through it is.
pub(crate) const LOOKING: f32 = 0.8;

/// Where it is made, and with what.
pub(crate) struct JobContext<'a> {
    pub(crate) root: &'a Path,
    /// Free space that is left, bytes.
    pub(crate) reserve_bytes: u64,
    pub(crate) store: &'a Store,
    /// What looks through films that were uploaded.
    pub(crate) analyzer: &'a Analyzer,
}

/// Makes what is wished for. `progress` hears the share done, 0 to 1, and may stop it.
pub(crate) fn make(
    context: &JobContext<'_>,
    print: PrintId,
    wish: FilmWish,
    progress: &mut dyn FnMut(f32) -> Continue,
) -> Made {
    let &JobContext { root, reserve_bytes, store, analyzer } = context;
    let uploaded = match store.read(|conn| store::film::get(conn, print)) {
        Ok(row) => row.is_some_and(|row| row.uploaded),
        Err(error) => return Made::Failed(error.to_string()),
    };
    let done_before = if uploaded { LOOKING } else { 0.0 };
    if uploaded {
        let mut looked = |share| progress(share * LOOKING);
        match import::look_through(root, reserve_bytes, store, analyzer, print, &mut looked) {
            Ok(()) => (),
            Err(NotAnalysed::BrokenOff) => return Made::BrokenOff,
            Err(NotAnalysed::Failed(why)) => return Made::Failed(why),
        }
    }
    let progress = &mut |share: f32| progress(done_before + share * (1.0 - done_before));
    let known = match read(store, print) {
        Ok(Some(known)) => known,
        Ok(None) => return Made::Failed("this print does not exist any more".into()),
        Err(error) => return Made::Failed(error.to_string()),
    };
    if known.frames.is_empty() {
        return Made::Failed("no pictures were kept of this print".into());
    }
    let folder = root.join(print_folder(print));
    // Shots are worth having even where no film is made.
    if let Err(error) = keep_shots(root, store, print, &known.frames, &known.looks) {
        tracing::warn!(%print, %error, "no shots of this print to ask about");
    }
    match wish {
        FilmWish::Poster => match poster(root, &folder, &known.frames) {
            Some(poster) => Made::Film(Film { poster: relative(root, &poster), ..Film::default() }),
            None => Made::Failed("none of the kept pictures can be read".into()),
        },
        FilmWish::Film => film(root, reserve_bytes, &folder, &known, progress),
    }
}

/// What is known of a print.
struct Known {
    frames: Vec<FrameRow>,
    looks: Vec<LookRow>,
    figures: Vec<Value>,
    /// What was printed.
    file: Option<FileId>,
    /// It was uploaded, and is the plain film itself.
    uploaded: bool,
    options: TimelapseOptions,
}

fn read(store: &Store, print: PrintId) -> Result<Option<Known>, StoreError> {
    // The rows of the last pictures wait in the store's queue: pass behind them.
    store.write_now(|_| Ok(()))?;
    store.read(|conn| {
        let Some(row) = store::film::get(conn, print)? else { return Ok(None) };
        let usual = store::setting::get(conn, TIMELAPSE)?.unwrap_or_default();
        let figures = match store::look::prediction_json(conn, print)? {
            Value::Array(items) => items,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                Vec::new()
            }
        };
        Ok(Some(Known {
            frames: store::frame::of_print(conn, print, &[])?,
            looks: store::look::of_print(conn, print)?,
            figures,
            file: store::print::get(conn, print)?.and_then(|print| print.g_code_file),
            uploaded: row.uploaded,
            options: row.options.unwrap_or(usual),
        }))
    })
}

fn film(
    root: &Path,
    reserve_bytes: u64,
    folder: &Path,
    known: &Known,
    progress: &mut dyn FnMut(f32) -> Continue,
) -> Made {
    let brought = known.uploaded.then(|| folder.join(BROUGHT));
    let (options, frames) = match &brought {
        Some(brought) => (as_long_as(brought, known), known.frames.iter().collect()),
        None => (known.options, picked(root, &known.frames, known.file, &known.options)),
    };
    if let Some(why) = no_room(root, reserve_bytes, frames.len(), &options) {
        return Made::Failed(why);
    }
    let paths: Vec<PathBuf> = frames.iter().map(|row| root.join(&row.path)).collect();
    let looks: Vec<Option<usize>> = frames.iter().map(|frame| look_of(&known.looks, frame)).collect();
    let marks: Vec<Marks> = looks.iter().map(|look| marks(look.map(|at| &known.looks[at]))).collect();
    let plain = brought.is_none().then_some(Version { video_name: FILM, marks: &[] });
    let tagged = options.tagged.then_some(Version { video_name: TAGGED, marks: &marks });
    // Both at once, so that each picture is decoded once.
    let versions: Vec<Version<'_>> = plain.into_iter().chain(tagged).collect();
    let films = match timelapse::render_versions(&paths, &versions, folder, &coding(&options), progress) {
        Ok(films) => films,
        Err(error) => return unmade(&error),
    };
    let url = |name: &str| relative(root, &folder.join(name));
    let made = Film {
        // What was uploaded is the plain film itself.
        video: url(if brought.is_some() { BROUGHT } else { FILM }),
        tagged: tagged.and_then(|version| url(version.video_name)),
        poster: films.first().and_then(|film| relative(root, &film.poster)),
    };
    let skipped = films.into_iter().next().map_or_else(Vec::new, |film| film.skipped);
    match write_figures(folder, known, &looks, &skipped) {
        Ok(()) => Made::Film(made),
        Err(error) => Made::Failed(format!("the figures of the film could not be written: {error}")),
    }
}

/// Returns how the film with boxes of an uploaded one is made, so that it is as long as that one.
fn as_long_as(brought: &Path, known: &Known) -> TimelapseOptions {
    let secs = timelapse::seconds(brought).unwrap_or(0.0);
    let fps = (known.frames.len() as f64 / secs.max(1e-3)).clamp(1.0, 60.0);
    TimelapseOptions { fps, end_hold_secs: 0.0, deflicker: false, tagged: true, ..known.options }
}

/// Returns the words for a disk that would be full before the films are made.
fn no_room(root: &Path, reserve_bytes: u64, pictures: usize, options: &TimelapseOptions) -> Option<String> {
    let needed = reserve_bytes.saturating_add(needed_bytes(pictures, options));
    let full = free_bytes(root).is_some_and(|free| free < needed);
    full.then(|| {
        "The disk is nearly full. Make room on it, then make the film again from the print's page.".into()
    })
}

fn quality(options: &TimelapseOptions) -> f64 {
    match options.quality {
        FilmQuality::Small => 0.5,
        FilmQuality::Normal => 1.0,
        FilmQuality::Fine => 2.0,
    }
}

fn coding(options: &TimelapseOptions) -> FilmOptions {
    FilmOptions {
        fps: options.fps,
        max_side_px: options.max_side_px,
        quality: quality(options),
        end_hold_secs: options.end_hold_secs,
        deflicker: options.deflicker,
        ..FilmOptions::default()
    }
}

/// Returns the bytes that both films of so many pictures take at most, roughly.
fn needed_bytes(pictures: usize, options: &TimelapseOptions) -> u64 {
    let side = f64::from(options.max_side_px) / 1280.0;
    let secs = pictures as f64 / options.fps;
    (secs * BYTES_PER_SEC * (side * side).max(1.0) * quality(options) * 2.0) as u64
}

fn unmade(error: &FilmError) -> Made {
    match error {
        FilmError::Cancelled => Made::BrokenOff,
        FilmError::NoFrames { .. } | FilmError::Write { .. } | FilmError::Encode { .. } => {
            Made::Failed(format!("{error}. {}", error.cure()).trim().to_owned())
        }
    }
}

fn marks(look: Option<&LookRow>) -> Marks {
    let Some(look) = look else { return Marks::default() };
    let drawn = look.boxes.iter().filter(|found| found.confidence > DRAWN_ABOVE);
    let rect = |found: &domain::Detection| Rect {
        left: found.area.x,
        top: found.area.y,
        width: found.area.w,
        height: found.area.h,
    };
    Marks { boxes: drawn.map(rect).collect(), gauge: Some(look.state.normalized_p as f32) }
}

/// Writes what the watch made of each picture of the film; `skipped` are in it nowhere.
fn write_figures(
    folder: &Path,
    known: &Known,
    looks: &[Option<usize>],
    skipped: &[usize],
) -> std::io::Result<()> {
    let nothing = Value::Object(serde_json::Map::new());
    // Damaged pictures are in neither film.
    let shown = looks.iter().enumerate().filter(|(at, _)| skipped.binary_search(at).is_err());
    let figures: Vec<&Value> =
        shown.map(|(_, look)| look.and_then(|at| known.figures.get(at)).unwrap_or(&nothing)).collect();
    let part = folder.join(format!("{PREDICTION_FILE}.part"));
    let text = serde_json::to_vec(&figures).map_err(std::io::Error::other)?;
    fs::write(&part, text)?;
    fs::rename(&part, folder.join(PREDICTION_FILE))
}

/// Copies the last picture that can be read, as poster.
fn poster(root: &Path, folder: &Path, frames: &[FrameRow]) -> Option<PathBuf> {
    let whole = |path: &PathBuf| fs::read(path).is_ok_and(|jpeg| camera::read_head(&jpeg).is_ok());
    let last = frames.iter().rev().map(|row| root.join(&row.path)).find(whole)?;
    let (part, poster) = (folder.join("poster.jpg.part"), folder.join("poster.jpg"));
    fs::copy(last, &part).and_then(|_| fs::rename(&part, &poster)).ok()?;
    Some(poster)
}

fn relative(root: &Path, path: &Path) -> Option<String> {
    path.strip_prefix(root).ok().map(url_of)
}
