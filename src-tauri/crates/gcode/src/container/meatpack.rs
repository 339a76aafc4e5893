//! Unpacks MeatPack: the fifteen commonest characters of G-code in four bits each.
//!
//! A byte holds two characters, the first in its low half. A half of 15 says that this character follows as a whole
//! byte. Two bytes 255 announce a command: packing on and off, and whether `E` stands in for the space. What follows
//! a line's end in the same byte is filling.

const SIGNAL: u8 = 0xff;
const WHOLE: u8 = 0x0f;

/// Unpacks the blocks of a file, one after the other.
#[derive(Debug, Default)]
pub(super) struct MeatPack {
    line: Line,
}

/// Where the text stands, so that blanks that were left out of `G` commands are put back.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// At its beginning.
    #[default]
    Start,
    /// After a `G` that began it.
    G,
    /// In a `G` command: letters begin words.
    Words,
    /// In anything else, or in a comment.
    Other,
}

/// What the next byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    /// Two characters, or a whole one while packing is off.
    Pair,
    /// One whole character, then perhaps one that came with its pair.
    Whole(Option<u8>),
    /// Two whole ones.
    TwoWhole,
}

impl MeatPack {
    /// Unpacks one block and appends it to `out`. `None` when the block ends in the middle of a character, or would
    /// not fit in `most` bytes.
    pub(super) fn unpack(&mut self, packed: &[u8], out: &mut Vec<u8>, most: usize) -> Option<()> {
        let (mut on, mut no_spaces) = (false, false);
        let mut expect = Expect::Pair;
        let mut signals = 0;
        for &byte in packed {
            if signals == 2 {
                signals = 0;
                match byte {
                    251 => on = true,
                    250 => on = false,
                    249 => (on, no_spaces) = (false, false),
                    247 => no_spaces = true,
                    246 => no_spaces = false,
                    // A question for the packer's settings, and what nobody has defined.
                    _ => (),
                }
                continue;
            }
            if byte == SIGNAL {
                signals += 1;
                continue;
            }
            if signals == 1 {
                signals = 0;
                expect = self.take(SIGNAL, on, no_spaces, expect, out);
            }
            expect = self.take(byte, on, no_spaces, expect, out);
            if out.len() > most {
                return None;
            }
        }
        (expect == Expect::Pair && signals == 0).then_some(())
    }

    fn take(&mut self, byte: u8, on: bool, no_spaces: bool, expect: Expect, out: &mut Vec<u8>) -> Expect {
        match expect {
            Expect::Whole(then) => {
                self.put(byte, out);
                if let Some(then) = then {
                    self.put(then, out);
                }
                Expect::Pair
            }
            Expect::TwoWhole => {
                self.put(byte, out);
                Expect::Whole(None)
            }
            Expect::Pair if !on => {
                self.put(byte, out);
                Expect::Pair
            }
            Expect::Pair => {
                let (first, second) = (byte & WHOLE, byte >> 4);
                match (first, second) {
                    (WHOLE, WHOLE) => Expect::TwoWhole,
                    (WHOLE, second) => Expect::Whole(Some(character(second, no_spaces))),
                    (first, second) => {
                        let first = character(first, no_spaces);
                        self.put(first, out);
                        match second {
                            _ if first == b'\n' => Expect::Pair,
                            WHOLE => Expect::Whole(None),
                            second => {
                                self.put(character(second, no_spaces), out);
                                Expect::Pair
                            }
                        }
                    }
                }
            }
        }
    }

    fn put(&mut self, c: u8, out: &mut Vec<u8>) {
        self.line = match (self.line, c) {
            (_, b'\n') => Line::Start,
            (_, b';') => Line::Other,
            (Line::Start, b'G') => Line::G,
            (Line::G, b'0'..=b'9') => Line::Words,
            (Line::Words, b'A'..=b'Z') => {
                if !matches!(out.last(), Some(b' ')) {
                    out.push(b' ');
                }
                Line::Words
            }
            (Line::Words, _) => Line::Words,
            (Line::Start | Line::G | Line::Other, _) => Line::Other,
        };
        out.push(c);
    }
}

fn character(half: u8, no_spaces: bool) -> u8 {
    match half {
        11 if no_spaces => b'E',
        half => b"0123456789. \nGX\0"[usize::from(half & WHOLE)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack;

    fn unpacked(packed: &[u8]) -> Option<String> {
        let mut out = Vec::new();
        MeatPack::default().unpack(packed, &mut out, 1 << 20)?;
        Some(String::from_utf8_lossy(&out).into_owned())
    }

    #[test]
    fn a_block_written_by_hand_is_understood() {
        // "G1", " X", "2\n": low half first.
        let plain = [255, 255, 251, 0x1d, 0xeb, 0xc2];
        assert_eq!(unpacked(&plain).unwrap(), "G1 X2\n");
        // "M" whole, "8" from the pair; "3" and the line's end; then a line's end with filling.
        assert_eq!(unpacked(&[255, 255, 251, 0x8f, b'M', 0xc3, 0xcc]).unwrap(), "M83\n\n");
        // Both whole.
        assert_eq!(unpacked(&[255, 255, 251, 255, b'F', b'S', 0xcc]).unwrap(), "FS\n");
        // Packing is off until it is switched on.
        assert_eq!(unpacked(b"; hi\n").unwrap(), "; hi\n");
    }

    #[test]
    fn blanks_left_out_are_put_back_in_g_commands_only() {
        let file = "; a comment\nG1 X10.5 Y-3 E.25 F1800\nM104 S200\nG28\nGET_POSITION\nM117 hello\nG92 E0\n";
        for comments in [true, false] {
            let packed = pack::meatpack(file, comments);
            let want = if comments { file } else { file.split_once('\n').unwrap().1 };
            assert_eq!(unpacked(&packed).unwrap(), want);
        }
    }

    #[test]
    fn half_a_character_at_the_end_is_an_error() {
        assert!(unpacked(&[255, 255, 251, 0x8f]).is_none());
        assert!(unpacked(&[255, 255]).is_none());
        let mut out = Vec::new();
        assert!(MeatPack::default().unpack(&[b'x'; 100], &mut out, 50).is_none(), "more than is allowed");
    }
}
