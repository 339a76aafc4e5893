//! Films made elsewhere: each becomes a past print that the watch looks through, as if it had seen it.

use crate::media::{BROUGHT, FRAMES, frame_path, free_bytes, print_folder, slashed, url_of};
use crate::past::note_sightings;
use crate::trial::{BUSY, Brought, Judged, QUALITY, Rules, TryError, asked, film, short, together};
use camera::FrameIds;
use detect::{DetectError, DetectHandle, Findings};
use domain::{
    Calibration, CameraId, Decision, FilmState, FrameRow, GaugeZone, HeatLook, LookRow, Print, PrintId,
    PrintScale, PrinterId, Timestamp, View,
};
use sandbox::Decoders;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;
use store::look_file::LookFile;
use store::{Store, StoreError};
use timelapse::{Clip, ClipError, ClipPicture, Continue};

/// Seconds of a print from picture to picture of a film, unless said otherwise: so many lie between those of a
/// timelapse that Obico or this app made.
const USUAL_SECS: f64 = 10.0;
/// What may be said instead, seconds.
const SECS: std::ops::RangeInclusive<f64> = 0.001..=3600.0;
/// Looks at one film at most: each is kept as a picture.
const MOST_LOOKS: usize = 2000;
/// Looks are at least so far apart, seconds of the print, as those at a camera are.
const LOOK_SECS: f64 = 1.0;
/// Bytes that a kept picture takes, roughly.
const PICTURE_BYTES: u64 = 150_000;
/// Coded pictures tried at most until the first comes out: a damaged beginning of a minute.
const MOST_BEFORE_FIRST: usize = 2000;
/// Rows written in one go.
const BATCH: usize = 50;
/// Decisions at most; a film of one failure after the other has enough of them.
const MOST_DECISIONS: usize = 20;

/// What looks at pictures, and what numbers them.
#[derive(Clone)]
pub(crate) struct Analyzer {
    detect: Arc<DetectHandle>,
    ids: FrameIds,
    decoders: Decoders,
}

impl Analyzer {
    /// Looks with `detect` at films that `decoders` decode; pictures get the next of `ids`.
    pub(crate) fn new(detect: Arc<DetectHandle>, ids: FrameIds, decoders: Decoders) -> Self {
        Self { detect, ids, decoders }
    }
}

/// Why a film was not looked at to its end.
pub(crate) enum NotAnalysed {
    /// Nobody wants it any more.
    BrokenOff,
    /// What is wrong, and what to do.
    Failed(String),
}

impl From<StoreError> for NotAnalysed {
    fn from(error: StoreError) -> Self {
        Self::Failed(format!("the history does not take it: {error}. Make room on the disk, then try again."))
    }
}

impl From<io::Error> for NotAnalysed {
    fn from(error: io::Error) -> Self {
        Self::Failed(format!("a picture could not be kept: {error}. Make room on the disk, then try again."))
    }
}

/// Takes a film in as print `id`: moves it to its folder and writes the row, whose film waits from then on.
/// `secs_per_picture` is what lies between two of its pictures, in seconds of the print; 0 is a film as fast as life.
///
/// # Errors
/// When it is no film that can be read, or the disk does not take it; it is left where it was then.
pub(crate) fn take_in(
    root: &Path,
    reserve_bytes: u64,
    store: &Store,
    brought: &Brought,
    decoders: &Decoders,
    secs_per_picture: Option<f64>,
    (id, now): (PrintId, Timestamp),
) -> Result<(), TryError> {
    let clip = film(brought, decoders)?;
    shows_something(brought, decoders)?;
    let num = clip.num_pictures();
    if num == 0 {
        let what = "there is no picture in this film";
        return Err(TryError::unusable(&brought.name, what, "Choose another film."));
    }
    let secs = match secs_per_picture {
        None => USUAL_SECS,
        Some(0.0) => (clip.seconds() / num as f64).clamp(*SECS.start(), *SECS.end()),
        Some(secs) if SECS.contains(&secs) => secs,
        Some(secs) => {
            let hint =
                "Say how many seconds of the print lie between two pictures: 0.001 to 3600, usually 10.";
            return Err(TryError::new("out_of_range", format!("{secs} seconds make no sense"), hint));
        }
    };
    let needed = PICTURE_BYTES * num.min(MOST_LOOKS) as u64;
    if free_bytes(root).is_some_and(|free| free < reserve_bytes.saturating_add(needed)) {
        let message = "there is not enough room on the disk for the pictures of this film";
        return Err(TryError::new("disk_full", message, "Make room on the disk, then try again."));
    }
    let print = Print {
        printer: None,
        uploaded_at: Some(now),
        ..Print::begin(id, PrinterId(0), None, short(&brought.name), now.plus_secs(-secs * num as f64))
    };
    let folder = root.join(print_folder(id));
    let placed = fs::create_dir_all(&folder).and_then(|()| place(&brought.path, &folder.join(BROUGHT)));
    let url = url_of(&print_folder(id).join(BROUGHT));
    let kept = placed.map_err(|error| error.to_string()).and_then(|()| {
        let write = store.write_now(move |tx| {
            store::print::put(tx, &Print { video_url: Some(url), ..print })?;
            store::film::set(tx, id, FilmState::Waiting, None)
        });
        write.map_err(|error| error.to_string())
    });
    kept.map_err(|error| {
        let _ = fs::remove_dir_all(&folder);
        TryError::new(
            "disk",
            format!("the film could not be kept: {error}"),
            "Make room on the disk, then try again.",
        )
    })
}

/// Makes sure that a picture comes out of a film before a print is made of it.
fn shows_something(brought: &Brought, decoders: &Decoders) -> Result<(), TryError> {
    let mut tried = 0;
    let mut go_on = |_| {
        tried += 1;
        if tried > MOST_BEFORE_FIRST { Continue::No } else { Continue::Yes }
    };
    let what = match film(brought, decoders)?.next_picture(&mut go_on) {
        Ok(Some(_)) => return Ok(()),
        Err(
            error @ (ClipError::Torn
            | ClipError::Format { .. }
            | ClipError::Size { .. }
            | ClipError::Decoder { .. }),
        ) => {
            return Err(TryError::unusable(&brought.name, &error, error.cure()));
        }
        Ok(None) | Err(_) => "none of its first pictures can be read",
    };
    let hint = "Convert it to an MP4 with H.264, with HandBrake for example, and try again.";
    Err(TryError::unusable(&brought.name, what, hint))
}

/// Moves a file, whole or not at all, to another disk too.
fn place(from: &Path, to: &Path) -> io::Result<()> {
    let part = to.with_extension("part");
    if fs::rename(from, &part).is_err() {
        fs::copy(from, &part)?;
    }
    File::open(&part)?.sync_all()?;
    fs::rename(part, to)
}

/// Looks through the film of a print with today's model and our usual settings; what an earlier look had found is
/// forgotten. `progress` hears the share done, 0 to 1, and may stop it.
pub(crate) fn look_through(
    root: &Path,
    reserve_bytes: u64,
    store: &Store,
    analyzer: &Analyzer,
    id: PrintId,
    progress: &mut dyn FnMut(f32) -> Continue,
) -> Result<(), NotAnalysed> {
    let folder = root.join(print_folder(id));
    let print = store.read(|conn| store::print::get(conn, id))?;
    let print = print.ok_or_else(|| NotAnalysed::Failed("this print does not exist any more".into()))?;
    let clip = Clip::open(&folder.join(BROUGHT), &analyzer.decoders)
        .map_err(|error| NotAnalysed::Failed(format!("{error}. {}", error.cure())))?;
    store.write_now(move |tx| store::erase::what_was_seen(tx, id))?;
    for gone in [folder.join(FRAMES), folder.join(store::look_file::LOOKS_FILE)] {
        // There is none the first time.
        let _ = if gone.is_dir() { fs::remove_dir_all(gone) } else { fs::remove_file(gone) };
    }
    fs::create_dir_all(folder.join(FRAMES))?;

    let num = clip.num_pictures().max(1);
    let took = print.uploaded_at.map_or(0.0, |at| at.secs_since(print.started_at));
    let secs_per_picture = took / num as f64;
    let stride = num.div_ceil(MOST_LOOKS).max((LOOK_SECS / secs_per_picture.max(1e-6)).ceil() as usize);
    let picture_secs = clip.seconds() / (num.max(2) - 1) as f64;
    // A little less: times are rounded, and a picture that is missed shifts all after it.
    let mut clip = clip.every(if stride > 1 { (stride as f64 - 0.25) * picture_secs } else { 0.0 });

    let mut looked = Looked {
        root,
        store,
        print: &print,
        looks: LookFile::open(&folder)?,
        rules: Rules::new(),
        said: GaugeZone::Fine,
        rows: Vec::new(),
        decisions: Vec::new(),
        calibration: None,
    };
    for seen in 0.. {
        // Asked before each coded picture, too: between two that are wanted there may be thousands.
        let picture = match clip.next_picture(progress) {
            Ok(Some(picture)) => picture,
            Ok(None) => break,
            Err(ClipError::BrokenOff) => return Err(NotAnalysed::BrokenOff),
            // Of a torn film the beginning counts.
            Err(error) if seen > 0 && !matches!(error, ClipError::Decoder { .. }) => {
                tracing::warn!(print = %id, %error, "a film ends early");
                break;
            }
            Err(error) => return Err(NotAnalysed::Failed(format!("{error}. {}", error.cure()))),
        };
        if seen % BATCH == 0 && free_bytes(root).is_some_and(|free| free < reserve_bytes) {
            return Err(io::Error::from(io::ErrorKind::StorageFull).into());
        }
        let at_secs = picture.seconds / picture_secs.max(1e-6) * secs_per_picture;
        let share = (at_secs / took.max(1e-6)) as f32;
        let jpeg = encoded(picture)?;
        let gap_secs = stride as f64 * secs_per_picture;
        let look = |view| ask(analyzer, &jpeg.0, view, &mut || progress(share));
        let looks = looked.rules.look_at(at_secs, gap_secs, look)?;
        looked.take(analyzer, at_secs, &jpeg, looks)?;
    }
    looked.end()
}

/// A picture as it is kept.
struct Jpeg(bytes::Bytes, (u32, u32));

fn encoded(picture: ClipPicture) -> Result<Jpeg, NotAnalysed> {
    let size = (picture.width, picture.height);
    let rgb = camera::Rgb { width: size.0, height: size.1, pixels: picture.rgb };
    match camera::encode_jpeg(&rgb, QUALITY) {
        Ok(jpeg) => Ok(Jpeg(jpeg.into(), size)),
        Err(error) => Err(NotAnalysed::Failed(format!("{error}. Save the film anew in another size."))),
    }
}

/// Waits for its turn behind the cameras of running prints.
fn ask(
    analyzer: &Analyzer,
    jpeg: &bytes::Bytes,
    view: View,
    go_on: &mut dyn FnMut() -> Continue,
) -> Result<Findings, NotAnalysed> {
    loop {
        if go_on() == Continue::No {
            return Err(NotAnalysed::BrokenOff);
        }
        match asked(&analyzer.detect, jpeg, view) {
            Some(Ok(found)) => return Ok(found),
            Some(Err(error)) => return Err(NotAnalysed::Failed(DetectError::for_people(&error))),
            None => std::thread::sleep(BUSY),
        }
    }
}

/// What was seen so far.
struct Looked<'a> {
    root: &'a Path,
    store: &'a Store,
    print: &'a Print,
    looks: LookFile,
    rules: Rules,
    said: GaugeZone,
    rows: Vec<(FrameRow, LookRow)>,
    decisions: Vec<Decision>,
    /// What the scores mean.
    calibration: Option<Arc<Calibration>>,
}

impl Looked<'_> {
    fn take(
        &mut self,
        analyzer: &Analyzer,
        at_secs: f64,
        jpeg: &Jpeg,
        looks: Vec<Judged>,
    ) -> Result<(), NotAnalysed> {
        let (print, id) = (self.print.id, analyzer.ids.next());
        let taken_at = self.print.started_at.plus_secs(at_secs);
        let calibration = looks.iter().find_map(|look| look.found.calibration.clone());
        self.calibration = self.calibration.take().or(calibration);
        let path = frame_path(print, id);
        fs::write(self.root.join(&path), &jpeg.0)?;
        let (p, probability, boxes) = together(&looks);
        let mut last = None;
        for Judged { seconds, found, reasons } in looks {
            self.looks.append(HeatLook {
                print,
                at_ms: (seconds * 1000.0) as u32,
                frame: id,
                p: found.p as f32,
                counted: reasons.counted as f32,
                before: false,
                view: found.view,
                columns: found.cell_columns,
                cells: found.cells,
            })?;
            last = Some(reasons);
        }
        let Some(reasons) = last else { return Ok(()) };
        let worse = reasons.verdict > self.said;
        self.said = reasons.verdict;
        let decides = worse && self.decisions.len() < MOST_DECISIONS;
        if decides {
            let paused = reasons.verdict == GaugeZone::Pause;
            self.decisions.push(Decision { print, frame: id, at: taken_at, paused, reasons });
        }
        let frame = FrameRow {
            id,
            print,
            camera: CameraId(0),
            taken_at,
            path: slashed(&path),
            width: jpeg.1.0,
            height: jpeg.1.1,
            num_bytes: jpeg.0.len() as u64,
            why: if decides { "alert" } else { "film" }.into(),
            line: None,
            layer_idx: None,
        };
        let look = LookRow {
            print,
            frame: id,
            taken_at,
            probability,
            p,
            state: self.rules.obico(),
            boxes,
            line: None,
            layer_idx: None,
        };
        self.rows.push((frame, look));
        if self.rows.len() >= BATCH { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), NotAnalysed> {
        let rows = std::mem::take(&mut self.rows);
        self.store.write_now(move |tx| {
            rows.iter().try_for_each(|(frame, look)| {
                store::frame::insert(tx, frame)?;
                store::look::insert(tx, look)
            })
        })?;
        Ok(())
    }

    fn end(mut self) -> Result<(), NotAnalysed> {
        self.write()?;
        self.looks.flush()?;
        let (id, decisions) = (self.print.id, self.decisions);
        let since = self.print.started_at;
        let scale = self.calibration.map(|calibration| PrintScale {
            print: id,
            camera: None,
            since,
            calibration: (*calibration).clone(),
            bend: 1.0,
            known: None,
        });
        self.store.write_now(move |tx| {
            scale.iter().try_for_each(|scale| store::scale::begin(tx, scale))?;
            decisions.iter().try_for_each(|made| store::watch::decide(tx, made))?;
            let last = decisions.last().map(|made| made.at);
            last.map_or(Ok(()), |at| store::print::set_alerted(tx, id, at))
        })?;
        // Without them the review has less to show; all else is there.
        if let Err(error) = note_sightings(self.root, self.store, id) {
            tracing::warn!(print = %id, %error, "the sightings of a film are not noted");
        }
        Ok(())
    }
}
