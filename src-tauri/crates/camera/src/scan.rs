//! Finds JPEGs in a stream of bytes, whatever stands between them.
//!
//! Cameras disagree about boundaries and lengths of `multipart/x-mixed-replace`; all agree how a JPEG begins and
//! ends. So the parts' headers are not read at all.

use crate::StopFlag;
use crate::jpeg::{Fault, walk};
use bytes::Bytes;
use std::io::Read;
use std::time::Duration;

/// Largest picture, or stretch without one.
pub(crate) const MAX_BYTES: usize = 8 * 1024 * 1024;

/// So much of a stream may pass between two pictures. More than one picture's worth: one that is broken is skipped.
const MAX_SKIPPED: usize = 2 * MAX_BYTES;

/// So long a stream may bring bytes and no picture: time for a large one over a slow network.
const PICTURE_WITHIN: Duration = Duration::from_secs(20);

/// How a JPEG begins.
const START: [u8; 3] = [0xFF, 0xD8, 0xFF];

/// How a JPEG ends.
const END: [u8; 2] = [0xFF, 0xD9];

/// A picture with previews inside has a few ends.
const MAX_ENDS: usize = 64;

/// Why no picture came of a stream.
#[derive(Debug)]
pub(crate) enum ScanError {
    /// Reading failed.
    Io(std::io::Error),
    /// The stream ended.
    Ended,
    /// Too many bytes and no whole picture in them.
    TooLarge,
    /// Bytes come, but no whole picture for too long.
    TooSlow,
    /// The camera is not wanted any more.
    Stopped,
}

/// What ends a stream that goes on without a picture.
pub(crate) struct Leash {
    /// The camera is not wanted any more.
    pub(crate) stop: StopFlag,
    /// Real time since any beginning.
    pub(crate) real: Box<dyn Fn() -> Duration>,
}

/// Reads pictures from a stream, one after the other.
pub(crate) struct Scanner<R> {
    stream: R,
    buffer: Vec<u8>,
    /// Up to here the buffer was searched for an end.
    searched: usize,
    /// Bytes read since the last picture, those that were skipped included.
    since_picture: usize,
    leash: Leash,
}

impl<R: Read> Scanner<R> {
    /// Makes a scanner of a stream.
    pub(crate) fn new(stream: R, leash: Leash) -> Self {
        Self { stream, buffer: Vec::new(), searched: 0, since_picture: 0, leash }
    }

    /// Blocks until the next whole picture. The flag, the bytes and the time are looked at after each read: a stream
    /// that drips or brings anything but pictures ends all the same.
    pub(crate) fn next(&mut self) -> Result<Bytes, ScanError> {
        let until = (self.leash.real)() + PICTURE_WITHIN;
        loop {
            if let Some(jpeg) = self.cut() {
                self.since_picture = self.buffer.len();
                return Ok(jpeg);
            }
            if self.leash.stop.is_set() {
                return Err(ScanError::Stopped);
            }
            if self.buffer.len() >= MAX_BYTES || self.since_picture >= MAX_SKIPPED {
                return Err(ScanError::TooLarge);
            }
            if (self.leash.real)() > until {
                return Err(ScanError::TooSlow);
            }
            let mut chunk = [0; 16 * 1024];
            match self.stream.read(&mut chunk).map_err(ScanError::Io)? {
                0 => return Err(ScanError::Ended),
                length => {
                    self.since_picture += length;
                    self.buffer.extend_from_slice(&chunk[..length]);
                }
            }
        }
    }

    /// Cuts the first whole picture out of the buffer, with all before it.
    fn cut(&mut self) -> Option<Bytes> {
        self.skip_to_start(0)?;
        let mut ends = 0;
        loop {
            let Some(found) = find(&self.buffer[self.searched..], &END) else {
                // The last byte may be half of an end.
                self.searched = self.buffer.len().saturating_sub(1);
                return None;
            };
            self.searched += found + END.len();
            match walk(&self.buffer[..self.searched]) {
                Ok(head) => {
                    let jpeg = Bytes::copy_from_slice(&self.buffer[..head.num_bytes]);
                    self.buffer.drain(..head.num_bytes);
                    self.searched = 0;
                    return Some(jpeg);
                }
                // Broken off, or noise: the next beginning counts. When that goes on and on, the lot is dropped.
                Err(Fault::Wrong(_)) if ends < MAX_ENDS => self.skip_to_start(1)?,
                // The end of a preview inside the picture.
                Err(Fault::CutOff) if ends < MAX_ENDS => (),
                Err(Fault::Wrong(_) | Fault::CutOff) => {
                    ends = 0;
                    self.skip_to_start(self.searched)?;
                }
            }
            ends += 1;
        }
    }

    /// Drops what stands before the first beginning of a picture at `from` or later; `None` when there is none.
    fn skip_to_start(&mut self, from: usize) -> Option<()> {
        let start = find(&self.buffer[from..], &START).map(|start| from + start);
        // Without a beginning only the last two bytes may be half of one.
        let drop = start.unwrap_or(self.buffer.len().saturating_sub(START.len() - 1));
        self.buffer.drain(..drop);
        if drop > 0 {
            self.searched = 0;
        }
        start.map(|_| ())
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rgb, encode_jpeg};

    fn jpeg(shade: u8) -> Vec<u8> {
        let noise =
            (0..48 * 32 * 3).map(|i: u32| shade ^ (i.wrapping_mul(2_654_435_761) >> 25) as u8).collect();
        encode_jpeg(&Rgb { width: 48, height: 32, pixels: noise }, 85).unwrap()
    }

    /// Hands out a few bytes at a time, as a network may.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let length = self.1.min(self.0.len()).min(out.len());
            out[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    /// A leash that ends nothing.
    fn long() -> Leash {
        Leash { stop: StopFlag::default(), real: Box::new(|| Duration::ZERO) }
    }

    fn pictures(bytes: &[u8], step: usize) -> Vec<Bytes> {
        let mut scanner = Scanner::new(Drip(bytes, step), long());
        std::iter::from_fn(|| scanner.next().ok()).collect()
    }

    fn part(jpeg: &[u8]) -> Vec<u8> {
        let mut part = b"--frame\r\nContent-Type: image/jpeg\r\n\r\n".to_vec();
        part.extend_from_slice(jpeg);
        part.extend_from_slice(b"\r\n");
        part
    }

    #[test]
    fn pictures_are_found_in_pieces_of_any_size() {
        let (one, two) = (jpeg(0), jpeg(90));
        let stream = [part(&one), part(&two), part(&one)].concat();
        for step in [1, 2, 3, 7, 1000, 100_000] {
            assert_eq!(
                pictures(&stream, step),
                [one.clone(), two.clone(), one.clone()],
                "{step} bytes at a time"
            );
        }
    }

    #[test]
    fn a_preview_inside_a_picture_does_not_end_it() {
        let (big, small) = (jpeg(0), jpeg(50));
        let mut with_preview = vec![0xFF, 0xD8, 0xFF, 0xE1];
        with_preview.extend(u16::try_from(small.len() + 2).unwrap().to_be_bytes());
        with_preview.extend(&small);
        with_preview.extend(&big[2..]);
        assert_eq!(pictures(&part(&with_preview), 500), [with_preview]);
    }

    #[test]
    fn a_picture_cut_short_does_not_take_the_next_one_with_it() {
        let (one, two) = (jpeg(0), jpeg(90));
        let stream = [part(&one[..one.len() / 2]), part(&two), part(&one)].concat();
        assert_eq!(pictures(&stream, 100), [two, one]);
    }

    #[test]
    fn noise_full_of_ends_is_passed_over() {
        let mut noise = [0xFF, 0xD8, 0xFF, 0xD9].repeat(20_000);
        noise.extend(part(&jpeg(7)));
        assert_eq!(pictures(&noise, 4096), [jpeg(7)]);
    }

    #[test]
    fn a_stream_without_pictures_ends_and_does_not_fill_the_memory() {
        assert!(matches!(Scanner::new(&b"<html>"[..], long()).next(), Err(ScanError::Ended)));
        let mut endless = Scanner::new([0xFF, 0xD8, 0xFF].chain(std::io::repeat(0)), long());
        assert!(matches!(endless.next(), Err(ScanError::TooLarge)));
        assert!(endless.buffer.len() < MAX_BYTES + 64 * 1024);
    }

    #[test]
    fn a_stream_that_goes_on_without_a_picture_ends_by_bytes_time_and_flag() {
        // Skipping empties the buffer, so only the count of all bytes ends this one.
        for noise in [&b"no picture here "[..], &[0xFF, 0xD8, 0xFF, 0xD9], &[0xFF, 0xD8, 0xFF, 0xE0, 0, 2]] {
            struct Endless<'a>(&'a [u8]);
            impl Read for Endless<'_> {
                fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
                    let whole = out.len() / self.0.len() * self.0.len();
                    out[..whole].copy_from_slice(&self.0.repeat(whole / self.0.len()));
                    Ok(whole)
                }
            }
            assert!(
                matches!(Scanner::new(Endless(noise), long()).next(), Err(ScanError::TooLarge)),
                "{noise:?}"
            );
        }
        // Two bytes a second.
        let secs = std::cell::Cell::new(0);
        let real = Box::new(move || {
            secs.set(secs.get() + 1);
            Duration::from_secs(secs.get())
        });
        let leash = Leash { stop: StopFlag::default(), real };
        assert!(matches!(Scanner::new(Drip(&[b'x'; 900], 2), leash).next(), Err(ScanError::TooSlow)));
        let leash = long();
        leash.stop.set();
        assert!(matches!(Scanner::new(std::io::repeat(7), leash).next(), Err(ScanError::Stopped)));
    }

    #[test]
    fn a_stream_with_pictures_goes_on_however_much_passes() {
        let mut stream = Vec::new();
        for _ in 0..6 {
            stream.extend(vec![b' '; 4 * 1024 * 1024]);
            stream.extend(part(&jpeg(3)));
        }
        assert_eq!(pictures(&stream, 16 * 1024).len(), 6);
    }
}
