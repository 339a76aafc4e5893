//! Frames of H.264 to JPEGs, no more of them than are wanted.

use crate::pace::{Pace, Use};
use crate::{CameraError, yuv};
use bytes::Bytes;
use sandbox::{Decoded, Decoder, Decoders, Ended, Form, Order};
use std::time::Duration;

/// Kinds of units: parameter sets for all frames and for some.
const PARAMETERS: [u8; 2] = [7, 8];

/// A frame as the stream has it: units, each behind its length of four bytes.
pub(crate) struct Coded<'a> {
    pub(crate) units: &'a [u8],
    /// Builds on no other frame.
    pub(crate) whole: bool,
}

/// Decodes one stream.
pub(crate) struct Pictures {
    decoder: Decoder,
    pace: Pace,
}

impl Pictures {
    /// Starts a decoder; it ends with this, and with the thread that calls this.
    pub(crate) fn new(decoders: &Decoders) -> Result<Self, CameraError> {
        let decoder = decoders.start(Order::AsDecoded).map_err(failed)?;
        Ok(Self { decoder, pace: Pace::default() })
    }

    /// Takes the parameters of the frames to come: an `avcC` record of MP4, whose sizes were looked at.
    pub(crate) fn parameters(&mut self, record: &[u8]) -> Result<(), CameraError> {
        let stream = parameter_sets(record).unwrap_or_default();
        // Parameters alone give no picture; damaged ones show with the first frame.
        self.decoder.frame(stream, Form::Nothing).map_err(failed)?;
        self.pace.broken();
        Ok(())
    }

    /// Takes the next frame; returns a picture when one is due. A damaged frame gives an empty one, to be counted.
    pub(crate) fn take(
        &mut self,
        coded: &Coded<'_>,
        looked: bool,
        now: Duration,
    ) -> Result<Option<Bytes>, CameraError> {
        let form = match self.pace.next(coded.whole, looked, now) {
            Use::Skip => return Ok(None),
            Use::Decode => Form::Nothing,
            Use::Show => Form::Planes,
        };
        match self.decoder.frame(start_codes(coded.units), form).map_err(failed)? {
            Decoded::Picture(picture) => {
                let size = (picture.width, picture.height);
                Ok(Some(yuv::encode_planes(&picture.bytes, size).unwrap_or_default()))
            }
            Decoded::Nothing | Decoded::Unwanted => Ok(None),
            Decoded::Damaged => {
                tracing::debug!("a frame could not be decoded");
                self.pace.broken();
                Ok(Some(Bytes::new()))
            }
        }
    }

    /// Notes that frames are missing.
    pub(crate) fn lost(&mut self) {
        self.pace.broken();
    }
}

fn failed(ended: Ended) -> CameraError {
    CameraError::Decoder { ended }
}

/// Returns the parameter sets of a record with start codes before them; `None` when it breaks off.
fn parameter_sets(record: &[u8]) -> Option<Vec<u8>> {
    let mut stream = Vec::new();
    let mut rest = record.get(5..)?;
    for mask in [0x1F, 0xFF] {
        let (&count, mut behind) = rest.split_first()?;
        for _ in 0..count & mask {
            let (length, unit) = behind.split_at_checked(2)?;
            let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
            let (unit, next) = unit.split_at_checked(length)?;
            append(&mut stream, unit);
            behind = next;
        }
        rest = behind;
    }
    Some(stream)
}

/// Returns the units of a frame with start codes for lengths. Parameter sets are left out: only those that were looked at
/// reach the decoder.
fn start_codes(units: &[u8]) -> Vec<u8> {
    let mut stream = Vec::with_capacity(units.len() + 16);
    let mut rest = units;
    while let Some((length, behind)) = rest.split_at_checked(4) {
        let length = length.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        let Some((unit, next)) = behind.split_at_checked(length) else { break };
        if unit.first().is_some_and(|kind| !PARAMETERS.contains(&(kind & 0x1F))) {
            append(&mut stream, unit);
        }
        rest = next;
    }
    stream
}

fn append(stream: &mut Vec<u8>, unit: &[u8]) {
    stream.extend_from_slice(&[0, 0, 0, 1]);
    stream.extend_from_slice(unit);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{decode_jpeg, read_head};
    use openh264::encoder::Encoder;
    use openh264::formats::{RgbSliceU8, YUVBuffer};

    /// Encodes a plain colour; returns the record of its parameters and the frame.
    fn encoded(rgb: [u8; 3]) -> (Vec<u8>, Vec<u8>) {
        let pixels = rgb.repeat(64 * 48);
        let yuv = YUVBuffer::from_rgb8_source(RgbSliceU8::new(&pixels, (64, 48)));
        let stream = Encoder::new().unwrap().encode(&yuv).unwrap().to_vec();
        let mut sets: [Vec<u8>; 2] = Default::default();
        let mut units = Vec::new();
        for unit in split(&stream) {
            match unit[0] & 0x1F {
                7 => sets[0] = unit.to_vec(),
                8 => sets[1] = unit.to_vec(),
                _ => {
                    units.extend((unit.len() as u32).to_be_bytes());
                    units.extend(unit);
                }
            }
        }
        let mut record = vec![1, 66, 0, 30, 0xFF];
        for (count, set) in [(0xE1, &sets[0]), (1, &sets[1])] {
            record.push(count);
            record.extend((set.len() as u16).to_be_bytes());
            record.extend(set);
        }
        (record, units)
    }

    fn split(stream: &[u8]) -> Vec<&[u8]> {
        // A unit ends in no zero: that is of the longer start code behind it.
        openh264::nal_units(stream).map(|unit| unit[3..].strip_suffix(&[0]).unwrap_or(&unit[3..])).collect()
    }

    #[test]
    fn a_frame_becomes_a_picture_with_its_colours() {
        let (record, units) = encoded([200, 40, 40]);
        let mut pictures = Pictures::new(&Decoders::here()).unwrap();
        pictures.parameters(&record).unwrap();
        let jpeg =
            pictures.take(&Coded { units: &units, whole: true }, true, Duration::ZERO).unwrap().unwrap();
        assert_eq!((read_head(&jpeg).unwrap().width, read_head(&jpeg).unwrap().height), (64, 48));
        let rgb = decode_jpeg(&jpeg).unwrap();
        let middle = &rgb.pixels[(24 * 64 + 32) * 3..][..3];
        assert!(middle.iter().zip([200, 40, 40]).all(|(a, b)| a.abs_diff(b) < 16), "{middle:?}");
    }

    #[test]
    fn what_is_torn_gives_no_picture_and_no_panic() {
        let (record, units) = encoded([90, 90, 90]);
        for cut in 0..record.len() {
            let mut pictures = Pictures::new(&Decoders::here()).unwrap();
            pictures.parameters(&record[..cut]).unwrap();
            let shown = pictures.take(&Coded { units: &units, whole: true }, true, Duration::ZERO).unwrap();
            assert!(shown.is_none_or(|shown| shown.is_empty()), "{cut} bytes of the parameters");
        }
        let mut pictures = Pictures::new(&Decoders::here()).unwrap();
        pictures.parameters(&record).unwrap();
        for n in 0..200_u64 {
            let mut torn = units.clone();
            torn.truncate(units.len() * n as usize / 200);
            for (at, byte) in torn.iter_mut().enumerate().skip(5) {
                *byte ^= (n.wrapping_mul(at as u64 + 7) >> 5) as u8;
            }
            let _ = pictures.take(&Coded { units: &torn, whole: true }, true, Duration::from_secs(n));
        }
        let good = pictures.take(&Coded { units: &units, whole: true }, true, Duration::from_secs(300));
        assert!(good.unwrap().is_some(), "it goes on with the next whole frame");
    }
}
