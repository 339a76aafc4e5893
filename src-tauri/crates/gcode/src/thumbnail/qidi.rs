//! Pictures for Qidi's and other Chitu boards: `M4010 X79 Y79`, then `M4010 I0 T211 'f7be3002...'`.
//!
//! Words of four hexadecimal digits: a colour, whose bit of the middle green says that a count of pixels follows.

use super::pixels::{MOST_PIXELS, Pixels, fitting};
use super::text::hex;
use parser::Command;

/// Set in a colour that comes more than once.
const REPEATED: u16 = 0x20;
/// Set in a count.
const COUNT: u16 = 0x3000;

/// The picture so far.
#[derive(Default)]
pub(super) struct Words {
    size: Option<(u32, u32)>,
    colours: Vec<u16>,
}

impl Words {
    /// Takes in what stands behind `M4010`.
    pub(super) fn take(&mut self, text: &[u8]) {
        let Some(at) = text.iter().position(|b| *b == b'\'') else {
            self.begin(text);
            return;
        };
        let digits = text[at + 1..].split(|b| *b == b'\'').next().unwrap_or_default();
        let bytes = hex(digits).unwrap_or_default();
        let mut all = bytes.chunks_exact(2).map(|c| u16::from_be_bytes([c[0], c[1]]));
        while let Some(colour) = all.next() {
            let times = if colour & REPEATED == 0 { 1 } else { all.next().map_or(0, |n| n & !COUNT) };
            if self.colours.len() + usize::from(times) > MOST_PIXELS {
                return;
            }
            self.colours.extend(std::iter::repeat_n(colour & !REPEATED, usize::from(times)));
        }
    }

    /// Returns the picture.
    pub(super) fn finish(self) -> Option<Pixels> {
        let (width, height) = self.size?;
        Pixels::of_565(width, height, &self.colours)
    }

    fn begin(&mut self, text: &[u8]) {
        let line = [b"M4010 ", text].concat();
        let size = Command::read(&line).and_then(|c| c.value('X').zip(c.value('Y')));
        if let Some((width, height)) = size {
            let size = (width as u32, height as u32);
            self.size = fitting(size.0, size.1).map(|_| size);
            self.colours.clear();
        }
    }
}
