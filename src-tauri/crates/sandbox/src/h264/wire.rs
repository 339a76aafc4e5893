//! What is said to and by the process that decodes H.264.

use super::decoding::{Decoded, Form, Order, Pixels};
use crate::Confined;
use crate::wire::{Following, read_following, read_line, write_line};
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Write};

/// A line is so long at most, bytes.
const MAX_LINE: u64 = 4 << 10;

/// A coded frame is so long at most, bytes: as much as a stream may send without a picture, or a film claim of one.
pub(super) const MAX_FRAME: u32 = 20 << 20;

/// What is asked; a coded frame follows what has a number of bytes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Asked {
    /// First of all.
    Begin(Order),
    /// The next frame: units with start codes before them.
    Frame(Form, Following),
    /// The next picture of those that are still inside.
    Rest(Form),
}

/// What is answered; a picture follows what has a number of bytes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    Ready(Confined),
    Nothing,
    Unwanted,
    Picture { width: u32, height: u32, following: Following },
    Damaged,
}

/// An answer with all that belongs to it.
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    Ready(Confined),
    Decoded(Decoded),
}

pub(super) fn read_asked(from: &mut impl BufRead) -> io::Result<Option<Asked>> {
    read_line(from, MAX_LINE)
}

pub(super) fn write_answer(out: &mut impl Write, answer: &Answer) -> io::Result<()> {
    let said = match answer {
        Answer::Ready(confined) => Said::Ready(confined.clone()),
        Answer::Decoded(Decoded::Nothing) => Said::Nothing,
        Answer::Decoded(Decoded::Unwanted) => Said::Unwanted,
        Answer::Decoded(Decoded::Damaged) => Said::Damaged,
        Answer::Decoded(Decoded::Picture(Pixels { width, height, bytes })) => {
            let following = Following(u32::try_from(bytes.len()).map_err(io::Error::other)?);
            return write_line(out, &Said::Picture { width: *width, height: *height, following }, bytes);
        }
    };
    write_line(out, &said, &[])
}

/// Reads an answer; a picture has as many bytes as its size needs in one of the forms.
pub(super) fn read_answer(from: &mut impl BufRead) -> io::Result<Option<Answer>> {
    let Some(said) = read_line(from, MAX_LINE)? else { return Ok(None) };
    let decoded = match said {
        Said::Ready(confined) => return Ok(Some(Answer::Ready(confined))),
        Said::Nothing => Decoded::Nothing,
        Said::Unwanted => Decoded::Unwanted,
        Said::Damaged => Decoded::Damaged,
        Said::Picture { width, height, following } => {
            let forms = [Form::Planes, Form::Rgb];
            let fits = forms.iter().any(|form| form.num_bytes(width, height) == Some(following.0));
            if !fits {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "no picture has so many bytes"));
            }
            let mut bytes = Vec::new();
            read_following(from, following, following.0, &mut bytes)?;
            Decoded::Picture(Pixels { width, height, bytes })
        }
    };
    Ok(Some(Answer::Decoded(decoded)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_back_as_they_were_given() {
        let picture = Pixels { width: 3, height: 1, bytes: vec![7; 7] };
        for answer in [
            Answer::Ready(Confined::Partly),
            Answer::Decoded(Decoded::Nothing),
            Answer::Decoded(Decoded::Unwanted),
            Answer::Decoded(Decoded::Damaged),
            Answer::Decoded(Decoded::Picture(picture)),
        ] {
            let mut bytes = Vec::new();
            write_answer(&mut bytes, &answer).unwrap();
            assert_eq!(read_answer(&mut bytes.as_slice()).unwrap(), Some(answer));
        }
    }

    #[test]
    fn pictures_that_cannot_be_are_refused_before_room_is_made_for_them() {
        let said = |width: u32, height: u32, bytes: u64| {
            format!("{{\"picture\":{{\"width\":{width},\"height\":{height},\"following\":{bytes}}}}}\n")
        };
        for line in [
            said(4097, 1, 4097 * 3),
            said(0, 0, 0),
            said(2, 2, 5),
            said(2, 2, 4_000_000_000),
            said(2, 2, 40_000_000_000),
            "{\"picture\":{}}\n".into(),
            "\"so\"\n".into(),
            format!("{}\n", "1".repeat(10_000)),
        ] {
            let error = read_answer(&mut line.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{line}");
        }
        let torn = said(2, 2, 12) + "abc";
        assert_eq!(read_answer(&mut torn.as_bytes()).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
