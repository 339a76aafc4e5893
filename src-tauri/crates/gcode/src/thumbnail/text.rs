//! Bytes as text: base64 and hexadecimal digits.

/// Decodes base64; `None` when there is anything else in it.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii();
    let end = text.iter().position(|b| *b == b'=').unwrap_or(text.len());
    let (body, padding) = text.split_at(end);
    if padding.len() > 2 || padding.iter().any(|b| *b != b'=') || body.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(body.len() / 4 * 3 + 2);
    for part in body.chunks(4) {
        let mut bits = 0u32;
        for at in 0..4 {
            bits = bits << 6 | part.get(at).map_or(Some(0), |b| six_bits(*b))?;
        }
        bytes.extend_from_slice(&bits.to_be_bytes()[1..part.len()]);
    }
    Some(bytes)
}

fn six_bits(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

/// Decodes hexadecimal digits; `None` when there is anything else.
pub(super) fn hex(digits: &[u8]) -> Option<Vec<u8>> {
    let digits = digits.trim_ascii();
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    let digit = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
    pairs.map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

/// Reads `16x16 400`, `16*16 400` and `16 16 400`; zeros when it is none.
pub(super) fn size(words: &str) -> (u32, u32) {
    let mut numbers = words.split([' ', 'x', '*']).map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(width)), Some(Ok(height))) => (width, height),
        _ => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded_or_refused() {
        let table: [(&[u8], Option<&[u8]>); 8] = [
            (b"aGVsbG8=", Some(b"hello")),
            (b"aGVsbG8", Some(b"hello")),
            (b"aGk=", Some(b"hi")),
            (b"////", Some(&[255, 255, 255])),
            (b"", Some(b"")),
            (b"aGVsbG8*", None),
            (b"aG=k", None),
            (b"aGVsb", None),
        ];
        for (text, want) in table {
            assert_eq!(base64(text).as_deref(), want, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn digits_and_sizes_are_read() {
        assert_eq!((hex(b"ffd8"), hex(b"ffd"), hex(b"fg")), (Some(vec![255, 216]), None, None));
        assert_eq!(
            (size("16x12 400"), size("96*90 1 2"), size("300 200 9")),
            ((16, 12), (96, 90), (300, 200))
        );
        assert_eq!(size("x"), (0, 0));
    }
}
