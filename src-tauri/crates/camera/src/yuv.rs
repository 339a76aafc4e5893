//! Plain pictures of devices, made into JPEGs.

use crate::CameraError;
use crate::format::Offer;
use bytes::Bytes;
use domain::PictureCoding as Coding;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// Quality of pictures that come plain.
const QUALITY: u8 = 85;

/// Encodes a plain picture of the size and coding of `offer`.
///
/// # Errors
/// [`CameraError::Damaged`] when bytes are missing.
pub(crate) fn encode(bytes: &[u8], offer: &Offer) -> Result<Bytes, CameraError> {
    let damaged = |reason: String| CameraError::Damaged { reason };
    let (width, height) = (offer.width as usize, offer.height as usize);
    let ycbcr = match offer.coding {
        Coding::Yuyv => from_yuyv(bytes, width * height),
        Coding::Nv12 => from_nv12(bytes, width, height),
        Coding::Mjpeg => return Ok(Bytes::copy_from_slice(bytes)),
    };
    let ycbcr =
        ycbcr.ok_or_else(|| damaged(format!("{} bytes for {width} x {height} pixels", bytes.len())))?;
    encode_ycbcr(&ycbcr, (offer.width, offer.height))
}

/// Encodes brightness of each pixel, then both colours at half the width and height, rounded up, as a decoder gives them.
///
/// # Errors
/// [`CameraError::Damaged`] when bytes are missing.
pub(crate) fn encode_planes(bytes: &[u8], (width, height): (u32, u32)) -> Result<Bytes, CameraError> {
    let (w, h) = (width as usize, height as usize);
    let half = w.div_ceil(2);
    let planes = bytes.split_at_checked(w * h).and_then(|(y, colours)| {
        let (u, v) = colours.split_at_checked(half * h.div_ceil(2))?;
        (v.len() == u.len() && !u.is_empty()).then_some((y, u, v))
    });
    let few = || CameraError::Damaged { reason: "the decoder gave too few bytes".into() };
    let (y, u, v) = planes.ok_or_else(few)?;
    let mut out = Vec::with_capacity(w * h * 3);
    for (row, y) in y.chunks_exact(w).enumerate() {
        let at = row / 2 * half;
        let chromas = u[at..].iter().zip(&v[at..]).flat_map(|(u, v)| [(*u, *v); 2]);
        for (&y, (u, v)) in y.iter().zip(chromas) {
            out.extend([luma(y), chroma(u), chroma(v)]);
        }
    }
    encode_ycbcr(&out, (width, height))
}

fn encode_ycbcr(ycbcr: &[u8], (width, height): (u32, u32)) -> Result<Bytes, CameraError> {
    let damaged = |reason: String| CameraError::Damaged { reason };
    let mut jpeg = Vec::with_capacity(ycbcr.len() / 8);
    let mut encoder = Encoder::new(&mut jpeg, QUALITY);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder
        .encode(ycbcr, width as u16, height as u16, ColorType::Ycbcr)
        .map_err(|e| damaged(e.to_string()))?;
    Ok(jpeg.into())
}

fn from_yuyv(bytes: &[u8], num_pixels: usize) -> Option<Vec<u8>> {
    let pairs = bytes.get(..num_pixels * 2)?.chunks_exact(4);
    Some(
        pairs
            .flat_map(|p| [luma(p[0]), chroma(p[1]), chroma(p[3]), luma(p[2]), chroma(p[1]), chroma(p[3])])
            .collect(),
    )
}

fn from_nv12(bytes: &[u8], width: usize, height: usize) -> Option<Vec<u8>> {
    let lumas = bytes.get(..width * height)?;
    let chromas = bytes.get(width * height..width * height + width * height.div_ceil(2))?;
    let mut out = Vec::with_capacity(width * height * 3);
    for (row, line) in lumas.chunks_exact(width).enumerate() {
        let pairs = &chromas[row / 2 * width..][..width];
        for (column, &y) in line.iter().enumerate() {
            let pair = column / 2 * 2;
            out.extend([luma(y), chroma(pairs[pair]), chroma(*pairs.get(pair + 1)?)]);
        }
    }
    Some(out)
}

/// Video counts brightness from 16 to 235, JPEG from 0 to 255.
fn luma(y: u8) -> u8 {
    ((i32::from(y) - 16) * 255 / 219).clamp(0, 255) as u8
}

/// Video counts colour from 16 to 240 around 128, JPEG from 0 to 255.
fn chroma(c: u8) -> u8 {
    ((i32::from(c) - 128) * 255 / 224 + 128).clamp(0, 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode_jpeg;

    /// Encodes a plain colour; returns the middle pixel as decoded.
    fn check(coding: Coding, bytes: &[u8], want: [u8; 3]) {
        let offer = Offer { coding, width: 32, height: 16, fps: 10 };
        let rgb = decode_jpeg(&encode(bytes, &offer).unwrap()).unwrap();
        assert_eq!((rgb.width, rgb.height), (32, 16));
        let at = (8 * 32 + 16) * 3;
        let got = &rgb.pixels[at..at + 3];
        assert!(got.iter().zip(want).all(|(a, b)| a.abs_diff(b) < 8), "{coding:?}: {got:?}, not {want:?}");
    }

    #[test]
    fn plain_pictures_keep_their_colours() {
        // Pure red, white and black in the numbers of video.
        for ([y, u, v], want) in
            [([81, 90, 240], [255, 0, 0]), ([235, 128, 128], [255; 3]), ([16, 128, 128], [0; 3])]
        {
            let yuyv: Vec<u8> = (0..32 * 16 / 2).flat_map(|_| [y, u, y, v]).collect();
            check(Coding::Yuyv, &yuyv, want);
            let mut nv12 = vec![y; 32 * 16];
            nv12.extend((0..32 * 16 / 4).flat_map(|_| [u, v]));
            check(Coding::Nv12, &nv12, want);
        }
    }

    #[test]
    fn missing_bytes_are_an_error() {
        for (coding, length) in [(Coding::Yuyv, 32 * 16 * 2 - 1), (Coding::Nv12, 32 * 16 * 3 / 2 - 1)] {
            let offer = Offer { coding, width: 32, height: 16, fps: 10 };
            assert!(
                matches!(encode(&vec![0; length], &offer), Err(CameraError::Damaged { .. })),
                "{coding:?}"
            );
        }
    }
}
