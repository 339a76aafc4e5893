//! Pictures as plain pixels: decoding, encoding, turning and mirroring.

use crate::CameraError;
use domain::{Crop, Orientation, Rotation};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// A picture, three bytes a pixel, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rgb {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `width * height * 3` bytes: red, green, blue.
    pub pixels: Vec<u8>,
}

/// Largest width or height that is decoded: far above any webcam, far below what would fill the memory.
const MAX_SIDE_PX: usize = 8192;

/// Decodes a JPEG, turned as its EXIF data ask: as every viewer shows it.
///
/// # Errors
/// [`CameraError::Damaged`] when it is no JPEG, damaged, or larger than 8192 pixels on a side.
pub fn decode_jpeg(jpeg: &[u8]) -> Result<Rgb, CameraError> {
    let options = DecoderOptions::new_fast()
        .jpeg_set_out_colorspace(ColorSpace::RGB)
        .set_max_width(MAX_SIDE_PX)
        .set_max_height(MAX_SIDE_PX);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg), options);
    let damaged = |reason: String| CameraError::Damaged { reason };
    let pixels = decoder.decode().map_err(|e| damaged(e.to_string()))?;
    let info = decoder.info().ok_or_else(|| damaged("it has no size".into()))?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    if pixels.len() != width as usize * height as usize * 3 {
        return Err(damaged(format!("{} bytes for {width} x {height} pixels", pixels.len())));
    }
    let orientation = decoder.exif().map_or(Orientation::UPRIGHT, |exif| Orientation::from_exif(exif));
    let pixels = orientation.turn((width, height), pixels);
    let (width, height) = orientation.size((width, height));
    Ok(Rgb { width, height, pixels })
}

/// Encodes a picture as JPEG; `quality` from 1 to 100.
///
/// # Errors
/// [`CameraError::Damaged`] when the pixels do not fill the size, or a side exceeds 65535.
pub fn encode_jpeg(rgb: &Rgb, quality: u8) -> Result<Vec<u8>, CameraError> {
    let damaged = |reason: String| CameraError::Damaged { reason };
    let (Ok(width), Ok(height)) = (u16::try_from(rgb.width), u16::try_from(rgb.height)) else {
        return Err(damaged(format!("{} x {} is too large for a JPEG", rgb.width, rgb.height)));
    };
    let mut jpeg = Vec::with_capacity(rgb.pixels.len() / 8);
    let mut encoder = Encoder::new(&mut jpeg, quality.clamp(1, 100));
    // As cameras do it: half the size and time, and no eye sees it.
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.encode(&rgb.pixels, width, height, ColorType::Rgb).map_err(|e| damaged(e.to_string()))?;
    Ok(jpeg)
}

impl Rgb {
    /// Returns the picture turned clockwise, then mirrored.
    pub(crate) fn turned(self, rotation: Rotation, flips: Flips) -> Rgb {
        let turn = Orientation::from_exif_value(match rotation {
            Rotation::Deg0 => 1,
            Rotation::Deg90 => 6,
            Rotation::Deg180 => 3,
            Rotation::Deg270 => 8,
        });
        let sign = |mirrored: bool| if mirrored { -1 } else { 1 };
        let mirror = Orientation::from_matrix([sign(flips.left_to_right), 0, 0, sign(flips.top_to_bottom)]);
        let orientation = turn.then(mirror);
        let size = (self.width, self.height);
        let (width, height) = orientation.size(size);
        Rgb { width, height, pixels: orientation.turn(size, self.pixels) }
    }
}

impl Rgb {
    /// Returns a part of the picture.
    pub(crate) fn cropped(self, crop: Crop) -> Rgb {
        let (x, y, width, height) = crop.pixels((self.width, self.height));
        let row = self.width as usize * 3;
        let part = x as usize * 3..(x + width) as usize * 3;
        let rows = self.pixels.chunks_exact(row).skip(y as usize).take(height as usize);
        Rgb { width, height, pixels: rows.flat_map(|row| &row[part.clone()]).copied().collect() }
    }
}

/// Which ways a picture is mirrored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flips {
    /// Mirror left to right.
    pub(crate) left_to_right: bool,
    /// Mirror top to bottom.
    pub(crate) top_to_bottom: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters as pixels, so that a turn can be read: rows joined by `/`.
    fn rgb(rows: &str) -> Rgb {
        let rows: Vec<&str> = rows.split('/').collect();
        Rgb {
            width: rows[0].len() as u32,
            height: rows.len() as u32,
            pixels: rows.concat().bytes().flat_map(|b| [b, b + 1, b + 2]).collect(),
        }
    }

    fn letters(rgb: &Rgb) -> String {
        let all: Vec<String> = rgb
            .pixels
            .chunks(rgb.width as usize * 3)
            .map(|row| row.chunks(3).map(|p| p[0] as char).collect())
            .collect();
        all.join("/")
    }

    #[test]
    fn pictures_turn_clockwise_and_then_mirror() {
        let cases = [
            (0, false, false, "abc/def"),
            (90, false, false, "da/eb/fc"),
            (180, false, false, "fed/cba"),
            (270, false, false, "cf/be/ad"),
            (0, true, false, "cba/fed"),
            (0, false, true, "def/abc"),
            (90, true, false, "ad/be/cf"),
            (90, false, true, "fc/eb/da"),
        ];
        for (degrees, left_to_right, top_to_bottom, want) in cases {
            let flips = Flips { left_to_right, top_to_bottom };
            let turned = rgb("abc/def").turned(Rotation::try_from(degrees).unwrap(), flips);
            assert_eq!(letters(&turned), want, "{degrees} degrees, {flips:?}");
        }
    }

    #[test]
    fn a_picture_survives_encoding_and_decoding() {
        let gradient = |i: u32| [(i % 64 * 4) as u8, (i / 64 * 5) as u8, 128];
        let rgb = Rgb { width: 64, height: 48, pixels: (0..64 * 48).flat_map(gradient).collect() };
        let back = decode_jpeg(&encode_jpeg(&rgb, 90).unwrap()).unwrap();
        assert_eq!((back.width, back.height), (64, 48));
        let error: u64 = rgb.pixels.iter().zip(&back.pixels).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        assert!(error / rgb.pixels.len() as u64 <= 4, "mean error {}", error / rgb.pixels.len() as u64);
    }
}
