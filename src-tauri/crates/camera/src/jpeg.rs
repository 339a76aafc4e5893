//! Just enough of JPEG to know a picture's size and whether its bytes are all there, without decoding it.

use crate::CameraError;
use domain::Orientation;

/// What a JPEG says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JpegHead {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Bytes from the first marker to the end of the last one; what follows in the buffer is not the picture.
    pub num_bytes: usize,
    /// Which way up it is to be shown; `width` and `height` are those that are stored.
    pub orientation: Orientation,
}

impl JpegHead {
    /// Returns width and height of the picture as it is shown.
    pub fn shown_size(&self) -> (u32, u32) {
        self.orientation.size((self.width, self.height))
    }
}

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const APP1: u8 = 0xE1;
const EXIF: &[u8] = b"Exif\0\0";

/// Why bytes are no whole JPEG.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// So far it is one, but the end is not there (yet).
    CutOff,
    /// It never will be one.
    Wrong(&'static str),
}

/// Reads size and length of the JPEG at the start of `bytes`.
///
/// # Errors
/// [`CameraError::Damaged`] when it is no JPEG, or one that breaks off before its end.
pub fn read_head(bytes: &[u8]) -> Result<JpegHead, CameraError> {
    walk(bytes).map_err(|fault| {
        let reason = match fault {
            Fault::CutOff => "it breaks off before its end",
            Fault::Wrong(reason) => reason,
        };
        CameraError::Damaged { reason: reason.into() }
    })
}

/// Most pixels on a side: what the detector reads, too.
const LARGEST_SIDE: u32 = 8192;
const TOO_LARGE: &str = "it has more than 8192 pixels on a side: set the camera to a smaller picture";

/// Walks over the JPEG at the start of `bytes`, marker by marker.
pub(crate) fn walk(bytes: &[u8]) -> Result<JpegHead, Fault> {
    if bytes.len() < 4 || bytes[0] != 0xFF || bytes[1] != SOI {
        return Err(Fault::Wrong("it does not begin like a JPEG"));
    }
    let mut size = None;
    let mut orientation = None;
    let mut at = 2;
    loop {
        let (marker, after) = next_marker(bytes, at)?;
        at = after;
        match marker {
            EOI => {
                let (width, height) = size.ok_or(Fault::Wrong("it has no size"))?;
                let orientation = orientation.unwrap_or(Orientation::UPRIGHT);
                return Ok(JpegHead { width, height, num_bytes: at, orientation });
            }
            // Restart markers and TEM stand alone.
            0x01 | 0xD0..=0xD7 => continue,
            SOI => return Err(Fault::Wrong("another picture begins inside it")),
            _ => (),
        }
        let segment = segment(bytes, at)?;
        // All frame headers but the three markers in between that mean something else.
        if (0xC0..=0xCF).contains(&marker) && !matches!(marker, 0xC4 | 0xC8 | 0xCC) {
            size = Some(size_of(segment)?);
        }
        if marker == APP1 && orientation.is_none() {
            orientation = segment.strip_prefix(EXIF).map(Orientation::from_exif);
        }
        at += segment.len() + 2;
        if marker == SOS {
            at = end_of_scan(bytes, at)?;
        }
    }
}

/// Returns the next marker's code and the position after it. Markers may be padded with FF.
fn next_marker(bytes: &[u8], mut at: usize) -> Result<(u8, usize), Fault> {
    if bytes.get(at) != Some(&0xFF) {
        return Err(if at >= bytes.len() { Fault::CutOff } else { Fault::Wrong("a marker is missing") });
    }
    while bytes.get(at) == Some(&0xFF) {
        at += 1;
    }
    let code = *bytes.get(at).ok_or(Fault::CutOff)?;
    Ok((code, at + 1))
}

/// Returns the body of the segment whose length field lies at `at`.
fn segment(bytes: &[u8], at: usize) -> Result<&[u8], Fault> {
    let length = bytes.get(at..at + 2).ok_or(Fault::CutOff)?;
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    if length < 2 {
        return Err(Fault::Wrong("a segment has no length"));
    }
    bytes.get(at + 2..at + length).ok_or(Fault::CutOff)
}

fn size_of(segment: &[u8]) -> Result<(u32, u32), Fault> {
    let field = |i: usize| -> Option<u32> {
        Some(u32::from(u16::from_be_bytes([*segment.get(i)?, *segment.get(i + 1)?])))
    };
    match (field(3), field(1)) {
        (Some(width), Some(height)) if width.max(height) > LARGEST_SIDE => Err(Fault::Wrong(TOO_LARGE)),
        (Some(width), Some(height)) if width > 0 && height > 0 => Ok((width, height)),
        _ => Err(Fault::Wrong("it has no size")),
    }
}

/// Returns where the entropy-coded data that starts at `at` ends: the first marker that is no restart.
fn end_of_scan(bytes: &[u8], mut at: usize) -> Result<usize, Fault> {
    loop {
        let rest = bytes.get(at..).ok_or(Fault::CutOff)?;
        at += rest.iter().position(|&b| b == 0xFF).ok_or(Fault::CutOff)?;
        match bytes.get(at + 1) {
            // FF 00 is a data byte; FF FF is padding; restarts belong to the scan.
            Some(0x00 | 0xD0..=0xD7) => at += 2,
            Some(0xFF) => at += 1,
            Some(_) => return Ok(at),
            None => return Err(Fault::CutOff),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rgb, encode_jpeg};

    fn picture() -> Vec<u8> {
        let noise = (0..40 * 30 * 3).map(|i: u32| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        encode_jpeg(&Rgb { width: 40, height: 30, pixels: noise }, 85).unwrap()
    }

    #[test]
    fn size_and_length_are_read_and_what_follows_is_left_out() {
        let jpeg = picture();
        let mut buffer = jpeg.clone();
        buffer.extend(std::iter::repeat_n(0u8, 1000));
        let head = read_head(&buffer).unwrap();
        let orientation = Orientation::UPRIGHT;
        assert_eq!(head, JpegHead { width: 40, height: 30, num_bytes: jpeg.len(), orientation });
    }

    #[test]
    fn no_cut_of_a_jpeg_passes_for_a_whole_one() {
        let jpeg = picture();
        for length in 0..jpeg.len() {
            assert!(
                read_head(&jpeg[..length]).is_err(),
                "{length} of {} bytes are not a picture",
                jpeg.len()
            );
        }
    }

    #[test]
    fn what_says_that_it_is_huge_is_refused_before_anybody_makes_room_for_it() {
        let mut jpeg = picture();
        let head = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
        jpeg[head + 5..head + 9].copy_from_slice(&[0xFF, 0xDC, 0xFF, 0xDC]);
        let error = read_head(&jpeg).unwrap_err();
        assert!(error.to_string().contains("8192 pixels"), "{error}");
    }

    #[test]
    fn nonsense_is_refused_with_words() {
        for bytes in
            [&b"<html>login</html>"[..], b"", &[0xFF, 0xD8, 0xFF, 0xD9], &[0xFF, 0xD8, 0xFF, 0xC0, 0, 0, 0]]
        {
            let error = read_head(bytes).unwrap_err();
            assert!(matches!(error, CameraError::Damaged { .. }), "{bytes:?}: {error}");
        }
    }
}
