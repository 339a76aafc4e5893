//! Pictures that slicers write into plain G-code: blocks of base64 in comments, and what printers' makers thought of.
//!
//! Invariant: what is kept is bounded, whatever sizes a file claims, and damage makes a picture missing, never a panic.

mod biqu;
mod decode;
mod mks;
mod pixels;
mod qidi;
mod qoi;
mod text;

use crate::{MAX_THUMBNAIL, MAX_THUMBNAILS, Thumbnail, ThumbnailFormat};
pub use pixels::{MOST_PIXELS, Pixels};
use std::io::{BufRead, BufReader, Read};
use text::{base64, hex, size};

/// How far into a file pictures are looked for, bytes: slicers write them at the top.
const HEAD: u64 = 4 << 20;
/// The most text of one picture.
const MOST_TEXT: usize = 2 * MAX_THUMBNAIL as usize;

/// Returns the pictures in the head of a plain file, in its order; their bytes are as hostile as the file.
pub fn thumbnails(reader: impl Read) -> Vec<Thumbnail> {
    let mut reader = BufReader::with_capacity(64 * 1024, reader.take(HEAD));
    let (mut finder, mut raw) = (Finder::default(), Vec::new());
    loop {
        raw.clear();
        // `take` bounds what a line can be.
        if !matches!(reader.read_until(b'\n', &mut raw), Ok(n) if n > 0) {
            return finder.finish();
        }
        // Some put a lone carriage return between the rows of a picture.
        raw.split(|b| *b == b'\r').for_each(|line| finder.line(line));
    }
}

/// Returns the format of a picture by its first bytes, not by what is said of it.
pub fn picture_format(bytes: &[u8]) -> Option<ThumbnailFormat> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(ThumbnailFormat::Png),
        [0xff, 0xd8, 0xff, ..] => Some(ThumbnailFormat::Jpg),
        [b'q', b'o', b'i', b'f', ..] => Some(ThumbnailFormat::Qoi),
        _ => None,
    }
}

/// Returns whether a comment, without its semicolon, is part of a picture. `within` is the state between lines.
pub(crate) fn is_picture_line(comment: &[u8], within: &mut bool) -> bool {
    let comment = comment.trim_ascii();
    if let Some((_, begins)) = edge(comment) {
        *within = begins;
        return true;
    }
    // Base64 has no blanks: a picture without end does not swallow the rest.
    *within &= !comment.contains(&b' ');
    let plain = comment.strip_prefix(b";").unwrap_or(comment);
    *within || biqu::is_row(comment) || plain.starts_with(b"simage:") || plain.starts_with(b"gimage:")
}

/// Reads `thumbnail_JPG begin 16x16 400` and `thumbnail_JPG end`: the words behind, and whether it begins.
fn edge(comment: &[u8]) -> Option<(&str, bool)> {
    let head = comment.get(..4)?;
    if !matches!(head, b"thum" | b"png " | b"jpg " | b"qoi ") {
        return None;
    }
    let (kind, rest) = std::str::from_utf8(comment).ok()?.split_once(' ')?;
    if !(kind.starts_with("thumbnail") || kind.len() == 3) {
        return None;
    }
    match rest.trim_start() {
        "end" => Some(("", false)),
        rest => Some((rest.strip_prefix("begin ")?, true)),
    }
}

/// Looks at lines and keeps the pictures among them.
#[derive(Default)]
struct Finder {
    found: Vec<Thumbnail>,
    /// Size and base64 of the block that is open.
    block: Option<((u32, u32), Vec<u8>)>,
    mks: mks::Joined,
    biqu: biqu::Rows,
    qidi: qidi::Words,
    /// JPEG in lines of hexadecimal digits, as Weedo's printers want it.
    weedo: Vec<u8>,
}

impl Finder {
    fn line(&mut self, line: &[u8]) {
        let line = line.trim_ascii();
        match line {
            [b';', comment @ ..] => self.comment(comment.trim_ascii()),
            [b'W', b'2', b'2', b'0', b' ', digits @ ..] if self.weedo.len() < MOST_TEXT => {
                self.weedo.extend(hex(digits).unwrap_or_default());
            }
            _ if line == b"W222" => {
                let bytes = std::mem::take(&mut self.weedo);
                self.keep((0, 0), bytes);
            }
            [b'M', b'4', b'0', b'1', b'0', b' ', words @ ..] => self.qidi.take(words),
            [b'M', b'1', b'0', b'0', b'8', b'6', b' ', b';', row @ ..] => self.mks.row(row),
            _ => (),
        }
    }

    fn comment(&mut self, comment: &[u8]) {
        if let Some((words, begins)) = edge(comment) {
            let block = self.block.take();
            if begins {
                self.block = Some((size(words), Vec::new()));
            } else if let Some((size, text)) = block {
                self.keep(size, base64(&text).unwrap_or_default());
            }
        } else if let Some((_, text)) = &mut self.block {
            text.extend_from_slice(comment);
            if text.len() > MOST_TEXT || comment.contains(&b' ') {
                self.block = None;
            }
        } else if let Some(url) = comment.strip_prefix(b"thumbnail:") {
            let text = url.trim_ascii().strip_prefix(b"data:image/png;base64,");
            self.keep((0, 0), text.and_then(base64).unwrap_or_default());
        } else if !self.biqu.comment(comment) {
            self.mks.comment(comment);
        }
    }

    fn keep(&mut self, (width, height): (u32, u32), bytes: Vec<u8>) {
        let fits = self.found.len() < MAX_THUMBNAILS && bytes.len() as u64 <= MAX_THUMBNAIL;
        if let Some(format) = picture_format(&bytes).filter(|_| fits) {
            self.found.push(Thumbnail { format, width, height, bytes });
        }
    }

    fn finish(mut self) -> Vec<Thumbnail> {
        let drawn = self.biqu.finish().into_iter().chain(self.mks.finish()).chain(self.qidi.finish());
        self.found.extend(drawn.map(|picture| Thumbnail {
            format: ThumbnailFormat::Rgba,
            width: picture.width,
            height: picture.height,
            bytes: picture.rgba,
        }));
        self.found.truncate(MAX_THUMBNAILS);
        self.found
    }
}

#[cfg(test)]
#[path = "thumbnail/tests.rs"]
mod tests;
