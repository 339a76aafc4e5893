//! From a line of a file to what may be sent: comments, numbers and hazards taken out.

use crate::GcodeError;

/// Longest text that fits the firmware's 95 bytes, with `N01234567 ` before and `*123` behind.
pub const MAX_TEXT: usize = 95 - 10 - 4;

/// A command of the file that is meant for the host, or that the host must not pass on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostWord {
    /// M0, M1, M25: pause here. The firmware would wait for its knob where nobody can answer.
    Pause,
    /// Numbering, emergency, SD-card and port commands: they would break the link, or the print. Not sent.
    Drop,
}

/// Writes the command of a line to `text`. Returns whether it has one.
///
/// # Errors
/// When it is binary, or too long for the firmware.
pub(crate) fn clean(raw: &[u8], line: u64, text: &mut String) -> Result<bool, GcodeError> {
    text.clear();
    if raw.contains(&0) {
        return Err(GcodeError::Binary { line });
    }
    match plain(raw) {
        Some(command) => text.push_str(command),
        None => text.push_str(&unravelled(raw)),
    }
    if text.len() > MAX_TEXT {
        return Err(GcodeError::TooLong { line, bytes: text.len(), most: MAX_TEXT });
    }
    Ok(!text.is_empty())
}

/// Returns the command of a line that needs no more than its comment cut off, as nearly all lines of a slicer do.
fn plain(raw: &[u8]) -> Option<&str> {
    if !matches!(raw.first(), Some(b'G' | b'T' | b'M' | b';')) || raw.starts_with(b"M11") {
        return None;
    }
    let mut len = 0;
    for byte in raw {
        match byte {
            b';' | b'\n' => break,
            b'\r' if matches!(raw.get(len + 1), None | Some(b'\n')) => break,
            b'(' | b'*' => return None,
            0x20..=0x7e => len += 1,
            _ => return None,
        }
    }
    std::str::from_utf8(raw[..len].trim_ascii_end()).ok()
}

/// Returns the command of any line.
fn unravelled(raw: &[u8]) -> String {
    let mut text = ascii(raw);
    let message = is_message(&text);
    if let Some(at) = text.find(';') {
        text.truncate(at);
    }
    if !message {
        strip_brackets(&mut text);
    }
    let mut text = unnumbered(text.trim()).to_owned();
    if message {
        // The firmware would take a star for the checksum's.
        text = text.replace('*', "x");
        // A message is only shown, so what does not fit may go.
        text.truncate(MAX_TEXT);
    } else {
        if let Some(at) = text.find('*') {
            text.truncate(at);
        }
        // Firmwares know capitals only.
        if text.starts_with(['g', 'm', 't']) && text[1..].starts_with(|c: char| c.is_ascii_digit()) {
            text.make_ascii_uppercase();
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// Returns what the host has to do with a command itself.
pub(crate) fn host_word(text: &str) -> Option<HostWord> {
    let code = text.split([' ', '\t']).next().unwrap_or_default();
    match code {
        "M0" | "M00" | "M1" | "M01" | "M25" => Some(HostWord::Pause),
        // Numbering; emergency; SD card; port and firmware; reports that the host sets up itself.
        "M110" | "M108" | "M112" | "M410" | "M876" | "M999" | "M20" | "M21" | "M22" | "M23" | "M24"
        | "M26" | "M27" | "M28" | "M29" | "M30" | "M32" | "M524" | "M575" | "M997" | "M111" | "M155"
        | "M113" => Some(HostWord::Drop),
        _ => None,
    }
}

/// Returns the line as ASCII: firmwares know nothing else.
fn ascii(raw: &[u8]) -> String {
    let printable = |b: &u8| match b {
        b'\t' => ' ',
        0x20..=0x7e => char::from(*b),
        _ => '?',
    };
    let body = raw.strip_suffix(b"\n").unwrap_or(raw);
    let body = body.strip_suffix(b"\r").unwrap_or(body);
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    body.iter().map(printable).collect()
}

/// M117 and M118 carry free text, where brackets and small letters belong to it.
fn is_message(text: &str) -> bool {
    let text = unnumbered(text.trim_start());
    text.starts_with("M117") || text.starts_with("M118")
}

fn strip_brackets(text: &mut String) {
    while let Some(from) = text.find('(') {
        let to = text[from..].find(')').map_or(text.len(), |len| from + len + 1);
        text.replace_range(from..to, "");
    }
}

/// Returns the line without a leading `N123`, or several: behind the second one a command would hide from
/// [`host_word`].
fn unnumbered(text: &str) -> &str {
    match text.strip_prefix(['N', 'n']) {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => {
            unnumbered(rest.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start())
        }
        Some(_) | None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            (b"M117 Layer (3) 50*2\n", Some("M117 Layer (3) 50x2")),
            ("M117 Größe\n".as_bytes(), Some("M117 Gr????e")),
            (b"\xef\xbb\xbfG28\n", Some("G28")),
            (b"EXCLUDE_OBJECT_START NAME=a\n", Some("EXCLUDE_OBJECT_START NAME=a")),
        ];
        for (raw, want) in table {
            let got = command(raw).expect("fit to send");
            assert_eq!(got.as_deref(), *want, "{:?}", String::from_utf8_lossy(raw));
        }
    }

    fn command(raw: &[u8]) -> Result<Option<String>, GcodeError> {
        let mut text = String::new();
        Ok(clean(raw, 7, &mut text)?.then_some(text))
    }

    proptest::proptest! {
        #[test]
        fn the_short_way_leads_where_the_long_one_does(raw in "[GMT;][GMT0-9 XYE.;\\r(*\t]{0,40}\n?") {
            if let Some(text) = plain(raw.as_bytes()) {
                proptest::prop_assert_eq!(text, unravelled(raw.as_bytes()));
            }
        }
    }

    #[test]
    fn what_does_not_fit_the_firmware_is_an_error_that_names_the_line() {
        let long = format!("G1 X{}", "1".repeat(MAX_TEXT));
        let e = command(long.as_bytes()).unwrap_err().to_string();
        assert!(e.starts_with("line 7 "), "{e}");
        assert!(command(b"G1\0").unwrap_err().to_string().contains("line 7"));
        let message = format!("M117 {}", "a".repeat(200));
        assert_eq!(command(message.as_bytes()).unwrap().unwrap().len(), MAX_TEXT, "a message is cut");
        let framed = format!("N09999999 {}*255", "x".repeat(MAX_TEXT));
        assert_eq!(framed.len(), 95);
    }

    #[test]
    fn the_hosts_words_are_known() {
        let table = [("M0", Some(HostWord::Pause)), ("M25", Some(HostWord::Pause)), ("M104 S0", None)];
        let drop = ["M110 N0", "M112", "M28 a.g", "M155 S1"].map(|c| (c, Some(HostWord::Drop)));
        for (text, want) in table.into_iter().chain(drop) {
            assert_eq!(host_word(text), want, "{text}");
        }
    }
}
