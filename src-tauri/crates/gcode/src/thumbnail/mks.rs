//! Pictures for MKS screens: `;simage:` (small) and `;gimage:` (large).
//!
//! The newer form has a palette and runs, six bits to a character. The older one has two bytes to a pixel as
//! hexadecimal digits, row by row, where the rows behind the first are behind `M10086 ;`.

use super::MOST_TEXT;
use super::pixels::{Pixels, fitting};
use super::text::hex;

const HEADER: usize = 32;
/// In the header, where it says that the newer form follows.
const MARK: u32 = 0x05DD_C33C;

/// What the lines of both pictures say so far.
#[derive(Default)]
pub(super) struct Joined {
    small: Picture,
    large: Picture,
    /// The rows that follow belong to the large one.
    in_large: bool,
}

#[derive(Default)]
struct Picture {
    text: Vec<u8>,
    /// Where rows end, where each stands on a line of its own.
    rows: Vec<usize>,
}

impl Joined {
    /// Takes in a comment.
    pub(super) fn comment(&mut self, comment: &[u8]) {
        let comment = comment.strip_prefix(b";").unwrap_or(comment);
        let Some((kind, text)) = comment.split_at_checked(7) else { return };
        match kind {
            b"simage:" => self.in_large = false,
            b"gimage:" => self.in_large = true,
            _ => return,
        }
        self.row(text);
    }

    /// Takes in a row of the picture that was begun.
    pub(super) fn row(&mut self, text: &[u8]) {
        let picture = if self.in_large { &mut self.large } else { &mut self.small };
        if picture.text.len() + text.len() <= MOST_TEXT && !text.is_empty() {
            picture.text.extend_from_slice(text);
            picture.rows.push(picture.text.len());
        }
    }

    /// Returns the pictures, the large one first.
    pub(super) fn finish(self) -> Vec<Pixels> {
        [self.large, self.small].iter().filter_map(|p| p.packed().or_else(|| p.plain())).collect()
    }
}

impl Picture {
    /// Reads the newer form.
    fn packed(&self) -> Option<Pixels> {
        let bytes = six_bits(&self.text)?;
        let number = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        let (width, height) = (number(4)?, number(8)?);
        let count = fitting(width, height).filter(|_| number(12) == Some(MARK))?;
        let (list, size) = (number(16)? as usize, number(20)? as usize);
        let palette: Vec<u16> = bytes
            .get(HEADER..HEADER.checked_add(list)?)?
            .chunks_exact(2)
            .map(|c| u16::from_le_bytes([c[0], c[1]]))
            .collect();
        let runs = bytes.get(HEADER + list..)?;
        let colours = unrolled(&runs[..size.min(runs.len())], &palette, count)?;
        Pixels::of_565(width, height, &colours)
    }

    /// Reads the older form.
    fn plain(&self) -> Option<Pixels> {
        let colours: Vec<u16> =
            hex(&self.text)?.chunks_exact(2).map(|c| u16::from_le_bytes([c[0], c[1]])).collect();
        let width = u32::try_from(*self.rows.first()? / 4).ok()?;
        let height = u32::try_from(self.rows.len()).ok()?;
        Pixels::of_565(width, height, &colours)
    }
}

/// Four characters hold three bytes, and the last few what is left.
fn six_bits(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for four in text.chunks(4) {
        let mut bits = 0u32;
        for byte in four {
            // The backslash would not survive in a comment.
            let byte = if *byte == b'~' { b'\\' } else { *byte };
            bits = bits << 6 | u32::from(byte.checked_sub(0x30).filter(|b| *b < 64)?);
        }
        bits <<= 6 * (4 - four.len());
        bytes.extend_from_slice(&bits.to_be_bytes()[1..=four.len() * 6 / 8]);
    }
    Some(bytes)
}

/// Unrolls runs: three bits of count and five of index, into groups of 32 colours. Count 7 chooses the group, count 0
/// stands in the next byte.
fn unrolled(runs: &[u8], palette: &[u16], count: usize) -> Option<Vec<u16>> {
    let (mut colours, mut group) = (Vec::new(), 0);
    let mut bytes = runs.iter().copied();
    while let Some(byte) = bytes.next() {
        let (mut times, index) = (usize::from(byte >> 5), usize::from(byte & 31));
        match times {
            7 => {
                group = index * 32;
                continue;
            }
            0 => times = usize::from(bytes.next()?),
            _ => (),
        }
        let colour = *palette.get(group + index)?;
        // What is too much is padding.
        colours.extend(std::iter::repeat_n(colour, times.min(count - colours.len())));
    }
    (colours.len() == count).then_some(colours)
}
