//! Films back to pictures: H.264 in an MP4 file, one picture at a time.
//!
//! The file is somebody's and may be anything: what it claims is bounded in `mp4`, no stream whose pictures are too
//! large, or of a format that it does not take, reaches the decoder, and that is in a process of its own.

use crate::mp4::{Sample, Track, read_track};
use crate::sps::Sps;
use crate::{ClipError, Continue};
use sandbox::{Decoded, Decoder, Decoders, Ended, Form, MAX_SIDE_PX, Order, Pixels};
use std::collections::{BTreeSet, VecDeque};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

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
    /// Parameter sets, with start codes before them.
    headers: Vec<u8>,
    decoders: Decoders,
    /// Started with the first picture, on the thread that wants it.
    decoder: Option<Decoder>,
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
    /// Opens a film, to be decoded by one of `decoders`.
    ///
    /// # Errors
    /// When the file cannot be read, is no MP4, is torn, is not H.264 of the kind that can be decoded, or its pictures
    /// are too large.
    pub fn open(path: &Path, decoders: &Decoders) -> Result<Self, ClipError> {
        let (file, track) = opened(path)?;
        let mut headers = Vec::new();
        for nal in &track.headers {
            append(&mut headers, nal)?;
        }
        Ok(Self {
            file,
            track,
            next: 0,
            headers,
            decoders: decoders.clone(),
            decoder: None,
            inside: BTreeSet::new(),
            left: VecDeque::new(),
            every: 0.0,
            due: 0.0,
            decoded: 0,
            ended: false,
        })
    }

    /// Wants only the first picture of every so many seconds: the others are decoded but not converted.
    pub fn every(mut self, seconds: f64) -> Self {
        self.every = if seconds.is_finite() { seconds.max(0.0) } else { 0.0 };
        self
    }

    /// Returns the film's length in seconds: when its last picture begins to be shown.
    pub fn seconds(&self) -> f64 {
        length(&self.track)
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
            let form = match self.first_inside() {
                Some(seconds) if self.is_due(seconds) => Form::Rgb,
                Some(_) | None => Form::Nothing,
            };
            match self.decoder()?.frame(packet, form).map_err(ClipError::decoder)? {
                Decoded::Picture(pixels) => {
                    if let Some(picture) = self.came_out(pixels) {
                        return Ok(Some(picture));
                    }
                }
                Decoded::Unwanted => {
                    self.decoded += 1;
                    self.inside.pop_first();
                }
                Decoded::Nothing => (),
                // A damaged picture is left out; the next whole one goes on.
                Decoded::Damaged => drop(self.inside.remove(&sample.shown_at)),
            }
        }
        while !self.inside.is_empty() {
            match self.decoder()?.rest(Form::Rgb).map_err(ClipError::decoder)? {
                Decoded::Picture(pixels) => {
                    let picture = self.came_out(pixels);
                    self.left.extend(picture);
                }
                Decoded::Nothing => break,
                Decoded::Unwanted | Decoded::Damaged => {
                    return Err(ClipError::decode("its last pictures are damaged"));
                }
            }
        }
        // A film that shows nothing must not pass for one that was looked at.
        if self.decoded == 0 { Err(ClipError::decode("none of its pictures came out")) } else { Ok(None) }
    }

    /// Returns the decoder, which knows the parameter sets.
    fn decoder(&mut self) -> Result<&mut Decoder, ClipError> {
        let decoder = match self.decoder.take() {
            Some(decoder) => decoder,
            None => {
                let begun = self.decoders.start(Order::AsShown).and_then(|mut decoder| {
                    // Parameter sets alone give no picture; damaged ones show with the first.
                    decoder.frame(std::mem::take(&mut self.headers), Form::Nothing)?;
                    Ok::<_, Ended>(decoder)
                });
                begun.map_err(ClipError::decoder)?
            }
        };
        Ok(self.decoder.insert(decoder))
    }

    /// Returns when the next picture that comes out is shown.
    fn first_inside(&self) -> Option<f64> {
        Some(*self.inside.first()? as f64 / f64::from(self.track.timescale))
    }

    fn is_due(&self, seconds: f64) -> bool {
        // Times are fractions of the film's own unit: a thousandth early is in time.
        seconds + 1e-3 >= self.due
    }

    /// Takes what came out of the decoder; returns it if it is wanted.
    fn came_out(&mut self, pixels: Pixels) -> Option<ClipPicture> {
        self.decoded += 1;
        let seconds = self.first_inside()?;
        self.inside.pop_first();
        if !self.is_due(seconds) {
            return None;
        }
        if self.every > 0.0 {
            self.due = (((seconds + 1e-3) / self.every).floor() + 1.0) * self.every;
        }
        let stored = (pixels.width, pixels.height);
        let (width, height) = self.track.orientation.size(stored);
        let rgb = self.track.orientation.turn(stored, pixels.bytes);
        Some(ClipPicture { seconds, width, height, rgb })
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

/// Returns the length of a film in seconds, without a look at its pictures.
///
/// # Errors
/// As [`Clip::open`].
pub fn seconds(path: &Path) -> Result<f64, ClipError> {
    Ok(length(&opened(path)?.1))
}

fn opened(path: &Path) -> Result<(File, Track), ClipError> {
    let mut file = File::open(path).map_err(ClipError::read)?;
    let track = read_track(&mut file)?;
    Ok((file, track))
}

fn length(track: &Track) -> f64 {
    let last = track.samples.iter().map(|sample| sample.shown_at).max().unwrap_or(0);
    last as f64 / f64::from(track.timescale)
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
