//! The QOI format, by its one-page specification (qoiformat.org, public domain).

use super::pixels::{Pixels, fitting};

const HEADER: usize = 14;

/// Decodes a picture; what is missing at its end repeats the last pixel. `None` when it is damaged or too large.
pub(super) fn decode(bytes: &[u8]) -> Option<Pixels> {
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let (width, height) = (number(4)?, number(8)?);
    let count = fitting(width, height).filter(|_| bytes.starts_with(b"qoif"))?;
    let mut rest = bytes.get(HEADER..)?.iter().copied();
    let (mut seen, mut pixel) = ([[0u8; 4]; 64], [0, 0, 0, 255]);
    // Claims are believed only as far as there is data: one byte holds 62 pixels at most.
    if count > bytes.len().saturating_mul(62) {
        return None;
    }
    let mut rgba = Vec::with_capacity(count * 4);
    while rgba.len() < count * 4 {
        let byte = rest.next()?;
        let [r, g, b, a] = pixel;
        let mut run = 1;
        pixel = match (byte >> 6, byte) {
            (_, 0xfe) => [rest.next()?, rest.next()?, rest.next()?, a],
            (_, 0xff) => [rest.next()?, rest.next()?, rest.next()?, rest.next()?],
            (0, _) => seen[usize::from(byte & 63)],
            (1, _) => {
                let by = |shift: u8| (byte >> shift & 3).wrapping_sub(2);
                [r.wrapping_add(by(4)), g.wrapping_add(by(2)), b.wrapping_add(by(0)), a]
            }
            (2, _) => {
                let (green, next) = ((byte & 63).wrapping_sub(32), rest.next()?);
                let by = |part: u8| green.wrapping_sub(8).wrapping_add(part & 15);
                [r.wrapping_add(by(next >> 4)), g.wrapping_add(green), b.wrapping_add(by(next)), a]
            }
            (_, _) => {
                run = usize::from(byte & 63) + 1;
                pixel
            }
        };
        seen[slot(pixel)] = pixel;
        let room = (count * 4 - rgba.len()) / 4;
        rgba.extend(std::iter::repeat_n(pixel, run.min(room)).flatten());
    }
    Some(Pixels { width, height, rgba })
}

fn slot([r, g, b, a]: [u8; 4]) -> usize {
    (usize::from(r) * 3 + usize::from(g) * 5 + usize::from(b) * 7 + usize::from(a) * 11) % 64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32, body: &[u8]) -> Vec<u8> {
        let mut bytes = b"qoif".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([4, 0]);
        bytes.extend(body);
        bytes
    }

    #[test]
    fn each_chunk_is_understood() {
        // A colour, one step on, a larger step, a run of two, the first again by its slot, one with opacity.
        let body =
            [0xfe, 10, 20, 30, 0x7f, 0xa1, 0x88, 0xc1, slot([10, 20, 30, 255]) as u8, 0xff, 1, 2, 3, 4];
        let pixels = decode(&picture(7, 1, &body)).unwrap();
        let want: [[u8; 4]; 7] = [
            [10, 20, 30, 255],
            [11, 21, 31, 255],
            [12, 22, 32, 255],
            [12, 22, 32, 255],
            [12, 22, 32, 255],
            [10, 20, 30, 255],
            [1, 2, 3, 4],
        ];
        assert_eq!(pixels.rgba, want.concat());
    }

    #[test]
    fn what_is_cut_or_vast_is_no_picture() {
        let whole = picture(3, 1, &[0xfe, 1, 2, 3, 0xc1]);
        assert!(decode(&whole).is_some());
        (0..whole.len()).for_each(|end| assert_eq!(decode(&whole[..end]), None, "{end}"));
        assert_eq!(decode(&picture(100_000, 100_000, &[0xfd])), None);
        assert_eq!(decode(&picture(1000, 1000, &[0xfd; 10])), None);
    }
}
