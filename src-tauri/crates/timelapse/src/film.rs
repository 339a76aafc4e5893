//! The film itself: decode, fit, encode, pack.

use crate::FilmError;
use crate::draw::{Canvas, GREEN, Rect};
use crate::picture::Picture;
use fast_image_resize::Resizer;
use muxide::api::{Muxer, MuxerBuilder, VideoCodec};
use openh264::OpenH264API;
use openh264::encoder::{
    BitRate, Complexity, Encoder, EncoderConfig, FrameRate, FrameType, IntraFramePeriod, RateControlMode,
    UsageType, VuiConfig,
};
use openh264::formats::{RgbSliceU8, YUVBuffer};
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// Bits a second of a film of 1280 x 720; smaller ones get less.
const BITS_PER_SECOND: f64 = 4e6;

/// How a film is made.
#[derive(Debug, Clone, PartialEq)]
pub struct FilmOptions {
    /// Pictures a second.
    pub fps: f64,
    /// Longest side, pixels; larger pictures are made smaller.
    pub max_side_px: u32,
    /// File name of the film.
    pub video_name: String,
    /// File name of the poster.
    pub poster_name: String,
}

impl Default for FilmOptions {
    fn default() -> Self {
        Self { fps: 30.0, max_side_px: 1280, video_name: "film.mp4".into(), poster_name: "poster.jpg".into() }
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
    /// Its length.
    pub seconds: f64,
    /// Pictures that were missing or damaged.
    pub skipped: usize,
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
            seconds: shot.frames as f64 / options.fps,
            skipped: frames.len() - shot.frames,
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
}

fn shoot(
    frames: &[PathBuf],
    marks: &[Marks],
    part: &Path,
    options: &FilmOptions,
    progress: &mut dyn FnMut(f32) -> Continue,
) -> Result<Shot, FilmError> {
    let mut reel: Option<Reel> = None;
    let mut last = None;
    for (index, path) in frames.iter().enumerate() {
        if let Some(mut picture) = Picture::read(path) {
            if let Some(marks) = marks.get(index) {
                marks.burn(&mut picture);
            }
            let reel = match &mut reel {
                Some(reel) => reel,
                None => reel.insert(Reel::open(part, picture.film_size(options.max_side_px), options.fps)?),
            };
            let at = reel.frames as f64 / options.fps;
            reel.push(picture, at)?;
            last = Some(path);
        }
        if progress((index + 1) as f32 / frames.len() as f32) == Continue::No {
            return Err(FilmError::Cancelled);
        }
    }
    let (Some(reel), Some(last)) = (reel, last) else {
        return Err(FilmError::NoFrames { skipped: frames.len() });
    };
    let shot = Shot { frames: reel.frames, size: reel.size, last: last.clone() };
    reel.close()?;
    Ok(shot)
}

/// An open film. The muxer holds the encoded pictures until the end, since the index comes first in the file.
pub(crate) struct Reel {
    path: PathBuf,
    pub(crate) size: (u32, u32),
    pub(crate) frames: usize,
    encoder: Encoder,
    muxer: Muxer<BufWriter<File>>,
    resizer: Resizer,
    yuv: YUVBuffer,
    bits: Vec<u8>,
}

impl Reel {
    pub(crate) fn open(path: &Path, size: (u32, u32), fps: f64) -> Result<Self, FilmError> {
        let file = File::create(path).map_err(|e| FilmError::write(path, e))?;
        let muxer = MuxerBuilder::new(BufWriter::new(file))
            .video(VideoCodec::H264, size.0, size.1, fps)
            .with_fast_start(true)
            .build()
            .map_err(FilmError::encode)?;
        let share = f64::from(size.0 * size.1) / (1280.0 * 720.0);
        let config = EncoderConfig::new()
            .bitrate(BitRate::from_bps((BITS_PER_SECOND * share.max(0.1)) as u32))
            .rate_control_mode(RateControlMode::Bitrate)
            .max_frame_rate(FrameRate::from_hz(fps as f32))
            // Else it leaves pictures out to keep the rate. It warns that the rate may be missed then; it is not.
            .skip_frames(false)
            .complexity(Complexity::Low)
            .usage_type(UsageType::CameraVideoRealTime)
            // A second between places to jump to.
            .intra_frame_period(IntraFramePeriod::from_num_frames(fps.round() as u32))
            .vui(VuiConfig::bt601())
            .num_threads(1);
        let encoder =
            Encoder::with_api_config(OpenH264API::from_source(), config).map_err(FilmError::encode)?;
        Ok(Self {
            path: path.to_path_buf(),
            size,
            frames: 0,
            encoder,
            muxer,
            resizer: Resizer::new(),
            yuv: YUVBuffer::new(size.0 as usize, size.1 as usize),
            bits: Vec::new(),
        })
    }

    /// Adds a picture, shown `at` seconds from the begin, later than the one before.
    pub(crate) fn push(&mut self, picture: Picture, at: f64) -> Result<(), FilmError> {
        let picture = picture.fitted(self.size, &mut self.resizer)?;
        let size = (self.size.0 as usize, self.size.1 as usize);
        self.yuv.read_rgb8(RgbSliceU8::new(&picture.pixels, size));
        let stream = self.encoder.encode(&self.yuv).map_err(FilmError::encode)?;
        let key = matches!(stream.frame_type(), FrameType::IDR | FrameType::I);
        self.bits.clear();
        stream.write_vec(&mut self.bits);
        if self.bits.is_empty() {
            return Err(FilmError::encode("the encoder left a picture out"));
        }
        self.muxer.write_video(at, &self.bits, key).map_err(FilmError::encode)?;
        self.frames += 1;
        Ok(())
    }

    pub(crate) fn close(mut self) -> Result<(), FilmError> {
        let failed = |e: &dyn std::fmt::Display| FilmError::write(&self.path, e);
        self.muxer.finish_in_place().map_err(|e| failed(&e))?;
        let file = self.muxer.into_writer().into_inner().map_err(|e| failed(&e))?;
        // A rename may outrun the bytes when the power fails.
        file.sync_all().map_err(|e| failed(&e))
    }
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
