//! Cameras that leave the Huffman tables out: "motion JPEG" means the standard ones then, but decoders of still
//! pictures want them in the file.

use crate::{Rgb, encode_jpeg};
use bytes::Bytes;
use std::ops::Range;
use std::sync::OnceLock;

const DHT: u8 = 0xC4;
const SOS: u8 = 0xDA;

/// Returns the picture with the standard tables put in, if it has none; else as it is.
pub(crate) fn completed(jpeg: Bytes) -> Bytes {
    if segments(&jpeg).iter().any(|(marker, _)| *marker == DHT) {
        return jpeg;
    }
    let mut whole = Vec::with_capacity(jpeg.len() + standard().len());
    whole.extend_from_slice(&jpeg[..2]);
    whole.extend_from_slice(standard());
    whole.extend_from_slice(&jpeg[2..]);
    whole.into()
}

/// Returns the segments with the standard tables, as our own encoder writes them.
fn standard() -> &'static [u8] {
    static TABLES: OnceLock<Vec<u8>> = OnceLock::new();
    TABLES.get_or_init(|| {
        let jpeg =
            encode_jpeg(&Rgb { width: 16, height: 16, pixels: vec![0; 16 * 16 * 3] }, 50).unwrap_or_default();
        let tables = segments(&jpeg).into_iter().filter(|(marker, _)| *marker == DHT);
        tables.flat_map(|(_, place)| jpeg[place].to_vec()).collect()
    })
}

/// Returns marker and place (marker included) of each segment before the first scan; stops at anything odd.
fn segments(jpeg: &[u8]) -> Vec<(u8, Range<usize>)> {
    let mut found = Vec::new();
    let mut at = 2;
    while let Some(&[0xFF, marker, high, low]) = jpeg.get(at..at + 4)
        && marker != SOS
    {
        let end = at + 2 + usize::from(u16::from_be_bytes([high, low]));
        if end > jpeg.len() {
            break;
        }
        found.push((marker, at..end));
        at = end;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{decode_jpeg, read_head};

    #[test]
    fn a_picture_without_tables_gets_them_and_decodes_the_same() {
        let pixels = (0..40 * 24 * 3).map(|i: u32| (i.wrapping_mul(2_654_435_761) >> 25) as u8).collect();
        let whole = Bytes::from(encode_jpeg(&Rgb { width: 40, height: 24, pixels }, 80).unwrap());
        assert_eq!(completed(whole.clone()), whole, "what is complete stays as it is");

        let mut bare = whole.to_vec();
        for (marker, place) in segments(&whole).into_iter().rev() {
            if marker == DHT {
                bare.drain(place);
            }
        }
        assert!(decode_jpeg(&bare).is_err(), "the tables are needed");
        let completed = completed(bare.into());
        assert!(read_head(&completed).is_ok());
        assert_eq!(decode_jpeg(&completed).unwrap(), decode_jpeg(&whole).unwrap());
    }
}
