//! Films back to pictures: H.264 in an MP4 file, one picture at a time.
//!
//! The file is somebody's and may be anything: what it claims is bounded in `mp4`, and no stream whose pictures
//! are too large, or of a format that it does not take, reaches the decoder.

use crate::mp4::{Sample, Track, read_track};
use crate::sps::Sps;
use crate::{ClipError, Continue};
use domain::Orientation;
use openh264::OpenH264API;
use openh264::decoder::{DecodedYUV, Decoder, DecoderConfig, Flush};
use openh264::formats::YUVSource;
use std::collections::{BTreeSet, VecDeque};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Largest side of a picture, pixels.
pub const MAX_SIDE_PX: u32 = 4096;

/// One picture of a film.
#[derive(Clone, PartialEq)]
pub struct ClipPicture {
    /// When it is shown, seconds from the film's begin.
    pub seconds: f64,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Red, green, blue, row by row.
    pub rgb: Vec<u8>,
}

/// A film that is being read; iterate over it for its pictures, in the order in which they are shown.
///
/// Holds one picture and the table of contents, however long the film. A torn film gives its whole pictures, then
/// one error.
pub struct Clip {
    file: File,
    track: Track,
    next: usize,
    decoder: Decoder,
    /// When the pictures are shown that went into the decoder and have not come out.
    inside: BTreeSet<i64>,
    /// Pictures that came out at the end.
    left: VecDeque<ClipPicture>,
    every: f64,
    due: f64,
    /// Pictures that came out of the decoder.
    decoded: usize,
    ended: bool,
}

impl Clip {
    /// Opens a film.
    ///
    /// # Errors
    /// When the file cannot be read, is no MP4, is torn, is not H.264 of the kind that can be decoded, or its pictures
    /// are too large.
    pub fn open(path: &Path) -> Result<Self, ClipError> {
        let mut file = File::open(path).map_err(ClipError::read)?;
        let track = read_track(&mut file)?;
        let config = DecoderConfig::new().flush_after_decode(Flush::NoFlush);
        let decoder =
            Decoder::with_api_config(OpenH264API::from_source(), config).map_err(ClipError::decode)?;
        let mut clip = Self {
            file,
            track,
            next: 0,
            decoder,
            inside: BTreeSet::new(),
            left: VecDeque::new(),
            every: 0.0,
            due: 0.0,
            decoded: 0,
            ended: false,
        };
        let mut headers = Vec::new();
        for nal in &clip.track.headers {
            append(&mut headers, nal)?;
        }
        // Parameter sets alone give no picture; damaged ones show with the first.
        let _ = clip.decoder.decode(&headers);
        Ok(clip)
    }

    /// Wants only the first picture of every so many seconds: the others are decoded but not converted.
    pub fn every(mut self, seconds: f64) -> Self {
        self.every = if seconds.is_finite() { seconds.max(0.0) } else { 0.0 };
        self
    }

    /// Returns the film's length in seconds: when its last picture begins to be shown.
    pub fn seconds(&self) -> f64 {
        let last = self.track.samples.iter().map(|sample| sample.shown_at).max().unwrap_or(0);
        last as f64 / f64::from(self.track.timescale)
    }

    /// Returns how many pictures the film says it has.
    pub fn num_pictures(&self) -> usize {
        self.track.samples.len()
    }

    /// Returns the next picture, `None` at the end. `go_on` hears the share of the film that is done, 0 to 1, before
    /// anything is decoded: many pictures may lie between two that are wanted, and some never come out.
    ///
    /// # Errors
    /// When the film is torn, none of its pictures can be decoded, or `go_on` says [`Continue::No`]. There is nothing
    /// more then but what had been decoded.
    pub fn next_picture(
        &mut self,
        go_on: &mut dyn FnMut(f32) -> Continue,
    ) -> Result<Option<ClipPicture>, ClipError> {
        if !self.ended {
            match self.step(go_on) {
                Ok(Some(picture)) => return Ok(Some(picture)),
                Ok(None) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    return Err(error);
                }
            }
        }
        Ok(self.left.pop_front())
    }

    fn step(&mut self, go_on: &mut dyn FnMut(f32) -> Continue) -> Result<Option<ClipPicture>, ClipError> {
        while let Some(&sample) = self.track.samples.get(self.next) {
            if go_on(self.next as f32 / self.track.samples.len() as f32) == Continue::No {
                return Err(ClipError::BrokenOff);
            }
            self.next += 1;
            let packet = self.packet(sample)?;
            self.inside.insert(sample.shown_at);
            match self.decoder.decode(&packet) {
                Ok(Some(yuv)) => {
                    self.decoded += 1;
                    let Some(seconds) = shown(&mut self.inside, self.track.timescale) else { continue };
                    if wanted(seconds, self.every, &mut self.due) {
                        return picture(&yuv, seconds, self.track.orientation).map(Some);
                    }
                }
                Ok(None) => (),
                // A damaged picture is left out; the next whole one goes on.
                Err(_) => drop(self.inside.remove(&sample.shown_at)),
            }
        }
        for yuv in self.decoder.flush_remaining().map_err(ClipError::decode)? {
            self.decoded += 1;
            let Some(seconds) = shown(&mut self.inside, self.track.timescale) else { break };
            if wanted(seconds, self.every, &mut self.due) {
                self.left.push_back(picture(&yuv, seconds, self.track.orientation)?);
            }
        }
        // A film that shows nothing must not pass for one that was looked at.
        if self.decoded == 0 { Err(ClipError::decode("none of its pictures came out")) } else { Ok(None) }
    }

    /// Reads a picture as the decoder wants it: start codes for lengths.
    fn packet(&mut self, sample: Sample) -> Result<Vec<u8>, ClipError> {
        let mut coded = vec![0; sample.num_bytes as usize];
        self.file.seek(SeekFrom::Start(sample.offset)).map_err(ClipError::read)?;
        self.file.read_exact(&mut coded).map_err(|_| ClipError::Torn)?;
        let mut packet = Vec::with_capacity(coded.len() + 16);
        let mut rest = coded.as_slice();
        while let Some((length, behind)) = rest.split_at_checked(self.track.length_bytes) {
            let length = length.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
            let Some((nal, behind)) = behind.split_at_checked(length) else { break };
            append(&mut packet, nal)?;
            rest = behind;
        }
        Ok(packet)
    }
}

impl Iterator for Clip {
    type Item = Result<ClipPicture, ClipError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_picture(&mut |_| Continue::Yes).transpose()
    }
}

/// Appends a part of a stream, unless it asks for pictures that are too large or cannot be decoded.
fn append(stream: &mut Vec<u8>, nal: &[u8]) -> Result<(), ClipError> {
    if nal.first().is_some_and(|kind| kind & 0x1F == 7) {
        let sps = Sps::read(nal).ok_or(ClipError::Torn)?;
        let Sps { width, height, .. } = sps;
        if width > MAX_SIDE_PX || height > MAX_SIDE_PX {
            return Err(ClipError::Size { width, height });
        }
        if let Some(format) = sps.beyond_decoder() {
            return Err(ClipError::Format { format });
        }
    }
    stream.extend_from_slice(&[0, 0, 0, 1]);
    stream.extend_from_slice(nal);
    Ok(())
}

fn shown(inside: &mut BTreeSet<i64>, timescale: u32) -> Option<f64> {
    Some(inside.pop_first()? as f64 / f64::from(timescale))
}

fn wanted(seconds: f64, every: f64, due: &mut f64) -> bool {
    // Times are fractions of the film's own unit: a thousandth early is in time.
    if seconds + 1e-3 < *due {
        return false;
    }
    if every > 0.0 {
        *due = (((seconds + 1e-3) / every).floor() + 1.0) * every;
    }
    true
}

fn picture(yuv: &DecodedYUV<'_>, seconds: f64, orientation: Orientation) -> Result<ClipPicture, ClipError> {
    let (width, height) = yuv.dimensions();
    if width == 0 || height == 0 || width.max(height) > MAX_SIDE_PX as usize {
        return Err(ClipError::Size { width: width as u32, height: height as u32 });
    }
    let mut rgb = vec![0; width * height * 3];
    yuv.write_rgb8(&mut rgb);
    let stored = (width as u32, height as u32);
    let (width, height) = orientation.size(stored);
    Ok(ClipPicture { seconds, width, height, rgb: orientation.turn(stored, rgb) })
}
