//! The firmware's ear: bytes to lines, numbers and checksums, and the parser that listens ahead of the queue.

use std::collections::VecDeque;

/// Longest line with its end; what comes on top is cut off without a word.
const MAX_LINE: usize = 96;

/// Bytes received and not yet read.
#[derive(Debug, Clone, Default)]
pub(super) struct Ear {
    rx: VecDeque<u8>,
    line: Vec<u8>,
    comment: bool,
    /// Bytes lost since the start because the buffer was full.
    pub(super) overflow: u64,
}

impl Ear {
    pub(super) fn push(&mut self, byte: u8, room: usize) {
        if self.rx.len() < room {
            self.rx.push_back(byte);
        } else {
            self.overflow += 1;
        }
    }

    pub(super) fn flush(&mut self) {
        self.rx.clear();
        self.line.clear();
        self.comment = false;
    }

    /// Returns the next whole line, without comment and blanks around it. Empty lines are swallowed.
    pub(super) fn next_line(&mut self) -> Option<String> {
        while let Some(byte) = self.rx.pop_front() {
            match byte {
                b'\n' | b'\r' => {
                    let line = String::from_utf8_lossy(&self.line).trim().to_string();
                    self.line.clear();
                    self.comment = false;
                    if !line.is_empty() {
                        return Some(line);
                    }
                }
                b';' => self.comment = true,
                _ if self.comment || self.line.len() >= MAX_LINE - 1 => (),
                _ => self.line.push(byte),
            }
        }
        None
    }
}

/// Why a line is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadLineWhy {
    Number,
    Checksum,
    NoChecksum,
}

impl BadLineWhy {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Number => "Line Number is not Last Line Number+1",
            Self::Checksum => "checksum mismatch",
            Self::NoChecksum => "No Checksum with line number",
        }
    }
}

/// What becomes of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heard {
    /// To be carried out.
    Command { number: Option<i64>, text: String },
    /// A repeated line: dropped without an answer.
    Repeated,
    /// To be asked for again.
    Bad(BadLineWhy),
}

/// Checks number and checksum of `line`. `last` is the last good number and follows.
pub(super) fn check(line: &str, last: &mut i64) -> Heard {
    let Some(rest) = line.strip_prefix('N') else {
        // Without a number the checksum is not even looked at.
        let text = line.split('*').next().unwrap_or(line).trim().to_string();
        return Heard::Command { number: None, text };
    };
    let resets = line.contains("M110");
    let mut number = leading_number(rest);
    if resets && let Some(at) = line.rfind("M110").and_then(|m| line[m..].find('N').map(|n| m + n)) {
        number = leading_number(&line[at + 1..]);
    }
    if number != *last + 1 && !resets {
        let repeated = (*last - 1..=*last).contains(&number);
        return if repeated { Heard::Repeated } else { Heard::Bad(BadLineWhy::Number) };
    }
    let Some(star) = line.rfind('*') else { return Heard::Bad(BadLineWhy::NoChecksum) };
    let sum = line.as_bytes()[..star].iter().fold(0u8, |sum, b| sum ^ b);
    if leading_number(&line[star + 1..]) != i64::from(sum) {
        return Heard::Bad(BadLineWhy::Checksum);
    }
    *last = number;
    let body = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
    let text = body[..body.rfind('*').unwrap_or(body.len())].trim().to_string();
    Heard::Command { number: Some(number), text }
}

fn leading_number(text: &str) -> i64 {
    let text = text.trim_start();
    let end = text
        .char_indices()
        .find(|(i, c)| !(c.is_ascii_digit() || (*i == 0 && *c == '-')))
        .map_or(text.len(), |(i, _)| i);
    text[..end].parse().unwrap_or(0)
}

/// A command that is obeyed at reception.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Urgent {
    BreakWait,
    Kill,
    QuickStop,
    Answer,
}

/// Reads every byte, whatever the buffers hold.
#[derive(Debug, Clone, Default)]
pub(super) struct EmergencyParser {
    line: Vec<u8>,
}

impl EmergencyParser {
    pub(super) fn hear(&mut self, byte: u8) -> Option<Urgent> {
        if byte != b'\n' && byte != b'\r' {
            if self.line.len() < MAX_LINE {
                self.line.push(byte);
            }
            return None;
        }
        let line = std::mem::take(&mut self.line);
        let text = std::str::from_utf8(&line).ok()?.trim_start();
        let text = match text.strip_prefix('N') {
            Some(numbered) => {
                numbered.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-' || c == ' ')
            }
            None => text,
        };
        let code = text.split([' ', '*', ';']).next().unwrap_or(text);
        match code {
            "M108" => Some(Urgent::BreakWait),
            "M112" => Some(Urgent::Kill),
            "M410" => Some(Urgent::QuickStop),
            "M876" => Some(Urgent::Answer),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_checked_as_the_firmware_checks_them() {
        let command = |number, text: &str| Heard::Command { number, text: text.into() };
        // last number, line, what becomes of it, last number behind it
        let cases = [
            (0, "N1 G28*18", command(Some(1), "G28"), 1),
            (0, "G28", command(None, "G28"), 0),
            (0, "G1 X1*55", command(None, "G1 X1"), 0),
            (7, "N0 M110 N0*125", command(Some(0), "M110 N0"), 0),
            (0, "N1 G28*19", Heard::Bad(BadLineWhy::Checksum), 0),
            (0, "N5 G1 X1", Heard::Bad(BadLineWhy::Number), 0),
            (0, "N1 G28", Heard::Bad(BadLineWhy::NoChecksum), 0),
            (2, "N2 G28*17", Heard::Repeated, 2),
            (2, "N1 G28*18", Heard::Repeated, 2),
        ];
        for (last, line, expected, behind) in cases {
            let mut number = last;
            assert_eq!((check(line, &mut number), number), (expected, behind), "{line}");
        }
    }

    #[test]
    fn long_lines_are_cut_and_comments_dropped() {
        let mut ear = Ear::default();
        let long = format!("; only a comment\n\n  G28 ; home\nM117 {}\n", "x".repeat(200));
        long.bytes().for_each(|b| ear.push(b, 4096));
        assert_eq!(ear.next_line().as_deref(), Some("G28"));
        assert_eq!(ear.next_line().map(|l| l.len()), Some(MAX_LINE - 1));
        assert_eq!(ear.next_line(), None);
    }

    #[test]
    fn the_emergency_parser_hears_numbered_lines_too() {
        let hear = |text: &str| {
            let mut parser = EmergencyParser::default();
            text.bytes().filter_map(|b| parser.hear(b)).collect::<Vec<_>>()
        };
        assert_eq!(hear("M112\n"), [Urgent::Kill]);
        assert_eq!(hear("N12 M112*33\nM108\n"), [Urgent::Kill, Urgent::BreakWait]);
        assert_eq!(hear("M1120\nG1 M112\n"), []);
        assert_eq!(hear("M876 S1\nM410\n"), [Urgent::Answer, Urgent::QuickStop]);
    }
}
