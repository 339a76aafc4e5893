//! The picture of a file that the page shows: the largest one that can be, as PNG or JPEG.

use gcode::{Pixels, Thumbnail, ThumbnailFormat, picture_format};

/// Returns the largest picture that can be shown; what browsers do not read becomes a PNG.
pub(crate) fn shown(mut pictures: Vec<Thumbnail>) -> Option<Vec<u8>> {
    // A claim only decides which one is tried first.
    let size = |picture: &Thumbnail| {
        let claimed = u64::from(picture.width) * u64::from(picture.height);
        if claimed > 0 { claimed } else { picture.bytes.len() as u64 }
    };
    pictures.sort_by_key(|picture| std::cmp::Reverse(size(picture)));
    pictures.into_iter().find_map(as_shown)
}

fn as_shown(picture: Thumbnail) -> Option<Vec<u8>> {
    match picture.format {
        ThumbnailFormat::Png | ThumbnailFormat::Jpg => {
            // By its first bytes, not by what it says of itself.
            (picture_format(&picture.bytes) == Some(picture.format)).then_some(picture.bytes)
        }
        ThumbnailFormat::Qoi | ThumbnailFormat::Rgba => png(&picture.pixels()?).ok(),
    }
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

    #[test]
    fn the_largest_that_can_be_shown_is_taken() {
        let head = b"\x89PNG\r\n\x1a\n and more";
        let small = picture(ThumbnailFormat::Png, 16, head);
        let wrong = picture(ThumbnailFormat::Jpg, 900, head);
        let damaged = picture(ThumbnailFormat::Qoi, 400, b"qoif and nothing");
        assert_eq!(shown(vec![small, wrong, damaged]).as_deref(), Some(&head[..]));
        assert_eq!(shown(Vec::new()), None);
    }

    #[test]
    fn pixels_become_a_png_of_the_same_pixels() {
        let rgba: Vec<u8> = (0..4 * 4 * 4).collect();
        let bytes = shown(vec![picture(ThumbnailFormat::Rgba, 4, &rgba)]).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut read = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut read).unwrap();
        assert_eq!((info.width, info.height, read), (4, 4, rgba));
    }
}
