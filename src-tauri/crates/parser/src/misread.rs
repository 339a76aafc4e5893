//! What slicers and scripts leave in a file that a printer reads otherwise than it is meant, or not at all.

/// What a printer does not read as it is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misread {
    /// A word of the slicer's template stands where a value belongs: `F{speed_travel}`, `S[first_layer_temperature]`. The
    /// printer reads no value.
    Placeholder,
    /// A number with an exponent: of `E1.2e-05` the printer reads 1.2.
    Exponent,
}

/// Returns whether the letter E at `at`, behind the first parameter, is meant as an exponent: `E1.2e-05`, `E3E+4`. In a
/// command without blanks, `X1E-2` is two parameters. `small` is a command all in small letters, `twice` one in which an E
/// stands already.
pub(crate) fn is_exponent(bytes: &[u8], arguments: usize, at: usize, small: bool, twice: bool) -> bool {
    let signed = matches!(bytes[at + 1..], [b'-' | b'+', b'0'..=b'9', ..]);
    let digit = bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
    if !matches!(bytes[at - 1], b'0'..=b'9' | b'.') || !(signed || digit) {
        return false;
    }
    if bytes[at] == b'e' && !small {
        return true;
    }
    let apart = |pair: &[u8]| matches!(pair[0], b' ' | b'\t') && pair[1].is_ascii_alphabetic();
    let end = bytes.iter().position(|b| matches!(b, b';' | b'*')).unwrap_or(bytes.len());
    signed && (twice || bytes[arguments..end.max(arguments)].windows(2).any(apart))
}

/// Returns the length of a word of a slicer's template, with its brackets, when one begins here.
pub(crate) fn placeholder(text: &[u8]) -> Option<usize> {
    let close = match text {
        [b'{', next, ..] if next.is_ascii_alphabetic() || *next == b'_' => b'}',
        [b'[', next, ..] if next.is_ascii_alphabetic() || *next == b'_' => b']',
        _ => return None,
    };
    Some(text.iter().position(|b| *b == close).map_or(text.len(), |at| at + 1))
}

/// Returns whether one stands in a text, outside of quotes.
pub(crate) fn holds_placeholder(text: &[u8]) -> bool {
    let mut quoted = false;
    text.iter().enumerate().any(|(at, byte)| {
        quoted ^= *byte == b'"';
        !quoted && placeholder(&text[at..]).is_some()
    })
}
