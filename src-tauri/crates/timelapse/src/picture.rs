//! Kept pictures, read and brought to the size of the film.

use crate::FilmError;
use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use std::borrow::Cow;
use std::path::Path;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// Largest width or height that is decoded.
const MAX_SIDE_PX: usize = 8192;

/// Longer and shorter side of the largest film that the encoder makes.
const MAX_FILM_PX: (u32, u32) = (3840, 2160);

/// A picture, red, green, blue, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) pixels: Vec<u8>,
}

impl Picture {
    /// Reads a JPEG file; `None` when it is missing, torn or none.
    pub(crate) fn read(path: &Path) -> Option<Self> {
        Self::decode(&std::fs::read(path).ok()?)
    }

    /// Decodes a JPEG; `None` when it is torn or none.
    pub(crate) fn decode(jpeg: &[u8]) -> Option<Self> {
        // The decoder would fill what a torn file lacks with grey.
        if !jpeg.ends_with(&[0xFF, 0xD9]) {
            return None;
        }
        let options = DecoderOptions::new_fast()
            .jpeg_set_out_colorspace(ColorSpace::RGB)
            .set_max_width(MAX_SIDE_PX)
            .set_max_height(MAX_SIDE_PX);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg), options);
        let pixels = decoder.decode().ok()?;
        let info = decoder.info()?;
        let (width, height) = (u32::from(info.width), u32::from(info.height));
        let whole = width > 0 && height > 0 && pixels.len() == width as usize * height as usize * 3;
        whole.then_some(Self { width, height, pixels })
    }

    /// Returns the size of a film that begins with this picture: no side longer than `max_side`, both even, no larger
    /// than the encoder takes.
    pub(crate) fn film_size(&self, max_side: u32) -> (u32, u32) {
        let (longest, shortest) = (self.width.max(self.height), self.width.min(self.height));
        let scale = f64::from(max_side.clamp(2, MAX_FILM_PX.0).min(longest)) / f64::from(longest);
        let scale = scale.min(f64::from(MAX_FILM_PX.1) / f64::from(shortest));
        // The encoder needs even sides, and at least one block of 16.
        let even = |side: u32| ((f64::from(side) * scale / 2.0).round() as u32 * 2).max(16);
        (even(self.width), even(self.height))
    }

    /// Returns the picture at `size`: stretched by a hair where that is enough, else with black borders.
    pub(crate) fn fitted(&self, size: (u32, u32), resizer: &mut Resizer) -> Result<Cow<'_, Self>, FilmError> {
        if (self.width, self.height) == size {
            return Ok(Cow::Borrowed(self));
        }
        let scale =
            (f64::from(size.0) / f64::from(self.width)).min(f64::from(size.1) / f64::from(self.height));
        let inner = |side: u32, room: u32| {
            let scaled = (f64::from(side) * scale).round() as u32;
            // Rounding to even sides is not worth a border.
            if scaled.abs_diff(room) <= 2 { room } else { scaled.clamp(1, room) }
        };
        let (width, height) = (inner(self.width, size.0), inner(self.height, size.1));
        // Typed: the untyped call builds every pixel format there is, minutes of compiling.
        let source = TypedImageRef::<U8x3>::from_buffer(self.width, self.height, &self.pixels)
            .map_err(FilmError::encode)?;
        let mut pixels = vec![0; width as usize * height as usize * 3];
        let mut scaled =
            TypedImage::<U8x3>::from_buffer(width, height, &mut pixels).map_err(FilmError::encode)?;
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
        resizer.resize_typed(&source, &mut scaled, &options).map_err(FilmError::encode)?;
        let scaled = Self { width, height, pixels };
        Ok(Cow::Owned(if (width, height) == size { scaled } else { scaled.bordered(size) }))
    }

    /// Returns the picture in the middle of a black one.
    fn bordered(&self, (width, height): (u32, u32)) -> Self {
        let mut pixels = vec![0; width as usize * height as usize * 3];
        let (left, top) = ((width - self.width) as usize / 2, (height - self.height) as usize / 2);
        for (row, line) in self.pixels.chunks_exact(self.width as usize * 3).enumerate() {
            let at = ((top + row) * width as usize + left) * 3;
            pixels[at..at + line.len()].copy_from_slice(line);
        }
        Self { width, height, pixels }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(width: u32, height: u32) -> Picture {
        Picture { width, height, pixels: vec![200; (width * height * 3) as usize] }
    }

    #[test]
    fn films_have_even_sides_and_a_bound() {
        let cases = [
            ((1280, 720), (1280, 720)),
            ((640, 480), (640, 480)),
            ((641, 479), (642, 480)),
            ((1920, 1080), (1280, 720)),
            ((1080, 1920), (720, 1280)),
            ((2592, 1944), (1280, 960)),
            ((10, 3), (16, 16)),
        ];
        for ((width, height), want) in cases {
            assert_eq!(plain(width, height).film_size(1280), want, "{width} x {height}");
        }
        assert_eq!(plain(4000, 3000).film_size(3840), (2880, 2160), "as large as the encoder takes");
    }

    #[test]
    fn a_picture_of_another_shape_gets_borders_and_is_not_distorted() {
        let tall = plain(40, 80);
        let fitted = tall.fitted((64, 64), &mut Resizer::new()).unwrap();
        assert_eq!((fitted.width, fitted.height), (64, 64));
        let at = |x: usize, y: usize| fitted.pixels[(y * 64 + x) * 3];
        assert_eq!([at(0, 32), at(15, 32), at(16, 32), at(47, 32), at(48, 32)], [0, 0, 200, 200, 0]);
        assert_eq!([at(32, 0), at(32, 63)], [200, 200]);
        let odd = plain(641, 479);
        let nearly = odd.fitted((642, 480), &mut Resizer::new()).unwrap();
        assert!(nearly.pixels.iter().all(|&v| v == 200), "no border for a pixel");
    }
}
