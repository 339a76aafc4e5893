//! One film being made: pictures are brought to size, encoded, packed.

use crate::FilmError;
use crate::mp4_writer::{Frame, Mp4Writer};
use crate::picture::Picture;
use fast_image_resize::Resizer;
use openh264::OpenH264API;
use openh264::encoder::{
    BitRate, Complexity, Encoder, EncoderConfig, FrameRate, FrameType, IntraFramePeriod, Layer,
    RateControlMode, UsageType, VuiConfig,
};
use openh264::formats::{RgbSliceU8, YUVBuffer};
use std::path::{Path, PathBuf};

/// Bits a second of a film of 1280 x 720; smaller ones get less, larger ones more.
const BITS_PER_SECOND: f64 = 4e6;

/// How a film is encoded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Coding {
    /// Pixels, even.
    pub(crate) size: (u32, u32),
    /// Pictures a second.
    pub(crate) fps: f64,
    /// Share of the usual bits.
    pub(crate) quality: f64,
}

/// An open film. Holds one picture and the table of contents, however long the film.
pub(crate) struct FilmWriter {
    path: PathBuf,
    pub(crate) size: (u32, u32),
    pub(crate) frames: usize,
    encoder: Encoder,
    mp4: Mp4Writer,
    resizer: Resizer,
    yuv: YUVBuffer,
}

impl FilmWriter {
    pub(crate) fn open(path: &Path, coding: Coding) -> Result<Self, FilmError> {
        let Coding { size, fps, quality } = coding;
        let share = f64::from(size.0) * f64::from(size.1) / (1280.0 * 720.0);
        let config = EncoderConfig::new()
            .bitrate(BitRate::from_bps((BITS_PER_SECOND * share.max(0.1) * quality) as u32))
            .rate_control_mode(RateControlMode::Bitrate)
            .max_frame_rate(FrameRate::from_hz(fps as f32))
            // Else it leaves pictures out to keep the rate. It warns that the rate may be missed then; it is not.
            .skip_frames(false)
            .complexity(Complexity::Low)
            .usage_type(UsageType::CameraVideoRealTime)
            // A second between places to jump to.
            .intra_frame_period(IntraFramePeriod::from_num_frames((fps.round() as u32).max(1)))
            .vui(VuiConfig::bt601())
            .num_threads(1);
        let encoder =
            Encoder::with_api_config(OpenH264API::from_source(), config).map_err(FilmError::encode)?;
        Ok(Self {
            path: path.to_path_buf(),
            size,
            frames: 0,
            encoder,
            mp4: Mp4Writer::create(path).map_err(|e| FilmError::write(path, e))?,
            resizer: Resizer::new(),
            yuv: YUVBuffer::new(size.0 as usize, size.1 as usize),
        })
    }

    /// Adds a picture, shown `at` seconds from the begin, later than the one before.
    pub(crate) fn push(&mut self, picture: &Picture, at: f64) -> Result<(), FilmError> {
        let picture = picture.fitted(self.size, &mut self.resizer)?;
        let size = (self.size.0 as usize, self.size.1 as usize);
        self.yuv.read_rgb8(RgbSliceU8::new(&picture.pixels, size));
        let stream = self.encoder.encode(&self.yuv).map_err(FilmError::encode)?;
        let frame = match stream.frame_type() {
            FrameType::IDR | FrameType::I => Frame::Key,
            FrameType::P | FrameType::IPMixed => Frame::Delta,
            FrameType::Skip | FrameType::Invalid => {
                return Err(FilmError::encode("the encoder left a picture out"));
            }
        };
        let layers: Vec<Layer<'_>> = (0..stream.num_layers()).filter_map(|at| stream.layer(at)).collect();
        let parts =
            layers.iter().flat_map(|layer| (0..layer.nal_count()).filter_map(|at| layer.nal_unit(at)));
        self.mp4.push(parts, at, frame).map_err(|e| FilmError::write(&self.path, e))?;
        self.frames += 1;
        Ok(())
    }

    /// Closes the film; its last picture stays for `last_secs`.
    pub(crate) fn close(self, last_secs: f64) -> Result<(), FilmError> {
        self.mp4.finish(self.size, last_secs).map_err(|e| FilmError::write(&self.path, e))
    }
}
