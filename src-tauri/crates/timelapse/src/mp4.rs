//! The table of contents of an MP4 file: where each picture lies, and when it is shown.
//!
//! **Invariant:** whatever a file claims, what is kept of it is bounded: every length is checked against the file
//! and against the limits here before anything is read or reserved.

use crate::ClipError;
use domain::Orientation;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// Bytes of a table of contents at most; that of a day's film has some 30 MB.
const MAX_MOOV_BYTES: u64 = 96 << 20;

/// Pictures of a film at most: a day and a half at 30 a second.
const MAX_PICTURES: usize = 4_000_000;

/// Bytes of one coded picture at most.
const MAX_PICTURE_BYTES: u32 = 16 << 20;

/// One coded picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sample {
    pub(crate) offset: u64,
    pub(crate) num_bytes: u32,
    /// When it is shown, in units of the track; the first at 0.
    pub(crate) shown_at: i64,
}

/// The video track of a film.
#[derive(Debug)]
pub(crate) struct Track {
    /// Units a second.
    pub(crate) timescale: u32,
    /// Bytes of the length before each part of a picture.
    pub(crate) length_bytes: usize,
    /// Parameter sets, without lengths.
    pub(crate) headers: Vec<Vec<u8>>,
    /// In the order in which they are decoded.
    pub(crate) samples: Vec<Sample>,
    /// Which way up the pictures are shown.
    pub(crate) orientation: Orientation,
}

/// Reads the first video track.
pub(crate) fn read_track(file: &mut File) -> Result<Track, ClipError> {
    let end = file.metadata().map_err(ClipError::read)?.len();
    let (mut at, mut first) = (0_u64, true);
    while at + 8 <= end {
        let mut head = [0; 16];
        let head_bytes = (end - at).min(16) as usize;
        file.seek(SeekFrom::Start(at)).map_err(ClipError::read)?;
        file.read_exact(&mut head[..head_bytes]).map_err(ClipError::read)?;
        let (kind, head_len, len) = box_head(&head[..head_bytes], end - at).ok_or(ClipError::NotMp4)?;
        if first && !matches!(&kind, b"ftyp" | b"moov" | b"mdat" | b"free" | b"wide" | b"skip") {
            return Err(ClipError::NotMp4);
        }
        if first && let Some(name) = still(&head[..head_bytes]) {
            return Err(ClipError::Still { name });
        }
        first = false;
        if &kind == b"moov" {
            if at + len > end {
                return Err(ClipError::Torn);
            }
            if len > MAX_MOOV_BYTES {
                return Err(ClipError::TooLarge);
            }
            let mut moov = vec![0; (len - head_len) as usize];
            file.seek(SeekFrom::Start(at + head_len)).map_err(ClipError::read)?;
            file.read_exact(&mut moov).map_err(ClipError::read)?;
            return track_of(&moov);
        }
        at = at.checked_add(len).ok_or(ClipError::NotMp4)?;
    }
    Err(if first { ClipError::NotMp4 } else { ClipError::Torn })
}

/// Names the pictures that share their container with films, by the brand in their first box.
fn still(head: &[u8]) -> Option<&'static str> {
    match head.get(8..12)? {
        b"heic" | b"heix" | b"heim" | b"heis" | b"mif1" => Some("HEIC"),
        b"avif" => Some("AVIF"),
        _ => None,
    }
}

/// Returns kind, length of the head and whole length of a box; `rest` is what is left of its surroundings.
fn box_head(bytes: &[u8], rest: u64) -> Option<([u8; 4], u64, u64)> {
    let kind = bytes.get(4..8)?.try_into().ok()?;
    let (head, len) = match u64::from(be32(bytes, 0)?) {
        0 => (8, rest),
        1 => (16, u64::from(be32(bytes, 8)?) << 32 | u64::from(be32(bytes, 12)?)),
        len => (8, len),
    };
    (len >= head).then_some((kind, head, len))
}

/// Returns the boxes inside `bytes`, up to the first that does not fit.
fn boxes(mut bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let (kind, head, len) = box_head(bytes, bytes.len() as u64)?;
        let len = usize::try_from(len).ok().filter(|len| *len <= bytes.len())?;
        let inner = &bytes[head as usize..len];
        bytes = &bytes[len..];
        Some((kind, inner))
    })
}

fn child<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(bytes).find(|(found, _)| found == kind).map(|(_, inner)| inner)
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn track_of(moov: &[u8]) -> Result<Track, ClipError> {
    let video = boxes(moov).filter(|(kind, _)| kind == b"trak").find_map(|(_, trak)| {
        let mdia = child(trak, b"mdia")?;
        (child(mdia, b"hdlr")?.get(8..12)? == b"vide").then_some((trak, mdia))
    });
    let (trak, mdia) = video.ok_or(ClipError::NoVideo)?;
    let mdhd = child(mdia, b"mdhd").ok_or(ClipError::Torn)?;
    let timescale = be32(mdhd, if mdhd.first() == Some(&1) { 20 } else { 12 }).ok_or(ClipError::Torn)?;
    let stbl = child(mdia, b"minf").and_then(|minf| child(minf, b"stbl")).ok_or(ClipError::Torn)?;
    let entries = child(stbl, b"stsd").and_then(|stsd| stsd.get(8..)).ok_or(ClipError::Torn)?;
    let (codec, entry) = boxes(entries).next().ok_or(ClipError::Torn)?;
    if !matches!(&codec, b"avc1" | b"avc3") {
        return Err(ClipError::Codec { name: codec_name(codec) });
    }
    let avcc = entry.get(78..).and_then(|inner| child(inner, b"avcC")).ok_or(ClipError::Torn)?;
    let (length_bytes, headers) = parameter_sets(avcc).ok_or(ClipError::Torn)?;
    if child(moov, b"mvex").is_some() {
        return Err(ClipError::InPieces);
    }
    let samples = samples(stbl)?;
    let orientation = orientation(trak, moov);
    Ok(Track { timescale: timescale.max(1), length_bytes, headers, samples, orientation })
}

/// Returns how the pictures are turned: by the matrix of the track, then by that of the whole film.
fn orientation(trak: &[u8], moov: &[u8]) -> Orientation {
    // Where the matrix begins depends on the width of the times before it, which the version tells.
    let matrix = |header: Option<&[u8]>, narrow: usize, wide: usize| {
        let header = header?;
        let at = if header.first() == Some(&1) { wide } else { narrow };
        let part = |n: usize| be32(header, at + n * 4).map(|v| v as i32);
        Some(Orientation::from_matrix([part(0)?, part(1)?, part(3)?, part(4)?]))
    };
    let of_track = matrix(child(trak, b"tkhd"), 40, 52).unwrap_or(Orientation::UPRIGHT);
    let of_film = matrix(child(moov, b"mvhd"), 36, 48).unwrap_or(Orientation::UPRIGHT);
    of_track.then(of_film)
}

fn codec_name(codec: [u8; 4]) -> String {
    match &codec {
        b"hvc1" | b"hev1" => "HEVC".into(),
        b"av01" => "AV1".into(),
        b"vp09" => "VP9".into(),
        b"vp08" => "VP8".into(),
        b"mp4v" => "MPEG-4 Visual".into(),
        b"jpeg" | b"mjpa" | b"mjpb" => "Motion JPEG".into(),
        other => other.iter().map(|b| if b.is_ascii_graphic() { char::from(*b) } else { '?' }).collect(),
    }
}

fn parameter_sets(avcc: &[u8]) -> Option<(usize, Vec<Vec<u8>>)> {
    let length_bytes = usize::from(avcc.get(4)? & 3) + 1;
    let (mut at, mut sets) = (5, Vec::new());
    for mask in [0x1F, 0xFF] {
        let count = avcc.get(at)? & mask;
        at += 1;
        for _ in 0..count {
            let len = usize::from(u16::from_be_bytes(avcc.get(at..at + 2)?.try_into().ok()?));
            sets.push(avcc.get(at + 2..at + 2 + len)?.to_vec());
            at += 2 + len;
        }
    }
    Some((length_bytes, sets))
}

/// A table of rows of `N` numbers, behind version, flags and, at `at`, the count.
fn rows<const N: usize>(table: &[u8], at: usize) -> impl Iterator<Item = [u32; N]> {
    let count = be32(table, at).unwrap_or(0) as usize;
    let rows = table.get(at + 4..).unwrap_or_default().chunks_exact(N * 4).take(count);
    rows.map(|row| std::array::from_fn(|n| be32(row, n * 4).unwrap_or(0)))
}

/// Spreads "so many pictures have this value".
fn spread(table: &[u8]) -> impl Iterator<Item = u32> {
    rows::<2>(table, 4).flat_map(|[count, value]| std::iter::repeat_n(value, count as usize))
}

fn samples(stbl: &[u8]) -> Result<Vec<Sample>, ClipError> {
    let stsz = child(stbl, b"stsz").ok_or(ClipError::Torn)?;
    let count = be32(stsz, 8).ok_or(ClipError::Torn)? as usize;
    let sizes: Vec<u32> = match be32(stsz, 4).ok_or(ClipError::Torn)? {
        0 => rows::<1>(stsz, 8).map(|[size]| size).take(MAX_PICTURES + 1).collect(),
        same => vec![same; count.min(MAX_PICTURES + 1)],
    };
    let samples = placed(stbl, sizes).ok_or(ClipError::Torn)?;
    if samples.len() > MAX_PICTURES {
        return Err(ClipError::TooLarge);
    }
    if overlap(&samples) {
        return Err(ClipError::Torn);
    }
    Ok(samples)
}

/// Returns whether pictures share bytes: all of them together need more room than lies between the first and the last.
/// A small file could otherwise claim days of work.
fn overlap(samples: &[Sample]) -> bool {
    let end = |sample: &Sample| sample.offset.saturating_add(u64::from(sample.num_bytes));
    let begin = samples.iter().map(|sample| sample.offset).min().unwrap_or(0);
    let room = samples.iter().map(end).max().unwrap_or(0) - begin;
    samples.iter().map(|sample| u64::from(sample.num_bytes)).sum::<u64>() > room
}

fn placed(stbl: &[u8], sizes: Vec<u32>) -> Option<Vec<Sample>> {
    let chunks: Vec<u64> = match (child(stbl, b"stco"), child(stbl, b"co64")) {
        (Some(stco), _) => rows::<1>(stco, 4).map(|[at]| u64::from(at)).collect(),
        (None, Some(co64)) => {
            rows::<2>(co64, 4).map(|[high, low]| u64::from(high) << 32 | u64::from(low)).collect()
        }
        (None, None) => return None,
    };
    let runs: Vec<[u32; 3]> = rows::<3>(child(stbl, b"stsc")?, 4).collect();
    let mut durations = spread(child(stbl, b"stts")?);
    let mut delays = child(stbl, b"ctts").map(spread);
    let (mut samples, mut decoded_at, mut run) = (Vec::new(), 0_i64, 0);
    let mut sizes = sizes.into_iter();
    for (index, chunk) in chunks.into_iter().enumerate() {
        while runs.get(run + 1).is_some_and(|next| next[0] as usize <= index + 1) {
            run += 1;
        }
        let mut offset = chunk;
        for num_bytes in sizes.by_ref().take(runs.get(run)?[1] as usize) {
            if num_bytes > MAX_PICTURE_BYTES {
                return None;
            }
            // Old files hold it unsigned, new ones signed; no film delays a picture by 2^31 units.
            let delay = delays.as_mut().and_then(Iterator::next).unwrap_or(0) as i32;
            // One without bytes repeats the picture before it.
            if num_bytes > 0 {
                samples.push(Sample { offset, num_bytes, shown_at: decoded_at + i64::from(delay) });
            }
            offset = offset.checked_add(u64::from(num_bytes))?;
            decoded_at += i64::from(durations.next().unwrap_or(0));
        }
    }
    let first = samples.iter().map(|sample| sample.shown_at).min()?;
    for sample in &mut samples {
        sample.shown_at -= first;
    }
    Some(samples)
}
