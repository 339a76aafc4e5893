//! Writes containers, for tests and for the seeds of the mutation run. Simple, not small.
#![allow(dead_code, missing_docs, unreachable_pub)]

use flate2::write::{DeflateEncoder, ZlibEncoder};
use std::io::Write;

pub const FILE_METADATA: u16 = 0;
pub const GCODE: u16 = 1;
pub const PRINTER_METADATA: u16 = 3;
pub const THUMBNAIL: u16 = 5;

/// The header of a `.bgcode` file.
pub fn header(checksum: u16) -> Vec<u8> {
    let mut out = b"GCDE".to_vec();
    out.extend(1u32.to_le_bytes());
    out.extend(checksum.to_le_bytes());
    out
}

/// One block, with its checksum.
pub fn block(kind: u16, compression: u16, parameters: &[u16], data: &[u8]) -> Vec<u8> {
    let packed = match compression {
        0 => data.to_vec(),
        1 => zlib(data),
        2 => heatshrink(data, 11),
        _ => heatshrink(data, 12),
    };
    let mut out = Vec::new();
    out.extend(kind.to_le_bytes());
    out.extend(compression.to_le_bytes());
    out.extend((data.len() as u32).to_le_bytes());
    if compression != 0 {
        out.extend((packed.len() as u32).to_le_bytes());
    }
    parameters.iter().for_each(|p| out.extend(p.to_le_bytes()));
    out.extend(packed);
    let crc = crc32fast::hash(&out);
    out.extend(crc.to_le_bytes());
    out
}

/// A whole `.bgcode` file: metadata, a thumbnail, and G-code in blocks of `lines` lines.
pub fn bgcode(text: &str, compression: u16, encoding: u16, lines: usize) -> Vec<u8> {
    let mut out = header(1);
    out.extend(block(FILE_METADATA, compression, &[0], b"Producer=by hand\n"));
    out.extend(block(PRINTER_METADATA, compression, &[0], b"printer_model=MK4\nfilament_type=PLA\n"));
    out.extend(block(THUMBNAIL, 0, &[2, 3, 2], b"qoif not really"));
    let all: Vec<&str> = text.split_inclusive('\n').collect();
    for part in all.chunks(lines) {
        let part = part.concat();
        let data = if encoding == 0 { part.into_bytes() } else { meatpack(&part, encoding == 2) };
        out.extend(block(GCODE, compression, &[encoding], &data));
    }
    out
}

/// The same file without checksums.
pub fn unchecked(file: &[u8]) -> Vec<u8> {
    let mut out = header(0);
    let mut rest = &file[10..];
    while !rest.is_empty() {
        let two = |at: usize| u16::from_le_bytes([rest[at], rest[at + 1]]);
        let four =
            |at: usize| u32::from_le_bytes([rest[at], rest[at + 1], rest[at + 2], rest[at + 3]]) as usize;
        let parameters = if two(0) == THUMBNAIL { 6 } else { 2 };
        let length = parameters + if two(2) == 0 { 8 + four(4) } else { 12 + four(8) };
        out.extend(&rest[..length]);
        rest = &rest[length + 4..];
    }
    out
}

pub fn zlib(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// Greedy LZSS as heatshrink writes it.
pub fn heatshrink(data: &[u8], window: u32) -> Vec<u8> {
    let mut bits: Vec<bool> = Vec::new();
    let mut put = |value: usize, count: u32| bits.extend((0..count).rev().map(|i| value >> i & 1 == 1));
    let mut at = 0;
    while at < data.len() {
        let from = at.saturating_sub(1 << window);
        let length = |start: usize| {
            (0..16).take_while(|i| at + i < data.len() && data[start + i] == data[at + i]).count()
        };
        let best =
            (from..at).rev().map(|start| (length(start), at - start)).max_by_key(|(length, _)| *length);
        match best.filter(|(length, _)| *length > 2) {
            Some((length, back)) => {
                put(0, 1);
                put(back - 1, window);
                put(length - 1, 4);
                at += length;
            }
            None => {
                put(1, 1);
                put(usize::from(data[at]), 8);
                at += 1;
            }
        }
    }
    bits.chunks(8)
        .map(|c| c.iter().enumerate().fold(0, |byte, (i, bit)| byte | u8::from(*bit) << (7 - i)))
        .collect()
}

/// MeatPack without blanks in `G` commands; comment lines are kept as they are, or left out.
pub fn meatpack(text: &str, comments: bool) -> Vec<u8> {
    let mut out = vec![255, 255, 251, 255, 255, 247];
    let mut on = true;
    for line in text.split_inclusive('\n') {
        if line.starts_with(';') {
            if comments {
                if on {
                    out.extend([255, 255, 250]);
                }
                on = false;
                out.extend(line.bytes());
            }
            continue;
        }
        if !on {
            out.extend([255, 255, 251]);
            on = true;
        }
        let second = line.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
        let squeeze = line.starts_with('G') && second;
        let mut line: Vec<u8> = line.bytes().filter(|b| !(squeeze && *b == b' ')).collect();
        if line.len() % 2 == 1 {
            line.push(b'\n');
        }
        for pair in line.chunks(2) {
            let half = |c: u8| b"0123456789.E\nGX".iter().position(|k| *k == c).map_or(15, |i| i as u8);
            let (low, high) = (half(pair[0]), half(pair[1]));
            out.push(low | high << 4);
            out.extend(Some(pair[0]).filter(|_| low == 15));
            out.extend(Some(pair[1]).filter(|_| high == 15));
        }
    }
    out
}

/// A zip archive of `(name, content, deflated)`.
pub fn zip(entries: &[(&str, &[u8], bool)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content, deflated) in entries {
        let at = out.len() as u32;
        let packed = if *deflated {
            let mut encoder = DeflateEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(content).expect("memory takes it");
            encoder.finish().expect("memory takes it")
        } else {
            content.to_vec()
        };
        let mut common = vec![20, 0, 0, 0, if *deflated { 8 } else { 0 }, 0, 0, 0, 0, 0];
        common.extend(crc32fast::hash(content).to_le_bytes());
        common.extend((packed.len() as u32).to_le_bytes());
        common.extend((content.len() as u32).to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.bytes());
        out.extend(packed);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.bytes());
    }
    let at = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([(entries.len() as u16).to_le_bytes(), (entries.len() as u16).to_le_bytes()].concat());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0, 0]);
    out
}
