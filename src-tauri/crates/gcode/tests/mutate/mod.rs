//! Damages good files and gives them to every reader: nothing may panic, run away, or break its promise.
//!
//! A parser of another crate joins in with a row in [`TARGETS`].

#![allow(unreachable_pub)] // Shared by a test and an example.

#[path = "../../src/pack.rs"]
mod pack;

use gcode::{BgcodeReader, Commands, MAX_TEXT, open_program, preview, summarise};
use std::io::{Cursor, Read, Write, copy, sink};

/// A reader to be tried.
pub struct Target {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Good files to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Reads a damaged one, and panics when a promise is broken.
    pub run: fn(&[u8]),
}

/// All that are tried.
pub const TARGETS: &[Target] = &[
    Target { name: "gcode", seeds: text_seeds, run: read_text },
    Target { name: "bgcode", seeds: bgcode_seeds, run: read_bgcode },
    Target { name: "3mf", seeds: zip_seeds, run: read_any },
    Target { name: "index", seeds: index_seeds, run: read_index },
];

/// The most that a file may unpack to here, bytes.
const MOST: u64 = 4 << 20;

const PRUSA: &str = ";TYPE:Custom\nG28 ; home all\nM104 S215\nG1 Z0.3 F600\n;LAYER_CHANGE\n;Z:0.2\n;HEIGHT:0.2\n\
    ;TYPE:External perimeter\n;WIDTH:0.45\nG1 X10.25 Y-3.125 E.4567 F1800\nG2 X20 Y0 I5 J5 E1\nG92 E0\n\
    ;LAYER_CHANGE\n;Z:0.4\nG1 Z.4\nG3 X0 Y10 R12 E.5\nM117 Layer (2) *2\nM83\nG91\nG1 X5 E.1\nG90\nT1\nM107\n";
const CURA: &str = ";LAYER:-2\nN1 G0 F3000 X1 Y2 Z.3*44\n;LAYER:0\nG1 X5 Y5 E1\n(words) G1 X9\n;LAYER:1\nG1 Z.6\nG20\n\
    G1 X1 E2\nG21\nM600\n;TIME_ELAPSED:12.5\n; layer 3, Z = 0.4\n\u{feff}M0\n";

fn text_seeds() -> Vec<Vec<u8>> {
    let long = (0..200).map(|i| format!("G1 X{} Y{}.5 E{i}\n", i % 50, i % 7)).collect::<String>();
    [PRUSA, CURA, &long, "; thumbnail begin 2x2 8\n; AAAA\n; thumbnail end\n"].map(|t| t.into()).into()
}

/// Checksums would hide everything behind them, so some files have none.
fn bgcode_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for compression in 0..4 {
        for encoding in 0..3 {
            let checked = pack::bgcode(PRUSA, compression, encoding, 7);
            seeds.push(pack::unchecked(&checked));
            seeds.push(checked);
        }
    }
    seeds
}

fn zip_seeds() -> Vec<Vec<u8>> {
    let config =
        br#"<config><plate><metadata key="index" value="1"/><filament id="1" type="PLA"/></plate></config>"#;
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x20";
    let both = |deflated| {
        pack::zip(&[
            ("Metadata/plate_1.gcode", PRUSA.as_bytes(), deflated),
            ("Metadata/plate_1.png", png, false),
            ("Metadata/slice_info.config", config, deflated),
        ])
    };
    vec![both(true), both(false), PRUSA.into(), pack::bgcode(CURA, 1, 2, 5)]
}

fn index_seeds() -> Vec<Vec<u8>> {
    [PRUSA, CURA].map(|text| preview::index(text.as_bytes()).expect("a good file").to_bytes()).into()
}

fn read_text(bytes: &[u8]) {
    let mut count = Some(0);
    for command in Commands::new(bytes) {
        let Ok(command) = command else {
            count = None;
            break;
        };
        assert!(!command.text.is_empty() && command.text.len() <= MAX_TEXT, "{:?}", command.text);
        assert!(command.text.bytes().all(|b| (0x20..0x7f).contains(&b)), "{:?}", command.text);
        assert!(
            !command.text.starts_with('N') || !command.text[1..].starts_with(|c: char| c.is_ascii_digit())
        );
        count = count.map(|n: u64| n + 1);
    }
    let _ = summarise(bytes);
    let Ok(index) = preview::index(bytes) else { return };
    assert_eq!(index.bytes, bytes.len() as u64);
    if let Some(count) = count {
        assert_eq!(index.commands, count, "the preview counts as the printer does");
    }
    let stored = preview::LayerIndex::from_bytes(&index.to_bytes()).expect("it reads what it wrote");
    let mut end = 0;
    for (at, start) in stored.layers.iter().enumerate().take(50) {
        let range = stored.range(at).expect("a layer has a range");
        assert_eq!(range.start, end, "layers follow each other");
        end = range.end;
        let part = &bytes[range.start as usize..range.end as usize];
        let layer = preview::layer(part, start).expect("memory can be read");
        assert!(layer.segments.len() == start.segments as usize || !layer.complete);
        assert_eq!(layer.to_bytes().len(), 16 + 33 * layer.segments.len());
    }
}

fn read_bgcode(bytes: &[u8]) {
    let Ok(mut reader) = BgcodeReader::with_limit(Cursor::new(bytes), MOST) else { return };
    let mut out = Counted(0);
    let _ = copy(&mut reader, &mut out);
    assert!(out.0 <= MOST);
}

fn read_any(bytes: &[u8]) {
    let Ok(mut program) = open_program(Cursor::new(bytes.to_vec())) else { return };
    let _ = copy(&mut program.reader.by_ref().take(MOST), &mut sink());
}

fn read_index(bytes: &[u8]) {
    let Some(index) = preview::LayerIndex::from_bytes(bytes) else { return };
    for (at, start) in index.layers.iter().enumerate().take(8) {
        let range = index.range(at).expect("a layer has a range");
        assert!(range.start <= range.end && range.end <= index.bytes);
        let _ = preview::layer(PRUSA.as_bytes(), start).expect("memory can be read").to_bytes();
    }
}

struct Counted(u64);

impl Write for Counted {
    fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
        self.0 += buf.len() as u64;
        Ok(buf.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Damages files, the same ones for the same seed.
pub struct Mutator {
    state: u64,
    corpus: Vec<Vec<u8>>,
    seeds: usize,
}

const TOKENS: &[&[u8]] = &[
    b"G1",
    b"G2 I",
    b"G3 R-",
    b"G92",
    b"G20\n",
    b"G91\n",
    b"M117 ",
    b"(",
    b")",
    b";LAYER:",
    b";LAYER_CHANGE\n",
    b"; layer ",
    b";TYPE:",
    b";WIDTH:",
    b"\n",
    b"\r\n",
    b"\0",
    b"N1 ",
    b"*",
    b" X",
    b" E-",
    b"1e9",
    b"nan",
    b"99999999999999999999",
    b".",
    b"-",
    b"\xff\xff\xfb",
    b"\xff\xff\xf7",
    b"\xff\xff",
    b"GCDE",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"<plate>",
    b"</plate",
    b"key=\"",
    b"\xef\xbb\xbf",
    b"T255",
    b"M600",
];
const NUMBERS: &[u32] =
    &[0, 1, 7, 8, 15, 16, 127, 128, 255, 256, 0x7fff, 0xffff, 0x10000, 1 << 24, 0x7fff_ffff, u32::MAX];

impl Mutator {
    /// Begins with these files.
    pub fn new(seeds: Vec<Vec<u8>>, seed: u64) -> Self {
        Self { state: seed | 1, seeds: seeds.len(), corpus: seeds }
    }

    /// Returns the next damaged file.
    pub fn next_file(&mut self) -> Vec<u8> {
        let at = self.below(self.corpus.len());
        let mut file = self.corpus[at].clone();
        for _ in 0..1 + self.below(6) {
            self.damage(&mut file);
        }
        file.truncate(64 * 1024);
        // Now and then damage is built upon.
        if self.below(50) == 0 {
            if self.corpus.len() < self.seeds + 64 {
                self.corpus.push(file.clone());
            } else {
                let at = self.seeds + self.below(64);
                self.corpus[at] = file.clone();
            }
        }
        file
    }

    fn damage(&mut self, file: &mut Vec<u8>) {
        let at = self.below(file.len() + 1);
        let length = self.below(1 + 32.min(file.len() - at));
        match self.below(10) {
            0 | 1 if at < file.len() => file[at] ^= 1 << self.below(8),
            2 if at < file.len() => file[at] = self.below(256) as u8,
            3 => drop(file.drain(at..at + length)),
            4 => {
                let part = file[at..at + length].to_vec();
                let to = self.below(file.len() + 1);
                file.splice(to..to, part);
            }
            5 => {
                let token = TOKENS[self.below(TOKENS.len())];
                file.splice(at..at, token.iter().copied());
            }
            6 | 7 => {
                let number = NUMBERS[self.below(NUMBERS.len())].to_le_bytes();
                let width = [1, 2, 4][self.below(3)].min(file.len() - at);
                file[at..at + width].copy_from_slice(&number[..width]);
            }
            8 => {
                let other = self.below(self.corpus.len());
                let from = self.below(self.corpus[other].len() + 1);
                file.truncate(at);
                file.extend_from_slice(&self.corpus[other][from..]);
            }
            _ => file.truncate(at.max(file.len() / 2)),
        }
    }

    /// Returns a number below `bound`, by xorshift.
    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 16) as usize % bound.max(1)
    }
}
