//! The words of a command: a letter and its number. Read from bytes, for files have millions of them.

/// One word of a command: a letter and its number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Word {
    /// Upper case.
    pub letter: char,
    /// What follows it; `None` for a bare letter.
    pub value: Option<f64>,
}

/// Yields the words of a command. Text that is no word is passed over.
pub fn words(text: &str) -> impl Iterator<Item = Word> + '_ {
    let mut rest = text.as_bytes();
    std::iter::from_fn(move || {
        let at = rest.iter().position(u8::is_ascii_alphabetic)?;
        let letter = char::from(rest[at].to_ascii_uppercase());
        let tail = rest[at + 1..].trim_ascii_start();
        let (value, len) = number(tail);
        rest = &tail[len..];
        Some(Word { letter, value })
    })
}

/// Powers of ten that a double holds exactly: the quotient of two exact numbers is rounded once, so correctly.
const TENS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// Reads the number that `text` begins with. Returns it and its length; no value when it is none.
fn number(text: &[u8]) -> (Option<f64>, usize) {
    let (mut mantissa, mut digits, mut behind) = (0u64, 0usize, 0usize);
    let (mut point, mut plain, mut len) = (false, true, 0);
    for byte in text {
        match byte {
            b'0'..=b'9' => {
                mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
                digits += 1;
                behind += usize::from(point);
            }
            b'.' => {
                plain &= !point;
                point = true;
            }
            b'-' | b'+' => plain &= len == 0,
            _ => break,
        }
        len += 1;
    }
    if !plain || digits == 0 {
        return (None, len);
    }
    if digits > 15 {
        let value = std::str::from_utf8(&text[..len]).ok().and_then(|text| text.parse().ok());
        return (value, len);
    }
    let size = mantissa as f64 / TENS[behind];
    (Some(if text[0] == b'-' { -size } else { size }), len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<(char, Option<f64>)> {
        words(text).map(|w| (w.letter, w.value)).collect()
    }

    #[test]
    fn words_are_read_with_and_without_spaces() {
        assert_eq!(
            read("G1X-1.5 y+.25 E 3."),
            [('G', Some(1.0)), ('X', Some(-1.5)), ('Y', Some(0.25)), ('E', Some(3.0))]
        );
        assert_eq!(read("G28 X"), [('G', Some(28.0)), ('X', None)]);
        assert_eq!(read("G1 X1-2 Y. Z1.2.3"), [('G', Some(1.0)), ('X', None), ('Y', None), ('Z', None)]);
    }

    proptest! {
        #[test]
        fn numbers_are_those_of_the_standard_library(text in "[+-]?[0-9]{1,20}(\\.[0-9]{0,20})?") {
            let want: f64 = text.parse().unwrap();
            prop_assert_eq!(number(text.as_bytes()), (Some(want), text.len()));
        }
    }
}
