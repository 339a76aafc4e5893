//! What a process and its owner say to each other: lines of JSON over its standard input and output, bytes behind some.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Read, Write};

/// How many bytes follow a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Following(pub u32);

/// Writes one line, and what follows it.
///
/// # Errors
/// When nobody reads any more.
pub fn write_line<T: Serialize>(out: &mut impl Write, line: &T, then: &[u8]) -> io::Result<()> {
    out.write_all(&as_line(line)?)?;
    out.write_all(then)?;
    out.flush()
}

/// Returns a line with its end.
pub(crate) fn as_line<T: Serialize>(line: &T) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads one line of so many bytes at most; `None` when nobody speaks any more.
///
/// # Errors
/// Of kind [`io::ErrorKind::InvalidData`] when it is too long or means nothing; of others when it cannot be read or breaks
/// off.
pub fn read_line<T: DeserializeOwned>(from: &mut impl BufRead, most_bytes: u64) -> io::Result<Option<T>> {
    let mut line = Vec::new();
    if from.by_ref().take(most_bytes).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.last() != Some(&b'\n') {
        let too_long = line.len() as u64 >= most_bytes;
        return Err(if too_long {
            nonsense("a line has no end")
        } else {
            io::ErrorKind::UnexpectedEof.into()
        });
    }
    serde_json::from_slice(&line).map(Some).map_err(nonsense)
}

fn nonsense(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// Reads the bytes that follow a line into `bytes`, which is emptied before.
///
/// # Errors
/// Of kind [`io::ErrorKind::InvalidData`] when there are more than `most`; of others when fewer come than were said.
pub fn read_following(
    from: &mut impl BufRead,
    Following(told): Following,
    most: u32,
    bytes: &mut Vec<u8>,
) -> io::Result<()> {
    bytes.clear();
    if told > most {
        return Err(nonsense("more bytes than make sense"));
    }
    let length = from.by_ref().take(u64::from(told)).read_to_end(bytes)?;
    if length < told as usize { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_one_by_one_and_have_an_end() {
        let mut said = b"1\n2\nhalf".as_slice();
        assert_eq!(read_line::<u8>(&mut said, 100).unwrap(), Some(1));
        assert_eq!(read_line::<u8>(&mut said, 100).unwrap(), Some(2));
        assert!(read_line::<u8>(&mut said, 100).is_err(), "cut off");
        assert_eq!(read_line::<u8>(&mut said, 100).unwrap(), None);
        let mut nonsense = b"hello\n".as_slice();
        assert!(read_line::<u8>(&mut nonsense, 100).is_err());
        let mut long = b"1          \n".as_slice();
        assert!(read_line::<u8>(&mut long, 5).is_err(), "longer than it may be");
    }

    #[test]
    fn bytes_behind_a_line_are_all_there_or_none_are_taken() {
        let (mut from, mut bytes) = (b"abcdef".as_slice(), vec![9; 3]);
        read_following(&mut from, Following(4), 4, &mut bytes).unwrap();
        assert_eq!((bytes.as_slice(), from), (b"abcd".as_slice(), b"ef".as_slice()));
        assert!(read_following(&mut from, Following(3), 4, &mut bytes).is_err(), "fewer than were said");
        let mut from = b"abcdef".as_slice();
        assert!(read_following(&mut from, Following(5), 4, &mut bytes).is_err(), "more than make sense");
        assert!(bytes.is_empty());
    }
}
