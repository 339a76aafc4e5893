//! Reads zip archives as slicers write them: stored or deflated entries, also in the 64-bit form.
//!
//! Only the directory at the end is believed, and only within limits; sizes and checksum of what is unpacked are
//! compared with it.

use super::ContainerError;
use flate2::read::DeflateDecoder;
use std::io::{self, Read, Seek, SeekFrom};

/// The largest directory that is read, bytes, and the most entries in it.
const MAX_DIRECTORY: u64 = 16 << 20;
const MAX_ENTRIES: usize = 20_000;
/// An end record with the longest comment.
const MAX_END: u64 = 22 + 0xffff;

/// A file in the archive.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) packed_size: u64,
    crc: u32,
    method: u16,
    flags: u16,
    header_at: u64,
}

/// Reads the directory of an archive.
pub(super) fn directory(file: &mut (impl Read + Seek)) -> Result<Vec<Entry>, ContainerError> {
    let (at, size) = find_directory(file)?;
    if size > MAX_DIRECTORY {
        return Err(ContainerError::TooLarge {
            what: "the archive's directory".into(),
            most_mib: MAX_DIRECTORY >> 20,
        });
    }
    let bytes = read_at(file, at, size)?;
    let mut entries = Vec::new();
    let mut rest = bytes.as_slice();
    while rest.starts_with(b"PK\x01\x02") && entries.len() < MAX_ENTRIES {
        let (entry, length) = entry(rest).ok_or_else(broken_directory)?;
        entries.push(entry);
        rest = &rest[length..];
    }
    Ok(entries)
}

/// Returns where the directory begins and how long it is.
fn find_directory(file: &mut (impl Read + Seek)) -> Result<(u64, u64), ContainerError> {
    let length = file.seek(SeekFrom::End(0))?;
    let from = length.saturating_sub(MAX_END);
    let tail = read_at(file, from, length - from)?;
    // The record's own comment reaches to the end of the file; a comment that looks like a record does not.
    let is_end = |at: &usize| {
        let comment = num(&tail, at + 20, 2).map(|length| at + 22 + length as usize);
        tail[*at..].starts_with(b"PK\x05\x06") && comment == Some(tail.len())
    };
    let end = (0..tail.len()).rev().find(is_end);
    let end = end.ok_or_else(|| ContainerError::CutOff("the archive: its directory is missing".into()))?;
    let record = &tail[end..];
    let (size, at) = (num(record, 12, 4), num(record, 16, 4));
    let locator = end.checked_sub(20).map(|at| &tail[at..end]).filter(|l| l.starts_with(b"PK\x06\x07"));
    let Some(locator) = locator else {
        return Ok((at.ok_or_else(broken_directory)?, size.ok_or_else(broken_directory)?));
    };
    let wide = read_at(file, num(locator, 8, 8).ok_or_else(broken_directory)?, 56)?;
    if !wide.starts_with(b"PK\x06\x06") {
        return Err(broken_directory());
    }
    let (size, at) = (num(&wide, 40, 8), num(&wide, 48, 8));
    Ok((at.ok_or_else(broken_directory)?, size.ok_or_else(broken_directory)?))
}

/// Reads one entry of the directory, and how long it is there.
fn entry(bytes: &[u8]) -> Option<(Entry, usize)> {
    let two = |at| num(bytes, at, 2).map(|n| n as u16);
    let (name_length, extra_length) = (usize::from(two(28)?), usize::from(two(30)?));
    let name = bytes.get(46..46 + name_length)?;
    let mut extra = bytes.get(46 + name_length..46 + name_length + extra_length)?;
    let mut entry = Entry {
        name: String::from_utf8_lossy(name).into_owned(),
        size: num(bytes, 24, 4)?,
        packed_size: num(bytes, 20, 4)?,
        crc: num(bytes, 16, 4)? as u32,
        method: two(10)?,
        flags: two(8)?,
        header_at: num(bytes, 42, 4)?,
    };
    while let (Some(id), Some(length)) = (num(extra, 0, 2), num(extra, 2, 2)) {
        let field = extra.get(4..4 + length as usize)?;
        if id == 1 {
            // Only those that did not fit are here, in this order.
            let mut at = 0;
            for value in [&mut entry.size, &mut entry.packed_size, &mut entry.header_at] {
                if *value == u64::from(u32::MAX) {
                    *value = num(field, at, 8)?;
                    at += 8;
                }
            }
        }
        extra = &extra[4 + length as usize..];
    }
    let length = 46 + name_length + extra_length + usize::from(two(32)?);
    (length <= bytes.len()).then_some((entry, length))
}

/// Opens an entry for reading. Yields its `size` bytes, or fails.
pub(super) fn open<R: Read + Seek>(mut file: R, entry: &Entry) -> Result<EntryReader<R>, ContainerError> {
    if entry.flags & 1 != 0 {
        return Err(ContainerError::Encrypted);
    }
    let local = read_at(&mut file, entry.header_at, 30)?;
    let lengths = (num(&local, 26, 2), num(&local, 28, 2));
    let (true, (Some(name), Some(extra))) = (local.starts_with(b"PK\x03\x04"), lengths) else {
        return Err(ContainerError::Broken {
            what: entry.name.clone(),
            why: "it is not where it should be".into(),
        });
    };
    let at = entry.header_at.checked_add(30 + name + extra).ok_or_else(broken_directory)?;
    file.seek(SeekFrom::Start(at))?;
    let packed = file.take(entry.packed_size);
    let data = match entry.method {
        0 => Data::Stored(packed),
        8 => Data::Deflated(Box::new(DeflateDecoder::new(packed))),
        other => return Err(ContainerError::Unknown(format!("zip compression {other}"))),
    };
    Ok(EntryReader { data, entry: entry.clone(), done: 0, crc: crc32fast::Hasher::new() })
}

enum Data<R> {
    Stored(io::Take<R>),
    Deflated(Box<DeflateDecoder<io::Take<R>>>),
}

/// Yields the content of an entry, and compares it with what the directory says.
pub(super) struct EntryReader<R> {
    data: Data<R>,
    entry: Entry,
    done: u64,
    crc: crc32fast::Hasher,
}

impl<R: Read> Read for EntryReader<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        let got = match &mut self.data {
            Data::Stored(data) => data.read(buf),
            Data::Deflated(data) => data.read(buf),
        };
        let broken = |why: &str| ContainerError::Broken { what: self.entry.name.clone(), why: why.into() };
        let got = got.map_err(|e| {
            if matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) {
                broken("its compressed data is broken").into()
            } else if e.kind() == io::ErrorKind::UnexpectedEof {
                ContainerError::CutOff(self.entry.name.clone()).into()
            } else {
                e
            }
        })?;
        self.done += got as u64;
        if self.done > self.entry.size {
            return Err(broken("it is longer than it says").into());
        }
        if got > 0 {
            self.crc.update(&buf[..got]);
        } else if self.done < self.entry.size {
            return Err(ContainerError::CutOff(self.entry.name.clone()).into());
        } else if self.crc.clone().finalize() != self.entry.crc {
            return Err(ContainerError::Damaged(self.entry.name.clone()).into());
        }
        Ok(got)
    }
}

/// Reads up to `count` bytes at a place.
fn read_at(file: &mut (impl Read + Seek), at: u64, count: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(at))?;
    file.take(count).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns the number of `width` bytes, 8 at most, at a place.
fn num(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(width)?)?;
    Some(bytes.iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte)))
}

fn broken_directory() -> ContainerError {
    ContainerError::Broken { what: "the archive's directory".into(), why: "it is damaged".into() }
}
