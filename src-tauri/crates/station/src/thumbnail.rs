//! Pictures that slicers write into plain G-code as comments: `; thumbnail begin 300x300 12345`, then base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// How far into a file pictures are looked for, bytes: slicers write them at the top.
const HEAD: u64 = 4 * 1024 * 1024;
/// The most base64 of one picture.
const MOST: usize = 4 * 1024 * 1024;

/// Returns the pictures in the head of the file at `path`, undecoded but for base64.
pub fn in_comments(path: &Path) -> Vec<Vec<u8>> {
    let Ok(file) = File::open(path) else { return Vec::new() };
    read(BufReader::new(file.take(HEAD)))
}

fn read(mut reader: impl BufRead) -> Vec<Vec<u8>> {
    let (mut pictures, mut text, mut within) = (Vec::new(), String::new(), false);
    let mut raw = Vec::new();
    loop {
        raw.clear();
        // `take` bounds what a line can be.
        if !matches!(reader.read_until(b'\n', &mut raw), Ok(n) if n > 0) {
            return pictures;
        }
        let Some(comment) = std::str::from_utf8(&raw).ok().and_then(|line| line.trim().strip_prefix(';'))
        else {
            continue;
        };
        let comment = comment.trim();
        if comment.starts_with("thumbnail") && comment.contains(" begin") {
            (within, text) = (true, String::new());
        } else if comment.starts_with("thumbnail") && comment.ends_with(" end") {
            pictures.extend(STANDARD.decode(&text).ok().filter(|_| within));
            within = false;
        } else if within {
            text += comment;
            within = text.len() <= MOST;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_picture_is_found_and_a_broken_one_passed_over() {
        let file = "; generated\n;\n; thumbnail begin 16x16 8\n; aGVs\n; bG8=\n; thumbnail end\n\
            ; thumbnail_JPG begin 32x32 4\n; d29ybGQ=\n; thumbnail_JPG end\n\
            ; thumbnail begin 1x1 4\n; not*base64\n; thumbnail end\nG28\n";
        assert_eq!(read(file.as_bytes()), [b"hello".to_vec(), b"world".to_vec()]);
    }

    #[test]
    fn one_without_end_or_without_measure_is_nothing() {
        assert!(read(&b"; thumbnail begin 16x16 8\n; aGVsbG8=\nG28\n"[..]).is_empty());
        let endless =
            format!("; thumbnail begin 1x1 1\n{}; thumbnail end\n", "; AAAA\n".repeat(MOST / 4 + 2));
        assert!(read(endless.as_bytes()).is_empty());
    }
}
