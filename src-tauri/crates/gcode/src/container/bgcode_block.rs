//! One block of a `.bgcode` file: header, parameters, data, checksum. All numbers are little-endian.

use super::{ContainerError, heatshrink};
use flate2::read::ZlibDecoder;
use std::io::{self, Read};

/// The largest block of G-code or metadata, packed or not, bytes. Slicers write 64 KiB.
pub(super) const MAX_BLOCK: u64 = 16 << 20;
/// Bytes read at a time: memory grows with what is there, never with what a header claims.
const CHUNK: u64 = 64 * 1024;

/// What a block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockKind {
    FileMetadata,
    Gcode,
    SlicerMetadata,
    PrinterMetadata,
    PrintMetadata,
    Thumbnail,
    /// Of a kind that is not known yet. All kinds but pictures have two bytes of parameters; where this one has more, the
    /// checksum says so.
    Unknown,
}

impl BlockKind {
    fn from_number(number: u16) -> Self {
        match number {
            0 => Self::FileMetadata,
            1 => Self::Gcode,
            2 => Self::SlicerMetadata,
            3 => Self::PrinterMetadata,
            4 => Self::PrintMetadata,
            5 => Self::Thumbnail,
            _ => Self::Unknown,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::FileMetadata => "file metadata",
            Self::Gcode => "G-code",
            Self::SlicerMetadata => "slicer settings",
            Self::PrinterMetadata => "printer metadata",
            Self::PrintMetadata => "print metadata",
            Self::Thumbnail => "thumbnail",
            Self::Unknown => "unknown",
        }
    }

    /// Bytes of parameters between header and data.
    fn parameter_bytes(self) -> usize {
        match self {
            Self::Thumbnail => 6,
            Self::FileMetadata
            | Self::Gcode
            | Self::SlicerMetadata
            | Self::PrinterMetadata
            | Self::PrintMetadata
            | Self::Unknown => 2,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compression {
    None,
    Deflate,
    /// With so many bits of window.
    Heatshrink(u32),
}

/// A block, unpacked, its checksum found right.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) kind: BlockKind,
    /// "block 7 (G-code)", for people.
    pub(super) name: String,
    /// The first two numbers are encoding or format; a thumbnail's size follows.
    pub(super) parameters: [u16; 3],
    pub(super) data: Vec<u8>,
    /// How long it is in the file, bytes.
    pub(super) packed_bytes: u64,
}

/// Reads the next block. `None` at the end of the file.
pub(super) fn read_block(
    file: &mut impl Read,
    number: u64,
    checked: bool,
) -> Result<Option<Block>, ContainerError> {
    let mut head = Vec::with_capacity(18);
    if file.by_ref().take(8).read_to_end(&mut head)? == 0 {
        return Ok(None);
    }
    let cut_off = |name: &str| ContainerError::CutOff(name.to_owned());
    if head.len() < 8 {
        return Err(cut_off(&format!("the header of block {number}")));
    }
    let kind = BlockKind::from_number(u16_at(&head, 0));
    if kind == BlockKind::Unknown && !checked {
        return Err(ContainerError::Unknown(format!("blocks of kind {}", u16_at(&head, 0))));
    }
    let name = format!("block {number} ({})", kind.name());
    let compression = match u16_at(&head, 2) {
        0 => Compression::None,
        1 => Compression::Deflate,
        2 => Compression::Heatshrink(11),
        3 => Compression::Heatshrink(12),
        other => return Err(ContainerError::Unknown(format!("compression {other} in {name}"))),
    };
    let size = u32_at(&head, 4);
    let mut rest = kind.parameter_bytes();
    if compression != Compression::None {
        rest += 4;
    }
    if read_up_to(file, rest as u64, &mut head)? < rest {
        return Err(cut_off(&name));
    }
    let (packed_size, after) = match compression {
        Compression::None => (size, 8),
        Compression::Deflate | Compression::Heatshrink(_) => (u32_at(&head, 8), 12),
    };
    if u64::from(size.max(packed_size)) > MAX_BLOCK {
        return Err(ContainerError::TooLarge { what: name, most_mib: MAX_BLOCK >> 20 });
    }
    let mut parameters = [0; 3];
    for (i, parameter) in parameters.iter_mut().take(kind.parameter_bytes() / 2).enumerate() {
        *parameter = u16_at(&head, after + 2 * i);
    }
    let mut packed = Vec::new();
    if read_up_to(file, u64::from(packed_size), &mut packed)? < packed_size as usize {
        return Err(cut_off(&name));
    }
    if checked {
        let mut sum = Vec::with_capacity(4);
        if read_up_to(file, 4, &mut sum)? < 4 {
            return Err(cut_off(&name));
        }
        let mut crc = crc32fast::Hasher::new();
        crc.update(&head);
        crc.update(&packed);
        if crc.finalize() != u32_at(&sum, 0) {
            return Err(match kind {
                BlockKind::Unknown => ContainerError::Unknown(format!("blocks of kind {}", u16_at(&head, 0))),
                BlockKind::FileMetadata
                | BlockKind::Gcode
                | BlockKind::SlicerMetadata
                | BlockKind::PrinterMetadata
                | BlockKind::PrintMetadata
                | BlockKind::Thumbnail => ContainerError::Damaged(name),
            });
        }
    }
    let packed_bytes = (head.len() + packed.len()) as u64;
    if kind == BlockKind::Unknown {
        return Ok(Some(Block { kind, name, parameters, data: Vec::new(), packed_bytes }));
    }
    let data = unpack(packed, compression, size as usize)
        .map_err(|why| ContainerError::Broken { what: name.clone(), why: why.to_owned() })?;
    Ok(Some(Block { kind, name, parameters, data, packed_bytes }))
}

fn unpack(packed: Vec<u8>, compression: Compression, size: usize) -> Result<Vec<u8>, &'static str> {
    let data = match compression {
        Compression::None => packed,
        Compression::Deflate => {
            let mut data = Vec::new();
            // One more, to notice that it is longer than it says.
            let mut decoder = ZlibDecoder::new(packed.as_slice()).take(size as u64 + 1);
            decoder.read_to_end(&mut data).map_err(|_| "its compressed data is broken")?;
            data
        }
        Compression::Heatshrink(window) => {
            heatshrink::unpack(&packed, window, size).ok_or("its compressed data ends too early")?
        }
    };
    if data.len() == size { Ok(data) } else { Err("it is not as long as it says") }
}

/// Appends up to `count` bytes of `file`. Returns how many there were.
fn read_up_to(file: &mut impl Read, count: u64, to: &mut Vec<u8>) -> io::Result<usize> {
    let before = to.len();
    let mut left = count;
    while left > 0 {
        let got = file.by_ref().take(left.min(CHUNK)).read_to_end(to)?;
        if got == 0 {
            break;
        }
        left -= got as u64;
    }
    Ok(to.len() - before)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
