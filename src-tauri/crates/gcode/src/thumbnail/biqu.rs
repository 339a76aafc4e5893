//! Pictures for the screens of BIQU (BIGTREETECH): `;00460046`, width and height as hexadecimal digits, then `;` and a row
//! of pixels each, four digits to a colour of 16 bits.

use super::pixels::{Pixels, fitting};
use super::text::hex;
use crate::MAX_THUMBNAILS;

/// Digits of the shortest row: no picture is narrower.
const LEAST_DIGITS: usize = 32;

/// The picture that is open, and those that are whole.
#[derive(Default)]
pub(super) struct Rows {
    open: Option<(u32, u32, Vec<u16>)>,
    whole: Vec<Pixels>,
}

impl Rows {
    /// Takes in a comment. Returns whether it belongs to such a picture.
    pub(super) fn comment(&mut self, comment: &[u8]) -> bool {
        if let Some(size) = size(comment) {
            self.open = Some((size.0, size.1, Vec::new()));
            return true;
        }
        let Some((width, height, colours)) = &mut self.open else { return false };
        let row = Some(comment).filter(|row| row.len() == *width as usize * 4).and_then(hex);
        let Some(row) = row else {
            self.open = None;
            return false;
        };
        colours.extend(row.chunks_exact(2).map(|c| u16::from_le_bytes([c[0], c[1]])));
        if colours.len() == *width as usize * *height as usize {
            self.whole.extend(Pixels::of_565(*width, *height, colours));
            self.whole.truncate(MAX_THUMBNAILS);
            self.open = None;
        }
        true
    }

    /// Returns the pictures that are whole.
    pub(super) fn finish(self) -> Vec<Pixels> {
        self.whole
    }
}

/// Returns whether a comment is a row of pixels.
pub(super) fn is_row(comment: &[u8]) -> bool {
    comment.len() >= LEAST_DIGITS
        && comment.len().is_multiple_of(4)
        && comment.iter().all(u8::is_ascii_hexdigit)
}

/// Reads `00460046`.
fn size(comment: &[u8]) -> Option<(u32, u32)> {
    let [w0, w1, h0, h1] = hex(comment)?[..] else { return None };
    let (width, height) = (u32::from(u16::from_be_bytes([w0, w1])), u32::from(u16::from_be_bytes([h0, h1])));
    (comment.len() == 8 && width as usize * 4 >= LEAST_DIGITS).then_some(())?;
    fitting(width, height).map(|_| (width, height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_a_picture_only_when_all_are_there() {
        let row = "00f8".repeat(8);
        let take = |lines: &[&str]| {
            let mut rows = Rows::default();
            lines.iter().for_each(|line| {
                rows.comment(line.as_bytes());
            });
            rows.finish()
        };
        let whole = take(&["00080002", &row, &row, "bigtree thumbnail end"]);
        assert_eq!((whole.len(), whole[0].width, whole[0].height), (1, 8, 2));
        assert_eq!(whole[0].rgba[..4], [255, 0, 0, 255], "red");
        assert_eq!(take(&["00080002", &row, "LAYER:0", &row]), []);
        assert_eq!(take(&["00080002", &row[1..], &row, &row]), []);
        assert_eq!(take(&["ffffffff", &row]), []);
        assert!(is_row(row.as_bytes()) && !is_row(b"LAYER:0") && !is_row(b"0.25"));
    }
}
