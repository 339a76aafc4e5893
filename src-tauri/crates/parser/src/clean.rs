//! From the bytes of a file to what is sent: odd bytes, blanks, small letters and over-long texts.

use crate::handling::Handling;
use crate::misread::placeholder;
use crate::parse::{Command, HOST, MAX_TEXT, NAMED, NO_NUMBER, UNKNOWN, begins_number, is_text};

/// Returns a line of a file in ASCII without control characters: the line itself where it is so already, as nearly all
/// are, else what was written to `buffer`.
///
/// Blanks of any script become blanks, what has no width is dropped, all else becomes `?`. Comments in brackets are taken
/// out, except where a text follows the command.
pub fn clean<'a>(raw: &'a [u8], buffer: &'a mut Vec<u8>) -> &'a [u8] {
    if is_plain(raw) {
        return raw;
    }
    buffer.clear();
    let mut rest = raw;
    while let Some(first) = rest.first() {
        let (len, blank) = match rest {
            // Byte order mark, spaces without width, soft hyphen.
            [0xef, 0xbb, 0xbf, ..] | [0xe2, 0x80, 0x8b..=0x8f, ..] | [0xe2, 0x81, 0xa0, ..] => (3, None),
            [0xc2, 0xad, ..] => (2, None),
            [0xc2, 0xa0 | 0x85, ..] => (2, Some(b' ')),
            [0xe2, 0x80, 0x80..=0x8a | 0xa8 | 0xa9 | 0xaf, ..]
            | [0xe2, 0x81, 0x9f, ..]
            | [0xe3, 0x80, 0x80, ..] => (3, Some(b' ')),
            // Alone, it is the no-break space of an older code.
            [b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | 0xa0, ..] => (1, Some(b' ')),
            [0x20..=0x7e, ..] => (1, Some(*first)),
            _ => (1, Some(b'?')),
        };
        buffer.extend(blank);
        rest = &rest[len..];
    }
    if buffer.contains(&b'(') && !is_text(buffer) {
        let (mut within, mut behind, mut quoted) = (false, false, false);
        buffer.retain(|b| {
            behind |= *b == b';';
            quoted ^= *b == b'"' && !within;
            let begins = *b == b'(' && !behind && !quoted;
            let kept = !(within || begins);
            within = (within || begins) && *b != b')';
            kept
        });
    }
    buffer
}

/// Returns whether all bytes are ASCII that can be seen, or blanks, and none opens a bracket. Eight at a time.
#[inline]
fn is_plain(raw: &[u8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    // In each byte the highest bit is set where the byte is below 0x20, 0x7f, above, or `(`. A borrow can set it in the byte
    // behind one of those as well, which changes nothing.
    let odd = |word: u64| {
        let (rub, open) = (word ^ (0x7f * ONES), word ^ (u64::from(b'(') * ONES));
        let below = word.wrapping_sub(0x20 * ONES) & !word;
        (word | below | (rub.wrapping_sub(ONES) & !rub) | (open.wrapping_sub(ONES) & !open)) & HIGH != 0
    };
    let word = |eight: &[u8]| eight.try_into().map_or(u64::MAX, u64::from_le_bytes);
    if raw.len() < 8 {
        return raw.iter().all(|b| (0x20..0x7f).contains(b) && *b != b'(');
    }
    // The last eight overlap the ones before.
    !odd(word(&raw[raw.len() - 8..])) && !raw.chunks_exact(8).any(|eight| odd(word(eight)))
}

impl Command<'_> {
    /// Writes to `out` what is sent for this command, or, where it is not sent, what people are shown: the letter in
    /// capitals, the number without blanks and leading zeros, no comment within. A text is cut to [`MAX_TEXT`].
    ///
    /// # Errors
    /// With its length, bytes, when it is longer than [`MAX_TEXT`].
    pub fn write(&self, out: &mut String) -> Result<(), usize> {
        out.clear();
        let (letter, number) = self.code();
        if let Handling::Dwell(millis) = self.handling() {
            *out = match millis % 1000 {
                0 => format!("G4 S{}", millis / 1000),
                _ => format!("G4 P{millis}"),
            };
            return Ok(());
        }
        let text = str::from_utf8(self.bytes()).unwrap_or_default();
        if matches!(letter, HOST | NAMED | UNKNOWN) {
            out.push_str(text);
        } else if self.is_canonical() {
            // As nearly all of a slicer's lines are.
            out.push_str(text);
        } else {
            self.rewrite(letter, number, out);
        }
        let is_shown = self.is_string() || self.handling() != Handling::Send;
        if out.len() > MAX_TEXT && is_shown {
            out.truncate(MAX_TEXT);
            out.truncate(out.trim_end().len());
        }
        let bytes = out.len();
        if bytes > MAX_TEXT && letter == 'G' {
            // Numbers with needless many decimals: a firmware needs no blanks between them.
            out.retain(|c| c != ' ');
        }
        if out.len() > MAX_TEXT { Err(bytes) } else { Ok(()) }
    }

    /// It is sent as it stands.
    fn is_canonical(&self) -> bool {
        let bytes = self.bytes();
        let word = matches!(bytes, [b'G' | b'M' | b'T', b'1'..=b'9', ..] | [b'G' | b'M' | b'T', b'0'])
            || matches!(bytes, [b'G' | b'M' | b'T', b'0', next, ..] if !next.is_ascii_digit());
        let odd = |b: &u8| b.is_ascii_lowercase() || *b == b'*';
        word && !bytes.iter().fold(false, |found, b| found | odd(b))
    }

    fn rewrite(&self, letter: char, number: u16, out: &mut String) {
        out.push(letter);
        let arguments = str::from_utf8(self.arguments()).unwrap_or_default();
        if number == NO_NUMBER {
            // `Tx`, `Tc`, `T?`: the small letter is its name.
            out.push_str(str::from_utf8(self.bytes()).unwrap_or_default()[1..].trim());
            return;
        }
        out.push_str(&number.to_string());
        if let Some(subcode) = self.subcode() {
            out.push('.');
            out.push_str(&subcode.to_string());
        }
        if arguments.is_empty() {
            return;
        }
        out.push(' ');
        if self.is_string() {
            // The firmware would take a star for the checksum's.
            out.extend(arguments.chars().map(|c| if c == '*' { 'x' } else { c }));
            return;
        }
        let all = letter == 'G';
        let (mut quoted, mut last) = (false, ' ');
        let mut chars = arguments.chars();
        while let Some(c) = chars.next() {
            // A word of the slicer's template stays as it is, so that people find it again.
            if !quoted
                && matches!(c, '{' | '[')
                && let Some(len) =
                    placeholder(&arguments.as_bytes()[arguments.len() - chars.as_str().len() - 1..])
            {
                out.push(c);
                out.extend(chars.by_ref().take(len - 1));
                last = ' ';
                continue;
            }
            quoted ^= c == '"';
            let exponent = c == 'e' && !self.is_small() && matches!(last, '0'..='9' | '.');
            last = c;
            // Firmwares know capitals only.
            let value = || begins_number(chars.as_str().trim_start().as_bytes());
            let raise = c.is_ascii_lowercase()
                && !quoted
                && !exponent
                && (all || ((letter == 'T' || number > 1) && value()));
            out.push(if raise { c.to_ascii_uppercase() } else { c });
        }
        out.truncate(out.trim_end().len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(raw: &[u8]) -> Option<Result<String, usize>> {
        let (mut buffer, mut out) = (Vec::new(), String::new());
        let command = Command::read(clean(raw, &mut buffer))?;
        Some(command.write(&mut out).map(|()| out))
    }

    #[test]
    fn every_odd_byte_is_seen_wherever_it_stands() {
        for len in [0, 1, 7, 8, 9, 15, 16, 17, 31] {
            for byte in 0..=255u8 {
                for at in 0..len {
                    let mut raw = vec![b'G'; len];
                    raw[at] = byte;
                    let plain = (0x20..0x7f).contains(&byte) && byte != b'(';
                    assert_eq!(is_plain(&raw), plain, "{byte:#x} at {at} of {len}");
                }
            }
        }
        assert!(is_plain(b""));
    }

    #[test]
    fn lines_are_made_fit_to_send() {
        let table: &[(&[u8], Option<&str>)] = &[
            (b"G1 X1 ; over there\r\n", Some("G1 X1")),
            (b"G1 (to the left) X1 (and\n", Some("G1  X1")),
            (b";LAYER:3\n", None),
            (b"   \r\n", None),
            (b"N12 G1 X1*55\n", Some("G1 X1")),
            (b"N12\n", None),
            (b"N12 n13 G1 X1\n", Some("G1 X1")),
            (b"g1 x2.5\n", Some("G1 X2.5")),
            (b"G1 x2.5 y\n", Some("G1 X2.5 Y")),
            (b"M104 s200", Some("M104 S200")),
            (b"G1 X1 E1.2e-05", Some("G1 X1 E1.2e-05")),
            (b"g1x1e2", Some("G1 X1E2")),
            (b"g1 x1 f{speed_travel} y2", Some("G1 X1 F{speed_travel} Y2")),
            (b"G1 X1 F{speed_travel}", Some("G1 X1 F{speed_travel}")),
            (b"m104 s[first_layer_temperature]", Some("M104 s[first_layer_temperature]")),
            (b"M117 Layer (3) 50*2\n", Some("M117 Layer (3) 50x2")),
            (b"m117 hello", Some("M117 hello")),
            (b"N5 M117 Hi*71", Some("M117 Hi")),
            ("M117 Größe\n".as_bytes(), Some("M117 Gr????e")),
            (b"\xef\xbb\xbfG28\n", Some("G28")),
            (b"M104\xc2\xa0S205", Some("M104 S205")),
            (b"M104\xa0S205", Some("M104 S205")),
            (b"G28\xc2\xa0\n", Some("G28")),
            ("G1\u{200b} X1\u{2009}Y2\u{3000}Z3".as_bytes(), Some("G1 X1 Y2 Z3")),
            (b"\x0cG1 X1\x0b Y2", Some("G1 X1  Y2")),
            (b"M 104 S205", Some("M104 S205")),
            (b"G028O", Some("G28 O")),
            (b"G28O", Some("G28O")),
            (b"G38.02 Z5", Some("G38.02 Z5")),
            (b"g38.2 z5", Some("G38.2 Z5")),
            (b"G0", Some("G0")),
            (b"G00X5", Some("G0 X5")),
            (b"Tx", Some("Tx")),
            (b"T?", Some("T?")),
            (b"T1", Some("T1")),
            (b"M862.3 P \"mk3s (a)\"", Some("M862.3 P \"mk3s (a)\"")),
            (b"M0 S2", Some("G4 S2")),
            (b"M0P250", Some("G4 P250")),
            (b"EXCLUDE_OBJECT_START NAME=a\n", Some("EXCLUDE_OBJECT_START NAME=a")),
        ];
        for (raw, want) in table {
            let got = sent(raw).map(|text| text.expect("it fits"));
            assert_eq!(got.as_deref(), *want, "{:?}", String::from_utf8_lossy(raw));
        }
    }

    #[test]
    fn a_text_is_cut_and_a_long_command_is_an_error() {
        let long = "x".repeat(200);
        for text in ["M117 ", "m118 ", "M486 A", "M0 ", "M23 /", "@pause "] {
            let fits = sent(format!("{text}{long}").as_bytes()).map(|t| t.map(|t| t.len()));
            assert_eq!(fits, Some(Ok(MAX_TEXT)), "{text}");
        }
        assert_eq!(sent(format!("G1 X{}", "1".repeat(100)).as_bytes()), Some(Err(104)));
        let precise = "G1 X10.12345678901234567 Y20.12345678901234567 Z0.20000000000000001 E1.2345678 F12";
        assert_eq!(
            sent(precise.as_bytes()).map(|t| t.map(|t| t.len() <= MAX_TEXT)),
            Some(Ok(true)),
            "without blanks"
        );
        assert_eq!(format!("N09999999 {}*255", "x".repeat(MAX_TEXT)).len(), 95);
    }

    proptest::proptest! {
        #[test]
        fn what_is_sent_is_read_as_what_stood_there(raw in "[GMTN@gm]?[GMT0-9 XYZEFSPxe.;(*\t+-]{0,40}") {
            let (mut buffer, mut out) = (Vec::new(), String::new());
            if let Some(command) = Command::read(clean(raw.as_bytes(), &mut buffer))
                && command.handling() == Handling::Send
                && command.write(&mut out).is_ok()
            {
                let again = Command::of(&out).expect("a command stays one");
                proptest::prop_assert_eq!(again.code(), command.code());
                for letter in 'A'..='Z' {
                    proptest::prop_assert_eq!(again.value(letter), command.value(letter), "{} as {}", raw, out);
                    proptest::prop_assert_eq!(again.has(letter), command.has(letter), "{} as {}", raw, out);
                }
            }
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(raw in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..80)) {
            if let Some(Ok(text)) = sent(&raw) {
                proptest::prop_assert!(text.len() <= MAX_TEXT && text.bytes().all(|b| (0x20..0x7f).contains(&b)));
            }
            let _ = Command::read(&raw).map(|c| (c.name().len(), c.value('X'), c.named("A").is_some()));
        }
    }
}
