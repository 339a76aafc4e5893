//! Just enough of JPEG to know a picture's size and whether its bytes are all there, without decoding it.

use crate::CameraError;

/// What a JPEG says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JpegHead {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Bytes from the first marker to the end of the last one; what follows in the buffer is not the picture.
    pub num_bytes: usize,
}

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;

/// Reads size and length of the JPEG at the start of `bytes`.
///
/// # Errors
/// [`CameraError::Damaged`] when it is no JPEG, or one that breaks off before its end.
pub fn read_head(bytes: &[u8]) -> Result<JpegHead, CameraError> {
    if bytes.len() < 4 || bytes[0] != 0xFF || bytes[1] != SOI {
        return Err(damaged("it does not begin like a JPEG"));
    }
    let mut size = None;
    let mut at = 2;
    loop {
        let (marker, after) = next_marker(bytes, at)?;
        at = after;
        match marker {
            EOI => {
                let (width, height) = size.ok_or_else(|| damaged("it has no size"))?;
                return Ok(JpegHead { width, height, num_bytes: at });
            }
            // Restart markers and TEM stand alone.
            0x01 | 0xD0..=0xD7 => continue,
            _ => (),
        }
        let segment = segment(bytes, at)?;
        // All frame headers but the three markers in between that mean something else.
        if (0xC0..=0xCF).contains(&marker) && !matches!(marker, 0xC4 | 0xC8 | 0xCC) {
            size = Some(size_of(segment)?);
        }
        at += segment.len() + 2;
        if marker == SOS {
            at = end_of_scan(bytes, at)?;
        }
    }
}

/// Returns the next marker's code and the position after it. Markers may be padded with FF.
fn next_marker(bytes: &[u8], mut at: usize) -> Result<(u8, usize), CameraError> {
    if bytes.get(at) != Some(&0xFF) {
        return Err(if at >= bytes.len() { cut_off() } else { damaged("a marker is missing") });
    }
    while bytes.get(at) == Some(&0xFF) {
        at += 1;
    }
    let code = *bytes.get(at).ok_or_else(cut_off)?;
    Ok((code, at + 1))
}

/// Returns the body of the segment whose length field lies at `at`.
fn segment(bytes: &[u8], at: usize) -> Result<&[u8], CameraError> {
    let length = bytes.get(at..at + 2).ok_or_else(cut_off)?;
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    if length < 2 {
        return Err(damaged("a segment has no length"));
    }
    bytes.get(at + 2..at + length).ok_or_else(cut_off)
}

fn size_of(segment: &[u8]) -> Result<(u32, u32), CameraError> {
    let field = |i: usize| -> Option<u32> {
        Some(u32::from(u16::from_be_bytes([*segment.get(i)?, *segment.get(i + 1)?])))
    };
    match (field(3), field(1)) {
        (Some(width), Some(height)) if width > 0 && height > 0 => Ok((width, height)),
        _ => Err(damaged("it has no size")),
    }
}

/// Returns where the entropy-coded data that starts at `at` ends: the first marker that is no restart.
fn end_of_scan(bytes: &[u8], mut at: usize) -> Result<usize, CameraError> {
    loop {
        let rest = bytes.get(at..).ok_or_else(cut_off)?;
        at += rest.iter().position(|&b| b == 0xFF).ok_or_else(cut_off)?;
        match bytes.get(at + 1) {
            // FF 00 is a data byte; FF FF is padding; restarts belong to the scan.
            Some(0x00 | 0xD0..=0xD7) => at += 2,
            Some(0xFF) => at += 1,
            Some(_) => return Ok(at),
            None => return Err(cut_off()),
        }
    }
}

fn damaged(reason: &str) -> CameraError {
    CameraError::Damaged { reason: reason.into() }
}

fn cut_off() -> CameraError {
    damaged("it breaks off before its end")
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
        assert_eq!(head, JpegHead { width: 40, height: 30, num_bytes: jpeg.len() });
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
    fn nonsense_is_refused_with_words() {
        for bytes in
            [&b"<html>login</html>"[..], b"", &[0xFF, 0xD8, 0xFF, 0xD9], &[0xFF, 0xD8, 0xFF, 0xC0, 0, 0, 0]]
        {
            let error = read_head(bytes).unwrap_err();
            assert!(matches!(error, CameraError::Damaged { .. }), "{bytes:?}: {error}");
        }
    }
}
