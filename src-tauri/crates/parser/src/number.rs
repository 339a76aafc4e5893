//! Numbers as Marlin's parser reads them.

/// Numbers beyond this are cut to it: no machine goes there, and sums stay finite.
pub const MOST: f64 = 1e9;

/// Powers of ten that a double holds exactly: the quotient of two exact numbers is rounded once, so correctly.
const TENS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// The same as whole numbers.
const WHOLE_TENS: [u64; 16] = {
    let mut tens = [1; 16];
    let mut n = 1;
    while n < tens.len() {
        tens[n] = tens[n - 1] * 10;
        n += 1;
    }
    tens
};

/// Returns the number that `text` begins with, as `strtof` reads it where Marlin lets it see no exponent; `None` where
/// Marlin finds no value: one begins with a digit, or a point and a digit, behind at most one sign.
///
/// What follows (`1.2.3`, `1-2`, `1,5`, `1E3`) is not part of it. The result is finite and within ±[`MOST`].
#[inline]
pub fn number(text: &[u8]) -> Option<f64> {
    leading(text).0
}

/// As [`number`], and how many bytes were read.
#[inline]
pub(crate) fn leading(text: &[u8]) -> (Option<f64>, usize) {
    let sign = usize::from(matches!(text.first(), Some(b'-' | b'+')));
    let (mut mantissa, mut count) = digits(text.get(sign..).unwrap_or_default());
    let (mut at, mut behind) = (sign + count, 0);
    if text.get(at) == Some(&b'.') {
        let (fraction, len) = digits(&text[at + 1..]);
        // `5.` is a number, `.` and `.x` are none.
        if count + len > 0 {
            // Beyond fifteen digits the text is read instead.
            mantissa = mantissa.wrapping_mul(WHOLE_TENS[len & 15]).wrapping_add(fraction);
            (at, behind, count) = (at + 1 + len, len, count + len);
        }
    }
    if count == 0 {
        return (None, 0);
    }
    let size = if count <= 15 { mantissa as f64 / TENS[behind & 15] } else { many_digits(&text[sign..at]) };
    let size = size.min(MOST);
    (Some(if text[0] == b'-' { -size } else { size }), at)
}

/// Returns the number that digits make, and how many they are.
#[inline]
fn digits(text: &[u8]) -> (u64, usize) {
    let mut value = 0u64;
    for (len, byte) in text.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return (value, len);
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    (value, text.len())
}

/// More digits than a double holds exactly.
#[cold]
fn many_digits(text: &[u8]) -> f64 {
    str::from_utf8(text).ok().and_then(|digits| digits.parse().ok()).unwrap_or(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_as_marlin_does() {
        let table = [
            ("1", Some(1.0)),
            ("-1.5", Some(-1.5)),
            ("+.25", Some(0.25)),
            ("12.", Some(12.0)),
            ("1.2.3", Some(1.2)),
            ("1-2", Some(1.0)),
            ("1,5", Some(1.0)),
            ("2E3", Some(2.0)),
            ("2e-3", Some(2.0)),
            ("0x10", Some(0.0)),
            ("5 6", Some(5.0)),
            ("007", Some(7.0)),
            ("", None),
            ("-", None),
            (".", None),
            (".x", None),
            ("-.", None),
            ("+-1", None),
            ("--1", None),
            (" 1", None),
            ("nan", None),
            ("inf", None),
            ("\u{661}", None),
        ];
        for (text, want) in table {
            assert_eq!(number(text.as_bytes()), want, "{text:?}");
        }
        assert_eq!(number("9".repeat(5000).as_bytes()), Some(MOST));
        assert_eq!(number(format!("-{}", "9".repeat(5000)).as_bytes()), Some(-MOST));
        assert_eq!(number(format!("0.{}1", "0".repeat(500)).as_bytes()), Some(0.0));
    }

    proptest! {
        #[test]
        fn they_are_those_of_the_standard_library(text in "[+-]?[0-9]{1,9}(\\.[0-9]{0,20})?") {
            let want: f64 = text.parse().unwrap();
            prop_assert_eq!(number(text.as_bytes()), Some(want));
        }

        #[test]
        fn any_bytes_give_a_finite_number_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            prop_assert!(number(&bytes).is_none_or(|n| n.abs() <= MOST));
        }
    }
}
