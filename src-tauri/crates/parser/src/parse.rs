//! A line, taken apart.

use crate::misread::{Misread, holds_placeholder, is_exponent, placeholder};
use crate::number::leading;

/// Longest text that fits the firmware's 95 bytes, with `N01234567 ` before and `*123` behind.
pub const MAX_TEXT: usize = 95 - 10 - 4;
/// Number of a letter that has none, such as `T` alone or `Tx`.
pub const NO_NUMBER: u16 = u16::MAX;
/// The letter of a command for the host: `@pause`.
pub const HOST: char = '@';
/// The letter of a command with a name: `PRINT_START BED=60`.
pub const NAMED: char = '_';
/// The letter of what is no command.
pub const UNKNOWN: char = '?';

/// One command, borrowed from its line. Reading it allocates nothing.
#[derive(Debug, Clone, Copy)]
pub struct Command<'a> {
    /// From the command's letter to its end: no line number, comment, checksum or blanks around.
    bytes: &'a [u8],
    letter: u8,
    number: u16,
    subcode: Option<u16>,
    /// Where parameters, or the text of a command that takes one, begin in `bytes`.
    arguments: usize,
    /// What follows is text, not parameters.
    is_string: bool,
    /// What the printer does not read as it is meant.
    misread: Option<Misread>,
    /// A bit for each letter that stands as a parameter, and for each that has a value.
    seen: u32,
    valued: u32,
    /// The value of each letter that has one.
    values: [f64; 26],
}

impl<'a> Command<'a> {
    /// Reads a line: an optional line number (`N12`), the command, a checksum (`*71`), a comment (`;` or, where it is not
    /// part of a text, `(...)`), an end of line. Returns `None` when there is no command in it.
    ///
    /// Small letters are read as capitals, as [`crate::clean`] sends them. Bytes that are no ASCII belong to no parameter.
    #[inline]
    pub fn read(line: &'a [u8]) -> Option<Self> {
        let numberless = unnumbered(line);
        let (letter, number, subcode, arguments) = word(numberless)?;
        let is_string = takes_text(letter, number, numberless, arguments);
        let mut command = Self {
            bytes: numberless,
            letter,
            number,
            subcode,
            arguments,
            is_string,
            misread: None,
            seen: 0,
            valued: 0,
            values: [0.0; 26],
        };
        let end = if is_string || letter == HOST as u8 || letter == NAMED as u8 || letter == UNKNOWN as u8 {
            // A star may belong to a text; behind a line number it is the checksum's.
            let is_numbered = numberless.len() < line.trim_ascii_start().len();
            text_end(numberless, is_numbered || !is_string)
        } else {
            command.parameters()
        };
        command.bytes = numberless[..end].trim_ascii_end();
        command.arguments = command.arguments.min(command.bytes.len());
        (!command.bytes.is_empty()).then_some(command)
    }

    /// Reads a line that is text already.
    pub fn of(line: &'a str) -> Option<Self> {
        Self::read(line.as_bytes())
    }

    /// Returns letter and number: `('G', 1)` for `G1`, `G01` and `G 1.5`. The letter is [`HOST`], [`NAMED`] or
    /// [`UNKNOWN`] with 0 for other lines. A number is counted in 16 bits, as Marlin counts it: `M65648` is `M112`.
    #[inline]
    pub fn code(&self) -> (char, u16) {
        (char::from(self.letter), self.number)
    }

    /// Returns what follows a point in the number: 2 for `G38.2`. Most firmwares do not look at it.
    pub fn subcode(&self) -> Option<u16> {
        self.subcode
    }

    /// Returns the name of a command that has one: `PRINT_START`, or `pause` of `@pause`; else its first word.
    pub fn name(&self) -> &'a str {
        let bytes = self.bytes.strip_prefix(b"@").unwrap_or(self.bytes);
        let end = bytes.iter().position(|b| blank(*b) || *b == b'=').unwrap_or(bytes.len());
        str::from_utf8(&bytes[..end]).unwrap_or_default()
    }

    /// Returns the tool of a `T0` to `T15`.
    pub fn tool(&self) -> Option<u8> {
        (self.letter == b'T' && self.number < 16).then_some(self.number as u8)
    }

    /// Returns the whole command, without line number, comment, checksum and blanks around it.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Returns what stands behind the command's word.
    pub fn arguments(&self) -> &'a [u8] {
        &self.bytes[self.arguments..]
    }

    /// Returns whether what follows the word is a text: a message (M117), a file name (M23), a label (M486 A), the words
    /// of a pause (M0).
    pub fn is_string(&self) -> bool {
        self.is_string
    }

    /// Returns what of the command the printer does not read as it is meant, the gravest.
    pub fn misread(&self) -> Option<Misread> {
        let words = self.letter == NAMED as u8 || self.letter == UNKNOWN as u8;
        if words && holds_placeholder(self.bytes) { Some(Misread::Placeholder) } else { self.misread }
    }

    /// Returns whether a parameter stands in the command, with or without a value.
    #[inline]
    pub fn has(&self, letter: char) -> bool {
        bit(letter).is_some_and(|bit| self.seen & 1 << bit != 0)
    }

    /// Returns whether one of `X`, `Y`, `Z` stands in the command.
    #[inline]
    pub fn has_axis(&self) -> bool {
        const AXES: u32 = 0b111 << 23;
        self.seen & AXES != 0
    }

    /// Returns the value of a parameter; the last one where it stands twice. Finite, within ±[`crate::MOST`].
    #[inline]
    pub fn value(&self, letter: char) -> Option<f64> {
        let bit = bit(letter)?;
        (self.valued & 1 << bit != 0).then(|| self.values[bit])
    }

    /// Returns the value of `KEY=VALUE` in a command with a name, the key in any case.
    pub fn named(&self, key: &str) -> Option<&'a str> {
        let arguments = str::from_utf8(self.arguments()).ok()?;
        let mut pairs = arguments.split_ascii_whitespace().filter_map(|pair| pair.split_once('='));
        pairs.find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, value)| value.trim_matches(['"', '\'']))
    }

    /// Notes which parameters stand here, and their values. Returns where they end.
    fn parameters(&mut self) -> usize {
        let bytes = self.bytes;
        let blanks = |mut at: usize| {
            while bytes.get(at).is_some_and(|b| blank(*b)) {
                at += 1;
            }
            at
        };
        // Small letters of a command in capitals count where they have a value, and in G-commands.
        let small_counts = self.letter == b'G';
        let mut at = self.arguments;
        while let Some(&byte) = bytes.get(at) {
            let letter = usize::from((byte | 0x20).wrapping_sub(b'a'));
            if letter >= 26 {
                match self.no_letter(at) {
                    Some(next) => at = next,
                    None => break,
                }
                continue;
            }
            let stands_at = at;
            at = blanks(at + 1);
            let (value, len) = leading(bytes.get(at..).unwrap_or_default());
            // `1.2e-5` of a wrong slicer: the firmware reads 1.2 and passes over the rest.
            let is_exponent = letter == usize::from(b'E' - b'A')
                && stands_at > self.arguments
                && matches!(bytes[stands_at - 1], b'0'..=b'9' | b'.')
                && self.exponent(stands_at);
            if !is_exponent && (value.is_some() || byte.is_ascii_uppercase() || small_counts) {
                self.seen |= 1 << letter;
                self.valued &= !(1 << letter);
                if let Some(value) = value {
                    self.valued |= 1 << letter;
                    self.values[letter] = value;
                }
            }
            at = blanks(self.rest_of_value(at + len));
        }
        at.min(bytes.len())
    }

    /// Passes over what is no parameter. Returns where it ends; `None` where the parameters end.
    #[cold]
    fn no_letter(&mut self, at: usize) -> Option<usize> {
        let bytes = self.bytes;
        let behind = |close: u8, or: usize| {
            bytes[at + 1..].iter().position(|b| *b == close).map_or(or, |len| at + len + 2)
        };
        match bytes[at] {
            b';' | b'*' | b'\r' | b'\n' => None,
            b'(' => Some(behind(b')', bytes.len())),
            b'"' => Some(behind(b'"', at + 1)),
            _ => match placeholder(&bytes[at..]) {
                Some(len) => {
                    self.misread = Some(Misread::Placeholder);
                    Some(at + len)
                }
                None => Some(self.rest_of_value(at + 1)),
            },
        }
    }

    /// Returns where the digits, points and signs from `at` on end.
    #[inline]
    fn rest_of_value(&self, mut at: usize) -> usize {
        while self.bytes.get(at).is_some_and(|b| matches!(b, b'0'..=b'9' | b'.' | b'-' | b'+')) {
            at += 1;
        }
        at
    }

    /// Returns whether the letter E at `at`, glued to the digits before it, is passed over; notes what is meant as an
    /// exponent.
    #[cold]
    fn exponent(&mut self, at: usize) -> bool {
        let twice = self.seen & 1 << (b'E' - b'A') != 0;
        if is_exponent(self.bytes, self.arguments, at, self.is_small(), twice) {
            self.misread = self.misread.or(Some(Misread::Exponent));
        }
        self.bytes[at] == b'e' && !self.is_small()
    }

    /// The whole command is written in small letters.
    pub(crate) fn is_small(&self) -> bool {
        self.bytes[0].is_ascii_lowercase()
    }
}

/// Returns the bit of a letter.
#[inline]
fn bit(letter: char) -> Option<usize> {
    letter.is_ascii_uppercase().then(|| letter as usize - 'A' as usize)
}

#[inline]
fn blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Returns whether a value begins here, as Marlin's `valid_float` says.
#[inline]
pub(crate) fn begins_number(text: &[u8]) -> bool {
    let unsigned = |text: &[u8]| matches!(text, [b'0'..=b'9', ..] | [b'.', b'0'..=b'9', ..]);
    unsigned(text) || matches!(text, [b'-' | b'+', rest @ ..] if unsigned(rest))
}

/// Returns the line from its command on: without blanks, comments in brackets and line numbers. There may be several:
/// behind the second number a command would hide.
fn unnumbered(line: &[u8]) -> &[u8] {
    let mut line = line.trim_ascii_start();
    loop {
        let rest = match line {
            [b'N' | b'n', b'-' | b'+' | b'0'..=b'9', digits @ ..] => {
                let end = digits.iter().position(|b| !b.is_ascii_digit()).unwrap_or(digits.len());
                &digits[end..]
            }
            [b'(', comment @ ..] => {
                let end = comment.iter().position(|b| *b == b')').map_or(comment.len(), |at| at + 1);
                &comment[end..]
            }
            // Hidden from other programs, as Repetier-Server has it.
            [b';', host @ ..] if is_pause(host) => return host,
            _ => return line,
        };
        line = rest.trim_ascii_start();
    }
}

fn is_pause(text: &[u8]) -> bool {
    let word = text.get(..6).is_some_and(|word| word.eq_ignore_ascii_case(b"@pause"));
    word && !text.get(6).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

/// Reads the command's word: letter, number, subcode, and where what follows it begins.
fn word(bytes: &[u8]) -> Option<(u8, u16, Option<u16>, usize)> {
    let first = *bytes.first().filter(|b| !matches!(b, b';' | b'*'))?;
    let other = |letter: char| {
        let end = bytes.iter().position(|b| blank(*b)).unwrap_or(bytes.len());
        let from = bytes[end..].iter().position(|b| !blank(*b)).map_or(bytes.len(), |len| end + len);
        Some((letter as u8, 0, None, from))
    };
    if first == b'@' {
        return other(HOST);
    }
    let letter = first.to_ascii_uppercase();
    let mut at = 1;
    if matches!(letter, b'G' | b'M' | b'T') {
        while bytes.get(at).is_some_and(|b| blank(*b)) {
            at += 1;
        }
        if bytes.get(at).is_some_and(u8::is_ascii_digit) {
            let number = |at: &mut usize| {
                let mut n = 0u16;
                while let Some(digit) = bytes.get(*at).filter(|b| b.is_ascii_digit()) {
                    n = n.wrapping_mul(10).wrapping_add(u16::from(digit - b'0'));
                    *at += 1;
                }
                n
            };
            let code = number(&mut at);
            let subcode = (bytes.get(at) == Some(&b'.')).then(|| {
                at += 1;
                number(&mut at)
            });
            while bytes.get(at).is_some_and(|b| blank(*b)) {
                at += 1;
            }
            return Some((letter, code, subcode, at));
        }
        // `T` alone, and the `Tx`, `Tc`, `T?` of filament changers.
        let mmu = bytes.get(at).is_some_and(|b| matches!(b, b'x' | b'c' | b'?'));
        let after = if mmu { at + 1 } else { at };
        let ends = bytes.get(after).is_none_or(|b| blank(*b) || matches!(b, b';' | b'*' | b'\r' | b'\n'));
        if letter == b'T' && ends {
            return Some((letter, NO_NUMBER, None, after));
        }
    }
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let len = bytes.iter().position(|b| !is_name(b)).unwrap_or(bytes.len());
    let ends = bytes.get(len).is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b';' | b'=' | b'*'));
    let named = len > 1 && ends && !first.is_ascii_digit() && !bytes[1].is_ascii_digit();
    other(if named { NAMED } else { UNKNOWN })
}

/// Returns whether text stands in a line, in which brackets and stars belong to it.
pub(crate) fn is_text(line: &[u8]) -> bool {
    let line = unnumbered(line);
    word(line)
        .is_some_and(|(letter, number, _, at)| letter == NAMED as u8 || takes_text(letter, number, line, at))
}

/// Returns whether text follows these commands, where anything may stand.
fn takes_text(letter: u8, number: u16, bytes: &[u8], arguments: usize) -> bool {
    if letter != b'M' {
        return false;
    }
    match number {
        16 | 23 | 28 | 30 | 32 | 117 | 118 | 928 => true,
        // Else its parameters are numbers.
        486 => matches!(bytes.get(arguments), Some(b'A' | b'a')),
        _ => false,
    }
}

/// Returns where a text ends: at a comment, an end of line or, where there is one, a checksum.
fn text_end(bytes: &[u8], has_checksum: bool) -> usize {
    let end = bytes.iter().position(|b| matches!(b, b';' | b'\r' | b'\n')).unwrap_or(bytes.len());
    let star = bytes[..end].iter().rposition(|b| *b == b'*').filter(|_| has_checksum);
    let is_sum = |at: &usize| bytes[at + 1..end].trim_ascii().iter().all(u8::is_ascii_digit);
    star.filter(is_sum).unwrap_or(end)
}

#[cfg(test)]
#[path = "parse/tests.rs"]
mod tests;
