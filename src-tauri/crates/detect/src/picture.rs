//! Pictures as plain pixels, and how they become a model's input.

use crate::DetectError;
use domain::Orientation;
use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use std::path::Path;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// Largest width or height that is decoded.
const MAX_SIDE_PX: u32 = 8192;

/// A picture, three bytes a pixel, row by row; the default has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `width * height * 3` bytes: red, green, blue.
    pub pixels: Vec<u8>,
}

impl Picture {
    /// Decodes a JPEG, turned as its EXIF data ask: the model sees what people see.
    ///
    /// # Errors
    /// [`DetectError::Picture`] when it is no JPEG, damaged, or larger than 8192 pixels on a side.
    pub fn from_jpeg(jpeg: &[u8]) -> Result<Self, DetectError> {
        let mut picture = Self::default();
        picture.read_jpeg(jpeg)?;
        Ok(picture)
    }

    /// Decodes a JPEG in place of the picture held, whose memory is used again. After an error it holds none.
    ///
    /// # Errors
    /// As [`Picture::from_jpeg`].
    pub fn read_jpeg(&mut self, jpeg: &[u8]) -> Result<(), DetectError> {
        let options = DecoderOptions::new_fast()
            .jpeg_set_out_colorspace(ColorSpace::RGB)
            .set_max_width(MAX_SIDE_PX as usize)
            .set_max_height(MAX_SIDE_PX as usize);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg), options);
        let mut pixels = std::mem::take(self).pixels;
        // Black first: where a picture is torn, the one before must not look out.
        pixels.clear();
        decoder.decode_headers().map_err(DetectError::picture)?;
        pixels.resize(decoder.output_buffer_size().unwrap_or(0), 0);
        decoder.decode_into(&mut pixels).map_err(DetectError::picture)?;
        let info = decoder.info().ok_or_else(|| DetectError::picture("it has no size"))?;
        let stored = Self::checked(u32::from(info.width), u32::from(info.height), pixels)?;
        *self = stored.upright(decoder.exif().map(Vec::as_slice));
        Ok(())
    }

    /// Decodes a PNG of 8 or 16 bits, grey or coloured; transparency is dropped.
    ///
    /// # Errors
    /// [`DetectError::Picture`] when it is no PNG, damaged, or larger than 8192 pixels on a side.
    pub fn from_png(png: &[u8]) -> Result<Self, DetectError> {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().map_err(DetectError::picture)?;
        let (width, height) = (reader.info().width, reader.info().height);
        if width > MAX_SIDE_PX || height > MAX_SIDE_PX {
            return Err(DetectError::picture(format!("{width} x {height} pixels are too many")));
        }
        let size = reader.output_buffer_size().ok_or_else(|| DetectError::picture("it is too large"))?;
        let mut bytes = vec![0; size];
        let info = reader.next_frame(&mut bytes).map_err(DetectError::picture)?;
        bytes.truncate(info.buffer_size());
        let pixels = match info.color_type {
            png::ColorType::Rgb => bytes,
            png::ColorType::Rgba => bytes.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect(),
            png::ColorType::Grayscale => bytes.iter().flat_map(|&g| [g, g, g]).collect(),
            png::ColorType::GrayscaleAlpha => bytes.chunks_exact(2).flat_map(|p| [p[0]; 3]).collect(),
            png::ColorType::Indexed => return Err(DetectError::picture("its palette could not be applied")),
        };
        let stored = Self::checked(width, height, pixels)?;
        Ok(stored.upright(reader.info().exif_metadata.as_deref()))
    }

    /// Reads a JPEG or PNG file; what it is, its first bytes tell.
    ///
    /// # Errors
    /// [`DetectError::Picture`] when it cannot be read or is neither.
    pub fn from_file(path: &Path) -> Result<Self, DetectError> {
        let about =
            |reason: &dyn std::fmt::Display| DetectError::picture(format!("{}: {reason}", path.display()));
        let bytes = std::fs::read(path).map_err(|e| about(&e))?;
        if bytes.starts_with(&[0xFF, 0xD8]) {
            Self::from_jpeg(&bytes)
        } else if bytes.starts_with(b"\x89PNG") {
            Self::from_png(&bytes)
        } else {
            Err(about(&"it is neither a JPEG nor a PNG file"))
        }
    }

    /// Turns the stored picture as its EXIF data ask.
    fn upright(self, exif: Option<&[u8]>) -> Self {
        let orientation = exif.map_or(Orientation::UPRIGHT, Orientation::from_exif);
        let (width, height) = orientation.size((self.width, self.height));
        Self { width, height, pixels: orientation.turn((self.width, self.height), self.pixels) }
    }

    fn checked(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, DetectError> {
        if width == 0 || height == 0 || pixels.len() != width as usize * height as usize * 3 {
            return Err(DetectError::picture(format!(
                "{} bytes for {width} x {height} pixels",
                pixels.len()
            )));
        }
        Ok(Self { width, height, pixels })
    }
}

/// Stretches pictures to a model's size. Keeps its buffers from picture to picture.
#[derive(Debug)]
pub(crate) struct Stretcher {
    resizer: Resizer,
    width: u32,
    height: u32,
    small: Vec<u8>,
    planes: Vec<f32>,
    sampling: Sampling,
}

/// How pixels become fewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sampling {
    /// Each is the weighted mean of all under it.
    Areas,
    /// Each is the mean of the four nearest: what most models of others were trained on.
    Points,
}

impl Stretcher {
    /// Makes a stretcher to `width` x `height`.
    pub(crate) fn new(width: u32, height: u32) -> Self {
        let num = width as usize * height as usize * 3;
        let (small, planes) = (vec![0; num], vec![0.0; num]);
        Self { resizer: Resizer::new(), width, height, small, planes, sampling: Sampling::Areas }
    }

    /// Returns it with another way of making pixels fewer.
    pub(crate) fn sampling(self, sampling: Sampling) -> Self {
        Self { sampling, ..self }
    }

    /// Returns the picture as the model wants it: stretched without regard to its shape, then red, green and blue
    /// as three planes of 0 to 255.
    pub(crate) fn planes(&mut self, picture: &Picture) -> Result<&[f32], DetectError> {
        // Typed: the untyped call builds every pixel format there is, minutes of compiling.
        let source = TypedImageRef::<U8x3>::from_buffer(picture.width, picture.height, &picture.pixels)
            .map_err(DetectError::picture)?;
        let mut small = TypedImage::<U8x3>::from_buffer(self.width, self.height, &mut self.small)
            .map_err(DetectError::picture)?;
        let algorithm = match self.sampling {
            Sampling::Areas => ResizeAlg::Convolution(FilterType::Bilinear),
            Sampling::Points => ResizeAlg::Interpolation(FilterType::Bilinear),
        };
        let options = ResizeOptions::new().resize_alg(algorithm);
        self.resizer.resize_typed(&source, &mut small, &options).map_err(DetectError::picture)?;
        let (red, rest) = self.planes.split_at_mut(self.small.len() / 3);
        let (green, blue) = rest.split_at_mut(self.small.len() / 3);
        for (((pixel, red), green), blue) in self.small.chunks_exact(3).zip(red).zip(green).zip(blue) {
            *red = f32::from(pixel[0]);
            *green = f32::from(pixel[1]);
            *blue = f32::from(pixel[2]);
        }
        Ok(&self.planes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretched_picture_is_three_planes_and_averages_what_it_covers() {
        // Columns of black and white, one pixel wide: sampling would see one colour, averaging sees grey.
        let pixels =
            (0..64 * 64).flat_map(|i| if i % 2 == 0 { [0, 0, 255] } else { [255, 0, 255] }).collect();
        let picture = Picture { width: 64, height: 64, pixels };
        let mut stretcher = Stretcher::new(8, 4);
        let planes = stretcher.planes(&picture).unwrap();
        assert_eq!(planes.len(), 3 * 8 * 4);
        assert!(planes[..32].iter().all(|v| (110.0..145.0).contains(v)), "red is grey: {:?}", &planes[..32]);
        assert!(planes[32..64].iter().all(|v| *v == 0.0) && planes[64..].iter().all(|v| *v == 255.0));
    }

    #[test]
    fn both_kinds_of_files_are_read_and_others_refused_with_words() {
        let dir = tempfile::tempdir().unwrap();
        let pixels: Vec<u8> = (0..16 * 8).flat_map(|_| [200, 100, 50]).collect();
        let (jpeg, png, text) =
            (dir.path().join("a.jpg"), dir.path().join("b.png"), dir.path().join("c.jpg"));
        jpeg_encoder::Encoder::new_file(&jpeg, 95)
            .unwrap()
            .encode(&pixels, 16, 8, jpeg_encoder::ColorType::Rgb)
            .unwrap();
        let mut encoder = png::Encoder::new(std::fs::File::create(&png).unwrap(), 16, 8);
        encoder.set_color(png::ColorType::Rgb);
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
        std::fs::write(&text, "not a picture").unwrap();

        assert_eq!(
            Picture::from_file(&png).unwrap(),
            Picture { width: 16, height: 8, pixels: pixels.clone() }
        );
        let decoded = Picture::from_file(&jpeg).unwrap();
        assert_eq!((decoded.width, decoded.height), (16, 8));
        assert!(decoded.pixels.iter().zip(&pixels).all(|(a, b)| a.abs_diff(*b) < 6));
        let refused = Picture::from_file(&text).unwrap_err().to_string();
        assert!(refused.contains("c.jpg") && refused.contains("neither"), "{refused}");
        assert!(
            Picture::from_jpeg(&std::fs::read(&jpeg).unwrap()[..30]).is_err(),
            "a torn picture is an error"
        );
    }

    #[test]
    fn pictures_are_turned_as_their_exif_data_ask() {
        // Left half bright, stored lying; "turn me clockwise by a quarter" puts the bright half on top.
        let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        let pixels: Vec<u8> = (0..32 * 16).flat_map(|i| [if i % 32 < 16 { 240 } else { 10 }; 3]).collect();
        let (mut jpeg, mut png) = (Vec::new(), Vec::new());
        let mut encoder = jpeg_encoder::Encoder::new(&mut jpeg, 95);
        encoder.add_app_segment(1, [b"Exif\0\0".as_slice(), exif].concat()).unwrap();
        encoder.encode(&pixels, 32, 16, jpeg_encoder::ColorType::Rgb).unwrap();
        let mut info = png::Info::with_size(32, 16);
        (info.color_type, info.exif_metadata) = (png::ColorType::Rgb, Some(exif.as_slice().into()));
        let mut writer = png::Encoder::with_info(&mut png, info).unwrap().write_header().unwrap();
        writer.write_image_data(&pixels).unwrap();
        writer.finish().unwrap();
        for picture in [Picture::from_jpeg(&jpeg).unwrap(), Picture::from_png(&png).unwrap()] {
            assert_eq!((picture.width, picture.height), (16, 32));
            let (top, bottom) = picture.pixels.split_at(picture.pixels.len() / 2);
            assert!(top.iter().all(|v| *v > 200) && bottom.iter().all(|v| *v < 60));
        }
    }

    #[test]
    fn memory_used_again_shows_nothing_of_the_picture_before() {
        let jpeg = |width: u16, height: u16, shade: u8| {
            let mut bytes = Vec::new();
            let pixels = vec![shade; usize::from(width) * usize::from(height) * 3];
            jpeg_encoder::Encoder::new(&mut bytes, 90)
                .encode(&pixels, width, height, jpeg_encoder::ColorType::Rgb)
                .unwrap();
            bytes
        };
        let mut picture = Picture::from_jpeg(&jpeg(64, 48, 250)).unwrap();
        let smaller = jpeg(32, 16, 90);
        picture.read_jpeg(&smaller).unwrap();
        assert_eq!(picture, Picture::from_jpeg(&smaller).unwrap());
        // Torn in its pixels: an error, or black where the data ends; never the white of before.
        let noisy: Vec<u8> = (0..64 * 48 * 3).map(|at| (at * 7919 % 61) as u8).collect();
        let mut torn = Vec::new();
        jpeg_encoder::Encoder::new(&mut torn, 90)
            .encode(&noisy, 64, 48, jpeg_encoder::ColorType::Rgb)
            .unwrap();
        torn.truncate(torn.len() * 2 / 3);
        picture.read_jpeg(&jpeg(64, 48, 250)).unwrap();
        if picture.read_jpeg(&torn).is_ok() {
            assert_eq!(picture, Picture::from_jpeg(&torn).unwrap());
            assert!(picture.pixels.iter().all(|&v| v < 200), "nothing of the white one is left");
        } else {
            assert_eq!(picture, Picture::default());
        }
        assert!(picture.read_jpeg(&smaller[..20]).is_err());
        assert_eq!(picture, Picture::default(), "after an error there is no picture");
    }
}
