//! The name that a part of a form gives its file: plain, or as RFC 5987 writes names with other letters.

use axum::extract::multipart::Field;
use axum::http::header::CONTENT_DISPOSITION;

/// Returns the name that a client gives its file, if any.
pub(crate) fn file_name(field: &Field<'_>) -> Option<String> {
    let header = field.headers().get(CONTENT_DISPOSITION).map(|value| value.as_bytes());
    let extended = header.and_then(|header| std::str::from_utf8(header).ok()).and_then(extended);
    extended.or_else(|| field.file_name().map(str::to_owned))
}

/// Returns what `filename*=UTF-8''…` says: it counts before a plain name.
fn extended(header: &str) -> Option<String> {
    let value = parameters(header).into_iter().find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("filename*").then(|| value.trim())
    })?;
    let (charset, rest) = value.split_once('\'')?;
    let (_language, encoded) = rest.split_once('\'')?;
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    let bytes = unescaped(encoded)?;
    String::from_utf8(bytes).ok()
}

/// Takes a header apart at each `;` that stands in no quotes.
fn parameters(header: &str) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    header
        .split(|c| {
            let ends = c == ';' && !quoted;
            quoted ^= c == '"' && !escaped;
            escaped = c == '\\' && quoted && !escaped;
            ends
        })
        .collect()
}

fn unescaped(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_other_letters_is_read() {
        let read = |header: &str| extended(header);
        let both =
            "form-data; name=\"file\"; filename=\"W_rfel.gcode\"; filename*=UTF-8''W%C3%BCrfel%201.gcode";
        assert_eq!(read(both).as_deref(), Some("Würfel 1.gcode"));
        assert_eq!(read("form-data; FileName* = utf-8'de'a.gcode").as_deref(), Some("a.gcode"));
        for none in [
            "form-data; name=\"file\"; filename=\"a.gcode\"",
            "form-data; filename=\"; filename*=UTF-8''evil.gcode\"",
            "form-data; filename=\"\\\"; filename*=UTF-8''evil.gcode\"",
            "form-data; filename*=latin1''a.gcode",
            "form-data; filename*=UTF-8''%",
            "form-data; filename*=UTF-8''%zz",
            "form-data; filename*=UTF-8''%ff",
            "form-data; filename*=a.gcode",
        ] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
