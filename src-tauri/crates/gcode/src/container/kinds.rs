//! What a file is that is no G-code, by how it begins.

/// Returns what a file holds when it is neither G-code nor a container of it.
pub(super) fn not_gcode(head: &[u8]) -> Option<&'static str> {
    const MAGICS: &[(&[u8], &str)] = &[
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"GIF8", "a picture"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"7z\xbc\xaf", "a 7-Zip archive"),
        (b"Rar!", "a RAR archive"),
        (b"%PDF", "a PDF document"),
        (b"xgcode ", "a FlashForge .gx program"),
        (b"\xff\xfe", "text in UTF-16"),
        (b"\xfe\xff", "text in UTF-16"),
        (b"solid ", "an STL model"),
        (b"ISO-10303-21", "a STEP model"),
        (b"ply\n", "a PLY model"),
        (b"ply\r", "a PLY model"),
    ];
    if let Some((_, what)) = MAGICS.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(what);
    }
    let control = |b: &&u8| **b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0b | 0x0c);
    let strange = head.iter().filter(control).count();
    if head.contains(&0) || strange * 20 > head.len() {
        return Some("binary data");
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    markup(text)
        .or_else(|| is_json(text).then_some("JSON data"))
        .or_else(|| is_obj(text).then_some("an OBJ model"))
}

fn markup(text: &[u8]) -> Option<&'static str> {
    let tag: Vec<u8> = text.iter().take(1024).map(u8::to_ascii_lowercase).collect();
    if !tag.starts_with(b"<") {
        return None;
    }
    let has = |word: &[u8]| tag.windows(word.len()).any(|w| w == word);
    Some(if has(b"<!doctype html") || has(b"<html") || has(b"<head") || has(b"<body") {
        "a web page, perhaps an error of the site it came from"
    } else if has(b"<svg") {
        "a picture"
    } else if has(b"<amf") {
        "an AMF model"
    } else {
        "XML data"
    })
}

/// A brace or bracket with a quoted word behind it: commands in brackets are comments and begin otherwise.
fn is_json(text: &[u8]) -> bool {
    let [b'{' | b'[', rest @ ..] = text else { return false };
    matches!(rest.trim_ascii_start().first(), Some(b'"' | b'{' | b'[' | b'}' | b']' | b'0'..=b'9' | b'-'))
}

/// Points, faces and names before any command.
fn is_obj(text: &[u8]) -> bool {
    let lines = text.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
    let mut words = lines.filter(|line| !line.is_empty() && line[0] != b'#').map(|line| {
        let end = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
        if end < line.len() { &line[..end] } else { &[] }
    });
    let begins = |word: &[u8]| matches!(word, b"v" | b"vn" | b"vt" | b"o" | b"mtllib" | b"usemtl");
    // A `g 28` is a command in small letters.
    words.next().is_some_and(begins)
        && words.next().is_none_or(|word| begins(word) || matches!(word, b"f" | b"g" | b"s" | b"l"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_gcode_is_named() {
        let table: [(&[u8], Option<&str>); 16] = [
            (b"<!DOCTYPE html>\n<html>", Some("a web page, perhaps an error of the site it came from")),
            (
                b"\xef\xbb\xbf\r\n  <HTML lang=en>",
                Some("a web page, perhaps an error of the site it came from"),
            ),
            (b"<?xml version=\"1.0\"?><svg>", Some("a picture")),
            (b"<?xml version=\"1.0\"?><x>", Some("XML data")),
            (b"{\"error\": 404}", Some("JSON data")),
            (b" [ {\"a\": 1}]", Some("JSON data")),
            (b"# Blender 4.1\nmtllib a.mtl\no Cube\nv 1 1 -1\n", Some("an OBJ model")),
            (b"v 0.1 0.2 0.3\nv 1 1 1\n", Some("an OBJ model")),
            (b"ply\nformat ascii 1.0\n", Some("a PLY model")),
            (b"\x0cG28\n\x0bG1 X1\n", None),
            (b"g 28\n", None),
            (b"G28\n", None),
            (b"; {\"a\": 1}\nG28\n", None),
            (b"{if a}\nG28\n", None),
            (b"(v 1 2)\nG28\n", None),
            (b"", None),
        ];
        for (head, want) in table {
            assert_eq!(not_gcode(head), want, "{:?}", String::from_utf8_lossy(head));
        }
    }
}
