//! The journal beside the database, as a crash leaves it. SQLite reads it up to the first damaged page and says nothing of
//! what lay behind: that is found out here, before it is opened.
//!
//! The format is that of SQLite's `-wal` files: a header, then frames of one page each. Each frame carries the salts of
//! the header and a checksum over all that came before it in the journal. Frames with other salts are remains of an
//! earlier round and mean nothing.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::Path;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// With words of the checksum in little-endian order; one more is big-endian.
const MAGIC: u32 = 0x377f_0682;

/// What is to be said of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Journal {
    /// All that was written can be read, or there is nothing.
    Whole,
    /// Something in it was written and cannot be read.
    Damaged,
}

/// Reads the journal; one that is not there is whole.
pub(crate) fn examine(path: &Path) -> io::Result<Journal> {
    match File::open(path) {
        Ok(file) => examine_bytes(&mut BufReader::with_capacity(1 << 18, file)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(Journal::Whole),
        Err(e) => Err(e),
    }
}

fn examine_bytes(journal: &mut impl Read) -> io::Result<Journal> {
    let mut header = [0; HEADER];
    // Less than a header and one frame holds nothing that was ever answered.
    if !fill(journal, &mut header)? {
        return Ok(Journal::Whole);
    }
    let page_bytes = be(&header, 8) as usize;
    let mut sum = Checksum { little_endian: be(&header, 0) == MAGIC, state: (0, 0) };
    sum.add(&header[..24]);
    let sound = [MAGIC, MAGIC + 1].contains(&be(&header, 0)) && sum.is(&header[24..]);
    if !sound || !(512..=65_536).contains(&page_bytes) || !page_bytes.is_power_of_two() {
        let mut behind = [0; FRAME_HEADER];
        let empty = header == [0; HEADER] || !fill(journal, &mut behind)?;
        return Ok(if empty { Journal::Whole } else { Journal::Damaged });
    }
    let mut frame = vec![0; FRAME_HEADER + page_bytes];
    let mut readable = true;
    while fill(journal, &mut frame)? {
        let salts = [be(&frame, 8) == be(&header, 16), be(&frame, 12) == be(&header, 20)];
        sum.add(&frame[..8]);
        sum.add(&frame[FRAME_HEADER..]);
        readable &= salts == [true, true] && sum.is(&frame[16..FRAME_HEADER]);
        // The salts of an earlier round differ both; one alone differs by damage only.
        if !readable && salts.contains(&true) {
            return Ok(Journal::Damaged);
        }
    }
    Ok(Journal::Whole)
}

/// Fills `bytes`; returns whether there were enough.
fn fill(from: &mut impl Read, bytes: &mut [u8]) -> io::Result<bool> {
    match from.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(e) => Err(e),
    }
}

fn be(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

struct Checksum {
    little_endian: bool,
    state: (u32, u32),
}

impl Checksum {
    /// Adds bytes, a multiple of eight.
    fn add(&mut self, bytes: &[u8]) {
        let word = |four: &[u8]| {
            let four = [four[0], four[1], four[2], four[3]];
            if self.little_endian { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) }
        };
        let (mut a, mut b) = self.state;
        for eight in bytes.chunks_exact(8) {
            a = a.wrapping_add(word(&eight[..4])).wrapping_add(b);
            b = b.wrapping_add(word(&eight[4..])).wrapping_add(a);
        }
        self.state = (a, b);
    }

    fn is(&self, stored: &[u8]) -> bool {
        self.state == (be(stored, 0), be(stored, 4))
    }
}
