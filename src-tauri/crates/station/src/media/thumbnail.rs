//! The picture of a file that the page shows: the largest one that can be, drawn anew as PNG. What a browser gets is
//! made here of pixels; nothing of what a file brought along is handed on.

use gcode::{MOST_PIXELS, Pixels, Thumbnail, ThumbnailFormat, picture_format};
use std::io::Cursor;

/// Returns the largest picture that can be read, as PNG.
pub(crate) fn shown(mut pictures: Vec<Thumbnail>) -> Option<Vec<u8>> {
    // A claim only decides which one is tried first.
    let size = |picture: &Thumbnail| {
        let claimed = u64::from(picture.width) * u64::from(picture.height);
        if claimed > 0 { claimed } else { picture.bytes.len() as u64 }
    };
    pictures.sort_by_key(|picture| std::cmp::Reverse(size(picture)));
    pictures.iter().find_map(|picture| png(&pixels(picture)?).ok())
}

fn pixels(picture: &Thumbnail) -> Option<Pixels> {
    // By its first bytes, not by what it says of itself.
    let as_said = || (picture_format(&picture.bytes) == Some(picture.format)).then_some(&picture.bytes[..]);
    match picture.format {
        ThumbnailFormat::Png => of_png(as_said()?),
        ThumbnailFormat::Jpg => of_jpeg(as_said()?),
        ThumbnailFormat::Qoi | ThumbnailFormat::Rgba => picture.pixels(),
    }
}

/// A small file may claim any size: larger pictures are not unpacked.
fn fits(width: u32, height: u32) -> bool {
    (1..=MOST_PIXELS as u64).contains(&(u64::from(width) * u64::from(height)))
}

fn of_png(bytes: &[u8]) -> Option<Pixels> {
    let limits = png::Limits { bytes: MOST_PIXELS * 16 };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(png::Transformations::normalize_to_color8() | png::Transformations::ALPHA);
    let mut reader = decoder.read_info().ok()?;
    let (width, height) = (reader.info().width, reader.info().height);
    if !fits(width, height) {
        return None;
    }
    let mut read = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut read).ok()?;
    read.truncate(info.buffer_size());
    let rgba = match info.color_type {
        png::ColorType::Rgba => read,
        png::ColorType::Rgb => read.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect(),
        png::ColorType::GrayscaleAlpha => {
            read.chunks_exact(2).flat_map(|p| [p[0], p[0], p[0], p[1]]).collect()
        }
        png::ColorType::Grayscale => read.iter().flat_map(|p| [*p, *p, *p, 255]).collect(),
        // Expanded to colours above.
        png::ColorType::Indexed => return None,
    };
    Some(Pixels { width, height, rgba })
}

fn of_jpeg(bytes: &[u8]) -> Option<Pixels> {
    let head = camera::read_head(bytes).ok()?;
    if !fits(head.width, head.height) {
        return None;
    }
    let camera::Rgb { width, height, pixels } = camera::decode_jpeg(bytes).ok()?;
    Some(Pixels {
        width,
        height,
        rgba: pixels.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect(),
    })
}

fn png(pixels: &Pixels) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixels.width, pixels.height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&pixels.rgba)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(format: ThumbnailFormat, side: u32, bytes: &[u8]) -> Thumbnail {
        Thumbnail { format, width: side, height: side, bytes: bytes.to_vec() }
    }

    fn square(side: u32) -> Pixels {
        Pixels { width: side, height: side, rgba: (0..side * side * 4).map(|n| n as u8).collect() }
    }

    fn read(bytes: &[u8]) -> Pixels {
        of_png(bytes).expect("a whole PNG")
    }

    #[test]
    fn the_largest_that_can_be_read_is_drawn_anew() {
        let small = png(&square(16)).unwrap();
        // Behind its end a picture may carry anything, and within it words of any kind.
        let tailed = [&small[..], b"<script>alert(1)</script>"].concat();
        let head = b"\x89PNG\r\n\x1a\n and more";
        let pictures = vec![
            picture(ThumbnailFormat::Png, 16, &tailed),
            picture(ThumbnailFormat::Png, 700, head),
            picture(ThumbnailFormat::Jpg, 900, &small),
            picture(ThumbnailFormat::Qoi, 400, b"qoif and nothing"),
        ];
        let made = shown(pictures).unwrap();
        assert_eq!(read(&made), square(16));
        assert!(!made.windows(6).any(|part| part == b"script"));
        assert_eq!(shown(Vec::new()), None);
        assert_eq!(shown(vec![picture(ThumbnailFormat::Png, 700, head)]), None);
    }

    #[test]
    fn every_kind_of_picture_becomes_the_same_pixels() {
        let rgba = square(4).rgba;
        assert_eq!(read(&shown(vec![picture(ThumbnailFormat::Rgba, 4, &rgba)]).unwrap()), square(4));
        let grey = |width, height, pixels: &[u8]| {
            let mut bytes = Vec::new();
            let mut encoder = png::Encoder::new(&mut bytes, width, height);
            encoder.set_color(png::ColorType::Grayscale);
            encoder.write_header().unwrap().write_image_data(pixels).unwrap();
            bytes
        };
        let made = read(&shown(vec![picture(ThumbnailFormat::Png, 2, &grey(2, 1, &[7, 250]))]).unwrap());
        assert_eq!(made.rgba, [7, 7, 7, 255, 250, 250, 250, 255]);
        let rgb = camera::Rgb { width: 32, height: 16, pixels: vec![120; 32 * 16 * 3] };
        let jpeg = camera::encode_jpeg(&rgb, 90).unwrap();
        let made = read(&shown(vec![picture(ThumbnailFormat::Jpg, 32, &jpeg)]).unwrap());
        assert!(
            (made.width, made.height) == (32, 16) && made.rgba[0].abs_diff(120) < 4,
            "{:?}",
            made.rgba[0]
        );
        let huge = grey(4000, 4000, &vec![0; 16_000_000]);
        assert_eq!(
            shown(vec![picture(ThumbnailFormat::Png, 16, &huge)]),
            None,
            "small to send, large to unpack"
        );
    }
}
